/**
 * Initial states for readers outside GUP-fast, and their adversaries. Each lists the references and locks that the callers in
 * the tree hold, with citations.
 */
import { RW } from '../../model/layout.js';
import { OWNER } from '../../model/owner.js';
import type { ReaderWorldSpec } from '../../model/reader_spec.js';
import { type FolioSpec, FRAME } from '../../model/world_spec.js';

interface Mapped {
	readonly name: string;
	readonly actors: readonly string[];
	readonly lock: boolean;
	readonly childAnonVma?: true;
	readonly swapCache?: true;
	readonly needs?: string;
}

/** An anonymous folio mapped once, on which the caller holds a reference. */
function anonymous(m: Mapped): ReaderWorldSpec {
	return {
		name: m.name,
		level: 'pte',
		entries: [{ frame: FRAME.first, bits: RW }],
		pages: 1,
		folios: [
			{
				frames: [FRAME.first],
				owner: OWNER.anon,
				mapping: 'anon',
				refcount: m.swapCache ? 3 : 2,
				exclusive: true,
				marks: [
					'PG_swapbacked',
					...(m.lock ? ['PG_locked'] : []),
					...(m.swapCache ? ['PG_swapcache'] : []),
				],
			},
		],
		actors: m.actors,
		victim: 0,
		reader: 'anon-vma',
		callerHolds: { reference: true, lock: m.lock },
		...(m.childAnonVma === undefined ? {} : { childAnonVma: m.childAnonVma }),
		...(m.needs === undefined ? {} : { needs: m.needs }),
	};
}

/** A mapped folio whose mapping leads to no anon_vma. */
function notAnon(m: Mapped): ReaderWorldSpec {
	const spec = anonymous(m);
	return {
		...spec,
		folios: spec.folios.map((folio) => ({
			...folio,
			owner: OWNER.trackedFile,
			mapping: 'file',
			refcount: 3,
			exclusive: false,
		})),
	};
}

/**
 * A reader that is given the folio alone is called with its lock held (mm/migrate.c migrate_folio_unmap(), mm/huge_memory.c
 * split_huge_page_to_list_to_order(), mm/userfaultfd.c move_pages_pte()); one that takes rmap_walk()'s control may be called
 * without (mm/rmap.c folio_referenced()).
 */
const ANON_VMA: readonly ReaderWorldSpec[] = [false, true].flatMap((lock) => {
	const held = lock ? 'referenced and locked' : 'referenced, not locked';
	return [
		anonymous({ name: `anon folio, ${held}`, actors: ['anon_exit'], lock }),
		anonymous({
			name: `forked anon folio, ${held}`,
			actors: ['anon_exit'],
			lock,
			childAnonVma: true,
		}),
		anonymous({
			name: `anon folio in the swap cache, ${held}`,
			actors: ['anon_exit'],
			lock,
			swapCache: true,
		}),
		...(lock
			? []
			: [
					anonymous({
						name: `anon folio that userfaultfd may move, ${held}`,
						actors: ['anon_move'],
						lock,
						needs: 'RACEWALK_ANON_MOVE',
					}),
					anonymous({
						name: `forked anon folio that userfaultfd may move, ${held}`,
						actors: ['anon_move'],
						lock,
						childAnonVma: true,
						needs: 'RACEWALK_ANON_MOVE',
					}),
				]),
		notAnon({ name: `file folio, ${held}`, actors: lock ? [] : ['truncate'], lock }),
		{ ...notAnon({ name: `KSM folio, ${held}`, actors: [], lock }), tagged: 'ksm' as const },
		{ ...notAnon({ name: `movable page, ${held}`, actors: [], lock }), tagged: 'movable' as const },
	];
});
/** A page-cache folio that nobody maps, and one that migration may put into its place. */
const PAGE_CACHE: ReaderWorldSpec = {
	name: 'folio in the page cache',
	level: 'pte',
	entries: [],
	pages: 1,
	folios: [FRAME.first, FRAME.second].map((frame) => ({
		frames: [frame],
		owner: OWNER.trackedFile,
		mapping: frame === FRAME.first ? 'file' : 'none',
		refcount: frame === FRAME.first ? 1 : 0,
		marks: ['PG_uptodate'],
	})),
	actors: ['page_cache_remove', 'page_cache_replace', 'page_cache_shrink', 'page_cache_stale'],
	victim: 0,
	reader: 'page-cache',
	callerHolds: { reference: false, lock: false },
};

/** A large folio, looked up by its first page. */
const LARGE_IN_CACHE: ReaderWorldSpec = {
	...PAGE_CACHE,
	name: 'large folio in the page cache, by its first page',
	folios: [
		{
			frames: [FRAME.first, FRAME.second],
			owner: OWNER.trackedFile,
			mapping: 'file',
			refcount: 1,
			marks: ['PG_uptodate'],
		},
	],
	actors: ['page_cache_remove'],
};

/** Further folios of the page cache: by its second page, at another index, at the head of the xarray, of shmem. */
const MORE_IN_CACHE: readonly ReaderWorldSpec[] = [
	{
		...LARGE_IN_CACHE,
		name: 'large folio in the page cache, by its second page',
		index: 1,
		actors: ['page_cache_split', 'page_cache_remove'],
	},
	{
		...PAGE_CACHE,
		name: 'folio in the page cache, beyond 16 TB',
		index: 1,
		actors: ['page_cache_remove', 'page_cache_replace'],
	},
	{
		...PAGE_CACHE,
		name: 'folio at the head of the page cache',
		slot: 'head',
		actors: ['page_cache_remove', 'page_cache_replace'],
	},
	{
		...PAGE_CACHE,
		name: 'folio in the page cache of shmem',
		shmem: true,
		actors: ['page_cache_remove', 'page_cache_replace'],
	},
];

/** A KSM folio, mapped once, whose stable node leads to it. */
function ksm(name: string, marks: readonly string[], actors: readonly string[]): ReaderWorldSpec {
	const [held, target] = PAGE_CACHE.folios as [FolioSpec, FolioSpec];
	return {
		...PAGE_CACHE,
		name,
		entries: [{ frame: FRAME.first, bits: RW }],
		folios: [
			{ ...held, owner: OWNER.anon, refcount: marks.length > 0 ? 2 : 1, marks },
			{ ...target, owner: OWNER.anon },
		],
		actors,
		needs: 'CONFIG_KSM',
		reader: 'stable-node',
	};
}

/** A page that somebody comes upon by its number, with who has it. */
function frame(name: string, folio: FolioSpec, actors: readonly string[]): ReaderWorldSpec {
	return {
		...PAGE_CACHE,
		name,
		entries: [{ frame: folio.frames.at(-1) as number, bits: RW }],
		folios: [folio],
		actors,
		reader: 'frame',
	};
}

const ANON_PAGE: FolioSpec = {
	frames: [FRAME.first],
	owner: OWNER.anon,
	mapping: 'anon',
	refcount: 1,
	marks: ['PG_lru', 'PG_swapbacked'],
};

/** The page before it is free: the two may become one folio. */
const withFreeNeighbour: ReaderWorldSpec = {
	...frame('page of an anon folio beside a free page', ANON_PAGE, ['recompound']),
	entries: [{ frame: FRAME.tail, bits: RW }],
	other: { frame: FRAME.head, bits: 0 },
	folios: [
		{ ...ANON_PAGE, frames: [FRAME.tail] },
		{
			...ANON_PAGE,
			frames: [FRAME.head],
			owner: OWNER.free,
			mapping: 'none',
			refcount: 0,
			marks: [],
		},
	],
};

const FRAMES: readonly ReaderWorldSpec[] = [
	frame('page of an anon folio', ANON_PAGE, ['zap', 'reclaim', 'isolate']),
	frame(
		'tail page of a large folio',
		{ ...ANON_PAGE, frames: [FRAME.head, FRAME.tail], refcount: 2 },
		['split'],
	),
	{
		...frame('head page of a large folio', { ...ANON_PAGE, frames: [FRAME.head, FRAME.tail] }, [
			'zap',
			'reclaim',
		]),
		entries: [{ frame: FRAME.head, bits: RW }],
	},
	frame(
		'dirty page of a file that is not to be evicted',
		{
			...ANON_PAGE,
			owner: OWNER.trackedFile,
			mapping: 'file',
			refcount: 2,
			marks: ['PG_lru', 'PG_dirty', 'PG_unevictable'],
		},
		['truncate', 'evict', 'isolate'],
	),
	frame(
		'tail page of a hugetlb folio',
		{
			frames: [FRAME.head, FRAME.tail],
			owner: OWNER.hugetlb,
			mapping: 'none',
			refcount: 1,
			marks: ['PG_hugetlb'],
		},
		['hugetlb_demote'],
	),
	withFreeNeighbour,
	frame('free page', { ...ANON_PAGE, owner: OWNER.free, mapping: 'none', refcount: 0, marks: [] }, [
		'slab_alloc',
	]),
	frame('slab page', { ...ANON_PAGE, owner: OWNER.slab, mapping: 'none', marks: ['PG_slab'] }, []),
];

/** A page that a driver can move, and others that it is not to be asked about. */
const MOVABLE: readonly ReaderWorldSpec[] = [
	...FRAMES,
	{
		...frame(
			'movable page of a driver',
			{ ...ANON_PAGE, owner: OWNER.slab, mapping: 'none', marks: ['movable_ops'] },
			['movable_release', 'movable_isolate'],
		),
		tagged: 'movable' as const,
	},
].map((spec: ReaderWorldSpec) => ({ ...spec, reader: 'movable' }));

export const READER_WORLDS: readonly ReaderWorldSpec[] = [
	...ANON_VMA,
	PAGE_CACHE,
	{ ...PAGE_CACHE, name: 'value entry in the page cache', slot: 'value', actors: [] },
	{
		...{ ...PAGE_CACHE, name: 'value entry in the page cache of shmem' },
		...{ slot: 'value', shmem: true, actors: [] },
	},
	LARGE_IN_CACHE,
	...MORE_IN_CACHE,
	ksm('KSM folio', [], ['ksm_unmap', 'ksm_migrate']),
	ksm('KSM folio in the swap cache', ['PG_swapcache'], ['ksm_reclaim', 'ksm_migrate']),
	{ ...ksm('KSM folio of a duplicate node', [], ['ksm_unmap', 'ksm_migrate']), duplicate: true },
	...FRAMES,
	...MOVABLE,
];
