/*
 * hwpoison: the memory of a page turns out to be broken. The page is flagged, taken away from whoever maps it, and stays with
 * memory_failure(): it is never given to anybody again. Huge pages go other ways (they are split or dissolved first), which
 * are not here.
 */
void actor_hwpoison(void)
{
	struct page *page = victim_page;
	struct folio *folio;
	pte_t pte;

	if (__rw_symbol(victim_is_huge))
		return;
	/* mm/memory-failure.c: memory_failure() */
	__rw_store(once, &page->PG_hwpoison, 1);
	/* mm/memory-failure.c: __get_hwpoison_page() */
	folio = page_folio(page);
	if (!folio_try_get(folio))
		return;
	/* mm/memory-failure.c: memory_failure() */
	folio_lock(folio);
	/* mm/rmap.c: try_to_unmap_one() */
	pte = ptep_clear_flush(NULL, 0, victim_ptep);
	if (pte_present(pte)) {
		/* include/linux/swapops.h: make_hwpoison_entry() */
		set_victim(make_swap_entry(pte));
		/* mm/rmap.c: folio_remove_rmap_ptes(), mm/rmap.c: page_remove_rmap() */
		atomic_dec(&folio->_mapcount);
		/* mm/rmap.c: try_to_unmap_one() */
		folio_put(folio);
	}
	/* mm/memory-failure.c: memory_failure() */
	folio_unlock(folio);
}
