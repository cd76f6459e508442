/**
 * The analysis of one document: its walks lowered, explored, and everything said in terms of source places. `analyse` makes
 * it (synchronous, cancelled through its observer) but for the fields that are marked as added later. It is plain data, so that it
 * can cross from a worker; every feature of the editor and the command line reads it and nothing else.
 *
 * Invariant: plain data without site indexes: whoever holds an Analysis needs no Program.
 * Invariant: nothing here knows LSP, workers, or the clock's use as a limit (the observer cancels).
 */

import type { Phase } from '../../../engine/base/budget.js';
import type { CheckRequest } from '../../../engine/check/request.js';
import type { Taken, WhatIf } from '../../../engine/check/what_ifs.js';
import type { ArchName } from '../../../engine/program/arch.js';
import type { Claim } from '../../../engine/questions/claims/claim.js';
import type {
	Bounds,
	LineCounts,
	Memory,
	Rule,
	Severity,
	VerdictKind,
} from '../../../engine/rules/verdict.js';
import type { Trace } from '../../../engine/trace/trace.js';
import type { WorkspaceActor } from '../../lower/request.js';
import type { KernelTree } from '../../tree/kernel_tree.js';

/** A span of source; 1-based, end exclusive, columns in UTF-16 units. */
export interface Place {
	readonly path: string;
	readonly line: number;
	readonly column: number;
	readonly endLine: number;
	readonly endColumn: number;
}

/** A claim as it stands in the text. */
export interface FoundClaim {
	/** Finds it again in the same text: line and column of its sentence, and which of its claims. */
	readonly id: string;
	readonly claim: Claim;
	/** The sentence. */
	readonly text: string;
	readonly place: Omit<Place, 'path'>;
	/** The function whose comment it is in. */
	readonly function: string;
	/** Lines of the comment, and whether it stands inside of the function. */
	readonly beginLine: number;
	readonly endLine: number;
	readonly inside: boolean;
}

/** The kernel function an actor's step stands for; `line` is its definition when a tree is open, else null. */
export interface CitedPlace {
	readonly path: string;
	readonly function: string;
	readonly line: number | null;
}

export interface AnalysedFrame {
	readonly function: string;
	readonly place: Place;
	readonly cites: CitedPlace | null;
}

export interface AnalysedEffect {
	readonly location: string;
	readonly read: string | null;
	readonly wrote: string | null;
}

export interface AnalysedStep {
	readonly cpu: number;
	readonly thread: string;
	/** Innermost first, at least one. */
	readonly frames: readonly [AnalysedFrame, ...AnalysedFrame[]];
	/** Source text of the innermost frame's line, trimmed; empty when the source is not at hand. */
	readonly text: string;
	readonly what: string;
	readonly effects: readonly AnalysedEffect[];
	readonly violation: string | null;
}

export interface AnalysedTrace {
	readonly id: string;
	readonly scenario: string;
	readonly threads: readonly string[];
	readonly steps: readonly AnalysedStep[];
	readonly initial: readonly { readonly location: string; readonly value: string }[];
	readonly relations: Trace['relations'];
	readonly spans: Trace['spans'];
}

export interface AnalysedFinding {
	readonly rule: Rule;
	readonly severity: Severity;
	readonly message: string;
	readonly function: string;
	readonly root: string;
	readonly place: Place;
	readonly related: readonly { readonly place: Place; readonly message: string }[];
	readonly actors: readonly string[];
	readonly scenario: string;
	readonly memory: Memory;
	readonly trace: AnalysedTrace;
	/** A litmus test with the same outcome, where memory order matters. */
	readonly litmus?: string;
	/** The barrier that is enough between two accesses of the walk: the finding's place and that of `related[0]`. */
	readonly barrier?: string;
	/** The execution as Graphviz dot text, where memory order matters. */
	readonly drawing?: string;
	/** It stands at a kernel function that an adversary stands for; absent: in the walk. */
	readonly where?: 'adversary';
	/** It is no finding about the code: these protections were taken away. */
	readonly whatIf?: {
		readonly names: readonly WhatIf[];
		/** The rule is broken in that function without taking anything away, too. */
		readonly alsoWithout: boolean;
	};
}

export interface AnalysedFunction {
	readonly name: string;
	/** The definition's name. */
	readonly place: Place;
	/** Last line of the definition. */
	readonly endLine: number;
	readonly root: string;
	/** An adversary stands for it, and it was held against that walk; absent: it is a walk or a reader itself. */
	readonly against?: {
		readonly path: string;
		readonly function: string;
		readonly actors: readonly string[];
		/** Of that alone: where it is a reader, too, its verdict is the weaker of both. */
		readonly verdict: VerdictKind;
	};
	/** Other functions that it calls, directly or not; absent: nobody looked. */
	readonly calls?: readonly string[];
	/** Its own calls of functions that have a text; absent: nobody looked. */
	readonly callsAt?: readonly AnalysedCall[];
	readonly verdict: VerdictKind;
	readonly why: string | null;
	readonly byActor: readonly { readonly actor: string; readonly verdict: VerdictKind }[];
	readonly bounds: Bounds;
	/** Those that the workspace or the caller answers for come first. */
	readonly assumptions: readonly AnalysedAssumption[];
	/** Adversaries of the workspace that took part; absent: none. */
	readonly workspaceActors?: readonly string[];
	readonly explored: { readonly states: number; readonly executions: number };
	readonly witness: string | null;
	/** Absent where it was not recorded (lkmm). */
	readonly coverage?: AnalysedCoverage;
}

/** A call in a function of the checked file. */
export interface AnalysedCall {
	readonly name: string;
	/** The call. */
	readonly place: Place;
	/** The name in the definition that is called. */
	readonly definition: Place;
}

/** `FunctionCoverage` of the engine with places instead of sites. */
export interface AnalysedCoverage {
	readonly operations: { readonly reached: number; readonly all: number };
	readonly lines: LineCounts;
	readonly never: readonly AnalysedNever[];
	readonly constant: readonly Place[];
}

/** A place that no explored run came to, or a condition that was always the same. */
export interface AnalysedNever {
	readonly place: Place;
	/** What would lead there. */
	readonly needs: string;
	/** The same as a sentence, where it is no condition of the code. */
	readonly said?: string;
	/** It asks what local_irq_save() saved: nobody wrote that branch. */
	readonly ofSection?: true;
	/** Lines of the place's file on which nothing but such code stands; empty: the condition alone is told. */
	readonly lines: readonly number[];
}

/** What a definition says about the kernel's generation, its architecture or its configuration. */
export interface AnalysedFact {
	readonly what: string;
	readonly path: string;
	readonly line: number;
}

/** What a verdict takes for granted. */
export interface AnalysedAssumption {
	readonly what: string;
	readonly line: number | null;
	/** The workspace answers for it, neither racewalk nor the kernel nor the caller. */
	readonly workspace?: true;
}

/** A finding that a comment of the file allows. */
export interface SuppressedFinding {
	readonly finding: AnalysedFinding;
	readonly reason: string;
	/** Line of the comment. */
	readonly line: number;
}

export interface AnalysedUnsupported {
	readonly reason: string;
	readonly place: Place;
	readonly function: string | null;
	/** The function is listed, and nobody asked for it to be explored; absent: a walk or a reader that is. */
	readonly isListed?: true;
}

export interface AnalysedWriter {
	readonly actor: string;
	readonly location: string;
	readonly wrote: string;
	readonly text: string;
	readonly place: Place;
	readonly cites: CitedPlace | null;
	readonly after: number;
	readonly before: number;
}

export interface AnalysedRecheck {
	readonly place: Place;
	readonly text: string;
	readonly same: number;
	readonly differed: number;
	readonly rejected: number;
}

/** `SiteFacts` of the engine with places instead of sites. */
export interface AnalysedSite {
	readonly place: Place;
	readonly function: string;
	readonly kinds: readonly string[];
	readonly locations: readonly string[];
	readonly values: readonly string[];
	readonly visits: number;
	readonly sections: readonly string[];
	readonly reference: 'always' | 'sometimes' | 'later' | 'never';
	/** What it does to the folio's _refcount and nothing else; null: nothing, or other things too. */
	readonly counts: 'takes' | 'drops' | null;
	readonly writers: readonly AnalysedWriter[];
	readonly rechecks: readonly AnalysedRecheck[];
	readonly taken: { readonly then: number; readonly otherwise: number } | null;
}

export interface Analysis {
	readonly path: string;
	readonly arch: ArchName;
	readonly memory: Memory;
	readonly dialect: string;
	readonly functions: readonly AnalysedFunction[];
	readonly findings: readonly AnalysedFinding[];
	readonly suppressed: readonly SuppressedFinding[];
	/** Adversaries that the workspace brings; absent: none. */
	readonly workspaceActors?: readonly WorkspaceActor[];
	readonly unsupported: readonly AnalysedUnsupported[];
	/** Functions of which a part does not parse: the first token that does not; absent: all do. */
	readonly unparsed?: readonly { readonly function: string; readonly place: Place }[];
	/** Added later, where somebody asks for them (task `sites`); empty until then. */
	readonly sites: readonly AnalysedSite[];
	/** What the comments claim, undecided. Added later, for editors (walk_tasks.ts); absent: nobody looked. */
	readonly claims?: readonly FoundClaim[];
	/** Facts that were read from definitions of the tree or the file. Absent: nothing was lowered. */
	readonly facts?: readonly AnalysedFact[];
	/** Adversaries that took part in any scenario. */
	readonly actors: readonly string[];
	/** What was taken away before exploring: nothing here is about the code as it stands. */
	readonly whatIf?: AnalysedWhatIf;
	/** The observer cancelled it: open scenarios are inconclusive. */
	readonly cancelled: boolean;
	/** It was given up before the walks of the text were known: nothing was decided. Absent: it was not. */
	readonly stopped?: StoppedAnalysis;
	/** Scenarios of the walks that were left for later; absent: none. */
	readonly left?: number;
	/** Files and folders of the tree that it may rest on, by their paths there. Added later, for editors (walk_tasks.ts); absent: it is
	 * not known, any may be one. */
	readonly files?: readonly string[];
	/** The same text on other architectures, as far as it was looked at (variants.ts). Added later, by who asks for them; absent:
	 * not at all. */
	readonly elsewhere?: readonly VariantAnalysis[];
	readonly milliseconds: { readonly lower: number; readonly check: number };
}

/** A configuration a text is checked under. */
export interface Variant {
	readonly arch: ArchName;
	/** What was set on top of what was asked for (`CONFIG_SECRETMEM=n`); null: nothing. */
	readonly changed: string | null;
	readonly config: ReadonlyMap<string, string>;
	/** As in an `AnalysisRequest`. */
	readonly said?: readonly string[];
}

/** An analysis under one configuration. */
export interface VariantAnalysis {
	readonly variant: Variant;
	readonly analysis: Analysis;
}

export interface AnalysedWhatIf {
	readonly names: readonly WhatIf[];
	readonly taken: readonly Taken<Place>[];
}

/** What to analyse. All that decides the outcome is here. */
export interface AnalysisRequest {
	/** Path the text stands for in the tree, or the file's name. */
	readonly path: string;
	readonly text: string;
	readonly tree: KernelTree | null;
	readonly arch: ArchName;
	readonly config: ReadonlyMap<string, string>;
	/** Symbols on which the user has the say, whatever the tree selects; absent: none. */
	readonly said?: readonly string[];
	readonly actorSources: readonly { readonly path: string; readonly text: string }[];
	/**
	 * What a workspace's adversary of the name of one of racewalk's does: acts in its place; does so, and nothing counts as held
	 * against it; or nothing. Absent: `untrusted`.
	 */
	readonly replacements?: 'trusted' | 'untrusted' | 'ignored';
	/** What the caller has to say about every verdict: options and settings that decide about it, files not read. */
	readonly conditions?: readonly AnalysedAssumption[];
	/** Names of adversaries; empty: all. */
	readonly actors: readonly string[];
	readonly memory: Memory;
	/** Report these functions only (walks that reach none of them are not explored); empty: all. */
	readonly functions: readonly string[];
	readonly statesMax: number;
	/** How deep exploration goes; absent: all scenarios. */
	readonly depth?: CheckRequest['depth'];
	/** A litmus test whose threads are the adversary. */
	readonly attached?: CheckRequest['attached'];
	/** Protections to take away. */
	readonly whatIf?: readonly WhatIf[];
	/**
	 * Adversaries do all that racewalk brings them with, whatever the tree does; or they wait for nothing that the tree is not known to
	 * wait for; absent: they follow the tree.
	 */
	readonly adversaries?: 'as brought' | 'doubting';
}

/** A text whose analysis was given up before its walks were known. */
export interface StoppedAnalysis {
	readonly phase: Phase;
	/** `the budget of 20 s ran out in lowering`. */
	readonly why: string;
}

export interface AnalysisObserver {
	/** True ends exploration soon; asked between scenarios and every few thousand states. */
	cancelled(): boolean;
	progress?(done: number, total: number, scenario: string): void;
	/** A phase of the work begins. */
	enter?(phase: Phase): void;
	/** A finding (not a suppressed one) as soon as it is known. */
	found?(finding: AnalysedFinding): void;
}

/** What is left to say of a text whose analysis was given up. */
export function stoppedAnalysis(
	request: Pick<AnalysisRequest, 'path' | 'arch' | 'memory'>,
	stopped: StoppedAnalysis,
): Analysis {
	const { path, arch, memory } = request;
	return {
		...{ path, arch, memory, stopped },
		dialect: 'unknown',
		functions: [],
		findings: [],
		suppressed: [],
		unsupported: [],
		sites: [],
		actors: [],
		cancelled: true,
		milliseconds: { lower: 0, check: 0 },
	};
}

/** The analysis with the reason why it did not decide what it left open. */
export function undecidedBecause(analysis: Analysis, why: string): Analysis {
	const functions = analysis.functions.map((f) =>
		f.verdict === 'inconclusive' ? { ...f, why } : f,
	);
	if (analysis.stopped === undefined) return { ...analysis, functions };
	const { phase } = analysis.stopped;
	return { ...analysis, functions, stopped: { phase, why: `${why} in ${phase}` } };
}

/** What a verdict rests on that the workspace answers for. */
export function workspaceAssumption(what: string): AnalysedAssumption {
	return { what, line: null, workspace: true };
}

/** The function of the checked file a 1-based line stands in, or null. */
export function functionAt(analysis: Analysis, line: number): AnalysedFunction | null {
	return analysis.functions.find((f) => f.place.line <= line && line <= f.endLine) ?? null;
}

/** True when the 1-based position lies inside the span. */
export function covers(place: Place, line: number, column: number): boolean {
	if (line < place.line || line > place.endLine) return false;
	if (line === place.line && column < place.column) return false;
	return line !== place.endLine || column <= place.endColumn;
}
