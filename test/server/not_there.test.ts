/**
 * Functions that adversaries cite and that a tree does not have where they are cited: they are followed where they went, or the verdict
 * says what is taken from the adversary instead, and does not hold by that alone.
 */
import { describe, expect, it } from 'vitest';
import { differencesOf } from '../../server/actors/protocol.js';
import { ownActors } from '../../server/actors/sources.js';
import { followedOf } from '../../server/lower/lower.js';
import { openTree } from '../../server/tree/workspace.js';
import { foundIn } from '../analysis.js';
import { type Change, checked, differencesFor, requestFor } from '../changed_kernel.js';
import { kernelTree } from '../trees.js';

interface Lost extends Change {
	/** How begins what verdicts say of it. */
	readonly told: string;
	/** What of gup_fast_pte_range() is decided against the adversary. */
	readonly verdict: 'holds' | 'inconclusive';
}

/** Gives a function of the file another name, wherever the file has it. */
function renamed(
	file: string,
	from: string,
	to: string,
): Pick<Change, 'file' | 'edits' | 'others'> {
	const text = openTree(kernelTree('6.12')).read(file) ?? '';
	const others = { [file]: text.replaceAll(new RegExp(`\\b${from}\\b`, 'g'), to) };
	return { file: 'mm/gup.c', edits: [], others };
}

/** A function of a file, with what stands above it on its first line. */
function textOf(file: string, name: string): string {
	const text = openTree(kernelTree('6.12')).read(file) ?? '';
	const start = text.search(new RegExp(`^[a-z][^;{}]*\\b${name}\\([^;{}]*\\)\\s*\\{`, 'm'));
	return text.slice(start, text.indexOf('\n}\n', start) + 3);
}

const LOST: readonly Lost[] = [
	{
		what: 'the function that waits has another name',
		...{ version: '6.12', actor: 'deposit', verdict: 'inconclusive' },
		...renamed('mm/khugepaged.c', 'collapse_huge_page', 'collapse_range'),
		told: 'the tree has no collapse_huge_page() (mm/khugepaged.c): that it waits for an IPI is taken from the adversary deposit',
	},
	{
		what: 'the function that waits is not understood',
		...{ version: '6.12', actor: 'deposit', verdict: 'inconclusive', file: 'mm/khugepaged.c' },
		edits: [
			{
				in: 'collapse_huge_page',
				find: 'tlb_remove_table_sync_one();',
				put: '{ tlb_remove_table_sync_one() } = ;',
			},
		],
		told: 'collapse_huge_page() (mm/khugepaged.c) was not read to its end: that it waits for an IPI is taken from the adversary deposit',
	},
	{
		what: 'what has another name keeps from no harm that is not kept off otherwise',
		...{ version: '6.12', actor: 'ksm', verdict: 'holds' },
		...renamed('include/linux/rmap.h', '__folio_try_share_anon_rmap', '__folio_share'),
		told: 'the tree has none of __folio_try_share_anon_rmap(), page_try_share_anon_rmap() (include/linux/rmap.h): that it has a full barrier and looks for pins is taken from the adversary ksm',
	},
	{
		what: 'what has another name does harm',
		...{ version: '6.12', actor: 'pgtable_free', verdict: 'holds' },
		...renamed('mm/memory.c', 'free_pmd_range', 'free_pmds'),
		told: 'the tree has no free_pmd_range() (mm/memory.c): its steps in the adversary pgtable_free are not held against the kernel',
	},
	{
		what: 'the file is not there',
		...{ version: '6.12', actor: 'ksm', verdict: 'holds', file: 'mm/gup.c', edits: [] },
		others: { 'mm/ksm.c': null },
		told: 'the tree has no mm/ksm.c: what is cited there is taken from the adversaries (ksm): ',
	},
];

describe('a function that is not where an adversary cites it', () => {
	it.each(LOST.map((l) => [l.what, l] as const))('is told: %s', (_, lost) => {
		expect(differencesFor(lost)).toEqual([]);
		const analysis = checked(lost);
		expect(foundIn(analysis)).toEqual([]);
		const walker = analysis.functions.find((f) => f.name === 'gup_fast_pte_range');
		const said = walker?.assumptions.map(({ what }) => what) ?? [];
		expect(said.filter((what) => what.startsWith(lost.told))).toHaveLength(1);
		expect(walker?.byActor).toEqual([{ actor: lost.actor, verdict: lost.verdict }]);
		expect(walker?.verdict).toBe(lost.verdict);
		if (lost.verdict !== 'holds')
			expect(walker?.why).toBe(
				`${lost.told}; without that gup_fast_pte_range() is wrong (use-after-free)`,
			);
	});

	it('is followed where it went', () => {
		const moved = {
			...({ what: '', version: '6.12', actor: 'ksm', file: 'mm/ksm.c' } as const),
			edits: [{ in: 'write_protect_page', find: 'write_protect_page(', put: 'not_here_any_more(' }],
			others: { 'mm/ksm_protect.c': textOf('mm/ksm.c', 'write_protect_page') },
		};
		const { path, text, tree, arch, config } = requestFor(moved);
		const followed = followedOf({ path, text, tree, arch, config, actors: ownActors() });
		expect(differencesOf(followed)).toEqual([]);
		expect(followed.untold.filter(({ actor }) => actor === 'ksm')).toEqual([]);
		const places = new Set(
			followed.steps.map(({ at }) => (at === null ? '' : `${at.path} ${at.function}`)),
		);
		expect(places).toContain('mm/ksm_protect.c write_protect_page');
	});
});
