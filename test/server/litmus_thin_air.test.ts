/**
 * Values that justify themselves: cycles of reads and writes through copies, dependencies and arithmetic, and reads that only
 * lead into such a cycle. Whatever the cycle, the run ends on its own, well within a budget, with a verdict that follows from
 * LKMM's axioms: a cycle of hb is none (`data`, `addr` and `ctrl` from marked reads), plain accesses are ordered by nothing
 * but race.
 */
import { describe, expect, test } from 'vitest';
import { DEFAULT_LITMUS_OPTIONS, runText } from '../../server/litmus/run.js';

const BUDGET = 30_000;

function run(parameters: string, bodies: readonly string[], condition: string) {
	const functions = bodies.map(
		(body, i) => `P${i}(${parameters})\n{\n\tint r0;\n\tint r1;\n${body}\n}`,
	);
	const source = `C t\n{}\n${functions.join('\n')}\nexists (${condition})\n`;
	return runText('t.litmus', source, { ...DEFAULT_LITMUS_OPTIONS, budget: BUDGET }).report;
}

const copy = (from: string, to: string): string => `\tr0 = *${from};\n\t*${to} = r0;`;
const copyOnce = (from: string, to: string): string =>
	`\tr0 = READ_ONCE(*${from});\n\tWRITE_ONCE(*${to}, r0);`;
const whenOne = (from: string, to: string): string =>
	`\tr0 = *${from};\n\tif (r0 == 1)\n\t\t*${to} = 1;`;
const whenOneOnce = (from: string, to: string): string =>
	`\tr0 = READ_ONCE(*${from});\n\tif (r0 == 1)\n\t\tWRITE_ONCE(*${to}, 1);`;

interface Case {
	readonly name: string;
	readonly bodies: readonly string[];
	readonly condition: string;
	readonly verdict: 'Never' | 'Sometimes' | 'Always';
	readonly races: boolean;
}

const CASES: readonly Case[] = [
	{
		// data ; rfe ; data ; rfe is a cycle of hb.
		name: 'marked copies in a circle hold what was there before',
		bodies: [copyOnce('x', 'y'), copyOnce('y', 'x')],
		condition: '0:r0=0 /\\ 1:r0=0',
		verdict: 'Always',
		races: false,
	},
	{
		// ctrl ; rfe ; ctrl ; rfe is one, too.
		name: 'marked stores under a condition do not make it true',
		bodies: [whenOneOnce('x', 'y'), whenOneOnce('y', 'x')],
		condition: '0:r0=1 \\/ 1:r0=1',
		verdict: 'Never',
		races: false,
	},
	{
		// Nothing of hb joins plain accesses: what they hand round is allowed, and is a data race.
		name: 'plain stores under a condition may make it true, and race',
		bodies: [whenOne('x', 'y'), whenOne('y', 'x')],
		condition: '0:r0=1 /\\ 1:r0=1',
		verdict: 'Sometimes',
		races: true,
	},
	{
		// The third thread's read is no part of the cycle: it only takes its value from there.
		name: 'a read that leads into a circle of plain copies',
		bodies: [copy('x', 'y'), copy('y', 'x'), '\tr0 = *x;\n\t*w = r0;\n\tr1 = *w;'],
		condition: '2:r0=2:r1',
		verdict: 'Always',
		races: true,
	},
	{
		// What nobody wrote is no number: where it is computed with or decided by, there is no execution of it.
		name: 'a value out of thin air that is computed with',
		bodies: [copy('x', 'y'), copy('y', 'x'), '\tr0 = *x;\n\t*w = r0 + 1;\n\tr1 = *w;'],
		condition: '2:r1=1',
		verdict: 'Always',
		races: true,
	},
	{
		name: 'one that decides',
		bodies: [
			copy('x', 'y'),
			copy('y', 'x'),
			'\tr0 = *x;\n\tif (r0 == 0)\n\t\tr1 = 1;\n\telse\n\t\tr1 = 2;',
		],
		condition: '2:r1=1',
		verdict: 'Always',
		races: true,
	},
	{
		// The first read of b is such a one; P1 before P0 gives 0:r0 = 1 without any cycle.
		name: 'a copy that is read twice, once for nothing',
		bodies: [
			'\tr0 = READ_ONCE(*w);\n\tr1 = READ_ONCE(*y);\n\tif (r0 == 1)\n\t\tr1 = *y;\n\tWRITE_ONCE(*x, r1);',
			'\tr0 = READ_ONCE(*x);\n\tWRITE_ONCE(*y, r0);\n\tWRITE_ONCE(*w, 1);',
		],
		condition: '0:r0=1',
		verdict: 'Sometimes',
		races: true,
	},
	{
		name: 'two of them, over a barrier each',
		bodies: [
			'\tr0 = READ_ONCE(*w);\n\tsmp_rmb();\n\tr1 = READ_ONCE(*y);\n\tif (r0 == 1)\n\t\tr1 = *y;\n\tWRITE_ONCE(*x, r1);\n\tsmp_wmb();\n\tWRITE_ONCE(*z, 1);',
			'\tr0 = READ_ONCE(*z);\n\tsmp_rmb();\n\tr1 = READ_ONCE(*x);\n\tif (r0 == 1)\n\t\tr1 = *x;\n\tWRITE_ONCE(*y, r1);\n\tsmp_wmb();\n\tWRITE_ONCE(*w, 1);',
		],
		// Each plain read comes behind the other's store by wmb, rfe and rmb, so nothing races; what it copies is not ordered before
		// the store of the copy (a plain read's data is no rwdep of hb), so LKMM has the circle.
		condition: '0:r0=1 /\\ 1:r0=1',
		verdict: 'Sometimes',
		races: false,
	},
	{
		// v = v + 1 has no solution: no execution has the cycle, and outside of it x is 0 when it is first read.
		name: 'a circle that adds one',
		bodies: ['\tr0 = *x;\n\t*y = r0 + 1;', copy('y', 'x')],
		condition: '0:r0=0',
		verdict: 'Always',
		races: true,
	},
	{
		// hb: po-rel and acq-po on both sides.
		name: 'a circle through releases and acquires',
		bodies: [
			'\tr0 = smp_load_acquire(x);\n\tsmp_store_release(y, r0);',
			'\tr0 = smp_load_acquire(y);\n\tsmp_store_release(x, r0 | 1);',
		],
		condition: '0:r0=1 /\\ 1:r0=1',
		verdict: 'Never',
		races: false,
	},
	{
		// The address depends on what the cycle hands round; marked, so addr ; rfe is in hb.
		name: 'a circle through an address',
		bodies: [
			'\tr0 = READ_ONCE(*x);\n\tWRITE_ONCE(*(r0 == 1 ? y : z), 1);',
			'\tr0 = READ_ONCE(*y);\n\tif (r0 == 1)\n\t\tWRITE_ONCE(*x, 1);',
		],
		condition: '0:r0=1',
		verdict: 'Never',
		races: false,
	},
	{
		name: 'six threads hand one value round, two look on',
		bodies: [
			...['x y', 'y z', 'z w', 'w v', 'v u', 'u x'].map((pair) => {
				const [from = '', to = ''] = pair.split(' ');
				return copyOnce(from, to);
			}),
			...['x', 'v'].map((from) => `\tr0 = READ_ONCE(*${from});\n\tr1 = r0;`),
		],
		condition: '6:r0=0 /\\ 7:r1=0',
		verdict: 'Always',
		races: false,
	},
];

describe('values out of thin air', () => {
	test.each(CASES.map((c) => [c.name, c] as const))(
		'%s',
		(_, { bodies, condition, verdict, races }) => {
			const found = run('int *u, int *v, int *w, int *x, int *y, int *z', bodies, condition);
			expect(found.problem).toBe(null);
			expect(found.verdict).toBe(verdict);
			expect(found.races).toBe(races);
		},
		2 * BUDGET,
	);
});
