/**
 * Halves of an entry as the lowering computes them and as the monitor reads them: the same numbers, whatever the entry.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assembled, highHalf, isTorn, lowHalf } from '../../engine/mm/model/halves.js';
import { entryValue } from '../../engine/mm/model/layout.js';
import { lowered, run } from './lower_run.js';

const { program } = lowered({
	c: `
unsigned long low_of(pte_t pte) { return pte.pte_low; }
unsigned long high_of(pte_t pte) { return pte.pte_high; }
pte_t mixed(pte_t low, pte_t high)
{
	pte_t pte;

	pte.pte_high = high.pte_high;
	pte.pte_low = low.pte_low;
	return pte;
}
pte_t whole(pte_t *ptep) { return READ_ONCE(*ptep); }
`,
	also: ['low_of', 'high_of', 'mixed', 'whole'],
	config: { CONFIG_X86_PAE: 'y' },
});

/** Frames below FRAMES_MAX, bits below the page size. */
const entry = fc
	.tuple(fc.integer({ min: 0, max: 4095 }), fc.integer({ min: 0, max: 4095 }))
	.map(([frame, bits]) => entryValue(frame, bits));

describe('halves of an entry', () => {
	it('the lowering and the monitor agree', () => {
		fc.assert(
			fc.property(entry, entry, (a, b) => {
				const value = run(program, 'mixed', [a, b]);
				expect(value).toBe(assembled(lowHalf(a), highHalf(b)));
				expect(run(program, 'low_of', [value ?? 0])).toBe(lowHalf(a));
				expect(run(program, 'high_of', [value ?? 0])).toBe(highHalf(b));
			}),
		);
	});

	it('an entry that was read whole is itself; two frames never make one', () => {
		fc.assert(
			fc.property(entry, entry, (a, b) => {
				expect(run(program, 'mixed', [a, a])).toBe(a);
				expect(run(program, 'whole', [64], new Map([[64, a]]))).toBe(a);
				expect(isTorn(assembled(lowHalf(a), highHalf(b)))).toBe(highHalf(a) !== highHalf(b));
			}),
		);
	});

	it('elsewhere an entry has no halves', () => {
		const { program: other } = lowered({
			c: 'unsigned long low_of(pte_t pte) { return pte.pte_low; }',
			also: ['low_of'],
		});
		expect(other.unsupported.map((u) => u.reason)).toEqual(['pte_t has no member pte_low']);
	});
});
