/**
 * Events of an execution: memory accesses, RCU marks, and fences. The tags are the base sets of linux-kernel.bell and
 * lock.cat under their names.
 *
 * Invariant: `addr`, `data` and `ctrl` name earlier reads of the same thread.
 */
import type { Blockage, Fence, LitmusSite, LocationIndex } from './litmus_program.js';
import type { SymbolicValue } from './value.js';

/** Bits of `Event.tags`. */
export const R = 1 << 0;
export const W = 1 << 1;
/** Initial write. */
export const IW = 1 << 2;
export const ONCE = 1 << 3;
export const ACQUIRE = 1 << 4;
export const RELEASE = 1 << 5;
export const NORETURN = 1 << 6;
/** The read or write of a fully ordered read-modify-write that succeeded. */
export const MB = 1 << 7;
/** Part of a read-modify-write, failed ones included: bell's RMW. */
export const RMW = 1 << 8;
export const LKR = 1 << 9;
export const LKW = 1 << 10;
export const UL = 1 << 11;
/** Failed spin_trylock() and spin_is_locked() that returned true (RL). */
export const LF = 1 << 12;
export const RU = 1 << 13;
export const SRCU_LOCK = 1 << 14;
export const SRCU_UNLOCK = 1 << 15;
export const SYNC_SRCU = 1 << 16;
export const RCU_LOCK = 1 << 17;
export const RCU_UNLOCK = 1 << 18;
export const SYNC_RCU = 1 << 19;

export interface Event {
	/** Base sets it is in. */
	readonly tags: number;
	/** Null for RCU marks and fences. */
	readonly location: LocationIndex | null;
	/** What a write stores. */
	readonly value: SymbolicValue | null;
	/** Set for fences, which are no members of the relations: they only order others. */
	readonly fence: Fence | null;
	/** True for the fences that surround a full read-modify-write before lkmmv2. */
	readonly implied: boolean;
	/** The read of the read-modify-write this is the write of, or null. */
	readonly rmw: number | null;
	readonly addr: readonly number[];
	readonly data: readonly number[];
	readonly ctrl: readonly number[];
	readonly site: LitmusSite;
}

/** A way through a thread, as far as it goes without knowing what its reads take. */
export interface ThreadRun {
	readonly events: readonly Event[];
	/** Each must be non-zero in an execution that takes this way. */
	readonly constraints: readonly SymbolicValue[];
	readonly registers: ReadonlyMap<string, SymbolicValue>;
	/** What each read may take for the constraints that rest on it alone; null: anything. */
	readonly possible: ReadonlyMap<number, ReadonlySet<number> | null>;
	/** What it waits for for ever, or null when it reaches the thread's end. */
	readonly blockedAt: Wait | null;
}

/** A word that a thread waits for, and the values of it that keep the thread waiting. */
export interface Wait {
	readonly location: LocationIndex;
	readonly blocked: Blockage;
}
