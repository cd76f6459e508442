/**
 * Litmus tests through the language server over stdio: diagnostics, hover, lenses, commands, the quick fix, and edits
 * that overtake each other.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CodeAction, CodeLens, Diagnostic, Hover, Range } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { LitmusDocument } from '../../server/protocol.js';
import { bundle } from './bundle.js';
import { type Capabilities, type Client, editsOf, startClient } from './lsp_client.js';

const URI = 'file:///nowhere/mp.litmus';

interface Shape {
	readonly result?: string;
	readonly writer?: string;
	readonly reader?: string;
	readonly store?: string;
}

/** Message passing with what is given between the accesses. */
function messagePassing({ result = '', writer = '', reader = '', store }: Shape = {}): string {
	return `C mp
(* ${result} *)
{}
P0(int *data, int *flag)
{
	${store ?? 'WRITE_ONCE(*data, 1);'}
	${writer}
	WRITE_ONCE(*flag, 1);
}
P1(int *data, int *flag)
{
	int r0 = READ_ONCE(*flag);
	${reader}
	int r1 = READ_ONCE(*data);
}
exists (1:r0=1 /\\ 1:r1=0)
`;
}

const CAPABILITIES: Capabilities = {
	textDocument: {
		codeAction: {
			dataSupport: true,
			resolveSupport: { properties: ['edit'] },
			codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix'] } },
		},
		hover: { contentFormat: ['markdown'] },
	},
};

let programs = '';
const clients: Client[] = [];

beforeAll(async () => {
	programs = await bundle({ server: 'server/main.ts', worker: 'server/worker/worker.ts' });
});

afterAll(() => {
	for (const client of clients) client.process.kill();
	rmSync(dirname(programs), { recursive: true, force: true });
});

async function start(capabilities: Capabilities = CAPABILITIES): Promise<Client> {
	const client = await startClient(join(programs, 'server.js'), { capabilities });
	clients.push(client);
	return client;
}

async function opened(text: string): Promise<Client> {
	const client = await start();
	await client.open(URI, text);
	return client;
}

/** Code, severity and the text under a diagnostic. */
function told(text: string, found: readonly Diagnostic[]): readonly (readonly unknown[])[] {
	const document = TextDocument.create(URI, 'litmus', 1, text);
	return found.map((d) => [d.code, d.severity, document.getText(d.range)] as const);
}

function placeOf(text: string, word: string): { line: number; character: number } {
	return TextDocument.create(URI, 'litmus', 1, text).positionAt(text.indexOf(word) + 1);
}

function hoverAt(client: Client, text: string, word: string): Promise<Hover | null> {
	return client.connection.sendRequest('textDocument/hover', {
		textDocument: { uri: URI },
		position: placeOf(text, word),
	});
}

describe('diagnostics', () => {
	const racing = messagePassing({ store: '*data = 1;' });
	const cases: readonly (readonly [string, string, readonly (readonly unknown[])[]])[] = [
		['nothing to say', messagePassing(), []],
		['a result that is kept', messagePassing({ result: 'Result: Sometimes' }), []],
		[
			'a result that differs',
			messagePassing({ result: 'Result: Never' }),
			[['litmus-result', 1, 'Never']],
		],
		['a data race', racing, [['data-race', 2, '*data']]],
		[
			'what is not understood',
			messagePassing({ writer: 'frobnicate(data);' }),
			[['litmus-problem', 1, 'frobnicate(data);']],
		],
		['a file that is none', 'nonsense', [['litmus-problem', 1, 'nonsense']]],
	];
	test.each(cases)('%s', async (_, text, wanted) => {
		const client = await opened(text);
		expect(told(text, await client.diagnostics(URI))).toEqual(wanted);
		await client.stop();
	});

	test('follow edits, are for the newest text, and go with the document', async () => {
		const client = await opened(messagePassing({ result: 'Result: Never' }));
		expect(await client.diagnostics(URI)).toHaveLength(1);
		for (const barrier of ['', 'smp_rmb();', 'smp_mb();']) {
			await client.change(
				URI,
				messagePassing({ result: 'Result: Never', writer: 'smp_wmb();', reader: barrier }),
			);
		}
		expect(await client.diagnostics(URI)).toHaveLength(0);
		await client.connection.sendNotification('textDocument/didClose', {
			textDocument: { uri: URI },
		});
		await client.until(() => client.pushed.at(-1)?.version === undefined);
		expect(client.pushed.at(-1)?.diagnostics).toEqual([]);
		expect(await client.stop()).toBe(0);
	});

	test('are pulled by who pulls', async () => {
		const client = await start({
			textDocument: { diagnostic: {} },
			workspace: { diagnostics: { refreshSupport: true } },
		});
		await client.open(URI, messagePassing({ result: 'Result: Always' }));
		const report = await client.connection.sendRequest('textDocument/diagnostic', {
			textDocument: { uri: URI },
		});
		expect(report).toMatchObject({ kind: 'full', items: [{ code: 'litmus-result' }] });
		await client.stop();
	});
});

describe('hover', () => {
	const text = messagePassing({ writer: 'smp_wmb();', reader: 'smp_rmb();' });
	test.each([
		['exists', '**Never**: holds in none of 3 executions'],
		['READ_ONCE(*flag)', '- `R[once] flag`: marked'],
		['smp_wmb', '- `[wmb]`: orders writes before writes'],
	])('on %s', async (word, wanted) => {
		const client = await opened(text);
		const hover = await hoverAt(client, text, word);
		expect((hover?.contents as { value: string } | undefined)?.value).toContain(wanted);
		await client.stop();
	});

	test('says nothing elsewhere', async () => {
		const client = await opened(text);
		expect(await hoverAt(client, text, 'int *data')).toBe(null);
		await client.stop();
	});
});

describe('lenses and commands', () => {
	async function run(client: Client, title: RegExp): Promise<LitmusDocument | null> {
		await client.diagnostics(URI);
		const lenses: CodeLens[] = await client.connection.sendRequest('textDocument/codeLens', {
			textDocument: { uri: URI },
		});
		const lens = lenses.find((l) => title.test(l.command?.title ?? ''));
		return client.connection.sendRequest('workspace/executeCommand', {
			command: lens?.command?.command ?? '',
			arguments: lens?.command?.arguments ?? [],
		});
	}

	test('run: the states', async () => {
		const client = await opened(messagePassing());
		const made = await run(client, /^Run: Sometimes · 4 states$/);
		expect(made?.text).toContain('Observation mp Sometimes 1 3');
		await client.stop();
	});

	test('explain: the cycle, or the weakest barrier; drawn', async () => {
		const client = await opened(messagePassing({ writer: 'smp_wmb();', reader: 'smp_rmb();' }));
		const forbidden = await run(client, /^Explain$/);
		expect(forbidden?.text).toContain('Forbidden by happens-before');
		expect(forbidden?.text).toContain('→rmb');
		expect(forbidden?.svg).toMatch(/^<svg /);
		expect(forbidden?.dot).toMatch(/^digraph "mp" /);
		await client.change(URI, messagePassing());
		const allowed = await run(client, /^Explain$/);
		expect(allowed?.text).toContain('The weakest change that would forbid it');
		await client.stop();
	});

	test('are shown as a document where the client can, and removed at the end', async () => {
		const client = await start({ ...CAPABILITIES, window: { showDocument: { support: true } } });
		const shown: string[] = [];
		client.connection.onRequest('window/showDocument', ({ uri }: { uri: string }) => {
			shown.push(fileURLToPath(uri));
			return { success: true };
		});
		await client.open(URI, messagePassing());
		await run(client, /^Run/);
		expect(readFileSync(shown[0] ?? '', 'utf8')).toContain('Test mp Allowed');
		await run(client, /^Explain$/);
		const drawn = /^Drawn: (.*)$/m.exec(readFileSync(shown[1] ?? '', 'utf8'))?.[1] ?? '';
		expect(readFileSync(fileURLToPath(drawn), 'utf8')).toMatch(/^<svg /);
		await client.stop();
		expect(existsSync(shown[0] ?? '')).toBe(false);
	});
});

describe('quick fixes', () => {
	async function fixes(client: Client, text: string, word: string): Promise<CodeAction[]> {
		const diagnostics = await client.diagnostics(URI);
		const start = placeOf(text, word);
		const range: Range = { start, end: start };
		return client.connection.sendRequest('textDocument/codeAction', {
			textDocument: { uri: URI },
			range,
			context: { diagnostics },
		});
	}

	test('the weakest barriers forbid the outcome', async () => {
		const text = messagePassing({ result: 'Result: Never' });
		const client = await opened(text);
		const [action] = await fixes(client, text, 'Never');
		expect(action?.diagnostics).toMatchObject([{ code: 'litmus-result' }]);
		const resolved: CodeAction = await client.connection.sendRequest(
			'codeAction/resolve',
			action as CodeAction,
		);
		await client.edit(URI, editsOf(resolved.edit, URI));
		expect(client.text(URI)).toContain('smp_wmb();\n\tWRITE_ONCE(*flag, 1);');
		expect(client.text(URI)).toContain('smp_rmb();\n\tint r1 = READ_ONCE(*data);');
		expect(await client.diagnostics(URI)).toEqual([]);
		await client.stop();
	});

	test('a race ends by marking; clients that cannot resolve get the edit at once', async () => {
		const text = messagePassing({ store: '*data = 1;' });
		const client = await start({
			textDocument: {
				codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix'] } } },
			},
		});
		await client.open(URI, text);
		const [action] = await fixes(client, text, '*data = 1');
		await client.edit(URI, editsOf(action?.edit, URI));
		expect(client.text(URI)).toContain('WRITE_ONCE(*data, 1);');
		expect(await client.diagnostics(URI)).toEqual([]);
		await client.stop();
	});

	test('nothing where the outcome is forbidden', async () => {
		const text = messagePassing({ writer: 'smp_wmb();', reader: 'smp_rmb();' });
		const client = await opened(text);
		expect(await fixes(client, text, 'exists')).toEqual([]);
		await client.stop();
	});
});
