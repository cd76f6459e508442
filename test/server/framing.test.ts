/**
 * What comes over standard input and is no message, and requests that do not say what they are about: a sentence and an end, or a
 * sentence and the next request.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { BODY_MAX, headerCheck } from '../../server/lsp/framing.js';
import { bundle } from './bundle.js';
import { startClient } from './lsp_client.js';

let programs = '';

beforeAll(async () => {
	programs = await bundle({ server: 'server/main.ts', worker: 'server/worker/worker.ts' });
});

afterAll(() => rmSync(dirname(programs), { recursive: true, force: true }));

const BROKEN: readonly (readonly [string, string, string])[] = [
	['no number', 'Content-Length: abc\r\n\r\n{}', 'Content-Length is no number: abc'],
	['a negative number', 'Content-Length: -5\r\n\r\n', 'Content-Length is no number: -5'],
	['half a number', 'Content-Length: 5x\r\n\r\n', 'Content-Length is no number: 5x'],
	['nothing', 'Content-Length:\r\n\r\n', 'Content-Length is no number'],
	['another header', 'X-Length: 5\r\n\r\n', 'without Content-Length'],
	['no end', 'x'.repeat(10_000), 'no header within'],
	[
		'more than is read',
		'Content-Length: 3000000000\r\n\r\n{',
		'Content-Length is 3000000000, and a message has 67108864 bytes at most',
	],
	[
		'a number of a hundred digits',
		`Content-Length: ${'9'.repeat(100)}\r\n\r\n`,
		'67108864 bytes at most',
	],
	['one byte more', `Content-Length: ${BODY_MAX + 1}\r\n\r\n`, '67108864 bytes at most'],
	['behind a message', 'Content-Length: 2\r\n\r\n{}Content-Length: q\r\n\r\n', 'no number: q'],
];

describe('headers', () => {
	test.each(BROKEN)('%s is said, however it is cut', (_, text, said) => {
		for (const size of [1, 7, 100_000]) {
			const check = headerCheck();
			const bytes = Buffer.from(text);
			const told: string[] = [];
			for (let at = 0; at < bytes.length && told.length === 0; at += size) {
				const wrong = check(bytes.subarray(at, at + size));
				if (wrong !== null) told.push(wrong);
			}
			expect(told.join()).toContain(said);
		}
	});

	test('messages are skipped, whatever is in them', () => {
		const body = '{"x":"Content-Length: a\\r\\n\\r\\n ü"}';
		const one = `Content-Type: x\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
		expect(headerCheck()(Buffer.from(one.repeat(3)))).toBe(null);
		expect(headerCheck()(Buffer.from(`Content-Length: ${BODY_MAX}\r\n\r\n{`))).toBe(null);
	});

	test('the server says it and ends', async () => {
		const child: ChildProcess = spawn(process.execPath, [join(programs, 'server.js'), '--stdio']);
		let err = '';
		child.stderr?.on('data', (chunk: Buffer) => {
			err += chunk.toString();
		});
		child.stdin?.write('Content-Length: abc\r\n\r\n{}');
		expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1);
		expect(err).toContain('racewalk lsp: Content-Length is no number: abc');
	});
});

/** Speaks to a server, waits for so many answers, and tells it to go. */
async function conversation(
	messages: readonly object[],
	wanted: number,
): Promise<{ readonly answers: readonly Answer[]; readonly status: number }> {
	const child = spawn(process.execPath, [join(programs, 'server.js'), '--stdio'], {
		stdio: ['pipe', 'pipe', 'ignore'],
	});
	const say = (message: object): void => {
		const body = JSON.stringify(Array.isArray(message) ? message : { jsonrpc: '2.0', ...message });
		child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
	};
	let answers: readonly Answer[] = [];
	let out = '';
	child.stdout.on('data', (chunk: Buffer) => {
		const before = answers.length;
		out += chunk.toString();
		answers = out
			.split(/Content-Length: \d+\r\n\r\n/)
			.flatMap((text) => read(text))
			.filter((answer) => 'id' in answer && !('method' in answer));
		if (before < wanted && answers.length >= wanted) say({ method: 'exit' });
	});
	for (const message of messages) say(message);
	const status = await new Promise<number>((resolve) =>
		child.once('close', (code) => resolve(code ?? -1)),
	);
	return { status, answers };
}

/** A message, once all of it is there. */
function read(text: string): readonly Answer[] {
	try {
		return [JSON.parse(text) as Answer];
	} catch {
		return [];
	}
}

interface Answer {
	readonly id?: number | string;
	readonly result?: unknown;
	readonly error?: { readonly code: number; readonly message: string };
}

const INITIALIZE = {
	method: 'initialize',
	params: { processId: null, rootUri: null, capabilities: {} },
};
const HOVER = {
	method: 'textDocument/hover',
	params: { textDocument: { uri: 'file:///a.c' }, position: { line: 0, character: 0 } },
};
const [INVALID, EARLY] = [-32600, -32002];

describe('the order of requests', () => {
	test('is the protocol’s: initialize first and once, nothing after shutdown', async () => {
		const { answers, status } = await conversation(
			[
				{ id: 1, ...HOVER },
				{
					method: 'textDocument/didOpen',
					params: { textDocument: { uri: 'file:///a.c', languageId: 'c', version: 1, text: '' } },
				},
				{ id: 2, ...INITIALIZE },
				{ method: 'initialized', params: {} },
				{ id: 3, ...INITIALIZE },
				{ id: 4, ...HOVER },
				{ id: 5, method: 'shutdown' },
				{ id: 6, ...HOVER },
				{ id: 7, ...INITIALIZE },
				{ id: 8, method: 'shutdown' },
				{ method: 'textDocument/didOpen', params: null },
			],
			8,
		);
		expect(status).toBe(0);
		const byId = new Map(answers.map((answer) => [answer.id, answer]));
		expect(answers.map(({ id }) => id).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
		expect(byId.get(1)?.error).toEqual({
			code: EARLY,
			message: 'textDocument/hover before initialize',
		});
		expect(byId.get(2)?.result).toHaveProperty('capabilities');
		expect(byId.get(3)?.error).toEqual({ code: INVALID, message: 'initialize is asked for once' });
		expect(byId.get(4)?.error).toBeUndefined();
		expect(byId.get(5)).toEqual({ jsonrpc: '2.0', id: 5, result: null });
		for (const [id, method] of [
			[6, 'textDocument/hover'],
			[7, 'initialize'],
			[8, 'shutdown'],
		] as const)
			expect(byId.get(id)?.error).toEqual({ code: INVALID, message: `${method} after shutdown` });
	}, 30_000);

	test('is one by one: each request of a batch is refused, and the next message is answered', async () => {
		const batch = [
			{ jsonrpc: '2.0', id: 10, ...HOVER },
			{ jsonrpc: '2.0', method: '$/x' },
			null,
			7,
		];
		const { answers, status } = await conversation(
			[
				{ id: 1, ...INITIALIZE },
				[...batch, { jsonrpc: '2.0', id: 'eleven', method: 'shutdown' }],
				[],
				[[]],
				{ id: 2, ...HOVER },
				{ id: 3, method: 'shutdown' },
			],
			5,
		);
		expect(status).toBe(0);
		const byId = new Map(answers.map((answer) => [answer.id, answer]));
		expect([...byId.keys()]).toEqual(expect.arrayContaining([1, 2, 3, 10, 'eleven']));
		for (const id of [10, 'eleven'])
			expect(byId.get(id)?.error).toEqual({
				code: INVALID,
				message: 'a batch of messages is not part of the protocol: send them one by one',
			});
		// it was not shut down by the batch
		expect(byId.get(2)?.error).toBeUndefined();
	}, 30_000);

	test('what is wrong does not count as asked: a right initialize comes behind it', async () => {
		const { answers } = await conversation(
			[
				{ id: { a: 1 }, ...INITIALIZE },
				{
					id: 1,
					method: 'initialize',
					params: { processId: null, rootUri: 7, capabilities: null },
				},
				{ id: 2, method: 'initialize', params: null },
				{ id: 3, ...INITIALIZE },
				{ id: 4, method: 'textDocument/references', params: null },
				{ id: 5, method: 'textDocument/inlayHint' },
				{ id: 6, ...HOVER },
				{ id: 7, method: 'shutdown' },
			],
			7,
		);
		const byId = new Map(answers.map((answer) => [answer.id, answer]));
		for (const id of [1, 2, 4, 5]) expect(byId.get(id)?.error?.code).toBe(-32602);
		expect(byId.get(3)?.result).toHaveProperty('capabilities');
		expect(byId.get(6)?.error).toBeUndefined();
		expect(byId.get(7)?.error).toBeUndefined();
	}, 30_000);

	test('exit before shutdown is an end with 1', async () => {
		const { status } = await conversation([{ id: 1, ...INITIALIZE }], 1);
		expect(status).toBe(1);
	}, 30_000);
});

describe('params', () => {
	test.each([
		['textDocument/hover', null],
		['textDocument/hover', {}],
		['textDocument/hover', { textDocument: null }],
		['textDocument/codeLens', null],
		['textDocument/documentSymbol', { textDocument: { uri: 5 } }],
		['textDocument/codeAction', null],
		['textDocument/diagnostic', null],
		['codeAction/resolve', null],
		['workspace/executeCommand', null],
		['workspace/executeCommand', { command: 'racewalk.nothing' }],
		['workspace/executeCommand', {}],
	])(
		'%s with %j',
		async (method, params) => {
			const client = await startClient(join(programs, 'server.js'));
			let out = '';
			client.process.stdout?.on('data', (chunk: Buffer) => {
				out += chunk.toString();
			});
			// a client's library would leave null away
			const body = JSON.stringify({ jsonrpc: '2.0', id: 'raw', method, params });
			client.process.stdin?.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
			await vi.waitFor(() => expect(out).toContain('"id":"raw"'), { timeout: 120_000 });
			expect(out).toContain('"code":-32602,"message":"params must be an object');
			expect(await client.stop()).toBe(0);
		},
		20_000,
	);
});
