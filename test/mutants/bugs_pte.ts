/**
 * Bugs in gup_fast_pte_range() of 6.12: each guard of the PTE walk dropped, weakened, moved, or its clean-up forgotten.
 */
import { after, before, drop, type Edit, inside, move, moveAfter, rewrite, swap, within } from './edit.js';
import { bug, type Mutant } from './mutant.js';

const pte = (...edits: readonly Edit[]): Edit => inside('gup_fast_pte_range', ...edits);
const RECHECK = 'pmd_val(pmd) != pmd_val(*pmdp)';
const PMD_PART = 'unlikely(pmd_val(pmd) != pmd_val(*pmdp))';
const PTE_PART = 'unlikely(pte_val(pte) != pte_val(ptep_get(ptep)))';
const GRAB = 'folio = try_grab_folio_fast(';
const NO_GRAB = 'if (!folio)';
const ALLOWED = 'if (!gup_fast_folio_allowed(';
const UNSHARE = 'gup_must_unshare(';
const STORE = 'pages[*nr] = page;';
const COUNT = '(*nr)++;';
const PUT = 'gup_put_folio(folio, 1, flags);';
const BAIL = `{ ${PUT} goto pte_unmap; }`;

const recheck: readonly Mutant[] = [
	bug('pte-recheck-dropped', 'neither PTE nor PMD are looked at again', ['stale-pin'], pte(drop(RECHECK))),
	bug('pte-recheck-inverted', 'an entry that changed is taken, one that did not is refused', ['stale-pin'], pte(swap('pte_val(pte) != pte_val(ptep_get(', 'pte_val(pte) == pte_val(ptep_get('))),
	bug('pte-recheck-itself', 'the PTE read first is compared with itself', ['stale-pin'], pte(swap(PTE_PART, 'unlikely(pte_val(pte) != pte_val(pte))'))),
	bug('pmd-recheck-itself', 'the PMD passed in is compared with itself', ['stale-pin'], pte(swap(PMD_PART, 'unlikely(pmd_val(pmd) != pmd_val(pmd))'))),
	bug('pmd-recheck-live-live', 'the live PMD is compared with itself', ['stale-pin'], pte(swap(PMD_PART, 'unlikely(pmd_val(*pmdp) != pmd_val(*pmdp))'))),
	bug('pte-recheck-both', 'only when PTE and PMD both changed is there a bail-out', ['stale-pin'], pte(swap(`${PMD_PART} ||`, `${PMD_PART} &&`))),
	bug('pte-recheck-if-pin', 'the entries are looked at again for FOLL_PIN only', ['stale-pin'], pte(swap(PMD_PART, `(flags & FOLL_PIN) && (${PMD_PART}`), swap(PTE_PART, `${PTE_PART})`))),
	bug('pte-recheck-if-get', 'the entries are looked at again for FOLL_GET only', ['stale-pin'], pte(swap(PMD_PART, `(flags & FOLL_GET) && (${PMD_PART}`), swap(PTE_PART, `${PTE_PART})`))),
	bug('pte-recheck-if-write', 'the PTE is looked at again for FOLL_WRITE only', ['stale-pin'], pte(swap(PTE_PART, `((flags & FOLL_WRITE) && ${PTE_PART})`))),
	bug('pte-recheck-if-read', 'the PTE is looked at again for reads only', ['stale-pin'], pte(swap(PTE_PART, `(!(flags & FOLL_WRITE) && ${PTE_PART})`))),
	bug('pte-recheck-if-longterm', 'the PTE is looked at again for FOLL_LONGTERM only', ['stale-pin'], pte(swap(PTE_PART, `((flags & FOLL_LONGTERM) && ${PTE_PART})`))),
	bug('pmd-recheck-if-longterm', 'the PMD is looked at again for FOLL_LONGTERM only', ['stale-pin'], pte(swap(PMD_PART, `((flags & FOLL_LONGTERM) && ${PMD_PART})`))),
	bug('pte-recheck-if-writable', 'a writable PTE is not looked at again', ['stale-pin'], pte(swap(PTE_PART, `(!pte_write(pte) && ${PTE_PART})`))),
	bug('pte-recheck-if-readonly', 'a read-only PTE is not looked at again', ['stale-pin'], pte(swap(PTE_PART, `(pte_write(pte) && ${PTE_PART})`))),
	bug('pte-recheck-pfn', 'only the frame is compared, not the permissions', ['permission'], pte(swap(PTE_PART, 'pte_pfn(pte) != pte_pfn(ptep_get(ptep))'))),
	bug('pte-recheck-present', 'the PTE must only be present again, whatever it maps', ['stale-pin'], pte(swap(PTE_PART, '!pte_present(ptep_get(ptep))'))),
	bug('pte-recheck-none', 'the PTE must only not be empty again, whatever it maps', ['stale-pin'], pte(swap(PTE_PART, 'pte_none(ptep_get(ptep))'))),
	bug('pte-recheck-bits', 'only the low bits are compared, not the frame', ['stale-pin'], pte(swap(PTE_PART, '(pte_val(pte) & ~PAGE_MASK) != (pte_val(ptep_get(ptep)) & ~PAGE_MASK)'))),
	bug('pte-recheck-permitted', 'the access must only be permitted again', ['stale-pin'], pte(swap(PTE_PART, '!pte_access_permitted(ptep_get(ptep), flags & FOLL_WRITE)'))),
	bug('pte-recheck-early-read', 'the value compared was read before the reference', ['stale-pin'], pte(before(GRAB, 'pte_t now = ptep_get(ptep);'), swap('pte_val(ptep_get(ptep))', 'pte_val(now)'))),
	bug('pmd-recheck-early-read', 'the PMD compared was read before the reference', ['stale-pin'], pte(before(GRAB, 'pmd_t now = READ_ONCE(*pmdp);'), swap('pmd_val(*pmdp)', 'pmd_val(now)'))),
	bug('pte-recheck-early-answer', 'the comparison is made before the reference, its answer used after', ['stale-pin'], pte(before(GRAB, 'bool changed = pte_val(pte) != pte_val(ptep_get(ptep));'), swap(PTE_PART, 'changed'))),
	bug('pmd-recheck-early-split', 'the PMD is compared before the reference, the PTE after', ['stale-pin'], pte(before(GRAB, `if (${PMD_PART}) goto pte_unmap;`), swap(`${PMD_PART} ||`, ''))),
	bug('pte-recheck-published-first', 'the page is counted before the entries are looked at again, and stays counted', ['stale-pin', 'reference-underflow'], pte(move(STORE, RECHECK), move(COUNT, RECHECK))),
	bug('pte-recheck-after-publish', 'the entries are looked at again behind the publication', ['stale-pin', 'reference-underflow'], pte(moveAfter(RECHECK, COUNT))),
	bug('pte-recheck-goes-on', 'the reference is put, and the page handed out all the same', ['reference-underflow', 'stale-pin'], pte(within(RECHECK, drop('goto pte_unmap;')))),
	bug('pte-recheck-overwritten', 'the value read first is replaced by the live one before the comparison', ['stale-pin'], pte(before(RECHECK, 'pte = ptep_get(ptep);'))),
	bug('pte-recheck-warns', 'a changed entry only warns', ['stale-pin'], pte(rewrite(RECHECK, `WARN_ON_ONCE(pte_val(pte) != pte_val(ptep_get(ptep)));`))),
	bug('pte-recheck-first-only', 'only the first page of the walk is looked at again', ['stale-pin'], pte(swap(PTE_PART, `(*nr == nr_start && ${PTE_PART})`))),
	bug('pte-recheck-not-first', 'the first page of the walk is not looked at again', ['stale-pin'], pte(swap(PTE_PART, `(*nr != nr_start && ${PTE_PART})`))),
	bug('pte-recheck-not-anon', 'anonymous pages are not looked at again', ['stale-pin'], pte(swap(PTE_PART, `(!folio_test_anon(folio) && ${PTE_PART})`))),
];

const policy: readonly Mutant[] = [
	bug('pte-allowed-dropped', 'nobody asks whether the folio may be handed out', ['secretmem-pin', 'unsafe-longterm-pin'], pte(drop(ALLOWED))),
	bug('pte-allowed-inverted', 'folios that may not be handed out are, others not', ['secretmem-pin', 'unsafe-longterm-pin'], pte(swap(ALLOWED, 'if (gup_fast_folio_allowed('))),
	bug('pte-allowed-unused', 'the answer is not looked at', ['secretmem-pin'], pte(rewrite(ALLOWED, 'gup_fast_folio_allowed(folio, flags);'))),
	bug('pte-allowed-if-pin', 'asked for FOLL_PIN only', ['secretmem-pin'], pte(swap(ALLOWED, 'if ((flags & FOLL_PIN) && !gup_fast_folio_allowed('))),
	bug('pte-allowed-if-get', 'asked for FOLL_GET only', ['secretmem-pin', 'unsafe-longterm-pin'], pte(swap(ALLOWED, 'if ((flags & FOLL_GET) && !gup_fast_folio_allowed('))),
	bug('pte-allowed-if-longterm', 'asked for FOLL_LONGTERM only', ['secretmem-pin'], pte(swap(ALLOWED, 'if ((flags & FOLL_LONGTERM) && !gup_fast_folio_allowed('))),
	bug('pte-allowed-if-writable', 'asked for writable entries only', ['secretmem-pin'], pte(swap(ALLOWED, 'if (pte_write(pte) && !gup_fast_folio_allowed('))),
	bug('pte-allowed-if-readonly', 'asked for read-only entries only', ['secretmem-pin'], pte(swap(ALLOWED, 'if (!pte_write(pte) && !gup_fast_folio_allowed('))),
	bug('pte-allowed-no-longterm', 'asked without FOLL_LONGTERM', ['unsafe-longterm-pin'], pte(swap('gup_fast_folio_allowed(folio, flags)', 'gup_fast_folio_allowed(folio, flags & ~FOLL_LONGTERM)'))),
	bug('pte-allowed-no-flags', 'asked without any flag', ['unsafe-longterm-pin'], pte(swap('gup_fast_folio_allowed(folio, flags)', 'gup_fast_folio_allowed(folio, 0)'))),
	bug('pte-allowed-before-grab', 'asked before the reference is taken', ['racing-mapping'], pte(before(GRAB, 'if (!gup_fast_folio_allowed(page_folio(page), flags)) goto pte_unmap;'), drop(['if (!gup_fast_folio_allowed(', 1]))),
	bug('pte-allowed-before-recheck', 'asked between reference and second look', ['racing-mapping'], pte(move(ALLOWED, RECHECK))),
	bug('pte-allowed-after-publish', 'asked when the page is already counted', ['secretmem-pin', 'reference-underflow'], pte(moveAfter(ALLOWED, COUNT))),
	bug('pte-allowed-if-first', 'asked for the first page only', ['secretmem-pin'], pte(swap(ALLOWED, 'if (*nr == nr_start && !gup_fast_folio_allowed('))),
	bug('pte-mapping-early', 'the mapping is read before the reference and judged after the second look', ['racing-mapping'], pte(before(GRAB, 'struct address_space *early = READ_ONCE(page->mapping);'), swap(ALLOWED, 'if (!early || !gup_fast_folio_allowed('))),
	bug('pte-anon-skips-allowed', 'a folio that looks anonymous before the second look is not asked about', ['racing-mapping'], pte(before(RECHECK, 'bool anon = folio_test_anon(folio);'), swap(ALLOWED, 'if (!anon && !gup_fast_folio_allowed('))),
	bug('pte-unshare-dropped', 'a read-only entry of a shared anonymous page is pinned', ['shared-anon-pin'], pte(drop(UNSHARE))),
	bug('pte-unshare-inverted', 'exclusive pages are refused, shared ones pinned', ['shared-anon-pin'], pte(swap(`&& ${UNSHARE}`, `&& !${UNSHARE}`))),
	bug('pte-unshare-if-writable', 'asked for writable entries instead of read-only ones', ['shared-anon-pin'], pte(swap('!pte_write(pte) &&', 'pte_write(pte) &&'))),
	bug('pte-unshare-if-longterm', 'asked for FOLL_LONGTERM only', ['shared-anon-pin'], pte(swap('!pte_write(pte) &&', '!pte_write(pte) && (flags & FOLL_LONGTERM) &&'))),
	bug('pte-unshare-no-pin', 'asked as if it were no pin', ['shared-anon-pin'], pte(swap('gup_must_unshare(NULL, flags', 'gup_must_unshare(NULL, flags & ~FOLL_PIN'))),
	bug('pte-unshare-as-write', 'asked as if it were a write', ['shared-anon-pin'], pte(swap('gup_must_unshare(NULL, flags', 'gup_must_unshare(NULL, flags | FOLL_WRITE'))),
	bug('pte-unshare-get', 'asked for FOLL_GET instead of FOLL_PIN', ['shared-anon-pin'], pte(swap('!pte_write(pte) &&', '!pte_write(pte) && (flags & FOLL_GET) &&'))),
	bug('pte-unshare-before-recheck', 'asked between reference and second look', ['shared-anon-pin'], pte(move(UNSHARE, RECHECK))),
	bug('pte-unshare-before-grab', 'asked before the reference is taken', ['shared-anon-pin'], pte(before(GRAB, 'if (!pte_write(pte) && gup_must_unshare(NULL, flags, page)) goto pte_unmap;'), drop(['gup_must_unshare(', 1]))),
	bug('pte-unshare-head', 'the head page is asked instead of the page', ['shared-anon-pin'], pte(swap('gup_must_unshare(NULL, flags, page)', 'gup_must_unshare(NULL, flags, &folio->page)'))),
	bug('pte-unshare-early-answer', 'asked before the second look, the answer used behind it', ['shared-anon-pin'], pte(before(RECHECK, 'bool unshare = gup_must_unshare(NULL, flags, page);'), within(['gup_must_unshare(', 1], swap('gup_must_unshare(NULL, flags, page)', 'unshare')))),
	bug('pte-unshare-live-entry', 'whether the entry is writable is read from the table again, before the second look', ['shared-anon-pin', 'double-fetch'], pte(before(RECHECK, 'bool writable = pte_write(ptep_get(ptep)) || !(flags & FOLL_LONGTERM);'), swap('!pte_write(pte) &&', '!writable &&'))),
];

const balance: readonly Mutant[] = [
	bug('pte-put-missing-recheck', 'a changed entry leaves its reference behind', ['reference-leak'], pte(within(RECHECK, drop(PUT)))),
	bug('pte-put-missing-allowed', 'a refused folio leaves its reference behind', ['reference-leak'], pte(within(ALLOWED, drop(PUT)))),
	bug('pte-put-missing-unshare', 'a shared page leaves its reference behind', ['reference-leak'], pte(within(UNSHARE, drop(PUT)))),
	bug('pte-put-missing-accessible', 'a page that cannot be made accessible leaves its reference behind', ['reference-leak'], pte(within('if (ret) {', drop(PUT))), { arch: 's390x' }),
	bug('pte-put-twice-recheck', 'a changed entry puts its reference twice', ['reference-underflow'], pte(within(RECHECK, after(PUT, PUT)))),
	bug('pte-put-twice-allowed', 'a refused folio is put twice', ['reference-underflow'], pte(within(ALLOWED, after(PUT, PUT)))),
	bug('pte-put-twice-unshare', 'a shared page is put twice', ['reference-underflow'], pte(within(UNSHARE, after(PUT, PUT)))),
	bug('pte-put-two', 'one reference taken, two put', ['reference-underflow'], pte(within(RECHECK, swap('folio, 1, flags', 'folio, 2, flags')))),
	bug('pte-put-none', 'no reference is put by putting zero of them', ['reference-leak'], pte(within(ALLOWED, swap('folio, 1, flags', 'folio, 0, flags')))),
	bug('pte-put-as-get', 'a pin is put as if it were a plain reference', ['reference-leak'], pte(within(RECHECK, swap('folio, 1, flags', 'folio, 1, FOLL_GET')))),
	bug('pte-put-as-pin', 'a plain reference is put as if it were a pin', ['reference-underflow'], pte(within(ALLOWED, swap('folio, 1, flags', 'folio, 1, flags | FOLL_PIN')))),
	bug('pte-put-folio-put', 'folio_put() instead of the put that knows about pins', ['reference-leak'], pte(within(UNSHARE, rewrite(PUT, 'folio_put(folio);')))),
	bug('pte-put-if-pin', 'only pins are put', ['reference-leak'], pte(within(ALLOWED, rewrite(PUT, `if (flags & FOLL_PIN) ${PUT}`)))),
	bug('pte-put-before-recheck', 'the reference is put before the second look and the page still handed out', ['reference-underflow', 'stale-pin'], pte(within(RECHECK, drop(PUT)), before(RECHECK, PUT))),
	bug('pte-put-after-publish', 'the reference is put behind the publication', ['reference-underflow'], pte(after(COUNT, 'folio_put(folio);'))),
	bug('pte-put-page-tail', 'the reference of a huge folio is put on the page', ['reference-leak', 'reference-underflow', 'wrong-folio'], pte(within(ALLOWED, rewrite(PUT, 'gup_put_folio((struct folio *)page, 1, flags);')), swap(ALLOWED, 'if ((flags & FOLL_FORCE) || page != &folio->page || !gup_fast_folio_allowed('))),
	bug('pte-used-after-put', 'the folio is marked after its reference was put', ['use-after-free'], pte(within(RECHECK, after(PUT, 'folio_set_referenced(folio);')))),
	bug('pte-grab-null', 'a folio that could not be grabbed is used', ['racing-mapping', 'bad-entry', 'reference-underflow', 'stale-pin'], pte(drop(NO_GRAB))),
	bug('pte-grab-two', 'two references are taken for one page', ['reference-leak'], pte(swap('try_grab_folio_fast(page, 1, flags)', 'try_grab_folio_fast(page, 2, flags)'))),
	bug('pte-grab-as-get', 'a plain reference is taken where a pin is asked for', ['reference-underflow'], pte(swap('try_grab_folio_fast(page, 1, flags)', 'try_grab_folio_fast(page, 1, (flags & ~FOLL_PIN) | FOLL_GET)'))),
	bug('pte-grab-none', 'no reference at all', ['reference-underflow', 'racing-mapping'], pte(rewrite(GRAB, 'folio = page_folio(page);'), within(RECHECK, drop(PUT)), within(ALLOWED, drop(PUT)), within(UNSHARE, drop(PUT)))),
	bug('pte-grab-get', 'get_page() instead of a reference that may be refused', ['frozen-reference', 'reference-underflow'], pte(rewrite(GRAB, 'folio = page_folio(page); folio_get(folio);'))),
];

const publish: readonly Mutant[] = [
	bug('pte-publish-first', 'the page is stored and counted before the reference', ['reference-underflow', 'stale-pin'], pte(move(STORE, GRAB), move(COUNT, GRAB))),
	bug('pte-publish-before-allowed', 'the page is counted before the folio is asked about', ['secretmem-pin', 'reference-underflow'], pte(move(STORE, ALLOWED), move(COUNT, ALLOWED))),
	bug('pte-publish-before-unshare', 'the page is counted before sharing is asked about', ['shared-anon-pin', 'reference-underflow'], pte(moveAfter(UNSHARE, COUNT))),
	bug('pte-publish-uncounted', 'the page is stored and not counted', ['reference-leak'], pte(drop(COUNT))),
	bug('pte-publish-twice', 'the page is counted twice', ['misplaced-page', 'reference-underflow'], pte(after(COUNT, COUNT))),
	bug('pte-publish-unstored', 'the page is counted and not stored', ['misplaced-page', 'reference-leak', 'reference-underflow'], pte(drop(STORE))),
	bug('pte-publish-shifted', 'the page is stored behind its place', ['misplaced-page'], pte(swap('pages[*nr] = page;', 'pages[*nr + 1] = page;'))),
	bug('pte-publish-head', 'the head of the folio is stored instead of the page', ['misplaced-page', 'stale-pin'], pte(swap(STORE, 'pages[*nr] = &folio->page;'))),
	bug('pte-publish-count-first', 'counted, then stored', ['misplaced-page'], pte(moveAfter(STORE, COUNT))),
	bug('pte-publish-same-slot', 'every page is stored in the first place', ['misplaced-page', 'reference-leak', 'reference-underflow', 'stale-pin'], pte(swap(STORE, 'pages[nr_start] = page;'))),
];

const entry: readonly Mutant[] = [
	bug('pte-permission-dropped', 'neither presence nor permission is asked', ['permission', 'bad-entry'], pte(drop('if (!pte_access_permitted('))),
	bug('pte-permission-read', 'permission to read is asked whatever the access', ['permission'], pte(swap('pte_access_permitted(pte, flags & FOLL_WRITE)', 'pte_access_permitted(pte, 0)'))),
	bug('pte-permission-inverted', 'entries that permit are refused', ['permission', 'bad-entry', 'shared-anon-pin'], pte(swap('if (!pte_access_permitted(', 'if (pte_access_permitted('))),
	bug('pte-permission-wrong-flag', 'permission to write is asked for FOLL_GET', ['permission'], pte(swap('flags & FOLL_WRITE))', '(flags & (FOLL_GET | FOLL_WRITE)) == (FOLL_GET | FOLL_WRITE)))'))),
	bug('pte-permission-only-pin', 'permission is asked for FOLL_PIN only', ['permission', 'bad-entry'], pte(swap('if (!pte_access_permitted(', 'if ((flags & FOLL_PIN) && !pte_access_permitted('))),
	bug('pte-permission-present-only', 'only presence is asked', ['permission'], pte(swap('!pte_access_permitted(pte, flags & FOLL_WRITE)', '!pte_present(pte)'))),
	bug('pte-special-dropped', 'an entry without struct page is followed', ['bad-entry'], pte(swap('else if (pte_special(pte))', 'else if (0)'))),
	bug('pte-special-inverted', 'only entries without struct page are followed', ['bad-entry'], pte(swap('else if (pte_special(pte))', 'else if (!pte_special(pte))'))),
	bug('pte-special-if-write', 'special entries are refused for writes only', ['bad-entry'], pte(swap('else if (pte_special(pte))', 'else if ((flags & FOLL_WRITE) && pte_special(pte))'))),
	bug('pte-devmap-longterm', 'long-term pins of device pages are not left to the slow path', ['unsafe-longterm-pin'], pte(drop('flags & FOLL_LONGTERM'))),
	bug('pte-devmap-dying', 'a device that goes away is not noticed', ['use-after-free', 'reference-leak'], pte(drop('if (unlikely(!pgmap)) {'))),
	bug('pte-devmap-kept', 'the reference on the pagemap is kept', ['reference-leak'], pte(drop('if (pgmap)'))),
	bug('pte-double-page', 'the page comes from a second read of the entry', ['double-fetch', 'bad-entry'], pte(swap('page = pte_page(pte);', 'page = pte_page(ptep_get(ptep));'))),
	bug('pte-double-overwrite', 'the entry is read again after it was checked', ['double-fetch', 'bad-entry'], pte(before('page = pte_page(pte);', 'pte = ptep_get(ptep);'))),
	bug('pte-double-permission', 'permission is asked of a second read', ['double-fetch', 'permission'], pte(swap('pte_access_permitted(pte, ', 'pte_access_permitted(ptep_get(ptep), '), swap(PTE_PART, 'pte_pfn(pte) != pte_pfn(ptep_get(ptep))'))),
	bug('pte-fail-goes-on', 'a page that cannot be taken is skipped', ['misplaced-page'], pte(within('if (!pte_access_permitted(', swap('goto pte_unmap;', 'continue;')))),
	bug('pte-fail-is-success', 'a page that could not be taken ends in success', ['misplaced-page'], pte(swap('nr_start = *nr, ret = 0;', 'nr_start = *nr, ret = 1;')), { outOfReach: true, why: 'shows only where a walk goes on in the next table; worlds have one' }),
	bug('pte-no-next', 'the same entry is taken for the next address', ['misplaced-page', 'stale-pin', 'reference-leak'], pte(swap('while (ptep++, addr += PAGE_SIZE', 'while (addr += PAGE_SIZE'))),
	bug('pte-next-two', 'every other entry is skipped', ['misplaced-page', 'bad-entry', 'stale-pin'], pte(swap('while (ptep++, addr += PAGE_SIZE', 'while (ptep += 2, addr += PAGE_SIZE'))),
	bug('pte-one-more', 'one page more than asked for', ['misplaced-page', 'reference-leak'], pte(swap('addr += PAGE_SIZE, addr != end)', 'addr != end && (addr += PAGE_SIZE))'))),
	bug('pte-unmap-dropped', 'the table is not unmapped', ['unbalanced-map'], pte(drop('pte_unmap(ptem);'))),
	bug('pte-unmap-twice', 'the table is unmapped twice', ['unbalanced-map'], pte(after('pte_unmap(ptem);', 'pte_unmap(ptem);'))),
	bug('pte-unmap-skipped', 'one bail-out returns past the unmapping', ['unbalanced-map'], pte(within(RECHECK, swap('goto pte_unmap;', 'return 0;')))),
	bug('pte-unmap-skipped-success', 'success returns past the unmapping', ['unbalanced-map'], pte(swap('ret = 1;', 'return 1;'))),
	bug('pte-sleeps', 'the walk offers to sleep at every page', ['sleep-in-atomic'], pte(before(GRAB, 'cond_resched();'))),
	bug('pte-locks', 'the folio lock is waited for', ['sleep-in-atomic'], pte(before(ALLOWED, 'folio_lock(folio);'), after(COUNT, 'folio_unlock(folio);'))),
	bug('pte-irq-on', 'interrupts are on while the folio is asked about', ['use-after-free', 'unbalanced-map'], pte(before(ALLOWED, 'local_irq_enable();'), before('folio_set_referenced(folio);', 'local_irq_disable();'))),
	bug('pte-bail-block', 'a bail-out of its own that forgets the reference', ['reference-leak'], pte(before(ALLOWED, 'if (folio_test_large(folio)) goto pte_unmap;'))),
	bug('pte-grab-recheck-swapped', 'bail-out of the second look without any reference', ['stale-pin', 'reference-underflow'], pte(move(RECHECK, GRAB), swap(NO_GRAB, 'if (0)'), before(GRAB, `if (0) ${BAIL}`))),
];

export const BUGS_PTE: readonly Mutant[] = [...recheck, ...policy, ...balance, ...publish, ...entry];

