/**
 * Readers outside the lockless walk, on Debian's kernels: which functions are listed, what is said about them as they are,
 * and what about edits of them in our own words. What an edit must give is argued beside it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Analysis } from '../../server/ide/analysis/analysis.js';
import { analysisOf, foundIn } from '../analysis.js';
import { type Edit, edited, rounds } from '../kernel_text.js';
import { RMAP_LOCKED } from '../rmap_locked.js';
import { kernelTree } from '../trees.js';
import { FILES, type Version } from './readers_listed.js';

function check(version: Version, file: string, edits: readonly Edit[] = []): Analysis {
	const tree = kernelTree(version);
	const text = edited(readFileSync(join(tree, 'mm', file), 'utf8'), edits);
	return analysisOf({ path: `mm/${file}`, text, tree });
}

/** Functions by verdict; those that no run enters are left out. */
function verdictsOf(analysis: Analysis, verdict: string): readonly string[] {
	return analysis.functions.filter((f) => f.verdict === verdict).map((f) => f.name);
}

/**
 * What is wrong in 6.1, argued from its text against 6.12's: no look whether the entry is a sibling of a large folio's (its
 * own filemap_get_read_batch() has one); no second look at the head once a hugetlb folio is held, which may have been
 * demoted meanwhile (6.12 looks in both).
 */
const FOUND_IN_6_1: Readonly<Record<string, readonly string[]>> = {
	'filemap.c': ['bad-entry@filemap_get_folios_contig'],
	'memory-failure.c': ['wrong-folio@__get_hwpoison_page', 'wrong-folio@__get_unpoison_page'],
};

/** Lines of 6.1 that no world reaches, each named: a range of no pages. */
const NEVER_IN_6_1: Readonly<Record<string, readonly string[]>> = {
	'filemap.c': [
		'find_get_pages_range_tag: line 2372 is never reached: !nr_pages is false in every explored run',
	],
	'memory-failure.c': [],
};

describe('what is listed', () => {
	const cases = FILES.flatMap((listed) =>
		(['6.12', '6.1'] as const).map((version) => ({ version, ...listed })),
	);
	it.each(cases)('$version $file', ({ version, file, holds, unsupported, onlyWith = {} }) => {
		const analysis = check(version, file);
		const text = readFileSync(join(kernelTree(version), 'mm', file), 'utf8');
		const listed = unsupported[version].filter((name) => text.includes(onlyWith[name] ?? ''));
		expect(foundIn(analysis)).toEqual(version === '6.1' ? (FOUND_IN_6_1[file] ?? []) : []);
		expect(verdictsOf(analysis, 'holds')).toEqual(expect.arrayContaining([...holds[version]]));
		expect(verdictsOf(analysis, 'unsupported')).toEqual(listed);
		const never = analysis.functions.filter((f) => f.why?.includes(' is never reached: ') === true);
		const named = NEVER_IN_6_1[file];
		if (version === '6.1' && named !== undefined)
			expect(never.map((f) => `${f.name}: ${f.why}`)).toEqual(named);
		for (const f of analysis.functions) {
			if (f.verdict === 'unsupported')
				expect(f.why).toMatch(/\(line \d+\); |bit-field|attribute alias/);
			if (f.verdict === 'holds') expect(f.witness, f.name).not.toBeNull();
		}
	});
});

const GET = 'folio_get_anon_vma';
const LOCK = 'folio_lock_anon_vma_read';
const ENTRY = 'filemap_get_entry';
const NODE = 'ksm_get_folio';
const NEXT = 'next_uptodate_folio';

/** An edit of 6.12 and what it breaks: `rule@function`. */
const EDITS: readonly (readonly [string, string, Edit, readonly string[]])[] = [
	// unmapped, freed and given to another process between the look at the mapcount and the reference
	[
		'a second look at the mapcount left out',
		'rmap.c',
		{ in: GET, find: /if \(!folio_mapped\(folio\)\) \{/, put: 'if (0) {' },
		[`racing-mapping@${GET}`],
	],
	// the mapping of a folio that was unmapped long ago dangles: its anon_vma's page has gone back
	[
		'the first look at the mapcount left out',
		'rmap.c',
		{ in: GET, find: /if \(!folio_mapped\(folio\)\)\s*goto out;/, put: '' },
		[`use-after-free@${GET}`],
	],
	// atomic_inc() brings an object back that lies free in its slab
	[
		'the count raised without a look at it',
		'rmap.c',
		{
			in: GET,
			find: 'if (!atomic_inc_not_zero(&anon_vma->refcount)) {',
			put: 'atomic_inc(&anon_vma->refcount);\n\tif (0) {',
		},
		[`frozen-reference@${GET}`],
	],
	// a file's mapping less one is no anon_vma
	[
		'the tag not looked at',
		'rmap.c',
		{ in: GET, find: /if \(\(anon_mapping & PAGE_MAPPING_FLAGS\)[^;]*;/, put: '' },
		[`racing-mapping@${GET}`],
	],
	// UFFDIO_MOVE between the read of ->mapping and the trylock: the folio is mapped, by another anon_vma
	[
		'->mapping not read again under the trylock',
		'rmap.c',
		{
			in: LOCK,
			find: /if \(unlikely\(\(unsigned long\)READ_ONCE\(folio->mapping\) !=\s*anon_mapping\)\) \{\s*up_read/,
			put: 'if (0) {\n\t\t\tup_read',
		},
		[`racing-mapping@${LOCK}`],
	],
	// the same while the lock is waited for
	[
		'->mapping not read again after the wait',
		'rmap.c',
		{
			in: LOCK,
			find: /if \(unlikely\(\(unsigned long\)READ_ONCE\(folio->mapping\) !=\s*anon_mapping\)\) \{\s*anon/,
			put: 'if (0) {\n\t\tanon',
		},
		[`racing-mapping@${LOCK}`],
	],
	// anon_vma_free() waits for the lock of the root only
	[
		"the anon_vma's own lock taken instead of its root's",
		'rmap.c',
		{ in: LOCK, find: 'READ_ONCE(anon_vma->root)', put: 'anon_vma' },
		[`racing-mapping@${LOCK}`, `use-after-free@${LOCK}`],
	],
	[
		'the RCU section kept over the wait for the lock',
		'rmap.c',
		{
			in: LOCK,
			find: /rcu_read_unlock\(\);\s*anon_vma_lock_read\(anon_vma\);/,
			put: 'anon_vma_lock_read(anon_vma);\n\trcu_read_unlock();',
		},
		[`sleep-in-atomic@${LOCK}`],
	],
	// the last reference is put and the object stays in its slab, in use for ever
	[
		'the last reference not followed by a free',
		'rmap.c',
		{ in: LOCK, find: '__put_anon_vma(anon_vma);', put: ';' },
		[`reference-leak@${LOCK}`],
	],
	// removed, freed, and in another file between the slot and the reference
	[
		'the slot not read again',
		'filemap.c',
		{ in: ENTRY, find: 'unlikely(folio != xas_reload(&xas))', put: '0' },
		[`stale-pin@${ENTRY}`],
	],
	[
		'the slot read again before the reference is held',
		'filemap.c',
		{
			in: ENTRY,
			find: /if \(!folio_try_get\(folio\)\)\s*goto repeat;[\s\S]*?out:/,
			put: 'if (folio != xas_reload(&xas))\n\t\tgoto repeat;\n\tif (!folio_try_get(folio))\n\t\tgoto repeat;\nout:',
		},
		[`stale-pin@${ENTRY}`],
	],
	// a node of the tree is freed by RCU
	[
		'the RCU section left and entered before the reference',
		'filemap.c',
		{
			in: ENTRY,
			find: 'if (!folio_try_get(folio))',
			put: 'rcu_read_unlock();\n\trcu_read_lock();\n\tif (!folio_try_get(folio))',
		},
		[`use-after-free@${ENTRY}`],
	],
	// the node's slot says so when the tree shrank to its head
	[
		'a retry entry taken for a folio',
		'filemap.c',
		{ in: ENTRY, find: /if \(xas_retry\(&xas, folio\)\)\s*goto repeat;/, put: '' },
		[`bad-entry@${ENTRY}`],
	],
	[
		'a reference kept when the slot changed',
		'filemap.c',
		{ in: ENTRY, find: 'folio_put(folio);', put: '' },
		[`reference-leak@${ENTRY}`],
	],
	// freed, and any other owner's, between the first look at ->mapping and the reference
	[
		'->mapping not read again once the reference is held',
		'ksm.c',
		{
			in: NODE,
			find: /if \(READ_ONCE\(folio->mapping\) != expected_mapping\) \{\s*folio_put/,
			put: 'if (0) {\n\t\tfolio_put',
		},
		[`stale-pin@${NODE}`],
	],
	// migration holds the lock that is waited for
	[
		'->mapping not read again under the lock',
		'ksm.c',
		{
			in: NODE,
			find: /if \(READ_ONCE\(folio->mapping\) != expected_mapping\) \{\s*folio_unlock/,
			put: 'if (0) {\n\t\t\tfolio_unlock',
		},
		[`stale-pin@${NODE}`],
	],
	// the folio is frozen by migration for a moment, in the swap cache, and leads to a freed node afterwards
	[
		'a frozen folio taken for a freed one',
		'ksm.c',
		{ in: NODE, find: '!folio_test_swapcache(folio)', put: '1' },
		['use-after-free@free_stable_node'],
	],
	// the new folio leads to the node that is freed
	[
		'kpfn not read again before the node is given up',
		'ksm.c',
		{ in: NODE, find: /if \(READ_ONCE\(stable_node->kpfn\) != kpfn\)\s*goto again;/, put: '' },
		['use-after-free@free_stable_node'],
	],
	// the frame is a page of the same file by then, at another index
	[
		'the slot not read again before the lock',
		'filemap.c',
		{ in: NEXT, find: /if \(unlikely\(folio != xas_reload\(xas\)\)\)\s*goto skip;/, put: '' },
		[`stale-pin@${NEXT}`],
	],
	// truncated between the reference and the lock
	[
		'->mapping not looked at under the lock',
		'filemap.c',
		{ in: NEXT, find: /if \(folio->mapping != mapping\)\s*goto unlock;/, put: '' },
		[`stale-pin@${NEXT}`],
	],
	[
		'the lock waited for inside the RCU section',
		'filemap.c',
		{ in: NEXT, find: /if \(!folio_trylock\(folio\)\)\s*goto skip;/, put: 'folio_lock(folio);' },
		[`sleep-in-atomic@${NEXT}`],
	],
	// split between the look at the head and the reference
	[
		'the head not looked at again',
		'memory-failure.c',
		{
			in: '__get_hwpoison_page',
			find: /if \(folio == page_folio\(page\)\)\s*return 1;/,
			put: 'return 1;',
		},
		['wrong-folio@__get_hwpoison_page'],
	],
	// another CPU isolates it between the look and the lock
	[
		'whether it is isolated asked before the lock',
		'migrate.c',
		{
			in: 'isolate_movable_page',
			find: /if \(unlikely\(!folio_trylock\(folio\)\)\)([\s\S]*?) \|\| folio_test_isolated\(folio\)\)/,
			put: 'if (folio_test_isolated(folio))\n\t\tgoto out_putfolio;\n\tif (unlikely(!folio_trylock(folio)))\n\t\tgoto out_putfolio;\n\tif (!folio_test_movable(folio))',
		},
		['misplaced-page@isolate_movable_page'],
	],
	// the page may have been freed: its count is 0 then
	[
		'the count of any page raised without a look at it',
		'memory-failure.c',
		{
			in: '__get_hwpoison_page',
			find: 'if (folio_try_get(folio)) {',
			put: 'folio_get(folio);\n\tif (1) {',
		},
		['frozen-reference@__get_hwpoison_page'],
	],
];

/** Edits of 6.12 that change nothing. */
const HARMLESS: readonly (readonly [string, string, Edit])[] = [
	// UFFDIO_MOVE takes the folio's lock: who holds it need not look at ->mapping again
	['the lock asserted, ->mapping not read again', 'rmap.c', RMAP_LOCKED],
	// the folio is found mapped inside the section, so no grace period that began before it frees the anon_vma
	[
		'the RCU section opened after the mapping is read',
		'rmap.c',
		{
			in: GET,
			find: /rcu_read_lock\(\);\s*anon_mapping = [^;]*;/,
			put: 'anon_mapping = (unsigned long)READ_ONCE(folio->mapping);\n\trcu_read_lock();',
		},
	],
	// whoever is unmapped is found so after the reference
	[
		'the first look at ->mapping left out',
		'ksm.c',
		{
			in: NODE,
			find: /if \(READ_ONCE\(folio->mapping\) != expected_mapping\)\s*goto stale;/,
			put: '',
		},
	],
	// the lock is held over the second look as well
	[
		'->mapping looked at before the mapcount',
		'rmap.c',
		{
			in: LOCK,
			find: /if \(!folio_mapped\(folio\)\)\s*goto out;/,
			put: 'if (READ_ONCE(folio->mapping) == NULL || !folio_mapped(folio))\n\t\tgoto out;',
		},
	],
];

describe('6.12 edited', () => {
	it.each(rounds(EDITS))('%s', (_, rows) => {
		const edits = rows.map((row) => row[2]);
		const found = rows.flatMap((row) => row[3]);
		expect(foundIn(check('6.12', rows[0]?.[1] ?? '', edits))).toEqual([...found].sort());
	});

	it.each(rounds(HARMLESS))('harmless: %s', (_, rows) => {
		const edits = rows.map((row) => row[2]);
		expect(foundIn(check('6.12', rows[0]?.[1] ?? '', edits))).toEqual([]);
	});
});
