/**
 * The view of the branch's commits: what each touches and changes, and the diff of a file of a commit with its findings at their
 * lines. A tree, so that the keyboard and screen readers have it as they have every other.
 *
 * Invariant: it is empty until the user has commits reviewed; texts of commits are shown as they were reviewed, and are nobody's files.
 */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { label, plain } from '../../engine/escape/label.js';
import { t } from '../view/words.js';
import {
	type CommitDelta,
	type FileDelta,
	type Mark,
	marksOf,
	type Place,
	type ReviewedCommits,
	type Row,
	rowsOf,
	type Side,
	type Sign,
} from './delta.js';
import { isCommit, reviewCommits } from './review.js';

export const COMMITS_VIEW = 'racewalk.commits';
const REVIEW_COMMAND = 'racewalk.reviewCommits';
const OPEN_COMMAND = 'racewalk.openCommitDiff';
const SCHEME = 'racewalk-commit';
/** Where the last answer to "since which commit" is kept. */
const SINCE = 'racewalk.commits.since';

const ICONS: Readonly<Record<Sign, readonly [string, string?]>> = {
	broken: ['error', 'list.errorForeground'],
	mended: ['pass', 'testing.iconPassed'],
	undecided: ['question', 'list.warningForeground'],
	same: ['circle-small'],
};

const SEVERITIES: Readonly<Record<string, vscode.DiagnosticSeverity>> = {
	error: vscode.DiagnosticSeverity.Error,
	warning: vscode.DiagnosticSeverity.Warning,
};

export class CommitsView implements vscode.TreeDataProvider<Row>, vscode.Disposable {
	readonly #context: vscode.ExtensionContext;
	readonly #changed = new vscode.EventEmitter<undefined>();
	readonly #marks = vscode.languages.createDiagnosticCollection('racewalk-commits');
	readonly #view: vscode.TreeView<Row>;
	readonly #parts: readonly vscode.Disposable[];
	#review: ReviewedCommits | null = null;
	#rows: readonly Row[] = [];
	/** Counts reviews, so that a text of an earlier one is not taken for one of this. */
	#number = 0;
	readonly onDidChangeTreeData = this.#changed.event;

	constructor(context: vscode.ExtensionContext) {
		this.#context = context;
		this.#view = vscode.window.createTreeView(COMMITS_VIEW, { treeDataProvider: this });
		this.#parts = [
			vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
				provideTextDocumentContent: (uri) => this.#shown(uri)?.text ?? '',
			}),
			vscode.workspace.onDidOpenTextDocument(({ uri }) => this.#mark(uri)),
			vscode.workspace.onDidCloseTextDocument(({ uri }) => {
				if (uri.scheme === SCHEME) this.#marks.delete(uri);
			}),
			vscode.commands.registerCommand(REVIEW_COMMAND, (since?: unknown, folder?: unknown) =>
				this.#ask(
					typeof since === 'string' ? since : null,
					folder instanceof vscode.Uri ? folder : null,
				),
			),
			vscode.commands.registerCommand(OPEN_COMMAND, (place: Place) => this.#open(place)),
		];
		void hasKernel().then((has) =>
			vscode.commands.executeCommand('setContext', 'racewalk.commits', has),
		);
	}

	/** What is shown. */
	get rows(): readonly Row[] {
		return this.#rows;
	}

	getChildren(row?: Row): Row[] {
		return [...(row === undefined ? this.#rows : row.below)];
	}

	getTreeItem(row: Row): vscode.TreeItem {
		const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
		const opened = row.sign === 'same' ? Collapsed : Expanded;
		const item = new vscode.TreeItem(label(row.text), row.below.length === 0 ? None : opened);
		const words = row.description === '' ? row.text : t('{0}: {1}', row.text, row.description);
		const [icon, colour] = ICONS[row.sign];
		item.description = label(row.description);
		item.tooltip = label(words);
		item.iconPath =
			colour === undefined
				? new vscode.ThemeIcon(icon)
				: new vscode.ThemeIcon(icon, new vscode.ThemeColor(colour));
		item.accessibilityInformation = { label: label(words) };
		if (row.at !== null)
			item.command = { command: OPEN_COMMAND, title: t('Open the change'), arguments: [row.at] };
		return item;
	}

	dispose(): void {
		for (const part of [...this.#parts, this.#view, this.#changed, this.#marks]) part.dispose();
	}

	/** null: the user is asked. */
	async #ask(given: string | null, inFolder: vscode.Uri | null): Promise<void> {
		const folder = inFolder ?? (await repository());
		if (folder === null) return;
		const since = given ?? (await this.#since());
		if (since === undefined || !isCommit(since)) return;
		await this.#context.workspaceState.update(SINCE, since);
		const settings = vscode.workspace.getConfiguration('racewalk', folder);
		const asked = {
			cli: join(this.#context.extensionPath, 'dist', 'cli.js'),
			folder: folder.fsPath,
			since,
			arch: settings.get('arch', 'x86_64'),
			memory: settings.get('memory', 'sc'),
			budget: settings.get('budgetSeconds', 20),
		};
		const outcome = await vscode.window.withProgress(
			{
				location: vscode.ProgressLocation.Notification,
				title: label(t('racewalk: reviewing the commits since {0}', since)),
				cancellable: true,
			},
			(_, token) => reviewCommits(asked, token),
		);
		if (outcome.kind === 'refused') {
			this.#show(null, label(outcome.why));
			void vscode.window.showWarningMessage(label(`racewalk: ${outcome.why}`));
			return;
		}
		const { left } = outcome.review;
		const open = left === 0 ? '' : t('{0} more not reviewed', left);
		this.#show(outcome.review, open);
		this.#view.description = label(t('since {0}', since));
		await vscode.commands.executeCommand(`${COMMITS_VIEW}.focus`);
	}

	#show(review: ReviewedCommits | null, message: string): void {
		this.#number += 1;
		this.#review = review;
		this.#rows = review === null ? [] : rowsOf(review);
		this.#view.message = message;
		this.#view.description = '';
		this.#changed.fire(undefined);
	}

	#since(): Thenable<string | undefined> {
		return vscode.window.showInputBox({
			title: t('racewalk: review commits'),
			prompt: t('The commits of the current branch since this commit, branch or tag'),
			placeHolder: 'master, v6.12, HEAD~5',
			value: this.#context.workspaceState.get(SINCE, 'HEAD~5'),
			validateInput: (text) => (isCommit(text) ? null : t('Not the name of one commit')),
		});
	}

	#file({ commit, file }: Pick<Place, 'commit' | 'file'>): {
		readonly of: CommitDelta;
		readonly file: FileDelta;
	} | null {
		const of = this.#review?.patches[commit];
		const found = of?.files[file];
		return of === undefined || found === undefined ? null : { of, file: found };
	}

	async #open(place: Place): Promise<void> {
		const found = this.#file(place);
		if (found === null) return;
		const uri = (side: Side): vscode.Uri =>
			vscode.Uri.from({
				scheme: SCHEME,
				path: `/${found.of.name}/${found.file.path}`,
				query: [this.#number, place.commit, place.file, side].join(','),
			});
		const title = label(`${found.file.path} (${found.of.title})`);
		const options: vscode.TextDocumentShowOptions = { preview: true };
		if (place.line !== null && place.side === 'after')
			options.selection = new vscode.Range(place.line, 0, place.line, 0);
		await vscode.commands.executeCommand(
			'vscode.diff',
			...[uri('before'), uri('after'), title, options],
		);
	}

	/** The text behind an address that this view has made. */
	#shown(uri: vscode.Uri): { readonly text: string; readonly marks: readonly Mark[] } | null {
		if (uri.scheme !== SCHEME) return null;
		const [number, commit, file, word] = uri.query.split(',');
		if (Number(number) !== this.#number) return null;
		const side: Side = word === 'before' ? 'before' : 'after';
		const found = this.#file({ commit: Number(commit), file: Number(file) });
		if (found === null) return null;
		return { text: found.file.texts[side] ?? '', marks: marksOf(found.file, side) };
	}

	#mark(uri: vscode.Uri): void {
		const shown = this.#shown(uri);
		if (shown === null) return;
		this.#marks.set(
			uri,
			shown.marks.map((mark) => diagnosticOf(uri, mark)),
		);
	}
}

function diagnosticOf(uri: vscode.Uri, { finding, kind }: Mark): vscode.Diagnostic {
	const { line, column, endLine, endColumn, message, rule, severity } = finding;
	const said = {
		new: t('New: {0}', message),
		gone: t('Gone with this commit: {0}', message),
		before: t('There before this commit: {0}', message),
	};
	const made = new vscode.Diagnostic(
		new vscode.Range(line - 1, column - 1, endLine - 1, endColumn - 1),
		plain(said[kind]),
		kind === 'new'
			? (SEVERITIES[severity] ?? vscode.DiagnosticSeverity.Information)
			: vscode.DiagnosticSeverity.Information,
	);
	made.source = 'racewalk';
	made.code = rule;
	made.relatedInformation = finding.related
		.filter(({ path }) => path === finding.path)
		.map(({ line: at, message: words }) => {
			const place = new vscode.Location(uri, new vscode.Position(at - 1, 0));
			return new vscode.DiagnosticRelatedInformation(place, plain(words));
		});
	return made;
}

/** The folder of the editor, or the only one, or the one that is picked. */
async function repository(): Promise<vscode.Uri | null> {
	const folders = vscode.workspace.workspaceFolders ?? [];
	const editor = vscode.window.activeTextEditor;
	const own = editor && vscode.workspace.getWorkspaceFolder(editor.document.uri);
	const one = own ?? (folders.length === 1 ? folders[0] : undefined);
	if (one !== undefined) return one.uri;
	if (folders.length === 0) {
		void vscode.window.showInformationMessage(
			label(t('racewalk: open the folder of a kernel tree that git knows.')),
		);
		return null;
	}
	return (await vscode.window.showWorkspaceFolderPick())?.uri ?? null;
}

async function hasKernel(): Promise<boolean> {
	for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
		const header = vscode.Uri.joinPath(uri, 'include', 'linux', 'mm_types.h');
		const isThere = await vscode.workspace.fs.stat(header).then(
			() => true,
			() => false,
		);
		if (isThere) return true;
	}
	return false;
}
