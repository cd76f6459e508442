/**
 * Threads that are the same: equal programs whose registers nobody observes. Exchanging two of them maps executions to
 * executions with the same final state, so only those are searched in which the threads come in one order, and each
 * counts for all its rearrangements.
 *
 * The order is fixed in two steps: threads that take different runs are ordered by their run; those that take the same
 * run are ordered by co between the first writes of each, which is total. Threads without a write are not exchanged.
 *
 * Invariant: every execution is a rearrangement of exactly one that is searched, by exactly `weight` rearrangements.
 */

import { observablesIn } from './condition.js';
import { type ThreadRun, W } from './event.js';
import type { LitmusProgram, Observable } from './litmus_program.js';

/** One run per thread, with how many rearrangements it stands for. */
export interface Combination {
	readonly runs: readonly ThreadRun[];
	readonly weight: number;
	/** Lists of threads that take the same run, whose writes of that index come in this order. */
	readonly ordered: readonly { readonly threads: readonly number[]; readonly write: number }[];
}

/** For each thread, the first thread it can be exchanged with (itself when there is no other). */
export function threadClasses(
	program: LitmusProgram,
	observed: readonly Observable[],
): readonly number[] {
	const seen = new Map<string, number>();
	const visible = new Set<number>();
	for (const o of observed) if (o.kind === 'register') visible.add(o.thread);
	if (program.filter !== null) {
		for (const o of observablesIn(program.filter)) if (o.kind === 'register') visible.add(o.thread);
	}
	return program.threads.map((thread, index) => {
		if (visible.has(index)) return index;
		const registers = [...thread.registers].sort(([a], [b]) => (a < b ? -1 : 1));
		const key = JSON.stringify([registers, thread.body], (name, value: unknown) =>
			name === 'site' ? undefined : value,
		);
		const first = seen.get(key) ?? index;
		seen.set(key, first);
		return first;
	});
}

/**
 * Every choice of one run per thread, up to exchanges of threads of one class. Choices whose first runs are not feasible
 * are left out.
 */
export function* combinations(
	runs: readonly (readonly ThreadRun[])[],
	classes: readonly number[],
	feasible: (chosen: readonly ThreadRun[]) => boolean,
): Generator<Combination> {
	const chosen: number[] = [];
	const prefix: ThreadRun[] = [];
	function* choose(thread: number): Generator<Combination> {
		const own = runs[thread];
		if (own === undefined) {
			yield combination(runs, classes, chosen);
			return;
		}
		const twin = classes.lastIndexOf(classes[thread] as number, thread - 1);
		const least = thread > 0 && twin >= 0 ? (chosen[twin] as number) : 0;
		for (let i = least; i < own.length; i++) {
			chosen[thread] = i;
			prefix.length = thread;
			prefix.push(own[i] as ThreadRun);
			if (feasible(prefix)) yield* choose(thread + 1);
		}
	}
	yield* choose(0);
}

function combination(
	runs: readonly (readonly ThreadRun[])[],
	classes: readonly number[],
	chosen: readonly number[],
): Combination {
	const groups = new Map<string, number[]>();
	const sizes = new Map<number, number>();
	classes.forEach((c, thread) => {
		const key = `${c}:${chosen[thread]}`;
		groups.set(key, [...(groups.get(key) ?? []), thread]);
		sizes.set(c, (sizes.get(c) ?? 0) + 1);
	});
	const taken = chosen.map((run, thread) => runs[thread]?.[run] as ThreadRun);
	let weight = 1;
	for (const size of sizes.values()) weight *= factorial(size);
	const ordered: { threads: readonly number[]; write: number }[] = [];
	for (const threads of groups.values()) {
		if (threads.length < 2) continue;
		const write = taken[threads[0] as number]?.events.findIndex((e) => (e.tags & W) !== 0) ?? -1;
		if (write >= 0) ordered.push({ threads, write });
		else weight /= factorial(threads.length);
	}
	return { runs: taken, weight, ordered };
}

function factorial(n: number): number {
	return n < 2 ? 1 : n * factorial(n - 1);
}
