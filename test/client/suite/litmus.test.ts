/**
 * A litmus test in the workbench: what the file promises is compared with the memory model, and the lenses are there.
 */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { openScratch, until } from './workbench.js';

const TEXT = `C sb
(* Result: Never *)
{}
P0(int *x, int *y)
{
	WRITE_ONCE(*x, 1);
	int r0 = READ_ONCE(*y);
}
P1(int *x, int *y)
{
	WRITE_ONCE(*y, 1);
	int r0 = READ_ONCE(*x);
}
exists (0:r0=0 /\\ 1:r0=0)
`;

describe('litmus', () => {
	it('says that a result differs, and offers to run and to explain', async () => {
		const { document } = await openScratch('store_buffering.litmus', TEXT);
		const found = await until('the diagnostic', () =>
			vscode.languages.getDiagnostics(document.uri).find((d) => d.source === 'racewalk'),
		);
		assert.match(found.message, /promises Never/);
		const titles = await until('the lenses', async () => {
			const lenses = await vscode.commands.executeCommand<readonly vscode.CodeLens[]>(
				'vscode.executeCodeLensProvider',
				document.uri,
			);
			return lenses.map((lens) => lens.command?.title).join(' | ');
		});
		assert.match(titles, /Run: Sometimes.*Explain/);
	});
});
