/**
 * The view beside the text that follows the cursor: what racewalk knows of the place, in sections. A tree, so that the keyboard and
 * screen readers have it as they have every other; an entry goes to its place, or opens its run.
 *
 * Invariant: what is shown is about the place where the cursor was last, or nothing; an older answer never takes a newer one's place.
 */
import * as vscode from 'vscode';
import { label } from '../engine/escape/label.js';
import {
	type AboutAnswer,
	type AboutEntry,
	CLIENT_COMMAND_OPEN_TRACE,
} from '../server/protocol.js';
import { t } from './view/words.js';

export const ABOUT_VIEW = 'racewalk.about';

/** Milliseconds that the cursor rests before the server is asked. */
const QUIET = 120;

type Section = AboutAnswer['sections'][number];
type Row = { readonly section: Section } | { readonly entry: AboutEntry };

/** Asks about a place; null: nothing is known of it, or no server runs. */
export type AskAbout = (
	document: vscode.TextDocument,
	position: vscode.Position,
) => Promise<AboutAnswer | null>;

export class AboutView implements vscode.TreeDataProvider<Row>, vscode.Disposable {
	readonly #ask: AskAbout;
	readonly #changed = new vscode.EventEmitter<undefined>();
	readonly #view: vscode.TreeView<Row>;
	readonly #listeners: readonly vscode.Disposable[];
	#answer: AboutAnswer | null = null;
	#asked = 0;
	#timer: ReturnType<typeof setTimeout> | undefined;
	readonly onDidChangeTreeData = this.#changed.event;

	/** `news`: what the server knows of a document has changed. */
	constructor(ask: AskAbout, news: vscode.Event<vscode.Uri>) {
		this.#ask = ask;
		this.#view = vscode.window.createTreeView(ABOUT_VIEW, { treeDataProvider: this });
		this.#listeners = [
			vscode.window.onDidChangeTextEditorSelection(() => this.#soon()),
			vscode.window.onDidChangeActiveTextEditor(() => this.#soon()),
			this.#view.onDidChangeVisibility(() => this.#soon()),
			news(() => this.#soon()),
		];
	}

	/** What is shown. */
	get answer(): AboutAnswer | null {
		return this.#answer;
	}

	getChildren(row?: Row): Row[] {
		if (row === undefined) return (this.#answer?.sections ?? []).map((section) => ({ section }));
		return 'section' in row ? row.section.items.map((entry) => ({ entry })) : [];
	}

	getTreeItem(row: Row): vscode.TreeItem {
		if ('section' in row) {
			const { title, items } = row.section;
			const item = new vscode.TreeItem(label(title), vscode.TreeItemCollapsibleState.Expanded);
			item.id = title;
			item.accessibilityInformation = { label: label(t('{0}, {1} entries', title, items.length)) };
			return item;
		}
		return entryItem(row.entry);
	}

	dispose(): void {
		clearTimeout(this.#timer);
		for (const listener of [...this.#listeners, this.#view, this.#changed]) listener.dispose();
	}

	#soon(): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => void this.#look(), QUIET);
	}

	async #look(): Promise<void> {
		const editor = vscode.window.activeTextEditor;
		if (!this.#view.visible) return;
		// another view or panel has the focus: what is shown stays
		if (editor === undefined && vscode.window.visibleTextEditors.length > 0) return;
		const asked = ++this.#asked;
		const isC = editor?.document.languageId === 'c';
		const answer = isC
			? await this.#ask(editor.document, editor.selection.active).catch(() => null)
			: null;
		if (asked !== this.#asked) return;
		this.#answer = answer;
		this.#view.description = answer?.stale === true ? t('before the last edit') : '';
		this.#changed.fire(undefined);
	}
}

function entryItem({ text, at, run }: AboutEntry): vscode.TreeItem {
	const item = new vscode.TreeItem(label(text));
	item.tooltip = label(text);
	if (run !== undefined) {
		item.iconPath = new vscode.ThemeIcon('play');
		item.command = {
			command: CLIENT_COMMAND_OPEN_TRACE,
			title: t('See the run'),
			arguments: [run],
		};
		item.accessibilityInformation = { label: label(t('{0}; opens the run', text)) };
	} else if (at !== undefined) {
		const position = new vscode.Position(at.line, 0);
		item.command = {
			command: 'vscode.open',
			title: t('Go to the line'),
			arguments: [vscode.Uri.parse(at.uri), { selection: new vscode.Range(position, position) }],
		};
		item.accessibilityInformation = { label: label(t('{0}; goes to the line', text)) };
	}
	return item;
}
