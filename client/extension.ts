/**
 * The VS Code extension: puts the pieces together. It does nothing until a litmus test or a C file that may hold a
 * lockless walk is open; only then is the language server started.
 *
 * Invariant: nothing of the workspace is executed, so it works in an untrusted one; what the workspace could vouch for itself
 * with is left out there, by the server and by `restrictedConfigurations`.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { label, plain } from '../engine/escape/label.js';
import {
	type AboutAnswer,
	CLIENT_COMMAND_OPEN_TRACE,
	CLIENT_COMMAND_PICK_ADVERSARY,
	CLIENT_COMMAND_SUPPRESS,
	type SimulateParams,
	type TracePanelContent,
} from '../server/protocol.js';
import { AboutView } from './about_view.js';
import type { Row } from './commits/delta.js';
import { CommitsView } from './commits/view.js';
import { chooseNext, debuggerOf, debugRun } from './debugger.js';
import { Gutter } from './decorations.js';
import { showDoctor } from './doctor_command.js';
import { mayHoldWalk, treeOf } from './kernel_file.js';
import { installInPath } from './path_script.js';
import { runLinks } from './run_links.js';
import { sampleOf } from './sample.js';
import { ServerHandle } from './server_handle.js';
import { asSimulateParams, pickAdversary, simulateAtCursor } from './simulate_command.js';
import { pickVerdict, StatusBar } from './status_bar.js';
import { type HighlightedStep, StepHighlight } from './step_highlight.js';
import { suppress } from './suppress_command.js';
import { Tests } from './testing.js';
import { TRACE_VIEW, TracePanel } from './trace_panel.js';
import type { DocumentVerdicts } from './verdict_lines.js';
import { VerdictStore } from './verdict_store.js';
import type { PanelRun } from './view/message.js';
import type { Motion } from './view/motion.js';
import { setWords, t } from './view/words.js';

/** What other extensions and the tests in the workbench may look at. */
export interface RacewalkApi {
	/** True once the language server was asked for. */
	serverWanted(): boolean;
	verdicts(uri: vscode.Uri): DocumentVerdicts | null;
	run(): PanelRun | null;
	highlighted(): HighlightedStep | null;
	statusBar(): string | null;
	/** What the view beside the text shows. */
	about(): AboutAnswer | null;
	/** Ids of the tests of a file. */
	tests(uri: vscode.Uri): readonly string[];
	/** What the view of commits shows. */
	commits(): readonly Row[];
	/** The file behind the output channel. */
	readonly logFile: string;
}

const MOTIONS: readonly Motion[] = [
	'next',
	'previous',
	'first',
	'last',
	'nextSwitch',
	'previousSwitch',
];

export function activate(context: vscode.ExtensionContext): RacewalkApi {
	setWords(vscode.l10n.bundle ?? {});
	const log = vscode.window.createOutputChannel('racewalk', { log: true });
	const verdicts = new VerdictStore();
	const gutter = new Gutter(verdicts);
	const highlight = new StepHighlight();
	const server = new ServerHandle({ extension: context.extensionUri, log, verdicts });
	const panel = new TracePanel({
		extension: context.extensionUri,
		highlight,
		simulate: (params) => simulate(server, params),
		log,
	});
	const statusBar = new StatusBar(verdicts, () => {
		const uri = panel.run?.content.uri;
		return uri === undefined ? null : vscode.Uri.parse(uri);
	});
	const about = new AboutView(
		async (document, position) =>
			server.wanted ? (await server.get()).about(document, position) : null,
		verdicts.onDidChange,
	);
	const open = async (params: SimulateParams) => {
		try {
			const content = await simulate(server, params);
			if (content !== null) await panel.show(params, content);
		} catch (error) {
			const text = error instanceof Error ? error.message : String(error);
			log.warn(plain(`run of ${params.function}: ${text}`));
			void vscode.window.showWarningMessage(label(`racewalk: ${text}`));
		}
	};
	const tests = new Tests(verdicts, async (params) => {
		await debugRun(params);
	});
	const commits = new CommitsView(context);
	context.subscriptions.push(
		log,
		commits,
		tests,
		verdicts,
		gutter,
		statusBar,
		highlight,
		server,
		panel,
		about,
		vscode.window.registerWebviewPanelSerializer(TRACE_VIEW, panel),
		...sampleOf(context),
		...runLinks({ id: context.extension.id, shown: () => panel.run, open }),
		vscode.commands.registerCommand('racewalk.gettingStarted', () =>
			vscode.commands.executeCommand(
				'workbench.action.openWalkthrough',
				`${context.extension.id}#start`,
				false,
			),
		),
		vscode.commands.registerCommand('racewalk.doctor', () =>
			showDoctor(`${context.extension.packageJSON.version}`, async (uri) =>
				(await server.get()).doctor(uri),
			),
		),
		...commands({ server, verdicts, panel, log, open, extension: context.extensionPath }),
		...debuggerOf(context.extensionUri, (editor) => simulateAtCursor(editor, verdicts)),
		...wakeUp(server),
	);
	return {
		serverWanted: () => server.wanted,
		verdicts: (uri) => verdicts.of(uri),
		run: () => panel.run,
		highlighted: () => highlight.current,
		statusBar: () => statusBar.text,
		about: () => about.answer,
		tests: (uri) => tests.labels(uri),
		commits: () => commits.rows,
		logFile: join(context.logUri.fsPath, 'racewalk.log'),
	};
}

function commands(parts: {
	readonly server: ServerHandle;
	readonly verdicts: VerdictStore;
	readonly panel: TracePanel;
	readonly log: vscode.LogOutputChannel;
	readonly open: (params: SimulateParams) => Promise<void>;
	/** Folder of the extension. */
	readonly extension: string;
}): readonly vscode.Disposable[] {
	const { server, verdicts, panel, log, open, extension } = parts;
	const command = (name: string, run: (argument?: unknown) => unknown) =>
		vscode.commands.registerCommand(name, run);
	const inEditor = (run: (editor: vscode.TextEditor) => unknown) => () => {
		const editor = vscode.window.activeTextEditor;
		return editor?.document.languageId === 'c' ? run(editor) : undefined;
	};
	return [
		command(CLIENT_COMMAND_OPEN_TRACE, (argument) => {
			const params = asSimulateParams(argument);
			return params === null ? undefined : open(params);
		}),
		command(CLIENT_COMMAND_PICK_ADVERSARY, async (argument) => {
			const params = await pickAdversary(argument);
			return params === null ? undefined : open(params);
		}),
		command(CLIENT_COMMAND_SUPPRESS, suppress),
		command(
			'racewalk.simulateFunction',
			inEditor(async (editor) => {
				const params = await simulateAtCursor(editor, verdicts);
				if (params !== null) return open(params);
				return vscode.window.showInformationMessage(
					label(t('racewalk: the cursor is not in a function of a lockless walk.')),
				);
			}),
		),
		command(
			'racewalk.recheck',
			inEditor(async (editor) => (await server.get()).recheck(editor.document.uri)),
		),
		command(
			'racewalk.showVerdicts',
			inEditor((editor) => pickVerdict(editor, verdicts)),
		),
		command('racewalk.debugRun', (argument) => {
			const shown = panel.run;
			const ofPanel =
				shown === null ? null : { ...shown.params, trace: shown.content.id, actor: null };
			const params = asSimulateParams(argument) ?? ofPanel;
			return params === null ? undefined : debugRun(params);
		}),
		command(
			'racewalk.debugFunction',
			inEditor(async (editor) => {
				const params = await simulateAtCursor(editor, verdicts);
				return params === null ? undefined : debugRun(params);
			}),
		),
		command('racewalk.debugChoose', chooseNext),
		command('racewalk.showOutput', () => log.show(true)),
		command('racewalk.installInPath', () => installedInPath(extension)),
		command('racewalk.trace.copy', () => panel.copy()),
		command('racewalk.trace.goToSource', () => panel.goToSource()),
		...MOTIONS.map((motion) => command(`racewalk.trace.${motion}`, () => panel.move(motion))),
	];
}

/** Writes the command into a folder of PATH, and says what came of it. */
function installedInPath(extension: string): Thenable<unknown> {
	if (process.platform === 'win32')
		return vscode.window.showWarningMessage(
			label(t('racewalk: on Windows run npm install --global with the package of the command.')),
		);
	const cli = join(extension, 'dist/cli.js');
	const path = process.env['PATH'] ?? '';
	const done = installInPath({ cli, program: process.execPath, home: homedir(), path });
	if (done.kind === 'refused')
		return vscode.window.showWarningMessage(label(`racewalk: ${done.why}`));
	const written = done.isOnPath
		? t('racewalk: written to {0}', done.path)
		: t('racewalk: written to {0}, which is not on PATH yet', done.path);
	return vscode.window.showInformationMessage(label(written));
}

/** Starts the server with the first litmus test or file that may hold a walk; stops and starts it with the setting. */
function wakeUp(server: ServerHandle): readonly vscode.Disposable[] {
	const look = (document: vscode.TextDocument | undefined) => {
		if (document === undefined || server.wanted || !enabled(document.uri)) return;
		if (document.uri.scheme !== 'file') return;
		if (document.languageId === 'litmus') server.want();
		if (document.languageId !== 'c') return;
		const end = vscode.workspace.getWorkspaceFolder(document.uri)?.uri.fsPath ?? null;
		const inTree = treeOf(document.uri.fsPath, undefined, end) !== null;
		if (mayHoldWalk({ text: document.getText(), inTree })) server.want();
	};
	const lookAtAll = () => {
		for (const document of vscode.workspace.textDocuments) look(document);
	};
	lookAtAll();
	return [
		vscode.workspace.onDidOpenTextDocument(look),
		vscode.workspace.onDidSaveTextDocument(look),
		vscode.window.onDidChangeActiveTextEditor((editor) => look(editor?.document)),
		vscode.workspace.onDidChangeConfiguration(async (event) => {
			if (!event.affectsConfiguration('racewalk.enable')) return;
			if (!enabled(undefined)) await server.stop();
			lookAtAll();
		}),
	];
}

function enabled(uri: vscode.Uri | undefined): boolean {
	return vscode.workspace.getConfiguration('racewalk', uri ?? null).get('enable', true);
}

/** A run, or null when there is none: the server has said why. */
async function simulate(
	server: ServerHandle,
	params: SimulateParams,
): Promise<TracePanelContent | null> {
	const running = await server.get();
	// The server knows open documents only; after a reload a tab may stand there unloaded.
	await vscode.workspace.openTextDocument(vscode.Uri.parse(params.uri));
	return vscode.window.withProgress(
		{
			location: vscode.ProgressLocation.Notification,
			title: label(t('racewalk: a run of {0}()', params.function)),
			cancellable: true,
		},
		(_, token) => running.simulate(params, token),
	);
}
