/**
 * Laws of the search on random programs: the reduced search finds what the plain one finds, paths replay and print.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dfs } from '../../engine/explore/dfs.js';
import type { Exploration } from '../../engine/explore/graph.js';
import type { Model } from '../../engine/explore/model.js';
import { type Path, parsePath, printPath, switches } from '../../engine/explore/path.js';
import { reduced } from '../../engine/explore/reduced.js';
import { replay, violates } from '../../engine/explore/replay.js';
import { shortest } from '../../engine/explore/shortest.js';
import { naiveFinals } from './naive_machine.js';
import { CELLS, plainWorld, randomWorld } from './random_program.js';
import { cellsOf, smallMachine } from './small_program.js';

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

/** Cost of the cheapest violating run, by relaxing every step of every (state, thread) until nothing improves. */
function cheapest(model: Model<number, string>, key: string): string {
	const costs = new Map<string, readonly [number, number]>();
	let best: readonly [number, number] = [Infinity, Infinity];
	const queue: { state: number; thread: number; cost: readonly [number, number] }[] = [
		{ state: model.initial(), thread: -1, cost: [0, 0] },
	];
	for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
		const id = `${at.state} ${at.thread}`;
		const known = costs.get(id);
		if (known !== undefined && !cheaper(at.cost, known)) continue;
		costs.set(id, at.cost);
		for (let thread = 0; thread < model.threads; thread++) {
			const switched = at.thread >= 0 && thread !== at.thread ? 1 : 0;
			const cost = [at.cost[0] + switched, at.cost[1] + 1] as const;
			for (const step of model.moves(at.state, thread).steps) {
				if (violates(model, step, key) && cheaper(cost, best)) best = cost;
				queue.push({ state: model.successor(at.state, thread, step), thread, cost });
			}
		}
	}
	return best.join(' ');
}

function cheaper(a: readonly [number, number], b: readonly [number, number]): boolean {
	return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
}

function cost(path: Path): readonly [number, number] {
	return [switches(path), path.length];
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
		console.log(
			`states: plain ${plainStates}, reduced ${reducedStates}; ${interesting} with violations`,
		);
		expect(interesting).toBeGreaterThan(RUNS / 10);
		expect(reducedStates).toBeLessThan(plainStates / 2);
	});

	test('the machine does what the plain semantics say', () => {
		let compared = 0;
		fc.assert(
			fc.property(plainWorld, (world) => {
				const expected = naiveFinals(world, 3000);
				if (expected === null) return;
				const machine = smallMachine(world);
				const { ends } = dfs(machine, { statesMax: STATES_MAX });
				const finished = ends.filter((e) => e.ending === 'finished');
				const finals = new Set(finished.map((e) => cellsOf(machine, e.state, CELLS)));
				expect([...finals].sort()).toEqual([...expected].sort());
				compared++;
			}),
			{ numRuns: RUNS / 10 },
		);
		expect(compared).toBeGreaterThan(RUNS / 20);
	});

	test('every violation replays to itself, by text', () => {
		let replayed = 0;
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
					replayed++;
				}
			}),
			{ numRuns: RUNS / 10 },
		);
		expect(replayed).toBeGreaterThan(RUNS / 100);
	});

	test('the shortest run is the cheapest there is, and replays to its violation', () => {
		let compared = 0;
		fc.assert(
			fc.property(randomWorld, (world) => {
				const machine = smallMachine(world);
				const found = reduced(machine, { statesMax: 500 });
				if (found.end !== 'exhausted') return;
				for (const { key, path } of found.violations) {
					const short = shortest(machine, { key, nodesMax: 100_000 });
					expect(short === null ? 'none' : cost(short).join(' ')).toBe(cheapest(machine, key));
					const run = replay(machine, short ?? []);
					const last = run.steps.at(-1);
					expect(run.kind).toBe('complete');
					expect(last !== undefined && violates(machine, last.step, key)).toBe(true);
					expect(cheaper(cost(path), cost(short ?? path))).toBe(false);
					compared++;
				}
			}),
			{ numRuns: RUNS / 10 },
		);
		expect(compared).toBeGreaterThan(RUNS / 100);
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
