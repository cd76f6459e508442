/**
 * Worlds made from others by one change: a mark of a folio, its count, bits of an entry, a word of an object. They are made
 * when the code asks for something that no world has (engine/check/runs/changed_worlds.ts).
 *
 * Invariant: a change is named in the world's name, and the name is enough to make it again.
 */
import { FIELD_STRIDE, OBJECT_STRIDE } from '../../program/program.js';
import { ENTRY, frameOfPage, PAGE_SHIFT, pageAddress } from './layout.js';
import { OWNER } from './owner.js';
import { PAGES_BESIDE_MAX, pageBehind, pagesBefore } from './pages_beside.js';
import { isReaderWorld } from './reader_spec.js';
import { type BuiltWorld, OBJECT_NAMES, objectIndex } from './world.js';
import type { FolioSpec, MappingKind, WorldSpec } from './world_spec.js';

/** `mark PG_uptodate of 0`; indices are those of the world's folios and entries. */
export type Change =
	| { readonly kind: 'mark'; readonly folio: number; readonly mark: string }
	| { readonly kind: 'count'; readonly folio: number; readonly count: number }
	| { readonly kind: 'exclusive'; readonly folio: number }
	/** A large folio of that order. */
	| { readonly kind: 'order'; readonly folio: number; readonly order: number }
	| { readonly kind: 'bits'; readonly entry: number; readonly flip: number }
	/** `alone`: whether other words say nothing of this one; absent: as those of its object do. */
	| {
			readonly kind: 'word';
			readonly address: number;
			readonly value: number;
			readonly alone?: boolean;
	  }
	| { readonly kind: 'mapping'; readonly folio: number; readonly mapping: MappingKind }
	/** So many ordinary pages are walked before the world's page, or behind it. */
	| { readonly kind: 'before'; readonly pages: number }
	| { readonly kind: 'behind'; readonly pages: number }
	/** So many pages of the leaf are walked. */
	| { readonly kind: 'within'; readonly pages: number }
	/** It acts there too. */
	| { readonly kind: 'actor'; readonly actor: string };

/** Marks that say nothing about whose page it is and how it may be used: what goes wrong with one is wrong. */
const PLAIN: ReadonlySet<string> = new Set([
	...['PG_referenced', 'PG_uptodate', 'PG_dirty', 'PG_writeback', 'PG_swapbacked', 'PG_active'],
	...['PG_lru', 'PG_unevictable', 'PG_private', 'PG_mlocked', 'PG_workingset', 'PG_readahead'],
	...['PG_idle'],
	...['PG_locked', 'PG_reserved', 'PG_hwpoison'],
]);
/** The others that a world can have. */
const TELLING: ReadonlySet<string> = new Set([
	...['PG_slab', 'PG_hugetlb', 'PG_swapcache', 'PG_isolated'],
	...['zone_movable', 'zone_device', 'pci_p2pdma', 'cma'],
]);
/** Words of a page that hold a number. */
const NUMBERS: ReadonlySet<string> = new Set(['index', 'private', '_mapcount', '_pincount']);

/** Whose page it is by what its mapping is; null: as before. */
const OWNER_OF: Readonly<Record<MappingKind, number | null>> = {
	anon: OWNER.anon,
	file: OWNER.trackedFile,
	shmem: OWNER.shmem,
	secretmem: OWNER.secretmem,
	hugetlb: OWNER.hugetlb,
	none: null,
	ksm: OWNER.anon,
	movable: null,
};

/** Owners of pages that entries may be writable and clean for. */
const CLEAN: readonly (number | undefined)[] = [OWNER.anon, OWNER.shmem, OWNER.secretmem];

/**
 * True where the changed world may be: what goes wrong in it is a finding. Elsewhere it may be that no kernel has such a
 * world, and what goes wrong decides nothing.
 */
export function isSound(change: Change, spec: WorldSpec): boolean {
	switch (change.kind) {
		case 'mark':
			return PLAIN.has(change.mark);
		case 'count':
			// who maps it and its page cache hold as many as there are
			return change.count >= (spec.folios[change.folio]?.refcount ?? 1);
		case 'word':
			return change.alone ?? isNumber(change.address);
		case 'order':
		case 'before':
		case 'behind':
		case 'within':
			return true;
		case 'bits':
			return isHardwares(change.flip, spec, change.entry);
		case 'exclusive':
		case 'mapping':
		case 'actor':
			return false;
	}
}

/** Objects whose words are numbers, flags and locks; a number in the place of a list's or another pointer is no kernel's. */
const OF_NUMBERS: ReadonlySet<string> = new Set([
	...['mm', 'vma', 'index', 'indices', 'zone', 'pgdat', 'lruvec', 'scan_control'],
	...['inode:file', 'inode:shmem', 'inode:secretmem', 'inode:hugetlb', 'inode:other'],
]);

/**
 * Words that the rest of their object does not decide: what a caller of compaction allocates (mm/compaction.c,
 * try_to_compact_pages()), how many pages a file has in its cache.
 */
const ALONE: ReadonlySet<string> = new Set(['gfp_mask', 'order', 'nrpages']);

/** A page's words are asked for by name (`NUMBERS`). */
function isNumber(address: number): boolean {
	const object = objectIndex(address);
	return object === null || OF_NUMBERS.has(OBJECT_NAMES[object] ?? '');
}

/**
 * Bits that the hardware sets when a page is used, and that the kernel clears again. What may be written to is clean where MADV_FREE
 * has been (mm/madvise.c, madvise_free_pte_range()), or was mapped for reading in a mapping that hears of no write (mm/vma.c,
 * vma_wants_writenotify()); elsewhere entries become writable and dirty at once (mm/memory.c, wp_page_reuse()).
 */
function isHardwares(flip: number, { entries, folios }: WorldSpec, index: number): boolean {
	const { bits = 0, frame = 0 } = entries[index] ?? {};
	if ((bits & ENTRY.present) === 0 || (flip & ~(ENTRY.accessed | ENTRY.dirty)) !== 0) return false;
	const owner = folios.find((f) => f.frames.includes(frame))?.owner;
	return flip === ENTRY.accessed || (bits & ENTRY.write) === 0 || CLEAN.includes(owner);
}

/** A mark that folios may have whatever they are, or that tells no more than that they are in the swap cache. */
export function isAnyFolios(mark: string): boolean {
	return PLAIN.has(mark) || mark === 'PG_swapcache';
}

/** The world after the changes. */
export function changed(spec: WorldSpec, changes: readonly Change[]): WorldSpec {
	return changes.reduce(applied, spec);
}

function applied(spec: WorldSpec, change: Change): WorldSpec {
	const name = `${spec.name}, ${changeWords(change)}`;
	const folios = (index: number, edit: (folio: FolioSpec) => FolioSpec): WorldSpec => ({
		...spec,
		name,
		folios: spec.folios.map((folio, i) => (i === index ? edit(folio) : folio)),
	});
	switch (change.kind) {
		case 'mark':
			return folios(change.folio, (folio) => {
				const { marks = [] } = folio;
				const has = marks.includes(change.mark);
				const rest = marks.filter((m) => m !== change.mark);
				return { ...folio, marks: has ? rest : [...marks, change.mark] };
			});
		case 'count':
			return folios(change.folio, (folio) => ({ ...folio, refcount: change.count }));
		case 'order':
			return folios(change.folio, (folio) => ({ ...folio, order: change.order }));
		case 'exclusive':
			return folios(change.folio, (folio) => ({ ...folio, exclusive: folio.exclusive !== true }));
		case 'mapping':
			return folios(change.folio, (folio) => {
				const { mapping } = change;
				return { ...folio, mapping, owner: OWNER_OF[mapping] ?? folio.owner };
			});
		case 'bits': {
			const entries = spec.entries.map((entry, i) =>
				i === change.entry ? { ...entry, bits: entry.bits ^ change.flip } : entry,
			);
			return { ...spec, name, entries };
		}
		case 'before':
			return { ...pagesBefore(spec, change.pages), name };
		case 'behind':
			return { ...pageBehind(spec), name };
		case 'within':
			return { ...spec, name, pages: change.pages };
		case 'actor':
			return { ...spec, name, actors: [...spec.actors, change.actor] };
		case 'word': {
			const { address, value } = change;
			return { ...spec, name, words: [...(spec.words ?? []), { address, value }] };
		}
	}
}

/** What a change of the word at an address can be, given values that the code asks for. */
export function changesOf(
	world: BuiltWorld,
	address: number,
	{ fields, values, masks }: Asked,
): readonly Change[] {
	const { spec } = world;
	const entry = world.leafEntries.indexOf(address);
	if (entry >= 0) return masks.map((flip) => ({ kind: 'bits', entry, flip }));
	const frame = frameOfPage(address - (address % OBJECT_STRIDE));
	const name = fields[(address % OBJECT_STRIDE) / FIELD_STRIDE];
	if (frame !== null && name !== undefined && address >= pageAddress(0)) {
		const folio = spec.folios.findIndex((f) => f.frames.includes(frame));
		if (folio < 0) return [];
		if (name === '_refcount') return values.map((count) => ({ kind: 'count', folio, count }));
		if (name === 'mapping')
			return Object.keys(OWNER_OF)
				.map((mapping) => mapping as MappingKind)
				.filter((mapping) => mapping !== spec.folios[folio]?.mapping)
				.map((mapping) => ({ kind: 'mapping', folio, mapping }));
		if (name === 'PG_head' || name === '_order' || name === '_nr_pages')
			return mayBeLarge(spec.folios[folio]) && staysLarge(spec, folio)
				? ordersAsked(name, values).map((order) => ({ kind: 'order', folio, order }))
				: [];
		if (name === 'PG_anon_exclusive') return [{ kind: 'exclusive', folio }];
		if (PLAIN.has(name) || TELLING.has(name)) return [{ kind: 'mark', folio, mark: name }];
		if (!NUMBERS.has(name)) return [];
		// the slot says which index its folio has
		const isLed = name === 'index' && isReaderWorld(spec) && spec.reader === 'page-cache';
		const alone = isLed ? { alone: false } : {};
		return values.map((value) => ({ kind: 'word', address, value, ...alone }));
	}
	if (objectIndex(address) === null) return [];
	const alone = ALONE.has(name ?? '') ? { alone: true } : {};
	const initial = world.cells.find((cell) => cell.address === address)?.initial;
	if (initial === undefined) return [];
	return numbersOf(name ?? '', initial, { values, masks }).map((value) => ({
		kind: 'word',
		address,
		value,
		...alone,
	}));
}

/** Of a mask one bit is another way; a file has at least the pages that the world has. */
function numbersOf(
	name: string,
	initial: number,
	{ values, masks }: Pick<Asked, 'values' | 'masks'>,
): readonly number[] {
	if (name === 'gfp_mask') return masks.map((bit) => initial ^ bit);
	const asked = [...values, ...masks];
	return name === 'nrpages' ? asked.filter((n) => n > initial) : asked;
}

/** Pages of secretmem, the zero page and those of devices are folios of their own (mm/secretmem.c, mm/memremap.c). */
export function mayBeLarge(folio: FolioSpec | undefined): boolean {
	const { mapping = 'none', marks = [] } = folio ?? {};
	return ['anon', 'file', 'shmem'].includes(mapping) && !marks.includes('zone_device');
}

/** Orders of large folios that are mapped by PTEs: up to that of a PMD, and one beyond. */
export const ORDER_MAX = 10;

/** mm/ksm.c splits what it takes; drivers' pages are small. */
function staysLarge(spec: WorldSpec, folio: number): boolean {
	if (!isReaderWorld(spec) || (spec.folios[folio]?.frames.length ?? 0) > 1) return true;
	return spec.tagged === undefined && spec.reader !== 'stable-node';
}

/** Orders that tell one way from the other; what asks for a number of pages or bytes is told it by the order of as many. */
function ordersAsked(name: string, values: readonly number[]): readonly number[] {
	const asked = values.flatMap((n) => {
		const log = Math.ceil(Math.log2(n));
		return name === '_nr_pages' ? [log] : [n, log - PAGE_SHIFT];
	});
	const orders = asked.filter((order) => order >= 1 && order <= ORDER_MAX);
	return [...new Set(name === 'PG_head' && orders.length === 0 ? [2] : orders)];
}

export interface Asked {
	/** Names of fields by their index. */
	readonly fields: readonly string[];
	/** Numbers that tell one way from the other. */
	readonly values: readonly number[];
	/** Bits that are asked about. */
	readonly masks: readonly number[];
}

/** For people, and short: it is part of the world's name. */
function changeWords(change: Change): string {
	switch (change.kind) {
		case 'mark':
			return `${change.mark} the other way`;
		case 'count':
			return `its count ${change.count}`;
		case 'exclusive':
			return 'exclusive the other way';
		case 'order':
			return `its folio of order ${change.order}`;
		case 'bits':
			return `bits 0x${change.flip.toString(16)} of the entry the other way`;
		case 'mapping':
			return `its mapping ${change.mapping}`;
		case 'before':
			return `behind ${change.pages === 1 ? 'an ordinary page' : `${change.pages} ordinary pages`}`;
		case 'behind':
			return 'before an ordinary page';
		case 'within':
			return `${change.pages} pages of it`;
		case 'actor':
			return `${change.actor} there too`;
		case 'word': {
			const object = OBJECT_NAMES[objectIndex(change.address) ?? -1] ?? 'a page';
			return `${change.value} in ${object}`;
		}
	}
}

/** A change as part of a scenario's name, and back. */
export function changeCode(change: Change): string {
	switch (change.kind) {
		case 'mark':
			return `m${change.folio}:${change.mark}`;
		case 'count':
			return `c${change.folio}:${change.count}`;
		case 'exclusive':
			return `e${change.folio}`;
		case 'order':
			return `o${change.folio}:${change.order}`;
		case 'bits':
			return `b${change.entry}:${change.flip}`;
		case 'mapping':
			return `p${change.folio}:${change.mapping}`;
		case 'before':
			return `f${change.pages}`;
		case 'behind':
			return `l${change.pages}`;
		case 'within':
			return `g${change.pages}`;
		case 'actor':
			return `a0:${change.actor}`;
		case 'word':
			return `w${change.address}:${change.value}`;
	}
}

/** Null when the text is no change. */
export function changeOfCode(code: string): Change | null {
	const [, kind, number = '', rest = ''] = /^([mceobwpaflg])(\d+)(?::(-?\w+))?$/.exec(code) ?? [];
	const at = Number(number);
	switch (kind) {
		case 'm':
			return { kind: 'mark', folio: at, mark: rest };
		case 'c':
			return { kind: 'count', folio: at, count: Number(rest) };
		case 'e':
			return { kind: 'exclusive', folio: at };
		case 'o':
			return { kind: 'order', folio: at, order: Number(rest) };
		case 'b':
			return { kind: 'bits', entry: at, flip: Number(rest) };
		case 'w':
			return { kind: 'word', address: at, value: Number(rest) };
		case 'p':
			return { kind: 'mapping', folio: at, mapping: rest as MappingKind };
		case 'a':
			return { kind: 'actor', actor: rest };
		case 'f':
			return at > 0 && at <= PAGES_BESIDE_MAX ? { kind: 'before', pages: at } : null;
		case 'l':
			return at === 1 ? { kind: 'behind', pages: at } : null;
		case 'g':
			return at === 2 ? { kind: 'within', pages: at } : null;
		default:
			return null;
	}
}
