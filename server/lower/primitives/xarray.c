/*
 * The page cache's xarray: include/linux/xarray.h, lib/xarray.c.
 *
 * Model: an xarray is its head and at most one node with one slot that leads to a folio, for index 0 or 2^32 + 1; what stands behind
 * it (nothing, a value entry, an entry of a range, a node that moved) is open each time it is looked at. Nodes are freed by RCU, as in
 * xa_node_free(). Loses tables of several levels, two folios in one file; which marks an entry has is open.
 * Model: whether a batch has room for more is anybody's guess.
 */
#define XA_PRESENT 8
typedef unsigned int xa_mark_t;
struct xa_node {
	void *slots;
};
/* __rw_local: a struct that locals may be */
struct xa_state {
	unsigned long __rw_local;
	void **xa;
	unsigned long xa_index;
	struct xa_node *xa_node;
};
/* include/linux/xarray.h: the lock of the one xarray there is; who holds a spinlock is not preempted */
#define __rw_xa_lock ((spinlock_t *)__rw_symbol(xa_lock))
#define __rw_lock_xa(section) do { __rw_enter(section); __rw_intrinsic(lock, __rw_xa_lock); } while (0)
#define __rw_unlock_xa(section) do { __rw_intrinsic(unlock, __rw_xa_lock); __rw_leave(section); } while (0)
#define xa_lock(xa) __rw_lock_xa(preempt)
#define xa_unlock(xa) __rw_unlock_xa(preempt)
#define xa_lock_bh(xa) __rw_lock_xa(preempt)
#define xa_unlock_bh(xa) __rw_unlock_xa(preempt)
#define xa_lock_irq(xa) __rw_lock_xa(irq)
#define xa_unlock_irq(xa) __rw_unlock_xa(irq)
#define xa_lock_irqsave(xa, flags) do { (flags) = 0; __rw_lock_xa(irq); } while (0)
#define xa_unlock_irqrestore(xa, flags) do { (void)(flags); __rw_unlock_xa(irq); } while (0)
#define xas_lock(xas) __rw_lock_xa(preempt)
#define xas_unlock(xas) __rw_unlock_xa(preempt)
#define xas_lock_bh(xas) __rw_lock_xa(preempt)
#define xas_unlock_bh(xas) __rw_unlock_xa(preempt)
#define xas_lock_irq(xas) __rw_lock_xa(irq)
#define xas_unlock_irq(xas) __rw_unlock_xa(irq)
#define xas_lock_irqsave(xas, flags) do { (flags) = 0; __rw_lock_xa(irq); } while (0)
#define xas_unlock_irqrestore(xas, flags) do { (void)(flags); __rw_unlock_xa(irq); } while (0)
#define XAS_BOUNDS ((struct xa_node *)1UL)
#define XAS_RESTART ((struct xa_node *)3UL)
#define XA_RETRY_ENTRY ((void *)1026UL)
#define XA_ZERO_ENTRY ((void *)1030UL)
#define XA_STATE(name, array, index) \
	struct xa_state name = { .xa = (void **)(array), .xa_index = (index), .xa_node = XAS_RESTART }

bool xa_is_value(const void *entry) { return (unsigned long)entry & 1; }
bool xa_is_retry(const void *entry) { return entry == XA_RETRY_ENTRY; }
bool xa_is_zero(const void *entry) { return entry == XA_ZERO_ENTRY; }
bool xa_is_node(const void *entry) { return ((unsigned long)entry & 3) == 2 && (unsigned long)entry > 4096; }
void xas_reset(struct xa_state *xas) { xas->xa_node = XAS_RESTART; }
void xas_set(struct xa_state *xas, unsigned long index)
{
	xas->xa_index = index;
	xas->xa_node = XAS_RESTART;
}
bool xas_retry(struct xa_state *xas, const void *entry)
{
	if (xa_is_zero(entry))
		return true;
	if (!xa_is_retry(entry))
		return false;
	xas_reset(xas);
	return true;
}
/* include/linux/xarray.h: what stands at the place the walk came to */
void *xas_reload(struct xa_state *xas)
{
	if (!xas->xa_node)
		return __rw_load(once, xas->xa);
	return __rw_load(once, &xas->xa_node->slots);
}
/* entries of a range that begins in a slot before: lib/xarray.c, xa_mk_sibling() */
#define XA_SIBLING_ENTRY ((void *)2UL)
#define XA_BEHIND_ENTRY ((void *)11UL)
#define __rw_slot_index ((unsigned long)__rw_symbol(slot_index))

/* lib/xarray.c: xas_load(), from the head unless it came to a node before */
void *xas_load(struct xa_state *xas)
{
	void *entry;

	if (xas->xa_node != XAS_RESTART)
		return xas_reload(xas);
	entry = __rw_load(once, xas->xa);
	if (!xa_is_node(entry)) {
		xas->xa_node = NULL;
		return xas->xa_index ? NULL : entry;
	}
	xas->xa_node = (struct xa_node *)((unsigned long)entry - 2);
	return xas->xa_index != __rw_slot_index ? NULL : __rw_load(once, &xas->xa_node->slots);
}
/* lib/xarray.c: xas_find(): from a slot on to the next one; its node is looked at even where the range ends before it */
void *xas_find(struct xa_state *xas, unsigned long max)
{
	if (xas->xa_node == XAS_BOUNDS)
		return NULL;
	if (xas->xa_index > max) {
		xas->xa_node = XAS_BOUNDS;
		return NULL;
	}
	if (xas->xa_node == XAS_RESTART && xas->xa_index <= __rw_slot_index) {
		void *entry;

		if (__rw_slot_index > max)
			return NULL;
		xas->xa_index = __rw_slot_index;
		entry = xas_load(xas);
		if (entry)
			return entry;
	}
	if (!xas->xa_node || xas->xa_node == XAS_RESTART) {
		xas->xa_node = XAS_BOUNDS;
		return NULL;
	}
	__rw_load(once, &xas->xa_node->slots);
	if (xas->xa_index == __rw_slot_index && max > __rw_slot_index && __rw_choose(2)) {
		xas->xa_index++;
		return XA_BEHIND_ENTRY;
	}
	xas->xa_node = XAS_BOUNDS;
	return NULL;
}
/* lib/xarray.c: xas_find_marked(): whether the entry has the mark is anybody's guess */
void *xas_find_marked(struct xa_state *xas, unsigned long max, xa_mark_t mark)
{
	if (__rw_choose(2))
		return NULL;
	return xas_find(xas, max);
}
/* lib/xarray.c: __xas_next(): from a slot on to the next one; from the start, or after a reset, to where it stands */
void *xas_next(struct xa_state *xas)
{
	if (xas->xa_node == XAS_RESTART)
		return xas_load(xas);
	xas->xa_index++;
	if (!xas->xa_node || xas->xa_node == XAS_BOUNDS)
		return NULL;
	if (xas->xa_index == __rw_slot_index)
		return __rw_load(once, &xas->xa_node->slots);
	__rw_load(once, &xas->xa_node->slots);
	switch (__rw_choose(4)) {
	case 0:
		return XA_BEHIND_ENTRY;
	case 1:
		return XA_SIBLING_ENTRY;
	case 2:
		return XA_RETRY_ENTRY;
	}
	return NULL;
}
void xas_advance(struct xa_state *xas, unsigned long index) { xas->xa_index = index; }
void xas_pause(struct xa_state *xas)
{
	xas->xa_index++;
	xas->xa_node = XAS_RESTART;
}
bool xa_is_sibling(const void *entry) { return entry == XA_SIBLING_ENTRY; }
/* how long the range is that a value entry stands for */
int xas_get_order(struct xa_state *xas) { return __rw_choose(2); }
#define xa_get_order(xa, index) (__rw_choose(2))
void *xas_next_entry(struct xa_state *xas, unsigned long max) { return xas_find(xas, max); }
void *xas_next_marked(struct xa_state *xas, unsigned long max, xa_mark_t mark) { return xas_find_marked(xas, max, mark); }
/* lib/xarray.c: xa_load() */
void *xa_load(void **xa, unsigned long index)
{
	void *entry;

	XA_STATE(xas, xa, index);
	rcu_read_lock();
	do {
		entry = xas_load(&xas);
	} while (xas_retry(&xas, entry));
	rcu_read_unlock();
	return entry;
}

/*
 * Swap entries in the page cache: include/linux/swapops.h. Model: the swap cache is empty; which entries stand for an error, and
 * whether their device is still there, is open.
 */
typedef struct {
	unsigned long val;
} swp_entry_t;
swp_entry_t radix_to_swp_entry(void *entry)
{
	swp_entry_t swap;

	swap.val = (unsigned long)entry >> 1;
	return swap;
}
void *swp_to_radix_entry(swp_entry_t swap) { return (void *)((swap.val << 1) | 1); }
bool non_swap_entry(swp_entry_t swap) { return __rw_choose(2); }
unsigned long swp_offset(swp_entry_t swap) { return swap.val; }
unsigned long swap_cache_index(swp_entry_t swap) { return swap.val; }
struct swap_info_struct *get_swap_device(swp_entry_t swap)
{
	return __rw_choose(2) ? (struct swap_info_struct *)__rw_symbol(swap_info) : NULL;
}
#define put_swap_device(si) do { } while (0)
#define swap_address_space(swap) ((struct address_space *)__rw_symbol(mapping_other))

/*
 * mm/shmem.c: brings a folio back from swap, or makes one. Model: it finds nothing.
 */
#define __rw_operation_shmem_get_folio
#define shmem_get_folio(inode, ...) (__rw_choose(2) ? -12 : 0)

/* include/linux/pagemap.h */
typedef unsigned int fgf_t;
#define FGP_ACCESSED 0x1
#define FGP_LOCK 0x2
#define FGP_CREAT 0x4
#define FGP_WRITE 0x8
#define FGP_NOWAIT 0x20

/* include/linux/pagevec.h */
#define PAGEVEC_SIZE 15
struct folio_batch {
	unsigned char nr;
	bool percpu_pvec_drained;
	struct folio *folios[15];
};
struct pagevec {
	unsigned char nr;
	bool percpu_pvec_drained;
	struct page *pages[15];
};
unsigned int folio_batch_count(struct folio_batch *fbatch) { return fbatch->nr; }
unsigned int folio_batch_space(struct folio_batch *fbatch) { return __rw_choose(2); }
unsigned int folio_batch_add(struct folio_batch *fbatch, struct folio *folio)
{
	fbatch->folios[fbatch->nr++] = folio;
	return __rw_choose(2);
}
unsigned int pagevec_count(struct pagevec *pvec) { return pvec->nr; }
unsigned int pagevec_space(struct pagevec *pvec) { return __rw_choose(2); }
unsigned int pagevec_add(struct pagevec *pvec, struct page *page)
{
	pvec->pages[pvec->nr++] = page;
	return __rw_choose(2);
}
