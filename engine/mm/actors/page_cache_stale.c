/*
 * page_cache_stale: reading the folio again fails, and its file system calls it out of date.
 */
void actor_page_cache_stale(void)
{
	/* fs/btrfs/extent_io.c: end_folio_read(), fs/btrfs/extent_io.c: end_page_read() */
	struct folio *folio = page_folio(victim_page);

	/* mm/filemap.c: filemap_update_page(), mm/filemap.c: generic_file_buffered_read() */
	folio_lock(folio);
	/* fs/btrfs/extent_io.c: end_folio_read(), fs/btrfs/extent_io.c: end_page_read() */
	folio_clear_uptodate(folio);
	folio_unlock(folio);
}
