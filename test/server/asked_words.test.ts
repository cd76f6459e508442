/**
 * Readers of Debian's 6.12 that ask what nobody fixes: how many pages the file has in its cache, what compaction allocates. What
 * goes wrong with the other answer is a finding.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analysisOf, foundIn } from '../analysis.js';
import { type Edit, edited } from '../kernel_text.js';
import { kernelTree } from '../trees.js';

const ENTRY = 'filemap_get_entry';
const BLOCK = 'isolate_migratepages_block';

const EDITS: readonly (readonly [string, string, Edit, string])[] = [
	[
		'the slot read again where the file has one page alone',
		'filemap.c',
		{
			in: ENTRY,
			find: 'folio != xas_reload(&xas)',
			put: 'mapping->nrpages == 1 && folio != xas_reload(&xas)',
		},
		`stale-pin@${ENTRY}`,
	],
	[
		'the reference kept where the filesystem may not be entered',
		'compaction.c',
		{
			in: BLOCK,
			find: /if \(!\(cc->gfp_mask & __GFP_FS\) && mapping\)\s*goto isolate_fail_put;/,
			put: 'if (!(cc->gfp_mask & __GFP_FS) && mapping)\n\t\t\tgoto isolate_fail;',
		},
		`reference-leak@${BLOCK}`,
	],
];

describe('what a reader asks', () => {
	it.each(EDITS)('%s', (_, file, edit, finding) => {
		const tree = kernelTree('6.12');
		const text = edited(readFileSync(join(tree, 'mm', file), 'utf8'), [edit]);
		expect(foundIn(analysisOf({ path: `mm/${file}`, text, tree }))).toContain(finding);
	});
});
