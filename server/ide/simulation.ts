/**
 * One run to look at: a finding's trace replayed by its id, or the shortest run of a function against an adversary.
 */
import type { Phase } from '../../engine/base/budget.js';
import type { CheckRequest } from '../../engine/check/request.js';
import { phraseOf, readVariedId, variedId } from '../../engine/check/what_ifs.js';
import type { FunctionIndex, SiteIndex } from '../../engine/program/op.js';
import type { ClaimAnswer } from '../../engine/questions/claims/claim.js';
import type { Rule, VerdictKind } from '../../engine/rules/verdict.js';
import type { Walk } from '../lower/request.js';
import { checkRequest, foundWithout, nameOf, type Prepared, prepare } from './analysis/analyse.js';
import type {
	AnalysedFinding,
	AnalysedTrace,
	AnalysedWhatIf,
	AnalysisObserver,
	AnalysisRequest,
	Place,
} from './analysis/analysis.js';
import type { EnginePort } from './analysis/engine_port.js';
import { oneLine, spanReader } from './analysis/spans.js';
import { findingKey, findingUnder, takenAway, traceUnder } from './analysis/what_if.js';
import { decideClaims } from './claims/check.js';

export interface SimulationRequest {
	readonly function: string;
	/** Rule the run is to break, or null: any, else none. */
	readonly rule: string | null;
	/** Id of a run to replay (it says what was taken away), or null to search. */
	readonly trace: string | null;
	/** Id of a claim of a comment to decide instead. */
	readonly claim?: string;
	/** Not the run `trace` itself, which breaks a rule: the one that shares the most with it and breaks none. */
	readonly nearest?: true;
}

/** A guard that acted in a run, and without which the same run breaks a rule. */
export interface AnalysedSaving {
	readonly place: Place;
	readonly function: string;
	/** Its text on one line. */
	readonly text: string;
	readonly rule: Rule;
	readonly message: string;
	/** Replays the run without it. */
	readonly trace: string;
}

export interface AnalysedSaved {
	readonly savings: readonly AnalysedSaving[];
	/** Guards that acted in the run because of another CPU. */
	readonly acted: number;
	/** Each of them was taken away, unless enough had been found. */
	readonly isWhole: boolean;
}

export type Simulation =
	| {
			readonly trace: AnalysedTrace;
			readonly finding: AnalysedFinding | null;
			/** The function's verdict, where one was worked out. */
			readonly verdict?: VerdictKind;
			/** Why it is no other; absent: it needs no reason. */
			readonly verdictWhy?: string;
			/** What was decided of the claim asked about. */
			readonly claim?: { readonly verdict: ClaimAnswer['verdict']; readonly note: string };
			/** What was taken away; absent: nothing. */
			readonly whatIf?: AnalysedWhatIf;
			/** The same in words, also where guards were; absent: the run is of the code as it stands. */
			readonly supposed?: string;
			/** What saved a run that breaks no rule; absent: nothing can be said. */
			readonly saved?: AnalysedSaved;
			/** Walk functions, for messages. */
			readonly functions: readonly string[];
	  }
	| {
			readonly trace: null;
			readonly why: string;
			/** Empty where it was stopped before they were known. */
			readonly functions: readonly string[];
			/** It was given up in this phase, before the walks of the text were known. Absent: it was not. */
			readonly stopped?: Phase;
			readonly claim?: { readonly verdict: ClaimAnswer['verdict']; readonly note: string };
	  };

/** What is left to say of a run that was given up before there was one. */
export function stoppedSimulation(
	phase: Phase,
	why = `the search was stopped in ${phase}`,
): Simulation & { readonly trace: null } {
	return { trace: null, why, functions: [], stopped: phase };
}

/** Throws `OutOfBudget` where the observer cancels before the walks of the text are known. */
export function simulateFunction(
	engine: EnginePort,
	given: AnalysisRequest,
	asked: SimulationRequest,
	observer: AnalysisObserver,
): Simulation {
	if (asked.claim !== undefined) return claimed(engine, given, asked.claim, observer);
	const { request, wanted } = varied(given, asked);
	const prepared = prepare(engine, request, wanted.function, observer);
	observer.enter?.('exploring');
	const { program, walks, undecided } = prepared.lowered;
	const reached = walks.flatMap((w) => w.functions.map((f) => nameOf(program, f)));
	const names = [...new Set([...reached, ...undecided.map((r) => r.name)])];
	const missing = (why: string): Simulation => ({ trace: null, why, functions: names });
	const walk = walks.find((w) => w.functions.some((f) => nameOf(program, f) === wanted.function));
	const index = walk?.functions.find((f) => nameOf(program, f) === wanted.function);
	const reader = undecided.find((r) => r.name === wanted.function);
	if (reader !== undefined) return missing(`unsupported: ${reader.why}`);
	if (walk === undefined || index === undefined) {
		return missing(`no lockless walk of ${request.path} reaches a function '${wanted.function}'`);
	}
	const base = checkRequest(program, walk, request);
	if (wanted.trace !== null)
		return wanted.nearest === true
			? nearest(engine, base, wanted.trace, { prepared, names, request })
			: replayed(engine, base, wanted.trace, { prepared, names, request });
	return searched(engine, { base, index, walk, wanted, observer, prepared, names, request });
}

/** The run that shows what a comment's claim is worth. */
function claimed(
	engine: EnginePort,
	request: AnalysisRequest,
	id: string,
	observer: AnalysisObserver,
): Simulation {
	const [decided] = decideClaims(engine, request, { observer, only: id }).claims;
	const functions = decided === undefined ? [] : [decided.found.function];
	if (decided === undefined) return { trace: null, why: 'there is no such claim', functions };
	const { verdict, found, reading, why, trace } = decided;
	const note = `"${found.text}" is ${verdict}. Read as: ${reading}. ${why[0]?.toUpperCase()}${why.slice(1)}.`;
	const claim = { verdict, note };
	if (trace === null) return { trace, why: note, functions, claim };
	return { trace, finding: null, functions, claim };
}

/** A run's id says what was taken away. */
function varied(
	request: AnalysisRequest,
	wanted: SimulationRequest,
): { readonly request: AnalysisRequest; readonly wanted: SimulationRequest } {
	if (wanted.trace === null) return { request, wanted };
	const { id, names } = readVariedId(wanted.trace);
	const whatIf = [...new Set([...(request.whatIf ?? []), ...names])];
	return { request: { ...request, whatIf }, wanted: { ...wanted, trace: id } };
}

function replayed(
	engine: EnginePort,
	base: CheckRequest,
	id: string,
	context: {
		readonly prepared: Prepared;
		readonly names: readonly string[];
		readonly request: AnalysisRequest;
	},
): Simulation {
	const outcome = engine.replay(base, id);
	const functions = context.names;
	if (outcome.trace === null) return { trace: null, why: outcome.why, functions };
	const { prepared, request } = context;
	const trace = traceUnder(prepared.resolve.trace(outcome.trace), request);
	const supposed = supposedOf(request, outcome.gone ?? [], prepared);
	if (outcome.finding === undefined)
		return { trace, finding: null, functions, ...supposed, ...savedBy(engine, base, id, context) };
	const root = nameOf(prepared.lowered.program, base.root);
	const found = prepared.resolve.finding(outcome.finding, root);
	const told = outcome.gone === undefined ? found : withoutGuards(found, outcome.gone, context);
	return { trace, finding: findingUnder(told, request, new Set()), functions, ...supposed };
}

/** What was taken away, in words. */
function supposedOf(
	request: AnalysisRequest,
	gone: readonly SiteIndex[],
	prepared: Prepared,
): { readonly supposed?: string } {
	const { whatIf: names = [] } = request;
	const guards = gone.length === 0 ? [] : [`without ${guardText(gone, { prepared, request })}`];
	const words = [...(names.length === 0 ? [] : [`what if ${phraseOf(names)}`]), ...guards];
	return words.length === 0 ? {} : { supposed: words.join(', ') };
}

function nearest(
	engine: EnginePort,
	base: CheckRequest,
	id: string,
	{ prepared, names, request }: Parameters<typeof replayed>[3],
): Simulation {
	const found = engine.nearestGood(base, id);
	if (found === null) {
		const why = 'no run was found that begins like this one and breaks no rule';
		return { trace: null, why, functions: names };
	}
	return {
		trace: traceUnder(prepared.resolve.trace(found), request),
		finding: null,
		functions: names,
	};
}

/** What saved a run that breaks no rule; nothing where nothing is known. */
function savedBy(
	engine: EnginePort,
	base: CheckRequest,
	id: string,
	{ prepared, request }: Pick<Parameters<typeof replayed>[3], 'prepared' | 'request'>,
): { readonly saved?: AnalysedSaved } {
	const saved = engine.savedBy(base, id);
	if (saved === null) return {};
	const read = spanReader(request.text);
	const savings = saved.savings.map((saving): AnalysedSaving => {
		const place = prepared.resolve.place(saving.site);
		return {
			place,
			function: saving.function,
			text: oneLine(read(place)),
			rule: saving.rule,
			message: saving.message,
			trace: variedId(saving.trace, request.whatIf ?? []),
		};
	});
	return { saved: { ...saved, savings } };
}

/** A finding of a walk without some of its guards: nobody is to take it for one on the code. */
export function withoutGuards(
	finding: AnalysedFinding,
	gone: readonly SiteIndex[],
	context: { readonly prepared: Prepared; readonly request: AnalysisRequest },
): AnalysedFinding {
	const message = `without ${guardText(gone, context)}: ${finding.message}`;
	return { ...finding, severity: 'information', message };
}

function guardText(
	gone: readonly SiteIndex[],
	{ prepared, request }: { readonly prepared: Prepared; readonly request: AnalysisRequest },
): string {
	const read = spanReader(request.text);
	const guards = gone.map((site) => {
		const place = prepared.resolve.place(site);
		return `line ${place.line} (\`${oneLine(read(place))}\`)`;
	});
	return guards.join(' and ');
}

function searched(
	engine: EnginePort,
	options: {
		readonly base: CheckRequest;
		readonly index: FunctionIndex;
		readonly walk: Walk;
		readonly wanted: SimulationRequest;
		readonly observer: AnalysisObserver;
		readonly prepared: Prepared;
		readonly names: readonly string[];
		readonly request: AnalysisRequest;
	},
): Simulation {
	const { base, index, walk, wanted, observer, prepared, names, request } = options;
	const watcher = {
		cancelled: () => observer.cancelled(),
		progress: (done: number, total: number, scenario: string) =>
			observer.progress?.(done, total, scenario),
	};
	const search = { ...base, function: index, rule: wanted.rule };
	let outcome = engine.simulate(search, watcher);
	let without: ReadonlySet<string> = new Set();
	if (base.whatIf !== undefined && outcome.finding !== null) {
		// what the code gets wrong anyway is not what taking something away shows
		without = foundWithout(engine, request, { prepared, observer });
		if (without.has(findingKey(outcome.finding))) {
			const other = engine.simulate({ ...search, except: [...without] }, watcher);
			if (other.finding !== null) outcome = other;
		}
	}
	const { resolve, lowered } = prepared;
	const root = nameOf(lowered.program, walk.root);
	const finding =
		outcome.finding === null
			? null
			: findingUnder(resolve.finding(outcome.finding, root), request, without);
	const whatIf = takenAway(request, [outcome.taken ?? []], resolve);
	const trace = outcome.trace ?? outcome.finding?.trace ?? null;
	if (trace === null) {
		const why = observer.cancelled()
			? 'the search was stopped before it met a run that enters the function'
			: `no explored run enters ${wanted.function}() while an adversary acts`;
		return { trace: null, why, functions: names };
	}
	return {
		trace: traceUnder(resolve.trace(trace), request),
		finding,
		functions: names,
		...(finding === null ? savedBy(engine, base, trace.id, { prepared, request }) : {}),
		...(outcome.verdict == null ? {} : { verdict: outcome.verdict.verdict }),
		...(outcome.verdict?.why == null ? {} : { verdictWhy: outcome.verdict.why }),
		...(whatIf === null ? {} : { whatIf }),
		...(whatIf === null || whatIf.taken.length === 0 ? {} : supposedOf(request, [], prepared)),
	};
}
