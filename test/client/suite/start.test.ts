/** The first minutes: the sample, a mistake by one click, the Testing view, the doctor. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { RacewalkApi } from '../../../client/extension.js';
import { find, findings, look, picture, racewalk, until } from './workbench.js';

let api: RacewalkApi;

/** The sample, once it was opened by the command. */
function sample(): vscode.TextDocument {
	const open = vscode.workspace.textDocuments.find(({ uri }) =>
		uri.path.endsWith('/samples/gup_fast.c'),
	);
	assert.ok(open, 'the sample is open');
	return open;
}

describe('the first minutes', () => {
	before(async () => {
		api = await racewalk();
	});

	after(async () => {
		await vscode.window.showTextDocument(sample(), vscode.ViewColumn.One);
		await vscode.commands.executeCommand('workbench.action.files.revert');
		await vscode.commands.executeCommand('workbench.action.closeAllEditors');
	});

	it('lead through a walkthrough', async () => {
		await vscode.commands.executeCommand('racewalk.gettingStarted');
		await picture('start-1-walkthrough');
	});

	it('open a sample that holds, with a lens above each mistake', async () => {
		await vscode.commands.executeCommand('racewalk.openSample');
		const { uri } = sample();
		const shown = await until('the verdicts of the sample', () => {
			const verdicts = api.verdicts(uri);
			return verdicts?.freshness === 'fresh' && verdicts.functions.length > 0 ? verdicts : null;
		});
		assert.ok(shown.functions.every(({ verdict }) => verdict === 'holds'));
		const lenses = await vscode.commands.executeCommand<readonly vscode.CodeLens[]>(
			'vscode.executeCodeLensProvider',
			uri,
			100,
		);
		const switches = lenses.filter(({ command }) => command?.command === 'racewalk.sampleMistake');
		assert.equal(switches.length, 5);
		await picture('start-2-sample');
	});

	it('find the mistake that is switched on', async () => {
		await vscode.commands.executeCommand('racewalk.sampleMistake', 'NO_RECHECK');
		const { uri } = sample();
		await until('the finding', () => findings(uri).some(({ rule }) => rule === 'stale-pin'));
		const editor = await vscode.window.showTextDocument(sample(), vscode.ViewColumn.One);
		look(editor, find(editor.document, 'NO_RECHECK', 'page_ref_add_unless'));
		await picture('start-3-mistake');
	});

	it('have a test for each function against each adversary', async () => {
		const ids = await until('the tests', () => {
			const found = api.tests(sample().uri);
			return found.length > 0 ? found : null;
		});
		assert.ok(ids.includes('walk_ptes zap'));
		assert.ok(ids.includes('small_gup_fast fork'));
		// running one needs a trusted workspace: VS Code asks for that itself
		await vscode.commands.executeCommand('workbench.view.testing.focus');
		await picture('start-4-tests', 'ArrowRight ArrowDown ArrowRight');
		await vscode.commands.executeCommand('workbench.action.closeSidebar');
	});

	it('and a doctor who finds the parser and the workers well', async () => {
		await vscode.commands.executeCommand('racewalk.doctor');
		const text = await until('what the doctor says', () => {
			const shown = vscode.window.activeTextEditor?.document.getText() ?? '';
			return shown.startsWith('racewalk ') ? shown : null;
		});
		assert.match(text, /ok +parser and workers: a small walk was run in \d+ ms/);
		assert.match(text, /note +kernel tree: none above this file/);
		await picture('start-5-doctor');
	});
});
