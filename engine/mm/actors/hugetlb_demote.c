/*
 * hugetlb_demote: a hugetlb folio is given back to its pool and demoted: its second page begins a folio of its own. Both are handed
 * out again.
 *
 * Needs: CONFIG_HUGETLB_PAGE
 */
void actor_hugetlb_demote(void)
{
	/* mm/hugetlb.c: demote_pool_huge_page() */
	struct page *page = victim_page;
	struct folio *folio = page_folio(page);

	/* mm/hugetlb.c: free_huge_folio(), mm/hugetlb.c: free_huge_page(), include/linux/mm.h: folio_put() */
	if (!folio_ref_freeze(folio, 1))
		return;
	/* mm/hugetlb.c: demote_free_hugetlb_folios(), mm/hugetlb.c: demote_free_huge_page() */
	__rw_store(once, &page->PG_hugetlb, 1);
	__rw_store(release, &page->compound_head, 0);
	/* mm/hugetlb.c: alloc_hugetlb_folio(), mm/hugetlb.c: alloc_huge_page() */
	__rw_store(release, &page->_refcount, 1);
	folio_ref_unfreeze(folio, 1);
}
