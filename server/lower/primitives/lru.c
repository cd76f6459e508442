/*
 * LRU lists, their lock, and compaction's view of memory: include/linux/mm_inline.h, include/linux/memcontrol.h, mm/compaction.c.
 *
 * Model: what a driver does to isolate its page is open, and touches nothing else.
 * Model: all folios are on the lists of one lruvec; what is on which list is PG_lru alone. Page blocks are of order 3; which of them
 * are to be skipped is open each time; nobody isolates too much.
 */
struct lruvec {
	spinlock_t lru_lock;
};
struct zone {
	struct pglist_data *zone_pgdat;
	unsigned long zone_start_pfn;
};
typedef struct pglist_data {
	spinlock_t lru_lock;
} pg_data_t;

/* include/linux/mmzone.h */
typedef unsigned int isolate_mode_t;
#define ISOLATE_UNMAPPED 0x2
#define ISOLATE_ASYNC_MIGRATE 0x4
#define ISOLATE_UNEVICTABLE 0x8

#define folio_lruvec(folio) ((struct lruvec *)__rw_symbol(lruvec))
#define page_pgdat(page) ((struct pglist_data *)__rw_symbol(pgdat))
#define mem_cgroup_page_lruvec(page, ...) ((struct lruvec *)__rw_symbol(lruvec))
#define lruvec_memcg_debug(lruvec, folio) do { } while (0)
#define spin_lock_irqsave(l, flags) do { (flags) = 0; __rw_enter(irq); __rw_intrinsic(lock, (l)); } while (0)
#define spin_unlock_irqrestore(l, flags) do { (void)(flags); __rw_intrinsic(unlock, (l)); __rw_leave(irq); } while (0)
bool spin_trylock_irq_disabled(spinlock_t *lock)
{
	__rw_enter(irq);
	if (__rw_intrinsic(trylock, lock))
		return 1;
	__rw_leave(irq);
	return 0;
}
#define spin_trylock_irqsave(l, flags) ({ (flags) = 0; spin_trylock_irq_disabled(l); })
void unlock_page_lruvec_irqrestore(struct lruvec *lruvec, unsigned long flags)
{
	spin_unlock_irqrestore(&lruvec->lru_lock, flags);
}
/* mm/swap.c: what other CPUs have not put on the LRU yet */
void lru_add_drain_all(void) { __rw_intrinsic(might_sleep); }
void lru_add_drain(void) { }
/* mm/page_alloc.c: free pages that CPUs keep for themselves */
#define page_zone(page) ((struct zone *)__rw_symbol(zone))
#define zone_pcp_disable(zone) do { } while (0)
#define zone_pcp_enable(zone) do { } while (0)
/* mm/hugetlb.c; Model: no hugetlb page is isolated or dissolved */
int isolate_or_dissolve_huge_page(struct page *page, struct list_head *list) { return __rw_choose(2) ? -12 : -16; }
/* mm/migrate.c: what was isolated goes back to where it came from */
void putback_movable_pages(struct list_head *l) { __rw_intrinsic(putback_isolated); }
void lruvec_del_folio(struct lruvec *lruvec, struct folio *folio) { }
#define del_page_from_lru_list(page, ...) do { } while (0)
/* the multi-generational LRU: which generation a folio is of does not matter here */
bool lru_gen_del_folio(struct lruvec *lruvec, struct folio *folio, bool reclaiming) { return 1; }
void folio_clear_lru_refs(struct folio *folio) { }
bool folio_is_file_lru(struct folio *folio) { return !__rw_load(once, &folio->PG_swapbacked); }
bool page_is_file_lru(struct page *page) { return !__rw_load(once, &compound_head(page)->PG_swapbacked); }
#define list_add(entry, head) do { } while (0)
#define spin_lock_irq(l) do { __rw_enter(irq); __rw_intrinsic(lock, (l)); } while (0)
#define spin_unlock_irq(l) do { __rw_intrinsic(unlock, (l)); __rw_leave(irq); } while (0)
#define congestion_wait(sync, timeout) __rw_intrinsic(might_sleep)
#define node_page_state(pgdat, item) (0UL)
#define wake_throttle_isolated(pgdat) do { } while (0)
#define reclaim_throttle(pgdat, reason) __rw_intrinsic(might_sleep)
#define count_compact_events(item, delta) do { } while (0)
#define pageblock_order 3
/* include/linux/pageblock-flags.h: hints of whole blocks */
#define get_pageblock_skip(page) (__rw_choose(2))
#define set_pageblock_skip(page) do { } while (0)
#define clear_pageblock_skip(page) do { } while (0)
/* mm/memory_hotplug.c: memory may be offline */
struct page *pfn_to_online_page(unsigned long pfn) { return __rw_choose(2) ? pfn_to_page(pfn) : NULL; }
/* 7.2: one cgroup */
#define mem_cgroup_disabled() (1)
#define lruvec_memcg(lruvec) (0)
#define folio_memcg(folio) (0)

/* include/linux/migrate.h: pages that a driver can move */
struct movable_operations {
	void *isolate_page;
	void *migrate_page;
	void *putback_page;
};
/* mm/compaction.c */
bool PageMovable(struct page *page)
{
	unsigned long word = (unsigned long)page->mapping;

	return (word & PAGE_MAPPING_FLAGS) == PAGE_MAPPING_MOVABLE && word != PAGE_MAPPING_MOVABLE;
}
bool __rw_method_isolate_page(struct page *page, unsigned int mode)
{
	bool agreed = __rw_choose(2);

	__rw_intrinsic(driver_isolates, page, agreed);
	return agreed;
}
/* 7.2: include/linux/page-flags.h */
bool PageMovableOps(const struct page *page) { return __rw_load(once, &page->movable_ops); }
bool PageOffline(const struct page *page) { return __rw_load(once, &page->movable_ops); }
bool PageZsmalloc(const struct page *page) { return 0; }
bool PageMovableOpsIsolated(const struct page *page) { return __rw_load(once, &page->PG_isolated); }
void SetPageMovableOpsIsolated(struct page *page) { __rw_store(once, &page->PG_isolated, 1); }
