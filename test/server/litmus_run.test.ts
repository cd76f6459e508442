/**
 * What `racewalk litmus` prints: herd7's summary as text, one object per file as JSON, and the exit status.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { generationIn } from '../../server/ide/analysis/memory_model.js';
import { generationOf } from '../../server/litmus/generation.js';
import {
	DEFAULT_LITMUS_OPTIONS,
	type LitmusRunOptions,
	runLitmus,
} from '../../server/litmus/run.js';
import { requestOf } from '../analysis.js';
import { kernelTree } from '../trees.js';

const folder = mkdtempSync(join(tmpdir(), 'racewalk-litmus-'));
afterAll(() => rmSync(folder, { recursive: true }));

const options: LitmusRunOptions = { ...DEFAULT_LITMUS_OPTIONS, now: () => 0 };

function file(name: string, text: string): string {
	const path = join(folder, name);
	writeFileSync(path, text);
	return path;
}

function messagePassing(result: string, barrier: string): string {
	return `C mp
(* ${result} *)
{}
P0(int *data, int *flag)
{
	WRITE_ONCE(*data, 1);
	${barrier}
	WRITE_ONCE(*flag, 1);
}
P1(int *data, int *flag)
{
	int r0 = READ_ONCE(*flag);
	smp_rmb();
	int r1 = READ_ONCE(*data);
}
exists (1:r0=1 /\\ 1:r1=0)
`;
}

test('text is what herd7 prints', () => {
	const { text, status } = runLitmus(
		[file('mp.litmus', messagePassing('', 'smp_wmb();'))],
		options,
	);
	expect(text).toBe(`Test mp Allowed
States 3
1:r0=0; 1:r1=0;
1:r0=0; 1:r1=1;
1:r0=1; 1:r1=1;
No
Witnesses
Positive: 0 Negative: 3
Condition exists (1:r0=1 /\\ 1:r1=0)
Observation mp Never 0 3
Time mp 0.00
`);
	expect(status).toBe(0);
});

test('a data race is flagged as herd7 flags it', () => {
	const racy = messagePassing('', 'smp_wmb();').replace('WRITE_ONCE(*data, 1)', '*data = 1');
	const { text, reports } = runLitmus([file('racy.litmus', racy)], options);
	expect(text).toContain('\nFlag data-race\n');
	expect(reports[0]?.races).toBe(true);
});

test('json has one object per file', () => {
	const path = file('json.litmus', messagePassing('Result: Never', 'smp_wmb();'));
	expect(runLitmus([path], options).reports).toEqual([
		{
			file: path,
			name: 'mp',
			verdict: 'Never',
			states: 3,
			positive: 0,
			negative: 3,
			executions: 3,
			races: false,
			flags: [],
			deadlock: null,
			expected: 'Never',
			match: true,
			ms: 0,
			problem: null,
		},
	]);
});

describe('exit status', () => {
	test.each<readonly [name: string, text: string, status: number]>([
		['as expected', messagePassing('Result: Never', 'smp_wmb();'), 0],
		['nothing expected', messagePassing('', ''), 0],
		['not as expected', messagePassing('Result: Never', ''), 1],
		[
			'a race not promised',
			messagePassing('Result: Never', 'smp_wmb();').replace('WRITE_ONCE(*data, 1)', '*data = 1'),
			1,
		],
		['not understood', 'C t\n{}\nP0(int *x)\n{\n\tmystery(x);\n}\nexists (x=1)\n', 2],
		[
			'a bound was met',
			'C t\n{}\nP0(int *x)\n{\n\twhile (xchg(x, 1)) barrier();\n}\nP1(int *x)\n{\n\twhile (xchg(x, 1)) barrier();\n}\nexists (x=1)\n',
			3,
		],
		['a loop that never ends', 'C t\n{}\nP0(int *x)\n{\n\twhile (1) ;\n}\nexists (x=1)\n', 3],
		[
			'a wait for what nobody writes',
			'C t\n{}\nP0(int *x)\n{\n\tint r = smp_cond_load_acquire(x, VAL == 5);\n}\nexists (x=1)\n',
			3,
		],
	])('%s', (name, text, status) => {
		expect(runLitmus([file(`${name}.litmus`, text)], options).status).toBe(status);
	});
});

test('a file that is not there is told', () => {
	const { reports, status } = runLitmus([join(folder, 'none.litmus')], options);
	expect(reports[0]?.problem).toMatch(/^cannot be read: ENOENT/);
	expect(status).toBe(2);
});

test('without time for all states the verdict is still found', () => {
	const threads = 16;
	const ring = Array.from({ length: threads }, (_, i) => {
		const next = (i + 1) % threads;
		return `P${i}(int *x${i}, int *x${next})\n{\n\tint r0 = READ_ONCE(*x${i});\n\tsmp_mb();\n\tWRITE_ONCE(*x${next}, 1);\n}`;
	});
	const all = ring.map((_, i) => `${i}:r0=1`).join(' /\\ ');
	let clock = 0;
	const { reports } = runLitmus(
		[file('ring.litmus', `C ring\n{}\n${ring.join('\n')}\nexists (${all})\n`)],
		{
			...DEFAULT_LITMUS_OPTIONS,
			budget: 400,
			now: () => clock++,
		},
	);
	expect(reports[0]?.verdict).toBe('Never');
	expect(reports[0]?.problem).toBe('out of time: not all states, the verdict is decided');
});

test('what is not decided claims no verdict; an execution of each kind decides in spite of a limit', () => {
	const spin = 'while (xchg(x, 1)) barrier();';
	const source = (condition: string): string =>
		`C bound\n{}\nP0(int *x)\n{\n\t${spin}\n}\nP1(int *x, int *y)\n{\n\t${spin}\n\tint r0 = READ_ONCE(*y);\n}\nP2(int *x, int *y)\n{\n\tWRITE_ONCE(*y, 1);\n\tsmp_store_release(x, 0);\n}\nexists (${condition})\n`;
	const open = runLitmus([file('open.litmus', source('1:r0=2'))], options);
	expect(open.reports[0]?.verdict).toBe(null);
	expect(open.reports[0]?.problem).toMatch(/more than 4 times$/);
	expect(open.text).not.toMatch(/^(Ok|No|Observation.*)$/m);
	expect(open.status).toBe(3);
	const decided = runLitmus([file('decided.litmus', source('1:r0=1'))], options);
	expect(decided.reports[0]?.verdict).toBe('Sometimes');
	expect(decided.reports[0]?.problem).toMatch(/not all states, the verdict is decided$/);
	expect(decided.text).toMatch(/^Observation bound Sometimes [1-9]\d* [1-9]\d*$/m);
	expect(decided.status).toBe(0);
});

test.each([
	['6.1', '6.1'],
	['6.12', '6.12'],
] as const)("the generation of %s is read from its model's text", (version, generation) => {
	expect(generationOf(kernelTree(version))).toBe(generation);
	expect(generationOf(folder)).toBe(null);
});

test.each([
	['6.1', '6.1'],
	['6.12', '6.12'],
] as const)(
	'a walk of %s is checked under its own model, and one without a tree under the built-in one',
	(version, generation) => {
		const root = kernelTree(version);
		const read = (path: string): string | null =>
			existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null;
		const request = {
			...requestOf({ text: '', memory: 'lkmm' }),
			tree: { root, read, list: () => [] },
		};
		expect(generationIn(request)).toEqual({ generation });
		// under sc no model is read, and a tree may have none
		expect(generationIn({ ...request, memory: 'sc' })).toEqual({});
		expect(generationIn({ ...request, tree: { root, read: () => null, list: () => [] } })).toEqual(
			{},
		);
		expect(generationIn({ ...request, tree: null })).toEqual({});
	},
);
