/*
 * Bodies taken for granted when there is no tree to read them from; each use is listed as an assumption of the verdict.
 */
/* include/linux/secretmem.h, mm/shmem.c */
bool secretmem_mapping(struct address_space *mapping) { return mapping->a_ops == &secretmem_aops; }
bool shmem_mapping(struct address_space *mapping) { return mapping->a_ops == &shmem_aops; }
/* include/linux/secretmem.h before 6.6: a secretmem page is never compound */
bool page_is_secretmem(struct page *page)
{
	struct address_space *seen;

	if (PageCompound(page))
		return false;
	seen = (struct address_space *)((unsigned long)page->mapping & ~(unsigned long)PAGE_MAPPING_FLAGS);
	if (!seen || seen != page->mapping)
		return false;
	return seen->a_ops == &secretmem_aops;
}
bool folio_is_secretmem(struct folio *folio) { return page_is_secretmem(&folio->page); }
/* include/linux/mm.h */
bool folio_is_longterm_pinnable(struct folio *folio)
{
	return is_zero_folio(folio) || !folio_is_zone_movable(folio);
}
bool is_longterm_pinnable_page(struct page *page) { return is_zero_page(page) || !is_zone_movable_page(page); }
bool gup_can_follow_protnone(unsigned int flags) { return flags & FOLL_FORCE; }
#ifdef RACEWALK_UNSHARE_WITHOUT_VMA
bool gup_must_unshare(unsigned int flags, struct page *page)
{
	if ((flags & (FOLL_WRITE | FOLL_PIN)) != FOLL_PIN || !PageAnon(page))
		return false;
	smp_rmb();
	if (!PageHead(page) && PageHuge(page))
		page = compound_head(page);
	return !PageAnonExclusive(page);
}
#else
/* mm/internal.h: without the vma a read-only longterm pin of a file page is left to the slow path */
bool gup_must_unshare(struct vm_area_struct *vma, unsigned int flags, struct page *page)
{
	if ((flags & (FOLL_WRITE | FOLL_PIN)) != FOLL_PIN)
		return false;
	if (!PageAnon(page))
		return (flags & FOLL_LONGTERM) != 0;
	smp_rmb();
	return !PageAnonExclusive(page);
}
#endif
