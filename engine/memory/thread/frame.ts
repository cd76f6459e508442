/**
 * Stack frames of a suspended thread, and where frame memory lies.
 *
 * Invariant: frames are immutable and equal ones are one object, so a stack is compared by its top.
 */
import type { FunctionIndex, SiteIndex } from '../../program/op.js';
import type { StackFrame } from './event.js';
import type { LinkedFunction } from './link.js';

/** Frame memory of thread t begins at FRAME_BASE + t × FRAME_STRIDE. */
export const FRAME_BASE = 0x4000_0000;
export const FRAME_STRIDE = 0x100_0000;

/** Where a thread stands: innermost function first, callers at their calls. */
export interface Stack {
	readonly function: FunctionIndex;
	readonly site: SiteIndex;
	readonly parent: Stack | null;
}

/** A suspended frame; equal frames are one object. */
export interface Frame {
	readonly id: number;
	readonly parent: Frame | null;
	readonly fn: LinkedFunction;
	/** The op it is suspended at: a call, or the thread's pending op. */
	readonly pc: number;
	/** Registers that are still needed; `values` and `sources` go with them. */
	readonly live: readonly number[];
	readonly values: readonly number[];
	readonly sources: readonly number[];
	/** Rounds made, by loop of the function. */
	readonly rounds: readonly number[];
	/** Word of the thread's frame memory at which this frame's slots begin. */
	readonly base: number;
	readonly depth: number;
	/** Some register here or below may be re-loaded. */
	readonly marked: boolean;
	readonly stack: Stack;
}

/** The frames of a stack, innermost first; none for a thread outside its functions. */
export function stackFrames(stack: Stack | null): readonly StackFrame[] {
	const list: StackFrame[] = [];
	for (let s = stack; s !== null; s = s.parent) list.push({ function: s.function, site: s.site });
	return list;
}
