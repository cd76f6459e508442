/**
 * Runs the tasks of a command. With a budget they run in a worker process: whatever a text does to them, the command ends in
 * time, says which phase was under way, and keeps what was found of other files. Without a budget, and where there is no worker to
 * start (a bundle without its script), the command runs them itself and takes as long as they take.
 *
 * Invariant: no command lowers, explores or explains a text but by a session of this file.
 * Invariant: the tasks of one session share one budget; once a task was given up, no other of its session begins.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AttachProblem } from '../../engine/base/attach_problem.js';
import { preparing } from '../ide/analysis/analyse.js';
import type { AnalysisObserver } from '../ide/analysis/analysis.js';
import type { AnalysedGuard } from '../ide/guards.js';
import { openTree } from '../tree/workspace.js';
import { realEngine } from '../worker/engine.js';
import { Explorer } from '../worker/exploration.js';
import { endedBy, type TaskOutcome } from '../worker/outcome.js';
import { remembered } from '../worker/remembered.js';
import { runWalkTask } from '../worker/walk_tasks.js';
import type {
	DocumentRequest,
	Task,
	TaskResults,
	WalkResults,
	WalkTask,
} from '../worker/worker_protocol.js';
import { type Limits, limits } from './limits.js';
import type { TextRequest } from './options.js';

/** Milliseconds of a budget that are kept for the answer to be told in. */
const ANSWERING = 100;

/** Milliseconds; any period: the timer only keeps the process alive. */
const AWAKE = 60_000;

/** The answer, or why it was given up: said as `the check was given up: it …`. */
export type Supervised<T> =
	| { readonly kind: 'done'; readonly result: T }
	| Extract<TaskOutcome<T>, { readonly kind: 'ended' }>;

/** A task without its document. */
export type Question<K extends WalkTask['kind'] = WalkTask['kind']> = DistributiveOmit<
	WalkTask & { readonly kind: K },
	'document'
>;

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Tasks about one text under one configuration. */
export interface TextSession {
	/** `depth`: no deeper than that; else as far as the request says. */
	run<K extends WalkTask['kind']>(
		question: Question<K>,
		options?: Pick<DocumentRequest, 'depth'>,
	): Promise<Supervised<WalkResults[K]>>;
	/** The guards found so far by a task `guards`. */
	readonly guards: readonly AnalysedGuard[];
	readonly limit: Limits;
}

export interface ExecutorOptions {
	readonly budget?: number;
	/** Opens trees that a process of its own could not: the tasks run in this one. Absent: trees are folders. */
	readonly open?: typeof openTree;
	/** What was explored is remembered for the texts that follow, as a worker does. */
	readonly remembering?: boolean;
	readonly progress?: AnalysisObserver['progress'];
	/** The command hears signals meanwhile: the tasks run in another process, without a budget, too. */
	readonly isInterruptible?: boolean;
}

export interface Executor {
	/** `until`: no later than at this time of `performance.now()`, whatever the budget leaves. */
	sessionFor(request: TextRequest, until?: number): TextSession;
	end(): Promise<void>;
}

/** Where a command's tasks run. */
export function executorOf(options: ExecutorOptions): Executor {
	const { open } = options;
	const budget = options.budget ?? (options.isInterruptible === true ? Infinity : undefined);
	const worker = budget === undefined || open !== undefined ? null : supervisor();
	if (budget === undefined || worker === null)
		return { sessionFor: inProcess(options), end: async () => {} };
	return {
		sessionFor: (request, until = Infinity) => {
			const left = Math.max((until - performance.now()) / 1000, 0);
			return sessionInWorker(worker, request, { ...options, budget: Math.min(budget, left) });
		},
		end: () => worker.end(),
	};
}

function sessionInWorker(
	worker: Supervisor,
	request: TextRequest,
	{ budget, progress }: ExecutorOptions & { readonly budget: number },
): TextSession {
	const limit = limits({ budget, progress });
	const until = performance.now() + budget * 1000;
	let known: readonly AnalysedGuard[] = [];
	let given: Extract<Supervised<never>, { kind: 'ended' }> | null = null;
	return {
		limit,
		get guards() {
			return known;
		},
		async run<K extends WalkTask['kind']>(question: Question<K>, depth = {}) {
			if (given !== null) return given;
			const left = (until - performance.now()) / 1000;
			const document = { ...documentOf(request, left), ...depth };
			const task = { ...question, document } as unknown as WalkTask & { readonly kind: K };
			const outcome = await worker.run<K>(task, limit, (guards) => {
				known = guards;
			});
			limit.done();
			if (outcome.kind === 'done') return outcome as Supervised<WalkResults[K]>;
			const { phase } = outcome;
			const spent = `ran out of its budget of ${Number(budget.toPrecision(3))} s in ${phase}`;
			given = outcome.limit === 'time' ? { ...outcome, why: spent } : outcome;
			return given;
		},
	};
}

/** Runs tasks in this process. */
function inProcess(options: ExecutorOptions): Executor['sessionFor'] {
	const trees = new Map<string, ReturnType<typeof openTree>>();
	const open = (root: string): ReturnType<typeof openTree> => {
		const tree = trees.get(root) ?? (options.open ?? openTree)(root);
		trees.set(root, tree);
		return tree;
	};
	const kept = options.remembering === true ? remembered() : { cache: null };
	return (request) => {
		const limit = limits(options);
		const context = { ...kept, observer: limit.observer, preparedBy: preparing(), open };
		return {
			limit,
			guards: [],
			async run<K extends WalkTask['kind']>(question: Question<K>, depth = {}) {
				const left = options.budget ?? Number.POSITIVE_INFINITY;
				const document = { ...documentOf(request, left), ...depth };
				const task = { ...question, document } as unknown as WalkTask;
				const ended = runWalkTask(realEngine, task, context);
				limit.done();
				if (ended.kind === 'gave-up') return endedBy(ended, options.budget ?? 0);
				return ended as Supervised<WalkResults[K]>;
			},
		};
	};
}

export interface Supervisor {
	run<K extends Task['kind']>(
		task: Task & { readonly kind: K },
		limit?: Limits,
		guards?: (known: readonly AnalysedGuard[]) => void,
	): Promise<Supervised<TaskResults[K]>>;
	end(): Promise<void>;
}

/** Starts the process; null where there is none to start. */
export function supervisor(): Supervisor | null {
	const script = new URL('./worker.js', import.meta.url);
	if (!existsSync(fileURLToPath(script))) return null;
	const explorer = new Explorer(script, { command: true });
	let tasks = 0;
	// neither a worker nor its timers keep a process running
	const awake = setInterval(() => {}, AWAKE);
	return {
		async run<K extends Task['kind']>(
			task: Task & { readonly kind: K },
			limit?: Limits,
			guards?: (known: readonly AnalysedGuard[]) => void,
		) {
			const { outcome } = explorer.run<K>(`${++tasks}`, task, {
				progress: (done, total, scenario) => limit?.observer.progress?.(done, total, scenario),
				...(guards === undefined ? {} : { guards }),
			});
			const ended = await outcome;
			if (ended.kind === 'done' || ended.kind === 'ended') return ended;
			if (ended.kind === 'refused') throw new AttachProblem(ended.message);
			throw new Error(ended.kind === 'failed' ? ended.message : 'the task was dropped');
		},
		async end() {
			await explorer.dispose();
			clearInterval(awake);
		},
	};
}

/** A request of the command line as it crosses to the process, with the seconds that are left for it. */
function documentOf(request: TextRequest, left: number): DocumentRequest {
	const { tree, config, ...rest } = request;
	const budgetSeconds = Math.max(left - ANSWERING / 1000, left / 2, 0);
	const { changed } = tree ?? {};
	return {
		...rest,
		tree: changed?.root ?? tree?.root ?? null,
		...(changed === undefined ? {} : { changed: [...changed.files] }),
		config: [...config],
		budgetSeconds,
	};
}
