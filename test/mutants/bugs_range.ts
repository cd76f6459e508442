/**
 * Bugs in what 6.12 reports and in the walkers of the levels above the PTE.
 */
import { all, cut, drop, type Edit, inside, swap, swapAll } from './edit.js';
import { bug, type Mutant } from './mutant.js';

const fast = (...edits: readonly Edit[]): Edit => inside('gup_fast', ...edits);
const record = (...edits: readonly Edit[]): Edit => inside('record_subpages', ...edits);
const range = (level: string, ...edits: readonly Edit[]): Edit =>
	inside(`gup_fast_${level}_range`, ...edits);

const results: readonly Mutant[] = [
	bug(
		'fast-one-more',
		'one page more is reported',
		['misplaced-page'],
		fast(swap('return nr_pinned;\n}', 'return nr_pinned + 1;\n}')),
	),
	bug(
		'fast-one-less',
		'one page less is reported',
		['reference-leak'],
		fast(swap('return nr_pinned;\n}', 'return nr_pinned ? nr_pinned - 1 : 0;\n}')),
	),
	bug(
		'fast-none',
		'nothing is reported',
		['reference-leak'],
		fast(swap('return nr_pinned;\n}', 'return 0;\n}')),
	),
	bug(
		'fast-asked',
		'what was asked for is reported',
		['misplaced-page', 'reference-underflow'],
		fast(swap('return nr_pinned;\n}', 'return (end - start) >> PAGE_SHIFT;\n}')),
	),
	bug(
		'fast-array-shifted',
		'the array is passed one place too far',
		['misplaced-page', 'reference-leak'],
		fast(swap('gup_flags, pages, &nr_pinned', 'gup_flags, pages + 1, &nr_pinned')),
	),
	bug(
		'fast-starts-at-one',
		'one page is counted before the walk',
		['misplaced-page'],
		fast(swap('int nr_pinned = 0;', 'int nr_pinned = 1;')),
	),
	bug(
		'fast-flags-dropped',
		'the walk is made for reading',
		['permission'],
		fast(swap('end, gup_flags, pages', 'end, gup_flags & ~FOLL_WRITE, pages')),
	),
	bug(
		'fast-longterm-dropped',
		'the walk is made without FOLL_LONGTERM',
		['unsafe-longterm-pin'],
		fast(swap('end, gup_flags, pages', 'end, gup_flags & ~FOLL_LONGTERM, pages')),
	),
	bug(
		'record-offset-dropped',
		'the head is stored for the address',
		['misplaced-page', 'stale-pin'],
		record(swap('nth_page(page, (addr & (sz - 1)) >> PAGE_SHIFT)', 'page')),
	),
	bug(
		'record-offset-doubled',
		'the page behind is stored',
		['misplaced-page', 'stale-pin', 'bad-entry'],
		record(swap('nth_page(start_page, nr)', 'nth_page(start_page, nr + 1)')),
	),
	bug(
		'record-same-page',
		'every address gets the first page',
		['misplaced-page', 'stale-pin'],
		record(swap('nth_page(start_page, nr)', 'start_page')),
	),
	bug(
		'record-same-slot',
		'every page is stored in the first place',
		['misplaced-page', 'stale-pin'],
		record(swap('pages[nr] =', 'pages[0] =')),
	),
	bug(
		'record-from-one',
		'storing starts at the second place',
		['misplaced-page'],
		record(swap('for (nr = 0;', 'for (nr = 1;')),
	),
	bug(
		'record-one-more',
		'one page more is reported',
		['misplaced-page', 'reference-leak'],
		record(swap('return nr;', 'return nr + 1;')),
	),
	bug(
		'record-one-less',
		'one page less is reported',
		['misplaced-page', 'reference-leak', 'frozen-reference', 'racing-mapping'],
		record(swap('return nr;', 'return nr - 1;')),
	),
	bug(
		'record-shift',
		'the offset is not shifted',
		['bad-entry', 'misplaced-page', 'stale-pin'],
		record(cut(' >> PAGE_SHIFT')),
	),
];

const levels: readonly Mutant[] = [
	bug(
		'range-pmd-stays',
		'the next range is walked by the same PMD',
		['misplaced-page', 'stale-pin', 'bad-entry', 'reference-leak'],
		range('pmd', swap('while (pmdp++, addr = next', 'while (addr = next')),
	),
	bug(
		'range-address-stays',
		'the next range is walked from the old address',
		['misplaced-page', 'stale-pin', 'bad-entry', 'reference-leak'],
		range('pmd', swap('pmdp++, addr = next, addr != end', 'pmdp++, next != end')),
	),
	bug(
		'range-failure-ignored',
		'a range that fails does not end the walk',
		['misplaced-page'],
		range('pmd', swapAll(/else if \(!(gup_fast_pte_range\([^;]*?nr\))\)\s*return 0;/g, 'else $1;')),
	),
	bug(
		'range-failure-inverted',
		'a range that succeeds ends the walk, one that fails does not',
		['misplaced-page'],
		range('pmd', swap('else if (!gup_fast_pte_range(', 'else if (gup_fast_pte_range(')),
	),
	bug(
		'range-too-long',
		'the first range is walked to the end of all',
		['misplaced-page', 'bad-entry', 'stale-pin'],
		range(
			'pmd',
			swap('gup_fast_pte_range(pmd, pmdp, addr, next', 'gup_fast_pte_range(pmd, pmdp, addr, end'),
		),
	),
	bug(
		'range-absent-skipped',
		'an empty range is skipped',
		['misplaced-page'],
		range(
			'pmd',
			swap('if (!pmd_present(pmd))\n\t\t\treturn 0;', 'if (!pmd_present(pmd))\n\t\t\tcontinue;'),
		),
		{ outOfReach: true, why: 'no world lacks the first table and has the second' },
	),
	bug(
		'range-pages-reset',
		'each range is stored from the beginning',
		['misplaced-page', 'reference-leak', 'stale-pin'],
		inside('gup_fast_pte_range', swap('pages[*nr] = page;', 'pages[*nr - nr_start] = page;')),
	),
	bug(
		'pud-present-dropped',
		'an empty PUD is followed',
		['bad-entry'],
		range('pud', drop('if (unlikely(!pud_present(')),
	),
	bug(
		'p4d-present-dropped',
		'an empty P4D is followed',
		['bad-entry'],
		all(range('p4d', drop('if (!p4d_present(')), range('pgd', drop('if (pgd_none('))),
	),
	bug(
		'pud-leaf-as-table',
		'a huge PUD is walked as a table',
		['bad-entry'],
		range('pud', swap('if (unlikely(pud_leaf(pud)))', 'if (0)')),
	),
	bug(
		'pgd-leaf-as-table',
		'a huge PGD is walked as a table',
		['bad-entry'],
		range('pgd', swap('if (unlikely(pgd_leaf(pgd)))', 'if (0)')),
	),
	bug(
		'pmd-table-as-leaf',
		'a table is handed out as a huge page',
		['bad-entry'],
		range('pmd', swap('if (unlikely(pmd_leaf(pmd)))', 'if (1)')),
	),
	bug(
		'pud-table-as-leaf',
		'a table is handed out as a huge PUD',
		['bad-entry'],
		range('pud', swap('if (unlikely(pud_leaf(pud)))', 'if (1)')),
	),
	bug(
		'pgd-table-as-leaf',
		'a table is handed out as a huge PGD',
		['bad-entry'],
		range('pgd', swap('if (unlikely(pgd_leaf(pgd)))', 'if (1)')),
	),
	bug(
		'pmd-leaf-inverted',
		'tables and huge pages exchanged',
		['bad-entry'],
		range('pmd', swap('if (unlikely(pmd_leaf(pmd)))', 'if (!pmd_leaf(pmd))')),
	),
	bug(
		'pmd-leaf-live',
		'whether it is a table is read from the live PMD',
		['bad-entry', 'double-fetch'],
		range('pmd', swap('pmd_leaf(pmd)', 'pmd_leaf(*pmdp)')),
	),
	bug(
		'pud-present-live',
		'presence is asked of the live PUD',
		['bad-entry', 'double-fetch'],
		range('pud', swap('!pud_present(pud)', '!pud_present(READ_ONCE(*pudp))')),
	),
	bug(
		'pmd-offset-live',
		'the PMD table is taken from the live PUD',
		['bad-entry', 'double-fetch'],
		range('pmd', swap('pmd_offset_lockless(pudp, pud, addr)', 'pmd_offset(pudp, addr)')),
	),
	bug(
		'pud-offset-live',
		'the PUD table is taken from the live P4D',
		['bad-entry', 'double-fetch'],
		range('pud', swap('pud_offset_lockless(p4dp, p4d, addr)', 'pud_offset(p4dp, addr)')),
	),
	bug(
		'pmd-passed-live',
		'the PMD passed on is read again',
		['bad-entry', 'double-fetch', 'stale-pin'],
		range('pmd', swap('gup_fast_pmd_leaf(pmd, pmdp', 'gup_fast_pmd_leaf(*pmdp, pmdp')),
	),
	bug(
		'pte-range-passed-live',
		'the PMD passed to the PTE walk is read again',
		['bad-entry', 'double-fetch', 'stale-pin'],
		range('pmd', swap('gup_fast_pte_range(pmd, pmdp', 'gup_fast_pte_range(READ_ONCE(*pmdp), pmdp')),
		{
			outOfReach: true,
			why: 'mapping the table looks at the PMD once more and refuses what is no table',
		},
	),
	bug(
		'pmd-wrong-pointer',
		'the leaf is compared with the entry behind it',
		['stale-pin', 'bad-entry'],
		all(range('pmd', swap('gup_fast_pmd_leaf(pmd, pmdp', 'gup_fast_pmd_leaf(pmd, &pmd'))),
	),
	bug(
		'pte-range-wrong-pointer',
		'the PTE walk compares the PMD with its copy',
		['stale-pin'],
		range('pmd', swap('gup_fast_pte_range(pmd, pmdp', 'gup_fast_pte_range(pmd, &pmd')),
	),
	bug(
		'pmd-wrong-address',
		'the PTE walk starts at the end',
		['misplaced-page', 'bad-entry', 'stale-pin', 'reference-leak'],
		range(
			'pmd',
			swap(
				'gup_fast_pte_range(pmd, pmdp, addr, next',
				'gup_fast_pte_range(pmd, pmdp, addr + PAGE_SIZE, next + PAGE_SIZE',
			),
		),
	),
];

export const BUGS_RANGE: readonly Mutant[] = [...results, ...levels];
