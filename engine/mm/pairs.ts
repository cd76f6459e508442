/**
 * Which adversaries act at once, and in which worlds: as data. Two adversaries take the locks that keep them off each other
 * in the kernel (engine/actors/common.c); each takes part with all it does alone.
 *
 * Invariant: worlds are named as in engine/mm/worlds.ts; a test holds the names against it.
 */
import type { FunctionIndex } from '../program/op.js';
import type { Program } from '../program/program.js';
import { reachable } from '../program/reach.js';
import type { WorldSpec } from './world_spec.js';

/** Two adversaries and the worlds they meet in. */
export interface Pair {
	readonly actors: readonly [string, string];
	readonly worlds: readonly string[];
	/** What only the two of them can do. */
	readonly why: string;
}

const ANON = 'anon page, exclusive, writable';
const HUGE = 'pmd leaf, anon huge page, exclusive, writable';
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
		actors: ['reclaim', 'reuse'],
		worlds: [ANON],
		why: 'another allocator takes the page as soon as reclaim has let go of it',
	},
	{
		actors: ['truncate', 'evict'],
		worlds: [FILE, `pmd leaf, ${HUGE_FILE}`],
		why: 'the folio leaves the page cache by one and the address_space goes by the other, without waiting for the folio lock',
	},
	{
		actors: ['zap', 'fork'],
		worlds: [ANON, HUGE],
		why: 'the page is given up by the parent while the child has it, so that it is not freed and the count says nothing',
	},
	{
		actors: ['reclaim', 'fork'],
		worlds: [ANON, 'anon page, exclusive, read-only'],
		why: 'both take exclusivity away, one under the page-table lock alone and one under write_protect_seq as well',
	},
	{
		actors: ['reclaim', 'fault'],
		worlds: [ANON],
		why: 'the address gets another page while the first one is on its way to be freed',
	},
	{
		actors: ['ksm', 'reclaim'],
		worlds: ['anon page, exclusive, read-only'],
		why: 'the page stops being exclusive by one and is unmapped by the other, each with a reference of its own',
	},
	{
		actors: ['collapse', 'reclaim'],
		worlds: [ANON],
		why: 'the reference of reclaim makes the collapse give up and put its page table back',
	},
	{
		actors: ['zap', 'truncate'],
		worlds: [FILE],
		why: 'the mapping goes by one and the page-cache reference by the other: the page is freed by either',
	},
];

/** Actors that some pair names. */
export const PAIRED: ReadonlySet<string> = new Set(PAIRS.flatMap((p) => p.actors));

/** The pairs that meet in a world. */
export function pairsIn(spec: WorldSpec): readonly (readonly [string, string])[] {
	return PAIRS.filter((p) => p.worlds.includes(spec.name)).map((p) => p.actors);
}

/** Fields of struct mm_struct that adversaries lock when they are not alone (engine/actors/common.c). */
const LOCKS: readonly string[] = ['page_table_lock', 'mmap_lock'];

/** Whether the walk takes a lock of theirs itself: then they take it too, alone or not. */
export function takesLocks(program: Program, root: FunctionIndex): boolean {
	const fields = program.fields.map((f) => f.struct === 'mm_struct' && LOCKS.includes(f.name));
	return [...reachable(program, root)].some((index) =>
		program.functions[index]?.ops.some((op) => op.kind === 'field' && fields[op.field]),
	);
}
