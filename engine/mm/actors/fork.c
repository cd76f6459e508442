/*
 * fork: copy_page_range() shares anonymous pages with the child and write-protects them, inside write_protect_seq; pages
 * that may be pinned are copied at once instead. 6.12 tests folio_maybe_dma_pinned() before PageAnonExclusive(), 6.1 after it. The
 * result is the same: the flag changes under the page-table lock.
 *
 * Model: mm->flags has MMF_HAS_PINNED, which folio_needs_cow_for_dma() tests first: callers set it before they pin
 * (gup_fast_fallback(), internal_get_user_pages_fast()), or else fork finds no pins at all. Callers are not explored: those in the
 * walk's own file are read (server/tree/facts/pins_announced.ts), others are not looked at.
 *
 * Left to callers: pins
 * On demand: yes
 */
void actor_fork(void)
{
	struct mm_struct *mm = victim_mm;
	struct page *page = (struct page *)__rw_symbol(exclusive_page);
	struct folio *folio = page_folio(page);
	bool maybe_pinned;

	/* kernel/fork.c: dup_mmap() */
	lock_mmap();
	/* mm/memory.c: copy_page_range() */
	raw_write_seqcount_begin(&mm->write_protect_seq);
	/* mm/memory.c: copy_pte_range() */
	lock_ptl();
	if (victim_is_gone())
		goto out;
	/* mm/memory.c: copy_present_ptes(), mm/memory.c: copy_present_pte(), mm/memory.c: copy_one_pte() */
	folio_get(folio);
	/*
	 * include/linux/mm.h: folio_needs_cow_for_dma(), include/linux/mm.h: page_needs_cow_for_dma(), mm/memory.c: copy_present_page(),
	 * mm/memory.c: copy_one_pte() from mm/memory.c: copy_present_ptes(), mm/memory.c: copy_present_pte(), mm/memory.c: copy_one_pte()
	 */
#ifdef RACEWALK_PINS_UNANNOUNCED
	/* mm->flags lacks MMF_HAS_PINNED: the pin count is not looked at */
	maybe_pinned = false;
#else
	maybe_pinned = folio_maybe_dma_pinned(folio);
#endif
	/* include/linux/rmap.h: __folio_try_dup_anon_rmap(), include/linux/rmap.h: page_try_dup_anon_rmap() */
	if (PageAnonExclusive(page)) {
		if (maybe_pinned) {
			/* mm/memory.c: copy_present_ptes(), mm/memory.c: copy_present_pte(), mm/memory.c: copy_one_pte() */
			folio_put(folio);
			goto out;
		}
		/* include/linux/rmap.h: __folio_try_dup_anon_rmap(), include/linux/rmap.h: page_try_dup_anon_rmap() */
		__rw_intrinsic(clear_anon_exclusive, page);
	}
	/* include/linux/rmap.h: __folio_try_dup_anon_rmap(), include/linux/rmap.h: __page_dup_rmap() */
	atomic_inc(&folio->_mapcount);
	if (__rw_symbol(victim_is_huge))
		/* mm/huge_memory.c: copy_huge_pmd() */
		ptep_set_wrprotect(mm, 0, victim_ptep);
	else
		/* mm/memory.c: __copy_present_ptes(), mm/memory.c: copy_present_pte(), mm/memory.c: copy_one_pte() */
		ptep_set_wrprotect(mm, 0, victim_ptep);
out:
	unlock_ptl();
	/* mm/memory.c: copy_page_range() */
	raw_write_seqcount_end(&mm->write_protect_seq);
	unlock_mmap();
}
