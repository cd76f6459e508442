/** The sample to learn with is right as it stands, and each of its mistakes is found, by the rule that it is about. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { analysisOf } from '../analysis.js';
import { repositoryRoot } from '../trees.js';

const SAMPLE = readFileSync(join(repositoryRoot, 'samples/gup_fast.c'), 'utf8');

function check(mistake: string | null) {
	const text =
		mistake === null ? SAMPLE : SAMPLE.replace(`#define ${mistake} 0`, `#define ${mistake} 1`);
	return analysisOf({ text, path: 'gup_fast.c', depth: 'core' });
}

test('as it stands, every function holds', () => {
	const { functions, findings, unsupported } = check(null);
	expect(functions.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
		...['units', 'walk_ptes', 'walk_pmds', 'walk_puds', 'give_back', 'small_gup_fast'].map(
			(name) => `${name} holds`,
		),
	]);
	expect(findings).toEqual([]);
	expect(unsupported).toEqual([]);
});

test.each([
	['NO_RECHECK', 'stale-pin'],
	['INTERRUPTS_ON', 'use-after-free'],
	['NO_FORK_CHECK', 'fork-pin'],
	['NO_PERMISSION', 'permission'],
	['LEAK', 'reference-leak'],
])('%s is found as %s', (mistake, rule) => {
	const { findings } = check(mistake);
	expect(findings.map((f) => f.rule)).toContain(rule);
});
