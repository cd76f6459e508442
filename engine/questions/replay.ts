/** A run by its id, on the text as it is now. */

import { shortened } from '../base/shortened.js';
import type { Arm } from '../check/coverage/arms.js';
import { armOfId, forcedProgram, idWhen, warningOf } from '../check/coverage/forced.js';
import type { CheckRequest } from '../check/request.js';
import { findingOfRun } from '../check/runs/run_finding.js';
import { traceOfRun } from '../check/runs/run_trace.js';
import { machinesOf, type ScenarioMachines } from '../check/scenario_machine.js';
import { scenarioNamed } from '../check/scenarios.js';
import { parsePath } from '../explore/path.js';
import { replayUnderLkmm } from '../lkmm/replay.js';
import type { SiteIndex } from '../program/op.js';
import type { Finding } from '../rules/verdict.js';
import type { Trace } from '../trace/trace.js';
import { check } from './check.js';
import { walkOfId } from './guards/guard_trace.js';

/** A run by its id: what its last step breaks, if anything; or why there is none. */
export type ReplayedRun =
	/** `gone`: places of the guards that the walk was run without. */
	| { readonly trace: Trace; readonly finding?: Finding; readonly gone?: readonly SiteIndex[] }
	| { readonly trace: null; readonly why: string };

/** The run a trace id names; null with a reason when the program no longer takes that path. */
export function replay(request: CheckRequest, id: string): ReplayedRun {
	const when = armOfId(request.program, id);
	if (when !== null) return replayWhen(request, when);
	const walk = walkOfId(request.program, request.root, id);
	if (walk.program === null) return { trace: null, why: walk.why };
	if (walk.id !== id) {
		const run = replayWithout({ ...request, program: walk.program }, walk.id, id);
		return run.trace === null ? run : { ...run, gone: walk.gone.map((g) => g.site) };
	}
	const [name = '', choices = ''] = id.split(':');
	// a run under lkmm names itself so
	const memory = choices.startsWith('lkmm.') ? 'lkmm' : request.memory;
	const machines = machinesOf({ ...request, memory });
	if (machines.kind === 'unknown') return { trace: null, why: machines.why };
	if (memory === 'lkmm') return execution(machines, id);
	const path = parsePath(choices);
	if (path === null) return { trace: null, why: `${shortened(id)} is no trace id` };
	const scenario = scenarioNamed(machines.walk, name);
	if (scenario === null)
		return { trace: null, why: `there is no scenario ${shortened(name)} for this walk` };
	const scenarioMachine = machines.of(scenario);
	const finding = findingOfRun(scenarioMachine, path);
	if (finding !== null) return { trace: finding.trace, finding };
	const trace = traceOfRun(scenarioMachine, path, null);
	return trace === null ? { trace, why: 'the code no longer takes this path' } : { trace };
}

/** An execution by its id. Which order is missing shows in all pairs of runs, so that a check has the last word. */
function execution(machines: ScenarioMachines, id: string): ReplayedRun {
	const run = replayUnderLkmm(machines, id);
	if (run.trace === null || run.finding === undefined) return run;
	const { request } = machines.walk;
	const actors = request.attached === undefined ? run.trace.threads.slice(1) : request.actors;
	const observer = { cancelled: () => false, progress: () => {} };
	const { findings } = check({ ...request, actors }, observer);
	const whole = findings.find((f) => f.trace.id === id);
	return whole === undefined ? run : { trace: whole.trace, finding: whole };
}

/** A run in which an arm behind a WARN_ON() is taken; `id`: its own in that walk. */
function replayWhen(
	request: CheckRequest,
	{ arm, id }: { readonly arm: Arm; readonly id: string },
): ReplayedRun {
	const { program } = request;
	const run = replay({ ...request, program: forcedProgram(program, arm) }, id);
	if (run.trace === null) return run;
	const trace = { ...run.trace, id: idWhen(program, arm, id) };
	if (run.finding === undefined) return { trace };
	return { trace, finding: warningOf(program, arm, run.finding) };
}

/** A run of a walk without some of its guards: `own` is its id in that walk, `id` the whole. */
function replayWithout(request: CheckRequest, own: string, id: string): ReplayedRun {
	const run = replay(request, own);
	if (run.trace === null) return run;
	const trace = { ...run.trace, id };
	return run.finding === undefined ? { trace } : { trace, finding: { ...run.finding, trace } };
}
