/**
 * Bugs in how 6.12 takes references and gives them back: try_get_folio(), try_grab_folio_fast(), gup_put_folio().
 */
import { after, all, before, drop, type Edit, inside, rewrite, swap, within } from './edit.js';
import { bug, type Mutant } from './mutant.js';

const get = (...edits: readonly Edit[]): Edit => inside('try_get_folio', ...edits);
const grab = (...edits: readonly Edit[]): Edit => inside('try_grab_folio_fast', ...edits);
const put = (...edits: readonly Edit[]): Edit => inside('gup_put_folio', ...edits);

const TRY_ADD = 'if (unlikely(!folio_ref_try_add(';
const SAME = 'page_folio(page) != folio';

const LONGTERM = 'flags & FOLL_LONGTERM';
const DROPS = 'put_devmap_managed_folio_refs(folio, refs)';

const getting: readonly Mutant[] = [
	bug(
		'get-unconditional',
		'a reference is added whatever the count',
		['frozen-reference'],
		get(rewrite(TRY_ADD, 'folio_ref_add(folio, refs);')),
	),
	bug(
		'get-check-then-add',
		'the count is looked at, then raised',
		['frozen-reference'],
		get(
			rewrite(TRY_ADD, 'if (folio_ref_count(folio) == 0) return NULL; folio_ref_add(folio, refs);'),
		),
	),
	bug(
		'get-folio-get',
		'folio_get() on a page that may be free',
		['frozen-reference', 'reference-underflow'],
		get(rewrite(TRY_ADD, 'folio_get(folio);')),
	),
	bug(
		'get-result-unused',
		'a refused reference is taken for granted',
		['reference-underflow', 'racing-mapping', 'stale-pin'],
		get(rewrite(TRY_ADD, 'folio_ref_try_add(folio, refs);')),
	),
	bug(
		'get-result-inverted',
		'a refused reference is success',
		['reference-underflow', 'reference-leak', 'stale-pin', 'racing-mapping'],
		get(swap('!folio_ref_try_add(', 'folio_ref_try_add(')),
	),
	bug(
		'get-unless-one',
		'refused when the count is one instead of zero',
		['frozen-reference'],
		get(swap('!folio_ref_try_add(folio, refs)', '!folio_ref_add_unless(folio, refs, 1)')),
	),
	bug(
		'get-add-return',
		'added first, and looked at afterwards',
		['frozen-reference'],
		get(rewrite(TRY_ADD, 'if (atomic_add_return(refs, &folio->_refcount) == refs) return NULL;')),
	),
	bug(
		'get-one',
		'one reference whatever was asked for',
		['reference-underflow'],
		get(swap('folio_ref_try_add(folio, refs)', 'folio_ref_try_add(folio, 1)')),
	),
	bug(
		'get-overflow-dropped',
		'the count may run over',
		['reference-overflow'],
		get(drop('folio_ref_count(folio) < 0')),
	),
	bug(
		'get-overflow-inverted',
		'only counts that ran over are raised',
		['reference-overflow', 'frozen-reference'],
		get(swap('folio_ref_count(folio) < 0', 'folio_ref_count(folio) >= 0')),
	),
	bug(
		'get-overflow-warns',
		'a count that ran over only warns',
		['reference-overflow'],
		get(rewrite('folio_ref_count(folio) < 0', 'WARN_ON_ONCE(folio_ref_count(folio) < 0);')),
	),
	bug(
		'get-overflow-minus-one',
		'only a count of -1 is refused',
		['reference-overflow'],
		get(swap('folio_ref_count(folio) < 0', 'folio_ref_count(folio) == -1')),
	),
	bug(
		'get-same-dropped',
		'nobody looks whether the page still belongs to the folio',
		['wrong-folio'],
		get(drop(SAME)),
	),
	bug(
		'get-same-inverted',
		'success only when the page belongs to another folio',
		['wrong-folio', 'reference-leak', 'stale-pin'],
		get(swap(SAME, 'page_folio(page) == folio'), swap('goto retry;', 'return NULL;')),
	),
	bug(
		'get-same-itself',
		'the folio is compared with itself',
		['wrong-folio'],
		get(swap(SAME, 'folio != folio')),
	),
	bug(
		'get-same-early',
		'the page is looked at again before the reference',
		['wrong-folio'],
		get(before(TRY_ADD, 'if (page_folio(page) != folio) goto retry;'), drop([SAME, 1])),
	),
	bug(
		'get-same-leak',
		'the reference on the other folio is kept',
		['reference-leak', 'wrong-folio'],
		get(within(SAME, drop('put_devmap_managed_folio_refs('))),
	),
	bug(
		'get-same-one',
		'the reference of the page is put, not that of the folio',
		['wrong-folio', 'reference-leak', 'reference-underflow', 'use-after-free'],
		get(
			within(SAME, swap('folio_put_refs(folio, refs)', 'folio_put_refs(page_folio(page), refs)')),
		),
	),
	bug(
		'get-same-only-large',
		'looked at again only while the folio is large',
		['wrong-folio'],
		get(swap(`unlikely(${SAME})`, `folio_test_large(folio) && ${SAME}`)),
	),
];

const grabbing: readonly Mutant[] = [
	bug(
		'grab-p2pdma-dropped',
		'peer-to-peer pages are handed to anybody',
		['permission'],
		all(
			grab(drop('is_pci_p2pdma_page(')),
			inside('gup_fast_devmap_leaf', drop('is_pci_p2pdma_page(')),
		),
	),
	bug(
		'grab-zero-dropped',
		'the zero page is pinned',
		['reference-leak'],
		grab(drop('if (is_zero_page(page))')),
	),
	bug(
		'grab-zero-inverted',
		'every page but the zero page goes unpinned',
		['reference-underflow', 'stale-pin', 'racing-mapping'],
		grab(swap('if (is_zero_page(page))', 'if (!is_zero_page(page))')),
	),
	bug(
		'grab-pin-null',
		'a refused reference is pinned all the same',
		['bad-entry', 'racing-mapping', 'reference-underflow'],
		grab(drop('if (!folio)')),
	),
	bug(
		'grab-movable-dropped',
		'pages that must stay movable are pinned for long',
		['unsafe-longterm-pin'],
		grab(drop(LONGTERM)),
	),
	bug(
		'grab-movable-inverted',
		'only pages that must stay movable are pinned for long',
		['unsafe-longterm-pin'],
		grab(swap('!folio_is_longterm_pinnable(', 'folio_is_longterm_pinnable(')),
	),
	bug(
		'grab-movable-leak',
		'the reference on a movable page is kept',
		['reference-leak'],
		grab(within(LONGTERM, drop(DROPS))),
	),
	bug(
		'grab-movable-before-get',
		'asked before the reference, when the page may be any',
		['unsafe-longterm-pin'],
		grab(
			before(
				'folio = try_get_folio(page, refs);',
				'if ((flags & FOLL_LONGTERM) && !folio_is_longterm_pinnable(page_folio(page))) return NULL;',
			),
			drop(['folio_is_longterm_pinnable(', 1]),
		),
		{
			outOfReach: true,
			why: 'the frame does not change its zone: the answer is the same before the reference',
		},
	),
	bug(
		'grab-pincount-dropped',
		'pins of large folios are not counted',
		['reference-leak', 'reference-underflow'],
		grab(
			rewrite(
				'if (folio_test_large(folio))',
				'if (!folio_test_large(folio)) folio_ref_add(folio, refs * (GUP_PIN_COUNTING_BIAS - 1));',
			),
		),
	),
	bug(
		'grab-pincount-one',
		'one pin of a large folio whatever was asked for',
		['reference-underflow'],
		grab(swap('atomic_add(refs, &folio->_pincount)', 'atomic_add(1, &folio->_pincount)')),
	),
	bug(
		'grab-pincount-bias',
		'pins of large folios are counted both ways',
		['reference-leak'],
		grab(swap('\telse\n\t\tfolio_ref_add(', '\tfolio_ref_add(')),
	),
	bug(
		'grab-pincount-small',
		'large and small folios exchanged',
		['reference-leak', 'reference-underflow'],
		grab(swap('if (folio_test_large(folio))', 'if (!folio_test_large(folio))')),
	),
	bug(
		'grab-bias-whole',
		'one reference too many for each pin',
		['reference-leak'],
		grab(swap('(GUP_PIN_COUNTING_BIAS - 1)', 'GUP_PIN_COUNTING_BIAS')),
	),
	bug(
		'grab-bias-dropped',
		'a pin of a small folio is a plain reference',
		['reference-underflow'],
		grab(swap('refs * (GUP_PIN_COUNTING_BIAS - 1)', '0')),
	),
	bug(
		'grab-get-for-all',
		'pins return with a plain reference',
		['reference-underflow'],
		grab(swap('if (flags & FOLL_GET)', 'if (flags & (FOLL_GET | FOLL_PIN))')),
	),
	bug(
		'grab-pin-for-get',
		'plain references are taken as pins',
		['reference-leak'],
		grab(drop('if (flags & FOLL_GET)')),
	),
	bug(
		'grab-barrier-dropped',
		'no barrier between pin and second look',
		['shared-anon-pin'],
		grab(drop('smp_mb__after_atomic();')),
		{ outOfReach: true, why: 'needs weak memory' },
	),
	bug(
		'grab-unconditional',
		'the pin is one addition that nobody can refuse',
		['frozen-reference'],
		grab(
			rewrite(
				'folio = try_get_folio(page, refs);',
				'folio = page_folio(page); folio_ref_add(folio, refs);',
			),
		),
	),
];

const putting: readonly Mutant[] = [
	bug(
		'put-zero-dropped',
		'the zero page is unpinned though it never was pinned',
		['reference-underflow'],
		put(drop('if (is_zero_folio(folio))')),
	),
	bug(
		'put-zero-for-all',
		'the zero page is not put for FOLL_GET either',
		['reference-leak'],
		put(before('if (flags & FOLL_PIN) {', 'if (is_zero_folio(folio)) return;')),
	),
	bug(
		'put-bias-dropped',
		'a pin is put as one reference',
		['reference-leak'],
		put(swap('refs *= GUP_PIN_COUNTING_BIAS;', ';')),
	),
	bug(
		'put-bias-minus-one',
		'a pin is put short of one reference',
		['reference-leak'],
		put(swap('refs *= GUP_PIN_COUNTING_BIAS;', 'refs *= GUP_PIN_COUNTING_BIAS - 1;')),
	),
	bug(
		'put-bias-for-get',
		'a plain reference is put as a pin',
		['reference-underflow'],
		put(swap('if (flags & FOLL_PIN) {', 'if (flags & (FOLL_PIN | FOLL_GET)) {')),
	),
	bug(
		'put-pincount-dropped',
		'pins of large folios stay counted',
		['reference-leak'],
		put(swap('atomic_sub(refs, &folio->_pincount);', ';')),
	),
	bug(
		'put-pincount-add',
		'unpinning a large folio pins it again',
		['reference-leak'],
		put(swap('atomic_sub(refs', 'atomic_add(refs')),
	),
	bug(
		'put-large-small',
		'large and small folios exchanged',
		['reference-underflow', 'reference-leak'],
		put(swap('if (folio_test_large(folio))', 'if (!folio_test_large(folio))')),
	),
	bug('put-nothing', 'nothing is put', ['reference-leak'], put(drop(DROPS))),
	bug(
		'put-one',
		'one reference is put whatever was asked for',
		['reference-leak'],
		put(swap('folio_put_refs(folio, refs)', 'folio_put_refs(folio, 1)')),
	),
	bug(
		'put-pincount-late',
		'the pin is uncounted when the folio may be gone',
		['use-after-free'],
		put(
			swap(
				'\t\tif (folio_test_large(folio))\n\t\t\tatomic_sub(refs, &folio->_pincount);\n\t\telse\n',
				'\t\tif (!folio_test_large(folio))\n',
			),
			after(
				DROPS,
				'if ((flags & FOLL_PIN) && folio_test_large(folio)) atomic_sub(refs, &folio->_pincount);',
			),
		),
	),
	bug(
		'put-only-pins',
		'plain references are not put',
		['reference-leak'],
		put(rewrite(DROPS, 'if (flags & FOLL_PIN) folio_put_refs(folio, refs);')),
	),
];

export const BUGS_FOLIO: readonly Mutant[] = [...getting, ...grabbing, ...putting];
