/**
 * An exploration worker: takes one task at a time, tells progress and findings as it goes, stops when the task's shared
 * flag is raised or its budget is spent.
 *
 * Invariant: an error of racewalk ends the task, not the worker.
 */
import { parentPort } from 'node:worker_threads';
import { ScenarioMemo } from '../../engine/check/scenario_memo.js';
import { analyse, analyseSites, preparing } from '../ide/analysis/analyse.js';
import type { AnalysisRequest } from '../ide/analysis/analysis.js';
import { contentStore } from '../ide/analysis/content_store.js';
import type { EnginePort } from '../ide/analysis/engine_port.js';
import type { ResultCache } from '../ide/analysis/result_cache.js';
import { analyseGuards, type GuardCache, type GuardsObserver } from '../ide/guards.js';
import { searchFix } from '../ide/quick_fix/fix_search.js';
import { simulateFunction } from '../ide/simulation.js';
import { openTree } from '../tree/workspace.js';
import { runLitmusTask } from './litmus_tasks.js';
import type { DocumentRequest, WalkTask, WorkerReply, WorkerRequest } from './worker_protocol.js';

/** Explored programs remembered per worker: undo and redo of a few edits. */
const RESULTS_MAX = 12;
/** Tables of guards kept: a walk has one for each architecture and configuration it was asked about. */
const TABLES_MAX = 12;
/** Milliseconds between two progress messages. */
const PROGRESS_EVERY = 50;

/** Serves tasks from the parent thread for as long as it lives. */
export function serve(engine: EnginePort): void {
	const port = parentPort;
	if (port === null) return;
	const cache: ResultCache = contentStore({ entriesMax: RESULTS_MAX });
	const guardCache: GuardCache = contentStore({ entriesMax: TABLES_MAX });
	const preparedBy = preparing();
	const memo = new ScenarioMemo();
	const ready: WorkerReply = { id: 0, kind: 'ready' };
	port.postMessage(ready);
	port.on('message', ({ id, task, flag }: WorkerRequest) => {
		const post = (reply: WorkerReply): void => port.postMessage(reply);
		try {
			if ('litmus' in task) {
				const cancelled = stopper(new Int32Array(flag), task.litmus.budgetSeconds);
				post({ id, kind: 'done', result: runLitmusTask(task, cancelled) });
				return;
			}
			const observer = observerOf(id, task, { flag: new Int32Array(flag), post });
			const context = { observer, cache, guardCache, preparedBy, memo };
			post({ id, kind: 'done', result: run(engine, task, context) });
		} catch (error) {
			const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
			post({ id, kind: 'failed', message });
		}
	});
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
			return analyse(engine, request, context);
		case 'sites':
			return analyseSites(engine, request, context);
		case 'guards':
			return analyseGuards(engine, request, context);
		case 'simulate':
			return simulateFunction(engine, request, task.wanted, context.observer);
		case 'fix':
			return searchFix(engine, request, task.wanted, context);
	}
}

function analysisRequest(document: DocumentRequest): AnalysisRequest {
	const { budgetSeconds: _, config, tree, ...rest } = document;
	return {
		...rest,
		tree: tree === null ? null : openTree(tree),
		config: new Map(config),
		functions: [],
	};
}

function observerOf(
	id: number,
	task: WalkTask,
	options: { readonly flag: Int32Array; readonly post: (reply: WorkerReply) => void },
): GuardsObserver {
	const started = performance.now();
	let told = started;
	return {
		cancelled: stopper(options.flag, task.document.budgetSeconds),
		progress(done, total, scenario) {
			const now = performance.now();
			if (now - told < PROGRESS_EVERY) return;
			told = now;
			options.post({ id, kind: 'progress', done, total, scenario });
		},
		found: (finding) => options.post({ id, kind: 'found', finding }),
		known: (guards) => options.post({ id, kind: 'guards', guards }),
	};
}

/** Whether a task is to stop: it is no longer wanted, or its budget is spent. */
function stopper(flag: Int32Array, budgetSeconds: number): () => boolean {
	const deadline = performance.now() + budgetSeconds * 1000;
	return () => Atomics.load(flag, 0) !== 0 || performance.now() > deadline;
}
