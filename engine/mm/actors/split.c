/*
 * split: a huge folio mapped by PTEs becomes small folios: compound_head of its tail pages changes; the PTE has the
 * same value before and after.
 *
 * Model: this PTE alone is emptied and filled again, so that the count to freeze is 2: the reference of who splits, and one for the
 * rest of the folio. The kernel has one a page in the page cache, and none of an anonymous folio, whose pages are all unmapped.
 * Model: while the folio is frozen the PTE is none, where the kernel has a migration entry: a walk gives both up.
 * Model: the tail's count becomes 2 in one step: who splits, and the entry, whose reference remove_migration_pte() takes later.
 *
 * Needs: CONFIG_TRANSPARENT_HUGEPAGE
 */
void actor_split(void)
{
	struct page *page = victim_page;
	struct folio *folio = page_folio(page);
	bool frozen;
	pte_t pte;

	/* mm/huge_memory.c: deferred_split_scan() */
	folio_get(folio);
	/* mm/huge_memory.c: deferred_split_scan() */
	if (!folio_trylock(folio)) {
		folio_put(folio);
		return;
	}
	/* mm/rmap.c: try_to_migrate_one(), mm/rmap.c: try_to_unmap_one() */
	pte = ptep_clear_flush(NULL, 0, victim_ptep);
	folio_put(folio);
	/* mm/huge_memory.c: split_huge_page_to_list_to_order(), mm/huge_memory.c: split_huge_page_to_list() */
	frozen = !freezes_references() ||
		 folio_ref_freeze(folio, 2);
	if (!frozen) {
		/* mm/migrate.c: remove_migration_pte() */
		folio_get(folio);
		set_pte(victim_ptep, pte);
		folio_unlock(folio);
		folio_put(folio);
		return;
	}
	/*
	 * mm/huge_memory.c: __split_huge_page_tail(), mm/huge_memory.c: __split_folio_to_order(),
	 * mm/huge_memory.c: __folio_freeze_and_split_unmapped()
	 */
	__rw_store(once, &page->mapping, folio->mapping);
	__rw_store(release, &page->compound_head, 0);
	__rw_store(release, &page->_refcount, 2);
	/*
	 * mm/huge_memory.c: __split_huge_page(), mm/huge_memory.c: __folio_freeze_and_split_unmapped(),
	 * mm/huge_memory.c: __folio_split()
	 */
	__rw_store(once, &folio->PG_head, 0);
	folio_ref_unfreeze(folio, 2);
	/* mm/migrate.c: remove_migration_pte() */
	set_pte(victim_ptep, pte);
	folio_unlock(folio);
	/*
	 * mm/huge_memory.c: __split_huge_page(), mm/huge_memory.c: __folio_freeze_and_split_unmapped(),
	 * mm/huge_memory.c: __folio_split()
	 */
	folio_put((struct folio *)page);
	folio_put(folio);
}
