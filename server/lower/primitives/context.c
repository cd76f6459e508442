/*
 * Interrupts, RCU, preemption, locks, sequence counts: what keeps others away and what does not.
 */
typedef unsigned long irqflags_t;

/* include/linux/irqflags.h */
/* what is saved has the interrupt flag of x86 (X86_EFLAGS_IF); other values than those that were saved mean something else everywhere */
#define __rw_irqs_on 0x246
#define __rw_irqs_off 0x046
#define local_irq_save(flags) do { (flags) = __rw_enter(irq) ? __rw_irqs_off : __rw_irqs_on; } while (0)
void local_irq_restore(irqflags_t flags)
{
	if (flags == __rw_irqs_off)
		__rw_enter(irq);
	else if (flags == __rw_irqs_on)
		__rw_leave(irq);
	else
		__rw_unsupported("interrupts are restored to what was not saved");
}
#define local_irq_disable() ((void)__rw_enter(irq))
#define local_irq_enable() __rw_leave(irq)
#define raw_local_irq_save(flags) local_irq_save(flags)
#define raw_local_irq_restore(flags) local_irq_restore(flags)
#define raw_local_irq_disable() local_irq_disable()
#define raw_local_irq_enable() local_irq_enable()
#define irqs_disabled_flags(flags) ((flags) == __rw_irqs_off)
bool irqs_disabled(void) { return __rw_intrinsic(irqs_disabled) != 0; }
/* include/linux/lockdep.h: without CONFIG_PROVE_LOCKING the argument of lockdep_assert_held() is evaluated, the others are not */
#define lockdep_assert_irqs_disabled() do { } while (0)
#define lockdep_assert_held __rw_effects
#define might_lock_read(__l) do { } while (0)

/* include/linux/rcupdate.h */
void rcu_read_lock(void) { __rw_enter(rcu); }
void rcu_read_unlock(void) { __rw_leave(rcu); }
void rcu_read_lock_sched(void) { __rw_enter(preempt); }
void rcu_read_unlock_sched(void) { __rw_leave(preempt); }
void preempt_disable(void) { __rw_enter(preempt); }
void preempt_enable(void) { __rw_leave(preempt); }
/* kernel/rcu/tree.c: waits until every section that was open when it began has been left */
void synchronize_rcu(void)
{
	might_sleep();
	__rw_intrinsic(grace_period_begin);
	__rw_intrinsic(grace_period_end);
}
/* mm/mmu_gather.c: tlb_remove_table_sync_one(): an IPI that every CPU answers once its interrupts are on */
void tlb_remove_table_sync_one(void)
{
	__rw_intrinsic(ipi_begin);
	__rw_intrinsic(ipi_end);
}

/* include/linux/kernel.h */
#define might_sleep() __rw_intrinsic(might_sleep)
#define might_sleep_if(c) do { if (c) __rw_intrinsic(might_sleep); } while (0)
#define cond_resched() ({ __rw_intrinsic(might_sleep); 0; })
#define schedule() __rw_intrinsic(might_sleep)
void msleep(unsigned int msecs) { __rw_intrinsic(might_sleep); }
#define usleep_range(min, max) __rw_intrinsic(might_sleep)
#define schedule_timeout(t) ({ __rw_intrinsic(might_sleep); 0; })
#define wait_event(wq, c) __rw_intrinsic(might_sleep)
/* include/linux/mutex.h, include/linux/rwsem.h: what may be waited for */
#define mutex_lock(m) __rw_intrinsic(might_sleep)
#define mutex_unlock(m) do { } while (0)
#define down_read(s) do { __rw_intrinsic(might_sleep); __rw_intrinsic(down_read, (s)); } while (0)
#define down_read_trylock(s) (__rw_intrinsic(down_read_trylock, (s)) != 0)
#define up_read(s) __rw_intrinsic(up_read, (s))
#define down_write(s) do { __rw_intrinsic(might_sleep); __rw_intrinsic(down_write, (s)); } while (0)
#define down_write_trylock(s) (__rw_intrinsic(down_write_trylock, (s)) != 0)
#define up_write(s) __rw_intrinsic(up_write, (s))
#define rwsem_is_locked(s) (__rw_intrinsic(rwsem_is_locked, (s)) != 0)
/*
 * include/linux/slab.h: an allocation may fail, and may sleep when the flags let it. What it hands out has no cells: reading or
 * writing it is `unsupported`, having it is not.
 */
#define __rw_allocated() (__rw_choose(2) ? (void *)0x7e000000UL : (void *)0)
#define __GFP_DIRECT_RECLAIM 0x400
#define __GFP_IO 0x40
#define __GFP_FS 0x80
#define GFP_KERNEL 0xcc0
#define GFP_ATOMIC 0x820
#define GFP_NOWAIT 0x800
#define kmalloc(size, gfp) ({ if ((gfp) & __GFP_DIRECT_RECLAIM) __rw_intrinsic(might_sleep); __rw_allocated(); })
#define kzalloc(size, gfp) ({ if ((gfp) & __GFP_DIRECT_RECLAIM) __rw_intrinsic(might_sleep); __rw_allocated(); })
#define kfree(p) do { (void)(p); } while (0)

/* include/linux/spinlock.h */
#define spin_lock(l) __rw_intrinsic(lock, (l))
#define spin_unlock(l) __rw_intrinsic(unlock, (l))
#define spin_trylock(l) __rw_intrinsic(trylock, (l))
/* include/linux/mmap_lock.h: sleeping lock */
void mmap_read_lock(struct mm_struct *mm) { __rw_intrinsic(might_sleep); __rw_intrinsic(lock, &mm->mmap_lock); }
void mmap_read_unlock(struct mm_struct *mm) { __rw_intrinsic(unlock, &mm->mmap_lock); }
bool mmap_read_trylock(struct mm_struct *mm) { return __rw_intrinsic(trylock, &mm->mmap_lock) != 0; }

/* include/linux/seqlock.h */
unsigned raw_read_seqcount(const seqcount_t *s)
{
	unsigned seq = __rw_load(once, s);
	__rw_fence(rmb);
	return seq;
}
#define raw_seqcount_begin(s) (raw_read_seqcount(s) & ~1u)
int read_seqcount_retry(const seqcount_t *s, unsigned start)
{
	__rw_fence(rmb);
	return __rw_load(once, s) != start;
}
int __read_seqcount_retry(const seqcount_t *s, unsigned start) { return __rw_load(once, s) != start; }
void raw_write_seqcount_begin(seqcount_t *s)
{
	__rw_store(once, s, __rw_load(once, s) + 1);
	__rw_fence(wmb);
}
void raw_write_seqcount_end(seqcount_t *s)
{
	__rw_fence(wmb);
	__rw_store(once, s, __rw_load(once, s) + 1);
}
unsigned read_seqcount_begin(const seqcount_t *s)
{
	unsigned seq = __rw_load(once, s);

	while (seq & 1)
		seq = __rw_load(once, s);
	__rw_fence(rmb);
	return seq;
}
#define pte_lockptr(mm, pmd) (&(mm)->page_table_lock)
#define pmd_lockptr(mm, pmd) (&(mm)->page_table_lock)
/* include/linux/preempt.h: get_user_pages_fast_only() is called from interrupts, too (kernel/events/core.c, perf_virt_to_phys()) */
#define in_interrupt() (__rw_choose(2))
#define in_task() (__rw_choose(2))
#define in_atomic() (irqs_disabled())
/* include/linux/sched.h, include/linux/sched/signal.h: a signal, or the wish for another task to run, comes at any time */
#define need_resched() (__rw_choose(2))
#define signal_pending(p) (__rw_choose(2))
#define fatal_signal_pending(p) (__rw_choose(2))
