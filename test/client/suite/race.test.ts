/**
 * The whole way on the kernel's own mm/gup.c: verdicts, hover, an edit that breaks the protocol, the finding, the quick
 * fix, the run of the race step by step.
 *
 * The cases build on each other, as a reader would go. The edit lives in the editor alone and is undone at the end.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { RacewalkApi } from '../../../client/extension.js';
import { type Motion, move } from '../../../client/view/motion.js';
import {
	enable,
	find,
	findings,
	hoverAt,
	look,
	openInTree,
	picture,
	racewalk,
	until,
	windowSeen,
} from './workbench.js';

const WALKER = 'static int gup_fast_pte_range(';
const RECHECK = 'if (unlikely(pmd_val(pmd) != pmd_val(*pmdp)) ||';

let api: RacewalkApi;
let editor: vscode.TextEditor;
let original = '';

const uri = () => editor.document.uri;

/** The verdict of the walker once the server has looked at the text as it stands. */
async function verdict(): Promise<string> {
	const shown = await until('a fresh verdict', () => {
		const verdicts = api.verdicts(uri());
		return verdicts?.freshness === 'fresh' ? verdicts : null;
	});
	const walker = shown.functions.find((f) => f.name === 'gup_fast_pte_range');
	if (walker === undefined) return 'none';
	return walker.verdict === 'inconclusive' ? `inconclusive: ${walker.why}` : walker.verdict;
}

/** The whole `if` that compares the entries again, with its block. */
function recheck(): vscode.Range {
	const start = find(editor.document, RECHECK, WALKER).start;
	const end = find(editor.document, '\n\t\t}\n', RECHECK).end;
	return new vscode.Range(start.line, 0, end.line, 0);
}

async function actionsAt(range: vscode.Range): Promise<readonly vscode.CodeAction[]> {
	return vscode.commands.executeCommand<readonly vscode.CodeAction[]>(
		'vscode.executeCodeActionProvider',
		uri(),
		range,
		undefined,
		20,
	);
}

async function stalePin(): Promise<vscode.Diagnostic> {
	const found = await until('a stale-pin finding', () =>
		findings(uri()).find(({ rule }) => rule === 'stale-pin'),
	);
	return found.diagnostic;
}

describe('a race in mm/gup.c', () => {
	before(async () => {
		api = await racewalk();
		editor = await openInTree('mm/gup.c');
		original = editor.document.getText();
		await vscode.commands.executeCommand('workbench.action.closeSidebar');
	});

	after(async () => {
		await vscode.window.showTextDocument(editor.document, vscode.ViewColumn.One);
		await vscode.commands.executeCommand('workbench.action.files.revert');
	});

	it('shows that the unmodified walker holds', async () => {
		assert.equal(await verdict(), 'holds');
		assert.deepEqual(
			findings(uri()).map(({ rule }) => rule),
			[],
		);
		assert.match(api.statusBar() ?? '', /racewalk: holds/);
		look(editor, find(editor.document, 'gup_fast_pte_range', WALKER));
		await picture('1-verdicts');
	});

	it('writes the verdict over the walker', async () => {
		const line = find(editor.document, 'gup_fast_pte_range', WALKER).start.line;
		const lenses = await vscode.commands.executeCommand<readonly vscode.CodeLens[]>(
			'vscode.executeCodeLensProvider',
			uri(),
			100,
		);
		const here = lenses.filter((lens) => Math.abs(lens.range.start.line - line) <= 1);
		assert.ok(
			here.some((lens) => lens.command?.title.includes('holds')),
			'a lens with the verdict',
		);
	});

	it('tells beside the text what is known of the place of the cursor', async () => {
		look(editor, find(editor.document, 'ptep_get(ptep)', RECHECK));
		await vscode.commands.executeCommand('racewalk.about.focus');
		const told = await until('what is known of the re-check', () => {
			const answer = api.about();
			return answer?.sections.some(({ title }) => title === 'Held here') ? answer : null;
		});
		const titles = told.sections.map(({ title }) => title);
		for (const title of ['Verdict', 'This line', 'Who changes what it reads', 'Runs'])
			assert.ok(titles.includes(title), `${title} among ${titles.join(', ')}`);
		assert.match(told.sections[0]?.items[0]?.text ?? '', /gup_fast_pte_range\(\): holds/);
		await picture('1-this-place');
		await vscode.commands.executeCommand('workbench.action.closeSidebar');
		await vscode.window.showTextDocument(editor.document, vscode.ViewColumn.One);
	});

	for (const [name, text, anchor, said] of [
		['the entry read', 'ptep_get_lockless(ptep)', WALKER, /zap/i],
		['the re-check', 'ptep_get(ptep)', RECHECK, /zap|collapse|truncate/i],
		['the mapping read', 'READ_ONCE(folio->mapping)', 'gup_fast_folio_allowed(', /truncate/i],
	] as const) {
		it(`explains ${name} on hover`, async () => {
			const range = find(editor.document, text, anchor);
			look(editor, range);
			const hover = await until('a hover', () => hoverAt(uri(), range.start.translate(0, 2)));
			assert.match(hover, said);
			await vscode.commands.executeCommand('editor.action.showHover');
			await picture(`2-hover-${name.replaceAll(' ', '-')}`);
		});
	}

	it('plays a run of a walker that holds, and tidies up after it', async () => {
		look(editor, find(editor.document, 'ptep_get_lockless(ptep)', WALKER));
		await vscode.commands.executeCommand('racewalk.simulateFunction');
		const run = await until('the panel', () => api.run());
		assert.equal(run.params.function, 'gup_fast_pte_range');
		assert.equal(run.content.finding, null);
		assert.equal(run.content.verdict, 'holds');
		assert.ok(new Set(run.content.steps.map(({ cpu }) => cpu)).size > 1, 'an adversary acts');
		assert.ok(api.highlighted(), 'a line is lit');
		await vscode.commands.executeCommand('racewalk.trace.last');
		await picture('2-run-holds');
		await vscode.commands.executeCommand('workbench.action.closeOtherEditors');
		await vscode.commands.executeCommand('workbench.action.closeEditorsInOtherGroups');
		await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
		await until('the panel to close', () => api.run() === null);
		assert.equal(api.highlighted(), null);
		editor = await openInTree('mm/gup.c');
	});

	it('falls silent when it is switched off, and speaks again', async () => {
		await enable(false);
		await until('the verdicts to go', () => api.verdicts(uri()) === null);
		assert.equal(api.serverWanted(), false);
		await enable(undefined);
		assert.equal(await verdict(), 'holds');
	});

	it('finds the race once the re-check is deleted', async () => {
		const edited = await editor.edit((edit) => edit.delete(recheck()));
		assert.ok(edited);
		assert.equal(api.verdicts(uri())?.freshness, 'checking');
		const diagnostic = await stalePin();
		assert.ok(editor.document.isDirty, 'the edit is not saved');
		assert.equal(diagnostic.severity, vscode.DiagnosticSeverity.Error);
		assert.equal(await verdict(), 'violated');
		assert.match(api.statusBar() ?? '', /finding/);
		look(editor, diagnostic.range);
		await picture('3-finding');
		look(editor, find(editor.document, 'gup_fast_pte_range', WALKER));
		await picture('3-violated');
	});

	it('plays the run in the panel, with the line lit', async () => {
		const { range } = await stalePin();
		const actions = await actionsAt(range);
		const action = actions.find(({ title }) => /simulate this path/i.test(title));
		assert.ok(action?.command, `a simulate action in ${actions.map((a) => a.title).join(', ')}`);
		await vscode.commands.executeCommand(
			action.command.command,
			...(action.command.arguments ?? []),
		);
		const run = await until('the panel', () => api.run());
		assert.equal(run.content.finding?.rule, 'stale-pin');
		assert.ok(run.content.threads.length >= 2);
		assert.notEqual(run.content.steps[run.step]?.cpu, 0, 'it opens where the other CPU begins');
		assert.equal(run.content.steps[run.step - 1]?.cpu, 0);
		await picture('4-run-begins');
	});

	// Keys reach the panel through the window alone; the commands below do the same everywhere.
	if (windowSeen) {
		it('moves by keys, and Enter goes to the source', async () => {
			const { content } = await until('the panel', () => api.run());
			const cpus = content.steps.map(({ cpu }) => cpu);
			const presses: readonly (readonly [string, Motion])[] = [
				['j', 'next'],
				['ArrowDown', 'next'],
				['k', 'previous'],
				['n', 'nextSwitch'],
				['n', 'nextSwitch'],
				['p', 'previousSwitch'],
				// faster than the host answers: it must not hold the view back
				...Array.from({ length: 6 }, (): readonly [string, Motion] => ['k', 'previous']),
				...Array.from({ length: 9 }, (): readonly [string, Motion] => ['j', 'next']),
				['p', 'previousSwitch'],
			];
			const expected = presses.reduce((at, [, motion]) => move(cpus, at, motion), 0);
			await vscode.commands.executeCommand('workbench.action.focusSecondEditorGroup');
			// the group is told so at once, its web page a while later: keys until then go elsewhere
			await until('the panel to hear keys', async () => {
				await picture('4-run-focus', 'End');
				return api.run()?.step === cpus.length - 1;
			});
			await picture('4-run-focus', 'Home');
			await until('step 0', () => api.run()?.step === 0);
			await picture('4-run-keys', presses.map(([key]) => key).join(' '));
			await until(`step ${expected}`, () => api.run()?.step === expected);
			await picture('4-run-home', 'Home Enter');
			await until('step 0 again', () => api.run()?.step === 0);
			await until('the cursor on its source', () => {
				const active = vscode.window.activeTextEditor;
				const lit = api.highlighted();
				return (
					active?.document.uri.toString() === lit?.uri.toString() &&
					active?.selection.active.line === lit?.line
				);
			});
		});
	}

	it('steps forward and back, switch by switch, to the end', async () => {
		const steps = (await until('the panel', () => api.run())).content.steps;
		const go = async (motion: string) => {
			await vscode.commands.executeCommand(`racewalk.trace.${motion}`);
			return api.run()?.step ?? -1;
		};
		assert.equal(await go('first'), 0);
		assert.equal(await go('next'), 1);
		assert.equal(await go('previous'), 0);
		const switched = await go('nextSwitch');
		assert.notEqual(steps[switched]?.cpu, steps[switched - 1]?.cpu);
		await picture('5-run-other-cpu');
		assert.equal(await go('last'), steps.length - 1);
		assert.ok(steps.some(({ violation }) => violation !== null));
		await picture('6-run-ends');
	});

	it('copies the run as two-column text', async () => {
		const { content } = await until('the panel', () => api.run());
		assert.match(content.twoColumn, /CPU 0.*CPU 1/);
		await vscode.commands.executeCommand('racewalk.trace.copy');
		assert.equal(await vscode.env.clipboard.readText(), content.twoColumn);
	});

	it('lights the line of each step in the walker', async () => {
		const run = await until('the panel', () => api.run());
		const mine = run.content.steps.findLastIndex(({ cpu }) => cpu === 0);
		await vscode.commands.executeCommand('racewalk.trace.last');
		while ((api.run()?.step ?? 0) > mine) {
			await vscode.commands.executeCommand('racewalk.trace.previous');
		}
		const lit = api.highlighted();
		const step = run.content.steps[mine];
		assert.equal(lit?.uri.toString(), uri().toString());
		assert.equal(lit?.line, (step?.place.line ?? 0) - 1);
		assert.equal(editor.document.lineAt(lit?.line ?? 0).text.trim(), step?.text);
	});

	it('repairs the walk with a quick fix', async () => {
		editor = await vscode.window.showTextDocument(editor.document, vscode.ViewColumn.One);
		const { range } = await stalePin();
		const actions = await actionsAt(range);
		const fix = actions.find(
			({ kind, edit }) =>
				kind?.contains(vscode.CodeActionKind.QuickFix) === true &&
				edit !== undefined &&
				!/suppress/i.test(JSON.stringify(edit)),
		);
		assert.ok(fix?.edit, `a quick fix in ${actions.map((a) => a.title).join(', ')}`);
		assert.ok(await vscode.workspace.applyEdit(fix.edit));
		await until('the walker to hold', async () => (await verdict()) === 'holds');
		await until('the finding to go', () => findings(uri()).length === 0);
		look(editor, find(editor.document, 'ptep_get(ptep)', WALKER));
		await picture('7-repaired');
	});

	it('sees the race again when the fix is undone, and none when all is', async () => {
		await vscode.commands.executeCommand('undo');
		await until('the finding to come back', async () => (await verdict()) === 'violated');
		await vscode.commands.executeCommand('undo');
		assert.equal(editor.document.getText(), original);
		await until('the finding to go', async () => (await verdict()) === 'holds');
	});

	it('leaves the file on disk alone', () => {
		assert.equal(readFileSync(uri().fsPath, 'utf8'), original);
	});
});
