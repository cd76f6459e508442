/**
 * Adversaries follow the tree: what they wait for, their locks, barriers and looks for pins are those of the kernel functions that
 * they stand for. Real kernels with one thing taken away on the adversary's side: the step is named, and the walk that is right
 * without a change is found to be wrong. What only looks different changes nothing.
 */
import { describe, expect, it } from 'vitest';
import { differencesOf } from '../../server/actors/protocol.js';
import { ownActors } from '../../server/actors/sources.js';
import { analyse } from '../../server/ide/analysis/analyse.js';
import { followedOf } from '../../server/lower/lower.js';
import { openTree } from '../../server/tree/workspace.js';
import { realEngine } from '../../server/worker/engine.js';
import { analysisOf, foundIn, requestOf } from '../analysis.js';
import { type Change, checked, differencesFor } from '../changed_kernel.js';
import { type Edit, edited, gup, textOf } from '../kernel_text.js';
import { kernelTree } from '../trees.js';

const known = new Map<string, readonly string[]>();

/** What is found in the kernel as it is. */
function foundBefore({ version, actor, arch = 'arm64', memory = 'sc' }: Change): readonly string[] {
	const key = [version, actor, arch, memory].join();
	const found =
		known.get(key) ??
		foundIn(
			analysisOf({
				...{ path: 'mm/gup.c', text: gup(version), tree: kernelTree(version), arch, memory },
				actors: [actor],
			}),
		);
	known.set(key, found);
	return found;
}

/** Whether verdicts say that an adversary is explored without what the kernel does not do. */
function toldIn({ functions }: ReturnType<typeof checked>): boolean {
	return functions.some(({ assumptions }) =>
		assumptions.some(({ what }) => what.endsWith('is explored without it')),
	);
}

const SYNC: Pick<Edit, 'find' | 'put'> = { find: /\ttlb_remove_table_sync_one\(\);\n/, put: '' };

interface Broken extends Change {
	/** Lines of `actors --verify`. */
	readonly told: readonly string[];
	readonly finds: readonly string[];
}

const BROKEN: readonly Broken[] = [
	{
		what: 'khugepaged deposits a table without waiting for walks in it (2ba99c5e0881)',
		...{ version: '6.12', file: 'mm/khugepaged.c', actor: 'deposit' },
		edits: [{ in: 'collapse_huge_page', ...SYNC }],
		told: [
			'racewalk:actors/deposit.c: mm/khugepaged.c: collapse_huge_page() no longer waits for an IPI [deposit]',
		],
		finds: ['use-after-free@gup_fast_pte_range'],
	},
	{
		what: 'the same in 6.1, where another function of the file still waits',
		...{ version: '6.1', file: 'mm/khugepaged.c', actor: 'deposit', arch: 'x86_64' },
		edits: [{ in: 'collapse_huge_page', ...SYNC }],
		told: [
			'racewalk:actors/collapse.c: mm/khugepaged.c: collapse_huge_page() no longer waits for an IPI [collapse]',
			'racewalk:actors/deposit.c: mm/khugepaged.c: collapse_huge_page() no longer waits for an IPI [deposit]',
		],
		finds: ['use-after-free@gup_pte_range'],
	},
	{
		what: 'khugepaged frees the table of a file without waiting (2ba99c5e0881)',
		...{ version: '6.1', file: 'mm/khugepaged.c', actor: 'retract' },
		edits: [{ in: 'collapse_and_free_pmd', ...SYNC }],
		told: [
			'racewalk:actors/retract.c: mm/khugepaged.c: retract_page_tables() no longer waits for an IPI [retract]',
		],
		finds: ['use-after-free@gup_pte_range'],
	},
	{
		what: 'the table of a file is freed at once where it was deferred',
		...{ version: '6.12', file: 'mm/khugepaged.c', actor: 'retract' },
		edits: [{ in: 'retract_page_tables', find: 'pte_free_defer(', put: 'pte_free(' }],
		told: [
			'racewalk:actors/retract.c: mm/khugepaged.c: retract_page_tables() no longer waits for a grace period [retract]',
		],
		finds: ['use-after-free@gup_fast_pte_range'],
	},
	{
		what: 'khugepaged waits behind the copy instead of before it',
		...{ version: '6.12', file: 'mm/khugepaged.c', actor: 'deposit' },
		edits: [
			{ in: 'collapse_huge_page', ...SYNC },
			{
				in: 'collapse_huge_page',
				find: '\tfolio = NULL;\n',
				put: '\tfolio = NULL;\n\ttlb_remove_table_sync_one();\n',
			},
		],
		told: [
			'racewalk:actors/collapse.c: mm/khugepaged.c: collapse_huge_page() waits for an IPI, but not on every way between the steps around it [collapse]',
			'racewalk:actors/deposit.c: mm/khugepaged.c: collapse_huge_page() waits for an IPI, but not on every way between the steps around it [deposit]',
		],
		finds: ['use-after-free@gup_fast_pte_range'],
	},
	{
		what: 'khugepaged waits, madvise does not',
		...{ version: '6.12', file: 'mm/khugepaged.c', actor: 'deposit' },
		edits: [
			{
				in: 'collapse_huge_page',
				find: '\ttlb_remove_table_sync_one();\n',
				put: '\tif (cc->is_khugepaged)\n\t\ttlb_remove_table_sync_one();\n',
			},
		],
		told: [
			'racewalk:actors/collapse.c: mm/khugepaged.c: collapse_huge_page() waits for an IPI, but not on every way between the steps around it [collapse]',
			'racewalk:actors/deposit.c: mm/khugepaged.c: collapse_huge_page() waits for an IPI, but not on every way between the steps around it [deposit]',
		],
		finds: ['use-after-free@gup_fast_pte_range'],
	},
	{
		what: 'only a comment waits',
		...{ version: '6.12', file: 'mm/khugepaged.c', actor: 'deposit' },
		edits: [
			{
				in: 'collapse_huge_page',
				find: 'tlb_remove_table_sync_one();',
				put: '/* tlb_remove_table_sync_one(); */',
			},
		],
		told: [
			'racewalk:actors/deposit.c: mm/khugepaged.c: collapse_huge_page() no longer waits for an IPI [deposit]',
		],
		finds: ['use-after-free@gup_fast_pte_range'],
	},
	{
		what: 'hugetlb gives a shared table back without waiting (CVE-2025-38085)',
		...{ version: '6.12', file: 'include/asm-generic/tlb.h', actor: 'unshare' },
		edits: [{ in: 'tlb_flush_unshared_tables', ...SYNC }],
		told: [
			'racewalk:actors/unshare.c: include/asm-generic/tlb.h: tlb_flush_unshared_tables() no longer waits for an IPI [unshare]',
		],
		finds: ['stale-pin@gup_fast_pmd_leaf'],
	},
	{
		what: 'the same in 6.1',
		...{ version: '6.1', file: 'include/asm-generic/tlb.h', actor: 'unshare', arch: 'x86_64' },
		edits: [{ in: 'tlb_flush_unshared_tables', ...SYNC }],
		told: [
			'racewalk:actors/unshare.c: include/asm-generic/tlb.h: tlb_flush_unshared_tables() no longer waits for an IPI [unshare]',
		],
		finds: ['stale-pin@gup_huge_pmd'],
	},
	{
		what: 'a batch of tables is freed without a grace period',
		...{ version: '6.12', file: 'mm/mmu_gather.c', actor: 'pgtable_free' },
		edits: [
			{
				in: 'tlb_remove_table_free',
				find: 'call_rcu(&batch->rcu, tlb_remove_table_rcu);',
				put: '__tlb_remove_table_free(batch);',
			},
		],
		told: [
			'racewalk:actors/pgtable_free.c: mm/mmu_gather.c: tlb_remove_table_free() no longer waits for a grace period [pgtable_free]',
		],
		// the tables of all three levels
		finds: ['pmd', 'pte', 'pud'].map((level) => `use-after-free@gup_fast_${level}_range`),
	},
	{
		what: 'fork() copies without making the sequence count odd',
		...{ version: '6.12', file: 'mm/memory.c', actor: 'fork' },
		edits: [
			{
				in: 'copy_page_range',
				find: 'raw_write_seqcount_begin(&src_mm->write_protect_seq);',
				put: '',
			},
			{
				in: 'copy_page_range',
				find: 'raw_write_seqcount_end(&src_mm->write_protect_seq);',
				put: '',
			},
		],
		told: [
			'racewalk:actors/fork.c: mm/memory.c: copy_page_range() makes the sequence count odd, but not on every way between the steps around it [fork]',
			'racewalk:actors/fork.c: mm/memory.c: copy_page_range() makes the sequence count even, but not on every way between the steps around it [fork]',
		],
		finds: ['fork-pin@gup_fast'],
	},
	{
		what: 'KSM, migration and reclaim do not look for pins',
		...{ version: '6.12', file: 'include/linux/rmap.h', actor: 'reclaim' },
		edits: [
			{
				in: '__folio_try_share_anon_rmap',
				find: /if \(unlikely\(folio_maybe_dma_pinned\(folio\)\)\)\n\t\treturn -EBUSY;/,
				put: '',
			},
		],
		told: ['ksm', 'migrate', 'reclaim'].map(
			(actor) =>
				`racewalk:actors/${actor}.c: include/linux/rmap.h: __folio_try_share_anon_rmap() no longer looks for pins [${actor}]`,
		),
		finds: ['shared-anon-pin@gup_fast_pte_range'],
	},
	{
		what: 'reclaim does not call what looks for pins',
		...{ version: '6.12', file: 'mm/rmap.c', actor: 'reclaim', arch: 'x86_64' },
		edits: [
			{
				in: 'try_to_unmap_one',
				find: 'folio_try_share_anon_rmap_pte(folio, subpage)',
				put: '0',
			},
		],
		told: [
			'racewalk:actors/reclaim.c: mm/rmap.c: try_to_unmap_one() no longer looks for pins [reclaim]',
		],
		finds: ['shared-anon-pin@gup_fast_pte_range'],
	},
	{
		what: 'reclaim does not call what looks for pins in a file that is far away',
		...{ version: '6.12', file: 'mm/rmap.c', actor: 'reclaim', arch: 'x86_64' },
		edits: [
			{
				in: 'try_to_unmap_one',
				find: 'folio_try_share_anon_rmap_pte(folio, subpage)',
				put: '0',
			},
		],
		others: {
			'include/linux/rmap.h': edited(textOf('6.12', 'include/linux/rmap.h'), [
				{
					in: '__folio_try_share_anon_rmap',
					find: 'folio_maybe_dma_pinned(folio)',
					put: 'is_held_by_device(folio)',
				},
			]),
			'mm/held.c':
				'bool is_held_by_device(struct folio *folio)\n{\n\treturn folio_maybe_dma_pinned(folio);\n}\n',
		},
		told: [
			'racewalk:actors/reclaim.c: mm/rmap.c: try_to_unmap_one() no longer looks for pins [reclaim]',
		],
		finds: ['shared-anon-pin@gup_fast_pte_range'],
	},
	{
		what: 'reclaim empties the entries of hugetlb alone before looking for pins',
		...{ version: '6.12', file: 'mm/rmap.c', actor: 'reclaim' },
		edits: [
			{
				in: 'try_to_unmap_one',
				find: 'pteval = ptep_get_and_clear(mm, address, pvmw.pte);',
				put: 'pteval = ptep_get(pvmw.pte);',
			},
			{
				in: 'try_to_unmap_one',
				find: 'pteval = ptep_clear_flush(vma, address, pvmw.pte);',
				put: 'pteval = ptep_get(pvmw.pte);',
			},
		],
		told: [
			'racewalk:actors/reclaim.c: mm/rmap.c: try_to_unmap_one() empties the entry, but not on every way between the steps around it [reclaim]',
		],
		finds: ['shared-anon-pin@gup_fast_pte_range'],
	},
	{
		what: 'KSM looks at counts while the entry is as it was',
		...{ version: '6.12', file: 'mm/ksm.c', actor: 'ksm' },
		edits: [
			{
				in: 'write_protect_page',
				find: 'entry = ptep_clear_flush(vma, pvmw.address, pvmw.pte);',
				put: 'entry = ptep_get(pvmw.pte);',
			},
		],
		told: [
			'racewalk:actors/ksm.c: mm/ksm.c: write_protect_page() no longer empties the entry [ksm]',
		],
		finds: ['shared-anon-pin@gup_fast_pte_range'],
	},
	{
		what: 'a folio is reclaimed whoever holds it',
		...{ version: '6.12', file: 'mm/vmscan.c', actor: 'reclaim' },
		edits: [
			{ in: '__remove_mapping', find: 'if (!folio_ref_freeze(folio, refcount))', put: 'if (0)' },
		],
		told: [
			'racewalk:actors/reclaim.c: mm/vmscan.c: __remove_mapping() no longer freezes the reference count [reclaim]',
		],
		finds: [
			'frozen-reference@try_grab_folio_fast',
			'racing-mapping@gup_fast_pte_range',
			'reference-underflow@gup_fast_pte_range',
			'wrong-folio@gup_fast_pte_range',
		],
	},
	{
		what: 'exclusivity is taken away without a barrier before looking for pins',
		...{ version: '6.12', file: 'include/linux/rmap.h', actor: 'ksm', memory: 'lkmm' },
		edits: [{ in: '__folio_try_share_anon_rmap', find: /\tsmp_mb\(\);\n/, put: '\t\t;\n' }],
		told: ['ksm', 'migrate', 'reclaim'].map(
			(actor) =>
				`racewalk:actors/${actor}.c: include/linux/rmap.h: __folio_try_share_anon_rmap() has a full barrier, but not on every way between the steps around it [${actor}]`,
		),
		// clearing the entry is a full barrier already, in this model: xchg()
		finds: [],
	},
];

describe('what is taken away from the adversary’s side of a kernel', () => {
	it.each(BROKEN.map((b) => [`${b.version}: ${b.what}`, b] as const))('%s', (_, broken) => {
		expect(differencesFor(broken)).toEqual(broken.told);
		const analysis = checked(broken);
		expect(foundIn(analysis).filter((f) => !foundBefore(broken).includes(f))).toEqual(broken.finds);
		expect(toldIn(analysis)).toBe(true);
	});
});

/** Edits that only look different. */
const SAME: readonly Change[] = [
	{
		what: 'the waiting is moved into a function of the file',
		...{ version: '6.12', file: 'mm/khugepaged.c', actor: 'deposit' },
		edits: [
			{ in: 'collapse_huge_page', find: 'tlb_remove_table_sync_one();', put: 'wait_for_walks();' },
			{
				in: 'alloc_charge_folio',
				find: 'static int alloc_charge_folio',
				put: 'static void wait_for_walks(void)\n{\n\ttlb_remove_table_sync_one();\n}\n\nstatic int alloc_charge_folio',
			},
		],
	},
	{
		what: 'the waiting is called by another name',
		...{ version: '6.12', file: 'mm/khugepaged.c', actor: 'deposit' },
		edits: [
			{ in: 'collapse_huge_page', find: 'tlb_remove_table_sync_one();', put: 'wait_for_walks();' },
			{
				in: 'alloc_charge_folio',
				find: 'static int alloc_charge_folio',
				put: '#define wait_for_walks() tlb_remove_table_sync_one()\nstatic int alloc_charge_folio',
			},
		],
	},
	{
		what: 'what looks for pins is called by a function of the file',
		...{ version: '6.12', file: 'mm/rmap.c', actor: 'reclaim' },
		edits: [
			{
				in: 'try_to_unmap_one',
				find: 'folio_try_share_anon_rmap_pte(folio, subpage)',
				put: 'may_not_share(folio, subpage)',
			},
			{
				in: 'try_to_unmap_one',
				find: 'static bool try_to_unmap_one',
				put: 'static int may_not_share(struct folio *folio, struct page *page)\n{\n\treturn folio_try_share_anon_rmap_pte(folio, page);\n}\n\nstatic bool try_to_unmap_one',
			},
		],
	},
	{
		what: 'locals of an adversary are renamed',
		...{ version: '6.12', file: 'mm/khugepaged.c', actor: 'deposit' },
		edits: [
			{ in: 'collapse_huge_page', find: /\b_pmd\b/g, put: 'old' },
			{ in: 'collapse_huge_page', find: /\bpmd_ptl\b/g, put: 'upper' },
		],
	},
];

describe('what only looks different', () => {
	it.each(SAME.map((s) => [`${s.version}: ${s.what}`, s] as const))('%s', (_, same) => {
		expect(differencesFor(same)).toEqual([]);
		expect(foundIn(checked(same))).toEqual(foundBefore(same));
	});
});

describe('what a workspace brings', () => {
	it('changes nothing of what racewalk’s own adversaries are held to, and makes what they cite in it no less its own', () => {
		// a function between try_to_unmap_one() and the look for pins, which no adversary of racewalk's cites
		const text = `
			/* mine: looks for pins alone. */
			void actor_mine(void)
			{
				/* include/linux/rmap.h: folio_try_share_anon_rmap_pte() */
				if (folio_maybe_dma_pinned(page_folio(victim_page)))
					return;
				/* include/linux/rmap.h: folio_try_share_anon_rmap_pte() from mm/rmap.c: try_to_unmap_one() */
				smp_mb();
				if (folio_maybe_dma_pinned(page_folio(victim_page)))
					return;
			}`;
		const tree = openTree(kernelTree('6.12'));
		const { path, arch, config } = requestOf({ path: 'mm/gup.c', text: '' });
		const actors = [...ownActors(), { path: '.racewalk/actors/mine.c', text }];
		const followed = followedOf({ path, text: gup('6.12'), tree, arch, config, actors });
		const mine = followed.steps.filter(({ actor }) => actor === 'mine');
		expect(mine.map(({ effect, held }) => `${effect}: ${held}`)).toEqual([
			'pins: made',
			'full-barrier: made',
			'pins: made',
		]);
		expect(differencesOf(followed)).toEqual([]);
	});
});

describe('first answers', () => {
	it('do not wait for the tree to be read for the adversaries, and say so', () => {
		const given = { path: 'mm/gup.c', text: gup('6.12'), tree: kernelTree('6.12') };
		// a configuration that no other test of this file has
		const request = { ...requestOf({ ...given, set: { CONFIG_NOBODY: 'y' } }), actors: ['zap'] };
		const options = { observer: { cancelled: () => false }, cache: null };
		const said = (analysis: ReturnType<typeof checked>): boolean =>
			analysis.functions.some(({ assumptions }) =>
				assumptions.some(({ what }) => what.includes('have not been held against the kernel tree')),
			);
		const first = analyse(realEngine, { ...request, depth: 'first' }, options);
		expect(said(first)).toBe(true);
		expect(first.left).toBeGreaterThan(0);
		// also where no scenario is left for later
		const lkmm = analyse(realEngine, { ...request, memory: 'lkmm', depth: 'first' }, options);
		expect(said(lkmm)).toBe(true);
		expect(lkmm.left).toBeGreaterThan(0);
		expect(said(analyse(realEngine, request, options))).toBe(false);
		expect(said(analyse(realEngine, { ...request, depth: 'first' }, options))).toBe(false);
	});
});
