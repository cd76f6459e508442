/*
 * movable_release: zsmalloc frees a movable page: it clears page->mapping, drops the page, and the frame may be allocated again.
 */
void actor_movable_release(void)
{
	/* mm/zsmalloc.c: async_free_zspage() */
	struct folio *folio = page_folio(victim_page);

	/* mm/zsmalloc.c: lock_zspage() */
	folio_lock(folio);
	/* mm/compaction.c: __ClearPageMovable() */
	__rw_store(once, &folio->mapping, (struct address_space *)PAGE_MAPPING_MOVABLE);
	/* mm/zsmalloc.c: __free_zspage() */
	folio_unlock(folio);
	folio_put(folio);
	reuse(&folio->page);
}
