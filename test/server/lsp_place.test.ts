/**
 * What the language server says of a place beside its hover, over stdio with workers over the stand-in engine: the view that follows
 * the cursor, hints, references, links.
 */
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type {
	CallHierarchyIncomingCall,
	CallHierarchyItem,
	CallHierarchyOutgoingCall,
	DocumentLink,
	FoldingRange,
	InlayHint,
	Location,
	SemanticTokens,
} from 'vscode-languageserver/node';
import type { AboutAnswer, DoctorAnswer } from '../../server/protocol.js';
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

test('reads are coloured when the user wants it, and nothing is said when not', async () => {
	const tokensWith = async (semanticTokens: boolean): Promise<SemanticTokens | null> => {
		const client = await start({ capabilities: RICH, configuration: () => ({ semanticTokens }) });
		await client.open(URI, `\n${walker()}`);
		await client.diagnostics(URI);
		const { semanticTokensProvider } = client.offered;
		expect(semanticTokensProvider?.legend.tokenTypes[0]).toBe('racyRead');
		const tokens: SemanticTokens | null = await client.connection.sendRequest(
			'textDocument/semanticTokens/full',
			{ textDocument: { uri: URI } },
		);
		await client.stop();
		return tokens;
	};
	// null and not none: an editor then asks another server
	expect(await tokensWith(false)).toBeNull();
	const line = 3;
	expect((await tokensWith(true))?.data.slice(0, 5)).toEqual([
		...[line, 1],
		'pte_t pte = READ_ONCE(*ptep);'.length,
		...[0, 0],
	]);
});

test('blocks fold where something is analysed', async () => {
	const client = await start({ capabilities: RICH });
	await client.open(URI, walker({ recheck: true }));
	await client.diagnostics(URI);
	const ask = (uri: string): Promise<FoldingRange[] | null> =>
		client.connection.sendRequest('textDocument/foldingRange', { textDocument: { uri } });
	const found = (await ask(URI)) ?? [];
	expect(found.map(({ startLine, endLine }) => [startLine, endLine])).toEqual([
		[10, 12],
		[1, 16],
	]);
	expect(await ask('file:///nowhere/other.c')).toBeNull();
	await client.stop();
});

test('a function has its callers, what it calls, and who races with it', async () => {
	const client = await start({ capabilities: RICH });
	const outer = 'static int outer(void)\n{\n\treturn walk(0, 0, 0);\n}\n';
	await client.open(URI, `${walker()}${outer}`);
	await client.diagnostics(URI);
	const ask = (line: number): Promise<CallHierarchyItem[] | null> =>
		client.connection.sendRequest('textDocument/prepareCallHierarchy', {
			textDocument: { uri: URI },
			position: { line, character: 12 },
		});
	expect(await ask(0)).toMatchObject([{ name: 'walk' }]);
	// lines move with the text that the user types above
	await client.change(URI, `\n${walker()}${outer}`);
	const [item] = (await ask(1)) ?? [];
	expect(item).toMatchObject({ name: 'walk', uri: URI, selectionRange: { start: { line: 1 } } });
	const incoming: CallHierarchyIncomingCall[] = await client.connection.sendRequest(
		'callHierarchy/incomingCalls',
		{ item },
	);
	expect(incoming.map(({ from }) => from.name)).toEqual(['outer', 'zap_pte_range']);
	const lineOf = `\n${walker()}${outer}`.split('\n').findIndex((t) => t.includes('return walk('));
	expect(incoming[0]?.fromRanges[0]?.start.line).toBe(lineOf);
	// no tree has the kernel's function: it is told at the read it races with
	expect(incoming[1]?.from).toMatchObject({ uri: URI, range: { start: { line: 3 } } });
	expect(incoming[1]?.from.detail).toContain('races (zap)');
	const outgoing: CallHierarchyOutgoingCall[] = await client.connection.sendRequest(
		'callHierarchy/outgoingCalls',
		{ item: incoming[0]?.from },
	);
	expect(outgoing.map(({ to }) => to.name)).toEqual(['walk']);
	const ofWriter: CallHierarchyIncomingCall[] = await client.connection.sendRequest(
		'callHierarchy/incomingCalls',
		{ item: incoming[1]?.from },
	);
	expect(ofWriter).toEqual([]);
	expect(await ask(10_000)).toEqual([]);
	await client.stop();
});

test('the doctor says what there is, and what to do about what is not', async () => {
	const client = await start({ capabilities: RICH });
	const ask = async (uri: string | null): Promise<readonly string[]> => {
		const answer: DoctorAnswer = await client.connection.sendRequest('racewalk/doctor', { uri });
		for (const { state, mend } of answer.findings)
			expect(state !== 'wrong' || mend !== undefined).toBe(true);
		return answer.findings.map(({ what, state }) => `${what} ${state}`);
	};
	const machine = ['language server right', 'Node right', 'parser and workers right'];
	expect(await ask(null)).toEqual([...machine, 'file note']);
	await client.open(URI, walker());
	await client.diagnostics(URI);
	const known = [...machine, 'kernel tree note', 'configuration right'];
	expect(await ask(URI)).toEqual([...known, 'file right']);
	await client.change(URI, walker({ more: 'half(' }));
	await client.diagnostics(URI);
	expect(await ask(URI)).toEqual([...known, 'file wrong']);
	await client.stop();
});
