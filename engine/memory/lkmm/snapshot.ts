/**
 * A consistent execution as plain data: who reads from whom, the order of writes, all values. What is told to people is
 * told from it.
 *
 * Invariant: events are named by thread and index in the thread's run.
 */

import { R, W } from './event.js';
import type { LocationIndex } from './litmus_program.js';
import type { CompleteExecution } from './search.js';
import { evaluate } from './value.js';

export interface SeenEvent {
	/** -1 for initial writes. */
	readonly thread: number;
	/** In the thread's run. */
	readonly index: number;
	readonly location: LocationIndex;
	readonly isRead: boolean;
	readonly isWrite: boolean;
	/** What it reads or writes. */
	readonly value: number;
	/** Of a read: the write it takes, as an index in `Snapshot.events`. */
	readonly source: number | null;
	/** Of a write: how many writes of its location come before it. */
	readonly rank: number;
}

export interface Snapshot {
	/** Accesses, initial writes first, then each thread in program order. */
	readonly events: readonly SeenEvent[];
	/** po, rf, co and fr agree with one order of all events: sequential consistency allows it too. */
	readonly isSequential: boolean;
	/** The value of an access; null when it is none. */
	value(thread: number, index: number): number | null;
	/** Last value of a location, null when no run touches it. */
	final(location: LocationIndex): number | null;
}

/** Copies an execution during its visit. */
export function snapshotOf(execution: CompleteExecution): Snapshot {
	const { structure } = execution.fixed;
	const { space, events, placed } = structure;
	const values = new Map<number, number>();
	const source = (read: number): number =>
		events.findIndex((_, w) => space.has(execution.rf, w, read));
	const sources = events.map((e, i) => ((e.tags & R) !== 0 ? source(i) : -1));
	const wordOf = (i: number, depth = 0): number => {
		const known = values.get(i);
		if (known !== undefined) return known;
		const e = events[i];
		// A value out of thin air has none.
		if (e === undefined || depth > events.length) return 0;
		const value =
			(e.tags & R) !== 0
				? wordOf(sources[i] as number, depth + 1)
				: (evaluate(e.value ?? 0, (r) => wordOf(placed[e.thread]?.[r] as number, depth + 1)) ?? 0);
		values.set(i, value);
		return value;
	};
	const indexInRun = (i: number): number => placed[events[i]?.thread ?? -1]?.indexOf(i) ?? -1;
	const accesses = events.flatMap((e, i) =>
		e.location !== null && (e.tags & (R | W)) !== 0 ? [i] : [],
	);
	const place = new Map(accesses.map((event, i) => [event, i]));
	const list = accesses.map((i): SeenEvent => {
		const e = events[i] as (typeof events)[number];
		return {
			thread: e.thread,
			index: indexInRun(i),
			location: e.location as LocationIndex,
			isRead: (e.tags & R) !== 0,
			isWrite: (e.tags & W) !== 0,
			value: wordOf(i),
			source: (e.tags & R) !== 0 ? (place.get(sources[i] as number) ?? null) : null,
			rank: events.filter((_, w) => space.has(execution.co, w, i)).length,
		};
	});
	const mark = space.mark();
	const fr = space.sequence(space.inverse(execution.rf), execution.co);
	const all = space.union(structure.po, execution.rf, execution.co, fr);
	const isSequential = space.isIrreflexive(space.plus(all));
	space.release(mark);
	return {
		events: list,
		isSequential,
		value: (thread, index) =>
			list.find((e) => e.thread === thread && e.index === index)?.value ?? null,
		final: (location) => {
			const writes = list.filter((e) => e.isWrite && e.location === location);
			return writes.sort((a, b) => b.rank - a.rank)[0]?.value ?? null;
		},
	};
}
