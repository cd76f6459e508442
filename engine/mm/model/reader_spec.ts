/**
 * What a reader is, as far as the world is concerned: a function outside the lockless walk that gets from one object to
 * another without the lock that keeps them together, and hands out what it found. The kinds differ in what leads to what.
 */
import type { WorldSpec } from './world_spec.js';

/**
 * `anon-vma`: `folio->mapping` leads to an anon_vma. `page-cache`: a slot of `mapping->i_pages` leads to a folio.
 * `stable-node`: `kpfn` of a KSM stable node leads to a folio whose mapping leads back. `frame`: a page, whoever has it, leads to
 * its folio; what is handed out is only whether a reference on that is held. `movable`: the same for who asks the page's driver.
 */
export type ReaderKind = 'anon-vma' | 'page-cache' | 'stable-node' | 'frame' | 'movable';

/**
 * What a reader hands out: what it returns; folios in a batch, or in an array, of which it returns how many; folios that it
 * took off the LRU, or off their driver, and put on a list.
 */
export type HandsOut = 'result' | 'batch' | 'array' | 'list';

/** A world for readers. */
export interface ReaderWorldSpec extends WorldSpec {
	readonly reader: ReaderKind;
	/** The caller holds a reference on the victim's folio, and its lock. */
	readonly callerHolds: { readonly reference: boolean; readonly lock: boolean };
	/** The anon_vma's root is another one, whose process lives on. */
	readonly childAnonVma?: true;
	/** The folio's mapping is a tagged pointer that leads to no anon_vma: of KSM, or of a driver's movable page. */
	readonly tagged?: 'ksm' | 'movable';
	/** The stable node is one of a chain's duplicates (mm/ksm.c, STABLE_NODE_DUP_HEAD). */
	readonly duplicate?: true;
	/** The slot of the page cache: the victim's folio, at the head of the xarray or in a node, or a value entry (shadow or swap). */
	readonly slot?: 'folio' | 'head' | 'value';
	/** Index of the slot, behind 2^32 where a pgoff_t has more bits; 0 where it is left out. A large folio begins at 0, or there. */
	readonly index?: number;
	/** The file is one of shmem. */
	readonly shmem?: true;
}

export function isReaderWorld(spec: WorldSpec): spec is ReaderWorldSpec {
	return 'reader' in spec;
}
