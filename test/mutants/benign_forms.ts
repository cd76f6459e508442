/**
 * Edits of 6.12 that keep the protocol and use less common C: structs by value, results of several kinds, declarations in
 * odd places, directives and layout that a reader of text would trip over.
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
} from './edit.js';
import { benign, type Mutant } from './mutant.js';

const pte = (...edits: readonly Edit[]): Edit => inside('gup_fast_pte_range', ...edits);
const pmd = (...edits: readonly Edit[]): Edit => inside('gup_fast_pmd_leaf', ...edits);
const fast = (...edits: readonly Edit[]): Edit => inside('gup_fast', ...edits);
const allowed = (...edits: readonly Edit[]): Edit => inside('gup_fast_folio_allowed', ...edits);
const ahead = (added: string): Edit => beforeFunction('gup_fast_pte_range', added);

const RECHECK = 'pmd_val(pmd) != pmd_val(*pmdp)';
const PTE_PART = 'unlikely(pte_val(pte) != pte_val(ptep_get(ptep)))';
const GRAB = 'folio = try_grab_folio_fast(';
const NO_GRAB = 'if (!folio)';
const ALLOWED = 'if (!gup_fast_folio_allowed(';
const UNSHARE = 'gup_must_unshare(';
const CHANGED = 'pmd_val(pmd) != pmd_val(*pmdp) || pte_val(pte) != pte_val(ptep_get(ptep))';
const BAIL = '{ gup_put_folio(folio, 1, flags); goto pte_unmap; }';

const results: readonly Mutant[] = [
	benign(
		'ok-form-enum-result',
		'a helper returns an enum, a switch decides',
		all(
			ahead(
				'enum verdict { TAKE, LEAVE, LOST };\nstatic enum verdict look_again(pmd_t pmd, pmd_t *pmdp, pte_t pte, pte_t *ptep)\n{\n\tif (pmd_val(pmd) != pmd_val(*pmdp))\n\t\treturn LOST;\n\treturn pte_val(pte) == pte_val(ptep_get(ptep)) ? TAKE : LEAVE;\n}\n',
			),
			pte(
				rewrite(
					RECHECK,
					'switch (look_again(pmd, pmdp, pte, ptep)) {\n\t\tcase TAKE:\n\t\t\tbreak;\n\t\tcase LEAVE:\n\t\tcase LOST:\n\t\tdefault:\n\t\t\tgup_put_folio(folio, 1, flags);\n\t\t\tgoto pte_unmap;\n\t\t}',
				),
			),
		),
	),
	benign(
		'ok-form-errno',
		'a helper returns an error number',
		all(
			ahead(
				'static int look_again(pmd_t pmd, pmd_t *pmdp, pte_t pte, pte_t *ptep)\n{\n\tif (!pmd_same(pmd, READ_ONCE(*pmdp)))\n\t\treturn -EAGAIN;\n\tif (!pte_same(pte, ptep_get(ptep)))\n\t\treturn -EFAULT;\n\treturn 0;\n}\n',
			),
			pte(
				rewrite(
					RECHECK,
					'ret = look_again(pmd, pmdp, pte, ptep);\n\t\tif (ret < 0) { gup_put_folio(folio, 1, flags); ret = 0; goto pte_unmap; }',
				),
			),
		),
	),
	benign(
		'ok-form-pair-by-value',
		'both entries in a struct passed by value',
		all(
			ahead(
				'struct entry_pair { pmd_t upper; pte_t lower; };\nstatic bool still(struct entry_pair was, pmd_t *pmdp, pte_t *ptep)\n{\n\treturn pmd_val(was.upper) == pmd_val(*pmdp) && pte_val(was.lower) == pte_val(ptep_get(ptep));\n}\n',
			),
			pte(
				rewrite(
					RECHECK,
					`struct entry_pair was = { pmd, pte };\nif (!still(was, pmdp, ptep)) ${BAIL}`,
				),
			),
		),
		{ undecided: 'structs by value are not lowered' },
	),
	benign(
		'ok-form-walk-state',
		'the state of the walk in a struct on the stack',
		all(
			ahead(
				'struct walk_state {\n\tpmd_t pmd;\n\tpmd_t *pmdp;\n\tunsigned int flags;\n};\nstatic bool pmd_moved(const struct walk_state *walk)\n{\n\treturn pmd_val(walk->pmd) != pmd_val(*walk->pmdp);\n}\n',
			),
			pte(
				before(
					'ptem = ptep =',
					'struct walk_state walk = {\n\t\t.pmd = pmd,\n\t\t.pmdp = pmdp,\n\t\t.flags = flags,\n\t};',
				),
				swap('unlikely(pmd_val(pmd) != pmd_val(*pmdp))', 'pmd_moved(&walk)'),
			),
		),
	),
	benign(
		'ok-form-out-pointer',
		'a helper reads the entry into the caller\u2019s variable',
		all(
			ahead(
				'static bool fetch(pte_t *ptep, pte_t *out)\n{\n\t*out = ptep_get_lockless(ptep);\n\treturn !pte_none(*out);\n}\n',
			),
			pte(
				rewrite('pte_t pte = ptep_get_lockless(ptep);', 'pte_t pte;'),
				before('if (pte_protnone(', 'if (!fetch(ptep, &pte)) goto pte_unmap;'),
			),
		),
	),
	benign(
		'ok-form-macro-multi',
		'a macro of several lines with continuation',
		all(
			ahead(
				'#define BAIL_IF(cond)\t\t\t\t\\\ndo {\t\t\t\t\t\t\\\n\tif (unlikely(cond)) {\t\t\t\\\n\t\tgup_put_folio(folio, 1, flags);\t\\\n\t\tgoto pte_unmap;\t\t\t\\\n\t}\t\t\t\t\t\\\n} while (0)',
			),
			pte(
				rewrite(RECHECK, `BAIL_IF(${CHANGED});`),
				rewrite(ALLOWED, 'BAIL_IF(!gup_fast_folio_allowed(folio, flags));'),
				rewrite(UNSHARE, 'BAIL_IF(!pte_write(pte) && gup_must_unshare(NULL, flags, page));'),
			),
		),
	),
	benign(
		'ok-form-macro-paste',
		'a macro that pastes names',
		all(
			ahead('#define same_at(level, was, at) (level##_val(was) == level##_val(*(at)))'),
			pte(swap('unlikely(pmd_val(pmd) != pmd_val(*pmdp))', '!same_at(pmd, pmd, pmdp)')),
		),
	),
	benign(
		'ok-form-macro-undef',
		'a macro defined, used and undefined',
		all(
			ahead('#define GET_AGAIN(p) ptep_get(p)'),
			pte(swap('pte_val(ptep_get(ptep))', 'pte_val(GET_AGAIN(ptep))')),
			beforeFunction('gup_fast_pmd_leaf', '#undef GET_AGAIN'),
		),
	),
	benign(
		'ok-form-generic-level',
		'leaf helper for all levels by unsigned long',
		all(
			beforeFunction(
				'gup_fast_pmd_leaf',
				'static inline bool entry_moved(unsigned long was, unsigned long now)\n{\n\treturn was != now;\n}\n',
			),
			pmd(swap('pmd_val(orig) != pmd_val(*pmdp)', 'entry_moved(pmd_val(orig), pmd_val(*pmdp))')),
			inside(
				'gup_fast_pud_leaf',
				swap('pud_val(orig) != pud_val(*pudp)', 'entry_moved(pud_val(orig), pud_val(*pudp))'),
			),
		),
	),
];

const inlined: readonly Mutant[] = [
	benign(
		'ok-form-inline-grab',
		'grabbing written out in the walker',
		pte(
			rewrite(
				GRAB,
				'if (flags & FOLL_GET) {\n\t\t\tfolio = try_get_folio(page, 1);\n\t\t} else if (is_zero_page(page)) {\n\t\t\tfolio = page_folio(page);\n\t\t} else {\n\t\t\tfolio = try_get_folio(page, 1);\n\t\t\tif (folio && (flags & FOLL_LONGTERM) && !folio_is_longterm_pinnable(folio)) {\n\t\t\t\tfolio_put_refs(folio, 1);\n\t\t\t\tfolio = NULL;\n\t\t\t}\n\t\t\tif (folio) {\n\t\t\t\tif (folio_test_large(folio))\n\t\t\t\t\tatomic_add(1, &folio->_pincount);\n\t\t\t\telse\n\t\t\t\t\tfolio_ref_add(folio, GUP_PIN_COUNTING_BIAS - 1);\n\t\t\t\tsmp_mb__after_atomic();\n\t\t\t}\n\t\t}',
			),
		),
	),
	benign(
		'ok-form-inline-get',
		'taking the reference written out',
		inside(
			'try_grab_folio_fast',
			rewrite(
				['folio = try_get_folio(page, refs);', 0],
				'folio = page_folio(page);\n\tif (folio_ref_count(folio) < 0 || !folio_ref_try_add(folio, refs))\n\t\treturn NULL;\n\tif (page_folio(page) != folio) {\n\t\tfolio_put_refs(folio, refs);\n\t\treturn NULL;\n\t}',
			),
		),
	),
	benign(
		'ok-form-inline-unshare',
		'asking for sharing written out',
		pte(
			swap(
				'gup_must_unshare(NULL, flags, page)',
				'((flags & (FOLL_WRITE | FOLL_PIN)) == FOLL_PIN && (folio_test_anon(folio) ? !PageAnonExclusive(page) : (flags & FOLL_LONGTERM) != 0))',
			),
		),
	),
	benign(
		'ok-form-inline-offset',
		'the page of the entry by arithmetic',
		pte(swap('page = pte_page(pte);', 'page = pfn_to_page(pte_val(pte) >> PAGE_SHIFT);')),
	),
	benign(
		'ok-form-inline-record',
		'the pages of a PMD leaf stored in the leaf function',
		pmd(
			rewrite(
				'refs = record_subpages(',
				'struct page *sub = nth_page(page, (addr & ~PMD_MASK) >> PAGE_SHIFT);\n\tfor (refs = 0; addr != end; refs++, addr += PAGE_SIZE)\n\t\tpages[*nr + refs] = nth_page(sub, refs);',
			),
		),
	),
	benign(
		'ok-form-split-walker',
		'PTE walk split: entries in one function, the loop in the other',
		all(
			ahead(
				'static int take_entry(pmd_t pmd, pmd_t *pmdp, pte_t *ptep, unsigned int flags,\n\t\tstruct page **pages, int *nr)\n{\n\tpte_t pte = ptep_get_lockless(ptep);\n\tstruct page *page;\n\tstruct folio *folio;\n\n\tif (pte_protnone(pte) || !pte_access_permitted(pte, flags & FOLL_WRITE))\n\t\treturn 0;\n\tif (pte_special(pte) || pte_devmap(pte))\n\t\treturn 0;\n\tpage = pte_page(pte);\n\tfolio = try_grab_folio_fast(page, 1, flags);\n\tif (!folio)\n\t\treturn 0;\n\tif (pmd_val(pmd) == pmd_val(*pmdp) && pte_val(pte) == pte_val(ptep_get(ptep)) &&\n\t    gup_fast_folio_allowed(folio, flags) &&\n\t    (pte_write(pte) || !gup_must_unshare(NULL, flags, page))) {\n\t\tpages[*nr] = page;\n\t\t*nr += 1;\n\t\treturn 1;\n\t}\n\tgup_put_folio(folio, 1, flags);\n\treturn 0;\n}\n',
			),
			(text) => {
				const at = text.indexOf('static int gup_fast_pte_range(');
				const open = text.indexOf('\n{\n', at);
				const end = text.indexOf('\n}\n', at);
				return `${text.slice(0, open)}\n{\n\tpte_t *ptep, *ptem;\n\tint ret = 0;\n\n\tptem = ptep = pte_offset_map(&pmd, addr);\n\tif (!ptep)\n\t\treturn 0;\n\tfor (; addr < end; addr += PAGE_SIZE, ptep++)\n\t\tif (!take_entry(pmd, pmdp, ptep, flags, pages, nr))\n\t\t\tgoto out;\n\tret = 1;\nout:\n\tpte_unmap(ptem);\n\treturn ret;${text.slice(end)}`;
			},
		),
	),
	benign(
		'ok-form-collect-then-publish',
		'the page in a variable until all checks are over',
		pte(swap('pages[*nr] = page;', 'struct page **slot = &pages[*nr];\n\t\t*slot = page;')),
	),
];

const layout: readonly Mutant[] = [
	benign('ok-form-spaces', 'spaces instead of tabs', pte(swapAll(/\t/g, '    '))),
	benign(
		'ok-form-allman',
		'opening braces on lines of their own',
		pte(swapAll(/\) \{\n/g, ')\n\t\t{\n')),
	),
	benign('ok-form-trailing', 'blanks at the ends of lines', pte(swapAll(/;\n/g, ';  \t\n'))),
	benign(
		'ok-form-one-line',
		'the walker without line breaks',
		pte(swapAll(/\/\*[\s\S]*?\*\//g, ''), swapAll(/\n\t+/g, ' ')),
	),
	benign(
		'ok-form-column-zero',
		'a block that closes in the first column',
		pte(
			rewrite(
				RECHECK,
				`\t\tif (${CHANGED}) {\ngup_put_folio(folio, 1, flags);\ngoto pte_unmap;\n}`,
			),
		),
	),
	benign(
		'ok-form-comment-brace',
		'braces and quotes in comments',
		pte(before(GRAB, '/* don\'t { close " here */'), before(ALLOWED, '// } else {')),
	),
	benign(
		'ok-form-string',
		'code in a string',
		pte(before(GRAB, 'pr_debug("if (x) { goto pte_unmap; } %d\\n", 1);')),
	),
	benign(
		'ok-form-continuation',
		'an expression continued by backslash',
		pte(swap(PTE_PART, 'unlikely(pte_val(pte) \\\n\t\t\t!= pte_val(ptep_get(ptep)))')),
	),
	benign(
		'ok-form-ifdef-unknown',
		'text under an unset option',
		pte(before(RECHECK, '\n#ifdef CONFIG_NO_SUCH_THING\nthis is no C at all {\n#endif\n')),
	),
	benign(
		'ok-form-if-defined',
		'#if defined() && …',
		pte(
			before(RECHECK, '\n#if defined(CONFIG_MMU) && !defined(CONFIG_NO_SUCH_THING)\n'),
			after(UNSHARE, '\n#endif\n'),
		),
	),
	benign(
		'ok-form-attributes',
		'attributes of all kinds',
		all(
			swapAll(
				/static int gup_fast_pte_range\(/g,
				'static noinline __maybe_unused int gup_fast_pte_range(',
			),
			pte(swap('struct folio *folio;', 'struct folio *folio __maybe_unused;')),
		),
	),
	benign(
		'ok-form-inline-attribute',
		'__always_inline',
		swapAll(
			/static bool gup_fast_folio_allowed\(/g,
			'static __always_inline bool gup_fast_folio_allowed(',
		),
	),
	benign(
		'ok-form-forward',
		'a declaration before the definition',
		beforeFunction(
			'try_grab_folio_fast',
			'static bool gup_fast_folio_allowed(struct folio *folio, unsigned int flags);\n',
		),
	),
	benign(
		'ok-form-two-spaces',
		'old style: return in parentheses',
		allowed(swapAll(/return false;/g, 'return (false);')),
	),
];

const expressions: readonly Mutant[] = [
	benign(
		'ok-form-for-int',
		'a for loop that runs once',
		pte(rewrite(RECHECK, `for (int once = 0; once < 1; once++)\n\tif (${CHANGED}) ${BAIL}`)),
	),
	benign(
		'ok-form-shadow',
		'a name that shadows another',
		pte(
			rewrite(
				RECHECK,
				`{\n\tpte_t ret = ptep_get(ptep);\n\n\tif (pmd_val(pmd) != pmd_val(*pmdp) || pte_val(pte) != pte_val(ret)) ${BAIL}\n\t}`,
			),
		),
	),
	benign(
		'ok-form-assign-in-if',
		'an assignment as condition',
		pte(
			drop(NO_GRAB),
			rewrite(GRAB, 'if (!(folio = try_grab_folio_fast(page, 1, flags)))\n\t\t\tgoto pte_unmap;'),
		),
	),
	benign(
		'ok-form-conditional-comma',
		'comma in a condition',
		pte(
			rewrite(
				RECHECK,
				`pte_t live;\nif (live = ptep_get(ptep), pmd_val(pmd) != pmd_val(*pmdp) || pte_val(live) != pte_val(pte)) ${BAIL}`,
			),
		),
	),
	benign(
		'ok-form-conditional-chain',
		'a chain of ?: that ends in a put',
		pte(
			drop(ALLOWED),
			drop(UNSHARE),
			rewrite(
				RECHECK,
				`bool bad = pmd_val(pmd) != pmd_val(*pmdp) ? true :\n\tpte_val(pte) != pte_val(ptep_get(ptep)) ? true :\n\t!gup_fast_folio_allowed(folio, flags) ? true :\n\tpte_write(pte) ? false : gup_must_unshare(NULL, flags, page);\nif (bad) ${BAIL}`,
			),
		),
	),
	benign(
		'ok-form-bits',
		'reasons collected in a bit mask',
		pte(
			drop(ALLOWED),
			drop(UNSHARE),
			rewrite(
				RECHECK,
				`unsigned int reasons = 0;\nif (pmd_val(pmd) != pmd_val(*pmdp)) reasons |= BIT(0);\nif (pte_val(pte) != pte_val(ptep_get(ptep))) reasons |= BIT(1);\nif (!reasons && !gup_fast_folio_allowed(folio, flags)) reasons |= BIT(2);\nif (!reasons && !pte_write(pte) && gup_must_unshare(NULL, flags, page)) reasons |= BIT(3);\nif (reasons) ${BAIL}`,
			),
		),
	),
	benign(
		'ok-form-counter',
		'a count of what is wrong',
		pte(
			rewrite(
				RECHECK,
				`int wrong = 0;\nwrong += pmd_val(pmd) != pmd_val(*pmdp);\nwrong += pte_val(pte) != pte_val(ptep_get(ptep));\nif (wrong > 0) ${BAIL}`,
			),
		),
	),
	benign(
		'ok-form-logical-not-not',
		'!! and == true',
		pte(swap(PTE_PART, '!!(pte_val(pte) != pte_val(ptep_get(ptep))) == true')),
	),
	benign(
		'ok-form-cast',
		'values cast to unsigned long long',
		pte(
			swap(
				PTE_PART,
				'(unsigned long long)pte_val(pte) != (unsigned long long)pte_val(ptep_get(ptep))',
			),
		),
	),
	benign(
		'ok-form-compound-literal',
		'a compound literal',
		pte(
			swap(
				'pte_val(pte) != pte_val(ptep_get(ptep))',
				'pte_val((pte_t){ pte_val(pte) }) != pte_val(ptep_get(ptep))',
			),
		),
	),
	benign(
		'ok-form-address-of',
		'*& around the pointer',
		pte(swap('pte_val(ptep_get(ptep))', 'pte_val(ptep_get(&*ptep))')),
	),
	benign(
		'ok-form-array-index',
		'entries by index',
		pte(swap('pte_val(ptep_get(ptep))', 'pte_val(ptep_get(&ptep[0]))')),
	),
	benign(
		'ok-form-pages-pointer',
		'*(pages + *nr)',
		pte(swap('pages[*nr] = page;', '*(pages + *nr) = page;')),
	),
	benign('ok-form-nr-prefix', '++*nr', pte(rewrite('(*nr)++;', '++*nr;'))),
	benign(
		'ok-form-flags-local',
		'flag tests in constants',
		pte(
			before(
				'ptem = ptep =',
				'const bool pin = flags & FOLL_PIN, longterm = flags & FOLL_LONGTERM;',
			),
			swap('if (unlikely(flags & FOLL_LONGTERM))', 'if (longterm)'),
			swap('if (flags & FOLL_PIN) {', 'if (pin) {'),
		),
	),
	benign(
		'ok-form-seq-guarded',
		'the sample initialised',
		fast(swap('unsigned seq;', 'unsigned int seq = 0;')),
	),
	benign(
		'ok-form-irq-pair',
		'flags of the interrupts named otherwise',
		fast(
			swapAll(/\bflags\b(?!;\n\tint)/g, 'state'),
			swapAll(/unsigned long flags;/g, 'unsigned long state;'),
		),
	),
	benign(
		'ok-form-do-while-range',
		'the PMD loop with continue',
		inside(
			'gup_fast_pmd_range',
			swap(
				'if (!gup_fast_pmd_leaf(pmd, pmdp, addr, next, flags,\n\t\t\t\tpages, nr))\n\t\t\t\treturn 0;\n',
				'if (!gup_fast_pmd_leaf(pmd, pmdp, addr, next, flags,\n\t\t\t\tpages, nr))\n\t\t\t\treturn 0;\n\t\t\tcontinue;\n',
			),
		),
	),
	benign(
		'ok-form-barrier-asm',
		'a compiler barrier in assembler',
		pte(before(RECHECK, 'asm volatile("" ::: "memory");')),
	),
	benign(
		'ok-form-guard-irq',
		'scoped interrupts',
		fast(
			rewrite('local_irq_save(', 'do {\n\tguard(irqsave)();'),
			rewrite('local_irq_restore(', '} while (0);'),
			swap('unsigned long flags;\n', '\n'),
		),
		{ undecided: 'what a scope does when it is left is not lowered' },
	),
	benign(
		'ok-form-scoped-guard',
		'scoped_guard(irqsave)',
		fast(
			drop('local_irq_save('),
			drop('local_irq_restore('),
			swap('unsigned long flags;\n', '\n'),
			rewrite(
				'gup_fast_pgd_range(start',
				'scoped_guard(irqsave)\n\t\tgup_fast_pgd_range(start, end, gup_flags, pages, &nr_pinned);',
			),
		),
		{ undecided: 'the same' },
	),
];

export const BENIGN_FORMS: readonly Mutant[] = [...results, ...inlined, ...layout, ...expressions];
