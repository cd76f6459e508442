/**
 * Deadlocks over spinlocks and reader-writer locks: executions that end with threads waiting for locks that stay held. herd7 leaves them out of
 * its states and says nothing; here one of them is told.
 *
 * Model: only locks are waited for. A thread in a loop that waits for a value for ever is not looked for.
 */

import { fix, type Generation } from './axioms.js';
import { allRuns } from './contents.js';
import { awaits } from './effects.js';
import { LKW, type ThreadRun, UL } from './event.js';
import type { LitmusProgram, LocationIndex } from './litmus_program.js';
import { search } from './search.js';
import { eventStructure } from './structure.js';
import { suppliable } from './supply.js';
import { combinations } from './symmetry.js';

export interface DeadlockOptions {
	readonly generation: Generation;
	readonly loopMax: number;
	/** False when time or another limit has run out. */
	readonly proceed: () => boolean;
}

/** Who waits for what in the end. */
export type Deadlock = readonly { readonly thread: number; readonly lock: LocationIndex }[];

/** The first deadlock found, or null. */
export function findDeadlock(program: LitmusProgram, options: DeadlockOptions): Deadlock | null {
	const cancelled = (): boolean => !options.proceed();
	const limits = { loopMax: options.loopMax, runsMax: 20_000, blocking: true, cancelled };
	const threads = allRuns(program, limits);
	// Somebody must hold a lock while he waits, or for ever.
	if (!awaits(program) && !threads.some((t) => t.runs.some(holdsLock))) return null;
	const classes = program.threads.map((_, i) => i);
	const runs = threads.map((t) => t.runs);
	for (const { runs: chosen } of combinations(runs, classes, suppliable(program, runs))) {
		const waiting = chosen.flatMap(({ blockedAt }, thread) =>
			blockedAt === null ? [] : [{ thread, lock: blockedAt.location, ...blockedAt }],
		);
		if (waiting.length === 0) continue;
		let found = false;
		const fixed = fix(eventStructure(program, chosen), options.generation);
		const on = search(fixed, [], {
			visit: (execution) => {
				found = waiting.every(({ lock, blocked }) => {
					const value = execution.location(lock) ?? program.locations[lock]?.initial;
					const isEqual = value === blocked.value;
					return isEqual === (blocked.operator === '==');
				});
				return !found;
			},
			plausible: () => true,
			proceed: options.proceed,
		});
		if (found) return waiting.map(({ thread, lock }) => ({ thread, lock }));
		if (!on) return null;
	}
	return null;
}

/** Whether a run ends with a lock held. */
function holdsLock(run: ThreadRun): boolean {
	const held = new Set<LocationIndex>();
	for (const { tags, location } of run.events) {
		if (location === null) continue;
		if ((tags & LKW) !== 0) held.add(location);
		if ((tags & UL) !== 0) held.delete(location);
	}
	return held.size > 0;
}
