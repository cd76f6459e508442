/*
 * truncate: the folio leaves the page cache while somebody may hold a reference on it.
 *
 * Beside: evict in "page of a filesystem with dirty tracking, writable", "pmd leaf, folio of a filesystem with dirty tracking, writable": the folio
 * leaves the page cache by one and the address_space goes by the other, without waiting for the folio lock
 * Unmaps the page: yes
 */
static void remove_from_page_cache(struct folio *folio)
{
	/* mm/filemap.c: page_cache_delete() */
	folio->mapping = NULL;
	/* mm/filemap.c: filemap_free_folio(), mm/filemap.c: page_cache_free_page() */
	folio_put(folio);
}

/* Finds the folio in the page cache of its file and locks it there; 0: another adversary has taken it out before. */
static int lock_in_page_cache(struct folio *folio, struct address_space *mapping)
{
	if (!__rw_symbol(crowded)) {
		/* mm/filemap.c: find_lock_entries() */
		folio_lock(folio);
		return 1;
	}
	/* mm/filemap.c: find_get_entry() */
	if (!get_victim(folio))
		return 0;
	/* mm/filemap.c: find_lock_entries() */
	folio_lock(folio);
	if (folio->mapping == mapping)
		return 1;
	folio_unlock(folio);
	folio_put(folio);
	return 0;
}

static void unlock_in_page_cache(struct folio *folio)
{
	/* mm/truncate.c: truncate_inode_pages_range() */
	folio_unlock(folio);
	if (__rw_symbol(crowded))
		/* include/linux/pagevec.h: folio_batch_release() */
		folio_put(folio);
}

void actor_truncate(void)
{
	/* mm/truncate.c: truncate_inode_pages_range() */
	struct folio *folio = page_folio(victim_page);

	if (!lock_in_page_cache(folio, (struct address_space *)__rw_symbol(victim_mapping)))
		return;
	unmap_victim();
	remove_from_page_cache(folio);
	unlock_in_page_cache(folio);
	reuse(&folio->page);
}
