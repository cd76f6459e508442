/**
 * The server's side of exploration: a worker for the checks of documents, one for what a user waits for
 * (simulations, fixes), one for litmus tests and one for what nobody waits for, so that none holds the others up.
 *
 * Invariant: per document at most one check runs and at most one waits; the newest text wins.
 * Invariant: nothing that waits is dropped but for a newer task of its key, or because its caller stopped it.
 * Invariant: of what waits, the document that the user asked about last comes first.
 * Invariant: a worker that goes on for `OVERTIME_MAX` after its budget is spent, or after it was told to stop, is ended; its
 * task is answered with what it was at, the next one gets a new worker.
 * Invariant: a worker that dies takes its task with it, is reported, and is started again for the next one.
 */
import type { GaveUp, Phase } from '../../engine/base/budget.js';
import type { AnalysedFinding } from '../ide/analysis/analysis.js';
import type { AnalysedGuard } from '../ide/guards.js';
import { Waiting } from './waiting.js';
import { type MemoryLimits, WorkerProcess } from './worker_process.js';
import type { Task, TaskResults, WorkerReply } from './worker_protocol.js';

export type TaskOutcome<T> =
	| { readonly kind: 'done'; readonly result: T }
	/** A newer task for the same key took its place, or its caller stopped it before it ran. */
	| { readonly kind: 'superseded' }
	/** It met a limit outside of exploration, and its worker was ended; `why` is said as `the check was given up: it …`. */
	| {
			readonly kind: 'ended';
			/** Of its time, or of what a text may make it look at. */
			readonly limit: 'time' | 'room';
			readonly phase: Phase;
			readonly why: string;
	  }
	/** What was given with it makes no sense: `message` is for whoever gave it. */
	| { readonly kind: 'refused'; readonly message: string }
	| { readonly kind: 'failed'; readonly message: string };

/** A task that met a limit by itself. */
export function endedBy(
	{ phase, met }: GaveUp,
	seconds: number,
): Extract<TaskOutcome<never>, { kind: 'ended' }> {
	return met === null
		? { kind: 'ended', limit: 'time', phase, why: `spent its ${seconds} s in ${phase}` }
		: { kind: 'ended', limit: 'room', phase, why: `could not go on: the text ${met}` };
}

export interface TaskHandlers {
	progress?(done: number, total: number, scenario: string): void;
	found?(finding: AnalysedFinding): void;
	/** All guards that are known so far. */
	guards?(guards: readonly AnalysedGuard[]): void;
}

export interface Running<T> {
	readonly outcome: Promise<TaskOutcome<T>>;
	/** Stops the task soon: it then ends with what it has. */
	cancel(): void;
}

interface Entry {
	readonly key: string;
	readonly task: Task;
	readonly handlers: TaskHandlers;
	readonly settle: (outcome: TaskOutcome<never>) => void;
	/** It is no longer wanted. */
	isStopped: boolean;
}

interface RunningEntry {
	readonly id: number;
	readonly entry: Entry;
	phase: Phase;
	/** Ends the worker when the task has not ended by then; null until the worker has begun. */
	watchdog: NodeJS.Timeout | null;
}

/** Megabytes of heap and in all that a worker beside an editor may use; beyond it is ended and its task says so. */
const EDITOR_MEMORY = { heapMax: 512, memoryMax: 1200 } as const;
/** The same for a command's, beside which there is no other. */
const COMMAND_MEMORY: MemoryLimits = { heapMax: 4096, youngMax: 96, memoryMax: 6000 };
/**
 * Megabytes of a worker's heap for what was made just now. What a search makes dies young: more room makes it some percent
 * faster, and the worker as much larger several times over. The checks get some more.
 */
const YOUNG_MAX = { checks: 48, others: 12 } as const;
/** Milliseconds without a question after which its worker is let go, to give its memory back. */
const IDLE_MAX = 20_000;
/** The same for the worker behind everything else, which remembers what it has worked out. */
const BACKGROUND_IDLE_MAX = 180_000;
/** Milliseconds that a worker may go on after it should have stopped. */
const OVERTIME_MAX = 3000;
/** The same for a command, whose own start and end are within it, too. */
const COMMAND_OVERTIME = 1000;
/** Milliseconds that a worker may take to load. */
const LOADING_MAX = 30_000;

class Lane {
	readonly #url: URL;
	readonly #idleMax: number | null;
	readonly #memory: MemoryLimits;
	readonly #overtime: number;
	/** A task's time begins when it is asked for, and not when its worker is loaded. */
	readonly #countsLoading: boolean;
	#idle: NodeJS.Timeout | null = null;
	#worker: WorkerProcess | null = null;
	/** The worker is loaded. */
	#ready = false;
	#running: RunningEntry | null = null;
	readonly #waiting = new Waiting<Entry>();
	#ids = 0;
	/** After the end nothing is started any more: who is told that its task is superseded may ask for the next one. */
	#disposed = false;

	constructor(
		url: URL,
		options: {
			readonly idleMax: number | null;
			readonly memory?: MemoryLimits;
			readonly overtime?: number;
			readonly countsLoading?: boolean;
		},
	) {
		this.#countsLoading = options.countsLoading ?? false;
		this.#overtime = options.overtime ?? OVERTIME_MAX;
		this.#url = url;
		this.#idleMax = options.idleMax;
		this.#memory = options.memory ?? { ...EDITOR_MEMORY, youngMax: YOUNG_MAX.others };
	}

	/** Starts the worker before there is anything to do. */
	start(): void {
		this.#worker ??= this.#started();
	}

	add(entry: Entry): void {
		if (this.#disposed) {
			entry.settle({ kind: 'superseded' });
			return;
		}
		this.drop(entry.key);
		this.#waiting.add(entry);
		this.#next();
	}

	/** What waits under the key, now or later, goes first. */
	prefer(key: string): void {
		this.#waiting.prefer(key);
	}

	/** Drops what waits under a key and stops what runs under it. */
	drop(key: string): void {
		for (const entry of this.#waiting.of(key)) this.cancel(entry);
		if (this.#running?.entry.key === key) this.cancel(this.#running.entry);
	}

	/** Ends a task that waits at once, and soon one that runs. */
	cancel(entry: Entry): void {
		if (entry.isStopped) return;
		entry.isStopped = true;
		if (this.#running?.entry === entry) {
			this.#worker?.stop(this.#running.id);
			if (this.#ready) this.#watch(this.#running, 0);
			return;
		}
		if (!this.#waiting.remove(entry)) return;
		entry.settle({ kind: 'superseded' });
	}

	/** Starts over with an empty worker; what runs begins anew in it. */
	forget(): void {
		const running = this.#running;
		this.#running = null;
		if (running !== null) {
			if (running.watchdog !== null) clearTimeout(running.watchdog);
			if (running.entry.isStopped) running.entry.settle({ kind: 'superseded' });
			else this.#waiting.putBack(running.entry);
		}
		void this.#endWorker();
		this.#next();
	}

	async dispose(): Promise<void> {
		this.#disposed = true;
		if (this.#idle !== null) clearTimeout(this.#idle);
		for (const entry of this.#waiting.drain()) entry.settle({ kind: 'superseded' });
		const gone = this.#endWorker();
		this.#end({ kind: 'superseded' });
		await gone;
	}

	async #endWorker(): Promise<void> {
		const worker = this.#worker;
		this.#worker = null;
		this.#ready = false;
		await worker?.end();
	}

	#next(): void {
		if (this.#running !== null || this.#disposed) return;
		if (this.#idle !== null) clearTimeout(this.#idle);
		this.#idle = null;
		const entry = this.#waiting.next();
		if (entry === undefined) {
			if (this.#idleMax === null || this.#worker === null) return;
			this.#idle = setTimeout(() => this.forget(), this.#idleMax);
			this.#idle.unref();
			return;
		}
		const running: RunningEntry = { id: ++this.#ids, entry, phase: 'loading', watchdog: null };
		this.#running = running;
		try {
			this.#worker ??= this.#started();
			const budget = budgetOf(entry.task);
			const until = this.#countsLoading ? Date.now() + budget : null;
			this.#worker.post({ id: running.id, task: entry.task, until });
			this.#watch(running, this.#ready || this.#countsLoading ? budget : LOADING_MAX);
		} catch (error) {
			this.#end({ kind: 'failed', message: String(error) });
		}
	}

	/** From now on the running task has this many milliseconds and some overtime on top. */
	#watch(running: RunningEntry, left: number): void {
		if (running.watchdog !== null) clearTimeout(running.watchdog);
		const after = Math.min(left + this.#overtime, TIMER_MAX);
		running.watchdog = setTimeout(() => this.#overdue(running), after);
		running.watchdog.unref();
	}

	#overdue(running: RunningEntry): void {
		if (this.#running !== running) return;
		void this.#endWorker();
		const { entry, phase } = running;
		if (entry.isStopped) {
			this.#end({ kind: 'superseded' });
			return;
		}
		const seconds = (budgetOf(entry.task) + this.#overtime) / 1000;
		this.#end({
			kind: 'ended',
			limit: 'time',
			phase,
			why: `took longer than ${seconds} s in ${phase}`,
		});
	}

	#started(): WorkerProcess {
		const worker: WorkerProcess = new WorkerProcess(this.#url, this.#memory, {
			reply: (reply) => {
				if (worker === this.#worker) this.#take(reply);
			},
			died: ({ why, memory }) => {
				if (worker !== this.#worker) return;
				this.#worker = null;
				this.#ready = false;
				const phase = this.#running?.phase ?? 'loading';
				if (memory === null)
					this.#end({ kind: 'failed', message: `the exploration worker died: ${why}` });
				else {
					const why = `used more than ${memory} in ${phase}`;
					this.#end({ kind: 'ended', limit: 'room', phase, why });
				}
			},
		});
		this.#ready = false;
		return worker;
	}

	#take(reply: WorkerReply): void {
		const running = this.#running;
		if (reply.kind === 'ready') {
			this.#ready = true;
			if (running !== null && !this.#countsLoading)
				this.#watch(running, running.entry.isStopped ? 0 : budgetOf(running.entry.task));
			return;
		}
		if (running === null || running.id !== reply.id) return;
		switch (reply.kind) {
			case 'phase':
				running.phase = reply.phase;
				return;
			case 'progress':
				running.entry.handlers.progress?.(reply.done, reply.total, reply.scenario);
				return;
			case 'found':
				running.entry.handlers.found?.(reply.finding);
				return;
			case 'guards':
				running.entry.handlers.guards?.(reply.guards);
				return;
			case 'done':
				this.#end({ kind: 'done', result: reply.result as never });
				return;
			case 'gave-up': {
				const seconds = budgetOf(running.entry.task) / 1000;
				this.#end(running.entry.isStopped ? { kind: 'superseded' } : endedBy(reply, seconds));
				return;
			}
			case 'refused':
			case 'failed':
				this.#end({ kind: reply.kind, message: reply.message });
				return;
		}
	}

	#end(outcome: TaskOutcome<never>): void {
		const running = this.#running;
		if (running === null) return;
		this.#running = null;
		if (running.watchdog !== null) clearTimeout(running.watchdog);
		running.entry.settle(outcome);
		this.#next();
	}
}

/** The largest delay that a timer takes. */
const TIMER_MAX = 2 ** 31 - 1;

/** Milliseconds that a task may take. */
function budgetOf(task: Task): number {
	const { budgetSeconds } = 'litmus' in task ? task.litmus : task.document;
	return budgetSeconds * 1000;
}

/** Runs tasks in workers. */
export class Explorer {
	readonly #checks: Lane;
	readonly #questions: Lane;
	/** What nobody waits for, so that it holds nobody up. */
	readonly #background: Lane;
	/** Litmus documents, which are quick and must not wait for a walk. */
	readonly #litmus: Lane;

	/** `command`: for a command that waits for each answer, with one worker that may use more. */
	constructor(workerUrl: URL, options: { readonly command: boolean } = { command: false }) {
		if (options.command) {
			const lane = new Lane(workerUrl, {
				idleMax: null,
				memory: COMMAND_MEMORY,
				overtime: COMMAND_OVERTIME,
				countsLoading: true,
			});
			this.#checks = lane;
			this.#questions = lane;
			this.#background = lane;
			this.#litmus = lane;
			lane.start();
			return;
		}
		const memory = { ...EDITOR_MEMORY, youngMax: YOUNG_MAX.checks };
		this.#checks = new Lane(workerUrl, { idleMax: null, memory });
		this.#questions = new Lane(workerUrl, { idleMax: IDLE_MAX });
		this.#background = new Lane(workerUrl, { idleMax: BACKGROUND_IDLE_MAX });
		this.#litmus = new Lane(workerUrl, { idleMax: IDLE_MAX });
		this.#checks.start();
	}

	/** `key`: the document for checks (a newer one replaces it), anything unique for questions. */
	run<K extends Task['kind']>(
		key: string,
		task: Task & { readonly kind: K },
		handlers: TaskHandlers,
		/** `behind`: nobody waits for it, whatever it is. */
		options: { readonly behind: boolean } = { behind: false },
	): Running<TaskResults[K]> {
		const lane = options.behind ? this.#background : this.#laneOf(task.kind);
		let settle: (outcome: TaskOutcome<never>) => void = () => {};
		const outcome = new Promise<TaskOutcome<TaskResults[K]>>((resolve) => {
			settle = resolve;
		});
		const entry: Entry = { key, task, handlers, settle, isStopped: false };
		lane.add(entry);
		return { outcome, cancel: () => lane.cancel(entry) };
	}

	#laneOf(kind: Task['kind']): Lane {
		switch (kind) {
			case 'analyse':
			case 'sites':
				return this.#checks;
			case 'guards':
				return this.#background;
			case 'litmus-analyse':
			case 'litmus-run-file':
				return this.#litmus;
			default:
				return this.#questions;
		}
	}

	/** The user asks about a document: its checks go before those of others that wait. */
	prefer(key: string): void {
		this.#checks.prefer(key);
		this.#litmus.prefer(key);
		this.#background.prefer(key);
	}

	/** Forgets a document. */
	drop(key: string): void {
		this.#checks.drop(key);
		this.#background.drop(key);
		this.#litmus.drop(key);
	}

	/** Drops everything the workers of walks remember (results, parsed headers); nothing is remembered of litmus tests. */
	forget(): void {
		this.#checks.forget();
		this.#questions.forget();
		this.#background.forget();
	}

	async dispose(): Promise<void> {
		const lanes = [this.#checks, this.#questions, this.#background, this.#litmus];
		await Promise.all(lanes.map((lane) => lane.dispose()));
	}
}
