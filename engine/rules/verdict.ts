/**
 * Verdicts and findings: what a check says. Plain data, no presentation.
 *
 * Invariant: `holds` carries bounds, assumptions and the witness that its function was reached; a bound that bit is `inconclusive`.
 */

import type { SiteIndex } from '../program/op.js';
import type { Assumption } from '../program/program.js';
import type { Trace } from '../trace/trace.js';

export const RULES = [
	'stale-pin',
	'racing-mapping',
	'use-after-free',
	'unsafe-longterm-pin',
	'secretmem-pin',
	'reference-leak',
	'reference-underflow',
	'frozen-reference',
	'wrong-folio',
	'shared-anon-pin',
	'fork-pin',
	'permission',
	'bad-entry',
	'misplaced-page',
	'reference-overflow',
	'unbalanced-map',
	'sleep-in-atomic',
	'torn-entry',
	'double-fetch',
	'stray-write',
	'inaccessible-page',
	'lost-count',
	'data-race',
	'reached-unsupported',
] as const;
/** The id of a rule: the same in diagnostics, settings, documentation, fixtures and file names. */
export type Rule = (typeof RULES)[number];

export type VerdictKind = 'violated' | 'unsupported' | 'inconclusive' | 'holds';
export type Memory = 'sc' | 'lkmm';
export type Severity = 'error' | 'warning' | 'information';

/** An arm of a branch that no explored run took, though nothing shows that none can. */
export interface Never {
	/** The first code that only this arm leads to; the condition's where there is none. */
	readonly site: SiteIndex;
	/** The branch. */
	readonly condition: SiteIndex;
	/** What would lead there, by the condition: `folio_order(folio) == 9`. */
	readonly needs: string;
	/** The same as a sentence, where it is no condition of the code. */
	readonly said?: string;
	/** It asks what local_irq_save() saved: a branch of racewalk's own C, on a line that every run goes through. */
	readonly ofSection?: true;
	/** The code behind the arm on lines of which no run executed anything; absent: there is no such line. */
	readonly behind?: readonly SiteIndex[];
}

/** That no explored run meets what it needs: `folio_order(folio) == 9 is false in every explored run`. */
export function neverMet({ needs, said }: Pick<Never, 'needs' | 'said'>): string {
	return said ?? `${needs} is false in every explored run`;
}

/** Lines of a function's own text, each counted once, by the best that can be said of it. */
export interface LineCounts {
	/** Some run executed code on it. */
	readonly reached: number;
	/** No run can under this configuration, or with flags that callers may pass. */
	readonly constant: number;
	/** No explored run did, though nothing shows that none can. */
	readonly never: number;
}

export interface FunctionCoverage {
	/** Of the ops that this configuration has, how many some run executed. */
	readonly operations: { readonly reached: number; readonly all: number };
	readonly lines: LineCounts;
	readonly never: readonly Never[];
	/** Of the same kind, and taken for granted: each is named with the verdict. */
	readonly granted: readonly Never[];
	/** Code that no run can reach under this configuration. */
	readonly constant: readonly SiteIndex[];
	/** No run can enter the function under this configuration: what decides over its calls is constant. */
	readonly isConstant?: true;
	/** Unlowered code that nothing shows to be out of reach. */
	readonly unlowered: readonly { readonly site: SiteIndex; readonly reason: string }[];
}

/** A rule broken in one scenario, with the shortest run found. */
export interface Finding {
	readonly rule: Rule;
	readonly severity: Severity;
	readonly message: string;
	/** Innermost function of the checked file whose source shows it. */
	readonly function: string;
	readonly site: SiteIndex;
	readonly related: readonly { readonly site: SiteIndex; readonly message: string }[];
	readonly actors: readonly string[];
	/** World and flags of the scenario, for people: `file page, FOLL_PIN|FOLL_WRITE`. */
	readonly scenario: string;
	readonly memory: Memory;
	readonly trace: Trace;
	/** A litmus test with the same outcome, for whoever wants to check it with herd7; only where memory order matters. */
	readonly litmus?: string;
	/** The barrier that is enough between the two accesses of the walk, where it is the walk that lacks one: `smp_rmb()`. */
	readonly barrier?: string;
	/** The execution as Graphviz dot text; only where memory order matters. */
	readonly drawing?: string;
}

export interface Bounds {
	/** Pages in the walked range, largest scenario. */
	readonly pagesMax: number;
	/** No branch tells one page from another: what holds of so many holds of any number. */
	readonly pagesAny?: true;
	/** Iterations of one loop before a scenario is `inconclusive`. */
	readonly loopMax: number;
	readonly statesMax: number;
	/** Adversaries acting at once. */
	readonly actorsAtOnceMax: number;
	/** The rarer scenarios were left out; absent: all were explored. */
	readonly depth?: 'first' | 'core';
	readonly worlds: readonly string[];
	readonly flags: readonly string[];
}

export interface FunctionVerdict {
	readonly name: string;
	readonly site: SiteIndex;
	readonly root: string;
	/** Other functions that it calls, directly or not; absent: nobody looked. */
	readonly calls?: readonly string[];
	readonly verdict: VerdictKind;
	/** One sentence: why not `holds` (which limit, which span), or null. */
	readonly why: string | null;
	readonly byActor: readonly { readonly actor: string; readonly verdict: VerdictKind }[];
	readonly bounds: Bounds;
	readonly assumptions: readonly Assumption[];
	readonly explored: { readonly states: number; readonly executions: number };
	/** The run that shows that the function was reached while an adversary acted; null: it never was. */
	readonly witness: string | null;
	/** What of its own text explored runs went through; absent where that was not recorded (lkmm). */
	readonly coverage?: FunctionCoverage;
}

/** Order of weakness: a walk's verdict is the weakest of its scenarios'. */
export function weakest(kinds: readonly VerdictKind[]): VerdictKind {
	const order: readonly VerdictKind[] = ['violated', 'unsupported', 'inconclusive', 'holds'];
	return order.find((k) => kinds.includes(k)) ?? 'holds';
}
