/**
 * Adversaries follow the tree: what they wait for, their locks, barriers and looks for pins are those of the kernel functions that
 * they stand for. Real kernels with one thing taken away on the adversary's side: the step is named, and the walk that is right
 * without a change is found to be wrong. What only looks different changes nothing.
 */
import { describe, expect, it } from 'vitest';
import type { ArchName } from '../../engine/program/arch.js';
import type { Memory } from '../../engine/rules/verdict.js';
import { differencesOf, differenceText } from '../../server/actors/protocol.js';
import { ownActors } from '../../server/actors/sources.js';
import { analyse } from '../../server/ide/analysis/analyse.js';
import { followedOf } from '../../server/lower/lower.js';
import { changedTree } from '../../server/tree/changed_tree.js';
import type { KernelTree } from '../../server/tree/kernel_tree.js';
import { openTree } from '../../server/tree/workspace.js';
import { realEngine } from '../../server/worker/engine.js';
import { analysisOf, foundIn, requestOf } from '../analysis.js';
import { type Edit, edited, gup } from '../kernel_text.js';
import { kernelTree } from '../trees.js';

type Version = '6.12' | '6.1';

interface Change {
	readonly what: string;
	readonly version: Version;
	readonly file: string;
	readonly edits: readonly Edit[];
	/** Other files as they are then; null: the file is gone. */
	readonly others?: Readonly<Record<string, string | null>>;
	/** Adversaries that can show it. */
	readonly actor: string;
	readonly arch?: ArchName;
	readonly memory?: Memory;
}

/** A kernel with some of its files edited, as an editor has it: at the same place. */
function treeOf({
	version,
	file,
	edits,
	others = {},
}: Pick<Change, 'version' | 'file' | 'edits' | 'others'>): KernelTree {
	const tree = openTree(kernelTree(version));
	const text = edits.length === 0 ? tree.read(file) : edited(tree.read(file) ?? '', edits);
	return changedTree(tree, new Map([[file, text], ...Object.entries(others)]));
}

function requestFor(change: Change) {
	const { version, actor, arch = 'arm64', memory = 'sc' } = change;
	const request = requestOf({
		...{ path: 'mm/gup.c', text: gup(version), arch, memory },
		actors: actor === '' ? [] : [actor],
	});
	return { ...request, tree: treeOf(change) };
}

/** What differs from the adversaries, without lines. */
function differencesFor(change: Change): readonly string[] {
	const { path, text, tree, arch, config } = requestFor(change);
	const followed = followedOf({ path, text, tree, arch, config, actors: ownActors() });
	return differencesOf(followed).map((d) => differenceText(d).replace(/:\d+/g, ''));
}

function checked(change: Change) {
	return analyse(realEngine, requestFor(change), {
		observer: { cancelled: () => false },
		cache: null,
	});
}

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

interface Lost extends Change {
	/** What verdicts say of it. */
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
		told: 'the tree has no mm/ksm.c: what is cited there is taken from the adversaries (ksm): get_mergeable_page(), try_to_merge_one_page() takes the lock folio, ksm_do_scan(), write_protect_page()',
	},
];

describe('a function that is not where an adversary cites it', () => {
	it.each(LOST.map((l) => [l.what, l] as const))('is told: %s', (_, lost) => {
		expect(differencesFor(lost)).toEqual([]);
		const analysis = checked(lost);
		expect(foundIn(analysis)).toEqual([]);
		const walker = analysis.functions.find((f) => f.name === 'gup_fast_pte_range');
		expect(walker?.assumptions.map(({ what }) => what)).toContain(lost.told);
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
