/**
 * What the search needs to know of a system: states, the next step of each thread, footprints. It knows nothing of page
 * tables, C or threads beyond their number. The machine of engine/memory is one.
 *
 * Invariant: `moves` is a function of (state, thread); a run is the list of its choices and nothing else.
 */
import type { Moves, Step } from '../base/step.js';

export type { Choice, Incident, Moves, Step } from '../base/step.js';

export interface Model<S, V> {
	/** At most 30. */
	readonly threads: number;
	initial(): S;
	/** The next step of a thread. The given state is not changed. */
	moves(state: S, thread: number): Moves<V>;
	/** The state after one of the steps `moves` gave for this state and thread. */
	successor(state: S, thread: number, step: Step<V>): S;
	/** Equal exactly when two states are equal (no lossy hash). */
	fingerprint(state: S): string | number;
	/**
	 * Local position of a thread, a small number: what the thread may still do depends on it and on cells. A model that
	 * knows nothing better says 0, which costs reduction and no soundness.
	 */
	position(state: S, thread: number): number;
	/** Violations of one key are the same to the search. */
	key(violation: V): string;
}

/**
 * How a state without enabled steps ends its runs. `finished`: all threads done · `discarded`: some thread can only go on
 * by violating an assumption, so this is no execution · `cut`: a thread met a limit or unsupported code · `deadlock`.
 */
export type Ending = 'finished' | 'discarded' | 'cut' | 'deadlock';

/** How a state ends whose threads have these moves; null when one can move. */
export function ending(moves: readonly Moves<unknown>[]): Ending | null {
	let end: Ending = 'finished';
	for (const { status } of moves) {
		if (status === 'ready') return null;
		if (status === 'cut') end = 'cut';
		else if (status === 'refused' && end !== 'cut') end = 'discarded';
		else if (status === 'blocked' && end === 'finished') end = 'deadlock';
	}
	return end;
}
