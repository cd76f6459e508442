/*
 * Assertions and hints. In all of these files a parameter that the body leaves out is evaluated all the same, as the kernel's functions do;
 * one whose name begins with two underscores is not, as the kernel's macro does not.
 *
 * Model: VM_BUG_ON and friends exist only with CONFIG_DEBUG_VM, as in include/linux/mmdebug.h.
 */
#define NULL ((void *)0)
#define true 1
#define false 0
#define likely(x) (!!(x))
#define unlikely(x) (!!(x))
#define fallthrough do { } while (0)
#define BUG() do { __rw_bug("BUG"); } while (0)
#define BUG_ON(c) do { if (c) __rw_bug("BUG_ON"); } while (0)
#define WARN_ON(c) ({ int __rw_warned = !!(c); if (__rw_warned) __rw_warn("WARN_ON"); __rw_warned; })
#define WARN_ON_ONCE(c) ({ int __rw_warned = !!(c); if (__rw_warned) __rw_warn("WARN_ON_ONCE"); __rw_warned; })
#define WARN_ONCE(c, ...) ({ int __rw_warned = !!(c); if (__rw_warned) { __rw_effects_once(__VA_ARGS__); __rw_warn("WARN_ONCE"); } __rw_warned; })
#define WARN(c, ...) ({ int __rw_warned = !!(c); if (__rw_warned) { __rw_effects(__VA_ARGS__); __rw_warn("WARN"); } __rw_warned; })
#ifdef CONFIG_DEBUG_VM
#define VM_BUG_ON(c) BUG_ON(c)
#define VM_BUG_ON_PAGE(c, __page) BUG_ON(c)
#define VM_BUG_ON_FOLIO(c, __folio) BUG_ON(c)
#define VM_WARN_ON(c) ((void)WARN_ON(c))
#define VM_WARN_ON_ONCE(c) ((void)WARN_ON_ONCE(c))
#define VM_WARN_ON_ONCE_PAGE(c, __page) WARN_ON_ONCE(c)
#define VM_WARN_ON_ONCE_FOLIO(c, __folio) WARN_ON_ONCE(c)
#else
#define VM_BUG_ON(__c) do { } while (0)
#define VM_BUG_ON_PAGE(__c, __page) do { } while (0)
#define VM_BUG_ON_FOLIO(__c, __folio) do { } while (0)
#define VM_WARN_ON(__c) do { } while (0)
#define VM_WARN_ON_ONCE(__c) do { } while (0)
#define VM_WARN_ON_ONCE_PAGE(__c, __page) (0)
#define VM_WARN_ON_ONCE_FOLIO(__c, __folio) (0)
#endif
/* include/linux/printk.h, include/linux/mmdebug.h, mm/internal.h: text for people; its arguments are evaluated, where nothing is compiled out */
#define printk __rw_effects
#define printk_once __rw_effects_once
#define printk_ratelimited __rw_effects_once
#define no_printk(__args...) (0)
#define pr_debug(__args...) (0)
#define pr_debug_once(__args...) (0)
#define pr_debug_ratelimited(__args...) (0)
#define pr_info __rw_effects
#define pr_info_once __rw_effects_once
#define pr_info_ratelimited __rw_effects_once
#define pr_notice __rw_effects
#define pr_notice_once __rw_effects_once
#define pr_warn __rw_effects
#define pr_warn_once __rw_effects_once
#define pr_warn_ratelimited __rw_effects_once
#define pr_err __rw_effects
#define pr_err_once __rw_effects_once
#define pr_err_ratelimited __rw_effects_once
#define trace_printk __rw_effects
#define dump_page(page, reason) do { (void)(page); } while (0)
#define dump_stack() do { } while (0)
/* include/linux/vmstat.h: counters no decision rests on */
#define count_vm_event __rw_effects
#define count_vm_events __rw_effects
#define __count_vm_event __rw_effects
/* include/linux/prefetch.h */
#define prefetch __rw_effects
#define prefetchw __rw_effects
#define min(a, b) ({ __typeof__(a) __rw_a = (a); __typeof__(b) __rw_b = (b); __rw_a < __rw_b ? __rw_a : __rw_b; })
#define max(a, b) ({ __typeof__(a) __rw_a = (a); __typeof__(b) __rw_b = (b); __rw_a > __rw_b ? __rw_a : __rw_b; })
#define min_t(t, a, b) ({ t __rw_a = (a); t __rw_b = (b); __rw_a < __rw_b ? __rw_a : __rw_b; })
#define swap(a, b) do { __typeof__(a) __rw_t = (a); (a) = (b); (b) = __rw_t; } while (0)
#define check_add_overflow(a, b, d) ({ __typeof__(a) __rw_a = (a); __typeof__(d) __rw_d = (d); *__rw_d = __rw_a + (b); *__rw_d < __rw_a; })
