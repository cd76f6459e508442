/**
 * What each location may hold in some execution: from "anything" downwards, every round runs all threads with what the
 * locations may hold and keeps what some run can store. It may be stopped after any round and is used only to leave out
 * what cannot happen. (Upwards from the initial values would be wrong: load buffering lets values justify themselves.)
 */

import { W } from './event.js';
import type { LitmusProgram } from './litmus_program.js';
import type { Contents } from './run_recorder.js';
import { OUT_OF_TIME, type RunLimits, type ThreadRuns, threadRuns } from './thread_runs.js';
import { collectReads, evaluate } from './value.js';

const VALUES_MAX = 24;
const ROUNDS_MAX = 6;
const COMBINATIONS_MAX = 256;

/** The runs of every thread, without those that no values all threads together can store allow. */
export function allRuns(program: LitmusProgram, limits: RunLimits): readonly ThreadRuns[] {
	let contents: Contents = program.locations.map(() => null);
	for (let round = 1; ; round++) {
		const runs = program.threads.map((thread) => threadRuns(program, thread, contents, limits));
		if (round === ROUNDS_MAX || runs.some((t) => t.limit === OUT_OF_TIME)) return runs;
		const next = produced(program, runs);
		if (next.every((set, i) => sameSet(set, contents[i] ?? null))) return runs;
		contents = next;
	}
}

function produced(program: LitmusProgram, threads: readonly ThreadRuns[]): (Set<number> | null)[] {
	const next: (Set<number> | null)[] = program.locations.map((l) => new Set([l.initial]));
	for (const run of threads.flatMap((t) => t.runs)) {
		for (const event of run.events) {
			if (event.value === null || event.location === null || (event.tags & W) === 0) continue;
			const into = next[event.location];
			if (into === null || into === undefined) continue;
			const values = possibleValues(event.value, run.possible);
			if (values === null) next[event.location] = null;
			else for (const value of values) into.add(value);
			if (into.size > VALUES_MAX) next[event.location] = null;
		}
	}
	return next;
}

/** The values an expression may have, or null for anything. */
export function possibleValues(
	value: Parameters<typeof evaluate>[0],
	possible: ReadonlyMap<number, ReadonlySet<number> | null>,
): readonly number[] | null {
	if (typeof value === 'number') return [value];
	const reads = new Set<number>();
	collectReads(value, reads);
	let environments: ReadonlyMap<number, number>[] = [new Map()];
	for (const read of reads) {
		const values = possible.get(read) ?? null;
		if (values === null || values.size * environments.length > COMBINATIONS_MAX) return null;
		environments = environments.flatMap((e) => [...values].map((v) => new Map([...e, [read, v]])));
	}
	return environments.map((e) => evaluate(value, (read) => e.get(read) ?? null) as number);
}

function sameSet(a: ReadonlySet<number> | null, b: ReadonlySet<number> | null): boolean {
	return a === null || b === null ? a === b : a.size === b.size;
}
