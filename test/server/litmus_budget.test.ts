/**
 * A budget of `racewalk litmus`, with and without `--explain`: whatever a test makes it do, in whichever phase, the command ends
 * in time, says so and keeps what it has of other files.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundle } from './bundle.js';

/** Seconds of the budget, and milliseconds within which a command has ended on a machine that does other things, too. */
const BUDGET = 1;
const ENDED_MAX = 15_000;

const THREAD = 'int *x)\n{\n\tWRITE_ONCE(*x, 1);\n}\n';
const FINE = `C fine\n\n{}\n\nP0(${THREAD}\nexists (x=1)\n`;

/** Tests that make some phase take far longer than the budget. */
const LONG: readonly (readonly [string, string])[] = [
	['a global array without end', FINE.replace('{}', '{ int x[1000000000]; }')],
	['a local array without end', FINE.replace('\tWRITE', '\tint y[1000000000];\n\tWRITE')],
	[
		'comments in comments',
		FINE.replace('{}', `${'(* '.repeat(20_000)}${'*) '.repeat(20_000)}\n{}`),
	],
	['threads without end', threads(20_000)],
	[
		'blocks in blocks',
		FINE.replace('\tWRITE', `${'{ '.repeat(20_000)}${'} '.repeat(20_000)}\n\tWRITE`),
	],
];

function threads(n: number): string {
	return `C many\n\n{}\n\n${Array.from({ length: n }, (_, i) => `P${i}(${THREAD}`).join('\n')}\nexists (x=1)\n`;
}

let programs = '';
let folder = '';

beforeAll(async () => {
	programs = await bundle({ cli: 'server/cli.ts', worker: 'server/worker/worker.ts' });
	folder = mkdtempSync(join(tmpdir(), 'racewalk-litmus-budget-'));
	writeFileSync(join(folder, 'fine.litmus'), FINE);
});

afterAll(() => {
	rmSync(dirname(programs), { recursive: true, force: true });
	rmSync(folder, { recursive: true, force: true });
});

describe.each(LONG)('%s', (name, text) => {
	const file = `${name.replaceAll(' ', '-')}.litmus`;

	test.each([
		['litmus', []],
		['--explain', ['--explain', '--format', 'text']],
		['--explain as JSON', ['--explain', '--format', 'json']],
		['a drawing', ['--explain', '--format', 'svg']],
		['a graph', ['--explain', '--format', 'dot']],
	] as const)(
		'%s ends within its budget',
		(_, options) => {
			writeFileSync(join(folder, file), text);
			const args = ['litmus', '--budget', `${BUDGET}`, ...options, file];
			const ended = run(args);
			expect(ended.signal).toBe(null);
			expect([0, 2, 3]).toContain(ended.status);
			// undecided or not understood: not without a word
			if (ended.status !== 0) expect(ended.stderr).toContain(file);
			expect(ended.stderr).not.toContain('internal error');
		},
		2 * ENDED_MAX,
	);
});

test.each(['svg', 'dot'])(
	'where there is nothing to draw as %s, that is said',
	(format) => {
		const file = join(folder, 'round.litmus');
		writeFileSync(file, FINE.replace('\tWRITE', '\tround: goto round;\n\tWRITE'));
		const ended = run(['litmus', '--explain', '--format', format, 'round.litmus']);
		expect(ended.stderr).toMatch(/round\.litmus: nothing to draw: \S/);
		expect(ended.status).toBe(3);
	},
	30_000,
);

test('what was explained of other files is printed', () => {
	const [long] = LONG;
	writeFileSync(join(folder, 'long.litmus'), long?.[1] ?? '');
	// what is small is explained in time on a busy machine, too
	const ended = run(
		['litmus', '--budget', '10', '--explain', 'long.litmus', 'fine.litmus'],
		60_000,
	);
	expect(ended.stdout).toContain('fine');
	expect(ended.stderr).toContain('long.litmus');
	expect([2, 3]).toContain(ended.status);
});

test('a result is printed before the next test is done', async () => {
	// As many orders as fourteen different additions have.
	const adds = Array.from(
		{ length: 14 },
		(_, i) => `P${i}(int *x)\n{\n\tint r0 = atomic_add_return(${2 ** i}, x);\n}`,
	);
	writeFileSync(
		join(folder, 'orders.litmus'),
		`C orders\n\n{}\n\n${adds.join('\n')}\nexists (x=1)\n`,
	);
	const args = [
		join(programs, 'cli.js'),
		'litmus',
		'--budget',
		'600',
		'fine.litmus',
		'orders.litmus',
	];
	const running = spawn(process.execPath, args, { cwd: folder });
	try {
		let seen = '';
		for await (const chunk of running.stdout) {
			seen += String(chunk);
			if (seen.includes('\nTime fine')) break;
		}
		expect(seen).toContain('Observation fine Always 1 0');
		expect(running.exitCode).toBe(null);
	} finally {
		running.kill('SIGTERM');
	}
}, 60_000);

function run(args: readonly string[], timeout = ENDED_MAX) {
	return spawnSync(process.execPath, [join(programs, 'cli.js'), ...args], {
		...{ encoding: 'utf8', input: '', cwd: folder, timeout },
		maxBuffer: 64 * 1024 * 1024,
	});
}
