/**
 * Debian's kernels as they are, and 6.1 with a patch in our own words. A finding on an unmodified kernel is argued here from
 * its run; there is no other list of known findings.
 */
import { describe, expect, it } from 'vitest';
import type { AnalysedFinding, Analysis } from '../../server/ide/analysis/analysis.js';
import { analysisOf, foundIn, type Given } from '../analysis.js';
import { type Edit, edited, gup } from '../kernel_text.js';
import { linesOf } from '../runs.js';
import { kernelTree } from '../trees.js';

type Version = '6.12' | '6.1';

function check(version: Version, edits: readonly Edit[] = [], more: Partial<Given> = {}): Analysis {
	const text = edited(gup(version), edits);
	return analysisOf({ path: 'mm/gup.c', text, tree: kernelTree(version), ...more });
}

/** Lines of the run of a finding, in order, that match. */
function passes(finding: AnalysedFinding | undefined, patterns: readonly RegExp[]): boolean {
	let next = 0;
	for (const line of finding === undefined ? [] : linesOf(finding.trace)) {
		if (patterns[next]?.test(line) === true) next++;
	}
	return next === patterns.length;
}

/** Everything said about the functions of a walk that is not `holds` with a witness, against somebody, listing what it assumes. */
function gapsOf(analysis: Analysis): readonly string[] {
	return analysis.functions.flatMap((f) => [
		...(f.verdict === 'holds' ? [] : [`${f.name}: ${f.verdict}: ${f.why}`]),
		...(f.assumptions.length > 0 ? [] : [`${f.name}: assumes nothing`]),
		...(f.witness !== null ? [] : [`${f.name}: no witness`]),
		...(f.explored.states > 0 ? [] : [`${f.name}: nothing explored`]),
	]);
}

const WALKERS_612 = [
	...['gup_fast', 'gup_fast_pgd_range', 'gup_fast_p4d_range', 'gup_fast_pud_range'],
	...['gup_fast_pmd_range', 'gup_fast_pte_range', 'gup_fast_pmd_leaf', 'gup_fast_pud_leaf'],
	...['gup_fast_pgd_leaf', 'gup_fast_devmap_pmd_leaf', 'gup_fast_devmap_pud_leaf'],
	...['gup_fast_devmap_leaf', 'gup_fast_undo_dev_pagemap', 'gup_fast_folio_allowed'],
	...['try_grab_folio_fast', 'try_get_folio', 'gup_put_folio', 'gup_fast_unpin_user_pages'],
];

const NO_SPECIAL = { CONFIG_ARCH_HAS_PTE_SPECIAL: 'n' };

describe('6.12 as it is', () => {
	it.each(['x86_64', 'arm64', 'powerpc64', 'i386-pae', 'riscv64'] as const)(
		'%s: no finding',
		(arch) => {
			const analysis = check('6.12', [], { arch });
			expect(foundIn(analysis)).toEqual([]);
			expect(analysis.unsupported).toEqual([]);
		},
	);

	it('looks at what it hands out with CONFIG_DEBUG_VM, when a device may be gone: that is for the caller to keep', () => {
		const analysis = check('6.12', [], { set: { CONFIG_DEBUG_VM: 'y' } });
		expect(foundIn(analysis)).toEqual([]);
		const checker = analysis.functions.find((f) => f.name === 'sanity_check_pinned_pages');
		// the function skips NULL in pages[], which no walk hands out: the line is named, and nothing else is in doubt
		expect(checker?.verdict).toBe('inconclusive');
		expect(checker?.why).toMatch(
			/^line \d+ is never reached: !page is false in every explored run$/,
		);
	});

	it('may pin pages of any zone where pages cannot be moved', () => {
		const analysis = check('6.12', [], { set: { CONFIG_MIGRATION: 'n' } });
		expect(foundIn(analysis)).toEqual([]);
	});

	it('s390x: a page that cannot be made accessible leaves a hole', () => {
		const analysis = check('6.12', [], { arch: 's390x' });
		// arch_make_folio_accessible() fails with a negative number, which gup_fast_pte_range() returns; its caller tests
		// for zero only, takes it for success and goes on with the next PMD: the page of the next table, or of the huge
		// page there, lands in the place of the one that failed, and pages[] is one short without saying which. Every other architecture's
		// arch_make_folio_accessible() is 0 (include/linux/mm.h).
		expect(foundIn(analysis)).toEqual([
			'misplaced-page@gup_fast_pmd_leaf',
			'misplaced-page@gup_fast_pte_range',
			'misplaced-page@gup_fast_pud_leaf',
		]);
		expect([...new Set(analysis.findings.map((f) => f.message))]).toEqual([
			'pages[0] holds the page that is mapped at the second address',
		]);
		const told = analysis.findings[0]?.trace?.steps.map((s) => s.what) ?? [];
		expect(told).toContain('folio#8 cannot be made accessible: -EFAULT');
		expect(analysis.unsupported).toEqual([]);
	});

	it('holds for every function of the walk, saying what it assumes, with a witness', () => {
		const analysis = check('6.12');
		expect(gapsOf(analysis)).toEqual([]);
		const names = analysis.functions.map((f) => f.name);
		expect(WALKERS_612.filter((name) => !names.includes(name))).toEqual([]);
		const needed = [
			'collapse',
			'evict',
			'fork',
			'pgtable_free',
			'reclaim',
			'split',
			'split_huge',
			'truncate',
			'zap',
		];
		expect(analysis.actors).toEqual(expect.arrayContaining(needed));
	});

	it('without special entries the stub stands for the PTE walker: it hands nothing out', () => {
		const analysis = check('6.12', [], { set: NO_SPECIAL });
		expect(foundIn(analysis)).toEqual([]);
		const [whole, stub] = [check('6.12'), analysis].map(
			(a) => a.functions.find((f) => f.name === 'gup_fast_pte_range')?.place.line ?? 0,
		);
		expect(stub).toBeGreaterThan(whole ?? 0);
	});
});

describe('6.12 with a call that may sleep', () => {
	it.each([
		['folio_lock(folio);\n\t\tfolio_unlock(folio);'],
		['cond_resched();'],
		['mmap_read_lock(current->mm);\n\t\tmmap_read_unlock(current->mm);'],
	])('%s: found, and the walk is still the whole walk', (call) => {
		const publish = 'pages[*nr] = page;';
		const analysis = check('6.12', [
			{ in: 'gup_fast_pte_range', find: publish, put: `${call}\n\t\t${publish}` },
		]);
		expect(foundIn(analysis)).toEqual(['sleep-in-atomic@gup_fast_pte_range']);
		expect(analysis.functions.length).toBe(check('6.12').functions.length);
	});
});

describe('6.1 as it is', () => {
	const analysis = check('6.1');
	const find = (rule: string, fn: string) =>
		analysis.findings.find((f) => f.rule === rule && f.function === fn);

	it('has these findings and no other', () => {
		expect(foundIn(analysis)).toEqual(
			[
				// page_is_secretmem() looks at page->mapping between the reference and the second look at the entry. The page may
				// have been freed and reused by then, so that the mapping is another file's: harmless where only its
				// a_ops are compared before the entry is found changed, but a stranger's mapping all the same.
				'racing-mapping@gup_pte_range',
				// Nothing on the way asks what kind of file the page belongs to, at any level. The commit that closed it in
				// 6.5 (a6e79df92e4a) put the check into each of the four.
				'unsafe-longterm-pin@gup_pte_range',
				'unsafe-longterm-pin@gup_huge_pmd',
				'unsafe-longterm-pin@gup_huge_pud',
				'unsafe-longterm-pin@gup_huge_pgd',
				// The other leaves ask gup_must_unshare(), this one does not: added in 6.5 (mm/gup: add missing gup_must_unshare() check to gup_huge_pgd()).
				'shared-anon-pin@gup_huge_pgd',
			].sort(),
		);
		expect(analysis.unsupported).toEqual([]);
	});

	it('racing-mapping: the page is reused between the entry and the look at its mapping', () => {
		expect(
			passes(find('racing-mapping', 'gup_pte_range'), [
				/^0 pte\[1\] pfn 8/,
				/^1 pte\[1\] .*→ none/,
				/^1 folio#8\._refcount \d → 0|^1 folio#8 is freed/,
				/^0 folio#8\.mapping /,
			]),
		).toBe(true);
	});

	it.each(['gup_pte_range', 'gup_huge_pmd', 'gup_huge_pud', 'gup_huge_pgd'])(
		'unsafe-longterm-pin: %s pins a file page without a look at its mapping behind the second look',
		(fn) => {
			const finding = find('unsafe-longterm-pin', fn);
			expect(finding?.scenario).toContain('FOLL_PIN|FOLL_LONGTERM|FOLL_WRITE');
			expect(finding?.scenario).toContain('filesystem with dirty tracking');
			const lines = finding === undefined ? [] : linesOf(finding.trace);
			const recheck = lines.findLastIndex((line) => /^0 p..\[\d+\] pfn/.test(line));
			expect(recheck).toBeGreaterThan(0);
			expect(lines.slice(recheck).filter((line) => /^0 \S*mapping/.test(line))).toEqual([]);
		},
	);

	it('shared-anon-pin: the pgd leaf is read-only and its page not exclusive, and nobody asks', () => {
		const finding = find('shared-anon-pin', 'gup_huge_pgd');
		expect(finding?.scenario).toContain('pgd leaf, private hugetlb page, shared, read-only');
		const lines = finding === undefined ? [] : linesOf(finding.trace);
		expect(lines.some((line) => /^0 .*PG_anon_exclusive/.test(line))).toBe(false);
	});

	it('the functions it has no finding in hold', () => {
		const others = analysis.functions.filter((f) =>
			/^(try_grab_folio|try_get_folio|gup_put_folio|__gup_device_huge|undo_dev_pagemap)/.test(
				f.name,
			),
		);
		expect(others.length).toBeGreaterThan(3);
		expect(others.map((f) => `${f.name}: ${f.verdict}`)).toEqual(
			others.map((f) => `${f.name}: holds`),
		);
	});
});

/** The check that 6.5 brought, in words of our own. */
const POLICY = `static bool longterm_write_is_safe(struct folio *folio, unsigned int flags)
{
	const unsigned int risky = FOLL_PIN | FOLL_LONGTERM | FOLL_WRITE;
	struct address_space *mapping;

	if ((flags & risky) != risky || folio_test_hugetlb(folio))
		return true;
	mapping = READ_ONCE(folio->mapping);
	if (!mapping)
		return false;
	if ((unsigned long)mapping & PAGE_MAPPING_FLAGS)
		return (unsigned long)mapping & PAGE_MAPPING_ANON;
	return shmem_mapping(mapping);
}

`;
const REFUSE_PAGE = `
		if (!longterm_write_is_safe(folio, flags)) {
			gup_put_folio(folio, 1, flags);
			goto pte_unmap;
		}
`;
const REFUSE_LEAF = `
	if (!longterm_write_is_safe(folio, flags)) {
		gup_put_folio(folio, refs, flags);
		return 0;
	}
`;
const RECHECK = '\n\t\tif (unlikely(pmd_val(pmd) != pmd_val(*pmdp))';
const LEAVES: readonly Edit[] = ['gup_huge_pmd', 'gup_huge_pud', 'gup_huge_pgd'].map((fn) => ({
	in: fn,
	find: '\n\t*nr += refs;',
	put: `${REFUSE_LEAF}\n\t*nr += refs;`,
}));
const SECRETMEM_LATER: readonly Edit[] = [
	{
		in: 'gup_pte_range',
		find: /\n\t\tif \(unlikely\(page_is_secretmem[\s\S]*?\n\t\t\}\n/,
		put: '',
	},
];

describe('6.1 with a policy check of our own', () => {
	const patched = (edits: readonly Edit[]): Analysis =>
		analysisOf({
			path: 'mm/gup.c',
			text: edited(
				gup('6.1').replace('static int gup_pte_range(', `${POLICY}static int gup_pte_range(`),
				edits,
			),
			tree: kernelTree('6.1'),
		});
	const AFTER: Edit = {
		in: 'gup_pte_range',
		find: '\n\t\tif (!pte_write(pte) && gup_must_unshare',
		put: `${REFUSE_PAGE}\n\t\tif (!pte_write(pte) && gup_must_unshare`,
	};
	const BEFORE: Edit = { in: 'gup_pte_range', find: RECHECK, put: `${REFUSE_PAGE}${RECHECK}` };

	it('placed right, the long-term findings go and the others stay', () => {
		expect(foundIn(patched([AFTER, ...LEAVES]))).toEqual([
			'racing-mapping@gup_pte_range',
			'shared-anon-pin@gup_huge_pgd',
		]);
	});

	it('placed before the second look it judges a mapping that may be a stranger\u2019s', () => {
		// with the secretmem test out of the way, racing-mapping tells the two places apart
		const without = (edit: Edit) => foundIn(patched([...SECRETMEM_LATER, edit, ...LEAVES]));
		expect(without(AFTER)).not.toContain('racing-mapping@gup_pte_range');
		expect(without(BEFORE)).toContain('racing-mapping@gup_pte_range');
	});

	it('only at the PTEs, the leaves stay open', () => {
		expect(foundIn(patched([AFTER]))).toEqual([
			'racing-mapping@gup_pte_range',
			'shared-anon-pin@gup_huge_pgd',
			'unsafe-longterm-pin@gup_huge_pgd',
			'unsafe-longterm-pin@gup_huge_pmd',
			'unsafe-longterm-pin@gup_huge_pud',
		]);
	});
});
