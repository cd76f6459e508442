/**
 * Scenarios share worlds, automata, monitors and steps with those prepared before them. Whatever was prepared before, one
 * must say what it says when it is the first and only one.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../engine/check/scenario.js';
import { ScenarioMachines } from '../../engine/check/scenario_machine.js';
import { reduced } from '../../engine/explore/reduced.js';
import { FOLL } from '../../engine/mm/model/foll.js';
import { withoutCarets } from '../carets.js';
import { machinesFor } from '../runs.js';

const BUDGET = { statesMax: 100_000 };
const LONGEST = FOLL.FOLL_PIN | FOLL.FOLL_LONGTERM | FOLL.FOLL_WRITE;

function said(machines: ScenarioMachines, scenario: Scenario): object {
	const scenarioMachine = machines.of(scenario);
	const { states, steps, executions, violations, end } = reduced(scenarioMachine.machine, BUDGET);
	const entered = [...scenarioMachine.entered].sort((a, b) => a - b);
	return { name: scenario.name, states, steps, executions, violations, end, entered };
}

const WALK = withoutCarets(
	readFileSync(new URL('../fixtures/holds/stale-pin-whole-walk.c', import.meta.url), 'utf8'),
);

/** The walk without something that it does. */
function without(...gone: readonly string[]): string {
	return gone.reduce((text, part) => {
		if (!text.includes(part)) throw new Error(`the walk has no ${part}`);
		return text.replace(part, '');
	}, WALK);
}

describe('a scenario says the same whatever was prepared before it', () => {
	it.each([
		['a walk that is right', WALK],
		// here a device writes later in some scenarios of a world, which its monitor has to know in those alone
		['one that pins pages of files', without('(how & FOLL_LONGTERM) || ', '!PageAnon(page) ||')],
		['one that looks at no entry again', without(' || pte_val(seen) != pte_val(*slot)')],
	])('%s', (_, text) => {
		const { machines, scenarios } = machinesFor({ text });
		// the flags that ask most, with every adversary
		const list = scenarios.filter((s) => s.flags === LONGEST);
		expect(new Set(list.flatMap((s) => s.actors)).size).toBeGreaterThan(10);
		const forth = list.map((s) => said(machines, s));
		const back = [...list].reverse().map((s) => said(machines, s));
		expect([...back].reverse()).toEqual(forth);
		expect(forth).toEqual(list.map((s) => said(new ScenarioMachines(machines.walk), s)));
	});
});
