/** What must not matter to a verdict on a walk: how things are called, and what stands beside it. */
import { describe, expect, it } from 'vitest';
import { analysisOf, foundIn } from '../analysis.js';
import { type Edit, edited, gup } from '../kernel_text.js';
import { kernelTree } from '../trees.js';

/** Without the look at the PMD, only the look at the PTE is left. */
const NO_PMD: Edit = {
	in: 'gup_fast_pte_range',
	find: /unlikely\(pmd_val\(pmd\) != pmd_val\(\*pmdp\)\) \|\|/,
	put: '',
};

/** As walkers of PTEs of 5.x are called, and what they are given. */
const OLD_WALKER = `static int gup_pte_range(pmd_t pmd, unsigned long addr)
{
	pte_t *ptem = pte_offset_map(&pmd, addr);

	return ptem != NULL;
}
`;

describe('text that the walk does not reach changes no verdict: an old walker', () => {
	const cases: readonly (readonly [string, string])[] = [
		[
			'in a comment, and where it is not compiled',
			`/* ${OLD_WALKER} */
#if 0
${OLD_WALKER}#endif
#ifdef CONFIG_NOWHERE
${OLD_WALKER}#endif
`,
		],
		['as a function beside the walk', OLD_WALKER],
	];
	it.each(cases)('%s', (_, beside) => {
		const text = `${edited(gup('6.12'), [NO_PMD])}\n${beside}`;
		const tree = kernelTree('6.12');
		const found = foundIn(analysisOf({ path: 'mm/gup.c', text, tree, actors: ['collapse'] }));
		expect(found).toEqual(['stale-pin@gup_fast_pte_range']);
	});
});
