/**
 * The server's side of exploration: a worker for the checks of documents, one for what a user waits for
 * (simulations, fixes), one for litmus tests and one for what nobody waits for, so that none holds the others up.
 *
 * Invariant: per document at most one check runs and at most one waits; the newest text wins.
 * Invariant: no worker is ended while it loads or works, for the parser's native code ends the whole process then: its task is
 * stopped first. One that does not stop is ended after a while all the same.
 * Invariant: a worker that dies takes its task with it, is reported, and is started again for the next one.
 */
import { Worker } from 'node:worker_threads';
import type { AnalysedFinding } from '../ide/analysis/analysis.js';
import type { AnalysedGuard } from '../ide/guards.js';
import type { Task, TaskResults, WorkerReply, WorkerRequest } from './worker_protocol.js';

export type Outcome<T> =
	| { readonly kind: 'done'; readonly result: T }
	/** A newer task for the same key took its place, or its caller stopped it before it ran. */
	| { readonly kind: 'superseded' }
	| { readonly kind: 'failed'; readonly message: string };

export interface TaskHandlers {
	progress?(done: number, total: number, scenario: string): void;
	found?(finding: AnalysedFinding): void;
	/** All guards that are known so far. */
	guards?(guards: readonly AnalysedGuard[]): void;
}

export interface Running<T> {
	readonly outcome: Promise<Outcome<T>>;
	/** Stops the task soon: it then ends with what it has. */
	cancel(): void;
}

interface Entry {
	readonly key: string;
	readonly task: Task;
	readonly flag: Int32Array;
	readonly handlers: TaskHandlers;
	readonly settle: (outcome: Outcome<never>) => void;
}

/** Megabytes of heap a worker may use; beyond it dies and says so. */
const HEAP_MAX = 512;
/**
 * Megabytes of it for what was made just now. What a search makes dies young: more room makes it some percent faster, and
 * the worker as much larger several times over. The checks get some more.
 */
const YOUNG_MAX = { checks: 48, others: 12 } as const;
/** Milliseconds without a question after which its worker is let go, to give its memory back. */
const IDLE_MAX = 20_000;
/** The same for the worker behind everything else, which remembers what it has worked out. */
const BACKGROUND_IDLE_MAX = 180_000;
/** Milliseconds a worker has to stop before it is ended as it is. */
const STOPPING_MAX = 3000;
/** Tasks of other documents that may wait before the oldest is dropped. */
const WAITING_MAX = 64;

class Lane {
	readonly #url: URL;
	readonly #idleMax: number | null;
	readonly #youngMax: number;
	#idle: NodeJS.Timeout | null = null;
	#worker: Worker | null = null;
	/** The worker is loaded. */
	#ready = false;
	#running: { readonly id: number; readonly entry: Entry } | null = null;
	#waiting: Entry[] = [];
	#ids = 0;
	/** After the end nothing is started any more: who is told that its task is superseded may ask for the next one. */
	#disposed = false;

	constructor(url: URL, options: { readonly idleMax: number | null; readonly youngMax?: number }) {
		this.#url = url;
		this.#idleMax = options.idleMax;
		this.#youngMax = options.youngMax ?? YOUNG_MAX.others;
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
		for (const old of this.#waiting.filter((e) => e.key === entry.key)) {
			old.settle({ kind: 'superseded' });
		}
		this.#waiting = [...this.#waiting.filter((e) => e.key !== entry.key), entry];
		if (this.#waiting.length > WAITING_MAX) this.#waiting.shift()?.settle({ kind: 'superseded' });
		if (this.#running?.entry.key === entry.key) Atomics.store(this.#running.entry.flag, 0, 1);
		this.#next();
	}

	/** Drops what waits under a key and stops what runs under it. */
	drop(key: string): void {
		for (const old of this.#waiting.filter((e) => e.key === key))
			old.settle({ kind: 'superseded' });
		this.#waiting = this.#waiting.filter((e) => e.key !== key);
		if (this.#running?.entry.key === key) Atomics.store(this.#running.entry.flag, 0, 1);
	}

	/** Starts over with an empty worker; what runs is stopped as if a newer task had come. */
	forget(): void {
		void this.#retire();
	}

	async dispose(): Promise<void> {
		this.#disposed = true;
		if (this.#idle !== null) clearTimeout(this.#idle);
		for (const entry of this.#waiting) entry.settle({ kind: 'superseded' });
		this.#waiting = [];
		await this.#retire();
	}

	/** Lets the worker go: at once when it has nothing to do, else when it has stopped. */
	#retire(): Promise<unknown> {
		const [worker, running] = [this.#worker, this.#running];
		const isIdle = running === null && this.#ready;
		this.#worker = null;
		if (running !== null) Atomics.store(running.entry.flag, 0, 1);
		this.#end({ kind: 'superseded' });
		if (worker === null) return Promise.resolve();
		if (isIdle) return worker.terminate();
		return new Promise((resolve) => {
			const end = (): void => {
				clearTimeout(timer);
				resolve(worker.terminate());
			};
			const timer = setTimeout(end, STOPPING_MAX);
			worker.on('exit', end);
			worker.on('message', ({ id, kind }: WorkerReply) => {
				const isOver = running === null ? kind === 'ready' : id === running.id;
				if (isOver && (kind === 'ready' || kind === 'done' || kind === 'failed')) end();
			});
		});
	}

	#next(): void {
		if (this.#running !== null) return;
		if (this.#idle !== null) clearTimeout(this.#idle);
		this.#idle = null;
		let entry = this.#waiting.shift();
		// stopped before it began
		for (; entry !== undefined && Atomics.load(entry.flag, 0) !== 0; entry = this.#waiting.shift())
			entry.settle({ kind: 'superseded' });
		if (entry === undefined) {
			if (this.#idleMax === null) return;
			this.#idle = setTimeout(() => this.forget(), this.#idleMax);
			this.#idle.unref();
			return;
		}
		const id = ++this.#ids;
		this.#running = { id, entry };
		const request: WorkerRequest = {
			id,
			task: entry.task,
			flag: entry.flag.buffer as SharedArrayBuffer,
		};
		try {
			this.#worker ??= this.#started();
			this.#worker.postMessage(request);
		} catch (error) {
			this.#end({ kind: 'failed', message: String(error) });
		}
	}

	#started(): Worker {
		const worker = new Worker(this.#url, {
			resourceLimits: {
				maxOldGenerationSizeMb: HEAP_MAX,
				maxYoungGenerationSizeMb: this.#youngMax,
			},
			// A language server's standard output is the protocol: nothing of a worker's may reach it.
			stdout: true,
			stderr: true,
		});
		worker.unref();
		this.#ready = false;
		worker.stderr.on('data', (chunk: Buffer) => process.stderr.write(chunk));
		worker.on('message', (reply: WorkerReply) => this.#take(worker, reply));
		const died = (why: string): void => {
			if (this.#worker !== worker) return;
			this.#worker = null;
			this.#end({ kind: 'failed', message: `the exploration worker died: ${why}` });
		};
		worker.on('error', (error) => died(error instanceof Error ? error.message : String(error)));
		worker.on('exit', (code) => died(`exit status ${code}`));
		return worker;
	}

	#take(worker: Worker, reply: WorkerReply): void {
		if (reply.kind === 'ready') {
			if (worker === this.#worker) this.#ready = true;
			return;
		}
		const running = this.#running;
		if (running === null || running.id !== reply.id) return;
		switch (reply.kind) {
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
			case 'failed':
				this.#end({ kind: 'failed', message: reply.message });
				return;
		}
	}

	#end(outcome: Outcome<never>): void {
		const running = this.#running;
		this.#running = null;
		running?.entry.settle(outcome);
		if (running !== null) this.#next();
	}
}

/** Runs tasks in workers. */
export class Explorer {
	readonly #checks: Lane;
	readonly #questions: Lane;
	/** What nobody waits for, so that it holds nobody up. */
	readonly #background: Lane;
	/** Litmus documents, which are quick and must not wait for a walk. */
	readonly #litmus: Lane;

	constructor(workerUrl: URL) {
		this.#checks = new Lane(workerUrl, { idleMax: null, youngMax: YOUNG_MAX.checks });
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
		const flag = new Int32Array(new SharedArrayBuffer(4));
		const outcome = new Promise<Outcome<TaskResults[K]>>((settle) => {
			lane.add({ key, task, flag, handlers, settle });
		});
		return { outcome, cancel: () => Atomics.store(flag, 0, 1) };
	}

	#laneOf(kind: Task['kind']): Lane {
		switch (kind) {
			case 'analyse':
			case 'sites':
				return this.#checks;
			case 'guards':
				return this.#background;
			case 'litmus':
				return this.#litmus;
			default:
				return this.#questions;
		}
	}

	/** Forgets a document. */
	drop(key: string): void {
		this.#checks.drop(key);
		this.#background.drop(key);
		this.#litmus.drop(key);
	}

	/** Drops everything the workers remember (results, parsed headers). */
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
