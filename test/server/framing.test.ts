/**
 * What comes over standard input and is no message, and requests that do not say what they are about: a sentence and an end, or a
 * sentence and the next request.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { headerCheck } from '../../server/lsp/framing.js';
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
