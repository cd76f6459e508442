/** What can be done about a place where the user has to say more: over stdio, with workers over the stand-in engine. */
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CodeAction } from 'vscode-languageserver/node';
import type { TracePanelContent } from '../../server/protocol.js';
import { bundle } from './bundle.js';
import { walker } from './fake/walker.js';
import { type Client, editsOf, startClient } from './lsp_client.js';

const URI = 'file:///nowhere/walk.c';
const RICH = {
	textDocument: { codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: [] } } } },
};

let folder = '';
const clients: Client[] = [];

beforeAll(async () => {
	folder = await bundle({
		fake_server: 'test/server/fake/fake_server.ts',
		fake_worker: 'test/server/fake/fake_worker.ts',
	});
});

afterAll(() => {
	for (const client of clients) client.process.kill();
	rmSync(dirname(folder), { recursive: true, force: true });
});

async function start(options: Parameters<typeof startClient>[1]): Promise<Client> {
	const client = await startClient(join(folder, 'fake_server.js'), options);
	clients.push(client);
	return client;
}

/** At the line of the finding. */
function actions(client: Client): Promise<CodeAction[]> {
	const at = { line: 6, character: 0 };
	return client.connection.sendRequest('textDocument/codeAction', {
		textDocument: { uri: URI },
		range: { start: at, end: at },
		context: { diagnostics: [] },
	});
}

test('one adversary is simulated that the user picks', async () => {
	const shown: string[] = [];
	const client = await start({ capabilities: { ...RICH, window: { showMessage: {} } } });
	client.connection.onRequest(
		'window/showMessageRequest',
		({ message, actions }: { message: string; actions: readonly { title: string }[] }) => {
			shown.push(message, ...actions.map(({ title }) => title));
			return actions[0] ?? null;
		},
	);
	await client.open(URI, walker());
	await client.diagnostics(URI);
	const entries = (await actions(client)).filter((a) => a.title.includes('against'));
	expect(entries.map(({ title }) => title)).toEqual(['Simulate walk() against …']);
	const command = entries[0]?.command;
	const content: TracePanelContent | null = await client.connection.sendRequest(
		'workspace/executeCommand',
		{ command: command?.command, arguments: command?.arguments },
	);
	expect(shown).toEqual(['Simulate walk() against …', 'zap (violated)']);
	expect(content).toMatchObject({ threads: ['walk', 'zap'] });
	await client.stop();
	// who cannot ask has an entry for each
	const plain = await start({ capabilities: RICH });
	await plain.open(URI, walker());
	await plain.diagnostics(URI);
	const titles = (await actions(plain)).map(({ title }) => title);
	expect(titles).toContain('Simulate walk() against zap');
	await plain.stop();
});

test('an editor with a panel asks for the adversary and for the reason itself', async () => {
	const client = await start({ capabilities: RICH, initializationOptions: { tracePanel: true } });
	await client.open(URI, walker());
	await client.diagnostics(URI);
	const found = await actions(client);
	const against = found.find(({ title }) => title.includes('against'))?.command;
	expect(against).toMatchObject({
		command: 'racewalk.pickAdversary',
		arguments: [{ uri: URI, function: 'walk', choices: [{ actor: 'zap', verdict: 'violated' }] }],
	});
	const suppress = found.find(({ title }) => title.startsWith('Suppress'));
	expect(suppress?.edit).toBeUndefined();
	expect(suppress?.command).toMatchObject({
		command: 'racewalk.suppress',
		arguments: [{ uri: URI, version: 1, line: 7, indent: '\t', rule: 'stale-pin' }],
	});
	await client.stop();
});

test('suppressing with a reason takes the finding out and leaves the verdict', async () => {
	const client = await start({ capabilities: RICH });
	await client.open(URI, walker());
	await client.diagnostics(URI);
	const suppress = (await actions(client)).find((a) => a.title.startsWith('Suppress'));
	await client.edit(URI, editsOf(suppress?.edit, URI));
	expect(client.text(URI)).toContain('\t/* racewalk: allow(stale-pin): */\n');
	// it allows nothing until the reason is there
	expect((await client.diagnostics(URI)).map(({ code }) => code)).toEqual(['stale-pin']);
	await client.change(URI, client.text(URI).replace('(stale-pin): ', '(stale-pin): known '));
	expect(await client.diagnostics(URI)).toEqual([]);
	expect(client.verdicts.at(-1)?.functions).toMatchObject([{ verdict: 'violated' }]);
	await client.stop();
});
