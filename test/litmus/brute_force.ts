/**
 * The slow and obvious way to a litmus program's executions: every reads-from and every coherence order of every
 * combination of runs, asked the axioms when complete. The oracle of the search; it shares with it only the axioms.
 */
import type { Relation } from '../../engine/base/relation.js';
import {
	derive,
	type Execution,
	type Fixed,
	fix,
	type Generation,
} from '../../engine/memory/lkmm/axioms.js';
import { IW, LF, LKR, LKW, R, RU, UL, W } from '../../engine/memory/lkmm/event.js';
import type { LitmusProgram, LocationIndex } from '../../engine/memory/lkmm/litmus_program.js';
import { judgePlain, textFlags } from '../../engine/memory/lkmm/plain.js';
import { type EventStructure, eventStructure } from '../../engine/memory/lkmm/structure.js';
import { SYMBOLIC_BASE } from '../../engine/memory/lkmm/symbolic.js';
import { threadRuns } from '../../engine/memory/lkmm/thread_runs.js';
import { evaluate, type SymbolicValue } from '../../engine/memory/lkmm/value.js';

/** Writes to one location: their orders are made as lists. */
const WRITES_MAX = 6;

export interface BruteForce {
	/** Executions consistent under LKMM, and their states. */
	readonly executions: number;
	readonly states: ReadonlySet<string>;
	readonly flags: ReadonlySet<string>;
	/** States of executions that are sequentially consistent. */
	readonly scStates: ReadonlySet<string>;
}

/**
 * Everything, or null when there are more than `candidatesMax` candidates. `candidate` is told of each that is coherent
 * and atomic.
 */
export function bruteForce(
	program: LitmusProgram,
	generation: Generation,
	candidatesMax: number,
	candidate: (fixed: Fixed, execution: Execution) => void = () => {},
): BruteForce | null {
	const nothing = program.locations.map(() => null);
	const runs = program.threads.map(
		(t) => threadRuns(program, t, nothing, { loopMax: 3, runsMax: 1000, blocking: false }).runs,
	);
	const result = {
		executions: 0,
		states: new Set<string>(),
		flags: new Set<string>(),
		scStates: new Set<string>(),
	};
	let candidates = 0;
	for (const combination of product(runs)) {
		const structure = eventStructure(program, combination);
		const fixed = fix(structure, generation);
		const reads = structure.events.flatMap((e, i) => ((e.tags & R) !== 0 ? [i] : []));
		const sources = reads.map((r) => possibleSources(structure, r));
		if (longestOrder(structure) > WRITES_MAX) return null;
		const orders = program.locations.map((_, l) => coherenceOrders(structure, l as LocationIndex));
		const size = [...sources, ...orders].reduce((n, list) => n * list.length, 1);
		candidates += size;
		if (candidates > candidatesMax) return null;
		for (const chosen of product(sources)) {
			const values = solve(structure, reads, chosen);
			if (values === null) continue;
			for (const order of product(orders))
				judge(program, fixed, { reads, chosen, order, values, candidate }, result);
		}
	}
	return result;
}

interface Candidate {
	readonly reads: readonly number[];
	readonly chosen: readonly number[];
	readonly order: readonly (readonly number[])[];
	readonly values: readonly number[];
	readonly candidate: (fixed: Fixed, execution: Execution) => void;
}

function judge(
	program: LitmusProgram,
	fixed: Fixed,
	{ reads, chosen, order, values, candidate }: Candidate,
	result: { executions: number; states: Set<string>; flags: Set<string>; scStates: Set<string> },
): void {
	const { structure } = fixed;
	const { space: s, ext } = structure;
	s.release(0);
	const rf = s.empty();
	for (const [i, r] of reads.entries()) s.add(rf, chosen[i] as number, r);
	const co = s.empty();
	for (const writes of order) {
		writes.forEach((a, i) => {
			for (const b of writes.slice(i + 1)) s.add(co, a, b);
		});
	}
	const fr = s.sequence(s.inverse(rf), co);
	const com = s.union(rf, co, fr);
	if (!s.isAcyclic(s.union(fixed.poLoc, com))) return;
	const between = s.sequence(s.intersect(fr, ext), s.intersect(co, ext));
	if (!s.isEmpty(s.intersect(structure.rmw, between))) return;
	const state = finalState(program, structure, order, values);
	const copy = { rf: s.keep(rf), co: s.keep(co) };
	const sequential = s.isAcyclic(s.union(structure.po, com));
	s.release(0);
	if (sequential && lockedInOrder(structure, copy.rf)) result.scStates.add(state);
	candidate(fixed, copy);
	if (typeof derive(fixed, copy) === 'string') return;
	s.release(0);
	const judged = judgePlain(fixed, copy);
	if (!judged.coherent) return;
	result.executions++;
	result.states.add(state);
	for (const flag of [...judged.flags, ...textFlags(fixed)]) result.flags.add(flag);
}

/** Locks are read as unlocked only: always so by construction of the sources. */
function lockedInOrder(structure: EventStructure, rf: Relation): boolean {
	return structure.events.every(
		(e, i) =>
			(e.tags & LKR) === 0 ||
			structure.events.some((w, j) => (w.tags & (IW | UL)) !== 0 && structure.space.has(rf, j, i)),
	);
}

function possibleSources(structure: EventStructure, read: number): readonly number[] {
	const r = structure.events[read];
	return structure.events.flatMap((w, i) => {
		if ((w.tags & W) === 0 || w.location !== r?.location) return [];
		if (((r?.tags ?? 0) & (LKR | RU)) !== 0 && (w.tags & (IW | UL)) === 0) return [];
		if (((r?.tags ?? 0) & LF) !== 0 && (w.tags & LKW) === 0) return [];
		return [i];
	});
}

function longestOrder(structure: EventStructure): number {
	const counts = new Map<number, number>();
	for (const { tags, location } of structure.events) {
		if ((tags & W) === 0 || (tags & IW) !== 0 || location === null) continue;
		counts.set(location, (counts.get(location) ?? 0) + 1);
	}
	return Math.max(0, ...counts.values());
}

function coherenceOrders(
	structure: EventStructure,
	location: LocationIndex,
): readonly (readonly number[])[] {
	const writes = structure.events.flatMap((e, i) =>
		(e.tags & W) !== 0 && e.location === location ? [i] : [],
	);
	const initial = writes.slice(0, 1);
	return permutations(writes.slice(1)).map((rest) => [...initial, ...rest]);
}

/** Values of all events, or null when a constraint fails or a value never settles. */
function solve(
	structure: EventStructure,
	reads: readonly number[],
	chosen: readonly number[],
): readonly number[] | null {
	const fixed = new Map<number, number>();
	for (;;) {
		const values = settle(structure, { reads, chosen, fixed });
		const open = reads.find((r) => values[r] === null);
		if (open === undefined) {
			const known = (thread: number) => (local: number) =>
				values[structure.placed[thread]?.[local] ?? -1] ?? null;
			const consistent = structure.runs.every((run, thread) =>
				run.constraints.every((c) => evaluate(c, known(thread)) !== 0),
			);
			return consistent ? values.map((v) => v ?? 0) : null;
		}
		if (!copiesInCircle(structure, { reads, chosen, start: open })) return null;
		fixed.set(open, SYMBOLIC_BASE + open);
	}
}

/** Values that follow from the sources, given those of some reads. */
function settle(
	structure: EventStructure,
	{
		reads,
		chosen,
		fixed,
	}: { reads: readonly number[]; chosen: readonly number[]; fixed: ReadonlyMap<number, number> },
): readonly (number | null)[] {
	const values: (number | null)[] = structure.events.map((_, i) => fixed.get(i) ?? null);
	for (let round = 0; round <= structure.events.length; round++) {
		structure.events.forEach((e, i) => {
			if (e.value === null) return;
			const known = (local: number) => values[structure.placed[e.thread]?.[local] ?? -1] ?? null;
			values[i] = typeof e.value === 'number' ? e.value : evaluate(e.value, known);
		});
		reads.forEach((r, i) => {
			values[r] = fixed.get(r) ?? values[chosen[i] as number] ?? null;
		});
	}
	return values;
}

/** Whether a read gets back what it hands on, through unconstrained copies only: a value out of thin air. */
function copiesInCircle(
	structure: EventStructure,
	{ reads, chosen, start }: { reads: readonly number[]; chosen: readonly number[]; start: number },
): boolean {
	let read = start;
	for (let step = 0; step <= reads.length; step++) {
		const thread = structure.events[read]?.thread ?? -1;
		const local = structure.placed[thread]?.indexOf(read) ?? -1;
		if (structure.runs[thread]?.constraints.some((c) => mentions(c, local))) return false;
		const write = structure.events[chosen[reads.indexOf(read)] as number];
		if (write === undefined || write.value === null || typeof write.value === 'number')
			return false;
		if (!('read' in write.value)) return false;
		read = structure.placed[write.thread]?.[write.value.read] ?? -1;
		if (read === start) return true;
	}
	return false;
}

function mentions(value: SymbolicValue, read: number): boolean {
	if (typeof value === 'number') return false;
	if ('read' in value) return value.read === read;
	return mentions(value.left, read) || mentions(value.right, read);
}

function finalState(
	program: LitmusProgram,
	structure: EventStructure,
	order: readonly (readonly number[])[],
	values: readonly number[],
): string {
	return program.observed
		.map((o) => {
			if (o.kind === 'location')
				return `${o.location}=${values[order[o.location]?.at(-1) ?? -1] ?? 0}`;
			const value = structure.runs[o.thread]?.registers.get(o.name) ?? 0;
			return `${o.thread}:${o.name}=${evaluate(value, (l) => values[structure.placed[o.thread]?.[l] ?? -1] ?? 0)}`;
		})
		.sort()
		.join(' ');
}

function* product<T>(lists: readonly (readonly T[])[]): Generator<readonly T[]> {
	const [first, ...rest] = lists;
	if (first === undefined) {
		yield [];
		return;
	}
	for (const one of first) for (const others of product(rest)) yield [one, ...others];
}

function permutations(list: readonly number[]): readonly (readonly number[])[] {
	if (list.length < 2) return [list];
	return list.flatMap((first, i) =>
		permutations([...list.slice(0, i), ...list.slice(i + 1)]).map((rest) => [first, ...rest]),
	);
}
