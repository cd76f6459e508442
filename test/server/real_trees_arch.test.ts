/**
 * What only some architectures show, on Debian's kernels: entries read in halves (i386 with PAE), folded levels (s390x),
 * functions that a configuration compiles out, tables freed by RCU or after an IPI (riscv64). A finding on an unmodified kernel is argued here from its run.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ArchName } from '../../engine/program/arch.js';
import type { Analysis } from '../../server/ide/analysis/analysis.js';
import { analysisOf, foundIn } from '../analysis.js';
import { type Edit, edited, gup } from '../kernel_text.js';
import { linesOf } from '../runs.js';
import { kernelTree, repositoryRoot } from '../trees.js';

function check(version: '6.12' | '6.1', arch: ArchName, edits: readonly Edit[] = []): Analysis {
	const text = edited(gup(version), edits);
	return analysisOf({ path: 'mm/gup.c', text, tree: kernelTree(version), arch });
}

const PLAIN_PTE: Edit = {
	in: 'gup_fast_pte_range',
	find: 'pte_t pte = ptep_get_lockless(ptep);',
	put: 'pte_t pte = READ_ONCE(*ptep);',
};
const PLAIN_PMD: Edit = {
	in: 'gup_fast_pmd_range',
	find: 'pmd_t pmd = pmdp_get_lockless(pmdp);',
	put: 'pmd_t pmd = READ_ONCE(*pmdp);',
};

describe('entries read in halves', () => {
	it.each([
		['gup_fast_pte_range', PLAIN_PTE],
		['gup_fast_pmd_range', PLAIN_PMD],
	] as const)('6.12 with READ_ONCE() in %s: torn on i386-pae alone', (fn, edit) => {
		const torn = check('6.12', 'i386-pae', [edit]);
		expect(foundIn(torn)).toEqual([`torn-entry@${fn}`]);
		expect(torn.unsupported).toEqual([]);
		const lines = linesOf(torn.findings[0]?.trace ?? ({ steps: [] as never[] } as never));
		const halves = lines.filter((line) => /^0 p[tm][ed]\[\d\] .*\((?:low|high) half\)$/.test(line));
		expect(halves.length).toBeGreaterThan(1);
		expect(foundIn(check('6.12', 'x86_64', [edit]))).toEqual([]);
	});

	it('6.1 reads the PMD with READ_ONCE(): fixed in 6.2 by 1180e732c985', () => {
		const analysis = check('6.1', 'i386-pae');
		// Half of a PMD that was there and half of the empty one name a table that never was: the walk reads its PTEs from
		// whatever lies there before it looks at the PMD again. PTEs of 6.1 are read by ptep_get_lockless(), which the tree
		// has, and are not torn.
		// 32-bit x86 has memfd_secret too: page_is_secretmem() is asked before the re-check there as well
		expect(foundIn(analysis)).toEqual([
			'racing-mapping@gup_pte_range',
			'torn-entry@gup_pmd_range',
			'unsafe-longterm-pin@gup_huge_pmd',
			'unsafe-longterm-pin@gup_pte_range',
		]);
		expect(analysis.unsupported).toEqual([]);
	});

	it('under lkmm entries are read in one piece, and the verdict says so', () => {
		const text = readFileSync(join(repositoryRoot, 'test/fixtures/holds/torn-entry.c'), 'utf8');
		const analysis = analysisOf({ text, arch: 'i386-pae', memory: 'lkmm', actors: ['reclaim'] });
		expect(analysis.functions.map((f) => f.verdict)).toEqual(['holds']);
		expect(analysis.functions[0]?.assumptions.map((a) => a.what)).toContain(
			'i386-pae with three page-table levels; entries are read in one piece under this memory model',
		);
	});

	it("the tree's own ptep_get_lockless() is what runs", () => {
		const { findings } = check('6.12', 'i386-pae', [PLAIN_PMD]);
		const [read] = findings[0]?.trace.steps.at(-1)?.frames ?? [];
		expect(read?.function).toBe('ptep_get_lockless');
		expect(read?.place.path).toBe('include/linux/pgtable.h');
	});
});

describe('levels folded at run time', () => {
	const edit = (fn: string, find: string, put: string): Edit => ({ in: fn, find, put });
	// a table whose last page cannot be made accessible, and what is handed out behind it: a PTE's page, a leaf's
	const known = ['pmd_leaf', 'pte_range', 'pud_leaf'].map((f) => `misplaced-page@gup_fast_${f}`);

	it.each([
		[
			'p4d',
			edit('gup_fast_p4d_range', 'p4d_offset_lockless(pgdp, pgd, addr)', 'p4d_offset(&pgd, addr)'),
		],
		[
			'pud',
			edit('gup_fast_pud_range', 'pud_offset_lockless(p4dp, p4d, addr)', 'pud_offset(&p4d, addr)'),
		],
	] as const)(
		'%s_offset() of a copy: the walk steps off it, and looks at it again instead of the table',
		(_, folded) => {
			// What d3f7b1bb2040 (5.9) fixed: on s390x the copy on the stack is what the walk goes on in. The next PUD is read from
			// behind it, and a PUD that maps a huge page is compared with itself.
			expect(foundIn(check('6.12', 's390x', [folded]))).toEqual([
				'bad-entry@gup_fast_pmd_range',
				...known.slice(0, 2),
				'stale-pin@gup_fast_pud_leaf',
			]);
			expect(foundIn(check('6.12', 'x86_64', [folded]))).toEqual([]);
		},
	);

	it('a page that a PTE maps is not pinned without arch_make_folio_accessible()', () => {
		const seldom = edit(
			'gup_fast_pte_range',
			'if (flags & FOLL_PIN) {',
			'if ((flags & FOLL_PIN) && (flags & FOLL_LONGTERM)) {',
		);
		expect(foundIn(check('6.12', 's390x', [seldom]))).toContain(
			'inaccessible-page@gup_fast_pte_range',
		);
		expect(foundIn(check('6.12', 'x86_64', [seldom]))).toEqual([]);
	});

	it('pmd_offset() reads the PUD again, unchecked, where it is the table that is read', () => {
		const again = edit(
			'gup_fast_pmd_range',
			'pmd_offset_lockless(pudp, pud, addr)',
			'pmd_offset(pudp, addr)',
		);
		expect(foundIn(check('6.12', 's390x', [again]))).toEqual([
			'bad-entry@gup_fast_pmd_range',
			...known,
		]);
		// PAE's helpers hand down a copy: there is nothing that could have changed in it
		expect(foundIn(check('6.12', 'i386-pae', [again]))).toEqual([]);
	});
});

describe('riscv64', () => {
	const withRcu: readonly Edit[] = [
		{ in: 'gup_fast', find: 'local_irq_save(flags);', put: 'flags = 0; rcu_read_lock();' },
		{ in: 'gup_fast', find: 'local_irq_restore(flags);', put: 'rcu_read_unlock();' },
	];

	it('a walk under rcu_read_lock() alone is not waited for where IPIs flush TLBs', () => {
		// arch/riscv/include/asm/pgalloc.h: riscv_tlb_remove_ptdesc() has tables freed after the flush where IPIs do it, and
		// no CPU with interrupts on keeps an IPI waiting. With interrupts off the walk holds: real_trees.test.ts.
		expect(foundIn(check('6.12', 'riscv64', withRcu))).toContain(
			'use-after-free@gup_fast_pte_range',
		);
	});
});
