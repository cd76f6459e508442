/**
 * The language server seen from VS Code: started over IPC when a file needs it, stopped with the setting, restarted by
 * the client library when it crashes. What standard LSP covers (diagnostics, hover, actions, lenses, symbols, progress)
 * is the library's; here are racewalk's own notification and command.
 */
import * as vscode from 'vscode';
import {
	LanguageClient,
	type MessageSignature,
	State,
	TransportKind,
} from 'vscode-languageclient/node';
import type { LinkedCommand } from '../engine/escape/markdown.js';
import {
	type AboutAnswer,
	type AboutParams,
	CLIENT_COMMAND_OPEN_TRACE,
	COMMAND_SIMULATE,
	type DoctorAnswer,
	type DoctorParams,
	NOTIFICATION_RECHECK,
	NOTIFICATION_TRUST,
	NOTIFICATION_VERDICTS,
	REQUEST_ABOUT,
	REQUEST_DOCTOR,
	type SimulateParams,
	type TracePanelContent,
	type TrustParams,
	type VerdictsParams,
} from '../server/protocol.js';

/** What a link of a hover may run, and nothing else. */
const LINKED_COMMANDS: LinkedCommand[] = [CLIENT_COMMAND_OPEN_TRACE];

export interface RunningServer {
	/** Searches or replays a run; null when the server finds none. */
	simulate(
		params: SimulateParams,
		token: vscode.CancellationToken,
	): Promise<TracePanelContent | null>;
	/** All that is known of a place; null: nothing. */
	about(document: vscode.TextDocument, position: vscode.Position): Promise<AboutAnswer | null>;
	/** What racewalk has to work with. */
	doctor(uri: vscode.Uri | null): Promise<DoctorAnswer>;
	/** Drops what is cached for a document and checks it again. */
	recheck(uri: vscode.Uri): Promise<void>;
	stop(): Promise<void>;
}

export interface ServerHost {
	readonly extension: vscode.Uri;
	readonly log: vscode.LogOutputChannel;
	readonly verdicts: (params: VerdictsParams) => void;
	/** The server is not running (any more): what it said is void. */
	readonly gone: () => void;
}

/**
 * A client that is silent about requests which the end of the server cuts off.
 *
 * The library checks that it runs, waits for a moment, and takes a server that was stopped in that moment for one that
 * failed: an error in the output and a notification, for an outline that nobody needs any more.
 */
export class StoppableClient extends LanguageClient {
	override handleFailedRequest<T>(
		type: MessageSignature,
		token: vscode.CancellationToken | undefined,
		error: unknown,
		defaultValue: T,
		...options: [showNotification?: boolean, throwOnCancel?: boolean]
	): T {
		if (!this.isRunning()) return defaultValue;
		return super.handleFailedRequest(type, token, error, defaultValue, ...options);
	}
}

/** Starts the server and resolves when it has answered `initialize`. */
export async function startServer(host: ServerHost): Promise<RunningServer> {
	const module = vscode.Uri.joinPath(host.extension, 'dist', 'server.js').fsPath;
	let settingsKnown = false;
	const client = new StoppableClient(
		'racewalk',
		'racewalk',
		{
			run: { module, transport: TransportKind.ipc },
			debug: {
				module,
				transport: TransportKind.ipc,
				options: { execArgv: ['--nolazy', '--inspect=6009'] },
			},
		},
		{
			documentSelector: [
				{ language: 'c', scheme: 'file' },
				{ language: 'litmus', scheme: 'file' },
			],
			outputChannel: host.log,
			diagnosticCollectionName: 'racewalk',
			initializationOptions: { tracePanel: true, ...trust() },
			middleware: {
				workspace: {
					// The library also sends the settings when the server registers for them, with nothing changed: that
					// would have the server check the first document twice. The setting that stops it comes this way too.
					didChangeConfiguration: async (sections, next) => {
						if (!settingsKnown) {
							settingsKnown = true;
							return;
						}
						await next(sections).catch((error: unknown) => {
							if (client.isRunning()) throw error;
						});
					},
				},
			},
			markdown: {
				isTrusted: { enabledCommands: LINKED_COMMANDS },
				supportHtml: false,
				supportThemeIcons: false,
			},
		},
	);
	client.onNotification(NOTIFICATION_VERDICTS, (params: VerdictsParams) => host.verdicts(params));
	client.onDidChangeState(({ newState }) => {
		if (newState === State.Starting) settingsKnown = false;
		if (newState === State.Stopped) host.gone();
	});
	const granted = vscode.workspace.onDidGrantWorkspaceTrust(() => {
		if (client.isRunning()) void client.sendNotification(NOTIFICATION_TRUST, trust());
	});
	await client.start();
	return {
		simulate: (params, token) =>
			client.sendRequest(
				'workspace/executeCommand',
				{ command: COMMAND_SIMULATE, arguments: [params] },
				token,
			),
		about: (document, position) => {
			const params: AboutParams = {
				textDocument: { uri: client.code2ProtocolConverter.asUri(document.uri) },
				position: client.code2ProtocolConverter.asPosition(position),
			};
			return client.sendRequest<AboutAnswer | null>(REQUEST_ABOUT, params);
		},
		doctor: (uri) => {
			const params: DoctorParams = {
				uri: uri === null ? null : client.code2ProtocolConverter.asUri(uri),
			};
			return client.sendRequest<DoctorAnswer>(REQUEST_DOCTOR, params);
		},
		recheck: (uri) =>
			client.sendNotification(NOTIFICATION_RECHECK, {
				uri: client.code2ProtocolConverter.asUri(uri),
			}),
		stop() {
			granted.dispose();
			return client.dispose();
		},
	};
}

function trust(): TrustParams {
	return { workspaceTrusted: vscode.workspace.isTrusted };
}
