/*
 * page_cache_shrink: the only entry left moves to the head of the tree; a reader in the old xa_node finds XA_RETRY_ENTRY, and
 * the node is freed by RCU.
 */
void actor_page_cache_shrink(void)
{
	struct folio *folio = page_folio(victim_page);
	struct address_space *mapping = victim_file;

	lock_slot();
	/* lib/xarray.c: xas_shrink() */
	__rw_store(once, &mapping->i_pages, folio);
	/* lib/xarray.c: xas_shrink() */
	__rw_store(once, &victim_node->slots, (void *)1026UL);
	unlock_slot();
	node_free();
}
