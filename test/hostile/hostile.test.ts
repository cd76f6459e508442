/**
 * The inputs that once made racewalk hang or grow, in the command line and over LSP: a command ends in time and says what was
 * not decided, a server answers, and checks the text once it is repaired.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { runCommand } from '../fuzz/command_fuzz.js';
import { bundle } from '../server/bundle.js';
import { startClient } from '../server/lsp_client.js';
import { repositoryRoot } from '../trees.js';
import { hostileTexts } from './inputs.js';

/** Characters of the long ones, as they were reported. */
const SIZE = 200_000;
/** Those that were reported; all kinds of them are in the fuzz. */
const REPORTED = [
	'c: a claim that goes on',
	'c: stars in a comment',
	'c: blanks in a comment',
	'c: a long name in a typedef',
	'c: a citation of dots',
	'c: quotes that do not end',
	'c: macros that double',
	'c: calls of macros that double',
	'c: macros that paste',
	'c: macros that quote',
	'c: conditions that double',
	'c: arguments that double',
	'c: arguments without a number that double',
	'c: many functions',
	'litmus: a word',
	'litmus: many barriers',
	'litmus: barriers',
	'litmus: writes',
	'litmus: conditions',
	'litmus: many threads',
];
/** Seconds that other tests at the same time may cost. */
const BUSY = 25;

let programs = '';
let folder = '';

beforeAll(async () => {
	programs = await bundle({
		...{ cli: 'server/cli.ts', server: 'server/main.ts', worker: 'server/worker/worker.ts' },
		fake_server: 'test/server/fake/fake_server.ts',
		fake_worker: 'test/server/fake/fake_worker.ts',
	});
	folder = mkdtempSync(join(tmpdir(), 'racewalk-hostile-'));
});

afterAll(() => {
	rmSync(dirname(programs), { recursive: true, force: true });
	rmSync(folder, { recursive: true, force: true });
});

const texts = hostileTexts(SIZE).filter(({ name }) => REPORTED.includes(name));

it('knows every input that was reported', () => {
	expect(texts.map(({ name }) => name).sort()).toEqual([...REPORTED].sort());
});

describe('a command with a budget', () => {
	const cases = texts.flatMap((hostile) =>
		(hostile.kind === 'litmus' ? ['litmus'] : ['check', 'claims']).map(
			(command) => [command, hostile.name, hostile] as const,
		),
	);
	test.each(cases)('%s ends on %s', async (command, name, { kind, text }) => {
		const file = join(folder, `${name.replace(/\W+/g, '_')}.${kind}`);
		writeFileSync(file, text());
		const options = { cli: join(programs, 'cli.js'), budget: 1, slack: BUSY };
		const { code, out, err } = await runCommand(options, command, file);
		expect([0, 1, 2, 3], `${code}: ${err}`).toContain(code);
		expect(err).not.toContain('internal error');
		// what was not decided is said
		if (code === 3)
			expect(out + err).toMatch(
				/not decided|out of time|budget|took longer|more than|inconclusive|unsupported/,
			);
	});
});

const WALK = readFileSync(join(repositoryRoot, 'test/fixtures/violated/stale-pin.c'), 'utf8');

describe('a server', () => {
	test('answers whatever its parsers are given, and checks the next text', async () => {
		const client = await startClient(join(programs, 'server.js'), {
			initializationOptions: { budgetSeconds: 15 },
		});
		const uri = 'file:///hostile.c';
		for (const { kind, text } of texts.slice(0, 4)) {
			if (kind !== 'c') continue;
			if (client.verdicts.length === 0) await client.open(uri, text());
			else await client.change(uri, text());
			await client.diagnostics(uri);
			const action = client.connection.sendRequest('textDocument/codeAction', {
				textDocument: { uri },
				range: { start: { line: 20, character: 0 }, end: { line: 20, character: 0 } },
				context: { diagnostics: [] },
			});
			expect(await action).toBeInstanceOf(Array);
		}
		await client.change(uri, WALK);
		const found = await client.diagnostics(uri);
		expect(found.map((d) => d.code)).toContain('stale-pin');
		expect(client.shown.filter((m) => m.includes('internal error'))).toEqual([]);
		await client.stop();
	});

	test.each([
		['a loop that asks nobody', 'hang();', 0.5, /took longer than 3\.5 s in exploring/],
		['memory without end', 'grow();', 60, /used more than \d+ MB of memory in exploring/],
	])('%s costs that text and no other', async (_, call, budgetSeconds, said) => {
		const client = await startClient(join(programs, 'fake_server.js'), {
			initializationOptions: { budgetSeconds },
		});
		const uri = 'file:///walk.c';
		const text = (body: string): string =>
			`static int walk(pte_t *ptep)\n{\n\tgrab();\n\t${body}\n\treturn 1;\n}\n`;
		await client.open(uri, text(call));
		const [told] = await client.diagnostics(uri);
		expect(told).toMatchObject({ code: 'not-decided', severity: 3 });
		expect(told?.message).toMatch(said);
		await client.change(uri, text(''));
		expect((await client.diagnostics(uri)).map((d) => d.code)).not.toContain('not-decided');
		expect(client.shown).toEqual([]);
		await client.stop();
	});

	test('checks every document of a hundred', async () => {
		const client = await startClient(join(programs, 'fake_server.js'));
		const uris = Array.from({ length: 100 }, (_, i) => `file:///walk${i}.c`);
		for (const uri of uris)
			await client.open(uri, 'static int walk(pte_t *ptep)\n{\n\tgrab();\n\treturn 1;\n}\n');
		for (const uri of uris) await client.diagnostics(uri);
		expect(
			new Set(client.verdicts.filter((v) => v.freshness === 'fresh').map((v) => v.uri)).size,
		).toBe(100);
		await client.stop();
	});

	test('a litmus test that cannot be run in time is told, and the next text is run', async () => {
		const client = await startClient(join(programs, 'server.js'), {
			initializationOptions: { budgetSeconds: 1 },
		});
		const uri = 'file:///x.litmus';
		const hard = texts.find(({ name }) => name === 'litmus: conditions')?.text() ?? '';
		await client.open(uri, hard);
		expect((await client.diagnostics(uri)).map((d) => d.code)).toEqual(['litmus-undecided']);
		await client.change(
			uri,
			'C x\n\n{}\n\nP0(int *x)\n{\n\tWRITE_ONCE(*x, 1);\n}\n\nexists (x=1)\n',
		);
		expect(await client.diagnostics(uri)).toEqual([]);
		await client.stop();
	});
});
