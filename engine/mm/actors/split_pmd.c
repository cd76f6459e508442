/*
 * split_pmd: part of a huge page is unmapped, mprotected or discarded, and the PMD that maps it is split: the page table that
 * was deposited when the huge page was mapped is put back, with small entries for the pages of the huge one.
 *
 * Model: khugepaged deposits the table it took away and the split withdraws that very table
 * (mm/pgtable-generic.c, pgtable_trans_huge_withdraw() hands out in the order of depositing).
 *
 * Needs: CONFIG_TRANSPARENT_HUGEPAGE
 */
void actor_split_pmd(void)
{
	pmd_t *pmdp = (pmd_t *)__rw_symbol(pmd_entry);
	pmd_t pmd;

	/* mm/madvise.c: madvise_lock(), mm/madvise.c: do_madvise() */
	lock_mmap_shared();
	/* mm/huge_memory.c: __split_huge_pmd() */
	lock_ptl();
	pmd = *pmdp;
	if (!pmd_trans_huge(pmd)) {
		unlock_ptl();
		unlock_mmap_shared();
		return;
	}
	/* mm/pgtable-generic.c: pmdp_invalidate() */
	__rw_store(once, pmdp, pmd & ~_PAGE_PRESENT);
	/* mm/huge_memory.c: __split_huge_pmd_locked() */
	set_pte(victim_ptep, (pte_t)__rw_symbol(split_pte_value));
	__rw_store(once, pmdp, (pmd_t)__rw_symbol(table_pmd_value));
	unlock_ptl();
	unlock_mmap_shared();
}
