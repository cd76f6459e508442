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
export function findingOfRun(arena: ScenarioMachine, path: Path): Finding | null {
	const run = replay(arena.machine, path);
	if (run.kind === 'impossible') return null;
	const violation = run.steps
		.at(-1)
		?.step.incidents.flatMap((i) => (i.kind === 'violation' ? [i.violation] : []))
		.find((v) => v.rule !== UNMODELLED);
	return violation === undefined
		? null
		: findingOf(arena, { violation, path, actors: arena.scenario.actors });
}

/** A broken rule as a finding, with the run that breaks it. */
export function findingOf(
	arena: ScenarioMachine,
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
	const { scenario, program } = arena;
	const message = `${violation.message}${premiseOf(scenario.spec)}${arena.premise}`;
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
		trace: traceOfFound(arena, path, message),
	};
}
