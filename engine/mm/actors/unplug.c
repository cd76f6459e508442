/*
 * unplug: a device whose memory is mapped goes away. Its dev_pagemap gives out no more references, the memory is unmapped, the
 * references on it are waited for, and then the struct pages themselves are freed.
 *
 * Model: nothing waits for references on the pages; a walk must hold a reference on the dev_pagemap when it takes
 * page references. Source: mm/memremap.c, memunmap_pages(); percpu_ref_kill() ends with an RCU callback.
 *
 * Needs: CONFIG_ZONE_DEVICE
 * Left to callers: references
 */
void actor_unplug(void)
{
	struct dev_pagemap *map = (struct dev_pagemap *)__rw_symbol(pgmap);

	/* mm/memremap.c: memunmap_pages() */
	__rw_store(once, &map->live, 0);
	/* mm/memory.c: unmap_mapping_pages() */
	lock_ptl();
	if (!victim_is_gone())
		ptep_get_and_clear(victim_mm, 0, victim_ptep);
	unlock_ptl();
	/* mm/memremap.c: memunmap_pages() */
	__rw_intrinsic(grace_period_begin);
	__rw_intrinsic(grace_period_end);
	__rw_rmw(add, full, old, &map->ref, -1);
	__rw_intrinsic(wait_for_zero, &map->ref);
	/* mm/memremap.c: pageunmap_range() */
	__rw_intrinsic(remove_pages, map);
}
