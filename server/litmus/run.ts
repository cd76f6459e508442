/**
 * `racewalk litmus`: runs .litmus files and says what herd7 would say of them.
 *
 * Invariant: a test that was not understood or not finished has a `problem` and no verdict that could be mistaken for
 * herd7's.
 */
import { basename } from 'node:path';
import type { Generation } from '../../engine/memory/lkmm/axioms.js';
import { BUILT_IN_GENERATION } from '../../engine/memory/lkmm/generation.js';
import {
	DEFAULT_OPTIONS,
	type Outcomes,
	outcomes,
	type RunOptions,
} from '../../engine/memory/lkmm/outcomes.js';
import { OUT_OF_TIME } from '../../engine/memory/lkmm/thread_runs.js';
import { readNamed } from '../reading/named.js';
import { isEndless, NO_END } from './endless.js';
import { type LitmusTest, parseLitmus } from './parse.js';
import { LitmusProblem, placeOf } from './problem.js';
import {
	type Counts,
	type Observation,
	observation,
	renderDeadlock,
	renderStates,
	renderSummary,
} from './render.js';

export interface LitmusRunOptions {
	readonly generation: Generation;
	/**
	 * Milliseconds for each file, or null for no limit. When they do not suffice for all states the verdict is still looked
	 * for, and `problem` says that states are missing.
	 */
	readonly budget: number | null;
	/** Only whether the condition can hold: stops once that and a data race are decided. */
	readonly verdictOnly: boolean;
	/** Iterations of a loop. */
	readonly loopMax: number;
	/** Milliseconds since some fixed point. */
	readonly now: () => number;
}

/** The observation, or that there is nothing to observe. */
export type LitmusVerdict = Observation | 'DEADLOCK';

/** What is said of one file; the fields of `--format json`. */
export interface LitmusReport {
	readonly file: string;
	readonly name: string;
	/** Null when there is a problem; `DEADLOCK`: no execution ends, for threads wait for each other or for themselves. */
	readonly verdict: LitmusVerdict | null;
	/** Number of final states. */
	readonly states: number;
	readonly positive: number;
	readonly negative: number;
	readonly executions: number;
	readonly races: boolean;
	readonly flags: readonly string[];
	/** A deadlock that herd7 would not tell of, or null. */
	readonly deadlock: string | null;
	readonly expected: string | null;
	/** Whether verdict is what the file's `Result:` says; null when it says nothing or there is a problem. */
	readonly match: boolean | null;
	readonly ms: number;
	readonly problem: string | null;
}

export interface LitmusOutput {
	readonly reports: readonly LitmusReport[];
	/** herd7's summaries, one after the other; nothing of a file that was not understood. */
	readonly text: string;
	/** 0 fine · 1 a result differs from the expected one · 2 a file was not understood · 3 undecided. */
	readonly status: 0 | 1 | 2 | 3;
}

/** Eight seconds for a test: what takes longer is answered with its verdict alone. */
export const DEFAULT_LITMUS_OPTIONS: LitmusRunOptions = {
	generation: BUILT_IN_GENERATION,
	budget: 8000,
	verdictOnly: false,
	loopMax: 4,
	now: () => performance.now(),
};

/** Share of the budget for all states; the rest is for the verdict alone. */
const FULL_SHARE = 0.7;

/** Runs files, in the order given; `done` is told of each at once. */
export function runLitmus(
	files: readonly string[],
	options: LitmusRunOptions,
	done: (result: FileResult) => void = () => {},
): LitmusOutput {
	const results = files.map((file) => {
		const result = runFile(file, options);
		done(result);
		return result;
	});
	return outputOf(results);
}

/** What is said of files that were run. */
export function outputOf(results: readonly FileResult[]): LitmusOutput {
	const reports = results.map((r) => r.report);
	const unread = results.some((r) => r.unread);
	const differs = reports.some((r) => r.match === false);
	const undecided = reports.some((r) => r.verdict === null || r.problem === NO_END);
	return {
		reports,
		text: results.flatMap((r) => (r.text === '' ? [] : [r.text])).join('\n'),
		status: unread ? 2 : differs ? 1 : undecided ? 3 : 0,
	};
}

/** What came of one file. */
export interface FileResult {
	readonly report: LitmusReport;
	/** Final states, rendered and in order. */
	readonly states: readonly string[];
	readonly text: string;
	readonly unread: boolean;
}

function runFile(file: string, options: LitmusRunOptions): FileResult {
	const text = readLitmus(file);
	return typeof text === 'string' ? runText(file, text, options) : text;
}

/** The text of a file, or what is said of one that cannot be read. */
export function readLitmus(file: string): string | FileResult {
	const read = readNamed(file);
	if (read.kind === 'text') return read.text;
	const why = read.kind === 'absent' ? 'cannot be read: ENOENT, no such file' : read.problem;
	return failed(file, basename(file, '.litmus'), why, 0);
}

/** What is said of a file whose run was given up. */
export function undecidedFile(file: string, why: string): FileResult {
	return { ...failed(file, basename(file, '.litmus'), why, 0), unread: false };
}

/** Runs the text of one file. */
export function runText(file: string, text: string, options: LitmusRunOptions): FileResult {
	const start = options.now();
	const elapsed = (): number => Math.round((options.now() - start) * 1000) / 1000;
	let test: LitmusTest;
	try {
		test = parseLitmus(text);
	} catch (error) {
		if (!(error instanceof LitmusProblem)) throw error;
		const place = placeOf(text, error.offset);
		const what = `${file}:${place.line}:${place.column}: ${error.message}`;
		return failed(file, basename(file, '.litmus'), what, elapsed());
	}
	const { program, shell } = test;
	const { budget, verdictOnly } = options;
	const within = (share: number): RunOptions => ({
		...DEFAULT_OPTIONS,
		generation: options.generation,
		loopMax: options.loopMax,
		verdictOnly,
		cancelled: () => budget !== null && options.now() - start > budget * share,
	});
	const found = outcomes(program, within(verdictOnly ? 1 : FULL_SHARE));
	// Out of time: at least the verdict, which takes one execution of each kind instead of all.
	const decided =
		found.limit === OUT_OF_TIME && !verdictOnly
			? outcomes(program, { ...within(1), verdictOnly: true })
			: found;
	const report = reportOf(file, test, { found, decided, ms: elapsed() });
	const states = renderStates(program, found);
	const condition = shell.condition.text.trim().replace(/\s+/g, ' ');
	const summary = renderSummary(program, {
		condition,
		states,
		outcomes: found,
		observed: report.verdict === null ? null : counted(found, decided),
		seconds: report.ms / 1000,
	});
	return { report, states, text: summary, unread: false };
}

interface Findings {
	readonly found: Outcomes;
	/** What the verdict rests on: the same, or a run for the verdict alone. */
	readonly decided: Outcomes;
	readonly ms: number;
}

/** Whether what was not explored cannot change the verdict: an execution of each kind makes it Sometimes. */
function isDecided({ limit, positive, negative }: Outcomes): boolean {
	return limit === null || (positive > 0 && negative > 0);
}

/** The executions seen, of which either run may have seen a kind that the other has not. */
function counted(found: Outcomes, decided: Outcomes): Counts {
	return {
		positive: Math.max(found.positive, decided.positive),
		negative: Math.max(found.negative, decided.negative),
	};
}

function reportOf(file: string, test: LitmusTest, { found, decided, ms }: Findings): LitmusReport {
	const { program, shell } = test;
	const verdict = isDecided(decided) ? verdictOf(counted(found, decided), found.deadlock) : null;
	const races = decided.flags.includes('data-race') || found.flags.includes('data-race');
	const expected = shell.expected;
	return {
		file,
		name: program.name,
		verdict,
		states: found.states.length,
		positive: found.positive,
		negative: found.negative,
		executions: found.positive + found.negative,
		races,
		flags: found.flags,
		deadlock: found.deadlock === null ? null : renderDeadlock(program, found.deadlock),
		expected,
		match:
			expected === 'DEADLOCK' && verdict !== null
				? found.positive + found.negative === 0
				: matches(expected, shell.expectsRace, verdict, races),
		ms,
		problem:
			found.limit === null || verdict === null
				? (found.limit ?? (isEndless(test, decided) ? NO_END : null))
				: `${found.limit}: not all states, the verdict is decided`,
	};
}

function verdictOf(counts: Counts, deadlock: Outcomes['deadlock']): LitmusVerdict {
	const isStuck = deadlock !== null && counts.positive + counts.negative === 0;
	return isStuck ? 'DEADLOCK' : observation(counts);
}

/** `DEADLOCK` promises that no execution completes. A result promised with DATARACE is also met by the race alone: racy tests promise nothing else. */
function matches(
	expected: string | null,
	expectsRace: boolean,
	verdict: string | null,
	races: boolean,
): boolean | null {
	if (verdict === null || expected === null || !/^(Never|Sometimes|Always)$/.test(expected))
		return null;
	if (expectsRace && races) return true;
	return expected === verdict && expectsRace === races;
}

function failed(file: string, name: string, problem: string, ms: number): FileResult {
	return {
		report: {
			file,
			name,
			verdict: null,
			states: 0,
			positive: 0,
			negative: 0,
			executions: 0,
			races: false,
			flags: [],
			deadlock: null,
			expected: null,
			match: null,
			ms,
			problem,
		},
		states: [],
		text: '',
		unread: true,
	};
}
