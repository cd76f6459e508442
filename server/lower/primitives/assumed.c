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
	int migratetype = folio_migratetype(folio);

	if (is_migrate_cma(migratetype) || migratetype == MIGRATE_ISOLATE)
		return false;
	return is_zero_folio(folio) || !folio_is_zone_movable(folio);
}
bool is_longterm_pinnable_page(struct page *page) { return folio_is_longterm_pinnable((struct folio *)page); }
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
/* include/linux/rmap.h */
void anon_vma_lock_read(struct anon_vma *anon_vma) { down_read(&anon_vma->root->rwsem); }
int anon_vma_trylock_read(struct anon_vma *anon_vma) { return down_read_trylock(&anon_vma->root->rwsem); }
void anon_vma_unlock_read(struct anon_vma *anon_vma) { up_read(&anon_vma->root->rwsem); }
void anon_vma_lock_write(struct anon_vma *anon_vma) { down_write(&anon_vma->root->rwsem); }
void anon_vma_unlock_write(struct anon_vma *anon_vma) { up_write(&anon_vma->root->rwsem); }
void get_anon_vma(struct anon_vma *anon_vma) { atomic_inc(&anon_vma->refcount); }
/* mm/rmap.c: __put_anon_vma() */
void __put_anon_vma(struct anon_vma *anon_vma)
{
	struct anon_vma *root = anon_vma->root;

	if (rwsem_is_locked(&root->rwsem)) {
		anon_vma_lock_write(anon_vma);
		anon_vma_unlock_write(anon_vma);
	}
	kmem_cache_free(anon_vma_cachep, anon_vma);
	if (root != anon_vma && atomic_dec_and_test(&root->refcount))
		kmem_cache_free(anon_vma_cachep, root);
}
void put_anon_vma(struct anon_vma *anon_vma)
{
	if (atomic_dec_and_test(&anon_vma->refcount))
		__put_anon_vma(anon_vma);
}
