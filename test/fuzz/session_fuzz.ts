/**
 * Short sessions with a language server that an editor would never have: messages before it is asked to begin and after it was
 * told to stop, out of order, with wrong parameters, twice, and an end in the middle of a check. Whatever was said, the server
 * is gone soon after it was told to go, and so are its workers.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fuzzText, type Random, randomOf } from './texts.js';

export interface SessionReport {
	readonly sessions: number;
	/** Servers that went on, or left workers behind, or ended by themselves. */
	readonly hangs: readonly string[];
	readonly deaths: readonly string[];
}

export interface SessionOptions {
	readonly server: string;
	readonly seed: number;
	readonly sessions: number;
	readonly size: number;
	/** Seconds that a server has to go, on top of those that it may take. */
	readonly slack: number;
}

/** Seconds after which a server that was told to exit is gone. */
const GONE = 5;
const MESSAGES = 12;

const INITIALIZE = { processId: null, rootUri: null, capabilities: {} };

export async function fuzzSessions(options: SessionOptions): Promise<SessionReport> {
	const random = randomOf(options.seed);
	const hangs: string[] = [];
	const deaths: string[] = [];
	for (let i = 0; i < options.sessions; i++) {
		const said: string[] = [];
		const how = await session(options, random, said);
		const what = `session ${i} of seed ${options.seed}: ${how} after ${said.join(', ')}`;
		if (how === 'went on' || how === 'left workers') hangs.push(what);
		else if (how !== 'gone') deaths.push(what);
	}
	return { sessions: options.sessions, hangs, deaths };
}

async function session(
	{ server, size, slack }: SessionOptions,
	random: Random,
	said: string[],
): Promise<string> {
	const child = spawn(process.execPath, [server, '--stdio'], {
		stdio: ['pipe', 'pipe', 'ignore'],
		detached: true,
	});
	child.stdin?.on('error', () => {});
	child.stdout?.resume();
	let told = false;
	const ended = new Promise<string>((resolve) => {
		// before it was told to go only by the rule that exit ends it
		child.on('exit', (code, signal) =>
			resolve(told ? 'gone' : `ended by itself: ${signal ?? code}`),
		);
	});
	const isReady = random.below(4) > 0;
	if (isReady) request(child, 'initialize', INITIALIZE, said);
	if (isReady) notify(child, 'initialized', {}, said);
	const early = random.below(3) === 0;
	for (let i = 0; i < MESSAGES; i++) {
		if (random.below(6) === 0) await pause(random.below(400));
		shoot(child, { random, size, said });
		if (early && i === MESSAGES / 2) request(child, 'shutdown', null, said);
	}
	if (!early && random.below(3) > 0) request(child, 'shutdown', null, said);
	await pause(random.below(300));
	told = true;
	if (random.below(4) === 0) child.stdin?.end();
	else notify(child, 'exit', null, said);
	const late = pause((GONE + slack) * 1000).then(() => 'went on');
	const how = await Promise.race([ended, late]);
	// its process group has nobody but it and its workers, who hear of it as soon as they are loaded
	for (let i = 0; i < (GONE + slack) * 10 && groupLives(child); i++) await pause(100);
	const left = groupLives(child);
	if (child.pid !== undefined && left) process.kill(-child.pid, 'SIGKILL');
	return how === 'gone' && left ? 'left workers' : how;
}

function groupLives(child: ChildProcess): boolean {
	try {
		if (child.pid === undefined) return false;
		process.kill(-child.pid, 0);
		return true;
	} catch {
		return false;
	}
}

interface Shooting {
	readonly random: Random;
	readonly size: number;
	readonly said: string[];
}

const URIS = [
	...[
		'file:///s.c',
		'file:///s.litmus',
		'untitled:Untitled-1',
		'file:///dev/zero',
		'vscode-remote://elsewhere/b.c',
	],
	...['file:///a%00b.c', 'file://host/share.c', '', 'file:///%zz.c', 'file:///../../x.c'],
] as const;

const REQUESTS = [
	...['textDocument/hover', 'textDocument/codeLens', 'textDocument/codeAction'],
	...['textDocument/documentSymbol', 'textDocument/diagnostic', 'workspace/executeCommand'],
	...['initialize', 'textDocument/definition', '$/nothing'],
] as const;

function shoot(child: ChildProcess, { random, size, said }: Shooting): void {
	const uri = random.pick(URIS);
	const textDocument = { uri, languageId: 'c', version: random.below(5) - 2 };
	const range = { start: odd(random), end: odd(random) };
	switch (random.below(8)) {
		case 0:
		case 1: {
			const { text } = fuzzText(random, size);
			notify(child, 'textDocument/didOpen', { textDocument: { ...textDocument, text } }, said);
			return;
		}
		case 2: {
			const contentChanges = [{ range, text: fuzzText(random, 400).text }];
			notify(child, 'textDocument/didChange', { textDocument, contentChanges }, said);
			return;
		}
		case 3:
			notify(child, 'textDocument/didClose', { textDocument }, said);
			return;
		case 4:
			notify(child, random.pick(['initialized', '$/cancelRequest', '$/setTrace']), { id: 3 }, said);
			return;
		case 5: {
			const settings = { racewalk: random.pick(ODD_SETTINGS) };
			notify(child, 'workspace/didChangeConfiguration', { settings }, said);
			return;
		}
		case 6: {
			// parameters that are none
			const params = random.pick<unknown>([null, [], 'x', 7, { textDocument: null }, { uri: {} }]);
			request(child, random.pick(REQUESTS), params, said);
			return;
		}
		default:
			request(
				child,
				random.pick(REQUESTS),
				{ textDocument, position: range.start, range, context: { diagnostics: [] } },
				said,
			);
	}
}

/** Values of the section `racewalk` that nobody would write. */
export const ODD_SETTINGS: readonly [unknown, ...unknown[]] = [
	null,
	'racewalk',
	[],
	{ arch: '__proto__', memory: {}, actors: { zap: true }, budgetSeconds: '1e9', rules: 7 },
	{ arch: ['x86_64'], memory: 'constructor', actors: [null, 3, 'zap'], budgetSeconds: -1 },
	{ kernelTree: '/dev/zero', rules: { 'stale-pin': {}, __proto__: 'off' } },
	{ kernelTree: '/proc/self/fd/../../..', budgetSeconds: Number.MAX_VALUE },
	{ kernelTree: '../../..', actors: 'zap', enable: 'no', guards: 0 },
	{ kernelTree: `/${'a'.repeat(5000)}`, actors: [`${'z'.repeat(5000)}`] },
	{ kernelTree: '/tmp/\u0000x', trustWorkspaceActors: 'true', budgetSeconds: null },
];

function odd(random: Random): { readonly line: number; readonly character: number } {
	const number = (): number => random.pick([0, 1, 5, 60, -1, 1e9, 2 ** 31, 0.5]);
	return { line: number(), character: number() };
}

let ids = 0;

function request(child: ChildProcess, method: string, params: unknown, said: string[]): void {
	send(child, { jsonrpc: '2.0', id: ++ids, method, params }, said);
}

function notify(child: ChildProcess, method: string, params: unknown, said: string[]): void {
	send(child, { jsonrpc: '2.0', method, params }, said);
}

function send(
	child: ChildProcess,
	message: { readonly method: string; readonly [key: string]: unknown },
	said: string[],
): void {
	said.push(message.method);
	const body = Buffer.from(JSON.stringify(message));
	child.stdin?.write(`Content-Length: ${body.length}\r\n\r\n`);
	child.stdin?.write(body);
}

function pause(milliseconds: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
