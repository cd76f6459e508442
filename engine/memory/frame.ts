/**
 * Stack frames of a suspended thread, and where frame memory lies.
 *
 * Invariant: frames are immutable and equal ones are one object, so a stack is compared by its top.
 */
import type { FunctionIndex, SiteIndex } from '../program/op.js';
import type { LinkedFunction } from './link.js';

/** Frame memory of thread t begins at FRAME_BASE + t × FRAME_STRIDE. */
export const FRAME_BASE = 0x4000_0000;
export const FRAME_STRIDE = 0x100_0000;

/** A suspended frame; equal frames are one object. */
export interface Frame {
	readonly id: number;
	readonly parent: Frame | null;
	readonly fn: LinkedFunction;
	readonly pc: number;
	readonly values: readonly number[];
	readonly sources: readonly number[];
	readonly rounds: readonly number[];
	/** Word of the thread's frame memory at which this frame's slots begin. */
	readonly base: number;
	readonly depth: number;
	/** Some register here or below may be re-loaded. */
	readonly marked: boolean;
}

/** Where the thread is when an event happens; the frames below are suspended in their calls. */
export interface Stack {
	readonly function: FunctionIndex;
	readonly site: SiteIndex;
	readonly parent: Frame | null;
}
