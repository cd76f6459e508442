/** Functions outside the lockless walk that Debian's kernels are to have listed: those that are explored, and those that are not. */

export type Version = '6.12' | '6.1';

export interface Listed {
	readonly file: string;
	/** Explored, and nothing is wrong with them. */
	readonly holds: Readonly<Record<Version, readonly string[]>>;
	/** Listed with a reason; checked against the text of both versions by hand. */
	readonly unsupported: Readonly<Record<Version, readonly string[]>>;
	/** Words of the file without which such a function has nothing to look at: releases of one version differ. */
	readonly onlyWith?: Readonly<Record<string, string>>;
}

const NONE = { '6.12': [], '6.1': [] };
export const FILES: readonly Listed[] = [
	{
		file: 'rmap.c',
		holds: {
			'6.12': ['folio_get_anon_vma', 'folio_lock_anon_vma_read'],
			'6.1': ['folio_get_anon_vma', 'folio_lock_anon_vma_read'],
		},
		unsupported: {
			'6.12': [
				'page_address_in_vma',
				'mm_find_pmd',
				'folio_referenced',
				'__page_check_anon_rmap',
				'rmap_walk_anon_lock',
				'rmap_walk_anon',
			],
			'6.1': [
				'page_address_in_vma',
				'mm_find_pmd',
				'folio_referenced',
				'__page_check_anon_rmap',
				'page_add_file_rmap',
				'rmap_walk_anon_lock',
				'rmap_walk_anon',
			],
		},
	},
	{
		file: 'ksm.c',
		holds: {
			// what a node's rmap items lead to is in no world: ksm_get_folio() is told the line
			'6.12': ['free_stable_node', 'stable_node_dup_del'],
			'6.1': ['free_stable_node', 'stable_node_dup_del'],
		},
		unsupported: {
			'6.12': [
				'folio_stable_node',
				'replace_page',
				'ksm_next_page_pmd_entry',
				'ksm_might_need_to_copy',
			],
			'6.1': [
				'folio_stable_node',
				'replace_page',
				'ksm_next_page_pmd_entry',
				'ksm_might_need_to_copy',
			],
		},
	},
	{
		file: 'vmscan.c',
		holds: { '6.12': ['isolate_folio'], '6.1': [] },
		unsupported: {
			// isolate_folio() of 6.1 is explored, and not understood
			'6.12': [
				'isolate_lru_folios',
				'walk_pte_range',
				'walk_pmd_range_locked',
				'walk_pmd_range',
				'walk_pud_range',
				'lru_gen_look_around',
			],
			'6.1': [
				'isolate_lru_folios',
				'walk_pte_range',
				'walk_pmd_range_locked',
				'walk_pmd_range',
				'walk_pud_range',
				'lru_gen_look_around',
				'isolate_folio',
			],
		},
	},
	{
		file: 'migrate.c',
		holds: { '6.12': ['isolate_movable_page'], '6.1': ['isolate_movable_page'] },
		unsupported: {
			'6.12': ['__folio_migrate_mapping'],
			'6.1': ['migration_entry_wait', 'folio_migrate_mapping', '__migrate_folio_extract'],
		},
		// later releases of 6.1 keep the anon_vma in ->private
		onlyWith: { __migrate_folio_extract: 'union migration_ptr' },
	},
	{
		file: 'compaction.c',
		holds: {
			// isolate_migratepages_block() has lines for direct compaction that no world comes to
			'6.12': ['skip_isolation_on_order', 'too_many_isolated'],
			'6.1': ['too_many_isolated'],
		},
		unsupported: NONE,
	},
	{
		file: 'page_idle.c',
		holds: { '6.12': ['page_idle_get_folio'], '6.1': ['page_idle_get_page'] },
		unsupported: {
			'6.12': ['page_idle_clear_pte_refs'],
			'6.1': ['page_idle_clear_pte_refs'],
		},
	},
	{
		file: 'memory_hotplug.c',
		holds: NONE,
		unsupported: { '6.12': ['do_migrate_range'], '6.1': ['do_migrate_range'] },
	},
	{
		file: 'huge_memory.c',
		holds: NONE,
		unsupported: {
			'6.12': [
				'get_huge_zero_page',
				'touch_pmd',
				'follow_devmap_pmd',
				'copy_huge_pmd',
				'touch_pud',
				'zap_deposited_table',
				'move_huge_pmd',
				'move_pages_huge_pmd',
				'__split_huge_zero_page_pmd',
				'__split_huge_pmd_locked',
				'split_huge_pmd_locked',
				'__discard_anon_folio_pmd_locked',
				'__split_huge_page',
				'min_order_for_split',
				'deferred_split_scan',
				'set_pmd_migration_entry',
				'remove_migration_pmd',
			],
			'6.1': [
				'get_huge_zero_page',
				'touch_pmd',
				'follow_devmap_pmd',
				'touch_pud',
				'follow_devmap_pud',
				'follow_trans_huge_pmd',
				'move_huge_pmd',
				'deferred_split_scan',
				'set_pmd_migration_entry',
				'remove_migration_pmd',
			],
		},
	},
	{
		file: 'damon/ops-common.c',
		holds: { '6.12': ['damon_get_folio'], '6.1': ['damon_get_page'] },
		unsupported: {
			'6.12': ['damon_ptep_mkold', 'damon_pmdp_mkold'],
			'6.1': ['damon_ptep_mkold', 'damon_pmdp_mkold'],
		},
	},
	{
		file: 'khugepaged.c',
		holds: NONE,
		unsupported: {
			// collapse_file() looks at slots under the xarray's lock, which a loop is left with
			'6.12': [
				'release_pte_pages',
				'__collapse_huge_page_copy_succeeded',
				'__collapse_huge_page_copy',
				'find_pmd_or_thp_or_none',
				'__collapse_huge_page_swapin',
				'collapse_pte_mapped_thp',
				'hpage_collapse_scan_file',
			],
			'6.1': [
				'__collapse_huge_page_copy',
				'find_pmd_or_thp_or_none',
				'__collapse_huge_page_swapin',
				'hpage_collapse_scan_pmd',
				'hpage_collapse_scan_file',
			],
		},
	},
	{
		file: 'filemap.c',
		holds: {
			'6.12': [
				...['filemap_range_has_page', 'filemap_range_has_writeback', 'filemap_get_entry'],
				'__filemap_get_folio',
				...['find_get_entry', 'find_get_entries', 'find_lock_entries'],
				...['filemap_get_folios_contig', 'filemap_get_folios_tag', 'filemap_get_read_batch'],
				'next_uptodate_folio',
			],
			'6.1': [
				...['filemap_range_has_page', 'filemap_range_has_writeback', 'mapping_get_entry'],
				'__filemap_get_folio',
				...['find_get_entry', 'find_get_entries', 'find_lock_entries', 'filemap_get_folios'],
				// filemap_get_folios_contig() of 6.1 takes an entry of a range for a folio (fixed in 6.7)
				'filemap_get_folios_tag',
				...['filemap_get_read_batch', 'next_uptodate_page', 'first_map_page', 'next_map_page'],
			],
		},
		unsupported: {
			'6.12': [
				'__filemap_remove_folio',
				'page_cache_next_miss',
				'page_cache_prev_miss',
				'filemap_update_page',
				'filemap_fault_recheck_pte_none',
				'filemap_fault',
				'filemap_map_pmd',
				'do_read_cache_folio',
				// looks at the order of folios that it does not hold, inside its RCU section
				'filemap_cachestat',
				// what a macro of another file makes a function of
				'SYSCALL_DEFINE4',
			],
			'6.1': [
				'__filemap_remove_folio',
				'page_cache_next_miss',
				'page_cache_prev_miss',
				'filemap_update_page',
				'filemap_fault',
				'filemap_map_pmd',
				'filemap_map_pages',
				'do_read_cache_folio',
			],
		},
	},
	{
		file: 'memory-failure.c',
		holds: {
			'6.12': ['__get_hwpoison_page', '__get_unpoison_page'],
			// 6.1 does not look whether a hugetlb folio was demoted meanwhile
			'6.1': ['PageHWPoisonTakenOff'],
		},
		unsupported: {
			// me_pagecache_dirty() is called with the folio locked, which it hands on to who unlocks it
			'6.12': [
				'dev_pagemap_mapping_shift',
				'collect_procs_file',
				'collect_procs',
				'hwpoison_hugetlb_range',
				'unmap_poisoned_folio',
				'mf_generic_kill_procs',
				'get_huge_page_for_hwpoison',
				'unpoison_memory',
			],
			'6.1': [
				'dev_pagemap_mapping_shift',
				'collect_procs_file',
				'collect_procs',
				'hwpoison_pte_range',
				'hwpoison_hugetlb_range',
				'mf_generic_kill_procs',
				'get_huge_page_for_hwpoison',
				'unpoison_memory',
			],
		},
	},
];
