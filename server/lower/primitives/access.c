/*
 * Marked accesses, barriers and atomics. Orderings as in tools/memory-model/linux-kernel.def.
 */

/* include/asm-generic/rwonce.h */
#define READ_ONCE(x) __rw_load(once, &(x))
#define WRITE_ONCE(x, val) __rw_store(once, &(x), (val))
#define __READ_ONCE(x) __rw_load(once, &(x))
#define data_race(x) (x)
#define rcu_dereference(p) __rw_load(once, &(p))
#define rcu_dereference_raw(p) __rw_load(once, &(p))
#define rcu_assign_pointer(p, v) __rw_store(release, &(p), (v))
#define smp_load_acquire(p) __rw_load(acquire, (p))
#define smp_store_release(p, v) __rw_store(release, (p), (v))
#define smp_store_mb(x, v) do { __rw_store(once, &(x), (v)); __rw_fence(mb); } while (0)

/* include/asm-generic/barrier.h */
#define smp_mb() __rw_fence(mb)
#define smp_rmb() __rw_fence(rmb)
#define smp_wmb() __rw_fence(wmb)
#define mb() __rw_fence(mb)
#define rmb() __rw_fence(rmb)
#define wmb() __rw_fence(wmb)
#define barrier() __rw_fence(barrier)
#define smp_mb__before_atomic() __rw_fence(before_atomic)
#define smp_mb__after_atomic() __rw_fence(after_atomic)
#define smp_mb__after_spinlock() __rw_fence(after_spinlock)
#define cpu_relax() __rw_fence(barrier)

/* include/linux/atomic/atomic-instrumented.h */
#define xchg(p, v) __rw_rmw(xchg, full, old, (p), (v))
#define cmpxchg(p, o, n) __rw_rmw(cmpxchg, full, old, (p), (n), (o))
#define cmpxchg_relaxed(p, o, n) __rw_rmw(cmpxchg, relaxed, old, (p), (n), (o))
#define try_cmpxchg(p, o, n) ({ \
	__typeof__(o) __rw_old = (o); \
	__typeof__(*(p)) __rw_seen = __rw_rmw(cmpxchg, full, old, (p), (n), *__rw_old); \
	int __rw_won = __rw_seen == *__rw_old; \
	if (!__rw_won) *__rw_old = __rw_seen; \
	__rw_won; })
int atomic_read(const atomic_t *v) { return __rw_load(once, v); }
void atomic_set(atomic_t *v, int i) { __rw_store(once, v, i); }
void atomic_add(int i, atomic_t *v) { __rw_rmw(add, relaxed, old, v, i); }
void atomic_sub(int i, atomic_t *v) { __rw_rmw(add, relaxed, old, v, -i); }
void atomic_inc(atomic_t *v) { __rw_rmw(add, relaxed, old, v, 1); }
void atomic_dec(atomic_t *v) { __rw_rmw(add, relaxed, old, v, -1); }
int atomic_add_return(int i, atomic_t *v) { return __rw_rmw(add, full, new, v, i); }
int atomic_sub_return(int i, atomic_t *v) { return __rw_rmw(add, full, new, v, -i); }
int atomic_inc_return(atomic_t *v) { return __rw_rmw(add, full, new, v, 1); }
int atomic_dec_return(atomic_t *v) { return __rw_rmw(add, full, new, v, -1); }
int atomic_fetch_add(int i, atomic_t *v) { return __rw_rmw(add, full, old, v, i); }
bool atomic_sub_and_test(int i, atomic_t *v) { return __rw_rmw(add, full, zero, v, -i); }
bool atomic_dec_and_test(atomic_t *v) { return __rw_rmw(add, full, zero, v, -1); }
bool atomic_add_unless(atomic_t *v, int a, int u) { return __rw_rmw(add_unless, full, success, v, a, u); }
bool atomic_inc_not_zero(atomic_t *v) { return __rw_rmw(add_unless, full, success, v, 1, 0); }
int atomic_cmpxchg(atomic_t *v, int old, int new) { return __rw_rmw(cmpxchg, full, old, v, new, old); }
bool atomic_try_cmpxchg(atomic_t *v, int *old, int new)
{
	int seen = __rw_rmw(cmpxchg, full, old, v, new, *old);
	if (seen == *old)
		return 1;
	*old = seen;
	return 0;
}
long atomic_long_read(const atomic_long_t *v) { return __rw_load(once, v); }
void atomic_long_set(atomic_long_t *v, long i) { __rw_store(once, v, i); }
void atomic_long_add(long i, atomic_long_t *v) { __rw_rmw(add, relaxed, old, v, i); }
void atomic_long_sub(long i, atomic_long_t *v) { __rw_rmw(add, relaxed, old, v, -i); }
void atomic_long_inc(atomic_long_t *v) { __rw_rmw(add, relaxed, old, v, 1); }
void atomic_long_dec(atomic_long_t *v) { __rw_rmw(add, relaxed, old, v, -1); }
long atomic_long_add_return(long i, atomic_long_t *v) { return __rw_rmw(add, full, new, v, i); }
long atomic_long_inc_return(atomic_long_t *v) { return __rw_rmw(add, full, new, v, 1); }
long atomic_long_dec_return(atomic_long_t *v) { return __rw_rmw(add, full, new, v, -1); }
/* include/asm-generic/bitops/atomic.h, on words whose bits are not split into cells */
#define set_bit(nr, p) ((void)__rw_rmw(or, relaxed, old, (p), 1UL << (nr)))
#define clear_bit(nr, p) ((void)__rw_rmw(and, relaxed, old, (p), ~(1UL << (nr))))
#define test_and_set_bit(nr, p) ({ unsigned long __rw_bit = 1UL << (nr); (__rw_rmw(or, full, old, (p), __rw_bit) & __rw_bit) != 0; })
#define test_and_clear_bit(nr, p) ({ unsigned long __rw_bit = 1UL << (nr); (__rw_rmw(and, full, old, (p), ~__rw_bit) & __rw_bit) != 0; })
