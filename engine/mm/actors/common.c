/*
 * What several adversaries do alike. Symbols are the scenario's: the entry under attack, its page, the tables above it.
 *
 * Model: one adversary alone takes no page-table lock and no mmap_lock, unless the walk takes one: no other CPU
 * contends for these locks. Two at once take both, one page-table lock for all levels.
 */
#define victim_ptep ((pte_t *)__rw_symbol(victim_entry))
#define victim_page ((struct page *)__rw_symbol(victim_page))
#define victim_mm ((struct mm_struct *)__rw_symbol(mm))

/* the owners of a page that the monitor tells apart: engine/mm/model/owner.ts */
#define OWNER_ANON 1
#define OWNER_SECRETMEM 5
#define OWNER_TRACKED_FILE 2
#define OWNER_OTHER_FILE 8
#define OWNER_OTHER_ANON 9
#define OWNER_SLAB 10

/*
 * The locks that keep two adversaries off each other; one alone is not slowed down by them. The page-table lock is one for
 * all levels: no adversary holds two of them at once. mmap_lock is taken by those who walk the page tables of their own mm.
 */
#define down_write(l) __rw_intrinsic(lock, l)
#define up_write(l) __rw_intrinsic(unlock, l)
#define down_read(l) __rw_intrinsic(lock_shared, l)
#define up_read(l) __rw_intrinsic(unlock_shared, l)

static void lock_ptl(void)
{
	if (__rw_symbol(crowded))
		/* include/linux/mm.h: pmd_lock() */
		spin_lock(&victim_mm->page_table_lock);
}
static void unlock_ptl(void)
{
	if (__rw_symbol(crowded))
		/* include/linux/spinlock.h: spin_unlock() */
		spin_unlock(&victim_mm->page_table_lock);
}
static void lock_mmap(void)
{
	if (__rw_symbol(crowded))
		/* include/linux/mmap_lock.h: mmap_write_lock() */
		down_write(&victim_mm->mmap_lock);
}
static void unlock_mmap(void)
{
	if (__rw_symbol(crowded))
		/* include/linux/mmap_lock.h: mmap_write_unlock() */
		up_write(&victim_mm->mmap_lock);
}
static void lock_mmap_shared(void)
{
	if (__rw_symbol(crowded))
		/* include/linux/mmap_lock.h: mmap_read_lock() */
		down_read(&victim_mm->mmap_lock);
}
static void unlock_mmap_shared(void)
{
	if (__rw_symbol(crowded))
		/* include/linux/mmap_lock.h: mmap_read_unlock() */
		up_read(&victim_mm->mmap_lock);
}

/*
 * What the steps behind it rest on, each a place of its own: 0 where the kernel's function does not do it
 * (server/lower/followed.ts).
 */
static int empties_entry(void)
{
	return 1;
}
static int looks_at_references(void)
{
	return 1;
}
static int freezes_references(void)
{
	return 1;
}

/* The PTE no longer maps the page. Asked under the page-table lock. */
static int entry_changed(void)
{
	if (!__rw_symbol(crowded))
		return 0;
	return pte_pfn(__rw_load(once, victim_ptep)) != pte_pfn(__rw_symbol(victim_value));
}

/*
 * A reference for somebody who found the folio in a list or in the page cache, not through an entry: alone it is sure to be
 * the victim still, with another adversary it may have been freed. 0: nothing was taken.
 */
static int get_victim(struct folio *folio)
{
	if (!__rw_symbol(crowded)) {
		folio_get(folio);
		return 1;
	}
	if (!folio_try_get(folio))
		return 0;
	if (!__rw_intrinsic(was_freed, folio))
		return 1;
	folio_put(folio);
	return 0;
}

/* The same for who comes down from the top: the table may have been taken away. Source: mm/pgtable-generic.c, __pte_offset_map_lock(). */
static int victim_is_gone(void)
{
	pmd_t *pmdp = (pmd_t *)__rw_symbol(pmd_entry);

	if (!__rw_symbol(crowded))
		return 0;
	/* a leaf above the pte is its own parent here */
	if ((unsigned long)pmdp != (unsigned long)victim_ptep && __rw_load(once, pmdp) != __rw_symbol(table_pmd_value))
		return 1;
	return entry_changed();
}
/* Not present, and what pte_pfn() makes of it is no page: arch/x86/include/asm/pgtable_64.h, __swp_entry() */
#define make_swap_entry(entry) ((0xfffUL << PAGE_SHIFT) - ((entry) & PAGE_MASK))
/* arch/x86/include/asm/pgtable.h: pte_modify() to PAGE_NONE */
#define make_protnone(pte) (((pte) & ~(_PAGE_PRESENT | _PAGE_RW)) | _PAGE_PROTNONE)

/* The victim's entry is filled: a PTE by set_pte(), one above it by set_pmd() or set_pud(), in one step. */
static void set_victim(pte_t entry)
{
#ifdef RACEWALK_ENTRY_HALVES
	/* tables of PTEs lie behind all others */
	if (__rw_symbol(victim_entry) < __rw_symbol(pte_table)) {
		/* arch/x86/include/asm/pgtable-3level.h: native_set_pmd() */
		__rw_store(once, victim_ptep, entry);
		return;
	}
#endif
	/* arch/x86/include/asm/pgtable.h: set_pte() */
	set_pte(victim_ptep, entry);
}

/* Somebody else gets the frame, if it has become free. */
static void reuse(struct page *page)
{
	if (!__rw_intrinsic(is_free, page))
		return;
	switch (__rw_choose(3)) {
	case 0:
		/* mm/page_alloc.c: prep_new_page(), mm/internal.h: set_page_refcounted() */
		if (!__rw_intrinsic(allocate, page, OWNER_OTHER_FILE))
			return;
		__rw_store(once, &page->_refcount, 1);
		/* mm/filemap.c: __filemap_add_folio(), mm/filemap.c: __add_to_page_cache_locked() */
		page->mapping = (struct address_space *)__rw_symbol(other_mapping);
		break;
	case 1:
		/* mm/page_alloc.c: prep_new_page(), mm/internal.h: set_page_refcounted() */
		if (!__rw_intrinsic(allocate, page, OWNER_OTHER_ANON))
			return;
		__rw_store(once, &page->_refcount, 1);
		/* mm/rmap.c: __folio_set_anon(), mm/rmap.c: __page_set_anon_rmap() */
		page->mapping = (struct address_space *)(__rw_symbol(other_anon_vma) + PAGE_MAPPING_ANON);
		break;
	default:
		break;
	}
}

static pte_t clear_huge_victim(void)
{
	if (__rw_symbol(victim_is_hugetlb))
		/* mm/hugetlb.c: __unmap_hugepage_range() */
		return ptep_get_and_clear(victim_mm, 0, victim_ptep);
	if (__rw_symbol(victim_is_pud))
		/* mm/huge_memory.c: zap_huge_pud() */
		return ptep_get_and_clear(victim_mm, 0, victim_ptep);
	/* mm/huge_memory.c: zap_huge_pmd() */
	return ptep_get_and_clear(victim_mm, 0, victim_ptep);
}

/* One mapping of the victim goes: entry, mapcount, reference. Returns the entry that was there. */
static pte_t unmap_victim(void)
{
	struct folio *folio;
	pte_t pte;

	lock_ptl();
	if (victim_is_gone()) {
		unlock_ptl();
		return 0;
	}
	if (__rw_symbol(victim_is_huge))
		pte = clear_huge_victim();
	else
		/* mm/memory.c: zap_present_folio_ptes(), mm/memory.c: zap_pte_range() */
		pte = ptep_get_and_clear(victim_mm, 0, victim_ptep);
	unlock_ptl();
	if (!pte_present(pte) || pte_special(pte))
		return pte;
	folio = page_folio(victim_page);
	/* mm/rmap.c: folio_remove_rmap_ptes(), mm/rmap.c: page_remove_rmap() */
	atomic_dec(&folio->_mapcount);
	/* mm/mmu_gather.c: __tlb_batch_free_encoded_pages(), mm/mmu_gather.c: tlb_batch_pages_flush() */
	folio_put(folio);
	return pte;
}
