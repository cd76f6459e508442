/**
 * Tasks of one worker: one runs, the others wait.
 *
 * Invariant: per key at most one task runs and at most one waits; the newest wins.
 * Invariant: nothing that waits is dropped but for a newer task of its key, or because its caller stopped it.
 * Invariant: of what waits, the document that the user asked about last comes first; where a lane gives way, what runs for another stops for
 * it and waits to be done anew, `GIVING_WAY_MAX` times at most.
 * Invariant: a worker that goes on for its overtime after its budget is spent, or after it was told to stop, is ended; its
 * task is answered with what it was at, the next one gets a new worker.
 * Invariant: a worker that dies takes its task with it, is reported, and is started again for the next one.
 */
import type { Phase } from '../../engine/base/budget.js';
import { endedBy, type TaskHandlers, type TaskOutcome } from './outcome.js';
import { Waiting } from './waiting.js';
import { type WorkerLimits, WorkerProcess } from './worker_process.js';
import type { Task, WorkerReply } from './worker_protocol.js';

export interface Entry {
	readonly key: string;
	readonly task: Task;
	readonly handlers: TaskHandlers;
	readonly settle: (outcome: TaskOutcome<never>) => void;
	/** It is no longer wanted. */
	isStopped: boolean;
	/** Times that it was stopped for what the user asked about meanwhile, and put back. */
	gaveWay: number;
}

interface RunningEntry {
	readonly id: number;
	readonly entry: Entry;
	/** It was told to stop, to be done anew behind what the user asked about. */
	givesWay: boolean;
	phase: Phase;
	/** Ends the worker when the task has not ended by then; null until the worker has begun. */
	watchdog: NodeJS.Timeout | null;
}

/** Times that a task gives way: who looks at one document after the other does not keep any of them from its end. */
const GIVING_WAY_MAX = 3;
/** Milliseconds that a worker may go on after it should have stopped. */
const OVERTIME_MAX = 3000;
/** Milliseconds that a worker may take to load. */
const LOADING_MAX = 30_000;

export class Lane {
	readonly #url: URL;
	readonly #idleMax: number | null;
	readonly #memory: WorkerLimits;
	readonly #overtime: number;
	/** A task's time begins when it is asked for, and not when its worker is loaded. */
	readonly #countsLoading: boolean;
	readonly #givesWay: boolean;
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
			readonly memory: WorkerLimits;
			readonly overtime?: number;
			readonly countsLoading?: boolean;
			/** What runs stops for what the user asked about since. */
			readonly givesWay?: boolean;
		},
	) {
		this.#countsLoading = options.countsLoading ?? false;
		this.#overtime = options.overtime ?? OVERTIME_MAX;
		this.#url = url;
		this.#idleMax = options.idleMax;
		this.#memory = options.memory;
		this.#givesWay = options.givesWay ?? false;
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
		this.#makeWay();
	}

	/** What waits under the key, now or later, goes first. */
	prefer(key: string): void {
		this.#waiting.prefer(key);
		this.#makeWay();
	}

	/** Stops what runs for what waits and was asked about since. */
	#makeWay(): void {
		const running = this.#running;
		if (!this.#givesWay || running === null || running.givesWay) return;
		const { entry } = running;
		if (entry.isStopped || entry.gaveWay >= GIVING_WAY_MAX) return;
		if (!this.#waiting.hasAskedAfter(entry.key)) return;
		entry.gaveWay++;
		running.givesWay = true;
		this.#stopRunning(running);
	}

	#stopRunning(running: RunningEntry): void {
		this.#worker?.stop(running.id);
		if (this.#ready) this.#watch(running, 0);
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
			this.#stopRunning(this.#running);
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
		const running: RunningEntry = {
			...{ id: ++this.#ids, entry, givesWay: false },
			...{ phase: 'loading', watchdog: null },
		};
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
			if (running === null || this.#countsLoading) return;
			const isToStop = running.entry.isStopped || running.givesWay;
			this.#watch(running, isToStop ? 0 : budgetOf(running.entry.task));
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
		const { entry, givesWay } = running;
		if (givesWay && !entry.isStopped && isToBeDoneAnew(outcome)) this.#waiting.putBack(entry);
		else entry.settle(outcome);
		this.#next();
	}
}

/** Whether a task that was told to stop did not reach its end, by all that its outcome says. */
function isToBeDoneAnew(outcome: TaskOutcome<unknown>): boolean {
	if (outcome.kind === 'ended') return outcome.limit === 'time';
	if (outcome.kind !== 'done') return false;
	const { cancelled = true } = outcome.result as { readonly cancelled?: boolean };
	return cancelled;
}

/** The largest delay that a timer takes. */
const TIMER_MAX = 2 ** 31 - 1;

/** Milliseconds that a task may take. */
function budgetOf(task: Task): number {
	const { budgetSeconds } = 'litmus' in task ? task.litmus : task.document;
	return budgetSeconds * 1000;
}
