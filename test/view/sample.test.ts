/** The sample to learn with: its mistakes are found in it, and one at a time is switched on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mistakesIn, switching } from '../../client/sample_text.js';
import { repositoryRoot } from '../trees.js';

const SAMPLE = readFileSync(join(repositoryRoot, 'samples/gup_fast.c'), 'utf8');

function switched(text: string, name: string): string {
	const lines = text.split('\n');
	for (const { line, column, digit } of switching(mistakesIn(text), name)) {
		const before = lines[line] ?? '';
		lines[line] = before.slice(0, column) + digit + before.slice(column + 1);
	}
	return lines.join('\n');
}

function on(text: string): readonly string[] {
	return mistakesIn(text).flatMap(({ name, isOn }) => (isOn ? [name] : []));
}

test('it has five mistakes, each told in words, and none is on', () => {
	const found = mistakesIn(SAMPLE);
	expect(found.map(({ name }) => name)).toEqual([
		...['NO_RECHECK', 'INTERRUPTS_ON', 'NO_FORK_CHECK', 'NO_PERMISSION', 'LEAK'],
	]);
	expect(on(SAMPLE)).toEqual([]);
	for (const { what } of found) expect(what).toMatch(/^[a-z].{10,}$/);
});

test('one is on at a time, and the same click switches it off', () => {
	for (const { name } of mistakesIn(SAMPLE)) {
		const once = switched(SAMPLE, name);
		expect(on(once)).toEqual([name]);
		expect(switched(once, name)).toBe(SAMPLE);
		expect(on(switched(once, 'LEAK'))).toEqual(name === 'LEAK' ? [] : ['LEAK']);
	}
	expect(switched(SAMPLE, 'nothing')).toBe(SAMPLE);
});

test('every mistake that the walkthrough offers is one of the sample', () => {
	const manifest = readFileSync(join(repositoryRoot, 'package.nls.json'), 'utf8');
	const offered = [...manifest.matchAll(/racewalk\.sampleMistake\?%22([A-Z_]+)%22/g)];
	expect(offered.map(([, name]) => name).sort()).toEqual(
		mistakesIn(SAMPLE)
			.map(({ name }) => name)
			.sort(),
	);
});
