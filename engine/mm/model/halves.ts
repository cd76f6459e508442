/**
 * Entries whose two halves are read one after the other (i386 with PAE, arch/x86/include/asm/pgtable-3level.h).
 *
 * Low half: the bits and the frame number, high half: the frame number once more. So each half tells which entry it was
 * taken from, as if any two frames lay apart both in the upper and in the lower bits of their number. One cell holds an
 * entry as low + 2^32 × ((high − frame of low) mod 4096): where the halves agree, that is the entry itself, as on every
 * other architecture; where they do not, it is a value no frame of the world has.
 *
 * Invariant: server/lower/entry_halves.ts computes with the same numbers; a test compares the two.
 */
import { OBJECT_STRIDE, type Program } from '../../program/program.js';
import { FRAMES_MAX, PAGE_SIZE } from './layout.js';

const HALF = 2 ** 32;

/** Addresses computed from an entry whose halves disagree lie above all others. */
const TORN_BASE = (HALF / PAGE_SIZE) * OBJECT_STRIDE;

/** The value of an entry from its halves. */
export function assembled(low: number, high: number): number {
	const distance = (high - Math.floor(low / PAGE_SIZE)) % FRAMES_MAX;
	return low + (distance < 0 ? distance + FRAMES_MAX : distance) * HALF;
}

export function lowHalf(entry: number): number {
	return entry % HALF;
}

export function highHalf(entry: number): number {
	return (Math.floor(entry / HALF) + Math.floor(lowHalf(entry) / PAGE_SIZE)) % FRAMES_MAX;
}

/** True for a value whose halves belong to different entries. */
export function isTorn(entry: number): boolean {
	return entry >= HALF;
}

/** True for an address (of a `struct page`, of an entry) that was computed from a torn entry. */
export function isTornAddress(address: number): boolean {
	return address >= TORN_BASE;
}

/** True where the program's architecture reads entries in halves (server/tree/facts/arch_facts.ts). */
export function readsHalves(program: Program): boolean {
	return program.features?.includes('RACEWALK_ENTRY_HALVES') === true;
}
