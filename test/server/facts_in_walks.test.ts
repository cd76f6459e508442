/** What a tree, an architecture and a configuration decide, seen in the verdicts on its walk after small edits in our own words. */
import { describe, expect, it } from 'vitest';
import type { ArchName } from '../../engine/program/arch.js';
import { analysisOf, foundIn } from '../analysis.js';
import { gup } from '../kernel_text.js';
import { kernelTree } from '../trees.js';

function check(version: '6.12' | '6.1', text: string, arch: ArchName = 'x86_64') {
	return analysisOf({ path: 'mm/gup.c', text, tree: kernelTree(version), arch });
}

function replaced(text: string, find: string, put: string): string {
	expect(text).toContain(find);
	return text.replace(find, put);
}

describe('flags that only some pages have', () => {
	/** As page_is_secretmem() was from 5.14 on: what is not on the LRU is taken for no secretmem, and what stands behind that is looked at. */
	const own = (also: string): string => `
static bool is_secret(struct page *page)
{
	struct address_space *owner;

	if (PageCompound(page)${also})
		return false;
	owner = (struct address_space *)((unsigned long)page->mapping & ~PAGE_MAPPING_FLAGS);
	if (!owner || owner != page->mapping)
		return false;
	return owner->a_ops == &secretmem_aops;
}
#define page_is_secretmem is_secret

static int gup_pte_range(`;
	const withOwn = (also: string): string =>
		replaced(gup('6.1'), '\nstatic int gup_pte_range(', own(also));

	it('are set and not set: the mapping is read behind the test, and a secretmem page off the LRU is pinned', () => {
		const inPtes = (text: string) =>
			foundIn(check('6.1', text)).filter(
				(f) => f.endsWith('@gup_pte_range') || f.includes('is_secret'),
			);
		const asItIs = inPtes(withOwn(''));
		const lru = inPtes(withOwn(' || !PageLRU(page)'));
		expect(asItIs.some((f) => f.startsWith('racing-mapping'))).toBe(true);
		expect(asItIs.some((f) => f.startsWith('secretmem-pin'))).toBe(false);
		expect(lru.some((f) => f.startsWith('racing-mapping'))).toBe(true);
		expect(lru.some((f) => f.startsWith('secretmem-pin'))).toBe(true);
	});
});

describe('a re-check that leaves the accessed and dirty bits out', () => {
	const text = replaced(
		gup('6.12'),
		'pte_val(pte) != pte_val(ptep_get(ptep))',
		'pte_val(pte_mkold(pte_mkclean(pte))) != pte_val(pte_mkold(pte_mkclean(ptep_get(ptep))))',
	);
	it.each(['arm64', 'powerpc64'] as const)('holds on %s', (arch) => {
		const analysis = check('6.12', text, arch);
		expect(foundIn(analysis)).toEqual([]);
		expect(analysis.unsupported).toEqual([]);
		const walker = analysis.functions.find((f) => f.name === 'gup_fast_pte_range');
		expect(walker?.verdict).toBe('holds');
	});
});

describe('a caller that does not tell fork() of its pins', () => {
	const announce = `	if (gup_flags & FOLL_PIN)
		mm_set_has_pinned_flag(&current->mm->flags);
`;

	it('breaks what the walk pinned: a later fork() shares the page', () => {
		const { findings, functions } = check('6.12', replaced(gup('6.12'), announce, ''));
		expect(findings.map((f) => [f.rule, f.function])).toEqual([['fork-pin', 'gup_fast']]);
		const violated = functions.filter((f) => f.verdict === 'violated').map((f) => f.name);
		expect(violated).toEqual(['gup_fast']);
	});
});
