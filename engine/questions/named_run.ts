/** A run by its own id, on the machine of its scenario. */
import type { CheckRequest } from '../check/request.js';
import type { Scenario } from '../check/scenario.js';
import { machinesOf, type ScenarioMachine } from '../check/scenario_machine.js';
import { scenarioNamed } from '../check/scenarios.js';
import { type Path, parsePath } from '../explore/path.js';
import { replay } from '../explore/replay.js';

export interface NamedRun {
	readonly of: ScenarioMachine;
	readonly scenario: Scenario;
	readonly path: Path;
}

/** Null: it is none of this walk, or it is an execution under lkmm, which is no order of steps. */
export function runNamed(request: CheckRequest, id: string): NamedRun | null {
	const [name = '', choices = ''] = id.split(':');
	if (choices.startsWith('lkmm.') || request.memory === 'lkmm') return null;
	const path = parsePath(choices);
	if (path === null) return null;
	const machines = machinesOf(request);
	if (machines.kind === 'unknown') return null;
	const scenario = scenarioNamed(machines.walk, name);
	if (scenario === null) return null;
	const of = machines.of(scenario);
	return replay(of.machine, path).kind === 'impossible' ? null : { of, scenario, path };
}
