/**
 * A walk or a reader under sequential consistency: every scenario explored, what was found, the verdicts that follow.
 */

import type { Exploration } from '../../explore/graph.js';
import { printPath } from '../../explore/path.js';
import { reduced } from '../../explore/reduced.js';
import { shortest } from '../../explore/shortest.js';
import { armsByFunction } from '../../memory/thread/arms.js';
import { UNMODELLED, type Violation } from '../../mm/model/violation.js';
import type { FunctionIndex } from '../../program/op.js';
import type { Program } from '../../program/program.js';
import { reachable } from '../../program/reach.js';
import { isFinal } from '../../rules/precedence.js';
import type { Finding, FunctionCoverage } from '../../rules/verdict.js';
import { alwaysFor, READER_ASSUMPTIONS } from '../assumptions.js';
import { boundMet } from '../bounds.js';
import { unionOfArms } from '../coverage/arms.js';
import { coverageOf } from '../coverage/coverage.js';
import { warningOf } from '../coverage/forced.js';
import type { CheckObserver, CheckRequest } from '../request.js';
import { CANCELLED, type CheckResult, type Explored, type Limit, Stop } from '../result.js';
import { isWithin, type Scenario } from '../scenario.js';
import type { ScenarioMachine, ScenarioMachines } from '../scenario_machine.js';
import type { ScenarioMemo } from '../scenario_memo.js';
import { scenariosOf } from '../scenarios.js';
import { isDecisive, isWhole } from '../uncovered.js';
import { type Terms, verdictsOf } from '../verdicts.js';
import { cancelledScenario } from './cancelled.js';
import { type Candidate, Candidates } from './candidates.js';
import { exploreAsked, exploreMarks } from './changed_worlds.js';
import { possibleIn } from './possible.js';
import { exploreMarked, exploreQuiet } from './quiet_arms.js';
import { findingOf } from './run_finding.js';
import { exploreLeaves, exploreSeveral, withPageTests } from './several_pages.js';
import { exploreWarnings, machinesWhen } from './warnings.js';
import { witnessPath } from './witness.js';

/** Nodes the search for the easiest run looks at before the run first found is taken. */
const SHORTEST_NODES_MAX = 60_000;

/** What a memory model beyond interleavings adds to what they showed. */
export interface Beyond {
	/** What was explored, with what of it is not decided. */
	readonly explored: readonly Explored[];
	/** What only breaks there. */
	findings(): readonly Finding[];
}

export interface CheckOptions {
	/** What earlier checks said of scenarios. */
	readonly memo: ScenarioMemo | null;
	/** Asked once all interleavings were explored. */
	beyond?(explored: readonly Explored[], cancelled: () => boolean): Beyond;
	readonly assumptions?: (assumptions: readonly string[]) => readonly string[];
}

/** Explores every scenario (world × flags × adversary) of the walk. */
export function checkInterleavings(
	machines: ScenarioMachines,
	observer: CheckObserver,
	{ memo, beyond, assumptions = (all) => all }: CheckOptions,
): CheckResult {
	const { walk } = machines;
	const { request } = walk;
	const stop = new Stop(() => observer.cancelled());
	const { cancelled } = stop;
	const all = scenariosOf(walk);
	const list = all.filter((s) => isWithin(s, request.depth ?? 'deep'));
	const explored: Explored[] = [];
	const found = new Candidates();
	const early = new Map<string, Finding>();
	const recall = memo?.of(walk) ?? null;
	const explore = (scenario: Scenario, tells: boolean): Explored => {
		const before = recall?.recall(scenario) ?? null;
		if (before !== null) return before;
		const scenarioMachine = machines.of(scenario);
		const exploration = reduced(scenarioMachine.machine, {
			statesMax: statesIn(request, explored),
			cancelled,
			endless: request.reader !== undefined,
		});
		const said = summary(scenarioMachine, exploration);
		recall?.remember(scenarioMachine, said);
		for (const { violation, path } of tells ? exploration.violations : [])
			found.add(violation, scenario, path);
		return said;
	};
	for (const [i, scenario] of list.entries()) {
		observer.progress(i, list.length, scenario.title);
		if (cancelled()) {
			explored.push(...list.slice(i).map(cancelledScenario));
			break;
		}
		explored.push(explore(scenario, true));
		if (observer.found) announce(machines, found.listed(), { early, found: observer.found });
	}
	const coverage = coverAll(machines, { explored, found, cancelled, explore });
	const more = beyond?.(explored, cancelled);
	// what is asked below only makes what was found easier to read
	const evidence = { explored: more?.explored ?? explored, coverage, cancelled: stop.isMet };
	observer.progress(list.length, list.length, '');
	const broken = [...found.listed()].map(([key, candidate]) => {
		const before = early.get(key);
		const finding = before ?? easiest(machines, candidate);
		if (before === undefined) observer.found?.(finding);
		return { ...finding, actors: [...candidate.actors] };
	});
	const only = (more?.findings() ?? []).filter(
		(f) => !broken.some((b) => b.rule === f.rule && b.function === f.function),
	);
	for (const finding of only) observer.found?.(finding);
	const findings = [...broken, ...only];
	const terms = termsOf(machines);
	return {
		functions: verdictsOf(machines, {
			...{ ...evidence, findings },
			terms: { ...terms, assumptions: assumptions(terms.assumptions) },
		}),
		findings,
		scenarios: explored.map((e) => e.result),
		// what the code asks for beyond the scenarios that are listed is only looked at when all are
		...(isWhole(request) ? {} : { left: Math.max(1, all.length - list.length) }),
	};
}

/** States of one scenario of a reader before it is given up, and of the others once one was. */
const READER_STATES_MAX = 60_000;
const LATER_STATES_MAX = 4000;

/** A reader that counts its rounds has a state for each: it is given up in time. */
function statesIn({ reader, statesMax }: CheckRequest, explored: readonly Explored[]): number {
	if (reader === undefined) return statesMax;
	return Math.min(statesMax, explored.some(isTooLarge) ? LATER_STATES_MAX : READER_STATES_MAX);
}

function isTooLarge({ result, limit }: Explored): boolean {
	return result.end === 'limit' && limit?.isOpen === true;
}

/**
 * Coverage of the walk's functions, null where it decides nothing, once worlds have been added for what the code asks (changed_worlds.ts) and arms behind WARN_ON()s
 * were tried (warnings.ts).
 */
function coverAll(
	machines: ScenarioMachines,
	{
		explored,
		found,
		cancelled,
		explore,
	}: {
		/** What was explored for it is added. */
		readonly explored: Explored[];
		readonly found: Candidates;
		cancelled(): boolean;
		explore(scenario: Scenario, tells: boolean): Explored;
	},
): ReadonlyMap<FunctionIndex, FunctionCoverage> | null {
	const { request } = machines.walk;
	const { program, root } = request;
	// of some scenarios it would say that lines are never reached which others reach
	if (!isWhole(request) && !hasUnlowered(program, root)) return null;
	const possible = possibleIn(machines.walk, cancelled);
	if (isWhole(request) && request.reader === undefined) {
		const asking = { cancelled, explore };
		const more = exploreSeveral(machines, explored, asking);
		explored.push(...exploreLeaves(machines, explored, asking), ...more);
	}
	if (isDecisive(request) && !explored.some(isTooLarge)) {
		if (request.reader !== undefined)
			explored.push(...exploreMarks(machines, explored, { cancelled, explore }));
		explored.push(...exploreAsked(machines, explored, { possible, cancelled, explore }));
		if (request.reader === undefined) {
			explored.push(...exploreQuiet(machines, explored, { possible, cancelled, explore }));
			explored.push(...exploreMarked(machines, explored, { cancelled, explore }));
		}
	}
	if (!isWhole(request) || explored.some(isTooLarge)) {
		const taken = unionOfArms(explored.flatMap((e) => e.arms ?? []));
		return coverageOf(program, root, { taken, possible });
	}
	const { arms, warned } = exploreWarnings(machines, explored, { possible, cancelled });
	for (const { arm, violation, scenario, path } of warned)
		found.add(violation, scenario, path, arm);
	return withPageTests(machines, explored, coverageOf(program, root, { taken: arms, possible }));
}

/** Code that could not be lowered stands in a function of the walk. */
function hasUnlowered(program: Program, root: FunctionIndex): boolean {
	return [...reachable(program, root)].some((index) => {
		const { origin, ops } = program.functions[index] as Program['functions'][number];
		return origin === 'walk' && ops.some(({ kind }) => kind === 'unsupported');
	});
}

/** What nothing explains is told at once: nothing found later takes it back (it may add adversaries to it). */
function announce(
	machines: ScenarioMachines,
	found: ReadonlyMap<string, Candidate>,
	told: { readonly early: Map<string, Finding>; readonly found: (finding: Finding) => void },
): void {
	for (const [key, candidate] of found) {
		if (!isFinal(candidate) || told.early.has(key)) continue;
		const finding = easiest(machines, candidate);
		told.early.set(key, finding);
		told.found(finding);
	}
}

function summary(
	scenarioMachine: ScenarioMachine,
	exploration: Exploration<number, Violation>,
): Explored {
	const { scenario, entered, program, machine } = scenarioMachine;
	const unsupported = exploration.cuts.flatMap(({ incident }) =>
		incident.kind === 'unsupported' ? [{ site: incident.site, reason: incident.reason }] : [],
	);
	for (const { violation } of exploration.violations) {
		if (violation.rule === UNMODELLED)
			unsupported.push({ site: violation.site, reason: violation.message });
	}
	const limit =
		limitOf(exploration, () => stuck(program, unsupported[0])) ??
		(scenarioMachine.unclear === null ? null : { why: scenarioMachine.unclear, isOpen: false });
	const violated = exploration.violations.some((v) => v.violation.rule !== UNMODELLED);
	const end = violated
		? 'violated'
		: unsupported.length > 0
			? 'unsupported'
			: exploration.end === 'cancelled'
				? 'cancelled'
				: limit !== null
					? 'limit'
					: 'exhausted';
	return {
		scenario,
		entered,
		arms: armsByFunction(program, machine.arms()),
		unsupported,
		limit,
		result: {
			name: scenario.title,
			actors: scenario.actors,
			states: exploration.states,
			executions: exploration.executions,
			end,
			entered: [...entered].map((f) => program.functions[f]?.name ?? ''),
		},
	};
}

/** `stuck`: why nobody goes on where nobody does. */
function limitOf(
	{ end, states, cuts, deadlock, endless }: Exploration<number, Violation>,
	stuck: () => string,
): Limit | null {
	if (end === 'limit') return { why: `the limit of ${states} states was met`, isOpen: true };
	if (end === 'cancelled') return { why: CANCELLED, isOpen: true };
	const met = cuts.flatMap(({ incident }) => (incident.kind === 'limit' ? [incident.limit] : []));
	// behind BUG() there is nothing
	const open = met.find((limit) => limit !== 'bug');
	const first = open ?? met[0];
	if (first !== undefined) return { why: boundMet(first), isOpen: open !== undefined };
	if (deadlock !== null) return { why: stuck(), isOpen: false };
	if (endless === null) return null;
	return { why: 'a run goes round for ever, with nobody left who would end it', isOpen: false };
}

/** Why nobody goes on: a thread stands where code could not be lowered, and others wait for it; or the model has no way out. */
function stuck(
	{ sites }: Program,
	at: { readonly site: number; readonly reason: string } | undefined,
): string {
	if (at === undefined) return 'a run ends in a deadlock of the model';
	const { path = '', line = 0 } = sites[at.site] ?? {};
	return `a run ends where code could not be lowered: ${path}:${line}: ${at.reason}`;
}

/** The finding with the easiest run that shows it. */
function easiest(
	machines: ScenarioMachines,
	{ violation, scenario, path: found, actors, arm }: Candidate,
): Finding {
	const scenarioMachine = (arm === undefined ? machines : machinesWhen(machines, arm)).of(scenario);
	const key = scenarioMachine.machine.key(violation);
	const path = shortest(scenarioMachine.machine, { key, nodesMax: SHORTEST_NODES_MAX }) ?? found;
	const finding = findingOf(scenarioMachine, { violation, path, actors: [...actors] });
	return arm === undefined ? finding : warningOf(machines.walk.request.program, arm, finding);
}

function termsOf(machines: ScenarioMachines): Terms {
	const { request, calling } = machines.walk;
	/** Functions of one walk are mostly seen at work in the same scenarios. */
	const made = new Map<Scenario, ScenarioMachine>();
	const machineOf = (scenario: Scenario): ScenarioMachine => {
		const machine = made.get(scenario) ?? machines.of(scenario);
		made.set(scenario, machine);
		return machine;
	};
	return {
		assumptions: calling.reader ? READER_ASSUMPTIONS : alwaysFor(request),
		witness: (fn, entering) => witnessOf(machineOf, entering, fn),
		needsWitness: false,
	};
}

/** Scenarios in which a witness is looked for, at most: one per world, those with an adversary first. */
const WITNESS_SCENARIOS_MAX = 24;

function witnessOf(
	machineOf: (scenario: Scenario) => ScenarioMachine,
	mine: readonly Explored[],
	fn: FunctionIndex,
): string | null {
	const rank = ({ scenario: { actors } }: Explored): number => [1, 0][actors.length] ?? 2;
	const ordered = [...mine].sort((a, b) => rank(a) - rank(b));
	const worlds = new Set<string>();
	for (const { scenario } of ordered) {
		if (worlds.has(scenario.spec.name) || worlds.size >= WITNESS_SCENARIOS_MAX) continue;
		worlds.add(scenario.spec.name);
		const path = witnessPath(machineOf(scenario), fn);
		if (path !== null) return `${scenario.name}:${printPath(path)}`;
	}
	return null;
}
