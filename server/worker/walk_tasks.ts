/**
 * What is done for a document of C, in a worker or in a command without a budget: one function from what is asked to what is
 * answered, so that both say the same.
 */
import { AttachProblem } from '../../engine/base/attach_problem.js';
import { type Attempt, attempted, type Budget, type GaveUp } from '../../engine/base/budget.js';
import type { ScenarioMemo } from '../../engine/check/scenario_memo.js';
import { type Difference, differencesOf } from '../actors/protocol.js';
import { accessLines } from '../ide/access_lines.js';
import { mayBeSide, simulatedInWalk, withSide } from '../ide/adversaries/side.js';
import { analyse, analyseSites, budgetOf, type preparing } from '../ide/analysis/analyse.js';
import { type Analysis, type AnalysisRequest, stoppedAnalysis } from '../ide/analysis/analysis.js';
import type { EnginePort } from '../ide/analysis/engine_port.js';
import type { ResultCache } from '../ide/analysis/result_cache.js';
import { configOf } from '../ide/analysis/what_if.js';
import { withCallersSaid } from '../ide/callers_said.js';
import { decideClaims, stoppedClaims } from '../ide/claims/check.js';
import { claimsOfText } from '../ide/claims/found.js';
import { debugRun } from '../ide/debug.js';
import { analyseGuards, type GuardCache, type GuardsObserver } from '../ide/guards.js';
import { meetingIn } from '../ide/meeting.js';
import { searchFix } from '../ide/quick_fix/fix_search.js';
import { simulateFunction, stoppedSimulation } from '../ide/simulation.js';
import { attachedLitmus } from '../litmus/attached.js';
import { factsOf, followedOf } from '../lower/lower.js';
import { askedFiles } from '../tree/asked_files.js';
import { changedTree } from '../tree/changed_tree.js';
import { selectionFacts } from '../tree/configuration.js';
import type { Fact } from '../tree/facts/fact.js';
import { openTree } from '../tree/workspace.js';
import type { DocumentRequest, WalkTask, WalkTaskResult } from './worker_protocol.js';

/** What stays while tasks come and go. */
export interface WalkContext {
	readonly observer: GuardsObserver;
	readonly preparedBy: ReturnType<typeof preparing>;
	/** Null: nothing of earlier checks is remembered. */
	readonly cache: ResultCache | null;
	readonly guardCache?: GuardCache;
	readonly memo?: ScenarioMemo;
	/** Opens a kernel tree; absent: anew for each task. */
	readonly open?: typeof openTree;
}

/** Does it, as far as it comes; throws `AttachProblem` for a litmus test that cannot be attached. */
export function runWalkTask(
	engine: EnginePort,
	task: WalkTask,
	context: WalkContext,
): Attempt<WalkTaskResult> {
	const ended = attempted(() => walkTask(engine, task, context));
	return ended.kind === 'done' ? ended : stoppedTask(task, ended);
}

/** What there is to say of a task that was given up: of some, an answer in which nothing is decided. */
function stoppedTask(task: WalkTask, gaveUp: GaveUp): Attempt<WalkTaskResult> {
	const { phase, met } = gaveUp;
	switch (task.kind) {
		case 'analyse': {
			const why = met === null ? `it was stopped in ${phase}` : `the text ${met}`;
			const stopped = stoppedAnalysis(task.document, { phase, why });
			return { kind: 'done', result: { ...stopped, cancelled: met === null } };
		}
		case 'simulate': {
			const why = met === null ? undefined : `the text ${met}`;
			return { kind: 'done', result: stoppedSimulation(phase, why) };
		}
		case 'debug': {
			const why = met === null ? `it was stopped in ${phase}` : `the text ${met}`;
			return { kind: 'done', result: { trace: null, why } };
		}
		case 'claims': {
			const why = met === null ? `the time was over in ${phase}` : `the text ${met}`;
			return { kind: 'done', result: stoppedClaims({ phase, why }) };
		}
		default:
			return gaveUp;
	}
}

function walkTask(engine: EnginePort, task: WalkTask, context: WalkContext): WalkTaskResult {
	const { observer, preparedBy } = context;
	observer.enter?.('reading');
	const request = analysisRequest(task.document, context.open ?? openTree);
	switch (task.kind) {
		case 'analyse':
			return withFiles(withComments(bothSides(engine, request, context), request.text), {
				...request,
				wanted: task.files === true,
			});
		case 'sites':
			return analyseSites(engine, request, context);
		case 'accesses':
			return accessLines(engine, request, context);
		case 'actors':
			return preparedBy(engine, request, null, observer).lowered.workspaceActors;
		case 'facts':
			return factsIn(request, budgetOf(observer));
		case 'differences':
			return differencesIn(request, budgetOf(observer));
		case 'claims':
			return decideClaims(engine, request, { observer, only: null });
		case 'guards':
			return analyseGuards(engine, request, {
				...context,
				...(task.line === undefined ? {} : { line: task.line }),
			});
		case 'simulate':
			return (
				simulatedInWalk(request, task.wanted, { engine, observer }) ??
				simulateFunction(engine, request, task.wanted, observer)
			);
		case 'debug':
			return debugRun(engine, request, task.wanted, { observer, preparedBy });
		case 'meeting':
			return meetingIn(engine, request, task.wanted, { observer, preparedBy });
		case 'fix':
			return searchFix(engine, request, task.wanted, context);
	}
}

/** What the architecture's Kconfig selects, then what is read under that configuration. */
function factsIn(request: AnalysisRequest, budget: Budget): readonly Fact[] {
	const { path, text, tree, arch } = request;
	const config = configOf(request);
	return [
		...selectionFacts(request),
		...factsOf({ path, text, tree, arch, config, actors: [], budget }),
	];
}

/** Where adversaries and tree differ under a configuration. */
function differencesIn(request: AnalysisRequest, budget: Budget): readonly Difference[] {
	const { path, text, tree, arch, actorSources } = request;
	const config = configOf(request);
	const followed = followedOf({ path, text, tree, arch, config, actors: actorSources, budget });
	return differencesOf(followed);
}

/** Walks and readers of the text, and what adversaries stand for in it: that comes last. */
function bothSides(engine: EnginePort, request: AnalysisRequest, context: WalkContext): Analysis {
	const analysis = analyse(engine, request, context);
	if (analysis.cancelled || !mayBeSide(request)) return analysis;
	if (request.depth !== undefined) return { ...analysis, left: Math.max(analysis.left ?? 0, 1) };
	return withSide(engine, request, { analysis, options: context });
}

/** The first answer says what it rests on; those that go deeper rest on the same. */
function withFiles(
	analysis: Analysis,
	{ tree, depth, wanted }: AnalysisRequest & { readonly wanted: boolean },
): Analysis {
	if (depth !== 'first' && !wanted) return analysis;
	const files = tree === null ? [] : askedFiles(tree.root);
	return files === null ? analysis : { ...analysis, files };
}

function withComments(analysis: Analysis, text: string): Analysis {
	return withCallersSaid(withClaims(analysis, text), text);
}

/** The claims are read here and not where editors ask for them: a comment can be as long as it likes. */
function withClaims(analysis: Analysis, text: string): Analysis {
	if (analysis.functions.length === 0) return analysis;
	const functions = analysis.functions
		.filter((f) => f.place.path === analysis.path)
		.map((f) => ({ name: f.name, line: f.place.line, endLine: f.endLine }));
	return { ...analysis, claims: claimsOfText(text, functions).claims };
}

function analysisRequest(document: DocumentRequest, open: typeof openTree): AnalysisRequest {
	const { budgetSeconds: _, config, tree, changed = [], attached, ...rest } = document;
	return {
		...rest,
		...(attached === undefined ? {} : { attached: parsed(attached) }),
		tree: tree === null ? null : changedTree(open(tree), new Map(changed)),
		config: new Map(config),
		functions: document.functions ?? [],
	};
}

function parsed({ file, text }: NonNullable<DocumentRequest['attached']>) {
	const read = attachedLitmus(file, text);
	if (read.test === null) throw new AttachProblem(read.why);
	return read.test;
}
