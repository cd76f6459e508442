/**
 * What hover, `racewalk explain` and code actions say of the guards at a line: what would break without it.
 */

import {
	code,
	link,
	type Markdown,
	md,
	paragraphs,
	prose,
	strong,
	type Target,
} from '../../engine/escape/markdown.js';
import { covers } from './analysis/analysis.js';
import type { AnalysedGuard, AnalysedNeed } from './guards.js';

/** What is known of a document's guards. */
export interface KnownGuards {
	readonly guards: readonly AnalysedGuard[];
	/** Otherwise the others are being worked out. */
	readonly complete: boolean;
}

/** Guards of one line that are told. */
const TOLD_MAX = 3;
/** Before the guard was looked at. */
const WAITS = md`${strong('Without this line')}: being worked out.`;

/** The guards of a 1-based line; where one covers the column, that one. */
export function guardsAt(
	guards: readonly AnalysedGuard[],
	at: { readonly line: number; readonly column: number | null },
): readonly AnalysedGuard[] {
	const here = guards.filter((g) => g.place.line <= at.line && at.line <= g.place.endLine);
	const { column } = at;
	if (column === null) return here;
	const exact = here.filter((g) => covers(g.place, at.line, column));
	return exact.length > 0 ? exact : here;
}

/** Why a line is there: the answer, and what it rests on. */
export interface Reason {
	readonly brief: Markdown;
	readonly details: Markdown | null;
}

/** `**Without this line**: …`; null where there is nothing to say. */
export function withoutLine(
	known: KnownGuards,
	at: { readonly line: number; readonly column: number | null },
	options: {
		/** Text of the line. */
		readonly text: string;
		/** Target of a link that shows a run of a function; null where nothing can be clicked. */
		run(name: string, trace: string): Target | null;
	},
): Reason | null {
	const here = guardsAt(known.guards, at).slice(0, TOLD_MAX);
	if (here.length === 0) {
		const mayCome = !known.complete && /^\s*(?:\}\s*else\s+)?if\b/.test(options.text);
		return mayCome ? { brief: WAITS, details: null } : null;
	}
	const details = here.flatMap((guard) => guardDetails(guard));
	return {
		brief: paragraphs(here.map((guard) => guardBrief(guard, options.run))),
		details: details.length === 0 ? null : paragraphs(details),
	};
}

/** `**Without this line** (…): stale-pin against reuse and 13 more (see the run). pages[0] …`. */
function guardBrief(
	guard: AnalysedGuard,
	run: (name: string, trace: string) => Target | null,
): Markdown {
	const head = md`${strong('Without this line')} (${prose(guard.removed)})`;
	const [easiest] = guard.needs;
	if (easiest === undefined) {
		const verdict = guard.verdict === 'unneeded' ? 'nothing in the model breaks' : 'undecided';
		return md`${head}: ${verdict}: ${prose(guard.why ?? '')}.`;
	}
	const target = run(guard.function, easiest.trace);
	const shown = target === null ? md`run ${code(easiest.trace)}` : link('see the run', target);
	const others = new Set(guard.needs.map((need) => need.actor).filter((a) => a !== easiest.actor));
	const more = others.size === 0 ? '' : ` and ${others.size} more`;
	const who =
		easiest.actor === null ? 'without a concurrent CPU' : `against ${easiest.actor}${more}`;
	return md`${head}: ${code(easiest.rule)} ${who} (${shown}): ${prose(easiest.message)}.`;
}

function guardDetails(guard: AnalysedGuard): readonly Markdown[] {
	const [easiest] = guard.needs;
	if (easiest === undefined) return [];
	return [
		md`Shortest run without ${code(guard.text)}: ${inSteps(easiest)}. Needed ${neededBy(guard.needs)}.`,
	];
}

/** An explanation and a reason as one answer: why a line is there comes first, unless it is not known yet. */
export function withReason(said: Reason | null, without: Reason | null): Reason {
	const parts = without?.brief === WAITS ? [said, without] : [without, said];
	const told = parts.filter((part) => part !== null);
	const details = told.map((part) => part.details).filter((part) => part !== null);
	return {
		brief: paragraphs(told.map((part) => part.brief)),
		details: details.length === 0 ? null : paragraphs(details),
	};
}

/** `even without a concurrent CPU (secretmem-pin), against zap, truncate (stale-pin)`. */
export function neededBy(needs: readonly AnalysedNeed[]): string {
	const byRule = new Map<string, string[]>();
	const alone: string[] = [];
	for (const { actor, rule, memory } of needs) {
		const key = memory === 'lkmm' ? `${rule} under lkmm` : rule;
		if (actor === null) alone.push(key);
		else byRule.set(key, [...(byRule.get(key) ?? []), actor]);
	}
	const against = [...byRule].map(([rule, actors]) => `against ${actors.join(', ')} (${rule})`);
	const own = alone.length === 0 ? [] : [`even without a concurrent CPU (${alone.join(', ')})`];
	return [...own, ...against].join(', ');
}

/** `in 31 steps, 2 switches, against zap`. */
export function inSteps({ steps, switches, actor }: AnalysedNeed): string {
	const changes = switches === 1 ? '1 switch' : `${switches} switches`;
	const who = actor === null ? 'without a concurrent CPU' : `${changes}, against ${actor}`;
	return `in ${steps} steps, ${who}`;
}
