/**
 * The programs as users meet them, on hostile files under hostile names: the command line in every format, and the server
 * spoken to by clients with and without Markdown.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SaxesParser } from 'saxes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CodeLens, Hover, MarkupContent } from 'vscode-languageserver/node';
import { bundle } from '../server/bundle.js';
import { startClient } from '../server/lsp_client.js';
import { HOSTILE } from './hostile.js';
import { hostileLitmus, hostileWalk } from './hostile_walk.js';
import { renderings } from './rendered.js';

/** A name that moves the cursor, ends the line and begins a command of a build service. */
const NAME = '::error::x\n::add-mask::x\x1b]52;c;aGk=\x07`![x](y)`[a](command:z) {0}\u202e,%0A.c';
const UNSEEN = /[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

let programs = '';
let folder = '';
let walk = '';
let litmus = '';

beforeAll(async () => {
	programs = await bundle({
		cli: 'server/cli.ts',
		server: 'server/main.ts',
		worker: 'server/worker/worker.ts',
	});
	folder = mkdtempSync(join(tmpdir(), 'racewalk-hostile-'));
	walk = join(folder, NAME);
	litmus = join(folder, NAME.replace(/c$/, 'litmus'));
	writeFileSync(walk, hostileWalk('violated/stale-pin.c', HOSTILE));
	writeFileSync(litmus, hostileLitmus(HOSTILE.join(' ')));
	mkdirSync(join(folder, '.racewalk', 'actors'), { recursive: true });
	const says = HOSTILE.join(' ')
		.replaceAll('*/', '')
		.replace(/[\r\n]/g, ' ');
	writeFileSync(
		join(folder, '.racewalk', 'actors', 'hostile.c'),
		`/*\n * hostile: ${says}\n */\nvoid actor_hostile(void)\n{\n\t/* mm/memory.c: zap_pte_range() */\n\tptep_clear_flush(NULL, 0, victim_ptep);\n}\n`,
	);
});

afterAll(() => {
	rmSync(dirname(programs), { recursive: true, force: true });
	rmSync(folder, { recursive: true, force: true });
});

function run(args: readonly string[]): { readonly out: string; readonly err: string } {
	const { stdout, stderr, status } = spawnSync(
		process.execPath,
		[join(programs, 'cli.js'), ...args],
		{ encoding: 'utf8', cwd: folder, maxBuffer: 64 * 1024 * 1024 },
	);
	expect(status, stderr).not.toBeNull();
	expect(stderr).not.toContain('internal error');
	return { out: stdout, err: stderr };
}

const CORE = ['--depth', 'core', '--actor', 'zap', '--color', 'never'];

/** Arguments, and what besides must hold of standard output. */
const COMMANDS: Readonly<
	Record<string, readonly [args: () => readonly string[], judge: (out: string) => void]>
> = {
	check: [
		() => ['check', ...CORE, walk],
		(out) => {
			// each line begins with the file's name on that line, or is indented below one
			const lines = out.split('\n').filter((line) => line !== '' && !/^\s/.test(line));
			for (const line of lines)
				expect(line).toMatch(/^\/.*\.c(?::\d+)+: (?:error|note)|\.c: note:/);
			expect(lines.some((line) => line.includes('\\x1b]52'))).toBe(true);
		},
	],
	'check as JSON': [
		() => ['check', ...CORE, '--format', 'json', walk],
		(out) => expect(JSON.parse(out)).toMatchObject({ schema: 1 }),
	],
	'check as SARIF': [
		() => ['check', ...CORE, '--format', 'sarif', walk],
		(out) => {
			const texts: string[] = [];
			JSON.parse(out, (key, value: unknown) => {
				if (key === 'text' && typeof value === 'string') texts.push(value);
				return value;
			});
			expect(texts.length).toBeGreaterThan(5);
			for (const text of texts) expect(text).not.toMatch(/\]\(/);
		},
	],
	'check for GitHub': [
		() => ['check', ...CORE, '--format', 'github', walk],
		(out) => {
			const lines = out.trimEnd().split('\n');
			for (const line of lines) {
				expect(line).toMatch(
					/^::(?:error|warning|notice) file=[^:,]+,line=\d+,endLine=\d+,col=\d+,endColumn=\d+,title=racewalk [a-z-]+::/,
				);
			}
		},
	],
	'explain a guard': [() => ['explain', ...CORE, `${walk}:9`], harmlessMarkdown],
	'explain a condition': [() => ['explain', ...CORE, `${walk}:12`], harmlessMarkdown],
	'explain as JSON': [
		() => ['explain', ...CORE, '--format', 'json', `${walk}:9`],
		(out) => harmlessMarkdown((JSON.parse(out) as { readonly markdown: string }).markdown),
	],
	claims: [() => ['claims', ...CORE, walk], () => undefined],
	guards: [() => ['guards', ...CORE, walk], (out) => expect(out).toContain('example.com')],
	simulate: [
		() => ['simulate', ...CORE, `${walk}:walk_ptes`],
		(out) => expect(out).toContain('CPU 0'),
	],
	actors: [
		() => ['actors', '--actor', 'hostile'],
		(out) => expect(out).toContain('hostile (yours)'),
	],
	litmus: [() => ['litmus', litmus], () => undefined],
	'litmus as JSON': [
		() => ['litmus', '--format', 'json', litmus],
		(out) => expect(JSON.parse(out)).toHaveLength(1),
	],
	'litmus explained': [() => ['litmus', '--explain', litmus], () => undefined],
	'litmus as SVG': [
		() => ['litmus', '--explain', '--format', 'svg', litmus],
		(out) => {
			const names = new Set<string>();
			const xml = new SaxesParser();
			xml.on('error', (error) => {
				throw error;
			});
			xml.on('opentag', ({ name }) => names.add(name));
			xml.write(out).close();
			expect([...names].sort()).toEqual(
				['defs', 'line', 'marker', 'path', 'rect', 'svg', 'text', 'title'].filter((n) =>
					names.has(n),
				),
			);
			expect(names).toContain('svg');
		},
	],
	'litmus as DOT': [
		() => ['litmus', '--explain', '--format', 'dot', litmus],
		(out) => {
			const rest = out.replace(/"(?:\\.|[^"\\])*"/g, 'S');
			expect(rest).toMatch(/^digraph S \{\n/);
			expect(rest).not.toMatch(/["<]|URL|href|image/);
		},
	],
	'a file that is not there': [() => ['check', `${walk}.gone`], (out) => expect(out).toBe('')],
	'an adversary that is not there': [
		() => ['check', '--actor', NAME, walk],
		(out) => expect(out).toBe(''),
	],
	'an option that is not there': [() => [`--${NAME}`], (out) => expect(out).toBe('')],
};

function harmlessMarkdown(markdown: string): void {
	for (const { elements, addresses } of Object.values(renderings(markdown))) {
		expect(addresses).toEqual([]);
		expect(elements.filter((name) => !/^(?:p|strong|code|ul|li|hr|pre)$/.test(name))).toEqual([]);
	}
	expect(markdown.length).toBeGreaterThan(20);
}

describe('the command line', () => {
	it.each(Object.entries(COMMANDS))(
		'%s writes nothing that is obeyed',
		(_, [args, judge]) => {
			const { out, err } = run(args());
			for (const stream of [out, err]) {
				expect(stream).not.toMatch(UNSEEN);
				expect(stream).not.toMatch(/##\[/);
			}
			if (!out.startsWith('::')) expect(out).not.toMatch(/^\s*::/m);
			expect(err).not.toMatch(/^\s*::/m);
			judge(out);
		},
		120_000,
	);
});

/** The input of the report: a backtick in a comment inside a call leaves the code span. */
const BEACON = '`![x](https://example.com/h.png)` [run](command:racewalk.openTrace?%5B%5D)';

describe('the server', () => {
	it.each(['markdown', 'plaintext'] as const)(
		'says in %s what is only text',
		async (kind) => {
			const client = await startClient(join(programs, 'server.js'), {
				capabilities: { textDocument: { hover: { contentFormat: [kind] } } },
				initializationOptions: { tracePanel: true },
			});
			const uri = pathToFileURL(walk).href;
			const text = hostileWalk('violated/stale-pin.c', [BEACON]);
			await client.open(uri, text);
			const found = await client.diagnostics(uri);
			expect(found.length).toBeGreaterThan(0);
			expect(
				JSON.stringify(found.map((d) => [d.message, d.relatedInformation?.map((r) => r.message)])),
			).not.toMatch(UNSEEN);
			const lines = text.split('\n');
			let quoting = 0;
			for (const [line, content] of lines.entries()) {
				const character = content.search(/\w\(/);
				if (character < 0) continue;
				const hover: Hover | null = await client.connection.sendRequest('textDocument/hover', {
					textDocument: { uri },
					position: { line, character },
				});
				if (hover === null) continue;
				const said = hover.contents as MarkupContent;
				expect(said.kind).toBe(kind);
				expect(said.value).not.toMatch(UNSEEN);
				if (said.value.includes('example.com')) quoting++;
				if (kind === 'plaintext') {
					expect(said.value).not.toMatch(/\*\*|\]\(command:racewalk\.openTrace\?%5B%7B/);
					continue;
				}
				for (const { elements, addresses } of Object.values(renderings(said.value))) {
					expect(elements).not.toContain('img');
					for (const address of addresses) {
						expect(address).toMatch(/^(?:command:racewalk\.openTrace\?%5B%7B|file:\/\/)/);
					}
				}
			}
			expect(quoting).toBeGreaterThan(0);
			const lenses: CodeLens[] = await client.connection.sendRequest('textDocument/codeLens', {
				textDocument: { uri },
			});
			for (const { command } of lenses) expect(command?.title).not.toMatch(/\$\(|\]\(/);
			for (const message of client.shown) expect(message).not.toMatch(/\]\(|\n/);
			expect(await client.stop()).toBe(0);
		},
		120_000,
	);
});
