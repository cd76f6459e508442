/*
 * Page-table entries and the tables they point to.
 *
 * Model: an entry is frame << PAGE_SHIFT with flag bits of the model's own at x86's names (arch/x86/include/asm/pgtable_types.h).
 * All architectures share this layout; what differs between them is which steps an access takes. Adds nothing; loses
 * encodings in which clearing one bit changes the meaning of another. Entries that are read in halves: engine/mm/model/halves.ts.
 * Model: protection keys always permit (arch/x86/include/asm/pgtable.h, __pte_access_permitted()).
 */
#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PMD_SHIFT 21
#define PMD_SIZE (1UL << PMD_SHIFT)
#define PMD_MASK (~(PMD_SIZE - 1))
#define PUD_SHIFT 30
#define PUD_SIZE (1UL << PUD_SHIFT)
#define PUD_MASK (~(PUD_SIZE - 1))
#ifdef RACEWALK_PGD_TABLE
#define P4D_SHIFT 39
#define PGDIR_SHIFT 39
#elif defined(RACEWALK_DYNAMIC_FOLD)
/* arch/s390/include/asm/pgtable.h: the regions keep their sizes, whatever is folded */
#define P4D_SHIFT 42
#define PGDIR_SHIFT 53
#else
/* arch/x86/include/asm/pgtable-3level_types.h, include/asm-generic/pgtable-nopud.h */
#define P4D_SHIFT PUD_SHIFT
#define PGDIR_SHIFT PUD_SHIFT
#endif
#define P4D_SIZE (1UL << P4D_SHIFT)
#define P4D_MASK (~(P4D_SIZE - 1))
#define PGDIR_SIZE (1UL << PGDIR_SHIFT)
#define PGDIR_MASK (~(PGDIR_SIZE - 1))
#define HPAGE_PMD_SHIFT PMD_SHIFT
#define HPAGE_PMD_NR (1 << (PMD_SHIFT - PAGE_SHIFT))
#define HPAGE_PMD_SIZE PMD_SIZE
#define HPAGE_PMD_MASK PMD_MASK
#define HPAGE_PUD_NR (1 << (PUD_SHIFT - PAGE_SHIFT))
#define PTRS_PER_PTE 512
#define PTRS_PER_PMD 512
#define PTRS_PER_PUD 512

#define _PAGE_PRESENT 0x001UL
#define _PAGE_RW 0x002UL
#define _PAGE_USER 0x004UL
#define _PAGE_ACCESSED 0x020UL
#define _PAGE_DIRTY 0x040UL
#define _PAGE_PSE 0x080UL
#define _PAGE_PROTNONE 0x100UL
#define _PAGE_SPECIAL 0x200UL
#define _PAGE_UFFD_WP 0x400UL
#define _PAGE_DEVMAP 0x800UL

#define pte_val(x) (x)
#define pmd_val(x) (x)
#define pud_val(x) (x)
#define p4d_val(x) (x)
#define pgd_val(x) (x)
#define __pte(x) ((pte_t)(x))
#define __pmd(x) ((pmd_t)(x))
#define __pud(x) ((pud_t)(x))
#define __pgd(x) ((pgd_t)(x))

/* arch/x86/include/asm/page.h: __va(); frame contents of the model */
#define __rw_table(entry) (0x20000000UL + ((unsigned long)(entry) >> PAGE_SHIFT) * 0x10000UL)
#define __rw_page_of_frame(pfn) ((struct page *)(0x10000000UL + (unsigned long)(pfn) * 0x10000UL))

/* include/linux/pgtable.h */
#define pte_index(a) (((a) >> PAGE_SHIFT) & 511)
#define pmd_index(a) (((a) >> PMD_SHIFT) & 511)
#define pud_index(a) (((a) >> PUD_SHIFT) & 511)
#define p4d_index(a) (((a) >> P4D_SHIFT) & 511)
#define pgd_index(a) (((a) >> PGDIR_SHIFT) & 511)
unsigned long pmd_addr_end(unsigned long addr, unsigned long end)
{
	unsigned long boundary = (addr + PMD_SIZE) & PMD_MASK;
	return boundary - 1 < end - 1 ? boundary : end;
}
#if defined(RACEWALK_PGD_TABLE) || defined(RACEWALK_DYNAMIC_FOLD)
unsigned long pud_addr_end(unsigned long addr, unsigned long end)
{
	unsigned long boundary = (addr + PUD_SIZE) & PUD_MASK;
	return boundary - 1 < end - 1 ? boundary : end;
}
#else
#define pud_addr_end(__addr, end) (end)
#endif
/*
 * include/asm-generic/pgtable-nop4d.h: of a folded level one entry leads to all of the range. On s390x, where a process decides
 * which levels are folded, the range of such a process ends below the first boundary of those above.
 */
#define p4d_addr_end(__addr, end) (end)
#ifdef RACEWALK_DYNAMIC_FOLD
#define pgd_addr_end(addr, end) (end)
#else
unsigned long pgd_addr_end(unsigned long addr, unsigned long end)
{
	unsigned long boundary = (addr + PGDIR_SIZE) & PGDIR_MASK;
	return boundary - 1 < end - 1 ? boundary : end;
}
#endif

/* lockless reads: include/linux/pgtable.h */
pte_t ptep_get(pte_t *ptep) { return __rw_load(once, ptep); }
#ifndef RACEWALK_ENTRY_HALVES
pte_t ptep_get_lockless(pte_t *ptep) { return __rw_load(once, ptep); }
pmd_t __rw_pmdp_get_lockless(pmd_t *pmdp) { return __rw_load(once, pmdp); }
#elif !defined(RACEWALK_TREE_PTEP_GET_LOCKLESS)
/* include/linux/pgtable.h, CONFIG_GUP_GET_PXX_LOW_HIGH; a tree's own text comes before this */
pte_t ptep_get_lockless(pte_t *ptep)
{
	pte_t pte;

	do {
		pte.pte_low = ptep->pte_low;
		__rw_fence(rmb);
		pte.pte_high = ptep->pte_high;
		__rw_fence(rmb);
	} while (pte.pte_low != ptep->pte_low);
	return pte;
}
#endif
pte_t huge_ptep_get(pte_t *ptep) { return __rw_load(once, ptep); }
pmd_t pmdp_get(pmd_t *pmdp) { return __rw_load(once, pmdp); }
#ifndef RACEWALK_ENTRY_HALVES
pmd_t pmdp_get_lockless(pmd_t *pmdp) { return __rw_load(once, pmdp); }
pmd_t pmd_read_atomic(pmd_t *pmdp) { return __rw_load(once, pmdp); }
#else
pmd_t __rw_pmdp_get_lockless(pmd_t *pmdp)
{
	pmd_t pmd;

	do {
		pmd.pmd_low = pmdp->pmd_low;
		__rw_fence(rmb);
		pmd.pmd_high = pmdp->pmd_high;
		__rw_fence(rmb);
	} while (pmd.pmd_low != pmdp->pmd_low);
	return pmd;
}
#ifndef RACEWALK_TREE_PMDP_GET_LOCKLESS
pmd_t pmdp_get_lockless(pmd_t *pmdp) { return __rw_pmdp_get_lockless(pmdp); }
#endif
/* until 6.1 arch/x86/include/asm/pgtable-3level.h: a PMD that is not none when its low half is read */
pmd_t pmd_read_atomic(pmd_t *pmdp)
{
	pmd_t pmd = 0;

	pmd.pmd_low = __rw_load(once, &pmdp->pmd_low);
	if (pmd.pmd_low) {
		__rw_fence(rmb);
		pmd.pmd_high = __rw_load(once, &pmdp->pmd_high);
	}
	return pmd;
}
#endif
pud_t pudp_get(pud_t *pudp) { return __rw_load(once, pudp); }
p4d_t p4dp_get(p4d_t *p4dp) { return __rw_load(once, p4dp); }
pgd_t pgdp_get(pgd_t *pgdp) { return __rw_load(once, pgdp); }

/*
 * From an entry's value to the next table: include/linux/pgtable.h, arch/x86/include/asm/pgtable.h. With four levels
 * the p4d is folded into the pgd: p4d_offset_lockless() hands back the address of the copy that it was given. With five
 * the p4d is read from a table of its own, which may have changed since: here from the pgd. A world says which.
 *
 * Model: on s390x a process has three levels, as until it maps more than 4 TB: pgd and p4d are folded into the pud. The
 * helpers of a folded level hand back the pointer they were given (arch/s390/include/asm/pgtable.h, p4d_offset_lockless()),
 * which is the table's where it was, and the copy on the stack where it was that. i386 with PAE has three levels too;
 * there the lockless helpers point into the copy they were given (include/linux/pgtable.h), and nobody steps on from it.
 */
#ifdef RACEWALK_PGD_TABLE
pgd_t *pgd_offset(struct mm_struct *mm, unsigned long addr) { return mm->pgd + pgd_index(addr); }
p4d_t *__rw_p4d(pgd_t *pgdp, pgd_t *copy) { return (p4d_t *)(__rw_symbol(p4d_folded) ? copy : pgdp); }
#define p4d_offset_lockless(pgdp, pgd, addr) __rw_p4d(pgdp, &(pgd))
pud_t *pud_offset_lockless(p4d_t *p4dp, p4d_t p4d, unsigned long addr)
{
	return (pud_t *)__rw_table(p4d) + pud_index(addr);
}
p4d_t *p4d_offset(pgd_t *pgdp, unsigned long addr) { return (p4d_t *)pgdp; }
pud_t *pud_offset(p4d_t *p4dp, unsigned long addr) { return (pud_t *)__rw_table(*p4dp) + pud_index(addr); }
#else
pgd_t *pgd_offset(struct mm_struct *mm, unsigned long addr) { return mm->pgd + pud_index(addr); }
#ifdef RACEWALK_DYNAMIC_FOLD
p4d_t *p4d_offset_lockless(pgd_t *pgdp, pgd_t pgd, unsigned long addr) { return (p4d_t *)pgdp; }
pud_t *pud_offset_lockless(p4d_t *p4dp, p4d_t p4d, unsigned long addr) { return (pud_t *)p4dp; }
#else
#define p4d_offset_lockless(__pgdp, pgd, addr) ((p4d_t *)&(pgd))
#define pud_offset_lockless(__p4dp, p4d, addr) ((pud_t *)&(p4d))
#endif
p4d_t *p4d_offset(pgd_t *pgdp, unsigned long addr) { return (p4d_t *)pgdp; }
pud_t *pud_offset(p4d_t *p4dp, unsigned long addr) { return (pud_t *)p4dp; }
#endif
pmd_t *pmd_offset_lockless(pud_t *pudp, pud_t pud, unsigned long addr)
{
	return (pmd_t *)__rw_table(pud) + pmd_index(addr);
}
pmd_t *pmd_offset(pud_t *pudp, unsigned long addr) { return (pmd_t *)__rw_table(*pudp) + pmd_index(addr); }
pte_t *pte_offset_kernel(pmd_t *pmdp, unsigned long addr) { return (pte_t *)__rw_table(*pmdp) + pte_index(addr); }
/* since 6.5 mm/pgtable-generic.c: __pte_offset_map() holds rcu_read_lock() until pte_unmap() and may fail */
#ifdef RACEWALK_PTE_MAP_RCU
pte_t *pte_offset_map(pmd_t *pmdp, unsigned long addr)
{
	pmd_t pmd;

	__rw_enter(rcu);
	pmd = __rw_pmdp_get_lockless(pmdp);
	if (!(pmd & _PAGE_PRESENT) || (pmd & _PAGE_PSE)) {
		__rw_leave(rcu);
		return NULL;
	}
	__rw_intrinsic(map_table, 1);
	return (pte_t *)__rw_table(pmd) + pte_index(addr);
}
void pte_unmap(pte_t *ptep)
{
	__rw_intrinsic(map_table, -1);
	__rw_leave(rcu);
}
#else
pte_t *pte_offset_map(pmd_t *pmdp, unsigned long addr)
{
	__rw_intrinsic(map_table, 1);
	return (pte_t *)__rw_table(*pmdp) + pte_index(addr);
}
void pte_unmap(pte_t *ptep) { __rw_intrinsic(map_table, -1); }
#endif

/* mm/pgtable-generic.c, include/linux/mm.h: with the lock of the table */
pte_t *pte_offset_map_nolock(struct mm_struct *mm, pmd_t *pmdp, unsigned long addr, spinlock_t **ptlp)
{
	*ptlp = &mm->page_table_lock;
	return pte_offset_map(pmdp, addr);
}
pte_t *pte_offset_map_lock(struct mm_struct *mm, pmd_t *pmdp, unsigned long addr, spinlock_t **ptlp)
{
	pte_t *ptep = pte_offset_map_nolock(mm, pmdp, addr, ptlp);

	if (ptep)
		spin_lock(*ptlp);
	return ptep;
}
#define pte_unmap_unlock(ptep, ptl) do { spin_unlock(ptl); pte_unmap(ptep); } while (0)

/* predicates: arch/x86/include/asm/pgtable.h */
bool pte_none(pte_t pte) { return pte == 0; }
bool pte_present(pte_t pte) { return (pte & (_PAGE_PRESENT | _PAGE_PROTNONE)) != 0; }
bool pte_write(pte_t pte) { return (pte & _PAGE_RW) != 0; }
bool pte_dirty(pte_t pte) { return (pte & _PAGE_DIRTY) != 0; }
bool pte_young(pte_t pte) { return (pte & _PAGE_ACCESSED) != 0; }
bool pte_special(pte_t pte) { return (pte & _PAGE_SPECIAL) != 0; }
/* include/linux/pgtable.h: constant where no entry says so, and what is for such entries is not compiled */
#if !defined(CONFIG_ARCH_HAS_PTE_DEVMAP)
#define pte_devmap(pte) (0)
#elif defined(CONFIG_ZONE_DEVICE)
bool pte_devmap(pte_t pte) { return (pte & _PAGE_DEVMAP) != 0; }
#else
/*
 * The bit is set for pages of a dev_pagemap alone (PFN_MAP: mm/memory.c, insert_pfn(); drivers/nvdimm/pmem.c), and
 * devm_memremap_pages() fails: include/linux/memremap.h.
 */
static bool __rw_no_dev_pagemap(void)
{
	__rw_assumption("no entry is marked as a device's: without CONFIG_ZONE_DEVICE there is no dev_pagemap");
	return 0;
}
bool pte_devmap(pte_t pte) { return __rw_no_dev_pagemap(); }
#endif
bool pte_protnone(pte_t pte) { return (pte & (_PAGE_PROTNONE | _PAGE_PRESENT)) == _PAGE_PROTNONE; }
bool pte_same(pte_t a, pte_t b) { return a == b; }
bool pte_access_permitted(pte_t pte, bool write)
{
	unsigned long need = _PAGE_PRESENT | _PAGE_USER | (write ? _PAGE_RW : 0);
	return (pte & need) == need;
}
unsigned long pte_pfn(pte_t pte) { return pte >> PAGE_SHIFT; }
struct page *pte_page(pte_t pte) { return __rw_page_of_frame(pte >> PAGE_SHIFT); }
pte_t pte_wrprotect(pte_t pte) { return pte & ~_PAGE_RW; }
pte_t pte_mkold(pte_t pte) { return pte & ~_PAGE_ACCESSED; }
pte_t pte_mkyoung(pte_t pte) { return pte | _PAGE_ACCESSED; }
pte_t pte_mkclean(pte_t pte) { return pte & ~_PAGE_DIRTY; }
pte_t pte_mkwrite_novma(pte_t pte) { return pte | _PAGE_RW; }
pte_t pte_mkdirty(pte_t pte) { return pte | _PAGE_DIRTY; }

bool pmd_none(pmd_t pmd) { return pmd == 0; }
/* a leaf whose present bit is taken away while it is split still counts as present: pmd_mkinvalid() */
bool pmd_present(pmd_t pmd) { return (pmd & (_PAGE_PRESENT | _PAGE_PROTNONE | _PAGE_PSE)) != 0; }
bool pmd_leaf(pmd_t pmd) { return (pmd & _PAGE_PSE) != 0; }
bool pmd_large(pmd_t pmd) { return (pmd & _PAGE_PSE) != 0; }
#ifdef RACEWALK_PMD_HUGE
bool pmd_huge(pmd_t pmd) { return (pmd & _PAGE_PSE) != 0; }
#else
/* include/linux/hugetlb.h without CONFIG_HUGETLB_PAGE */
#define pmd_huge(pmd) (0)
#endif
bool pmd_trans_huge(pmd_t pmd) { return (pmd & (_PAGE_PSE | _PAGE_DEVMAP)) == _PAGE_PSE; }
/* include/linux/mm.h */
#if !defined(CONFIG_ARCH_HAS_PTE_DEVMAP) || !defined(CONFIG_TRANSPARENT_HUGEPAGE)
#define pmd_devmap(pmd) (0)
#elif defined(CONFIG_ZONE_DEVICE)
bool pmd_devmap(pmd_t pmd) { return (pmd & _PAGE_DEVMAP) != 0; }
#else
bool pmd_devmap(pmd_t pmd) { return __rw_no_dev_pagemap(); }
#endif
bool pmd_special(pmd_t pmd) { return (pmd & _PAGE_SPECIAL) != 0; }
bool pmd_write(pmd_t pmd) { return (pmd & _PAGE_RW) != 0; }
bool pmd_protnone(pmd_t pmd) { return (pmd & (_PAGE_PROTNONE | _PAGE_PRESENT)) == _PAGE_PROTNONE; }
bool pmd_bad(pmd_t pmd) { return (pmd & (_PAGE_PRESENT | _PAGE_PSE)) != _PAGE_PRESENT; }
bool pmd_same(pmd_t a, pmd_t b) { return a == b; }
bool pmd_access_permitted(pmd_t pmd, bool write)
{
	unsigned long need = _PAGE_PRESENT | _PAGE_USER | (write ? _PAGE_RW : 0);
	return (pmd & need) == need;
}
unsigned long pmd_pfn(pmd_t pmd) { return pmd >> PAGE_SHIFT; }
struct page *pmd_page(pmd_t pmd) { return __rw_page_of_frame(pmd >> PAGE_SHIFT); }
pgtable_t pmd_pgtable(pmd_t pmd) { return __rw_page_of_frame(pmd >> PAGE_SHIFT); }
pmd_t pmd_wrprotect(pmd_t pmd) { return pmd & ~_PAGE_RW; }
pmd_t pmd_mkold(pmd_t pmd) { return pmd & ~_PAGE_ACCESSED; }
pmd_t pmd_mkyoung(pmd_t pmd) { return pmd | _PAGE_ACCESSED; }
pmd_t pmd_mkclean(pmd_t pmd) { return pmd & ~_PAGE_DIRTY; }
pmd_t pmd_mkdirty(pmd_t pmd) { return pmd | _PAGE_DIRTY; }

bool pud_none(pud_t pud) { return pud == 0; }
bool pud_present(pud_t pud) { return (pud & _PAGE_PRESENT) != 0; }
#ifdef RACEWALK_PUD_LEAF
bool pud_leaf(pud_t pud) { return (pud & _PAGE_PSE) != 0; }
#else
/* the bit is reserved in the entries at the top of PAE's tables (Intel SDM volume 3, 4.4.1) */
#define pud_leaf(__pud) (0)
#endif
#if defined(RACEWALK_PUD_LEAF) && defined(RACEWALK_PUD_HUGE)
bool pud_huge(pud_t pud) { return (pud & _PAGE_PSE) != 0; }
#else
/* include/linux/hugetlb.h without CONFIG_HUGETLB_PAGE */
#define pud_huge(pud) (0)
#endif
bool pud_trans_huge(pud_t pud) { return (pud & (_PAGE_PSE | _PAGE_DEVMAP)) == _PAGE_PSE; }
/* arch/arm64/include/asm/pgtable.h, arch/x86/include/asm/pgtable.h: none without huge pages of that size */
#if !defined(CONFIG_ARCH_HAS_PTE_DEVMAP) || !defined(CONFIG_HAVE_ARCH_TRANSPARENT_HUGEPAGE_PUD) || !defined(RACEWALK_PUD_DEVMAP)
#define pud_devmap(pud) (0)
#elif defined(CONFIG_ZONE_DEVICE)
bool pud_devmap(pud_t pud) { return (pud & _PAGE_DEVMAP) != 0; }
#else
bool pud_devmap(pud_t pud) { return __rw_no_dev_pagemap(); }
#endif
bool pud_special(pud_t pud) { return (pud & _PAGE_SPECIAL) != 0; }
pud_t pud_mkold(pud_t pud) { return pud & ~_PAGE_ACCESSED; }
pud_t pud_mkyoung(pud_t pud) { return pud | _PAGE_ACCESSED; }
pud_t pud_mkclean(pud_t pud) { return pud & ~_PAGE_DIRTY; }
pud_t pud_mkdirty(pud_t pud) { return pud | _PAGE_DIRTY; }
bool pud_write(pud_t pud) { return (pud & _PAGE_RW) != 0; }
bool pud_access_permitted(pud_t pud, bool write)
{
	unsigned long need = _PAGE_PRESENT | _PAGE_USER | (write ? _PAGE_RW : 0);
	return (pud & need) == need;
}
unsigned long pud_pfn(pud_t pud) { return pud >> PAGE_SHIFT; }
struct page *pud_page(pud_t pud) { return __rw_page_of_frame(pud >> PAGE_SHIFT); }

#define p4d_leaf(__p4d) (0)
#define p4d_huge(p4d) (0)
#ifdef RACEWALK_PGD_TABLE
bool p4d_none(p4d_t p4d) { return p4d == 0; }
bool p4d_present(p4d_t p4d) { return (p4d & _PAGE_PRESENT) != 0; }
bool pgd_none(pgd_t pgd) { return pgd == 0; }
bool pgd_present(pgd_t pgd) { return (pgd & _PAGE_PRESENT) != 0; }
#else
/* folded: arch/s390/include/asm/pgtable.h, pgd_folded(); include/asm-generic/pgtable-nop4d.h and -nopud.h */
#define p4d_none(p4d) (0)
#define p4d_present(p4d) (1)
#define pgd_none(pgd) (0)
#define pgd_present(pgd) (1)
#endif
/*
 * Model: pgd leaves exist, although no architecture here has them (pgd_leaf(x) is false: include/linux/pgtable.h; in 6.1
 * pgd_huge(x) is 0: include/linux/hugetlb.h), so that the code for them is explored and not dead; not where the level is
 * folded. Adds behaviours that these kernels do not have.
 */
#if defined(RACEWALK_PGD_LEAF) && defined(RACEWALK_PGD_TABLE)
bool pgd_leaf(pgd_t pgd)
{
	__rw_assumption("pgd leaves are explored although pgd_leaf() is constant false on this architecture");
	return (pgd & _PAGE_PSE) != 0;
}
bool pgd_huge(pgd_t pgd)
{
	__rw_assumption("pgd leaves are explored although pgd_huge() is constant false on this architecture");
	return (pgd & _PAGE_PSE) != 0;
}
#else
/* the level is folded, or the file has the compiler prove that there are none: BUILD_BUG_ON(pgd_leaf(pgd)), mm/gup.c of 7.2 */
#define pgd_leaf(__pgd) (0)
#define pgd_huge(pgd) (0)
#endif
#define pgd_devmap(pgd) (0)
bool pgd_write(pgd_t pgd) { return (pgd & _PAGE_RW) != 0; }
bool pgd_access_permitted(pgd_t pgd, bool write)
{
	unsigned long need = _PAGE_PRESENT | _PAGE_USER | (write ? _PAGE_RW : 0);
	return (pgd & need) == need;
}
struct page *pgd_page(pgd_t pgd) { return __rw_page_of_frame(pgd >> PAGE_SHIFT); }

/* include/linux/hugetlb.h: no arch modelled has hugepd entries (CONFIG_ARCH_HAS_HUGEPD) */
#define is_hugepd(__x) (0)
#define __hugepd(x) (x)

/*
 * Changing entries: include/linux/pgtable.h. Where entries have halves, arch/x86/include/asm/pgtable-3level.h: a new entry
 * high half first, a cleared one low half first, everything else by cmpxchg8b in one step.
 */
#ifndef RACEWALK_ENTRY_HALVES
void set_pte(pte_t *ptep, pte_t pte) { __rw_store(once, ptep, pte); }
void pte_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep) { __rw_store(once, ptep, 0); }
void pmd_clear(pmd_t *pmdp) { __rw_store(once, pmdp, 0); }
#else
void set_pte(pte_t *ptep, pte_t pte)
{
	__rw_store(once, &ptep->pte_high, pte.pte_high);
	__rw_fence(wmb);
	__rw_store(once, &ptep->pte_low, pte.pte_low);
}
void pte_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	__rw_store(once, &ptep->pte_low, 0);
	__rw_fence(wmb);
	__rw_store(once, &ptep->pte_high, 0);
}
void pmd_clear(pmd_t *pmdp)
{
	__rw_store(once, &pmdp->pmd_low, 0);
	__rw_fence(wmb);
	__rw_store(once, &pmdp->pmd_high, 0);
}
#endif
void set_pte_at(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte) { set_pte(ptep, pte); }
void set_pmd(pmd_t *pmdp, pmd_t pmd) { __rw_store(once, pmdp, pmd); }
pte_t ptep_get_and_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep) { return __rw_rmw(xchg, full, old, ptep, 0); }
void ptep_set_wrprotect(struct mm_struct *mm, unsigned long addr, pte_t *ptep) { __rw_rmw(and, full, old, ptep, ~_PAGE_RW); }
void pud_clear(pud_t *pudp) { __rw_store(once, pudp, 0); }
pmd_t pmdp_huge_get_and_clear(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp) { return __rw_rmw(xchg, full, old, pmdp, 0); }
void pmdp_set_wrprotect(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp) { __rw_rmw(and, full, old, pmdp, ~_PAGE_RW); }

/*
 * mm/pgtable-generic.c: clear an entry and flush the TLB.
 *
 * Model: the flush waits for the walk only where entries have halves, for there reading them rests on it: the comment
 * above ptep_get_lockless() (include/linux/pgtable.h) has the TLB flush between two entries that are present. Elsewhere
 * the walk is held to what it does without: other architectures flush without an IPI.
 */
static void __rw_flush_tlb(void)
{
#ifdef RACEWALK_ENTRY_HALVES
	__rw_intrinsic(ipi_begin);
	__rw_intrinsic(ipi_end);
#endif
}
pte_t ptep_clear_flush(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep)
{
	pte_t pte = __rw_rmw(xchg, full, old, ptep, 0);

	__rw_flush_tlb();
	return pte;
}
pmd_t pmdp_collapse_flush(struct vm_area_struct *vma, unsigned long addr, pmd_t *pmdp)
{
	pmd_t pmd = __rw_rmw(xchg, full, old, pmdp, 0);

	__rw_flush_tlb();
	return pmd;
}

/* include/linux/memremap.h, mm/memremap.c: a reference on the device's pagemap, refused once it is dying */
#ifdef CONFIG_ZONE_DEVICE
struct dev_pagemap *get_dev_pagemap(unsigned long pfn, struct dev_pagemap *pgmap)
{
	struct dev_pagemap *found;

	if (pgmap)
		return pgmap;
	found = (struct dev_pagemap *)__rw_symbol(pgmap);
	/* percpu_ref_kill() waits for a grace period: who saw it live in this section is waited for */
	__rw_enter(rcu);
	if (!__rw_load(once, &found->live))
		found = NULL;
	else
		__rw_rmw(add, full, old, &found->ref, 1);
	__rw_leave(rcu);
	return found;
}
#else
struct dev_pagemap *get_dev_pagemap(unsigned long pfn, struct dev_pagemap *pgmap) { return NULL; }
#endif
void put_dev_pagemap(struct dev_pagemap *pgmap)
{
	if (pgmap)
		__rw_rmw(add, full, old, &pgmap->ref, -1);
}
