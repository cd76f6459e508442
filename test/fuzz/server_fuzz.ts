/**
 * A language server under fire: many documents, edits, requests about anything in any order, cancellations. Afterwards it
 * must live, have answered everything, and have a result for the newest text of every document.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { CancellationTokenSource } from 'vscode-languageserver/node';
import { startClient } from '../server/lsp_client.js';
import { fuzzText, type Random, randomOf } from './texts.js';

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
	readonly print: (line: string) => void;
}

export interface FuzzReport {
	readonly messages: number;
	/** Requests that were answered, with an error or without, and those that never were. */
	readonly answered: number;
	readonly unanswered: number;
	/** Times at which nothing came for longer than a check may take and be ended. */
	readonly hangs: number;
	/** The longest that the server's main thread let a question wait, in milliseconds. */
	readonly slowest: number;
	readonly deaths: number;
	/** Bytes of the server with its workers, at most; 0 where it cannot be seen. */
	readonly peak: number;
	readonly documents: number;
	readonly fresh: number;
	/** Messages of internal errors. */
	readonly errors: readonly string[];
}

/** Seconds on top of a budget until a worker is ended, another is loaded and has answered, on a machine that is busy. */
const SLACK = 3 + 12;
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
	const random = randomOf(options.seed);
	const client = await startClient(options.server, {
		initializationOptions: {
			budgetSeconds: options.budget,
			guards: false,
			otherArchitectures: false,
		},
		capabilities: { textDocument: { diagnostic: {} } },
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
	const watch = setInterval(() => {
		state.peak = Math.max(state.peak, memoryOf(client.process.pid ?? 0));
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
	const missing = (): number =>
		[...open].filter(([uri, { version }]) => fresh.get(uri) !== version).length;
	const limit = (options.budget + SLACK) * 1000;
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
		deaths,
		peak: state.peak,
		documents: open.size,
		fresh: open.size - missing(),
		errors: client.shown.filter((m) => m.includes('internal error')),
	};
}

interface Context {
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

function openOne({ random, options, open, tell }: Context, i: number): void {
	const { kind, text } = fuzzText(random, options.size);
	const uri = `file:///fuzz/${i}.${kind}`;
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
			const { text } = fuzzText(random, options.size);
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
			else if (random.below(6) === 0 && known !== undefined) {
				tell('textDocument/didClose', { textDocument: { uri } });
				open.delete(uri);
			}
			return;
		default:
			ask(context, uri);
	}
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

/** Bytes of a process and its children, as Linux tells; 0 elsewhere. */
function memoryOf(root: number): number {
	try {
		const parents = new Map<number, number>();
		for (const name of readdirSync('/proc')) {
			if (!/^\d+$/.test(name)) continue;
			try {
				const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
				parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
			} catch {
				// gone meanwhile
			}
		}
		const own = [...parents.keys()].filter((id) => id === root || parents.get(id) === root);
		return own.reduce((sum, id) => sum + residentOf(id), 0);
	} catch {
		return 0;
	}
}

const PAGE = 4096;

function residentOf(id: number): number {
	try {
		return Number(readFileSync(`/proc/${id}/statm`, 'utf8').split(' ')[1]) * PAGE;
	} catch {
		return 0;
	}
}
