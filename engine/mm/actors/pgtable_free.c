/*
 * pgtable_free: munmap() frees the page tables of the range: entries first, then the tables, by RCU or after an IPI that
 * every CPU has answered (include/asm-generic/tlb.h, struct mmu_table_batch). With CONFIG_PARAVIRT which of the two is
 * decided at boot: native_tlb_remove_table() waits for the IPI, guests of KVM and Xen use RCU (arch/x86/kernel/paravirt.c).
 * Where there is no memory for a batch, a table is freed right after an IPI all the same, unless the tree defers that one
 * by call_rcu() too (mm/mmu_gather.c, tlb_remove_table_one()). With --what-if no-rcu-table-free the table is freed without waiting
 * on arm64, s390x and powerpc64, whose TLB flush needs no IPI.
 *
 * On demand: yes
 */
static void wait_for_grace_period(void)
{
	/* mm/mmu_gather.c: tlb_remove_table_free(), mm/mmu_gather.c: tlb_table_flush() */
	__rw_intrinsic(grace_period_begin);
	/* mm/mmu_gather.c: tlb_remove_table_rcu() */
	__rw_intrinsic(grace_period_end);
}

static void wait_without_batch(void)
{
	/* mm/mmu_gather.c: tlb_remove_table_one() */
	__rw_intrinsic(ipi_begin);
	/* mm/mmu_gather.c: tlb_remove_table_sync_one() */
	__rw_intrinsic(ipi_end);
}

static void wait_for_ipi(void)
{
	/* arch/x86/mm/tlb.c: flush_tlb_mm_range() */
	__rw_intrinsic(ipi_begin);
	/* arch/x86/mm/tlb.c: native_flush_tlb_multi() */
	__rw_intrinsic(ipi_end);
}

void actor_pgtable_free(void)
{
	unmap_victim();
	/* mm/memory.c: free_pte_range() */
	pmd_clear((pmd_t *)__rw_symbol(pmd_entry));
	/* mm/memory.c: free_pmd_range() */
	pud_clear((pud_t *)__rw_symbol(pud_entry));
#ifdef RACEWALK_PGD_TABLE
	/* mm/memory.c: free_pud_range() */
	__rw_store(once, (pgd_t *)__rw_symbol(pgd_entry), 0);
#endif
#if defined(CONFIG_MMU_GATHER_RCU_TABLE_FREE) && defined(CONFIG_PARAVIRT)
	if (__rw_choose(2))
		wait_for_ipi();
	else
		wait_for_grace_period();
#elif defined(CONFIG_MMU_GATHER_RCU_TABLE_FREE) && defined(RACEWALK_TABLE_ONE_IPI)
	if (__rw_choose(2))
		wait_without_batch();
	else
		wait_for_grace_period();
#elif defined(CONFIG_MMU_GATHER_RCU_TABLE_FREE)
	wait_for_grace_period();
#elif defined(CONFIG_X86)
	wait_for_ipi();
#endif
	/* mm/mmu_gather.c: __tlb_remove_table_free(), mm/mmu_gather.c: tlb_remove_table_rcu() */
	__rw_intrinsic(free_table, __rw_symbol(pte_table));
	__rw_intrinsic(free_table, __rw_symbol(pmd_table));
#ifdef RACEWALK_PGD_TABLE
	__rw_intrinsic(free_table, __rw_symbol(pud_table));
#endif
}
