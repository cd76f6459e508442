/**
 * Whether runs chosen for the first threads can be completed: every read must find a value its run allows, in the initial
 * state, in a chosen run, or in some run of a thread still to choose. Cuts off most combinations of runs in tests where
 * every thread has a branch.
 *
 * Invariant: `false` only for combinations without executions.
 */

import { possibleValues } from './contents.js';
import { R, type ThreadRun, W } from './event.js';
import type { LitmusProgram, LocationIndex } from './litmus_program.js';

/** Values a run can store, by location; null: any. */
type Supply = ReadonlyMap<LocationIndex, ReadonlySet<number> | null>;

interface Demand {
	readonly location: LocationIndex;
	readonly values: ReadonlySet<number>;
}

/** A test for prefixes of combinations: runs of threads 0 … n-1. */
export function suppliable(
	program: LitmusProgram,
	runs: readonly (readonly ThreadRun[])[],
): (chosen: readonly ThreadRun[]) => boolean {
	const supplies = new Map<ThreadRun, Supply>();
	const demands = new Map<ThreadRun, readonly Demand[]>();
	for (const run of runs.flat()) {
		supplies.set(run, supplyOf(run));
		demands.set(run, demandsOf(run));
	}
	const later = runs.map((_, thread) =>
		runs.slice(thread + 1).flatMap((own) => own.map((run) => supplies.get(run) as Supply)),
	);
	return (chosen) => {
		const sources = [
			...chosen.map((run) => supplies.get(run) as Supply),
			...(later[chosen.length - 1] ?? []),
		];
		return chosen.every((run) =>
			(demands.get(run) ?? []).every(
				({ location, values }) =>
					values.has(program.locations[location]?.initial ?? 0) ||
					sources.some((supply) => provides(supply, location, values)),
			),
		);
	};
}

function provides(supply: Supply, location: LocationIndex, wanted: ReadonlySet<number>): boolean {
	const given = supply.get(location);
	if (given === undefined) return false;
	if (given === null) return true;
	for (const value of given) if (wanted.has(value)) return true;
	return false;
}

function supplyOf(run: ThreadRun): Supply {
	const out = new Map<LocationIndex, Set<number> | null>();
	for (const { tags, location, value } of run.events) {
		if ((tags & W) === 0 || location === null || value === null) continue;
		const before = out.get(location);
		if (before === null) continue;
		const values = possibleValues(value, run.possible);
		out.set(location, values === null ? null : new Set([...(before ?? []), ...values]));
	}
	return out;
}

function demandsOf(run: ThreadRun): readonly Demand[] {
	return run.events.flatMap(({ tags, location }, i) => {
		const values = run.possible.get(i) ?? null;
		return (tags & R) === 0 || location === null || values === null ? [] : [{ location, values }];
	});
}
