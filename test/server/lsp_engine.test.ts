/**
 * The language server as it ships, with the real engine: through `racewalk lsp --stdio` and over IPC.
 */
import { fork } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
	type CodeAction,
	type CodeLens,
	createProtocolConnection,
	type Hover,
	IPCMessageReader,
	IPCMessageWriter,
} from 'vscode-languageserver/node';
import type { TracePanelContent } from '../../server/protocol.js';
import { bundle } from './bundle.js';
import { type Capabilities, type Client, editsOf, startClient } from './lsp_client.js';

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));
const CAPABILITIES: Capabilities = {
	textDocument: {
		codeAction: {
			dataSupport: true,
			resolveSupport: { properties: ['edit'] },
			codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix'] } },
		},
	},
};

let programs = '';

beforeAll(async () => {
	programs = await bundle({
		cli: 'server/cli.ts',
		server: 'server/main.ts',
		worker: 'server/worker/worker.ts',
	});
});

afterAll(() => rmSync(dirname(programs), { recursive: true, force: true }));

async function opened(fixture: string): Promise<{ client: Client; uri: string }> {
	const path = join(fixtures, fixture);
	const client = await startClient(join(programs, 'cli.js'), {
		arguments: ['lsp', '--stdio'],
		capabilities: CAPABILITIES,
		initializationOptions: { tracePanel: true },
	});
	const uri = pathToFileURL(path).href;
	await client.open(uri, readFileSync(path, 'utf8'));
	return { client, uri };
}

describe('a real walk', () => {
	test('is found wrong, explained, simulated and fixed', async () => {
		const { client, uri } = await opened('violated/stale-pin.c');
		const found = await client.diagnostics(uri);
		const stale = found.find((d) => d.code === 'stale-pin');
		expect(stale?.relatedInformation?.length).toBeGreaterThan(0);
		expect(client.verdicts.at(-1)?.functions).toMatchObject([{ verdict: 'violated' }]);
		const range = stale?.range ?? {
			start: { line: 0, character: 0 },
			end: { line: 0, character: 0 },
		};
		const actions: CodeAction[] = await client.connection.sendRequest('textDocument/codeAction', {
			textDocument: { uri },
			range,
			context: { diagnostics: stale === undefined ? [] : [stale] },
		});
		const titles = actions.map((a) => a.title);
		for (const title of ['Simulate this path', 'against …', 'Suppress stale-pin']) {
			expect(titles.some((t) => t.includes(title))).toBe(true);
		}
		const simulate = actions.find((a) => a.title === 'Simulate this path');
		const content: TracePanelContent | null = await client.connection.sendRequest(
			'workspace/executeCommand',
			{ command: 'racewalk.simulate', arguments: simulate?.command?.arguments },
		);
		expect(content?.finding?.rule).toBe('stale-pin');
		expect(content?.steps.some((step) => step.cpu === 1)).toBe(true);
		expect(content?.steps.at(-1)?.violation ?? content?.twoColumn).toMatch(/returned/);
		const fix = actions.find((a) => a.title.startsWith('Re-check'));
		const resolved: CodeAction = await client.connection.sendRequest('codeAction/resolve', fix);
		await client.edit(uri, editsOf(resolved.edit, uri));
		const left = await client.diagnostics(uri);
		expect(left.map((d) => d.code)).not.toContain('stale-pin');
		await client.stop();
	});

	test('that other architectures break says so where the cursor is, once they were looked at', async () => {
		const { client, uri } = await opened('violated/torn-entry.c');
		expect(await client.diagnostics(uri)).toEqual([]);
		const lines = client.text(uri).split('\n');
		const line = lines.findIndex((text) => text.includes('READ_ONCE(*ptep)'));
		const character = (lines[line] ?? '').indexOf('READ_ONCE') + 2;
		let value = '';
		// they come last of all, in the background: asked until they are there
		while (!value.includes('**Configurations**')) {
			const hover: Hover | null = await client.connection.sendRequest('textDocument/hover', {
				textDocument: { uri },
				position: { line, character },
			});
			({ value } = (hover?.contents ?? { value: '' }) as { value: string });
			await new Promise((wake) => setTimeout(wake, 50));
		}
		expect(value).toMatch(/`torn-entry` \(line \d+\): only on i386-pae: .* read in two halves/);
		await client.stop();
	});

	test('that holds says why its re-check is there, with the run one click away', async () => {
		const { client, uri } = await opened('holds/racing-mapping.c');
		await client.diagnostics(uri);
		const lines = client.text(uri).split('\n');
		const line = lines.findIndex((l) => /pte_val\(pte\) != /.test(l));
		let said = '';
		while (!said.includes('**Without this line** (')) {
			const hover: Hover | null = await client.connection.sendRequest('textDocument/hover', {
				textDocument: { uri },
				position: { line, character: (lines[line] ?? '').indexOf('pte_val(pte) !=') },
			});
			said = (hover?.contents as { value?: string } | undefined)?.value ?? '';
			await new Promise((wake) => setTimeout(wake, 100));
		}
		expect(said).toContain('when `pte_val(pte) != ');
		const target = /\[see the run\]\(command:[\w.]+\?([^)]+)\)/.exec(said)?.[1] ?? '';
		const [params] = JSON.parse(decodeURIComponent(target)) as unknown[];
		const run: TracePanelContent | null = await client.connection.sendRequest(
			'workspace/executeCommand',
			{ command: 'racewalk.simulate', arguments: [params] },
		);
		expect(run?.verdict).toBe('violated');
		expect(run?.finding?.message).toContain(`without line ${line + 1} `);
		await client.stop();
	});

	test('that holds has lenses, and hover with its adversaries and its re-check', async () => {
		const { client, uri } = await opened('holds/stale-pin.c');
		expect(await client.diagnostics(uri)).toEqual([]);
		const lenses: CodeLens[] = await client.connection.sendRequest('textDocument/codeLens', {
			textDocument: { uri },
		});
		expect(lenses[0]?.command?.title).toMatch(
			/^holds(?: so far)? · x86_64 · \d+ adversaries(?:, \d+ pairs?)?(?: · violated on [\w, ]+)?$/,
		);
		const lines = client.text(uri).split('\n');
		const line = lines.findIndex((text) => text.includes('ptep_get_lockless('));
		const character = (lines[line] ?? '').indexOf('ptep_get_lockless(') + 2;
		const hover: Hover | null = await client.connection.sendRequest('textDocument/hover', {
			textDocument: { uri },
			position: { line, character },
		});
		const { value } = (hover?.contents ?? { value: '' }) as { value: string };
		expect(value).toMatch(/\*\*Changed by\*\* \[zap\]\(command:racewalk\.openTrace\?%5B[^)]+\)/);
		expect(value).toMatch(/\*\*Re-checked\*\* at /);
		expect(value).not.toContain('sampled runs');
		await client.stop();
	});
});

describe('a reader outside the walk', () => {
	test('is shown like a walk, and one without a verdict says why', async () => {
		const { client, uri } = await opened('violated/stale-pin-page-cache.c');
		const text = client.text(uri);
		const other =
			'\nint of_file(struct vm_area_struct *vma, struct folio *folio) { return vma && folio->mapping; }\n';
		await client.diagnostics(uri);
		const end = { line: text.split('\n').length, character: 0 };
		await client.edit(uri, [{ range: { start: end, end }, newText: other }]);
		const found = await client.diagnostics(uri);
		const codes = found.map((d) => d.code);
		expect(codes).toEqual(expect.arrayContaining(['stale-pin', 'reached-unsupported']));
		const stale = found.find((d) => d.code === 'stale-pin');
		const why = found.find((d) => d.code === 'reached-unsupported')?.message;
		expect(why).toMatch(/reads folio->mapping and takes no lock itself/);
		const lenses: CodeLens[] = await client.connection.sendRequest('textDocument/codeLens', {
			textDocument: { uri },
		});
		const titles = lenses.map((lens) => lens.command?.title ?? '');
		expect(titles[0]).toMatch(/^violated · x86_64 · stale-pin/);
		expect(titles.some((title) => title.startsWith('unsupported · x86_64'))).toBe(true);
		const actions: CodeAction[] = await client.connection.sendRequest('textDocument/codeAction', {
			textDocument: { uri },
			range: stale?.range ?? { start: end, end },
			context: { diagnostics: stale === undefined ? [] : [stale] },
		});
		const simulate = actions.find((a) => a.title === 'Simulate this path');
		const content: TracePanelContent | null = await client.connection.sendRequest(
			'workspace/executeCommand',
			{ command: 'racewalk.simulate', arguments: simulate?.command?.arguments },
		);
		expect(content?.finding?.rule).toBe('stale-pin');
		expect(content?.steps.some((step) => step.cpu === 1)).toBe(true);
		await client.stop();
	});
});

describe('what if', () => {
	async function asked(
		client: Client,
		uri: string,
		line: number,
	): Promise<ReadonlyMap<string, () => Promise<TracePanelContent | null>>> {
		const at = { line, character: 0 };
		const actions: CodeAction[] = await client.connection.sendRequest('textDocument/codeAction', {
			textDocument: { uri },
			range: { start: at, end: at },
			context: { diagnostics: [] },
		});
		const questions = actions.filter((a) => a.title.startsWith('What if'));
		return new Map(
			questions.map((action) => [
				action.title,
				() =>
					client.connection.sendRequest('workspace/executeCommand', {
						command: 'racewalk.simulate',
						arguments: action.command?.arguments,
					}),
			]),
		);
	}

	test('is asked at a function and answered by a run', async () => {
		const { client, uri } = await opened('holds/stale-pin.c');
		await client.diagnostics(uri);
		const lines = client.text(uri).split('\n');
		const lineOf = (word: string): number => lines.findIndex((text) => text.includes(word));
		const questions = await asked(client, uri, lineOf('static int walk_ptes'));
		expect([...questions.keys()]).toContain('What if interrupts stayed on?');
		const broken = await questions.get('What if the entry were not re-checked?')?.();
		expect(broken?.finding?.rule).toBe('stale-pin');
		expect(broken?.finding?.message).toMatch(/^what if the entry is not re-checked: /);
		expect(broken?.note).toMatch(/a rule is violated.*no finding about the code/);
		const replayed: TracePanelContent | null = await client.connection.sendRequest(
			'workspace/executeCommand',
			{
				command: 'racewalk.simulate',
				arguments: [{ uri, function: 'walk_ptes', actor: null, trace: broken?.id }],
			},
		);
		expect(replayed?.id).toBe(broken?.id);
		const still = await questions.get('What if no CPU waited for IPIs?')?.();
		expect(still).toMatchObject({ finding: { rule: 'use-after-free' }, verdict: 'violated' });
		expect([...(await asked(client, uri, lineOf('int done'))).keys()]).toEqual([]);
		expect([...(await asked(client, uri, lineOf('pmd_val(*pmdp)'))).keys()]).toEqual([
			'What if the entry were not re-checked?',
		]);
		const unneeded = await questions.get('What if inodes were freed without waiting for RCU?')?.();
		expect(unneeded).toMatchObject({ finding: null, verdict: 'holds' });
		expect(unneeded?.note).toMatch(/still holds/);
		await client.stop();
	});

	test('is asked where a section begins', async () => {
		const { client, uri } = await opened('holds/use-after-free.c');
		await client.diagnostics(uri);
		const line = client
			.text(uri)
			.split('\n')
			.findIndex((text) => text.includes('local_irq_save('));
		// what is known of each line arrives behind the verdict
		const keys = async () => [...(await asked(client, uri, line)).keys()];
		await expect
			.poll(keys, { timeout: 120_000 })
			.toEqual([
				'What if interrupts stayed on?',
				'What if it held rcu_read_lock() instead of disabling interrupts?',
				'What if it disabled preemption instead of interrupts?',
			]);
		await client.stop();
	});
});

describe('a claim of a comment', () => {
	test.each([
		['The folio is stable because interrupts are off.', 'false', 'claim'],
		['The folio may be freed while interrupts are off.', 'true', null],
	])('%s is %s, on request', async (comment, verdict, rule) => {
		const { client, uri } = await opened('holds/use-after-free.c');
		await client.diagnostics(uri);
		const lines = client.text(uri).split('\n');
		const root = lines.findIndex((text) => text.startsWith('static unsigned long'));
		const at = { line: root, character: 0 };
		await client.edit(uri, [{ range: { start: at, end: at }, newText: `/* ${comment} */\n` }]);
		expect(await client.diagnostics(uri)).toEqual([]);
		const actionsAt = async (line: number): Promise<CodeAction[]> => {
			const start = { line, character: 0 };
			const all: CodeAction[] = await client.connection.sendRequest('textDocument/codeAction', {
				textDocument: { uri },
				range: { start, end: start },
				context: { diagnostics: [] },
			});
			return all.filter((a) => a.title.startsWith('Check what this comment claims'));
		};
		expect(await actionsAt(root + 1)).toEqual([]);
		const [action] = await actionsAt(root);
		const content: TracePanelContent | null = await client.connection.sendRequest(
			'workspace/executeCommand',
			{ command: 'racewalk.simulate', arguments: action?.command?.arguments },
		);
		expect(content?.title).toMatch(new RegExp(`a claim is ${verdict}$`));
		expect(content?.claim).toBe(verdict);
		expect(content?.finding?.rule ?? null).toBe(rule);
		expect(content?.finding?.message ?? content?.note).toContain(`"${comment}" is ${verdict}.`);
		expect(content?.steps.some((step) => step.cpu === 1)).toBe(true);
		await client.stop();
	});
});

test('malformed messages are answered with errors and leave the server at work', async () => {
	const { client, uri } = await opened('violated/stale-pin.c');
	const textDocument = { uri: 'file:///nobody.c', version: 7 };
	await client.connection.sendNotification('textDocument/didChange', {
		textDocument,
		contentChanges: [{ range: null, text: 7 }],
	});
	await client.connection.sendNotification('textDocument/didClose', { textDocument });
	await client.connection.sendNotification('textDocument/didOpen', {});
	await client.connection.sendNotification('racewalk/recheck', null);
	await client.connection.sendNotification('workspace/didChangeConfiguration', { settings: 7 });
	for (const method of ['textDocument/hover', 'textDocument/codeAction', 'no/such/method']) {
		for (const params of [{}, { textDocument: 7 }, { textDocument, position: {} }]) {
			await client.connection.sendRequest(method, params).catch(() => null);
		}
	}
	await client.change(uri, client.text(uri));
	expect((await client.diagnostics(uri)).map((d) => d.code)).toContain('stale-pin');
	await client.stop();
});

test('the server talks IPC', async () => {
	const child = fork(join(programs, 'server.js'), ['--node-ipc'], { stdio: 'ignore' });
	const connection = createProtocolConnection(
		new IPCMessageReader(child),
		new IPCMessageWriter(child),
	);
	connection.listen();
	const answer = await connection.sendRequest('initialize', {
		processId: process.pid,
		rootUri: null,
		capabilities: {},
	});
	expect(answer).toMatchObject({ serverInfo: { name: 'racewalk' } });
	const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
	await connection.sendRequest('shutdown');
	await connection.sendNotification('exit');
	expect(await ended).toBe(0);
	connection.dispose();
});
