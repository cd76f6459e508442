/**
 * Worlds that are rarer than those of worlds.ts, explored after them: counts about to overflow, several pages of one
 * compound page, entries that are on their way to be something else. Those of boundary_worlds.ts are among them.
 *
 * Invariant: each is here for a bug that no other world shows; test/server/deep_worlds.test.ts names it.
 */

import { anonFolio, COMPOUND, daxFolio } from '../../model/folio_specs.js';
import { ENTRY, type Level, RW, USER } from '../../model/layout.js';
import { OWNER } from '../../model/owner.js';
import { FRAME, type WorldSpec } from '../../model/world_spec.js';
import { BOUNDARY_WORLDS } from './boundary_worlds.js';

const INT_MAX = 2147483647;

const ANON = { owner: OWNER.anon, mapping: 'anon', exclusive: true } as const;

/** Two pages of one folio, each mapped by an entry of its own: what is right for a folio need not be for each page. */
const HEAD_AND_TAIL: WorldSpec = {
	name: 'head and tail of one folio, mapped by PTEs',
	level: 'pte',
	entries: [
		{ frame: FRAME.head, bits: RW },
		{ frame: FRAME.tail, bits: RW },
	],
	pages: 2,
	folios: [{ ...ANON, frames: COMPOUND, refcount: 2 }],
	actors: ['zap', 'split'],
	victim: 1,
	tier: 'deep',
};

/** The count runs over with the first page's reference; the second page must be refused. */
const ABOUT_TO_OVERFLOW: WorldSpec = {
	...HEAD_AND_TAIL,
	name: 'head and tail of one folio whose count is about to overflow',
	folios: [{ ...ANON, frames: COMPOUND, refcount: INT_MAX }],
	actors: [],
};

/** Under FOLL_PIN the zero page is handed out without a reference; fork makes the walk give everything back. */
const ZERO_AND_ANON: WorldSpec = {
	name: 'the zero page and an anon page, read-only',
	level: 'pte',
	entries: [
		{ frame: FRAME.zero, bits: USER },
		{ frame: FRAME.first, bits: USER },
	],
	pages: 2,
	folios: [
		{ frames: [FRAME.zero], owner: OWNER.zero, mapping: 'none', refcount: 4 },
		anonFolio(FRAME.first),
	],
	actors: ['fork'],
	victim: 1,
	tier: 'deep',
};

/** A page that has left its per-CPU batch (mm/swap.c, lru_add()); those of worlds.ts are still in theirs. */
const SECRETMEM_ON_LRU: WorldSpec = {
	name: 'secretmem page on its LRU list, writable',
	level: 'pte',
	entries: [{ frame: FRAME.first, bits: RW }],
	pages: 1,
	folios: [
		{
			frames: [FRAME.first],
			owner: OWNER.secretmem,
			mapping: 'secretmem',
			refcount: 2,
			marks: ['PG_lru', 'PG_unevictable'],
		},
	],
	actors: ['evict'],
	victim: 0,
	tier: 'deep',
};

/** Two processes map it: mm/ksm.c, replace_page() maps read-only. Its ->mapping is a tagged pointer, as an anonymous folio's is. */
const KSM_PAGE: WorldSpec = {
	name: 'KSM page, read-only',
	level: 'pte',
	entries: [{ frame: FRAME.first, bits: USER }],
	pages: 1,
	folios: [{ frames: [FRAME.first], owner: OWNER.anon, mapping: 'ksm', refcount: 2 }],
	actors: ['zap'],
	victim: 0,
	tier: 'deep',
};

/** A huge leaf whose count has run over: leaves have a way of their own to take references in many kernels. */
function overflowed(level: Level): WorldSpec {
	return {
		name: `${level} leaf, hugetlb page whose count has overflowed`,
		level,
		entries: [{ frame: FRAME.head, bits: RW | ENTRY.leaf }],
		pages: 1,
		folios: [
			{
				frames: COMPOUND,
				owner: OWNER.hugetlb,
				mapping: 'hugetlb',
				refcount: -INT_MAX,
				marks: ['PG_hugetlb'],
			},
		],
		actors: [],
		victim: 0,
		tier: 'deep',
	};
}

/**
 * A PUD that is neither empty nor present: a gigantic page on its way to another place, or one that is poisoned
 * (mm/rmap.c, try_to_migrate_one() and try_to_unmap_one() for hugetlb). A PMD is made such an entry by the adversary migrate.
 */
const MIGRATING_PUD: WorldSpec = {
	name: 'migration entry at pud',
	level: 'pud',
	entries: [{ frame: FRAME.head, bits: ENTRY.write | ENTRY.user }],
	pages: 1,
	folios: [{ ...ANON, frames: COMPOUND, refcount: 1 }],
	actors: [],
	victim: 0,
	tier: 'deep',
};

/** Written to once, and read-only again: what is permitted for a moment is not permitted by the entry that was read. */
const WRITABLE_FOR_A_MOMENT: WorldSpec = {
	name: 'pmd leaf, anon page, exclusive, read-only and dirty',
	level: 'pmd',
	entries: [{ frame: FRAME.head, bits: USER | ENTRY.dirty | ENTRY.leaf }],
	pages: 1,
	folios: [anonFolio(...COMPOUND)],
	actors: ['mprotect_back'],
	victim: 0,
	flags: 'demanding',
	tier: 'deep',
};

/** Four levels: what the walk finds below the PGD hangs from the value it has read there. */
const FOUR_LEVELS: WorldSpec = {
	name: 'anon page, exclusive, writable, of a process with four levels',
	level: 'pte',
	entries: [{ frame: FRAME.first, bits: RW }],
	pages: 1,
	p4dFolded: true,
	folios: [anonFolio(FRAME.first)],
	actors: ['pgtable_free'],
	victim: 0,
	flags: 'demanding',
	tier: 'deep',
};

/**
 * A huge leaf that is about to be split or migrated: no longer present, and still a leaf (mm/pgtable-generic.c,
 * pmdp_invalidate()). Who made it so may have looked for pins already.
 */
const INVALIDATED: WorldSpec = {
	name: 'pmd leaf, anon huge page being split',
	level: 'pmd',
	entries: [{ frame: FRAME.head, bits: (RW - ENTRY.present) | ENTRY.leaf }],
	pages: 1,
	folios: [{ ...ANON, frames: COMPOUND, refcount: 1 }],
	actors: [],
	victim: 0,
	tier: 'deep',
};

/** A device page mapped for reading: kinds of entries have tests of their own, and one may forget to ask for the write bit. */
const DAX_READ_ONLY: WorldSpec = {
	name: 'device page of a DAX file, read-only',
	level: 'pte',
	entries: [{ frame: FRAME.first, bits: USER | ENTRY.devmap }],
	pages: 1,
	folios: [daxFolio(FRAME.first)],
	actors: [],
	victim: 0,
	tier: 'deep',
};

/** A page of a file that the process has mapped for itself and not written to yet. */
const PRIVATE_FILE: WorldSpec = {
	name: 'page of a file in a private mapping, read-only',
	level: 'pte',
	entries: [{ frame: FRAME.first, bits: USER }],
	pages: 1,
	folios: [{ frames: [FRAME.first], owner: OWNER.trackedFile, mapping: 'file', refcount: 2 }],
	actors: [],
	victim: 0,
	cow: true,
	tier: 'deep',
};

/** Memory that drivers take back when they need it (mm/cma.c): pages of users lie there meanwhile, and must be able to move. */
const IN_CMA: WorldSpec = {
	name: 'anon page in memory of CMA',
	level: 'pte',
	entries: [{ frame: FRAME.first, bits: RW }],
	pages: 1,
	folios: [{ ...anonFolio(FRAME.first), marks: ['cma'] }],
	actors: [],
	victim: 0,
	flags: 'longterm',
	tier: 'deep',
};

/** Leaves that must be able to move; they may have a way of their own to take references. */
function movable(level: Level): WorldSpec {
	const hugetlb = { owner: OWNER.hugetlb, mapping: 'hugetlb', refcount: 2 } as const;
	return {
		name: `${level} leaf, movable huge page`,
		level,
		entries: [{ frame: FRAME.head, bits: RW | ENTRY.leaf }],
		pages: 1,
		folios: [
			level === 'pmd'
				? { ...ANON, frames: COMPOUND, refcount: 1, marks: ['zone_movable'] }
				: { ...hugetlb, frames: COMPOUND, marks: ['PG_hugetlb', 'zone_movable'] },
		],
		actors: [],
		victim: 0,
		flags: 'longterm',
		tier: 'deep',
	};
}

/** A device page that is refused behind a page that was handed out: what is taken back then. */
const ANON_AND_DYING: WorldSpec = {
	name: 'an anon page and a device page of a device being removed',
	level: 'pte',
	entries: [
		{ frame: FRAME.first, bits: RW },
		{ frame: FRAME.second, bits: RW | ENTRY.devmap },
	],
	pages: 2,
	folios: [anonFolio(FRAME.first), { ...daxFolio(FRAME.second), marks: ['zone_device', 'dying'] }],
	actors: [],
	victim: 0,
	flags: 'demanding',
	tier: 'deep',
};

/** What is taken for each device page of a table, and given back once behind them. */
const TWO_DAX: WorldSpec = {
	name: 'two device pages of a DAX file',
	level: 'pte',
	entries: [
		{ frame: FRAME.first, bits: RW | ENTRY.devmap },
		{ frame: FRAME.second, bits: RW | ENTRY.devmap },
	],
	pages: 2,
	folios: [daxFolio(FRAME.first), daxFolio(FRAME.second)],
	actors: [],
	victim: 0,
	flags: 'demanding',
	tier: 'deep',
};

/** Pages of the same content are one page once KSM has merged them: neighbours map it, and what lies behind them is not theirs. */
const MERGED_NEIGHBOURS: WorldSpec = {
	...KSM_PAGE,
	name: 'one KSM page at two addresses, and an anon page behind them',
	entries: [
		{ frame: FRAME.first, bits: USER },
		{ frame: FRAME.first, bits: USER },
		{ frame: FRAME.second, bits: RW },
	],
	pages: 3,
	folios: [...KSM_PAGE.folios, anonFolio(FRAME.second)],
	actors: [],
};

/** Who has read the leaf counts on all of the huge page; its folio may be one page by the time that a reference is taken. */
const SPLIT_LEAF: WorldSpec = {
	name: 'pmd leaf, two pages of an anon huge page',
	level: 'pmd',
	entries: [{ frame: FRAME.head, bits: RW | ENTRY.leaf }],
	pages: 2,
	folios: [{ ...ANON, frames: COMPOUND, refcount: 1 }],
	actors: ['split_huge'],
	victim: 1,
	flags: 'demanding',
	tier: 'deep',
};

/** Most special entries of user space are read-only: a walk that looks only at writable ones follows this. */
const SPECIAL_READ_ONLY: WorldSpec = {
	name: 'special entry without struct page, read-only',
	level: 'pte',
	entries: [{ frame: FRAME.first, bits: USER | ENTRY.special }],
	pages: 1,
	folios: [
		{
			frames: [FRAME.first],
			owner: OWNER.device,
			mapping: 'none',
			refcount: 1,
			marks: ['no-page'],
		},
	],
	actors: [],
	victim: 0,
	tier: 'deep',
};

/** The walk ends behind a page that it has taken: what it has still to look at for that page it looks at all the same. */
export const HOLE_BEHIND: WorldSpec = {
	name: 'an anon page and no entry behind it',
	level: 'pte',
	entries: [
		{ frame: FRAME.first, bits: RW },
		{ frame: 0, bits: 0 },
	],
	pages: 2,
	folios: [
		anonFolio(FRAME.first),
		{ ...ANON, frames: [0, 1, 2].map((i) => FRAME.huge + i), refcount: 1 },
	],
	actors: ['zap', 'collapse', 'fork'],
	victim: 0,
	flags: 'demanding',
	tier: 'deep',
};

export const DEEP_WORLDS: readonly WorldSpec[] = [
	HEAD_AND_TAIL,
	ABOUT_TO_OVERFLOW,
	ZERO_AND_ANON,
	SECRETMEM_ON_LRU,
	KSM_PAGE,
	INVALIDATED,
	overflowed('pmd'),
	overflowed('pud'),
	overflowed('pgd'),
	DAX_READ_ONLY,
	ANON_AND_DYING,
	PRIVATE_FILE,
	IN_CMA,
	movable('pmd'),
	movable('pud'),
	movable('pgd'),
	MIGRATING_PUD,
	FOUR_LEVELS,
	WRITABLE_FOR_A_MOMENT,
	...BOUNDARY_WORLDS,
	SPECIAL_READ_ONLY,
	TWO_DAX,
	MERGED_NEIGHBOURS,
	SPLIT_LEAF,
];
