/*
 * mprotect_back: the process gives itself access for writing and takes it away again: the entry ends as it began.
 */
void actor_mprotect_back(void)
{
	pte_t pte;

	/* mm/mprotect.c: do_mprotect_pkey() */
	lock_mmap();
	/* mm/mprotect.c: change_pte_range(), mm/huge_memory.c: change_huge_pmd() */
	lock_ptl();
	if (victim_is_gone())
		goto out;
	/* mm/mprotect.c: change_pte_range(), mm/huge_memory.c: change_huge_pmd() */
	pte = __rw_load(once, victim_ptep);
	set_victim(pte_mkwrite_novma(pte));
	/* mm/mprotect.c: change_pte_range(), mm/huge_memory.c: change_huge_pmd() */
	set_victim(pte);
out:
	unlock_ptl();
	unlock_mmap();
}
