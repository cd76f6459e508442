/**
 * The finding that a single run is: what its last step breaks, told as a check would tell it.
 */
import type { Path } from '../../explore/path.js';
import { replay } from '../../explore/replay.js';
import { premiseOf } from '../../mm/actors/requirements.js';
import { UNMODELLED, type Violation } from '../../mm/model/violation.js';
import { severityOf } from '../../rules/catalog.js';
import type { Finding, Rule } from '../../rules/verdict.js';
import type { ScenarioMachine } from '../scenario_machine.js';
import { traceOfFound } from './run_trace.js';

/** Null when the path is not possible or its last step breaks no rule. */
export function findingOfRun(scenarioMachine: ScenarioMachine, path: Path): Finding | null {
	const run = replay(scenarioMachine.machine, path);
	if (run.kind === 'impossible') return null;
	const violation = run.steps
		.at(-1)
		?.step.incidents.flatMap((i) => (i.kind === 'violation' ? [i.violation] : []))
		.find((v) => v.rule !== UNMODELLED);
	return violation === undefined
		? null
		: findingOf(scenarioMachine, { violation, path, actors: scenarioMachine.scenario.actors });
}

/** A broken rule as a finding, with the run that breaks it. */
export function findingOf(
	scenarioMachine: ScenarioMachine,
	{
		violation,
		path,
		actors,
	}: {
		readonly violation: Violation;
		readonly path: Path;
		readonly actors: readonly string[];
	},
): Finding {
	const { scenario, program } = scenarioMachine;
	const message = `${violation.message}${premiseOf(scenario.spec)}${scenarioMachine.premise}`;
	return {
		rule: violation.rule as Rule,
		severity: severityOf(violation.rule),
		message,
		function: program.functions[violation.function]?.name ?? '',
		site: violation.site,
		related: violation.related,
		actors,
		scenario: scenario.title,
		memory: 'sc',
		trace: traceOfFound(scenarioMachine, path, message),
	};
}
