/**
 * A litmus test as an editor shows it: what an analysis says as plain data, and what diagnostics, hover and lens make of
 * it. Nothing here knows how it was found out.
 */
import {
	code,
	codeBlock,
	item,
	lines,
	type Markdown,
	md,
	paragraphs,
	strong,
} from '../../engine/escape/markdown.js';
import type { ShownSeverity } from './diagnostics.js';

/** 1-based, end exclusive. */
export interface LitmusPlace {
	readonly line: number;
	readonly column: number;
	readonly endLine: number;
	readonly endColumn: number;
}

export type LitmusVerdict = 'Never' | 'Sometimes' | 'Always' | 'DEADLOCK';

export interface LitmusAnalysis {
	/** What was not understood, with its place; then nothing else is known. */
	readonly problem: { readonly message: string; readonly place: LitmusPlace } | null;
	readonly name: string;
	readonly header: LitmusPlace;
	readonly verdict: LitmusVerdict | null;
	/** Why there is no verdict, or not all states. */
	readonly undecided: string | null;
	readonly quantifier: 'exists' | '~exists' | 'forall';
	readonly condition: LitmusPlace | null;
	readonly states: readonly string[];
	readonly positive: number;
	readonly negative: number;
	/** What the file's comment promises, or null. */
	readonly expected: { readonly text: string; readonly place: LitmusPlace } | null;
	readonly match: boolean | null;
	readonly races: readonly LitmusRace[];
	readonly flags: readonly string[];
	readonly deadlock: string | null;
	readonly accesses: readonly LitmusAccess[];
	/** herd7's summary. */
	readonly summary: string;
}

export interface LitmusRace {
	readonly location: string;
	readonly first: LitmusPlace;
	readonly second: LitmusPlace;
	readonly firstText: string;
	readonly secondText: string;
}

export interface LitmusAccess {
	readonly place: LitmusPlace;
	/** The events it makes: `R[once] x`, `[smp_mb]`. */
	readonly events: readonly string[];
}

/** What an edit of the text would do, for a code action. */
export interface LitmusFix {
	/** Null when nothing was found, `why` says so. */
	readonly edits: readonly {
		readonly start: number;
		readonly end: number;
		readonly text: string;
	}[];
	readonly title: string;
	readonly found: boolean;
}

export type LitmusGoal = 'forbid' | 'no race';

export interface ShownLitmusDiagnostic {
	readonly code: 'litmus-problem' | 'litmus-result' | 'litmus-undecided' | 'data-race' | 'deadlock';
	readonly severity: ShownSeverity;
	readonly message: string;
	readonly place: LitmusPlace;
	readonly related: { readonly place: LitmusPlace; readonly message: string } | null;
}

/** What is left to say of a test whose run was given up. */
export function undecidedLitmus(undecided: string): LitmusAnalysis {
	return { ...NOTHING, undecided };
}

/** Of a test that was not run. */
export const NOTHING: LitmusAnalysis = {
	problem: null,
	name: '',
	header: { line: 1, column: 1, endLine: 1, endColumn: 2 },
	verdict: null,
	undecided: null,
	quantifier: 'exists',
	condition: null,
	states: [],
	positive: 0,
	negative: 0,
	expected: null,
	match: null,
	races: [],
	flags: [],
	deadlock: null,
	accesses: [],
	summary: '',
};

/** Diagnostics of a test, in no order. */
export function litmusDiagnostics(analysis: LitmusAnalysis): readonly ShownLitmusDiagnostic[] {
	if (analysis.problem !== null) {
		const { message, place } = analysis.problem;
		return [{ code: 'litmus-problem', severity: 'error', message, place, related: null }];
	}
	const shown: ShownLitmusDiagnostic[] = [];
	const { expected, match, verdict, condition, header } = analysis;
	if (match === false && expected !== null) {
		const said = `the memory model says ${verdict ?? 'otherwise'} (${counts(analysis)})`;
		shown.push({
			code: 'litmus-result',
			severity: 'error',
			message: `The file promises ${expected.text}, ${said}.`,
			place: expected.place,
			related:
				condition === null ? null : { place: condition, message: 'the condition that is asked' },
		});
	}
	for (const race of analysis.races) {
		shown.push({
			code: 'data-race',
			severity: 'warning',
			message: `Data race on ${race.location}: ${race.firstText} here and ${race.secondText} on line ${race.second.line} are not ordered.`,
			place: race.first,
			related: { place: race.second, message: `the other access, ${race.secondText}` },
		});
	}
	if (analysis.deadlock !== null) {
		const message = `Deadlock: ${analysis.deadlock}.`;
		shown.push({ code: 'deadlock', severity: 'warning', message, place: header, related: null });
	}
	if (analysis.undecided !== null) {
		const message = `Not decided: ${analysis.undecided}.`;
		const place = condition ?? header;
		shown.push({
			code: 'litmus-undecided',
			severity: 'information',
			message,
			place,
			related: null,
		});
	}
	return shown;
}

/** The verdict in a few words, for a lens. */
export function litmusTitle(analysis: LitmusAnalysis): string {
	if (analysis.problem !== null) return 'not understood';
	if (analysis.verdict === null) return analysis.undecided ?? 'not decided';
	const { length } = analysis.states;
	const agrees = analysis.match === true ? ', as promised' : '';
	return `${analysis.verdict}${agrees} · ${length} state${length === 1 ? '' : 's'}`;
}

/** What is said of a place, or null: the condition's verdict and states, or the events an access makes. */
export function litmusHover(
	analysis: LitmusAnalysis,
	at: { readonly line: number; readonly column: number },
): { readonly said: Markdown; readonly place: LitmusPlace } | null {
	const { condition } = analysis;
	if (condition !== null && inside(condition, at)) {
		const flags = analysis.flags.map((flag) => md`Flag ${code(flag)}`);
		const told = analysis.verdict === null ? (analysis.undecided ?? '') : counts(analysis);
		const title = md`${strong(analysis.verdict ?? 'Not decided')}: ${told}`;
		const said = paragraphs([title, ...flags, codeBlock(analysis.states.join('\n'))]);
		return { said, place: condition };
	}
	// Of nested accesses the innermost.
	const access = analysis.accesses
		.filter((a) => inside(a.place, at))
		.sort((a, b) => b.place.column - a.place.column)[0];
	if (access === undefined) return null;
	const events = access.events.map((event) => item(md`${code(event)}${meaning(event)}`));
	return { said: lines(events), place: access.place };
}

function counts({ positive, negative, verdict }: LitmusAnalysis): string {
	const all = positive + negative;
	if (verdict === 'DEADLOCK') return 'no execution ends: the condition is never asked';
	if (verdict === 'Never') return `holds in none of ${all} executions`;
	return `holds in ${positive} of ${all} executions`;
}

/** What the tags of an event order, in a few words. */
function meaning(event: string): Markdown {
	const found = MEANINGS.find(([pattern]) => pattern.test(event));
	return found === undefined ? md`` : md`: ${found[1]}`;
}

const MEANINGS: readonly (readonly [RegExp, Markdown])[] = [
	[/^R\[acquire/, md`ordered before everything after it (${code('acq-po')})`],
	[/^W\[release/, md`ordered after everything before it (${code('po-rel')})`],
	[/^[RW]\[once/, md`marked; ordered by dependencies and fences only`],
	[/^[RW]\[plain/, md`plain; the compiler may change it, and it can race`],
	[/^[RW]\[mb/, md`part of a fully ordered read-modify-write`],
	[/^R\[noreturn/, md`not ordered by ${code('smp_rmb()')}`],
	[/^[RW]\[lock/, md`takes the lock: an acquire`],
	[/^W\[unlock/, md`releases the lock: a release`],
	[/^\[mb/, md`orders everything before it before everything after it (${code('mb')})`],
	[/^\[wmb/, md`orders writes before writes (${code('wmb')})`],
	[/^\[rmb/, md`orders reads before reads (${code('rmb')})`],
	[/^synchronize_/, md`waits for all read-side sections that began before it (${code('gp')})`],
	[/^s?rcu_read_lock/, md`begins a read-side critical section`],
	[/^s?rcu_read_unlock/, md`ends a read-side critical section`],
];

function inside(place: LitmusPlace, at: { readonly line: number; readonly column: number }) {
	const after = at.line > place.line || (at.line === place.line && at.column >= place.column);
	const before =
		at.line < place.endLine || (at.line === place.endLine && at.column <= place.endColumn);
	return after && before;
}
