/**
 * What becomes of the other open documents when one is saved: those that read it are checked again with what it says now, and
 * the others are left alone.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { repositoryRoot } from '../trees.js';
import { bundle } from './bundle.js';
import { put } from './hostile_tree.js';
import { type Client, startClient } from './lsp_client.js';

const root = mkdtempSync(join(tmpdir(), 'racewalk-saved-'));
const HOLDS = readFileSync(join(repositoryRoot, 'test/fixtures/holds/stale-pin.c'), 'utf8');
const COMPARED = 'pte_val(pte) != pte_val(*ptep)';
/** Whether the entry is another, as a header has it. */
const helper = (is: string): string =>
	`static inline int entry_moved(pte_t then, pte_t now)\n{\n\treturn ${is};\n}\n`;
const HEADER = join(root, 'include/linux/entry_moved.h');
const WALK = `#include <linux/entry_moved.h>\n${HOLDS.replace(COMPARED, 'entry_moved(pte, *ptep)')}`;
const OTHER = join(root, 'lib/nobody.c');
const address = (path: string): string => pathToFileURL(path).href;

let programs = '';
let client: Client;

beforeAll(async () => {
	programs = await bundle({
		...{ cli: 'server/cli.ts', server: 'server/main.ts', worker: 'server/worker/worker.ts' },
	});
	put(join(root, 'include/linux/mm_types.h'), '/* nothing */\n');
	put(HEADER, helper('pte_val(then) != pte_val(now)'));
	put(OTHER, 'int nobody;\n');
	put(join(root, 'mm/gup.c'), WALK);
	client = await startClient(join(programs, 'cli.js'), { arguments: ['lsp', '--stdio'] });
});

afterAll(async () => {
	await client.stop();
	rmSync(root, { recursive: true, force: true });
	rmSync(dirname(programs), { recursive: true, force: true });
});

it('checks what read it, and nothing else', { timeout: 120_000 }, async () => {
	const walk = address(join(root, 'mm/gup.c'));
	const of = () => client.verdicts.filter(({ uri }) => uri === walk);
	const said = () => of().findLast(({ freshness }) => freshness === 'fresh')?.functions;
	const save = async (path: string, text: string): Promise<void> => {
		writeFileSync(path, text);
		await client.connection.sendNotification('textDocument/didSave', {
			textDocument: { uri: address(path) },
		});
	};
	await client.open(walk, WALK);
	await client.open(address(HEADER), helper('pte_val(then) != pte_val(now)'));
	await client.open(address(OTHER), 'int nobody;\n');
	await client.diagnostics(walk);
	expect(said()).toMatchObject([{ verdict: 'holds' }]);
	await save(OTHER, 'int somebody;\n');
	await save(HEADER, helper('0'));
	await client.until(() => said()?.[0]?.verdict === 'violated');
	const checked = of().filter(({ freshness }) => freshness === 'checking');
	expect(checked).toHaveLength(2);
});
