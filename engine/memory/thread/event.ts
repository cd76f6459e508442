/**
 * What happens in a run, as the machine tells it to a monitor: one event per access, call, section change, fault; and the
 * ports through which a world gives the machine its ghosts and its own operations.
 *
 * Invariant: a monitor and an intrinsic keep everything that can influence a later event in cells, through `View`. Whatever
 * else they remember must be facts that hold of the whole exploration ("this was seen"), because a step is performed once
 * and its result is reused wherever the same state comes up again.
 */
import type {
	AccessOrder,
	FenceKind,
	FunctionIndex,
	Half,
	RmwOperator,
	RmwOrder,
	SectionKind,
	SiteIndex,
} from '../../program/op.js';

interface At {
	readonly site: SiteIndex;
}

export type MachineEvent = At &
	(
		| {
				readonly kind: 'load';
				readonly address: number;
				readonly value: number;
				readonly order: AccessOrder;
				/** A plain load that the compiler repeated at a use of the variable. */
				readonly reload: boolean;
				/** Half of the word that was read; null: all of it. `value` is the whole word. */
				readonly half: Half | null;
		  }
		| {
				readonly kind: 'store';
				readonly address: number;
				readonly old: number;
				readonly value: number;
				readonly order: AccessOrder;
		  }
		| {
				readonly kind: 'rmw';
				readonly address: number;
				readonly operator: RmwOperator;
				readonly order: RmwOrder;
				readonly old: number;
				/** Value of the cell afterwards. */
				readonly value: number;
				readonly stored: boolean;
		  }
		/** `depth`: sections of that kind the thread is in afterwards; negative when left once too often. */
		| {
				readonly kind: 'section';
				readonly section: SectionKind;
				readonly delta: 1 | -1;
				readonly depth: number;
		  }
		| { readonly kind: 'fence'; readonly fence: FenceKind }
		| {
				readonly kind: 'intrinsic';
				readonly name: string;
				readonly arguments: readonly number[];
				readonly result: number;
		  }
		| {
				readonly kind: 'call';
				readonly function: FunctionIndex;
				readonly arguments: readonly number[];
		  }
		| { readonly kind: 'return'; readonly function: FunctionIndex; readonly value: number | null }
		| { readonly kind: 'bug'; readonly severity: 'bug' | 'warn'; readonly what: string }
		/**
		 * An access to an address that is no cell (`source`: the address whose load gave the pointer, 0 if none), or a
		 * division by zero. The thread ends after it.
		 */
		| {
				readonly kind: 'fault';
				readonly what: 'no-cell' | 'division';
				readonly access: 'load' | 'store' | 'rmw' | null;
				readonly address: number;
				readonly source: number;
		  }
		/** The thread's entry function returned. */
		| { readonly kind: 'end'; readonly value: number | null }
	);

/** One frame of the running thread; `site` is the op it stands at. */
export interface StackFrame {
	readonly function: FunctionIndex;
	readonly site: SiteIndex;
}

/** The state as a monitor or an intrinsic sees it during one step. Every read and write joins the step's footprint. */
export interface View<V> {
	/** The thread that moves; 0 is the walk. */
	readonly thread: number;
	readonly threads: number;
	/** Value of the cell at an address, ghosts included. The address must be a cell. */
	read(address: number): number;
	write(address: number, value: number): void;
	/** True if the address is a cell. Joins no footprint: the set of cells never changes. */
	has(address: number): boolean;
	/** The running thread's stack at the event, innermost first. */
	frames(): readonly StackFrame[];
	/** Sections of that kind the thread is in. */
	section(thread: number, kind: SectionKind): number;
	/**
	 * Begins to wait for every other thread that is now inside a section of one of `kinds`: a grace period
	 * (`irq rcu preempt`), an IPI broadcast (`irq`). One wait at a time per thread.
	 */
	waitBegin(kinds: readonly SectionKind[]): void;
	/** True once every thread that the last `waitBegin` of this thread met inside has left (or ended). */
	waitOver(): boolean;
	/** Reports a violation at this step. */
	report(violation: V): void;
}

/** Sees every event of every thread, after its effect. */
export interface Monitor<V> {
	/** Deliver loads and stores of a thread's own frame memory too. */
	readonly frameAccesses: boolean;
	onEvent(event: MachineEvent, view: View<V>): void;
	/** What makes two violations the same for the search (rule and place, not the values met). */
	key(violation: V): string;
}

/** A named operation of the world. `blocked`: not enabled in this state; it must have written and reported nothing. */
export type Intrinsic<V> = (args: readonly number[], view: View<V>) => number | 'blocked';

/** A thread of a world: `entry` called with `arguments`. */
export interface ThreadStart {
	readonly name: string;
	readonly entry: FunctionIndex;
	readonly arguments: readonly number[];
}

/** A cell and its value before the first step. */
export interface Cell {
	readonly address: number;
	readonly initial: number;
}

/** Initial memory and threads of one scenario. */
export interface World {
	/** All cells, ghosts included; addresses are distinct and below SECTION_BASE. */
	readonly cells: readonly Cell[];
	/** Address of each global the program names. */
	readonly symbols: ReadonlyMap<string, number>;
	readonly threads: readonly ThreadStart[];
	/** Times a frame may go round one loop (an inner loop: per round of the outer) before the run is cut off by a `limit`. */
	readonly loopMax: number;
	/** Frames on one stack before the run is cut off by a `limit`. */
	readonly callDepthMax: number;
}
