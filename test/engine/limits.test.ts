/**
 * Where a search ends before it is through, and searches over models that go round in circles.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dfs } from '../../engine/explore/dfs.js';
import type { Exploration, SearchLimits } from '../../engine/explore/graph.js';
import type { Model } from '../../engine/explore/model.js';
import { reduced } from '../../engine/explore/reduced.js';
import { shortest } from '../../engine/explore/shortest.js';
import { type CyclicState, cyclicModel } from './cyclic_model.js';
import { cell, lit, type SmallFunction, smallMachine } from './small_program.js';

type Search = <S, V>(model: Model<S, V>, limits: SearchLimits) => Exploration<S, V>;
const SEARCHES: readonly (readonly [string, Search])[] = [
	['dfs', dfs],
	['reduced', reduced],
];

/** A thread whose stores all conflict with those of its like. */
function writer(value: number): SmallFunction {
	const stores = Array.from({ length: 60 }, (_, i) => ({
		kind: 'store' as const,
		address: cell(0),
		value: lit(value * 100 + i),
		order: 'once' as const,
	}));
	return { registers: 0, ops: [...stores, { kind: 'return', value: null }] };
}

const machine = () => smallMachine({ functions: [writer(1), writer(2)], cells: [0] });

describe.each(SEARCHES)('limits of %s', (_name, search) => {
	test('the budget of states is a limit, and is kept', () => {
		const { end, states } = search(machine(), { statesMax: 100 });
		expect(end).toBe('limit');
		expect(states).toBe(100);
	});

	test('a budget that just suffices is no limit', () => {
		const { end, states } = search(machine(), { statesMax: 1_000_000 });
		expect(end).toBe('exhausted');
		expect(search(machine(), { statesMax: states }).end).toBe('exhausted');
		expect(search(machine(), { statesMax: states - 1 }).end).toBe('limit');
	});

	test('a search is cancelled while it runs', () => {
		let asked = 0;
		const { end, states } = search(machine(), {
			statesMax: 1_000_000,
			cancelled: () => ++asked === 2,
		});
		expect(end).toBe('cancelled');
		expect(states).toBeLessThan(10_000);
	});
});

/** What must agree between two searches of a model with cycles. */
function outcome(result: Exploration<CyclicState, string>) {
	return {
		violations: result.violations.map((v) => v.key).sort(),
		ends: result.ends.map((e) => `${e.ending} ${e.state.join(' ')}`).sort(),
	};
}

describe('cycles', () => {
	test('the reduced search ignores nobody', () => {
		let [plain, few, rounds] = [0, 0, 0];
		fc.assert(
			fc.property(cyclicModel, (model) => {
				const all = dfs(model, { statesMax: 100_000, endless: true });
				const some = reduced(model, { statesMax: 100_000, endless: true });
				expect(all.end).toBe('exhausted');
				expect(outcome(some)).toEqual(outcome(all));
				expect(some.endless !== null).toBe(all.endless !== null);
				if (all.endless !== null) rounds++;
				plain += all.states;
				few += some.states;
				for (const { key } of all.violations) {
					expect(shortest(model, { key, nodesMax: 100_000 })).not.toBeNull();
				}
			}),
			{ numRuns: 3000 },
		);
		expect(few).toBeLessThan(plain);
		expect(rounds).toBeGreaterThan(100);
	});

	test('a violation that is not there is not found, within the budget or without', () => {
		expect(shortest(machine(), { key: 'nothing', nodesMax: 100 })).toBeNull();
		expect(shortest(machine(), { key: 'nothing', nodesMax: 100_000 })).toBeNull();
	});
});
