/**
 * What a run through a thread of a lowered program needs and what it leaves behind.
 *
 * Invariant: a run is plain data but for its ops, which are the program's own.
 */
import type { FunctionIndex, Op, SectionKind, SiteIndex } from '../../program/op.js';
import type { StackFrame } from '../thread/event.js';
import type { LinkedProgram } from '../thread/link.js';
import type { ThreadRun } from './event.js';
import type { LocationIndex } from './litmus_program.js';
import type { Wait } from './program_sections.js';
import type { SymbolicValue } from './value.js';

/** What runs of all threads of one scenario share. */
export interface ProgramSetting {
	readonly linked: LinkedProgram;
	readonly symbols: ReadonlyMap<string, number>;
	/** Value of every cell before the first step. */
	readonly initial: ReadonlyMap<number, number>;
	/** Locations whose accesses are events, by address. */
	readonly contended: ReadonlyMap<number, LocationIndex>;
	readonly operations: ReadonlyMap<string, WorldOperation>;
	/** The cell that says whether what lies at an address is gone: read with every access to it. Null: it does not go. */
	readonly liveness: (address: number) => number | null;
	/** What the threads wait for. */
	readonly waits: ReadonlySet<Wait>;
	readonly loopMax: number;
	readonly callDepthMax: number;
	readonly stepsMax: number;
}

/** A world's own operation (`__rw_intrinsic`); null: not modelled under lkmm. */
export type WorldOperation = (args: readonly number[], thread: WorldPort) => number | null;

/** What a world's operation can do. */
export interface WorldPort {
	has(address: number): boolean;
	/** Stores as WRITE_ONCE(); nothing where no thread can have changed the value since. */
	reset(address: number, value: number): void;
	/** Reads as smp_load_acquire(); a run for each number that it may be. */
	read(address: number): number;
	/** Stores as smp_store_release(). */
	publish(address: number, value: number): void;
	/** smp_wmb(). */
	orderStores(): void;
	/** spin_lock(), spin_unlock(); nothing where no other thread takes the lock. */
	lock(address: number): void;
	unlock(address: number): void;
	/** Goes on only once a word has that value, read as by smp_cond_load_acquire(). */
	await(address: number, value: number): void;
	/** spin_trylock(). */
	trylock(address: number): boolean;
	/** synchronize_rcu(), or an IPI that every CPU answers. */
	waitFor(wait: Wait): void;
	section(kind: SectionKind): number;
	/** Facts of this run that later operations and the judgement ask for. */
	readonly facts: Set<string>;
}

export interface ProgramThread {
	readonly name: string;
	readonly entry: FunctionIndex;
	readonly arguments: readonly number[];
}

/** Where an event of a run comes from. */
export interface EventNote {
	readonly op: Op;
	/** Address of the location, null for fences and marks. */
	readonly address: number | null;
	/** Innermost first. */
	readonly frames: readonly StackFrame[];
	/** Operand and expected value of a read-modify-write. */
	readonly operand: SymbolicValue | null;
	readonly expected: SymbolicValue | null;
}

export type ProgramEnd =
	| { readonly kind: 'returned'; readonly value: SymbolicValue | null }
	| { readonly kind: 'fault'; readonly address: number; readonly frames: readonly StackFrame[] }
	| { readonly kind: 'bug'; readonly what: string; readonly frames: readonly StackFrame[] }
	| { readonly kind: 'unsupported'; readonly reason: string; readonly site: SiteIndex };

export interface ProgramRun {
	readonly run: ThreadRun;
	/** By index in `run.events`. */
	readonly notes: readonly EventNote[];
	readonly end: ProgramEnd;
	/** Memory that was no event: what this thread stored there last. */
	readonly memory: ReadonlyMap<number, SymbolicValue>;
	readonly facts: ReadonlySet<string>;
	readonly entered: ReadonlySet<FunctionIndex>;
	/** Runs of further threads that go with it: those of a litmus test with more than two. */
	readonly beside?: readonly ProgramRun[];
}
