/**
 * Readers that leave the looking to those of another file, and locks taken for some folios only, on Debian's 6.12: edits in our own words. What an edit must give is
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

const BLOCK = 'isolate_migratepages_block';

/** An edit and what it breaks: `rule@function`. */
const EDITS: readonly (readonly [string, string, Edit, readonly string[]])[] = [
	// a folio that is not to be evicted is not dirty, and its file is truncated and evicted meanwhile
	[
		'the mapping looked into with the folio lock for dirty folios only',
		'compaction.c',
		{
			in: BLOCK,
			find: /if \(!folio_trylock\(folio\)\)\s*goto isolate_fail_put;([\s\S]*?)mapping = folio_mapping\(folio\);([\s\S]*?)folio_unlock\(folio\);/,
			put: `if (is_dirty && !folio_trylock(folio))
				goto isolate_fail_put;
			mapping = folio_mapping(folio);
			if ((mode & ISOLATE_ASYNC_MIGRATE) && is_dirty)
				migrate_dirty = !mapping || mapping->a_ops->migrate_folio;
			is_inaccessible = mapping && mapping_inaccessible(mapping);
			if (is_dirty)
				folio_unlock(folio);`,
		},
		[`racing-mapping@${BLOCK}`, `use-after-free@${BLOCK}`],
	],
	// who leaves the looking to filemap_get_entry() gets a swap entry, too
	[
		'a swap entry returned as a folio',
		'swap_state.c',
		{
			in: 'filemap_get_incore_folio',
			find: /if \(!shmem_mapping\(mapping\)\)\s*return ERR_PTR\(-ENOENT\);/,
			put: 'if (!shmem_mapping(mapping))\n\t\treturn folio;',
		},
		['bad-entry@filemap_get_incore_folio'],
	],
	// swapped out, and the frame another page's, while the lock was waited for
	[
		'->mapping not compared, of what another file looks up',
		'shmem.c',
		{
			in: 'shmem_get_partial_folio',
			find: 'if (folio->mapping == inode->i_mapping)',
			put: 'if (folio_test_uptodate(folio))',
		},
		['stale-pin@shmem_get_partial_folio'],
	],
	// the slot is looked at for its value alone, and yet its node may be freed
	[
		'a swap entry looked for without an RCU section',
		'shmem.c',
		{
			in: 'shmem_confirm_swap',
			find: /rcu_read_lock\(\);([\s\S]*)rcu_read_unlock\(\);/,
			put: `do {
		entry = xas_load(&xas);
		if (entry == swp_to_radix_entry(swap))
			ret = 0;
	} while (xas_retry(&xas, entry));`,
		},
		['use-after-free@shmem_confirm_swap'],
	],
	// a leaked reference is told where it was taken
	[
		'a reference kept of what cannot be handled',
		'memory-failure.c',
		{ in: 'get_any_page', find: /put_page\(p\);\s*ret = -EIO;/, put: 'ret = -EIO;' },
		['reference-leak@__get_hwpoison_page'],
	],
	// the lock of the xarray keeps the slot as it is, and is given back before the folio is held
	[
		'the slot looked at under its lock, and not again',
		'filemap.c',
		{
			in: 'filemap_get_entry',
			find: /folio = xas_load\(&xas\);([\s\S]*)goto repeat;\s*\}\s*out:/,
			put: `xas_lock_irq(&xas);
	folio = xas_load(&xas);
	xas_unlock_irq(&xas);
	if (xas_retry(&xas, folio))
		goto repeat;
	if (folio && !xa_is_value(folio) && !folio_try_get(folio))
		goto repeat;`,
		},
		['stale-pin@filemap_get_entry'],
	],
];

/** Edits that change nothing. */
const HARMLESS: readonly (readonly [string, string, Edit])[] = [
	// the slot cannot change under the lock, and what is looked at again is held by then
	[
		'the slot read again under its lock',
		'filemap.c',
		{
			in: 'filemap_get_entry',
			find: /if \(unlikely\(folio != xas_reload\(&xas\)\)\) \{\s*folio_put\(folio\);\s*goto repeat;\s*\}/,
			put: `xas_lock_irq(&xas);
	if (folio != xas_reload(&xas)) {
		xas_unlock_irq(&xas);
		folio_put(folio);
		goto repeat;
	}
	xas_unlock_irq(&xas);`,
		},
	],
	// whoever wants it up to date only brings it back from swap, or finds nothing
	[
		'what is not up to date passed over',
		'shmem.c',
		{
			in: 'shmem_get_partial_folio',
			find: 'if (folio->mapping == inode->i_mapping)',
			put: 'if (READ_ONCE(folio->mapping) == inode->i_mapping && folio_test_uptodate(folio))',
		},
	],
];

describe('6.12 edited', () => {
	it.each(rounds(EDITS))('%s', (_, rows) => {
		const file = rows[0]?.[1] ?? '';
		const edits = rows.map((row) => row[2]);
		expect(foundIn(analysed(file, edits))).toEqual(rows.flatMap((row) => row[3]).sort());
	});

	it.each(rounds(HARMLESS))('harmless: %s', (_, rows) => {
		const edits = rows.map((row) => row[2]);
		expect(foundIn(analysed(rows[0]?.[1] ?? '', edits))).toEqual([]);
	});
});
