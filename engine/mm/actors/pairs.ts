/**
 * Which adversaries act at once, and in which worlds: as data. Two adversaries take the locks that keep them off each other
 * in the kernel (engine/mm/actors/common.c); each takes part with all it does alone.
 *
 * A pair costs ten times what its two cost alone, and what two do one after the other is mostly what one of them does: it is
 * here when it shows what neither shows alone (collapse and split_pmd bring a PMD back to the value it began with), or
 * when two objects go at once and no lock orders them. Tried and left out: each guard of 6.12's and 6.1's walks was taken away,
 * and reclaim+reuse, zap+reuse, zap+fork, remap+fork, reclaim+fork, collapse+fork, mprotect+fork, reclaim+fault, zap+fault,
 * ksm+reclaim, collapse+reclaim, zap+truncate, mprotect+zap, unplug+zap and writeback with zap, truncate and reclaim broke
 * nothing that one of the two did not break by itself. Model: migrate, numa and unshare take no locks and stand in no
 * pair.
 *
 * Invariant: worlds are named as in engine/mm/worlds/walk/worlds.ts; a test holds the names against it.
 */
import type { FunctionIndex } from '../../program/op.js';
import type { Program } from '../../program/program.js';
import { reachable } from '../../program/reach.js';
import type { WorldSpec } from '../model/world_spec.js';

/** Two adversaries and the worlds they meet in. */
export interface Pair {
	readonly actors: readonly [string, string];
	readonly worlds: readonly string[];
	/** What only the two of them can do. */
	readonly why: string;
}

const ANON = 'anon page, exclusive, writable';
const HUGE_FILE = 'folio of a dirty-tracked file, writable';
const FILE = 'page of a dirty-tracked file, writable';

export const PAIRS: readonly Pair[] = [
	{
		actors: ['collapse', 'split_pmd'],
		worlds: [ANON],
		why: 'the huge page is split again and its deposited page table comes back: the PMD has the value it began with, where no IPI has been waited for (2ba99c5e0881 mm/khugepaged: fix GUP-fast interaction by sending IPI)',
	},
	{
		actors: ['collapse', 'reuse'],
		worlds: [ANON],
		why: 'another allocator takes the page that the collapse has freed before the huge page is in its place',
	},
	{
		actors: ['truncate', 'evict'],
		worlds: [FILE, `pmd leaf, ${HUGE_FILE}`],
		why: 'the folio leaves the page cache by one and the address_space goes by the other, without waiting for the folio lock',
	},
];

/** Actors that some pair names. */
export const PAIRED: ReadonlySet<string> = new Set(PAIRS.flatMap((p) => p.actors));

/** The pairs that meet in a world. */
export function pairsIn(spec: WorldSpec): readonly (readonly [string, string])[] {
	return PAIRS.filter((p) => p.worlds.includes(spec.name)).map((p) => p.actors);
}

/** Fields of struct mm_struct that adversaries lock when they are not alone (engine/mm/actors/common.c). */
const LOCKS: readonly string[] = ['page_table_lock', 'mmap_lock'];

/** Whether the walk takes a lock of theirs itself: then they take it too, alone or not. */
export function takesLocks(program: Program, root: FunctionIndex): boolean {
	const fields = program.fields.map((f) => f.struct === 'mm_struct' && LOCKS.includes(f.name));
	return [...reachable(program, root)].some((index) =>
		program.functions[index]?.ops.some((op) => op.kind === 'field' && fields[op.field]),
	);
}
