/*
 * reuse: a folio is unmapped and freed. Its frame is allocated again: as an anonymous page at the same address, so that the
 * entry has its old value, while the old head belongs to another process; as part of another compound page; as a secretmem
 * page; or as slab.
 */
static bool become_head(struct page *page, int owner)
{
	/* mm/page_alloc.c: prep_new_page(), mm/internal.h: set_page_refcounted() */
	if (!__rw_intrinsic(allocate, page, owner))
		return 0;
	__rw_store(once, &page->_refcount, 1);
	return 1;
}

/*
 * The first pages of the old folio are one again, with others; `page` is a tail of it when it lies within. All of them leave the
 * free lists together; what is stored then is in no order.
 */
static void become_compound(struct page *head, struct page *tail)
{
	/* mm/page_alloc.c: prep_new_page() */
	if (!__rw_intrinsic(allocate, head, OWNER_OTHER_ANON))
		return;
	__rw_intrinsic(allocate, tail, OWNER_OTHER_ANON);
	__rw_store(once, &head->_refcount, 1);
	/* mm/page_alloc.c: prep_compound_page() */
	__rw_store(once, &head->PG_head, 1);
	/* mm/internal.h: prep_compound_tail(), mm/page_alloc.c: prep_compound_tail() */
	__rw_store(once, &tail->compound_head, (unsigned long)head + 1);
	/* mm/rmap.c: __folio_set_anon(), mm/rmap.c: __page_set_anon_rmap() */
	head->mapping = (struct address_space *)(__rw_symbol(other_anon_vma) + PAGE_MAPPING_ANON);
}

void actor_reuse(void)
{
	struct page *page = victim_page;
	/* mm/memory.c: zap_pte_range() */
	struct page *head = &page_folio(page)->page;
	pte_t pte;

	/* include/linux/mmap_lock.h: mmap_read_lock() */
	lock_mmap_shared();
	pte = unmap_victim();
	unlock_mmap_shared();

	/* include/asm-generic/tlb.h: tlb_flush_mmu_tlbonly() */
	__rw_flush_tlb();
	if (!__rw_intrinsic(is_free, page))
		return;
	switch (__rw_choose(4)) {
	case 0:
		/* another adversary took it away, and the address may have no table any more */
		if (__rw_symbol(crowded))
			break;
		become_compound(head, head + 1);
		become_head(page, OWNER_ANON);
		/* mm/rmap.c: __folio_set_anon(), mm/rmap.c: __page_set_anon_rmap() */
		page->mapping = (struct address_space *)(__rw_symbol(anon_vma) + PAGE_MAPPING_ANON);
		/* mm/rmap.c: folio_add_new_anon_rmap(), mm/rmap.c: page_add_new_anon_rmap() */
		SetPageAnonExclusive(page);
		/* mm/memory.c: do_anonymous_page() */
		set_victim(pte);
		break;
	case 1:
		if (head != page)
			become_compound(head, page);
		break;
	case 2:
		if (!become_head(page, OWNER_SECRETMEM))
			break;
		/* mm/filemap.c: __filemap_add_folio(), mm/filemap.c: __add_to_page_cache_locked() */
		page->mapping = (struct address_space *)__rw_symbol(mapping_secretmem);
		break;
	default:
		if (!become_head(page, OWNER_SLAB))
			break;
		/* mm/slub.c: alloc_slab_page() */
		__rw_store(once, &page->PG_slab, 1);
	}
}
