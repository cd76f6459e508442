/**
 * One scenario of a walk explored for its guards: which of them acted, what broke, and how much there was to explore.
 */

import { CANCELLED } from '../../check/result.js';
import type { Scenario } from '../../check/scenario.js';
import type { ScenarioMachine, ScenarioMachines } from '../../check/scenario_machine.js';
import type { FoundViolation } from '../../explore/graph.js';
import { reduced } from '../../explore/reduced.js';
import { GHOST_BASE } from '../../mm/model/layout.js';
import { UNMODELLED, type Violation } from '../../mm/model/violation.js';
import type { FunctionIndex } from '../../program/op.js';
import type { Guard } from './guards.js';

/** What is kept of a scenario that was explored. */
export interface Seen {
	readonly scenario: Scenario;
	/** Guards that acted in some run. */
	readonly acted: ReadonlySet<Guard>;
	/** Guards that some run came to. */
	readonly met: ReadonlySet<Guard>;
	/** What is broken, with a run. */
	readonly violations: readonly FoundViolation<Violation>[];
	/** `rule@function` of what is broken. */
	readonly broken: ReadonlySet<string>;
	/** Digest of what memory holds when runs end: the same where every outcome is. */
	readonly outcomes: string;
	/** Why not every run was followed to its end, or null. */
	readonly open: string | null;
}

/** The same with the machine, whose states take much memory. */
export interface Look extends Seen {
	readonly scenarioMachine: ScenarioMachine;
}

export interface Marks {
	readonly guards: readonly Guard[];
	/** Function that is entered when the first of them acts; as many behind it, when a run comes to them. */
	readonly first: number;
}

export function look(
	machines: ScenarioMachines,
	scenario: Scenario,
	options: { readonly marks: Marks | null; cancelled(): boolean },
): Look {
	const scenarioMachine = machines.of(scenario);
	const exploration = reduced(scenarioMachine.machine, {
		statesMax: machines.walk.request.statesMax,
		cancelled: () => options.cancelled(),
	});
	const violations = exploration.violations.filter((v) => v.violation.rule !== UNMODELLED);
	const unmodelled = exploration.violations.find((v) => v.violation.rule === UNMODELLED);
	const { states, deadlock } = exploration;
	const [cut] = exploration.cuts;
	const open = (): string | null => {
		if (exploration.end === 'limit') return `the limit of ${states} states was met`;
		if (exploration.end === 'cancelled') return CANCELLED;
		if (cut?.incident.kind === 'unsupported') return cut.incident.reason;
		if (cut !== undefined) return 'a bound was met';
		if (deadlock !== null) return 'a run ends in a deadlock of the model';
		return unmodelled?.violation.message ?? null;
	};
	const { marks } = options;
	const entered = (behind: number): ReadonlySet<Guard> =>
		new Set(
			marks?.guards.filter((_, i) =>
				scenarioMachine.entered.has((marks.first + behind + i) as FunctionIndex),
			),
		);
	return {
		scenario,
		scenarioMachine,
		acted: entered(0),
		met: entered(marks?.guards.length ?? 0),
		violations,
		broken: new Set(violations.map((v) => ruleAt(v.violation))),
		outcomes: outcomesOf(scenarioMachine, exploration.ends),
		open: open(),
	};
}

/** Every outcome's cells (the monitor's own left out) folded into numbers, and those added up. */
function outcomesOf(
	{ machine, world }: ScenarioMachine,
	ends: readonly { readonly state: number; readonly ending: string }[],
): string {
	const addresses = world.cells.flatMap(({ address }) => (address < GHOST_BASE ? [address] : []));
	const known = new Set<number>();
	for (const { state, ending } of ends) {
		let [a, b] = [ending.length, 0];
		for (const address of addresses) {
			const word = machine.valueAt(state, address) ?? 0;
			a = (Math.imul(a, 31) + word) | 0;
			b = (Math.imul(b ^ (word % 0x7fff_ffff), 0x5bd1_e995) + 1) | 0;
		}
		known.add((a >>> 0) * 0x20_0000 + ((b >>> 0) % 0x20_0000));
	}
	return [...known].sort((x, y) => x - y).join(' ');
}

/** A broken rule wherever in the function: `stale-pin@12`. */
export function ruleAt(violation: Violation): string {
	return `${violation.rule}@${violation.function}`;
}

/** Adversaries of a scenario as one name: `zap`, `truncate+evict`; null: none. */
export function adversaryOf(scenario: Scenario): string | null {
	return scenario.actors.length === 0 ? null : scenario.actors.join('+');
}
