/**
 * Edits of 6.12 that keep the protocol: names, types, comments, conditionals of the preprocessor, calls that do nothing to
 * the walk.
 */
import {
	after,
	all,
	before,
	beforeFunction,
	drop,
	type Edit,
	inside,
	rewrite,
	swap,
	swapAll,
	within,
} from './edit.js';
import { benign, type Mutant } from './mutant.js';

const pte = (...edits: readonly Edit[]): Edit => inside('gup_fast_pte_range', ...edits);
const pmd = (...edits: readonly Edit[]): Edit => inside('gup_fast_pmd_leaf', ...edits);
const fast = (...edits: readonly Edit[]): Edit => inside('gup_fast', ...edits);

const RECHECK = 'pmd_val(pmd) != pmd_val(*pmdp)';
const GRAB = 'folio = try_grab_folio_fast(';
const ALLOWED = 'if (!gup_fast_folio_allowed(';
const words: readonly Mutant[] = [
	benign(
		'ok-name-locals',
		'other names for all locals of the PTE walk',
		pte(
			swapAll(/\bfolio\b(?!\()/g, 'f'),
			swapAll(/struct f \*f;/g, 'struct folio *f;'),
			swapAll(/\bptem\b/g, 'table'),
			swapAll(/\bnr_start\b/g, 'first'),
		),
	),
	benign(
		'ok-name-family',
		'the whole family renamed',
		swapAll(/\bgup_fast(_\w+)?\b/g, 'quick_pages$1'),
	),
	benign(
		'ok-name-walker',
		'the PTE walker renamed',
		swapAll(/\bgup_fast_pte_range\b/g, 'scan_small_entries'),
	),
	benign(
		'ok-name-helpers',
		'grab, put and policy renamed',
		all(
			swapAll(/\btry_grab_folio_fast\b/g, 'seize'),
			swapAll(/\bgup_put_folio\b/g, 'release_seized'),
			swapAll(/\bgup_fast_folio_allowed\b/g, 'may_hand_out'),
			swapAll(/\btry_get_folio\b/g, 'hold'),
		),
	),
	benign(
		'ok-name-parameters',
		'other names for parameters',
		pte(swapAll(/\bflags\b/g, 'how'), swapAll(/\bpages\b/g, 'out'), swapAll(/\bnr\b/g, 'filled')),
	),
	benign('ok-crlf', 'carriage returns at the ends of lines', swapAll(/\n/g, '\r\n')),
	benign(
		'ok-blank-lines',
		'blank lines between all lines of the walker',
		pte(swapAll(/;\n/g, ';\n\n')),
	),
	benign(
		'ok-comments',
		'comments everywhere',
		pte(
			swapAll(/\n\t\tif /g, '\n\t\t/* pte_val(x) != y; goto z */ if '),
			swapAll(/;\n/g, '; // gup_put_folio(folio)\n'),
		),
	),
	benign('ok-one-line', 'the second look on one line', pte(swapAll(/\|\|\n\s*/, '|| '))),
	benign(
		'ok-ifdef',
		'the second look inside a condition of the preprocessor',
		pte(before(RECHECK, '\n#ifdef CONFIG_MMU\n'), after(ALLOWED, '\n#endif\n')),
	),
	benign(
		'ok-if-one',
		'#if 1 … #else …',
		pte(before(RECHECK, '\n#if 1\n'), after(RECHECK, '\n#else\n goto pte_unmap;\n#endif\n')),
	),
	benign(
		'ok-define-flag',
		'a flag test in a macro',
		all(
			beforeFunction('gup_fast', '#define PINS(f) ((f) & FOLL_PIN)'),
			fast(swapAll(/if \(gup_flags & FOLL_PIN\)/g, 'if (PINS(gup_flags))')),
		),
	),
	benign(
		'ok-const',
		'const and unsigned',
		pte(
			swap('pte_t pte = ptep_get_lockless(ptep);', 'const pte_t pte = ptep_get_lockless(ptep);'),
			swap('int nr_start = *nr, ret = 0;', 'const int nr_start = *nr;\n\tint ret = 0;'),
		),
	),
	benign(
		'ok-ret-bool',
		'the PTE walk returns bool',
		swapAll(/static int gup_fast_pte_range\(/g, 'static bool gup_fast_pte_range('),
	),
	benign(
		'ok-refs-unsigned',
		'unsigned reference counts',
		pmd(swap('int refs;', 'unsigned int refs;')),
	),
	benign(
		'ok-auto-type',
		'__auto_type',
		pte(swap('pte_t pte = ptep_get_lockless(ptep);', '__auto_type pte = ptep_get_lockless(ptep);')),
	),
	benign(
		'ok-typeof',
		'typeof',
		pte(
			swap('pte_t pte = ptep_get_lockless(ptep);', 'typeof(*ptep) pte = ptep_get_lockless(ptep);'),
		),
	),
	benign(
		'ok-entry-read-once',
		'READ_ONCE(*ptep) for the first read',
		pte(swap('ptep_get_lockless(ptep)', 'READ_ONCE(*ptep)')),
	),
	benign(
		'ok-entry-ptep-get',
		'ptep_get() for the first read',
		pte(swap('ptep_get_lockless(ptep)', 'ptep_get(ptep)')),
	),
	benign(
		'ok-page-pfn',
		'page from the frame number',
		pte(swap('page = pte_page(pte);', 'page = pfn_to_page(pte_pfn(pte));')),
	),
	benign(
		'ok-page-folio-page',
		'folio and back',
		pte(
			swap(
				'gup_must_unshare(NULL, flags, page)',
				'gup_must_unshare(NULL, flags, folio_page(folio, folio_page_idx(folio, page)))',
			),
		),
	),
	benign(
		'ok-page-cast',
		'(struct page *)folio at the PMD leaf',
		pmd(swap('&folio->page', '(struct page *)folio')),
	),
	benign(
		'ok-goto-common',
		'an unused label',
		pte(swap('pte_unmap:\n', 'pte_unmap: __maybe_unused;\n'.replace(' __maybe_unused;', '\n\t;'))),
	),
	benign(
		'ok-extra-blocks',
		'blocks around statements',
		pte(within(RECHECK, swap('goto pte_unmap;', '{ { goto pte_unmap; } }'))),
	),
	benign(
		'ok-comma-declaration',
		'declared where used',
		pte(
			drop('struct folio *folio;'),
			swap('folio = try_grab_folio_fast(', 'struct folio *folio = try_grab_folio_fast('),
		),
	),
];

const calls: readonly Mutant[] = [
	benign(
		'ok-call-warn',
		'WARN_ON_ONCE() of the impossible',
		pte(before('folio_set_referenced(', 'WARN_ON_ONCE(folio_ref_count(folio) <= 0);')),
	),
	benign(
		'ok-call-vm-bug',
		'VM_BUG_ON_PAGE()',
		pte(before(GRAB, 'VM_BUG_ON_PAGE(PageTail(page) && 0, page);')),
	),
	benign('ok-call-pr-debug', 'pr_debug()', pte(before(GRAB, 'pr_debug("walk at %lx\\n", addr);'))),
	benign(
		'ok-call-pr-info',
		'pr_info_once() in the bail-out',
		pte(within(RECHECK, before('gup_put_folio(', 'pr_info_once("entry changed\\n");'))),
	),
	benign(
		'ok-call-trace',
		'trace_printk()',
		pte(within(RECHECK, before('gup_put_folio(', 'trace_printk("changed %lx\\n", addr);'))),
	),
	benign(
		'ok-call-vm-event',
		'count_vm_event()',
		pte(within(RECHECK, before('gup_put_folio(', 'count_vm_event(PGFAULT);'))),
	),
	benign(
		'ok-call-barrier',
		'barrier() and cpu_relax()',
		pte(before(RECHECK, 'barrier(); cpu_relax();')),
	),
	benign(
		'ok-call-rcu',
		'an RCU section over the walk as well',
		fast(
			after('local_irq_save(', 'rcu_read_lock();'),
			before('local_irq_restore(', 'rcu_read_unlock();'),
		),
	),
	benign(
		'ok-call-preempt',
		'preemption off over the walk as well',
		fast(
			before('local_irq_save(', 'preempt_disable();'),
			after('local_irq_restore(', 'preempt_enable();'),
		),
	),
	benign(
		'ok-call-irq-disabled-already',
		'disabled once more behind local_irq_save(): restoring brings back what was',
		fast(after('local_irq_save(', 'local_irq_disable();')),
	),
	benign(
		'ok-call-irq-disable',
		'local_irq_disable() and enable',
		fast(
			rewrite('local_irq_save(', 'local_irq_disable();'),
			rewrite('local_irq_restore(', 'local_irq_enable();'),
		),
	),
	benign(
		'ok-call-lockdep',
		'lockdep_assert_irqs_disabled()',
		pte(before('ptem = ptep =', 'lockdep_assert_irqs_disabled();')),
	),
	benign('ok-call-prefetch', 'prefetchw()', pte(before(GRAB, 'prefetchw(page);'))),
	benign(
		'ok-call-dump',
		'dump_page() where it cannot happen',
		pte(
			before(
				'folio_set_referenced(',
				'if (WARN_ON_ONCE(folio_ref_count(folio) < 0)) dump_page(page, "count");',
			),
		),
	),
	benign(
		'ok-call-build-bug',
		'BUILD_BUG_ON()',
		pte(before(GRAB, 'BUILD_BUG_ON(sizeof(pte_t) > 8);')),
	),
	benign(
		'ok-call-mark-accessed',
		'the folio is marked accessed',
		pte(
			rewrite(
				'folio_set_referenced(',
				'if (!folio_test_referenced(folio)) folio_set_referenced(folio);',
			),
		),
	),
	benign(
		'ok-seq-after-save',
		'the sequence is sampled with interrupts off',
		fast(
			swap('\tlocal_irq_save(flags);\n', ''),
			before('if (gup_flags & FOLL_PIN) {\n\t\tseq', 'local_irq_save(flags);'),
			swap(
				'if (seq & 1)\n\t\t\treturn 0;',
				'if (seq & 1) {\n\t\t\tlocal_irq_restore(flags);\n\t\t\treturn 0;\n\t\t}',
			),
		),
	),
	benign(
		'ok-seq-always',
		'the sequence is sampled for FOLL_GET too',
		fast(swap('\tif (gup_flags & FOLL_PIN) {\n\t\tseq', '\tif (1) {\n\t\tseq')),
	),
	benign(
		'ok-seq-retry-before-restore',
		'looked at again with interrupts still off',
		fast(
			swap('\tlocal_irq_restore(flags);\n', ''),
			swap(
				'\t\t\tgup_fast_unpin_user_pages(pages, nr_pinned);\n\t\t\treturn 0;',
				'\t\t\tlocal_irq_restore(flags);\n\t\t\tgup_fast_unpin_user_pages(pages, nr_pinned);\n\t\t\treturn 0;',
			),
			swap('\treturn nr_pinned;\n}', '\tlocal_irq_restore(flags);\n\treturn nr_pinned;\n}'),
		),
	),
	benign(
		'ok-seq-inequality',
		'the samples are compared by hand',
		fast(
			swap(
				'read_seqcount_retry(&current->mm->write_protect_seq, seq)',
				'raw_read_seqcount(&current->mm->write_protect_seq) != seq',
			),
		),
	),
	benign(
		'ok-seq-mm-local',
		'current->mm in a variable',
		fast(
			swapAll(/current->mm->/g, 'mm->'),
			swap('int nr_pinned = 0;', 'int nr_pinned = 0;\n\tstruct mm_struct *mm = current->mm;'),
		),
	),
	benign(
		'ok-seq-loop',
		'a fork under way is waited out once',
		fast(
			swap(
				'if (seq & 1)\n\t\t\treturn 0;',
				'if (seq & 1) {\n\t\t\tcpu_relax();\n\t\t\tseq = raw_read_seqcount(&current->mm->write_protect_seq);\n\t\t\tif (seq & 1)\n\t\t\t\treturn 0;\n\t\t}',
			),
		),
	),
	benign(
		'ok-early-empty',
		'an empty range is nothing',
		fast(before('if (gup_flags & FOLL_PIN) {\n\t\tseq', 'if (start >= end) return 0;')),
	),
];

export const BENIGN_WORDS: readonly Mutant[] = [...words, ...calls];
