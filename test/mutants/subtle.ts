/**
 * Edits of 6.12 of both kinds that look alike: what makes the one a bug and the other none is in the runs only.
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
	rewrite,
	swap,
	within,
} from './edit.js';
import { benign, bug, type Mutant } from './mutant.js';

const pte = (...edits: readonly Edit[]): Edit => inside('gup_fast_pte_range', ...edits);
const pmd = (...edits: readonly Edit[]): Edit => inside('gup_fast_pmd_leaf', ...edits);
const fast = (...edits: readonly Edit[]): Edit => inside('gup_fast', ...edits);
const RECHECK = 'pmd_val(pmd) != pmd_val(*pmdp)';
const PTE_PART = 'unlikely(pte_val(pte) != pte_val(ptep_get(ptep)))';
const GRAB = 'folio = try_grab_folio_fast(';
const ALLOWED = 'if (!gup_fast_folio_allowed(';
const UNSHARE = 'gup_must_unshare(';
const COUNT = '(*nr)++;';
const PUT = 'gup_put_folio(folio, 1, flags);';
const BAIL = `{ ${PUT} goto pte_unmap; }`;
const JUDGE = `static bool judge(struct address_space *mapping, unsigned int flags)
{
	if (!mapping)
		return false;
	if ((unsigned long)mapping & PAGE_MAPPING_FLAGS)
		return true;
	if (secretmem_mapping(mapping))
		return false;
	return !(flags & FOLL_LONGTERM) || shmem_mapping(mapping);
}
`;
const AGAIN = 'raw_read_seqcount(&current->mm->write_protect_seq)';

export const SUBTLE: readonly Mutant[] = [
	bug(
		'subtle-mapping-between',
		'the mapping is read between reference and second look, judged behind it',
		['racing-mapping'],
		all(
			beforeFunction('gup_fast_pte_range', JUDGE),
			pte(
				drop(ALLOWED),
				before(RECHECK, 'struct address_space *mapping = READ_ONCE(folio->mapping);'),
				before(UNSHARE, `if (!judge(mapping, flags)) ${BAIL}`),
			),
		),
	),
	benign(
		'subtle-mapping-passed',
		'the mapping is read behind the second look and judged by value',
		all(
			beforeFunction('gup_fast_pte_range', JUDGE),
			pte(drop(ALLOWED), before(UNSHARE, `if (!judge(READ_ONCE(folio->mapping), flags)) ${BAIL}`)),
		),
	),
	bug(
		'subtle-mapping-passed-plain',
		'the mapping is read plainly behind the second look and judged by value',
		['racing-mapping'],
		all(
			beforeFunction('gup_fast_pte_range', JUDGE),
			pte(drop(ALLOWED), before(UNSHARE, `if (!judge(folio->mapping, flags)) ${BAIL}`)),
		),
	),
	bug(
		'subtle-entry-plain',
		'the entry is read plainly',
		['double-fetch', 'bad-entry', 'stale-pin', 'permission'],
		pte(swap('ptep_get_lockless(ptep)', '*ptep')),
	),
	bug(
		'subtle-pmd-plain',
		'the PMD is read plainly',
		['double-fetch', 'bad-entry', 'stale-pin', 'permission'],
		inside('gup_fast_pmd_range', swap('pmdp_get_lockless(pmdp)', '*pmdp')),
	),
	bug(
		'subtle-adopt',
		'a changed entry is adopted as the new value',
		['stale-pin'],
		pte(before(RECHECK, 'while (pte_val(pte) != pte_val(ptep_get(ptep))) pte = ptep_get(ptep);')),
	),
	bug(
		'subtle-retry-leak',
		'a changed entry is tried again without a put',
		['reference-leak'],
		pte(
			swap('\tdo {\n', '\tdo {\nagain: ;\n'),
			within(
				RECHECK,
				drop(PUT),
				swap(
					'goto pte_unmap;',
					'if (ret++ < 1) goto again;\n\t\t\tret = 0;\n\t\t\tgoto pte_unmap;',
				),
			),
		),
	),
	benign(
		'subtle-retry-once',
		'a changed entry is tried once more',
		pte(
			swap('\tdo {\n', '\tint tries = 0;\n\tdo {\nagain: ;\n'),
			within(
				RECHECK,
				swap('goto pte_unmap;', 'if (tries++ < 1) goto again;\n\t\t\tgoto pte_unmap;'),
			),
		),
	),
	benign(
		'subtle-count-undone',
		'counted early, uncounted on every bail-out',
		pte(
			move(COUNT, RECHECK),
			swap('pages[*nr] = page;', 'pages[*nr - 1] = page;'),
			within(RECHECK, before(PUT, '(*nr)--;')),
			within(ALLOWED, before(PUT, '(*nr)--;')),
			within(UNSHARE, before(PUT, '(*nr)--;')),
			within('if (ret) {', before(PUT, '(*nr)--;')),
		),
	),
	bug(
		'subtle-count-half-undone',
		'counted early, uncounted on all bail-outs but one',
		['reference-underflow', 'misplaced-page'],
		pte(
			move(COUNT, RECHECK),
			swap('pages[*nr] = page;', 'pages[*nr - 1] = page;'),
			within(RECHECK, before(PUT, '(*nr)--;')),
			within(UNSHARE, before(PUT, '(*nr)--;')),
		),
	),
	bug(
		'subtle-offset',
		'the table is entered one page too far',
		['misplaced-page', 'stale-pin'],
		pte(swap('pte_offset_map(&pmd, addr)', 'pte_offset_map(&pmd, addr + PAGE_SIZE)')),
	),
	bug(
		'subtle-next-page',
		'the page behind is stored',
		['misplaced-page', 'stale-pin'],
		pte(swap('pages[*nr] = page;', 'pages[*nr] = page + 1;')),
	),
	bug(
		'subtle-leaf-irq',
		'interrupts are on while a huge folio is asked about',
		['use-after-free', 'unbalanced-map'],
		pmd(before(ALLOWED, 'local_irq_enable();'), after(ALLOWED, 'local_irq_disable();')),
	),
	bug(
		'subtle-seq-parity',
		'only whether a fork is under way is compared',
		['fork-pin'],
		fast(
			swap(
				'read_seqcount_retry(&current->mm->write_protect_seq, seq)',
				`(${AGAIN} & 1) != (seq & 1)`,
			),
		),
	),
	bug(
		'subtle-seq-less',
		'the sequence must not have become less',
		['fork-pin'],
		fast(swap('read_seqcount_retry(&current->mm->write_protect_seq, seq)', `${AGAIN} < seq`)),
	),
	benign(
		'subtle-seq-even',
		'a sample that became odd is refused first',
		fast(
			swap(
				'read_seqcount_retry(&current->mm->write_protect_seq, seq)',
				`(${AGAIN} & 1) || ${AGAIN} != seq`,
			),
		),
	),
	bug(
		'subtle-seq-rounded',
		'the sample is rounded down instead of refused',
		['fork-pin'],
		fast(
			rewrite('if (seq & 1)', 'seq &= ~1;'),
			swap('read_seqcount_retry(&current->mm->write_protect_seq, seq)', `(${AGAIN} & ~1) != seq`),
		),
	),
	benign(
		'subtle-seq-begin',
		'the sample is rounded down, which never compares equal while a fork is under way',
		fast(rewrite('if (seq & 1)', 'seq &= ~1;')),
	),
	bug(
		'subtle-ref-page',
		'the reference is looked for on the page and taken on the folio',
		['frozen-reference'],
		inside(
			'try_get_folio',
			rewrite(
				'if (unlikely(!folio_ref_try_add(',
				'if (page_ref_count(&folio->page) == 0) return NULL;\n\tatomic_add(refs, &folio->_refcount);',
			),
		),
	),
	benign(
		'subtle-first-entry',
		'every entry is compared with the first',
		pte(swap(PTE_PART, 'pte_val(pte) != pte_val(ptep_get(ptem))')),
		{ why: 'a second page never equals the first: the walk ends short' },
	),
	bug(
		'subtle-second-entry',
		'the entry behind is looked at, when the frame is right',
		['stale-pin'],
		pte(swap(PTE_PART, '(pte_none(ptep_get(ptep + 1)) && 0)')),
	),
	bug(
		'subtle-grab-order',
		'pin first as a reference, second look, then the rest of the pin',
		['shared-anon-pin', 'fork-pin', 'reference-leak', 'reference-underflow'],
		all(
			inside(
				'try_grab_folio_fast',
				rewrite(
					'if (folio_test_large(folio))',
					'if (folio_test_large(folio))\n\t\tatomic_add(refs, &folio->_pincount);',
				),
			),
			pte(
				before(
					'folio_set_referenced(',
					'if ((flags & FOLL_PIN) && !folio_test_large(folio) && !is_zero_folio(folio)) folio_ref_add(folio, GUP_PIN_COUNTING_BIAS - 1);',
				),
				after(
					GRAB,
					'if (folio && (flags & FOLL_PIN) && !folio_test_large(folio) && !is_zero_folio(folio)) ret = 0;',
				),
			),
		),
	),
];
