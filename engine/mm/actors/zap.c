/*
 * zap: munmap() or MADV_DONTNEED takes the page away and the last reference frees it. Neither an IPI nor a grace period
 * stands between clearing the entry and reusing the page.
 *
 * Unmaps the page: yes
 * On demand: yes
 */
void actor_zap(void)
{
	/* mm/memory.c: zap_pte_range() */
	struct page *head = &page_folio(victim_page)->page;

	/* mm/madvise.c: madvise_lock(), mm/madvise.c: do_madvise() */
	lock_mmap_shared();
	unmap_victim();
	unlock_mmap_shared();
	reuse(head);
}
