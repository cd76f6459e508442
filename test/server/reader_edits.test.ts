/**
 * Readers that hand out several folios at once, on Debian's 6.12: edits of them in our own words. What an edit must give is
 * argued beside it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Analysis } from '../../server/ide/analysis.js';
import { analysisOf, foundIn } from '../analysis.js';
import { type Edit, edited } from '../kernel_text.js';
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

/** An edit and what it breaks: `rule@function`. */
const EDITS: readonly (readonly [string, string, Edit, readonly string[]])[] = [
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
];

/** Edits of different functions of one file are made at once: what each breaks is its own function's. */
function rounds(): readonly (readonly [string, readonly (typeof EDITS)[number][]])[] {
	const made: (typeof EDITS)[number][][] = [];
	for (const row of EDITS) {
		const fits = (r: typeof row): boolean => r[1] === row[1] && r[2].in !== row[2].in;
		const round = made.find((rows) => rows.every(fits));
		if (round === undefined) made.push([row]);
		else round.push(row);
	}
	return made.map((rows) => [rows.map(([what]) => what).join('; '), rows]);
}

describe('6.12 edited', () => {
	it.each(rounds())('%s', (_, rows) => {
		const [, file] = rows[0] as (typeof EDITS)[number];
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

	it.each([...new Set(HARMLESS.map((row) => row[1]))])('harmless: %s', (file) => {
		const edits = HARMLESS.filter((row) => row[1] === file).map((row) => row[2]);
		expect(foundIn(analysed(file, edits))).toEqual([]);
	});
});
