/**
 * The weakest barrier: known tests get the textbook answer, what is suggested really forbids, nothing that is suggested
 * can be left out, and the drawings of explanations hold what they must.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_OPTIONS, outcomes } from '../../engine/memory/lkmm/outcomes.js';
import { explainLitmus } from '../../server/litmus/explain.js';
import {
	explanationDot,
	explanationSvg,
	explanationText,
} from '../../server/litmus/litmus_text.js';
import { parseLitmus } from '../../server/litmus/parse.js';
import { type BarrierGoal, edited, weakestBarrier } from '../../server/litmus/weakest_barrier.js';
import { kernelTree } from '../trees.js';

const options = {
	generation: '6.12',
	loopMax: 4,
	triesMax: 1500,
	cancelled: () => false,
} as const;

const folder = join(kernelTree('6.12'), 'tools/memory-model/litmus-tests');
const kernelTest = (name: string): string => readFileSync(join(folder, `${name}.litmus`), 'utf8');

/** Whether the goal is reached by a text. */
function reached(text: string, goal: BarrierGoal): boolean {
	const { program } = parseLitmus(text);
	const found = outcomes(program, DEFAULT_OPTIONS);
	if (goal === 'no race') return !found.flags.includes('data-race');
	return program.quantifier === 'forall' ? found.negative === 0 : found.positive === 0;
}

/** The changes found, told in short; checks that they reach the goal and that none is superfluous. */
function advised(text: string, goal: BarrierGoal): readonly string[] {
	expect(reached(text, goal)).toBe(false);
	const advice = weakestBarrier(text, goal, options);
	if (advice.kind === 'none') return [`none: ${advice.why}`];
	const { changes } = advice;
	expect(
		reached(
			edited(
				text,
				changes.flatMap((c) => c.edits),
			),
			goal,
		),
	).toBe(true);
	for (const one of changes) {
		const others = changes.filter((c) => c !== one).flatMap((c) => c.edits);
		expect(reached(edited(text, others), goal)).toBe(false);
	}
	const told = changes.map((c) => `${c.thread} ${c.what}`);
	return advice.weakest ? told : ['perhaps not the weakest:', ...told];
}

describe('what forbids', () => {
	test.each([
		['MP+poonceonces', ['P0 smp_wmb()', 'P1 smp_rmb()']],
		['SB+poonceonces', ['P0 smp_mb()', 'P1 smp_mb()']],
		['LB+poonceonces', ['P0 smp_load_acquire(x)', 'P1 smp_load_acquire(y)']],
		['IRIW+poonceonces+OnceOnce', ['P1 smp_mb()', 'P3 smp_mb()']],
		['S+poonceonces', ['P0 smp_wmb()', 'P1 smp_load_acquire(y)']],
		['R+poonceonces', ['P0 smp_mb()', 'P1 smp_mb()']],
		['WRC+poonceonces+Once', ['P1 smp_store_release(y, 1)', 'P2 smp_rmb()']],
		['MP+polockonce+poacquiresilsil', ['P0 smp_wmb()']],
		['Z6.0+pooncerelease+poacquirerelease+fencembonceonce', ['P0 smp_mb()']],
	])('%s', (name, wanted) => {
		expect(advised(kernelTest(name), 'forbid')).toEqual(wanted);
	});

	const ofTwo = (first: string, second: string, condition: string): string =>
		`C two\n{}\nP0(int *x, int *y)\n{\n${first}}\nP1(int *x, int *y)\n{\n${second}}\n${condition}\n`;

	test.each([
		[
			'a read-side section around a thread that has none',
			ofTwo(
				'\tint r0 = READ_ONCE(*x);\n\tint r1 = READ_ONCE(*y);\n',
				'\tWRITE_ONCE(*y, 1);\n\tsynchronize_rcu();\n\tWRITE_ONCE(*x, 1);\n',
				'exists (0:r0=1 /\\ 0:r1=0)',
			),
			['P0 rcu_read_lock() … rcu_read_unlock()'],
		],
		[
			'a forall that does not hold',
			ofTwo(
				'\tWRITE_ONCE(*x, 1);\n\tsmp_store_release(y, 1);\n',
				'\tint r0 = READ_ONCE(*y);\n\tint r1 = READ_ONCE(*x);\n',
				'forall (1:r0=0 \\/ 1:r1=1)',
			),
			['P1 smp_rmb()'],
		],
		[
			'statements on one line, and an if without braces',
			ofTwo(
				'\tWRITE_ONCE(*x, 1); WRITE_ONCE(*y, 1);\n',
				'\tint r1 = 9;\n\tint r0 = READ_ONCE(*y);\n\tif (r0)\n\t\tr1 = READ_ONCE(*x);\n',
				'exists (1:r0=1 /\\ 1:r1=0)',
			),
			['P0 smp_wmb()', 'P1 smp_rmb()'],
		],
		[
			'nothing: sequential consistency allows it',
			ofTwo('\tWRITE_ONCE(*x, 1);\n', '\tint r0 = READ_ONCE(*x);\n', 'exists (1:r0=1)'),
			['none: no fence, release, acquire or grace period between the accesses does it'],
		],
	])('%s', (_, text, wanted) => {
		expect(advised(text, 'forbid')).toEqual(wanted);
	});

	test.each([
		[
			'marks both plain accesses',
			ofTwo('\t*x = 1;\n', '\tint r0 = *x;\n', 'exists (1:r0=1)'),
			['P0 WRITE_ONCE(*x, 1)', 'P1 READ_ONCE(*x)'],
		],
		[
			'marks the one plain access',
			ofTwo('\tWRITE_ONCE(*x, 1);\n', '\tint r0;\n\tr0 = *x;\n', 'exists (1:r0=1)'),
			['P1 READ_ONCE(*x)'],
		],
	])('a race: %s', (_, text, wanted) => {
		expect(advised(text, 'no race')).toEqual(wanted);
	});
});

test('on random programs what is found forbids, and where nothing is found nothing does', () => {
	const address = fc.constantFrom('x', 'y');
	const statement = fc.oneof(
		fc.tuple(address, fc.constantFrom(1, 2)).map(([a, v]) => `WRITE_ONCE(*${a}, ${v});`),
		fc.tuple(address, fc.nat(1)).map(([a, r]) => `r${r} = READ_ONCE(*${a});`),
		fc.tuple(address, fc.nat(1)).map(([a, r]) => `r${r} = xchg_relaxed(${a}, 3);`),
		fc.constantFrom('smp_wmb();', 'if (r0)\n\t\tWRITE_ONCE(*y, 1);'),
	);
	// A read at the end, so that there is something to reorder with what comes before.
	const thread = fc
		.tuple(fc.array(statement, { minLength: 1, maxLength: 2 }), address)
		.map(([before, a]) => [...before, `r1 = READ_ONCE(*${a});`]);
	const seen = { found: 0, none: 0 };
	fc.assert(
		fc.property(thread, thread, fc.nat(1), fc.nat(1), (first, second, a, b) => {
			const body = (n: number, lines: readonly string[]): string =>
				`P${n}(int *x, int *y)\n{\n\tint r0;\n\tint r1;\n\t${lines.join('\n\t')}\n}\n`;
			const condition = `exists (0:r1=${a} /\\ 1:r1=${b})`;
			const text = `C random\n{}\n${body(0, first)}${body(1, second)}${condition}\n`;
			if (reached(text, 'forbid')) return;
			const strong = [body(0, fenced(first)), body(1, fenced(second))].join('');
			const helpless = !reached(`C random\n{}\n${strong}${condition}\n`, 'forbid');
			const [advice] = advised(text, 'forbid');
			expect(advice?.startsWith('none')).toBe(helpless);
			seen[helpless ? 'none' : 'found']++;
		}),
		{ numRuns: 250, seed: 3 },
	);
	expect(seen.found).toBeGreaterThan(5);
	expect(seen.none).toBeGreaterThan(20);
});

/** Full barriers between all statements. */
function fenced(lines: readonly string[]): readonly string[] {
	return lines.flatMap((line) => ['smp_mb();', line]);
}

describe('explanations are told', () => {
	const explained = (name: string) =>
		explainLitmus(kernelTest(name), { ...options, barriers: true });

	test('a forbidden outcome as text', () => {
		expect(explanationText(explained('MP+fencewmbonceonce+fencermbonceonce'))).toBe(
			`MP+fencewmbonceonce+fencermbonceonce: exists (1:r0=1 /\\ 1:r1=0)
Forbidden by happens-before: the execution that would do it has a cycle in hb.

P0                             P1
a: W[once] buf=1  (line 15)    d: R[once] flag=1  (line 25)
b: [wmb]  (line 16)            e: [rmb]  (line 26)
c: W[once] flag=1  (line 17)   f: R[once] buf=0  (line 27)

initially g: W[initial] buf=0, h: W[initial] flag=0

d →rmb f →fre a →wmb c →rfe d

  d →ppo f  line 25 to line 27: d →rmb f
  f →prop d  line 27 to line 25: f →fre a, a →wmb c, c →rfe d

executions ruled out: 1 by happens-before
`,
		);
	});

	test('an allowed outcome as text', () => {
		const text = explanationText(explained('SB+poonceonces'));
		expect(text).toContain('Allowed: this execution does it.');
		expect(text).toContain('fre: b → c, d → a');
		expect(text).toContain('The weakest change that would forbid it');
		expect(text).toContain('  P0, before line 18: smp_mb();\n  P1, before line 26: smp_mb();\n');
	});

	test('dot has every event, and the cycle in red', () => {
		const dot = explanationDot(explained('SB+fencembonceonces'));
		for (const label of ['a', 'b', 'c', 'd', 'e', 'f']) expect(dot).toContain(`\t${label} [label=`);
		expect(dot.match(/label="(mb|fre)", color=red/g)).toHaveLength(4);
		expect(dot.match(/[{}]/g)?.join('')).toMatch(/^\{(\{\})+\}$/);
	});

	test('svg is well formed, escaped and without script', () => {
		const { name, ...rest } = explained('SB+fencembonceonces');
		const svg = explanationSvg({ name: `<${name} & "more">`, ...rest });
		expect(svg).toContain('&lt;SB+fencembonceonces &amp; &quot;more&quot;&gt;');
		expect(svg).not.toMatch(/<script|href|NaN|Infinity|undefined/);
		const opened = svg.match(/<\w[^>]*[^/]>/g)?.length ?? 0;
		expect(svg.match(/<\/\w+>/g)).toHaveLength(opened);
	});
});
