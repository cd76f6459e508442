/*
 * anon_exit: a VMA is added and removed, then the last VMA is unmapped; the anon_vma loses its last reference. The slab,
 * SLAB_TYPESAFE_BY_RCU, may hand the object out at once as the anon_vma of another process; its memory is given back after
 * a grace period.
 */
#define victim_anon_vma ((struct anon_vma *)__rw_symbol(anon_vma))

/* What the slab does with an anon_vma that is free. */
static void anon_vma_reuse(struct anon_vma *anon_vma)
{
	switch (__rw_choose(3)) {
	case 0:
		/* mm/rmap.c: anon_vma_alloc() */
		__rw_store(once, &anon_vma->refcount, 1);
		__rw_store(once, &anon_vma->parent, anon_vma);
		__rw_store(once, &anon_vma->root, anon_vma);
		break;
	case 1:
		/* mm/slub.c: free_slab() */
		__rw_intrinsic(grace_period_begin);
		/* mm/slub.c: rcu_free_slab() */
		__rw_intrinsic(grace_period_end);
		/* mm/slub.c: __free_slab() */
		__rw_intrinsic(free_object, anon_vma);
		break;
	default:
		break;
	}
}

/* The vma's hold on its anon_vma goes. */
static void anon_vma_unlink(struct anon_vma *anon_vma)
{
	/* mm/rmap.c: unlink_anon_vmas() */
	struct anon_vma *root = __rw_load(once, &anon_vma->root);

	/* mm/rmap.c: lock_anon_vma_root(), mm/rmap.c: unlink_anon_vmas() */
	__rw_intrinsic(down_write, &root->rwsem);
	/* mm/rmap.c: unlock_anon_vma_root(), mm/rmap.c: unlink_anon_vmas() */
	__rw_intrinsic(up_write, &root->rwsem);
	/* include/linux/rmap.h: put_anon_vma() */
	if (!atomic_dec_and_test(&anon_vma->refcount))
		return;
	/* mm/rmap.c: anon_vma_free() */
	if (__rw_intrinsic(rwsem_is_locked, &root->rwsem)) {
		__rw_intrinsic(down_write, &root->rwsem);
		__rw_intrinsic(up_write, &root->rwsem);
	}
	/* mm/rmap.c: anon_vma_free() */
	__rw_intrinsic(slab_free, anon_vma);
	/* mm/rmap.c: __put_anon_vma() */
	if (root != anon_vma)
		atomic_dec(&root->refcount);
	anon_vma_reuse(anon_vma);
}

void actor_anon_exit(void)
{
	struct anon_vma *anon_vma = victim_anon_vma;
	struct anon_vma *root = __rw_load(once, &anon_vma->root);

	/* mm/rmap.c: anon_vma_clone() */
	__rw_intrinsic(down_write, &root->rwsem);
	/* mm/rmap.c: anon_vma_clone() */
	__rw_intrinsic(up_write, &root->rwsem);
	unmap_victim();
	anon_vma_unlink(anon_vma);
	if (root == anon_vma)
		return;
	/* mm/rmap.c: anon_vma_clone() */
	__rw_intrinsic(down_write, &root->rwsem);
	/* mm/rmap.c: anon_vma_clone() */
	__rw_intrinsic(up_write, &root->rwsem);
	/* the process that forked goes, too */
	anon_vma_unlink(root);
}
