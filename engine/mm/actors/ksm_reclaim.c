/*
 * ksm_reclaim: vmscan reclaims a KSM page that has a swap slot. PG_swapcache is cleared while _refcount is frozen; ->mapping is
 * cleared by the allocator.
 *
 * Needs: CONFIG_KSM
 */
void actor_ksm_reclaim(void)
{
	struct folio *folio = page_folio(victim_page);

	/* mm/vmscan.c: shrink_folio_list(), mm/vmscan.c: shrink_page_list() */
	if (!folio_trylock(folio))
		return;
	/* mm/rmap.c: try_to_unmap_one() */
	unmap_victim();
	/* mm/vmscan.c: __remove_mapping() */
	if (!folio_ref_freeze(folio, 1)) {
		folio_unlock(folio);
		return;
	}
	/* mm/swap_state.c: __delete_from_swap_cache() */
	__rw_store(once, &folio->PG_swapcache, 0);
	/* mm/vmscan.c: shrink_folio_list(), mm/vmscan.c: shrink_page_list() */
	folio_unlock(folio);
	__rw_intrinsic(free_folio, folio);
	reuse(&folio->page);
}
