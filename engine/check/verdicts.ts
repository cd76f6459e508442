/**
 * From explored scenarios to verdicts per function. A function's verdict covers what it reaches; a function that no run
 * entered is not `holds`, whatever else was explored.
 */

import { printFlags } from '../mm/model/foll.js';
import type { FunctionIndex } from '../program/op.js';
import { type Assumption, findFunction, type Program } from '../program/program.js';
import { reachable } from '../program/reach.js';
import {
	type Bounds,
	type Finding,
	type FunctionCoverage,
	type FunctionVerdict,
	type VerdictKind,
	weakest,
} from '../rules/verdict.js';
import { archAssumption } from './assumptions.js';
import { LOOP_MAX } from './bounds.js';
import type { PreparedWalk } from './prepare.js';
import type { CheckRequest } from './request.js';
import { CANCELLED, type Explored } from './result.js';
import { namesOf } from './scenario.js';
import type { ScenarioMachines } from './scenario_machine.js';
import {
	constantIn,
	grantedIn,
	isConstant,
	isWhole,
	neverIn,
	placeWords,
	unloweredIn,
} from './uncovered.js';

/** A verdict for each function of the request that runs can enter under this configuration. */
export function verdictsOf(
	machines: ScenarioMachines,
	evidence: Pick<Evidence, 'explored' | 'findings' | 'terms' | 'coverage' | 'cancelled'>,
): readonly FunctionVerdict[] {
	const { walk } = machines;
	const { program, functions } = walk.request;
	const spans = unsupportedFunctions(program);
	const unloweredActors = unloweredAdversaries(walk, evidence.explored, spans);
	const telling =
		walk.calling.kind === 'range' || walk.calling.kind === 'entry'
			? new Set(machines.pageTests().map((test) => test.function))
			: null;
	const entered = (fn: FunctionIndex): boolean => evidence.explored.some((e) => e.entered.has(fn));
	const judged = functions.filter((fn) => !isConstant(fn, evidence.coverage) || entered(fn));
	return judged.map((fn) => verdictOf(walk, { ...evidence, fn, spans, unloweredActors, telling }));
}

/** What a memory model takes for granted and shows. */
export interface Terms {
	readonly assumptions: readonly string[];
	/** The run that shows the function at work; `entering`: what was explored and entered it. */
	witness(fn: FunctionIndex, entering: readonly Explored[]): string | null;
	/** Without such a run it does not hold. */
	readonly needsWitness: boolean;
}

interface Evidence {
	readonly fn: FunctionIndex;
	readonly explored: readonly Explored[];
	readonly findings: readonly Finding[];
	readonly spans: ReadonlyMap<number, FunctionIndex>;
	readonly unloweredActors: ReadonlyMap<Explored, string>;
	/** Functions with branches that tell one page from another; null: it is not asked. */
	readonly telling: ReadonlySet<FunctionIndex> | null;
	readonly terms: Terms;
	/** It was to stop before all was explored. */
	readonly cancelled: boolean;
	/** Of the walk's functions; null: it decides nothing here. */
	readonly coverage: ReadonlyMap<FunctionIndex, FunctionCoverage> | null;
}

function verdictOf(walk: PreparedWalk, evidence: Evidence): FunctionVerdict {
	const { fn, explored, findings, spans, unloweredActors, terms } = evidence;
	const { request } = walk;
	const { program } = request;
	const reached = reachable(program, fn);
	const names = new Set([...reached].map((f) => program.functions[f]?.name));
	const mine = explored.filter((e) => e.entered.has(fn));
	const broken = findings.filter((f) => names.has(f.function));
	const unlowered = unloweredIn(request, reached, evidence.coverage);
	const neverReached = neverIn(request, reached, evidence.coverage);
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
			const why = unloweredActors.get(e);
			if (why !== undefined) return { kind: 'unsupported', why };
		}
		if (unlowered !== null) return { kind: 'unsupported', why: unlowered };
		if (evidence.cancelled) return { kind: 'inconclusive', why: CANCELLED };
		const limited = scenarios.find((e) => e.limit !== null) ?? openFor(evidence, actor);
		if (limited)
			return { kind: 'inconclusive', why: `${limited.scenario.title}: ${limited.limit?.why}` };
		if (scenarios.length === 0) return { kind: 'inconclusive', why: notEntered(walk) };
		if (terms.needsWitness && terms.witness(fn, mine) === null)
			return { kind: 'inconclusive', why: 'in no execution does an adversary meet it' };
		if (neverReached !== null)
			return { kind: 'inconclusive', why: `${neverReached}${endedBefore(walk, findings)}` };
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
	const called = calledUnlowered(program, evidence, reached);
	const overall =
		called !== null ? { kind: 'unsupported' as const, why: called } : kindOf(mine, null);
	const self = program.functions[fn] as Program['functions'][number];
	const coverage = isWhole(request) ? evidence.coverage?.get(fn) : undefined;
	return {
		name: self.name,
		site: self.site,
		root: program.functions[request.root]?.name ?? '',
		calls: [...names].filter((name) => name !== undefined && name !== self.name) as string[],
		...(coverage === undefined ? {} : { coverage }),
		verdict: weakest([overall.kind, ...byActor.map((a) => a.verdict)]),
		why: overall.why,
		byActor,
		bounds: boundsOf(request, mine, isTellingNone(evidence.telling, reached)),
		assumptions: [
			...assumptionsOf(walk, names, terms),
			...behindUnlowered(program, evidence, reached),
			...constantIn(request, reached, evidence.coverage),
			...grantedIn(request, reached, evidence.coverage),
		],
		explored: {
			states: mine.reduce((n, e) => n + e.result.states, 0),
			executions: mine.reduce((n, e) => n + e.result.executions, 0),
		},
		witness: terms.witness(fn, mine),
	};
}

/** A scenario with that adversary (null: any) of which it is not known whether its runs would have entered the function. */
function openFor({ fn, explored }: Evidence, actor: string | null): Explored | undefined {
	return explored.find(
		({ limit, entered, scenario }) =>
			limit?.isOpen === true &&
			!entered.has(fn) &&
			(actor === null || scenario.adversary === actor),
	);
}

function notEntered({ request: { depth = 'deep' }, calling }: PreparedWalk): string {
	const runs = depth === 'deep' ? 'no explored run enters it' : 'no run explored so far enters it';
	const { without } = calling.reader ?? { without: null };
	return without === null ? runs : `${runs}: all are without ${without}`;
}

/** What a run would have come to behind a finding is not known: it ends there. */
function endedBefore({ request }: PreparedWalk, findings: readonly Finding[]): string {
	const [first] = findings;
	if (first === undefined) return '';
	const { program, root } = request;
	const place = placeWords(program, first.site, program.functions[root]?.path ?? null);
	return `; runs that end at ${place} (${first.rule}) may reach it`;
}

/**
 * Scenarios in which an adversary did not do what it is to do, and why: it came to code of its own that could not be lowered, and
 * nothing that it does behind that was explored.
 */
function unloweredAdversaries(
	{ request }: PreparedWalk,
	explored: readonly Explored[],
	spans: ReadonlyMap<number, FunctionIndex>,
): ReadonlyMap<Explored, string> {
	const { program } = request;
	const walk = reachable(program, request.root);
	const ofActor = new Map<string, ReadonlySet<FunctionIndex>>();
	const own = (name: string): ReadonlySet<FunctionIndex> => {
		const actor = findFunction(program, `actor_${name}`);
		const known = ofActor.get(name) ?? (actor === null ? new Set() : reachable(program, actor));
		ofActor.set(name, known);
		return known;
	};
	const unloweredActors = new Map<Explored, string>();
	for (const e of explored) {
		for (const { site, reason } of e.unsupported) {
			const holder = spans.get(site);
			if (holder === undefined || walk.has(holder)) continue;
			const name = e.scenario.actors.find((actor) => own(actor).has(holder));
			if (name !== undefined)
				unloweredActors.set(e, `the adversary ${name} is not understood: ${reason}`);
		}
	}
	return unloweredActors;
}

/** Function that holds each unsupported site. */
function unsupportedFunctions(program: Program): ReadonlyMap<number, FunctionIndex> {
	const map = new Map<number, FunctionIndex>();
	program.functions.forEach((f, i) => {
		for (const op of f.ops) if (!map.has(op.site)) map.set(op.site, i as FunctionIndex);
	});
	return map;
}

function isTellingNone(
	telling: ReadonlySet<FunctionIndex> | null,
	reached: ReadonlySet<FunctionIndex>,
): boolean {
	return telling !== null && ![...reached].some((fn) => telling.has(fn));
}

function boundsOf(
	{ depth, statesMax }: CheckRequest,
	mine: readonly Explored[],
	pagesAny: boolean,
): Bounds {
	return {
		pagesMax: Math.max(0, ...mine.map((e) => e.scenario.spec.pages)),
		...(pagesAny ? { pagesAny } : {}),
		loopMax: LOOP_MAX,
		statesMax,
		actorsAtOnceMax: Math.max(0, ...mine.map((e) => e.scenario.actors.length)),
		...(depth === undefined || depth === 'deep' ? {} : { depth }),
		worlds: [...new Set(mine.map((e) => e.scenario.spec.name))],
		flags: [...new Set(mine.map((e) => e.scenario.flags))].map(printFlags),
	};
}

function assumptionsOf(
	{ request, calling }: PreparedWalk,
	names: ReadonlySet<string | undefined>,
	terms: Terms,
): readonly Assumption[] {
	const general = [
		archAssumption(request),
		...terms.assumptions,
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
function unloweredCallers(
	{ explored, spans, unloweredActors }: Evidence,
	reached: ReadonlySet<FunctionIndex>,
): ReadonlyMap<FunctionIndex, string> {
	const callers = new Map<FunctionIndex, string>();
	const walks = explored.filter((e) => !unloweredActors.has(e));
	for (const { site, reason } of walks.flatMap((e) => e.unsupported)) {
		const holder = spans.get(site);
		if (holder !== undefined && !reached.has(holder)) callers.set(holder, reason);
	}
	return callers;
}

/**
 * Why a function that is called from code which could not be lowered is `unsupported`: what it does for that caller was
 * not explored. Null when there is no such caller.
 */
function calledUnlowered(
	program: Program,
	evidence: Evidence,
	reached: ReadonlySet<FunctionIndex>,
): string | null {
	for (const [caller, reason] of unloweredCallers(evidence, reached)) {
		if (!reachable(program, caller).has(evidence.fn)) continue;
		return `called from ${program.functions[caller]?.name}(), where code could not be lowered: ${reason}`;
	}
	return null;
}

/** Said with a verdict beside code that could not be lowered: what the walk does behind it was not explored. */
function behindUnlowered(
	program: Program,
	evidence: Evidence,
	reached: ReadonlySet<FunctionIndex>,
): readonly Assumption[] {
	return [...unloweredCallers(evidence, reached).keys()].map((caller) => ({
		what: `what the walk does after code that could not be lowered, in ${program.functions[caller]?.name}(), is not covered`,
		site: program.functions[caller]?.site ?? null,
		function: null,
	}));
}
