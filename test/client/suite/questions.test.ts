/**
 * Questions beyond a verdict, as a reviewer asks them in mm/gup.c: why a guard is there, what a protection buys, whether a
 * comment is true. Each is a code action or a hover; the answer is a run in the panel or a sentence.
 */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { RacewalkApi } from '../../../client/extension.js';
import { find, hoverAt, look, openInTree, picture, racewalk, until } from './workbench.js';

const WALKER = 'static int gup_fast_pte_range(';

let api: RacewalkApi;
let editor: vscode.TextEditor;

/** Runs the first action at `range` whose title matches. */
async function act(range: vscode.Range, title: RegExp): Promise<void> {
	const actions = await vscode.commands.executeCommand<readonly vscode.CodeAction[]>(
		'vscode.executeCodeActionProvider',
		editor.document.uri,
		range,
	);
	const action = actions.find((one) => title.test(one.title));
	assert.ok(action?.command, `${title} among ${actions.map((one) => one.title).join(', ')}`);
	const { command, arguments: given = [] } = action.command;
	await vscode.commands.executeCommand(command, ...given);
}

describe('questions about mm/gup.c', () => {
	before(async () => {
		api = await racewalk();
		editor = await openInTree('mm/gup.c');
		await vscode.commands.executeCommand('workbench.action.closeSidebar');
	});

	it('says on hover who needs the re-check, a run one click away', async () => {
		const range = find(editor.document, 'pmd_val(pmd) != pmd_val(*pmdp)', WALKER);
		look(editor, range);
		const hover = await until('why the guard is there', async () => {
			const text = await hoverAt(editor.document.uri, range.start);
			return text.includes('**Without this line** (') ? text : null;
		});
		const [verdict, reason] = hover.split('\n\n');
		assert.match(verdict ?? '', /gup_fast_pte_range\(\)`: holds/, 'the verdict comes first');
		assert.match(reason ?? '', /^\*\*Without this line\*\* \(.*collapse/s, 'then the reason');
		await vscode.commands.executeCommand('editor.action.showHover');
		await picture('7-hover-guard');
	});

	it('plays what a protection keeps away', async () => {
		const range = find(editor.document, 'gup_fast_pte_range', WALKER);
		look(editor, range);
		await act(range, /what if.*re-checked/i);
		const run = await until('the panel', () => api.run());
		assert.equal(run.content.finding?.rule, 'stale-pin');
		await vscode.commands.executeCommand('racewalk.trace.last');
		await picture('8-what-if');
		await vscode.window.showTextDocument(editor.document, vscode.ViewColumn.One);
	});

	it('decides what a comment claims', async () => {
		const range = find(
			editor.document,
			'the folio was',
			'At this point we have a stable reference',
		);
		look(editor, range);
		await act(range, /comment claims: the folio can be split/);
		const run = await until('the run of the claim', () => {
			const shown = api.run();
			return shown?.params.claim === undefined ? null : shown;
		});
		assert.match(run.content.note ?? '', /true/);
		assert.ok(run.content.threads.some((thread) => /split/.test(thread)));
		await vscode.commands.executeCommand('racewalk.trace.last');
		await picture('9-claim');
		await vscode.window.showTextDocument(editor.document, vscode.ViewColumn.One);
	});
});
