/*
 * truncate: the folio leaves the page cache while somebody may hold a reference on it.
 */
static void remove_from_page_cache(struct folio *folio)
{
	/* mm/filemap.c: page_cache_delete() */
	folio->mapping = NULL;
	/* mm/filemap.c: filemap_free_folio() */
	folio_put(folio);
}

void actor_truncate(void)
{
	/* mm/truncate.c: truncate_inode_pages_range() */
	struct folio *folio = page_folio(victim_page);

	/* mm/truncate.c: truncate_inode_pages_range() */
	folio_lock(folio);
	unmap_victim();
	remove_from_page_cache(folio);
	/* mm/truncate.c: truncate_inode_pages_range() */
	folio_unlock(folio);
	reuse(&folio->page);
}
