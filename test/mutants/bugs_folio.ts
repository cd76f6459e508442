/**
 * Bugs in how 6.12 takes, gives back and judges folios: try_get_folio(), try_grab_folio_fast(), gup_put_folio(),
 * gup_fast_folio_allowed().
 */
import { after, all, before, cut, drop, type Edit, inside, move, moveAfter, rewrite, swap, within } from './edit.js';
import { bug, type Mutant } from './mutant.js';

const get = (...edits: readonly Edit[]): Edit => inside('try_get_folio', ...edits);
const grab = (...edits: readonly Edit[]): Edit => inside('try_grab_folio_fast', ...edits);
const put = (...edits: readonly Edit[]): Edit => inside('gup_put_folio', ...edits);
const allowed = (...edits: readonly Edit[]): Edit => inside('gup_fast_folio_allowed', ...edits);

const TRY_ADD = 'if (unlikely(!folio_ref_try_add(';
const SAME = 'page_folio(page) != folio';

const getting: readonly Mutant[] = [
	bug('get-unconditional', 'a reference is added whatever the count', ['frozen-reference'], get(rewrite(TRY_ADD, 'folio_ref_add(folio, refs);'))),
	bug('get-check-then-add', 'the count is looked at, then raised', ['frozen-reference'], get(rewrite(TRY_ADD, 'if (folio_ref_count(folio) == 0) return NULL; folio_ref_add(folio, refs);'))),
	bug('get-folio-get', 'folio_get() on a page that may be free', ['frozen-reference', 'reference-underflow'], get(rewrite(TRY_ADD, 'folio_get(folio);'))),
	bug('get-result-unused', 'a refused reference is taken for granted', ['reference-underflow', 'racing-mapping', 'stale-pin'], get(rewrite(TRY_ADD, 'folio_ref_try_add(folio, refs);'))),
	bug('get-result-inverted', 'a refused reference is success', ['reference-underflow', 'reference-leak', 'stale-pin', 'racing-mapping'], get(swap('!folio_ref_try_add(', 'folio_ref_try_add('))),
	bug('get-unless-one', 'refused when the count is one instead of zero', ['frozen-reference'], get(swap('!folio_ref_try_add(folio, refs)', '!folio_ref_add_unless(folio, refs, 1)'))),
	bug('get-add-return', 'added first, and looked at afterwards', ['frozen-reference'], get(rewrite(TRY_ADD, 'if (atomic_add_return(refs, &folio->_refcount) == refs) return NULL;'))),
	bug('get-one', 'one reference whatever was asked for', ['reference-underflow'], get(swap('folio_ref_try_add(folio, refs)', 'folio_ref_try_add(folio, 1)'))),
	bug('get-overflow-dropped', 'the count may run over', ['reference-overflow'], get(drop('folio_ref_count(folio) < 0'))),
	bug('get-overflow-inverted', 'only counts that ran over are raised', ['reference-overflow', 'frozen-reference'], get(swap('folio_ref_count(folio) < 0', 'folio_ref_count(folio) >= 0'))),
	bug('get-overflow-warns', 'a count that ran over only warns', ['reference-overflow'], get(rewrite('folio_ref_count(folio) < 0', 'WARN_ON_ONCE(folio_ref_count(folio) < 0);'))),
	bug('get-overflow-minus-one', 'only a count of -1 is refused', ['reference-overflow'], get(swap('folio_ref_count(folio) < 0', 'folio_ref_count(folio) == -1'))),
	bug('get-same-dropped', 'nobody looks whether the page still belongs to the folio', ['wrong-folio'], get(drop(SAME))),
	bug('get-same-inverted', 'success only when the page belongs to another folio', ['wrong-folio', 'reference-leak', 'stale-pin'], get(swap(SAME, 'page_folio(page) == folio'), swap('goto retry;', 'return NULL;'))),
	bug('get-same-itself', 'the folio is compared with itself', ['wrong-folio'], get(swap(SAME, 'folio != folio'))),
	bug('get-same-early', 'the page is looked at again before the reference', ['wrong-folio'], get(before(TRY_ADD, 'if (page_folio(page) != folio) goto retry;'), drop([SAME, 1]))),
	bug('get-same-leak', 'the reference on the other folio is kept', ['reference-leak', 'wrong-folio'], get(within(SAME, drop('put_devmap_managed_folio_refs(')))),
	bug('get-same-one', 'the reference of the page is put, not that of the folio', ['wrong-folio', 'reference-leak', 'reference-underflow', 'use-after-free'], get(within(SAME, swap('folio_put_refs(folio, refs)', 'folio_put_refs(page_folio(page), refs)')))),
	bug('get-same-only-large', 'looked at again only while the folio is large', ['wrong-folio'], get(swap(`unlikely(${SAME})`, `folio_test_large(folio) && ${SAME}`))),
];

const LONGTERM = 'flags & FOLL_LONGTERM';
const DROPS = 'put_devmap_managed_folio_refs(folio, refs)';
const grabbing: readonly Mutant[] = [
	bug('grab-p2pdma-dropped', 'peer-to-peer pages are handed to anybody', ['permission'], all(grab(drop('is_pci_p2pdma_page(')), inside('gup_fast_devmap_leaf', drop('is_pci_p2pdma_page(')))),
	bug('grab-zero-dropped', 'the zero page is pinned', ['reference-leak'], grab(drop('if (is_zero_page(page))'))),
	bug('grab-zero-inverted', 'every page but the zero page goes unpinned', ['reference-underflow', 'stale-pin', 'racing-mapping'], grab(swap('if (is_zero_page(page))', 'if (!is_zero_page(page))'))),
	bug('grab-pin-null', 'a refused reference is pinned all the same', ['bad-entry', 'racing-mapping', 'reference-underflow'], grab(drop('if (!folio)'))),
	bug('grab-movable-dropped', 'pages that must stay movable are pinned for long', ['unsafe-longterm-pin'], grab(drop(LONGTERM))),
	bug('grab-movable-inverted', 'only pages that must stay movable are pinned for long', ['unsafe-longterm-pin'], grab(swap('!folio_is_longterm_pinnable(', 'folio_is_longterm_pinnable('))),
	bug('grab-movable-leak', 'the reference on a movable page is kept', ['reference-leak'], grab(within(LONGTERM, drop(DROPS)))),
	bug('grab-movable-before-get', 'asked before the reference, when the page may be any', ['unsafe-longterm-pin'], grab(before('folio = try_get_folio(page, refs);', 'if ((flags & FOLL_LONGTERM) && !folio_is_longterm_pinnable(page_folio(page))) return NULL;'), drop(['folio_is_longterm_pinnable(', 1])), { outOfReach: true, why: 'the frame does not change its zone: the answer is the same before the reference' }),
	bug('grab-pincount-dropped', 'pins of large folios are not counted', ['reference-leak', 'reference-underflow'], grab(rewrite('if (folio_test_large(folio))', 'if (!folio_test_large(folio)) folio_ref_add(folio, refs * (GUP_PIN_COUNTING_BIAS - 1));'))),
	bug('grab-pincount-one', 'one pin of a large folio whatever was asked for', ['reference-underflow'], grab(swap('atomic_add(refs, &folio->_pincount)', 'atomic_add(1, &folio->_pincount)'))),
	bug('grab-pincount-bias', 'pins of large folios are counted both ways', ['reference-leak'], grab(swap('\telse\n\t\tfolio_ref_add(', '\tfolio_ref_add('))),
	bug('grab-pincount-small', 'large and small folios exchanged', ['reference-leak', 'reference-underflow'], grab(swap('if (folio_test_large(folio))', 'if (!folio_test_large(folio))'))),
	bug('grab-bias-whole', 'one reference too many for each pin', ['reference-leak'], grab(swap('(GUP_PIN_COUNTING_BIAS - 1)', 'GUP_PIN_COUNTING_BIAS'))),
	bug('grab-bias-dropped', 'a pin of a small folio is a plain reference', ['reference-underflow'], grab(swap('refs * (GUP_PIN_COUNTING_BIAS - 1)', '0'))),
	bug('grab-get-for-all', 'pins return with a plain reference', ['reference-underflow'], grab(swap('if (flags & FOLL_GET)', 'if (flags & (FOLL_GET | FOLL_PIN))'))),
	bug('grab-pin-for-get', 'plain references are taken as pins', ['reference-leak'], grab(drop('if (flags & FOLL_GET)'))),
	bug('grab-barrier-dropped', 'no barrier between pin and second look', ['shared-anon-pin'], grab(drop('smp_mb__after_atomic();')), { outOfReach: true, why: 'needs weak memory' }),
	bug('grab-unconditional', 'the pin is one addition that nobody can refuse', ['frozen-reference'], grab(rewrite('folio = try_get_folio(page, refs);', 'folio = page_folio(page); folio_ref_add(folio, refs);'))),
];

const putting: readonly Mutant[] = [
	bug('put-zero-dropped', 'the zero page is unpinned though it never was pinned', ['reference-underflow'], put(drop('if (is_zero_folio(folio))'))),
	bug('put-zero-for-all', 'the zero page is not put for FOLL_GET either', ['reference-leak'], put(before('if (flags & FOLL_PIN) {', 'if (is_zero_folio(folio)) return;'))),
	bug('put-bias-dropped', 'a pin is put as one reference', ['reference-leak'], put(swap('refs *= GUP_PIN_COUNTING_BIAS;', ';'))),
	bug('put-bias-minus-one', 'a pin is put short of one reference', ['reference-leak'], put(swap('refs *= GUP_PIN_COUNTING_BIAS;', 'refs *= GUP_PIN_COUNTING_BIAS - 1;'))),
	bug('put-bias-for-get', 'a plain reference is put as a pin', ['reference-underflow'], put(swap('if (flags & FOLL_PIN) {', 'if (flags & (FOLL_PIN | FOLL_GET)) {'))),
	bug('put-pincount-dropped', 'pins of large folios stay counted', ['reference-leak'], put(swap('atomic_sub(refs, &folio->_pincount);', ';'))),
	bug('put-pincount-add', 'unpinning a large folio pins it again', ['reference-leak'], put(swap('atomic_sub(refs', 'atomic_add(refs'))),
	bug('put-large-small', 'large and small folios exchanged', ['reference-underflow', 'reference-leak'], put(swap('if (folio_test_large(folio))', 'if (!folio_test_large(folio))'))),
	bug('put-nothing', 'nothing is put', ['reference-leak'], put(drop(DROPS))),
	bug('put-one', 'one reference is put whatever was asked for', ['reference-leak'], put(swap('folio_put_refs(folio, refs)', 'folio_put_refs(folio, 1)'))),
	bug('put-pincount-late', 'the pin is uncounted when the folio may be gone', ['use-after-free'], put(swap('\t\tif (folio_test_large(folio))\n\t\t\tatomic_sub(refs, &folio->_pincount);\n\t\telse\n', '\t\tif (!folio_test_large(folio))\n'), after(DROPS, 'if ((flags & FOLL_PIN) && folio_test_large(folio)) atomic_sub(refs, &folio->_pincount);'))),
	bug('put-only-pins', 'plain references are not put', ['reference-leak'], put(rewrite(DROPS, 'if (flags & FOLL_PIN) folio_put_refs(folio, refs);'))),
];

const READ = 'mapping = READ_ONCE(folio->mapping);';
const NULLS = 'if (!mapping)';
const TAGS = 'if (mapping_flags)';
const SECRET = 'if (check_secretmem && secretmem_mapping(mapping))';
const LAST = 'return !reject_file_backed || shmem_mapping(mapping);';
const judging: readonly Mutant[] = [
	bug('allowed-plain', 'the mapping is read plainly', ['racing-mapping'], allowed(swap(READ, 'mapping = folio->mapping;'))),
	bug('allowed-plain-cast', 'the mapping is read plainly through a cast', ['racing-mapping'], allowed(swap(READ, 'mapping = (struct address_space *)(unsigned long)folio->mapping;'))),
	bug('allowed-folio-mapping', 'folio_mapping(), which reads plainly', ['racing-mapping'], allowed(swap(READ, 'mapping = folio_mapping(folio);'))),
	bug('allowed-twice', 'the mapping is read again for the secretmem test', ['racing-mapping'], allowed(swap('secretmem_mapping(mapping)', 'secretmem_mapping(READ_ONCE(folio->mapping))'))),
	bug('allowed-twice-tail', 'the mapping is read again for the last test', ['racing-mapping'], allowed(swap('shmem_mapping(mapping)', 'shmem_mapping(READ_ONCE(folio->mapping))'))),
	bug('allowed-twice-plain', 'the last test reads through the folio', ['racing-mapping'], allowed(swap('shmem_mapping(mapping)', 'shmem_mapping(folio->mapping)'))),
	bug('allowed-twice-null', 'NULL is tested on a read of its own, before', ['racing-mapping'], allowed(drop(READ), rewrite(NULLS, `if (!READ_ONCE(folio->mapping)) return false;\n${READ}`))),
	bug('allowed-twice-tags', 'tags are tested on a read of their own, before', ['racing-mapping'], allowed(drop(READ), drop(NULLS), swap('(unsigned long)mapping & PAGE', '(unsigned long)READ_ONCE(folio->mapping) & PAGE'), before(SECRET, READ))),
	bug('allowed-late-read', 'the tests are made on one read, the judgement on a second', ['racing-mapping'], allowed(before(SECRET, READ))),
	bug('allowed-null-dropped', 'NULL is dereferenced', ['racing-mapping'], allowed(drop(NULLS))),
	bug('allowed-null-allowed', 'a truncated folio is allowed', ['racing-mapping', 'secretmem-pin', 'unsafe-longterm-pin'], allowed(within(NULLS, swap('return false;', 'return true;')))),
	bug('allowed-null-inverted', 'only a truncated folio goes on', ['racing-mapping'], allowed(swap(NULLS, 'if (mapping)'))),
	bug('allowed-null-if-pin', 'NULL is tested for FOLL_PIN only', ['racing-mapping'], allowed(swap(NULLS, 'if ((flags & FOLL_PIN) && !mapping)'))),
	bug('allowed-null-late', 'NULL is tested behind the dereference', ['racing-mapping'], allowed(moveAfter(NULLS, SECRET))),
	bug('allowed-tags-dropped', 'a tagged pointer is dereferenced', ['racing-mapping'], allowed(drop(TAGS))),
	bug('allowed-tags-late', 'the tags are tested behind the dereference', ['racing-mapping'], allowed(moveAfter(TAGS, SECRET))),
	bug('allowed-tags-masked', 'the tags are taken off and the pointer followed', ['racing-mapping', 'reached-unsupported'], allowed(rewrite(TAGS, 'mapping = (void *)((unsigned long)mapping & ~PAGE_MAPPING_FLAGS);'))),
	bug('allowed-tags-ksm', 'only KSM pages are taken for anonymous', ['racing-mapping'], allowed(swap(TAGS, 'if (mapping_flags == PAGE_MAPPING_KSM)'))),
	bug('allowed-secretmem-dropped', 'nobody asks for secretmem', ['secretmem-pin'], allowed(drop(SECRET))),
	bug('allowed-secretmem-inverted', 'only secretmem is allowed', ['secretmem-pin'], allowed(swap('secretmem_mapping(mapping)', '!secretmem_mapping(mapping)'))),
	bug('allowed-secretmem-if-write', 'asked for writes only', ['secretmem-pin'], allowed(swap('if (check_secretmem &&', 'if (check_secretmem && (flags & FOLL_WRITE) &&'))),
	bug('allowed-secretmem-if-pin', 'asked for pins only', ['secretmem-pin'], allowed(swap('if (check_secretmem &&', 'if (check_secretmem && (flags & FOLL_PIN) &&'))),
	bug('allowed-secretmem-if-longterm', 'asked for long-term pins only', ['secretmem-pin'], allowed(swap('if (check_secretmem &&', 'if (check_secretmem && reject_file_backed &&'))),
	bug('allowed-secretmem-large', 'asked for large folios only', ['secretmem-pin'], allowed(swap('&& !folio_test_large(folio))', '&& folio_test_large(folio))'))),
	bug('allowed-secretmem-unset', 'asked only where there is none', ['secretmem-pin'], allowed(swap('if (IS_ENABLED(CONFIG_SECRETMEM)', 'if (!IS_ENABLED(CONFIG_SECRETMEM)'))),
	bug('allowed-secretmem-true', 'secretmem is allowed', ['secretmem-pin'], allowed(within(SECRET, swap('return false;', 'return true;')))),
	bug('allowed-early-out', 'either reason is enough to ask nothing', ['secretmem-pin', 'unsafe-longterm-pin'], allowed(swap('!reject_file_backed && !check_secretmem', '!reject_file_backed || !check_secretmem'))),
	bug('allowed-early-read', 'reads are allowed at once', ['secretmem-pin'], allowed(before(READ, 'if (!(flags & FOLL_WRITE)) return true;'))),
	bug('allowed-early-get', 'references that are no pins are allowed at once', ['secretmem-pin'], allowed(before(READ, 'if (flags & FOLL_GET) return true;'))),
	bug('allowed-longterm-dropped', 'no folio is refused for its filesystem', ['unsafe-longterm-pin'], allowed(swap('reject_file_backed = true;', 'reject_file_backed = false;'))),
	bug('allowed-longterm-get', 'refused for FOLL_GET, which never is long-term', ['unsafe-longterm-pin'], allowed(swap(['(FOLL_PIN | FOLL_LONGTERM | FOLL_WRITE))', 1], '(FOLL_GET | FOLL_LONGTERM | FOLL_WRITE))'))),
	bug('allowed-longterm-read', 'refused for reads instead of writes', ['unsafe-longterm-pin'], allowed(swap(') ==\n\t    (FOLL_PIN | FOLL_LONGTERM | FOLL_WRITE))', ') ==\n\t    (FOLL_PIN | FOLL_LONGTERM))'))),
	bug('allowed-longterm-not', 'refused for everything but what is to be refused', ['unsafe-longterm-pin'], allowed(swap('FOLL_WRITE)) ==', 'FOLL_WRITE)) !='))),
	bug('allowed-longterm-force', 'refused with FOLL_FORCE only', ['unsafe-longterm-pin'], allowed(swap('reject_file_backed = true;', 'reject_file_backed = flags & FOLL_FORCE;'))),
	bug('allowed-shmem-inverted', 'every filesystem but shmem is allowed', ['unsafe-longterm-pin'], allowed(swap('|| shmem_mapping(', '|| !shmem_mapping('))),
	bug('allowed-tail-true', 'every filesystem is allowed', ['unsafe-longterm-pin'], allowed(rewrite(LAST, 'return true;'))),
	bug('allowed-tail-and', 'long-term pins of shmem are refused, those of files allowed', ['unsafe-longterm-pin'], allowed(rewrite(LAST, 'return reject_file_backed || shmem_mapping(mapping);'))),
	bug('allowed-hugetlb-inverted', 'everything that is no hugetlb is allowed', ['secretmem-pin', 'unsafe-longterm-pin'], allowed(swap('if (folio_test_hugetlb(folio))', 'if (!folio_test_hugetlb(folio))'))),
	bug('allowed-anon-all', 'what looks anonymous is not even asked about: everything does', ['secretmem-pin', 'unsafe-longterm-pin'], allowed(swap(TAGS, 'if (!mapping_flags)'), swap('return mapping_flags & PAGE_MAPPING_ANON;', 'return true;'))),
	bug('allowed-host', 'the inode is asked for without the NULL test', ['racing-mapping'], allowed(drop(NULLS), swap('secretmem_mapping(mapping)', 'mapping->host && secretmem_mapping(mapping)'))),
	bug('allowed-cut-tags', 'tags are tested by comparing with the one of anonymous pages after the pointer was used', ['racing-mapping'], allowed(move(SECRET, 'mapping_flags = '), cut('/* Anonymous folios pose no problem. */'))),
];

export const BUGS_FOLIO: readonly Mutant[] = [...getting, ...grabbing, ...putting, ...judging];
