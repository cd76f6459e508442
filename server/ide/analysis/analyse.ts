/**
 * Makes an Analysis: lowers the text, explores each walk, resolves places, applies suppressions. Runs wherever the
 * caller likes (a worker in the editor, the process itself on the command line).
 *
 * Invariant: a function that any walk reaches is in the result with the weakest of its verdicts.
 */
import type { Budget } from '../../../engine/base/budget.js';
import type { CheckObserver, CheckRequest } from '../../../engine/check/request.js';
import type { CheckResult } from '../../../engine/check/result.js';
import type { ScenarioMemo } from '../../../engine/check/scenario_memo.js';
import type { FunctionIndex } from '../../../engine/program/op.js';
import type { Program } from '../../../engine/program/program.js';
import {
	type Finding,
	type FunctionCoverage,
	type FunctionVerdict,
	weakest,
} from '../../../engine/rules/verdict.js';
import type { Lowered, LowerRequest, UndecidedReader, Walk } from '../../lower/request.js';
import {
	definitionEnd,
	type SourceLines,
	sourceLines,
	splitLines,
} from '../../tree/source_lines.js';
import { configurationAssumed } from '../../tree/unset_options.js';
import type {
	AnalysedCall,
	AnalysedCoverage,
	AnalysedFinding,
	AnalysedFunction,
	AnalysedSite,
	Analysis,
	AnalysisObserver,
	AnalysisRequest,
} from './analysis.js';
import { contentKey } from './content_store.js';
import { withoutDoubtful } from './doubts.js';
import type { EnginePort } from './engine_port.js';
import { generationIn } from './memory_model.js';
import { type Resolver, resolver } from './resolve.js';
import { type ResultCache, resultKey } from './result_cache.js';
import { allowed, type Suppression, suppressions } from './suppression.js';
import { configOf, findingKey, findingUnder, functionUnder, takenAway } from './what_if.js';
import { withWorkspaceAssumptions } from './workspace_assumptions.js';

/** A lowered text with what is needed to talk about it. */
export interface Prepared {
	readonly lowered: Lowered;
	readonly sources: SourceLines;
	readonly resolve: Resolver;
	/** Of the checked text. */
	readonly lines: readonly string[];
}

export function prepare(
	engine: EnginePort,
	request: AnalysisRequest,
	/** A function to look at alone when no walk reaches it. */
	also: string | null = null,
	/** Throws `OutOfBudget` when it cancels. */
	observer: Pick<AnalysisObserver, 'cancelled' | 'enter'> | null = null,
): Prepared {
	const { path, text, tree, arch, actorSources } = request;
	const config = configOf(request);
	// under lkmm each half would be an unknown of its own: its rules ask about the order of accesses, not about halves
	const wholeEntries = request.memory === 'lkmm';
	const budget: Pick<LowerRequest, 'budget'> =
		observer === null ? {} : { budget: budgetOf(observer) };
	const replacing = request.replacements !== 'ignored';
	const source = { path, text, tree, arch, config, actors: actorSources };
	// first answers do not wait for the tree to be read for it
	const comparing = request.depth === 'first' ? ({ comparing: 'known' } as const) : {};
	const following: Pick<LowerRequest, 'following'> =
		request.adversaries === 'as brought'
			? { following: 'nothing' }
			: request.adversaries === 'doubting'
				? { following: 'doubting' }
				: request.depth === 'first'
					? { following: 'known' }
					: {};
	const whole = { ...source, wholeEntries, replacing, ...budget, ...following, ...comparing };
	let lowered = engine.lower(whole);
	const reached = lowered.walks.flatMap((w) => w.functions.map((f) => nameOf(lowered.program, f)));
	const undecided = lowered.undecided.some((r) => r.name === also);
	if (also !== null && !undecided && !reached.includes(also))
		lowered = engine.lower({ ...whole, also: [also] });
	const sources = sourceLines({ path, text, tree, actorSources });
	const lines = splitLines(text);
	return { lowered, sources, resolve: resolver(lowered.program, sources), lines };
}

/** `prepare` that remembers the last text: its facts are asked for right after its check. */
export function preparing(): typeof prepare {
	let last: { readonly key: string; readonly prepared: Prepared } | null = null;
	return (engine, request, _, observer) => {
		const { path, text, tree, arch, actorSources } = request;
		const config = configOf(request);
		const { memory, replacements, adversaries } = request;
		const root = tree?.root;
		const source = { path, text, root, arch, config, actorSources };
		const key = contentKey({ ...source, memory, replacements, adversaries });
		const isEnough = request.depth === 'first' || (last !== null && isWhole(last.prepared.lowered));
		if (last?.key === key && isEnough) return last.prepared;
		last = { key, prepared: prepare(engine, request, null, observer) };
		return last.prepared;
	};
}

/** Nothing was left out that first answers do not wait for. */
function isWhole({ isFollowing, isCompared }: Lowered): boolean {
	return isFollowing && isCompared;
}

/** What an observer says of the time, as the phases of the work ask for it. */
export function budgetOf(observer: Pick<AnalysisObserver, 'cancelled' | 'enter'>): Budget {
	return {
		isOver: () => observer.cancelled(),
		enter: (phase) => observer.enter?.(phase),
	};
}

/** The walks that reach one of the wanted functions (all when none is named). */
export function wantedWalks(lowered: Lowered, functions: readonly string[]): readonly Walk[] {
	if (functions.length === 0) return lowered.walks;
	return lowered.walks.filter((walk) =>
		walk.functions.some((f) => functions.includes(nameOf(lowered.program, f))),
	);
}

export function checkRequest(program: Program, walk: Walk, request: AnalysisRequest): CheckRequest {
	return {
		program,
		root: walk.root,
		functions: walk.functions,
		actors: knownActors(program, request),
		arch: request.arch,
		memory: request.memory,
		...generationIn(request),
		config: new Set([...configOf(request)].filter(([, v]) => v !== 'n').map(([name]) => name)),
		statesMax: request.statesMax,
		...(request.depth === undefined ? {} : { depth: request.depth }),
		...(request.attached === undefined ? {} : { attached: request.attached }),
		...(request.whatIf === undefined || request.whatIf.length === 0
			? {}
			: { whatIf: request.whatIf }),
		...(walk.reader === undefined ? {} : { reader: walk.reader }),
		...(walk.outside === undefined ? {} : { outside: walk.outside }),
	};
}

/**
 * The adversaries asked for that there are; a setting may name others. Under LKMM, where none is named, those that barriers of a walk
 * are there for (`Under lkmm` in their headers): all of them take minutes, and the verdict says which there were.
 */
function knownActors(
	program: Program,
	{ actors, memory, attached }: AnalysisRequest,
): readonly string[] {
	if (actors.length === 0) {
		if (memory !== 'lkmm' || attached !== undefined) return actors;
		return (program.actors ?? []).filter((a) => a.underLkmm).map((a) => a.name);
	}
	const names = new Set(program.functions.map((f) => f.name));
	return actors.filter((asked) => asked.split('+').every((name) => names.has(`actor_${name}`)));
}

export function nameOf(program: Program, index: FunctionIndex): string {
	return program.functions[index]?.name ?? '?';
}

export interface AnalyseOptions {
	readonly observer: AnalysisObserver;
	readonly cache: ResultCache | null;
	/** What earlier checks said of scenarios. */
	readonly memo?: ScenarioMemo;
	readonly preparedBy?: typeof prepare;
}

/** Throws `OutOfBudget` where the observer cancels before the walks of the text are known. */
export function analyse(
	engine: EnginePort,
	request: AnalysisRequest,
	options: AnalyseOptions,
): Analysis {
	const started = performance.now();
	const prepared = (options.preparedBy ?? prepare)(engine, request, null, options.observer);
	options.observer.enter?.('exploring');
	const analysis = analysePrepared(engine, request, { ...options, prepared, started });
	const { found: _, ...observer } = options.observer;
	return withoutDoubtful(analysis, {
		...{ request, untold: prepared.lowered.untold },
		again: (doubting) => analyse(engine, doubting, { observer, cache: options.cache }),
	});
}

function analysePrepared(
	engine: EnginePort,
	request: AnalysisRequest,
	options: AnalyseOptions & { readonly prepared: Prepared; readonly started: number },
): Analysis {
	const { prepared, started } = options;
	const { lowered, resolve } = prepared;
	const loweredAt = performance.now();
	const known = suppressions(request.text);
	const all: { finding: AnalysedFinding; by: Suppression | null }[] = [];
	const functions: AnalysedFunction[] = [];
	const actors = new Set<string>();
	const seen = new Set<string>();
	const taken: NonNullable<CheckResult['taken']>[] = [];
	let cancelled = false;
	let left = 0;

	let before: ReadonlySet<string> | null = null;
	const without = (): ReadonlySet<string> => {
		before ??= foundWithout(engine, request, { prepared, observer: options.observer });
		return before;
	};

	function add(finding: Finding, root: string, announce: boolean): void {
		const analysed = findingUnder(resolve.finding(finding, root), request, without());
		if (request.functions.length > 0 && !request.functions.includes(analysed.function)) return;
		const by = allowed(analysed, request.path, known);
		const key = `${analysed.rule} ${JSON.stringify(analysed.place)}`;
		if (announce) {
			if (by === null) options.observer.found?.(analysed);
			return;
		}
		if (seen.has(key)) return;
		seen.add(key);
		all.push({ finding: analysed, by });
	}

	for (const walk of wantedWalks(lowered, request.functions)) {
		const root = nameOf(lowered.program, walk.root);
		const wanted = checkRequest(lowered.program, walk, request);
		const explored = explore(engine, wanted, {
			...options,
			found: options.observer.found === undefined ? null : (finding) => add(finding, root, true),
		});
		cancelled ||= explored.cancelled;
		taken.push(explored.result.taken ?? []);
		left += explored.result.left ?? 0;
		for (const finding of explored.result.findings) add(finding, root, false);
		for (const scenario of explored.result.scenarios) {
			if (scenario.actors.length > 0) actors.add(scenario.actors.join('+'));
		}
		for (const verdict of explored.result.functions) {
			if (request.functions.length > 0 && !request.functions.includes(verdict.name)) continue;
			functions.push(functionUnder(analysedFunction(verdict, prepared, request), request));
		}
	}
	for (const reader of lowered.undecided) {
		if (request.functions.length > 0 && !request.functions.includes(reader.name)) continue;
		functions.push(analysedFunction(undecidedVerdict(reader, request), prepared, request));
	}
	const reached = new Set(functions.map((f) => f.name));
	const listed = new Set(lowered.undecided.map((reader) => reader.name));
	const whatIf = takenAway(request, taken, resolve);
	const { workspaceActors, untold, isFollowing, isCompared, unparsed } = lowered;
	// what was not held against the tree is still to come, whatever was explored
	const open = isWhole(lowered) || functions.length === 0 ? left : Math.max(1, left);
	const asked = { ...request, actors: knownActors(lowered.program, request) };
	const suppressed = all.flatMap(({ finding, by }) =>
		by === null ? [] : [{ finding, reason: by.reason, line: by.line }],
	);
	const configured = functions.length === 0 ? [] : configurationAssumed(request);
	const about = {
		...{ request: asked, workspaceActors, suppressed, configured },
		...{ untold, isFollowing, isCompared },
	};
	return {
		path: request.path,
		arch: request.arch,
		memory: request.memory,
		dialect: lowered.dialect,
		functions: mergeFunctions(functions).map((f) => withWorkspaceAssumptions(f, about)),
		findings: all.filter((f) => f.by === null).map((f) => f.finding),
		suppressed,
		...(workspaceActors.length === 0 ? {} : { workspaceActors }),
		unsupported: lowered.program.unsupported
			.filter((u) => u.function === null || reached.has(u.function))
			.map((u) => ({
				...{ reason: u.reason, place: resolve.place(u.site), function: u.function },
				...(u.function !== null && listed.has(u.function) ? { isListed: true } : {}),
			})),
		...(unparsed.length === 0
			? {}
			: {
					unparsed: unparsed.map(({ function: name, site }) => ({
						function: name,
						place: resolve.place(site),
					})),
				}),
		sites: [],
		facts: lowered.facts.flatMap(({ what, from }) =>
			from === null ? [] : [{ what, path: from.path, line: from.line }],
		),
		actors: [...actors],
		...(whatIf === null ? {} : { whatIf }),
		cancelled,
		...(open > 0 ? { left: open } : {}),
		milliseconds: { lower: loweredAt - started, check: performance.now() - loweredAt },
	};
}

/** Keys of what is found when nothing is taken away; looked for only where something was. */
export function foundWithout(
	engine: EnginePort,
	request: AnalysisRequest,
	options: { readonly prepared: Prepared; readonly observer: AnalysisObserver },
): ReadonlySet<string> {
	if ((request.whatIf ?? []).length === 0) return new Set();
	const plain = { ...request, whatIf: [] };
	const isSame = configOf(request) === configOf(plain);
	const { lowered } = isSame ? options.prepared : prepare(engine, plain, null, options.observer);
	const cancelled = (): boolean => options.observer.cancelled();
	return new Set(
		wantedWalks(lowered, request.functions).flatMap((walk) =>
			engine
				.check(checkRequest(lowered.program, walk, plain), { cancelled, progress: () => {} })
				.findings.map(findingKey),
		),
	);
}

/**
 * What the runs of the text's walks show about each of its sites: fills `Analysis.sites`. They are runs of sequential
 * consistency under every memory model: what they show, weaker models allow too.
 */
export function analyseSites(
	engine: EnginePort,
	request: AnalysisRequest,
	options: { readonly observer: AnalysisObserver; readonly preparedBy?: typeof prepare },
): readonly AnalysedSite[] {
	const { observer } = options;
	const { lowered, resolve } = (options.preparedBy ?? prepare)(engine, request, null, observer);
	observer.enter?.('exploring');
	return wantedWalks(lowered, request.functions).flatMap((walk) =>
		engine
			.sites(checkRequest(lowered.program, walk, request), {
				cancelled: () => observer.cancelled(),
				progress: (done, total, scenario) => observer.progress?.(done, total, scenario),
			})
			.map(resolve.site),
	);
}

/** A reader for which no world is modelled. */
function undecidedVerdict(
	{ name, site, why }: UndecidedReader,
	{ statesMax }: AnalysisRequest,
): FunctionVerdict {
	const none = { pagesMax: 0, loopMax: 0, actorsAtOnceMax: 0, worlds: [], flags: [] };
	return {
		...{ name, site, why, root: name },
		verdict: 'unsupported',
		byActor: [],
		bounds: { ...none, statesMax },
		assumptions: [],
		explored: { states: 0, executions: 0 },
		witness: null,
	};
}

function explore(
	engine: EnginePort,
	request: CheckRequest,
	options: {
		readonly observer: AnalysisObserver;
		readonly cache: ResultCache | null;
		readonly memo?: ScenarioMemo;
		readonly found: ((finding: Finding) => void) | null;
	},
): { readonly result: CheckResult; readonly cancelled: boolean } {
	const key = options.cache === null ? '' : resultKey(request);
	const known = options.cache?.get(key);
	if (known !== undefined) return { result: known, cancelled: false };
	let cancelled = false;
	const observer: CheckObserver = {
		cancelled() {
			cancelled ||= options.observer.cancelled();
			return cancelled;
		},
		progress: (done, total, scenario) => options.observer.progress?.(done, total, scenario),
		...(options.found === null ? {} : { found: options.found }),
	};
	const result = engine.check(request, observer, options.memo ?? null);
	if (!cancelled) options.cache?.set(key, result);
	return { result, cancelled };
}

function analysedFunction(
	verdict: FunctionVerdict,
	prepared: Prepared,
	request: AnalysisRequest,
): AnalysedFunction {
	const place = prepared.resolve.place(verdict.site);
	const end = place.path === request.path ? definitionEnd(prepared.lines, place.line) : place.line;
	return {
		name: verdict.name,
		place,
		endLine: end,
		root: verdict.root,
		...(verdict.calls === undefined ? {} : { calls: verdict.calls }),
		callsAt: callsOf(verdict, prepared, request.path),
		verdict: verdict.verdict,
		why: verdict.why,
		byActor: verdict.byActor,
		bounds: verdict.bounds,
		assumptions: verdict.assumptions.map((a) => ({
			what: a.what,
			line:
				a.site !== null && prepared.resolve.place(a.site).path === request.path
					? prepared.resolve.place(a.site).line
					: null,
		})),
		explored: verdict.explored,
		witness: verdict.witness,
		...(verdict.coverage === undefined
			? {}
			: { coverage: coverageOf(verdict.coverage, prepared.resolve) }),
	};
}

/** The calls that a function's own text makes. */
function callsOf(
	{ name }: FunctionVerdict,
	{ lowered: { program }, resolve }: Prepared,
	path: string,
): readonly AnalysedCall[] {
	const own = program.functions.find((f) => f.name === name && f.path === path);
	return (own?.ops ?? []).flatMap((op): readonly AnalysedCall[] => {
		const callee = op.kind === 'call' ? program.functions[op.callee] : undefined;
		if (callee?.origin !== 'walk') return [];
		return [
			{
				name: callee.name,
				place: resolve.place(op.site),
				definition: resolve.place(callee.site),
			},
		];
	});
}

function coverageOf(
	{ operations, lines, never, constant }: FunctionCoverage,
	resolve: Prepared['resolve'],
): AnalysedCoverage {
	return {
		operations,
		lines,
		never: never.map(({ site, needs, said, ofSection, behind = [] }) => {
			const place = resolve.place(site);
			const own = behind.map(resolve.place).filter((p) => p.path === place.path);
			const words = said === undefined ? { needs } : { needs, said };
			const kind = ofSection === undefined ? {} : { ofSection };
			return { place, ...words, ...kind, lines: [...new Set(own.map((p) => p.line))] };
		}),
		constant: constant.map(resolve.place),
	};
}

/** One entry per function: reached from several roots it has the weakest verdict and the sum of the work. */
function mergeFunctions(functions: readonly AnalysedFunction[]): readonly AnalysedFunction[] {
	const merged = new Map<string, AnalysedFunction>();
	for (const f of functions) {
		const before = merged.get(f.name);
		merged.set(f.name, before === undefined ? f : mergeTwo(before, f));
	}
	return [...merged.values()].sort((a, b) => a.place.line - b.place.line);
}

function mergeTwo(a: AnalysedFunction, b: AnalysedFunction): AnalysedFunction {
	const verdict = weakest([a.verdict, b.verdict]);
	const actors = [...new Set([...a.byActor, ...b.byActor].map((x) => x.actor))];
	const verdictsOf = (actor: string) =>
		[...a.byActor, ...b.byActor].filter((x) => x.actor === actor).map((x) => x.verdict);
	const assumptions = [...a.assumptions, ...b.assumptions];
	return {
		...(a.verdict === verdict ? a : b),
		byActor: actors.map((actor) => ({ actor, verdict: weakest(verdictsOf(actor)) })),
		assumptions: assumptions.filter(
			(x, i) => assumptions.findIndex((y) => y.what === x.what && y.line === x.line) === i,
		),
		explored: {
			states: a.explored.states + b.explored.states,
			executions: a.explored.executions + b.explored.executions,
		},
	};
}
