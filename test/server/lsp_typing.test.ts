/**
 * What an editor is told while a text does not parse: one message where it stops, and what was known of the text before, where it
 * stands now. Over stdio, with workers over the stand-in engine.
 */
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CodeLens, Diagnostic, Hover } from 'vscode-languageserver/node';
import { bundle } from './bundle.js';
import { walker } from './fake/walker.js';
import { type Client, startClient } from './lsp_client.js';

const URI = 'file:///nowhere/walk.c';

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

async function start(): Promise<Client> {
	const client = await startClient(join(folder, 'fake_server.js'), {
		configuration: () => ({ otherArchitectures: false, guards: false }),
		capabilities: { workspace: { configuration: true } },
	});
	clients.push(client);
	return client;
}

function told(found: readonly Diagnostic[]): readonly string[] {
	return found.map(({ range, code }) => `${range.start.line}: ${code}`);
}

test('what was known stays, moved along, with one message about what does not parse', async () => {
	const client = await start();
	const more = 'static int other(void)\n{\n\treturn 0;\n}\n';
	await client.open(URI, `${walker()}${more}`);
	expect(told(await client.diagnostics(URI))).toEqual(['6: stale-pin']);
	await client.change(URI, `\n${walker({ more: 'half(' })}${more}`);
	const typing = await client.diagnostics(URI);
	expect(told(typing)).toEqual(['7: stale-pin', '6: reached-unsupported']);
	expect(typing[1]?.message).toBe(
		'walk() does not parse from here; verdicts are those of the text before.',
	);
	const last = client.verdicts.at(-1);
	expect(last?.functions.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
		'walk violated',
		'other holds',
	]);
	expect(last?.unparsed).toBe(7);
	const at = { textDocument: { uri: URI }, position: { line: 1, character: 12 } };
	const hover: Hover | null = await client.connection.sendRequest('textDocument/hover', at);
	expect(JSON.stringify(hover?.contents)).toContain('does not parse from line 7');
	const lenses: CodeLens[] = await client.connection.sendRequest('textDocument/codeLens', at);
	expect(lenses[0]?.command?.title).toContain('before the last edits');

	await client.change(URI, `\n${walker({ recheck: true })}${more}`);
	expect(told(await client.diagnostics(URI))).toEqual([]);
	expect(client.verdicts.at(-1)?.unparsed).toBeUndefined();
	expect(client.verdicts.at(-1)?.functions[0]?.verdict).toBe('holds');
	await client.stop();
});

test('a text that is opened so has one message, and no verdict but that', async () => {
	const client = await start();
	await client.open(URI, walker({ more: 'half(' }));
	const about = (): readonly string[] =>
		(client.pushed.at(-1)?.diagnostics ?? [])
			.filter(({ code }) => code === 'reached-unsupported')
			.map(({ message }) => `${message}`);
	await client.until(() => about().length > 0);
	expect(about()).toEqual(['walk() does not parse from here.']);
	// an edit elsewhere shows what is known of the new text: nothing better was known before
	await client.change(URI, walker({ more: 'half(', recheck: true }));
	await client.diagnostics(URI);
	expect(client.verdicts.at(-1)).toMatchObject({ functions: [{ verdict: 'unsupported' }] });
	expect(client.verdicts.at(-1)?.unparsed).toBeUndefined();
	await client.stop();
});

test('over a thousand edits no verdict flickers and a problem that stays true stays', async () => {
	const client = await start();
	await client.open(URI, walker());
	await client.diagnostics(URI);
	const { length } = client.pushed;
	for (let edit = 0; edit < 1000; edit++) {
		const typed = 'half('.slice(0, edit % 6);
		await client.change(URI, walker({ more: `/* ${edit} */ ${typed}` }));
		if (edit % 25 === 5) await client.diagnostics(URI);
	}
	await client.change(URI, walker({ more: 'done' }));
	await client.diagnostics(URI);
	const later = client.pushed.slice(length);
	expect(later.length).toBeGreaterThan(20);
	for (const { diagnostics } of later) expect(told(diagnostics)).toContain('6: stale-pin');
	for (const { functions } of client.verdicts)
		for (const f of functions) expect(f.verdict).toBe('violated');
	await client.stop();
});

test('a finding that comes with an edit is marked at the line of the edit, until it is gone', async () => {
	const client = await start();
	const hints = (found: readonly Diagnostic[]): readonly string[] =>
		found
			.filter(({ severity }) => severity === 4)
			.map((d) => `${d.range.start.line}: ${d.message}`);
	await client.open(URI, walker({ recheck: true }));
	await client.diagnostics(URI);
	await client.change(URI, walker());
	const mark = 'removed here: if (pte_val(pte) != pte_val(*ptep)) {';
	const said = `${mark}; before, stale-pin was not found in walk().`;
	await client.until(() => hints(client.pushed.at(-1)?.diagnostics ?? []).length > 0);
	expect(hints(await client.diagnostics(URI))).toEqual([`10: ${said}`]);
	// it stays, moved along, over edits elsewhere
	await client.change(URI, `\n${walker()}`);
	await client.until(() => client.pushed.at(-1)?.version === 3);
	await client.until(() => hints(client.pushed.at(-1)?.diagnostics ?? []).length > 0);
	expect(hints(await client.diagnostics(URI))).toEqual([`11: ${said}`]);
	await client.change(URI, walker({ recheck: true }));
	expect(await client.diagnostics(URI)).toEqual([]);
	await client.stop();
});
