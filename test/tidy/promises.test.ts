/**
 * docs/security.md names the tests that hold what racewalk promises: each of them exists, in a file that `npm test -- all` runs.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../trees.js';
import { read } from './sources.js';

const PAGE = 'docs/security.md';
const HEAD = '| promise | made in | held by |';
/** Where a promise can be made. */
const MADE_IN: Readonly<Record<string, string>> = {
	here: PAGE,
	README: 'README.md',
	'package.json': 'package.json',
	'docs/actors.md': 'docs/actors.md',
};

interface Row {
	readonly promise: string;
	readonly madeIn: readonly string[];
	readonly tests: readonly { readonly file: string; readonly names: readonly string[] }[];
}

/** `file`: name; name · `file`: name. No name holds the two characters that part them. */
function rowOf(line: string): Row {
	const [promise = '', madeIn = '', held = ''] = line
		.split('|')
		.slice(1, -1)
		.map((cell) => cell.trim());
	const tests = held.split(' · ').map((part) => {
		const [, file = '', names = ''] = /^`([^`]+)`: (.+)$/.exec(part) ?? [];
		return { file, names: names.split('; ') };
	});
	return { promise, madeIn: madeIn.split(', '), tests };
}

const lines = read(PAGE).split('\n');
const start = lines.indexOf(HEAD) + 2;
const end = lines.findIndex((line, i) => i >= start && !line.startsWith('|'));
const rows = lines.slice(start, end).map(rowOf);

/** Whether a file has a test of that name: as the first argument where tests are made, or as a case of a script's table. */
function hasTest(file: string, name: string): boolean {
	if (!existsSync(join(repositoryRoot, file))) return false;
	const quoted = `(['"\`])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\1`;
	const made = `(?:\\b(?:it|test|describe)|\\))\\(\\s*${quoted}`;
	return new RegExp(file.endsWith('.mjs') ? `^\\t${quoted}: ` : made, 'm').test(read(file));
}

/** Whether `npm test -- all` runs the file. */
function isRun(file: string): boolean {
	if (/^test\/client\/suite\/.*\.test\.ts$/.test(file)) {
		const name = file.slice('test/client/suite/'.length).replace(/\.ts$/, '.js');
		return read('test/client/suite/index.ts').includes(`'./${name}'`);
	}
	if (/^scripts\/.*\.mjs$/.test(file)) {
		return read('scripts/test.mjs').includes(`'./${file.slice('scripts/'.length)}'`);
	}
	return /^test\/.*\.test\.ts$/.test(file);
}

describe('promises', () => {
	it('are found', () => {
		expect(rows.length).toBeGreaterThan(10);
		expect(hasTest('test/tidy/promises.test.ts', 'are found')).toBe(true);
		expect(hasTest('test/tidy/promises.test.ts', 'are')).toBe(false);
		expect(isRun('test/tidy/promises.ts')).toBe(false);
	});

	it.each(rows)('$promise', ({ madeIn, tests }) => {
		expect(madeIn.filter((place) => MADE_IN[place] === undefined)).toEqual([]);
		const missing = tests.flatMap(({ file, names }) =>
			names.filter((name) => !isRun(file) || !hasTest(file, name)).map((n) => `${file}: ${n}`),
		);
		expect(missing).toEqual([]);
	});

	it('are linked to where they are made', () => {
		expect(read('README.md')).toContain('](docs/security.md)');
		expect(read('SECURITY.md')).toContain('](docs/security.md)');
		expect(read('docs/security.md')).toContain('](../SECURITY.md)');
	});
});
