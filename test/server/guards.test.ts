/**
 * Who needs each guard: a fixture in our own words with needed and unneeded ones, and the whole of Debian's 6.12 as it is, every
 * row argued. Adversaries and rules are those at least that must be among the answers; more may come with the model.
 */
import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Place } from '../../server/ide/analysis/analysis.js';
import { type AnalysedGuard, analyseGuards } from '../../server/ide/guards.js';
import { simulateFunction } from '../../server/ide/simulation.js';
import { realEngine } from '../../server/worker/engine.js';
import { type Given, requestOf } from '../analysis.js';
import { kernelTree, repositoryRoot } from '../trees.js';
import { bundle } from './bundle.js';

const OBSERVER = { cancelled: () => false };

function guardsIn(given: Given): readonly AnalysedGuard[] {
	return analyseGuards(realEngine, requestOf(given), { observer: OBSERVER });
}

/** A row of the table: `function: text` (the nth of that text), kind, and what is said of it. */
interface Row {
	readonly guard: string;
	readonly kind?: AnalysedGuard['kind'];
	/** `zap stale-pin`, `alone permission`. */
	readonly needed?: readonly string[];
	/** Texts of the guards any of which suffices in its place. */
	readonly covered?: readonly string[];
	readonly undecided?: AnalysedGuard['reason'];
	/** It acts, and nothing breaks without it. */
	readonly harmless?: true;
	/** Nobody else at all. */
	readonly only?: true;
}

function row(guards: readonly AnalysedGuard[], { guard, kind = 'check' }: Row): AnalysedGuard {
	const found = guards.filter((g) => `${g.function}: ${g.text}` === guard && g.kind === kind);
	expect(
		found.map((g) => g.text),
		guard,
	).toHaveLength(1);
	return found[0] as AnalysedGuard;
}

function holds(guards: readonly AnalysedGuard[], wanted: Row): void {
	const seen = row(guards, wanted);
	const needs = seen.needs.map((n) => `${n.actor ?? 'alone'} ${n.rule}`);
	if (wanted.needed !== undefined) {
		expect({ verdict: seen.verdict, needs }).toEqual({
			verdict: 'needed',
			needs: wanted.only ? wanted.needed : expect.arrayContaining([...wanted.needed]),
		});
	} else if (wanted.covered !== undefined) {
		const covered = seen.covered.map((c) => c.text);
		expect({ verdict: seen.verdict, covered }).toEqual({
			verdict: 'unneeded',
			covered: expect.arrayContaining([...wanted.covered]),
		});
	} else {
		const said = wanted.harmless ? ['unneeded', 'harmless'] : ['undecided', wanted.undecided];
		expect([seen.verdict, seen.reason]).toEqual(said);
	}
}

const PERMITTED = 'pte_access_permitted(pte, flags & FOLL_WRITE)';
const TWICE: readonly Row[] = [
	// without FOLL_PIN in mind the walk counts a pin as one reference, which the outcome shows
	{ guard: 'walk_ptes: flags & FOLL_PIN', needed: ['alone reference-underflow'] },
	{ guard: 'walk_ptes: pte_special(pte)', needed: ['alone bad-entry'] },
	// device pages are file pages here, or have no mapping: neither is anonymous
	{ guard: 'walk_ptes: pte_devmap(pte)', covered: ['PageAnon(page)'] },
	// PROT_NONE is not permitted either
	{ guard: 'walk_ptes: pte_protnone(pte)', covered: [PERMITTED] },
	{ guard: `walk_ptes: ${PERMITTED}`, needed: ['alone permission', 'zap bad-entry'] },
	// two pages are walked at most
	{ guard: 'walk_ptes: looked > 512', undecided: 'idle' },
	{ guard: 'walk_ptes: page_ref_count(page) < 0', needed: ['alone reference-overflow'] },
	{ guard: 'walk_ptes: get_page_unless_zero(page)', needed: ['zap reference-underflow'] },
	// the table that collapse took out of the tree still holds the entry
	{ guard: 'walk_ptes: pmd_val(pmd) != pmd_val(*pmdp)', needed: ['collapse stale-pin'] },
	// PageAnon() looks at ->mapping before the second comparison: the first is not made up for by it
	{
		guard: 'walk_ptes: pte_val(pte) != pte_val(ptep_get(ptep))',
		needed: ['zap racing-mapping', 'truncate racing-mapping'],
	},
	// the second one is
	{
		guard: 'walk_ptes: pte_same(pte, ptep_get(ptep))',
		covered: ['pte_val(pte) != pte_val(ptep_get(ptep))'],
	},
	{ guard: 'walk_ptes: PageAnon(page)', needed: ['alone secretmem-pin'] },
	{ guard: 'walk_ptes: ptep_get_lockless(ptep)', kind: 'read-once', needed: ['zap double-fetch'] },
	{ guard: 'walk_ptes: pte_unmap(table)', kind: 'undo', needed: ['alone unbalanced-map'] },
];

describe('a walk with guards that cover each other', () => {
	const text = readFileSync(join(repositoryRoot, 'test/fixtures/guards/twice.c'), 'utf8');
	let guards: readonly AnalysedGuard[] = [];
	beforeAll(() => {
		guards = guardsIn({ text });
	});

	it.each(TWICE)('$guard', (wanted) => holds(guards, wanted));

	it('takes neither the loop nor the counting for guards', () => {
		const texts = guards.map((g) => g.text);
		expect(texts.filter((t) => /addr != end|looked\+\+|PAGE_SIZE/.test(t))).toEqual([]);
	});

	it('gives runs that replay, without the guard and only so', () => {
		const needed = guards.filter((g) => g.verdict === 'needed');
		expect(needed.length).toBeGreaterThan(10);
		for (const { needs, function: name, place } of needed) {
			const [first] = needs;
			const wanted = { function: name, rule: null, trace: first?.trace ?? '' };
			const run = simulateFunction(realEngine, requestOf({ text }), wanted, OBSERVER);
			const said = run.trace === null ? null : run.finding;
			expect(said?.rule).toBe(first?.rule);
			expect(said?.message).toContain(`without line ${place.line} `);
			expect(run.trace?.steps.length).toBe(first?.steps);
			const own = { ...wanted, trace: wanted.trace.replace(/^without [^/]*\//, '') };
			const whole = simulateFunction(realEngine, requestOf({ text }), own, OBSERVER);
			expect(whole.trace === null ? null : whole.finding).toBeNull();
		}
	});

	it('says of a run without a guard that is gone why there is none', () => {
		const wanted = { function: 'walk_ptes', rule: null, trace: 'without walk_ptes.9999/0.0:0*3' };
		const run = simulateFunction(realEngine, requestOf({ text }), wanted, OBSERVER);
		expect(run).toMatchObject({ trace: null, why: expect.stringContaining('walk_ptes.9999') });
	});

	it('decides nothing when it is cancelled', () => {
		let asked = 0;
		let isExploring = false;
		const observer = {
			enter: (phase: string) => {
				isExploring = phase === 'exploring';
			},
			cancelled: () => isExploring && ++asked > 40,
		};
		const cut = analyseGuards(realEngine, requestOf({ text }), { observer });
		expect(cut.length).toBe(guards.length);
		expect(cut.filter((g) => g.verdict !== 'undecided')).toEqual([]);
		expect([...new Set(cut.map((g) => g.why))]).toEqual(['it was cancelled']);
	});
});

/** What a leaf above the PTE guards: the same at every level, as far as it can hold such pages. */
function leafRows(level: 'pmd' | 'pud' | 'pgd'): readonly Row[] {
	const leaf = `gup_fast_${level}_leaf`;
	const same = `${level}_val(orig) != ${level}_val(*${level}p)`;
	const permitted = `${level}_access_permitted(orig, flags & FOLL_WRITE)`;
	return [
		// a read-only leaf and FOLL_WRITE
		{
			guard: `${leaf}: ${permitted}`,
			needed: [level === 'pmd' ? 'alone shared-anon-pin' : 'alone permission'],
		},
		// NULL is dereferenced when the count was 0
		{ guard: `${leaf}: folio`, needed: ['truncate bad-entry', 'evict bad-entry'] },
		{
			guard: `${leaf}: ${same}`,
			needed: ['zap stale-pin', 'remap stale-pin', 'truncate stale-pin'],
		},
		{
			guard: `${leaf}: gup_fast_folio_allowed(folio, flags)`,
			needed: ['alone unsafe-longterm-pin'],
		},
		{
			guard: `${leaf}: gup_must_unshare(NULL, flags, &folio->page)`,
			needed: ['alone shared-anon-pin'],
		},
		...(level === 'pgd'
			? []
			: [
					{ guard: `${leaf}: ${level}_special(orig)`, needed: ['alone bad-entry'] },
					// a DAX page may not be pinned for long
					{ guard: `${leaf}: flags & FOLL_LONGTERM`, needed: ['alone unsafe-longterm-pin'] },
					{
						guard: `gup_fast_devmap_${level}_leaf: ${same}`,
						needed: ['zap stale-pin'],
					},
					{
						guard: `gup_fast_devmap_${level}_leaf: gup_fast_undo_dev_pagemap(nr, nr_start, flags, pages)`,
						kind: 'undo' as const,
						needed: ['zap stale-pin'],
					},
				]),
		...(level === 'pmd' ? [{ guard: `${leaf}: ${same}`, needed: ['fork permission'] }] : []),
	];
}

const PTE = 'gup_fast_pte_range';
/** What fails in the range of one entry ends the walk: the next entry's page would land in the place of the one that failed. */
const BEHIND: readonly string[] = [
	'gup_fast_pud_range: gup_fast_pud_leaf(pud, pudp, addr, next, flags, pages, nr)',
	'gup_fast_pud_range: gup_fast_pmd_range(pudp, pud, addr, next, flags, pages, nr)',
	'gup_fast_p4d_range: gup_fast_pud_range(p4dp, p4d, addr, next, flags, pages, nr)',
	'gup_fast_pgd_range: gup_fast_pgd_leaf(pgd, pgdp, addr, next, flags, pages, nr)',
	'gup_fast_pgd_range: gup_fast_p4d_range(pgdp, pgd, addr, next, flags, pages, nr)',
];
const UNDO = 'gup_fast_undo_dev_pagemap(nr, nr_start, flags, pages)';
const KERNEL: readonly Row[] = [
	// RACES.md, question 1: freed and reused between reading the entry and taking the reference; fork write-protects
	{
		guard: `${PTE}: pte_val(pte) != pte_val(ptep_get(ptep))`,
		needed: [
			...['zap stale-pin', 'truncate stale-pin', 'reclaim stale-pin', 'ksm stale-pin'],
			...['split stale-pin', 'pgtable_free stale-pin', 'fork permission'],
		],
	},
	// collapse leaves the PTEs of the table it took out as they were: only the PMD shows it
	// deposit is a collapse and, later, the end of the huge page
	{
		guard: `${PTE}: pmd_val(pmd) != pmd_val(*pmdp)`,
		needed: ['collapse stale-pin', 'deposit stale-pin'],
		only: true,
	},
	// read again by the compiler, the entry that was checked is not the one that is followed
	{ guard: `${PTE}: ptep_get_lockless(ptep)`, kind: 'read-once', needed: ['zap double-fetch'] },
	// the kernel's own comment: pte_access_permitted() better should reject these pages either way
	{ guard: `${PTE}: pte_protnone(pte)`, covered: [PERMITTED] },
	{
		guard: `${PTE}: ${PERMITTED}`,
		needed: ['alone shared-anon-pin', 'zap bad-entry', 'fork shared-anon-pin'],
	},
	{ guard: `${PTE}: flags & FOLL_LONGTERM`, needed: ['alone unsafe-longterm-pin'] },
	{ guard: `${PTE}: pgmap`, needed: ['alone use-after-free'] },
	{ guard: `${PTE}: pte_special(pte)`, needed: ['alone bad-entry'] },
	{ guard: `${PTE}: folio`, needed: ['zap bad-entry', 'truncate bad-entry'] },
	// only the folio's mapping tells secretmem and dirty-tracked files
	{
		guard: `${PTE}: gup_fast_folio_allowed(folio, flags)`,
		needed: ['alone unsafe-longterm-pin', 'alone secretmem-pin'],
	},
	{
		guard: `${PTE}: gup_must_unshare(NULL, flags, page)`,
		needed: ['alone shared-anon-pin', 'ksm shared-anon-pin', 'fork shared-anon-pin'],
	},
	{ guard: `${PTE}: put_dev_pagemap(pgmap)`, kind: 'undo', needed: ['alone reference-leak'] },
	{ guard: `${PTE}: pte_unmap(ptem)`, kind: 'undo', needed: ['alone unbalanced-map'] },
	// the device of a page goes while pages before it were handed out: those are the process's own, and re-checked each
	{ guard: `${PTE}: ${UNDO}`, kind: 'undo', harmless: true },

	// the count: of an unmapped page it may be 0, of a tail page it is another folio's since the split, or since the
	// memory was put to use again
	{
		guard: 'try_get_folio: folio_ref_try_add(folio, refs)',
		needed: ['zap frozen-reference', 'reclaim frozen-reference', 'truncate frozen-reference'],
	},
	{
		guard: 'try_get_folio: page_folio(page) != folio',
		needed: ['split wrong-folio', 'reuse wrong-folio'],
	},
	{
		guard: 'try_get_folio: folio_put_refs(folio, refs)',
		kind: 'undo',
		needed: ['split reference-leak'],
	},
	{
		guard: 'try_get_folio: WARN_ON_ONCE(folio_ref_count(folio) < 0)',
		needed: ['alone reference-overflow'],
	},
	{ guard: 'try_grab_folio_fast: folio', needed: ['alone bad-entry', 'zap bad-entry'] },
	{
		guard: 'try_grab_folio_fast: folio_is_longterm_pinnable(folio)',
		needed: ['alone unsafe-longterm-pin'],
	},
	// the page has no mapping, which is looked at where CONFIG_SECRETMEM is set
	{
		guard: 'try_grab_folio_fast: is_pci_p2pdma_page(page)',
		covered: ['gup_fast_folio_allowed(folio, flags)'],
	},
	{
		guard: 'gup_fast_devmap_leaf: is_pci_p2pdma_page(page)',
		covered: ['is_pci_p2pdma_page(page)'],
	},
	// Dekker: pin, then look at the entry; reclaim clears the entry, then looks at the pins. Only weak memory shows it
	{
		guard: 'try_grab_folio_fast: smp_mb__after_atomic()',
		kind: 'barrier',
		needed: ['reclaim shared-anon-pin'],
	},

	// RACES.md, question 2, and the double read that the comment there forbids
	{
		guard: 'gup_fast_folio_allowed: mapping',
		needed: ['truncate racing-mapping', 'alone racing-mapping'],
	},
	{
		guard: 'gup_fast_folio_allowed: READ_ONCE(folio->mapping)',
		kind: 'read-once',
		needed: ['truncate racing-mapping', 'evict racing-mapping'],
	},
	{ guard: 'gup_fast_folio_allowed: secretmem_mapping(mapping)', needed: ['alone secretmem-pin'] },
	{
		guard: 'gup_fast_folio_allowed: shmem_mapping(mapping)',
		needed: ['alone unsafe-longterm-pin'],
	},
	// no page of a slab is mapped, none is KSM's or movable by a driver
	{ guard: 'gup_fast_folio_allowed: WARN_ON_ONCE(folio_test_slab(folio))', undecided: 'idle' },
	{
		guard: 'gup_fast_folio_allowed: return mapping_flags & PAGE_MAPPING_ANON;',
		kind: 'result',
		undecided: 'idle',
	},

	...leafRows('pmd'),
	...leafRows('pud'),
	...leafRows('pgd'),

	// a dying device's leaf; the second page of one whose count is 0 leaves the first behind, which nobody re-checks
	{ guard: 'gup_fast_devmap_leaf: pgmap', needed: ['alone use-after-free'] },
	{
		guard: 'gup_fast_devmap_leaf: put_dev_pagemap(pgmap)',
		kind: 'undo',
		needed: ['alone reference-leak'],
	},

	// pte_offset_map() looks at the PMD again (from 6.5 on) and says that there is no table
	{ guard: 'gup_fast_pmd_range: pmd_present(pmd)', covered: ['ptep'] },
	// of a PMD that is present and bad (pmd_bad()) __pte_offset_map() says so too, and nothing before asks for that
	{ guard: `${PTE}: ptep`, needed: ['alone bad-entry'] },
	{
		guard: 'gup_fast_pmd_range: pmd_protnone(pmd)',
		covered: ['pmd_access_permitted(orig, flags & FOLL_WRITE)'],
	},
	// the page of the second table lands in the place of the first's
	{
		guard: 'gup_fast_pmd_range: gup_fast_pte_range(pmd, pmdp, addr, next, flags, pages, nr)',
		needed: ['zap misplaced-page'],
	},
	...BEHIND.map((guard): Row => ({ guard, needed: ['zap misplaced-page'] })),
	// a device that goes away, told as success on the way up
	...['gup_fast_devmap_pmd_leaf', 'gup_fast_devmap_pud_leaf'].map(
		(fn): Row => ({
			guard: `${fn}: gup_fast_devmap_leaf(fault_pfn, addr, end, flags, pages, nr)`,
			needed: ['alone misplaced-page'],
		}),
	),
	{
		guard: 'gup_fast_pmd_range: pmdp_get_lockless(pmdp)',
		kind: 'read-once',
		needed: ['collapse bad-entry'],
	},
	{
		guard: 'gup_fast_pud_range: pud_present(pud)',
		needed: ['alone bad-entry', 'pgtable_free bad-entry'],
	},
	// folded into the pgd: only another read of the same entry
	{ guard: 'gup_fast_p4d_range: p4d_present(p4d)', needed: ['pgtable_free bad-entry'] },

	// RACES.md, question 3: what interrupts off buys is page tables and, by RCU, inodes
	{
		guard: 'gup_fast: local_irq_save(flags)',
		kind: 'section',
		needed: ['pgtable_free use-after-free', 'evict use-after-free'],
	},
	{ guard: 'gup_fast: seq & 1', needed: ['fork fork-pin'], only: true },
	{
		guard: 'gup_fast: read_seqcount_retry(&current->mm->write_protect_seq, seq)',
		needed: ['fork fork-pin'],
		only: true,
	},
	{
		guard: 'gup_fast: gup_fast_unpin_user_pages(pages, nr_pinned)',
		kind: 'undo',
		needed: ['fork reference-leak'],
		only: true,
	},
	// the harness calls with ranges that are permitted
	{ guard: 'gup_fast: gup_fast_permitted(start, end)', undecided: 'idle' },
];

/** What the command line prints: it takes a while, so a process of its own does it. */
async function printed(...args: readonly string[]): Promise<{ status: number; out: string }> {
	const programs = await bundle({ cli: 'server/cli.ts' });
	try {
		return await new Promise((settle) => {
			const options = { encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
			execFile(process.execPath, [join(programs, 'cli.js'), ...args], options, (error, out) =>
				settle({ status: typeof error?.code === 'number' ? error.code : 0, out }),
			);
		});
	} finally {
		rmSync(dirname(programs), { recursive: true, force: true });
	}
}

interface Printed {
	readonly files: readonly {
		readonly guards: readonly (Omit<AnalysedGuard, 'place' | 'needs'> & {
			readonly line: number;
			readonly neededBy: AnalysedGuard['needs'];
		})[];
	}[];
}

describe('6.12 as it is', () => {
	let guards: readonly AnalysedGuard[] = [];
	let output: Printed = { files: [] };
	beforeAll(async () => {
		const tree = kernelTree('6.12');
		const { status, out } = await printed('guards', join(tree, 'mm/gup.c'), '--format', 'json');
		expect(status).toBe(3);
		output = JSON.parse(out) as Printed;
		guards = output.files.flatMap((file) =>
			file.guards.map((g) => ({ ...g, needs: g.neededBy, place: { line: g.line } as Place })),
		);
	});

	it('prints what the schema says', () => {
		const schema = readFileSync(join(repositoryRoot, 'schema/guards.schema.json'), 'utf8');
		const validate = new Ajv2020({ strict: true, allErrors: true }).compile(
			JSON.parse(schema) as object,
		);
		validate(output);
		expect(validate.errors).toBeNull();
	});

	it.each(KERNEL)('$kind $guard', (wanted) => holds(guards, wanted));

	it('needs every reference that is given back on the way out', () => {
		const puts = guards.filter(
			(g) => g.kind === 'undo' && /^(gup_put_folio|folio_put_refs)/.test(g.text),
		);
		expect(puts.length).toBeGreaterThan(10);
		for (const put of puts) {
			expect([put.place.line, put.verdict]).toEqual([put.place.line, 'needed']);
			expect([...new Set(put.needs.map((n) => n.rule))]).toEqual(['reference-leak']);
		}
	});

	it('leaves nothing open for a limit or for code that was not understood', () => {
		expect(guards.filter((g) => g.reason === 'open')).toEqual([]);
	});

	it('knows the guards of nothing that only runs once the walk has given up', () => {
		const undoing = ['gup_fast_undo_dev_pagemap', 'gup_put_folio', 'gup_fast_unpin_user_pages'];
		expect(guards.filter((g) => undoing.includes(g.function))).toEqual([]);
	});
});
