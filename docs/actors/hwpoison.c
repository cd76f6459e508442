/*
 * hwpoison: the memory of a page turns out to be broken. The page is flagged, taken away from whoever maps it, and stays with
 * memory_failure(): it is never given to anybody again.
 */
void actor_hwpoison(void)
{
	struct page *page = victim_page;
	/* mm/memory-failure.c: memory_failure() */
	struct folio *folio = page_folio(page);

	/* mm/memory-failure.c: get_hwpoison_page() */
	folio_get(folio);
	/* mm/memory-failure.c: memory_failure() */
	__rw_store(once, &page->PG_hwpoison, 1);
	folio_lock(folio);
	/* mm/rmap.c: try_to_unmap_one() */
	if (pte_present(ptep_clear_flush(NULL, 0, victim_ptep))) {
		/* mm/rmap.c: folio_remove_rmap_ptes(), mm/rmap.c: page_remove_rmap() */
		atomic_dec(&folio->_mapcount);
		/* mm/rmap.c: try_to_unmap_one() */
		folio_put(folio);
	}
	/* mm/memory-failure.c: memory_failure() */
	folio_unlock(folio);
}
