/*
 * anon_move: UFFDIO_MOVE gives the folio to a vma with another root anon_vma (since 6.8); the vma it came from is freed then,
 * and its anon_vma too, while the folio stays mapped.
 *
 * Model: the anon_vma of a forked process is not allocated again at once: a change of anon_vma->root while another CPU waits for
 * root->rwsem is not judged.
 */
void actor_anon_move(void)
{
	/* mm/userfaultfd.c: move_pages_pte(), mm/userfaultfd.c: move_pages_ptes() */
	struct folio *folio = page_folio(victim_page);
	struct anon_vma *anon_vma = victim_anon_vma;
	struct anon_vma *root = __rw_load(once, &anon_vma->root);
	pte_t pte;

	/* mm/userfaultfd.c: move_pages_pte(), mm/userfaultfd.c: move_pages_ptes() */
	if (!folio_trylock(folio))
		return;
	/* include/linux/rmap.h: anon_vma_lock_write() */
	__rw_intrinsic(down_write, &root->rwsem);
	/* mm/userfaultfd.c: move_present_pte(), mm/userfaultfd.c: move_present_ptes() */
	if (folio_maybe_dma_pinned(folio))
		goto out;
	pte = ptep_clear_flush(NULL, 0, victim_ptep);
	if (folio_maybe_dma_pinned(folio)) {
		set_pte(victim_ptep, pte);
		goto out;
	}
	/* mm/rmap.c: folio_move_anon_rmap() */
	__rw_store(once, &folio->mapping,
		   (struct address_space *)(__rw_symbol(other_anon_vma) + PAGE_MAPPING_ANON));
	/* include/linux/rmap.h: anon_vma_unlock_write() */
	__rw_intrinsic(up_write, &root->rwsem);
	/* mm/userfaultfd.c: move_pages_pte(), mm/userfaultfd.c: move_pages_ptes() */
	folio_unlock(folio);
	if (root == anon_vma) {
		anon_vma_unlink(anon_vma);
		return;
	}
	/* mm/rmap.c: unlink_anon_vmas() */
	if (!atomic_dec_and_test(&anon_vma->refcount))
		return;
	/* mm/rmap.c: anon_vma_free() */
	__rw_intrinsic(slab_free, anon_vma);
	/* mm/rmap.c: __put_anon_vma() */
	atomic_dec(&root->refcount);
	/* mm/slub.c: free_slab() */
	__rw_intrinsic(grace_period_begin);
	/* mm/slub.c: rcu_free_slab() */
	__rw_intrinsic(grace_period_end);
	/* mm/slub.c: __free_slab() */
	__rw_intrinsic(free_object, anon_vma);
	return;
out:
	/* include/linux/rmap.h: anon_vma_unlock_write() */
	__rw_intrinsic(up_write, &root->rwsem);
	/* mm/userfaultfd.c: move_pages_pte(), mm/userfaultfd.c: move_pages_ptes() */
	folio_unlock(folio);
}
