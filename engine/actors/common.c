/*
 * What several adversaries do alike. Symbols are the scenario's: the entry under attack, its page, the tables above it.
 *
 * Model: one adversary at a time holds the page-table lock, so it is not taken; two at once take it.
 */
#define victim_ptep ((pte_t *)__rw_symbol(victim_entry))
#define victim_page ((struct page *)__rw_symbol(victim_page))
#define victim_mm ((struct mm_struct *)__rw_symbol(mm))

/* the owners of a page that the monitor tells apart: engine/mm/owner.ts */
#define OWNER_OTHER_FILE 8
#define OWNER_OTHER_ANON 9
#define OWNER_SLAB 10

/* Somebody else gets the frame, if it has become free. */
static void reuse(struct page *page)
{
	if (!__rw_intrinsic(is_free, page))
		return;
	switch (__rw_choose(3)) {
	case 0:
		/* mm/page_alloc.c: prep_new_page() */
		__rw_intrinsic(allocate, page, OWNER_OTHER_FILE);
		__rw_store(once, &page->_refcount, 1);
		/* mm/filemap.c: __filemap_add_folio() */
		page->mapping = (struct address_space *)__rw_symbol(other_mapping);
		break;
	case 1:
		/* mm/page_alloc.c: prep_new_page() */
		__rw_intrinsic(allocate, page, OWNER_OTHER_ANON);
		__rw_store(once, &page->_refcount, 1);
		/* mm/rmap.c: __folio_set_anon() */
		page->mapping = (struct address_space *)(__rw_symbol(other_anon_vma) + PAGE_MAPPING_ANON);
		break;
	default:
		break;
	}
}

/* One mapping of the victim goes: entry, mapcount, reference. Returns the entry that was there. */
static pte_t unmap_victim(void)
{
	/* mm/memory.c: zap_present_folio_ptes() */
	pte_t pte = ptep_get_and_clear(victim_mm, 0, victim_ptep);
	struct folio *folio;

	if (!pte_present(pte) || pte_special(pte))
		return pte;
	folio = page_folio(victim_page);
	/* mm/rmap.c: folio_remove_rmap_ptes() */
	atomic_dec(&folio->_mapcount);
	/* mm/mmu_gather.c: __tlb_batch_free_encoded_pages() */
	folio_put(folio);
	return pte;
}
