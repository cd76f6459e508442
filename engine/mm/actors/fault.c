/*
 * fault: another thread of the process touches the address and what was missing is filled in.
 */
void actor_fault(void)
{
	/* mm/memory.c: do_anonymous_page() */
	lock_ptl();
	if (__rw_symbol(crowded) && !pte_none(__rw_load(once, victim_ptep))) {
		unlock_ptl();
		return;
	}
	/* mm/memory.c: __handle_mm_fault() */
	set_victim((pte_t)__rw_symbol(other_value));
	unlock_ptl();
}
