/**
 * Edits of 6.12 that keep the protocol: the second look written otherwise, checks in another harmless order, stricter than
 * needed.
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
import { benign, type Mutant } from './mutant.js';

const pte = (...edits: readonly Edit[]): Edit => inside('gup_fast_pte_range', ...edits);
const pmd = (...edits: readonly Edit[]): Edit => inside('gup_fast_pmd_leaf', ...edits);
const allowed = (...edits: readonly Edit[]): Edit => inside('gup_fast_folio_allowed', ...edits);
const fast = (...edits: readonly Edit[]): Edit => inside('gup_fast', ...edits);

const RECHECK = 'pmd_val(pmd) != pmd_val(*pmdp)';
const PMD_PART = 'unlikely(pmd_val(pmd) != pmd_val(*pmdp))';
const PTE_PART = 'unlikely(pte_val(pte) != pte_val(ptep_get(ptep)))';
const GRAB = 'folio = try_grab_folio_fast(';
const ALLOWED = 'if (!gup_fast_folio_allowed(';
const UNSHARE = 'gup_must_unshare(';
const STORE = 'pages[*nr] = page;';
const COUNT = '(*nr)++;';
const PUT = 'gup_put_folio(folio, 1, flags);';
const BAIL = `{ ${PUT} goto pte_unmap; }`;
const LEAF_AGAIN = 'pmd_val(orig) != pmd_val(*pmdp)';

const rechecks: readonly Mutant[] = [
	benign(
		'ok-recheck-order',
		'PTE first, then PMD',
		pte(swap(`${PMD_PART} ||\n\t\t    ${PTE_PART}`, `${PTE_PART} || ${PMD_PART}`)),
	),
	benign(
		'ok-recheck-two-ifs',
		'one bail-out each',
		pte(rewrite(RECHECK, `if (${PMD_PART}) ${BAIL}\nif (${PTE_PART}) ${BAIL}`)),
	),
	benign(
		'ok-recheck-one-unlikely',
		'one hint around both',
		pte(
			swap(PMD_PART, 'unlikely((pmd_val(pmd) != pmd_val(*pmdp))'),
			swap(PTE_PART, '(pte_val(pte) != pte_val(ptep_get(ptep))))'),
		),
	),
	benign(
		'ok-recheck-likely-else',
		'likely same: nothing; else: bail out',
		pte(
			rewrite(
				RECHECK,
				`if (likely(pmd_val(pmd) == pmd_val(*pmdp) && pte_val(pte) == pte_val(ptep_get(ptep)))) {} else ${BAIL}`,
			),
		),
	),
	benign(
		'ok-recheck-ternary',
		'the comparison through ?:',
		pte(
			rewrite(
				RECHECK,
				`if (pmd_val(pmd) != pmd_val(*pmdp) ? true : pte_val(pte) != pte_val(ptep_get(ptep)) ? true : false) ${BAIL}`,
			),
		),
	),
	benign(
		'ok-recheck-xor',
		'differences by exclusive or',
		pte(
			rewrite(
				RECHECK,
				`if ((pmd_val(pmd) ^ pmd_val(*pmdp)) | (pte_val(pte) ^ pte_val(ptep_get(ptep)))) ${BAIL}`,
			),
		),
	),
	benign(
		'ok-recheck-minus',
		'differences by subtraction',
		pte(swap(PTE_PART, 'pte_val(pte) - pte_val(ptep_get(ptep))')),
	),
	benign(
		'ok-recheck-not-equal',
		'!(a == b)',
		pte(swap(PTE_PART, '!(pte_val(ptep_get(ptep)) == pte_val(pte))')),
	),
	benign(
		'ok-recheck-local',
		'the live values in variables, read after the reference',
		pte(
			before(RECHECK, 'pmd_t now_pmd = READ_ONCE(*pmdp); pte_t now_pte = ptep_get(ptep);'),
			swap('pmd_val(*pmdp)', 'pmd_val(now_pmd)'),
			swap('pte_val(ptep_get(ptep))', 'pte_val(now_pte)'),
		),
	),
	benign(
		'ok-recheck-bool',
		'the answer in a variable',
		pte(
			before(RECHECK, `bool changed = ${PMD_PART} || ${PTE_PART};`),
			rewrite([RECHECK, 1], `if (changed) ${BAIL}`),
		),
	),
	benign(
		'ok-recheck-lockless',
		'ptep_get_lockless() the second time too',
		pte(swap('pte_val(ptep_get(ptep))', 'pte_val(ptep_get_lockless(ptep))')),
	),
	benign(
		'ok-recheck-read-once',
		'READ_ONCE() of both entries',
		pte(
			swap('pmd_val(*pmdp)', 'pmd_val(READ_ONCE(*pmdp))'),
			swap('pte_val(ptep_get(ptep))', 'pte_val(READ_ONCE(*ptep))'),
		),
	),
	benign(
		'ok-recheck-plain',
		'the second look is a plain read',
		pte(swap('ptep_get(ptep)', '*ptep')),
	),
	benign(
		'ok-recheck-pmd-same',
		'pmd_same() and pte_same()',
		pte(swap(PMD_PART, '!pmd_same(pmd, *pmdp)'), swap(PTE_PART, '!pte_same(ptep_get(ptep), pte)')),
	),
	benign(
		'ok-recheck-pmdp-get',
		'pmdp_get()',
		pte(swap('pmd_val(*pmdp)', 'pmd_val(pmdp_get(pmdp))')),
	),
	benign(
		'ok-recheck-pmdp-lockless',
		'pmdp_get_lockless()',
		pte(swap('pmd_val(*pmdp)', 'pmd_val(pmdp_get_lockless(pmdp))')),
	),
	benign('ok-recheck-twice', 'looked at twice', pte(after(RECHECK, `if (${PTE_PART}) ${BAIL}`))),
	benign(
		'ok-recheck-also-before',
		'looked at before the reference too',
		pte(before(GRAB, `if (${PTE_PART}) goto pte_unmap;`)),
	),
	benign(
		'ok-recheck-also-late',
		'looked at once more before the publication',
		pte(before(STORE, `if (${PTE_PART}) ${BAIL}`)),
	),
	benign(
		'ok-recheck-macro',
		'the comparison in a macro of the file',
		all(
			beforeFunction(
				'gup_fast_pte_range',
				'#define entry_changed(old, ptr) (pte_val(old) != pte_val(ptep_get(ptr)))',
			),
			pte(swap(PTE_PART, 'unlikely(entry_changed(pte, ptep))')),
		),
	),
	benign(
		'ok-recheck-statement-expression',
		'the comparison in a statement expression',
		pte(swap(PTE_PART, '({ pte_t live = ptep_get(ptep); pte_val(live) != pte_val(pte); })')),
	),
	benign(
		'ok-recheck-put-macro',
		'put and bail-out in a macro',
		all(
			beforeFunction(
				'gup_fast_pte_range',
				'#define GIVE_UP(f) do { gup_put_folio((f), 1, flags); goto pte_unmap; } while (0)',
			),
			pte(
				rewrite(RECHECK, `if (${PMD_PART} || ${PTE_PART}) GIVE_UP(folio);`),
				rewrite(ALLOWED, 'if (!gup_fast_folio_allowed(folio, flags)) GIVE_UP(folio);'),
			),
		),
	),
	benign(
		'ok-recheck-comma',
		'put and count of bail-outs by comma',
		pte(rewrite(RECHECK, `if (${PMD_PART} || ${PTE_PART}) { ret = 0, ${PUT} goto pte_unmap; }`)),
	),
	benign(
		'ok-recheck-leaf-same',
		'pmd_same() at the leaf',
		pmd(swap(LEAF_AGAIN, '!pmd_same(orig, *pmdp)')),
	),
	benign(
		'ok-recheck-leaf-get',
		'pmdp_get_lockless() at the leaf',
		pmd(swap('pmd_val(*pmdp)', 'pmd_val(pmdp_get_lockless(pmdp))')),
	),
	benign(
		'ok-recheck-leaf-pud',
		'pudp_get() at the PUD leaf',
		inside('gup_fast_pud_leaf', swap('pud_val(*pudp)', 'pud_val(pudp_get(pudp))')),
	),
	benign(
		'ok-recheck-pmd-pfn',
		'of the PMD only the frame is compared',
		pte(swap(PMD_PART, 'pmd_pfn(pmd) != pmd_pfn(*pmdp)')),
		{
			why: 'a PMD that points to the same table still leads to it: its other bits say nothing about the PTE',
		},
	),
	benign(
		'ok-recheck-pmd-present',
		'the PMD must only be present again',
		pte(swap(PMD_PART, '!pmd_present(*pmdp)')),
		{
			why: 'khugepaged empties the PTEs before the huge PMD is set: until then the PMD is empty, from then on the PTE is',
		},
	),
	benign(
		'ok-recheck-pmd-none',
		'the PMD must only not be empty again',
		pte(swap(PMD_PART, 'pmd_none(*pmdp)')),
		{ why: 'the same' },
	),
	benign('ok-map-null', 'a table that could not be mapped is walked', pte(drop('if (!ptep)')), {
		why: 'the copy of the PMD that is mapped passed the tests for presence and leaf',
	}),
	benign(
		'ok-pmd-present-dropped',
		'presence of the PMD is not asked',
		inside('gup_fast_pmd_range', drop('if (!pmd_present(')),
		{ why: 'mapping the table asks again (mm/pgtable-generic.c, __pte_offset_map())' },
	),
	benign(
		'ok-pmd-present-live',
		'presence is asked of the live PMD',
		inside('gup_fast_pmd_range', swap('!pmd_present(pmd)', '!pmd_present(*pmdp)')),
		{ why: 'the same' },
	),
	benign(
		'ok-mapping-null-again',
		'NULL is tested on a second read',
		inside('gup_fast_folio_allowed', swap('if (!mapping)', 'if (!READ_ONCE(folio->mapping))')),
		{ why: 'a mapping that is NULL stays so while a reference is held' },
	),
];

const orders: readonly Mutant[] = [
	benign('ok-unshare-first', 'sharing before policy', pte(move(UNSHARE, ALLOWED))),
	benign(
		'ok-unshare-first-pmd',
		'sharing before policy at the PMD leaf',
		pmd(move(UNSHARE, ALLOWED)),
	),
	benign(
		'ok-allowed-first-pgd',
		'policy before sharing at the PGD leaf',
		inside('gup_fast_pgd_leaf', move(ALLOWED, UNSHARE)),
	),
	benign(
		'ok-policy-or',
		'policy and sharing in one condition',
		pte(
			drop(UNSHARE),
			rewrite(
				ALLOWED,
				`if (!gup_fast_folio_allowed(folio, flags) || (!pte_write(pte) && gup_must_unshare(NULL, flags, page))) ${BAIL}`,
			),
		),
	),
	benign(
		'ok-all-in-one',
		'second look, policy and sharing in one condition',
		pte(
			drop(UNSHARE),
			drop(ALLOWED),
			rewrite(
				RECHECK,
				`if (pmd_val(pmd) != pmd_val(*pmdp) || pte_val(pte) != pte_val(ptep_get(ptep)) || !gup_fast_folio_allowed(folio, flags) || (!pte_write(pte) && gup_must_unshare(NULL, flags, page))) ${BAIL}`,
			),
		),
	),
	benign(
		'ok-permission-first',
		'permission before PROT_NONE',
		pte(move('if (!pte_access_permitted(', 'if (pte_protnone(')),
	),
	benign('ok-protnone-dropped', 'PROT_NONE is not asked for', pte(drop('if (pte_protnone(')), {
		why: 'pte_access_permitted() wants the present bit, which PROT_NONE entries lack',
	}),
	benign(
		'ok-pmd-protnone-dropped',
		'PROT_NONE of a huge PMD is not asked for',
		inside('gup_fast_pmd_range', drop('if (pmd_protnone(')),
		{ why: 'pmd_access_permitted() wants the present bit' },
	),
	benign(
		'ok-special-first',
		'special before permission at the PMD leaf',
		pmd(move('if (pmd_special(', 'pmd_access_permitted(')),
	),
	benign(
		'ok-present-too',
		'presence asked besides permission',
		pte(before('if (!pte_access_permitted(', 'if (!pte_present(pte)) goto pte_unmap;')),
	),
	benign(
		'ok-none-too',
		'pte_none() asked first',
		pte(before('if (pte_protnone(', 'if (pte_none(pte)) goto pte_unmap;')),
	),
	benign(
		'ok-record-late',
		'the pages are stored behind the second look',
		pmd(
			swap(
				'refs = record_subpages(page, PMD_SIZE, addr, end, pages + *nr);',
				'refs = (end - addr) >> PAGE_SHIFT;',
			),
			before('*nr += refs;', 'record_subpages(page, PMD_SIZE, addr, end, pages + *nr);'),
		),
	),
	benign(
		'ok-referenced-late',
		'the folio is marked behind the publication',
		pte(moveAfter('folio_set_referenced(', COUNT)),
	),
	benign(
		'ok-referenced-early',
		'the folio is marked before the second look',
		pte(move('folio_set_referenced(', RECHECK)),
	),
	benign('ok-referenced-dropped', 'the folio is not marked', pte(drop('folio_set_referenced('))),
	benign(
		'ok-count-in-store',
		'stored and counted in one expression',
		pte(rewrite(STORE, 'pages[(*nr)++] = page;'), drop(COUNT)),
	),
	benign('ok-count-plus', '*nr = *nr + 1', pte(rewrite(COUNT, '*nr = *nr + 1;'))),
	benign(
		'ok-store-early',
		'stored before the second look, counted at the end',
		pte(move(STORE, RECHECK)),
	),
	benign(
		'ok-undo-block',
		'grab failure undoes nothing, explicitly',
		pte(rewrite('if (!folio)', 'if (folio == NULL) { ret = 0; goto pte_unmap; }')),
	),
	benign(
		'ok-write-bool',
		'whether the access writes in a variable',
		pte(
			before('ptem = ptep =', 'const bool write = !!(flags & FOLL_WRITE);'),
			swap('flags & FOLL_WRITE))', 'write))'),
		),
	),
	benign(
		'ok-stricter-write',
		'read-only entries are never taken',
		pte(swap('pte_access_permitted(pte, flags & FOLL_WRITE)', 'pte_access_permitted(pte, true)')),
		{ why: 'whoever is refused takes the slow path' },
	),
	benign(
		'ok-stricter-anon',
		'only anonymous folios are taken',
		pte(after(ALLOWED, `if (!folio_test_anon(folio)) ${BAIL}`)),
	),
	benign(
		'ok-stricter-file',
		'anonymous folios are refused',
		allowed(
			within(
				'if (mapping_flags)',
				swap('return mapping_flags & PAGE_MAPPING_ANON;', 'return false;'),
			),
		),
	),
	benign(
		'ok-stricter-longterm',
		'no long-term pins at all',
		fast(
			before('if (gup_flags & FOLL_PIN) {\n\t\tseq', 'if (gup_flags & FOLL_LONGTERM) return 0;'),
		),
	),
	benign(
		'ok-never',
		'the fast path always gives up',
		fast(before('local_irq_save(flags);', 'if (true) return 0;')),
	),
];

export const BENIGN_RECHECK: readonly Mutant[] = [...rechecks, ...orders];
