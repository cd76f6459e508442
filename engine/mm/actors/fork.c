/*
 * fork: copy_page_range() shares anonymous pages with the child and write-protects them, inside write_protect_seq; pages
 * that may be pinned are copied at once instead.
 *
 * Left to callers: pins
 */
void actor_fork(void)
{
	struct mm_struct *mm = victim_mm;
	struct page *page = (struct page *)__rw_symbol(exclusive_page);
	struct folio *folio = page_folio(page);

	/* kernel/fork.c: dup_mmap() */
	lock_mmap();
	/* mm/memory.c: copy_page_range() */
	raw_write_seqcount_begin(&mm->write_protect_seq);
	/* mm/memory.c: copy_pte_range() */
	lock_ptl();
	if (victim_is_gone())
		goto out;
	/* include/linux/rmap.h: __folio_try_dup_anon_rmap(), include/linux/rmap.h: page_try_dup_anon_rmap() */
	if (PageAnonExclusive(page)) {
		if (folio_maybe_dma_pinned(folio)) {
			/* mm/memory.c: copy_present_page() */
			goto out;
		}
		/* include/linux/rmap.h: __folio_try_dup_anon_rmap(), include/linux/rmap.h: page_try_dup_anon_rmap() */
		__rw_intrinsic(clear_anon_exclusive, page);
	}
	/* mm/memory.c: copy_present_ptes(), mm/memory.c: copy_present_pte() */
	folio_get(folio);
	atomic_inc(&folio->_mapcount);
	/* mm/memory.c: __copy_present_ptes(), mm/memory.c: copy_present_pte() */
	ptep_set_wrprotect(mm, 0, victim_ptep);
out:
	unlock_ptl();
	/* mm/memory.c: copy_page_range() */
	raw_write_seqcount_end(&mm->write_protect_seq);
	unlock_mmap();
}
