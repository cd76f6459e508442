/*
 * remap: MADV_DONTNEED takes the page away, and the next fault puts another one at the same address.
 *
 * Unmaps the page: yes
 */
void actor_remap(void)
{
	struct page *head = &page_folio(victim_page)->page;

	unmap_victim();
	/* mm/memory.c: do_anonymous_page() */
	set_victim((pte_t)__rw_symbol(other_value));
	reuse(head);
}
