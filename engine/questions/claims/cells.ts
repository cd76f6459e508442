/**
 * The cells a claim's monitor keeps: part of the state, as the ghosts of engine/mm/model/ghost.ts are, but only in worlds in which a
 * claim is being decided.
 */
import { assert } from '../../base/unreachable.js';
import type { Cell } from '../../memory/thread/event.js';

/** Above the ghosts of engine/mm, below the machine's own cells. */
const CLAIM_BASE = 0x7800_0000;

export const CLAIM = {
	/**
	 * Bit set of what the walk has got hold of: frames, objects or entries, by the claim's subject; of a state, the frame it is
	 * about and one more.
	 */
	known: CLAIM_BASE,
	/** 1 once another CPU acted while the scope lasted and the walk had got hold of the subject. */
	attacked: CLAIM_BASE + 8,
	/** Calls of the comment's function on the walk's stack. */
	depth: CLAIM_BASE + 16,
	/** 1 while the comment's function is behind the comment. */
	here: CLAIM_BASE + 48,
	/** Bit set of frames that the walk held references on when it came there. */
	heldThere: CLAIM_BASE + 56,
	/** Bit set of frames whose entry was read again while referenced. */
	rechecked: CLAIM_BASE + 24,
	/** Bit set of walked addresses whose entry was read again after the last reference was taken. */
	ordered: CLAIM_BASE + 32,
	/** Bit set of what the event has happened to, for the scope `use`. */
	happened: CLAIM_BASE + 40,
} as const;

export const CLAIM_CELLS: readonly Cell[] = Object.values(CLAIM).map((address) => ({
	address,
	initial: 0,
}));

/** Frames, objects and addresses of a world are fewer than this. */
const INDICES_MAX = 48;

/** Bit of an index; 0 for one that stands for nothing. */
export function bitOf(index: number): number {
	return index >= 0 && index < INDICES_MAX ? 2 ** index : 0;
}

/** So many indices have bits: what has none would be taken for what never happens. */
export function requireBits(count: number): void {
	assert(count <= INDICES_MAX, `${count} things of a world have bits`);
}

export function withBits(mask: number, bits: number): number {
	return Number(BigInt(mask) | BigInt(bits));
}

export function withoutBits(mask: number, bits: number): number {
	return Number(BigInt(mask) & ~BigInt(bits));
}

export function haveInCommon(mask: number, bits: number): boolean {
	return (BigInt(mask) & BigInt(bits)) !== 0n;
}
