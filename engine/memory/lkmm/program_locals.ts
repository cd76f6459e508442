/** Frame memory of a thread under LKMM: cells of its own that no execution shares, by address. */
import type { Op } from '../../program/op.js';
import { FRAME_BASE, FRAME_STRIDE } from '../thread/frame.js';
import { cellOf, type LinkedFunction } from '../thread/link.js';
import { type Dependent, NO_DEPS } from './run_recorder.js';

/** Bytes that a slot takes at most. */
const SLOT_BYTES = 8;

export class Locals {
	/** Of frame memory, and of the world's memory that the thread alone uses. */
	readonly cells = new Map<number, Dependent>();
	/** Bytes of each cell, 0 for a bit-field's. */
	readonly #sizes = new Map<number, number>();
	#top: number;

	constructor(thread: number) {
		this.#top = FRAME_BASE + thread * FRAME_STRIDE;
	}

	/** Makes a function's cells; the address of the first. */
	enter(fn: LinkedFunction): number {
		const base = this.#top;
		for (let slot = 0; slot < fn.slots; slot++) {
			const { offset, size } = cellOf(fn, slot);
			this.cells.set(base + offset, { value: 0, deps: NO_DEPS });
			this.#sizes.set(base + offset, size);
		}
		this.#top += fn.slots * SLOT_BYTES;
		return base;
	}

	/** Leaves the function whose first cell is at that address. */
	leave(base: number): void {
		this.#top = base;
	}

	/** Why an access to frame memory is not to one of its cells as a whole; null: it is, or is to something else. */
	refusal(op: Extract<Op, { kind: 'load' | 'store' | 'rmw' }>, address: number): string | null {
		const size = this.#sizes.get(address) ?? (address >= FRAME_BASE ? null : 0);
		const isWhole = size !== null && (size === 0 || size === (op.type?.bits ?? 64) / 8);
		return isWhole ? null : `${op.kind} of bytes of a local that are no member of it`;
	}
}
