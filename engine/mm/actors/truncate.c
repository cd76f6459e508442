/*
 * truncate: the folio leaves the page cache while somebody may hold a reference on it.
 *
 * Beside: evict in "page of a filesystem with dirty tracking, writable", "pmd leaf, folio of a filesystem with dirty tracking, writable": the folio
 * leaves the page cache by one and the address_space goes by the other, without waiting for the folio lock
 * Model: alone it takes no reference to look the folio up, and waits for the folio lock from its start, as the second round of
 * truncate_inode_pages_range() does; the first, find_lock_entries(), tries the lock and goes on to the next folio.
 * Unmaps the page: yes
 */
static void remove_from_page_cache(struct folio *folio)
{
	/* mm/filemap.c: page_cache_delete() */
	folio->mapping = NULL;
	/* mm/filemap.c: filemap_free_folio(), mm/filemap.c: page_cache_free_page() */
	folio_put(folio);
}

/* The reference of who finds the folio in the page cache of its file; 0: another adversary has taken it out before. */
static int get_in_page_cache(struct folio *folio)
{
	if (!__rw_symbol(crowded))
		return 1;
	/* mm/filemap.c: find_get_entry(), mm/filemap.c: find_get_entries() */
	return get_victim(folio);
}

static void put_in_page_cache(struct folio *folio)
{
	if (__rw_symbol(crowded))
		/* include/linux/pagevec.h: folio_batch_release() */
		folio_put(folio);
}

/* Asked under the folio lock. */
static int is_in_page_cache(struct folio *folio)
{
	if (!__rw_symbol(crowded))
		return 1;
	return folio->mapping == (struct address_space *)__rw_symbol(victim_mapping);
}

/* Unmapped first where somebody maps it. */
static void truncate_in_page_cache(struct folio *folio, int is_mapped)
{
	if (!get_in_page_cache(folio))
		return;
	/* mm/truncate.c: truncate_inode_pages_range() */
	folio_lock(folio);
	if (is_in_page_cache(folio)) {
		if (is_mapped)
			unmap_victim();
		remove_from_page_cache(folio);
	}
	/* mm/truncate.c: truncate_inode_pages_range() */
	folio_unlock(folio);
	put_in_page_cache(folio);
}

void actor_truncate(void)
{
	struct folio *folio = page_folio(victim_page);

	truncate_in_page_cache(folio, 1);
	reuse(&folio->page);
}
