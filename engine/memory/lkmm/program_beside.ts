/**
 * All ways through one thread of a lowered program and through the threads of a litmus test beside it. Contended are the
 * test's locations, no others: the program's other memory is its own.
 *
 * Model: what a location may hold is found upwards, as in program_runs.ts; litmus threads too take no value that only
 * justifies itself.
 */
import type { FunctionIndex, Op, SiteIndex } from '../../program/op.js';
import * as tag from './event.js';
import type { LitmusProgram, LitmusThread, LocationIndex } from './litmus_program.js';
import type { EventNote, ProgramRun, ProgramSetting } from './program_run.js';
import {
	extend,
	type ProgramRequest,
	type ProgramRuns,
	runsOf,
	STEPS_MAX,
} from './program_runs.js';
import type { Wait } from './program_sections.js';
import type { Contents } from './run_recorder.js';
import { inWords, numberOf, type SmallValues } from './small_values.js';
import { threadRuns } from './thread_runs.js';

const ROUNDS_MAX = 24;

export interface Beside {
	/** Locations with the world's initial words; the threads take part but for the first, which the walk stands for. */
	readonly program: LitmusProgram;
	/** Address of each location; private ones have addresses that are none of the world's. */
	readonly addresses: readonly number[];
	readonly small: SmallValues;
}

/** Every feasible run: the walk's, and of the litmus threads all combinations. */
export function programRunsBeside(request: ProgramRequest, beside: Beside): ProgramRuns {
	const { program, addresses, small } = beside;
	const contents: (Set<number> | null)[] = program.locations.map((l) => new Set([l.initial]));
	const contended = new Map(addresses.map((at, i) => [at, i as LocationIndex]));
	const waits = new Set<Wait>(['grace-period']);
	const setting: ProgramSetting = { ...request, contended, waits, stepsMax: STEPS_MAX };
	for (let round = 1; ; round++) {
		const walks = request.threads.map((thread, index) =>
			runsOf(request, { setting, thread, index, program, contents }),
		);
		const numbers: Contents = contents.map(
			(set, i) => set && new Set([...set].map((w) => numberOf(small, i as LocationIndex, w))),
		);
		const others = program.threads.slice(1).map((thread) => litmusRuns(thread, numbers));
		const limit = [...walks, ...others].find((m) => m.limit !== null)?.limit ?? null;
		const grown = extend(
			contents,
			[...walks, ...others].map(({ runs }) => runs.map((r) => r.run)),
		);
		if (limit === null && grown && round < ROUNDS_MAX) continue;
		const together = combined(others.map((o) => o.runs));
		const many = together.length > request.runsMax;
		return {
			program,
			addresses,
			runs: [...walks.map((w) => w.runs), many ? [] : together],
			limit:
				limit ??
				(grown ? 'what memory may hold did not settle' : null) ??
				(many ? `more than ${request.runsMax} ways through the test's threads` : null),
		};
	}

	function litmusRuns(
		thread: LitmusThread,
		numbers: Contents,
	): { readonly runs: readonly ProgramRun[]; readonly limit: string | null } {
		const { loopMax, runsMax } = request;
		const made = threadRuns(program, thread, numbers, { loopMax, runsMax, blocking: false });
		return { limit: made.limit, runs: made.runs.map((run) => asProgramRun(inWords(run, small))) };
	}

	function asProgramRun(run: ProgramRun['run']): ProgramRun {
		return {
			run,
			notes: notesOf(run, addresses),
			end: { kind: 'returned', value: null },
			memory: new Map(),
			facts: new Set(),
			entered: new Set<FunctionIndex>(),
		};
	}
}

/** One run of each thread, as the first one's with the others beside it. */
function combined(threads: readonly (readonly ProgramRun[])[]): readonly ProgramRun[] {
	const [first = [], ...rest] = threads;
	let lists: readonly (readonly ProgramRun[])[] = first.map((run) => [run]);
	for (const runs of rest) lists = lists.flatMap((list) => runs.map((run) => [...list, run]));
	return lists.map(([run, ...beside]) => ({ ...(run as ProgramRun), beside }));
}

const NOWHERE = -1 as SiteIndex;

/** What is known of a litmus thread's events: an op of no program for each, one for a read-modify-write with its barriers. */
function notesOf(run: ProgramRun['run'], addresses: readonly number[]): readonly EventNote[] {
	const notes: EventNote[] = [];
	run.events.forEach((event, i) => {
		const before = run.events[i - 1];
		const isPart = event.implied || (event.tags & tag.RMW) !== 0;
		const known = notes.at(-1)?.op;
		const isSame =
			isPart &&
			known?.kind === 'rmw' &&
			before?.site.line === event.site.line &&
			before.site.column === event.site.column;
		const zero = { kind: 'constant', value: 0 } as const;
		const op: Op = isSame
			? known
			: isPart
				? {
						kind: 'rmw',
						site: NOWHERE,
						dst: null,
						address: zero,
						operator: 'xchg',
						operand: zero,
						expected: null,
						order: 'full',
						returns: 'old',
					}
				: (event.tags & tag.R) !== 0
					? { kind: 'load', site: NOWHERE, dst: 0 as never, address: zero, order: 'once' }
					: { kind: 'fence', site: NOWHERE, fence: 'barrier' };
		notes.push({
			op,
			address: event.location === null ? null : (addresses[event.location] ?? null),
			frames: [],
			operand: null,
			expected: null,
		});
	});
	return notes;
}
