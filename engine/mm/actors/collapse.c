/* The small pages of a detached table become a huge one, unless somebody holds a reference. mmap_lock is given back. */
static bool put_huge_page(pmd_t *pmdp, pmd_t pmd)
{
	struct folio *folio = page_folio(victim_page);

	/* mm/khugepaged.c: __collapse_huge_page_isolate() */
	lock_ptl();
	if (entry_changed())
		goto restore;
	if (!folio_trylock(folio))
		goto restore;
	/* mm/khugepaged.c: is_refcount_suitable() from mm/khugepaged.c: __collapse_huge_page_isolate() */
	if (looks_at_references() && folio_ref_count(folio) != 1) {
		/* mm/khugepaged.c: release_pte_folio(), mm/khugepaged.c: release_pte_page() */
		folio_unlock(folio);
		goto restore;
	}
	unlock_ptl();
	/* mm/khugepaged.c: __collapse_huge_page_copy_succeeded(), mm/khugepaged.c: __collapse_huge_page_copy() */
	lock_ptl();
	pte_clear(victim_mm, 0, victim_ptep);
	unlock_ptl();
	atomic_dec(&folio->_mapcount);
	folio_unlock(folio);
	folio_put(folio);
	/* mm/khugepaged.c: collapse_huge_page() */
	lock_ptl();
	__rw_store(once, pmdp, (pmd_t)__rw_symbol(huge_pmd_value));
	unlock_ptl();
	unlock_mmap();
	return true;
restore:
	unlock_ptl();
	/* mm/khugepaged.c: collapse_huge_page() */
	lock_ptl();
	__rw_store(once, pmdp, pmd);
	unlock_ptl();
	unlock_mmap();
	return false;
}

/*
 * collapse: khugepaged replaces the small pages of a PMD range by a huge one. The detached page table keeps entries that
 * look valid until the copy is done.
 *
 * Model: no IPI between clearing the PMD and looking at the reference counts. khugepaged sends one since 6.1
 * (tlb_remove_table_sync_one() in collapse_huge_page()); the walker is held to what it did before and to what its own
 * comments claim, PMD change detection (but see ptep_clear_flush() in server/lower/primitives/page_table.c).
 * Adds the runs of architectures and versions whose TLB flush needs no IPI. With another adversary at once the IPI is sent where
 * the kernel sends it: nothing else keeps a walk off a table that is put to use again.
 *
 * Needs: CONFIG_TRANSPARENT_HUGEPAGE, RACEWALK_COLLAPSE_UNAWAITED
 * Leaves out: IPI
 * Beside: split_pmd in "anon page, exclusive, writable": the huge page is split again and its deposited page table comes
 * back: the PMD has the value it began with, where no IPI has been waited for (2ba99c5e0881 mm/khugepaged: fix GUP-fast
 * interaction by sending IPI)
 * Beside: reuse in "anon page, exclusive, writable": another allocator takes the page that the collapse has freed before the
 * huge page is in its place
 */
void actor_collapse(void)
{
	/* mm/khugepaged.c: collapse_huge_page() */
	pmd_t *pmdp = (pmd_t *)__rw_symbol(pmd_entry);
	pmd_t pmd;

	/* mm/khugepaged.c: collapse_huge_page() */
	lock_mmap();
	lock_ptl();
	pmd = pmdp_collapse_flush(NULL, 0, pmdp);
	unlock_ptl();
#ifdef RACEWALK_COLLAPSE_IPI
	/* with another about, the detached table may be put to use again: what the IPI of these kernels is for */
	if (__rw_symbol(crowded))
		tlb_remove_table_sync_one();
#endif
	if (put_huge_page(pmdp, pmd))
		reuse(victim_page);
}
