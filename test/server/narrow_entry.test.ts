/**
 * Entries compared by less than their 64 bits: a real frame's number lies above what is left, a model's does not, so that a
 * walk must not hold for it. What keeps only bits that hold no frame is fine.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analysisOf } from '../analysis.js';
import { repositoryRoot } from '../trees.js';

const WALK = readFileSync(join(repositoryRoot, 'test/fixtures/holds/stale-pin.c'), 'utf8');
const READ = '\t\tstruct page *page = pte_page(pte);\n';
const RECHECK = 'pte_val(pte) != pte_val(*ptep)';

interface Case {
	readonly what: string;
	/** In place of the comparison. */
	readonly put: string;
	readonly before?: string;
	/** Bits that are left; null: all of them; `parts`: it is not understood. */
	readonly bits: number | null | 'parts';
}

const cases: readonly Case[] = [
	{ what: '16 bits of both', put: '(u16)pte_val(pte) != (u16)pte_val(*ptep)', bits: 16 },
	{ what: '32 bits of both', put: '(u32)pte_val(pte) != (u32)pte_val(*ptep)', bits: 32 },
	{
		what: 'a local of 32 bits',
		before: '\t\tunsigned int old = pte_val(pte);\n',
		put: 'old != (unsigned int)pte_val(*ptep)',
		bits: 32,
	},
	{
		what: 'a difference of 32 bits',
		before: '\t\tint by;\n',
		put: '(by = pte_val(pte) ^ pte_val(*ptep)) != 0',
		bits: 32,
	},
	{
		what: 'flags in a local of 32 bits, beside the whole entry',
		before: '\t\tunsigned int bits = pte_val(pte) & 0xfff;\n',
		put: `bits != (unsigned int)(pte_val(*ptep) & 0xfff) || ${RECHECK}`,
		bits: null,
	},
	{
		what: 'the lower halves and the upper ones',
		put: '(u32)pte_val(pte) != (u32)pte_val(*ptep) || (u32)(pte_val(pte) >> 32) != (u32)(pte_val(*ptep) >> 32)',
		bits: null,
	},
	{ what: 'a byte of their difference', put: '(u8)(pte_val(pte) ^ pte_val(*ptep)) != 0', bits: 8 },
	{
		what: 'the lower halves in a union',
		before: '\t\tunion { pte_t whole; u32 low; } old = { .whole = pte }, now;\n',
		put: '(now.whole = *ptep, old.low != now.low)',
		bits: 'parts',
	},
	{
		what: 'the lower halves by memcmp()',
		before: '\t\tpte_t now;\n',
		put: '(now = *ptep, memcmp(&pte, &now, 4)) != 0',
		bits: 'parts',
	},
	{
		what: 'all bytes by memcmp()',
		before: '\t\tpte_t now;\n',
		put: '(now = *ptep, memcmp(&pte, &now, sizeof(now))) != 0',
		bits: null,
	},
	{
		what: 'an entry of 64 bits in a local',
		before: '\t\tunsigned long old = pte_val(pte);\n',
		put: 'old != pte_val(*ptep)',
		bits: null,
	},
];

describe('entries cut off', () => {
	it.each(cases)('$what', ({ put, before, bits }) => {
		expect(WALK.split(READ)).toHaveLength(2);
		expect(WALK.split(RECHECK)).toHaveLength(2);
		const text = WALK.replace(READ, `${READ}${before ?? ''}`).replace(RECHECK, put);
		const { functions } = analysisOf({ text });
		const walk = functions.find((f) => f.name === 'walk_ptes');
		const expected = bits === null ? 'holds' : bits === 'parts' ? 'unsupported' : 'violated';
		expect(walk?.verdict).toBe(expected);
	});
});
