/**
 * A check whose time is over between two scenarios, wherever that is: what was not explored is said, and never counts as explored.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkInterleavings } from '../../engine/check/runs/interleavings.js';
import { exploreLeaves } from '../../engine/check/runs/several_pages.js';
import { withoutCarets } from '../carets.js';
import { machinesFor } from '../runs.js';
import { repositoryRoot } from '../trees.js';

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');
const text = withoutCarets(read('test/fixtures/holds/stale-pin.c'));

/** Verdicts of a check that is told to stop when it comes to a scenario; `share`: of all its scenarios. */
function verdictsAfter(share: number): readonly string[] {
	const { machines } = machinesFor({ text, actors: ['zap', 'fork'] });
	let isOver = false;
	const observer = {
		cancelled: () => isOver,
		progress(done: number, total: number) {
			isOver ||= share < 1 && done >= Math.floor(total * share);
		},
	};
	return checkInterleavings(machines, observer, null).functions.map((f) => f.verdict);
}

describe('stopped between two scenarios', () => {
	test.each([0, 0.3, 0.6, 0.99])('after %d of them, nothing holds', (share) => {
		expect(verdictsAfter(share)).not.toContain('holds');
	});

	test('and not stopped, it holds', () => {
		expect(verdictsAfter(1)).toEqual(['holds']);
	});

	test('worlds of two pages that are not explored are told', () => {
		const { machines, scenarios } = machinesFor({
			text: withoutCarets(read('test/fixtures/holds/bad-entry-leaf.c')),
			actors: [],
		});
		const explored = scenarios.map(
			(scenario) =>
				({
					scenario,
					entered: new Set<never>(),
					arms: new Map(),
					unsupported: [],
					limit: null,
					result: {
						name: scenario.title,
						actors: [],
						states: 1,
						executions: 1,
						end: 'exhausted',
						entered: [],
					},
				}) as const,
		);
		const asking = {
			cancelled: () => true,
			explore: () => {
				throw new Error('it is explored');
			},
		};
		const told = exploreLeaves(machines, explored, asking);
		expect(told.map((e) => e.result.end)).toEqual(['cancelled']);
	});
});
