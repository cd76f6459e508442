/**
 * Bugs in what surrounds the walk of 6.12: the sequence count of fork, interrupts, sleeping.
 */
import {
	after,
	all,
	before,
	beforeFunction,
	drop,
	type Edit,
	inside,
	move,
	moveAfter,
	rewrite,
	swap,
	within,
} from './edit.js';
import { bug, type Mutant } from './mutant.js';

const fast = (...edits: readonly Edit[]): Edit => inside('gup_fast', ...edits);
const unpin = (...edits: readonly Edit[]): Edit => inside('gup_fast_unpin_user_pages', ...edits);
const range = (level: string, ...edits: readonly Edit[]): Edit =>
	inside(`gup_fast_${level}_range`, ...edits);

const SAMPLES = ['if (gup_flags & FOLL_PIN) {', 0] as const;
const CHECKS = ['if (gup_flags & FOLL_PIN) {', 1] as const;
const ODD = 'if (seq & 1)';
const RETRY = 'if (read_seqcount_retry(';
const SAVE = 'local_irq_save(flags);';
const RESTORE = 'local_irq_restore(flags);';
const WALK = 'gup_fast_pgd_range(start, end';
const UNPIN = 'gup_fast_unpin_user_pages(pages, nr_pinned);';

const fork: readonly Mutant[] = [
	bug(
		'seq-late-sample',
		'the sequence is sampled behind the walk',
		['fork-pin'],
		fast(moveAfter(SAMPLES, WALK)),
	),
	bug('seq-odd-dropped', 'a fork under way is not noticed', ['fork-pin'], fast(drop(ODD))),
	bug(
		'seq-odd-inverted',
		'the walk starts only while a fork is under way',
		['fork-pin'],
		fast(swap(ODD, 'if (!(seq & 1))')),
	),
	bug('seq-odd-wrong-bit', 'another bit is tested', ['fork-pin'], fast(swap(ODD, 'if (seq & 2)'))),
	bug('seq-retry-dropped', 'the sequence is not looked at again', ['fork-pin'], fast(drop(CHECKS))),
	bug(
		'seq-retry-inverted',
		'pins survive only when fork ran',
		['fork-pin'],
		fast(swap(RETRY, 'if (!read_seqcount_retry(')),
	),
	bug(
		'seq-retry-unused',
		'the answer is not looked at',
		['fork-pin'],
		fast(
			rewrite(
				CHECKS,
				'if (gup_flags & FOLL_PIN) read_seqcount_retry(&current->mm->write_protect_seq, seq);',
			),
		),
	),
	bug(
		'seq-retry-if-get',
		'looked at again for FOLL_GET only',
		['fork-pin'],
		fast(swap(CHECKS, 'if (gup_flags & FOLL_GET) {')),
	),
	bug(
		'seq-retry-if-longterm',
		'looked at again for long-term pins only',
		['fork-pin'],
		fast(swap(CHECKS, 'if (gup_flags & FOLL_LONGTERM) {')),
	),
	bug(
		'seq-retry-if-write',
		'looked at again for writes only',
		['fork-pin'],
		fast(swap(CHECKS, 'if ((gup_flags & FOLL_PIN) && (gup_flags & FOLL_WRITE)) {')),
	),
	bug(
		'seq-retry-itself',
		'a fresh sample is compared with itself',
		['fork-pin'],
		fast(before(RETRY, 'seq = raw_read_seqcount(&current->mm->write_protect_seq);')),
	),
	bug(
		'seq-retry-before-walk',
		'looked at again before the walk',
		['fork-pin'],
		fast(
			before(
				SAVE,
				'if ((gup_flags & FOLL_PIN) && read_seqcount_retry(&current->mm->write_protect_seq, seq)) return 0;',
			),
			drop(['if (gup_flags & FOLL_PIN) {', 1]),
		),
	),
	bug(
		'seq-unpin-dropped',
		'pins that are not reported stay',
		['reference-leak'],
		fast(drop(UNPIN)),
	),
	bug(
		'seq-unpin-returns',
		'pins that were put are reported',
		['reference-underflow', 'fork-pin'],
		fast(within(RETRY, swap('return 0;', 'return nr_pinned;'))),
	),
	bug(
		'seq-unpin-goes-on',
		'pins that were put are reported behind the test',
		['reference-underflow', 'fork-pin'],
		fast(within(RETRY, drop('return 0;'))),
	),
	bug('seq-unpin-twice', 'pins are put twice', ['reference-underflow'], fast(after(UNPIN, UNPIN))),
	bug(
		'seq-unpin-one-less',
		'the last pin stays',
		['reference-leak'],
		fast(
			swap('pages(pages, nr_pinned);\n\t\t\treturn', 'pages(pages, nr_pinned - 1);\n\t\t\treturn'),
		),
	),
	bug(
		'seq-unpin-always',
		'pins are put whether fork ran or not',
		['reference-underflow'],
		fast(before(RETRY, UNPIN)),
	),
	bug(
		'seq-returns-only',
		'fork only changes what is returned',
		['reference-leak', 'fork-pin'],
		fast(
			rewrite(RETRY, 'if (read_seqcount_retry(&current->mm->write_protect_seq, seq)) return 0;'),
		),
	),
	bug('unpin-none', 'nothing is put', ['reference-leak'], unpin(drop('gup_put_folio('))),
	bug(
		'unpin-as-get',
		'pins are put as plain references',
		['reference-leak'],
		unpin(swap('FOLL_PIN', 'FOLL_GET')),
	),
	bug(
		'unpin-one-less',
		'the last page is left out',
		['reference-leak'],
		unpin(swap('i < npages;', 'i + 1 < npages;')),
	),
	bug(
		'unpin-from-second',
		'the first page is left out',
		['reference-leak'],
		unpin(swap('for (i = 0;', 'for (i = 1;')),
	),
	bug(
		'unpin-double',
		'each folio is put twice as often as pinned',
		['reference-underflow'],
		unpin(swap('(folio, nr, FOLL_PIN)', '(folio, nr + 1, FOLL_PIN)')),
	),
];

const interrupts: readonly Mutant[] = [
	bug('irq-none', 'interrupts stay on', ['use-after-free'], fast(drop(SAVE), drop(RESTORE))),
	bug('irq-restore-dropped', 'interrupts stay off', ['unbalanced-map'], fast(drop(RESTORE))),
	bug(
		'irq-save-dropped',
		'interrupts are restored that were never disabled',
		['unbalanced-map', 'use-after-free'],
		fast(drop(SAVE)),
	),
	bug(
		'irq-restore-early',
		'interrupts are on again before the walk',
		['use-after-free'],
		fast(move(RESTORE, WALK)),
	),
	bug(
		'irq-save-late',
		'interrupts are off behind the walk only',
		['use-after-free'],
		fast(moveAfter(SAVE, WALK)),
	),
	bug(
		'irq-rcu',
		'an RCU section instead of interrupts off',
		['use-after-free'],
		fast(rewrite(SAVE, 'rcu_read_lock();'), rewrite(RESTORE, 'rcu_read_unlock();')),
	),
	bug(
		'irq-preempt',
		'preemption off instead of interrupts',
		['use-after-free'],
		fast(rewrite(SAVE, 'preempt_disable();'), rewrite(RESTORE, 'preempt_enable();')),
	),
	bug(
		'irq-if-pin',
		'interrupts are off for FOLL_PIN only',
		['use-after-free'],
		fast(
			rewrite(SAVE, 'if (gup_flags & FOLL_PIN) local_irq_save(flags);'),
			rewrite(RESTORE, 'if (gup_flags & FOLL_PIN) local_irq_restore(flags);'),
		),
	),
	bug(
		'irq-return-inside',
		'an early return with interrupts off',
		['unbalanced-map'],
		fast(before(RESTORE, 'if (nr_pinned == 0) return 0;')),
	),
	bug(
		'irq-on-per-entry',
		'the PMD walker lets interrupts in between',
		['use-after-free', 'unbalanced-map'],
		range('pmd', before('next = pmd_addr_end(', 'local_irq_enable(); local_irq_disable();')),
	),
	bug(
		'irq-on-in-pud',
		'the PUD walker lets interrupts in between',
		['use-after-free', 'unbalanced-map'],
		range(
			'pud',
			before('next = pud_addr_end(', 'local_irq_enable(); cpu_relax(); local_irq_disable();'),
		),
	),
	bug(
		'irq-restored-in-pte',
		'interrupts are on before the table is left',
		['use-after-free', 'unbalanced-map'],
		all(
			inside(
				'gup_fast_pte_range',
				before('pmd_val(pmd) != pmd_val(*pmdp)', 'local_irq_enable();'),
				after('pmd_val(pmd) != pmd_val(*pmdp)', 'local_irq_disable();'),
			),
		),
	),
	bug(
		'irq-double-save',
		'saved twice into one variable: what was is lost',
		['unbalanced-map'],
		fast(after(SAVE, 'local_irq_save(flags);')),
	),
	bug(
		'sleep-mmap-lock',
		'the mmap lock is waited for inside',
		['sleep-in-atomic'],
		range(
			'pgd',
			before('pgdp = pgd_offset(', 'mmap_read_lock(current->mm);'),
			after('} while (pgdp++', ';'),
		),
	),
	bug(
		'sleep-might',
		'might_sleep() inside',
		['sleep-in-atomic'],
		range('pud', before('next = pud_addr_end(', 'might_sleep();')),
	),
	bug(
		'sleep-synchronize',
		'a grace period is waited for inside',
		['sleep-in-atomic'],
		range('pmd', before('next = pmd_addr_end(', 'synchronize_rcu();')),
	),
	bug(
		'sleep-kmalloc',
		'memory is allocated that may be waited for',
		['sleep-in-atomic'],
		range('pmd', before('next = pmd_addr_end(', 'kfree(kmalloc(8, GFP_KERNEL));')),
	),
	bug(
		'sleep-mutex',
		'a mutex is taken inside',
		['sleep-in-atomic'],
		all(
			beforeFunction('gup_fast_pmd_range', 'static DEFINE_MUTEX(gate);'),
			range('pmd', before('next = pmd_addr_end(', 'mutex_lock(&gate); mutex_unlock(&gate);')),
		),
	),
	bug(
		'sleep-msleep',
		'the walk waits a millisecond',
		['sleep-in-atomic'],
		range('pmd', before('next = pmd_addr_end(', 'msleep(1);')),
	),
];

export const BUGS_FAST: readonly Mutant[] = [...fork, ...interrupts];
