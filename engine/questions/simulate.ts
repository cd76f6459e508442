/** Show me: a run of a function, even when nothing is wrong. */
import type { CheckObserver, CheckRequest, Tier } from '../check/request.js';
import type { CheckResult } from '../check/result.js';
import { findingOfRun } from '../check/runs/run_finding.js';
import { traceOfFound } from '../check/runs/run_trace.js';
import { tellingPaths } from '../check/runs/telling_run.js';
import { witnessPath } from '../check/runs/witness.js';
import type { Scenario } from '../check/scenario.js';
import { machinesOf, type ScenarioMachines } from '../check/scenario_machine.js';
import { scenariosOf } from '../check/scenarios.js';
import { replayUnderLkmm } from '../lkmm/replay.js';
import type { FunctionIndex } from '../program/op.js';
import { reachable } from '../program/reach.js';
import type { Finding, FunctionVerdict } from '../rules/verdict.js';
import type { Trace } from '../trace/trace.js';
import { check } from './check.js';
import { Savings } from './savings.js';

export type SimulateRequest = CheckRequest & {
	readonly function: FunctionIndex;
	readonly rule: string | null;
	/** Findings that are not the ones looked for, as `rule@function`. */
	readonly except?: readonly string[];
};

export interface SimulateResult {
	readonly finding: Finding | null;
	readonly trace: Trace | null;
	/** The function's, where the check gave it one. */
	readonly verdict?: FunctionVerdict | null;
	readonly taken?: CheckResult['taken'];
}

/**
 * A run of `function` even when nothing is wrong: the shortest violating run (of `rule` if given), else a complete run in
 * which the adversary acted while the function was active.
 */
export function simulate(request: SimulateRequest, observer: CheckObserver): SimulateResult {
	const nameOf = (fn: FunctionIndex): string | undefined => request.program.functions[fn]?.name;
	const name = nameOf(request.function);
	const reached = new Set([...reachable(request.program, request.function)].map(nameOf));
	const explore = (depth: Tier) => {
		const result = check({ ...request, depth }, observer);
		const fitting = result.findings.filter(
			(f) =>
				(request.rule === null || f.rule === request.rule) &&
				request.except?.includes(`${f.rule}@${f.function}`) !== true,
		);
		const own = fitting.find((f) => f.function === name);
		return { result, finding: own ?? fitting.find((f) => reached.has(f.function)) };
	};
	// what the core shows is shown at once, whatever lies deeper
	const core = explore('core');
	const all = request.depth === 'core' || core.result.left === undefined;
	const enough = core.finding !== undefined || all;
	const { finding, result } = enough ? core : explore('deep');
	const verdict = result.functions.find((f) => f.name === name) ?? null;
	const { taken } = result;
	const told = taken === undefined ? { verdict } : { verdict, taken };
	if (finding) return { finding, trace: finding.trace, ...told };
	const machines = machinesOf(request);
	if (machines.kind === 'unknown') return { finding: null, trace: null, ...told };
	// a run against a litmus test is an execution; any other is an interleaving, as those that the verdict rests on are
	if (request.attached !== undefined) {
		const witness = verdict?.witness ?? null;
		const trace = witness === null ? null : replayUnderLkmm(machines, witness).trace;
		return { finding: null, trace, ...told };
	}
	// where one adversary is asked for, the worlds in which it cannot act come last
	const list = [...scenariosOf(machines.walk)].sort((a, b) => isAlone(a) - isAlone(b));
	return { finding: null, trace: shownRun(machines, list, request), ...told };
}

/** Scenarios that are gone through for a run that a guard saved, those of them in which the walk notices something, runs of each. */
const SCENARIOS_MAX = 80;
const SCENARIOS_LOOKED_AT_MAX = 8;
const RUNS_LOOKED_AT_MAX = 6;

/** The run to show where nothing is wrong: one that a guard saved, else one in which the walk notices something, else any. */
function shownRun(
	machines: ScenarioMachines,
	list: readonly Scenario[],
	request: SimulateRequest,
): Trace | null {
	const savings = new Savings(request);
	let shown: Trace | null = null;
	let telling: Trace | null = null;
	let looked = 0;
	for (const [i, scenario] of list.entries()) {
		if (shown !== null && (i >= SCENARIOS_MAX || looked >= SCENARIOS_LOOKED_AT_MAX)) break;
		const of = machines.of(scenario);
		const paths = tellingPaths(of, request.function);
		if (paths.length > 0) looked++;
		for (const path of paths.slice(0, RUNS_LOOKED_AT_MAX)) {
			if (findingOfRun(of, path) !== null) continue;
			const { savings: found } = savings.of({ of, scenario, path });
			if (found.length > 0) return traceOfFound(of, path, null);
		}
		const [first] = paths;
		if (first !== undefined) telling ??= traceOfFound(of, first, null);
		if (shown !== null) continue;
		const any = first ?? witnessPath(of, request.function);
		shown = any === null ? null : traceOfFound(of, any, null);
	}
	return telling ?? shown;
}

function isAlone({ actors }: Scenario): number {
	return actors.length === 0 ? 1 : 0;
}
