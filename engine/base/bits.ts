/**
 * A growing set of small non-negative integers, as a bit vector.
 *
 * Invariant: the words are a power of two, so that sets that are joined with each other in a circle do not make each other grow.
 */

export class Bits {
	private words = new Uint32Array(4);

	has(index: number): boolean {
		return (((this.words[index >>> 5] ?? 0) >>> (index & 31)) & 1) === 1;
	}

	/** Adds one number; true if it was missing. */
	add(index: number): boolean {
		const word = index >>> 5;
		if (word >= this.words.length) this.grow(word + 1);
		const before = this.words[word] as number;
		const after = (before | (1 << (index & 31))) >>> 0;
		this.words[word] = after;
		return after !== before;
	}

	/** Adds all numbers of another set; true if one was missing. */
	union(other: Bits): boolean {
		const { words } = other;
		if (words.length > this.words.length) this.grow(words.length);
		const own = this.words;
		let changed = false;
		for (let i = 0; i < words.length; i++) {
			const before = own[i] as number;
			const after = (before | (words[i] as number)) >>> 0;
			if (after !== before) {
				own[i] = after;
				changed = true;
			}
		}
		return changed;
	}

	private grow(words: number): void {
		let length = this.words.length;
		while (length < words) length *= 2;
		const grown = new Uint32Array(length);
		grown.set(this.words);
		this.words = grown;
	}
}
