/** The trace of a scenario's run. */
import type { Path } from '../../explore/path.js';
import { labelsOf } from '../../mm/model/labels.js';
import { narrate } from '../../trace/narrate.js';
import type { Trace } from '../../trace/trace.js';
import type { ScenarioMachine } from '../scenario_machine.js';

/** The trace of a run; `violation`: what its last step breaks. Null when the machine cannot take that path. */
export function traceOfRun(
	{ machine, program, world, scenario }: ScenarioMachine,
	path: Path,
	violation: string | null,
): Trace | null {
	const labels = labelsOf(program, world);
	const trace = narrate(machine, path, { program, labels, scenario: scenario.name, violation });
	return trace === null ? null : { ...trace, scenario: scenario.title };
}

/** The trace of a run that the search has made. */
export function traceOfFound(
	scenarioMachine: ScenarioMachine,
	path: Path,
	violation: string | null,
): Trace {
	const trace = traceOfRun(scenarioMachine, path, violation);
	if (trace === null) throw new Error('invariant broken: a path of the search replays');
	return trace;
}
