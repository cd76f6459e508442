/**
 * Where things lie in the simulated address space, and what an entry's bits mean. The primitives' C (page_table.c, folio.c)
 * computes with the same numbers; a test compares the two.
 *
 * Model: frames have small numbers, ranges are short; what is left of a value that loses bits: cut.ts.
 *
 * Invariant: all addresses but those of FAR_FRAMES are below 2^31, objects are OBJECT_STRIDE apart.
 */
import { OBJECT_STRIDE, type Program } from '../../program/program.js';

/** `struct page` of frame f. */
export const PAGE_BASE = 0x1000_0000;
/** Contents of frame f: page tables. */
export const DIRECT_BASE = 0x2000_0000;
/** mm, mappings, inodes, operation tables, dev_pagemap. */
export const OBJECT_BASE = 0x3000_0000;
/** Cells of the monitor, which no program address reaches. */
export const GHOST_BASE = 0x7000_0000;
/** Frames the regions have room for. */
export const FRAMES_MAX = 4096;
/** The last pages of the leaves of PUDs and PGDs that begin at frame 12: their `struct page`s lie beyond all regions. */
export const FAR_FRAMES = [12 + 2 ** 18 - 1, 12 + 2 ** 27 - 1] as const;

/** Multiple of what four levels of tables span, which walked addresses have above their indices. */
export const HIGH_BASE = 2 ** 48;

export const PAGE_SHIFT = 12;
export const PAGE_SIZE = 4096;

/** Bits of an entry, at x86's names (arch/x86/include/asm/pgtable_types.h). */
export const ENTRY = {
	present: 0x001,
	write: 0x002,
	user: 0x004,
	accessed: 0x020,
	dirty: 0x040,
	leaf: 0x080,
	protnone: 0x100,
	/** The entry's page is being moved: include/linux/swapops.h, is_migration_entry(). */
	migration: 0x010,
	special: 0x200,
	devmap: 0x800,
} as const;
/** What the walked entries of worlds begin with: a page of user space that was touched; and one that was written to. */
export const USER = ENTRY.present | ENTRY.user | ENTRY.accessed;
export const RW = USER | ENTRY.write | ENTRY.dirty;

/** Levels of the walk from the top; p4d is folded into pgd (four levels). */
export type Level = 'pgd' | 'pud' | 'pmd' | 'pte';
export const LEVELS: readonly Level[] = ['pgd', 'pud', 'pmd', 'pte'];
/**
 * Levels that have tables of their own. Where the pgd and the p4d are folded into the pud (i386 with PAE; a process of
 * s390 that maps less than 4 TB) the entries at the top are PUDs, and mm->pgd points to them.
 */
export function levelsOf(program: Program): readonly Level[] {
	const isFolded =
		program.features !== undefined && !program.features.includes('RACEWALK_PGD_TABLE');
	return isFolded ? LEVELS.slice(1) : LEVELS;
}
export const LEVEL_SHIFT: Readonly<Record<Level, number>> = { pgd: 39, pud: 30, pmd: 21, pte: 12 };

/** Address of `struct page` of a frame. */
export function pageAddress(frame: number): number {
	return PAGE_BASE + frame * OBJECT_STRIDE;
}

/** Address of entry `index` of the table in a frame. */
export function entryAddress(frame: number, index: number): number {
	return DIRECT_BASE + frame * OBJECT_STRIDE + index * 8;
}

/** Frame of a `struct page` address (or of a field of it), null outside the region. */
export function frameOfPage(address: number): number | null {
	const frame = Math.floor((address - PAGE_BASE) / OBJECT_STRIDE);
	return (frame >= 0 && frame < FRAMES_MAX) || farIndex(frame) >= 0 ? frame : null;
}

/** Which of FAR_FRAMES a frame is; -1: none. */
export function farIndex(frame: number): number {
	return frame < FRAMES_MAX ? -1 : FAR_FRAMES.indexOf(frame);
}

/** Frame of the table an entry address lies in, null outside the region. */
export function frameOfEntry(address: number): number | null {
	const frame = Math.floor((address - DIRECT_BASE) / OBJECT_STRIDE);
	return frame >= 0 && frame < FRAMES_MAX ? frame : null;
}

/** Index of a user address in its table at a level. Addresses of worlds are below 2^39, so plain division serves. */
export function indexAt(level: Level, address: number): number {
	return Math.floor(address / 2 ** LEVEL_SHIFT[level]) % 512;
}

/** Frame an entry points to. */
export function frameOfValue(entry: number): number {
	return Math.floor(entry / PAGE_SIZE);
}

/** Entry for a frame with bits. */
export function entryValue(frame: number, bits: number): number {
	return frame * PAGE_SIZE + bits;
}

/** True for an address that a walk is called for, of those that have more than 32 bits. */
export function isWalked(value: number): boolean {
	return value >= HIGH_BASE && value < 2 * HIGH_BASE;
}

/** Whether a number is an address of the world, which a kernel's has more than 32 bits for. */
export function isAddress(value: number): boolean {
	return (value >= PAGE_BASE && value < GHOST_BASE) || farIndex(frameOfAddress(value)) >= 0;
}

/** True for an address of a `struct page`, or in one. */
export function isPage(value: number): boolean {
	return frameOfPage(value) !== null;
}

function frameOfAddress(address: number): number {
	return Math.floor((address - PAGE_BASE) / OBJECT_STRIDE);
}
