/**
 * Numbers of executions of families of tests, where a formula gives them.
 */
import { describe, expect, test } from 'vitest';
import { DEFAULT_OPTIONS, outcomes } from '../../engine/memory/lkmm/outcomes.js';
import { parseLitmus } from '../../server/litmus/parse.js';
import { FAMILIES } from './families.js';

const SIZES: Readonly<Record<string, readonly number[]>> = {
	lock: [1, 2, 5, 8],
	'lock-observed': [2, 4, 5],
	increment: [2, 6, 8],
	'increment-observed': [2, 4, 6],
	cmpxchg: [2, 5, 8],
	'writes-and-reads': [1, 4, 8],
	seqlock: [1, 2, 4],
	'store-buffering': [2, 5, 8],
	rcu: [2, 4, 8],
};

describe.each(FAMILIES.map((f) => [f.name, f] as const))('%s', (name, family) => {
	test.each(SIZES[name] ?? [])('%i', (n) => {
		const found = outcomes(parseLitmus(family.text(n)).program, DEFAULT_OPTIONS);
		expect(found.limit).toBe(null);
		expect(found.positive + found.negative).toBe(family.executions(n));
	});
});

test('equal threads are explored in one order only', () => {
	const lock = FAMILIES.find((f) => f.name === 'lock');
	const found = outcomes(parseLitmus(lock?.text(8) ?? '').program, DEFAULT_OPTIONS);
	expect(found.explored).toBe(1);
	expect(found.positive).toBe(40_320);
});
