/**
 * Files of the adversary's side: functions that adversaries stand for have a verdict against the tree's walk, an edit there that takes
 * away what they wait for is found at the function, and what is the walk's own fault is not.
 */
import { describe, expect, it } from 'vitest';
import type { ArchName } from '../../engine/program/arch.js';
import { simulatedInWalk, withSide } from '../../server/ide/adversaries/side.js';
import { analyse } from '../../server/ide/analysis/analyse.js';
import type { Analysis } from '../../server/ide/analysis/analysis.js';
import { codeLenses } from '../../server/ide/code_lens.js';
import { changedTree } from '../../server/tree/changed_tree.js';
import { openTree } from '../../server/tree/workspace.js';
import { realEngine } from '../../server/worker/engine.js';
import { requestOf } from '../analysis.js';
import { type Edit, edited } from '../kernel_text.js';
import { kernelTree } from '../trees.js';

interface Given {
	readonly file: string;
	readonly edits?: readonly Edit[];
	/** Of mm/gup.c. */
	readonly walk?: readonly Edit[];
	readonly actor: string;
	readonly version?: '6.12' | '6.1';
	readonly arch?: ArchName;
}

const options = { observer: { cancelled: () => false }, cache: null };

function requestFor({
	file,
	edits = [],
	walk = [],
	actor,
	version = '6.12',
	arch = 'arm64',
}: Given) {
	const tree = openTree(kernelTree(version));
	const text = edited(tree.read(file) ?? '', edits);
	const changed = new Map(
		walk.length === 0 ? [] : [['mm/gup.c', edited(tree.read('mm/gup.c') ?? '', walk)]],
	);
	const request = requestOf({ path: file, text, arch, actors: [actor] });
	return { ...request, tree: changedTree(tree, changed) };
}

/** Verdicts and findings of the adversary's side alone. */
function sideOf(
	given: Given,
): Pick<Analysis, 'functions' | 'findings'> & { readonly lenses: string } {
	const request = requestFor(given);
	const nothing = analyse(realEngine, { ...request, functions: ['-'] }, options);
	const analysis = withSide(realEngine, request, { analysis: nothing, options });
	const lenses = codeLenses(analysis).map(({ title }) => title);
	return { ...analysis, lenses: lenses.join('\n') };
}

const verdictsOf = ({ functions }: Pick<Analysis, 'functions'>) =>
	functions.map(({ name, verdict }) => `${name}: ${verdict}`);

const foundAt = ({ findings }: Pick<Analysis, 'findings'>) =>
	findings.map((f) => `${f.rule}@${f.function} ${f.where}`);

const SYNC: Pick<Edit, 'find' | 'put'> = { find: /\ttlb_remove_table_sync_one\(\);\n/, put: '' };

describe('a kernel as it is', () => {
	it('holds, with the walk that it was held against', () => {
		const side = sideOf({ file: 'mm/khugepaged.c', actor: 'deposit' });
		expect(verdictsOf(side)).toEqual([
			'is_refcount_suitable: holds',
			'__collapse_huge_page_isolate: holds',
			'__collapse_huge_page_copy_succeeded: holds',
			'collapse_huge_page: holds',
		]);
		expect(side.functions[3]?.against).toMatchObject({ path: 'mm/gup.c', function: 'gup_fast' });
		expect(side.lenses).toContain('as deposit against gup_fast() of mm/gup.c: holds');
		expect(foundAt(side)).toEqual([]);
	});
});

describe('what is taken away there', () => {
	it('is found at the function that lacks it', () => {
		const given = { file: 'mm/khugepaged.c', actor: 'deposit' };
		const side = sideOf({ ...given, edits: [{ in: 'collapse_huge_page', ...SYNC }] });
		expect(verdictsOf(side)).toContain('collapse_huge_page: violated');
		expect(foundAt(side)).toEqual(['use-after-free@collapse_huge_page adversary']);
		const [finding] = side.findings;
		expect(finding?.message).toMatch(
			/^collapse_huge_page\(\) no longer waits for an IPI: gup_fast_pte_range\(\) in mm\/gup\.c: /,
		);
		expect(finding?.place.path).toBe('mm/khugepaged.c');
		expect(finding?.related[0]?.place.path).toBe('mm/gup.c');
		expect(side.lenses).toContain('gup_fast() of mm/gup.c: violated');
	});

	it('stands at the line that does it on some ways only', () => {
		const edits: readonly Edit[] = [
			{
				in: 'collapse_huge_page',
				find: '\ttlb_remove_table_sync_one();\n',
				put: '\tif (cc->is_khugepaged)\n\t\ttlb_remove_table_sync_one();\n',
			},
		];
		const given = { file: 'mm/khugepaged.c', actor: 'deposit', edits };
		const [finding] = sideOf(given).findings;
		const line = requestFor(given).text.split('\n')[(finding?.place.line ?? 0) - 1];
		expect(line?.trim()).toBe('tlb_remove_table_sync_one();');
	});

	it('is found in a header, too', () => {
		const side = sideOf({
			...{ file: 'include/linux/rmap.h', actor: 'reclaim' },
			edits: [
				{
					in: '__folio_try_share_anon_rmap',
					find: /if \(unlikely\(folio_maybe_dma_pinned\(folio\)\)\)\n\t\treturn -EBUSY;/,
					put: '',
				},
			],
		});
		expect(foundAt(side)).toEqual(['shared-anon-pin@__folio_try_share_anon_rmap adversary']);
	});

	it('is replayed as a run of the walk', () => {
		const request = requestFor({
			...{ file: 'mm/khugepaged.c', actor: 'deposit' },
			edits: [{ in: 'collapse_huge_page', ...SYNC }],
		});
		const nothing = analyse(realEngine, { ...request, functions: ['-'] }, options);
		const { findings } = withSide(realEngine, request, { analysis: nothing, options });
		const trace = findings[0]?.trace.id ?? null;
		const wanted = { function: 'collapse_huge_page', rule: null, trace };
		const context = { engine: realEngine, observer: options.observer };
		const run = simulatedInWalk(request, wanted, context);
		expect(run?.trace?.id).toBe(trace);
		const other = { function: 'hpage_collapse_scan_pmd', rule: null, trace: null };
		expect(simulatedInWalk(request, other, context)).toBeNull();
	});
});

describe('what is not the function’s fault', () => {
	it('is not found there: a walk that does not look again at its PTE', () => {
		const side = sideOf({
			...{ file: 'mm/rmap.c', actor: 'migrate' },
			walk: [
				{
					in: 'gup_fast_pte_range',
					find: 'unlikely(pte_val(pte) != pte_val(ptep_get(ptep)))',
					put: 'unlikely(pte_val(pte) != pte_val(pte))',
				},
			],
		});
		expect(foundAt(side)).toEqual([]);
		expect(side.functions.length).toBeGreaterThan(0);
		expect(new Set(side.functions.map((f) => f.verdict))).toEqual(new Set(['holds']));
	});

	it('is a comment, another name, a file that no adversary stands for', () => {
		const side = sideOf({
			...{ file: 'mm/khugepaged.c', actor: 'deposit' },
			edits: [{ in: 'collapse_huge_page', find: /\b_pmd\b/g, put: 'old /* no IPI */' }],
		});
		expect(foundAt(side)).toEqual([]);
		expect(sideOf({ file: 'mm/mincore.c', actor: 'deposit' }).functions).toEqual([]);
	});
});
