/*
 * evict: the process unmaps the file, with which the last user of an inode is gone; what is left in its page cache is
 * truncated, and the inode with its address_space is freed by RCU.
 *
 * Unmaps the page: yes
 */
void actor_evict(void)
{
	struct folio *folio = page_folio(victim_page);
	struct address_space *mapping = (struct address_space *)__rw_symbol(victim_mapping);

	/* munmap(), whose last fput() leads to evict(): nobody maps the file any more */
	unmap_victim();
	truncate_in_page_cache(folio, 0);
	/* fs/inode.c: destroy_inode() */
	__rw_intrinsic(grace_period_begin);
	/* fs/inode.c: i_callback() */
	__rw_intrinsic(grace_period_end);
	/* fs/inode.c: free_inode_nonrcu() */
	__rw_intrinsic(free_object, mapping);
}
