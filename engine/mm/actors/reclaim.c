/*
 * reclaim: vmscan unmaps the page, freezes its count if nobody else holds it, and frees it.
 *
 * Under lkmm: yes
 */
void actor_reclaim(void)
{
	/* mm/vmscan.c: isolate_lru_folios() */
	struct folio *folio = page_folio(victim_page);
	struct page *page = victim_page;
	pte_t pte;
	int anon = folio_test_anon(folio);

	/* mm/vmscan.c: isolate_lru_folios() */
	if (!get_victim(folio))
		return;
	/* mm/vmscan.c: shrink_folio_list() */
	if (!folio_trylock(folio)) {
		folio_put(folio);
		return;
	}
	/* mm/page_vma_mapped.c: page_vma_mapped_walk() */
	lock_ptl();
	if (victim_is_gone()) {
		unlock_ptl();
		goto unmapped;
	}
	/* mm/rmap.c: try_to_unmap_one() */
	pte = ptep_get_and_clear(victim_mm, 0, victim_ptep);
	if (anon && PageAnonExclusive(page)) {
		/* include/linux/rmap.h: __folio_try_share_anon_rmap(), include/linux/rmap.h: page_try_share_anon_rmap() */
		smp_mb();
		if (folio_maybe_dma_pinned(folio)) {
			/* mm/rmap.c: try_to_unmap_one() */
			set_pte(victim_ptep, pte);
			unlock_ptl();
			folio_unlock(folio);
			folio_put(folio);
			return;
		}
		/* include/linux/rmap.h: __folio_try_share_anon_rmap(), include/linux/rmap.h: page_try_share_anon_rmap() */
		ClearPageAnonExclusive(page);
		smp_mb__after_atomic();
	}
	/* mm/rmap.c: folio_remove_rmap_ptes(), mm/rmap.c: page_remove_rmap() */
	atomic_dec(&folio->_mapcount);
	/* mm/rmap.c: try_to_unmap_one() */
	folio_put(folio);
	unlock_ptl();
unmapped:
	/* mm/vmscan.c: __remove_mapping() */
	if (!folio_ref_freeze(folio, anon ? 1 : 2)) {
		folio_unlock(folio);
		folio_put(folio);
		return;
	}
	/* mm/filemap.c: __filemap_remove_folio() */
	folio->mapping = NULL;
	/* mm/vmscan.c: shrink_folio_list() */
	folio_unlock(folio);
	__rw_intrinsic(free_folio, folio);
	reuse(page);
}
