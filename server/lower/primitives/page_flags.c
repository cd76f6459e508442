/*
 * Page flags beyond the ones the protocol rests on: include/linux/page-flags.h. Their cells start as 0 in every world.
 */
bool folio_test_referenced(struct folio *folio) { return __rw_load(once, &folio->PG_referenced); }
bool folio_test_active(struct folio *folio) { return __rw_load(once, &folio->PG_active); }
bool folio_test_lru(struct folio *folio) { return __rw_load(once, &folio->PG_lru); }
bool folio_test_unevictable(struct folio *folio) { return __rw_load(once, &folio->PG_unevictable); }
bool folio_test_private(struct folio *folio) { return __rw_load(once, &folio->PG_private); }
bool folio_test_hwpoison(struct folio *folio) { return __rw_load(once, &folio->PG_hwpoison); }
bool folio_test_reserved(struct folio *folio) { return __rw_load(once, &folio->PG_reserved); }
bool folio_test_mlocked(struct folio *folio) { return __rw_load(once, &folio->PG_mlocked); }
bool folio_test_workingset(struct folio *folio) { return __rw_load(once, &folio->PG_workingset); }
bool PageLocked(struct page *page) { return __rw_load(once, &compound_head(page)->PG_locked); }
bool PageDirty(struct page *page) { return __rw_load(once, &compound_head(page)->PG_dirty); }
bool PageActive(struct page *page) { return __rw_load(once, &compound_head(page)->PG_active); }
bool PageSwapCache(struct page *page) { return __rw_load(once, &compound_head(page)->PG_swapcache); }
bool PageHWPoison(struct page *page) { return __rw_load(once, &compound_head(page)->PG_hwpoison); }
bool PageLRU(struct page *page) { return __rw_load(once, &compound_head(page)->PG_lru); }
bool PageReferenced(struct page *page) { return __rw_load(once, &compound_head(page)->PG_referenced); }
bool PageUptodate(struct page *page) { return __rw_load(once, &compound_head(page)->PG_uptodate); }
bool PageWriteback(struct page *page) { return __rw_load(once, &compound_head(page)->PG_writeback); }
bool PageMlocked(struct page *page) { return __rw_load(once, &compound_head(page)->PG_mlocked); }
bool PageUnevictable(struct page *page) { return __rw_load(once, &compound_head(page)->PG_unevictable); }
bool PageSwapBacked(struct page *page) { return __rw_load(once, &compound_head(page)->PG_swapbacked); }
void folio_set_active(struct folio *folio) { __rw_store(once, &folio->PG_active, 1); }
void folio_set_lru(struct folio *folio) { __rw_store(once, &folio->PG_lru, 1); }
void folio_set_dirty(struct folio *folio) { __rw_store(once, &folio->PG_dirty, 1); }
void folio_set_uptodate(struct folio *folio) { __rw_store(once, &folio->PG_uptodate, 1); }
void folio_set_workingset(struct folio *folio) { __rw_store(once, &folio->PG_workingset, 1); }
bool folio_test_clear_referenced(struct folio *folio) { return __rw_rmw(xchg, full, old, &folio->PG_referenced, 0); }
bool folio_test_clear_active(struct folio *folio) { return __rw_rmw(xchg, full, old, &folio->PG_active, 0); }
bool folio_test_clear_lru(struct folio *folio) { return __rw_rmw(xchg, full, old, &folio->PG_lru, 0); }
bool folio_test_clear_dirty(struct folio *folio) { return __rw_rmw(xchg, full, old, &folio->PG_dirty, 0); }
bool folio_test_clear_hwpoison(struct folio *folio) { return __rw_rmw(xchg, full, old, &folio->PG_hwpoison, 0); }
bool folio_test_set_referenced(struct folio *folio) { return __rw_rmw(xchg, full, old, &folio->PG_referenced, 1); }
bool folio_test_set_lru(struct folio *folio) { return __rw_rmw(xchg, full, old, &folio->PG_lru, 1); }
bool folio_test_set_dirty(struct folio *folio) { return __rw_rmw(xchg, full, old, &folio->PG_dirty, 1); }
/* fs/dax.c: a DAX folio's pages are device pages */
bool folio_is_fsdax(const struct folio *folio) { return __rw_load(once, &folio->zone_device); }
bool PageIsolated(struct page *page) { return __rw_load(once, &page->PG_isolated); }
bool folio_test_isolated(struct folio *folio) { return __rw_load(once, &folio->PG_isolated); }
void SetPageIsolated(struct page *page) { __rw_store(once, &page->PG_isolated, 1); }
void folio_set_isolated(struct folio *folio) { __rw_store(once, &folio->PG_isolated, 1); }
/* mm/page_alloc.c: the allocator's own; its lock is not taken by those who peek */
bool PageBuddy(const struct page *page) { return __rw_intrinsic(is_free, page) != 0; }
#define buddy_order_unsafe(page) (0UL)
bool TestClearPageLRU(struct page *page) { return __rw_rmw(xchg, full, old, &page->PG_lru, 0); }
void SetPageLRU(struct page *page) { __rw_store(once, &page->PG_lru, 1); }
void __SetPageIsolated(struct page *page) { __rw_store(once, &page->PG_isolated, 1); }
void ClearPageLRU(struct page *page) { __rw_store(once, &page->PG_lru, 0); }
/* 7.2: folios of uncached writes, of which the world has none */
bool folio_test_clear_dropbehind(struct folio *folio) { return 0; }
