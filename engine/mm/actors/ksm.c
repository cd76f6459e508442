/*
 * ksm: ksmd write-protects a page to compare it with others. The page stops being exclusive while its entry, if it was
 * read-only and clean already, ends with the value it began with.
 *
 * Under lkmm: yes
 */
void actor_ksm(void)
{
	struct page *page = victim_page;
	struct folio *folio = page_folio(page);
	pte_t pte;

	/* mm/ksm.c: get_mergeable_page() */
	if (!get_victim(folio))
		return;
	/* mm/ksm.c: try_to_merge_one_page() */
	if (!folio_trylock(folio)) {
		/* mm/ksm.c: ksm_do_scan() */
		folio_put(folio);
		return;
	}
	/* mm/ksm.c: write_protect_page() */
	lock_ptl();
	if (victim_is_gone()) {
		unlock_ptl();
		folio_unlock(folio);
		/* mm/ksm.c: ksm_do_scan() */
		folio_put(folio);
		return;
	}
	/* mm/ksm.c: write_protect_page() */
	pte = empties_entry() ? ptep_clear_flush(NULL, 0, victim_ptep) : ptep_get(victim_ptep);
	if (looks_at_references() && folio_ref_count(folio) != 2) {
		/* mm/ksm.c: write_protect_page() */
		set_pte(victim_ptep, pte);
		unlock_ptl();
		folio_unlock(folio);
		/* mm/ksm.c: ksm_do_scan() */
		folio_put(folio);
		return;
	}
	/*
	 * include/linux/rmap.h: __folio_try_share_anon_rmap(), include/linux/rmap.h: page_try_share_anon_rmap()
	 * from mm/ksm.c: write_protect_page()
	 */
	smp_mb();
	if (folio_maybe_dma_pinned(folio)) {
		/* mm/ksm.c: write_protect_page() */
		set_pte(victim_ptep, pte);
		unlock_ptl();
		folio_unlock(folio);
		/* mm/ksm.c: ksm_do_scan() */
		folio_put(folio);
		return;
	}
	/*
	 * include/linux/rmap.h: __folio_try_share_anon_rmap(), include/linux/rmap.h: page_try_share_anon_rmap()
	 * from mm/ksm.c: write_protect_page()
	 */
	ClearPageAnonExclusive(page);
	smp_mb__after_atomic();
	/* mm/ksm.c: write_protect_page() */
	set_pte(victim_ptep, pte_mkclean(pte_wrprotect(pte)));
	unlock_ptl();
	folio_unlock(folio);
	/* mm/ksm.c: ksm_do_scan() */
	folio_put(folio);
}
