/*
 * anon_move: UFFDIO_MOVE gives the folio to a vma with another root anon_vma (since 6.8); the vma it came from goes then, and
 * its anon_vma with it, while the folio stays mapped.
 */
void actor_anon_move(void)
{
	/* mm/userfaultfd.c: move_pages_pte() */
	struct folio *folio = page_folio(victim_page);
	struct anon_vma *anon_vma = victim_anon_vma;
	struct anon_vma *root = __rw_load(once, &anon_vma->root);
	pte_t pte;

	/* mm/userfaultfd.c: move_pages_pte() */
	if (!folio_trylock(folio))
		return;
	/* include/linux/rmap.h: anon_vma_lock_write() */
	__rw_intrinsic(down_write, &root->rwsem);
	/* mm/userfaultfd.c: move_present_pte() */
	pte = ptep_get_and_clear(victim_mm, 0, victim_ptep);
	/* mm/rmap.c: folio_move_anon_rmap() */
	__rw_store(once, &folio->mapping,
		   (struct address_space *)(__rw_symbol(other_anon_vma) + PAGE_MAPPING_ANON));
	/* include/linux/rmap.h: anon_vma_unlock_write() */
	__rw_intrinsic(up_write, &root->rwsem);
	/* mm/userfaultfd.c: move_pages_pte() */
	folio_unlock(folio);
	anon_vma_unlink(anon_vma);
}
