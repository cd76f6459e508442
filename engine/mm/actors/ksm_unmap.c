/*
 * ksm_unmap: the last process that shares a KSM page lets it go. The page is freed with its mapping still leading to the
 * stable node until the allocator clears it; then somebody else gets the frame.
 *
 * Needs: CONFIG_KSM
 */
#define victim_node_mapping ((struct address_space *)(__rw_symbol(stable_node) + PAGE_MAPPING_KSM))
#define victim_stable_node ((struct ksm_stable_node *)__rw_symbol(stable_node))
#define other_folio ((struct folio *)__rw_symbol(other_page))

void actor_ksm_unmap(void)
{
	struct folio *folio = page_folio(victim_page);

	unmap_victim();
	reuse(&folio->page);
}
