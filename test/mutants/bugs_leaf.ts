/**
 * Bugs in the leaf functions of 6.12 above the PTE: gup_fast_pmd_leaf(), gup_fast_pud_leaf(), gup_fast_pgd_leaf(), the devmap
 * leaves and their undoing. What the three levels share is written once per level.
 */
import type { Rule } from '../../engine/rules/verdict.js';
import {
	after,
	before,
	cut,
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

const PUT = 'gup_put_folio(folio, refs, flags);';
const GRAB = 'folio = try_grab_folio_fast(';
const ALLOWED = 'if (!gup_fast_folio_allowed(';
const UNSHARE = 'gup_must_unshare(';
const COUNT = '*nr += refs;';
const RECORD = 'refs = record_subpages(';

type Upper = 'pmd' | 'pud' | 'pgd';

function leafBugs(level: Upper): readonly Mutant[] {
	const leaf = (...edits: readonly Edit[]): Edit => inside(`gup_fast_${level}_leaf`, ...edits);
	const at = (
		id: string,
		what: string,
		rules: readonly Rule[],
		...edits: readonly Edit[]
	): Mutant => bug(`${level}-leaf-${id}`, `${level} leaf: ${what}`, rules, leaf(...edits));
	const again = `${level}_val(orig) != ${level}_val(*${level}p)`;
	const permitted = `${level}_access_permitted(orig, flags & FOLL_WRITE)`;
	return [
		at('recheck-dropped', 'the entry is not looked at again', ['stale-pin'], drop(again)),
		at(
			'recheck-inverted',
			'only changed entries are taken',
			['stale-pin'],
			swap(again, again.replace('!=', '==')),
		),
		at(
			'recheck-itself',
			'the copy is compared with itself',
			['stale-pin'],
			swap(again, `${level}_val(orig) != ${level}_val(orig)`),
		),
		at(
			'recheck-before-grab',
			'the entry is looked at again before the reference',
			['stale-pin'],
			before(GRAB, `if (unlikely(${again})) return 0;`),
			drop([again, 1]),
		),
		at(
			'recheck-if-pin',
			'looked at again for FOLL_PIN only',
			['stale-pin'],
			swap(`unlikely(${again})`, `(flags & FOLL_PIN) && (${again})`),
		),
		at(
			'recheck-present',
			'the entry must only be present again',
			['stale-pin'],
			swap(again, `!${level}_present(*${level}p)`),
		),
		at(
			'recheck-after-publish',
			'looked at again behind the publication',
			['stale-pin', 'reference-underflow'],
			moveAfter(again, COUNT),
		),
		at(
			'recheck-goes-on',
			'the references are put, and the pages handed out all the same',
			['reference-underflow', 'stale-pin'],
			within(again, drop('return 0;')),
		),
		at(
			'allowed-dropped',
			'nobody asks whether the folio may be handed out',
			['unsafe-longterm-pin'],
			drop(ALLOWED),
		),
		at(
			'allowed-inverted',
			'folios that may not be handed out are',
			['unsafe-longterm-pin'],
			swap(ALLOWED, 'if (gup_fast_folio_allowed('),
		),
		at(
			'allowed-before-recheck',
			'asked between reference and second look',
			['racing-mapping'],
			move(ALLOWED, again),
		),
		at(
			'allowed-before-grab',
			'asked before the reference',
			['racing-mapping'],
			before(GRAB, 'if (!gup_fast_folio_allowed(page_folio(page), flags)) return 0;'),
			drop([ALLOWED, 1]),
		),
		at(
			'allowed-no-longterm',
			'asked without FOLL_LONGTERM',
			['unsafe-longterm-pin'],
			swap('allowed(folio, flags)', 'allowed(folio, flags & ~FOLL_LONGTERM)'),
		),
		at(
			'allowed-if-get',
			'asked for FOLL_GET only',
			['unsafe-longterm-pin'],
			swap(ALLOWED, 'if ((flags & FOLL_GET) && !gup_fast_folio_allowed('),
		),
		at(
			'allowed-if-readonly',
			'asked for read-only entries only',
			['unsafe-longterm-pin'],
			swap(ALLOWED, `if (!${level}_write(orig) && !gup_fast_folio_allowed(`),
		),
		at(
			'unshare-dropped',
			'a read-only entry of a shared folio is pinned',
			['shared-anon-pin'],
			drop(UNSHARE),
		),
		at(
			'unshare-inverted',
			'exclusive folios are refused, shared ones pinned',
			['shared-anon-pin'],
			swap(`&& ${UNSHARE}`, `&& !${UNSHARE}`),
		),
		at(
			'unshare-if-writable',
			'asked for writable entries instead of read-only ones',
			['shared-anon-pin'],
			swap(`!${level}_write(orig) &&`, `${level}_write(orig) &&`),
		),
		at(
			'unshare-no-pin',
			'asked as if it were no pin',
			['shared-anon-pin'],
			swap('gup_must_unshare(NULL, flags', 'gup_must_unshare(NULL, flags & ~FOLL_PIN'),
		),
		at(
			'put-missing-recheck',
			'a changed entry leaves its references behind',
			['reference-leak'],
			within(again, drop(PUT)),
		),
		at(
			'put-missing-allowed',
			'a refused folio leaves its references behind',
			['reference-leak'],
			within(ALLOWED, drop(PUT)),
		),
		at(
			'put-missing-unshare',
			'a shared folio leaves its references behind',
			['reference-leak'],
			within(UNSHARE, drop(PUT)),
		),
		at(
			'put-twice',
			'a changed entry puts its references twice',
			['reference-underflow'],
			within(again, after(PUT, PUT)),
		),
		at(
			'put-one',
			'one reference is put of those taken',
			['reference-leak'],
			within(again, swap('folio, refs, flags', 'folio, 1, flags')),
		),
		at(
			'put-as-get',
			'a pin is put as if it were a plain reference',
			['reference-leak'],
			within(again, swap('folio, refs, flags', 'folio, refs, FOLL_GET')),
		),
		at(
			'grab-one',
			'one reference for all pages',
			['reference-underflow'],
			swap('try_grab_folio_fast(page, refs, flags)', 'try_grab_folio_fast(page, 1, flags)'),
		),
		at(
			'grab-one-more',
			'one reference too many',
			['reference-leak'],
			swap('try_grab_folio_fast(page, refs, flags)', 'try_grab_folio_fast(page, refs + 1, flags)'),
		),
		at(
			'grab-null',
			'a folio that could not be grabbed is used',
			['racing-mapping', 'bad-entry', 'reference-underflow', 'stale-pin'],
			drop('if (!folio)'),
		),
		at(
			'publish-before-recheck',
			'the pages are counted before the second look',
			['stale-pin', 'reference-underflow'],
			move(COUNT, again),
		),
		at(
			'publish-before-grab',
			'the pages are counted before the reference',
			['reference-underflow', 'stale-pin'],
			move(COUNT, GRAB),
		),
		at(
			'publish-before-allowed',
			'the pages are counted before the folio is asked about',
			['unsafe-longterm-pin', 'reference-underflow'],
			moveAfter(ALLOWED, COUNT),
		),
		at(
			'publish-one',
			'one page is counted of those referenced',
			['reference-leak'],
			rewrite(COUNT, '*nr += 1;'),
		),
		at(
			'publish-twice',
			'the pages are counted twice',
			['misplaced-page', 'reference-underflow'],
			after(COUNT, COUNT),
		),
		at('publish-none', 'success without counting', ['reference-leak'], drop(COUNT)),
		at(
			'publish-set',
			'the count is set instead of raised',
			['reference-leak', 'misplaced-page'],
			rewrite(COUNT, '*nr = refs - 1;'),
		),
		at(
			'record-shifted',
			'the pages are stored one place too far',
			['misplaced-page', 'stale-pin'],
			swap('pages + *nr);', 'pages + *nr + 1);'),
		),
		at(
			'record-dropped',
			'the pages are counted and not stored',
			['misplaced-page', 'reference-leak'],
			rewrite(RECORD, 'refs = (end - addr) >> PAGE_SHIFT;'),
		),
		at(
			'permission-dropped',
			'permission is not asked',
			['permission', 'bad-entry'],
			drop(permitted),
		),
		at(
			'permission-read',
			'permission to read is asked whatever the access',
			['permission'],
			swap(permitted, `${level}_access_permitted(orig, false)`),
		),
		at(
			'permission-inverted',
			'entries that permit are refused',
			['permission', 'bad-entry', 'shared-anon-pin'],
			swap(`!${permitted}`, permitted),
		),
		at(
			'double-fetch',
			'the page is taken from the live entry',
			['double-fetch', 'bad-entry'],
			swap(`page = ${level}_page(orig);`, `page = ${level}_page(READ_ONCE(*${level}p));`),
		),
	];
}

function specialBugs(level: 'pmd' | 'pud'): readonly Mutant[] {
	const leaf = (...edits: readonly Edit[]): Edit => inside(`gup_fast_${level}_leaf`, ...edits);
	const device = (...edits: readonly Edit[]): Edit =>
		inside(`gup_fast_devmap_${level}_leaf`, ...edits);
	const again = `${level}_val(orig) != ${level}_val(*${level}p)`;
	return [
		bug(
			`${level}-special-dropped`,
			'a leaf without struct page is followed',
			['bad-entry'],
			leaf(drop(`if (${level}_special(`)),
		),
		bug(
			`${level}-special-inverted`,
			'only leaves without struct page are followed',
			['bad-entry'],
			leaf(swap(`if (${level}_special(`, `if (!${level}_special(`)),
		),
		bug(
			`${level}-devmap-longterm`,
			'long-term pins of device pages are not left to the slow path',
			['unsafe-longterm-pin'],
			leaf(drop('flags & FOLL_LONGTERM')),
		),
		bug(
			`${level}-devmap-recheck-dropped`,
			'a device leaf is not looked at again',
			['stale-pin'],
			device(drop(again)),
		),
		bug(
			`${level}-devmap-recheck-itself`,
			'a device leaf is compared with itself',
			['stale-pin'],
			device(swap(again, `${level}_val(orig) != ${level}_val(orig)`)),
		),
		bug(
			`${level}-devmap-undo-dropped`,
			'what a device leaf took stays when the leaf changed',
			['stale-pin'],
			device(within(again, drop('gup_fast_undo_dev_pagemap('))),
		),
		bug(
			`${level}-devmap-recheck-before`,
			'a device leaf is looked at again before the references',
			['stale-pin'],
			device(move(again, 'if (!gup_fast_devmap_leaf(')),
		),
		bug(
			`${level}-devmap-offset`,
			'the frame of the leaf is taken for that of the address',
			['misplaced-page', 'stale-pin', 'reference-leak'],
			device(cut(` + ((addr & ~${level.toUpperCase()}_MASK) >> PAGE_SHIFT)`)),
		),
		bug(
			`${level}-devmap-failure-ignored`,
			'failure of a device leaf is taken for success',
			['misplaced-page', 'stale-pin'],
			device(
				rewrite(
					'if (!gup_fast_devmap_leaf(',
					'gup_fast_devmap_leaf(fault_pfn, addr, end, flags, pages, nr);',
				),
			),
			{
				outOfReach: true,
				why: 'the pages are rolled back; that the walk goes on shows only in the next table, and worlds have one',
			},
		),
		bug(
			`${level}-devmap-undo-start`,
			'pages are rolled back from behind what was taken',
			['stale-pin'],
			device(rewrite('int nr_start = *nr;', 'int nr_start = *nr + 1;')),
		),
	];
}

const loop = (...edits: readonly Edit[]): Edit => inside('gup_fast_devmap_leaf', ...edits);
const undo = (...edits: readonly Edit[]): Edit => inside('gup_fast_undo_dev_pagemap', ...edits);
const UNDO = 'gup_fast_undo_dev_pagemap(nr, nr_start, flags, pages);';

const devmap: readonly Mutant[] = [
	bug(
		'devmap-dying',
		'a device that goes away is not noticed',
		['use-after-free', 'bad-entry', 'reference-leak'],
		loop(drop('if (unlikely(!pgmap)) {')),
	),
	bug(
		'devmap-undo-grab',
		'what was taken before a page that cannot be grabbed stays',
		['stale-pin'],
		loop(within('if (!folio) {', drop(UNDO))),
	),
	bug(
		'devmap-grab-null',
		'a page that could not be grabbed is used',
		['bad-entry', 'racing-mapping', 'reference-underflow', 'frozen-reference'],
		loop(drop('if (!folio) {')),
	),
	bug(
		'devmap-pagemap-kept',
		'the reference on the pagemap is kept',
		['reference-leak'],
		loop(drop('put_dev_pagemap(pgmap);')),
	),
	bug(
		'devmap-pfn-stays',
		'every page is the first one',
		['misplaced-page', 'reference-leak', 'stale-pin'],
		loop(drop('pfn++;')),
	),
	bug('devmap-uncounted', 'the pages are not counted', ['reference-leak'], loop(drop('(*nr)++;'))),
	bug(
		'devmap-two-refs',
		'two references for each page',
		['reference-leak'],
		loop(swap('try_grab_folio_fast(page, 1', 'try_grab_folio_fast(page, 2')),
	),
	bug(
		'undo-keeps-reference',
		'rolled-back pages keep their reference',
		['reference-leak'],
		undo(drop('gup_put_folio(')),
	),
	bug(
		'undo-as-get',
		'rolled-back pins are put as plain references',
		['reference-leak'],
		undo(swap('gup_put_folio(folio, 1, flags)', 'gup_put_folio(folio, 1, 0)')),
	),
	bug(
		'undo-twice',
		'rolled-back pages are put twice',
		['reference-underflow'],
		undo(after('gup_put_folio(', 'gup_put_folio(folio, 1, flags);')),
	),
	bug(
		'undo-first-only',
		'only one page is rolled back',
		['stale-pin'],
		undo(swap('while ((*nr) - nr_start)', 'if ((*nr) - nr_start)')),
	),
	bug(
		'undo-off-by-one',
		'the page behind the last one is rolled back',
		['bad-entry', 'stale-pin', 'reference-leak'],
		undo(swap('pages[--(*nr)]', 'pages[(*nr)--]')),
	),
	bug(
		'undo-marks-after-put',
		'a page is marked after its reference was put',
		['use-after-free'],
		undo(moveAfter('folio_clear_referenced(', 'gup_put_folio(')),
		{
			outOfReach: true,
			why: 'pages of a device are freed with the device, which is not unplugged here',
		},
	),
];

export const BUGS_LEAF: readonly Mutant[] = [
	...leafBugs('pmd'),
	...leafBugs('pud'),
	...leafBugs('pgd'),
	...specialBugs('pmd'),
	...specialBugs('pud'),
	...devmap,
];
