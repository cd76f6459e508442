/**
 * Questions about the protocol, answered by runs of the real walk (6.12): each test asks, lets the engine run, prints the
 * run it found.
 */
import { describe, expect, it } from 'vitest';
import type { WhatIf } from '../../engine/check/what_ifs.js';
import type { AnalysedTrace } from '../../server/ide/analysis/analysis.js';
import { twoColumn } from '../../server/ide/two_column.js';
import { analysisOf, foundIn, type Given, runOf } from '../analysis.js';
import { type Edit, edited, gup } from '../kernel_text.js';
import { happens, linesOf, runsOf } from '../runs.js';
import { kernelTree } from '../trees.js';

const ANON = 'anon page, exclusive, writable';
const FILE = 'page of a filesystem with dirty tracking, writable';
const GET = 'FOLL_GET|FOLL_WRITE';
const HANDED_OUT = /^0 pages\[0\] →/;

const RECHECK: Edit = {
	in: 'gup_fast_pte_range',
	find: /\n\t\tif \(unlikely\(pmd_val[\s\S]*?\n\t\t\}/,
	put: '',
};
const HUGE_RECHECK: Edit = {
	in: 'gup_fast_pmd_leaf',
	find: /\n\tif \(unlikely\(pmd_val[\s\S]*?\n\t\}/,
	put: '',
};
const INTERRUPTS_ON: readonly Edit[] = [
	{ in: 'gup_fast', find: 'local_irq_save(flags);', put: '' },
	{ in: 'gup_fast', find: 'local_irq_restore(flags);', put: '' },
];
const RCU_INSTEAD: readonly Edit[] = [
	{ in: 'gup_fast', find: 'local_irq_save(flags);', put: 'rcu_read_lock();' },
	{ in: 'gup_fast', find: 'local_irq_restore(flags);', put: 'rcu_read_unlock();' },
];

/** The 6.12 walk with edits. */
function walk(edits: readonly Edit[], more: Partial<Given> = {}): Given {
	return { path: 'mm/gup.c', text: edited(gup('6.12'), edits), tree: kernelTree('6.12'), ...more };
}

interface Asked {
	readonly walk: Given;
	/** World, flags, adversary. */
	readonly scenario: readonly string[];
	/** What must happen in this order. */
	readonly passes: readonly RegExp[];
}

/** All runs in which that happens, the first of them printed. */
function check(asked: Asked, title: string): readonly AnalysedTrace[] {
	const runs = [...runsOf(asked.walk, asked.scenario)].filter((run) => happens(run, asked.passes));
	const [first] = runs;
	if (first !== undefined) print(title, `${first.scenario}\n\n${twoColumn(first, { width: 100 })}`);
	return runs;
}

function print(title: string, text: string): void {
	console.log(`\n${title}\n${text}\n`);
}

function handsOut(run: AnalysedTrace): boolean {
	return linesOf(run).some((line) => HANDED_OUT.test(line));
}

describe('1. can a page just pinned have been freed and reused meanwhile, when nobody waits for the walk?', () => {
	const reused = [
		/^0 pte\[1\] pfn 8/,
		/^1 pte\[1\] .*→ none/,
		/^1 folio#8 is allocated to a page-cache page of another file/,
		/^0 folio#8\._refcount \d+ → /,
	];

	it('without the second look at the entry: yes, and nobody notices', () => {
		const runs = check(
			{ walk: walk([RECHECK]), scenario: [ANON, GET, 'zap'], passes: [...reused, HANDED_OUT] },
			'a page of another file is handed out',
		);
		expect(runs.length).toBeGreaterThan(0);
		const { findings } = analysisOf(walk([RECHECK], { actors: ['zap'] }));
		const finding = findings.find((f) => f.rule === 'stale-pin');
		expect(finding?.function).toBe('gup_fast_pte_range');
		if (finding !== undefined) print('the shortest run', runOf(finding));
	});

	it('with it: yes, but never undetected', () => {
		const runs = check(
			{ walk: walk([]), scenario: [ANON, GET, 'zap'], passes: reused },
			'freed, reused, referenced, noticed',
		);
		expect(runs.length).toBeGreaterThan(0);
		expect(runs.filter(handsOut)).toEqual([]);
		for (const run of runs) expect(happens(run, [/^0 folio#8\._refcount 2 → 1/])).toBe(true);
		expect(analysisOf(walk([], { actors: ['zap'] })).findings).toEqual([]);
	});
});

describe('2. can folio->mapping become NULL after the entry was found stable?', () => {
	it('yes; the walk rejects the folio, gives the reference back and leaves it to the slow path', () => {
		const runs = check(
			{
				walk: walk([]),
				scenario: [FILE, GET, 'truncate'],
				passes: [
					/^0 folio#8\._refcount 2 → 3/,
					/^0 pte\[1\] pfn 8/,
					/^1 folio#8\.mapping → NULL/,
					/^0 folio#8\.mapping NULL/,
				],
			},
			'truncated behind the second look',
		);
		expect(runs.length).toBeGreaterThan(0);
		expect(runs.filter(handsOut)).toEqual([]);
		for (const run of runs) {
			expect(happens(run, [/^0 folio#8\.mapping NULL/, /^0 folio#8\._refcount \d → \d/])).toBe(
				true,
			);
		}
		expect(analysisOf(walk([], { actors: ['truncate'] })).findings).toEqual([]);
	});
});

describe('3. what does disabling interrupts buy?', () => {
	const RCU = { CONFIG_MMU_GATHER_RCU_TABLE_FREE: 'y', CONFIG_PARAVIRT: 'n' };
	const IPI = { CONFIG_MMU_GATHER_RCU_TABLE_FREE: 'n', CONFIG_PARAVIRT: 'n' };
	/** Which of the two is decided at boot: arch/x86/kernel/paravirt.c, native_tlb_remove_table(). */
	const EITHER = { CONFIG_MMU_GATHER_RCU_TABLE_FREE: 'y', CONFIG_PARAVIRT: 'y' };
	const ARM: Partial<Given> = { arch: 'arm64' };
	const S390: Partial<Given> = { arch: 's390x' };
	const POWER: Partial<Given> = { arch: 'powerpc64' };
	/** Tables are freed after the IPI of the TLB flush there: no CONFIG_MMU_GATHER_RCU_TABLE_FREE without PARAVIRT. */
	const PAE: Partial<Given> = { arch: 'i386-pae' };
	const cases: readonly (readonly [string, readonly WhatIf[], Partial<Given>, boolean])[] = [
		['interrupts off, tables freed by RCU', [], { set: RCU }, true],
		['interrupts off, tables freed after an IPI', [], { set: IPI }, true],
		['interrupts off, either of the two', [], { set: EITHER }, true],
		['interrupts off, arm64', [], ARM, true],
		['interrupts off, s390x', [], S390, true],
		['interrupts off, powerpc64', [], POWER, true],
		['interrupts off, i386-pae', [], PAE, true],
		// on: nobody waits for the walk, whatever they wait for
		['interrupts on, tables freed by RCU', ['interrupts-on'], { set: RCU }, false],
		['interrupts on, tables freed after an IPI', ['interrupts-on'], { set: IPI }, false],
		['interrupts on, either of the two', ['interrupts-on'], { set: EITHER }, false],
		['interrupts on, arm64', ['interrupts-on'], ARM, false],
		['interrupts on, s390x', ['interrupts-on'], S390, false],
		['interrupts on, powerpc64', ['interrupts-on'], POWER, false],
		['interrupts on, i386-pae', ['interrupts-on'], PAE, false],
		// an IPI is answered inside an RCU section; call_rcu() waits for it, but a table for which there is no memory to batch
		// it is freed right after an IPI: mm/mmu_gather.c, tlb_remove_table_one()
		['rcu_read_lock(), tables freed by RCU', ['rcu-read-lock'], { set: RCU }, false],
		['rcu_read_lock(), tables freed after an IPI', ['rcu-read-lock'], { set: IPI }, false],
		['rcu_read_lock(), either of the two', ['rcu-read-lock'], { set: EITHER }, false],
		['rcu_read_lock(), arm64', ['rcu-read-lock'], ARM, false],
		['rcu_read_lock(), s390x', ['rcu-read-lock'], S390, false],
		['rcu_read_lock(), powerpc64', ['rcu-read-lock'], POWER, false],
		['rcu_read_lock(), i386-pae', ['rcu-read-lock'], PAE, false],
		// a section with preemption off is an RCU reader since the flavours are one (5.0), and no more; the IPI is answered inside it
		['preempt_disable(), tables freed by RCU', ['preempt-disable'], { set: RCU }, false],
		['preempt_disable(), tables freed after an IPI', ['preempt-disable'], { set: IPI }, false],
		// the IPI is what interrupts off blocks where tables are not freed by RCU
		['no IPI, tables freed by RCU', ['no-ipi'], { set: RCU }, false],
		['no IPI, tables freed after an IPI', ['no-ipi'], { set: IPI }, false],
		['no IPI, either of the two', ['no-ipi'], { set: EITHER }, false],
		['no IPI, arm64: the table without a batch waits for one', ['no-ipi'], ARM, false],
		['no IPI, i386-pae', ['no-ipi'], PAE, false],
		// without RCU the TLB flush is what waits, where it needs an IPI
		['tables not freed by RCU, x86_64', ['no-rcu-table-free'], { set: RCU }, true],
		['tables freed at once, x86_64', ['no-rcu-table-free', 'no-ipi'], { set: RCU }, false],
		['tables not freed by RCU, arm64', ['no-rcu-table-free'], ARM, false],
		['tables not freed by RCU, s390x', ['no-rcu-table-free'], S390, false],
		['tables not freed by RCU, powerpc64', ['no-rcu-table-free'], POWER, false],
	];

	it.each(cases)('%s', (title, whatIf, more, isSafe) => {
		const { findings, functions } = analysisOf(
			walk([], { ...more, whatIf, actors: ['pgtable_free'] }),
		);
		const freed = findings.filter((f) => f.rule === 'use-after-free');
		expect(freed.length === 0).toBe(isSafe);
		// found whatever is taken away: on s390x a page that cannot be made accessible is reported as a success
		const others = findings.filter((f) => !freed.includes(f)).map((f) => f.rule);
		expect([...new Set(others)]).toEqual(more.arch === 's390x' ? ['misplaced-page'] : []);
		const walker = functions.find((f) => f.name === 'gup_fast_pte_range');
		expect(walker?.verdict).toBe(findings.length === 0 ? 'holds' : 'violated');
		expect(walker?.witness).not.toBeNull();
		const [finding] = freed;
		if (finding !== undefined) print(title, runOf(finding));
	});

	it.each([
		['interrupts-on', INTERRUPTS_ON, RCU],
		['rcu-read-lock', RCU_INSTEAD, IPI],
		['rcu-read-lock', RCU_INSTEAD, RCU],
		['no-recheck', [RECHECK, HUGE_RECHECK], RCU],
	] as const)('%s finds what it finds in the text with that edit', (name, edits, set) => {
		const actors = ['pgtable_free', 'zap', 'evict'];
		const taken = analysisOf(walk([], { whatIf: [name], set, actors }));
		const edited = analysisOf(walk(edits, { set, actors }));
		const where = (functions: readonly string[]) => (found: string) =>
			functions.some((f) => found.endsWith(`@${f}`));
		const inEdits = new Set(edits.map((e) => e.in));
		const compared = name === 'no-recheck' ? where([...inEdits]) : () => true;
		expect(foundIn(taken).filter(compared)).toEqual(foundIn(edited));
	});
});

describe('4. are the comments true?', () => {
	it('"the folio stays stable because interrupts are off": no, it is freed and reused', () => {
		const runs = check(
			{
				walk: walk([]),
				scenario: [ANON, GET, 'zap'],
				passes: [
					/^0 interrupts off/,
					/^0 pte\[1\] pfn 8/,
					/^1 folio#8\._refcount 1 → 0/,
					/^1 folio#8 is allocated/,
					/^0 interrupts on/,
				],
			},
			'freed and reused while interrupts are off',
		);
		expect(runs.length).toBeGreaterThan(0);
	});

	it('and its mapping changes even while a reference is held', () => {
		const runs = check(
			{
				walk: walk([]),
				scenario: [FILE, GET, 'truncate'],
				passes: [
					/^0 interrupts off/,
					/^0 folio#8\._refcount 2 → 3/,
					/^1 folio#8\.mapping → NULL/,
					/^0 folio#8\._refcount \d → \d/,
					/^0 interrupts on/,
				],
			},
			'truncated while interrupts are off and a reference is held',
		);
		expect(runs.length).toBeGreaterThan(0);
	});

	it('"the address_space cannot be freed": true while interrupts are off', () => {
		const { findings } = analysisOf(walk([], { actors: ['evict'] }));
		expect(findings).toEqual([]);
		const runs = check(
			{
				walk: walk([]),
				scenario: [FILE, GET, 'evict'],
				passes: [
					/^0 folio#8\.mapping &mapping:file/,
					/^1 an RCU grace period begins/,
					/^0 mapping:file\.a_ops/,
					/^0 interrupts on/,
					/^1 &mapping:file is freed/,
				],
			},
			'the inode waits for the walk',
		);
		expect(runs.length).toBeGreaterThan(0);
	});

	it('and untrue with interrupts on', () => {
		const { findings } = analysisOf(walk(INTERRUPTS_ON, { actors: ['evict'] }));
		const [finding] = findings.filter((f) => f.function === 'gup_fast_folio_allowed');
		expect(finding?.rule).toBe('use-after-free');
		if (finding !== undefined) print('the mapping of a huge page is freed', runOf(finding));
	});

	it('for a PTE pte_offset_map() alone would do: since 6.5 it holds rcu_read_lock()', () => {
		const small = { walk: walk(INTERRUPTS_ON), scenario: [FILE, GET, 'evict'] };
		const unmapped: readonly Edit[] = [
			{ in: 'gup_fast_pte_range', find: 'pte_offset_map(', put: 'pte_offset_kernel(' },
			{ in: 'gup_fast_pte_range', find: 'pte_unmap(ptem);', put: '' },
		];
		const freed = [
			/^0 folio#8\.mapping &mapping:file/,
			/^1 &mapping:file is freed/,
			/^0 mapping:file\.a_ops/,
		];
		expect(check({ ...small, passes: freed }, 'never printed')).toEqual([]);
		const without = { ...small, walk: walk([...INTERRUPTS_ON, ...unmapped]) };
		expect(check({ ...without, passes: freed }, 'without it').length).toBeGreaterThan(0);
	});
});
