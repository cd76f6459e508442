/**
 * Edits of 6.12 that keep the protocol and change the shape of the code: names, helpers, control flow, loops, types,
 * comments, conditionals of the preprocessor, and calls that do nothing to the walk.
 */
import { after, all, before, beforeFunction, drop, type Edit, inside, rewrite, swap, swapAll, within } from './edit.js';
import { benign, type Mutant } from './mutant.js';

const pte = (...edits: readonly Edit[]): Edit => inside('gup_fast_pte_range', ...edits);
const pmd = (...edits: readonly Edit[]): Edit => inside('gup_fast_pmd_leaf', ...edits);
const fast = (...edits: readonly Edit[]): Edit => inside('gup_fast', ...edits);
const range = (level: string, ...edits: readonly Edit[]): Edit => inside(`gup_fast_${level}_range`, ...edits);

const RECHECK = 'pmd_val(pmd) != pmd_val(*pmdp)';
const GRAB = 'folio = try_grab_folio_fast(';
const NO_GRAB = 'if (!folio)';
const ALLOWED = 'if (!gup_fast_folio_allowed(';
const UNSHARE = 'gup_must_unshare(';
const COUNT = '(*nr)++;';
const CHANGED = 'pmd_val(pmd) != pmd_val(*pmdp) || pte_val(pte) != pte_val(ptep_get(ptep))';

const STABLE = `static struct folio *grab_stable(struct page *page, pmd_t pmd, pmd_t *pmdp, pte_t pte,
		pte_t *ptep, unsigned int flags)
{
	struct folio *folio = try_grab_folio_fast(page, 1, flags);

	if (folio && (${CHANGED})) {
		gup_put_folio(folio, 1, flags);
		folio = NULL;
	}
	return folio;
}
`;
const STABLE_OUT = `static bool grab_stable(struct folio **out, struct page *page, pmd_t pmd, pmd_t *pmdp, pte_t pte,
		pte_t *ptep, unsigned int flags)
{
	*out = try_grab_folio_fast(page, 1, flags);
	if (!*out)
		return false;
	if (!(${CHANGED}))
		return true;
	gup_put_folio(*out, 1, flags);
	*out = NULL;
	return false;
}
`;
const GRABBED = `static int grab_checked(struct page *page, pmd_t pmd, pmd_t *pmdp, pte_t pte, pte_t *ptep,
		unsigned int flags, struct page **slot)
{
	struct folio *folio = try_grab_folio_fast(page, 1, flags);
	int err = -1;

	if (!folio)
		return err;
	if (${CHANGED})
		goto put;
	if (!gup_fast_folio_allowed(folio, flags))
		goto put;
	if (!pte_write(pte) && gup_must_unshare(NULL, flags, page))
		goto put;
	folio_set_referenced(folio);
	*slot = page;
	return 0;
put:
	gup_put_folio(folio, 1, flags);
	return err;
}
`;
const wholeGrab = (call: string): Edit => pte(drop(UNSHARE), drop(ALLOWED), drop(RECHECK), drop(NO_GRAB), drop('folio_set_referenced('), drop('pages[*nr] = page;'), drop('if (flags & FOLL_PIN) {'), drop('struct folio *folio;'), rewrite(GRAB, call));

const helpers: readonly Mutant[] = [
	benign('ok-helper-stable', 'grab and second look in a function that returns the folio or NULL', all(beforeFunction('gup_fast_pte_range', STABLE), pte(drop(RECHECK), rewrite(GRAB, 'folio = grab_stable(page, pmd, pmdp, pte, ptep, flags);')))),
	benign('ok-helper-out', 'grab and second look in a function with an out-parameter', all(beforeFunction('gup_fast_pte_range', STABLE_OUT), pte(drop(RECHECK), drop(NO_GRAB), rewrite(GRAB, 'if (!grab_stable(&folio, page, pmd, pmdp, pte, ptep, flags)) goto pte_unmap;')))),
	benign('ok-helper-whole', 'everything about one page in a function that stores it', all(beforeFunction('gup_fast_pte_range', GRABBED), wholeGrab('if (grab_checked(page, pmd, pmdp, pte, ptep, flags, &pages[*nr]) < 0) goto pte_unmap;'))),
	benign('ok-helper-changed-bool', 'the comparison in a function, by value', all(beforeFunction('gup_fast_pte_range', 'static inline bool same_entry(pte_t *ptep, const pte_t old)\n{\n\treturn pte_val(ptep_get(ptep)) == pte_val(old);\n}\n'), pte(swap('unlikely(pte_val(pte) != pte_val(ptep_get(ptep)))', '!same_entry(ptep, pte)')))),
	benign('ok-helper-changed-pointer', 'the comparison in a function, old value by pointer', all(beforeFunction('gup_fast_pte_range', 'static bool differs(pte_t *ptep, const pte_t *old)\n{\n\treturn pte_val(ptep_get(ptep)) != pte_val(*old);\n}\n'), pte(swap('unlikely(pte_val(pte) != pte_val(ptep_get(ptep)))', 'differs(ptep, &pte)')))),
	benign('ok-helper-put', 'putting in a function of its own', all(beforeFunction('gup_fast_pte_range', 'static void drop_one(struct folio *f, unsigned int flags)\n{\n\tgup_put_folio(f, 1, flags);\n}\n'), pte(swapAll(/gup_put_folio\(folio, 1, flags\)/g, 'drop_one(folio, flags)')))),
	benign('ok-helper-publish', 'publishing in a function', all(beforeFunction('gup_fast_pte_range', 'static void publish(struct page **pages, int *nr, struct page *page)\n{\n\tpages[*nr] = page;\n\t(*nr)++;\n}\n'), pte(drop('pages[*nr] = page;'), rewrite(COUNT, 'publish(pages, nr, page);')))),
	benign('ok-helper-readable', 'which entries are taken, in a function', all(beforeFunction('gup_fast_pte_range', 'static bool takes(pte_t pte, unsigned int flags)\n{\n\tif (pte_protnone(pte))\n\t\treturn false;\n\treturn pte_access_permitted(pte, flags & FOLL_WRITE);\n}\n'), pte(drop('if (pte_protnone('), rewrite('if (!pte_access_permitted(', 'if (!takes(pte, flags)) goto pte_unmap;')))),
	benign('ok-helper-leaf', 'the three checks of a PMD leaf in a function', all(beforeFunction('gup_fast_pmd_leaf', 'static bool leaf_stable(struct folio *folio, pmd_t orig, pmd_t *pmdp, unsigned int flags)\n{\n\tif (pmd_val(orig) != pmd_val(*pmdp) || !gup_fast_folio_allowed(folio, flags))\n\t\treturn false;\n\treturn pmd_write(orig) || !gup_must_unshare(NULL, flags, &folio->page);\n}\n'), pmd(drop(ALLOWED), drop(UNSHARE), swap('unlikely(pmd_val(orig) != pmd_val(*pmdp))', '!leaf_stable(folio, orig, pmdp, flags)')))),
	benign('ok-helper-grab-inlined', 'FOLL_GET is grabbed in place', pte(rewrite(GRAB, 'folio = (flags & FOLL_GET) ? try_get_folio(page, 1) : try_grab_folio_fast(page, 1, flags);'))),
	benign('ok-helper-seq', 'the fork test in a function', all(beforeFunction('gup_fast', 'static bool forked_since(unsigned int seq)\n{\n\treturn read_seqcount_retry(&current->mm->write_protect_seq, seq);\n}\n'), fast(swap('read_seqcount_retry(&current->mm->write_protect_seq, seq)', 'forked_since(seq)')))),
	benign('ok-helper-walk', 'the walk with interrupts off in a function', all(beforeFunction('gup_fast', 'static void walk_quietly(unsigned long start, unsigned long end, unsigned int gup_flags,\n\t\tstruct page **pages, int *nr)\n{\n\tunsigned long irq;\n\n\tlocal_irq_save(irq);\n\tgup_fast_pgd_range(start, end, gup_flags, pages, nr);\n\tlocal_irq_restore(irq);\n}\n'), fast(drop('local_irq_save('), drop('local_irq_restore('), drop('unsigned long flags;'), rewrite('gup_fast_pgd_range(', 'walk_quietly(start, end, gup_flags, pages, &nr_pinned);')))),
	benign('ok-helper-struct', 'flags and array in a struct', all(beforeFunction('gup_fast_pte_range', 'struct grab_request {\n\tstruct page *page;\n\tunsigned int flags;\n};\nstatic struct folio *grab_for(const struct grab_request *want)\n{\n\treturn try_grab_folio_fast(want->page, 1, want->flags);\n}\n'), pte(rewrite(GRAB, 'struct grab_request want = { .page = page, .flags = flags };\nfolio = grab_for(&want);')))),
];

const flow: readonly Mutant[] = [
	benign('ok-flow-put-label', 'one label that puts and leaves', pte(swapAll(/\{\n\t\t\tgup_put_folio\(folio, 1, flags\);\n\t\t\tgoto pte_unmap;/g, '{\n\t\t\tgoto put_folio;'), swap('\tret = 1;\n\npte_unmap:', '\tret = 1;\n\tgoto pte_unmap;\n\nput_folio:\n\tgup_put_folio(bad, 1, flags);\npte_unmap:'), swap('pte_t *ptep, *ptem;', 'pte_t *ptep, *ptem;\n\tstruct folio *bad = NULL;'), after(NO_GRAB, 'bad = folio;'))),
	benign('ok-flow-flag', 'a variable says whether to put', pte(rewrite(RECHECK, `bool good = !(${CHANGED});`), rewrite(ALLOWED, 'if (good) good = gup_fast_folio_allowed(folio, flags);'), rewrite(UNSHARE, 'if (good && !pte_write(pte) && gup_must_unshare(NULL, flags, page)) good = false;\nif (!good) { gup_put_folio(folio, 1, flags); goto pte_unmap; }'))),
	benign('ok-flow-break', 'the three checks in do { } while (0) left by break', pte(rewrite(RECHECK, `bool good = false;\ndo {\n\tif (${CHANGED}) break;\n\tif (!gup_fast_folio_allowed(folio, flags)) break;\n\tif (!pte_write(pte) && gup_must_unshare(NULL, flags, page)) break;\n\tgood = true;\n} while (0);\nif (!good) { gup_put_folio(folio, 1, flags); goto pte_unmap; }`), drop([ALLOWED, 1]), drop([UNSHARE, 1]))),
	benign('ok-flow-switch', 'the checks as states of a switch', pte(drop(UNSHARE), drop(ALLOWED), rewrite(RECHECK, `int state = 0;\nwhile (state < 3) {\n\tbool bad = false;\n\tswitch (state) {\n\tcase 0: bad = ${CHANGED}; break;\n\tcase 1: bad = !gup_fast_folio_allowed(folio, flags); break;\n\tdefault: bad = !pte_write(pte) && gup_must_unshare(NULL, flags, page); break;\n\t}\n\tif (bad) { gup_put_folio(folio, 1, flags); goto pte_unmap; }\n\tstate++;\n}`))),
	benign('ok-flow-nested', 'nested instead of jumping away', pte(swap('goto pte_unmap;\n\n\t\tif (!pte_access_permitted(pte, flags & FOLL_WRITE))\n\t\t\tgoto pte_unmap;', 'goto pte_unmap;\n\t\telse {\n\t\t\tif (!pte_access_permitted(pte, flags & FOLL_WRITE)) {\n\t\t\t\tgoto pte_unmap;\n\t\t\t}\n\t\t}'))),
	benign('ok-flow-or', 'PROT_NONE and permission in one condition', pte(drop('if (pte_protnone('), swap('if (!pte_access_permitted(', 'if (pte_protnone(pte) || !pte_access_permitted('))),
	benign('ok-flow-returns', 'the PMD leaf leaves by jumps', pmd(swapAll(/\{\n\t\tgup_put_folio\(folio, refs, flags\);\n\t\treturn 0;\n\t\}/g, 'goto out;'), swap('\treturn 1;\n}', '\treturn 1;\nout:\n\tgup_put_folio(folio, refs, flags);\n\treturn 0;\n}'))),
	benign('ok-flow-empty-then', 'success first, failure in else', pmd(swap('if (unlikely(pmd_val(orig) != pmd_val(*pmdp))) {', 'if (likely(pmd_val(orig) == pmd_val(*pmdp))) {\n\t\t;\n\t} else {'))),
	benign('ok-loop-while', 'the PTE loop as for (;;)', pte(swap('\tdo {\n', '\tfor (;;) {\n'), swap('} while (ptep++, addr += PAGE_SIZE, addr != end);', '\tptep++;\n\t\taddr += PAGE_SIZE;\n\t\tif (addr == end)\n\t\t\tbreak;\n\t}'))),
	benign('ok-loop-for', 'the PTE loop as for', pte(swap('\tdo {\n', '\tfor (; addr != end; ptep++, addr += PAGE_SIZE) {\n'), swap('} while (ptep++, addr += PAGE_SIZE, addr != end);', '}'))),
	benign('ok-loop-less', 'addr < end', pte(swap('addr != end)', 'addr < end)'))),
	benign('ok-loop-index', 'the PTE loop by index', pte(swap('\tdo {\n\t\tpte_t pte = ptep_get_lockless(ptep);', '\tint at = 0;\n\tdo {\n\t\tptep = ptem + at;\n\t\tpte_t pte = ptep_get_lockless(ptep);'), swap('while (ptep++, addr', 'while (at++, addr'))),
	benign('ok-loop-record', 'record_subpages() as while', inside('record_subpages', swap('for (nr = 0; addr != end; nr++, addr += PAGE_SIZE)\n\t\tpages[nr] = nth_page(start_page, nr);', 'nr = 0;\n\twhile (addr < end) {\n\t\tpages[nr] = start_page + nr;\n\t\tnr++;\n\t\taddr += PAGE_SIZE;\n\t}'))),
	benign('ok-loop-pmd', 'the PMD loop as while', range('pmd', swap('\tdo {\n', '\twhile (1) {\n'), swap('} while (pmdp++, addr = next, addr != end);', '\tpmdp++;\n\t\taddr = next;\n\t\tif (addr == end)\n\t\t\tbreak;\n\t}'))),
	benign('ok-count-local', 'counted in a variable, stored at the end', pte(swap('nr_start = *nr, ret = 0;', 'nr_start = *nr, ret = 0, n = *nr;'), swap('pages[*nr] = page;', 'pages[n] = page;'), rewrite(COUNT, 'n++;'), swap('pte_unmap:\n', 'pte_unmap:\n\t*nr = n;\n'), within('if (unlikely(!pgmap)) {', swap('gup_fast_undo_dev_pagemap(nr,', 'gup_fast_undo_dev_pagemap(&n,')), swap('\tif (!ptep)\n\t\treturn 0;', '\tif (!ptep)\n\t\treturn 0;'.replace('return 0', 'return ret')))),
	benign('ok-array-moves', 'a pointer into the array moves on', pte(swap('pages[*nr] = page;', '*slot++ = page;'), before('ptem = ptep =', 'struct page **slot = pages + *nr;'))),
];

const words: readonly Mutant[] = [
	benign('ok-name-locals', 'other names for all locals of the PTE walk', pte(swapAll(/\bfolio\b(?!\()/g, 'f'), swapAll(/struct f \*f;/g, 'struct folio *f;'), swapAll(/\bptem\b/g, 'table'), swapAll(/\bnr_start\b/g, 'first'))),
	benign('ok-name-family', 'the whole family renamed', swapAll(/\bgup_fast(_\w+)?\b/g, 'quick_pages$1')),
	benign('ok-name-walker', 'the PTE walker renamed', swapAll(/\bgup_fast_pte_range\b/g, 'scan_small_entries')),
	benign('ok-name-helpers', 'grab, put and policy renamed', all(swapAll(/\btry_grab_folio_fast\b/g, 'seize'), swapAll(/\bgup_put_folio\b/g, 'release_seized'), swapAll(/\bgup_fast_folio_allowed\b/g, 'may_hand_out'), swapAll(/\btry_get_folio\b/g, 'hold'))),
	benign('ok-name-parameters', 'other names for parameters', pte(swapAll(/\bflags\b/g, 'how'), swapAll(/\bpages\b/g, 'out'), swapAll(/\bnr\b/g, 'filled'))),
	benign('ok-crlf', 'carriage returns at the ends of lines', swapAll(/\n/g, '\r\n')),
	benign('ok-blank-lines', 'blank lines between all lines of the walker', pte(swapAll(/;\n/g, ';\n\n'))),
	benign('ok-comments', 'comments everywhere', pte(swapAll(/\n\t\tif /g, '\n\t\t/* pte_val(x) != y; goto z */ if '), swapAll(/;\n/g, '; // gup_put_folio(folio)\n'))),
	benign('ok-one-line', 'the second look on one line', pte(swapAll(/\|\|\n\s*/, '|| '))),
	benign('ok-ifdef', 'the second look inside a condition of the preprocessor', pte(before(RECHECK, '\n#ifdef CONFIG_MMU\n'), after(ALLOWED, '\n#endif\n'))),
	benign('ok-if-one', '#if 1 … #else …', pte(before(RECHECK, '\n#if 1\n'), after(RECHECK, '\n#else\n goto pte_unmap;\n#endif\n'))),
	benign('ok-define-flag', 'a flag test in a macro', all(beforeFunction('gup_fast', '#define PINS(f) ((f) & FOLL_PIN)'), fast(swapAll(/if \(gup_flags & FOLL_PIN\)/g, 'if (PINS(gup_flags))')))),
	benign('ok-const', 'const and unsigned', pte(swap('pte_t pte = ptep_get_lockless(ptep);', 'const pte_t pte = ptep_get_lockless(ptep);'), swap('int nr_start = *nr, ret = 0;', 'const int nr_start = *nr;\n\tint ret = 0;'))),
	benign('ok-ret-bool', 'the PTE walk returns bool', swapAll(/static int gup_fast_pte_range\(/g, 'static bool gup_fast_pte_range(')),
	benign('ok-refs-unsigned', 'unsigned reference counts', pmd(swap('int refs;', 'unsigned int refs;'))),
	benign('ok-auto-type', '__auto_type', pte(swap('pte_t pte = ptep_get_lockless(ptep);', '__auto_type pte = ptep_get_lockless(ptep);'))),
	benign('ok-typeof', 'typeof', pte(swap('pte_t pte = ptep_get_lockless(ptep);', 'typeof(*ptep) pte = ptep_get_lockless(ptep);'))),
	benign('ok-entry-read-once', 'READ_ONCE(*ptep) for the first read', pte(swap('ptep_get_lockless(ptep)', 'READ_ONCE(*ptep)'))),
	benign('ok-entry-ptep-get', 'ptep_get() for the first read', pte(swap('ptep_get_lockless(ptep)', 'ptep_get(ptep)'))),
	benign('ok-page-pfn', 'page from the frame number', pte(swap('page = pte_page(pte);', 'page = pfn_to_page(pte_pfn(pte));'))),
	benign('ok-page-folio-page', 'folio and back', pte(swap('gup_must_unshare(NULL, flags, page)', 'gup_must_unshare(NULL, flags, folio_page(folio, folio_page_idx(folio, page)))'))),
	benign('ok-page-cast', '(struct page *)folio at the PMD leaf', pmd(swap('&folio->page', '(struct page *)folio'))),
	benign('ok-goto-common', 'an unused label', pte(swap('pte_unmap:\n', 'pte_unmap: __maybe_unused;\n'.replace(' __maybe_unused;', '\n\t;')))),
	benign('ok-extra-blocks', 'blocks around statements', pte(within(RECHECK, swap('goto pte_unmap;', '{ { goto pte_unmap; } }')))),
	benign('ok-comma-declaration', 'declared where used', pte(drop('struct folio *folio;'), swap('folio = try_grab_folio_fast(', 'struct folio *folio = try_grab_folio_fast('))),
];

const calls: readonly Mutant[] = [
	benign('ok-call-warn', 'WARN_ON_ONCE() of the impossible', pte(before('folio_set_referenced(', 'WARN_ON_ONCE(folio_ref_count(folio) <= 0);'))),
	benign('ok-call-vm-bug', 'VM_BUG_ON_PAGE()', pte(before(GRAB, 'VM_BUG_ON_PAGE(PageTail(page) && 0, page);'))),
	benign('ok-call-pr-debug', 'pr_debug()', pte(before(GRAB, 'pr_debug("walk at %lx\\n", addr);'))),
	benign('ok-call-pr-info', 'pr_info_once() in the bail-out', pte(within(RECHECK, before('gup_put_folio(', 'pr_info_once("entry changed\\n");')))),
	benign('ok-call-trace', 'trace_printk()', pte(within(RECHECK, before('gup_put_folio(', 'trace_printk("changed %lx\\n", addr);')))),
	benign('ok-call-vm-event', 'count_vm_event()', pte(within(RECHECK, before('gup_put_folio(', 'count_vm_event(PGFAULT);')))),
	benign('ok-call-barrier', 'barrier() and cpu_relax()', pte(before(RECHECK, 'barrier(); cpu_relax();'))),
	benign('ok-call-rcu', 'an RCU section over the walk as well', fast(after('local_irq_save(', 'rcu_read_lock();'), before('local_irq_restore(', 'rcu_read_unlock();'))),
	benign('ok-call-preempt', 'preemption off over the walk as well', fast(before('local_irq_save(', 'preempt_disable();'), after('local_irq_restore(', 'preempt_enable();'))),
	benign('ok-call-irq-disable', 'local_irq_disable() and enable', fast(rewrite('local_irq_save(', 'local_irq_disable();'), rewrite('local_irq_restore(', 'local_irq_enable();'))),
	benign('ok-call-lockdep', 'lockdep_assert_irqs_disabled()', pte(before('ptem = ptep =', 'lockdep_assert_irqs_disabled();'))),
	benign('ok-call-prefetch', 'prefetchw()', pte(before(GRAB, 'prefetchw(page);'))),
	benign('ok-call-dump', 'dump_page() where it cannot happen', pte(before('folio_set_referenced(', 'if (WARN_ON_ONCE(folio_ref_count(folio) < 0)) dump_page(page, "count");'))),
	benign('ok-call-build-bug', 'BUILD_BUG_ON()', pte(before(GRAB, 'BUILD_BUG_ON(sizeof(pte_t) > 8);'))),
	benign('ok-call-mark-accessed', 'the folio is marked accessed', pte(rewrite('folio_set_referenced(', 'if (!folio_test_referenced(folio)) folio_set_referenced(folio);'))),
	benign('ok-seq-after-save', 'the sequence is sampled with interrupts off', fast(swap('\tlocal_irq_save(flags);\n', ''), before('if (gup_flags & FOLL_PIN) {\n\t\tseq', 'local_irq_save(flags);'), swap('if (seq & 1)\n\t\t\treturn 0;', 'if (seq & 1) {\n\t\t\tlocal_irq_restore(flags);\n\t\t\treturn 0;\n\t\t}'))),
	benign('ok-seq-always', 'the sequence is sampled for FOLL_GET too', fast(swap('\tif (gup_flags & FOLL_PIN) {\n\t\tseq', '\tif (1) {\n\t\tseq'))),
	benign('ok-seq-retry-before-restore', 'looked at again with interrupts still off', fast(swap('\tlocal_irq_restore(flags);\n', ''), swap('\t\t\tgup_fast_unpin_user_pages(pages, nr_pinned);\n\t\t\treturn 0;', '\t\t\tlocal_irq_restore(flags);\n\t\t\tgup_fast_unpin_user_pages(pages, nr_pinned);\n\t\t\treturn 0;'), swap('\treturn nr_pinned;\n}', '\tlocal_irq_restore(flags);\n\treturn nr_pinned;\n}'))),
	benign('ok-seq-inequality', 'the samples are compared by hand', fast(swap('read_seqcount_retry(&current->mm->write_protect_seq, seq)', 'raw_read_seqcount(&current->mm->write_protect_seq) != seq'))),
	benign('ok-seq-mm-local', 'current->mm in a variable', fast(swapAll(/current->mm->/g, 'mm->'), swap('int nr_pinned = 0;', 'int nr_pinned = 0;\n\tstruct mm_struct *mm = current->mm;'))),
	benign('ok-seq-loop', 'a fork under way is waited out once', fast(swap('if (seq & 1)\n\t\t\treturn 0;', 'if (seq & 1) {\n\t\t\tcpu_relax();\n\t\t\tseq = raw_read_seqcount(&current->mm->write_protect_seq);\n\t\t\tif (seq & 1)\n\t\t\t\treturn 0;\n\t\t}'))),
	benign('ok-early-empty', 'an empty range is nothing', fast(before('if (gup_flags & FOLL_PIN) {\n\t\tseq', 'if (start >= end) return 0;'))),
];

export const BENIGN_SHAPE: readonly Mutant[] = [...helpers, ...flow, ...words, ...calls];
