/**
 * What interleavings show and what executions show, held against each other on walks: the executions that interleavings give,
 * told to the monitor (engine/lkmm/orders.ts), break the very rules that exploring all interleavings breaks. An interleaving
 * that is none of the executions, or an order of one that is told wrong, makes a difference.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import type { Scenario } from '../../engine/check/scenario.js';
import type { ScenarioMachines } from '../../engine/check/scenario_machine.js';
import { reduced } from '../../engine/explore/reduced.js';
import { judgeOrders } from '../../engine/lkmm/orders.js';
import { lkmmRuns } from '../../engine/lkmm/scenario_runs.js';
import { Compatibility } from '../../engine/memory/lkmm/compatible.js';
import { executionsOf } from '../../engine/memory/lkmm/pair.js';
import { UNMODELLED, type Violation } from '../../engine/mm/model/violation.js';
import { withoutCarets } from '../carets.js';
import { fixtureArch } from '../fixture_arch.js';
import { machinesFor } from '../runs.js';
import { repositoryRoot } from '../trees.js';

const folder = join(repositoryRoot, 'test/fixtures');
/** Scenarios of a fixture, spread over all of them. */
const SCENARIOS = 8;

const nameOf = (v: Violation): string => `${v.rule}@${v.function}`;

/** Rules that interleavings break; null: they were not all explored. */
function byInterleavings(machines: ScenarioMachines, scenario: Scenario): readonly string[] | null {
	const { machine } = machines.of(scenario);
	const { end, cuts, violations } = reduced(machine, {
		statesMax: 60_000,
		cancelled: () => false,
	});
	if (end !== 'exhausted' || cuts.length > 0) return null;
	if (violations.some((v) => v.violation.rule === UNMODELLED)) return null;
	return [...new Set(violations.map((v) => nameOf(v.violation)))].sort();
}

/** Rules that the executions that interleavings give break, and how many these are; null: not all runs were made. */
function byExecutions(
	machines: ScenarioMachines,
	scenario: Scenario,
): { readonly rules: readonly string[]; readonly executions: number } | null {
	const lkmm = lkmmRuns(machines, scenario, { cancelled: () => false, proceed: () => true });
	const [walks = [], adversaries = []] = lkmm.made.runs;
	if (lkmm.made.limit !== null || walks.length * adversaries.length > 4000) return null;
	const compatibility = new Compatibility(lkmm.options.program);
	const rules = new Set<string>();
	let executions = 0;
	for (const walk of walks) {
		for (const adversary of adversaries) {
			if (!compatibility.meet(walk.run, adversary.run)) continue;
			const runs = [walk, adversary];
			executionsOf(
				runs.map((r) => r.run),
				lkmm.options,
				(snapshot) => {
					if (!snapshot.isSequential) return true;
					executions++;
					const said = judgeOrders(lkmm, runs, snapshot);
					expect(said.kind).toBe('told');
					if (said.kind !== 'told') return false;
					expect(said.open).toEqual([]);
					for (const v of said.violations) rules.add(nameOf(v));
					return executions < 20_000;
				},
			);
		}
	}
	return { rules: [...rules].sort(), executions };
}

/** Fixtures, and how many of their scenarios are compared at least. */
const CASES = [
	['violated/stale-pin', 4],
	['holds/stale-pin', 4],
	['violated/shared-anon-pin', 4],
	['holds/shared-anon-pin', 4],
	['violated/fork-pin', 4],
	['holds/fork-pin', 4],
	['violated/reference-leak', 4],
	['violated/use-after-free', 4],
	['holds/use-after-free', 4],
	['violated/racing-mapping', 4],
	['violated/permission', 4],
	['violated/misplaced-page', 4],
] as const;

describe('interleavings and the executions that they give', () => {
	it.each(CASES)('break the same rules: %s', (name, atLeast) => {
		const text = withoutCarets(readFileSync(join(folder, `${name}.c`), 'utf8'));
		const { machines, scenarios } = machinesFor({ text, arch: fixtureArch(text) });
		const alone = scenarios.filter((s) => s.actors.length === 1);
		const every = Math.max(1, Math.floor(alone.length / SCENARIOS));
		let compared = 0;
		for (const scenario of alone.filter((_, i) => i % every === 0)) {
			const expected = byInterleavings(machines, scenario);
			const found = expected === null ? null : byExecutions(machines, scenario);
			if (expected === null || found === null) continue;
			compared++;
			expect([scenario.title, ...found.rules]).toEqual([scenario.title, ...expected]);
			expect(found.executions).toBeGreaterThan(0);
		}
		expect(compared).toBeGreaterThanOrEqual(atLeast);
	});
});
