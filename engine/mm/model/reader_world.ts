/**
 * Builds the cells of a reader's world: those of any world, and the objects that readers go through.
 *
 * Model: a file has one folio in its cache, at index 0 or 2^32 + 1, in the only node of its xarray or at its head.
 */
import type { FieldIndex } from '../../program/op.js';
import { fieldOffset, OBJECT_STRIDE, type Program } from '../../program/program.js';
import { PAGE_SIZE, pageAddress } from './layout.js';
import { readerGhosts } from './reader_ghost.js';
import type { ReaderWorldSpec } from './reader_spec.js';
import {
	type BuiltWorld,
	buildWorld,
	ksmMapping,
	movableMapping,
	OBJECT_NAMES,
	type ObjectName,
	objectAddress,
	victimFrameOf,
} from './world.js';
import { FRAME } from './world_spec.js';

/** Where a pgoff_t has 64 bits, an index that is not 0 has more than 32. */
const FAR_INDEX = 2 ** 32;

/** Index of the world's one page-cache slot; only at 0 the tree can shrink to its head. */
function slotIndexOf(program: Program, { index = 0 }: ReaderWorldSpec): number {
	const isLong = program.features?.includes('RACEWALK_WORDS_32') !== true;
	return index === 0 || !isLong ? index : FAR_INDEX + index;
}

/** Tag of a pointer to a node in the xarray. */
export const NODE_TAG = 2;
/** `xa_node` of a walk that has not begun. */
const XAS_RESTART = 3;
/** A value entry of the xarray (include/linux/xarray.h, xa_mk_value()). */
const VALUE_ENTRY = 2 * 4 + 1;
/** The swap entry that stands in it: include/linux/swapops.h, swp_to_radix_entry(). */
export const SWAP_ENTRY = (VALUE_ENTRY - 1) / 2;

/** The lock of the LRU as the reader's caller holds it, in a file that does not name it. */
export const LRU_LOCK = objectAddress('lru_lock');

/** The lock of the page cache's xarray. */
const XA_LOCK = objectAddress('xa_lock');

export interface ReaderWorld extends BuiltWorld {
	readonly spec: ReaderWorldSpec;
	/** Frame of the victim's folio. */
	readonly victim: number;
	/** Index of the page-cache slot. */
	readonly slot: number;
	/** Address of a field of an object; null when the program never names the field. */
	at(object: number, struct: string, name: string): number | null;
	/** What the page cache holds at the index, by what its cells hold. */
	slotEntry(read: (address: number) => number): number;
}

export function buildReaderWorld(program: Program, spec: ReaderWorldSpec): ReaderWorld {
	const world = buildWorld(program, spec);
	const cells = new Map(world.cells.map((c) => [c.address, c.initial]));
	const at = (object: number, struct: string, name: string): number | null => {
		const field: FieldIndex | null = world.field(struct, name);
		return field === null ? null : object + fieldOffset(field);
	};
	const put = (object: ObjectName | number, struct: string, name: string, value: number): void => {
		const base = typeof object === 'number' ? object : objectAddress(object);
		const address = at(base, struct, name);
		if (address !== null) cells.set(address, value);
	};
	const victim = victimFrameOf(spec);
	putAnonVmas(put, spec);
	put('rwc', 'rmap_walk_control', 'try_lock', 1);
	put('rwc', 'rmap_walk_control', 'contended', 0);
	const folio = pageAddress(victim);
	const slot = slotIndexOf(program, spec);
	const head = spec.slot === 'head' ? folio : objectAddress('xa_node') + NODE_TAG;
	put('mapping:file', 'address_space', 'i_pages', head);
	put('mapping:other', 'address_space', 'i_pages', 0);
	if (spec.shmem) put('mapping:file', 'address_space', 'a_ops', objectAddress('shmem_aops'));
	put('xa_node', 'xa_node', 'slots', spec.slot === 'value' ? VALUE_ENTRY : folio);
	put('xas', 'xa_state', 'xa', at(objectAddress('mapping:file'), 'address_space', 'i_pages') ?? 0);
	put('xas', 'xa_state', 'xa_index', slot);
	put('xas', 'xa_state', 'xa_node', XAS_RESTART);
	put('inode:file', 'inode', 'i_size', (slot + 1) * PAGE_SIZE);
	if (spec.reader === 'page-cache') putIndices(put, spec, slot);
	putBatch(put);
	putCompaction(put, program);
	cells.set(LRU_LOCK, 0);
	cells.set(XA_LOCK, 0);
	for (const [object, i] of [0, 1, 2, 3].flatMap(
		(n) =>
			[
				['index', n],
				['indices', n],
			] as const,
	))
		cells.set(objectAddress(object) + i * 8, slot);
	if (spec.tagged === 'ksm') put(folio, 'page', 'mapping', ksmMapping);
	if (spec.tagged === 'movable') put(folio, 'page', 'mapping', movableMapping);
	if (spec.reader === 'stable-node') putStableNode(put, victim);
	const globals = globalsOf(program, world.symbols);
	const migrating = new Map(globals).get('migrate_nodes');
	if (spec.duplicate && migrating !== undefined)
		put('stable_node', 'ksm_stable_node', 'head', at(migrating, '?', 'prev') ?? 0);
	for (const [name, address] of globals) if (COUNTERS.includes(name)) cells.set(address, 0);
	for (const { address, value } of spec.words ?? []) cells.set(address, value);
	for (const address of readerGhosts(world.frames, OBJECT_NAMES.length)) cells.set(address, 0);
	return {
		...world,
		spec,
		victim,
		slot,
		at,
		slotEntry(read) {
			const head = at(objectAddress('mapping:file'), 'address_space', 'i_pages');
			const slot = at(objectAddress('xa_node'), 'xa_node', 'slots');
			if (head === null || slot === null) return 0;
			return read(head) === objectAddress('xa_node') + NODE_TAG ? read(slot) : read(head);
		},
		symbols: new Map([
			...world.symbols,
			...globals,
			['slot_index', slot],
			['other_page', pageAddress(spec.other?.frame ?? FRAME.second)],
		]),
		cells: [...cells].map(([address, initial]) => ({ address, initial })),
	};
}

/** The folio that the slot leads to, page by page. */
function putIndices(put: Put, spec: ReaderWorldSpec, slot: number): void {
	const [folio] = spec.folios;
	const isLarge = folio !== undefined && (folio.order !== undefined || folio.frames.length > 1);
	folio?.frames.forEach((frame, i) => {
		put(pageAddress(frame), 'page', 'index', slot - (isLarge ? (spec.index ?? 0) : 0) + i);
	});
}

/** Globals of the file, behind all objects: addresses only, so that reading one is not modelled unless it is a counter. */
const GLOBALS_BASE = 0x3800_0000;
/** Statistics of mm/ksm.c that no decision rests on. */
const COUNTERS: readonly string[] = [
	...['ksm_pages_shared', 'ksm_pages_sharing', 'ksm_stable_node_dups', 'ksm_stable_node_chains'],
];

function globalsOf(
	{ symbols }: Program,
	known: ReadonlyMap<string, number>,
): readonly (readonly [string, number])[] {
	return symbols.flatMap((name, i) =>
		known.has(name) ? [] : [[name, GLOBALS_BASE + i * OBJECT_STRIDE] as const],
	);
}

type Put = (object: ObjectName | number, struct: string, name: string, value: number) => void;

/** Compaction of a zone that begins at page 0, for an allocation above the order of every page there is; nothing is isolated yet. */
function putCompaction(put: Put, program: Program): void {
	for (const { struct, name } of program.fields)
		if (struct === 'compact_control') put('compact_control', struct, name, 0);
	put('compact_control', 'compact_control', 'zone', objectAddress('zone'));
	put('compact_control', 'compact_control', 'order', WHOLE_ZONE);
	put('compact_control', 'compact_control', 'no_set_skip_hint', 1);
	put('compact_control', 'compact_control', 'gfp_mask', GFP_KERNEL);
	put('compact_control', 'compact_control', 'migratepages', objectAddress('empty_list'));
	put('zone', 'zone', 'zone_pgdat', objectAddress('pgdat'));
	put('zone', 'zone', 'zone_start_pfn', 0);
	put('scan_control', 'scan_control', 'gfp_mask', GFP_KERNEL);
	put('movable_ops', 'movable_operations', 'isolate_page', 1);
	put('movable_ops', 'address_space', 'a_ops', objectAddress('movable_ops'));
	put('movable_ops', 'address_space_operations', 'isolate_page', 1);
	put('lruvec', 'lruvec', 'lru_lock', 0);
	put('pgdat', 'pglist_data', 'lru_lock', 0);
	for (const aops of ['file_aops', 'shmem_aops', 'other_aops'] as const)
		for (const name of ['migrate_folio', 'migratepage'])
			put(aops, 'address_space_operations', name, 0);
}
/** mm/internal.h: is_via_compact_memory(). */
const WHOLE_ZONE = -1;
/** include/linux/gfp_types.h */
const GFP_KERNEL = 0xcc0;

/** Slots of a batch that have cells. */
const BATCH_SLOTS = 4;

/** Addresses of a batch's slots: `folios` of a folio_batch, `pages` of a pagevec; those that the program names. */
export function batchSlots(world: Pick<ReaderWorld, 'at'>): readonly number[] {
	const batch = objectAddress('batch');
	const [folios, pages] = [
		world.at(batch, 'folio_batch', 'folios'),
		world.at(batch, 'pagevec', 'pages'),
	];
	const first = folios ?? pages;
	return first === null ? [] : Array.from({ length: BATCH_SLOTS }, (_, i) => first + i * 8);
}

/** An empty batch: include/linux/pagevec.h, folio_batch_init(), pagevec_init(). */
function putBatch(put: Put): void {
	for (const struct of ['folio_batch', 'pagevec']) {
		put('batch', struct, 'nr', 0);
		put('batch', struct, 'percpu_pvec_drained', 0);
		for (let i = 0; i < BATCH_SLOTS; i++) {
			const name = struct === 'pagevec' ? 'pages' : 'folios';
			put('batch', struct, i === 0 ? name : `${name}[${i}]`, 0);
		}
	}
}

/** The victim's anon_vma, its root, and one of another process. */
function putAnonVmas(put: Put, spec: ReaderWorldSpec): void {
	const child = spec.childAnonVma === true;
	for (const name of ['anon_vma', 'other_anon_vma', 'anon_vma_root'] as const) {
		const root = child && name === 'anon_vma' ? 'anon_vma_root' : name;
		put(name, 'anon_vma', 'root', objectAddress(root));
		put(name, 'anon_vma', 'parent', objectAddress(root));
		put(name, 'anon_vma', 'rwsem', 0);
		put(name, 'anon_vma', 'refcount', child && name === 'anon_vma_root' ? 2 : 1);
	}
}

/** A stable node that leads to the victim, without rmap items; the victim leads back. */
function putStableNode(put: Put, victim: number): void {
	put('stable_node', 'ksm_stable_node', 'kpfn', victim);
	put('stable_node', 'ksm_stable_node', 'rmap_hlist_len', 0);
	put('stable_node', 'ksm_stable_node', 'head', 0);
	put('stable_node', 'ksm_stable_node', 'nid', 0);
	put('stable_node', 'ksm_stable_node', 'hlist', objectAddress('empty_list'));
	put('empty_list', 'hlist_head', 'first', 0);
	put(pageAddress(victim), 'page', 'mapping', ksmMapping);
}
