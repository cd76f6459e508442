/**
 * The finding that a single run is: what its last step breaks, told as a check would tell it.
 */
import type { Path } from '../../explore/path.js';
import { replay } from '../../explore/replay.js';
import { premiseOf } from '../../mm/actors/requirements.js';
import { labelsOf } from '../../mm/model/labels.js';
import { UNMODELLED } from '../../mm/model/violation.js';
import { PROPERTIES } from '../../rules/catalog.js';
import type { Finding, Rule } from '../../rules/verdict.js';
import { narrate } from '../../trace/narrate.js';
import type { Arena } from '../scenario.js';

/** Null when the path is not possible or its last step breaks no rule. */
export function findingOfRun(
	{ machine, program, world, scenario }: Arena,
	path: Path,
): Finding | null {
	const run = replay(machine, path);
	if (run.kind === 'impossible') return null;
	const violation = run.steps
		.at(-1)
		?.step.incidents.flatMap((i) => (i.kind === 'violation' ? [i.violation] : []))
		.find((v) => v.rule !== UNMODELLED);
	if (violation === undefined) return null;
	const message = `${violation.message}${premiseOf(scenario.spec)}`;
	const labels = labelsOf(program, world);
	const trace = narrate(machine, path, {
		program,
		labels,
		scenario: scenario.name,
		violation: message,
	});
	if (trace === null) return null;
	return {
		rule: violation.rule as Rule,
		severity: PROPERTIES.find((p) => p.rule === violation.rule)?.severity ?? 'error',
		message,
		function: program.functions[violation.function]?.name ?? '',
		site: violation.site,
		related: violation.related,
		actors: scenario.actors,
		scenario: scenario.title,
		memory: 'sc',
		trace: { ...trace, scenario: scenario.title },
	};
}
