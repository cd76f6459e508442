/**
 * Steps of a concurrent system as the machine makes them and the search orders them: who moves, what it touched, what was
 * met. The search's port is `explore/model.ts`; this stands below both sides.
 *
 * Invariant: a step is a function of (state, choice); a run is the list of its choices and nothing else.
 */

/** Thread `thread` moves; `alternative` picks among what its next step may do (0 when there is one possibility). */
export interface Choice {
	readonly thread: number;
	readonly alternative: number;
}

/** A finding of the monitor, or the end of exploration's knowledge, met while stepping. */
export type Incident<V> =
	| { readonly kind: 'violation'; readonly violation: V }
	/** Code that could not be lowered was reached: the thread goes no further. */
	| { readonly kind: 'unsupported'; readonly reason: string; readonly site: number }
	/** A bound was met: the thread goes no further. `wide-value`: a result that 53 bits cannot hold. `bug`: the program stops itself. */
	| {
			readonly kind: 'limit';
			readonly limit: 'loop' | 'call-depth' | 'wide-value' | 'bug';
			readonly site: number;
	  };

/** One way a thread's next step can go. The state it leads to is made when it is asked for (`Model.successor`). */
export interface Step<V> {
	readonly alternative: number;
	readonly incidents: readonly Incident<V>[];
	/** Local position of the thread afterwards. */
	readonly position: number;
	/** The step may lead back to a state the run was in before. */
	readonly closes: boolean;
}

/**
 * The next step of one thread in one state. The footprint holds the cells that decide it, also when it is not enabled:
 * two steps conflict if one writes a cell that the other reads or writes.
 *
 * `ready`: one step per alternative · `blocked`: may become ready when a cell it reads changes · `refused`: blocked
 * because every way on violates an `assume` · `done`: the thread has ended · `cut`: it met unsupported code or a limit.
 *
 * Where a thread at one position can do the same in two states, that may be one object, and should be: it is then judged
 * once. Objects are not shared between positions or threads, unless `done` or `cut`.
 */
export interface Moves<V> {
	readonly status: 'ready' | 'blocked' | 'refused' | 'done' | 'cut';
	readonly steps: readonly Step<V>[];
	readonly reads: readonly number[];
	readonly writes: readonly number[];
}
