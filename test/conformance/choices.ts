/** Choices for a generator, drawn one after the other from a seed: the same seed makes the same program. */

export class Choices {
	private state: number;

	constructor(seed: number) {
		this.state = (seed ^ 0x9e37_79b9) >>> 0;
	}

	/** A whole number below `limit`. */
	below(limit: number): number {
		// mulberry32
		this.state = (this.state + 0x6d2b_79f5) >>> 0;
		let t = this.state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) % limit;
	}

	/** True `percent` times out of 100. */
	chance(percent: number): boolean {
		return this.below(100) < percent;
	}

	of<T>(list: readonly T[]): T {
		const item = list[this.below(list.length)];
		if (item === undefined) throw new Error('a choice among nothing');
		return item;
	}

	/** `make()` so many times as is chosen. */
	some<T>(
		{ least, most }: { readonly least: number; readonly most: number },
		make: (index: number) => T,
	): readonly T[] {
		return Array.from({ length: least + this.below(most - least + 1) }, (_, i) => make(i));
	}
}
