/**
 * racewalk starts nothing but its own workers, connects to nobody, listens for nobody and writes nothing, whatever the
 * workspace asks for: seen while the command line and the language server work on a tree that asks for much.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { repositoryRoot } from '../trees.js';
import { bundle } from './bundle.js';
import { startClient } from './lsp_client.js';
import { type Done, watchOutside } from './outside_watch.js';

const folder = mkdtempSync(join(tmpdir(), 'racewalk-outside-'));
const tree = join(folder, 'tree');
const file = join(tree, 'mm/gup.c');
let programs = '';

const SB = `C sb
{}
P0(int *x, int *y) { WRITE_ONCE(*x, 1); int r0 = READ_ONCE(*y); }
P1(int *x, int *y) { WRITE_ONCE(*y, 1); int r0 = READ_ONCE(*x); }
exists (0:r0=0 /\\ 1:r0=0)
`;

/** Everything a build, an editor or a shell would run, and C that names a program and an address. */
function makeTree(): void {
	const walk = readFileSync(join(repositoryRoot, 'test/fixtures/violated/stale-pin.c'), 'utf8');
	const evil = `touch '${join(folder, 'has-run')}'`;
	const files: Readonly<Record<string, string>> = {
		'mm/gup.c': `#pragma GCC dependency "/etc/passwd"\n${walk}`,
		// what a header that is not there may define is not known: nothing behind it is understood
		'mm/include.c': `#include "|${evil}"\n${walk}`,
		'mm/sb.litmus': SB,
		'include/linux/mm_types.h': '#include <http://127.0.0.1/x.h>\n',
		'.vscode/settings.json': JSON.stringify({ 'racewalk.kernelTree': 'http://127.0.0.1/' }),
		'.racewalk/actors/none.c': `/* none: does nothing.\n * $(${evil}) */\nvoid actor_none(void) {}\n`,
		'.config': `CONFIG_X=$(shell ${evil})\n`,
		'.envrc': evil,
		'package.json': JSON.stringify({ scripts: { preinstall: evil, start: evil } }),
		'node_modules/tree-sitter/index.js': `require('node:child_process').execSync(${JSON.stringify(evil)})`,
		Makefile: `$(shell ${evil})\n`,
	};
	for (const [path, text] of Object.entries(files)) {
		mkdirSync(dirname(join(tree, path)), { recursive: true });
		writeFileSync(join(tree, path), text);
	}
}

/** What is done beyond starting programs of ours; those by name. */
function judged(done: readonly Done[]): {
	readonly started: readonly string[];
	readonly other: readonly Done[];
} {
	const isOurs = ({ how, what }: Done) =>
		how === 'start' || (how === 'spawn' && what.includes(programs));
	return {
		started: done.filter((d) => d.how === 'start').map((d) => d.what),
		other: done.filter((d) => !isOurs(d)),
	};
}

beforeAll(async () => {
	makeTree();
	programs = await bundle({
		cli: 'server/cli.ts',
		worker: 'server/worker/worker.ts',
		server: 'server/main.ts',
	});
});

afterAll(() => {
	rmSync(folder, { recursive: true });
	if (programs !== '') rmSync(dirname(programs), { recursive: true });
});

/** A folder of its own for each program that is watched. */
function watched(): ReturnType<typeof watchOutside> {
	return watchOutside(mkdtempSync(join(folder, 'watch-')));
}

describe('nothing of the workspace runs, nothing is sent, listened for or written', () => {
	test('the watcher sees what is done', () => {
		const { options, done } = watched();
		const doing = `
			const { createServer, connect } = require('node:net');
			const { execFileSync, spawn } = require('node:child_process');
			spawn('true'); execFileSync('true');
			createServer().listen(0, '127.0.0.1', function () {
				connect(this.address().port, '127.0.0.1').on('connect', () => process.exit());
			});
			require('node:fs').writeFileSync('/dev/null', '');
			fetch('http://127.0.0.1:1/').catch(() => {});
		`;
		const env = { ...process.env, NODE_OPTIONS: options };
		spawnSync(process.execPath, ['-e', doing], { env });
		const seen = new Set(done().map(({ how }) => how));
		for (const how of ['spawn', 'execFileSync', 'listen', 'connect', 'writeFileSync', 'fetch']) {
			expect(seen).toContain(how);
		}
	});

	test.each([
		['check', ['check', file], 1],
		['check of a file with a hostile #include', ['check', join(tree, 'mm/include.c')], 3],
		['claims', ['claims', file], 0],
		['explain', ['explain', `${file}:12`], 0],
		['litmus', ['litmus', join(tree, 'mm/sb.litmus')], 0],
		['actors', ['actors', '--verify', '--tree', tree], 1],
	] as const)('by the command line: %s', (_, args, status) => {
		const { options, done } = watched();
		const env = { ...process.env, NODE_OPTIONS: options };
		const ran = spawnSync(process.execPath, [join(programs, 'cli.js'), ...args], {
			...{ env, cwd: tree, encoding: 'utf8' },
		});
		const { started, other } = judged(done());
		expect({ status: ran.status, other, error: ran.stderr.slice(0, 500) }).toMatchObject({
			...{ status, other: [] },
		});
		expect(started).toContain(join(programs, 'cli.js'));
	});

	test('by the server of tools', async () => {
		const { options, done } = watched();
		const client = new Client({ name: 'test', version: '1' });
		await client.connect(
			new StdioClientTransport({
				command: process.execPath,
				args: [join(programs, 'cli.js'), 'mcp'],
				env: { PATH: process.env['PATH'] ?? '', NODE_OPTIONS: options },
				cwd: tree,
				stderr: 'ignore',
			}),
		);
		const { structuredContent } = await client.callTool({
			name: 'check',
			arguments: { file: 'mm/gup.c' },
		});
		expect(structuredContent).toMatchObject({ outcome: 'finding' });
		await client.close();
		const { started, other } = judged(done());
		expect(other).toEqual([]);
		expect(started.length).toBeGreaterThan(1);
	});

	test('by the language server', async () => {
		const { options, done } = watched();
		vi.stubEnv('NODE_OPTIONS', options);
		const client = await startClient(join(programs, 'server.js'));
		vi.unstubAllEnvs();
		const uri = pathToFileURL(file).href;
		await client.open(uri, readFileSync(file, 'utf8'));
		const found = await client.diagnostics(uri);
		expect(found.map(({ code }) => code)).toContain('stale-pin');
		await client.connection.sendRequest('textDocument/hover', {
			textDocument: { uri },
			position: { line: 10, character: 20 },
		});
		await client.stop();
		const { started, other } = judged(done());
		expect(other).toEqual([]);
		expect(started).toContain(join(programs, 'server.js'));
		// in its workers, too
		expect(started.length).toBeGreaterThan(1);
	});
});
