/**
 * The work of a command that has a budget, done in a process of its own: whatever it meets, the command ends in time, says
 * what the work was at, and keeps what was found of other files.
 *
 * Without a budget a command does its work itself and takes as long as it takes.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AnalysisRequest } from '../ide/analysis/analysis.js';
import { Explorer } from '../worker/exploration.js';
import type { DocumentRequest, Task, TaskResults } from '../worker/worker_protocol.js';
import type { Limits } from './limits.js';

/** Milliseconds of a budget that are kept for the process to load and to answer in. */
const LOADING = 250;

/** Milliseconds; any. */
const AWAKE = 60_000;

/** What came of a task: its result, or why it was given up. */
export type Supervised<T> =
	| { readonly kind: 'done'; readonly result: T }
	| Extract<Awaited<ReturnType<Explorer['run']>['outcome']>, { readonly kind: 'ended' }>;

export interface Supervisor {
	run<K extends Task['kind']>(
		task: Task & { readonly kind: K },
		limit?: Limits,
	): Promise<Supervised<TaskResults[K]>>;
	end(): Promise<void>;
}

/** Starts the process; null where there is none to start (a bundle without it). */
export function supervisor(): Supervisor | null {
	const script = new URL('./worker.js', import.meta.url);
	if (!existsSync(fileURLToPath(script))) return null;
	const explorer = new Explorer(script, { command: true });
	let tasks = 0;
	// neither a worker nor its timers keep a process running
	const awake = setInterval(() => {}, AWAKE);
	return {
		async run<K extends Task['kind']>(task: Task & { readonly kind: K }, limit?: Limits) {
			const { outcome } = explorer.run<K>(`${++tasks}`, task, {
				progress: (done, total, scenario) => limit?.observer.progress?.(done, total, scenario),
			});
			const ended = await outcome;
			if (ended.kind === 'done' || ended.kind === 'ended') return ended;
			throw new Error(ended.kind === 'failed' ? ended.message : 'the task was dropped');
		},
		async end() {
			await explorer.dispose();
			clearInterval(awake);
		},
	};
}

/** A request of the command line as it crosses to the process. */
export function documentOf(request: AnalysisRequest, budget: number): DocumentRequest {
	const { tree, config, attached: _, replacements = 'untrusted', ...rest } = request;
	const budgetSeconds = Math.max(budget - LOADING / 1000, budget / 2);
	return { ...rest, replacements, tree: tree?.root ?? null, config: [...config], budgetSeconds };
}
