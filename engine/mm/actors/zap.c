/*
 * zap: munmap() or MADV_DONTNEED takes the page away and the last reference frees it, after the TLB flush and without a grace
 * period. The model's TLB flush does not wait for other CPUs: on arm64 and s390x, and in guests that flush by hypercall, it does
 * not wait for a CPU with interrupts off. On bare-metal x86 the IPI waits, so bare metal has fewer runs than are explored.
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
