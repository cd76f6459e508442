/**
 * A language server under fire: many documents, some of them in hostile trees, edits, requests about anything in any order,
 * cancellations, settings that are none, trees that change. Afterwards it must live, have answered everything, and have a
 * result for the newest text of every document.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CancellationTokenSource } from 'vscode-languageserver/node';
import { memoryOf } from '../../scripts/processes.mjs';
import { startClient } from '../server/lsp_client.js';
import { ODD_SETTINGS } from './session_fuzz.js';
import { type FuzzText, fuzzText, type Random, randomOf } from './texts.js';
import { HEADERS, makeHostileTree } from './trees.js';

export interface FuzzOptions {
	readonly server: string;
	readonly seed: number;
	readonly documents: number;
	/** Messages sent in all. */
	readonly messages: number;
	/** Characters of the long texts. */
	readonly size: number;
	/** Seconds of a check. */
	readonly budget: number;
	/** Seconds until another worker is loaded and has answered, on a machine that is busy. */
	readonly slack: number;
	readonly print: (line: string) => void;
}

export interface FuzzReport {
	readonly messages: number;
	/** Requests that were answered, with an error or without, and those that never were. */
	readonly answered: number;
	readonly unanswered: number;
	/** Times at which nothing came for longer than a check may take and be ended. */
	readonly hangs: number;
	/** The longest that the server's main thread let a question wait while it had work to do, in milliseconds. */
	readonly slowest: number;
	/** Milliseconds until it had read all that was sent at once. */
	readonly backlog: number;
	readonly deaths: number;
	/** Bytes of the server with its workers, at most; 0 where it cannot be seen. */
	readonly peak: number;
	readonly documents: number;
	readonly fresh: number;
	/** Messages of internal errors. */
	readonly errors: readonly string[];
}

/** Milliseconds at most until all messages were read. */
const READ_MAX = 120_000;
/** Hostile trees that documents lie in; all but the first are folders that are open. */
const TREES = 4;
/** Seconds on top of a budget until a worker is ended. */
const OVERTIME = 3;
const METHODS = [
	'textDocument/hover',
	'textDocument/codeLens',
	'textDocument/codeAction',
	'textDocument/documentSymbol',
	'textDocument/diagnostic',
	'workspace/executeCommand',
	'codeAction/resolve',
	'no/suchMethod',
] as const;

interface Open {
	version: number;
	readonly kind: 'c' | 'litmus';
}

export async function fuzzServer(options: FuzzOptions): Promise<FuzzReport> {
	const folder = mkdtempSync(join(tmpdir(), 'racewalk-fuzz-trees-'));
	try {
		return await fuzzIn(folder, options);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

async function fuzzIn(folder: string, options: FuzzOptions): Promise<FuzzReport> {
	const random = randomOf(options.seed);
	const trees = Array.from({ length: TREES }, (_, i) => join(folder, `tree${i}`));
	for (const tree of trees) makeHostileTree(tree, random, options.size);
	const settings = {
		...{ budgetSeconds: options.budget, guards: false, otherArchitectures: false },
	};
	const client = await startClient(options.server, {
		folders: trees.slice(1),
		configuration: () =>
			random.below(3) === 0 ? { ...(random.pick(ODD_SETTINGS) as object), ...settings } : settings,
		capabilities: {
			textDocument: { diagnostic: {} },
			workspace: {
				...{ configuration: true, workspaceFolders: true },
				didChangeWatchedFiles: { dynamicRegistration: true },
			},
		},
	});
	let deaths = 0;
	let stopping = false;
	client.process.on('exit', () => {
		if (!stopping) deaths++;
	});
	const open = new Map<string, Open>();
	const fresh = new Map<string, number>();
	let heard = performance.now();
	let seen = 0;
	const listen = (): void => {
		for (; seen < client.verdicts.length; seen++) {
			const said = client.verdicts[seen];
			if (said === undefined || said.freshness === 'checking') continue;
			fresh.set(said.uri, said.version);
			heard = performance.now();
		}
	};
	const state = { answered: 0, pending: 0, slowest: 0, peak: 0, hangs: 0 };
	let isQuiet = false;
	const watch = setInterval(() => {
		const memory = memoryOf(client.process.pid ?? 0);
		if (memory > state.peak) state.peak = memory;
		// while messages are made, this process itself is busy
		if (!isQuiet) return;
		const asked = performance.now();
		void client.connection
			.sendRequest('textDocument/codeLens', { textDocument: { uri: 'file:///none' } })
			.then(
				() => {
					state.slowest = Math.max(state.slowest, performance.now() - asked);
				},
				() => {},
			);
	}, 500);
	const tell = (method: string, params: unknown): void => {
		client.connection.sendNotification(method, params as object).catch(() => {});
	};
	const context: Context = {
		trees,
		random,
		options,
		open,
		tell,
		state,
		request: (m, p, t) => client.connection.sendRequest(m, p as object, t),
	};
	for (let i = 0; i < options.documents; i++) openOne(context, i);
	for (let i = 0; i < options.messages && deaths === 0; i++) {
		shoot(context);
		if (i % 20 === 19) await pause(1 + random.below(20));
	}
	// what was sent is read in order: an answer to what came last says that all of it was
	const sent = performance.now();
	const last = client.connection.sendRequest('textDocument/codeLens', {
		textDocument: { uri: 'file:///none' },
	});
	await Promise.race([last.catch(() => null), pause(READ_MAX)]);
	const backlog = Math.round(performance.now() - sent);
	isQuiet = true;
	const missing = (): number =>
		[...open].filter(([uri, { version }]) => fresh.get(uri) !== version).length;
	const limit = (options.budget + OVERTIME + options.slack) * 1000;
	heard = performance.now();
	let told = heard;
	for (; deaths === 0; ) {
		listen();
		if (missing() === 0 && state.pending === 0) break;
		const now = performance.now();
		if (now - told > 20_000) {
			told = now;
			options.print(`waiting for ${missing()} documents and ${state.pending} answers`);
		}
		if (now - heard > limit) {
			state.hangs++;
			options.print(
				`nothing for ${Math.round(limit / 1000)} s; waiting for ${[...open]
					.flatMap(([uri, { version }]) => (fresh.get(uri) === version ? [] : [uri]))
					.slice(0, 5)
					.join(' ')}`,
			);
			if (state.hangs > 3) break;
			heard = now;
		}
		await pause(50);
	}
	clearInterval(watch);
	stopping = true;
	if (deaths === 0) await Promise.race([client.stop(), pause(10_000)]);
	client.process.kill('SIGKILL');
	return {
		messages: options.messages,
		answered: state.answered,
		unanswered: state.pending,
		hangs: state.hangs,
		slowest: Math.round(state.slowest),
		backlog,
		deaths,
		peak: state.peak,
		documents: open.size,
		fresh: open.size - missing(),
		errors: client.shown.filter((m) => m.includes('internal error')),
	};
}

interface Context {
	readonly trees: readonly string[];
	readonly random: Random;
	readonly options: FuzzOptions;
	readonly open: Map<string, Open>;
	readonly tell: (method: string, params: unknown) => void;
	readonly request: (
		method: string,
		params: unknown,
		token: CancellationTokenSource['token'],
	) => Promise<unknown>;
	readonly state: { answered: number; pending: number };
}

/** A text, of C with headers of the tree before it. */
function textFor(random: Random, size: number): FuzzText {
	const made = fuzzText(random, size);
	if (made.kind === 'litmus' || random.below(2) === 0) return made;
	const headers = Array.from({ length: random.below(4) }, () => random.pick(HEADERS));
	const text = `${headers.map((h) => `#include <${h}>\n`).join('')}${made.text}`;
	return { ...made, text };
}

function openOne({ random, options, open, tell, trees }: Context, i: number): void {
	const { kind, text } = textFor(random, options.size);
	const tree = random.below(3) === 0 ? trees[random.below(trees.length)] : undefined;
	const path = tree === undefined ? `/fuzz/${i}.${kind}` : join(tree, 'mm', `fuzz${i}.${kind}`);
	const uri = pathToFileURL(path).href;
	open.set(uri, { version: 1, kind });
	tell('textDocument/didOpen', {
		textDocument: { uri, languageId: kind, version: 1, text },
	});
}

/** One message, sensible or not. */
function shoot(context: Context): void {
	const { random, options, open, tell } = context;
	const uris = [...open.keys()];
	const uri =
		random.below(12) === 0
			? `file:///fuzz/none${random.below(5)}.c`
			: (uris[random.below(uris.length)] ?? 'file:///none.c');
	const known = open.get(uri);
	switch (random.below(6)) {
		case 0: {
			const { text } = textFor(random, options.size);
			if (known !== undefined) known.version++;
			const version = known?.version ?? 7;
			tell('textDocument/didChange', {
				textDocument: { uri, version },
				contentChanges: [{ text }],
			});
			return;
		}
		case 1: {
			// a range that may lie anywhere
			if (known === undefined) return;
			known.version++;
			const at = { line: random.below(1000), character: random.below(1000) };
			tell('textDocument/didChange', {
				textDocument: { uri, version: known.version },
				contentChanges: [
					{ range: { start: at, end: { line: random.below(1000), character: 0 } }, text: 'x' },
				],
			});
			return;
		}
		case 2:
			if (random.below(10) === 0) tell('textDocument/didSave', { textDocument: { uri } });
			else if (random.below(4) === 0) tell('$/cancelRequest', { id: random.below(1000) });
			else if (random.below(20) === 0) tell('workspace/didChangeConfiguration', { settings: null });
			else if (random.below(12) === 0) stir(context);
			else if (random.below(6) === 0 && known !== undefined) {
				tell('textDocument/didClose', { textDocument: { uri } });
				open.delete(uri);
			}
			return;
		default:
			ask(context, uri);
	}
}

/** Something of a tree changes, and the server is told, or folders come and go. */
function stir({ random, options, tell, trees }: Context): void {
	const tree = trees[random.below(trees.length)] ?? '';
	if (random.below(4) === 0) {
		const changed = [{ uri: pathToFileURL(tree).href, name: tree }];
		const event =
			random.below(2) === 0 ? { added: changed, removed: [] } : { added: [], removed: changed };
		tell('workspace/didChangeWorkspaceFolders', { event });
		return;
	}
	rmSync(join(tree, '.racewalk'), { recursive: true, force: true });
	makeHostileTree(tree, random, options.size);
	const changes = ['.racewalk/actors/zap.c', 'include/linux/mm.h'].map((path) => ({
		uri: pathToFileURL(join(tree, path)).href,
		type: 1 + random.below(3),
	}));
	tell('workspace/didChangeWatchedFiles', { changes });
}

function ask({ random, request, state }: Context, uri: string): void {
	const method = METHODS[random.below(METHODS.length)] ?? METHODS[0];
	const position = { line: random.below(60), character: random.below(60) };
	const source = new CancellationTokenSource();
	const command = ['racewalk.simulate', 'racewalk.litmus.run', 'racewalk.litmus.explain'][
		random.below(3)
	];
	state.pending++;
	const done = (): void => {
		state.pending--;
		state.answered++;
	};
	void request(
		method,
		{
			textDocument: { uri },
			position,
			range: { start: position, end: position },
			context: { diagnostics: [] },
			...(method === 'workspace/executeCommand'
				? { command, arguments: [{ uri, function: 'gup_a' }] }
				: {}),
			...(method === 'codeAction/resolve'
				? { title: 'x', data: { uri, version: 1, fix: 'recheck', trace: 'x', rule: 'stale-pin' } }
				: {}),
		},
		source.token,
	).then(done, done);
	if (random.below(4) === 0) setTimeout(() => source.cancel(), random.below(200));
}

function pause(milliseconds: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
