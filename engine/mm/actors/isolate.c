/*
 * isolate: another CPU takes the folio off the LRU for a while, and puts it back.
 *
 * Needs: RACEWALK_LRU_BY_FLAG
 */
void actor_isolate(void)
{
	/* mm/vmscan.c: folio_isolate_lru(), mm/vmscan.c: isolate_lru_page() */
	struct folio *folio = page_folio(victim_page);

	/* mm/vmscan.c: folio_isolate_lru(), mm/vmscan.c: isolate_lru_page() */
	if (!folio_try_get(folio))
		return;
	if (!__rw_rmw(xchg, full, old, &folio->PG_lru, 0)) {
		folio_put(folio);
		return;
	}
	/* mm/swap.c: folio_add_lru(), mm/swap.c: lru_cache_add() */
	__rw_store(once, &folio->PG_lru, 1);
	folio_put(folio);
}
