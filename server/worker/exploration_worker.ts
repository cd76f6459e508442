/**
 * An exploration worker: takes one task at a time, tells progress and findings as it goes, stops when it is told to or when
 * its budget is spent.
 *
 * Invariant: an error of racewalk ends the task, not the worker.
 */
import { type Budget, OutOfBudget } from '../../engine/base/budget.js';
import { ScenarioMemo } from '../../engine/check/scenario_memo.js';
import { analyse, analyseSites, preparing } from '../ide/analysis/analyse.js';
import type { Analysis, AnalysisRequest } from '../ide/analysis/analysis.js';
import { contentStore } from '../ide/analysis/content_store.js';
import type { EnginePort } from '../ide/analysis/engine_port.js';
import type { ResultCache } from '../ide/analysis/result_cache.js';
import { decideClaims } from '../ide/claims/check.js';
import { claimsOfText } from '../ide/claims/found.js';
import { analyseGuards, type GuardCache, type GuardsObserver } from '../ide/guards.js';
import { searchFix } from '../ide/quick_fix/fix_search.js';
import { simulateFunction } from '../ide/simulation.js';
import { openTree } from '../tree/workspace.js';
import { startControl } from './control.js';
import { runLitmusTask } from './litmus_tasks.js';
import type { DocumentRequest, WalkTask, WorkerReply, WorkerRequest } from './worker_protocol.js';

/** Explored programs remembered per worker: undo and redo of a few edits. */
const RESULTS_MAX = 12;
/** Tables of guards kept: a walk has one for each architecture and configuration it was asked about. */
const TABLES_MAX = 12;
/** Milliseconds between two progress messages. */
const PROGRESS_EVERY = 50;

/** Serves tasks of the server that started this process, for as long as that lives; `script`: what the process runs. */
export function serve(engine: EnginePort, script: URL): void {
	const post = (reply: WorkerReply): void => {
		process.send?.(reply);
	};
	const cache: ResultCache = contentStore({ entriesMax: RESULTS_MAX });
	const guardCache: GuardCache = contentStore({ entriesMax: TABLES_MAX });
	const preparedBy = preparing();
	const memo = new ScenarioMemo();
	const { isStopped } = startControl(script);
	process.on('disconnect', () => process.exit(0));
	process.on('message', ({ id, task }: WorkerRequest) => {
		const stopped = (): boolean => isStopped(id);
		try {
			if ('litmus' in task) {
				const budget = budgetOf(id, task.litmus.budgetSeconds, { stopped, post });
				post({ id, kind: 'done', result: runLitmusTask(task, budget) });
				return;
			}
			const observer = observerOf(id, task, { stopped, post });
			const context = { observer, cache, guardCache, preparedBy, memo };
			post({ id, kind: 'done', result: run(engine, task, context) });
		} catch (error) {
			if (error instanceof OutOfBudget) {
				post({ id, kind: 'gave-up', phase: error.phase });
				return;
			}
			const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
			post({ id, kind: 'failed', message });
		}
	});
	post({ id: 0, kind: 'ready' });
}

function run(
	engine: EnginePort,
	task: WalkTask,
	context: {
		readonly observer: GuardsObserver;
		readonly cache: ResultCache;
		readonly guardCache: GuardCache;
		readonly preparedBy: ReturnType<typeof preparing>;
		readonly memo: ScenarioMemo;
	},
) {
	const request = analysisRequest(task.document);
	switch (task.kind) {
		case 'analyse':
			return withClaims(analyse(engine, request, context), request.text);
		case 'sites':
			return analyseSites(engine, request, context);
		case 'claims':
			return decideClaims(engine, request, { observer: context.observer, only: null });
		case 'guards':
			return analyseGuards(engine, request, context);
		case 'simulate':
			return simulateFunction(engine, request, task.wanted, context.observer);
		case 'fix':
			return searchFix(engine, request, task.wanted, context);
	}
}

/** The claims are read here and not where editors ask for them: a comment can be as long as it likes. */
function withClaims(analysis: Analysis, text: string): Analysis {
	if (analysis.functions.length === 0) return analysis;
	const functions = analysis.functions
		.filter((f) => f.place.path === analysis.path)
		.map((f) => ({ name: f.name, line: f.place.line, endLine: f.endLine }));
	return { ...analysis, claims: claimsOfText(text, functions).claims };
}

function analysisRequest(document: DocumentRequest): AnalysisRequest {
	const { budgetSeconds: _, config, tree, ...rest } = document;
	return {
		...rest,
		tree: tree === null ? null : openTree(tree),
		config: new Map(config),
		functions: document.functions ?? [],
	};
}

interface Surroundings {
	readonly stopped: () => boolean;
	readonly post: (reply: WorkerReply) => void;
}

function observerOf(id: number, task: WalkTask, around: Surroundings): GuardsObserver {
	const { post } = around;
	let told = performance.now();
	const { isOver, enter } = budgetOf(id, task.document.budgetSeconds, around);
	return {
		cancelled: isOver,
		...(enter === undefined ? {} : { enter }),
		progress(done, total, scenario) {
			const now = performance.now();
			if (now - told < PROGRESS_EVERY) return;
			told = now;
			post({ id, kind: 'progress', done, total, scenario });
		},
		found: (finding) => post({ id, kind: 'found', finding }),
		known: (guards) => post({ id, kind: 'guards', guards }),
	};
}

/** Over when the task is no longer wanted, or its seconds are spent. */
function budgetOf(id: number, seconds: number, { stopped, post }: Surroundings): Budget {
	const deadline = performance.now() + seconds * 1000;
	return {
		isOver: () => stopped() || performance.now() > deadline,
		enter: (phase) => post({ id, kind: 'phase', phase }),
	};
}
