/*
 * Pages, folios and their references.
 */
#define FOLL_WRITE 0x01
#define FOLL_GET 0x02
#define FOLL_DUMP 0x04
#define FOLL_FORCE 0x08
#define FOLL_NOWAIT 0x10
#define FOLL_NOFAULT 0x20
#define FOLL_HWPOISON 0x40
#define FOLL_ANON 0x80
#define FOLL_LONGTERM 0x100
#define FOLL_SPLIT_PMD 0x200
#define FOLL_PCI_P2PDMA 0x400
#define FOLL_INTERRUPTIBLE 0x800
#define FOLL_HONOR_NUMA_FAULT 0x1000
#define FOLL_TOUCH 0x10000
#define FOLL_TRIED 0x20000
#define FOLL_REMOTE 0x40000
#define FOLL_PIN 0x80000
#define FOLL_FAST_ONLY 0x100000
#define FOLL_UNLOCKABLE 0x200000
#define FOLL_MADV_POPULATE 0x400000

#define GUP_PIN_COUNTING_BIAS (1U << 10)
#define PAGE_MAPPING_ANON 0x1
#define PAGE_MAPPING_MOVABLE 0x2
#define PAGE_MAPPING_KSM 0x3
#define PAGE_MAPPING_FLAGS 0x3
#define NR_FOLL_PIN_ACQUIRED 1
#define NR_FOLL_PIN_RELEASED 2

/* include/asm-generic/memory_model.h */
#define pfn_to_page(pfn) __rw_page_of_frame(pfn)
#define pfn_folio(pfn) page_folio(__rw_page_of_frame(pfn))
#define page_to_pfn(page) (((unsigned long)(page) - 0x10000000UL) / 0x10000UL)
#define pfn_valid(pfn) (1)
#define nth_page(page, n) ((page) + (n))
#define folio_page(folio, n) (&(folio)->page + (n))
#define folio_page_idx(folio, p) ((p) - &(folio)->page)

/* include/linux/page-flags.h: _compound_head(), page_folio() */
struct page *compound_head(struct page *page)
{
	unsigned long head = __rw_load(once, &page->compound_head);
	if (head & 1)
		return (struct page *)(head - 1);
	return page;
}
struct folio *page_folio(struct page *page) { return (struct folio *)compound_head(page); }
bool PageTail(struct page *page) { return __rw_load(once, &page->compound_head) & 1; }
bool PageHead(struct page *page) { return __rw_load(once, &page->PG_head); }
bool PageCompound(struct page *page)
{
	return __rw_load(once, &page->PG_head) || (__rw_load(once, &page->compound_head) & 1);
}
bool folio_test_large(struct folio *folio) { return __rw_load(once, &folio->PG_head); }
bool folio_test_head(struct folio *folio) { return __rw_load(once, &folio->PG_head); }
/*
 * Model: a large folio that small entries map is of order 2, or of the orders that the code asks for (engine/mm/model/
 * folio_order.ts); one that a leaf maps is as large as the leaf. Its pins have a count of their own.
 */
unsigned int compound_order(struct page *page) { return PageHead(page) ? ((struct folio *)page)->_order : 0; }
unsigned int folio_order(const struct folio *folio) { return compound_order((struct page *)folio); }
long folio_nr_pages(const struct folio *folio) { return PageHead((struct page *)folio) ? folio->_nr_pages : 1; }
bool folio_test_slab(struct folio *folio) { return __rw_load(once, &folio->PG_slab); }
bool PageSlab(struct page *page) { return __rw_load(once, &page->PG_slab); }
bool folio_test_hugetlb(struct folio *folio) { return __rw_load(once, &folio->PG_hugetlb); }
bool PageHuge(struct page *page) { return __rw_load(once, &compound_head(page)->PG_hugetlb); }
bool folio_test_swapbacked(struct folio *folio) { return __rw_load(once, &folio->PG_swapbacked); }
bool folio_test_swapcache(struct folio *folio) { return __rw_load(once, &folio->PG_swapcache); }
bool folio_test_locked(struct folio *folio) { return __rw_load(once, &folio->PG_locked); }
bool folio_test_dirty(struct folio *folio) { return __rw_load(once, &folio->PG_dirty); }
bool folio_test_writeback(struct folio *folio) { return __rw_load(once, &folio->PG_writeback); }
bool folio_test_readahead(struct folio *folio) { return __rw_load(once, &folio->PG_readahead); }
void folio_clear_uptodate(struct folio *folio) { __rw_store(once, &folio->PG_uptodate, 0); }
/* include/linux/page_idle.h: hints for reclaim */
bool folio_test_idle(struct folio *folio) { return __rw_load(once, &folio->PG_idle); }
void folio_clear_idle(struct folio *folio) { __rw_store(once, &folio->PG_idle, 0); }
/* mm/page-writeback.c: waits for writeback where the file asks for that */
void folio_wait_stable(struct folio *folio) { __rw_intrinsic(might_sleep); }
/* include/linux/fs.h */
#define i_size_read(inode) __rw_load(once, &(inode)->i_size)
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
bool folio_test_uptodate(struct folio *folio) { return __rw_load(once, &folio->PG_uptodate); }
bool PageReserved(struct page *page) { return __rw_load(once, &page->PG_reserved); }
bool PageAnonExclusive(struct page *page) { return __rw_load(once, &page->PG_anon_exclusive); }
/* include/linux/page-flags.h: SetPageAnonExclusive(), ClearPageAnonExclusive(): set_bit(), clear_bit(), which smp_mb__after_atomic() orders */
void SetPageAnonExclusive(struct page *page) { __rw_rmw(or, relaxed, old, &page->PG_anon_exclusive, 1); }
void ClearPageAnonExclusive(struct page *page) { __rw_rmw(and, relaxed, old, &page->PG_anon_exclusive, 0); }
/* include/linux/page-flags.h: folio_test_anon(), PageMappingFlags(): plain reads of ->mapping */
bool folio_test_anon(struct folio *folio) { return ((unsigned long)folio->mapping & PAGE_MAPPING_ANON) != 0; }
bool PageAnon(struct page *page) { return folio_test_anon(page_folio(page)); }
bool folio_test_ksm(struct folio *folio)
{
	return ((unsigned long)folio->mapping & PAGE_MAPPING_FLAGS) == PAGE_MAPPING_KSM;
}
struct address_space *folio_mapping(struct folio *folio)
{
	struct address_space *mapping = folio->mapping;
#ifdef RACEWALK_MAPPING_UNTAGGED
	/* mm/util.c of 5.10: the address_space of a driver's movable page as well */
	if ((unsigned long)mapping & PAGE_MAPPING_ANON)
		return NULL;
	return (struct address_space *)((unsigned long)mapping & ~PAGE_MAPPING_FLAGS);
#else
	if ((unsigned long)mapping & PAGE_MAPPING_FLAGS)
		return NULL;
	return mapping;
#endif
}
struct address_space *page_mapping(struct page *page) { return folio_mapping(page_folio(page)); }
/* include/linux/swap.h, mm/swapfile.c: where a folio stands in the swap cache is no index of its file; it is anybody's guess */
unsigned long swapcache_index(struct folio *folio) { return __rw_choose(2); }
#define __folio_swap_cache_index(folio) swapcache_index(folio)
/* the referenced bit only steers reclaim's choice of victims: mm/swap.c folio_mark_accessed() */
void folio_set_referenced(struct folio *folio) { __rw_store(once, &folio->PG_referenced, 1); }
bool folio_test_referenced(struct folio *folio) { return __rw_load(once, &folio->PG_referenced); }
bool PageReferenced(struct page *page) { return __rw_load(once, &compound_head(page)->PG_referenced); }
void folio_mark_accessed(struct folio *folio) { __rw_store(once, &folio->PG_referenced, 1); }
void mark_page_accessed(struct page *page) { __rw_store(once, &compound_head(page)->PG_referenced, 1); }
void folio_clear_referenced(struct folio *folio) { __rw_store(once, &folio->PG_referenced, 0); }
void SetPageReferenced(struct page *page) { __rw_store(once, &compound_head(page)->PG_referenced, 1); }
void ClearPageReferenced(struct page *page) { __rw_store(once, &compound_head(page)->PG_referenced, 0); }
/*
 * mm/filemap.c: the folio lock; taking it may sleep. Model: it is one operation, also in the file that implements it with wait
 * queues; nobody is woken up wrongly.
 */
#define __rw_operation_folio_unlock
#define __rw_operation___folio_lock
#define __rw_operation_unlock_page
#define __rw_operation___lock_page
void __folio_lock(struct folio *folio) { __rw_intrinsic(might_sleep); __rw_intrinsic(lock, &folio->PG_locked); }
void folio_lock(struct folio *folio) { __rw_intrinsic(might_sleep); __rw_intrinsic(lock, &folio->PG_locked); }
/* include/linux/pagemap.h: a signal that kills ends the waiting */
int folio_lock_killable(struct folio *folio)
{
	__rw_intrinsic(might_sleep);
	if (__rw_choose(2))
		return -4;
	__rw_intrinsic(lock, &folio->PG_locked);
	return 0;
}
/* include/linux/page-flags.h: the bit alone, whoever may have the lock */
void __folio_set_locked(struct folio *folio) { __rw_store(once, &folio->PG_locked, 1); }
void folio_set_locked(struct folio *folio) { __rw_rmw(or, relaxed, old, &folio->PG_locked, 1); }
void __SetPageLocked(struct page *page) { __folio_set_locked((struct folio *)page); }
bool folio_trylock(struct folio *folio) { return __rw_intrinsic(trylock, &folio->PG_locked) != 0; }
void folio_unlock(struct folio *folio) { __rw_intrinsic(unlock, &folio->PG_locked); }
void lock_page(struct page *page) { folio_lock(page_folio(page)); }
void __lock_page(struct page *page) { folio_lock(page_folio(page)); }
bool trylock_page(struct page *page) { return folio_trylock(page_folio(page)); }
void unlock_page(struct page *page) { folio_unlock(page_folio(page)); }

/* zero page: include/linux/mm.h is_zero_page() */
#define ZERO_PAGE(addr) ((struct page *)__rw_symbol(zero_page))
bool is_zero_pfn(unsigned long pfn) { return __rw_page_of_frame(pfn) == (struct page *)__rw_symbol(zero_page); }
bool is_zero_page(const struct page *page) { return page == (struct page *)__rw_symbol(zero_page); }
bool is_zero_folio(const struct folio *folio) { return (struct page *)folio == (struct page *)__rw_symbol(zero_page); }
bool is_huge_zero_pmd(pmd_t pmd) { return 0; }

/* include/linux/mm.h of 7.3: whether private writes to the vma's pages copy them */
#define VM_SHARED 0x8UL
#define VM_MAYWRITE 0x20UL
bool is_cow_mapping(unsigned long flags) { return (flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE; }
bool vma_is_cow_mapping(const struct vm_area_struct *vma) { return is_cow_mapping(vma->vm_flags); }

/* include/linux/page_ref.h */
int folio_ref_count(const struct folio *folio) { return __rw_load(once, &folio->_refcount); }
int page_ref_count(const struct page *page) { return __rw_load(once, &page->_refcount); }
int page_count(const struct page *page) { return __rw_load(once, &page_folio(page)->_refcount); }
void folio_ref_add(struct folio *folio, int nr) { __rw_rmw(add, relaxed, old, &folio->_refcount, nr); }
void page_ref_add(struct page *page, int nr) { __rw_rmw(add, relaxed, old, &page->_refcount, nr); }
void folio_ref_sub(struct folio *folio, int nr) { __rw_rmw(add, relaxed, old, &folio->_refcount, -nr); }
void page_ref_sub(struct page *page, int nr) { __rw_rmw(add, relaxed, old, &page->_refcount, -nr); }
void folio_ref_inc(struct folio *folio) { __rw_rmw(add, relaxed, old, &folio->_refcount, 1); }
void page_ref_inc(struct page *page) { __rw_rmw(add, relaxed, old, &page->_refcount, 1); }
void folio_ref_dec(struct folio *folio) { __rw_rmw(add, relaxed, old, &folio->_refcount, -1); }
bool folio_ref_sub_and_test(struct folio *folio, int nr) { return __rw_rmw(add, full, zero, &folio->_refcount, -nr); }
bool folio_ref_try_add(struct folio *folio, int count)
{
	return __rw_rmw(add_unless, full, success, &folio->_refcount, count, 0);
}
bool folio_ref_add_unless(struct folio *folio, int nr, int u)
{
	return __rw_rmw(add_unless, full, success, &folio->_refcount, nr, u);
}
bool page_ref_add_unless(struct page *page, int nr, int u)
{
	return __rw_rmw(add_unless, full, success, &page->_refcount, nr, u);
}
/* without CONFIG_TINY_RCU: include/linux/page_ref.h, folio_ref_try_add_rcu() */
bool folio_ref_try_add_rcu(struct folio *folio, int count)
{
	return __rw_rmw(add_unless, full, success, &folio->_refcount, count, 0);
}
bool folio_try_get_rcu(struct folio *folio) { return folio_ref_try_add_rcu(folio, 1); }
bool folio_try_get(struct folio *folio) { return __rw_rmw(add_unless, full, success, &folio->_refcount, 1, 0); }
bool get_page_unless_zero(struct page *page) { return __rw_rmw(add_unless, full, success, &page->_refcount, 1, 0); }
bool page_cache_get_speculative(struct page *page) { return __rw_rmw(add_unless, full, success, &page->_refcount, 1, 0); }
bool page_cache_add_speculative(struct page *page, int count)
{
	return __rw_rmw(add_unless, full, success, &page->_refcount, count, 0);
}
int folio_ref_freeze(struct folio *folio, int count)
{
	return __rw_rmw(cmpxchg, full, old, &folio->_refcount, 0, count) == count;
}
void folio_ref_unfreeze(struct folio *folio, int count) { __rw_store(release, &folio->_refcount, count); }

/* mm/swap.c: __folio_put(): the last reference frees the pages to the allocator */
void folio_put_refs(struct folio *folio, int refs)
{
	if (__rw_rmw(add, full, zero, &folio->_refcount, -refs))
		__rw_intrinsic(free_folio, folio);
}
void folio_put(struct folio *folio) { folio_put_refs(folio, 1); }
void put_page(struct page *page) { folio_put_refs(page_folio(page), 1); }
void folio_get(struct folio *folio) { __rw_rmw(add, relaxed, old, &folio->_refcount, 1); }
void get_page(struct page *page) { folio_get(page_folio(page)); }
bool try_get_page(struct page *page)
{
	struct page *head = compound_head(page);
	if (__rw_load(once, &head->_refcount) <= 0)
		return 0;
	__rw_rmw(add, relaxed, old, &head->_refcount, 1);
	return 1;
}
/*
 * mm/memremap.c: __put_devmap_managed_folio_refs(): pages of a DAX file count from 1 and are never freed to the allocator;
 * whoever calls this and is told true has nothing left to put. Those of PCI peer-to-peer memory are put like others.
 */
#ifdef CONFIG_ZONE_DEVICE
bool put_devmap_managed_folio_refs(struct folio *folio, int refs)
{
	if (!__rw_load(once, &folio->zone_device) || __rw_load(once, &folio->pci_p2pdma))
		return 0;
	__rw_rmw(add, full, old, &folio->_refcount, -refs);
	return 1;
}
#else
bool put_devmap_managed_folio_refs(struct folio *folio, int refs) { return 0; }
#endif
bool put_devmap_managed_page_refs(struct page *page, int refs)
{
	return put_devmap_managed_folio_refs((struct folio *)page, refs);
}
bool put_devmap_managed_page(struct page *page) { return put_devmap_managed_page_refs(page, 1); }
#define folio_pincount_ptr(folio) (&(folio)->_pincount)
#define compound_pincount_ptr(page) (&((struct folio *)(page))->_pincount)
bool folio_maybe_dma_pinned(struct folio *folio)
{
	if (__rw_load(once, &folio->PG_head))
		return __rw_load(once, &folio->_pincount) > 0;
	return ((unsigned int)__rw_load(once, &folio->_refcount)) >= GUP_PIN_COUNTING_BIAS;
}

/* statistics no decision of the walk rests on: mm/vmstat.c */
void node_stat_mod_folio(struct folio *folio, int item, long nr) { }
void mod_node_page_state(void *pgdat, int item, long nr) { }

/* device pages: include/linux/memremap.h */
#ifdef CONFIG_PCI_P2PDMA
bool is_pci_p2pdma_page(const struct page *page) { return __rw_load(once, &page->pci_p2pdma); }
#else
bool is_pci_p2pdma_page(const struct page *page) { return 0; }
#endif
bool is_zone_device_page(const struct page *page) { return __rw_load(once, &page->zone_device); }
bool folio_is_device_coherent(const struct folio *folio) { return 0; }
bool is_device_coherent_page(const struct page *page) { return 0; }
bool folio_is_device_private(const struct folio *folio) { return 0; }
bool is_device_private_page(const struct page *page) { return 0; }
bool folio_is_zone_movable(const struct folio *folio) { return __rw_load(once, &folio->zone_movable); }
bool is_zone_movable_page(const struct page *page) { return __rw_load(once, &page->zone_movable); }
/* include/linux/mmzone.h: of the pageblocks only those of CMA and those that are isolated are told apart */
#define MIGRATE_CMA 4
#define MIGRATE_ISOLATE 5
int folio_migratetype(const struct folio *folio)
{
	int block = __rw_load(once, &folio->cma);

	return block ? MIGRATE_CMA - 1 + block : 0;
}
int get_pageblock_migratetype(const struct page *page) { return folio_migratetype((struct folio *)page); }
#ifdef CONFIG_CMA
#define is_migrate_cma(migratetype) ((migratetype) == MIGRATE_CMA)
#else
#define is_migrate_cma(migratetype) (0)
#endif
#define is_migrate_cma_page(page) is_migrate_cma(get_pageblock_migratetype(page))

/* mm/gup.c helpers that live in headers of some generations; s390x has a page access that can fail */
#ifdef CONFIG_S390
int arch_make_folio_accessible(struct folio *folio)
{
	if (!__rw_choose(2)) {
		__rw_intrinsic(accessible, folio);
		return 0;
	}
	__rw_intrinsic(inaccessible, folio);
	return -14;
}
int arch_make_page_accessible(struct page *page) { return arch_make_folio_accessible(page_folio(page)); }
#else
int arch_make_folio_accessible(struct folio *folio) { return 0; }
int arch_make_page_accessible(struct page *page) { return 0; }
#endif

/* arch/x86/include/asm/uaccess.h: checks of the range asked for, which is the world's; three arguments until 4.20 */
#define VERIFY_READ 0
#define VERIFY_WRITE 1
#define access_ok(...) (1)
#define untagged_addr(addr) (addr)
#define TASK_SIZE_MAX (~0UL)

/* mm/gup.c: an address range check of the architecture, not a race: arch/x86/include/asm/pgtable_64.h */
bool gup_fast_permitted(unsigned long start, unsigned long end) { return 1; }
#define test_bit(nr, p) ((__rw_load(once, (p)) >> (nr)) & 1)
/* mm/page_alloc.c: whether the allocator has the page */
bool is_free_buddy_page(const struct page *page) { return __rw_intrinsic(is_free, page) != 0; }
/* mm/hugetlb.c; Model: hugetlb_lock is left out, which only adds runs; whether the folio may move is open */
int get_hwpoison_hugetlb_folio(struct folio *folio, bool *hugetlb, bool unpoison)
{
	*hugetlb = 0;
	if (!__rw_load(once, &folio->PG_hugetlb))
		return 0;
	*hugetlb = 1;
	if (!unpoison && __rw_choose(2))
		return -16;
	return folio_try_get(folio);
}
#define get_hwpoison_huge_page(page, hugetlb, ...) get_hwpoison_hugetlb_folio(page_folio(page), (hugetlb), 0)
