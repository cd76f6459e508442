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
import { RunHistory } from './run_history.js';
import { SourceReveal } from './source_reveal.js';
import type { StepHighlight } from './step_highlight.js';
import {
	type CompareWith,
	type FromView,
	type PanelNotice,
	type PanelRun,
	type Standing,
	standingOf,
	type ToView,
} from './view/message.js';
import { type Motion, move, openingStep } from './view/motion.js';
import { t } from './view/words.js';

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
	private readonly history = new RunHistory();
	private readonly source: SourceReveal;
	private readonly listener = vscode.workspace.onDidChangeTextDocument((event) => {
		if (event.contentChanges.length > 0) this.textChanged(event.document.uri);
	});

	constructor(host: TracePanelHost) {
		this.host = host;
		this.source = new SourceReveal(host);
	}

	/** The run that is shown and its current step; null while the panel is closed. */
	get run(): PanelRun | null {
		return this.shown;
	}

	/** Opens the panel on a run, where another CPU begins to change what the walk rests on. */
	async show(params: SimulateParams, content: TracePanelContent): Promise<void> {
		const editor = vscode.window.activeTextEditor;
		if (editor?.viewColumn !== undefined && editor.viewColumn !== this.panel?.viewColumn) {
			this.source.column = editor.viewColumn;
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
			await this.source.pin(vscode.Uri.parse(content.uri));
			this.attach(
				vscode.window.createWebviewPanel(TRACE_VIEW, t('Run'), column, {
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
		await this.source.settled();
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
		this.notice = {
			kind: 'busy',
			text: t('Replaying this run on the current text…'),
			again: false,
		};
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
		vscode.window.setStatusBarMessage(
			`$(check) ${label(t('racewalk: run copied as two-column text'))}`,
			3000,
		);
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
			case 'recall':
				this.recall(message.key);
				return;
			case 'compare':
				void this.compare(message.with);
				return;
			case 'without':
				void this.withoutGuard();
				return;
			case 'again':
				if (this.shown !== null) void this.simulate({ ...this.shown.params, trace: null }, 0);
				return;
		}
	}

	/** A run to be shown at `step`, or at the end nearest to it. */
	private showing(params: SimulateParams, content: TracePanelContent, step: number): PanelRun {
		this.showings += 1;
		const at = { step: stepIn(content, step), showing: this.showings, moves: 0 };
		const run = { params, content, ...at };
		this.history.add(run);
		return run;
	}

	/** Shows a run of before where the reader left it. */
	private recall(key: number): void {
		const kept = this.history.of(key);
		if (kept === null) return;
		this.shown = kept.run;
		this.notice = kept.isStale ? changedSince() : null;
		this.send();
		this.follow({ open: false });
	}

	/** Shows another run beside this one, or this one alone. */
	private async compare(other: CompareWith | null): Promise<void> {
		if (this.shown === null) return;
		const { beside: _, ...alone } = this.shown;
		if (other === null) this.beside(alone, null);
		else if (other.kind === 'entry') {
			this.beside(alone, this.history.of(other.key)?.run.content ?? null);
		} else await this.besideFound(alone);
	}

	private async besideFound(alone: PanelRun): Promise<void> {
		const { params, content } = alone;
		const trace = content.saved?.guard?.trace ?? null;
		const asked =
			content.finding === null && trace !== null
				? { ...params, trace }
				: { ...params, trace: content.id, nearest: true as const };
		this.say({ kind: 'busy', text: t('Looking for the nearest run…'), again: false });
		try {
			const found = await this.host.simulate(asked);
			if (this.shown?.showing !== alone.showing) return;
			this.notice = null;
			this.beside({ ...alone, ...standingOf(this.shown) }, found);
		} catch (error) {
			this.failed(params, error);
		}
	}

	private beside(alone: PanelRun, beside: TracePanelContent | null): void {
		this.shown = beside === null ? alone : { ...alone, beside };
		this.history.update(this.shown);
		this.send();
	}

	/** Shows the run without the guard that saved this one, as a run of its own. */
	private async withoutGuard(): Promise<void> {
		const trace = this.shown?.content.saved?.guard?.trace;
		if (this.shown === null || trace === undefined) return;
		await this.simulate({ ...this.shown.params, trace }, this.shown.step);
	}

	/** Goes to where the reader stands now; a move through what is not shown any more is no move. */
	private stand(at: Standing, options: { readonly open: boolean }): void {
		if (this.shown === null || this.panel === null || at.showing !== this.shown.showing) return;
		const step = stepIn(this.shown.content, at.step);
		this.shown = { ...this.shown, step, moves: at.moves };
		this.history.update(this.shown);
		this.follow(options);
	}

	private async simulate(params: SimulateParams, step: number): Promise<void> {
		this.say({ kind: 'busy', text: t('Exploring…'), again: false });
		try {
			const content = await this.host.simulate(params);
			if (this.panel === null) return;
			if (content === null) {
				const text = t('The current text has no such run; this one is from an earlier text.');
				this.say({ kind: 'stale', text, again: params.trace !== null });
				return;
			}
			this.shown = this.showing(params, content, step);
			this.notice = null;
			this.send();
			this.follow({ open: false });
		} catch (error) {
			this.failed(params, error);
		}
	}

	private failed(params: SimulateParams, error: unknown): void {
		const text = error instanceof Error ? error.message : String(error);
		this.host.log.warn(plain(`run of ${params.function}: ${text}`));
		this.say({ kind: 'failed', text, again: params.trace !== null });
	}

	private send(): void {
		if (this.panel === null || this.shown === null) return;
		const { content, params } = this.shown;
		const name = params.function;
		this.panel.title = label(
			content.supposed === undefined ? t('Run: {0}', name) : t('What if: {0}', name),
		);
		const history = this.history.entries(runLabel);
		const words = vscode.l10n.bundle ?? {};
		const at = this.shown.showing;
		this.post({ kind: 'show', run: this.shown, notice: this.notice, history, at, words });
	}

	private say(notice: PanelNotice): void {
		this.notice = notice;
		this.post({ kind: 'notice', notice });
	}

	private post(message: ToView): void {
		void this.panel?.webview.postMessage(message);
	}

	private textChanged(uri: vscode.Uri): void {
		this.history.changed((of) => vscode.Uri.parse(of).toString() === uri.toString());
		if (this.shown === null || this.notice !== null) return;
		if (vscode.Uri.parse(this.shown.content.uri).toString() !== uri.toString()) return;
		this.say(changedSince());
	}

	/** Lights the current step's line and, as the setting says, shows it. */
	private follow(options: { readonly open: boolean }): void {
		this.light();
		const step = this.shown?.content.steps[this.shown.step];
		const follows = vscode.workspace.getConfiguration('racewalk').get('trace.followSource', true);
		if (step !== undefined && (options.open || follows)) this.reveal(step.place, options);
	}

	private reveal(place: SourcePlace, { open }: { readonly open: boolean }): void {
		if (this.shown === null) return;
		this.source.show({ place, from: vscode.Uri.parse(this.shown.content.uri), open });
	}

	private light(): void {
		const run = this.shown;
		const step = run?.content.steps[run.step];
		if (run === null || step === undefined) {
			this.host.highlight.show(null);
			return;
		}
		const uri = this.source.documentOf(step.place, vscode.Uri.parse(run.content.uri));
		const { length } = run.content.steps;
		const at = t('CPU {0}, step {1} of {2}', step.cpu, run.step + 1, length);
		this.host.highlight.show(
			uri === null
				? null
				: { uri, line: step.place.line - 1, cpu: step.cpu, label: label(`${at}: ${step.what}`) },
		);
	}
}

function changedSince(): PanelNotice {
	const text = t('The text has changed since this run was found.');
	return { kind: 'stale', text, again: true };
}

/** What a run is called in the list of the session's. */
function runLabel({ params, content }: PanelRun): string {
	const { supposed, finding, threads, verdict } = content;
	const against = threads.slice(1).join(' + ');
	const what = finding?.rule ?? verdict ?? t('a run');
	const said = supposed === undefined ? what : t('what if: {0}', what);
	return label(`${params.function}() · ${against} · ${said}`);
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
