/**
 * The smallest language client: speaks LSP over stdio with a server that is a child process. For measuring and for
 * trying things; the editor's client is client/.
 */
import { pathToFileURL } from 'node:url';
import * as rpc from 'vscode-languageserver/node';
import { start, stop } from './command.mjs';
import { watchMemory } from './processes.mjs';

/** @typedef {{ range: unknown, code?: string | number, message: string }} Diagnostic */
/** @typedef {{ uri: string, version?: number, diagnostics: readonly Diagnostic[] }} Published */

/**
 * Starts `command` as a language server for a folder.
 * @param {readonly string[]} command
 * @param {string} folder
 */
export async function startLanguageServer(command, folder) {
	const [program = '', ...args] = command;
	const child = start(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
	if (child.stdout === null || child.stdin === null) throw new Error('the server has no streams');
	const memory = watchMemory(child.pid ?? 0, { every: 100 });
	const connection = rpc.createMessageConnection(
		new rpc.StreamMessageReader(child.stdout),
		new rpc.StreamMessageWriter(child.stdin),
	);
	/** @type {Set<(published: Published) => void>} */
	const listeners = new Set();
	connection.onNotification(
		'textDocument/publishDiagnostics',
		(/** @type {Published} */ published) => {
			for (const listener of listeners) listener(published);
		},
	);
	/** @typedef {{ uri: string, version: number, freshness: string, left?: number }} Verdicts */
	/** @type {Set<(verdicts: Verdicts) => void>} */
	const verdictListeners = new Set();
	connection.onNotification('racewalk/verdicts', (/** @type {Verdicts} */ verdicts) => {
		for (const listener of verdictListeners) listener(verdicts);
	});
	connection.onRequest(
		'workspace/configuration',
		(/** @type {{ items: readonly unknown[] }} */ p) => p.items.map(() => null),
	);
	connection.onRequest('window/workDoneProgress/create', () => null);
	connection.onRequest('client/registerCapability', () => null);
	connection.onRequest('workspace/codeLens/refresh', () => null);
	connection.onRequest('workspace/diagnostic/refresh', () => null);
	connection.listen();
	const rootUri = pathToFileURL(folder).href;
	await connection.sendRequest('initialize', {
		processId: process.pid,
		rootUri,
		workspaceFolders: [{ uri: rootUri, name: 'tree' }],
		capabilities: {
			textDocument: { publishDiagnostics: { versionSupport: true } },
			workspace: { configuration: true, workspaceFolders: true },
			window: { workDoneProgress: true },
		},
	});
	await connection.sendNotification('initialized', {});

	/**
	 * The next diagnostics for a document of at least that version which satisfy `isWanted`.
	 * @param {string} uri @param {number} version
	 * @param {(diagnostics: readonly Diagnostic[]) => boolean} isWanted
	 * @returns {Promise<readonly Diagnostic[]>}
	 */
	const diagnostics = (uri, version, isWanted) =>
		new Promise((resolve) => {
			/** @param {Published} published */
			const listener = (published) => {
				if (published.uri !== uri || (published.version ?? version) < version) return;
				if (!isWanted(published.diagnostics)) return;
				listeners.delete(listener);
				resolve(published.diagnostics);
			};
			listeners.add(listener);
		});

	/**
	 * Resolves once there are verdicts of that version; `all`: once every scenario of it is explored.
	 * @param {string} uri @param {number} version
	 * @param {{ readonly all?: boolean }} [options]
	 * @returns {Promise<void>}
	 */
	const verdicts = (uri, version, { all = false } = {}) =>
		new Promise((resolve) => {
			/** @param {Verdicts} told */
			const listener = (told) => {
				if (told.uri !== uri || told.version < version || told.freshness !== 'fresh') return;
				if (all && told.left !== undefined) return;
				verdictListeners.delete(listener);
				resolve();
			};
			verdictListeners.add(listener);
		});

	return {
		connection,
		diagnostics,
		verdicts,
		/** The most that the server and its workers had in memory at once so far, in megabytes (Linux; elsewhere NaN). */
		memoryMax: () => memory.most() / 2 ** 20,
		stop: async () => {
			memory.stop();
			connection.dispose();
			await stop(child);
		},
	};
}
