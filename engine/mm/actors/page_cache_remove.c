/*
 * page_cache_remove: truncation or reclaim takes the folio out of its file and frees it; the tree shrinks, its node is freed
 * by RCU; the frame may be somebody else's at once.
 */
#define victim_file ((struct address_space *)__rw_symbol(mapping_file))
#define victim_node ((struct xa_node *)__rw_symbol(xa_node))

static void lock_slot(void)
{
	/* include/linux/xarray.h: xa_lock_irq() */
	__rw_intrinsic(lock, __rw_symbol(xa_lock));
}
static void unlock_slot(void)
{
	/* include/linux/xarray.h: xa_unlock_irq() */
	__rw_intrinsic(unlock, __rw_symbol(xa_lock));
}

/* The slot is cleared and the node, empty now, leaves the tree. */
static void slot_clear(struct address_space *mapping)
{
	/* lib/xarray.c: xas_store() */
	__rw_store(once, &victim_node->slots, 0);
	/* lib/xarray.c: xas_delete_node() */
	__rw_store(once, &mapping->i_pages, 0);
}

/* lib/xarray.c: xa_node_free() */
static void node_free(void)
{
	/* lib/xarray.c: xa_node_free() */
	__rw_intrinsic(grace_period_begin);
	/* lib/radix-tree.c: radix_tree_node_rcu_free() */
	__rw_intrinsic(grace_period_end);
	/* lib/radix-tree.c: radix_tree_node_rcu_free() */
	__rw_intrinsic(free_object, victim_node);
}

/* The frame's next life: another page of the same file, or any other owner. */
static void reuse_after_removal(struct folio *folio)
{
	switch (__rw_choose(3)) {
	case 0:
		reuse(&folio->page);
		break;
	case 1:
		if (!__rw_intrinsic(is_free, folio))
			break;
		/* mm/page_alloc.c: prep_new_page(), mm/internal.h: set_page_refcounted() */
		__rw_intrinsic(allocate, folio, OWNER_TRACKED_FILE);
		__rw_store(once, &folio->_refcount, 1);
		/* mm/filemap.c: __filemap_add_folio(), mm/filemap.c: __add_to_page_cache_locked() */
		__rw_store(once, &folio->index, 1);
		__rw_store(once, &folio->mapping, victim_file);
		break;
	default:
		node_free();
	}
}

void actor_page_cache_remove(void)
{
	/* mm/truncate.c: truncate_inode_folio() */
	struct folio *folio = page_folio(victim_page);
	struct address_space *mapping = victim_file;

	/* mm/truncate.c: truncate_setsize() */
	if (__rw_choose(2))
		__rw_store(once, &mapping->host->i_size, 0);
	/* mm/truncate.c: truncate_inode_pages_range() */
	folio_lock(folio);
	if (__rw_choose(2)) {
		lock_slot();
		/* mm/vmscan.c: __remove_mapping() */
		if (!folio_ref_freeze(folio, 1)) {
			unlock_slot();
			/* mm/vmscan.c: shrink_folio_list(), mm/vmscan.c: shrink_page_list() */
			folio_unlock(folio);
			return;
		}
		/* mm/filemap.c: page_cache_delete() */
		slot_clear(mapping);
		folio->mapping = NULL;
		unlock_slot();
		/* mm/vmscan.c: shrink_folio_list(), mm/vmscan.c: shrink_page_list() */
		folio_unlock(folio);
		__rw_intrinsic(free_folio, folio);
	} else {
		lock_slot();
		/* mm/filemap.c: page_cache_delete() */
		slot_clear(mapping);
		folio->mapping = NULL;
		unlock_slot();
		/* mm/truncate.c: truncate_inode_pages_range() */
		folio_unlock(folio);
		/* mm/filemap.c: filemap_free_folio(), mm/filemap.c: page_cache_free_page() */
		folio_put(folio);
	}
	reuse_after_removal(folio);
}
