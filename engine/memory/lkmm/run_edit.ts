/**
 * A thread's run made into another: with one more fence, with a stronger access, with only some of its events. What
 * "which barrier forbids it" and the smallest litmus test are tried out on.
 *
 * Invariant: edits keep program order; reads in values are renamed with the events.
 */

import type { Event, ThreadRun } from './event.js';
import type { Fence } from './litmus_program.js';
import { collectReads, operate, type SymbolicValue } from './value.js';

/** The run with a fence before the event of that index (the number of events: at its end). */
export function withFence(run: ThreadRun, before: number, fence: Fence): ThreadRun {
	const site = run.events[Math.min(before, run.events.length - 1)]?.site ?? { line: 0, column: 0 };
	const added: Event = {
		tags: 0,
		location: null,
		value: null,
		fence,
		implied: false,
		rmw: null,
		addr: [],
		data: [],
		ctrl: [],
		site,
	};
	const moved = renamed(run, (i) => (i < before ? i : i + 1));
	return { ...moved, events: moved.events.toSpliced(before, 0, added) };
}

/** The run with other tags on one event. */
export function withTags(run: ThreadRun, index: number, tags: number): ThreadRun {
	return { ...run, events: run.events.map((e, i) => (i === index ? { ...e, tags } : e)) };
}

/**
 * Only the events in `keep`, without dependencies between them, so that it says no more than a litmus test that lists
 * the same accesses. Reads that go are known by the value they had.
 */
export function keeping(
	run: ThreadRun,
	keep: ReadonlySet<number>,
	wordOf: (read: number) => number,
): ThreadRun {
	const known = (value: SymbolicValue): SymbolicValue =>
		substitute(value, (r) => (keep.has(r) ? null : wordOf(r)));
	const kept = run.events.map((e) => ({
		...e,
		value: e.value === null ? null : known(e.value),
		addr: [],
		data: [],
		ctrl: [],
	}));
	const places = new Map([...keep].sort((a, b) => a - b).map((old, i) => [old, i]));
	const constraints = run.constraints.map(known).filter((c) => typeof c !== 'number');
	const all = renamed({ ...run, events: kept, constraints }, (i) => places.get(i) ?? -1);
	return {
		...all,
		events: all.events.filter((_, i) => keep.has(i)),
		possible: new Map([...all.possible].filter(([i]) => i >= 0)),
	};
}

function renamed(run: ThreadRun, to: (index: number) => number): ThreadRun {
	const list = (reads: readonly number[]): readonly number[] => reads.map(to);
	const value = (v: SymbolicValue): SymbolicValue => rename(v, to);
	return {
		...run,
		events: run.events.map((e) => ({
			...e,
			value: e.value === null ? null : value(e.value),
			rmw: e.rmw === null ? null : to(e.rmw),
			addr: list(e.addr),
			data: list(e.data),
			ctrl: list(e.ctrl),
		})),
		constraints: run.constraints.map(value),
		registers: new Map([...run.registers].map(([name, v]) => [name, value(v)])),
		possible: new Map([...run.possible].map(([read, set]) => [to(read), set])),
	};
}

function rename(value: SymbolicValue, to: (index: number) => number): SymbolicValue {
	if (typeof value === 'number') return value;
	if ('read' in value) return { read: to(value.read) };
	return operate(value.operator, rename(value.left, to), rename(value.right, to));
}

function substitute(value: SymbolicValue, known: (read: number) => number | null): SymbolicValue {
	if (typeof value === 'number') return value;
	if ('read' in value) return known(value.read) ?? value;
	return operate(value.operator, substitute(value.left, known), substitute(value.right, known));
}

/** Whether a value rests on reads. */
export function isOpen(value: SymbolicValue): boolean {
	const reads = new Set<number>();
	collectReads(value, reads);
	return reads.size > 0;
}
