/*
 * Types of the primitives: the structs that the world has objects of, with the fields that exist in it.
 * A field that is not here has no cell; reading it makes a verdict `unsupported`, never a guess.
 *
 * Model: page flags are one cell each (PG_locked, PG_head, ...), not bits of one word. Adds nothing, loses only races
 * between plain read-modify-writes of the whole word. Source: include/linux/page-flags.h, enum pageflags.
 * Model: an embedded struct that is not the first member is an object of its own, reached through its address.
 */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;
typedef unsigned long size_t;
typedef unsigned long pgoff_t;
typedef long ssize_t;
typedef int atomic_t;
typedef long atomic_long_t;
/* include/linux/seqlock_types.h: a word of its one member */
typedef struct { unsigned long sequence; } seqcount_t;
typedef unsigned long spinlock_t;
typedef unsigned long rwlock_t;
typedef unsigned long pgprot_t;
typedef unsigned long gfp_t;
typedef struct page *pgtable_t;

struct address_space_operations;
struct inode {
	struct address_space *i_mapping;
	long i_size;
};
/* include/linux/fs.h: struct address_space */
struct address_space {
	struct inode *host;
	const struct address_space_operations *a_ops;
	/* its head: server/lower/primitives/xarray.c */
	void *i_pages;
	unsigned long flags;
	unsigned long nrpages;
};
struct dev_pagemap {
	unsigned long live;
	atomic_t ref;
	int type;
};
/* include/linux/mm_types.h: struct page */
struct page {
	struct address_space *mapping;
	unsigned long index;
	unsigned long private;
	unsigned long compound_head;
	atomic_t _refcount;
	atomic_t _mapcount;
	struct dev_pagemap *pgmap;
	int PG_locked;
	int PG_referenced;
	int PG_uptodate;
	int PG_dirty;
	int PG_writeback;
	int PG_head;
	int PG_slab;
	int PG_hugetlb;
	int PG_swapbacked;
	int PG_swapcache;
	int PG_reserved;
	int PG_active;
	int PG_lru;
	int PG_unevictable;
	int PG_private;
	int PG_hwpoison;
	int PG_mlocked;
	int PG_workingset;
	int PG_readahead;
	int PG_idle;
	int PG_isolated;
	int movable_ops;
	int PG_anon_exclusive;
	int zone_movable;
	int cma;
	int zone_device;
	int pci_p2pdma;
};
struct folio {
	struct page page;
	atomic_t _pincount;
	int _nr_pages;
	unsigned int _order;
};
/* include/linux/mm_types.h: struct mm_struct */
struct mm_struct {
	pgd_t *pgd;
	seqcount_t write_protect_seq;
	/* 5.9 to 5.13; a flag of `flags` since */
	atomic_t has_pinned;
	spinlock_t page_table_lock;
	unsigned long mmap_lock;
	unsigned long flags;
};
struct task_struct {
	struct mm_struct *mm;
};
struct vm_area_struct {
	struct mm_struct *vm_mm;
	unsigned long vm_flags;
};

/* include/linux/sched.h */
#define current ((struct task_struct *)__rw_symbol(current))

/* structs of the tree that the world has objects of: their members are fields of these, wherever the ABI has them */
#define __rw_world_address_space_operations
#define __rw_world_compact_control
#define __rw_world_scan_control
#define __rw_world_ksm_stable_node
