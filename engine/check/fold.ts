/**
 * From explored scenarios to verdicts per function. A function's verdict covers what it reaches; a function that no run
 * entered is not `holds`, whatever else was explored.
 */

import { printPath } from '../explore/path.js';
import { COLLAPSE_UNAWAITED } from '../mm/actors/requirements.js';
import { printFlags } from '../mm/model/foll.js';
import type { FunctionIndex } from '../program/op.js';
import type { Assumption, Program } from '../program/program.js';
import { reachable } from '../program/reach.js';
import {
	type Bounds,
	type Finding,
	type FunctionVerdict,
	type VerdictKind,
	weakest,
} from '../rules/verdict.js';
import type { CheckRequest, CheckResult, Explored } from './check.js';
import { LOOP_MAX } from './makings.js';
import { READER_ASSUMPTIONS } from './reader_scenario.js';
import { witnessPath } from './runs/witness.js';
import { archAssumption, arenaOf, type Bench, isMet, namesOf } from './scenario.js';

/** A verdict for each function of the request. */
export function verdictsOf(
	bench: Bench,
	explored: readonly Explored[],
	findings: readonly Finding[],
	terms: Terms | null = null,
): readonly FunctionVerdict[] {
	const { program, functions } = bench.request;
	const spans = unsupportedFunctions(program);
	return functions.map((fn) => verdictOf(bench, { fn, explored, findings, spans, terms }));
}

/** What a memory model other than sc takes for granted and shows. */
export interface Terms {
	/** Instead of `ALWAYS`. */
	readonly assumptions: readonly string[];
	/** The run that shows the function at work; without one it does not hold. */
	witness(fn: FunctionIndex): string | null;
}

interface Evidence {
	readonly fn: FunctionIndex;
	readonly explored: readonly Explored[];
	readonly findings: readonly Finding[];
	readonly spans: ReadonlyMap<number, FunctionIndex>;
	readonly terms: Terms | null;
}

function verdictOf(bench: Bench, evidence: Evidence): FunctionVerdict {
	const { fn, explored, findings, spans, terms } = evidence;
	const { request } = bench;
	const { program } = request;
	const reached = reachable(program, fn);
	const names = new Set([...reached].map((f) => program.functions[f]?.name));
	const mine = explored.filter((e) => e.entered.has(fn));
	const broken = findings.filter((f) => names.has(f.function));
	const kindOf = (
		scenarios: readonly Explored[],
		actor: string | null,
	): { kind: VerdictKind; why: string | null } => {
		const violated = broken.find(
			(f) => actor === null || namesOf(actor).some((name) => f.actors.includes(name)),
		);
		if (violated) return { kind: 'violated', why: `${violated.rule}: ${violated.message}` };
		for (const e of scenarios) {
			const span = e.unsupported.find((u) => reached.has(spans.get(u.site) ?? fn));
			if (span) return { kind: 'unsupported', why: span.reason };
		}
		const limited = scenarios.find((e) => e.limit !== null);
		if (limited)
			return { kind: 'inconclusive', why: `${limited.scenario.title}: ${limited.limit}` };
		if (scenarios.length === 0) return { kind: 'inconclusive', why: notEntered(request) };
		if (terms !== null && terms.witness(fn) === null)
			return { kind: 'inconclusive', why: 'in no execution does an adversary meet it' };
		return { kind: 'holds', why: null };
	};
	const actors = [...new Set(mine.flatMap((e) => e.scenario.adversary ?? []))];
	const byActor = actors.map((actor) => ({
		actor,
		verdict: kindOf(
			mine.filter((e) => e.scenario.adversary === actor),
			actor,
		).kind,
	}));
	const called = calledUnread(program, evidence, reached);
	const overall =
		called !== null
			? { kind: 'unsupported' as const, why: called }
			: mine.length === 0 && explored.some((e) => e.limit === 'it was cancelled')
				? { kind: 'inconclusive' as const, why: 'it was cancelled' }
				: kindOf(mine, null);
	const self = program.functions[fn] as Program['functions'][number];
	return {
		name: self.name,
		site: self.site,
		root: program.functions[request.root]?.name ?? '',
		verdict: weakest([overall.kind, ...byActor.map((a) => a.verdict)]),
		why: overall.why,
		byActor,
		bounds: boundsOf(bench, mine),
		assumptions: [...assumptionsOf(bench, names, terms), ...uncovered(program, evidence, reached)],
		explored: {
			states: mine.reduce((n, e) => n + e.result.states, 0),
			executions: mine.reduce((n, e) => n + e.result.executions, 0),
		},
		witness: terms === null ? witnessOf(bench, mine, fn) : terms.witness(fn),
	};
}

function notEntered({ depth = 'deep' }: CheckRequest): string {
	return depth === 'deep' ? 'no explored run enters it' : 'no run explored so far enters it';
}

/** Function that holds each unsupported site. */
function unsupportedFunctions(program: Program): ReadonlyMap<number, FunctionIndex> {
	const map = new Map<number, FunctionIndex>();
	program.functions.forEach((f, i) => {
		for (const op of f.ops) if (!map.has(op.site)) map.set(op.site, i as FunctionIndex);
	});
	return map;
}

function boundsOf(bench: Bench, mine: readonly Explored[]): Bounds {
	const { depth } = bench.request;
	return {
		pagesMax: Math.max(0, ...mine.map((e) => e.scenario.spec.pages)),
		loopMax: LOOP_MAX,
		statesMax: bench.request.statesMax,
		actorsAtOnceMax: Math.max(0, ...mine.map((e) => e.scenario.actors.length)),
		...(depth === undefined || depth === 'deep' ? {} : { depth }),
		worlds: [...new Set(mine.map((e) => e.scenario.spec.name))],
		flags: [...new Set(mine.map((e) => e.scenario.flags))].map(printFlags),
	};
}

/** Taken for granted by every verdict; ARCHITECTURE.md has the whole list with reasons. */
export const ALWAYS: readonly string[] = [
	'sequential consistency: reorderings by CPU and compiler are not explored, only repeated plain loads',
	'adversaries act alone or in the pairs named; up to two pages; one mm',
];
const WITHOUT_IPI =
	'khugepaged is modelled without the IPI it sends since 6.1: the walk must detect the collapse itself';
const IPI_ALONE =
	'khugepaged is left out: the walk of page-table entries cannot compare the PMD again and rests on the IPI that khugepaged sends';

function alwaysFor(request: CheckRequest): readonly string[] {
	return [...ALWAYS, isMet(request, COLLAPSE_UNAWAITED) ? WITHOUT_IPI : IPI_ALONE];
}

function assumptionsOf(
	bench: Bench,
	names: ReadonlySet<string | undefined>,
	terms: Terms | null,
): readonly Assumption[] {
	const { request, calling } = bench;
	const general = [
		archAssumption(request),
		...(terms?.assumptions ?? (calling.reader ? READER_ASSUMPTIONS : alwaysFor(request))),
		...(calling.assumption ? [calling.assumption] : []),
	];
	const seen = new Set<string>();
	const own = request.program.assumptions.filter((a) => {
		if (a.function !== null && !names.has(a.function)) return false;
		return !seen.has(a.what) && seen.add(a.what);
	});
	return [...general.map((what) => ({ what, site: null, function: null })), ...own];
}

/**
 * Functions that hold code which some run reached and which could not be lowered, without those that `reached` names: a
 * function that reaches such code is `unsupported` for that.
 */
function unreadCallers(
	{ explored, spans }: Evidence,
	reached: ReadonlySet<FunctionIndex>,
): ReadonlyMap<FunctionIndex, string> {
	const callers = new Map<FunctionIndex, string>();
	for (const { site, reason } of explored.flatMap((e) => e.unsupported)) {
		const holder = spans.get(site);
		if (holder !== undefined && !reached.has(holder)) callers.set(holder, reason);
	}
	return callers;
}

/**
 * Why a function that is called from code which could not be lowered is `unsupported`: what it does for that caller was
 * not explored. Null when there is no such caller.
 */
function calledUnread(
	program: Program,
	evidence: Evidence,
	reached: ReadonlySet<FunctionIndex>,
): string | null {
	for (const [caller, reason] of unreadCallers(evidence, reached)) {
		if (!reachable(program, caller).has(evidence.fn)) continue;
		return `called from ${program.functions[caller]?.name}(), where code could not be lowered: ${reason}`;
	}
	return null;
}

/** Said with a verdict beside code that could not be lowered: what the walk does behind it was not explored. */
function uncovered(
	program: Program,
	evidence: Evidence,
	reached: ReadonlySet<FunctionIndex>,
): readonly Assumption[] {
	return [...unreadCallers(evidence, reached).keys()].map((caller) => ({
		what: `what the walk does after code that could not be lowered, in ${program.functions[caller]?.name}(), is not covered`,
		site: program.functions[caller]?.site ?? null,
		function: null,
	}));
}

/** Scenarios in which a witness is looked for, at most: one per world, those with an adversary first. */
const WITNESS_SCENARIOS_MAX = 24;

function witnessOf(bench: Bench, mine: readonly Explored[], fn: FunctionIndex): string | null {
	const rank = ({ scenario: { actors } }: Explored): number => [1, 0][actors.length] ?? 2;
	const ordered = [...mine].sort((a, b) => rank(a) - rank(b));
	const worlds = new Set<string>();
	for (const { scenario } of ordered) {
		if (worlds.has(scenario.spec.name) || worlds.size >= WITNESS_SCENARIOS_MAX) continue;
		worlds.add(scenario.spec.name);
		const path = witnessPath(arenaOf(bench, scenario), fn);
		if (path !== null) return `${scenario.name}:${printPath(path)}`;
	}
	return null;
}

/** Every function undecided, for one reason. */
export function undecided(
	request: CheckRequest,
	kind: 'unsupported' | 'inconclusive',
	why: string,
): CheckResult {
	const { program } = request;
	const bounds: Bounds = {
		pagesMax: 0,
		loopMax: LOOP_MAX,
		statesMax: request.statesMax,
		actorsAtOnceMax: 0,
		worlds: [],
		flags: [],
	};
	const functions = request.functions.map((fn) => {
		const self = program.functions[fn] as Program['functions'][number];
		return {
			name: self.name,
			site: self.site,
			root: program.functions[request.root]?.name ?? '',
			verdict: kind,
			why,
			byActor: [],
			bounds,
			assumptions: [],
			explored: { states: 0, executions: 0 },
			witness: null,
		};
	});
	return { functions, findings: [], scenarios: [] };
}
