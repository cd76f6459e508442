/**
 * What functions of the kernel do for functions that are not explored: which locks they take and leave, which of them load page-table
 * entries, a folio's mapping or slots of the page cache. Names of the kernel's own, as data; what the checked file defines itself is
 * looked into instead.
 */

export type Kind = 'mapping' | 'entry' | 'slot' | 'reference';
export const KINDS: readonly Kind[] = ['mapping', 'entry', 'slot', 'reference'];
/** `found`: a folio that the page cache was asked for and that is locked afterwards. */
export type LookKind = Kind | 'found';

/** What a function does, for people. */
export const DOES: Readonly<Record<LookKind, string>> = {
	mapping: 'reads folio->mapping and takes no lock itself',
	entry: 'loads page-table entries outside the page-table lock',
	slot: 'looks at page-cache slots outside the lock of the xarray',
	reference: 'takes a reference on what may have been freed',
	found: 'looks up a folio and locks it afterwards',
};

/** What a call does to what is protected. */
export interface LockCall {
	readonly kinds: readonly Kind[];
	/** `gives`: it is protected no more. Else when it is: whatever is returned, or what is not 0, or 0. */
	readonly when: 'always' | 'nonzero' | 'zero' | 'gives';
	/** It counts where its argument is a lock of page tables only. */
	readonly ofTable?: true;
}

const TREE: readonly Kind[] = ['slot', 'mapping', 'reference'];

function rows(
	names: readonly string[],
	kinds: readonly Kind[],
	when: LockCall['when'],
): readonly (readonly [string, LockCall])[] {
	return names.map((name) => [name, { kinds, when }] as const);
}

/** include/linux/mm.h, huge_mm.h, hugetlb.h, rmap.h, mmap_lock.h, pagemap.h, xarray.h. */
export const LOCK_CALLS: ReadonlyMap<string, LockCall> = new Map([
	...rows(['pte_offset_map_lock', 'page_vma_mapped_walk'], ['entry'], 'nonzero'),
	...rows(['pmd_trans_huge_lock', '__pmd_trans_huge_lock'], ['entry'], 'nonzero'),
	...rows(['pud_trans_huge_lock', '__pud_trans_huge_lock'], ['entry'], 'nonzero'),
	...rows(['pmd_lock', 'pud_lock', 'huge_pte_lock'], ['entry'], 'always'),
	...rows(['mmap_write_lock', 'mmap_write_lock_nested'], ['entry'], 'always'),
	...rows(['mmap_assert_write_locked', 'vma_assert_write_locked'], ['entry'], 'always'),
	...rows(['mmap_write_lock_killable'], ['entry'], 'zero'),
	...rows(['mmap_write_trylock'], ['entry'], 'nonzero'),
	...rows(['mmap_write_unlock', 'mmap_write_downgrade', 'pte_unmap_unlock'], ['entry'], 'gives'),
	...rows(['page_vma_mapped_walk_done'], ['entry'], 'gives'),
	...rows(['folio_lock', 'lock_page', '__folio_lock', '__lock_page'], ['mapping'], 'always'),
	...rows(['filemap_lock_folio', 'find_lock_page'], ['mapping'], 'always'),
	...rows(['folio_trylock', 'trylock_page'], ['mapping'], 'nonzero'),
	...rows(['folio_lock_killable', 'lock_page_killable'], ['mapping'], 'zero'),
	...rows(['__folio_lock_killable', '__lock_page_killable'], ['mapping'], 'zero'),
	...rows(['folio_unlock', 'unlock_page'], ['mapping'], 'gives'),
	...['xas', 'xa'].flatMap((of) => [
		...rows([`${of}_lock`, `${of}_lock_irq`, `${of}_lock_bh`], TREE, 'always'),
		...rows([`${of}_lock_irqsave`], TREE, 'always'),
		...rows([`${of}_trylock`], TREE, 'nonzero'),
		...rows([`${of}_unlock`, `${of}_unlock_irq`, `${of}_unlock_bh`], TREE, 'gives'),
		...rows([`${of}_unlock_irqrestore`], TREE, 'gives'),
	]),
	...['spin_lock', 'spin_lock_nested', 'spin_lock_irq', 'spin_lock_irqsave', 'spin_lock_bh'].map(
		(name) => [name, { kinds: ['entry'], when: 'always', ofTable: true }] as const,
	),
	['spin_trylock', { kinds: ['entry'], when: 'nonzero', ofTable: true }],
	...['spin_unlock', 'spin_unlock_irq', 'spin_unlock_irqrestore', 'spin_unlock_bh'].map(
		(name) => [name, { kinds: ['entry'], when: 'gives', ofTable: true }] as const,
	),
]);

/** Locks of page tables that are members: include/linux/mm_types.h. */
export const TABLE_LOCKS: ReadonlySet<string> = new Set(['page_table_lock', 'ptl']);

/** Finds the lock of a table: include/linux/mm.h, hugetlb.h. */
export const LOCK_OF = /^(?:pte|ptep|pmd|pud|huge_pte)_lockptr$/;

/** Asserts what it is given the contrary of: include/linux/mmdebug.h, asm-generic/bug.h. */
export const ASSERTIONS = /^(?:VM_)?(?:BUG|WARN)_ON(?:_ONCE)?(?:_FOLIO|_PAGE)?$/;
export const IS_LOCKED: ReadonlySet<string> = new Set(['folio_test_locked', 'PageLocked']);

/** Loads an entry, whatever it is given. */
export const LOADS_ENTRY =
	/^(?:(?:huge_)?(?:pte|pmd|pud|p4d|pgd)p_get(?:_lockless)?|(?:pte|pmd|pud|p4d)_offset(?:_map(?:_(?:ro_|rw_)?nolock)?|_kernel|_lockless)?|pmd_read_atomic|gup_get_pte|(?:pmd|pud|p4d|pgd)_none_or_\w+)$/;

/** Is given a pointer to an entry and does not load it: stores, locks, what only counts or frees. */
export const LOADS_NO_ENTRY =
	/^(?:pte_unmap|pte_unmap_unlock|(?:huge_)?(?:pte|pmd|pud|ptep)_lockptr|set_(?:huge_)?(?:pte|pmd|pud|p4d|pgd)\w*|(?:pte|pmd|pud|p4d|pgd)_(?:populate\w*|clear|free\w*|lock)|pte_offset_map_lock|(?:__)?(?:pmd|pud)_trans_huge_lock|huge_pte_lock|virt_to_\w+|__pa|\w*printk|trace_\w+)$/;

/** Gives the mapping of a folio or page: include/linux/pagemap.h, mm/util.c, mm/internal.h. */
export const MAPPING_CALLS: ReadonlySet<string> = new Set([
	...['folio_mapping', 'page_mapping', 'folio_anon_vma', 'page_anon_vma', 'folio_raw_mapping'],
	...['page_rmapping', 'page_file_mapping', 'page_mapping_file', 'folio_file_mapping'],
	'folio_flush_mapping',
]);

/** Looks at slots of an xarray: include/linux/xarray.h. */
export const SLOT_CALLS =
	/^(?:xas_(?:load|find|find_marked|find_conflict|next|prev|next_entry|next_marked|reload)|xa_(?:load|find|find_after))$/;

/** Takes a reference on what may have been freed: include/linux/page_ref.h, mm.h. */
export const REFERENCE_CALLS: ReadonlySet<string> = new Set([
	...['folio_try_get', 'folio_try_get_rcu', 'get_page_unless_zero'],
	...['folio_get_nontail_page', 'page_cache_get_speculative', 'page_cache_add_speculative'],
	...['folio_ref_try_add', 'folio_ref_try_add_rcu'],
]);

/** Look a folio up, and leave locking it to their callers: include/linux/pagemap.h, pagevec.h, mm/internal.h, mm/swap.h. */
export const FIND_CALLS: ReadonlySet<string> = new Set([
	...['filemap_get_entry', 'filemap_get_folio', '__filemap_get_folio', 'mapping_get_entry'],
	...['find_get_page', 'find_get_page_flags', 'find_get_entry', 'pagecache_get_page'],
	...['filemap_get_folios', 'filemap_get_folios_tag', 'filemap_get_folios_contig'],
	...['find_get_entries', 'find_get_pages_range', 'find_get_pages_range_tag'],
	...['pagevec_lookup_range', 'pagevec_lookup_range_tag', 'pagevec_lookup'],
	...['filemap_get_incore_folio', 'swap_cache_get_folio', 'lookup_swap_cache'],
]);

/** The tables of the kernel itself: include/linux/pgtable.h. */
export const KERNEL_TABLES: ReadonlySet<string> = new Set([
	...['init_mm', 'pgd_offset_k', 'pmd_off_k', 'virt_to_kpte', 'swapper_pg_dir', 'init_top_pgt'],
]);

/** Parts of names without which a function has nothing of all this in it: they only say where to look. */
export const LOOK_HERE =
	/p(?:te|md|ud|4d|gd)|mapping|_anon_vma|\bxas?_|\bi_pages\b|\bxa_node\b|_try_get|get_page|_speculative|_ref_try|nontail_page|filemap_get|\bfind_get|pagevec_lookup|swap_cache/;
/** A part of the names of all that takes or leaves a lock, but for page_vma_mapped_walk(), which is looked for as well. */
export const LOCKS_HERE = /lock|_vma_mapped_walk/;
/** A declaration with an entry in it: what it names may be used by functions that have none of these words. */
export const ENTRY_TYPE = /\bp(?:te|md|ud|4d|gd)_t\b/;
