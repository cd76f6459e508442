/**
 * What if and claims on the command line, as a user meets them: words on two streams, exit status, JSON by its schema.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { repositoryRoot as root } from '../trees.js';
import { bundle } from './bundle.js';

const HOLDS = join(root, 'test/fixtures/holds/stale-pin.c');

let programs = '';
let folder = '';

beforeAll(async () => {
	programs = await bundle({ cli: 'server/cli.ts' });
	folder = mkdtempSync(join(tmpdir(), 'racewalk-cli-'));
	writeFileSync(join(folder, 'plain.c'), 'int main(void)\n{\n\treturn 0;\n}\n');
});

afterAll(() => {
	rmSync(dirname(programs), { recursive: true, force: true });
	rmSync(folder, { recursive: true, force: true });
});

function run(args: readonly string[]): {
	readonly status: number | null;
	readonly out: string;
	readonly err: string;
} {
	const ended = spawnSync(process.execPath, [join(programs, 'cli.js'), ...args], {
		encoding: 'utf8',
		cwd: folder,
		maxBuffer: 64 * 1024 * 1024,
	});
	return { status: ended.status, out: ended.stdout, err: ended.stderr };
}

describe('a what-if', () => {
	test('is said on top, with what was taken away; nothing below looks like a finding', () => {
		const { out } = run(['check', HOLDS, '--what-if', 'no-recheck']);
		expect(out).toMatch(/^what if the entry is not re-checked \(x86_64\): .* not about the code/);
		expect(out).toMatch(/ {2}no-recheck: .+\.c:17:\d+: the comparison of the entry/);
		expect(out).not.toMatch(/: (error|warning): /);
		expect(out).toMatch(/: note: what if the entry is not re-checked: .+ \[stale-pin\]/);
		expect(out).toMatch(/: note: walk_ptes: what if: breaks/);
	});

	test('with nothing to take away says that', () => {
		const { out } = run(['check', HOLDS, '--what-if', 'no-rcu-table-free', '--arch', 'i386-pae']);
		expect(out).toContain('no-rcu-table-free: there is nothing to take away');
		expect(out).toMatch(/: note: walk_ptes: what if: still holds/);
	});

	test.each([
		['sarif', /"level": "note"/, /"level": "(error|warning)"/],
		['github', /^::notice .*::what if /m, /^::(error|warning) /m],
	])('is a note in %s', (format, there, absent) => {
		const { out } = run(['check', HOLDS, '--what-if', 'no-recheck', '--format', format]);
		expect(out).toMatch(there);
		expect(out).not.toMatch(absent);
	});

	test('can be simulated and explained', () => {
		const asked = run(['simulate', `${HOLDS}:walk_ptes`, '--what-if', 'no-recheck']);
		expect(asked).toMatchObject({ status: 1 });
		expect(asked.out).toMatch(/^what if .*\n {2}no-recheck: /);
		const still = run(['simulate', `${HOLDS}:walk_ptes`, '--what-if', 'no-rcu-read-lock']);
		expect(still).toMatchObject({ status: 0 });
		expect(still.out).toMatch(
			/^still holds; no violation found; this run shows [\w +]+ against the walk$/m,
		);
		const said = run(['explain', `${HOLDS}:16`, '--what-if', 'no-recheck']);
		expect(said.out).toMatch(/^```\nwhat if the entry is not re-checked/);
	});
});

describe('claims', () => {
	const CLAIMING = 'claiming.c';
	beforeAll(() => {
		const whole = readFileSync(join(root, 'test/fixtures/holds/use-after-free.c'), 'utf8');
		const claim =
			'/* The folio is stable and page tables cannot be freed while interrupts are off. */\n';
		const at = whole.indexOf('static unsigned long');
		writeFileSync(join(folder, CLAIMING), whole.slice(0, at) + claim + whole.slice(at));
		const plain = whole.replace(/\/\*[\s\S]*?\*\/\n?/g, '');
		const from = plain.indexOf('static unsigned long');
		const right = '/* Page tables cannot be freed while interrupts are off. */\n';
		writeFileSync(join(folder, 'right.c'), plain.slice(0, from) + right + plain.slice(from));
	});

	test.each([
		['one that is false', [CLAIMING], 1],
		['one that is true', ['right.c'], 0],
		['one that is undecided', ['right.c', '--what-if', 'interrupts-on'], 3],
		['none', ['plain.c'], 0],
	])('with %s: exit status and schema', (_, args, status) => {
		const { status: ended, out } = run(['claims', ...args, '--format', 'json']);
		expect(ended).toBe(status);
		const schema: object = JSON.parse(
			readFileSync(join(root, 'schema/claims.schema.json'), 'utf8'),
		);
		const validate = new Ajv2020({ allErrors: true }).compile(schema);
		validate(JSON.parse(out));
		expect(validate.errors).toBeNull();
	});

	test('text has the sentence, how it was read, the run, and counts what was not decided', () => {
		const { out } = run(['claims', 'right.c']);
		expect(out).toMatch(/^right\.c:\d+:4: true: "Page tables cannot be freed while/m);
		expect(out).toMatch(/^ {2}read as: the page table is never freed by another CPU while/m);
		expect(out).toMatch(
			/^ {2}true: no explored run contradicts it .*; example of a run that reaches it: [\w.]+:/m,
		);
		// that something never happens no single run shows
		expect(out).not.toMatch(/CPU 0 /);
		expect(out).toMatch(/^right\.c: note: explored against .*pgtable_free/m);
		expect(run(['claims', CLAIMING]).out).toMatch(/CPU 0 .*CPU 1 /);
		expect(out).toMatch(/: 1 of 1 sentences in comments of the walk make a claim/);
	});

	test.each([
		['sarif', ['--format', 'sarif'], 'text or json'],
		['lkmm', ['--memory', 'lkmm'], '--memory sc'],
	])('refuses %s', (_, args, why) => {
		const { status, err } = run(['claims', 'right.c', ...args]);
		expect(status).toBe(2);
		expect(err).toContain(why);
	});
});
