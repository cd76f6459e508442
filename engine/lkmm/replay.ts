/**
 * An LKMM trace by its id: the runs of the two threads it names, and their first execution that breaks a rule, else their
 * first.
 */

import { shortened } from '../base/shortened.js';
import type { ScenarioMachines } from '../check/scenario_machine.js';
import { scenariosOf } from '../check/scenarios.js';
import { executionsOf } from '../memory/lkmm/pair.js';
import type { Snapshot } from '../memory/lkmm/snapshot.js';
import type { Finding } from '../rules/verdict.js';
import type { Trace } from '../trace/trace.js';
import { attachedScenario } from './attached.js';
import { findingOf } from './finding.js';
import type { Broken } from './judge.js';
import { brokenBy, type LkmmExecution, lkmmRuns, runsOfPair } from './scenario_runs.js';
import { traceOf } from './trace.js';

/** Decisions of the search for one pair of runs. */
const DECISIONS_MAX = 100_000;

/** The trace `scenario:lkmm.run.run` names; a reason when there is none. */
export function replayUnderLkmm(
	machines: ScenarioMachines,
	id: string,
):
	| { readonly trace: Trace; readonly finding?: Finding }
	| { readonly trace: null; readonly why: string } {
	const [, name, walkRun, adversaryRun] = /^(.*):lkmm\.(\d+)\.(\d+)$/.exec(id) ?? [];
	if (name === undefined)
		return { trace: null, why: `${shortened(id)} is no trace id of an lkmm execution` };
	const { walk: prepared } = machines;
	const test = prepared.request.attached;
	const list = test === undefined ? scenariosOf(prepared) : [attachedScenario(prepared, test)];
	const scenario = list.find((s) => s?.name === name);
	if (scenario === undefined || scenario === null)
		return { trace: null, why: `there is no scenario ${shortened(name)} for this walk` };
	let decisions = 0;
	const lkmm = lkmmRuns(machines, scenario, {
		cancelled: () => false,
		proceed: () => decisions++ < DECISIONS_MAX,
	});
	const walk = lkmm.made.runs[0]?.[Number(walkRun)];
	const adversary = lkmm.made.runs[1]?.[Number(adversaryRun)];
	if (walk === undefined || adversary === undefined)
		return { trace: null, why: 'the code no longer takes this path' };
	const pair = { walk, adversary };
	let shown: { readonly snapshot: Snapshot; readonly broken: Broken | null } | null = null;
	executionsOf(
		runsOfPair(pair).map((r) => r.run),
		lkmm.options,
		(snapshot) => {
			const broken = brokenBy(lkmm, pair, snapshot);
			if (shown === null || (shown.broken === null && broken !== null))
				shown = { snapshot, broken };
			return shown.broken === null;
		},
	);
	if (shown === null) return { trace: null, why: 'these runs have no execution together any more' };
	const { snapshot, broken } = shown as {
		readonly snapshot: Snapshot;
		readonly broken: Broken | null;
	};
	const execution: LkmmExecution = { ...pair, snapshot, lkmm, scenario, id };
	if (broken === null) return { trace: traceOf(execution, null) };
	decisions = 0;
	const finding = findingOf(prepared, { ...execution, broken, pairs: [pair] });
	return { trace: finding.trace, finding };
}
