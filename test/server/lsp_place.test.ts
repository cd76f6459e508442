/**
 * What the language server says of a place beside its hover, over stdio with workers over the stand-in engine: the view that follows
 * the cursor, hints, references, links.
 */
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DocumentLink, InlayHint, Location } from 'vscode-languageserver/node';
import type { AboutAnswer } from '../../server/protocol.js';
import { bundle } from './bundle.js';
import { walker } from './fake/walker.js';
import { type Client, startClient } from './lsp_client.js';

const URI = 'file:///nowhere/walk.c';
const RICH = {
	textDocument: { hover: { contentFormat: ['markdown' as const] } },
	workspace: { configuration: true },
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

async function start(options: Parameters<typeof startClient>[1] = {}): Promise<Client> {
	const client = await startClient(join(folder, 'fake_server.js'), options);
	clients.push(client);
	return client;
}

test('the view beside the text is answered in a walk, with places and runs of the text as it stands', async () => {
	const client = await start({ capabilities: RICH });
	await client.open(URI, walker());
	await client.diagnostics(URI);
	const ask = (line: number): Promise<AboutAnswer | null> =>
		client.connection.sendRequest('racewalk/about', {
			textDocument: { uri: URI },
			position: { line, character: 8 },
		});
	const told = await ask(2);
	const titles = told?.sections.map(({ title }) => title) ?? [];
	for (const title of ['Verdict', 'This line', 'Who changes what it reads', 'Held here'])
		expect(titles).toContain(title);
	const [verdict, finding] = told?.sections[0]?.items ?? [];
	expect(verdict?.text).toContain('violated');
	expect(finding?.run).toMatchObject({ uri: URI });
	expect(finding?.at?.uri).toBe(URI);
	expect(told?.stale).toBe(false);
	expect(await ask(10_000)).toBeNull();
	await client.stop();
});

test('hints are off until the user wants them', async () => {
	const hintsWith = async (inlayHints: boolean): Promise<InlayHint[]> => {
		const client = await start({ capabilities: RICH, configuration: () => ({ inlayHints }) });
		await client.open(URI, walker());
		await client.diagnostics(URI);
		const hints: InlayHint[] = await client.connection.sendRequest('textDocument/inlayHint', {
			textDocument: { uri: URI },
			range: { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } },
		});
		await client.stop();
		return hints;
	};
	expect(await hintsWith(false)).toEqual([]);
	const hints = await hintsWith(true);
	expect(hints.map((hint) => hint.label)).toContainEqual(
		expect.stringContaining('interrupts off from here'),
	);
});

test('references of a location and links of a comment are told for the text as it stands', async () => {
	const client = await start({ capabilities: RICH });
	const commit = '0123456789abcdef';
	await client.open(URI, `/* see commit ${commit} */\n${walker()}`);
	await client.diagnostics(URI);
	const links: DocumentLink[] = await client.connection.sendRequest('textDocument/documentLink', {
		textDocument: { uri: URI },
	});
	expect(links.map(({ target }) => target)).toEqual([`https://git.kernel.org/linus/${commit}`]);
	const ask = (line: number): Promise<Location[]> =>
		client.connection.sendRequest('textDocument/references', {
			textDocument: { uri: URI },
			position: { line, character: 8 },
			context: { includeDeclaration: true },
		});
	const found = await ask(3);
	expect(found.length).toBeGreaterThan(0);
	expect(found[0]).toMatchObject({ uri: URI, range: { start: { line: 3 } } });
	expect(await ask(0)).toEqual([]);
	await client.stop();
});
