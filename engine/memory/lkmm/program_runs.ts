/**
 * All ways through the threads of a lowered program, with which locations are contended and what they may hold. Both are
 * found together, upwards: all threads are run with what is known, what they touch and store is added, until nothing is
 * new. A location that one thread writes and another touches is contended; one whose values grow without end may hold
 * anything.
 *
 * Model: values are those that can be reached from the initial ones. A value that only justifies itself (through a
 * branch whose join hides the dependency from LKMM) is left out; no hardware produces one.
 */
import type { LinkedProgram } from '../thread/link.js';
import { Compatibility, type Recorded, type Sequences } from './compatible.js';
import { possibleValues } from './contents.js';
import { W } from './event.js';
import type { LitmusProgram, LocationIndex } from './litmus_program.js';
import type { ProgramRun, ProgramSetting, ProgramThread, WorldOperation } from './program_run.js';
import type { Wait } from './program_sections.js';
import { ProgramThreadRun } from './program_thread.js';
import { Abandoned, type Contents, RunRecorder } from './run_recorder.js';
import type { SymbolicValue } from './value.js';

const VALUES_MAX = 12;
const ROUNDS_MAX = 24;
export const STEPS_MAX = 20_000;

export interface ProgramRequest {
	readonly linked: LinkedProgram;
	readonly symbols: ReadonlyMap<string, number>;
	readonly initial: ReadonlyMap<number, number>;
	readonly operations: ReadonlyMap<string, WorldOperation>;
	readonly liveness: (address: number) => number | null;
	readonly threads: readonly ProgramThread[];
	readonly loopMax: number;
	readonly callDepthMax: number;
	/** Runs of one thread, those given up included. */
	readonly runsMax: number;
	/** Asked between runs; true stops. */
	readonly cancelled: () => boolean;
}

export interface ProgramRuns {
	/** Locations alone: what an event structure needs. */
	readonly program: LitmusProgram;
	/** Address of each location. */
	readonly addresses: readonly number[];
	/** By thread. */
	readonly runs: readonly (readonly ProgramRun[])[];
	/**
	 * The limit that was met, or null: these are all runs. With a limit, locations that threads share may be missing, so
	 * the runs' executions mean nothing.
	 */
	readonly limit: string | null;
}

/** Every feasible run of every thread. */
export function programRuns(request: ProgramRequest): ProgramRuns {
	let addresses: readonly number[] = [];
	let contents: (Set<number> | null)[] = [];
	let waits: ReadonlySet<Wait> = new Set();
	const compatibility = new Compatibility(litmusProgram(request, []));
	let sequences: readonly (Sequences | null)[] = request.threads.map(() => null);
	for (let round = 1; ; round++) {
		const program = litmusProgram(request, addresses);
		const contended = new Map(addresses.map((at, i) => [at, i as LocationIndex]));
		const setting: ProgramSetting = { ...request, contended, waits, stepsMax: STEPS_MAX };
		const made = request.threads.map((thread, i) =>
			runsOf(request, {
				...{ setting, thread, index: i, program, contents },
				// of two threads each has but one other to read from
				other: request.threads.length === 2 ? (sequences[1 - i] ?? null) : null,
			}),
		);
		const limit = made.find((m) => m.limit !== null)?.limit ?? null;
		const more = touchedByTwo(made);
		const runs = made.map((m) => m.runs);
		const grown = extend(
			contents,
			made.map((m) => [...m.runs.map((r) => r.run), ...m.begun]),
		);
		const newAddresses = more.filter((at) => !contended.has(at));
		const allWaits = new Set([...waits, ...made.flatMap((m) => [...m.waits])]);
		const sequencesNow = made.map((m, i) => {
			const all = [...m.runs.map((r) => r.run), ...m.begun];
			return compatibility.sequences(all, sequences[i] ?? null);
		});
		const isSettled =
			!grown &&
			newAddresses.length === 0 &&
			allWaits.size === waits.size &&
			sequencesNow.every((now, i) => now.signature === sequences[i]?.signature);
		waits = allWaits;
		sequences = sequencesNow;
		if (limit !== null || isSettled) return { program, addresses, runs, limit };
		if (round === ROUNDS_MAX)
			return { program, addresses, runs, limit: 'what memory may hold did not settle' };
		if (newAddresses.length > 0) {
			addresses = [...addresses, ...newAddresses.sort((a, b) => a - b)];
			contents = addresses.map((at, i) =>
				contents[i] === undefined ? new Set([request.initial.get(at) ?? 0]) : (contents[i] ?? null),
			);
		}
	}
}

function litmusProgram(request: ProgramRequest, addresses: readonly number[]): LitmusProgram {
	return {
		name: request.threads.map((t) => t.name).join('+'),
		locations: addresses.map((at) => ({
			name: at.toString(16),
			initial: request.initial.get(at) ?? 0,
		})),
		threads: [],
		filter: null,
		quantifier: 'exists',
		condition: { kind: 'true' },
		observed: [],
	};
}

interface Made {
	readonly runs: readonly ProgramRun[];
	/** What was recorded of those given up. */
	readonly begun: readonly Recorded[];
	readonly reads: ReadonlySet<number>;
	readonly writes: ReadonlySet<number>;
	readonly waits: ReadonlySet<Wait>;
	readonly limit: string | null;
}

/** The runs of one thread, what they touch, and the limit that was met. */
export function runsOf(
	request: ProgramRequest,
	given: {
		readonly setting: ProgramSetting;
		readonly thread: ProgramThread;
		readonly index: number;
		readonly program: LitmusProgram;
		readonly contents: Contents;
		/** What the other thread does, where there is one; null: anything. */
		readonly other?: Sequences | null;
	},
): Made {
	const runs: ProgramRun[] = [];
	const begun: Recorded[] = [];
	const reads = new Set<number>();
	const writes = new Set<number>();
	const waits = new Set<Wait>();
	const pending: number[][] = [[]];
	let limit: string | null = null;
	let tried = 0;
	for (let path = pending.pop(); path !== undefined && limit === null; path = pending.pop()) {
		if (request.cancelled()) limit = 'it was cancelled';
		if (tried++ >= request.runsMax)
			limit = `more than ${request.runsMax} ways through ${given.thread.name}`;
		const { other = null } = given;
		const recorder: RunRecorder = new RunRecorder(given.program, given.contents, {
			path,
			blocking: false,
			...(other === null
				? {}
				: { allows: (recorded, at) => other.allow(recorded, at, given.program) }),
		});
		const machine = new ProgramThreadRun(given.setting, given.index, recorder);
		try {
			runs.push(machine.run(given.thread));
		} catch (error) {
			if (!(error instanceof Abandoned)) throw error;
			limit ??= error.reason;
			// what was not known to be possible may become so by what it did until then
			begun.push({ events: recorder.events, possible: recorder.possible });
		}
		// What a run touched before it was given up is contended all the same: it may be given up for that only.
		for (const at of machine.reads) reads.add(at);
		for (const at of machine.writes) writes.add(at);
		for (const wait of machine.waits) waits.add(wait);
		pending.push(...recorder.forks);
	}
	return { runs, begun, reads, writes, waits, limit };
}

function touchedByTwo(threads: readonly Made[]): readonly number[] {
	const found = new Set<number>();
	threads.forEach((writer, i) => {
		threads.forEach((other, j) => {
			if (i === j) return;
			for (const at of writer.writes)
				if (other.reads.has(at) || other.writes.has(at)) found.add(at);
		});
	});
	return [...found];
}

/** Adds what the runs can store; whether anything was new. */
export function extend(
	contents: (Set<number> | null)[],
	threads: readonly (readonly Recorded[])[],
): boolean {
	let grown = false;
	for (const run of threads.flat()) {
		for (const event of run.events) {
			if (event.value === null || event.location === null || (event.tags & W) === 0) continue;
			const into = contents[event.location];
			if (into === null || into === undefined) continue;
			const values = counts(event.value) ? null : possibleValues(event.value, run.possible);
			const before = into.size;
			for (const value of values ?? []) into.add(value);
			if (values === null || into.size > VALUES_MAX) contents[event.location] = null;
			grown ||= contents[event.location] === null || into.size > before;
		}
	}
	return grown;
}

/** What is read, more or less a number: growing without end. */
function counts(value: SymbolicValue): boolean {
	if (typeof value === 'number' || 'read' in value) return false;
	if (value.operator !== '+' && value.operator !== '-') return false;
	return [value.left, value.right].some(
		(side) => typeof side !== 'number' && ('read' in side || counts(side)),
	);
}
