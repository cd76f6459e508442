/**
 * What a check makes of what it leaves out: worlds that may be count in any case, bounds on worlds that the code asks for are
 * told, and what is right for a reader is not concluded from a search that was cut off.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Explored } from '../../engine/check/result.js';
import { attempt } from '../../engine/check/runs/changed_worlds.js';
import { checkInterleavings } from '../../engine/check/runs/interleavings.js';
import { scenarioAfter } from '../../engine/check/scenarios.js';
import { type Change, isSound } from '../../engine/mm/model/change.js';
import { withoutCarets } from '../carets.js';
import { machinesFor } from '../runs.js';
import { repositoryRoot } from '../trees.js';

function fixture(path: string): string {
	return withoutCarets(readFileSync(join(repositoryRoot, 'test/fixtures', path), 'utf8'));
}

const OPEN = { cancelled: () => false, progress() {} };
const text = fixture('holds/stale-pin-order.c');

describe('a world that is tried for an arm', () => {
	const { scenarios } = machinesFor({ text, actors: ['zap'] });
	const [scenario] = scenarios;
	if (scenario === undefined) throw new Error('no scenario');
	const plain: Change = { kind: 'mark', folio: 0, mark: 'PG_dirty' };
	const strange: Change = { kind: 'exclusive', folio: 0 };

	/** Tries a change whose world ends so: which scenarios count, and whether what went wrong was told. */
	function tried(change: Change, end: Explored['result']['end']) {
		if (scenario === undefined) throw new Error('no scenario');
		const made = scenarioAfter(scenario, change);
		const told: boolean[] = [];
		const explore = (each: typeof made, tells: boolean): Explored => {
			told.push(tells);
			const { title: name, actors } = each;
			return {
				...{ scenario: each, entered: new Set(), arms: new Map(), unsupported: [] },
				limit: end === 'limit' ? { why: 'a bound was met', isOpen: true } : null,
				result: { name, actors, states: 1, executions: 1, entered: [], end },
			};
		};
		const possible = { configured: new Map(), called: new Map() };
		const asking = { possible, cancelled: () => false, explore };
		const isTaken = (): boolean => false;
		const counted = attempt([], { scenario, change, made, asking, isTaken });
		return { ends: counted.map((e) => e.result.end), told };
	}

	test('counts if it may be, taken or not, when something goes wrong in it', () => {
		expect(isSound(plain, scenario.spec)).toBe(true);
		expect(tried(plain, 'violated')).toEqual({ ends: ['violated'], told: [true] });
	});

	test('counts if it may be when it was not explored to its end', () => {
		expect(tried(plain, 'limit')).toEqual({ ends: ['limit'], told: [true] });
		expect(tried(plain, 'cancelled')).toEqual({ ends: ['cancelled'], told: [true] });
	});

	test('does not where no kernel may have it', () => {
		expect(isSound(strange, scenario.spec)).toBe(false);
		expect(tried(strange, 'violated')).toEqual({ ends: [], told: [false] });
		expect(tried(strange, 'limit')).toEqual({ ends: [], told: [false] });
	});
});

describe('marks that a walk asks for', () => {
	const MARKS = ['dirty', 'writeback', 'idle', 'uptodate', 'referenced', 'active', 'lru'];
	const MORE = ['unevictable', 'private', 'mlocked', 'workingset'];

	/** The walk gives each page back that has one of the marks. */
	function verdictWith(marks: readonly string[]) {
		const asked = marks.map((mark) => `folio_test_${mark}(folio)`).join(' || ');
		const walk = text.replace('!folio_test_anon(folio) ||', `$& ${asked} ||`);
		expect(walk).toContain(asked);
		const { machines } = machinesFor({ text: walk });
		const [said] = checkInterleavings(machines, OPEN, { memo: null }).functions;
		return { verdict: said?.verdict, why: said?.why };
	}

	test('are all tried where they are few', () => {
		expect(verdictWith(MARKS.slice(0, 4)).verdict).toBe('holds');
	});

	test('are said to be too many where they are', () => {
		const { verdict, why } = verdictWith([...MARKS, ...MORE]);
		expect(verdict).toBe('inconclusive');
		expect(why).toContain('it asks for more than 8 marks');
	});
});

describe('what a reader returns locked', () => {
	const reader = fixture('holds/unbalanced-map-handed-unlocked.c');

	test('is known once all its runs were looked at', () => {
		const { machines, scenarios } = machinesFor({ text: reader });
		expect(scenarios.map((s) => machines.of(s).unclear)).toEqual(scenarios.map(() => null));
	});

	test('is not known of a search that was cut off', () => {
		const { machines, scenarios } = machinesFor({ text: reader, statesMax: 5 });
		for (const scenario of scenarios) expect(machines.of(scenario).unclear).toContain('not known');
	});
});
