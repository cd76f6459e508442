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
): Markdown | null {
	const here = guardsAt(known.guards, at);
	if (here.length === 0) {
		const mayCome = !known.complete && /^\s*(?:\}\s*else\s+)?if\b/.test(options.text);
		return mayCome ? WAITS : null;
	}
	return paragraphs(here.slice(0, TOLD_MAX).map((guard) => told(guard, options.run)));
}

function told(guard: AnalysedGuard, run: (name: string, trace: string) => Target | null): Markdown {
	const head = md`${strong('Without this line')} (${prose(guard.removed)})`;
	const [easiest] = guard.needs;
	if (easiest === undefined) {
		const verdict = guard.verdict === 'unneeded' ? 'nothing modelled breaks' : 'undecided';
		return md`${head}: ${verdict}: ${prose(guard.why ?? '')}.`;
	}
	const target = run(guard.function, easiest.trace);
	const shown = target === null ? md`run ${code(easiest.trace)}` : link('see the run', target);
	return md`${head}: ${code(easiest.rule)} ${inSteps(easiest)} — ${prose(easiest.message)} (${shown}). Needed ${neededBy(guard.needs)}.`;
}

/** What is said of a line: why it is there comes first, unless it is not known yet. */
export function withReason(said: Markdown | null, without: Markdown | null): readonly Markdown[] {
	const parts = without === WAITS ? [said, without] : [without, said];
	return parts.filter((part) => part !== null);
}

/** `by the walk alone (secretmem-pin), against zap, truncate (stale-pin)`. */
export function neededBy(needs: readonly AnalysedNeed[]): string {
	const byRule = new Map<string, string[]>();
	const alone: string[] = [];
	for (const { actor, rule, memory } of needs) {
		const key = memory === 'lkmm' ? `${rule} under lkmm` : rule;
		if (actor === null) alone.push(key);
		else byRule.set(key, [...(byRule.get(key) ?? []), actor]);
	}
	const against = [...byRule].map(([rule, actors]) => `against ${actors.join(', ')} (${rule})`);
	const own = alone.length === 0 ? [] : [`by the walk alone (${alone.join(', ')})`];
	return [...own, ...against].join(', ');
}

/** `in 31 steps, 2 switches, against zap`. */
export function inSteps({ steps, switches, actor }: AnalysedNeed): string {
	const changes = switches === 1 ? '1 switch' : `${switches} switches`;
	const who = actor === null ? 'with nobody else about' : `${changes}, against ${actor}`;
	return `in ${steps} steps, ${who}`;
}
