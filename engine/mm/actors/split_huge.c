/*
 * split_huge: memory is short, or a part of it was discarded, and an anonymous huge page that a PMD maps becomes small folios.
 *
 * Model: the PMD is emptied in one step. That it is a leaf which is not present for a moment is a world of its own, and runs that
 * go on into the page table which takes its place are left out.
 *
 * Needs: CONFIG_TRANSPARENT_HUGEPAGE
 */
void actor_split_huge(void)
{
	pmd_t *pmdp = (pmd_t *)__rw_symbol(pmd_entry);
	/* mm/huge_memory.c: split_huge_page_to_list_to_order(), mm/huge_memory.c: split_huge_page_to_list() */
	struct page *page = victim_page;
	struct folio *folio = page_folio(page);

	/* mm/huge_memory.c: split_huge_page_to_list_to_order(), mm/huge_memory.c: split_huge_page_to_list() */
	folio_get(folio);
	/* mm/huge_memory.c: deferred_split_scan() */
	if (!folio_trylock(folio)) {
		folio_put(folio);
		return;
	}
	/* mm/pgtable-generic.c: pmdp_invalidate() */
	__rw_store(once, pmdp, 0);
	/* mm/huge_memory.c: __split_huge_pmd_locked() */
	folio_put(folio);
	/* mm/huge_memory.c: split_huge_page_to_list_to_order(), mm/huge_memory.c: split_huge_page_to_list() */
	if (!folio_ref_freeze(folio, 1)) {
		/* mm/migrate.c: remove_migration_pte() */
		folio_get(folio);
		folio_unlock(folio);
		folio_put(folio);
		return;
	}
	/* mm/huge_memory.c: __split_huge_page_tail() */
	__rw_store(once, &page->mapping, folio->mapping);
	__rw_store(release, &page->compound_head, 0);
	__rw_store(release, &page->_refcount, 1);
	/* mm/huge_memory.c: __split_huge_page() */
	__rw_store(once, &folio->PG_head, 0);
	folio_ref_unfreeze(folio, 1);
	folio_unlock(folio);
}
