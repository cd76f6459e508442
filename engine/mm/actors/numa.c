/*
 * numa: NUMA balancing makes an entry PROT_NONE so that the next access faults and tells where it came from; that fault
 * puts the old entry back. A huge entry goes from one to the other without being empty in between, for mprotect() too.
 *
 * Model: that pmdp_invalidate_ad() makes it not present for a moment is left out: the page is at its place all the time. A
 * walk that treats a PMD that is not present as present is found with split_pmd and migrate.
 *
 * Needs: CONFIG_NUMA_BALANCING
 */
void actor_numa(void)
{
	/* mm/huge_memory.c: change_huge_pmd() */
	pte_t pte = ptep_get(victim_ptep);

	/* mm/huge_memory.c: change_huge_pmd() */
	set_victim(make_protnone(pte));
	/* mm/huge_memory.c: do_huge_pmd_numa_page() */
	set_victim(pte);
}
