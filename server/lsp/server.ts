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
	DocumentDiagnosticReportKind,
	DocumentDiagnosticRequest,
	ExecuteCommandRequest,
	HoverRequest,
	type InitializeParams,
	SemanticTokensRequest,
	TextDocuments,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { plain } from '../../engine/escape/label.js';
import {
	type AboutParams,
	type DoctorParams,
	NOTIFICATION_RECHECK,
	NOTIFICATION_TRUST,
	REQUEST_ABOUT,
	REQUEST_DOCTOR,
} from '../protocol.js';
import type { Explorer } from '../worker/exploration.js';
import { clientFeatures, serverCapabilities } from './capabilities.js';
import {
	withDocument,
	withItem,
	withObject,
	withPosition,
	withRange,
	wrong,
} from './checked_params.js';
import type { Language } from './language.js';
import { LitmusLanguage } from './litmus_language.js';
import { guarded, type Session } from './session.js';
import { decodeSettings, type Settings, settingProblems } from './settings.js';
import { tell } from './tell.js';
import { TraceDocuments } from './trace_documents.js';
import { WalkLanguage } from './walk_language.js';
import { WATCHED, Workspace } from './workspace.js';

export interface ServerOptions {
	/** Its worker starts while the client introduces itself. */
	readonly explorer: Explorer;
	/** Folder of the rules' documentation pages, with a slash at its end. */
	readonly docsBase: string;
	readonly version: string;
}

/** Binds the server to a connection; the caller calls `listen`. */
export function bindServer(connection: Connection, options: ServerOptions): void {
	let bound: Bound | null = null;
	const { explorer } = options;
	const documents = new TextDocuments(TextDocument);
	connection.onInitialize(
		withObject((params) => {
			bound = bind(connection, documents, { ...options, params });
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
	options: ServerOptions & { readonly params: InitializeParams },
): Bound {
	const client = clientFeatures(options.params);
	const { explorer } = options;
	const workspace = new Workspace(options.params, (m) => tell(connection, 'information', m));
	const configured = settingsOf(connection, options.params, {
		asks: client.configuration,
		wrong: (problem) => workspace.tellOnce(`racewalk: ${problem}`),
	});
	const session: Session = {
		connection,
		client,
		documents,
		explorer,
		workspace,
		docsBase: options.docsBase,
		settings: (uri) => configured.of(uri),
		report: reporter(connection),
	};
	const traces = new TraceDocuments();
	const walks = new WalkLanguage(session);
	const languages = [new LitmusLanguage(session), walks];
	connection.onRequest(
		REQUEST_DOCTOR,
		withObject(({ uri }: Partial<DoctorParams>) =>
			guarded(session, 'doctor', null, () =>
				walks.examine(typeof uri === 'string' ? uri : null, options.version),
			),
		),
	);
	bindDocuments(session, languages);
	bindRequests(session, languages, traces);
	bindWorkspace(session, languages);
	connection.onDidChangeConfiguration(({ settings }) => {
		configured.changed(settings);
		recheckAll(session, languages);
	});
	return {
		initialized: () => registerFor(session, languages),
		dispose: () => traces.dispose(),
	};
}

/** The first that speaks a document's language is asked about it. */
type Languages = readonly Language[];

function bindDocuments(session: Session, languages: Languages): void {
	const { documents, connection, explorer } = session;
	const touch = (document: TextDocument): void => {
		const language = languages.find((one) => one.speaks(document));
		language?.documents.touch(document.uri, document.version);
	};
	documents.onDidChangeContent(({ document }) => {
		// an edit is a question about the document; that it is open is none
		if (languageOf(languages, document.uri) !== null) explorer.prefer(document.uri);
		touch(document);
	});
	documents.onDidClose(({ document: { uri } }) => languageOf(languages, uri)?.closed(uri));
	// What a header says may decide a walk of another file: those that read it are checked again, with nothing remembered.
	documents.onDidSave(({ document: { uri } }) =>
		recheck(session, languages, (language, other) => language.mayRestOn(other, uri)),
	);
	connection.onNotification(NOTIFICATION_RECHECK, (params: { readonly uri?: unknown }) => {
		const uri = typeof params.uri === 'string' ? params.uri : '';
		if (languageOf(languages, uri) !== null) recheckAll(session, languages);
	});
}

function languageOf(languages: Languages, uri: string): Language | null {
	return languages.find(({ documents }) => documents.has(uri)) ?? null;
}

/** Asks the client to tell of what changes outside the documents. */
function registerFor(session: Session, languages: Languages): void {
	const { client, connection } = session;
	if (client.configuration && client.configurationChanges) {
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
		recheckAll(session, languages);
	});
}

function bindWorkspace(session: Session, languages: Languages): void {
	const { connection, workspace } = session;
	connection.onDidChangeWatchedFiles(() => recheckAll(session, languages));
	connection.onNotification(NOTIFICATION_TRUST, (params: unknown) => {
		workspace.trust(params);
		recheckAll(session, languages);
	});
}

/** Works on every open document again, with nothing remembered. */
function recheckAll(session: Session, languages: Languages): void {
	recheck(session, languages, () => true);
}

/** Works on the documents that are to be worked on again, with nothing remembered; where there is none, all is as it was. */
function recheck(
	{ documents, workspace, explorer }: Session,
	languages: Languages,
	isTo: (language: Language, uri: string) => boolean,
): void {
	const again = languages.flatMap((language) =>
		language.documents.uris().flatMap((uri) => (isTo(language, uri) ? [{ language, uri }] : [])),
	);
	if (again.length === 0) return;
	workspace.forget();
	explorer.forget();
	for (const { language, uri } of again)
		language.documents.touch(uri, documents.get(uri)?.version ?? 0);
}

function bindRequests(session: Session, languages: Languages, traces: TraceDocuments): void {
	const { connection, explorer } = session;
	const of = (uri: string): Language | null => languageOf(languages, uri);
	/** Of a document that the user looks at. */
	const seen = (uri: string): Language | null => {
		explorer.prefer(uri);
		return of(uri);
	};
	connection.onRequest(
		HoverRequest.type,
		withPosition(({ textDocument: { uri }, position }) =>
			guarded(session, 'hover', null, () => seen(uri)?.hover(uri, position) ?? null),
		),
	);
	connection.onRequest(
		REQUEST_ABOUT,
		withPosition(({ textDocument: { uri }, position }: AboutParams) =>
			guarded(session, 'about', null, () => seen(uri)?.about(uri, position) ?? null),
		),
	);
	connection.onRequest(
		CodeLensRequest.type,
		withDocument(({ textDocument: { uri } }) =>
			guarded(session, 'codeLens', [], () => seen(uri)?.lenses(uri) ?? []),
		),
	);
	connection.languages.inlayHint.on(
		withDocument(({ textDocument: { uri } }) =>
			guarded(session, 'inlayHint', [], () => of(uri)?.hints(uri) ?? []),
		),
	);
	connection.onRequest(
		SemanticTokensRequest.type,
		withDocument(({ textDocument: { uri } }) =>
			guarded(session, 'semanticTokens', null, () => of(uri)?.tokens(uri) ?? null),
		),
	);
	connection.onFoldingRanges(
		withDocument(({ textDocument: { uri } }) =>
			guarded(session, 'foldingRange', null, () => of(uri)?.folds(uri) ?? null),
		),
	);
	bindCallHierarchy(session, languages, seen);
	connection.onDocumentLinks(
		withDocument(({ textDocument: { uri } }) =>
			guarded(session, 'documentLink', [], () => of(uri)?.links(uri) ?? []),
		),
	);
	connection.onReferences(
		withPosition(({ textDocument: { uri }, position }) =>
			guarded(session, 'references', [], () => seen(uri)?.references(uri, position) ?? []),
		),
	);
	connection.onDocumentSymbol(
		withDocument(({ textDocument: { uri } }) =>
			guarded(session, 'documentSymbol', [], () => seen(uri)?.symbols(uri) ?? []),
		),
	);
	connection.onRequest(
		CodeActionRequest.type,
		withRange((params) =>
			guarded(
				session,
				'codeAction',
				[],
				() => seen(params.textDocument.uri)?.actions(params) ?? [],
			),
		),
	);
	connection.onCodeActionResolve(
		withObject((action) =>
			guarded(session, 'codeAction/resolve', action, async () => {
				for (const language of languages) {
					const resolved = await language.resolve(action);
					if (resolved !== null) return resolved;
				}
				return action;
			}),
		),
	);
	connection.onRequest(
		ExecuteCommandRequest.type,
		withObject(({ command, arguments: given }, token) => {
			const language = languages.find(({ commands }) => commands.includes(command));
			if (language === undefined) {
				const known = languages.flatMap(({ commands }) => commands);
				return wrong(`an object whose command is one of ${known.join(', ')}`);
			}
			const argument: unknown = given?.[0];
			const context = { token, documents: traces };
			return guarded(session, command, null, () => language.command(command, argument, context));
		}),
	);
	connection.onRequest(
		DocumentDiagnosticRequest.type,
		withDocument(
			({ textDocument: { uri } }, token) =>
				of(uri)?.pull(uri, token) ?? { kind: DocumentDiagnosticReportKind.Full, items: [] },
		),
	);
}

function bindCallHierarchy(
	session: Session,
	languages: Languages,
	seen: (uri: string) => Language | null,
): void {
	const { callHierarchy } = session.connection.languages;
	callHierarchy.onPrepare(
		withPosition(({ textDocument: { uri }, position }) =>
			guarded(session, 'callHierarchy', null, () => seen(uri)?.calls(uri, position) ?? null),
		),
	);
	const first = <T>(ask: (language: Language) => T | null): T | null => {
		for (const language of languages) {
			const answer = ask(language);
			if (answer !== null) return answer;
		}
		return null;
	};
	callHierarchy.onIncomingCalls(
		withItem(({ item }) =>
			guarded(session, 'incomingCalls', null, () => first((l) => l.callsTo(item))),
		),
	);
	callHierarchy.onOutgoingCalls(
		withItem(({ item }) =>
			guarded(session, 'outgoingCalls', null, () => first((l) => l.callsFrom(item))),
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
