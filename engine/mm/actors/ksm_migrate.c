/*
 * ksm_migrate: a KSM page moves to another frame. The new folio leads to the stable node before the node leads to it, and the
 * old one's mapping goes last.
 *
 * Needs: CONFIG_KSM, CONFIG_MIGRATION
 */
void actor_ksm_migrate(void)
{
	struct folio *folio = page_folio(victim_page);
	struct folio *target = other_folio;
	int cached = folio_test_swapcache(folio);

	/* mm/migrate.c: migrate_folio_unmap(), mm/migrate.c: __unmap_and_move() */
	if (!folio_trylock(folio))
		return;
	/* mm/rmap.c: try_to_migrate_one(), mm/rmap.c: try_to_unmap_one() */
	unmap_victim();
	if (cached) {
		/*
		 * mm/migrate.c: __folio_migrate_mapping(), mm/migrate.c: folio_migrate_mapping(),
		 * mm/migrate.c: migrate_page_move_mapping()
		 */
		if (!folio_ref_freeze(folio, 1)) {
			folio_unlock(folio);
			return;
		}
		/*
		 * mm/migrate.c: __folio_migrate_mapping(), mm/migrate.c: folio_migrate_mapping(),
		 * mm/migrate.c: migrate_page_move_mapping()
		 */
		__rw_store(once, &target->mapping, folio->mapping);
		__rw_rmw(add, relaxed, old, &target->_refcount, 2);
		__rw_store(once, &target->PG_swapcache, 1);
		/*
		 * mm/migrate.c: __folio_migrate_mapping(), mm/migrate.c: folio_migrate_mapping(),
		 * mm/migrate.c: migrate_page_move_mapping()
		 */
		folio_ref_unfreeze(folio, 1);
	} else {
		/* mm/migrate.c: folio_migrate_mapping(), mm/migrate.c: migrate_page_move_mapping() */
		if (folio_ref_count(folio) != 1) {
			folio_unlock(folio);
			return;
		}
		/*
		 * mm/migrate.c: __folio_migrate_mapping(), mm/migrate.c: folio_migrate_mapping(),
		 * mm/migrate.c: migrate_page_move_mapping()
		 */
		__rw_store(once, &target->mapping, folio->mapping);
		__rw_rmw(add, relaxed, old, &target->_refcount, 1);
	}
	/* mm/ksm.c: folio_migrate_ksm(), mm/ksm.c: ksm_migrate_page() */
	__rw_store(plain, &victim_stable_node->kpfn, page_to_pfn(&target->page));
	__rw_fence(wmb);
	/* mm/ksm.c: folio_set_stable_node(), mm/ksm.c: set_page_stable_node() */
	__rw_store(once, &folio->mapping, (struct address_space *)PAGE_MAPPING_KSM);
	/* mm/migrate.c: folio_migrate_flags() */
	__rw_store(once, &folio->PG_swapcache, 0);
	/* mm/migrate.c: migrate_folio_done(), mm/migrate.c: unmap_and_move() */
	folio_unlock(folio);
	folio_put(folio);
	reuse(&folio->page);
}
