/**
 * Coherence while it is being decided: per depth of the search a partial order of the writes of each location, kept
 * transitive and closed under the atomicity of read-modify-writes, together with what the axioms said last.
 *
 * Invariant: what a level orders is ordered so in every completion of the branch it stands for.
 */
import type { Relation, RelationSpace } from '../../base/relation.js';
import type { LocationIndex } from './litmus_program.js';
import { type ReadNode, writesByLocation } from './read_sources.js';
import type { EventStructure, PlacedEvent } from './structure.js';
import type { Combination } from './symmetry.js';

export interface Level {
	readonly co: Relation;
	readonly inverse: Relation;
	/** hb^+ as of the last evaluation of the axioms on the way here. */
	readonly hb: Relation;
	/** `Derived.late` of then, inverted: what an event must not come before. */
	readonly late: Relation;
}

export class Coherence {
	readonly writesAt: ReadonlyMap<LocationIndex, readonly number[]>;
	readonly #events: readonly PlacedEvent[];
	readonly #space: RelationSpace;
	readonly #placed: EventStructure['placed'];
	readonly #levels: Level[] = [];
	#changed = false;

	constructor(structure: EventStructure) {
		this.#events = structure.events;
		this.#space = structure.space;
		this.#placed = structure.placed;
		this.writesAt = writesByLocation(structure);
	}

	level(depth: number): Level {
		let level = this.#levels[depth];
		if (level === undefined) {
			const create = (): Relation => this.#space.create();
			level = { co: create(), inverse: create(), hb: create(), late: create() };
			this.#levels[depth] = level;
		}
		return level;
	}

	/** Makes a level what the one above it is. */
	copyDown(depth: number): Level {
		const from = this.level(depth - 1);
		const to = this.level(depth);
		to.co.set(from.co);
		to.inverse.set(from.inverse);
		to.hb.set(from.hb);
		to.late.set(from.late);
		return to;
	}

	/**
	 * What holds from the start: initial writes first, program order per location, and the order of equal threads. False
	 * on a cycle.
	 */
	begin(ordered: Combination['ordered']): boolean {
		for (const writes of this.writesAt.values()) {
			for (const a of writes) {
				for (const b of writes) {
					const before = this.#events[a] as PlacedEvent;
					const after = this.#events[b] as PlacedEvent;
					if (a >= b || (before.thread !== -1 && before.thread !== after.thread)) continue;
					if (!this.order(0, a, b)) return false;
				}
			}
		}
		for (const { threads, write } of ordered) {
			for (const [i, thread] of threads.slice(1).entries()) {
				const before = this.#placed[threads[i] as number]?.[write] as number;
				if (!this.order(0, before, this.#placed[thread]?.[write] as number)) return false;
			}
		}
		return true;
	}

	/** Adds a → b to co and closes it; false on a cycle. */
	order(depth: number, a: number, b: number): boolean {
		const { co, inverse } = this.level(depth);
		const space = this.#space;
		if (a === b || space.has(co, b, a)) return false;
		if (space.has(co, a, b)) return true;
		this.#changed = true;
		const { words } = space;
		const writes =
			this.writesAt.get((this.#events[a] as PlacedEvent).location as LocationIndex) ?? [];
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
	closeAtomics(depth: number, atomics: readonly ReadNode[], source: Int32Array): boolean {
		const { co } = this.level(depth);
		const space = this.#space;
		do {
			this.#changed = false;
			for (const node of atomics) {
				const from = source[node.event] as number;
				const { partner } = node;
				const writes =
					this.writesAt.get((this.#events[partner] as PlacedEvent).location as LocationIndex) ?? [];
				for (const w of writes) {
					if (w === from || w === partner) continue;
					if (space.has(co, from, w) && !this.order(depth, partner, w)) return false;
					if (space.has(co, w, partner) && !this.order(depth, w, from)) return false;
				}
			}
		} while (this.#changed);
		return true;
	}

	/** The write that all others of its location precede, or null while there is none. */
	lastWrite(depth: number, location: LocationIndex): number | null {
		const { co } = this.level(depth);
		const writes = this.writesAt.get(location) ?? [];
		return writes.find((w) => writes.every((v) => v === w || this.#space.has(co, v, w))) ?? null;
	}

	/**
	 * Two writes whose order is open; a pair of which one order is impossible by `mayPrecede` if there is one. Null when all
	 * is decided.
	 */
	undecided(
		depth: number,
		mayPrecede: (a: number, b: number) => boolean,
	): readonly [number, number] | null {
		const { co } = this.level(depth);
		let open: readonly [number, number] | null = null;
		for (const writes of this.writesAt.values()) {
			for (const [i, a] of writes.entries()) {
				for (const b of writes.slice(i + 1)) {
					if (this.#space.has(co, a, b) || this.#space.has(co, b, a)) continue;
					if (!mayPrecede(a, b) || !mayPrecede(b, a)) return [a, b];
					open ??= [a, b];
				}
			}
		}
		return open;
	}
}
