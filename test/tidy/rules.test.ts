/**
 * Every rule is whole: a property of its name, a documentation page, and fixtures in pairs, one that violates it and
 * one of the same name that has the missing guard. And ARCHITECTURE.md names every file that simplifies the kernel.
 */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES, type Rule } from '../../engine/rules/verdict.js';
import { repositoryRoot } from '../trees.js';
import { allFiles, read } from './sources.js';

/** Rules without a property, and why. */
const NOT_YET: Partial<Readonly<Record<Rule, string>>> = {
	'data-race': 'of litmus tests, not of walks: its pair is test/fixtures/litmus/data-race-*.litmus',
	'reached-unsupported': 'information about a verdict, not a property of a run',
};

const rules = RULES.filter((rule) => NOT_YET[rule] === undefined);
const files = allFiles();
const fixtures = files.filter((path) => /^test\/fixtures\/violated\/.*\.c$/.test(path));

function exists(path: string): boolean {
	return existsSync(join(repositoryRoot, path));
}

describe('every rule', () => {
	it('has a documentation page', () => {
		expect(RULES.filter((rule) => !exists(`docs/rules/${rule}.md`))).toEqual([]);
	});

	it('has a violated fixture that expects it', () => {
		const expected = new Set(
			fixtures.flatMap((path) => [...read(path).matchAll(/\[([a-z-]+)\]/g)].map((m) => m[1])),
		);
		expect(rules.filter((rule) => !expected.has(rule))).toEqual([]);
	});

	it('has a holding twin for each violated fixture', () => {
		const twins = fixtures.map((path) => `test/fixtures/holds/${basename(path)}`);
		expect(twins.filter((path) => !exists(path))).toEqual([]);
	});

	it('has no page without a rule', () => {
		const pages = files.filter((path) => /^docs\/rules\/.*\.md$/.test(path));
		const known: readonly string[] = RULES;
		expect(pages.filter((path) => !known.includes(basename(path, '.md')))).toEqual([]);
	});
});

describe('ARCHITECTURE.md', () => {
	it('names every file that has a Model paragraph', () => {
		const text = read('ARCHITECTURE.md');
		const simplifying = files.filter(
			(path) => /^(?:engine|server)\/.*\.(?:ts|c)$/.test(path) && /\bModel: /.test(read(path)),
		);
		expect(simplifying.filter((path) => !text.includes(path))).toEqual([]);
	});

	it('says of no file that it simplifies without a Model paragraph there', () => {
		const [, after = ''] = read('ARCHITECTURE.md').split('## What the model leaves out');
		const rows = (after.split('\n## ')[0] ?? '').split('\n').filter((row) => row.startsWith('| `'));
		const named = rows.flatMap((row) => [...(row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)]);
		const paths = [...new Set(named.map(([, path = '']) => path))];
		expect(paths.length).toBeGreaterThan(40);
		expect(paths.filter((path) => !/\bModel: /.test(read(path)))).toEqual([]);
	});

	it('is short', () => {
		expect(read('ARCHITECTURE.md').split('\n').length).toBeLessThanOrEqual(300);
	});
});
