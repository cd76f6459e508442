/**
 * Arms behind a WARN_ON(), explored as if its condition had been true (forced.ts): in the worlds in which some run came to
 * the branch, without an adversary. What breaks a rule then is a warning.
 */

import type { Path } from '../../explore/path.js';
import { reduced } from '../../explore/reduced.js';
import { addArm, armsByFunction, branchArm, hasArm, noArms } from '../../memory/thread/arms.js';
import { UNMODELLED, type Violation } from '../../mm/model/violation.js';
import type { Arm } from '../coverage/arms.js';
import { type Arms, unionOfArms } from '../coverage/arms.js';
import { type Possible, warningArms } from '../coverage/coverage.js';
import { forcedProgram } from '../coverage/forced.js';
import type { Explored } from '../result.js';
import { aloneIn, type Scenario } from '../scenario.js';
import { ScenarioMachines } from '../scenario_machine.js';

/** A rule broken once the arm was taken. */
export interface Warned {
	readonly arm: Arm;
	readonly violation: Violation;
	readonly scenario: Scenario;
	readonly path: Path;
}

/** Worlds in which an arm is tried, at most. */
const WORLDS_MAX = 12;

/** `arms`: all that were taken, those of runs with something forced included where all of these ended well. */
export function exploreWarnings(
	machines: ScenarioMachines,
	explored: readonly Explored[],
	{ possible, cancelled }: { readonly possible: Possible; cancelled(): boolean },
): { readonly arms: Arms; readonly warned: readonly Warned[] } {
	const { program, root } = machines.walk.request;
	const taken = unionOfArms(explored.flatMap((e) => e.arms ?? []));
	const gained: Arms[] = [taken];
	const warned: Warned[] = [];
	for (const arm of warningArms(program, root, { taken, possible })) {
		if (cancelled()) break;
		const told = withArm(machines, explored, { arm, cancelled });
		warned.push(...told.warned);
		gained.push(...told.arms);
	}
	return { arms: unionOfArms(gained), warned };
}

function withArm(
	machines: ScenarioMachines,
	explored: readonly Explored[],
	{ arm, cancelled }: { readonly arm: Arm; cancelled(): boolean },
): { readonly arms: readonly Arms[]; readonly warned: readonly Warned[] } {
	const forced = machinesWhen(machines, arm);
	const arms: Arms[] = [];
	const warned: Warned[] = [];
	let decided = true;
	for (const scenario of meeting(explored, arm)) {
		const { machine, program } = forced.of(scenario);
		const { statesMax } = machines.walk.request;
		const exploration = reduced(machine, { statesMax, cancelled, endless: false });
		const broken = exploration.violations.filter((v) => v.violation.rule !== UNMODELLED);
		for (const { violation, path } of broken) warned.push({ arm, violation, scenario, path });
		decided &&= exploration.end === 'exhausted' && exploration.cuts.length === 0;
		decided &&= broken.length === exploration.violations.length;
		arms.push(armsByFunction(program, machine.arms()));
	}
	if (!decided || arms.length === 0) return { arms: [], warned };
	return { arms: [...arms, only(machines, arm)], warned };
}

/** Machines of the program in which the arm is always taken. */
export function machinesWhen({ walk }: ScenarioMachines, arm: Arm): ScenarioMachines {
	const program = forcedProgram(walk.request.program, arm);
	return new ScenarioMachines({ ...walk, request: { ...walk.request, program } });
}

/** Worlds whose runs came to the branch, each once, with nobody else about. */
function meeting(explored: readonly Explored[], arm: Arm): readonly Scenario[] {
	const worlds = new Map<string, Scenario>();
	const other = branchArm(arm.branch, !arm.then);
	for (const { arms, scenario } of explored) {
		if (worlds.size >= WORLDS_MAX) break;
		if (!hasArm(arms?.get(arm.function), other) || worlds.has(scenario.spec.name)) continue;
		worlds.set(scenario.spec.name, aloneIn(scenario));
	}
	return [...worlds.values()];
}

function only({ walk }: ScenarioMachines, arm: Arm): Arms {
	const bits = noArms(walk.request.program.functions[arm.function]?.ops.length ?? 0);
	addArm(bits, branchArm(arm.branch, arm.then));
	return new Map([[arm.function, bits]]);
}
