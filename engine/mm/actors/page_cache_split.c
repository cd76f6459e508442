/*
 * page_cache_split: a large folio is split while it is in the page cache; the slot of its second page, which led to the large
 * folio, leads to a folio of its own from then on.
 *
 * Needs: CONFIG_TRANSPARENT_HUGEPAGE
 */
void actor_page_cache_split(void)
{
	struct folio *folio = page_folio(victim_page);
	struct page *tail = (struct page *)__rw_symbol(other_page);

	/* mm/filemap.c: __filemap_get_folio(), mm/filemap.c: pagecache_get_page() */
	if (!folio_trylock(folio))
		return;
	lock_slot();
	/* mm/huge_memory.c: split_huge_page_to_list_to_order(), mm/huge_memory.c: split_huge_page_to_list() */
	if (!folio_ref_freeze(folio, 1)) {
		unlock_slot();
		folio_unlock(folio);
		return;
	}
	/*
	 * mm/huge_memory.c: __split_huge_page_tail(), mm/huge_memory.c: __split_folio_to_order(),
	 * mm/huge_memory.c: __folio_freeze_and_split_unmapped()
	 */
	__rw_store(once, &tail->mapping, folio->mapping);
	__rw_store(release, &tail->compound_head, 0);
	__rw_store(release, &tail->_refcount, 1);
	/*
	 * mm/huge_memory.c: __split_huge_page(), mm/huge_memory.c: __folio_freeze_and_split_unmapped(),
	 * mm/huge_memory.c: __folio_split()
	 */
	__rw_store(once, &victim_node->slots, tail);
	__rw_store(once, &folio->PG_head, 0);
	folio_ref_unfreeze(folio, 1);
	unlock_slot();
	folio_unlock(folio);
}
