/**
 * Readers that hand out several folios at once, on Debian's 6.12: edits of them in our own words. What an edit must give is
 * argued beside it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Analysis } from '../../server/ide/analysis/analysis.js';
import { analysisOf, foundIn } from '../analysis.js';
import { type Edit, edited, rounds } from '../kernel_text.js';
import { kernelTree } from '../trees.js';

function analysed(file: string, edits: readonly Edit[]): Analysis {
	const tree = kernelTree('6.12');
	const text = edited(readFileSync(join(tree, 'mm', file), 'utf8'), edits);
	return analysisOf({ path: `mm/${file}`, text, tree });
}

const CONTIG = 'filemap_get_folios_contig';
const READ = 'filemap_get_read_batch';
const TAG = 'filemap_get_folios_tag';
const LOCK = 'find_lock_entries';
const BLOCK = 'isolate_migratepages_block';
const MOVABLE = 'isolate_movable_page';
const GET = '__filemap_get_folio';
const ISOLATE = 'isolate_folio';
const IDLE = 'page_idle_get_folio';

/** An edit and what it breaks: `rule@function`. */
const EDITS: readonly (readonly [string, string, Edit, readonly string[]])[] = [
	// the driver refuses in some runs: its page is not the reader's then
	[
		'a refusal of the driver ignored',
		'migrate.c',
		{
			in: MOVABLE,
			find: /if \(!mops->isolate_page\(&folio->page, mode\)\)\s*goto out_no_isolated;/,
			put: 'mops->isolate_page(&folio->page, mode);',
		},
		[`misplaced-page@${MOVABLE}`],
	],
	// the lock keeps the driver from letting the page go
	[
		'marked isolated behind the lock',
		'migrate.c',
		{
			in: MOVABLE,
			find: /folio_set_isolated\(folio\);\s*folio_unlock\(folio\);/,
			put: 'folio_unlock(folio); folio_set_isolated(folio);',
		},
		[`racing-mapping@${MOVABLE}`],
	],
	// removed, freed, and in another file between the slot and the reference: 20 or 15 folios at once or one, it is the same
	[
		'the slot not read again',
		'filemap.c',
		{ in: READ, find: /if \(unlikely\(folio != xas_reload\(&xas\)\)\)\s*goto put_folio;/, put: '' },
		[`stale-pin@${READ}`],
	],
	[
		'the slot not read again, of several in a row',
		'filemap.c',
		{
			in: CONTIG,
			find: /if \(unlikely\(folio != xas_reload\(&xas\)\)\)\s*goto put_folio;/,
			put: '',
		},
		[`stale-pin@${CONTIG}`],
	],
	// the count of what was freed meanwhile is 0
	[
		'the count raised without a look at it',
		'filemap.c',
		{ in: READ, find: /if \(!folio_try_get\(folio\)\)\s*goto retry;/, put: 'folio_get(folio);' },
		[`frozen-reference@${READ}`],
	],
	[
		'a reference kept when the slot changed',
		'filemap.c',
		{ in: CONTIG, find: /folio_put\(folio\);/, put: '' },
		[`reference-leak@${CONTIG}`],
	],
	// a shadow or swap entry is an odd number: it is followed as a pointer
	[
		'a value entry taken for a folio',
		'filemap.c',
		{ in: READ, find: ' || xa_is_value(folio)', put: '' },
		[`bad-entry@${READ}`],
	],
	// the caller of this one gets folios only
	[
		'a value entry handed out as a folio',
		'filemap.c',
		{ in: TAG, find: /if \(xa_is_value\(folio\)\)\s*continue;/, put: '' },
		[`bad-entry@${TAG}`],
	],
	// lib/xarray.c: nodes are freed by RCU
	[
		'the RCU section left before the slot is read again',
		'filemap.c',
		{
			in: CONTIG,
			find: 'if (unlikely(folio != xas_reload(&xas)))',
			put: 'rcu_read_unlock();\n\t\trcu_read_lock();\n\t\tif (folio != xas_reload(&xas))',
		},
		[`use-after-free@${CONTIG}`],
	],
	// truncated between the look at the slot and the trylock
	[
		'->mapping not looked at under the lock',
		'filemap.c',
		{ in: LOCK, find: /folio->mapping != mapping \|\|/, put: '' },
		[`stale-pin@${LOCK}`],
	],
	[
		'the lock kept where the folio is passed over',
		'filemap.c',
		{ in: LOCK, find: /folio_unlock\(folio\);/, put: '' },
		[`unbalanced-map@${LOCK}`],
	],
	[
		'the reference kept where the folio is passed over',
		'filemap.c',
		{ in: LOCK, find: /folio_put\(folio\);/, put: ';' },
		[`reference-leak@${LOCK}`],
	],
	[
		'the lock waited for inside the RCU section',
		'filemap.c',
		{ in: LOCK, find: /if \(!folio_trylock\(folio\)\)\s*goto put;/, put: 'folio_lock(folio);' },
		[`sleep-in-atomic@${LOCK}`],
	],
	// the batch is full, and the folio that found no room is in it all the same: its reference is the caller's
	[
		'the last folio of a full batch put',
		'filemap.c',
		{
			in: READ,
			find: /if \(!folio_batch_add\(fbatch, folio\)\)\s*break;/,
			put: 'if (!folio_batch_add(fbatch, folio)) {\n\t\t\tfolio_put(folio);\n\t\t\tbreak;\n\t\t}',
		},
		[`reference-underflow@${READ}`],
	],
	// truncated while the lock was waited for
	[
		'->mapping not looked at once the lock is there',
		'filemap.c',
		{ in: GET, find: 'unlikely(folio->mapping != mapping)', put: '0' },
		[`stale-pin@${GET}`],
	],
	[
		'->mapping looked at before the lock',
		'filemap.c',
		{
			in: GET,
			find: /if \(fgp_flags & FGP_LOCK\) \{([\s\S]*?)if \(unlikely\(folio->mapping != mapping\)\) \{\s*folio_unlock\(folio\);\s*folio_put\(folio\);\s*goto repeat;\s*\}/,
			put: `if (fgp_flags & FGP_LOCK) {
		if (folio->mapping != mapping) {
			folio_put(folio);
			goto repeat;
		}
		folio_lock(folio);`,
		},
		[`stale-pin@${GET}`],
	],
	[
		'the lock kept of what was truncated',
		'filemap.c',
		{
			in: GET,
			find: /folio_unlock\(folio\);\s*folio_put\(folio\);\s*goto repeat;/,
			put: 'folio_put(folio);\n\t\t\tgoto repeat;',
		},
		[`unbalanced-map@${GET}`],
	],
	[
		'the reference kept where the lock is not to be had',
		'filemap.c',
		{
			in: GET,
			find: /folio_put\(folio\);\s*return ERR_PTR\(-EAGAIN\);/,
			put: 'return ERR_PTR(-EAGAIN);',
		},
		[`reference-leak@${GET}`],
	],
	// the last reference is gone and whoever frees the folio waits for the lock of the LRU
	[
		'the count of what is on the LRU raised without a look at it',
		'vmscan.c',
		{
			in: ISOLATE,
			find: /if \(!folio_try_get\(folio\)\)\s*return false;/,
			put: 'folio_get(folio);',
		},
		[`frozen-reference@${ISOLATE}`],
	],
	// another CPU cleared PG_lru and waits for the lock: the folio is that one's
	[
		'isolated a second time',
		'vmscan.c',
		{
			in: ISOLATE,
			find: /if \(!folio_test_clear_lru\(folio\)\) \{\s*folio_put\(folio\);\s*return false;\s*\}/,
			put: 'folio_test_clear_lru(folio);',
		},
		[`reference-leak@${ISOLATE}`],
	],
	[
		'the reference kept of what another CPU isolates',
		'vmscan.c',
		{ in: ISOLATE, find: 'folio_put(folio);', put: '' },
		[`reference-leak@${ISOLATE}`],
	],
	// whoever frees it no longer sees that it is on the LRU, and need not wait for the lock: nobody holds what is isolated
	[
		'PG_lru cleared before the folio is held',
		'vmscan.c',
		{
			in: ISOLATE,
			find: /if \(!folio_try_get\(folio\)\)\s*return false;([\s\S]*?)if \(!folio_test_clear_lru\(folio\)\) \{\s*folio_put\(folio\);\s*return false;\s*\}/,
			put: 'if (!folio_test_clear_lru(folio))\n\t\treturn false;\n\tif (!folio_try_get(folio))\n\t\treturn false;',
		},
		// the flag is cleared of what another owner was given: that write comes before the count that is put too often; and of what
		// is being freed, which whoever frees it then leaves on the list (__page_cache_release() asks for the flag)
		[`misplaced-page@${ISOLATE}`, `use-after-free@${ISOLATE}`],
	],
	// 69d763fc6d3a: truncated, and the inode evicted, while ->a_ops is looked at; with the folio locked truncation waits
	[
		'the mapping looked into without the folio lock',
		'compaction.c',
		{
			in: BLOCK,
			find: /if \(!folio_trylock\(folio\)\)\s*goto isolate_fail_put;([\s\S]*?)mapping = folio_mapping\(folio\);([\s\S]*?)folio_unlock\(folio\);/,
			put: `mapping = READ_ONCE(folio->mapping);
			if ((unsigned long)mapping & PAGE_MAPPING_FLAGS)
				mapping = NULL;
			if ((mode & ISOLATE_ASYNC_MIGRATE) && is_dirty)
				migrate_dirty = !mapping || mapping->a_ops->migrate_folio;
			is_inaccessible = mapping && mapping_inaccessible(mapping);`,
		},
		[`use-after-free@${BLOCK}`],
	],
	// the count of a free page is 0
	[
		'the count of any page raised without a look at it',
		'compaction.c',
		{
			in: BLOCK,
			find: /folio = folio_get_nontail_page\(page\);\s*if \(unlikely\(!folio\)\)\s*goto isolate_fail;/,
			put: 'folio = (struct folio *)page;\n\t\tfolio_get(folio);',
		},
		[`frozen-reference@${BLOCK}`],
	],
	// mm/swap.c, __page_cache_release(): PG_lru tells whoever frees the folio that it is on a list
	[
		'taken off the LRU before it is held',
		'compaction.c',
		{
			in: BLOCK,
			find: 'folio = folio_get_nontail_page(page);',
			put: `if (!folio_test_clear_lru((struct folio *)page))
			goto isolate_fail;
		folio_set_lru((struct folio *)page);
		folio = folio_get_nontail_page(page);`,
		},
		[`use-after-free@${BLOCK}`],
	],
	[
		'a reference kept on what is passed over',
		'compaction.c',
		{ in: BLOCK, find: /locked = NULL;\s*\}\s*folio_put\(folio\);/, put: 'locked = NULL;\n\t\t}' },
		[`reference-leak@${BLOCK}`],
	],
	// another CPU has isolated it meanwhile: it is on that one's list
	[
		'isolated whether or not it was on the LRU',
		'compaction.c',
		{
			in: BLOCK,
			find: /if \(!folio_test_lru\(folio\)\)\s*goto isolate_fail_put;([\s\S]*?)if \(!folio_test_clear_lru\(folio\)\)\s*goto isolate_fail_put;/,
			put: 'is_unevictable = 0;\n\t\tfolio_test_clear_lru(folio);',
		},
		[`misplaced-page@${BLOCK}`],
	],
	[
		'the LRU lock kept',
		'compaction.c',
		{
			in: BLOCK,
			find: /isolate_abort:\s*if \(locked\)\s*unlock_page_lruvec_irqrestore\(locked, flags\);/,
			put: 'isolate_abort:',
		},
		[`unbalanced-map@${BLOCK}`],
	],
	// let go between the first look and the lock: what is left of the mapping is its tag
	[
		'not looked at again under the lock',
		'migrate.c',
		{ in: MOVABLE, find: '!folio_test_movable(folio) || ', put: '' },
		[`racing-mapping@${MOVABLE}`],
	],
	// let go after the second look
	[
		'the lock not taken',
		'migrate.c',
		{
			in: MOVABLE,
			find: /if \(unlikely\(!folio_trylock\(folio\)\)\)\s*goto out_putfolio;([\s\S]*?)folio_unlock\(folio\);([\s\S]*?)out_no_isolated:\s*folio_unlock\(folio\);/,
			put: `if (!folio_test_movable(folio) || folio_test_isolated(folio))
		goto out_putfolio;
	mops = folio_movable_ops(folio);
	if (!mops->isolate_page(&folio->page, mode))
		goto out_putfolio;
	folio_set_isolated(folio);
	return true;
`,
		},
		[`misplaced-page@${MOVABLE}`, `racing-mapping@${MOVABLE}`],
	],
	[
		'the count of any page raised, for its driver',
		'migrate.c',
		{
			in: MOVABLE,
			find: 'folio_get_nontail_page(page);',
			put: 'page_folio(page);\n\n\tfolio_get(folio);',
		},
		[`frozen-reference@${MOVABLE}`],
	],
	[
		'a reference kept on what no driver moves',
		'migrate.c',
		{ in: MOVABLE, find: /out_putfolio:\s*folio_put\(folio\);/, put: 'out_putfolio:' },
		[`reference-leak@${MOVABLE}`],
	],
	[
		'the lock kept of what was isolated',
		'migrate.c',
		{ in: MOVABLE, find: /folio_unlock\(folio\);\s*return true;/, put: 'return true;' },
		[`unbalanced-map@${MOVABLE}`],
	],
	// the page was the second of a larger folio for a moment, and is not once that is held
	[
		'the head not looked at again',
		'page_idle.c',
		{ in: IDLE, find: 'page_folio(page) != folio || ', put: '' },
		[`wrong-folio@${IDLE}`],
	],
	[
		'the count of any page raised, to see whether it is idle',
		'page_idle.c',
		{
			in: IDLE,
			find: ' || !folio_try_get(folio))\n\t\treturn NULL;',
			put: ')\n\t\treturn NULL;\n\tfolio_get(folio);',
		},
		[`frozen-reference@${IDLE}`],
	],
	[
		'a reference kept on what is not on the LRU',
		'page_idle.c',
		{ in: IDLE, find: 'folio_put(folio);', put: '' },
		[`reference-leak@${IDLE}`],
	],
];

/** Edits that change nothing. */
const HARMLESS: readonly (readonly [string, string, Edit])[] = [
	// whether a folio can be read from is its caller's question
	[
		'folios that are not up to date handed out',
		'filemap.c',
		{ in: READ, find: /if \(!folio_test_uptodate\(folio\)\)\s*break;/, put: '' },
	],
	[
		'the way out of the loop written out',
		'filemap.c',
		{
			in: CONTIG,
			find: 'if (unlikely(folio != xas_reload(&xas)))\n\t\t\tgoto put_folio;',
			put: 'if (xas_reload(&xas) != folio) {\n\t\t\tfolio_put(folio);\n\t\t\txas_reset(&xas);\n\t\t\tcontinue;\n\t\t}',
		},
	],
	// under the lock ->mapping cannot change: looked at in another order
	[
		'writeback looked at before ->mapping',
		'filemap.c',
		{
			in: LOCK,
			find: /if \(folio->mapping != mapping \|\|\s*folio_test_writeback\(folio\)\)/,
			put: 'if (folio_test_writeback(folio) || mapping != READ_ONCE(folio->mapping))',
		},
	],
	// whether it is worth while
	[
		'isolated whatever it takes to swap it out',
		'vmscan.c',
		{ in: ISOLATE, find: /if \(!\(sc->gfp_mask & __GFP_IO\)[\s\S]*?return false;/, put: '' },
	],
	[
		'looked at in another order, and the way out written out',
		'filemap.c',
		{
			in: GET,
			find: 'if (unlikely(folio->mapping != mapping)) {',
			put: 'if (mapping != READ_ONCE(folio->mapping)) {',
		},
	],
	// an address_space is freed by RCU: a section keeps it as well as the lock, for a look at one value
	[
		'an RCU section instead of the folio lock',
		'compaction.c',
		{
			in: BLOCK,
			find: /if \(!folio_trylock\(folio\)\)\s*goto isolate_fail_put;([\s\S]*?)mapping = folio_mapping\(folio\);([\s\S]*?)folio_unlock\(folio\);/,
			put: `rcu_read_lock();
			mapping = READ_ONCE(folio->mapping);
			if ((unsigned long)mapping & PAGE_MAPPING_FLAGS)
				mapping = NULL;
			if ((mode & ISOLATE_ASYNC_MIGRATE) && is_dirty)
				migrate_dirty = !mapping || mapping->a_ops->migrate_folio;
			is_inaccessible = mapping && mapping_inaccessible(mapping);
			rcu_read_unlock();`,
		},
	],
	// a guess at whether migration would fail
	[
		'pinned pages isolated',
		'compaction.c',
		{
			in: BLOCK,
			find: /if \(!mapping && \(folio_ref_count[^;]*;/,
			put: '',
		},
	],
	[
		'looked at in another order under the lock',
		'migrate.c',
		{
			in: MOVABLE,
			find: '!folio_test_movable(folio) || folio_test_isolated(folio)',
			put: 'folio_test_isolated(folio) || !folio_test_movable(folio)',
		},
	],
	[
		'the way out written out',
		'migrate.c',
		{
			in: MOVABLE,
			find: /if \(unlikely\(!folio_trylock\(folio\)\)\)\s*goto out_putfolio;/,
			put: 'if (!folio_trylock(folio)) {\n\t\tfolio_put(folio);\n\t\treturn false;\n\t}',
		},
	],
	// whoever is not on the LRU is found so after the reference
	[
		'the first look at PG_lru left out',
		'page_idle.c',
		{ in: IDLE, find: '!folio_test_lru(folio) || !folio_try_get', put: '!folio_try_get' },
	],
];

describe('6.12 edited', () => {
	it.each(rounds(EDITS))('%s', (_, rows) => {
		const file = rows[0]?.[1] ?? '';
		const edits = rows.map((row) => row[2]);
		expect(foundIn(analysed(file, edits))).toEqual(rows.flatMap((row) => row[3]).sort());
	});

	// no rule is broken and nothing is handed out: it spins, on what stays as it is
	it.each([
		[
			'a value entry waited for to go',
			'filemap_get_entry',
			{
				in: 'filemap_get_entry',
				find: 'if (!folio || xa_is_value(folio))',
				put: 'if (xa_is_value(folio))\n\t\tgoto repeat;\n\tif (!folio)',
			},
		],
		[
			'looked at again where it stands',
			'filemap_range_has_page',
			{ in: 'filemap_range_has_page', find: 'xas_find(&xas, max)', put: 'xas_load(&xas)' },
		],
	])('endless: %s', (_, name, edit) => {
		const { functions } = analysed('filemap.c', [edit]);
		const { verdict, why } = functions.find((f) => f.name === name) ?? {};
		expect([verdict, why]).toEqual(['inconclusive', expect.stringMatching(/goes round for ever/)]);
	});

	it.each(rounds(HARMLESS))('harmless: %s', (_, rows) => {
		const file = rows[0]?.[1] ?? '';
		const edits = rows.map((row) => row[2]);
		expect(foundIn(analysed(file, edits))).toEqual([]);
	});
});
