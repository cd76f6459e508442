/*
 * deposit: khugepaged replaces the small pages of a PMD range by a huge one and keeps the page table for the huge page's end. The huge
 * page is unmapped, and the table is freed at once: nobody waits for a walk that still stands in it but khugepaged, when
 * it takes the table away (2ba99c5e0881 mm/khugepaged: fix GUP-fast interaction by sending IPI).
 *
 * Needs: CONFIG_TRANSPARENT_HUGEPAGE
 */
void actor_deposit(void)
{
	pmd_t *pmdp = (pmd_t *)__rw_symbol(pmd_entry);
	pmd_t pmd;

	/* mm/khugepaged.c: collapse_huge_page() */
	lock_mmap();
	lock_ptl();
	pmd = pmdp_collapse_flush(NULL, 0, pmdp);
	unlock_ptl();
	tlb_remove_table_sync_one();
	if (!put_huge_page(pmdp, pmd))
		return;
	/* mm/madvise.c: madvise_lock(), mm/madvise.c: do_madvise() */
	lock_mmap_shared();
	/* mm/huge_memory.c: zap_huge_pmd() */
	lock_ptl();
	pmdp_huge_get_and_clear(victim_mm, 0, pmdp);
	/* mm/huge_memory.c: zap_deposited_table() */
	__rw_intrinsic(free_table, __rw_symbol(pte_table));
	unlock_ptl();
	unlock_mmap_shared();
}
