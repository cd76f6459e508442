/**
 * A language client over a spawned server's standard input and output: what an editor does, without the editor.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import {
	createProtocolConnection,
	type Diagnostic,
	type InitializeParams,
	type InitializeResult,
	type ProtocolConnection,
	type PublishDiagnosticsParams,
	StreamMessageReader,
	StreamMessageWriter,
	type TextEdit,
	type WorkspaceEdit,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { VerdictsParams } from '../../server/protocol.js';

export interface Client {
	readonly connection: ProtocolConnection;
	readonly process: ChildProcess;
	/** What the server offers. */
	readonly offered: InitializeResult['capabilities'];
	/** Everything pushed, in order. */
	readonly pushed: readonly PublishDiagnosticsParams[];
	readonly verdicts: readonly VerdictsParams[];
	/** Messages shown to the user. */
	readonly shown: readonly string[];
	open(uri: string, text: string): Promise<void>;
	/** Replaces the whole text. */
	change(uri: string, text: string): Promise<void>;
	/** Applies edits to the open text and tells the server incrementally. */
	edit(uri: string, edits: readonly TextEdit[]): Promise<void>;
	text(uri: string): string;
	version(uri: string): number;
	/** Diagnostics pushed for the newest version. */
	diagnostics(uri: string): Promise<readonly Diagnostic[]>;
	/** Resolves when the condition holds, looked at whenever the server says something. */
	until(condition: () => boolean): Promise<void>;
	stop(): Promise<number | null>;
}

export type Capabilities = InitializeParams['capabilities'];

export async function startClient(
	script: string,
	options: {
		readonly capabilities?: Capabilities;
		readonly initializationOptions?: unknown;
		readonly configuration?: () => unknown;
		readonly arguments?: readonly string[];
		/** Paths of the folders that are open. */
		readonly folders?: readonly string[];
	} = {},
): Promise<Client> {
	const child = spawn(process.execPath, [script, ...(options.arguments ?? ['--stdio'])], {
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	const connection = createProtocolConnection(
		new StreamMessageReader(child.stdout),
		new StreamMessageWriter(child.stdin),
	);
	const pushed: PublishDiagnosticsParams[] = [];
	const verdicts: VerdictsParams[] = [];
	const shown: string[] = [];
	const documents = new Map<string, TextDocument>();
	let watchers: (() => void)[] = [];
	const stir = (): void => {
		const waiting = watchers;
		watchers = [];
		for (const wake of waiting) wake();
	};
	const collect =
		<T>(into: T[]) =>
		(value: T): void => {
			into.push(value);
			stir();
		};
	connection.onNotification('textDocument/publishDiagnostics', collect(pushed));
	connection.onNotification('racewalk/verdicts', collect(verdicts));
	const showMessage = collect(shown);
	connection.onNotification('window/showMessage', (m: { message: string }) =>
		showMessage(m.message),
	);
	connection.onNotification('window/logMessage', () => {});
	connection.onRequest('client/registerCapability', () => null);
	connection.onRequest('workspace/configuration', (params: { items: readonly unknown[] }) =>
		params.items.map(() => options.configuration?.() ?? null),
	);
	connection.listen();
	const { capabilities: offered } = await connection.sendRequest<InitializeResult>('initialize', {
		processId: process.pid,
		rootUri: null,
		capabilities: options.capabilities ?? {},
		initializationOptions: options.initializationOptions,
		...(options.folders === undefined
			? {}
			: {
					workspaceFolders: options.folders.map((path) => ({
						uri: pathToFileURL(path).href,
						name: path,
					})),
				}),
	});
	await connection.sendNotification('initialized', {});
	const document = (uri: string): TextDocument => {
		const known = documents.get(uri);
		if (known === undefined) throw new Error(`${uri} is not open`);
		return known;
	};
	async function tell(uri: string, text: string, contentChanges: readonly object[]): Promise<void> {
		const version = document(uri).version + 1;
		documents.set(uri, TextDocument.create(uri, 'c', version, text));
		await connection.sendNotification('textDocument/didChange', {
			textDocument: { uri, version },
			contentChanges,
		});
	}
	async function until(condition: () => boolean): Promise<void> {
		while (!condition()) await new Promise<void>((wake) => watchers.push(wake));
	}
	return {
		connection,
		process: child,
		offered,
		pushed,
		verdicts,
		shown,
		async open(uri, text) {
			documents.set(uri, TextDocument.create(uri, 'c', 1, text));
			await connection.sendNotification('textDocument/didOpen', {
				textDocument: { uri, languageId: 'c', version: 1, text },
			});
		},
		change: (uri, text) => tell(uri, text, [{ text }]),
		async edit(uri, edits) {
			const text = TextDocument.applyEdits(document(uri), [...edits]);
			const ordered = [...edits].sort(
				(a, b) =>
					b.range.start.line - a.range.start.line ||
					b.range.start.character - a.range.start.character,
			);
			await tell(
				uri,
				text,
				ordered.map((edit) => ({ range: edit.range, text: edit.newText })),
			);
		},
		text: (uri) => document(uri).getText(),
		version: (uri) => document(uri).version,
		async diagnostics(uri) {
			const newest = (): PublishDiagnosticsParams | undefined =>
				pushed.findLast((p) => p.uri === uri && p.version === document(uri).version);
			const settled = (): boolean =>
				verdicts.some(
					(v) => v.uri === uri && v.version === document(uri).version && v.freshness !== 'checking',
				);
			await until(() => settled() && newest() !== undefined);
			return newest()?.diagnostics ?? [];
		},
		until,
		async stop() {
			const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
			await connection.sendRequest('shutdown');
			await connection.sendNotification('exit');
			const code = await ended;
			connection.dispose();
			return code;
		},
	};
}

/** The edits of a workspace edit for one document. */
export function editsOf(edit: WorkspaceEdit | undefined, uri: string): readonly TextEdit[] {
	const plain = edit?.changes?.[uri];
	if (plain !== undefined) return plain;
	return (edit?.documentChanges ?? []).flatMap((change) =>
		'edits' in change && change.textDocument.uri === uri ? (change.edits as TextEdit[]) : [],
	);
}
