/*
 * retract: khugepaged has put a huge page into the page cache and takes away the page tables, empty now, of those who map the
 * file. Such a table is freed by RCU; up to 6.5 right after an IPI that every CPU has answered, under the mmap_lock.
 *
 * Needs: CONFIG_TRANSPARENT_HUGEPAGE
 * Unmaps the page: yes
 */
void actor_retract(void)
{
	/* mm/khugepaged.c: collapse_file() */
	unmap_victim();
#ifndef RACEWALK_PTE_FREE_DEFER
	/* mm/khugepaged.c: retract_page_tables() */
	lock_mmap();
#endif
	/* mm/khugepaged.c: retract_page_tables() */
	lock_ptl();
	pmdp_collapse_flush(NULL, 0, (pmd_t *)__rw_symbol(pmd_entry));
	unlock_ptl();
#ifdef RACEWALK_PTE_FREE_DEFER
	__rw_intrinsic(grace_period_begin);
	__rw_intrinsic(grace_period_end);
#else
	tlb_remove_table_sync_one();
	unlock_mmap();
#endif
	__rw_intrinsic(free_table, __rw_symbol(pte_table));
}
