/**
 * Every command that works on a text, on texts that never end: whatever the work meets, and whether or not it looks at its budget,
 * the command ends within the budget and three seconds, says what it gave up, and claims nothing.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { spawnCommand } from '../fuzz/command_fuzz.js';
import { bundle } from '../server/bundle.js';
import { repositoryRoot } from '../trees.js';
import { hostileTexts } from './inputs.js';

/** Seconds of the budget, and those that other tests at the same time may cost. */
const BUDGET = 1;
const BUSY = 25;

const WALK = `static int walk(pte_t *ptep)\n{\n\tgrab();\n\tNEVER();\n\treturn 1;\n}\n`;

/** Each way to work on a text of C, by what it is called with. */
const COMMANDS: Readonly<Record<string, (file: string) => readonly string[]>> = {
	check: (file) => ['check', file],
	'check as JSON': (file) => ['check', '--format', 'json', file],
	'check as SARIF': (file) => ['check', '--format', 'sarif', file],
	'check with a what-if': (file) => ['check', '--what-if', 'no-ipi', file],
	'check under lkmm': (file) => ['check', '--memory', 'lkmm', file],
	'check with a scenario': (file) => [
		...['check', '--memory', 'lkmm', '--scenario', join(folder, 'scenario.litmus'), file],
	],
	simulate: (file) => ['simulate', `${file}:walk`],
	'simulate as JSON': (file) => ['simulate', '--format', 'json', `${file}:walk`],
	'simulate a run': (file) => ['simulate', '--trace', 'walk.1/0.0:0*7', `${file}:walk`],
	guards: (file) => ['guards', file],
	'guards as JSON': (file) => ['guards', '--format', 'json', file],
	explain: (file) => ['explain', `${file}:3`],
	'explain as JSON': (file) => ['explain', '--format', 'json', `${file}:3`],
	facts: (file) => ['facts', file],
	claims: (file) => ['claims', file],
	'claims as JSON': (file) => ['claims', '--format', 'json', file],
};

let real = '';
let fake = '';
let folder = '';

beforeAll(async () => {
	const cli = 'server/cli.ts';
	[real, fake] = await Promise.all([
		bundle({ cli, worker: 'server/worker/worker.ts' }),
		bundle({ cli, worker: 'test/server/fake/fake_worker.ts' }),
	]);
	folder = mkdtempSync(join(tmpdir(), 'racewalk-commands-'));
	const thread = 'int *x)\n{\n\tWRITE_ONCE(*x, 1);\n}\n';
	writeFileSync(
		join(folder, 'scenario.litmus'),
		`C fine\n\n{}\n\nP0(${thread}\nP1(${thread}\nexists (x=1)\n`,
	);
});

afterAll(() => {
	rmSync(dirname(real), { recursive: true, force: true });
	rmSync(dirname(fake), { recursive: true, force: true });
	rmSync(folder, { recursive: true, force: true });
});

function written(name: string, text: string): string {
	const file = join(folder, `${name.replace(/\W+/g, '_')}.c`);
	writeFileSync(file, text);
	return file;
}

/** Runs it; what it said, held to the law. */
async function ended(programs: string, args: readonly string[], budget = BUDGET) {
	const options = { cli: join(programs, 'cli.js'), budget, slack: BUSY };
	const { code, out, err } = await spawnCommand(options, [...args, '--budget', `${budget}`]);
	expect([0, 1, 2, 3], `${code}: ${err}`).toContain(code);
	expect(err).not.toContain('internal error');
	return { code, said: out + err };
}

/** The stand-in for the engine has no facts to be stuck in. */
const STUCK = Object.entries(COMMANDS).filter(([name]) => name !== 'facts');

describe.each(STUCK)('%s', (name, args) => {
	test('ends when the work asks nobody', async () => {
		const { code, said } = await ended(fake, args(written(name, WALK.replace('NEVER', 'stuck'))));
		expect(said).toMatch(/ran out of its budget of 1 s in reading/);
		expect(code).toBe(3);
	});
});

/** Kinds that keep a phase busy which looks at its budget, or a part of the command that is no work on the text. */
const KINDS = [
	'c: calls of macros that double',
	'c: many walks',
	'c: choices',
	'c: a chain of calls',
	'c: many functions',
];
const SIZE = 200_000;
const BESIDE = ['check with a scenario', 'simulate', 'guards', 'explain', 'facts'];

describe.each(hostileTexts(SIZE).filter((t) => KINDS.includes(t.name)))('$name', (hostile) => {
	test.each(BESIDE)('%s', async (name) => {
		const file = written(hostile.name, hostile.text());
		const { code, said } = await ended(real, COMMANDS[name]?.(file) ?? []);
		expect(said).not.toContain('internal error');
		if (code !== 3) return;
		expect(said).toMatch(/budget|more than|inconclusive|unsupported|undecided|stopped|not all/);
	});
});

test('a scenario that is no litmus test is told, and where it ends to be one', async () => {
	const file = written(
		'walk',
		readFileSync(join(repositoryRoot, 'test/fixtures/holds/stale-pin.c'), 'utf8'),
	);
	const scenario = join(folder, 'bad.litmus');
	writeFileSync(scenario, `C x\n\n{}\n\nP0(int *x)\n{\n\t${'('.repeat(2000)}\n}\nexists (x=1)\n`);
	const { code, said } = await ended(
		real,
		['check', '--memory', 'lkmm', '--scenario', scenario, file],
		30,
	);
	expect(said).toMatch(/bad\.litmus:\d+:\d+: P0/);
	expect(code).toBe(2);
});
