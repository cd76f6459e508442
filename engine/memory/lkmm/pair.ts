/**
 * One run of each of two threads: the executions they have together, and what orders would forbid some of them.
 */

import { fix, type Generation } from './axioms.js';
import type { ThreadRun } from './event.js';
import * as tag from './event.js';
import type { Fence, LitmusProgram } from './litmus_program.js';
import { withFence, withTags } from './run_edit.js';
import { search } from './search.js';
import { type Snapshot, snapshotOf } from './snapshot.js';
import { eventStructure } from './structure.js';

export interface PairOptions {
	readonly program: LitmusProgram;
	readonly generation: Generation;
	/** Asked at every decision; false stops the search. */
	readonly proceed: () => boolean;
}

/** Calls `visit` for each consistent execution of the runs until it returns false; whether the limit was not met. */
export function executionsOf(
	runs: readonly ThreadRun[],
	options: PairOptions,
	visit: (snapshot: Snapshot) => boolean,
): boolean {
	const fixed = fix(eventStructure(options.program, runs), options.generation);
	let isComplete = true;
	search(fixed, [], {
		visit: (execution) => visit(snapshotOf(execution)),
		plausible: () => true,
		proceed: () => {
			isComplete &&= options.proceed();
			return isComplete;
		},
	});
	fixed.structure.space.giveBack();
	return isComplete;
}

/** A way to order two accesses of a thread. */
export interface Ordering {
	readonly kind: 'fence' | 'acquire' | 'release';
	readonly fence: Fence | null;
	/** As kernel code writes it. */
	readonly text: string;
}

/** Weakest first. */
const ORDERINGS: readonly Ordering[] = [
	{ kind: 'fence', fence: 'wmb', text: 'smp_wmb()' },
	{ kind: 'fence', fence: 'rmb', text: 'smp_rmb()' },
	{ kind: 'acquire', fence: null, text: 'smp_load_acquire() for the first' },
	{ kind: 'release', fence: null, text: 'smp_store_release() for the second' },
	{ kind: 'fence', fence: 'after-atomic', text: 'smp_mb__after_atomic()' },
	{ kind: 'fence', fence: 'mb', text: 'smp_mb()' },
];

/** Two accesses of a run by their indices. */
export interface AccessPair {
	readonly first: number;
	readonly second: number;
	/** The run is the second thread's; absent: the first's. */
	readonly isOther?: true;
}

/** The run with an ordering between the two accesses; null where it does not apply. */
export function ordered(run: ThreadRun, pair: AccessPair, ordering: Ordering): ThreadRun | null {
	const first = run.events[pair.first];
	const second = run.events[pair.second];
	if (first === undefined || second === undefined) return null;
	switch (ordering.kind) {
		case 'acquire':
			if ((first.tags & tag.R) === 0 || (first.tags & tag.RMW) !== 0) return null;
			return withTags(run, pair.first, (first.tags & ~tag.ONCE) | tag.ACQUIRE);
		case 'release':
			if ((second.tags & tag.W) === 0 || (second.tags & tag.RMW) !== 0) return null;
			return withTags(run, pair.second, (second.tags & ~tag.ONCE) | tag.RELEASE);
		case 'fence': {
			const isAfterAtomic = ordering.fence === 'after-atomic';
			if (isAfterAtomic && (first.tags & tag.RMW) === 0) return null;
			return withFence(run, pair.first + 1, ordering.fence as Fence);
		}
	}
}

/** The weakest ordering for which `forbids` holds, or null. */
export function weakestOrdering(forbids: (ordering: Ordering) => boolean): Ordering | null {
	return ORDERINGS.find(forbids) ?? null;
}

/**
 * The pair of accesses that must be ordered: a full barrier anywhere between them forbids what `forbids` looks for, one
 * elsewhere does not. Null when no place in this thread does.
 */
export function pairToOrder(
	run: ThreadRun,
	isPlace: (before: number) => boolean,
	forbids: (fenced: ThreadRun) => boolean,
): AccessPair | null {
	let begin = -1;
	let end = -1;
	for (let gap = 1; gap < run.events.length; gap++) {
		if (!isPlace(gap)) continue;
		if (forbids(withFence(run, gap, 'mb'))) {
			if (begin < 0) begin = gap;
			end = gap;
		} else if (begin >= 0) break;
	}
	if (begin < 0) return null;
	const isAccess = (i: number): boolean => run.events[i]?.location !== null;
	let first = begin - 1;
	while (first >= 0 && !isAccess(first)) first--;
	let second = end;
	while (second < run.events.length && !isAccess(second)) second++;
	return first < 0 || second >= run.events.length ? null : { first, second };
}
