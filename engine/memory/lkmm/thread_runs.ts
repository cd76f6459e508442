/**
 * All ways through a thread. A fork is taken by running the thread again from its start with a longer list of choices,
 * so the interpreter is direct.
 *
 * Invariant: two runs of one thread differ in a constraint or in what a lock operation returned, so an execution belongs
 * to exactly one run per thread.
 */

import type { ThreadRun } from './event.js';
import type { LitmusProgram, LitmusThread } from './litmus_program.js';
import { type Contents, RunRecorder } from './run_recorder.js';
import { runThread } from './thread_machine.js';

/** The limit that `cancelled` is. */
export const OUT_OF_TIME = 'out of time';

export interface RunLimits {
	/** Iterations of one loop in one run. */
	readonly loopMax: number;
	/** Runs of one thread, those given up included. */
	readonly runsMax: number;
	/** Asked before each run; true ends with the limit `OUT_OF_TIME`. */
	readonly cancelled?: () => boolean;
	/** Also the runs that end waiting for a lock. */
	readonly blocking: boolean;
}

export interface ThreadRuns {
	readonly runs: readonly ThreadRun[];
	/** The limit that was met, or null when the runs are all there are. */
	readonly limit: string | null;
}

/** Every feasible run of a thread. */
export function threadRuns(
	program: LitmusProgram,
	thread: LitmusThread,
	contents: Contents,
	limits: RunLimits,
): ThreadRuns {
	const runs: ThreadRun[] = [];
	let limit: string | null = null;
	let tried = 0;
	const pending: number[][] = [[]];
	for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
		if (limits.cancelled?.() === true) return { runs, limit: OUT_OF_TIME };
		if (tried++ >= limits.runsMax) {
			return { runs, limit: `more than ${limits.runsMax} ways through ${thread.name}` };
		}
		const recorder = new RunRecorder(program, contents, { path, blocking: limits.blocking });
		const machine = runThread(thread, recorder, limits.loopMax);
		if (machine.result !== null) runs.push(machine.result);
		limit ??= machine.limit;
		pending.push(...recorder.forks);
	}
	return { runs, limit };
}
