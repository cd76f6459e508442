/*
 * page_cache_replace: migration freezes the folio, puts another one into its slot and frees it.
 *
 * Needs: CONFIG_MIGRATION
 */
void actor_page_cache_replace(void)
{
	struct folio *folio = page_folio(victim_page);
	struct folio *target = (struct folio *)__rw_symbol(other_page);

	/* mm/migrate.c: migrate_folio_unmap(), mm/migrate.c: __unmap_and_move() */
	if (!folio_trylock(folio))
		return;
	lock_slot();
	/* mm/migrate.c: __folio_migrate_mapping(), mm/migrate.c: folio_migrate_mapping(), mm/migrate.c: migrate_page_move_mapping() */
	if (!folio_ref_freeze(folio, 1)) {
		unlock_slot();
		folio_unlock(folio);
		return;
	}
	/* mm/migrate.c: __folio_migrate_mapping(), mm/migrate.c: folio_migrate_mapping(), mm/migrate.c: migrate_page_move_mapping() */
	__rw_store(once, &target->index, folio->index);
	__rw_store(once, &target->mapping, folio->mapping);
	__rw_rmw(add, relaxed, old, &target->_refcount, 1);
	/* lib/xarray.c: xas_store() */
	if (__rw_load(once, &victim_file->i_pages) == (void *)folio)
		__rw_store(once, &victim_file->i_pages, target);
	else
		__rw_store(once, &victim_node->slots, target);
	unlock_slot();
	/* mm/migrate.c: folio_migrate_mapping(), mm/migrate.c: migrate_page_move_mapping() */
	folio->mapping = NULL;
	folio_unlock(folio);
	/* mm/migrate.c: migrate_folio_done(), mm/migrate.c: unmap_and_move() */
	__rw_intrinsic(free_folio, folio);
	reuse(&folio->page);
}
