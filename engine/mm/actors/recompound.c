/*
 * recompound: a page is freed, becomes the second page of a larger folio, and that is split again: its compound_head
 * changes twice.
 *
 * Needs: CONFIG_TRANSPARENT_HUGEPAGE
 */
void actor_recompound(void)
{
	/* mm/page_alloc.c: prep_compound_page() */
	struct page *page = victim_page;
	struct page *head = (struct page *)__rw_symbol(other_page);

	unmap_victim();
	if (!__rw_intrinsic(is_free, page) || !__rw_intrinsic(is_free, head))
		return;
	/* mm/page_alloc.c: prep_new_page(), mm/internal.h: set_page_refcounted() */
	__rw_intrinsic(allocate, head, OWNER_OTHER_ANON);
	__rw_intrinsic(allocate, page, OWNER_OTHER_ANON);
	__rw_store(once, &head->_refcount, 1);
	/* mm/page_alloc.c: prep_compound_page() */
	__rw_store(once, &head->PG_head, 1);
	__rw_store(once, &page->compound_head, (unsigned long)head + 1);
	/* mm/swap.c: folio_add_lru() */
	__rw_store(once, &head->PG_lru, 1);
	/* mm/huge_memory.c: split_huge_page_to_list_to_order(), mm/huge_memory.c: split_huge_page_to_list() */
	if (!folio_ref_freeze((struct folio *)head, 1))
		return;
	/*
	 * mm/huge_memory.c: __split_huge_page_tail(), mm/huge_memory.c: __split_folio_to_order(),
	 * mm/huge_memory.c: __folio_freeze_and_split_unmapped()
	 */
	__rw_store(release, &page->compound_head, 0);
	__rw_store(once, &page->PG_lru, 1);
	__rw_store(release, &page->_refcount, 1);
	/*
	 * mm/huge_memory.c: __split_huge_page(), mm/huge_memory.c: __folio_freeze_and_split_unmapped(),
	 * mm/huge_memory.c: __folio_split()
	 */
	__rw_store(once, &head->PG_head, 0);
	folio_ref_unfreeze((struct folio *)head, 1);
}
