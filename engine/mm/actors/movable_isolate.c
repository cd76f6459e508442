/*
 * movable_isolate: another CPU isolates a driver's page, with the driver's consent, and gives it back.
 */
void actor_movable_isolate(void)
{
	/* mm/compaction.c: isolate_migratepages_block() */
	struct folio *folio = page_folio(victim_page);

	/* mm/migrate.c: isolate_movable_page(), mm/migrate.c: isolate_movable_ops_page() */
	if (!folio_try_get(folio))
		return;
	/* mm/migrate.c: isolate_movable_page(), mm/migrate.c: isolate_movable_ops_page() */
	if (!folio_trylock(folio)) {
		folio_put(folio);
		return;
	}
	if (folio_test_isolated(folio)) {
		folio_unlock(folio);
		folio_put(folio);
		return;
	}
	/* mm/migrate.c: isolate_movable_page(), mm/migrate.c: isolate_movable_ops_page() */
	folio_set_isolated(folio);
	folio_unlock(folio);
	/* mm/migrate.c: putback_movable_pages() */
	folio_lock(folio);
	__rw_store(once, &folio->PG_isolated, 0);
	folio_unlock(folio);
	folio_put(folio);
}
