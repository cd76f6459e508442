/**
 * A check whose time is over between two scenarios, wherever that is: what was not explored is said, and never counts as explored.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CheckResult, Explored } from '../../engine/check/result.js';
import { checkInterleavings } from '../../engine/check/runs/interleavings.js';
import { exploreLeaves } from '../../engine/check/runs/several_pages.js';
import { ScenarioMemo } from '../../engine/check/scenario_memo.js';
import { verdictsOf } from '../../engine/check/verdicts.js';
import { withoutCarets } from '../carets.js';
import { fixtureArch } from '../fixture_arch.js';
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
	return checkInterleavings(machines, observer, { memo: null }).functions.map((f) => f.verdict);
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

/** What a check says holds, of functions and of adversaries. */
function holdingIn({ functions }: CheckResult): readonly string[] {
	return functions.flatMap(({ name, verdict, byActor }) =>
		[{ actor: '', verdict }, ...byActor].flatMap((each) =>
			each.verdict === 'holds' ? [`${name} ${each.actor}`] : [],
		),
	);
}

/** A signal that says no so many times, and yes once or from then on. */
function signal(looks: number, once: boolean): { cancelled(): boolean; looked(): number } {
	let looked = 0;
	return {
		cancelled: () => (once ? ++looked === looks + 1 : ++looked > looks),
		looked: () => looked,
	};
}

/** Looks at which a check is told to stop: all over it, and the last ones. */
const SHARES = Array.from({ length: 18 }, (_, i) => i / 18);
const LAST = [1, 2, 3, 4, 6, 8];

describe('cut off', () => {
	const { machines, scenarios } = machinesFor({ text, actors: ['zap'] });
	const { functions } = machines.walk.request;
	const explored = (at: number, said: Partial<Explored>): Explored => {
		const scenario = scenarios[at];
		if (scenario === undefined) throw new Error('no scenario');
		const { title, actors } = scenario;
		return {
			...{ scenario, entered: new Set(functions), arms: new Map(), unsupported: [], limit: null },
			result: { name: title, actors, states: 1, executions: 1, entered: [], end: 'exhausted' },
			...said,
		};
	};
	const verdicts = (said: Partial<Explored>, cancelled = false): readonly string[] => {
		const evidence = { findings: [], coverage: null, cancelled };
		const terms = { assumptions: [], witness: () => '', needsWitness: false };
		const list = [explored(0, {}), explored(1, said)];
		const told = verdictsOf(machines, { ...evidence, explored: list, terms });
		return [...new Set(told.map((f) => f.verdict))];
	};
	const none = new Set<never>();

	test('nowhere', () => {
		expect(verdicts({})).toEqual(['holds']);
	});

	test('before a function that another scenario entered', () => {
		const limit = { why: 'a bound was met', isOpen: true };
		expect(verdicts({ entered: none, limit })).toEqual(['inconclusive']);
	});

	test('where the kernel stops: nothing is behind it', () => {
		const limit = { why: 'a run ends in BUG()', isOpen: false };
		expect(verdicts({ entered: none, limit })).toEqual(['holds']);
	});

	test('by who asked for it', () => {
		expect(verdicts({}, true)).toEqual(['inconclusive']);
	});
});

describe('stopped at any look', () => {
	test.each([
		'violated/stale-pin-order',
		'violated/stale-pin-seldom-flag',
		'violated/reference-leak-two-of-leaf',
		'violated/wrong-folio-any-page',
		'holds/stale-pin-order',
	])('%s: what holds is what the full check says holds', (name) => {
		const walk = withoutCarets(read(`test/fixtures/${name}.c`));
		const { machines } = machinesFor({ text: walk, arch: fixtureArch(walk) });
		// what was explored once is known: a check then looks between scenarios
		const memo = new ScenarioMemo();
		const checked = (looks: number, once = false) => {
			const { cancelled, looked } = signal(looks, once);
			const result = checkInterleavings(machines, { cancelled, progress() {} }, { memo });
			return { holding: holdingIn(result), looked: looked() };
		};
		checked(Number.POSITIVE_INFINITY);
		const full = checked(Number.POSITIVE_INFINITY);
		const looks = [
			...SHARES.map((share) => Math.floor(full.looked * share)),
			...LAST.map((last) => Math.max(0, full.looked - last)),
		];
		const wrong = [...new Set(looks)].flatMap((k) =>
			[checked(k), checked(k, true)].flatMap(({ holding }) =>
				holding.flatMap((each) => (full.holding.includes(each) ? [] : [`${k}: ${each}`])),
			),
		);
		expect(wrong).toEqual([]);
	});
});
