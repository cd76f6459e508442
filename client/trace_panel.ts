/**
 * The trace panel: one webview beside the source that shows a run step by step, and the owner of where the reader stands.
 *
 * It survives a reload of the window: the view keeps the run, `restore` shows it at once and has the server replay its id.
 * Invariant: at most one panel; the current step of `run` is what the view shows and the editor highlights.
 */
import * as vscode from 'vscode';
import { label, plain } from '../engine/escape/label.js';
import type { SimulateParams, SourcePlace, TracePanelContent } from '../server/protocol.js';
import { panelPage } from './panel_page.js';
import { documentOf, rangeOf } from './source_place.js';
import type { StepHighlight } from './step_highlight.js';
import {
	type FromView,
	type PanelNotice,
	type PanelRun,
	type Standing,
	standingOf,
	type ToView,
} from './view/message.js';
import { type Motion, move, openingStep } from './view/motion.js';

export const TRACE_VIEW = 'racewalk.trace';

/** What the panel needs of the rest of the extension. */
export interface TracePanelHost {
	readonly extension: vscode.Uri;
	readonly highlight: StepHighlight;
	/** Has the server search or replay a run; null when there is none and the reader was told why. */
	readonly simulate: (params: SimulateParams) => Promise<TracePanelContent | null>;
	readonly log: vscode.LogOutputChannel;
}

export class TracePanel implements vscode.Disposable, vscode.WebviewPanelSerializer {
	private readonly host: TracePanelHost;
	private panel: vscode.WebviewPanel | null = null;
	private shown: PanelRun | null = null;
	private notice: PanelNotice | null = null;
	private showings = 0;
	private sourceColumn: vscode.ViewColumn = vscode.ViewColumn.One;
	/** The latest place to reveal; an earlier one that is still being opened gives way to it. */
	private revealing: Promise<void> | null = null;
	private wanted: { readonly place: SourcePlace; readonly open: boolean } | null = null;
	private readonly listener = vscode.workspace.onDidChangeTextDocument((event) => {
		if (event.contentChanges.length > 0) this.textChanged(event.document.uri);
	});

	constructor(host: TracePanelHost) {
		this.host = host;
	}

	/** The run that is shown and its current step; null while the panel is closed. */
	get run(): PanelRun | null {
		return this.shown;
	}

	/** Opens the panel on a run, where another CPU begins to change what the walk rests on. */
	async show(params: SimulateParams, content: TracePanelContent): Promise<void> {
		const editor = vscode.window.activeTextEditor;
		if (editor?.viewColumn !== undefined && editor.viewColumn !== this.panel?.viewColumn) {
			this.sourceColumn = editor.viewColumn;
		}
		const opening = openingStep(
			content.steps.map(({ cpu, effects }) => ({
				cpu,
				changes: effects.some(({ wrote }) => wrote !== null),
			})),
		);
		this.shown = this.showing(params, content, opening);
		this.notice = null;
		if (this.panel === null) {
			const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: false };
			await this.pinSource(content);
			this.attach(
				vscode.window.createWebviewPanel(TRACE_VIEW, 'Run', column, {
					enableScripts: true,
					enableFindWidget: false,
					localResourceRoots: [this.assets()],
				}),
			);
		} else {
			this.panel.reveal(undefined, false);
		}
		this.send();
		this.follow({ open: false });
		await this.revealing;
	}

	/** VS Code brings a panel back after a reload. */
	async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
		panel.webview.options = { enableScripts: true, localResourceRoots: [this.assets()] };
		const run = asRun(state);
		if (run === null || this.panel !== null) {
			panel.dispose();
			return;
		}
		this.shown = this.showing(run.params, run.content, run.step);
		this.notice = { kind: 'busy', text: 'Replaying this run on the current text…', again: false };
		this.attach(panel);
		this.light();
		await this.simulate({ ...run.params, trace: run.content.id }, run.step);
	}

	/** Moves to another step by a motion. */
	move(motion: Motion): void {
		if (this.shown === null) return;
		const cpus = this.shown.content.steps.map((step) => step.cpu);
		const step = move(cpus, this.shown.step, motion);
		this.stand({ ...this.shown, step }, { open: false });
		this.post({ kind: 'select', ...standingOf(this.shown) });
	}

	/** Puts the cursor on the source of the current step. */
	goToSource(): void {
		this.follow({ open: true });
	}

	/** The run as the two-column text of commit messages, on the clipboard. */
	async copy(): Promise<void> {
		if (this.shown === null) return;
		await vscode.env.clipboard.writeText(plain(this.shown.content.twoColumn));
		vscode.window.setStatusBarMessage('$(check) racewalk: run copied as two-column text', 3000);
	}

	dispose(): void {
		this.listener.dispose();
		this.panel?.dispose();
	}

	private assets(): vscode.Uri {
		return vscode.Uri.joinPath(this.host.extension, 'dist', 'view');
	}

	private attach(panel: vscode.WebviewPanel): void {
		this.panel = panel;
		const address = (name: string) =>
			panel.webview.asWebviewUri(vscode.Uri.joinPath(this.assets(), name)).toString();
		panel.iconPath = vscode.Uri.joinPath(this.host.extension, 'media', 'icon.svg');
		panel.webview.onDidReceiveMessage((message: FromView) => this.receive(message));
		panel.onDidDispose(() => {
			this.panel = null;
			this.shown = null;
			this.host.highlight.show(null);
			void vscode.commands.executeCommand('setContext', TRACE_VIEW, false);
		});
		panel.webview.html = panelPage({
			script: address('trace_panel.js'),
			style: address('trace_panel.css'),
		});
		void vscode.commands.executeCommand('setContext', TRACE_VIEW, true);
	}

	private receive(message: FromView): void {
		switch (message.kind) {
			case 'ready':
				this.send();
				return;
			case 'selected':
				this.stand(message, { open: message.open });
				return;
			case 'open':
				this.reveal(message.place, { open: true });
				return;
			case 'copy':
				void this.copy();
				return;
			case 'again':
				if (this.shown !== null) void this.simulate({ ...this.shown.params, trace: null }, 0);
				return;
		}
	}

	/** A run to be shown at `step`, or at the end nearest to it. */
	private showing(params: SimulateParams, content: TracePanelContent, step: number): PanelRun {
		this.showings += 1;
		return { params, content, step: stepIn(content, step), showing: this.showings, moves: 0 };
	}

	/** Goes to where the reader stands now; a move through what is not shown any more is no move. */
	private stand(at: Standing, options: { readonly open: boolean }): void {
		if (this.shown === null || this.panel === null || at.showing !== this.shown.showing) return;
		const step = stepIn(this.shown.content, at.step);
		this.shown = { ...this.shown, step, moves: at.moves };
		this.follow(options);
	}

	private async simulate(params: SimulateParams, step: number): Promise<void> {
		this.say({ kind: 'busy', text: 'Exploring…', again: false });
		try {
			const content = await this.host.simulate(params);
			if (this.panel === null) return;
			if (content === null) {
				const text = 'The current text has no such run; this one is from an earlier text.';
				this.say({ kind: 'stale', text, again: params.trace !== null });
				return;
			}
			this.shown = this.showing(params, content, step);
			this.notice = null;
			this.send();
			this.follow({ open: false });
		} catch (error) {
			const text = error instanceof Error ? error.message : String(error);
			this.host.log.warn(plain(`run of ${params.function}: ${text}`));
			this.say({ kind: 'failed', text, again: params.trace !== null });
		}
	}

	private send(): void {
		if (this.panel === null || this.shown === null) return;
		this.panel.title = label(`Run: ${this.shown.params.function}`);
		this.post({ kind: 'show', run: this.shown, notice: this.notice });
	}

	private say(notice: PanelNotice): void {
		this.notice = notice;
		this.post({ kind: 'notice', notice });
	}

	private post(message: ToView): void {
		void this.panel?.webview.postMessage(message);
	}

	private textChanged(uri: vscode.Uri): void {
		if (this.shown === null || this.notice !== null) return;
		if (vscode.Uri.parse(this.shown.content.uri).toString() !== uri.toString()) return;
		const text = 'The text has changed since this run was found.';
		this.say({ kind: 'stale', text, again: true });
	}

	/** Lights the current step's line and, as the setting says, shows it. */
	private follow(options: { readonly open: boolean }): void {
		this.light();
		const step = this.shown?.content.steps[this.shown.step];
		const follows = vscode.workspace.getConfiguration('racewalk').get('trace.followSource', true);
		if (step !== undefined && (options.open || follows)) this.reveal(step.place, options);
	}

	private light(): void {
		const run = this.shown;
		const step = run?.content.steps[run.step];
		if (run === null || step === undefined) {
			this.host.highlight.show(null);
			return;
		}
		const uri = this.documentOf(step.place);
		const at = `CPU ${step.cpu}, step ${run.step + 1} of ${run.content.steps.length}`;
		this.host.highlight.show(
			uri === null
				? null
				: { uri, line: step.place.line - 1, cpu: step.cpu, label: label(`${at}: ${step.what}`) },
		);
	}

	private documentOf(place: SourcePlace): vscode.Uri | null {
		if (this.shown === null) return null;
		const from = vscode.Uri.parse(this.shown.content.uri);
		return documentOf(place, { extension: this.host.extension, from });
	}

	private reveal(place: SourcePlace, options: { readonly open: boolean }): void {
		this.wanted = { place, open: options.open };
		this.revealing ??= this.revealWanted().finally(() => {
			this.revealing = null;
		});
	}

	private async revealWanted(): Promise<void> {
		while (this.wanted !== null) {
			const { place, open } = this.wanted;
			this.wanted = null;
			const uri = this.documentOf(place);
			if (uri === null) {
				if (open) {
					const text = label(`${place.path} is not on this machine.`);
					void vscode.window.showInformationMessage(text);
				}
				continue;
			}
			try {
				await this.showSource(uri, { place, open });
			} catch (error) {
				this.host.log.warn(plain(`cannot show ${place.path}: ${String(error)}`));
			}
		}
	}

	private async showSource(
		uri: vscode.Uri,
		to: { readonly place: SourcePlace; readonly open: boolean },
	): Promise<void> {
		const visible = vscode.window.visibleTextEditors.find(
			(editor) => editor.document.uri.toString() === uri.toString(),
		);
		const document = visible?.document ?? (await vscode.workspace.openTextDocument(uri));
		const range = rangeOf(to.place, document);
		const editor =
			visible !== undefined && !to.open
				? visible
				: await vscode.window.showTextDocument(document, {
						viewColumn: visible?.viewColumn ?? this.sourceColumn,
						preserveFocus: !to.open,
						preview: true,
					});
		if (to.open) editor.selection = new vscode.Selection(range.start, range.start);
		// The line's start: a place far to the right would scroll the text sideways.
		const line = new vscode.Range(range.start.line, 0, range.start.line, 0);
		editor.revealRange(line, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
	}

	/** Keeps the checked file's tab: stepping opens other files as previews, which would take its place. */
	private async pinSource(content: TracePanelContent): Promise<void> {
		const uri = vscode.Uri.parse(content.uri);
		const viewColumn = this.sourceColumn;
		await vscode.window.showTextDocument(uri, { viewColumn, preview: false, preserveFocus: true });
	}
}

/** The step of a run that is nearest to `step`. */
function stepIn({ steps }: TracePanelContent, step: number): number {
	return Math.min(Math.max(0, step), Math.max(0, steps.length - 1));
}

/** The run a view kept, null when it is of another shape (an older version kept it). */
function asRun(state: unknown): PanelRun | null {
	const run = state as Partial<PanelRun> | null | undefined;
	const complete =
		typeof run?.step === 'number' &&
		typeof run.params?.function === 'string' &&
		typeof run.content?.id === 'string' &&
		Array.isArray(run.content.steps) &&
		Array.isArray(run.content.threads);
	return complete ? (run as PanelRun) : null;
}
