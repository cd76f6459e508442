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
import { fitting } from './brief.js';
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

/** What is known of a place beside that. */
export interface Told {
	readonly head: Markdown;
	readonly parts: readonly Markdown[];
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
	const first = representative(guard.needs);
	if (first === null) return md`${head}: ${verdictWord(guard)}: ${prose(guard.why ?? '')}.`;
	const concurrent = guard.needs.filter((need) => need.actor !== null);
	const against = (need: AnalysedNeed): string => {
		const others = new Set(concurrent.map(({ actor }) => actor)).size - 1;
		return `against ${need.actor}${others > 0 ? ` and ${others} more` : ''}`;
	};
	const told = (need: AnalysedNeed): Markdown => {
		const target = run(guard.function, need.trace);
		const shown = target === null ? '' : md` (${link('see the run', target)})`;
		const who = need.actor === null ? 'without a concurrent CPU' : against(need);
		return md`${code(need.rule)} ${who}${shown}: ${prose(need.message)}.`;
	};
	const said = md`${head}: ${told(first)}${premise(guard)}`;
	const other = first.actor === null ? representative(concurrent) : null;
	return other === null ? said : md`${said} Also ${told(other)}`;
}

/** The need to show: the easiest. */
export function representative(needs: readonly AnalysedNeed[]): AnalysedNeed | null {
	return needs[0] ?? null;
}

/** What is said of a guard that nothing needs. */
export function verdictWord({ verdict, reason }: AnalysedGuard): string {
	if (verdict !== 'unneeded') return 'undecided';
	return reason === 'covered' ? 'redundant' : 'not needed';
}

/** What no kernel has, where nothing else shows the need. */
export function premise({ needs }: Pick<AnalysedGuard, 'needs'>): string {
	return needs.length > 0 && needs.every((need) => need.leafInPgd === true)
		? ' (only with leaves in the PGD, which no kernel has on this architecture)'
		: '';
}

function guardDetails(guard: AnalysedGuard): readonly Markdown[] {
	const shown = representative(guard.needs);
	if (shown === null) return [];
	return [
		md`The run without ${code(guard.written)}: ${inSteps(shown)} (run ${code(shown.trace)}). Needed ${neededBy(guard.needs)}.`,
	];
}

/**
 * An explanation and a reason as one answer of a few words: the verdict, then why the line is there, unless that is not known yet,
 * then what happens at it. What has no room comes first in the details.
 */
export function withReason(
	said: Told | null,
	without: Reason | null,
	/** What stands behind the verdict. */
	more: readonly Markdown[] = [],
): Reason {
	const own = said === null ? [] : said.parts;
	const reason = without === null ? [] : [without.brief];
	const waits = without?.brief === WAITS;
	const parts = [
		...(said === null ? [] : [said.head]),
		...more,
		...(waits ? [...own, ...reason] : [...reason, ...own]),
	];
	const { brief, rest } = fitting(parts);
	const details = [said?.details, without?.details].filter((part) => part != null);
	const all = [...rest, ...details];
	return {
		brief: paragraphs(brief),
		details: all.length === 0 ? null : paragraphs(all),
	};
}

/** `even without a concurrent CPU (secretmem-pin), against zap, truncate (stale-pin)`: who breaks a rule that the walk alone does not. */
export function neededBy(needs: readonly AnalysedNeed[]): string {
	const byRule = new Map<string, string[]>();
	const alone: string[] = [];
	for (const { actor, rule, memory } of needs) {
		const key = memory === 'lkmm' ? `${rule} under lkmm` : rule;
		if (actor === null) alone.push(key);
		else byRule.set(key, [...(byRule.get(key) ?? []), actor]);
	}
	const against = [...byRule]
		.filter(([rule]) => !alone.includes(rule))
		.map(([rule, actors]) => `against ${actors.join(', ')} (${rule})`);
	const own = alone.length === 0 ? [] : [`even without a concurrent CPU (${alone.join(', ')})`];
	return [...own, ...against].join(', ');
}

/** `in 31 steps, 2 switches, against zap`. */
export function inSteps({ steps, switches, actor }: AnalysedNeed): string {
	const changes = switches === 1 ? '1 switch' : `${switches} switches`;
	const who = actor === null ? 'without a concurrent CPU' : `${changes}, against ${actor}`;
	return `in ${steps} steps, ${who}`;
}
