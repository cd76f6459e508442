/**
 * A table of number vectors that gives equal vectors one small id: exact fingerprints without strings. Vectors live end to
 * end in one Float64Array; an open-addressing table of ids finds them by a 32-bit hash and compares every word.
 *
 *     pool    | vector 0 ........ | vector 1 ... | vector 2 ...... |
 *     starts    ^0                  ^1             ^2                ^end
 *
 * Leaves out: removal. A table lives as long as one exploration.
 *
 * Invariant: two ids are equal exactly when their vectors are; ids count up from 0.
 */

export class VectorTable {
	private pool = new Float64Array(1024);
	private starts = new Int32Array(256);
	private hashes = new Int32Array(256);
	private slots = new Int32Array(512).fill(-1);
	private count = 0;

	/** Number of distinct vectors interned. */
	get size(): number {
		return this.count;
	}

	/** Id of the vector in the first `length` words of `words`. Words must be numbers other than NaN. */
	intern(words: ArrayLike<number>, length: number): number {
		const hash = hashOf(words, length);
		const mask = this.slots.length - 1;
		let slot = hash & mask;
		for (;;) {
			const id = this.slots[slot] as number;
			if (id < 0) break;
			if (this.hashes[id] === hash && this.equals(id, words, length)) return id;
			slot = (slot + 1) & mask;
		}
		return this.add(slot, hash, words, length);
	}

	/** Id of a vector if it was interned, else -1. */
	find(words: ArrayLike<number>, length: number): number {
		const hash = hashOf(words, length);
		const mask = this.slots.length - 1;
		for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
			const id = this.slots[slot] as number;
			if (id < 0 || (this.hashes[id] === hash && this.equals(id, words, length))) return id;
		}
	}

	/** Word `index` of vector `id`. */
	at(id: number, index: number): number {
		return this.pool[(this.starts[id] as number) + index] as number;
	}

	/** Copies the first `length` words of vector `id` into `into`. */
	copy(id: number, into: Float64Array, length: number): void {
		const start = this.starts[id] as number;
		const pool = this.pool;
		for (let i = 0; i < length; i++) into[i] = pool[start + i] as number;
	}

	private equals(id: number, words: ArrayLike<number>, length: number): boolean {
		const start = this.starts[id] as number;
		if ((this.starts[id + 1] as number) - start !== length) return false;
		const pool = this.pool;
		for (let i = 0; i < length; i++) if (pool[start + i] !== words[i]) return false;
		return true;
	}

	private add(slot: number, hash: number, words: ArrayLike<number>, length: number): number {
		const id = this.count++;
		const start = this.starts[id] as number;
		const end = start + length;
		if (end > this.pool.length) {
			const grown = new Float64Array(Math.max(end, this.pool.length * 2));
			grown.set(this.pool);
			this.pool = grown;
		}
		// Adding 0 stores -0 as 0, so that the two compare and print alike.
		for (let i = 0; i < length; i++) this.pool[start + i] = (words[i] as number) + 0;
		if (id + 2 > this.starts.length) {
			this.starts = doubled(this.starts);
			this.hashes = doubled(this.hashes);
		}
		this.starts[id + 1] = end;
		this.hashes[id] = hash;
		this.slots[slot] = id;
		if (this.count * 2 > this.slots.length) this.rehash();
		return id;
	}

	private rehash(): void {
		const slots = new Int32Array(this.slots.length * 2).fill(-1);
		const mask = slots.length - 1;
		for (let id = 0; id < this.count; id++) {
			let slot = (this.hashes[id] as number) & mask;
			while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask;
			slots[slot] = id;
		}
		this.slots = slots;
	}
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
	const grown = new Int32Array(array.length * 2);
	grown.set(array);
	return grown;
}

function hashOf(words: ArrayLike<number>, length: number): number {
	let hash = length | 0;
	for (let i = 0; i < length; i++) {
		const word = words[i] as number;
		const low = word | 0;
		hash = Math.imul(hash ^ low, 0x9e3779b1);
		hash ^= hash >>> 15;
		if (word !== low) hash = Math.imul(hash ^ (word / 4294967296), 0x85ebca6b);
	}
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
	return hash ^ (hash >>> 16);
}
