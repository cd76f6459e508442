/**
 * The consistent executions of one event structure: reads-from read by read (the one with fewest sources left first),
 * then coherence pair by pair, giving up a branch as soon as an axiom is broken by what has been decided. Each leaf
 * is a different (rf, co), so every execution is visited once, and coherence is kept closed under what SC per location
 * and atomicity force, so that few branches die late.
 *
 * A read may take a write whose value is not known yet (load buffering): values flow along rf when they can, and a
 * constraint of a thread's run is checked once its reads have values. A cycle of copies out of thin air has no number;
 * it gets a symbolic value, as in herd7. Other cycles of values are no executions.
 *
 * Invariant: `co` is transitive and holds for every completion of the branch.
 */

import { type Relation, setHas } from '../../base/relation.js';
import { assert } from '../../base/unreachable.js';
import type { LocationIndex } from '../litmus_program.js';
import { derive, type Fixed, type Flag } from './axioms.js';
import { possibleValues } from './contents.js';
import * as tag from './event.js';
import { judgePlain, textFlags } from './plain.js';
import type { PlacedEvent } from './structure.js';
import type { Combination } from './symmetry.js';
import { collectReads, evaluate, type Value } from './value.js';

/** Askings at one depth before it is known whether they are worth it; of the skipped, one in so many is made. */
const PROBES = 16;
/** Refusals rarer than one in so many are not worth asking for. */
const RARELY = 24;

/** Values from here on stand for numbers out of thin air. */
export const SYMBOLIC_BASE = 2 ** 51;

/** A consistent execution, valid during the visit. */
export interface CompleteExecution {
	readonly fixed: Fixed;
	readonly rf: Relation;
	readonly co: Relation;
	readonly flags: readonly Flag[];
	readonly races: readonly (readonly [number, number])[];
	/** Value of a register at the end of its thread. */
	register(thread: number, name: string): number;
	/** Value of the co-last write, or null when nothing accesses the location. */
	location(location: LocationIndex): number | null;
}

/** What is known of an execution while it is being built; null: not decided. */
export interface PartialView {
	register(thread: number, name: string): number | null;
	location(location: LocationIndex): number | null;
}

export interface SearchHooks {
	/** Called once per consistent execution; false stops the search. */
	visit(execution: CompleteExecution): boolean;
	/** False gives up a branch (a `filter` that is already false). */
	plausible(view: PartialView): boolean;
	/** Called at every decision; false stops the search (a limit). */
	proceed(): boolean;
}

interface Constraint {
	readonly value: Value;
	readonly thread: number;
	readonly reads: readonly number[];
}

interface ReadNode {
	readonly event: number;
	readonly sources: readonly number[];
	/** Writes and reads of its location in its thread, before and after it. */
	readonly writesBefore: readonly number[];
	readonly writesAfter: readonly number[];
	readonly readsBefore: readonly number[];
	readonly readsAfter: readonly number[];
	/** The write it forms a read-modify-write with, or -1. */
	readonly partner: number;
}

interface Level {
	readonly co: Relation;
	readonly inverse: Relation;
	/** hb^+ as of the last evaluation of the axioms on the way here. */
	readonly hb: Relation;
	/** `Derived.late` of then, inverted: what an event must not come before. */
	readonly late: Relation;
}

/** Visits every consistent execution whose equal threads come in order; false when a hook stopped it. */
export function search(fixed: Fixed, ordered: Combination['ordered'], hooks: SearchHooks): boolean {
	return new Search(fixed, hooks).run(ordered);
}

class Search {
	readonly #fixed: Fixed;
	readonly #hooks: SearchHooks;
	readonly #events: readonly PlacedEvent[];
	readonly #words: number;
	readonly #reads: ReadNode[] = [];
	/** By event: its ReadNode. */
	readonly #nodeOf: (ReadNode | undefined)[] = [];
	readonly #writesAt = new Map<LocationIndex, number[]>();
	/** By event: the writes whose value, the constraints whose truth, depends on it. */
	readonly #dependents: number[][];
	readonly #constrained: Constraint[][];
	readonly #textFlags: readonly Flag[];
	readonly #rf: Relation;
	readonly #source: Int32Array;
	readonly #values: (number | null)[];
	readonly #trail: number[] = [];
	/** Reads that form read-modify-writes and have a source, by their event. */
	readonly #atomics: ReadNode[] = [];
	/** What is decided and known, one per depth of the search. */
	readonly #levels: Level[] = [];
	#changed = false;
	/** By depth: how often the axioms were asked there, and how often they refused. */
	readonly #asked: number[] = [];
	readonly #refused: number[] = [];
	#skipped = 0;

	constructor(fixed: Fixed, hooks: SearchHooks) {
		this.#fixed = fixed;
		this.#hooks = hooks;
		const { structure } = fixed;
		this.#events = structure.events;
		this.#words = structure.space.words;
		const n = this.#events.length;
		this.#textFlags = textFlags(fixed);
		this.#rf = structure.space.create();
		this.#source = new Int32Array(n).fill(-1);
		this.#values = this.#events.map((e) => (typeof e.value === 'number' ? e.value : null));
		this.#dependents = this.#events.map(() => []);
		this.#constrained = this.#events.map(() => []);
		this.#events.forEach((e, i) => {
			if ((e.tags & tag.W) === 0) return;
			const list = this.#writesAt.get(e.location as LocationIndex) ?? [];
			list.push(i);
			this.#writesAt.set(e.location as LocationIndex, list);
			for (const read of this.#readsOf(e.value ?? 0, e.thread)) this.#dependents[read]?.push(i);
		});
		structure.runs.forEach((run, thread) => {
			for (const value of run.constraints) {
				const reads = this.#readsOf(value, thread);
				for (const read of reads) this.#constrained[read]?.push({ value, thread, reads });
			}
		});
		this.#events.forEach((e, i) => {
			if ((e.tags & tag.R) === 0) return;
			const node = this.#node(e, i);
			this.#reads.push(node);
			this.#nodeOf[i] = node;
		});
	}

	run(ordered: Combination['ordered']): boolean {
		if (this.#reads.some((r) => r.sources.length === 0)) return true;
		const level = this.#level(0);
		for (const relation of [level.co, level.inverse, level.hb, level.late]) relation.fill(0);
		for (const writes of this.#writesAt.values()) {
			for (const a of writes) {
				for (const b of writes) {
					const before = this.#events[a] as PlacedEvent;
					const after = this.#events[b] as PlacedEvent;
					if (a >= b || (before.thread !== -1 && before.thread !== after.thread)) continue;
					if (!this.#order(0, a, b)) return true;
				}
			}
		}
		const { placed } = this.#fixed.structure;
		for (const { threads, write } of ordered) {
			for (const [i, thread] of threads.slice(1).entries()) {
				const before = placed[threads[i] as number]?.[write] as number;
				if (!this.#order(0, before, placed[thread]?.[write] as number)) return true;
			}
		}
		return this.#decideSources(0, this.#reads, false);
	}

	// Set-up.

	#readsOf(value: Value, thread: number): readonly number[] {
		const reads = new Set<number>();
		collectReads(value, reads);
		const placed = this.#fixed.structure.placed[thread];
		return [...reads].map((r) => placed?.[r] as number);
	}

	#node(event: PlacedEvent, index: number): ReadNode {
		const sameThread = this.#events.flatMap((e, i) =>
			e.thread === event.thread && e.location === event.location && i !== index ? [i] : [],
		);
		const of = (set: number, before: boolean): number[] =>
			sameThread.filter(
				(i) => ((this.#events[i] as PlacedEvent).tags & set) !== 0 && i < index === before,
			);
		const writesAfter = of(tag.W, false);
		const writes = this.#writesAt.get(event.location as LocationIndex) ?? [];
		return {
			event: index,
			writesBefore: of(tag.W, true),
			writesAfter,
			readsBefore: of(tag.R, true),
			readsAfter: of(tag.R, false),
			partner: this.#events.findIndex((e) => e.rmw === index),
			sources: writes.filter(
				(w) =>
					!writesAfter.includes(w) &&
					this.#mayRead(event, index, w) &&
					this.#valuePossible(event, index, w),
			),
		};
	}

	/** What lock.cat says about who reads from whom; other reads may take any write. */
	#mayRead(event: PlacedEvent, index: number, write: number): boolean {
		const w = this.#events[write] as PlacedEvent;
		const external = w.thread !== event.thread;
		if ((event.tags & tag.LKR) !== 0) return (w.tags & (tag.IW | tag.UL)) !== 0;
		if ((event.tags & tag.RU) !== 0) return (w.tags & (tag.IW | tag.UL)) !== 0;
		if ((event.tags & tag.LF) === 0) return true;
		if ((w.tags & tag.LKW) === 0) return false;
		const holder = this.#holder(event, index);
		return holder === null ? external : holder === write;
	}

	/** The lock write whose critical section of the same thread the event is in, or null. */
	#holder(event: PlacedEvent, index: number): number | null {
		for (let i = index - 1; i >= 0; i--) {
			const e = this.#events[i] as PlacedEvent;
			if (e.thread !== event.thread || e.location !== event.location) continue;
			if ((e.tags & tag.UL) !== 0) return null;
			if ((e.tags & tag.LKW) !== 0) return i;
		}
		return null;
	}

	#valuePossible(event: PlacedEvent, index: number, write: number): boolean {
		const { placed, runs, events } = this.#fixed.structure;
		const wanted =
			runs[event.thread]?.possible.get(placed[event.thread]?.indexOf(index) ?? -1) ?? null;
		if (wanted === null) return true;
		const w = events[write] as PlacedEvent;
		const run = runs[w.thread];
		const values =
			w.thread < 0 || run === undefined
				? [w.value as number]
				: possibleValues(w.value ?? 0, run.possible);
		return values === null || values.some((v) => wanted.has(v));
	}

	// Reads-from.

	/** `fresh`: the axioms hold for what is decided, and the level knows what follows. */
	#decideSources(depth: number, left: readonly ReadNode[], fresh: boolean): boolean {
		if (left.length === 0) return this.#decideOrder(depth, fresh);
		if (!this.#hooks.proceed()) return false;
		let best: readonly number[] | null = null;
		let chosen: ReadNode | null = null;
		for (const node of left) {
			const viable = node.sources.filter((w) => this.#viable(depth, node, w));
			if (best === null || viable.length < best.length) {
				best = viable;
				chosen = node;
			}
			if (best.length < 2) break;
		}
		assert(best !== null && chosen !== null, 'a read to decide');
		// What is forced is decided at once; before a choice the axioms are asked, which may leave less to choose.
		if (best.length > 1 && !fresh && this.#worthAsking(depth)) {
			return this.#refresh(depth) ? this.#decideSources(depth, left, true) : true;
		}
		const rest = left.filter((n) => n !== chosen);
		for (const write of best) {
			const mark = this.#trail.length;
			const ok =
				this.#assign(depth + 1, chosen, write) && this.#hooks.plausible(this.#view(depth + 1));
			const on = ok ? this.#decideSources(depth + 1, rest, false) : true;
			this.#unassign(chosen, write, mark);
			if (!on) return false;
		}
		return true;
	}

	/** Quick test that a source does not contradict what is decided. */
	#viable(depth: number, node: ReadNode, write: number): boolean {
		const { co, hb, late } = this.#level(depth);
		const { space } = this.#fixed.structure;
		if (space.has(hb, node.event, write) && this.#bothMarked(node.event, write)) return false;
		const words = this.#words;
		for (let i = 0; i < words; i++) {
			const overwriting = co[write * words + i] as number;
			if ((overwriting & (late[node.event * words + i] as number)) !== 0) return false;
		}
		for (const w of node.writesBefore) if (space.has(co, write, w)) return false;
		for (const w of node.writesAfter) if (space.has(co, w, write)) return false;
		for (const r of node.readsBefore) {
			const w = this.#source[r] as number;
			if (w >= 0 && space.has(co, write, w)) return false;
		}
		for (const r of node.readsAfter) {
			const w = this.#source[r] as number;
			if (w >= 0 && space.has(co, w, write)) return false;
		}
		if (node.partner < 0) return true;
		return this.#atomics.every((other) => this.#source[other.event] !== write);
	}

	/** Makes a read take a write, in a new level of co; false when something is contradicted. */
	#assign(depth: number, node: ReadNode, write: number): boolean {
		this.#copyLevel(depth);
		this.#source[node.event] = write;
		this.#fixed.structure.space.add(this.#rf, write, node.event);
		if (node.partner >= 0) this.#atomics.push(node);
		for (const w of node.writesBefore)
			if (w !== write && !this.#order(depth, w, write)) return false;
		for (const w of node.writesAfter) if (!this.#order(depth, write, w)) return false;
		for (const r of node.readsBefore) {
			const w = this.#source[r] as number;
			if (w >= 0 && w !== write && !this.#order(depth, w, write)) return false;
		}
		for (const r of node.readsAfter) {
			const w = this.#source[r] as number;
			if (w >= 0 && w !== write && !this.#order(depth, write, w)) return false;
		}
		if (!this.#closeAtomics(depth)) return false;
		const value = this.#values[write] ?? null;
		return value === null || this.#learn(node.event, value);
	}

	#unassign(node: ReadNode, write: number, mark: number): void {
		while (this.#trail.length > mark) this.#values[this.#trail.pop() as number] = null;
		if (node.partner >= 0) this.#atomics.pop();
		this.#source[node.event] = -1;
		const at = write * this.#words + (node.event >>> 5);
		this.#rf[at] = (this.#rf[at] as number) & ~(1 << (node.event & 31));
	}

	/** Records the value of a read and what follows from it; false when a constraint fails. */
	#learn(read: number, value: number): boolean {
		if (this.#values[read] !== null) return true;
		this.#values[read] = value;
		this.#trail.push(read);
		for (const c of this.#constrained[read] ?? []) {
			if (this.#evaluate(c.value, c.thread) === 0) return false;
		}
		for (const write of this.#dependents[read] ?? []) {
			if (this.#values[write] !== null) continue;
			const e = this.#events[write] as PlacedEvent;
			const stored = this.#evaluate(e.value ?? 0, e.thread);
			if (stored === null) continue;
			this.#values[write] = stored;
			this.#trail.push(write);
			for (const node of this.#reads) {
				if (this.#source[node.event] === write && !this.#learn(node.event, stored)) return false;
			}
		}
		return true;
	}

	#evaluate(value: Value, thread: number): number | null {
		const placed = this.#fixed.structure.placed[thread];
		return evaluate(value, (read) => this.#values[placed?.[read] as number] ?? null);
	}

	// Coherence.

	#level(depth: number): Level {
		let level = this.#levels[depth];
		if (level === undefined) {
			const { space } = this.#fixed.structure;
			level = {
				co: space.create(),
				inverse: space.create(),
				hb: space.create(),
				late: space.create(),
			};
			this.#levels[depth] = level;
		}
		return level;
	}

	#copyLevel(depth: number): void {
		const from = this.#level(depth - 1);
		const to = this.#level(depth);
		to.co.set(from.co);
		to.inverse.set(from.inverse);
		to.hb.set(from.hb);
		to.late.set(from.late);
	}

	/** Asks the axioms about what is decided; false when one is broken. */
	#refresh(depth: number): boolean {
		const level = this.#level(depth);
		const { space } = this.#fixed.structure;
		const mark = space.mark();
		const derived = derive(this.#fixed, { rf: this.#rf, co: level.co });
		if (typeof derived !== 'string') {
			level.hb.set(derived.hbPlus);
			level.late.set(space.inverse(derived.late));
		}
		space.release(mark);
		this.#asked[depth] = (this.#asked[depth] ?? 0) + 1;
		if (typeof derived === 'string') this.#refused[depth] = (this.#refused[depth] ?? 0) + 1;
		return typeof derived !== 'string';
	}

	/**
	 * Whether to ask the axioms at a choice: not where they nearly always had nothing against the branch. (Every execution
	 * is judged by them in the end; this only says how early.)
	 */
	#worthAsking(depth: number): boolean {
		const asked = this.#asked[depth] ?? 0;
		if (asked < PROBES || (this.#refused[depth] ?? 0) * RARELY >= asked) return true;
		this.#skipped++;
		return this.#skipped % PROBES === 0;
	}

	#bothMarked(a: number, b: number): boolean {
		return setHas(this.#fixed.marked, a) && setHas(this.#fixed.marked, b);
	}

	/** Adds a → b to co and closes it; false on a cycle. */
	#order(depth: number, a: number, b: number): boolean {
		const { co, inverse } = this.#level(depth);
		const { space } = this.#fixed.structure;
		if (a === b || space.has(co, b, a)) return false;
		if (space.has(co, a, b)) return true;
		this.#changed = true;
		const words = this.#words;
		const writes =
			this.#writesAt.get((this.#events[a] as PlacedEvent).location as LocationIndex) ?? [];
		for (const p of writes) {
			if (p !== a && !space.has(co, p, a)) continue;
			for (let w = 0; w < words; w++) {
				co[p * words + w] = (co[p * words + w] as number) | (co[b * words + w] as number);
			}
			space.add(co, p, b);
		}
		for (const q of writes) {
			if (q !== b && !space.has(inverse, q, b)) continue;
			for (let w = 0; w < words; w++) {
				inverse[q * words + w] =
					(inverse[q * words + w] as number) | (inverse[a * words + w] as number);
			}
			space.add(inverse, q, a);
		}
		return true;
	}

	/** Nothing comes between the source of a read-modify-write and its write. */
	#closeAtomics(depth: number): boolean {
		const { co } = this.#level(depth);
		const { space } = this.#fixed.structure;
		do {
			this.#changed = false;
			for (const node of this.#atomics) {
				const source = this.#source[node.event] as number;
				const { partner } = node;
				const writes =
					this.#writesAt.get((this.#events[partner] as PlacedEvent).location as LocationIndex) ??
					[];
				for (const w of writes) {
					if (w === source || w === partner) continue;
					if (space.has(co, source, w) && !this.#order(depth, partner, w)) return false;
					if (space.has(co, w, partner) && !this.#order(depth, w, source)) return false;
				}
			}
		} while (this.#changed);
		return true;
	}

	#decideOrder(depth: number, fresh: boolean): boolean {
		const pair = this.#undecided(depth);
		if (pair === null) return fresh || this.#refresh(depth) ? this.#complete(depth) : true;
		if (!this.#hooks.proceed()) return false;
		const [a, b] = pair;
		const forward = this.#mayPrecede(depth, a, b);
		const backward = this.#mayPrecede(depth, b, a);
		if (forward && backward && !fresh) {
			return this.#refresh(depth) ? this.#decideOrder(depth, true) : true;
		}
		const orders: (readonly [number, number])[] = [];
		if (forward) orders.push([a, b]);
		if (backward) orders.push([b, a]);
		for (const [first, second] of orders) {
			this.#copyLevel(depth + 1);
			const ok =
				this.#order(depth + 1, first, second) &&
				this.#closeAtomics(depth + 1) &&
				this.#hooks.plausible(this.#view(depth + 1));
			if (ok && !this.#decideOrder(depth + 1, false)) return false;
		}
		return true;
	}

	/** Whether one write may come before another in co as far as the axioms were asked. */
	#mayPrecede(depth: number, a: number, b: number): boolean {
		const { late } = this.#level(depth);
		const { space } = this.#fixed.structure;
		if (space.has(late, a, b)) return false;
		return !this.#reads.some((r) => this.#source[r.event] === a && space.has(late, r.event, b));
	}

	/** Two writes whose order is open; one that is forced if there is one. */
	#undecided(depth: number): readonly [number, number] | null {
		const { co } = this.#level(depth);
		const { space } = this.#fixed.structure;
		let open: readonly [number, number] | null = null;
		for (const writes of this.#writesAt.values()) {
			for (let i = 0; i < writes.length; i++) {
				for (let j = i + 1; j < writes.length; j++) {
					const a = writes[i] as number;
					const b = writes[j] as number;
					if (space.has(co, a, b) || space.has(co, b, a)) continue;
					if (!this.#mayPrecede(depth, a, b) || !this.#mayPrecede(depth, b, a)) return [a, b];
					open ??= [a, b];
				}
			}
		}
		return open;
	}

	// Leaves.

	#view(depth: number): PartialView {
		return {
			register: (thread, name) => {
				const value = this.#fixed.structure.runs[thread]?.registers.get(name) ?? 0;
				return this.#evaluate(value, thread);
			},
			location: (location) => {
				const last = this.#lastWrite(depth, location);
				return last === null ? null : (this.#values[last] ?? null);
			},
		};
	}

	/** The write that all others of its location precede, or null while there is none. */
	#lastWrite(depth: number, location: LocationIndex): number | null {
		const { co } = this.#level(depth);
		const { space } = this.#fixed.structure;
		const writes = this.#writesAt.get(location) ?? [];
		return writes.find((w) => writes.every((v) => v === w || space.has(co, v, w))) ?? null;
	}

	#complete(depth: number): boolean {
		const mark = this.#trail.length;
		const done = this.#values.includes(null) && !this.#thinAir() ? true : this.#emit(depth);
		while (this.#trail.length > mark) this.#values[this.#trail.pop() as number] = null;
		return done;
	}

	/** Gives symbolic values to cycles of copies; false when a value is cyclic otherwise. */
	#thinAir(): boolean {
		for (const node of this.#reads) {
			if (this.#values[node.event] !== null) continue;
			if (!this.#isCopyCycle(node.event)) return false;
			if (!this.#learn(node.event, SYMBOLIC_BASE + node.event)) return false;
		}
		return true;
	}

	#isCopyCycle(start: number): boolean {
		let read = start;
		do {
			if ((this.#constrained[read]?.length ?? 0) > 0) return false;
			const e = this.#events[this.#source[read] as number] as PlacedEvent;
			if (e.value === null || typeof e.value === 'number' || !('read' in e.value)) return false;
			read = this.#fixed.structure.placed[e.thread]?.[e.value.read] as number;
		} while (read !== start && this.#values[read] === null);
		return true;
	}

	#emit(depth: number): boolean {
		const { co } = this.#level(depth);
		const fixed = this.#fixed;
		const judged = judgePlain(fixed, { rf: this.#rf, co });
		if (!judged.coherent) return true;
		const view = this.#view(depth);
		return this.#hooks.visit({
			fixed,
			rf: this.#rf,
			co,
			flags: this.#textFlags.length === 0 ? judged.flags : [...this.#textFlags, ...judged.flags],
			races: judged.races,
			register: (thread, name) => view.register(thread, name) ?? 0,
			location: view.location,
		});
	}
}
