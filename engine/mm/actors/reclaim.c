/*
 * reclaim: vmscan isolates a folio, unmaps it, freezes its count if nobody else holds it, and frees it. An anonymous folio goes into the
 * swap cache first, which holds a reference on it, and its entry becomes a swap entry; one that MADV_FREE gave up (lazyfree)
 * and that is clean is freed as it is.
 *
 * Model: shrink_folio_list() looks for pins before and after, too; here only try_to_unmap_one() does, once the entry is
 * gone. Adds runs in which a folio that is pinned already gets a slot in the swap cache and is left there.
 *
 * Under lkmm: yes
 * Unmaps the page: yes
 */
static void keep(struct folio *folio)
{
	/* mm/vmscan.c: shrink_folio_list(), mm/vmscan.c: shrink_page_list() */
	folio_unlock(folio);
	folio_put(folio);
}

static void add_to_swap_cache(struct folio *folio)
{
	/* mm/swap_state.c: add_to_swap_cache() */
	folio_get(folio);
	__rw_store(once, &folio->PG_swapcache, 1);
}

/* What becomes of the entry of an anonymous folio; 0: it stays as it was. */
static bool unmap_anon(struct folio *folio, bool lazyfree)
{
	struct page *page = victim_page;

	if (lazyfree) {
		/* mm/rmap.c: try_to_unmap_one() */
		smp_mb();
		return !looks_at_references() || folio_ref_count(folio) == 1 + folio_mapcount(folio);
	}
	/* mm/rmap.c: try_to_unmap_one() */
	if (PageAnonExclusive(page)) {
		/*
		 * include/linux/rmap.h: __folio_try_share_anon_rmap(), include/linux/rmap.h: page_try_share_anon_rmap()
		 * from mm/rmap.c: try_to_unmap_one()
		 */
		smp_mb();
		if (folio_maybe_dma_pinned(folio))
			return 0;
		ClearPageAnonExclusive(page);
		smp_mb__after_atomic();
	}
	/* mm/rmap.c: try_to_unmap_one() */
	set_victim(make_swap_entry((pte_t)__rw_symbol(victim_value)));
	return 1;
}

/* The last look at the count; 0: somebody else holds the folio. */
static bool freeze(struct folio *folio, bool lazyfree)
{
	if (lazyfree)
		/* mm/vmscan.c: shrink_folio_list(), mm/vmscan.c: shrink_page_list() */
		return !freezes_references() || folio_ref_freeze(folio, 1);
	/* mm/vmscan.c: __remove_mapping() */
	return !freezes_references() || folio_ref_freeze(folio, 2);
}

void actor_reclaim(void)
{
	/* mm/vmscan.c: isolate_lru_folios(), mm/vmscan.c: isolate_lru_pages() */
	struct folio *folio = page_folio(victim_page);
	struct page *page = victim_page;
	pte_t pte;
	bool anon = folio_test_anon(folio);
	bool lazyfree = anon && !pte_dirty((pte_t)__rw_symbol(victim_value)) && __rw_choose(2);

	/* mm/vmscan.c: isolate_lru_folios(), mm/vmscan.c: isolate_lru_pages() */
	if (!get_victim(folio))
		return;
	/* mm/vmscan.c: shrink_folio_list(), mm/vmscan.c: shrink_page_list() */
	if (!folio_trylock(folio)) {
		folio_put(folio);
		return;
	}
	if (anon && !lazyfree)
		add_to_swap_cache(folio);
	/* mm/page_vma_mapped.c: page_vma_mapped_walk() */
	lock_ptl();
	if (victim_is_gone()) {
		unlock_ptl();
		goto unmapped;
	}
	/* mm/rmap.c: try_to_unmap_one() */
	pte = empties_entry() ? ptep_get_and_clear(victim_mm, 0, victim_ptep) : ptep_get(victim_ptep);
	if (anon && !unmap_anon(folio, lazyfree)) {
		/* mm/rmap.c: try_to_unmap_one() */
		set_pte(victim_ptep, pte);
		unlock_ptl();
		keep(folio);
		return;
	}
	/* mm/rmap.c: folio_remove_rmap_ptes(), mm/rmap.c: page_remove_rmap() */
	atomic_dec(&folio->_mapcount);
	/* mm/rmap.c: try_to_unmap_one() */
	folio_put(folio);
	unlock_ptl();
unmapped:
	if (!freeze(folio, lazyfree)) {
		keep(folio);
		return;
	}
	if (!anon)
		/* mm/filemap.c: page_cache_delete() */
		folio->mapping = NULL;
	else if (!lazyfree)
		/* mm/swap_state.c: __delete_from_swap_cache() */
		__rw_store(once, &folio->PG_swapcache, 0);
	/* mm/vmscan.c: shrink_folio_list(), mm/vmscan.c: shrink_page_list() */
	folio_unlock(folio);
	__rw_intrinsic(free_folio, folio);
	reuse(page);
}
