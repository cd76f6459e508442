/**
 * What the kernel's functions do, where their bodies do not say it: they end in assembly, in calls through pointers, or they are
 * one operation of the model. A row names the header that declares them.
 */
import type { Effect } from './effect.js';

/** `of`: the argument by which a lock is known; `inside`: the body is looked at as well, for what it waits for. */
export interface Word {
	readonly effects: readonly Effect[];
	readonly lock?: 'take' | 'give';
	/** Only where the first argument leads to this member. */
	readonly of?: string;
	readonly inside?: true;
	/** Only where the body is not near: include/linux/pgtable.h has architectures bring their own. */
	readonly otherwise?: true;
	/** Of the kernel's functions alone: an adversary that needs it says so by a word of its own. */
	readonly kernel?: readonly Effect[];
}

type Row = readonly [string, Word];

function rows(names: readonly string[], word: Word): readonly Row[] {
	return names.map((name) => [name, word] as const);
}

function effects(...list: readonly Effect[]): Word {
	return { effects: list };
}

/** As well as what its body waits for: mm/pgtable-generic.c. */
const ENTRY: Word = { effects: ['entry'], inside: true };
const EMPTIES: Word = { ...ENTRY, kernel: ['emptied'] };
const NOTHING: Word = { effects: [] };

export const WORDS: ReadonlyMap<string, Word> = new Map<string, Word>([
	// include/linux/smp.h, arch/x86/include/asm/tlbflush.h: each waits for the CPUs it interrupts
	...rows(
		[
			...['smp_call_function', 'smp_call_function_many', 'smp_call_function_many_cond'],
			...['on_each_cpu', 'on_each_cpu_mask', 'on_each_cpu_cond', 'on_each_cpu_cond_mask'],
			...['kick_all_cpus_sync', 'serialize_against_pte_lookup', 'flush_tlb_multi'],
			...['flush_tlb_others', 'native_flush_tlb_others', 'native_flush_tlb_multi'],
		],
		effects('ipi'),
	),
	// include/linux/rcupdate.h
	...rows(
		[
			...['call_rcu', 'call_rcu_hurry', 'call_rcu_sched', 'synchronize_rcu'],
			...['synchronize_rcu_expedited', 'synchronize_sched', 'kfree_rcu', 'kvfree_rcu'],
			...['percpu_ref_kill', 'percpu_ref_kill_and_confirm'],
		],
		effects('grace-period'),
	),
	// asm/tlbflush.h, asm-generic/tlb.h
	...rows(
		[
			...['flush_tlb_mm', 'flush_tlb_range', 'flush_tlb_page', 'flush_tlb_mm_range'],
			...['flush_pmd_tlb_range', 'flush_pud_tlb_range', 'flush_hugetlb_tlb_range'],
			...['flush_tlb_all', 'tlb_flush', 'tlb_flush_mmu_tlbonly', 'arch_tlbbatch_flush'],
			...['__flush_tlb_range', 'flush_tlb_fix_spurious_fault'],
		],
		effects('tlb-flush'),
	),
	// asm/barrier.h
	...rows(
		['smp_mb', 'mb', 'smp_mb__after_atomic', 'smp_mb__before_atomic'],
		effects('full-barrier'),
	),
	...rows(['smp_store_mb', 'smp_mb__after_spinlock'], effects('full-barrier')),
	...rows(['smp_wmb', 'wmb'], effects('write-barrier')),
	// include/linux/seqlock.h
	...rows(['raw_write_seqcount_begin', 'write_seqcount_begin', 'do_raw_write_seqcount_begin'], {
		effects: ['sequence-begin'],
		of: 'write_protect_seq',
	}),
	...rows(['raw_write_seqcount_end', 'write_seqcount_end', 'do_raw_write_seqcount_end'], {
		effects: ['sequence-end'],
		of: 'write_protect_seq',
	}),
	// include/linux/mm.h
	...rows(
		['folio_maybe_dma_pinned', 'page_maybe_dma_pinned', 'folio_needs_cow_for_dma'],
		effects('pins'),
	),
	...rows(['page_needs_cow_for_dma'], effects('pins')),
	// include/linux/pgtable.h, include/linux/mm.h, asm/pgtable.h, asm/pgalloc.h, include/linux/hugetlb.h
	...rows(
		[
			...['set_pte', 'set_pte_at', 'set_ptes', 'set_pmd', 'set_pmd_at', 'set_pud', 'set_pud_at'],
			...['set_huge_pte_at', 'pmd_populate', 'pud_populate', 'ptep_modify_prot_commit'],
			...['ptep_set_wrprotect', 'wrprotect_ptes', 'pmdp_set_wrprotect', 'pudp_set_wrprotect'],
			...['huge_ptep_set_wrprotect', 'pmdp_establish'],
		],
		ENTRY,
	),
	...rows(
		[
			...['pte_clear', 'pmd_clear', 'pud_clear', 'p4d_clear', 'pgd_clear', 'ptep_clear'],
			...['pte_clear_not_present_full', 'ptep_get_and_clear', 'ptep_get_and_clear_full'],
			...['get_and_clear_full_ptes', 'clear_full_ptes', 'clear_not_present_full_ptes'],
			...['ptep_clear_flush', 'pmdp_huge_get_and_clear', 'pmdp_huge_get_and_clear_full'],
			...['pmdp_huge_clear_flush', 'pudp_huge_get_and_clear', 'pudp_huge_get_and_clear_full'],
			...['pudp_huge_clear_flush', 'pmdp_collapse_flush', 'pmdp_invalidate', 'pmdp_invalidate_ad'],
			...['ptep_modify_prot_start', 'huge_pte_clear', 'huge_ptep_get_and_clear'],
			...['huge_ptep_clear_flush', 'ptep_clear_flush_notify', 'pmdp_huge_clear_flush_notify'],
		],
		EMPTIES,
	),
	...rows(
		[
			...['pte_free', 'pte_free_tlb', 'pmd_free_tlb', 'pud_free_tlb', 'p4d_free_tlb'],
			...['page_table_free', 'page_table_free_rcu', 'pagetable_free', 'pagetable_dtor_free'],
			...['pagetable_pte_dtor_free'],
			...['__tlb_remove_table', 'tlb_remove_table', '__pte_free_tlb', '__pmd_free_tlb'],
		],
		effects('table-freed'),
	),
	['pte_free_defer', { effects: ['grace-period', 'table-freed'], otherwise: true }],
	// include/linux/mm.h, page_ref.h
	...rows(
		[
			...['folio_get', 'folio_put', 'get_page', 'put_page', 'folio_put_refs', 'folio_ref_add'],
			...['folio_ref_sub', 'folio_ref_inc', 'folio_ref_dec', 'page_ref_add', 'page_ref_sub'],
			...['folio_try_get', 'get_page_unless_zero', 'folio_put_testzero', 'put_page_testzero'],
			...['folio_ref_unfreeze', 'page_ref_unfreeze'],
			...['folio_batch_release', 'folios_put', 'free_folio_and_swap_cache'],
			...['free_page_and_swap_cache', 'free_pages_and_swap_cache', 'tlb_remove_page_size'],
			...['release_pages', 'pagevec_release', '__pagevec_release', '__folio_batch_release'],
			...[
				'set_page_refcounted',
				'init_page_count',
				'set_page_count',
				'page_ref_inc',
				'page_ref_dec',
			],
		],
		effects('count'),
	),
	...rows(['folio_ref_freeze', 'page_ref_freeze'], { effects: ['count'], kernel: ['frozen'] }),
	...rows(['folio_ref_count', 'page_ref_count', 'page_count'], {
		...{ effects: [], kernel: ['references'] },
	}),
	// engine/mm/actors/common.c: what keeps an adversary from harm and is no step of its own
	['empties_entry', effects('emptied')],
	['looks_at_references', effects('references')],
	['freezes_references', effects('frozen')],
	...rows(['SetPageAnonExclusive', 'ClearPageAnonExclusive'], effects('exclusive')),
	// include/linux/mm.h, include/linux/huge_mm.h, include/linux/hugetlb.h, include/linux/rmap.h
	...rows(
		[
			...['pmd_lock', 'pud_lock', 'pte_offset_map_lock', 'pmd_trans_huge_lock', 'huge_pte_lock'],
			...['__pmd_trans_huge_lock', 'pud_trans_huge_lock', '__pud_trans_huge_lock'],
			...['page_vma_mapped_walk', 'pte_offset_map_rw_nolock'],
		],
		effects('lock ptl'),
	),
	...rows(['pte_unmap_unlock', 'page_vma_mapped_walk_done'], effects('unlock ptl')),
	// include/linux/mmap_lock.h
	...rows(
		[
			...['mmap_write_lock', 'mmap_write_lock_killable', 'mmap_write_lock_nested'],
			...['mmap_read_lock', 'mmap_read_lock_killable', 'mmap_read_trylock', 'mmap_write_trylock'],
		],
		effects('lock mmap'),
	),
	...rows(
		['mmap_write_unlock', 'mmap_read_unlock', 'mmap_read_unlock_non_owner'],
		effects('unlock mmap'),
	),
	// include/linux/pagemap.h
	...rows(
		[
			...['folio_lock', 'folio_trylock', 'folio_lock_killable', 'lock_page', 'trylock_page'],
			...['__folio_lock', '__lock_page', 'filemap_lock_folio', 'find_lock_page', 'find_lock_entry'],
		],
		effects('lock folio'),
	),
	...rows(['folio_unlock', 'unlock_page'], effects('unlock folio')),
	// include/linux/xarray.h
	...['xas', 'xa'].flatMap((of) => [
		...rows(
			[`${of}_lock`, `${of}_lock_irq`, `${of}_lock_bh`, `${of}_lock_irqsave`, `${of}_trylock`],
			effects('lock xarray'),
		),
		...rows(
			[`${of}_unlock`, `${of}_unlock_irq`, `${of}_unlock_bh`, `${of}_unlock_irqrestore`],
			effects('unlock xarray'),
		),
	]),
	// include/linux/rmap.h
	...rows(
		['anon_vma_lock_write', 'anon_vma_lock_read', 'anon_vma_trylock_write', 'lock_anon_vma_root'],
		effects('lock anon_vma'),
	),
	...rows(
		['anon_vma_unlock_write', 'anon_vma_unlock_read', 'unlock_anon_vma_root'],
		effects('unlock anon_vma'),
	),
	// include/linux/spinlock.h, include/linux/rwsem.h
	...rows(
		[
			...['spin_lock', 'spin_lock_nested', 'spin_lock_irq', 'spin_lock_irqsave', 'spin_lock_bh'],
			...['spin_trylock', 'down_read', 'down_write', 'down_read_trylock', 'down_write_trylock'],
			...['down_write_killable', 'down_read_killable', 'down_write_nested', 'mutex_lock'],
		],
		{ effects: [], lock: 'take' },
	),
	...rows(
		[
			...['spin_unlock', 'spin_unlock_irq', 'spin_unlock_irqrestore', 'spin_unlock_bh'],
			...['up_read', 'up_write', 'mutex_unlock'],
		],
		{ effects: [], lock: 'give' },
	),
	// what every function calls and what is no step of a protocol
	...rows(
		[
			...['printk', '_printk', 'cond_resched', 'might_sleep', 'kmem_cache_alloc', 'kmalloc'],
			...['kzalloc', 'kfree', 'kmem_cache_free', 'memset', 'memcpy', 'READ_ONCE', 'rcu_read_lock'],
			...['rcu_read_unlock', 'likely', 'unlikely', 'count_vm_event', 'count_vm_events', 'IS_ERR'],
			...['BUG_ON', 'VM_BUG_ON', 'WARN_ON', 'WARN_ON_ONCE', 'VM_WARN_ON', 'VM_WARN_ON_ONCE'],
			...['VM_BUG_ON_PAGE', 'VM_BUG_ON_FOLIO', 'VM_WARN_ON_ONCE_FOLIO', 'VM_WARN_ON_FOLIO'],
			...['alloc_pages', '__alloc_pages', '__folio_alloc', 'folio_alloc', '__get_free_page'],
			...['mmu_notifier_invalidate_range_start', 'mmu_notifier_invalidate_range_end'],
			...['mem_cgroup_charge', 'mem_cgroup_uncharge', 'lockdep_assert_held', 'lru_add_drain'],
			...['lru_add_drain_all', 'schedule', 'wait_event', 'get_user_pages', 'handle_mm_fault'],
		],
		NOTHING,
	),
]);

/** What racewalk's own `__rw_intrinsic(NAME, …)` does: engine/mm/model/operation.ts. */
export const INTRINSICS: ReadonlyMap<string, Word> = new Map<string, Word>([
	['ipi_begin', effects('ipi')],
	['ipi_end', effects('ipi')],
	['grace_period_begin', effects('grace-period')],
	['grace_period_end', effects('grace-period')],
	...rows(['lock', 'trylock', 'lock_shared', 'down_read', 'down_write'], {
		effects: [],
		lock: 'take',
	}),
	...rows(['down_read_trylock', 'down_write_trylock'], { effects: [], lock: 'take' }),
	...rows(['unlock', 'unlock_shared', 'up_read', 'up_write'], { effects: [], lock: 'give' }),
	['detach_entry', effects('entry')],
	['free_table', effects('table-freed')],
	['free_folio', effects('count')],
	['clear_anon_exclusive', effects('exclusive')],
]);

/** What a lock is called by the member that it is: include/linux/mm_types.h, fs.h, rmap.h. */
export const LOCKS: ReadonlyMap<string, string> = new Map([
	...['page_table_lock', 'ptl', 'pml', 'pmd_ptl', 'pte_ptl'].map((m) => [m, 'ptl'] as const),
	...['mmap_lock', 'mmap_sem'].map((m) => [m, 'mmap'] as const),
	...['rwsem', 'anon_vma'].map((m) => [m, 'anon_vma'] as const),
	...['i_mmap_rwsem', 'i_mmap_mutex'].map((m) => [m, 'i_mmap'] as const),
	...['i_pages', 'xa_lock', 'tree_lock'].map((m) => [m, 'xarray'] as const),
	['PG_locked', 'folio'],
]);

/** Members of struct page and struct folio whose change is an effect. */
export const MEMBERS: ReadonlyMap<string, Effect> = new Map<string, Effect>([
	['_refcount', 'count'],
	['_mapcount', 'mapcount'],
	['mapping', 'mapping'],
	['PG_anon_exclusive', 'exclusive'],
]);
