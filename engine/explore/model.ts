/**
 * What the search needs to know of a system: states, choices, steps, footprints. It knows nothing of page tables, C or
 * threads beyond their number.
 *
 * Invariant: `step` is a function of (state, choice); a run is the list of its choices and nothing else.
 */

/** Thread `thread` moves; `alternative` picks among what its next step may do (0 when there is one possibility). */
export interface Choice {
	readonly thread: number;
	readonly alternative: number;
}

/** Cells the next step of a thread touches. A step conflicts with another if one writes what the other touches. */
export interface Footprint {
	readonly reads: readonly number[];
	readonly writes: readonly number[];
}

/** A finding of the monitor, or the end of exploration's knowledge, met while stepping. */
export type Incident<V> =
	| { readonly kind: 'violation'; readonly violation: V }
	| { readonly kind: 'unsupported'; readonly reason: string; readonly site: number };

export interface Model<S, V> {
	readonly threads: number;
	initial(): S;
	/** Choices enabled in a state: empty when all threads are done (or all that are left are blocked). */
	enabled(state: S): readonly Choice[];
	/** The footprint of the next step of an enabled thread, ghost cells included. */
	footprint(state: S, thread: number): Footprint;
	/** The successor and what was met on the way. The given state is not changed. */
	step(state: S, choice: Choice): { readonly state: S; readonly incidents: readonly Incident<V>[] };
	/** Equal exactly when two states are equal (no lossy hash). */
	fingerprint(state: S): string;
	/** True when no thread can move because all have finished (false: some are blocked for good). */
	finished(state: S): boolean;
}
