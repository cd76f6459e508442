/*
 * From an anonymous folio back to who maps it: the anon_vma, its lock, and how often the folio is mapped.
 * Source: include/linux/rmap.h, include/linux/mm.h, include/linux/slab.h.
 *
 * Model: the mapcount of a folio is one cell, whatever its size; typed pages (page_mapcount_is_type()) do not occur.
 */
struct anon_vma {
	struct anon_vma *root;
	unsigned long rwsem;
	atomic_t refcount;
	struct anon_vma *parent;
};
/* include/linux/rmap.h: struct rmap_walk_control */
struct rmap_walk_control {
	bool contended;
	bool try_lock;
};

/* include/linux/mm.h: one less than the number of entries that map it */
int folio_mapcount(const struct folio *folio) { return __rw_load(once, &folio->_mapcount) + 1; }
bool folio_mapped(const struct folio *folio) { return __rw_load(once, &folio->_mapcount) >= 0; }
bool page_mapped(const struct page *page) { return folio_mapped(page_folio(page)); }

/* mm/slub.c: the object goes back to its cache; what that means is decided by the world */
#define kmem_cache_free(cache, object) __rw_intrinsic(slab_free, (object))
