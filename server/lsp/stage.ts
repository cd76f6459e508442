/**
 * A stage: one part of the work on an open document, as data: the tasks it gives to the workers, and what it keeps of their results.
 * `checks.ts` and `litmus_runs.ts` list the stages; `open_documents.ts` runs them in order and stops them.
 */
import type { Explorer, Running } from '../worker/exploration.js';
import type { TaskHandlers, TaskOutcome } from '../worker/outcome.js';
import type { Task, TaskResults } from '../worker/worker_protocol.js';

/** One question of a stage, under its key; `behind`: nobody waits for it. */
export interface Question<K extends Task['kind']> {
	readonly key: string;
	readonly task: Task & { readonly kind: K };
	readonly behind?: boolean;
}

/**
 * What became of the answers: they are to be `shown`, or only `kept`; they are the `last` to be shown of this text; there are none
 * and what follows is not wanted, because it is `over`, because the user `stopped` it, or because it failed, with a message.
 */
export type Kept = 'shown' | 'last' | 'kept' | 'over' | 'stopped' | { readonly failed: string };

/** The parts of a stage for tasks of a kind. */
export interface StageParts<State, K extends Task['kind']> {
	/** What the stage finds out, for who waits for it (`OpenDocuments.past`). */
	readonly name: string;
	/** Milliseconds that pass before it begins; absent: none. */
	readonly quiet?: number;
	/** What follows does not wait for it. */
	readonly isBeside?: boolean;
	/** The user sees its progress and can stop it. */
	readonly isShown?: boolean;
	/** None: the stage is passed over. */
	ask(state: State): readonly Question<K>[] | Promise<readonly Question<K>[]>;
	/** What changes once it is asked. */
	asked?(state: State): void;
	/** What changes with what is told before the answer. */
	heard?(state: State): Pick<TaskHandlers, 'found' | 'guards'>;
	/** Keeps the answers, which are in the order of the questions; `byUser`: the user stopped them. */
	keep(state: State, outcomes: readonly TaskOutcome<TaskResults[K]>[], byUser: boolean): Kept;
}

/** What is under way of a stage. */
export interface Work {
	readonly running: readonly Running<unknown>[];
	/** Keeps the answers, once they are there. */
	readonly answered: Promise<(byUser: boolean) => Kept>;
}

export interface Stage<State>
	extends Pick<StageParts<State, Task['kind']>, 'name' | 'quiet' | 'isBeside' | 'isShown'> {
	/** Finds out what to ask; null: nothing. */
	begin(state: State, explorer: Explorer): Promise<StageStart | null>;
}

/** Asks. `progress` is told how far it is; `heard` makes the changes that come before the answer, while they are wanted. */
export type StageStart = (
	progress: NonNullable<TaskHandlers['progress']>,
	heard: (change: () => void) => void,
) => Work;

/** A stage whose questions are all of one kind. */
export function stage<State, K extends Task['kind']>(parts: StageParts<State, K>): Stage<State> {
	return {
		...parts,
		async begin(state, explorer) {
			const questions = await parts.ask(state);
			if (questions.length === 0) return null;
			return (progress, heard) => {
				const { found, guards } = parts.heard?.(state) ?? {};
				const handlers: TaskHandlers = {
					progress,
					...(found === undefined ? {} : { found: (one) => heard(() => found(one)) }),
					...(guards === undefined ? {} : { guards: (all) => heard(() => guards(all)) }),
				};
				parts.asked?.(state);
				const running = questions.map(({ key, task, behind = false }) =>
					explorer.run<K>(key, task, handlers, { behind }),
				);
				const outcomes = Promise.all(running.map(({ outcome }) => outcome));
				const answered = outcomes.then(
					(all) => (byUser: boolean) => parts.keep(state, all, byUser),
				);
				return { running, answered };
			};
		},
	};
}
