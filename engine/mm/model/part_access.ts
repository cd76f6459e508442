/**
 * Accesses to part of a word of the world, or to more than one: what a union, a cast pointer or a byte pointer makes of memory.
 * The world keeps a number for each scalar, and others change it as a whole, so that the part is not told.
 */
import { FIELD_STRIDE, OBJECT_STRIDE, type Program } from '../../program/program.js';
import { frameOfEntry, GHOST_BASE, PAGE_BASE } from './layout.js';
import { OBJECT_NAMES, objectIndex } from './world.js';

/** Bytes of the elements of arrays that the walk's caller hands in; other objects are structs. */
const ARRAYS: Readonly<Record<string, number>> = { pages: 8, nr: 4, index: 8, indices: 8 };

/**
 * Why the walk may not access so many bytes at an address in one piece: its cell has more or fewer. Null: it may, or nothing
 * is there at all.
 */
export function partAccess(program: Program, address: number, bytes: number): string | null {
	const size = cellSize(program, address);
	return size === null || size === bytes
		? null
		: `${bytes} bytes are accessed of a word of ${size}`;
}

/** Bytes of the scalar that an address of the world lies in; null: not known, or none. */
function cellSize(program: Program, address: number): number | null {
	if (frameOfEntry(address) !== null) return 8;
	if (address < PAGE_BASE || address >= GHOST_BASE) return null;
	const object = objectIndex(address);
	const array = object === null ? undefined : ARRAYS[OBJECT_NAMES[object] ?? ''];
	if (array !== undefined) return array;
	return program.fields[Math.floor((address % OBJECT_STRIDE) / FIELD_STRIDE)]?.size ?? null;
}
