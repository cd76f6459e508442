/** Readers that lose bits of an index, a frame number or a pointer: what they look up then is another page's. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analysisOf } from '../analysis.js';
import { withoutCarets } from '../carets.js';
import { repositoryRoot } from '../trees.js';

interface Case {
	readonly what: string;
	readonly fixture: string;
	readonly path: string;
	readonly function: string;
	readonly edit: readonly [string, string];
	/** Why it is not known; `holds` where no bit is lost that tells anything. */
	readonly says: string;
}

const CACHE = {
	fixture: 'unbalanced-map-handed-unlocked.c',
	path: 'mm/filemap.c',
	function: 'page_of',
};
const FAMILY = { fixture: 'racing-mapping-anon-vma.c', path: 'mm/rmap.c', function: 'family_of' };
const NODE = { fixture: 'frozen-reference-stable-node.c', path: 'mm/ksm.c', function: 'folio_of' };
const TAG = 'word - PAGE_MAPPING_ANON';

const cases: readonly Case[] = [
	{
		...CACHE,
		what: 'an index in 32 bits',
		edit: ['i_pages, at)', 'i_pages, (unsigned int)at)'],
		says: 'an index or a size of a file is cut off to 32 bits',
	},
	{
		...CACHE,
		what: 'an index in 64 bits',
		edit: ['i_pages, at)', 'i_pages, (unsigned long long)at)'],
		says: 'holds',
	},
	{
		...CACHE,
		what: 'slots compared in 32 bits',
		edit: [
			'found != xas_reload(&xas)',
			'(unsigned int)(unsigned long)found != (unsigned int)(unsigned long)xas_reload(&xas)',
		],
		says: 'a pointer is cut off to 32 bits',
	},
	{
		...FAMILY,
		what: 'an address without all bits below a page',
		edit: [TAG, 'word & PAGE_MASK'],
		says: 'a pointer is masked',
	},
	{ ...FAMILY, what: 'an address without its tag', edit: [TAG, 'word & ~3UL'], says: 'holds' },
	{
		...NODE,
		what: 'an alignment of a frame number',
		edit: ['pfn_folio(READ_ONCE(node->kpfn))', 'pfn_folio(READ_ONCE(node->kpfn) & 1023)'],
		says: 'a frame number is masked',
	},
];

describe('lost bits of readers', () => {
	it.each(cases)('$what: $says', ({ fixture, path, function: name, edit: [old, put], says }) => {
		const file = join(repositoryRoot, 'test/fixtures/holds', fixture);
		const text = withoutCarets(readFileSync(file, 'utf8'));
		expect(text.split(old)).toHaveLength(2);
		const { functions, unsupported } = analysisOf({ path, text: text.replace(old, put) });
		const reader = functions.find((f) => f.name === name);
		expect(reader?.verdict).toBe(says === 'holds' ? says : 'unsupported');
		if (says !== 'holds') expect(JSON.stringify([reader, unsupported])).toContain(says);
	});
});
