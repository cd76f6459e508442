/**
 * Sets of small numbers as bits: what they hold, and that they stay as large as what they hold.
 */
import { describe, expect, it } from 'vitest';
import { Bits } from '../../engine/base/bits.js';

function of(...numbers: readonly number[]): Bits {
	const bits = new Bits();
	for (const n of numbers) bits.add(n);
	return bits;
}

describe('a set of bits', () => {
	it('holds what was added or joined', () => {
		const bits = of(3, 700);
		expect(bits.union(of(3, 64))).toBe(true);
		expect(bits.union(of(3, 64))).toBe(false);
		expect([3, 64, 700, 4].map((n) => bits.has(n))).toEqual([true, true, true, false]);
	});

	it('does not grow by being joined with one that is joined with it, however often', () => {
		// 9 words and 4: as positions in a loop, each of which holds what the other holds
		const [a, b] = [of(8 * 32), of(0)];
		for (let round = 0; round < 200; round++) {
			a.union(b);
			b.union(a);
		}
		expect(a.has(0) && b.has(8 * 32)).toBe(true);
	});
});
