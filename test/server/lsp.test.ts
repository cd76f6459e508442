/**
 * The language server over stdio, with workers over the stand-in engine: versions, cancellation, crashes and garbage.
 */
import { existsSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
	type CodeAction,
	type CodeLens,
	DiagnosticSeverity,
	type DocumentSymbol,
	type Hover,
} from 'vscode-languageserver/node';
import type { TracePanelContent } from '../../server/protocol.js';
import { bundle } from './bundle.js';
import { walker } from './fake/walker.js';
import { type Capabilities, type Client, editsOf, startClient } from './lsp_client.js';

const URI = 'file:///nowhere/walk.c';

const RICH: Capabilities = {
	textDocument: {
		codeAction: {
			dataSupport: true,
			resolveSupport: { properties: ['edit'] },
			codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix'] } },
		},
		hover: { contentFormat: ['markdown'] },
	},
	window: { workDoneProgress: true },
	workspace: { configuration: true, workspaceEdit: { documentChanges: true } },
};

let folder = '';
const clients: Client[] = [];

beforeAll(async () => {
	folder = await bundle({
		fake_server: 'test/server/fake/fake_server.ts',
		fake_worker: 'test/server/fake/fake_worker.ts',
	});
});

afterAll(async () => {
	for (const client of clients) client.process.kill();
	rmSync(dirname(folder), { recursive: true, force: true });
});

async function start(options: Parameters<typeof startClient>[1] = {}): Promise<Client> {
	const client = await startClient(join(folder, 'fake_server.js'), options);
	clients.push(client);
	return client;
}

/** Hover on a function's name, asked until it tells of the line. */
async function withoutLine(client: Client, line: number): Promise<string> {
	for (;;) {
		const hover: Hover | null = await client.connection.sendRequest('textDocument/hover', {
			textDocument: { uri: URI },
			position: { line, character: 13 },
		});
		const { value } = (hover?.contents ?? { value: '' }) as { value: string };
		if (value.includes('**Without this line** (')) return value;
		await new Promise((wake) => setTimeout(wake, 20));
	}
}

function actionsAt(client: Client, line: number): Promise<CodeAction[]> {
	const start = { line, character: 4 };
	return client.connection.sendRequest('textDocument/codeAction', {
		textDocument: { uri: URI },
		range: { start, end: start },
		context: { diagnostics: client.pushed.at(-1)?.diagnostics ?? [] },
	});
}

/** A client that asks for diagnostics, and asks again when it is told to. */
const PULLS = {
	textDocument: { diagnostic: {} },
	workspace: { diagnostics: { refreshSupport: true } },
};

describe('diagnostics', () => {
	test('are pushed with rule, documentation, related information and the version they are about', async () => {
		const client = await start();
		await client.open(URI, walker());
		const [diagnostic, ...others] = await client.diagnostics(URI);
		expect(others).toEqual([]);
		expect(diagnostic).toMatchObject({
			code: 'stale-pin',
			severity: 1,
			source: 'racewalk',
			codeDescription: { href: 'file:///docs/rules/stale-pin.md' },
			range: { start: { line: 6, character: 1 } },
		});
		const related = diagnostic?.relatedInformation?.map(({ message }) => message) ?? [];
		expect(related.at(0)).toContain('the walk reads');
		expect(related.some((message) => message.includes('zap'))).toBe(true);
		expect(client.verdicts.at(-1)).toMatchObject({
			freshness: 'fresh',
			version: 1,
			functions: [{ name: 'walk', line: 1, verdict: 'violated' }],
		});
		expect(await client.stop()).toBe(0);
	});

	test('go when the code is right, and come back', async () => {
		const client = await start();
		await client.open(URI, walker());
		expect(await client.diagnostics(URI)).toHaveLength(1);
		await client.change(URI, walker({ recheck: true }));
		expect(await client.diagnostics(URI)).toHaveLength(0);
		await client.change(URI, walker());
		const again = await client.diagnostics(URI);
		// beside the problem, a hint where it began
		expect(again.filter(({ severity }) => severity !== DiagnosticSeverity.Hint)).toHaveLength(1);
		await client.stop();
	});

	test('can be pulled, for the newest text', async () => {
		const client = await start();
		await client.open(URI, walker({ recheck: true }));
		await client.change(URI, walker());
		const report = await client.connection.sendRequest('textDocument/diagnostic', {
			textDocument: { uri: URI },
		});
		expect(report).toMatchObject({ kind: 'full', items: [{ code: 'stale-pin' }] });
		await client.stop();
	});

	test('are not pushed as well to a client that pulls', async () => {
		const client = await start({ capabilities: PULLS });
		await client.open(URI, walker());
		const report = await client.connection.sendRequest('textDocument/diagnostic', {
			textDocument: { uri: URI },
		});
		expect(report).toMatchObject({ items: [{ code: 'stale-pin' }] });
		await client.until(() => client.verdicts.at(-1)?.freshness === 'fresh');
		expect(client.pushed.flatMap((p) => p.diagnostics)).toEqual([]);
		await client.stop();
	});

	test('are pushed to a client that pulls but cannot be told to pull again', async () => {
		const client = await start({ capabilities: { textDocument: { diagnostic: {} } } });
		expect(client.offered.diagnosticProvider).toBe(undefined);
		await client.open(URI, walker());
		expect(await client.diagnostics(URI)).toMatchObject([{ code: 'stale-pin' }]);
		await client.stop();
	});

	test('follow the severity settings', async () => {
		const settings = { rules: { 'stale-pin': 'warning' } };
		const client = await start({ capabilities: RICH, configuration: () => settings });
		await client.open(URI, walker());
		expect(await client.diagnostics(URI)).toMatchObject([{ code: 'stale-pin', severity: 2 }]);
		await client.stop();
	});

	test('are absent when racewalk is switched off, and verdicts with them', async () => {
		const client = await start({ capabilities: RICH, configuration: () => ({ enable: false }) });
		await client.open(URI, walker());
		expect(await client.diagnostics(URI)).toEqual([]);
		expect(client.verdicts.at(-1)?.functions).toEqual([]);
		await client.stop();
	});

	test('mark code that could not be lowered as information', async () => {
		const client = await start();
		await client.open(URI, walker({ recheck: true, more: 'strange();' }));
		expect(await client.diagnostics(URI)).toMatchObject([
			{ code: 'reached-unsupported', severity: 3, range: { start: { line: 5 } } },
		]);
		expect(client.verdicts.at(-1)?.functions).toMatchObject([{ verdict: 'unsupported' }]);
		await client.stop();
	});
});

describe('edits', () => {
	test('every 20 ms neither queue up nor lose the last state', async () => {
		const client = await start();
		await client.open(URI, walker());
		for (let n = 0; n < 150; n++) {
			await client.change(URI, `/* ${n} */\n${walker({ recheck: n % 2 === 0 })}`);
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
		await client.change(URI, `/* last */\n${walker()}`);
		const [last] = await client.diagnostics(URI);
		expect(last).toMatchObject({ code: 'stale-pin', range: { start: { line: 7 } } });
		const versions = client.pushed.map((p) => p.version ?? 0);
		expect(versions).toEqual([...versions].sort((a, b) => a - b));
		await client.stop();
	});

	test('stop an exploration that would not end', async () => {
		const client = await start();
		await client.open(URI, walker({ more: 'slow();' }));
		await client.until(() => client.verdicts.at(-1)?.freshness === 'checking');
		await client.change(URI, walker({ recheck: true }));
		expect(await client.diagnostics(URI)).toEqual([]);
		expect(client.pushed.filter((p) => p.version === 1)).toEqual([]);
		await client.stop();
	});

	test('leave hover and verdicts of the other lines alive meanwhile', async () => {
		const client = await start();
		await client.open(URI, walker());
		await client.diagnostics(URI);
		// Findings are told before the check ends; what is to stay alive is its verdict.
		await client.until(() => client.verdicts.at(-1)?.freshness === 'fresh');
		// hover rests on more than the verdict: asked for once, it is known
		await client.connection.sendRequest('textDocument/hover', {
			textDocument: { uri: URI },
			position: { line: 2, character: 8 },
		});
		await client.change(URI, `${walker()}static int other(void)\n{\n\tslow();\n}\n`);
		await client.until(() => client.verdicts.at(-1)?.freshness === 'checking');
		expect(client.verdicts.at(-1)?.functions).toMatchObject([{ line: 1, verdict: 'violated' }]);
		const hover: Hover | null = await client.connection.sendRequest('textDocument/hover', {
			textDocument: { uri: URI },
			position: { line: 2, character: 8 },
		});
		expect(hover?.range?.start.line).toBe(2);
		await client.change(URI, walker());
		await client.diagnostics(URI);
		await client.stop();
	});
});

describe('cancel', () => {
	test('of the progress ends the check as inconclusive', async () => {
		const client = await start({ capabilities: RICH });
		client.connection.onRequest('window/workDoneProgress/create', () => null);
		// a check that has told how far it is has begun, however long its worker took to load
		const begun = new Promise<string>((resolve) => {
			client.connection.onNotification(
				'$/progress',
				({ token, value }: { token: string; value: { kind: string } }) => {
					if (value.kind === 'report') resolve(token);
				},
			);
		});
		await client.open(URI, walker({ recheck: true, more: 'slow();' }));
		await client.connection.sendNotification('window/workDoneProgress/cancel', {
			token: await begun,
		});
		await client.diagnostics(URI);
		expect(client.verdicts.at(-1)?.functions).toMatchObject([
			{ verdict: 'inconclusive', why: 'the check was cancelled' },
		]);
		await client.stop();
	});

	test('by the budget says which budget', async () => {
		const client = await start({
			capabilities: RICH,
			configuration: () => ({ budgetSeconds: 0.2 }),
		});
		client.connection.onRequest('window/workDoneProgress/create', () => null);
		await client.open(URI, walker({ recheck: true, more: 'slow();' }));
		await client.diagnostics(URI);
		expect(client.verdicts.at(-1)?.functions).toMatchObject([
			{ verdict: 'inconclusive', why: 'the budget of 0.2 s ran out' },
		]);
		await client.stop();
	});
});

describe('trouble', () => {
	test.each([
		['an exception', 'boom();', 'boom()'],
		['a worker that dies', 'crash();', 'died'],
	])('%s is shown once and costs nothing more', async (_, call, said) => {
		const client = await start();
		await client.open(URI, walker({ more: call }));
		await client.until(() => client.verdicts.at(-1)?.freshness === 'failed');
		await client.change(URI, walker({ more: `${call} ${call}` }));
		await client.until(
			() => client.verdicts.at(-1)?.freshness === 'failed' && client.verdicts.at(-1)?.version === 2,
		);
		expect(client.shown).toHaveLength(1);
		expect(client.shown[0]).toContain(said);
		await client.change(URI, walker());
		expect(await client.diagnostics(URI)).toHaveLength(1);
		await client.stop();
	});

	test.each([
		['empty', ''],
		['binary', '\0\x01\x02pte_t {\0'],
		['not of the kernel', 'int main(void) { return 0; }\n'],
		['cut', walker().slice(0, 90)],
		['CRLF', walker({ recheck: true }).replaceAll('\n', '\r\n')],
	])('a document that is %s gets no finding and no complaint', async (_, text) => {
		const client = await start();
		await client.open(URI, text);
		expect(await client.diagnostics(URI)).toEqual([]);
		expect(client.shown).toEqual([]);
		await client.stop();
	});

	test('a document that is 10 MB is told not to be checked', async () => {
		const client = await start();
		await client.open(URI, 'pte_t {\n'.repeat(1_300_000));
		expect(await client.diagnostics(URI)).toEqual([]);
		expect(client.shown).toEqual([expect.stringContaining('more than 4000000 characters')]);
		await client.stop();
	});

	test('requests about documents nobody opened have empty answers', async () => {
		const client = await start();
		const position = { line: 0, character: 0 };
		const textDocument = { uri: URI };
		const ask = (method: string): Promise<unknown> =>
			client.connection.sendRequest(method, {
				textDocument,
				position,
				range: { start: position, end: position },
				context: { diagnostics: [] },
			});
		expect(await ask('textDocument/hover')).toBeNull();
		expect(await ask('textDocument/codeLens')).toEqual([]);
		expect(await ask('textDocument/codeAction')).toEqual([]);
		expect(await ask('textDocument/documentSymbol')).toEqual([]);
		expect(await ask('textDocument/diagnostic')).toMatchObject({ items: [] });
		for (const argument of [undefined, 7, {}, { uri: URI, function: 'walk' }]) {
			const answer = await client.connection.sendRequest('workspace/executeCommand', {
				command: 'racewalk.simulate',
				arguments: [argument],
			});
			expect(answer).toBeNull();
		}
		await client.stop();
	});
});

describe('features', () => {
	test('hover tells the access, who races and what protects', async () => {
		const client = await start({ capabilities: RICH });
		await client.open(URI, walker());
		await client.diagnostics(URI);
		const hover: Hover | null = await client.connection.sendRequest('textDocument/hover', {
			textDocument: { uri: URI },
			position: { line: 2, character: 8 },
		});
		const { value } = (hover?.contents ?? { value: '' }) as { value: string };
		for (const part of [
			'reads `pte[0]`',
			'**Changed by** zap.',
			'**Held here**: interrupts off',
			'violated',
		]) {
			expect(value).toContain(part);
		}
		await client.stop();
	});

	test('hover and actions tell what would break without a line, for the text that is shown', async () => {
		const client = await start({ capabilities: RICH });
		await client.open(URI, walker());
		await client.diagnostics(URI);
		const told = await withoutLine(client, 0);
		expect(told).toContain('`stale-pin` against zap');
		expect(told).not.toContain('fake-walk-without');
		const action = (await actionsAt(client, 0)).find((a) => a.title.startsWith('See what breaks'));
		const answer: TracePanelContent | null = await client.connection.sendRequest(
			'workspace/executeCommand',
			{ command: action?.command?.command, arguments: action?.command?.arguments },
		);
		expect(answer?.title).toContain('walk');
		const at = { line: 0, character: 0 };
		await client.edit(URI, [{ range: { start: at, end: at }, newText: '\n' }]);
		expect(await withoutLine(client, 1)).toContain('against zap');
		await client.stop();
	});

	test('lens and symbols carry the verdict', async () => {
		const client = await start();
		await client.open(URI, walker());
		await client.diagnostics(URI);
		const textDocument = { uri: URI };
		const lenses: CodeLens[] = await client.connection.sendRequest('textDocument/codeLens', {
			textDocument,
		});
		expect(lenses.map((l) => l.command?.title)).toEqual([
			'violated · x86_64 · stale-pin',
			'Simulate',
		]);
		expect(lenses[0]?.command?.command).toBe('racewalk.simulate');
		const symbols: DocumentSymbol[] = await client.connection.sendRequest(
			'textDocument/documentSymbol',
			{ textDocument },
		);
		expect(symbols).toMatchObject([
			{ name: 'walk', detail: 'violated · x86_64 · stale-pin', range: { end: { line: 13 } } },
		]);
		await client.stop();
	});

	test('the re-check fix is looked for, explored, and makes the finding go', async () => {
		const client = await start({ capabilities: RICH });
		await client.open(URI, walker());
		await client.diagnostics(URI);
		const actions = await actionsAt(client, 6);
		const fix = actions.find((a) => a.title.startsWith('Re-check'));
		expect(fix).toMatchObject({ kind: 'quickfix', diagnostics: [{ code: 'stale-pin' }] });
		expect(fix?.edit).toBeUndefined();
		const resolved: CodeAction = await client.connection.sendRequest('codeAction/resolve', fix);
		await client.edit(URI, editsOf(resolved.edit, URI));
		expect(client.text(URI)).toContain('\tif (unlikely(pte_val(pte) != pte_val(*ptep))) {\n');
		expect(await client.diagnostics(URI)).toEqual([]);
		await client.stop();
	});

	test('clients that cannot resolve get the edit at once', async () => {
		const { codeAction, ...rest } = RICH.textDocument ?? {};
		const plain = { codeActionLiteralSupport: codeAction?.codeActionLiteralSupport };
		const client = await start({
			capabilities: {
				textDocument: { ...rest, codeAction: plain as typeof codeAction },
			} as Capabilities,
		});
		await client.open(URI, walker());
		await client.diagnostics(URI);
		const fix = (await actionsAt(client, 6)).find((a) => a.title.startsWith('Re-check'));
		await client.edit(URI, editsOf(fix?.edit, URI));
		expect(await client.diagnostics(URI)).toEqual([]);
		await client.stop();
	});

	test('simulate gives the run of a finding, against an adversary, and of code that holds', async () => {
		const client = await start({ initializationOptions: { tracePanel: true } });
		await client.open(URI, walker());
		await client.diagnostics(URI);
		const [action] = (await actionsAt(client, 6)) as unknown as {
			command: string;
			arguments: [object];
		}[];
		expect(action?.command).toBe('racewalk.openTrace');
		const simulate = (argument: object): Promise<TracePanelContent | null> =>
			client.connection.sendRequest('workspace/executeCommand', {
				command: 'racewalk.simulate',
				arguments: [argument],
			});
		const content = await simulate(action?.arguments[0] ?? {});
		expect(content).toMatchObject({
			finding: { rule: 'stale-pin' },
			verdict: 'violated',
			threads: ['walk', 'zap'],
			steps: [{ place: { line: 3 } }, { function: 'zap_pte_range' }, { place: { line: 7 } }],
		});
		expect(content?.twoColumn).toContain('folio = grab(pte);');
		const searched = { uri: URI, function: 'walk', actor: null, trace: null };
		expect(await simulate(searched)).toMatchObject({ finding: { rule: 'stale-pin' } });
		await client.change(URI, walker({ recheck: true }));
		await client.diagnostics(URI);
		expect(await simulate(searched)).toMatchObject({ finding: null, verdict: 'holds' });
		await client.stop();
	});

	test.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'shutdown'] as const)(
		'editors without a panel are shown the run as a document, which is gone after %s',
		async (how) => {
			const client = await start({ capabilities: { window: { showDocument: { support: true } } } });
			const address = new Promise<string>((resolve) => {
				client.connection.onRequest('window/showDocument', (params: { uri: string }) => {
					resolve(params.uri);
					return { success: true };
				});
			});
			await client.open(URI, walker());
			await client.diagnostics(URI);
			await client.connection.sendRequest('workspace/executeCommand', {
				command: 'racewalk.simulate',
				arguments: [{ uri: URI, function: 'walk', actor: null, trace: null }],
			});
			const file = fileURLToPath(await address);
			expect(file).toMatch(/\.md$/);
			expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
			const ended = new Promise((done) => client.process.once('exit', done));
			if (how === 'shutdown') await client.stop();
			else client.process.kill(how);
			await ended;
			expect(existsSync(dirname(file))).toBe(false);
		},
	);
});
