/**
 * Builds the cells of one scenario: page tables, pages, mappings, the mm, and the monitor's ghosts; and names them.
 *
 * Invariant: a field that the program touches and that has no initial value here gets no cell, so that reading it faults
 * and the verdict says `unsupported`; it is never a silent 0.
 */
import type { Cell } from '../../memory/thread/event.js';
import type { FieldIndex } from '../../program/op.js';
import { fieldOffset, OBJECT_STRIDE, type Program } from '../../program/program.js';
import { orderOf, pagesOf } from './folio_order.js';
import { ghost, ghostIndices, HALVES_CELLS } from './ghost.js';
import { readsHalves } from './halves.js';
import {
	DIRECT_BASE,
	ENTRY,
	entryAddress,
	entryValue,
	HIGH_BASE,
	indexAt,
	LEVEL_SHIFT,
	LEVELS,
	type Level,
	levelsOf,
	OBJECT_BASE,
	PAGE_SIZE,
	pageAddress,
} from './layout.js';
import { type FolioSpec, FRAME, type MappingKind, type WorldSpec } from './world_spec.js';

/** Objects outside pages and tables, in address order from OBJECT_BASE. */
const OBJECTS = [
	'mm',
	'current',
	'mapping:file',
	'mapping:shmem',
	'mapping:secretmem',
	'mapping:hugetlb',
	'mapping:other',
	'file_aops',
	'shmem_aops',
	'secretmem_aops',
	'hugetlbfs_aops',
	'other_aops',
	'anon_vma',
	'other_anon_vma',
	'pgmap',
	'inode:file',
	'inode:shmem',
	'inode:secretmem',
	'inode:hugetlb',
	'inode:other',
	'pages',
	'nr',
	'vma',
	'anon_vma_root',
	'rwc',
	'stable_node',
	'xa_node',
	'empty_list',
	'xas',
	'batch',
	'index',
	'indices',
	'compact_control',
	'zone',
	'pgdat',
	'lruvec',
	'movable_ops',
	'scan_control',
	'lru_lock',
	'xa_lock',
] as const;
/** Names by object index, for messages. */
export const OBJECT_NAMES: readonly string[] = OBJECTS;
export type ObjectName = (typeof OBJECTS)[number];

/** Address of an object. */
export function objectAddress(name: ObjectName): number {
	return OBJECT_BASE + OBJECTS.indexOf(name) * OBJECT_STRIDE;
}

/** Index of the object an address lies in, null outside. */
export function objectIndex(address: number): number | null {
	const index = Math.floor((address - OBJECT_BASE) / OBJECT_STRIDE);
	return index >= 0 && index < OBJECTS.length ? index : null;
}

/** First walked address: entry 1 of the lowest table, so that a forgotten offset shows. */
const WALK_START = PAGE_SIZE;
/** First walked address of a world; where the pages lie on both sides of a boundary, the last page of the first entry. */
function walkStartOf(spec: WorldSpec): number {
	if (spec.crosses === undefined) return WALK_START;
	return 2 ** LEVEL_SHIFT[spec.crosses] - boundaryOf(spec) * PAGE_SIZE;
}

/** Index of the first page behind the boundary. */
function boundaryOf({ pagesBefore = 1 }: WorldSpec): number {
	return pagesBefore;
}

/** Level of the leaf that maps the walked page `index`. */
export function leafLevelOf(spec: WorldSpec, index: number): Level {
	const isBehind = spec.crosses !== undefined && index >= boundaryOf(spec);
	return isBehind ? (spec.behind ?? 'pte') : spec.level;
}

/** What maps the walked page `index` at first: one for all where a leaf above the PTE maps them. */
export function entryOf(spec: WorldSpec, index: number): WorldSpec['entries'][number] | undefined {
	return spec.entries[spec.crosses === undefined && spec.level !== 'pte' ? 0 : index];
}

/** Address of the entry of a level through which the walked page `index` is reached, if tables lead that far. */
export function entryAddressOf(spec: WorldSpec, level: Level, index: number): number {
	const { crosses } = spec;
	const address = walkStartOf(spec) + index * PAGE_SIZE;
	const isSecond = crosses !== undefined && index >= boundaryOf(spec) && isBelow(level, crosses);
	return entryAddress((isSecond ? SECOND_OF : TABLE_OF)[level], indexAt(level, address));
}

function isBelow(level: Level, upper: Level): boolean {
	return LEVELS.indexOf(level) > LEVELS.indexOf(upper);
}

/** Addresses of the leaf entries of the walked pages; one for all where a leaf above the PTE maps them. */
function leafEntriesOf(spec: WorldSpec): readonly number[] {
	const isOne = spec.crosses === undefined && spec.level !== 'pte';
	return Array.from({ length: isOne ? 1 : spec.pages }, (_, i) =>
		entryAddressOf(spec, leafLevelOf(spec, i), i),
	);
}

/** Bits of the entries above the leaf, which lead to it. */
export const TABLE_BITS = ENTRY.present | ENTRY.write | ENTRY.user | ENTRY.accessed;
/** Frame of each level's table. */
export const TABLE_OF: Readonly<Record<Level, number>> = {
	pgd: FRAME.pgd,
	pud: FRAME.pud,
	pmd: FRAME.pmd,
	pte: FRAME.pte,
};

/** Frame of each level's table behind the first, where a world has two. */
const SECOND_OF: Readonly<Record<Level, number>> = {
	pgd: FRAME.pgd,
	pud: FRAME.pud2,
	pmd: FRAME.pmd2,
	pte: FRAME.pte2,
};

/**
 * What is added to all walked addresses: more than 32 bits have, so that an address that is cut off shows; a multiple of what
 * the tables span, so that indices are as without. Where addresses have 32 bits they are small.
 */
function walkBaseOf(program: Program): number {
	return program.features?.includes('RACEWALK_WORDS_32') === true ? 0 : HIGH_BASE;
}

/** A world ready for the machine, and what the monitor needs to know of it. */
export interface BuiltWorld {
	readonly spec: WorldSpec;
	readonly cells: readonly Cell[];
	readonly symbols: ReadonlyMap<string, number>;
	/** Frames with a `struct page`. */
	readonly frames: readonly number[];
	/** Frames of the initial folio a frame belongs to, head first. */
	readonly groups: ReadonlyMap<number, readonly number[]>;
	/** Addresses of the leaf entries of the walked pages. */
	readonly leafEntries: readonly number[];
	/** Address of the entry the victim hangs from. */
	readonly victimEntry: number;
	/** First walked address. */
	readonly start: number;
	/** Levels with tables, from the top. */
	readonly levels: readonly Level[];
	/** Address of the entry of each level on the way to the first walked address; of a folded level: of the one it is folded into. */
	readonly path: Readonly<Record<Level, number>>;
	/** Field of a (struct, name), null when the program never names it. */
	field(struct: string, name: string): FieldIndex | null;
}

/** Fields by `struct.name`, of the tables of programs: a memo only. */
const namedFields = new WeakMap<Program['fields'], ReadonlyMap<string, FieldIndex>>();

function fieldsByName({ fields }: Program): ReadonlyMap<string, FieldIndex> {
	const known = namedFields.get(fields);
	if (known !== undefined && known.size === fields.length) return known;
	const made = new Map(fields.map((f, i) => [`${f.struct}.${f.name}`, i as FieldIndex]));
	namedFields.set(fields, made);
	return made;
}

export function buildWorld(program: Program, spec: WorldSpec): BuiltWorld {
	const fields = fieldsByName(program);
	const cells = new Map<number, number>();
	const put = (object: number, struct: string, name: string, value: number): void => {
		const field = fields.get(`${struct}.${name}`);
		if (field !== undefined) cells.set(object + fieldOffset(field), value);
	};
	const levels = levelsOf(program);
	const tables = putTables(spec, cells, levels);
	const frames: number[] = [];
	const groups = new Map<number, readonly number[]>();
	for (const folio of spec.folios) {
		for (const frame of folio.frames) {
			cells.set(ghost('owner', frame), folio.owner);
			groups.set(frame, folio.frames);
			if (folio.marks?.includes('no-page')) continue;
			frames.push(frame);
			putPage(put, folio, frame, spec);
		}
	}
	putObjects(put, spec, levels);
	for (const { address, value } of spec.words ?? []) cells.set(address, value);
	for (let i = 0; i < spec.pages + 2; i++) cells.set(objectAddress('pages') + i * 8, 0);
	cells.set(objectAddress('nr'), 0);
	for (const [kind, index] of ghostIndices(
		frames.concat(TABLES, MORE_TABLES[spec.crosses ?? 'pmd']),
		spec.pages,
		OBJECTS.length,
	)) {
		const address = ghost(kind, index);
		if (!cells.has(address)) cells.set(address, 0);
	}
	if (readsHalves(program)) for (const address of HALVES_CELLS) cells.set(address, 0);
	return {
		spec,
		cells: [...cells].map(([address, initial]) => ({ address, initial })),
		symbols: symbolsOf(spec, tables),
		frames,
		groups,
		leafEntries: leafEntriesOf(spec),
		victimEntry: tables.victimEntry,
		start: walkBaseOf(program) + walkStartOf(spec),
		levels,
		path: tables.path,
		field: (struct, name) => fields.get(`${struct}.${name}`) ?? null,
	};
}

const TABLES: readonly number[] = [FRAME.pgd, FRAME.pud, FRAME.pmd, FRAME.pte, FRAME.pte2];
/** Tables that only a world in the ranges of two PUDs or PGDs has. */
const MORE_TABLES = { pmd: [], pud: [FRAME.pmd2], pgd: [FRAME.pmd2, FRAME.pud2] } as const;

interface Tables {
	readonly victimEntry: number;
	readonly path: Readonly<Record<Level, number>>;
}

function putTables(spec: WorldSpec, cells: Map<number, number>, levels: readonly Level[]): Tables {
	const path = {} as Record<Level, number>;
	const leafAt = levels.indexOf(spec.level);
	let victimEntry = 0;
	levels.forEach((level, depth) => {
		const table = TABLE_OF[level];
		const first = indexAt(level, walkStartOf(spec));
		path[level] = entryAddress(table, first);
		// below an entry that may be faulted in lies an empty table
		if (depth > leafAt && (spec.other === undefined || spec.folios.length > 0)) return;
		for (let i = 0; i < spec.pages + 2; i++) {
			const at = entryAddress(table, level === 'pte' ? i : first + i);
			cells.set(at, 0);
		}
		if (depth > leafAt) return;
		if (depth < leafAt) {
			const next = TABLE_OF[levels[depth + 1] as Level];
			cells.set(path[level], entryValue(next, TABLE_BITS));
			return;
		}
		putBehind(spec, cells);
		const leaves = leafEntriesOf(spec);
		spec.entries.forEach((entry, i) => {
			// behind the walked pages; in a world of two tables: at the beginning of the first
			const beyond = entryAddress(table, spec.crosses ? 0 : first + i);
			const at = leaves[i] ?? beyond;
			cells.set(at, entryValue(entry.frame, entry.bits));
			if (i === Math.min(spec.victim, spec.entries.length - 1)) victimEntry = at;
		});
	});
	for (const level of LEVELS) path[level] ??= path[levels[0] as Level];
	return { victimEntry, path };
}

/** The tables that lead to the second page where it lies behind a boundary; its own entry is put later. */
function putBehind(spec: WorldSpec, cells: Map<number, number>): void {
	const { crosses, behind = 'pte' } = spec;
	if (crosses === undefined) return;
	for (const level of LEVELS) {
		if (isBelow(crosses, level) || isBelow(level, behind)) continue;
		if (level !== crosses)
			for (let i = 0; i < 3; i++) cells.set(entryAddress(SECOND_OF[level], i), 0);
		if (level === behind) return;
		const next = SECOND_OF[LEVELS[LEVELS.indexOf(level) + 1] as Level];
		cells.set(entryAddressOf(spec, level, boundaryOf(spec)), entryValue(next, TABLE_BITS));
	}
}

type Put = (object: number, struct: string, name: string, value: number) => void;

const ZERO_FIELDS = [
	'PG_locked',
	'PG_referenced',
	'PG_uptodate',
	'PG_dirty',
	'PG_writeback',
	'PG_slab',
	'PG_hugetlb',
	'PG_swapbacked',
	'PG_swapcache',
	'PG_reserved',
	'PG_active',
	'PG_lru',
	'PG_unevictable',
	'PG_private',
	'PG_hwpoison',
	'PG_mlocked',
	'PG_workingset',
	'PG_readahead',
	'PG_idle',
	'PG_isolated',
	'movable_ops',
	'zone_movable',
	'zone_device',
	'pci_p2pdma',
	'index',
	'private',
	'_mapcount',
	'pgmap',
] as const;

function putPage(put: Put, folio: FolioSpec, frame: number, spec: WorldSpec): void {
	const page = pageAddress(frame);
	const head = folio.frames[0] as number;
	const isHead = frame === head;
	const entry = spec.entries.findIndex((e) => folio.frames.includes(e.frame));
	const order = orderOf(spec, folio, entry < 0 ? null : leafLevelOf(spec, entry));
	const marks = folio.marks ?? [];
	for (const name of ZERO_FIELDS) put(page, 'page', name, marks.includes(name) ? 1 : 0);
	// the kind of its block, see folio.c: 1 CMA, 2 isolated
	put(page, 'page', 'cma', marks.includes('cma') ? 1 : marks.includes('isolated') ? 2 : 0);
	if (marks.includes('zone_device')) put(page, 'page', 'pgmap', objectAddress('pgmap'));
	put(page, 'page', 'mapping', isHead ? mappingAddress(folio.mapping) : 0);
	put(page, 'page', 'compound_head', isHead ? 0 : pageAddress(head) + 1);
	put(page, 'page', '_refcount', isHead ? folio.refcount : 0);
	put(page, 'page', 'PG_head', isHead && order > 0 ? 1 : 0);
	const isOwnMapped =
		spec.level === 'pte' ? spec.entries.some((e) => e.frame === frame) : frame === head;
	const carries = folio.frames.length === 1 || entry < 0 || isOwnMapped;
	const onlyHead = isHead && marks.includes('head-exclusive');
	put(page, 'page', 'PG_anon_exclusive', (folio.exclusive && carries) || onlyHead ? 1 : 0);
	put(page, 'folio', '_pincount', 0);
	put(page, 'folio', '_order', order);
	put(page, 'folio', '_nr_pages', pagesOf(spec, folio, order));
}

/** Tag of a KSM folio's mapping: PAGE_MAPPING_KSM. */
export const KSM_TAG = 3;
/** Mapping of a KSM folio. */
export const ksmMapping = objectAddress('stable_node') + KSM_TAG;
/** Mapping of a driver's movable page, PAGE_MAPPING_MOVABLE: its operations, or until 5.19 an address_space that leads to them. */
export const movableMapping = objectAddress('movable_ops') + 2;

function mappingAddress(kind: MappingKind): number {
	switch (kind) {
		case 'anon':
			return objectAddress('anon_vma') + 1;
		case 'ksm':
			return ksmMapping;
		case 'movable':
			return movableMapping;
		case 'none':
			return 0;
		default:
			return objectAddress(`mapping:${kind}`);
	}
}

function putObjects(put: Put, spec: WorldSpec, levels: readonly Level[]): void {
	const mm = objectAddress('mm');
	put(mm, 'mm_struct', 'pgd', DIRECT_BASE + TABLE_OF[levels[0] as Level] * OBJECT_STRIDE);
	for (const name of ['page_table_lock', 'mmap_lock', 'flags', 'has_pinned'])
		put(mm, 'mm_struct', name, 0);
	// the process has forked before: who never looked at the count does not know it, nor is another bit the odd one
	put(mm, 'mm_struct', 'write_protect_seq', 4);
	put(objectAddress('current'), 'task_struct', 'mm', mm);
	const aops = {
		file: 'file_aops',
		shmem: 'shmem_aops',
		secretmem: 'secretmem_aops',
		hugetlb: 'hugetlbfs_aops',
		other: 'other_aops',
	} as const;
	for (const kind of ['file', 'shmem', 'secretmem', 'hugetlb', 'other'] as const) {
		const mapping = objectAddress(`mapping:${kind}`);
		put(mapping, 'address_space', 'a_ops', objectAddress(aops[kind]));
		put(mapping, 'address_space', 'host', objectAddress(`inode:${kind}`));
		put(mapping, 'address_space', 'flags', 0);
		put(mapping, 'address_space', 'nrpages', 1);
		put(objectAddress(`inode:${kind}`), 'inode', 'i_mapping', mapping);
	}
	const dying = spec.folios.some((f) => f.marks?.includes('dying'));
	put(objectAddress('pgmap'), 'dev_pagemap', 'live', dying ? 0 : 1);
	put(objectAddress('pgmap'), 'dev_pagemap', 'ref', 1);
	put(objectAddress('pgmap'), 'dev_pagemap', 'type', 0);
	put(objectAddress('vma'), 'vm_area_struct', 'vm_mm', mm);
	put(objectAddress('vma'), 'vm_area_struct', 'vm_flags', 0);
}

function symbolsOf(spec: WorldSpec, tables: Tables): ReadonlyMap<string, number> {
	const victimFrame = victimFrameOf(spec);
	const table = (level: Level): number => DIRECT_BASE + TABLE_OF[level] * OBJECT_STRIDE;
	return new Map<string, number>([
		...OBJECTS.map((name) => [name.replace(':', '_'), objectAddress(name)] as const),
		['zero_page', pageAddress(FRAME.zero)],
		['victim_entry', tables.victimEntry],
		['victim_page', pageAddress(victimFrame)],
		['other_mapping', objectAddress('mapping:other')],
		['pmd_entry', tables.path.pmd],
		['pud_entry', tables.path.pud],
		['pgd_entry', tables.path.pgd],
		['pte_table', table('pte')],
		['pmd_table', table('pmd')],
		['pud_table', table('pud')],
		['exclusive_page', pageAddress(exclusiveFrameOf(spec))],
		['victim_is_huge', leafLevelOf(spec, spec.victim) === 'pte' ? 0 : 1],
		['victim_is_pud', leafLevelOf(spec, spec.victim) === 'pud' ? 1 : 0],
		['victim_is_hugetlb', isHugetlb(spec, victimFrame) ? 1 : 0],
		['other_page', pageAddress(spec.other?.frame ?? FRAME.second)],
		['other_value', spec.other ? entryValue(spec.other.frame, spec.other.bits) : 0],
		['huge_pmd_value', entryValue(FRAME.huge, TABLE_BITS | ENTRY.leaf)],
		['victim_mapping', mappingAddress(spec.folios[0]?.mapping ?? 'none')],
		['victim_value', victimValueOf(spec)],
		['split_pte_value', entryValue(FRAME.huge + 1, TABLE_BITS | ENTRY.dirty)],
		['table_pmd_value', entryValue(FRAME.pte, TABLE_BITS)],
		['p4d_folded', spec.p4dFolded === true ? 1 : 0],
		['crowded', 0],
	]);
}

function isHugetlb({ folios }: WorldSpec, frame: number): boolean {
	return folios.some((f) => f.frames.includes(frame) && f.marks?.includes('PG_hugetlb') === true);
}

/** Frame whose PageAnonExclusive counts for the victim: the head of a leaf above the PTE (mm/huge_memory.c, copy_huge_pmd()). */
function exclusiveFrameOf(spec: WorldSpec): number {
	const isSmall = leafLevelOf(spec, spec.victim) === 'pte';
	return isSmall ? victimFrameOf(spec) : (entryOf(spec, spec.victim)?.frame ?? FRAME.first);
}

function victimValueOf(spec: WorldSpec): number {
	const entry = spec.entries[Math.min(spec.victim, spec.entries.length - 1)];
	return entry ? entryValue(entry.frame, entry.bits) : 0;
}

/** Frame of the page mapped at the victim's address. */
export function victimFrameOf(spec: WorldSpec): number {
	const entry = entryOf(spec, spec.victim) ?? spec.entries.at(-1);
	if (!entry) return FRAME.first;
	const level = leafLevelOf(spec, spec.victim);
	if (level === 'pte') return entry.frame;
	const address = walkStartOf(spec) + spec.victim * PAGE_SIZE;
	return entry.frame + Math.floor((address % 2 ** LEVEL_SHIFT[level]) / PAGE_SIZE);
}
