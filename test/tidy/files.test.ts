/**
 * House rules for every file: length, opening comment, names, no skipped test, nothing of the machine it was written
 * on. Each case lists what breaks the rule; the list must be empty.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path/posix';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../trees.js';
import { allFiles, codeFiles, codeOnly, read } from './sources.js';

/** Lines at which a file is certainly two files. About 400 is the aim. */
const LINES_MAX = 500;

const BINARY = /\.(?:png|ico|wasm|node|vsix|tgz)$/;
const text = allFiles().filter((path) => !BINARY.test(path) && path !== 'package-lock.json');
const code = codeFiles();
const tests = code.filter((path) => path.startsWith('test/'));

/** Hosts a committed address may name: standards, the kernel's own pages, this machine. */
const HOSTS = new Set([
	...[
		'json.schemastore.org',
		'json-schema.org',
		'docs.oasis-open.org',
		'raw.githubusercontent.com',
	],
	// where `npm run editors` has editors from
	'deb.debian.org',
	...['git.kernel.org', 'docs.kernel.org', 'www.kernel.org', 'lore.kernel.org', 'lwn.net'],
	...['elixir.bootlin.com', 'bugs.debian.org', 'www.w3.org', 'microsoft.github.io', 'doi.org'],
	...['modelcontextprotocol.io'],
	...['127.0.0.1', 'localhost', 'example.com', 'github.com', 'code.visualstudio.com'],
	...['dl.acm.org', 'arxiv.org', 'plv.mpi-sws.org', 'diy.inria.fr'],
]);

/** Built from parts so that this file does not break its own rule. */
const MACHINE = new RegExp(
	`(?<![\\w.~$)}])/(?:${['root', 'work', 'home', 'Users'].join('|')})/\\w`,
);

const UNFINISHED = new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`);

function offending(
	paths: readonly string[],
	isBad: (line: string, path: string) => boolean,
): readonly string[] {
	return paths.flatMap((path) =>
		read(path)
			.split('\n')
			.flatMap((line, i) => (isBad(line, path) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
	);
}

function hostsOf(line: string): readonly string[] {
	return [...line.matchAll(/\bhttps?:\/\/([a-z0-9.-]+)/gi)].map((m) => (m[1] ?? '').toLowerCase());
}

/** Paths of this repository; the kernel has a folder `scripts`, too. */
function filesNamedIn(line: string): readonly string[] {
	const found = line.matchAll(
		/(?<![\w/.-])(?:engine|server|client|test|scripts|docs)\/[\w/.-]*\w\.(?:ts|c|mjs|md)\b/g,
	);
	return [...found].map(([path]) => path).filter((path) => !path.startsWith('scripts/kconfig/'));
}

const rules: Readonly<Record<string, () => readonly string[]>> = {
	'is short enough to be one thing': () =>
		[...code, ...text.filter((p) => /\.(?:c|css)$/.test(p))]
			.map((path) => ({ path, lines: read(path).split('\n').length }))
			.filter(({ lines }) => lines > LINES_MAX)
			.map(({ path, lines }) => `${path}: ${lines} lines`),
	'opens with a comment that says what it is': () =>
		code.filter(
			(path) => !/^(?:#![^\n]*\n)?\/\*\*(?: \S.{20,} \*\/)?\n(?: \* \S|\S|\n)/.test(read(path)),
		),
	'has a name that says something': () =>
		text.filter((path) =>
			/(?:^|[/_])(?:utils?|helpers?|misc|common|manager|service)(?:[/_.]|$)/.test(
				path.replace(/^engine\/mm\/actors\/common\.c$/, ''),
			),
		),
	'is named in snake_case': () =>
		code.filter((path) => !/^[a-z0-9_]+(?:\.(?:test|config))?\.(?:ts|mjs)$/.test(basename(path))),
	'is no barrel': () =>
		code.filter((path) => basename(path) === 'index.ts' && dirname(path) !== 'test/client/suite'),
	'names in its comments only files that are there': () =>
		offending([...code, ...text.filter((path) => path.endsWith('.md'))], (line, path) => {
			const isSaid = path.endsWith('.md') || /^\s*(?:\/?\*|\/\/)/.test(line);
			return isSaid && filesNamedIn(line).some((named) => !existsSync(join(repositoryRoot, named)));
		}),
	'skips no test': () =>
		tests.flatMap((path) =>
			/\b(?:it|test|describe|suite)\.(?:skip|only|todo|fails|skipIf|runIf)\b|\bx(?:it|describe)\(|\bthis\.skip\(/.test(
				codeOnly(read(path)),
			)
				? [path]
				: [],
		),
	'links to what is there': () =>
		text
			.filter((path) => path.endsWith('.md'))
			.flatMap((path) =>
				[...read(path).matchAll(/\]\(([^)#\s:]+)(?:#[^)]*)?\)/g)]
					.map((match) => join(dirname(path), match[1] ?? ''))
					.filter((target) => !existsSync(join(repositoryRoot, target)))
					.map((target) => `${path} → ${target}`),
			),
	'leaves nothing to do': () => offending(text, (line) => UNFINISHED.test(line)),
	'names no path of the machine it was written on': () =>
		offending(text, (line) => MACHINE.test(line)),
	'names no host but standards and the kernel': () =>
		offending(text, (line) => hostsOf(line).some((host) => !HOSTS.has(host))),
};

describe('every file', () => {
	it.each(Object.entries(rules))('%s', (_, rule) => {
		expect(rule()).toEqual([]);
	});

	it('is found at all', () => {
		expect(code.length).toBeGreaterThan(20);
		expect(text).toContain('package.json');
	});
});
