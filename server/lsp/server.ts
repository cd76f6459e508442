/**
 * The language server: handlers bound to a connection. Each request is decoded, answered by a feature and encoded; an
 * error of racewalk costs that one answer and never the server.
 */
import {
	CodeActionRequest,
	CodeLensRequest,
	type Connection,
	DidChangeConfigurationNotification,
	DidChangeWatchedFilesNotification,
	DocumentDiagnosticRequest,
	ExecuteCommandRequest,
	HoverRequest,
	type InitializeParams,
	TextDocuments,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { plain } from '../../engine/escape/label.js';
import {
	COMMAND_LITMUS_EXPLAIN,
	COMMAND_LITMUS_RUN,
	COMMAND_SIMULATE,
	NOTIFICATION_RECHECK,
	NOTIFICATION_TRUST,
} from '../protocol.js';
import { Explorer } from '../worker/exploration.js';
import { actions, resolveAction } from './actions.js';
import { asked, askedOf } from './asked.js';
import { clientFeatures, serverCapabilities } from './capabilities.js';
import { Checks } from './checks.js';
import { filePath } from './document_address.js';
import { documentRequest } from './document_request.js';
import { Fixes } from './fixes.js';
import { GuardTables } from './guard_tables.js';
import { LitmusDocuments } from './litmus.js';
import { LitmusAnswers } from './litmus_answers.js';
import { runningReport } from './progress.js';
import { Publisher } from './publish.js';
import { hover, lenses, symbols } from './requests.js';
import { guarded, type Session } from './session.js';
import { decodeSettings, type Settings, settingProblems } from './settings.js';
import { simulate, TraceDocuments } from './simulate.js';
import { tell } from './tell.js';
import { WATCHED, Workspace } from './workspace.js';

export interface ServerOptions {
	/** The exploration worker's script. */
	readonly worker: URL;
	/** Folder of the rules' documentation pages, with a slash at its end. */
	readonly docsBase: string;
	readonly version: string;
}

/** Binds the server to a connection; the caller calls `listen`. */
export function bindServer(connection: Connection, options: ServerOptions): void {
	let bound: Bound | null = null;
	// its worker starts while the client introduces itself
	const explorer = new Explorer(options.worker);
	const documents = new TextDocuments(TextDocument);
	connection.onInitialize(
		asked((params) => {
			bound = bind(connection, documents, { ...options, explorer, params });
			return {
				capabilities: serverCapabilities(clientFeatures(params)),
				serverInfo: { name: 'racewalk', version: options.version },
			};
		}),
	);
	connection.onInitialized(() => bound?.initialized());
	connection.onShutdown(async () => {
		bound?.dispose();
		await explorer.dispose();
		bound = null;
	});
	documents.listen(connection);
}

interface Bound {
	initialized(): void;
	dispose(): void;
}

function bind(
	connection: Connection,
	documents: TextDocuments<TextDocument>,
	options: ServerOptions & { readonly explorer: Explorer; readonly params: InitializeParams },
): Bound {
	const client = clientFeatures(options.params);
	const { explorer } = options;
	const workspace = new Workspace(options.params, (m) => tell(connection, 'information', m));
	const configured = settingsOf(connection, options.params, {
		asks: client.configuration,
		wrong: (problem) => workspace.tellOnce(`racewalk: ${problem}`),
	});
	const checks = new Checks(
		{
			text(uri) {
				const document = documents.get(uri);
				return document === undefined
					? null
					: { text: document.getText(), version: document.version };
			},
			async request(uri, text) {
				const settings = await configured.of(uri);
				return settings.enable ? documentRequest(uri, text, settings, workspace) : null;
			},
			compares: async (uri) => (await configured.of(uri)).otherArchitectures,
			changed(state, what) {
				guards.changed(state);
				if (what === 'result') workspace.tellIgnored(state.done?.analysis.workspaceActors ?? []);
				void guarded(session, 'diagnostics', undefined, () => publisher.changed(state, what));
			},
			failed: (state, message) => session.report(`check of ${state.uri}`, message),
			running: (state, cancel) =>
				runningReport(session, filePath(state.uri)?.split('/').pop() ?? state.uri, cancel),
		},
		explorer,
	);
	const report = reporter(connection);
	const guards = new GuardTables(explorer, {
		settings: (uri) => configured.of(uri),
		failed: (uri, message) => report(`guards of ${uri}`, message),
	});
	const session: Session = {
		connection,
		client,
		documents,
		checks,
		explorer,
		workspace,
		docsBase: options.docsBase,
		settings: (uri) => configured.of(uri),
		fixes: new Fixes(explorer, report),
		guards,
		report,
	};
	const publisher = new Publisher(session);
	const traces = new TraceDocuments();
	const litmus = new LitmusDocuments(session, (state) => {
		void guarded(session, 'litmus diagnostics', undefined, () => answers.changed(state));
	});
	const answers = new LitmusAnswers(session, litmus);
	bindDocuments(session, { publisher, litmus, answers });
	bindRequests(session, { publisher, traces, litmus, answers });
	bindWorkspace(session);
	connection.onDidChangeConfiguration(({ settings }) => {
		configured.changed(settings);
		recheckAll(session);
		recheckLitmus(session, litmus);
	});
	return {
		initialized: () => registerFor(session),
		dispose: () => traces.dispose(),
	};
}

/** What the handlers of documents and requests share besides the session. */
interface Features {
	readonly publisher: Publisher;
	readonly litmus: LitmusDocuments;
	readonly answers: LitmusAnswers;
}

function bindDocuments(session: Session, { publisher, litmus, answers }: Features): void {
	const { documents, checks, connection } = session;
	documents.onDidChangeContent(({ document }) => {
		if (isLitmus(document)) litmus.touch(document.uri, document.version);
		else if (isC(document)) checks.touch(document.uri, document.version);
	});
	documents.onDidClose(({ document }) => {
		if (litmus.has(document.uri)) {
			litmus.close(document.uri);
			answers.closed(document.uri);
		}
		if (checks.state(document.uri) === null) return;
		checks.close(document.uri);
		session.guards.drop(document.uri);
		publisher.closed(document.uri);
	});
	// What a header says may decide a walk of another file: check the others again, with nothing remembered.
	documents.onDidSave(({ document }) => {
		if (checks.uris().some((uri) => uri !== document.uri)) recheckAll(session);
	});
	connection.onNotification(NOTIFICATION_RECHECK, (params: { readonly uri?: unknown }) => {
		const uri = typeof params.uri === 'string' ? params.uri : '';
		const document = documents.get(uri);
		if (document !== undefined && isC(document)) recheckAll(session);
		if (document !== undefined && isLitmus(document)) litmus.touch(uri, document.version);
	});
}

/** Asks the client to tell of what changes outside the documents. */
function registerFor(session: Session): void {
	const { client, connection } = session;
	if (client.configuration) {
		void guarded(session, 'configuration', undefined, async () => {
			const section = 'racewalk';
			await connection.client.register(DidChangeConfigurationNotification.type, { section });
		});
	}
	if (client.watchedFiles) {
		void guarded(session, 'watched files', undefined, async () => {
			const watchers = WATCHED.map((globPattern) => ({ globPattern }));
			await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
		});
	}
	if (!client.workspaceFolders) return;
	connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
		session.workspace.change(
			added.map((folder) => folder.uri),
			removed.map((folder) => folder.uri),
		);
		recheckAll(session);
	});
}

function bindWorkspace(session: Session): void {
	const { connection, workspace } = session;
	connection.onDidChangeWatchedFiles(() => recheckAll(session));
	connection.onNotification(NOTIFICATION_TRUST, (params: unknown) => {
		workspace.trust(params);
		recheckAll(session);
	});
}

/** Checks every open document again, with nothing remembered. */
function recheckAll(session: Session): void {
	session.workspace.forget();
	session.explorer.forget();
	for (const uri of session.checks.uris()) {
		session.checks.touch(uri, session.documents.get(uri)?.version ?? 0);
	}
}

function recheckLitmus({ documents }: Session, litmus: LitmusDocuments): void {
	for (const uri of litmus.uris()) litmus.touch(uri, documents.get(uri)?.version ?? 0);
}

function isLitmus(document: TextDocument): boolean {
	return document.languageId === 'litmus' || document.uri.endsWith('.litmus');
}

function isC(document: TextDocument): boolean {
	return document.languageId === 'c' || /\.[ch]$/.test(document.uri);
}

function bindRequests(
	session: Session,
	{ publisher, traces, litmus, answers }: Features & { readonly traces: TraceDocuments },
): void {
	const { connection } = session;
	connection.onRequest(
		HoverRequest.type,
		askedOf(({ textDocument, position }) =>
			guarded(session, 'hover', null, async () => {
				if (litmus.has(textDocument.uri)) return answers.hover(textDocument.uri, position);
				await session.checks.learned(textDocument.uri);
				const { hoverDetails } = await session.settings(textDocument.uri);
				return hover(session, textDocument.uri, { position, isDetailed: hoverDetails });
			}),
		),
	);
	connection.onRequest(
		CodeLensRequest.type,
		askedOf(({ textDocument }) =>
			guarded(session, 'codeLens', [], () =>
				litmus.has(textDocument.uri)
					? answers.lenses(textDocument.uri)
					: lenses(session, textDocument.uri),
			),
		),
	);
	connection.onDocumentSymbol(
		askedOf(({ textDocument }) =>
			guarded(session, 'documentSymbol', [], () => symbols(session, textDocument.uri)),
		),
	);
	connection.onRequest(
		CodeActionRequest.type,
		askedOf((params) =>
			guarded(session, 'codeAction', [], () =>
				litmus.has(params.textDocument.uri) ? answers.actions(params) : actions(session, params),
			),
		),
	);
	connection.onCodeActionResolve(
		asked((action) =>
			guarded(
				session,
				'codeAction/resolve',
				action,
				async () => (await answers.resolve(action)) ?? resolveAction(session, action),
			),
		),
	);
	connection.onRequest(
		ExecuteCommandRequest.type,
		asked((params, token) => {
			const context = { token, documents: traces };
			const [argument] = params.arguments ?? [];
			if (params.command === COMMAND_LITMUS_RUN || params.command === COMMAND_LITMUS_EXPLAIN) {
				return guarded(session, params.command, null, () =>
					answers.command(params.command, argument, context),
				);
			}
			if (params.command !== COMMAND_SIMULATE) return null;
			return guarded(session, COMMAND_SIMULATE, null, () => simulate(session, argument, context));
		}),
	);
	connection.onRequest(
		DocumentDiagnosticRequest.type,
		askedOf(({ textDocument }, token) =>
			litmus.has(textDocument.uri)
				? answers.pull(textDocument.uri)
				: publisher.pull(textDocument.uri, token),
		),
	);
}

/** Logs every internal error; shows the first of each place to the user. */
function reporter(connection: Connection): Session['report'] {
	const shown = new Set<string>();
	return (where, error) => {
		const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
		connection.console.error(plain(`${where}: ${what}`));
		if (shown.has(where)) return;
		shown.add(where);
		const [first] = what.split('\n');
		tell(connection, 'error', `racewalk: internal error in ${where}: ${first} (see the log)`);
	};
}

/** Settings per document: asked of the client, remembered until they change. */
function settingsOf(
	connection: Connection,
	params: InitializeParams,
	/** `wrong`: a value that is none. */
	{ asks, wrong }: { readonly asks: boolean; readonly wrong: (problem: string) => void },
): { of(uri: string): Promise<Settings>; changed(value: unknown): void } {
	const options: unknown = params.initializationOptions;
	let pushed: unknown = section(options) ?? options;
	const known = new Map<string, Promise<Settings>>();
	const decode = (value: unknown): Settings => {
		for (const problem of settingProblems(value)) wrong(problem);
		return decodeSettings(value);
	};
	return {
		of(uri) {
			if (!asks) return Promise.resolve(decode(pushed));
			const before = known.get(uri);
			if (before !== undefined) return before;
			const asked = connection.workspace
				.getConfiguration({ scopeUri: uri, section: 'racewalk' })
				.then(decode, () => decodeSettings(null));
			known.set(uri, asked);
			return asked;
		},
		changed(value) {
			known.clear();
			pushed = section(value) ?? pushed;
		},
	};
}

function section(value: unknown): unknown {
	if (typeof value !== 'object' || value === null) return undefined;
	return (value as { readonly racewalk?: unknown }).racewalk;
}
