/*
 * movable_release: a driver lets a page go that it could move: the page is movable no more, is freed, and may be somebody else's.
 */
void actor_movable_release(void)
{
	/* mm/zsmalloc.c: async_free_zspage() */
	struct folio *folio = page_folio(victim_page);

	/* mm/zsmalloc.c: lock_zspage() */
	folio_lock(folio);
	/* mm/zsmalloc.c: reset_page() */
	__rw_store(once, &folio->mapping, (struct address_space *)PAGE_MAPPING_MOVABLE);
	/* mm/zsmalloc.c: __free_zspage() */
	folio_unlock(folio);
	folio_put(folio);
	reuse(&folio->page);
}
