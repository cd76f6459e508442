/**
 * Binary relations over a small set of events as bit matrices, with the operators of the cat language under plain
 * names: `union`, `sequence` (;), `inverse` (^-1), `plus` (^+), `star` (*), `maybe` (?), `restrict` ([A];r;[B]).
 *
 * Layout: event i's successors are `words` 32-bit words at [i × words, (i+1) × words); bit j of the row says i → j.
 *
 *     size 40, words 2:   row 0: w0 w1 | row 1: w0 w1 | … | row 39: w0 w1
 *
 * Results live in a pool that belongs to the space: take a `mark()` before a computation and `release()` it after;
 * what must outlive the release is copied with `keep()`.
 *
 * Invariant: bits at or beyond `size` are zero. Invariant: no operator changes its operands.
 */

/** Rows of a bit matrix; see the file's comment. */
export type Relation = Uint32Array;
/** One row: a set of events. */
export type EventSet = Uint32Array;

/** Words that were given up, by length: making typed arrays costs more than filling them. */
const SPARE = new Map<number, Relation[]>();
const SPARE_MAX = 1024;

/** The relations over events 0 … size-1. */
export class RelationSpace {
	readonly size: number;
	readonly words: number;
	readonly #length: number;
	readonly #pool: Relation[] = [];
	readonly #kept: Relation[] = [];
	#next = 0;

	constructor(size: number) {
		this.size = size;
		this.words = Math.max(1, (size + 31) >>> 5);
		this.#length = size * this.words;
	}

	/** A point to release to: relations made after it are recycled. */
	mark(): number {
		return this.#next;
	}

	release(mark: number): void {
		this.#next = mark;
	}

	/** A space for relations over fewer events. */
	ofSize(size: number): RelationSpace {
		return new RelationSpace(size);
	}

	/** The relation itself, under a name for whoever records how relations came about (`TracedSpace`). */
	named(_name: string, r: Relation): Relation {
		return r;
	}

	/** A copy outside the pool. */
	keep(r: Relation): Relation {
		const made = this.#take(this.#length);
		made.set(r);
		return made;
	}

	/** A zeroed relation outside the pool. */
	create(): Relation {
		return this.#take(this.#length).fill(0);
	}

	/** An empty set of events (never pooled). */
	createSet(): EventSet {
		return this.#take(this.words).fill(0);
	}

	/** Gives all its relations and sets up to spaces that are made later: none of them is looked at any more. */
	giveBack(): void {
		for (const r of [...this.#pool, ...this.#kept]) {
			const spare = SPARE.get(r.length) ?? [];
			SPARE.set(r.length, spare);
			if (spare.length < SPARE_MAX) spare.push(r);
		}
		this.#pool.length = 0;
		this.#kept.length = 0;
		this.#next = 0;
	}

	/** Words outside the pool with undefined contents. */
	#take(length: number): Relation {
		const made = SPARE.get(length)?.pop() ?? new Uint32Array(length);
		this.#kept.push(made);
		return made;
	}

	/** A pooled relation with undefined contents. */
	#fresh(): Relation {
		const found = this.#pool[this.#next++];
		if (found !== undefined) return found;
		const made = SPARE.get(this.#length)?.pop() ?? new Uint32Array(this.#length);
		this.#pool.push(made);
		return made;
	}

	/** The empty relation. */
	empty(): Relation {
		return this.#fresh().fill(0);
	}

	/** The identity on a set: [A]. */
	identity(set: EventSet): Relation {
		const out = this.empty();
		for (let i = 0; i < this.size; i++) if (setHas(set, i)) this.add(out, i, i);
		return out;
	}

	/** A × B. */
	product(a: EventSet, b: EventSet): Relation {
		const { words, size } = this;
		const out = this.empty();
		for (let i = 0; i < size; i++) if (setHas(a, i)) out.set(b, i * words);
		return out;
	}

	add(r: Relation, from: number, to: number): void {
		const at = from * this.words + (to >>> 5);
		r[at] = (r[at] as number) | (1 << (to & 31));
	}

	has(r: Relation, from: number, to: number): boolean {
		return (((r[from * this.words + (to >>> 5)] as number) >>> (to & 31)) & 1) === 1;
	}

	union(a: Relation, ...rest: readonly Relation[]): Relation {
		const out = this.#fresh();
		out.set(a);
		for (const b of rest) {
			for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) | (b[i] as number);
		}
		return out;
	}

	intersect(a: Relation, b: Relation): Relation {
		const out = this.#fresh();
		for (let i = 0; i < out.length; i++) out[i] = (a[i] as number) & (b[i] as number);
		return out;
	}

	/** a \ b. */
	difference(a: Relation, b: Relation): Relation {
		const out = this.#fresh();
		for (let i = 0; i < out.length; i++) out[i] = (a[i] as number) & ~(b[i] as number);
		return out;
	}

	/** a \ id. */
	irreflexivePart(a: Relation): Relation {
		const out = this.#fresh();
		out.set(a);
		for (let i = 0; i < this.size; i++) {
			const at = i * this.words + (i >>> 5);
			out[at] = (out[at] as number) & ~(1 << (i & 31));
		}
		return out;
	}

	/** [from] ; r ; [to]; null stands for all events. */
	restrict(from: EventSet | null, r: Relation, to: EventSet | null): Relation {
		const { words, size } = this;
		const out = this.#fresh();
		for (let i = 0, at = 0; i < size; i++) {
			const inside = from === null || setHas(from, i);
			for (let w = 0; w < words; w++, at++) {
				const bits = inside ? (r[at] as number) : 0;
				out[at] = to === null ? bits : bits & (to[w] as number);
			}
		}
		return out;
	}

	/** a ; b. */
	sequence(a: Relation, b: Relation): Relation {
		const { words, size } = this;
		const out = this.#fresh();
		if (words === 1) {
			for (let i = 0; i < size; i++) {
				let row = 0;
				for (let bits = a[i] as number; bits !== 0; bits &= bits - 1) {
					row |= b[31 - Math.clz32(bits & -bits)] as number;
				}
				out[i] = row;
			}
			return out;
		}
		out.fill(0);
		for (let i = 0, at = 0; i < size; i++, at += words) {
			for (let w = 0; w < words; w++) {
				for (let bits = a[at + w] as number; bits !== 0; bits &= bits - 1) {
					const row = (w * 32 + 31 - Math.clz32(bits & -bits)) * words;
					for (let v = 0; v < words; v++)
						out[at + v] = (out[at + v] as number) | (b[row + v] as number);
				}
			}
		}
		return out;
	}

	/** first ; second ; third ; … */
	chain(first: Relation, ...rest: readonly Relation[]): Relation {
		let out = first;
		for (const next of rest) out = this.sequence(out, next);
		return out;
	}

	inverse(a: Relation): Relation {
		const { words, size } = this;
		const out = this.empty();
		for (let i = 0, at = 0; i < size; i++) {
			for (let w = 0; w < words; w++, at++) {
				for (let bits = a[at] as number; bits !== 0; bits &= bits - 1) {
					this.add(out, w * 32 + 31 - Math.clz32(bits & -bits), i);
				}
			}
		}
		return out;
	}

	/** Transitive closure (Warshall on bit rows). */
	plus(a: Relation): Relation {
		const { words, size } = this;
		const out = this.#fresh();
		out.set(a);
		if (words === 1) {
			for (let k = 0; k < size; k++) {
				const via = out[k] as number;
				if (via === 0) continue;
				for (let i = 0; i < size; i++) {
					const row = out[i] as number;
					if ((row >>> k) & 1) out[i] = row | via;
				}
			}
			return out;
		}
		for (let k = 0; k < size; k++) {
			const word = k >>> 5;
			const bit = k & 31;
			const via = k * words;
			if (this.#isEmptyRow(out, via)) continue;
			for (let at = 0; at < out.length; at += words) {
				if ((((out[at + word] as number) >>> bit) & 1) === 0) continue;
				for (let v = 0; v < words; v++)
					out[at + v] = (out[at + v] as number) | (out[via + v] as number);
			}
		}
		return out;
	}

	#isEmptyRow(r: Relation, at: number): boolean {
		for (let v = 0; v < this.words; v++) if (r[at + v] !== 0) return false;
		return true;
	}

	/** r? : r or the identity on all events. */
	maybe(a: Relation): Relation {
		const out = this.#fresh();
		out.set(a);
		for (let i = 0; i < this.size; i++) this.add(out, i, i);
		return out;
	}

	/** Reflexive transitive closure over all events. */
	star(a: Relation): Relation {
		const out = this.plus(a);
		for (let i = 0; i < this.size; i++) this.add(out, i, i);
		return out;
	}

	isEmpty(a: Relation): boolean {
		for (let i = 0; i < a.length; i++) if (a[i] !== 0) return false;
		return true;
	}

	equal(a: Relation, b: Relation): boolean {
		for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
		return true;
	}

	isIrreflexive(a: Relation): boolean {
		for (let i = 0; i < this.size; i++) if (this.has(a, i, i)) return false;
		return true;
	}

	isAcyclic(a: Relation): boolean {
		const mark = this.mark();
		const result = this.isIrreflexive(this.plus(a));
		this.release(mark);
		return result;
	}

	/** `r` between `members` alone, in a space of their number. */
	project(r: Relation, members: readonly number[], small: RelationSpace): Relation {
		const out = small.empty();
		for (let i = 0; i < members.length; i++) {
			for (let j = 0; j < members.length; j++) {
				if (this.has(r, members[i] as number, members[j] as number)) small.add(out, i, j);
			}
		}
		return out;
	}

	/** The inverse of `project`: `r` of the small space as a relation between `members`. */
	lift(r: Relation, members: readonly number[], small: RelationSpace): Relation {
		const out = this.empty();
		for (const [i, j] of small.pairs(r)) {
			this.add(out, members[i] as number, members[j] as number);
		}
		return out;
	}

	/** Events with a successor. */
	domain(a: Relation): EventSet {
		const out = this.createSet();
		for (let i = 0, at = 0; i < this.size; i++) {
			for (let w = 0; w < this.words; w++, at++) {
				if (a[at] !== 0) setAdd(out, i);
			}
		}
		return out;
	}

	/** Events with a predecessor. */
	range(a: Relation): EventSet {
		const out = this.createSet();
		for (let at = 0; at < a.length; at++) {
			const w = at % this.words;
			out[w] = (out[w] as number) | (a[at] as number);
		}
		return out;
	}

	/** The pairs, in order of source then target. */
	pairs(a: Relation): readonly (readonly [number, number])[] {
		const out: (readonly [number, number])[] = [];
		for (let i = 0; i < this.size; i++) {
			for (let j = 0; j < this.size; j++) if (this.has(a, i, j)) out.push([i, j]);
		}
		return out;
	}
}

export function setAdd(set: EventSet, event: number): void {
	set[event >>> 5] = (set[event >>> 5] as number) | (1 << (event & 31));
}

export function setHas(set: EventSet, event: number): boolean {
	return (((set[event >>> 5] as number) >>> (event & 31)) & 1) === 1;
}

export function setDifference(a: EventSet, b: EventSet): EventSet {
	return a.map((word, i) => word & ~(b[i] as number));
}

export function setIntersect(a: EventSet, b: EventSet): EventSet {
	return a.map((word, i) => word & (b[i] as number));
}
