/**
 * Laws of the search on random programs: the reduced search finds what the plain one finds, paths replay and print.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dfs } from '../../engine/explore/dfs.js';
import type { Exploration } from '../../engine/explore/graph.js';
import { parsePath, printPath } from '../../engine/explore/path.js';
import { reduced } from '../../engine/explore/reduced.js';
import { replay, violates } from '../../engine/explore/replay.js';
import { randomWorld } from './random_program.js';
import { smallMachine } from './small_program.js';

const RUNS = 3000;
const STATES_MAX = 20_000;

/** What a search says of a program, without the ways it took. */
function outcome(result: Exploration<number, string>) {
	return {
		violations: result.violations.map((v) => v.key).sort(),
		cuts: result.cuts.map((c) => `${c.incident.kind} ${JSON.stringify(c.incident)}`).sort(),
		ends: result.ends.map((e) => `${e.ending} ${e.state}`).sort(),
	};
}

describe('laws of the search', () => {
	test('the reduced search agrees with the plain one', () => {
		let [plainStates, reducedStates, interesting] = [0, 0, 0];
		fc.assert(
			fc.property(randomWorld, (world) => {
				const machine = smallMachine(world);
				const few = reduced(machine, { statesMax: STATES_MAX });
				const all = dfs(machine, { statesMax: STATES_MAX });
				if (all.end !== 'exhausted') return;
				expect(few.end).toBe('exhausted');
				expect(outcome(few)).toEqual(outcome(all));
				expect(few.states).toBeLessThanOrEqual(all.states);
				plainStates += all.states;
				reducedStates += few.states;
				if (all.violations.length > 0) interesting++;
			}),
			{ numRuns: RUNS },
		);
		console.log(`states: plain ${plainStates}, reduced ${reducedStates}; ${interesting} with violations`);
		expect(interesting).toBeGreaterThan(RUNS / 10);
		expect(reducedStates).toBeLessThan(plainStates / 2);
	});

	test('every violation replays to itself, by text', () => {
		fc.assert(
			fc.property(randomWorld, (world) => {
				const found = reduced(smallMachine(world), { statesMax: STATES_MAX });
				const machine = smallMachine(world);
				for (const { key, path } of found.violations) {
					const text = printPath(path);
					expect(parsePath(text)).toEqual(path);
					const run = replay(machine, parsePath(text) ?? []);
					expect(run.kind).toBe('complete');
					const last = run.steps.at(-1);
					expect(last !== undefined && violates(machine, last.step, key)).toBe(true);
				}
			}),
			{ numRuns: RUNS / 10 },
		);
	});

	test('paths print and parse', () => {
		const choice = fc.record({ thread: fc.nat(3), alternative: fc.nat(2) });
		fc.assert(
			fc.property(fc.array(choice), (path) => {
				expect(parsePath(printPath(path))).toEqual(path);
			}),
		);
		for (const text of ['x', '0*', '0,,1', '0.1.2', '-1', '0*999999,0*999999']) {
			expect(parsePath(text)).toBeNull();
		}
	});
});
