/**
 * Bugs in gup_fast_pte_range() of 6.12: the second look at the entries and the questions asked of the folio, dropped,
 * weakened or moved.
 */
import { before, drop, type Edit, inside, move, moveAfter, rewrite, swap, within } from './edit.js';
import { bug, type Mutant } from './mutant.js';

const pte = (...edits: readonly Edit[]): Edit => inside('gup_fast_pte_range', ...edits);
const RECHECK = 'pmd_val(pmd) != pmd_val(*pmdp)';
const PMD_PART = 'unlikely(pmd_val(pmd) != pmd_val(*pmdp))';
const PTE_PART = 'unlikely(pte_val(pte) != pte_val(ptep_get(ptep)))';
const GRAB = 'folio = try_grab_folio_fast(';
const ALLOWED = 'if (!gup_fast_folio_allowed(';
const UNSHARE = 'gup_must_unshare(';
const STORE = 'pages[*nr] = page;';
const COUNT = '(*nr)++;';

const recheck: readonly Mutant[] = [
	bug(
		'pte-recheck-dropped',
		'neither PTE nor PMD are looked at again',
		['stale-pin'],
		pte(drop(RECHECK)),
	),
	bug(
		'pte-recheck-inverted',
		'an entry that changed is taken, one that did not is refused',
		['stale-pin'],
		pte(swap('pte_val(pte) != pte_val(ptep_get(', 'pte_val(pte) == pte_val(ptep_get(')),
	),
	bug(
		'pte-recheck-itself',
		'the PTE read first is compared with itself',
		['stale-pin'],
		pte(swap(PTE_PART, 'unlikely(pte_val(pte) != pte_val(pte))')),
	),
	bug(
		'pmd-recheck-itself',
		'the PMD passed in is compared with itself',
		['stale-pin'],
		pte(swap(PMD_PART, 'unlikely(pmd_val(pmd) != pmd_val(pmd))')),
	),
	bug(
		'pmd-recheck-live-live',
		'the live PMD is compared with itself',
		['stale-pin'],
		pte(swap(PMD_PART, 'unlikely(pmd_val(*pmdp) != pmd_val(*pmdp))')),
	),
	bug(
		'pte-recheck-both',
		'only when PTE and PMD both changed is there a bail-out',
		['stale-pin'],
		pte(swap(`${PMD_PART} ||`, `${PMD_PART} &&`)),
	),
	bug(
		'pte-recheck-if-pin',
		'the entries are looked at again for FOLL_PIN only',
		['stale-pin'],
		pte(swap(PMD_PART, `(flags & FOLL_PIN) && (${PMD_PART}`), swap(PTE_PART, `${PTE_PART})`)),
	),
	bug(
		'pte-recheck-if-get',
		'the entries are looked at again for FOLL_GET only',
		['stale-pin'],
		pte(swap(PMD_PART, `(flags & FOLL_GET) && (${PMD_PART}`), swap(PTE_PART, `${PTE_PART})`)),
	),
	bug(
		'pte-recheck-if-write',
		'the PTE is looked at again for FOLL_WRITE only',
		['stale-pin'],
		pte(swap(PTE_PART, `((flags & FOLL_WRITE) && ${PTE_PART})`)),
	),
	bug(
		'pte-recheck-if-read',
		'the PTE is looked at again for reads only',
		['stale-pin'],
		pte(swap(PTE_PART, `(!(flags & FOLL_WRITE) && ${PTE_PART})`)),
	),
	bug(
		'pte-recheck-if-longterm',
		'the PTE is looked at again for FOLL_LONGTERM only',
		['stale-pin'],
		pte(swap(PTE_PART, `((flags & FOLL_LONGTERM) && ${PTE_PART})`)),
	),
	bug(
		'pmd-recheck-if-longterm',
		'the PMD is looked at again for FOLL_LONGTERM only',
		['stale-pin'],
		pte(swap(PMD_PART, `((flags & FOLL_LONGTERM) && ${PMD_PART})`)),
	),
	bug(
		'pte-recheck-if-writable',
		'a writable PTE is not looked at again',
		['stale-pin'],
		pte(swap(PTE_PART, `(!pte_write(pte) && ${PTE_PART})`)),
	),
	bug(
		'pte-recheck-if-readonly',
		'a read-only PTE is not looked at again',
		['stale-pin'],
		pte(swap(PTE_PART, `(pte_write(pte) && ${PTE_PART})`)),
	),
	bug(
		'pte-recheck-pfn',
		'only the frame is compared, not the permissions',
		['permission'],
		pte(swap(PTE_PART, 'pte_pfn(pte) != pte_pfn(ptep_get(ptep))')),
	),
	bug(
		'pte-recheck-present',
		'the PTE must only be present again, whatever it maps',
		['stale-pin'],
		pte(swap(PTE_PART, '!pte_present(ptep_get(ptep))')),
	),
	bug(
		'pte-recheck-none',
		'the PTE must only not be empty again, whatever it maps',
		['stale-pin'],
		pte(swap(PTE_PART, 'pte_none(ptep_get(ptep))')),
	),
	bug(
		'pte-recheck-bits',
		'only the low bits are compared, not the frame',
		['stale-pin'],
		pte(swap(PTE_PART, '(pte_val(pte) & ~PAGE_MASK) != (pte_val(ptep_get(ptep)) & ~PAGE_MASK)')),
	),
	bug(
		'pte-recheck-permitted',
		'the access must only be permitted again',
		['stale-pin'],
		pte(swap(PTE_PART, '!pte_access_permitted(ptep_get(ptep), flags & FOLL_WRITE)')),
	),
	bug(
		'pte-recheck-early-read',
		'the value compared was read before the reference',
		['stale-pin'],
		pte(
			before(GRAB, 'pte_t now = ptep_get(ptep);'),
			swap('pte_val(ptep_get(ptep))', 'pte_val(now)'),
		),
	),
	bug(
		'pmd-recheck-early-read',
		'the PMD compared was read before the reference',
		['stale-pin'],
		pte(before(GRAB, 'pmd_t now = READ_ONCE(*pmdp);'), swap('pmd_val(*pmdp)', 'pmd_val(now)')),
	),
	bug(
		'pte-recheck-early-answer',
		'the comparison is made before the reference, its answer used after',
		['stale-pin'],
		pte(
			before(GRAB, 'bool changed = pte_val(pte) != pte_val(ptep_get(ptep));'),
			swap(PTE_PART, 'changed'),
		),
	),
	bug(
		'pmd-recheck-early-split',
		'the PMD is compared before the reference, the PTE after',
		['stale-pin'],
		pte(before(GRAB, `if (${PMD_PART}) goto pte_unmap;`), swap(`${PMD_PART} ||`, '')),
	),
	bug(
		'pte-recheck-published-first',
		'the page is counted before the entries are looked at again, and stays counted',
		['stale-pin', 'reference-underflow'],
		pte(move(STORE, RECHECK), move(COUNT, RECHECK)),
	),
	bug(
		'pte-recheck-after-publish',
		'the entries are looked at again behind the publication',
		['stale-pin', 'reference-underflow'],
		pte(moveAfter(RECHECK, COUNT)),
	),
	bug(
		'pte-recheck-goes-on',
		'the reference is put, and the page handed out all the same',
		['reference-underflow', 'stale-pin'],
		pte(within(RECHECK, drop('goto pte_unmap;'))),
	),
	bug(
		'pte-recheck-overwritten',
		'the value read first is replaced by the live one before the comparison',
		['stale-pin'],
		pte(before(RECHECK, 'pte = ptep_get(ptep);')),
	),
	bug(
		'pte-recheck-warns',
		'a changed entry only warns',
		['stale-pin'],
		pte(rewrite(RECHECK, `WARN_ON_ONCE(pte_val(pte) != pte_val(ptep_get(ptep)));`)),
	),
	bug(
		'pte-recheck-first-only',
		'only the first page of the walk is looked at again',
		['stale-pin'],
		pte(swap(PTE_PART, `(*nr == nr_start && ${PTE_PART})`)),
	),
	bug(
		'pte-recheck-not-first',
		'the first page of the walk is not looked at again',
		['stale-pin'],
		pte(swap(PTE_PART, `(*nr != nr_start && ${PTE_PART})`)),
	),
	bug(
		'pte-recheck-not-anon',
		'anonymous pages are not looked at again',
		['stale-pin'],
		pte(swap(PTE_PART, `(!folio_test_anon(folio) && ${PTE_PART})`)),
	),
];

const policy: readonly Mutant[] = [
	bug(
		'pte-allowed-dropped',
		'nobody asks whether the folio may be handed out',
		['secretmem-pin', 'unsafe-longterm-pin'],
		pte(drop(ALLOWED)),
	),
	bug(
		'pte-allowed-inverted',
		'folios that may not be handed out are, others not',
		['secretmem-pin', 'unsafe-longterm-pin'],
		pte(swap(ALLOWED, 'if (gup_fast_folio_allowed(')),
	),
	bug(
		'pte-allowed-unused',
		'the answer is not looked at',
		['secretmem-pin'],
		pte(rewrite(ALLOWED, 'gup_fast_folio_allowed(folio, flags);')),
	),
	bug(
		'pte-allowed-if-pin',
		'asked for FOLL_PIN only',
		['secretmem-pin'],
		pte(swap(ALLOWED, 'if ((flags & FOLL_PIN) && !gup_fast_folio_allowed(')),
	),
	bug(
		'pte-allowed-if-get',
		'asked for FOLL_GET only',
		['secretmem-pin', 'unsafe-longterm-pin'],
		pte(swap(ALLOWED, 'if ((flags & FOLL_GET) && !gup_fast_folio_allowed(')),
	),
	bug(
		'pte-allowed-if-longterm',
		'asked for FOLL_LONGTERM only',
		['secretmem-pin'],
		pte(swap(ALLOWED, 'if ((flags & FOLL_LONGTERM) && !gup_fast_folio_allowed(')),
	),
	bug(
		'pte-allowed-if-writable',
		'asked for writable entries only',
		['secretmem-pin'],
		pte(swap(ALLOWED, 'if (pte_write(pte) && !gup_fast_folio_allowed(')),
	),
	bug(
		'pte-allowed-if-readonly',
		'asked for read-only entries only',
		['secretmem-pin'],
		pte(swap(ALLOWED, 'if (!pte_write(pte) && !gup_fast_folio_allowed(')),
	),
	bug(
		'pte-allowed-no-longterm',
		'asked without FOLL_LONGTERM',
		['unsafe-longterm-pin'],
		pte(
			swap(
				'gup_fast_folio_allowed(folio, flags)',
				'gup_fast_folio_allowed(folio, flags & ~FOLL_LONGTERM)',
			),
		),
	),
	bug(
		'pte-allowed-no-flags',
		'asked without any flag',
		['unsafe-longterm-pin'],
		pte(swap('gup_fast_folio_allowed(folio, flags)', 'gup_fast_folio_allowed(folio, 0)')),
	),
	bug(
		'pte-allowed-before-grab',
		'asked before the reference is taken',
		['racing-mapping'],
		pte(
			before(GRAB, 'if (!gup_fast_folio_allowed(page_folio(page), flags)) goto pte_unmap;'),
			drop(['if (!gup_fast_folio_allowed(', 1]),
		),
	),
	bug(
		'pte-allowed-before-recheck',
		'asked between reference and second look',
		['racing-mapping'],
		pte(move(ALLOWED, RECHECK)),
	),
	bug(
		'pte-allowed-after-publish',
		'asked when the page is already counted',
		['secretmem-pin', 'reference-underflow'],
		pte(moveAfter(ALLOWED, COUNT)),
	),
	bug(
		'pte-allowed-if-first',
		'asked for the first page only',
		['secretmem-pin'],
		pte(swap(ALLOWED, 'if (*nr == nr_start && !gup_fast_folio_allowed(')),
	),
	bug(
		'pte-mapping-early',
		'the mapping is read before the reference and judged after the second look',
		['racing-mapping'],
		pte(
			before(GRAB, 'struct address_space *early = READ_ONCE(page->mapping);'),
			swap(ALLOWED, 'if (!early || !gup_fast_folio_allowed('),
		),
	),
	bug(
		'pte-anon-skips-allowed',
		'a folio that looks anonymous before the second look is not asked about',
		['racing-mapping'],
		pte(
			before(RECHECK, 'bool anon = folio_test_anon(folio);'),
			swap(ALLOWED, 'if (!anon && !gup_fast_folio_allowed('),
		),
	),
	bug(
		'pte-unshare-dropped',
		'a read-only entry of a shared anonymous page is pinned',
		['shared-anon-pin'],
		pte(drop(UNSHARE)),
	),
	bug(
		'pte-unshare-inverted',
		'exclusive pages are refused, shared ones pinned',
		['shared-anon-pin'],
		pte(swap(`&& ${UNSHARE}`, `&& !${UNSHARE}`)),
	),
	bug(
		'pte-unshare-if-writable',
		'asked for writable entries instead of read-only ones',
		['shared-anon-pin'],
		pte(swap('!pte_write(pte) &&', 'pte_write(pte) &&')),
	),
	bug(
		'pte-unshare-if-longterm',
		'asked for FOLL_LONGTERM only',
		['shared-anon-pin'],
		pte(swap('!pte_write(pte) &&', '!pte_write(pte) && (flags & FOLL_LONGTERM) &&')),
	),
	bug(
		'pte-unshare-no-pin',
		'asked as if it were no pin',
		['shared-anon-pin'],
		pte(swap('gup_must_unshare(NULL, flags', 'gup_must_unshare(NULL, flags & ~FOLL_PIN')),
	),
	bug(
		'pte-unshare-as-write',
		'asked as if it were a write',
		['shared-anon-pin'],
		pte(swap('gup_must_unshare(NULL, flags', 'gup_must_unshare(NULL, flags | FOLL_WRITE')),
	),
	bug(
		'pte-unshare-get',
		'asked for FOLL_GET instead of FOLL_PIN',
		['shared-anon-pin'],
		pte(swap('!pte_write(pte) &&', '!pte_write(pte) && (flags & FOLL_GET) &&')),
	),
	bug(
		'pte-unshare-before-recheck',
		'asked between reference and second look',
		['shared-anon-pin'],
		pte(move(UNSHARE, RECHECK)),
	),
	bug(
		'pte-unshare-before-grab',
		'asked before the reference is taken',
		['shared-anon-pin'],
		pte(
			before(GRAB, 'if (!pte_write(pte) && gup_must_unshare(NULL, flags, page)) goto pte_unmap;'),
			drop(['gup_must_unshare(', 1]),
		),
	),
	bug(
		'pte-unshare-head',
		'the head page is asked instead of the page',
		['shared-anon-pin'],
		pte(swap('gup_must_unshare(NULL, flags, page)', 'gup_must_unshare(NULL, flags, &folio->page)')),
	),
	bug(
		'pte-unshare-early-answer',
		'asked before the second look, the answer used behind it',
		['shared-anon-pin'],
		pte(
			before(RECHECK, 'bool unshare = gup_must_unshare(NULL, flags, page);'),
			within(['gup_must_unshare(', 1], swap('gup_must_unshare(NULL, flags, page)', 'unshare')),
		),
	),
	bug(
		'pte-unshare-live-entry',
		'whether the entry is writable is read from the table again, before the second look',
		['shared-anon-pin', 'double-fetch'],
		pte(
			before(RECHECK, 'bool writable = pte_write(ptep_get(ptep)) || !(flags & FOLL_LONGTERM);'),
			swap('!pte_write(pte) &&', '!writable &&'),
		),
	),
];

export const BUGS_PTE_LOOK: readonly Mutant[] = [...recheck, ...policy];
