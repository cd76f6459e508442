/*
 * unshare: two processes that map the same hugetlb file share a table of PMDs. One of them lets go of it: its PUD is cleared,
 * the entries of the table stay as they are. The other process may change its PMDs then. An IPI, which every CPU has to answer,
 * keeps a walk of the first process from following them.
 *
 * Model: two sharers, so that letting go makes the table exclusive. Until the IPI is answered the range counts as mapped:
 * munmap() has not returned. The IPI is sent whatever the version (it is a fix of 2025: hugetlb's, not the walk's).
 *
 * Needs: CONFIG_ARCH_WANT_HUGE_PMD_SHARE
 */
void actor_unshare(void)
{
	/* mm/hugetlb.c: __huge_pmd_unshare(), mm/hugetlb.c: huge_pmd_unshare() */
	__rw_intrinsic(detach_entry, __rw_symbol(pud_entry));
	/* include/asm-generic/tlb.h: tlb_flush_unshared_tables(), mm/hugetlb.c: huge_pmd_unshare() */
	__rw_intrinsic(ipi_begin);
	/* mm/mmu_gather.c: tlb_remove_table_sync_one() */
	__rw_intrinsic(ipi_end);
	__rw_intrinsic(detached_is_flushed);
	/* mm/huge_memory.c: do_huge_pmd_anonymous_page() */
	__rw_store(once, (pmd_t *)__rw_symbol(pmd_entry), (pmd_t)__rw_symbol(other_value));
}
