/**
 * What hover, `racewalk explain` and code actions say of the guards at a line: what would break without it.
 */
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
/** How a hover ends before the guard was looked at. */
const WAITS = 'being worked out.';

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

/** `**Without this line**: …` as Markdown; null where there is nothing to say. */
export function withoutLine(
	known: KnownGuards,
	at: { readonly line: number; readonly column: number | null },
	options: {
		/** Text of the line. */
		readonly text: string;
		/** Target of a link that shows a run of a function; null where nothing can be clicked. */
		run(name: string, trace: string): string | null;
	},
): string | null {
	const here = guardsAt(known.guards, at);
	if (here.length === 0) {
		const mayCome = !known.complete && /^\s*(?:\}\s*else\s+)?if\b/.test(options.text);
		return mayCome ? `**Without this line**: ${WAITS}` : null;
	}
	return here
		.slice(0, TOLD_MAX)
		.map((guard) => told(guard, options.run))
		.join('\n\n');
}

function told(guard: AnalysedGuard, run: (name: string, trace: string) => string | null): string {
	const head = `**Without this line** (${guard.removed})`;
	const [easiest] = guard.needs;
	if (easiest === undefined) {
		const verdict = guard.verdict === 'unneeded' ? 'nothing modelled breaks' : 'undecided';
		return `${head}: ${verdict}: ${guard.why}.`;
	}
	const target = run(guard.function, easiest.trace);
	const link = target === null ? `run \`${easiest.trace}\`` : `[see the run](${target})`;
	return `${head}: \`${easiest.rule}\` ${inSteps(easiest)} — ${easiest.message} (${link}). Needed ${neededBy(guard.needs)}.`;
}

/** A hover's text: why the line is there comes first, unless it is not known yet. */
export function withReason(said: string | null, without: string | null): string {
	const waits = without?.endsWith(WAITS) ?? false;
	const parts = waits ? [said, without] : [without, said];
	return parts.filter((part) => part !== null).join('\n\n');
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
