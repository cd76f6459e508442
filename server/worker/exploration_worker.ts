/**
 * An exploration worker: takes one task at a time, tells progress and findings as it goes, stops when it is told to or when
 * its budget is spent.
 *
 * Invariant: an error of racewalk ends the task, not the worker.
 */
import { AttachProblem } from '../../engine/base/attach_problem.js';
import type { Budget } from '../../engine/base/budget.js';
import { preparing } from '../ide/analysis/analyse.js';
import type { EnginePort } from '../ide/analysis/engine_port.js';
import type { GuardsObserver } from '../ide/guards.js';
import { keepSmall, startControl } from './control.js';
import { runLitmusTask } from './litmus_tasks.js';
import { remembered } from './remembered.js';
import { runWalkTask } from './walk_tasks.js';
import type { Task, WalkTask, WorkerReply, WorkerRequest } from './worker_protocol.js';

/** Milliseconds between two progress messages. */
const PROGRESS_EVERY = 50;

/**
 * Serves tasks of the server that started this process, for as long as that lives; `script`: what the process runs. `ahead` is work
 * that its tasks will need: it is done step by step until the first of them comes.
 */
export function serve(engine: EnginePort, script: URL, ahead: () => Iterator<void>): void {
	const post = (reply: WorkerReply): void => {
		process.send?.(reply);
	};
	const kept = remembered();
	const preparedBy = preparing();
	keepSmall();
	const { isStopped } = startControl(script);
	process.on('disconnect', () => process.exit(0));
	let isAsked = false;
	const goAhead = (steps: Iterator<void>): void => {
		if (!isAsked && steps.next().done !== true) setImmediate(goAhead, steps);
	};
	process.on('message', ({ id, task: asked, until }: WorkerRequest) => {
		isAsked = true;
		const task = until === null ? asked : before(asked, until);
		const stopped = (): boolean => isStopped(id);
		try {
			if ('litmus' in task) {
				const budget = budgetOf(id, task.litmus.budgetSeconds, { stopped, post });
				post({ id, kind: 'done', result: runLitmusTask(task, budget) });
				return;
			}
			const observer = observerOf(id, task, { stopped, post });
			const context = { ...kept, observer, preparedBy };
			post({ id, ...runWalkTask(engine, task, context) });
		} catch (error) {
			if (error instanceof AttachProblem) {
				post({ id, kind: 'refused', message: error.message });
				return;
			}
			const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
			post({ id, kind: 'failed', message });
		}
	});
	post({ id: 0, kind: 'ready' });
	setImmediate(goAhead, ahead());
}

/** The task with the time that is left for it. */
function before(task: Task, until: number): Task {
	const left = Math.max(0, (until - Date.now()) / 1000);
	const within = (seconds: number): number => Math.min(seconds, left);
	if ('litmus' in task) {
		const { litmus } = task;
		return { ...task, litmus: { ...litmus, budgetSeconds: within(litmus.budgetSeconds) } };
	}
	const { document } = task;
	return { ...task, document: { ...document, budgetSeconds: within(document.budgetSeconds) } };
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
