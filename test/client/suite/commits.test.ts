/**
 * The view of commits on a repository made here: three commits of which the first breaks a walk and the last mends it. Nothing is
 * reviewed until the command is given.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { RacewalkApi } from '../../../client/extension.js';
import { picture, racewalk, until } from './workbench.js';

const WALK = 'mm/walk.c';
const SECOND_LOOK = ' || pte_val(pte) != pte_val(*ptep)';

let api: RacewalkApi;
let folder = '';

function git(...args: readonly string[]): void {
	const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
	execFileSync('git', [...who, ...args], { cwd: folder });
}

function commit(title: string, text: string): void {
	writeFileSync(join(folder, WALK), text);
	git('add', '.');
	git('commit', '-q', '-m', title);
}

/** The repository, its first commit not to be reviewed. */
function makeRepository(extension: string): void {
	folder = mkdtempSync(join(tmpdir(), 'racewalk-commits-'));
	const right = readFileSync(join(extension, 'test/fixtures/holds/stale-pin.c'), 'utf8');
	assert.ok(right.includes(SECOND_LOOK));
	const wrong = right.replace(SECOND_LOOK, '');
	for (const path of [WALK, 'include/linux/empty.h'])
		mkdirSync(dirname(join(folder, path)), { recursive: true });
	writeFileSync(join(folder, 'include/linux/empty.h'), '');
	git('init', '-q', '-b', 'main');
	commit('mm: walk the tables', right);
	commit('mm: look at the entry once', wrong);
	commit('mm: say what it returns', `/* Returns the number of pages. */\n${wrong}`);
	commit('mm: look at the entry again', `/* Returns the number of pages. */\n${right}`);
}

describe('the commits of a branch', () => {
	before(async () => {
		api = await racewalk();
		makeRepository(vscode.extensions.getExtension('racewalk.racewalk')?.extensionPath ?? '');
	});

	after(async () => {
		await vscode.commands.executeCommand('workbench.action.closeAllEditors');
		await vscode.commands.executeCommand('workbench.view.explorer');
		await vscode.commands.executeCommand('workbench.action.closeSidebar');
		rmSync(folder, { recursive: true, force: true });
	});

	it('are not looked at before the user asks', async () => {
		await vscode.commands.executeCommand('racewalk.commits.focus');
		assert.deepEqual(api.commits(), []);
		await picture('commits-1-empty');
	});

	it('are shown with what each changes', async () => {
		await vscode.commands.executeCommand(
			'racewalk.reviewCommits',
			'HEAD~3',
			vscode.Uri.file(folder),
		);
		const rows = api.commits();
		assert.deepEqual(
			rows.map(({ text, sign }) => [text, sign]),
			[
				['mm: look at the entry once', 'broken'],
				['mm: say what it returns', 'same'],
				['mm: look at the entry again', 'mended'],
			],
		);
		await picture('commits-2-view');
	});

	it('have their findings in the diff', async () => {
		const found = api.commits()[0]?.below[0]?.below.find(({ sign }) => sign === 'broken');
		assert.ok(found?.at, 'the finding has a place');
		await vscode.commands.executeCommand('racewalk.openCommitDiff', found.at);
		const marked = await until('the finding in the diff', () =>
			vscode.languages
				.getDiagnostics()
				.filter(([uri]) => uri.scheme === 'racewalk-commit')
				.flatMap(([, diagnostics]) => diagnostics)
				.find(({ message }) => message.startsWith('New: ')),
		);
		assert.equal(marked.code, 'stale-pin');
		assert.equal(marked.range.start.line, found.at.line);
		assert.equal(marked.severity, vscode.DiagnosticSeverity.Error);
		await picture('commits-3-diff');
	});

	it('have on the left what a commit mends', async () => {
		const mended = api.commits()[2]?.below[0]?.below.find(({ sign }) => sign === 'mended');
		assert.ok(mended?.at, 'what is gone has a place');
		assert.equal(mended.at.side, 'before');
		await vscode.commands.executeCommand('racewalk.openCommitDiff', mended.at);
		await until('what is gone in the diff', () =>
			vscode.languages
				.getDiagnostics()
				.some(
					([uri, all]) =>
						uri.query.endsWith('before') &&
						all.some(({ message }) => message.startsWith('Gone with this commit: ')),
				),
		);
		await picture('commits-4-mended');
	});
});
