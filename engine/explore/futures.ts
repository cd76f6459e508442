/**
 * What a thread may still touch from where it stands, as far as the search has seen: for each local position the cells
 * read and written by its next step and by all steps behind it.
 *
 * Invariant: after `close`, the set of a position holds the set of every position recorded as its successor.
 */
import { Bits } from '../base/bits.js';
import type { Moves } from '../base/step.js';

/** Index of a (thread, position) pair. */
export type FutureIndex = number;

interface Future {
	readonly reads: Bits;
	readonly writes: Bits;
	readonly predecessors: FutureIndex[];
	/** Round in which the sets last grew. */
	grownIn: number;
}

export class Futures {
	private readonly threads: number;
	private readonly indices = new Map<number, FutureIndex>();
	private readonly futures: Future[] = [];
	private round = 0;
	/** Positions whose sets have grown, or that have a predecessor more, since the last `close`. */
	private readonly grown = new Set<FutureIndex>();

	constructor(threads: number) {
		this.threads = threads;
	}

	/** The index of a thread's position. */
	at(thread: number, position: number): FutureIndex {
		const key = position * this.threads + thread;
		const known = this.indices.get(key);
		if (known !== undefined) return known;
		const index = this.futures.length;
		this.indices.set(key, index);
		const [reads, writes] = [new Bits(), new Bits()];
		this.futures.push({ reads, writes, predecessors: [], grownIn: this.round });
		return index;
	}

	/** Notes what the next step from a position touches in some state. */
	touch(at: FutureIndex, footprint: Pick<Moves<unknown>, 'reads' | 'writes'>): void {
		const future = this.futures[at] as Future;
		let grown = false;
		for (const cell of footprint.reads) grown = future.reads.add(cell) || grown;
		for (const cell of footprint.writes) grown = future.writes.add(cell) || grown;
		if (!grown) return;
		future.grownIn = this.round;
		this.grown.add(at);
	}

	/** Notes that a step leads from one position to another. */
	lead(from: FutureIndex, to: FutureIndex): void {
		const { predecessors } = this.futures[to] as Future;
		if (predecessors.includes(from)) return;
		predecessors.push(from);
		this.grown.add(to);
	}

	/** True if a step with that footprint conflicts with something the position may still do. */
	conflicts(footprint: Pick<Moves<unknown>, 'reads' | 'writes'>, at: FutureIndex): boolean {
		const { reads, writes } = this.futures[at] as Future;
		for (const cell of footprint.writes) if (reads.has(cell) || writes.has(cell)) return true;
		for (const cell of footprint.reads) if (writes.has(cell)) return true;
		return false;
	}

	/** True if the position's set grew in that round or later. */
	grewSince(at: FutureIndex, round: number): boolean {
		return (this.futures[at] as Future).grownIn >= round;
	}

	/** Carries everything back to the positions before, and begins the next round, whose number is returned. */
	close(): number {
		for (const at of this.grown) {
			this.grown.delete(at);
			const { reads, writes, predecessors } = this.futures[at] as Future;
			for (const p of predecessors) {
				const before = this.futures[p] as Future;
				const more = before.reads.union(reads);
				if (!before.writes.union(writes) && !more) continue;
				before.grownIn = this.round;
				this.grown.add(p);
			}
		}
		return ++this.round;
	}
}
