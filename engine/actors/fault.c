/*
 * fault: another thread of the process touches the address and what was missing is filled in.
 */
void actor_fault(void)
{
	/* mm/memory.c: __handle_mm_fault() */
	set_pte(victim_ptep, (pte_t)__rw_symbol(other_value));
}
