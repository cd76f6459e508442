/*
 * migrate: compaction, NUMA balancing or memory offlining moves the contents to another folio. Meanwhile the entry is a
 * migration entry: neither empty nor present. An extra reference taken before
 * folio_migrate_mapping() compares the count makes migration fail; remove_migration_pte() restores the entry.
 *
 * Model: the new folio has the count from the start that it ends with; nobody can reach it before an entry maps it.
 *
 * Needs: CONFIG_MIGRATION
 */
#define migration_target ((struct page *)__rw_symbol(other_page))

#define _PAGE_MIGRATION 0x010UL
#define make_migration_entry(entry) (make_swap_entry(entry) | _PAGE_MIGRATION)

static pte_t clear_mapped_entry(void)
{
	/* mm/huge_memory.c: set_pmd_migration_entry() */
	if (__rw_symbol(victim_is_huge))
		return empties_entry() ? ptep_clear_flush(NULL, 0, victim_ptep) : ptep_get(victim_ptep);
	/* mm/rmap.c: try_to_migrate_one(), mm/rmap.c: try_to_unmap_one() */
	return empties_entry() ? ptep_clear_flush(NULL, 0, victim_ptep) : ptep_get(victim_ptep);
}

static void set_mapped_entry(pte_t pte)
{
	if (__rw_symbol(victim_is_huge)) {
		/* mm/huge_memory.c: remove_migration_pmd() */
		set_victim(pte);
		return;
	}
	/* mm/migrate.c: remove_migration_pte() */
	set_victim(pte);
}

/* The contents go to the new folio, unless somebody else holds a reference on the old one. */
static bool move_contents(struct folio *folio, int anon)
{
	struct folio *target = (struct folio *)migration_target;

	if (anon) {
		/* mm/migrate.c: folio_migrate_mapping(), mm/migrate.c: migrate_page_move_mapping() */
		if (looks_at_references() && folio_ref_count(folio) != 1)
			return false;
		/*
		 * mm/migrate.c: __folio_migrate_mapping(), mm/migrate.c: folio_migrate_mapping(),
		 * mm/migrate.c: migrate_page_move_mapping()
		 */
		target->mapping = folio->mapping;
		return true;
	}
	/* mm/migrate.c: __folio_migrate_mapping(), mm/migrate.c: folio_migrate_mapping(), mm/migrate.c: migrate_page_move_mapping() */
	if (freezes_references() && !folio_ref_freeze(folio, 2))
		return false;
	target->mapping = folio->mapping;
	folio_ref_unfreeze(folio, 1);
	/* mm/migrate.c: move_to_new_folio(), mm/migrate.c: move_to_new_page() */
	folio->mapping = NULL;
	return true;
}

void actor_migrate(void)
{
	struct page *page = (struct page *)__rw_symbol(exclusive_page);
	/* mm/migrate.c: migrate_folio_unmap(), mm/migrate.c: __unmap_and_move() */
	struct folio *folio = page_folio(page);
	int anon = folio_test_anon(folio), exclusive = 0;
	pte_t pte;

	/* mm/vmscan.c: folio_isolate_lru(), mm/vmscan.c: isolate_lru_page() */
	folio_get(folio);
	/* mm/migrate.c: migrate_folio_unmap(), mm/migrate.c: __unmap_and_move() */
	if (!folio_trylock(folio)) {
		folio_put(folio);
		return;
	}
	pte = clear_mapped_entry();
	if (anon && PageAnonExclusive(page)) {
		/*
		 * include/linux/rmap.h: __folio_try_share_anon_rmap(), include/linux/rmap.h: page_try_share_anon_rmap()
		 * from mm/rmap.c: try_to_migrate_one(), mm/rmap.c: try_to_unmap_one()
		 */
		smp_mb();
		if (folio_maybe_dma_pinned(folio)) {
			set_mapped_entry(pte);
			folio_unlock(folio);
			/* mm/vmscan.c: folio_putback_lru(), mm/vmscan.c: putback_lru_page() */
			folio_put(folio);
			return;
		}
		/*
		 * include/linux/rmap.h: __folio_try_share_anon_rmap(), include/linux/rmap.h: page_try_share_anon_rmap()
		 * from mm/rmap.c: try_to_migrate_one(), mm/rmap.c: try_to_unmap_one()
		 */
		ClearPageAnonExclusive(page);
		smp_mb__after_atomic();
		exclusive = 1;
	}
	/* mm/rmap.c: try_to_migrate_one(), mm/rmap.c: try_to_unmap_one() */
	set_victim(make_migration_entry(pte));
	/* mm/rmap.c: folio_remove_rmap_ptes(), mm/rmap.c: page_remove_rmap() */
	atomic_dec(&folio->_mapcount);
	/* mm/rmap.c: try_to_migrate_one(), mm/rmap.c: try_to_unmap_one() */
	folio_put(folio);
	if (!move_contents(folio, anon)) {
		/* mm/migrate.c: remove_migration_pte() */
		folio_get(folio);
		if (exclusive)
			/* mm/rmap.c: folio_add_anon_rmap_ptes(), mm/rmap.c: page_add_anon_rmap() */
			SetPageAnonExclusive(page);
		set_mapped_entry(pte);
		/* mm/migrate.c: migrate_folio_undo_src(), mm/migrate.c: migrate_folio_unmap(), mm/migrate.c: __unmap_and_move() */
		folio_unlock(folio);
		/* mm/vmscan.c: folio_putback_lru(), mm/vmscan.c: putback_lru_page() */
		folio_put(folio);
		return;
	}
	if (exclusive)
		/* mm/rmap.c: folio_add_anon_rmap_ptes(), mm/rmap.c: page_add_anon_rmap() */
		SetPageAnonExclusive(migration_target);
	set_mapped_entry((pte_t)__rw_symbol(other_value));
	/* mm/migrate.c: migrate_folio_move(), mm/migrate.c: __unmap_and_move() */
	folio_unlock(folio);
	/* mm/migrate.c: migrate_folio_done(), mm/migrate.c: unmap_and_move() */
	folio_put(folio);
	reuse(&folio->page);
}
