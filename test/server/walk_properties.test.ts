/** What must not matter to a verdict on a walk: how things are called, and what stands beside it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analysisOf, foundIn, type Given } from '../analysis.js';
import { withoutCarets } from '../carets.js';
import { type Edit, edited, gup } from '../kernel_text.js';
import { type Renaming, renamed } from '../renamed.js';
import { kernelTree, repositoryRoot } from '../trees.js';

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

/** What is said of a text, by line and by what functions were called before they were renamed. */
function saidOf(given: Given, was: ReadonlyMap<string, string> = new Map()) {
	const { functions, findings } = analysisOf({ ...given, depth: 'core' });
	return {
		findings: findings.map((f) => `${f.rule}@${f.place.line}`).sort(),
		verdicts: new Map(functions.map((f) => [was.get(f.name) ?? f.name, f.verdict])),
	};
}

function sameUnderOtherNames(given: Given, how: Renaming): void {
	const path = given.path ?? 'walk.c';
	const other = renamed(path, given.text, how);
	expect(other.text).not.toBe(given.text);
	const before = saidOf(given);
	const after = saidOf({ ...given, text: other.text }, other.was);
	expect(after.findings).toEqual(before.findings);
	// a name that is one of racewalk's primitives is the file's own under another: that function is there beside the others
	for (const [name, verdict] of before.verdicts)
		expect([name, after.verdicts.get(name)]).toEqual([name, verdict]);
}

describe('names change no verdict: those of the file itself are others', () => {
	it.each([
		['6.12', 'shuffled'],
		['6.1', 'plain'],
	] as const)('%s, %s', (version, how) => {
		const tree = kernelTree(version);
		sameUnderOtherNames({ path: 'mm/gup.c', text: gup(version), tree }, how);
	});

	const FIXTURES = [
		...['reference-overflow-until-5.1', 'reference-overflow-beside', 'fork-pin'],
		...['reference-underflow-not-asked', 'permission'],
	];
	it.each(FIXTURES)('violated/%s', (name) => {
		const path = join(repositoryRoot, 'test/fixtures/violated', `${name}.c`);
		const text = withoutCarets(readFileSync(path, 'utf8'));
		sameUnderOtherNames({ text }, 'shuffled');
	});
});
