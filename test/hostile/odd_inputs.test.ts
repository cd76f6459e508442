/** Inputs that say something twice, or not what they should: a second final condition, a place that is none, a word without an end. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REQUEST_ABOUT } from '../../server/protocol.js';
import { bundle } from '../server/bundle.js';
import { type Client, startClient } from '../server/lsp_client.js';
import { repositoryRoot } from '../trees.js';

const WALK = readFileSync(join(repositoryRoot, 'test/fixtures/violated/stale-pin.c'), 'utf8');
const GOOD = readFileSync(join(repositoryRoot, 'test/fixtures/holds/stale-pin.c'), 'utf8');
const TEST =
	'C two\n\n{}\n\nP0(int *x)\n{\n\tint r0;\n\n\tr0 = READ_ONCE(*x);\n}\n\nP1(int *x)\n{\n\tWRITE_ONCE(*x, 1);\n}\n\n';

let programs = '';
let folder = '';

beforeAll(async () => {
	programs = await bundle({
		...{ cli: 'server/cli.ts', server: 'server/main.ts', worker: 'server/worker/worker.ts' },
	});
	folder = mkdtempSync(join(tmpdir(), 'racewalk-odd-'));
});

afterAll(() => {
	rmSync(dirname(programs), { recursive: true, force: true });
	rmSync(folder, { recursive: true, force: true });
});

function run(command: string, name: string, text: string) {
	const file = join(folder, name);
	writeFileSync(file, text);
	const args = [join(programs, 'cli.js'), command, file];
	const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
	return { status, stdout, stderr };
}

describe('a litmus test', () => {
	test.each([
		['exists (0:r0=5)\n~exists (0:r0=1)', '~exists'],
		['exists (0:r0=5)\nexists (0:r0=1)', 'exists'],
		['forall (0:r0=0)\nexists (0:r0=1)', 'exists'],
		['filter (0:r0=0)\nfilter (0:r0=1)\nexists (0:r0=1)', 'filter'],
		['locations [x;]\nlocations [0:r0;]\nexists (0:r0=1)', 'locations'],
	])('is not answered for one of two: %j', (end, second) => {
		const { status, stderr } = run('litmus', 'two.litmus', `${TEST}${end}\n`);
		expect([status, stderr]).toEqual([2, expect.stringContaining(`a second ${second}`)]);
	});

	test('with one of each is answered', () => {
		const end = 'locations [x;]\nfilter (0:r0=1)\nexists (0:r0=1)\n';
		const { status, stdout } = run('litmus', 'one.litmus', `${TEST}${end}`);
		expect([status, stdout]).toEqual([0, expect.stringContaining('Observation two Always')]);
	});
});

test('a number of a hundred thousand digits is named by its first ones', () => {
	const text = GOOD.replace('\tint done = 0;\n', `\tint done = ${'9'.repeat(100_000)};\n`);
	const { status, stdout } = run('check', 'number.c', text);
	expect([status, stdout]).toEqual([3, expect.stringContaining(`the number ${'9'.repeat(20)}`)]);
	expect(stdout.length).toBeLessThan(10_000);
});

describe('a request about a place that is none', () => {
	const URI = 'file:///odd.c';
	const places: readonly unknown[] = [
		...[null, undefined, 5, 'x', [], {}],
		...[
			{ line: null, character: null },
			{ line: 'x', character: [] },
		],
	];
	const start = async (): Promise<Client> => {
		const client = await startClient(join(programs, 'server.js'));
		await client.open(URI, WALK);
		await client.diagnostics(URI);
		return client;
	};
	const refusal = { code: -32602, message: expect.stringContaining('params must be') };

	test('is refused, and is no error of racewalk', async () => {
		const client = await start();
		const ask = (method: string, about: object): Promise<unknown> =>
			client.connection.sendRequest(method, { textDocument: { uri: URI }, ...about });
		for (const position of places) {
			for (const method of ['textDocument/hover', 'textDocument/references', REQUEST_ABOUT])
				await expect(ask(method, { position })).rejects.toMatchObject(refusal);
			const context = { diagnostics: [] };
			for (const range of [position, { start: position, end: { line: 0, character: 0 } }])
				await expect(ask('textDocument/codeAction', { range, context })).rejects.toMatchObject(
					refusal,
				);
		}
		for (const line of [-1, 1.5, 2 ** 31, 2 ** 53, 1e308])
			expect(await ask('textDocument/hover', { position: { line, character: line } })).toBeNull();
		expect(client.shown).toEqual([]);
		await client.stop();
	});
});
