/*
 * A small get_user_pages_fast() to learn racewalk with. It is right as it stands: the
 * sign beside each function says so.
 *
 * Each line below is a mistake. Make one of them 1, or click on "Switch on" above it: the
 * line that goes wrong is marked, and "Simulate this path" opens the run.
 */
#define NO_RECHECK 0	  /* the entry is not read again once the reference is held */
#define INTERRUPTS_ON 0	  /* nothing keeps page tables from being freed during the walk */
#define NO_FORK_CHECK 0	  /* a fork() during the walk is not noticed */
#define NO_PERMISSION 0	  /* whether the page may be written is not asked */
#define LEAK 0		  /* a page that is not wanted is not given back */

static int units(unsigned int flags)
{
	return flags & FOLL_PIN ? GUP_PIN_COUNTING_BIAS : 1;
}

static int walk_ptes(pmd_t pmd, pmd_t *pmdp, unsigned long addr, unsigned long end,
		     unsigned int flags, struct page **pages, int *nr)
{
	pte_t *ptep = pte_offset_map(&pmd, addr), *table = ptep;
	int done = 0;

	for (; addr != end; addr += PAGE_SIZE, ptep++) {
		pte_t pte = ptep_get_lockless(ptep);
		struct page *page;

		if ((flags & FOLL_LONGTERM) || pte_special(pte) || pte_devmap(pte))
			goto out;
#if NO_PERMISSION
		if (!pte_present(pte) || pte_protnone(pte))
			goto out;
#else
		if (!pte_access_permitted(pte, flags & FOLL_WRITE))
			goto out;
#endif
		page = pte_page(pte);
		if (PageCompound(page) || page_ref_count(page) < 0 ||
		    !page_ref_add_unless(page, units(flags), 0))
			goto out;
#if !NO_RECHECK
		/* The page may have been unmapped, and freed, and be another's by now. */
		if (pmd_val(pmd) != pmd_val(*pmdp) || pte_val(pte) != pte_val(*ptep)) {
			folio_put_refs(page_folio(page), units(flags));
			goto out;
		}
#endif
		if (!PageAnon(page) ||
		    ((flags & FOLL_PIN) && !pte_write(pte) && !PageAnonExclusive(page))) {
#if !LEAK
			folio_put_refs(page_folio(page), units(flags));
#endif
			goto out;
		}
		pages[(*nr)++] = page;
	}
	done = 1;
out:
	pte_unmap(table);
	return done;
}

static int walk_pmds(pud_t pud, unsigned long addr, unsigned long end, unsigned int flags,
		     struct page **pages, int *nr)
{
	pmd_t *pmdp = pmd_offset_lockless(NULL, pud, addr);
	unsigned long next;

	do {
		pmd_t pmd = pmdp_get_lockless(pmdp);

		next = pmd_addr_end(addr, end);
		if (!pmd_present(pmd) || pmd_leaf(pmd))
			return 0;
		if (!walk_ptes(pmd, pmdp, addr, next, flags, pages, nr))
			return 0;
	} while (pmdp++, addr = next, addr != end);
	return 1;
}

static int walk_puds(pgd_t pgd, unsigned long addr, unsigned long end, unsigned int flags,
		     struct page **pages, int *nr)
{
	pud_t *pudp = (pud_t *)pud_offset_lockless(NULL, pgd, addr);
	pud_t pud = READ_ONCE(*pudp);

	if (!pud_present(pud) || pud_leaf(pud))
		return 0;
	return walk_pmds(pud, addr, end, flags, pages, nr);
}

static void give_back(struct page **pages, int nr, unsigned int flags)
{
	while (nr--)
		folio_put_refs(page_folio(pages[nr]), units(flags));
}

/* Takes references to the pages at [start, end) without a lock; returns how many it got. */
static unsigned long small_gup_fast(unsigned long start, unsigned long end, unsigned int flags,
				    struct page **pages)
{
	struct mm_struct *mm = current->mm;
	unsigned int seq = 0;
	unsigned long irq;
	pgd_t *pgdp, pgd;
	int nr = 0;

	if (flags & FOLL_PIN) {
		seq = raw_read_seqcount(&mm->write_protect_seq);
		if (seq & 1)
			return 0;
	}
#if !INTERRUPTS_ON
	local_irq_save(irq);
#endif
	pgdp = pgd_offset(mm, start);
	pgd = READ_ONCE(*pgdp);
	if (pgd_present(pgd) && !pgd_leaf(pgd))
		walk_puds(pgd, start, end, flags, pages, &nr);
#if !INTERRUPTS_ON
	local_irq_restore(irq);
#endif
#if !NO_FORK_CHECK
	if ((flags & FOLL_PIN) && read_seqcount_retry(&mm->write_protect_seq, seq)) {
		give_back(pages, nr, flags);
		return 0;
	}
#endif
	return nr;
}
