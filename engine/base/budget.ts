/**
 * What bounds the work on one text: a question that every phase asks as it goes, and the words for where it was when the answer
 * was no more.
 *
 * Invariant: nothing here reads a clock; who starts the work says when it is over.
 * Invariant: work that was given up ends in `OutOfBudget`, never in a result that looks complete.
 */

/** What a text goes through, as messages name it: `took longer than 20 s in lowering`. */
export type Phase =
	| 'loading'
	| 'reading'
	| 'preprocessing'
	| 'lowering'
	| 'exploring'
	| 'building relations'
	| 'explaining'
	| 'reading claims'
	| 'deciding claims'
	| 'searching for a fix';

export interface Budget {
	/** True when nothing more is to be done: the time or the room is used up, or nobody wants the result any more. */
	isOver(): boolean;
	/** A phase begins. */
	enter?(phase: Phase): void;
}

/** The work of a phase was given up. Caught by `attempted` alone. */
export class OutOfBudget extends Error {
	readonly phase: Phase;
	/** What of the text is more than is looked at, said behind `it`; null: the budget was over. */
	readonly met: string | null;

	constructor(phase: Phase, met: string | null = null) {
		super(`given up in ${phase}`);
		this.phase = phase;
		this.met = met;
	}
}

/** What came of some work: what it made, or what it was at when it was given up. */
export type Attempt<T> = { readonly kind: 'done'; readonly result: T } | GaveUp;

export interface GaveUp extends Pick<OutOfBudget, 'phase' | 'met'> {
	readonly kind: 'gave-up';
}

/** Does some work; the one place that catches `OutOfBudget`. */
export function attempted<T>(work: () => T): Attempt<T> {
	try {
		return { kind: 'done', result: work() };
	} catch (error) {
		if (error instanceof OutOfBudget) {
			const { phase, met } = error;
			return { kind: 'gave-up', phase, met };
		}
		throw error;
	}
}

/** Asked in every round of a loop, looks at the budget in one of so many. */
export type Spend = () => void;

/** Rounds between two looks at the clock: a round is some microseconds of work. */
const EVERY = 64;

/** Counts rounds of a phase's work; throws `OutOfBudget` once the budget is over. */
export function spending(budget: Budget | undefined, phase: Phase): Spend {
	if (budget === undefined) return () => {};
	let rounds = 0;
	return () => {
		if (++rounds % EVERY === 0 && budget.isOver()) throw new OutOfBudget(phase);
	};
}
