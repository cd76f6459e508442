/*
 * mprotect: the process takes its own access away: for writing, or altogether (PROT_NONE). The page stays mapped.
 */
void actor_mprotect(void)
{
	pte_t pte;

	/* mm/mprotect.c: do_mprotect_pkey() */
	lock_mmap();
	/* mm/mprotect.c: change_pte_range() */
	lock_ptl();
	if (victim_is_gone())
		goto out;
	/* include/linux/pgtable.h: ptep_modify_prot_start() */
	pte = ptep_get_and_clear(victim_mm, 0, victim_ptep);
	/* mm/mprotect.c: change_pte_range() */
	if (__rw_choose(2))
		set_victim(pte_wrprotect(pte));
	else
		set_victim(make_protnone(pte));
out:
	unlock_ptl();
	unlock_mmap();
}
