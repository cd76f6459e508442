/**
 * The ways out of a process, and where the product may use them: no connection, no server, no program but its own workers.
 * `test/server/outside.test.ts` watches it at work, this looks at what it could do.
 */
import { describe, expect, it } from 'vitest';
import { codeFiles, codeOnly, importsOf, read } from './sources.js';

const product = codeFiles().filter((path) => /^(?:engine|server|client)\//.test(path));

/** Modules that lead out, the files that may use each, and for what. */
const WAYS_OUT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
	'node:child_process': {
		'server/worker/worker_process.ts': "starts racewalk's own workers with the Node it runs on",
		'server/cli/review/git.ts':
			'runs git, which reads objects and nothing of the repository beside',
		'client/commits/review.ts':
			"runs racewalk's own command line with the program that runs the extension, at a command of the user's",
	},
	'node:net': { 'server/worker/control.ts': 'holds the end of a pipe that the worker was given' },
	'node:module': { 'server/syntax/tree_sitter.ts': 'loads the parser, from beside the program' },
	...Object.fromEntries(
		[
			...['http', 'https', 'http2', 'tls', 'dgram', 'dns', 'dns/promises'],
			...['cluster', 'inspector', 'vm', 'repl', 'wasi', 'sqlite'],
		].map((name) => [`node:${name}`, {}]),
	),
};

/** Names that reach the network, a program, or code made of text, without an import. */
const REACHING =
	/(?<![.\w])(?:fetch|eval|sendBeacon)\s*\(|\b(?:WebSocket|XMLHttpRequest|EventSource|openExternal|createTerminal|executeTask|ShellExecution|ProcessExecution|dlopen)\b|\bnew Function\s*\(/;
/** An import of something else than a literal name. */
const WORKED_OUT = /(?<![.\w#])import\s*\(\s*(?!\s|'')/;

describe('the product', () => {
	it('uses a way out only where this table says', () => {
		const used = product.flatMap((path) =>
			importsOf(path, read(path))
				.map((i) => (i.path.startsWith('node:') ? i.path : `node:${i.path}`))
				.filter((name) => name in WAYS_OUT && WAYS_OUT[name]?.[path] === undefined)
				.map((name) => `${path} → ${name}`),
		);
		expect(used).toEqual([]);
	});

	it('makes no code of text and reaches nothing by a global name', () => {
		const found = product.flatMap((path) =>
			codeOnly(read(path))
				.split('\n')
				.flatMap((line, i) => (REACHING.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
		);
		expect(found).toEqual([]);
	});

	it('imports nothing whose name it works out', () => {
		const found = product.filter((path) => WORKED_OUT.test(codeOnly(read(path))));
		// the language server, beside the command line
		expect(found).toEqual(['server/cli.ts']);
	});
});
