/*
 * evict: the last user of an inode is gone; its pages are truncated and the inode with its address_space is freed by RCU.
 */
void actor_evict(void)
{
	/* mm/truncate.c: truncate_inode_pages_range() */
	struct folio *folio = page_folio(victim_page);
	struct address_space *mapping = (struct address_space *)__rw_symbol(victim_mapping);

	if (lock_in_page_cache(folio, mapping)) {
		unmap_victim();
		remove_from_page_cache(folio);
		unlock_in_page_cache(folio);
	}
	/* fs/inode.c: destroy_inode() */
	__rw_intrinsic(grace_period_begin);
	/* fs/inode.c: i_callback() */
	__rw_intrinsic(grace_period_end);
	/* fs/inode.c: free_inode_nonrcu() */
	__rw_intrinsic(free_object, mapping);
}
