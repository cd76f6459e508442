/**
 * The gutter: each walker function's verdict beside the line it starts on, and a thin bar beside lines that no explored run
 * came to; faded while a newer text is being checked.
 */
import * as vscode from 'vscode';
import { code, md, paragraphs, prose, strong } from '../engine/escape/markdown.js';
import type { Verdict } from '../server/protocol.js';
import { markdownString } from './markdown_string.js';
import { unreachedDataAddress, verdictDataAddress } from './verdict_icon.js';
import { type FunctionLine, isStale } from './verdict_lines.js';
import type { VerdictStore } from './verdict_store.js';
import { t } from './view/words.js';

interface Mark {
	readonly verdict: Verdict;
	readonly stale: boolean;
	readonly type: vscode.TextEditorDecorationType;
}

const VERDICTS: readonly Verdict[] = ['holds', 'violated', 'inconclusive', 'unsupported'];

export class Gutter implements vscode.Disposable {
	private readonly marks: readonly Mark[] = VERDICTS.flatMap((verdict) =>
		[false, true].map((stale) => ({ verdict, stale, type: decoration(verdict, stale) })),
	);
	private readonly bars = [false, true].map((stale) => ({ stale, type: bar(stale) }));
	private readonly verdicts: VerdictStore;
	private readonly listeners: vscode.Disposable[];

	constructor(verdicts: VerdictStore) {
		this.verdicts = verdicts;
		this.listeners = [
			verdicts.onDidChange((uri) => {
				for (const editor of vscode.window.visibleTextEditors) {
					if (editor.document.uri.toString() === uri.toString()) this.draw(editor);
				}
			}),
			vscode.window.onDidChangeVisibleTextEditors((editors) => {
				for (const editor of editors) this.draw(editor);
			}),
		];
	}

	dispose(): void {
		for (const listener of this.listeners) listener.dispose();
		for (const { type } of [...this.marks, ...this.bars]) type.dispose();
	}

	private draw(editor: vscode.TextEditor): void {
		if (editor.document.languageId !== 'c') return;
		const shown = this.verdicts.of(editor.document.uri);
		const stale = shown !== null && isStale(shown);
		for (const mark of this.marks) {
			const functions = shown !== null && mark.stale === stale ? shown.functions : [];
			const here = functions.filter((f) => f.verdict === mark.verdict);
			editor.setDecorations(
				mark.type,
				here.map((f) => ({
					range: new vscode.Range(f.line, 0, f.line, 0),
					hoverMessage: tooltip(f, stale),
				})),
			);
		}
		const named = new Set(shown?.functions.map((f) => f.line));
		for (const { stale: faded, type } of this.bars) {
			const lines = shown !== null && faded === stale ? shown.unreached : [];
			editor.setDecorations(
				type,
				lines
					.filter(({ line }) => !named.has(line))
					.map(({ line, why }) => ({
						range: new vscode.Range(line, 0, line, 0),
						hoverMessage: markdownString(md`${strong('racewalk')} ${why}`),
					})),
			);
		}
	}
}

function bar(stale: boolean): vscode.TextEditorDecorationType {
	const icon = (theme: 'light' | 'dark') => ({
		gutterIconPath: vscode.Uri.parse(unreachedDataAddress({ stale, theme })),
	});
	return vscode.window.createTextEditorDecorationType({
		light: icon('light'),
		dark: icon('dark'),
		gutterIconSize: 'contain',
		rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
	});
}

function decoration(verdict: Verdict, stale: boolean): vscode.TextEditorDecorationType {
	const icon = (theme: 'light' | 'dark') => ({
		gutterIconPath: vscode.Uri.parse(verdictDataAddress({ verdict, stale, theme })),
	});
	const ruler = { violated: 'editorError.foreground', inconclusive: 'editorWarning.foreground' };
	const colour = verdict === 'violated' || verdict === 'inconclusive' ? ruler[verdict] : null;
	return vscode.window.createTextEditorDecorationType({
		light: icon('light'),
		dark: icon('dark'),
		gutterIconSize: '85%',
		rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
		...(colour === null || stale
			? {}
			: {
					overviewRulerColor: new vscode.ThemeColor(colour),
					overviewRulerLane: vscode.OverviewRulerLane.Left,
				}),
	});
}

function tooltip(f: FunctionLine, stale: boolean): vscode.MarkdownString {
	const before = stale ? ` (${t('before the last edit')})` : '';
	const verdict = md`${strong('racewalk')} ${code(`${f.name}()`)}: ${f.verdict}${before}`;
	return markdownString(f.why === '' ? verdict : paragraphs([verdict, prose(f.why)]));
}
