/*
 * slab_alloc: the slab allocator takes the free page. What it keeps there may look like the mapping of a driver's page.
 *
 * Needs: RACEWALK_SLAB_LOOKS_MOVABLE
 */
void actor_slab_alloc(void)
{
	/* mm/page_alloc.c: prep_new_page(), mm/internal.h: set_page_refcounted() */
	struct page *page = victim_page;

	/* mm/page_alloc.c: prep_new_page(), mm/internal.h: set_page_refcounted() */
	if (!__rw_intrinsic(allocate, page, OWNER_SLAB))
		return;
	__rw_store(once, &page->PG_lru, 0);
	__rw_store(once, &page->_refcount, 1);
	/* mm/slub.c: alloc_slab_page() */
	__rw_store(once, &page->PG_slab, 1);
	/* mm/slub.c: allocate_slab() */
	__rw_store(once, (unsigned long *)&page->mapping, __rw_symbol(other_mapping) + PAGE_MAPPING_MOVABLE);
}
