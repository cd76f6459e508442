/**
 * Variables that a walk asks and that nobody fixed: what is decided by them goes either way, what only counts changes nothing, and
 * what needs their value is not understood.
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
	/** At the top of the file. */
	readonly top?: string;
	/** Behind the entry's read. */
	readonly before?: string;
	/** In place of the comparison. */
	readonly put?: string;
	readonly verdict: 'holds' | 'violated' | 'unsupported';
	readonly why?: string;
}

const cases: readonly Case[] = [
	{
		what: 'a switch of the file turns the comparison off',
		top: 'static bool off;',
		put: `!off && ${RECHECK}`,
		verdict: 'violated',
	},
	{
		what: 'a mode, read once and compared',
		top: 'static int mode = 1;',
		put: `READ_ONCE(mode) != 2 && ${RECHECK}`,
		verdict: 'violated',
	},
	{
		what: 'a mode behind the comparison',
		top: 'static int mode;',
		put: `${RECHECK} || mode > 3`,
		verdict: 'holds',
	},
	{
		what: 'a count in a static local',
		before: '\t\tstatic unsigned long looks;\n\t\tlooks++;\n',
		verdict: 'holds',
	},
	{
		what: 'an atomic count',
		top: 'static atomic_long_t looks[2];',
		before: '\t\tatomic_long_inc(&looks[1]);\n',
		verdict: 'holds',
	},
	{
		what: 'a count in a struct, by its address',
		top: 'struct stats { unsigned long looks, pins; }; static struct stats stats;',
		before: '\t\tthis_cpu_ptr(&stats)->pins++;\n',
		verdict: 'holds',
	},
	{
		what: 'an entry kept from the last time',
		top: 'static pte_t last;',
		put: `pte_val(last) != pte_val(pte) && ${RECHECK}`,
		verdict: 'violated',
	},
	{
		what: 'a static key',
		put: `!static_branch_unlikely(&key) && ${RECHECK}`,
		verdict: 'violated',
	},
	{ what: 'the time', put: `(jiffies & 1) && ${RECHECK}`, verdict: 'violated' },
	{
		what: 'the number of the CPU',
		put: `raw_smp_processor_id() != 0 && ${RECHECK}`,
		verdict: 'violated',
	},
	{
		what: 'an element of a constant array',
		top: 'static const unsigned long masks[] = { 0, ~0UL };',
		put: '((pte_val(pte) ^ pte_val(*ptep)) & masks[1]) != 0',
		verdict: 'holds',
	},
	{
		what: 'the other element of it',
		top: 'static const unsigned long masks[] = { 0, ~0UL };',
		put: '((pte_val(pte) ^ pte_val(*ptep)) & masks[0]) != 0',
		verdict: 'violated',
	},
	{
		what: 'a value that is kept and decided by later',
		top: 'static int mode;',
		before: '\t\tint now = mode;\n',
		put: `now == 2 || ${RECHECK}`,
		verdict: 'unsupported',
		why: 'needs the value of mode, which may change at any time',
	},
	{
		what: 'all bytes of both entries',
		before: '\t\tpte_t now;\n',
		put: '(now = *ptep, memcmp(&pte, &now, sizeof(now)))',
		verdict: 'holds',
	},
];

describe('variables', () => {
	it.each(cases)('$what', ({ top, before, put, verdict, why }) => {
		expect(WALK.split(READ)).toHaveLength(2);
		expect(WALK.split(RECHECK)).toHaveLength(2);
		const text = WALK.replace(READ, `${READ}${before ?? ''}`).replace(RECHECK, put ?? RECHECK);
		const { functions } = analysisOf({ text: `${top ?? ''}\n${text}` });
		const walk = functions.find((f) => f.name === 'walk_ptes');
		expect([walk?.verdict, walk?.why ?? '']).toEqual([verdict, expect.stringContaining(why ?? '')]);
	});
});
