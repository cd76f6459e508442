/**
 * The world's own operations, a row each: whether it takes or gives back a lock, and the sentence a trace says it in. What each
 * does under sc is engine/mm/operations/intrinsics.ts, what under lkmm, or why it does nothing there, engine/lkmm/operations.ts:
 * both are tables over these names, so that none can be forgotten.
 */
import { ownerName } from './owner.js';

/** Prints what an operation was given. */
export interface OperandWords {
	/** A page, a folio, an object. */
	object(address: number): string;
	/** The cell at an address; `otherwise` where it has no name. */
	cell(address: number, otherwise: string): string;
}

interface Operation {
	/** Locks the thread holds more (or less) when it succeeds. */
	readonly lock?: 1 | -1;
	/** It may find the lock taken, and says so by 0. */
	readonly tries?: true;
	/** Absent: a trace does not show it. */
	readonly says?: (args: readonly number[], words: OperandWords) => string;
}

const lockOf = (args: readonly number[], words: OperandWords): string =>
	args[0] === undefined ? '' : words.cell(args[0], String(args[0]));
const objectOf = (args: readonly number[], words: OperandWords): string =>
	args[0] === undefined ? '' : words.object(args[0]);

const TABLE = {
	slab_free: {},
	/** The caller of a reader gives back what it was handed: engine/mm/operations/reader_intrinsics.ts. */
	reader_release: {},
	driver_isolates: {},
	putback_isolated: {},
	might_sleep: {},
	irqs_disabled: {},
	map_table: {},
	is_free: {},
	was_freed: {},
	detached_is_flushed: {},
	accessible: {},
	inaccessible: {
		says: (args, words) => `${objectOf(args, words)} cannot be made accessible: -EFAULT`,
	},
	device_write: { says: () => 'a device writes to the pages through their pins' },
	grace_period_begin: { says: () => 'an RCU grace period begins' },
	grace_period_end: { says: () => 'the RCU grace period is over' },
	ipi_begin: { says: () => 'an IPI is sent to every CPU that runs this mm' },
	ipi_end: { says: () => 'every CPU has answered the IPI' },
	lock: { lock: 1, says: (args, words) => `lock ${lockOf(args, words)}` },
	lock_shared: { lock: 1, says: (args, words) => `lock ${objectOf(args, words)} shared` },
	unlock_shared: { lock: -1, says: (args, words) => `unlock ${objectOf(args, words)}` },
	trylock: { lock: 1, tries: true, says: (args, words) => `trylock ${lockOf(args, words)}` },
	unlock: { lock: -1, says: (args, words) => `unlock ${lockOf(args, words)}` },
	down_read: { lock: 1 },
	down_read_trylock: { lock: 1, tries: true },
	up_read: { lock: -1 },
	down_write: { lock: 1 },
	down_write_trylock: { lock: 1, tries: true },
	up_write: { lock: -1 },
	rwsem_is_locked: {},
	allocate: {
		says: (args, words) => `${objectOf(args, words)} is allocated to ${ownerName(args[1] ?? 0)}`,
	},
	free_folio: { says: (args, words) => `${objectOf(args, words)} is freed` },
	free_table: { says: () => 'the page table is freed' },
	free_object: { says: (args, words) => `${objectOf(args, words)} is freed` },
	wait_for_zero: { says: ([at = 0], words) => `${words.cell(at, 'the count')} is 0` },
	detach_entry: {
		says: ([at = 0], words) =>
			`${words.cell(at, 'the entry')} → none; the table below it stays as it is`,
	},
	remove_pages: { says: () => 'the struct pages of the device are removed' },
	clear_anon_exclusive: {
		says: (args, words) => `${objectOf(args, words)} is no longer exclusive to this mm`,
	},
} as const satisfies Readonly<Record<string, Operation>>;

export type OperationName = keyof typeof TABLE;

/** The row of an operation; null: the world has none of that name. */
export function operationNamed(name: string): Operation | null {
	return Object.hasOwn(TABLE, name) ? TABLE[name as OperationName] : null;
}

/** Fields the allocator resets when a folio is freed (mm/page_alloc.c, free_pages_prepare()). */
export const RESET_WHEN_FREED = [
	...['mapping', 'compound_head', 'PG_head', 'PG_anon_exclusive', '_refcount'],
] as const;
