/**
 * Edits of 6.12 that keep the protocol and change the shape of the code: parts in functions of their own, other control flow,
 * other loops.
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
const range = (level: string, ...edits: readonly Edit[]): Edit =>
	inside(`gup_fast_${level}_range`, ...edits);

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
const wholeGrab = (call: string): Edit =>
	pte(
		drop(UNSHARE),
		drop(ALLOWED),
		drop(RECHECK),
		drop(NO_GRAB),
		drop('folio_set_referenced('),
		drop('pages[*nr] = page;'),
		drop('if (flags & FOLL_PIN) {'),
		drop('struct folio *folio;'),
		rewrite(GRAB, call),
	);

const helpers: readonly Mutant[] = [
	benign(
		'ok-helper-stable',
		'grab and second look in a function that returns the folio or NULL',
		all(
			beforeFunction('gup_fast_pte_range', STABLE),
			pte(drop(RECHECK), rewrite(GRAB, 'folio = grab_stable(page, pmd, pmdp, pte, ptep, flags);')),
		),
	),
	benign(
		'ok-helper-out',
		'grab and second look in a function with an out-parameter',
		all(
			beforeFunction('gup_fast_pte_range', STABLE_OUT),
			pte(
				drop(RECHECK),
				drop(NO_GRAB),
				rewrite(
					GRAB,
					'if (!grab_stable(&folio, page, pmd, pmdp, pte, ptep, flags)) goto pte_unmap;',
				),
			),
		),
	),
	benign(
		'ok-helper-whole',
		'everything about one page in a function that stores it',
		all(
			beforeFunction('gup_fast_pte_range', GRABBED),
			wholeGrab(
				'if (grab_checked(page, pmd, pmdp, pte, ptep, flags, &pages[*nr]) < 0) goto pte_unmap;',
			),
		),
	),
	benign(
		'ok-helper-changed-bool',
		'the comparison in a function, by value',
		all(
			beforeFunction(
				'gup_fast_pte_range',
				'static inline bool same_entry(pte_t *ptep, const pte_t old)\n{\n\treturn pte_val(ptep_get(ptep)) == pte_val(old);\n}\n',
			),
			pte(swap('unlikely(pte_val(pte) != pte_val(ptep_get(ptep)))', '!same_entry(ptep, pte)')),
		),
	),
	benign(
		'ok-helper-changed-pointer',
		'the comparison in a function, old value by pointer',
		all(
			beforeFunction(
				'gup_fast_pte_range',
				'static bool differs(pte_t *ptep, const pte_t *old)\n{\n\treturn pte_val(ptep_get(ptep)) != pte_val(*old);\n}\n',
			),
			pte(swap('unlikely(pte_val(pte) != pte_val(ptep_get(ptep)))', 'differs(ptep, &pte)')),
		),
	),
	benign(
		'ok-helper-put',
		'putting in a function of its own',
		all(
			beforeFunction(
				'gup_fast_pte_range',
				'static void drop_one(struct folio *f, unsigned int flags)\n{\n\tgup_put_folio(f, 1, flags);\n}\n',
			),
			pte(swapAll(/gup_put_folio\(folio, 1, flags\)/g, 'drop_one(folio, flags)')),
		),
	),
	benign(
		'ok-helper-publish',
		'publishing in a function',
		all(
			beforeFunction(
				'gup_fast_pte_range',
				'static void publish(struct page **pages, int *nr, struct page *page)\n{\n\tpages[*nr] = page;\n\t(*nr)++;\n}\n',
			),
			pte(drop('pages[*nr] = page;'), rewrite(COUNT, 'publish(pages, nr, page);')),
		),
	),
	benign(
		'ok-helper-readable',
		'which entries are taken, in a function',
		all(
			beforeFunction(
				'gup_fast_pte_range',
				'static bool takes(pte_t pte, unsigned int flags)\n{\n\tif (pte_protnone(pte))\n\t\treturn false;\n\treturn pte_access_permitted(pte, flags & FOLL_WRITE);\n}\n',
			),
			pte(
				drop('if (pte_protnone('),
				rewrite('if (!pte_access_permitted(', 'if (!takes(pte, flags)) goto pte_unmap;'),
			),
		),
	),
	benign(
		'ok-helper-leaf',
		'the three checks of a PMD leaf in a function',
		all(
			beforeFunction(
				'gup_fast_pmd_leaf',
				'static bool leaf_stable(struct folio *folio, pmd_t orig, pmd_t *pmdp, unsigned int flags)\n{\n\tif (pmd_val(orig) != pmd_val(*pmdp) || !gup_fast_folio_allowed(folio, flags))\n\t\treturn false;\n\treturn pmd_write(orig) || !gup_must_unshare(NULL, flags, &folio->page);\n}\n',
			),
			pmd(
				drop(ALLOWED),
				drop(UNSHARE),
				swap('unlikely(pmd_val(orig) != pmd_val(*pmdp))', '!leaf_stable(folio, orig, pmdp, flags)'),
			),
		),
	),
	benign(
		'ok-helper-grab-inlined',
		'FOLL_GET is grabbed in place',
		pte(
			rewrite(
				GRAB,
				'folio = (flags & FOLL_GET) ? try_get_folio(page, 1) : try_grab_folio_fast(page, 1, flags);',
			),
		),
	),
	benign(
		'ok-helper-seq',
		'the fork test in a function',
		all(
			beforeFunction(
				'gup_fast',
				'static bool forked_since(unsigned int seq)\n{\n\treturn read_seqcount_retry(&current->mm->write_protect_seq, seq);\n}\n',
			),
			fast(swap('read_seqcount_retry(&current->mm->write_protect_seq, seq)', 'forked_since(seq)')),
		),
	),
	benign(
		'ok-helper-walk',
		'the walk with interrupts off in a function',
		all(
			beforeFunction(
				'gup_fast',
				'static void walk_quietly(unsigned long start, unsigned long end, unsigned int gup_flags,\n\t\tstruct page **pages, int *nr)\n{\n\tunsigned long irq;\n\n\tlocal_irq_save(irq);\n\tgup_fast_pgd_range(start, end, gup_flags, pages, nr);\n\tlocal_irq_restore(irq);\n}\n',
			),
			fast(
				drop('local_irq_save('),
				drop('local_irq_restore('),
				drop('unsigned long flags;'),
				rewrite('gup_fast_pgd_range(', 'walk_quietly(start, end, gup_flags, pages, &nr_pinned);'),
			),
		),
	),
	benign(
		'ok-helper-struct',
		'flags and array in a struct',
		all(
			beforeFunction(
				'gup_fast_pte_range',
				'struct grab_request {\n\tstruct page *page;\n\tunsigned int flags;\n};\nstatic struct folio *grab_for(const struct grab_request *want)\n{\n\treturn try_grab_folio_fast(want->page, 1, want->flags);\n}\n',
			),
			pte(
				rewrite(
					GRAB,
					'struct grab_request want = { .page = page, .flags = flags };\nfolio = grab_for(&want);',
				),
			),
		),
	),
];

const flow: readonly Mutant[] = [
	benign(
		'ok-flow-put-label',
		'one label that puts and leaves',
		pte(
			swapAll(
				/\{\n\t\t\tgup_put_folio\(folio, 1, flags\);\n\t\t\tgoto pte_unmap;/g,
				'{\n\t\t\tgoto put_folio;',
			),
			swap(
				'\tret = 1;\n\npte_unmap:',
				'\tret = 1;\n\tgoto pte_unmap;\n\nput_folio:\n\tgup_put_folio(bad, 1, flags);\npte_unmap:',
			),
			swap('pte_t *ptep, *ptem;', 'pte_t *ptep, *ptem;\n\tstruct folio *bad = NULL;'),
			after(NO_GRAB, 'bad = folio;'),
		),
	),
	benign(
		'ok-flow-flag',
		'a variable says whether to put',
		pte(
			rewrite(RECHECK, `bool good = !(${CHANGED});`),
			rewrite(ALLOWED, 'if (good) good = gup_fast_folio_allowed(folio, flags);'),
			rewrite(
				UNSHARE,
				'if (good && !pte_write(pte) && gup_must_unshare(NULL, flags, page)) good = false;\nif (!good) { gup_put_folio(folio, 1, flags); goto pte_unmap; }',
			),
		),
	),
	benign(
		'ok-flow-break',
		'the three checks in do { } while (0) left by break',
		pte(
			rewrite(
				RECHECK,
				`bool good = false;\ndo {\n\tif (${CHANGED}) break;\n\tif (!gup_fast_folio_allowed(folio, flags)) break;\n\tif (!pte_write(pte) && gup_must_unshare(NULL, flags, page)) break;\n\tgood = true;\n} while (0);\nif (!good) { gup_put_folio(folio, 1, flags); goto pte_unmap; }`,
			),
			drop([ALLOWED, 1]),
			drop([UNSHARE, 1]),
		),
	),
	benign(
		'ok-flow-switch',
		'the checks as states of a switch',
		pte(
			drop(UNSHARE),
			drop(ALLOWED),
			rewrite(
				RECHECK,
				`int state = 0;\nwhile (state < 3) {\n\tbool bad = false;\n\tswitch (state) {\n\tcase 0: bad = ${CHANGED}; break;\n\tcase 1: bad = !gup_fast_folio_allowed(folio, flags); break;\n\tdefault: bad = !pte_write(pte) && gup_must_unshare(NULL, flags, page); break;\n\t}\n\tif (bad) { gup_put_folio(folio, 1, flags); goto pte_unmap; }\n\tstate++;\n}`,
			),
		),
	),
	benign(
		'ok-flow-nested',
		'nested instead of jumping away',
		pte(
			swap(
				'goto pte_unmap;\n\n\t\tif (!pte_access_permitted(pte, flags & FOLL_WRITE))\n\t\t\tgoto pte_unmap;',
				'goto pte_unmap;\n\t\telse {\n\t\t\tif (!pte_access_permitted(pte, flags & FOLL_WRITE)) {\n\t\t\t\tgoto pte_unmap;\n\t\t\t}\n\t\t}',
			),
		),
	),
	benign(
		'ok-flow-or',
		'PROT_NONE and permission in one condition',
		pte(
			drop('if (pte_protnone('),
			swap('if (!pte_access_permitted(', 'if (pte_protnone(pte) || !pte_access_permitted('),
		),
	),
	benign(
		'ok-flow-returns',
		'the PMD leaf leaves by jumps',
		pmd(
			swapAll(/\{\n\t\tgup_put_folio\(folio, refs, flags\);\n\t\treturn 0;\n\t\}/g, 'goto out;'),
			swap(
				'\treturn 1;\n}',
				'\treturn 1;\nout:\n\tgup_put_folio(folio, refs, flags);\n\treturn 0;\n}',
			),
		),
	),
	benign(
		'ok-flow-empty-then',
		'success first, failure in else',
		pmd(
			swap(
				'if (unlikely(pmd_val(orig) != pmd_val(*pmdp))) {',
				'if (likely(pmd_val(orig) == pmd_val(*pmdp))) {\n\t\t;\n\t} else {',
			),
		),
	),
	benign(
		'ok-loop-while',
		'the PTE loop as for (;;)',
		pte(
			swap('\tdo {\n', '\tfor (;;) {\n'),
			swap(
				'} while (ptep++, addr += PAGE_SIZE, addr != end);',
				'\tptep++;\n\t\taddr += PAGE_SIZE;\n\t\tif (addr == end)\n\t\t\tbreak;\n\t}',
			),
		),
	),
	benign(
		'ok-loop-for',
		'the PTE loop as for',
		pte(
			swap('\tdo {\n', '\tfor (; addr != end; ptep++, addr += PAGE_SIZE) {\n'),
			swap('} while (ptep++, addr += PAGE_SIZE, addr != end);', '}'),
		),
	),
	benign('ok-loop-less', 'addr < end', pte(swap('addr != end)', 'addr < end)'))),
	benign(
		'ok-loop-index',
		'the PTE loop by index',
		pte(
			swap(
				'\tdo {\n\t\tpte_t pte = ptep_get_lockless(ptep);',
				'\tint at = 0;\n\tdo {\n\t\tptep = ptem + at;\n\t\tpte_t pte = ptep_get_lockless(ptep);',
			),
			swap('while (ptep++, addr', 'while (at++, addr'),
		),
	),
	benign(
		'ok-loop-record',
		'record_subpages() as while',
		inside(
			'record_subpages',
			swap(
				'for (nr = 0; addr != end; nr++, addr += PAGE_SIZE)\n\t\tpages[nr] = nth_page(start_page, nr);',
				'nr = 0;\n\twhile (addr < end) {\n\t\tpages[nr] = start_page + nr;\n\t\tnr++;\n\t\taddr += PAGE_SIZE;\n\t}',
			),
		),
	),
	benign(
		'ok-loop-pmd',
		'the PMD loop as while',
		range(
			'pmd',
			swap('\tdo {\n', '\twhile (1) {\n'),
			swap(
				'} while (pmdp++, addr = next, addr != end);',
				'\tpmdp++;\n\t\taddr = next;\n\t\tif (addr == end)\n\t\t\tbreak;\n\t}',
			),
		),
	),
	benign(
		'ok-count-local',
		'counted in a variable, stored at the end',
		pte(
			swap('nr_start = *nr, ret = 0;', 'nr_start = *nr, ret = 0, n = *nr;'),
			swap('pages[*nr] = page;', 'pages[n] = page;'),
			rewrite(COUNT, 'n++;'),
			swap('pte_unmap:\n', 'pte_unmap:\n\t*nr = n;\n'),
			within(
				'if (unlikely(!pgmap)) {',
				swap('gup_fast_undo_dev_pagemap(nr,', 'gup_fast_undo_dev_pagemap(&n,'),
			),
			swap(
				'\tif (!ptep)\n\t\treturn 0;',
				'\tif (!ptep)\n\t\treturn 0;'.replace('return 0', 'return ret'),
			),
		),
	),
	benign(
		'ok-array-moves',
		'a pointer into the array moves on',
		pte(
			swap('pages[*nr] = page;', '*slot++ = page;'),
			before('ptem = ptep =', 'struct page **slot = pages + *nr;'),
		),
	),
];

export const BENIGN_FLOW: readonly Mutant[] = [...helpers, ...flow];
