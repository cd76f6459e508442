/**
 * The façade: a walk and its adversaries in, verdicts and findings out. Synchronous; the caller cancels and measures.
 */

import type { Exploration } from '../explore/graph.js';
import { type Path, parsePath } from '../explore/path.js';
import { reduced } from '../explore/reduced.js';
import { shortest } from '../explore/shortest.js';
import { checkUnderLkmm } from '../lkmm/check.js';
import { replayUnderLkmm } from '../lkmm/replay.js';
import type { AttachedLitmus } from '../memory/lkmm/litmus_program.js';
import { PAIRS } from '../mm/actors/pairs.js';
import { premiseOf } from '../mm/actors/requirements.js';
import { labelsOf } from '../mm/model/labels.js';
import { UNMODELLED, type Violation } from '../mm/model/violation.js';
import type { FunctionIndex, SiteIndex } from '../program/op.js';
import type { Program } from '../program/program.js';
import { reachable } from '../program/reach.js';
import { walkOfId } from '../questions/guards/guard_trace.js';
import { PROPERTIES } from '../rules/catalog.js';
import type { Finding, FunctionVerdict, Memory, Rule } from '../rules/verdict.js';
import { narrate } from '../trace/narrate.js';
import type { Trace } from '../trace/trace.js';
import { boundMet } from './bound_met.js';
import type { SiteFacts } from './facts.js';
import { undecided, verdictsOf } from './fold.js';
import { findingOfRun } from './runs/run_finding.js';
import { sampleRuns } from './runs/sample_runs.js';
import { tellingPath } from './runs/telling_run.js';
import {
	type Arena,
	arenaOf,
	type Bench,
	benchOf,
	isWithin,
	namesOf,
	type Scenario,
	scenarioNamed,
	scenariosOf,
	type Tier,
} from './scenario.js';
import type { ScenarioMemo } from './scenario_memo.js';
import type { Taken, WhatIf } from './what_ifs.js';

export type ArchName = 'x86_64' | 'arm64' | 'i386-pae' | 's390x' | 'powerpc64';

export interface CheckRequest {
	/** Walk, primitives and actors in one program; actor NAME is the function `actor_NAME`. */
	readonly program: Program;
	readonly root: FunctionIndex;
	/** Functions of the checked file the root reaches (itself included): each gets a verdict. */
	readonly functions: readonly FunctionIndex[];
	/** Names of adversaries; empty: all that the program holds. */
	readonly actors: readonly string[];
	readonly arch: ArchName;
	readonly memory: Memory;
	/** CONFIG_ symbols that are set; decides e.g. whether page tables are freed by RCU or after an IPI. */
	readonly config: ReadonlySet<string>;
	/** States per scenario before it is `inconclusive`. */
	readonly statesMax: number;
	/** How deep exploration goes; absent: all scenarios. */
	readonly depth?: Tier;
	/** A litmus test whose threads are the adversary, in the scenario it names; under lkmm only. */
	readonly attached?: AttachedLitmus;
	/** Protections that are taken away: what is explored then is not the code as it stands. */
	readonly whatIf?: readonly WhatIf[];
	/**
	 * The root is a reader outside the lockless walk (server/lower/roles_readers.ts), not a walk; `locked`: it asserts that
	 * its caller holds the folio's lock.
	 */
	readonly reader?: 'locked' | 'open';
	/** What earlier checks said of scenarios, for a caller that checks again and again. */
	readonly memo?: ScenarioMemo;
	/** Also collect facts per site (hover, explain); costs about as much again as the check. */
	readonly facts?: boolean;
}

export interface CheckObserver {
	/** Called between scenarios and every few thousand states; true stops the check (all open scenarios: inconclusive). */
	cancelled(): boolean;
	progress(done: number, total: number, scenario: string): void;
	/** A finding as soon as it is known, before the check ends. */
	found?(finding: Finding): void;
}

export interface CheckResult {
	readonly functions: readonly FunctionVerdict[];
	readonly findings: readonly Finding[];
	readonly scenarios: readonly ScenarioResult[];
	/** What the what-ifs took away; absent without any. */
	readonly taken?: readonly Taken<SiteIndex>[];
	/** Scenarios that were not asked for (`depth`); absent: none. */
	readonly left?: number;
	/** Per site of the walk that touched shared memory; absent when facts were not collected. */
	readonly facts?: readonly SiteFacts[];
}

export interface ScenarioResult {
	readonly name: string;
	readonly actors: readonly string[];
	/** States met; under lkmm, decisions of the search. */
	readonly states: number;
	readonly executions: number;
	readonly end: 'exhausted' | 'violated' | 'limit' | 'cancelled' | 'unsupported';
	/** Functions of the walk entered in some run of it. */
	readonly entered: readonly string[];
}

/** Names of the adversaries that act at once: `truncate+evict`. */
export function pairNames(): readonly string[] {
	return PAIRS.map((pair) => pair.actors.join('+'));
}

const READERS_UNDER_SC = 'readers outside the lockless walk are explored under sc only';

/** Nodes the search for the easiest run looks at before the run first found is taken. */
const SHORTEST_NODES_MAX = 60_000;

/** Explores every scenario (world × flags × adversary) of the walk. */
export function check(request: CheckRequest, observer: CheckObserver): CheckResult {
	const bench = benchOf(request);
	if (bench.kind === 'unknown') return undecided(request, 'unsupported', bench.why);
	const told = request.whatIf === undefined ? {} : { taken: bench.taken };
	if (request.memory === 'lkmm') {
		if (request.reader) return undecided(request, 'inconclusive', READERS_UNDER_SC);
		return { ...checkUnderLkmm(bench, observer), ...told };
	}
	const all = scenariosOf(bench);
	const list = all.filter((s) => isWithin(s, request.depth ?? 'deep'));
	const explored: Explored[] = [];
	const found = new Map<string, Candidate>();
	const early = new Map<string, Finding>();
	const recall = request.memo?.of(bench) ?? null;
	for (const [i, scenario] of list.entries()) {
		observer.progress(i, list.length, scenario.title);
		if (observer.cancelled()) {
			explored.push(...list.slice(i).map(cancelledScenario));
			break;
		}
		const before = recall?.recall(scenario) ?? null;
		if (before !== null) {
			explored.push(before);
			continue;
		}
		const arena = arenaOf(bench, scenario);
		const exploration = reduced(arena.machine, {
			statesMax: request.statesMax,
			cancelled: () => observer.cancelled(),
			endless: request.reader !== undefined,
		});
		const said = summary(arena, exploration);
		explored.push(said);
		recall?.remember(arena, said);
		for (const { violation, path } of exploration.violations)
			collect(found, violation, scenario, path);
		if (observer.found) announce(bench, found, { early, found: observer.found });
	}
	dropSubsumed(found);
	observer.progress(list.length, list.length, '');
	const findings = [...found].map(([key, candidate]) => {
		const before = early.get(key);
		const finding = before ?? findingOf(bench, candidate);
		if (before === undefined) observer.found?.(finding);
		return { ...finding, actors: [...candidate.actors] };
	});
	return {
		functions: verdictsOf(bench, explored, findings),
		findings,
		scenarios: explored.map((e) => e.result),
		...told,
		...(list.length < all.length ? { left: all.length - list.length } : {}),
		...(request.facts ? { facts: sampleRuns(bench, observer) } : {}),
	};
}

/** One explored scenario, with what its verdict rests on. */
export interface Explored {
	readonly scenario: Scenario;
	readonly result: ScenarioResult;
	readonly entered: ReadonlySet<FunctionIndex>;
	/** Sites of unsupported code and unmodelled values met, with the reason. */
	readonly unsupported: readonly { readonly site: number; readonly reason: string }[];
	/** The limit met, in words; null when the scenario was exhausted. */
	readonly limit: string | null;
}

/** A rule broken in a function, in whichever scenarios; the first one found is shown. */
interface Candidate {
	readonly violation: Violation;
	readonly scenario: Scenario;
	readonly path: Path;
	readonly actors: Set<string>;
}

function collect(
	found: Map<string, Candidate>,
	violation: Violation,
	scenario: Scenario,
	path: Path,
): void {
	if (violation.rule === UNMODELLED) return;
	const key = `${violation.rule}@${violation.function}`;
	const before = found.get(key);
	// one that stands on its own is worth more than one that another rule may explain
	const isBetter =
		before?.violation.explainedBy !== undefined && violation.explainedBy === undefined;
	const actors = before?.actors ?? new Set<string>();
	const known = before === undefined || isBetter ? { violation, scenario, path, actors } : before;
	// what one of the two does alone is no news of the pair
	const { adversary } = scenario;
	if (adversary !== null && !namesOf(adversary).some((name) => actors.has(name)))
		actors.add(adversary);
	found.set(key, known);
}

/** Stale pins are told at once: nothing found later takes them back (it may add adversaries to them). */
function announce(
	bench: Bench,
	found: ReadonlyMap<string, Candidate>,
	told: { readonly early: Map<string, Finding>; readonly found: (finding: Finding) => void },
): void {
	for (const [key, candidate] of found) {
		if (candidate.violation.rule !== 'stale-pin' || told.early.has(key)) continue;
		const finding = findingOf(bench, candidate);
		told.early.set(key, finding);
		told.found(finding);
	}
}

/** A gap that lets stale pins out breaks other rules too: where the same adversaries get a stale pin, that is the finding. */
function dropSubsumed(found: Map<string, Candidate>): void {
	const rules = new Set([...found.values()].map((c) => c.violation.rule));
	for (const [key, candidate] of found) {
		const { explainedBy } = candidate.violation;
		if (explainedBy !== undefined && rules.has(explainedBy)) {
			found.delete(key);
			continue;
		}
		const stale = found.get(`stale-pin@${candidate.violation.function}`);
		if (stale === undefined || stale === candidate) continue;
		// what happens with nobody about is no stale pin's doing
		const { actors } = candidate;
		const isStale = (name: string): boolean => namesOf(name).some((n) => stale.actors.has(n));
		if (actors.size > 0 && [...actors].every(isStale)) found.delete(key);
	}
}

function summary(arena: Arena, exploration: Exploration<number, Violation>): Explored {
	const { scenario, entered, program } = arena;
	const unsupported = exploration.cuts.flatMap(({ incident }) =>
		incident.kind === 'unsupported' ? [{ site: incident.site, reason: incident.reason }] : [],
	);
	for (const { violation } of exploration.violations) {
		if (violation.rule === UNMODELLED)
			unsupported.push({ site: violation.site, reason: violation.message });
	}
	const cut = exploration.cuts.find(({ incident }) => incident.kind === 'limit');
	const limit =
		exploration.end === 'limit'
			? `the limit of ${exploration.states} states was met`
			: exploration.end === 'cancelled'
				? 'it was cancelled'
				: cut?.incident.kind === 'limit'
					? boundMet(cut.incident.limit)
					: exploration.deadlock !== null
						? 'a run ends in a deadlock of the model'
						: exploration.endless !== null
							? 'a run goes round for ever, with nobody left who would end it'
							: null;
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

function cancelledScenario(scenario: Scenario): Explored {
	return {
		scenario,
		entered: new Set(),
		unsupported: [],
		limit: 'it was cancelled',
		result: {
			name: scenario.title,
			actors: scenario.actors,
			states: 0,
			executions: 0,
			end: 'cancelled',
			entered: [],
		},
	};
}

function findingOf(bench: Bench, { violation, scenario, path, actors }: Candidate): Finding {
	const arena = arenaOf(bench, scenario);
	const key = arena.machine.key(violation);
	const easiest = shortest(arena.machine, { key, nodesMax: SHORTEST_NODES_MAX }) ?? path;
	const fn = bench.request.program.functions[violation.function];
	const message = `${violation.message}${premiseOf(scenario.spec)}`;
	return {
		rule: violation.rule as Rule,
		severity: PROPERTIES.find((p) => p.rule === violation.rule)?.severity ?? 'error',
		message,
		function: fn?.name ?? '',
		site: violation.site,
		related: violation.related,
		actors: [...actors],
		scenario: scenario.title,
		memory: 'sc',
		trace: traceOf(arena, easiest, message),
	};
}

function traceOf(arena: Arena, path: Path, violation: string | null): Trace {
	const options = {
		program: arena.program,
		labels: labelsOf(arena.program, arena.world),
		scenario: arena.scenario.name,
		violation,
	};
	const trace = narrate(arena.machine, path, options);
	if (trace === null) throw new Error('invariant broken: a path of the search replays');
	return { ...trace, scenario: arena.scenario.title };
}

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
	const bench = benchOf(request);
	if (bench.kind === 'unknown') return { finding: null, trace: null, ...told };
	if (request.memory === 'lkmm') {
		const witness = verdict?.witness ?? null;
		const trace = witness === null ? null : replayUnderLkmm(bench, witness).trace;
		return { finding: null, trace, ...told };
	}
	// where one adversary is asked for, the worlds in which it cannot act come last
	const list = [...scenariosOf(bench)].sort((a, b) => isAlone(a) - isAlone(b));
	for (const scenario of list) {
		const arena = arenaOf(bench, scenario);
		const path = tellingPath(arena, request.function);
		if (path !== null) return { finding: null, trace: traceOf(arena, path, null), ...told };
	}
	return { finding: null, trace: null, ...told };
}

function isAlone({ actors }: Scenario): number {
	return actors.length === 0 ? 1 : 0;
}

/** A run by its id: what its last step breaks, if anything; or why there is none. */
export type ReplayedRun =
	/** `gone`: places of the guards that the walk was run without. */
	| { readonly trace: Trace; readonly finding?: Finding; readonly gone?: readonly SiteIndex[] }
	| { readonly trace: null; readonly why: string };

/** The run a trace id names; null with a reason when the program no longer takes that path. */
export function replay(request: CheckRequest, id: string): ReplayedRun {
	const walk = walkOfId(request.program, request.root, id);
	if (walk.program === null) return { trace: null, why: walk.why };
	if (walk.id !== id) {
		const run = replayWithout({ ...request, program: walk.program }, walk.id, id);
		return run.trace === null ? run : { ...run, gone: walk.gone.map((g) => g.site) };
	}
	const [name = '', choices = ''] = id.split(':');
	// a run under lkmm names itself so
	const memory = choices.startsWith('lkmm.') ? 'lkmm' : request.memory;
	const bench = benchOf({ ...request, memory });
	if (bench.kind === 'unknown') return { trace: null, why: bench.why };
	if (memory === 'lkmm') return replayUnderLkmm(bench, id);
	const path = parsePath(choices);
	if (path === null) return { trace: null, why: `${id} is no trace id` };
	const scenario = scenarioNamed(bench, name);
	if (scenario === null) return { trace: null, why: `there is no scenario ${name} for this walk` };
	const arena = arenaOf(bench, scenario);
	const finding = findingOfRun(arena, path);
	if (finding !== null) return { trace: finding.trace, finding };
	const options = {
		program: arena.program,
		labels: labelsOf(arena.program, arena.world),
		scenario: scenario.name,
		violation: null,
	};
	const trace = narrate(arena.machine, path, options);
	if (trace === null) return { trace: null, why: 'the code no longer takes this path' };
	return { trace: { ...trace, scenario: scenario.title } };
}

/** A run of a walk without some of its guards: `own` is its id in that walk, `id` the whole. */
function replayWithout(request: CheckRequest, own: string, id: string): ReplayedRun {
	const run = replay(request, own);
	if (run.trace === null) return run;
	let { finding } = run;
	if (finding === undefined && /^[^:]*:lkmm\./.test(own)) {
		// an execution is judged with all that are consistent
		const actors = run.trace.threads.slice(1);
		const observer = { cancelled: () => false, progress: () => {} };
		const { findings } = check({ ...request, actors, memory: 'lkmm' }, observer);
		finding = findings.find((f) => f.trace.id === own);
	}
	const trace = { ...(finding?.trace ?? run.trace), id };
	return finding === undefined ? { trace } : { trace, finding: { ...finding, trace } };
}
