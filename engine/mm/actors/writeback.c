/*
 * writeback: a dirty page of a file is made read-only and clean and written out. After that a
 * CPU's write faults and calls page_mkwrite(). A device's write through an old pin does not fault.
 *
 * Makes clean: yes
 */
void actor_writeback(void)
{
	struct folio *folio = page_folio(victim_page);
	pte_t pte;

	if (!get_in_page_cache(folio))
		return;
	/* mm/page-writeback.c: writeback_iter(), mm/page-writeback.c: write_cache_pages() */
	folio_lock(folio);
	if (!is_in_page_cache(folio)) {
		/* mm/page-writeback.c: writeback_iter(), mm/page-writeback.c: write_cache_pages() */
		folio_unlock(folio);
		put_in_page_cache(folio);
		return;
	}
	/* mm/page_vma_mapped.c: page_vma_mapped_walk() */
	lock_ptl();
	if (!victim_is_gone()) {
		/* mm/rmap.c: page_vma_mkclean_one(), mm/rmap.c: page_mkclean_one() */
		pte = ptep_clear_flush(NULL, 0, victim_ptep);
		set_victim(pte_mkclean(pte_wrprotect(pte)));
	}
	unlock_ptl();
	/* mm/page-writeback.c: folio_clear_dirty_for_io() */
	__rw_store(once, &folio->PG_dirty, 0);
	/* mm/page-writeback.c: __folio_start_writeback() */
	__rw_store(once, &folio->PG_writeback, 1);
	/* mm/page-writeback.c: writeback_iter(), mm/page-writeback.c: write_cache_pages() */
	folio_unlock(folio);
	put_in_page_cache(folio);
	/* mm/page-writeback.c: __folio_end_writeback(), mm/filemap.c: folio_end_writeback() */
	__rw_store(once, &folio->PG_writeback, 0);
}
