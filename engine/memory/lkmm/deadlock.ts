/**
 * Deadlocks over spinlocks and reader-writer locks: executions that end with threads waiting for locks that stay held. herd7 leaves them out of
 * its states and says nothing; here one of them is told.
 *
 * Model: only locks are waited for. A thread in a loop that waits for a value for ever is not looked for.
 */

import { fix, type Generation } from './axioms.js';
import { holds } from './condition.js';
import { allRuns } from './contents.js';
import { awaits } from './effects.js';
import {
	LKW,
	RCU_LOCK,
	RCU_UNLOCK,
	SRCU_LOCK,
	SRCU_UNLOCK,
	SYNC_RCU,
	SYNC_SRCU,
	type ThreadRun,
	UL,
} from './event.js';
import type { LitmusProgram, LocationIndex, Observable } from './litmus_program.js';
import { type CompleteExecution, search } from './search.js';
import { eventStructure } from './structure.js';
import { suppliable } from './supply.js';
import { combinations } from './symmetry.js';
import type { ThreadRuns } from './thread_runs.js';

export interface DeadlockOptions {
	readonly generation: Generation;
	readonly loopMax: number;
	/** False when time or another limit has run out. */
	readonly proceed: () => boolean;
}

/** Who waits for what in the end; `lock` null: for the end of his own read-side critical section. */
export type Deadlock = readonly { readonly thread: number; readonly lock: LocationIndex | null }[];

/**
 * A thread that waits for a grace period inside a read-side critical section of its own, whichever way it takes. Asked where no
 * execution ends: LKMM has none of such a thread, and the kernel waits for ever.
 */
export function waitsForItself(threads: readonly ThreadRuns[]): Deadlock | null {
	const thread = threads.findIndex(
		({ runs, limit }) => limit === null && runs.length > 0 && runs.every(hasOwnGracePeriod),
	);
	return thread < 0 ? null : [{ thread, lock: null }];
}

function hasOwnGracePeriod({ events }: ThreadRun): boolean {
	/** Sections the thread is in: of RCU (null), of an srcu_struct. */
	const inside: (LocationIndex | null)[] = [];
	for (const { tags, location } of events) {
		if ((tags & (RCU_LOCK | SRCU_LOCK)) !== 0) inside.push(location);
		const section = inside.lastIndexOf(location);
		if ((tags & (RCU_UNLOCK | SRCU_UNLOCK)) !== 0 && section >= 0) inside.splice(section, 1);
		if ((tags & (SYNC_RCU | SYNC_SRCU)) !== 0 && section >= 0) return true;
	}
	return false;
}

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
				found =
					isSettled(program, execution) &&
					waiting.every(({ lock, blocked }) => {
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

function isSettled({ settled, locations }: LitmusProgram, execution: CompleteExecution): boolean {
	const read = (o: Observable): number =>
		o.kind === 'register'
			? execution.register(o.thread, o.name)
			: (execution.location(o.location) ?? locations[o.location]?.initial ?? 0);
	return settled === undefined || settled === null || holds(settled, read) === true;
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
