/**
 * The language server in a workspace that somebody else made: every document has its verdict, what could not be read is said
 * there, and what the workspace would vouch for itself with counts where the user trusts it and nowhere else.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Hover } from 'vscode-languageserver/node';
import { ODD_SETTINGS } from '../fuzz/session_fuzz.js';
import { bundle } from './bundle.js';
import { HOSTILE, makeTree, put } from './hostile_tree.js';
import { type Client, startClient } from './lsp_client.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const VIOLATED = readFileSync(join(root, 'test/fixtures/violated/stale-pin.c'), 'utf8');
const HOLDS = readFileSync(join(root, 'test/fixtures/holds/stale-pin.c'), 'utf8');
const IDLE = 'void actor_zap(void)\n{\n}\n';
const SETTINGS = { actors: ['zap'], guards: false, otherArchitectures: false, hoverDetails: true };

let programs = '';
let folder = '';
const clients: Client[] = [];

beforeAll(async () => {
	programs = await bundle({ server: 'server/main.ts', worker: 'server/worker/worker.ts' });
	folder = mkdtempSync(join(tmpdir(), 'racewalk-hostile-'));
});

afterAll(() => {
	for (const client of clients) client.process.kill();
	rmSync(dirname(programs), { recursive: true, force: true });
	rmSync(folder, { recursive: true, force: true });
});

async function start(
	home: string,
	options: { readonly trusted?: boolean; readonly settings?: object | (() => unknown) } = {},
): Promise<Client> {
	const { trusted, settings = SETTINGS } = options;
	const client = await startClient(join(programs, 'server.js'), {
		folders: [home],
		capabilities: {
			textDocument: { hover: { contentFormat: ['plaintext'] } },
			workspace: {
				configuration: true,
				workspaceFolders: true,
				didChangeWatchedFiles: { dynamicRegistration: true },
			},
		},
		configuration: () => (typeof settings === 'function' ? settings() : settings),
		...(trusted === undefined ? {} : { initializationOptions: { workspaceTrusted: trusted } }),
	});
	clients.push(client);
	return client;
}

/** The verdict of the walk once nothing is left to explore, and what the hover on its name assumes. */
async function verdict(
	client: Client,
	uri: string,
): Promise<{ readonly verdict: string | undefined; readonly hover: string }> {
	const line = VIOLATED.split('\n').findIndex((l) => l.includes('walk_ptes('));
	await client.until(() => client.verdicts.at(-1)?.uri === uri && isOver(client));
	const hover: Hover | null = await client.connection.sendRequest('textDocument/hover', {
		textDocument: { uri },
		position: { line, character: VIOLATED.split('\n')[line]?.indexOf('walk_ptes') ?? 0 },
	});
	const { value } = (hover?.contents ?? { value: '' }) as { value: string };
	const told = client.verdicts.at(-1)?.functions[0]?.verdict;
	return { verdict: told, hover: value };
}

function isOver({ verdicts }: Client): boolean {
	const last = verdicts.at(-1);
	return last?.freshness === 'fresh' && last.left === undefined;
}

/** A workspace with a walk; its address. */
function workspace(name: string, text: string, files: Readonly<Record<string, string>> = {}) {
	const home = join(folder, name);
	put(join(home, 'walk.c'), text);
	for (const [path, content] of Object.entries(files)) put(join(home, path), content);
	return { home, uri: pathToFileURL(join(home, 'walk.c')).href };
}

describe('files that are none', () => {
	test('cost no answer, and are told once and with the verdict', async () => {
		const { home, uri } = workspace('files', HOLDS);
		const actors = join(home, '.racewalk/actors');
		mkdirSync(actors, { recursive: true });
		for (const { name, make } of HOSTILE) make(join(actors, `${name.replaceAll(' ', '-')}.c`));
		const client = await start(home);
		await client.open(uri, HOLDS);
		const { verdict: found, hover } = await verdict(client, uri);
		expect(found).toBe('holds');
		for (const { said } of HOSTILE) {
			expect(client.shown.filter((m) => said.test(m)).length).toBeGreaterThan(0);
			expect(hover).toMatch(said);
		}
		expect(new Set(client.shown).size).toBe(client.shown.length);
		expect(await client.stop()).toBe(0);
	});

	test('in the tree: headers and the memory model', async () => {
		const home = join(folder, 'tree');
		const includes = HOSTILE.map(({ name }) => `#include <linux/${name.replaceAll(' ', '-')}.h>`);
		makeTree(home, { 'mm/walk.c': '' });
		mkdirSync(join(home, 'tools/memory-model'), { recursive: true });
		for (const { name, make } of HOSTILE)
			make(join(home, 'include/linux', `${name.replaceAll(' ', '-')}.h`));
		HOSTILE.find(({ name }) => name === 'a FIFO')?.make(
			join(home, 'tools/memory-model/linux-kernel.bell'),
		);
		const client = await start(home);
		const uri = pathToFileURL(join(home, 'mm/walk.c')).href;
		await client.open(uri, `${HOLDS}\n${includes.join('\n')}\n`);
		const { hover } = await verdict(client, uri);
		expect(hover).toMatch(/of the kernel tree, include\/linux\/[\w-]+\.h (?:is|leads)/);
		const litmus = pathToFileURL(join(home, 'sb.litmus')).href;
		await client.open(
			litmus,
			'C SB\n\n{}\n\nP0(int *x)\n{\n\tWRITE_ONCE(*x, 1);\n}\n\nexists (x=1)\n',
		);
		await client.until(
			() => client.verdicts.findLast((v) => v.uri === litmus)?.freshness === 'fresh',
		);
		expect(await client.stop()).toBe(0);
	});
});

describe('an adversary that would replace one of racewalk’s', () => {
	const files = { '.racewalk/actors/zap.c': IDLE };

	test.each([
		['the workspace is not trusted', { trusted: false }, 'violated', /trust the workspace/],
		['nobody says anything of trust', {}, 'violated', /racewalk\.trustWorkspaceActors/],
		[
			'the editor says no, whatever the settings say',
			{ trusted: false, settings: { ...SETTINGS, trustWorkspaceActors: true } },
			'violated',
			/trust the workspace/,
		],
		['the workspace is trusted', { trusted: true }, 'holds', null],
		[
			'the user’s settings trust it',
			{ settings: { ...SETTINGS, trustWorkspaceActors: true } },
			'holds',
			null,
		],
	] as const)('%s', async (name, options, expected, told) => {
		const { home, uri } = workspace(name.replaceAll(/\W+/g, '-'), VIOLATED, files);
		const client = await start(home, options);
		await client.open(uri, VIOLATED);
		const { verdict: found, hover } = await verdict(client, uri);
		expect(found).toBe(expected);
		const ignored = client.shown.filter((m) => /would replace the built-in adversary zap/.test(m));
		expect(ignored).toHaveLength(told === null ? 0 : 1);
		if (told !== null) expect(ignored[0]).toMatch(told);
		expect(hover).toMatch(
			told === null
				? /Assumes:\n\n- \.racewalk\/actors\/zap\.c of the workspace acts in the place of/
				: /Assumes:\n\n- \.racewalk\/actors\/zap\.c would replace .* is ignored/,
		);
		await client.stop();
	});

	test('counts from the moment that the workspace is trusted, and no longer when it is gone', async () => {
		const { home, uri } = workspace('granted', VIOLATED, files);
		const client = await start(home, { trusted: false });
		await client.open(uri, VIOLATED);
		expect((await verdict(client, uri)).verdict).toBe('violated');
		await client.connection.sendNotification('racewalk/trust', { workspaceTrusted: true });
		await client.until(() => client.verdicts.at(-1)?.functions[0]?.verdict === 'holds');
		const file = join(home, '.racewalk/actors/zap.c');
		rmSync(file);
		await client.connection.sendNotification('workspace/didChangeWatchedFiles', {
			changes: [{ uri: pathToFileURL(file).href, type: 3 }],
		});
		await client.until(() => client.verdicts.at(-1)?.functions[0]?.verdict === 'violated');
		await client.stop();
	});

	test('above the folder that is open is not looked at', async () => {
		const above = join(folder, 'above');
		makeTree(above, files);
		const { home, uri } = workspace('above/mine', VIOLATED);
		const client = await start(home, { trusted: true });
		await client.open(uri, VIOLATED);
		const { verdict: found, hover } = await verdict(client, uri);
		expect(found).toBe('violated');
		expect(hover).toMatch(/the folder lies in the kernel tree \S+above, which was not read/);
		expect(hover).not.toContain('.racewalk');
		await client.stop();
	});
});

describe('settings of a workspace', () => {
	test.each([
		[-1, 20],
		['soon', 20],
		[1e9, 3600],
		[0.001, 0.1],
		[[5], 20],
	])('budgetSeconds %j: %d is used, and that is said', async (budgetSeconds, used) => {
		const { home, uri } = workspace('budget', VIOLATED);
		const client = await start(home, { settings: { ...SETTINGS, budgetSeconds } });
		await client.open(uri, VIOLATED);
		const said = `racewalk: racewalk.budgetSeconds takes a number from 0.1 to 3600: ${used} is used`;
		await client.until(() => client.shown.includes(said));
		await client.stop();
	});

	test('that are none cost no verdict, and nothing counts for more by them', async () => {
		const { home, uri } = workspace('odd', VIOLATED);
		let settings: unknown = null;
		const client = await start(home, { settings: () => settings });
		for (const [i, odd] of ODD_SETTINGS.entries()) {
			settings = odd;
			await client.connection.sendNotification('workspace/didChangeConfiguration', {
				settings: odd,
			});
			const text = `${VIOLATED}${'\n'.repeat(i + 1)}`;
			if (i === 0) await client.open(uri, text);
			else await client.change(uri, text);
			const found = await client.diagnostics(uri);
			expect(
				found.map((d) => d.code),
				JSON.stringify(odd).slice(0, 100),
			).toContain('stale-pin');
		}
		expect(client.shown.filter((m) => m.includes('internal error'))).toEqual([]);
		expect(await client.stop()).toBe(0);
	});

	test('that take something away from a verdict are said with it', async () => {
		const { home, uri } = workspace('less', VIOLATED);
		const settings = { ...SETTINGS, rules: { 'stale-pin': 'off' } };
		const client = await start(home, { settings });
		await client.open(uri, VIOLATED);
		const { verdict: found, hover } = await verdict(client, uri);
		expect(found).toBe('violated');
		expect(hover).toContain('only the adversary zap took part, as was asked for');
		expect(hover).toContain('findings of stale-pin are not shown (racewalk.rules)');
		await client.stop();
	});
});
