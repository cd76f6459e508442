/**
 * The status bar: the verdicts of the active document in a few words, the whole list on hover and on click.
 */
import * as vscode from 'vscode';
import { label } from '../engine/escape/label.js';
import { markdownString } from './markdown_string.js';
import type { DocumentVerdicts } from './verdict_lines.js';
import type { VerdictStore } from './verdict_store.js';
import { shownFor, summarise, VERDICT_ICONS } from './verdict_summary.js';
import { t } from './view/words.js';

export class StatusBar implements vscode.Disposable {
	private readonly item = vscode.window.createStatusBarItem(
		'racewalk.verdicts',
		vscode.StatusBarAlignment.Left,
		5,
	);
	private readonly verdicts: VerdictStore;
	private readonly beside: () => vscode.Uri | null;
	private readonly listeners: vscode.Disposable[];

	/** `beside`: the document whose run is being stepped through. */
	constructor(verdicts: VerdictStore, beside: () => vscode.Uri | null) {
		this.verdicts = verdicts;
		this.beside = beside;
		this.item.name = t('racewalk verdicts');
		this.item.command = 'racewalk.showVerdicts';
		this.listeners = [
			verdicts.onDidChange(() => this.draw()),
			vscode.window.onDidChangeActiveTextEditor(() => this.draw()),
		];
		this.draw();
	}

	/** The text that is shown, null when the item is hidden. */
	get text(): string | null {
		return this.current() === null ? null : this.item.text;
	}

	dispose(): void {
		for (const listener of this.listeners) listener.dispose();
		this.item.dispose();
	}

	private current(): DocumentVerdicts | null {
		const active = vscode.window.activeTextEditor?.document.uri ?? null;
		return shownFor(active, this.beside(), (uri) => this.verdicts.of(uri));
	}

	private draw(): void {
		const shown = this.current();
		void vscode.commands.executeCommand('setContext', 'racewalk.active', shown !== null);
		if (shown === null) {
			this.item.hide();
			return;
		}
		const summary = summarise(shown);
		this.item.text = summary.text;
		this.item.tooltip = markdownString(summary.tooltip);
		this.item.backgroundColor =
			summary.severity === 'none'
				? undefined
				: new vscode.ThemeColor(`statusBarItem.${summary.severity}Background`);
		this.item.show();
	}
}

/** Lets the reader pick a walker function of `editor` by its verdict and goes there. */
export async function pickVerdict(
	editor: vscode.TextEditor,
	verdicts: VerdictStore,
): Promise<void> {
	const shown = verdicts.of(editor.document.uri);
	if (shown === null) {
		const doctor = t('Ask the Doctor');
		const picked = await vscode.window.showInformationMessage(
			label(
				t('racewalk found no lockless page-table walk in this file: mm/gup.c of a kernel has one.'),
			),
			label(doctor),
		);
		if (picked !== undefined) await vscode.commands.executeCommand('racewalk.doctor');
		return;
	}
	const items = shown.functions.map((f) => ({
		label: `$(${VERDICT_ICONS[f.verdict]}) ${label(f.name)}`,
		description: f.verdict,
		detail: label(f.why),
		line: f.line,
	}));
	const picked = await vscode.window.showQuickPick(items, {
		title: label(`racewalk: ${shown.arch}, ${shown.memory}`),
		placeHolder: t('Go to a function'),
		matchOnDescription: true,
	});
	if (picked === undefined) return;
	const range = editor.document.lineAt(picked.line).range;
	await vscode.window.showTextDocument(editor.document, { selection: range });
}
