/**
 * A file of the adversary's side (mm/khugepaged.c, mm/hugetlb.c …), checked against the tree's fast walk: each of its functions that an
 * adversary stands for gets a verdict, and a walk that is right but for what such a function lacks is a finding at that function.
 *
 * Invariant: only what the function lacks counts against it: what is found while the adversary does all that racewalk brings it with
 * is the walk's.
 * Model: the walk of the tree's mm/gup.c; what a function does in addition is not added to its adversary (server/lower/followed.ts).
 */
import { weakest } from '../../../engine/rules/verdict.js';
import { followedOf } from '../../lower/lower.js';
import { changedTree } from '../../tree/changed_tree.js';
import { definitionEnd, splitLines } from '../../tree/source_lines.js';
import { type AnalyseOptions, analyse, budgetOf, nameOf, prepare } from '../analysis/analyse.js';
import type {
	AnalysedFinding,
	AnalysedFunction,
	Analysis,
	AnalysisRequest,
	Place,
	SuppressedFinding,
} from '../analysis/analysis.js';
import type { EnginePort } from '../analysis/engine_port.js';
import { allowed, suppressions } from '../analysis/suppression.js';
import { configOf, findingKey } from '../analysis/what_if.js';
import { type Simulation, type SimulationRequest, simulateFunction } from '../simulation.js';
import { type Lack, lackText, type Standing, standingIn } from './standing.js';

/** The file with the walk that adversaries of other files are held against. */
export const WALK = 'mm/gup.c';

/** Whether functions of the document may be ones that an adversary stands for: some adversary's text names its path. */
export function mayBeSide({ path, tree, actorSources }: AnalysisRequest): boolean {
	return tree !== null && path !== WALK && actorSources.some(({ text }) => text.includes(path));
}

/** The walk of the document's tree, with the document as it stands, against some adversaries; null: the tree has no such file. */
export function walkRequest(
	request: AnalysisRequest,
	actors: readonly string[],
): AnalysisRequest | null {
	const { tree, path, text } = request;
	const walk = tree?.read(WALK) ?? null;
	if (tree === null || walk === null) return null;
	const isSaved = tree.read(path) === text;
	const { depth: _, ...rest } = request;
	return {
		...rest,
		...{ path: WALK, text: walk, actors, functions: [] },
		tree: isSaved ? tree : changedTree(tree, new Map([[path, text]])),
	};
}

/** The functions of the document that adversaries stand for. Throws `OutOfBudget` where the observer cancels. */
export function standingOf(
	request: AnalysisRequest,
	observer: AnalyseOptions['observer'],
): readonly Standing[] {
	const walk = mayBeSide(request) ? walkRequest(request, []) : null;
	if (walk === null) return [];
	const { path, text, tree, arch } = walk;
	const followed = followedOf({
		...{ path, text, tree, arch },
		...{ config: configOf(walk), actors: walk.actorSources, budget: budgetOf(observer) },
	});
	const isWanted = (actor: string): boolean =>
		request.actors.length === 0 || request.actors.some((asked) => asked.split('+').includes(actor));
	return standingIn(request.path, followed.steps).flatMap((standing) => {
		const actors = standing.actors.filter(isWanted);
		const isAsked = request.functions.length === 0 || request.functions.includes(standing.name);
		return actors.length === 0 || !isAsked ? [] : [{ ...standing, actors }];
	});
}

/** The analysis with the verdicts of the adversary's side. */
export function withSide(
	engine: EnginePort,
	request: AnalysisRequest,
	{ analysis, options }: { readonly analysis: Analysis; readonly options: AnalyseOptions },
): Analysis {
	const standing = standingOf(request, options.observer);
	const actors = [...new Set(standing.flatMap((s) => s.actors))];
	const walk = walkRequest(request, actors);
	if (standing.length === 0 || walk === null) return analysis;
	const { found: _, ...observer } = options.observer;
	const quiet = { ...options, observer, cache: null };
	const whole = analyse(engine, walk, quiet);
	const known =
		whole.findings.length === 0
			? new Set<string>()
			: new Set(
					analyse(engine, { ...walk, adversaries: 'as brought' }, quiet).findings.map(findingKey),
				);
	const fresh = whole.findings.filter((f) => !known.has(findingKey(f)));
	const lines = splitLines(request.text);
	const all = standing.flatMap((s) => sideFindings(s, { fresh, request, lines }));
	const comments = suppressions(request.text);
	const told = all.map((finding) => ({ finding, by: allowed(finding, request.path, comments) }));
	const suppressed = told.flatMap(({ finding, by }): SuppressedFinding[] =>
		by === null ? [] : [{ finding, reason: by.reason, line: by.line }],
	);
	const findings = told.flatMap(({ finding, by }) => (by === null ? [finding] : []));
	for (const finding of findings) options.observer.found?.(finding);
	const hidden = whole.findings.filter((f) => known.has(findingKey(f)));
	const evidence = { whole, findings: all, hidden, request, lines };
	const acting = new Set(whole.actors.flatMap((actor) => actor.split('+')));
	const functions = standing.flatMap((s) => {
		// an adversary of readers alone says nothing of the walk
		const actors = s.actors.filter((actor) => acting.has(actor));
		return actors.length === 0 ? [] : [sideFunction({ ...s, actors }, evidence)];
	});
	const names = new Set(functions.map((f) => f.name));
	return {
		...analysis,
		functions: [
			...analysis.functions.filter((f) => !names.has(f.name)),
			...functions.map((f) =>
				joined(
					analysis.functions.find((x) => x.name === f.name),
					f,
				),
			),
		].sort((a, b) => a.place.line - b.place.line),
		findings: [...analysis.findings, ...findings],
		suppressed: [...analysis.suppressed, ...suppressed],
		actors: [...new Set([...analysis.actors, ...whole.actors])],
		cancelled: analysis.cancelled || whole.cancelled,
		milliseconds: {
			lower: analysis.milliseconds.lower + whole.milliseconds.lower,
			check: analysis.milliseconds.check + whole.milliseconds.check,
		},
	};
}

interface Document {
	readonly request: AnalysisRequest;
	readonly lines: readonly string[];
}

/** A function that is a reader, too, has the weaker of both verdicts. */
function joined(reader: AnalysedFunction | undefined, side: AnalysedFunction): AnalysedFunction {
	if (reader === undefined) return side;
	const verdict = weakest([reader.verdict, side.verdict]);
	const weaker = side.verdict === verdict ? side : reader;
	return {
		...reader,
		...{ verdict, why: weaker.why },
		...(side.against === undefined ? {} : { against: side.against }),
		byActor: [...reader.byActor, ...side.byActor],
		assumptions: [...reader.assumptions, ...side.assumptions],
		explored: {
			states: reader.explored.states + side.explored.states,
			executions: reader.explored.executions + side.explored.executions,
		},
	};
}

/** One finding for each rule that the walk breaks because of what the function lacks. */
function sideFindings(
	standing: Standing,
	{ fresh, request, lines }: Document & { readonly fresh: readonly AnalysedFinding[] },
): readonly AnalysedFinding[] {
	const told = new Map<string, AnalysedFinding>();
	for (const lack of standing.lacks) {
		for (const finding of fresh) {
			if (!isBy(finding, lack)) continue;
			const key = `${lack.effect} ${finding.rule}`;
			const first = told.get(key);
			const there = { place: finding.place, message: `${finding.function}(): ${finding.message}` };
			if (first !== undefined) {
				told.set(key, { ...first, related: [...first.related, there] });
				continue;
			}
			const place = placeAt(request.path, lines, { line: lack.line, word: standing.name });
			told.set(key, {
				...finding,
				function: standing.name,
				place,
				message: `${lackText(standing.name, lack)}: ${finding.function}() in ${WALK}: ${finding.message}`,
				related: [there, ...finding.related],
				where: 'adversary',
			});
		}
	}
	return [...told.values()];
}

function isBy({ actors }: AnalysedFinding, lack: Lack): boolean {
	return actors.some((actor) => actor.split('+').some((name) => lack.actors.includes(name)));
}

function sideFunction(
	{ name, line, actors, lacks, unknown }: Standing,
	{
		whole,
		findings,
		hidden,
		request,
		lines,
	}: Document & {
		readonly whole: Analysis;
		readonly findings: readonly AnalysedFinding[];
		/** Those that the walk has by itself, too. */
		readonly hidden: readonly AnalysedFinding[];
	},
): AnalysedFunction {
	const own = findings.filter((f) => f.function === name);
	const asked = whole.functions.filter((f) => f.byActor.some((b) => isActor(b.actor, actors)));
	const open = asked.filter((f) => f.verdict === 'inconclusive' || f.verdict === 'unsupported');
	const byActor = actors.map((actor) => {
		if (own.some((f) => f.actors.some((a) => isActor(a, [actor]))))
			return { actor, verdict: 'violated' as const };
		const verdicts = asked.flatMap((f) => f.byActor.filter((b) => isActor(b.actor, [actor])));
		// what the walk gets wrong by itself does not count against the function
		const left = verdicts.map(({ verdict }) => verdict).filter((v) => v !== 'violated');
		return { actor, verdict: verdicts.length === 0 ? ('inconclusive' as const) : weakest(left) };
	});
	const [first] = open;
	const isHidden = own.length === 0 && lacks.some((lack) => hidden.some((f) => isBy(f, lack)));
	const verdict = weakest([
		...byActor.map((b) => b.verdict),
		...open.map((f) => f.verdict),
		...(whole.stopped === undefined && !whole.cancelled && !isHidden
			? []
			: ['inconclusive' as const]),
	]);
	const why =
		verdict === 'holds' || verdict === 'violated'
			? null
			: first !== undefined
				? `${first.name}() in ${WALK}, which it is held against, is ${first.verdict}: ${first.why ?? ''}`
				: isHidden
					? `${WALK} is violated as it is: what ${name}() lacks is not told from that`
					: `the check of ${WALK} against ${actors.join(', ')} was stopped`;
	// lines of the walk's file mean nothing here
	const said = asked.flatMap((f) => f.assumptions).filter((a) => a.line === null);
	const root = whole.functions.find((f) => f.name === f.root) ?? whole.functions[0];
	return {
		...{ name, verdict, why, byActor },
		place: placeAt(request.path, lines, { line, word: name }),
		endLine: definitionEnd(lines, line),
		root: name,
		against: { path: WALK, function: root?.root ?? '', verdict, actors },
		bounds: root?.bounds ?? noBounds(request),
		assumptions: [
			...unknown.map((what) => ({ what, line: null })),
			...said.filter((a, i) => said.findIndex((b) => b.what === a.what) === i),
		],
		explored: {
			states: Math.max(0, ...asked.map((f) => f.explored.states)),
			executions: Math.max(0, ...asked.map((f) => f.explored.executions)),
		},
		witness: null,
	};
}

function noBounds({ statesMax }: AnalysisRequest): AnalysedFunction['bounds'] {
	return { pagesMax: 0, loopMax: 0, statesMax, actorsAtOnceMax: 0, worlds: [], flags: [] };
}

function isActor(acting: string, names: readonly string[]): boolean {
	return acting.split('+').some((name) => names.includes(name));
}

/** The word on that line, else what the line has. */
function placeAt(
	path: string,
	lines: readonly string[],
	{ line, word }: { readonly line: number; readonly word: string },
): Place {
	const text = lines[line - 1] ?? '';
	const at = text.indexOf(word);
	const [start, length] = at < 0 ? [text.search(/\S|$/), text.trim().length] : [at, word.length];
	return { path, line, column: start + 1, endLine: line, endColumn: start + 1 + length };
}

/**
 * What is asked of a function that an adversary stands for, as it is asked of the walk: a run of its id, or one in which the adversary
 * acts. Null: no adversary stands for it. Throws `OutOfBudget` where the observer cancels.
 */
export function simulatedInWalk(
	request: AnalysisRequest,
	wanted: SimulationRequest,
	{
		engine,
		observer,
	}: { readonly engine: EnginePort; readonly observer: AnalyseOptions['observer'] },
): Simulation | null {
	if (wanted.claim !== undefined) return null;
	const [standing] = standingOf({ ...request, functions: [wanted.function] }, observer);
	const walk = standing === undefined ? null : walkRequest(request, standing.actors);
	if (walk === null) return null;
	const { lowered } = prepare(engine, walk, null, observer);
	const [first] = lowered.walks;
	if (first === undefined) return null;
	const name = nameOf(lowered.program, first.root);
	return simulateFunction(engine, walk, { ...wanted, function: name }, observer);
}
