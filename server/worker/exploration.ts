/**
 * The server's side of exploration: a worker for the checks of documents, one for what a user waits for
 * (simulations, fixes), one for litmus tests and one for what nobody waits for, so that none holds the others up.
 * What holds for each of them stands in `lane.ts`.
 */
import { type Entry, Lane } from './lane.js';
import type { TaskHandlers, TaskOutcome } from './outcome.js';
import type { WorkerLimits } from './worker_process.js';
import type { Task, TaskResults } from './worker_protocol.js';

export interface Running<T> {
	readonly outcome: Promise<TaskOutcome<T>>;
	/** Stops the task soon: it then ends with what it has. */
	cancel(): void;
}

/**
 * Megabytes of heap and in all that a worker beside an editor may use; beyond it is ended and its task says so. What lives in
 * it is some 80 MB: V8 left to itself lets it grow to five times that before it looks through it.
 */
const EDITOR_MEMORY = { heapMax: 512, memoryMax: 1200, growth: 60 } as const;
/** The same for a command's, beside which there is no other. */
const COMMAND_MEMORY: WorkerLimits = {
	...{ heapMax: 4096, youngMax: 96, memoryMax: 6000, growth: null, ownGroup: true },
};
/**
 * Megabytes of a worker's heap for what was made just now. What a search makes dies young: more room makes it some percent
 * faster, and the worker as much larger several times over. The checks, which somebody types against, get more.
 */
const YOUNG_MAX = { checks: 48, others: 12 } as const;
/** Milliseconds without a question after which its worker is let go, to give its memory back. */
const IDLE_MAX = 20_000;
/** The same for the worker behind everything else, which remembers what it has worked out. */
const BACKGROUND_IDLE_MAX = 180_000;
/** Milliseconds that a command's worker may go on after its budget is spent: the command's own start and end are within them, too. */
const COMMAND_OVERTIME = 1000;
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
		const forChecks = { ...EDITOR_MEMORY, youngMax: YOUNG_MAX.checks };
		const memory = { ...EDITOR_MEMORY, youngMax: YOUNG_MAX.others };
		this.#checks = new Lane(workerUrl, { idleMax: null, memory: forChecks, givesWay: true });
		this.#questions = new Lane(workerUrl, { idleMax: IDLE_MAX, memory });
		this.#background = new Lane(workerUrl, { idleMax: BACKGROUND_IDLE_MAX, memory });
		this.#litmus = new Lane(workerUrl, { idleMax: IDLE_MAX, memory });
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
		const entry: Entry = { key, task, handlers, settle, isStopped: false, gaveWay: 0 };
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

	/** The user asks about a document: its checks go before those of others that wait, and the one that runs gives way to them. */
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
