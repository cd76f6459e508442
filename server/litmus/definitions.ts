/**
 * Kernel functions of litmus tests that are made of others, as C in our own words over those, inlined where they are
 * called: reference counts, sequence counters, reader-writer locks and semaphores, locks that keep interrupts off. Each says which file of the
 * kernel (6.12) it follows.
 *
 * `__await_unequal(lock, value, attempt)` and `__await_equal(…)` wait until the lock's word differs from (equals) the value
 * and then make the attempt, which succeeds.
 */

/**
 * include/linux/refcount.h. Model: saturation and the warnings are left out, and so are rounds of the compare-and-exchange
 * loops that fail. Loses nothing in tests that stay between 0 and INT_MAX.
 */
const REFCOUNT = `
int refcount_read(refcount_t *r) { return atomic_read(r); }
void refcount_set(refcount_t *r, int n) { atomic_set(r, n); }
void refcount_set_release(refcount_t *r, int n) { atomic_set_release(r, n); }
void refcount_add(int i, refcount_t *r) { atomic_fetch_add_relaxed(i, r); }
void refcount_inc(refcount_t *r) { atomic_fetch_add_relaxed(1, r); }
int refcount_add_not_zero(int i, refcount_t *r) { return atomic_add_unless_relaxed(r, i, 0); }
int refcount_inc_not_zero(refcount_t *r) { return atomic_add_unless_relaxed(r, 1, 0); }
int refcount_add_not_zero_acquire(int i, refcount_t *r) { return atomic_add_unless_acquire(r, i, 0); }
int refcount_inc_not_zero_acquire(refcount_t *r) { return atomic_add_unless_acquire(r, 1, 0); }
void refcount_dec(refcount_t *r) { atomic_fetch_sub_release(1, r); }
int refcount_sub_and_test(int i, refcount_t *r)
{
	int old = atomic_fetch_sub_release(i, r);
	if (old == i)
		smp_acquire__after_ctrl_dep();
	return old == i;
}
int refcount_dec_and_test(refcount_t *r) { return refcount_sub_and_test(1, r); }
int refcount_dec_if_one(refcount_t *r) { return cmpxchg_release(r, 1, 0) == 1; }
`;

/**
 * include/linux/seqlock.h. Model: the counter is written by WRITE_ONCE(); the kernel increments it plainly and tells KCSAN
 * that this is meant (kcsan_nestable_atomic_begin()). Readers load it by smp_load_acquire(), as 6.12 does; 6.1 has READ_ONCE()
 * and smp_rmb(), which also let a store of the reader pass.
 */
const SEQCOUNT = `
unsigned raw_read_seqcount(seqcount_t *s) { return smp_load_acquire(s); }
unsigned read_seqcount_begin(seqcount_t *s)
{
	unsigned seq;
	do {
		seq = smp_load_acquire(s);
	} while (seq & 1);
	return seq;
}
unsigned __read_seqcount_begin(seqcount_t *s) { return read_seqcount_begin(s); }
unsigned raw_read_seqcount_begin(seqcount_t *s) { return read_seqcount_begin(s); }
unsigned raw_seqcount_begin(seqcount_t *s) { return smp_load_acquire(s) & ~1; }
int __read_seqcount_retry(seqcount_t *s, unsigned start) { return READ_ONCE(*s) != start; }
int read_seqcount_retry(seqcount_t *s, unsigned start)
{
	smp_rmb();
	return READ_ONCE(*s) != start;
}
void raw_write_seqcount_begin(seqcount_t *s)
{
	WRITE_ONCE(*s, READ_ONCE(*s) + 1);
	smp_wmb();
}
void raw_write_seqcount_end(seqcount_t *s)
{
	smp_wmb();
	WRITE_ONCE(*s, READ_ONCE(*s) + 1);
}
void write_seqcount_begin(seqcount_t *s) { raw_write_seqcount_begin(s); }
void write_seqcount_end(seqcount_t *s) { raw_write_seqcount_end(s); }
void raw_write_seqcount_barrier(seqcount_t *s)
{
	WRITE_ONCE(*s, READ_ONCE(*s) + 1);
	smp_wmb();
	WRITE_ONCE(*s, READ_ONCE(*s) + 1);
}
void write_seqcount_invalidate(seqcount_t *s)
{
	smp_wmb();
	WRITE_ONCE(*s, READ_ONCE(*s) + 2);
}
unsigned raw_read_seqcount_latch(seqcount_latch_t *s) { return READ_ONCE(*s); }
int raw_read_seqcount_latch_retry(seqcount_latch_t *s, unsigned start) { return read_seqcount_retry(s, start); }
void raw_write_seqcount_latch(seqcount_latch_t *s)
{
	smp_wmb();
	WRITE_ONCE(*s, READ_ONCE(*s) + 1);
	smp_wmb();
}
unsigned read_seqbegin(seqlock_t *sl) { return read_seqcount_begin(&sl->seqcount); }
int read_seqretry(seqlock_t *sl, unsigned start) { return read_seqcount_retry(&sl->seqcount, start); }
void write_seqlock(seqlock_t *sl)
{
	spin_lock(&sl->lock);
	raw_write_seqcount_begin(&sl->seqcount);
}
void write_sequnlock(seqlock_t *sl)
{
	raw_write_seqcount_end(&sl->seqcount);
	spin_unlock(&sl->lock);
}
void read_seqlock_excl(seqlock_t *sl) { spin_lock(&sl->lock); }
void read_sequnlock_excl(seqlock_t *sl) { spin_unlock(&sl->lock); }
`;

/**
 * include/asm-generic/qrwlock.h: readers count in steps of _QR_BIAS (0x200), a writer is _QW_LOCKED (0xff). Model: an attempt
 * that fails changes nothing and a queue is not kept. Loses trylocks that fail for another's failing attempt, and the deadlock of a reader that takes the lock again behind a waiting writer.
 */
const RWLOCK = `
int read_trylock(rwlock_t *l) { return atomic_add_unless_acquire(l, 0x200, 0xff); }
int write_trylock(rwlock_t *l) { return cmpxchg_acquire(l, 0, 0xff) == 0; }
void read_lock(rwlock_t *l) { __await_unequal(l, 0xff, read_trylock(l)); }
void write_lock(rwlock_t *l) { __await_equal(l, 0, write_trylock(l)); }
void read_unlock(rwlock_t *l) { atomic_sub_return_release(0x200, l); }
void write_unlock(rwlock_t *l) { smp_store_release(l, 0); }
`;

/**
 * kernel/locking/rwsem.c: readers count in steps of RWSEM_READER_BIAS (0x100), a writer is RWSEM_WRITER_LOCKED (1). Model: as for
 * rwlock_t attempts that fail change nothing and waiters do not queue, and nobody is killed while he waits (down_*_killable()
 * and _interruptible() get it). Loses trylocks that fail for a waiter, and the deadlock of a reader behind a waiting writer.
 */
const RWSEM = `
int down_read_trylock(struct rw_semaphore *s) { return atomic_add_unless_acquire(s, 0x100, 1); }
int down_write_trylock(struct rw_semaphore *s) { return cmpxchg_acquire(s, 0, 1) == 0; }
void down_read(struct rw_semaphore *s) { __await_unequal(s, 1, down_read_trylock(s)); }
void down_write(struct rw_semaphore *s) { __await_equal(s, 0, down_write_trylock(s)); }
int down_read_killable(struct rw_semaphore *s) { down_read(s); return 0; }
int down_read_interruptible(struct rw_semaphore *s) { down_read(s); return 0; }
int down_write_killable(struct rw_semaphore *s) { down_write(s); return 0; }
void down_read_nested(struct rw_semaphore *s, int subclass) { down_read(s); }
void down_write_nested(struct rw_semaphore *s, int subclass) { down_write(s); }
void up_read(struct rw_semaphore *s) { atomic_sub_return_release(0x100, s); }
void up_write(struct rw_semaphore *s) { atomic_sub_return_release(1, s); }
void downgrade_write(struct rw_semaphore *s) { atomic_add_return_release(0xff, s); }
int rwsem_is_locked(struct rw_semaphore *s) { return atomic_read(s) != 0; }
`;

/** include/asm-generic/bitops: non-atomic operations are plain, the others follow instrumented-lock.h and lock.h. */
const BITS = `
int test_bit_acquire(int nr, unsigned long *p) { return (smp_load_acquire(p) >> nr) & 1; }
void __set_bit(int nr, unsigned long *p) { *p = *p | (1 << nr); }
void __clear_bit(int nr, unsigned long *p) { *p = *p & ~(1 << nr); }
void __change_bit(int nr, unsigned long *p) { *p = *p ^ (1 << nr); }
int __test_and_set_bit(int nr, unsigned long *p)
{
	unsigned long old = *p;
	*p = old | (1 << nr);
	return (old >> nr) & 1;
}
int __test_and_clear_bit(int nr, unsigned long *p)
{
	unsigned long old = *p;
	*p = old & ~(1 << nr);
	return (old >> nr) & 1;
}
void __clear_bit_unlock(int nr, unsigned long *p) { smp_store_release(p, READ_ONCE(*p) & ~(1 << nr)); }
`;

/** What a lock's variants put before it; the counterparts come behind the unlock. */
const SECTIONS = [
	{ suffix: '_bh', unlockSuffix: '_bh', flags: '', off: 'local_bh_disable', on: 'local_bh_enable' },
	{
		...{ suffix: '_irq', unlockSuffix: '_irq', flags: '' },
		...{ off: 'local_irq_disable', on: 'local_irq_enable' },
	},
	{
		...{ suffix: '_irqsave', unlockSuffix: '_irqrestore', flags: ', unsigned long flags' },
		...{ off: 'local_irq_disable', on: 'local_irq_enable' },
	},
] as const;

/** Locks that have variants for interrupts and softirqs (include/linux/spinlock_api_smp.h and its like). */
const LOCKS = [
	{ lock: 'spin_lock', unlock: 'spin_unlock', type: 'spinlock_t' },
	{ lock: 'raw_spin_lock', unlock: 'raw_spin_unlock', type: 'raw_spinlock_t' },
	{ lock: 'read_lock', unlock: 'read_unlock', type: 'rwlock_t' },
	{ lock: 'write_lock', unlock: 'write_unlock', type: 'rwlock_t' },
	{ lock: 'write_seqlock', unlock: 'write_sequnlock', type: 'seqlock_t' },
] as const;

const VARIANTS = LOCKS.flatMap(({ lock, unlock, type }) =>
	SECTIONS.flatMap(({ suffix, unlockSuffix, flags, off, on }) => [
		`void ${lock}${suffix}(${type} *l${flags}) { ${off}(); ${lock}(l); }`,
		`void ${unlock}${unlockSuffix}(${type} *l${flags}) { ${unlock}(l); ${on}(); }`,
	]),
).join('\n');

/** The text of each definition by its name. */
const TEXTS: ReadonlyMap<string, string> = new Map(
	[REFCOUNT, SEQCOUNT, RWLOCK, RWSEM, BITS, VARIANTS]
		.flatMap((text) => text.trim().split(/\n(?=\w)/))
		.map((text) => [/(?<!\w)(\w+)\(/.exec(text)?.[1] ?? '', text] as const),
);

/** The C of a function that is defined here, or null. */
export function definitionText(name: string): string | null {
	return TEXTS.get(name) ?? null;
}
