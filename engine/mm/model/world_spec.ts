/**
 * What a world is: what is mapped at the walked addresses, at which level, and who may attack it. The worlds themselves are
 * engine/mm/worlds/walk/worlds.ts.
 *
 * Model: one mm, one to three walked pages, four levels (p4d folded). Everything not named is not present.
 * Model: a file folio's page cache holds one reference whatever its size (mm/filemap.c takes one per page).
 */
import { FAR_FRAMES, type Level } from './layout.js';

/** What `folio->mapping` is at first; `ksm`, `movable`: tagged as include/linux/page-flags.h has it. */
export type MappingKind =
	| ('anon' | 'file' | 'shmem' | 'secretmem' | 'hugetlb' | 'none')
	| ('ksm' | 'movable');

/** A folio by its frames; `frames[0]` is the head. More than one frame: a compound page. */
export interface FolioSpec {
	readonly frames: readonly number[];
	readonly owner: number;
	readonly mapping: MappingKind;
	readonly refcount: number;
	/** PageAnonExclusive of the mapped page (the head for leaves above pte). */
	readonly exclusive?: boolean;
	/** Absent: as large as what maps it. With one frame: a page of a larger folio whose others lie elsewhere. */
	readonly order?: number;
	/** Further page flags and markers, by the field's name in server/lower/primitives/types.c. */
	readonly marks?: readonly string[];
}

export interface WorldSpec {
	readonly name: string;
	readonly level: Level;
	/** Leaf entries in address order: frame (head of the leaf above pte) and bits. */
	readonly entries: readonly { readonly frame: number; readonly bits: number }[];
	/** Pages walked from the first address. */
	readonly pages: number;
	/**
	 * The two pages lie at the end of one entry's range and at the beginning of the next one's: two entries of this level lead to
	 * them, and every table below is another.
	 */
	readonly crosses?: 'pmd' | 'pud' | 'pgd';
	/** Pages that lie before the boundary; one where it is left out. */
	readonly pagesBefore?: number;
	/** Level of the leaf that maps the second of them: `crosses` or below; `pte` where it is left out. */
	readonly behind?: Level;
	readonly folios: readonly FolioSpec[];
	/** Adversaries that can act here; none: only the walk runs. */
	readonly actors: readonly string[];
	/** Index of the walked page that is attacked. */
	readonly victim: number;
	/** The mapping is private: the process's next write goes to a copy of a page that is not anonymous. */
	readonly cow?: true;
	/** What `remap`, `fault`, `migrate` and `unshare` put at the victim's entry: frame (of a page or a table) and bits. */
	readonly other?: { readonly frame: number; readonly bits: number };
	/** Generation feature without which this cannot be (Program.features). */
	readonly needs?: string;
	/**
	 * Explored with a pin and with a reference for writing alone, for what it shows is no matter of flags; or for the long
	 * term alone.
	 */
	readonly flags?: 'demanding' | 'longterm';
	/** Words of objects that are other than usual: engine/mm/model/change.ts. */
	readonly words?: readonly { readonly address: number; readonly value: number }[];
	/** The P4D is the copy of the PGD that the walk has made; else it is read from its own table, as with five levels. */
	readonly p4dFolded?: true;
	/** Whoever calls the walk has interrupts off; for walks that ask. */
	readonly interruptsOff?: true;
	/** Explored after all others: what it shows is rarer. */
	readonly tier?: 'deep';
}

/** Frames of the tables and of the pages of all worlds. */
export const FRAME = {
	pgd: 1,
	pud: 2,
	pmd: 3,
	pte: 4,
	/** Tables of the range behind the first, where a world has two. */
	pte2: 5,
	pmd2: 6,
	pud2: 7,
	first: 8,
	second: 9,
	third: 11,
	zero: 10,
	head: 12,
	tail: 13,
	tail2: 14,
	/** Ordinary pages beside that of a world: pages_beside.ts. */
	beside: 16,
	beside2: 17,
	huge: 20,
	/** Last page of the leaf at `head` when a PMD maps it, a PUD, or a PGD. */
	last: 12 + 511,
	lastPud: FAR_FRAMES[0],
	lastPgd: FAR_FRAMES[1],
} as const;
