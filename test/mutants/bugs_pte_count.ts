/**
 * Bugs in gup_fast_pte_range() of 6.12: references, the publication of pages, tests of the entry.
 */
import {
	after,
	before,
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

const pte = (...edits: readonly Edit[]): Edit => inside('gup_fast_pte_range', ...edits);
const RECHECK = 'pmd_val(pmd) != pmd_val(*pmdp)';
const PTE_PART = 'unlikely(pte_val(pte) != pte_val(ptep_get(ptep)))';
const GRAB = 'folio = try_grab_folio_fast(';
const NO_GRAB = 'if (!folio)';
const ALLOWED = 'if (!gup_fast_folio_allowed(';
const UNSHARE = 'gup_must_unshare(';
const STORE = 'pages[*nr] = page;';
const COUNT = '(*nr)++;';
const PUT = 'gup_put_folio(folio, 1, flags);';
const BAIL = `{ ${PUT} goto pte_unmap; }`;

const balance: readonly Mutant[] = [
	bug(
		'pte-put-missing-recheck',
		'a changed entry leaves its reference behind',
		['reference-leak'],
		pte(within(RECHECK, drop(PUT))),
	),
	bug(
		'pte-put-missing-allowed',
		'a refused folio leaves its reference behind',
		['reference-leak'],
		pte(within(ALLOWED, drop(PUT))),
	),
	bug(
		'pte-put-missing-unshare',
		'a shared page leaves its reference behind',
		['reference-leak'],
		pte(within(UNSHARE, drop(PUT))),
	),
	bug(
		'pte-put-missing-accessible',
		'a page that cannot be made accessible leaves its reference behind',
		['reference-leak'],
		pte(within('if (ret) {', drop(PUT))),
		{ arch: 's390x' },
	),
	bug(
		'pte-put-twice-recheck',
		'a changed entry puts its reference twice',
		['reference-underflow'],
		pte(within(RECHECK, after(PUT, PUT))),
	),
	bug(
		'pte-put-twice-allowed',
		'a refused folio is put twice',
		['reference-underflow'],
		pte(within(ALLOWED, after(PUT, PUT))),
	),
	bug(
		'pte-put-twice-unshare',
		'a shared page is put twice',
		['reference-underflow'],
		pte(within(UNSHARE, after(PUT, PUT))),
	),
	bug(
		'pte-put-two',
		'one reference taken, two put',
		['reference-underflow'],
		pte(within(RECHECK, swap('folio, 1, flags', 'folio, 2, flags'))),
	),
	bug(
		'pte-put-none',
		'no reference is put by putting zero of them',
		['reference-leak'],
		pte(within(ALLOWED, swap('folio, 1, flags', 'folio, 0, flags'))),
	),
	bug(
		'pte-put-as-get',
		'a pin is put as if it were a plain reference',
		['reference-leak'],
		pte(within(RECHECK, swap('folio, 1, flags', 'folio, 1, FOLL_GET'))),
	),
	bug(
		'pte-put-as-pin',
		'a plain reference is put as if it were a pin',
		['reference-underflow'],
		pte(within(ALLOWED, swap('folio, 1, flags', 'folio, 1, flags | FOLL_PIN'))),
	),
	bug(
		'pte-put-folio-put',
		'folio_put() instead of the put that knows about pins',
		['reference-leak'],
		pte(within(UNSHARE, rewrite(PUT, 'folio_put(folio);'))),
	),
	bug(
		'pte-put-if-pin',
		'only pins are put',
		['reference-leak'],
		pte(within(ALLOWED, rewrite(PUT, `if (flags & FOLL_PIN) ${PUT}`))),
	),
	bug(
		'pte-put-before-recheck',
		'the reference is put before the second look and the page still handed out',
		['reference-underflow', 'stale-pin'],
		pte(within(RECHECK, drop(PUT)), before(RECHECK, PUT)),
	),
	bug(
		'pte-put-after-publish',
		'the reference is put behind the publication',
		['reference-underflow'],
		pte(after(COUNT, 'folio_put(folio);')),
	),
	bug(
		'pte-put-page-tail',
		'the reference of a huge folio is put on the page',
		['reference-leak', 'reference-underflow', 'wrong-folio'],
		pte(
			within(ALLOWED, rewrite(PUT, 'gup_put_folio((struct folio *)page, 1, flags);')),
			swap(ALLOWED, 'if ((flags & FOLL_FORCE) || page != &folio->page || !gup_fast_folio_allowed('),
		),
	),
	bug(
		'pte-used-after-put',
		'the folio is marked after its reference was put',
		['use-after-free'],
		pte(within(RECHECK, after(PUT, 'folio_set_referenced(folio);'))),
	),
	bug(
		'pte-grab-null',
		'a folio that could not be grabbed is used',
		['racing-mapping', 'bad-entry', 'reference-underflow', 'stale-pin'],
		pte(drop(NO_GRAB)),
	),
	bug(
		'pte-grab-two',
		'two references are taken for one page',
		['reference-leak'],
		pte(swap('try_grab_folio_fast(page, 1, flags)', 'try_grab_folio_fast(page, 2, flags)')),
	),
	bug(
		'pte-grab-as-get',
		'a plain reference is taken where a pin is asked for',
		['reference-underflow'],
		pte(
			swap(
				'try_grab_folio_fast(page, 1, flags)',
				'try_grab_folio_fast(page, 1, (flags & ~FOLL_PIN) | FOLL_GET)',
			),
		),
	),
	bug(
		'pte-grab-none',
		'no reference at all',
		['reference-underflow', 'racing-mapping'],
		pte(
			rewrite(GRAB, 'folio = page_folio(page);'),
			within(RECHECK, drop(PUT)),
			within(ALLOWED, drop(PUT)),
			within(UNSHARE, drop(PUT)),
		),
	),
	bug(
		'pte-grab-get',
		'get_page() instead of a reference that may be refused',
		['frozen-reference', 'reference-underflow'],
		pte(rewrite(GRAB, 'folio = page_folio(page); folio_get(folio);')),
	),
];

const publish: readonly Mutant[] = [
	bug(
		'pte-publish-first',
		'the page is stored and counted before the reference',
		['reference-underflow', 'stale-pin'],
		pte(move(STORE, GRAB), move(COUNT, GRAB)),
	),
	bug(
		'pte-publish-before-allowed',
		'the page is counted before the folio is asked about',
		['secretmem-pin', 'reference-underflow'],
		pte(move(STORE, ALLOWED), move(COUNT, ALLOWED)),
	),
	bug(
		'pte-publish-before-unshare',
		'the page is counted before sharing is asked about',
		['shared-anon-pin', 'reference-underflow'],
		pte(moveAfter(UNSHARE, COUNT)),
	),
	bug(
		'pte-publish-uncounted',
		'the page is stored and not counted',
		['reference-leak'],
		pte(drop(COUNT)),
	),
	bug(
		'pte-publish-twice',
		'the page is counted twice',
		['misplaced-page', 'reference-underflow'],
		pte(after(COUNT, COUNT)),
	),
	bug(
		'pte-publish-unstored',
		'the page is counted and not stored',
		['misplaced-page', 'reference-leak', 'reference-underflow'],
		pte(drop(STORE)),
	),
	bug(
		'pte-publish-shifted',
		'the page is stored behind its place',
		['misplaced-page'],
		pte(swap('pages[*nr] = page;', 'pages[*nr + 1] = page;')),
	),
	bug(
		'pte-publish-head',
		'the head of the folio is stored instead of the page',
		['misplaced-page', 'stale-pin'],
		pte(swap(STORE, 'pages[*nr] = &folio->page;')),
	),
	bug(
		'pte-publish-count-first',
		'counted, then stored',
		['misplaced-page'],
		pte(moveAfter(STORE, COUNT)),
	),
	bug(
		'pte-publish-same-slot',
		'every page is stored in the first place',
		['misplaced-page', 'reference-leak', 'reference-underflow', 'stale-pin'],
		pte(swap(STORE, 'pages[nr_start] = page;')),
	),
];

const entry: readonly Mutant[] = [
	bug(
		'pte-permission-dropped',
		'neither presence nor permission is asked',
		['permission', 'bad-entry'],
		pte(drop('if (!pte_access_permitted(')),
	),
	bug(
		'pte-permission-read',
		'permission to read is asked whatever the access',
		['permission'],
		pte(swap('pte_access_permitted(pte, flags & FOLL_WRITE)', 'pte_access_permitted(pte, 0)')),
	),
	bug(
		'pte-permission-inverted',
		'entries that permit are refused',
		['permission', 'bad-entry', 'shared-anon-pin'],
		pte(swap('if (!pte_access_permitted(', 'if (pte_access_permitted(')),
	),
	bug(
		'pte-permission-wrong-flag',
		'permission to write is asked for FOLL_GET',
		['permission'],
		pte(
			swap(
				'flags & FOLL_WRITE))',
				'(flags & (FOLL_GET | FOLL_WRITE)) == (FOLL_GET | FOLL_WRITE)))',
			),
		),
	),
	bug(
		'pte-permission-only-pin',
		'permission is asked for FOLL_PIN only',
		['permission', 'bad-entry'],
		pte(swap('if (!pte_access_permitted(', 'if ((flags & FOLL_PIN) && !pte_access_permitted(')),
	),
	bug(
		'pte-permission-present-only',
		'only presence is asked',
		['permission'],
		pte(swap('!pte_access_permitted(pte, flags & FOLL_WRITE)', '!pte_present(pte)')),
	),
	bug(
		'pte-special-dropped',
		'an entry without struct page is followed',
		['bad-entry'],
		pte(swap('else if (pte_special(pte))', 'else if (0)')),
	),
	bug(
		'pte-special-inverted',
		'only entries without struct page are followed',
		['bad-entry'],
		pte(swap('else if (pte_special(pte))', 'else if (!pte_special(pte))')),
	),
	bug(
		'pte-special-if-write',
		'special entries are refused for writes only',
		['bad-entry'],
		pte(swap('else if (pte_special(pte))', 'else if ((flags & FOLL_WRITE) && pte_special(pte))')),
	),
	bug(
		'pte-devmap-longterm',
		'long-term pins of device pages are not left to the slow path',
		['unsafe-longterm-pin'],
		pte(drop('flags & FOLL_LONGTERM')),
	),
	bug(
		'pte-devmap-dying',
		'a device that goes away is not noticed',
		['use-after-free', 'reference-leak'],
		pte(drop('if (unlikely(!pgmap)) {')),
	),
	bug(
		'pte-devmap-kept',
		'the reference on the pagemap is kept',
		['reference-leak'],
		pte(drop('if (pgmap)')),
	),
	bug(
		'pte-double-page',
		'the page comes from a second read of the entry',
		['double-fetch', 'bad-entry'],
		pte(swap('page = pte_page(pte);', 'page = pte_page(ptep_get(ptep));')),
	),
	bug(
		'pte-double-overwrite',
		'the entry is read again after it was checked',
		['double-fetch', 'bad-entry'],
		pte(before('page = pte_page(pte);', 'pte = ptep_get(ptep);')),
	),
	bug(
		'pte-double-permission',
		'permission is asked of a second read',
		['double-fetch', 'permission'],
		pte(
			swap('pte_access_permitted(pte, ', 'pte_access_permitted(ptep_get(ptep), '),
			swap(PTE_PART, 'pte_pfn(pte) != pte_pfn(ptep_get(ptep))'),
		),
	),
	bug(
		'pte-fail-goes-on',
		'a page that cannot be taken is skipped',
		['misplaced-page'],
		pte(within('if (!pte_access_permitted(', swap('goto pte_unmap;', 'continue;'))),
	),
	bug(
		'pte-fail-is-success',
		'a page that could not be taken ends in success',
		['misplaced-page'],
		pte(swap('nr_start = *nr, ret = 0;', 'nr_start = *nr, ret = 1;')),
	),
	bug(
		'pte-no-next',
		'the same entry is taken for the next address',
		['misplaced-page', 'stale-pin', 'reference-leak'],
		pte(swap('while (ptep++, addr += PAGE_SIZE', 'while (addr += PAGE_SIZE')),
	),
	bug(
		'pte-next-two',
		'every other entry is skipped',
		['misplaced-page', 'bad-entry', 'stale-pin'],
		pte(swap('while (ptep++, addr += PAGE_SIZE', 'while (ptep += 2, addr += PAGE_SIZE')),
	),
	bug(
		'pte-one-more',
		'one page more than asked for',
		['misplaced-page', 'reference-leak'],
		pte(swap('addr += PAGE_SIZE, addr != end)', 'addr != end && (addr += PAGE_SIZE))')),
	),
	bug(
		'pte-unmap-dropped',
		'the table is not unmapped',
		['unbalanced-map'],
		pte(drop('pte_unmap(ptem);')),
	),
	bug(
		'pte-unmap-twice',
		'the table is unmapped twice',
		['unbalanced-map'],
		pte(after('pte_unmap(ptem);', 'pte_unmap(ptem);')),
	),
	bug(
		'pte-unmap-skipped',
		'one bail-out returns past the unmapping',
		['unbalanced-map'],
		pte(within(RECHECK, swap('goto pte_unmap;', 'return 0;'))),
	),
	bug(
		'pte-unmap-skipped-success',
		'success returns past the unmapping',
		['unbalanced-map'],
		pte(swap('ret = 1;', 'return 1;')),
	),
	bug(
		'pte-sleeps',
		'the walk offers to sleep at every page',
		['sleep-in-atomic'],
		pte(before(GRAB, 'cond_resched();')),
	),
	bug(
		'pte-locks',
		'the folio lock is waited for',
		['sleep-in-atomic'],
		pte(before(ALLOWED, 'folio_lock(folio);'), after(COUNT, 'folio_unlock(folio);')),
	),
	bug(
		'pte-irq-on',
		'interrupts are on while the folio is asked about',
		['use-after-free', 'unbalanced-map'],
		pte(
			before(ALLOWED, 'local_irq_enable();'),
			before('folio_set_referenced(folio);', 'local_irq_disable();'),
		),
	),
	bug(
		'pte-bail-block',
		'a bail-out of its own that forgets the reference',
		['reference-leak'],
		pte(before(ALLOWED, 'if (folio_test_large(folio)) goto pte_unmap;')),
	),
	bug(
		'pte-grab-recheck-swapped',
		'bail-out of the second look without any reference',
		['stale-pin', 'reference-underflow'],
		pte(move(RECHECK, GRAB), swap(NO_GRAB, 'if (0)'), before(GRAB, `if (0) ${BAIL}`)),
	),
];

export const BUGS_PTE_COUNT: readonly Mutant[] = [...balance, ...publish, ...entry];
