/**
 * What distinguishes generations of the kernel and decides between two forms of a primitive, between worlds, or whether an
 * adversary can act. Each is read from a definition in the tree where there is one, else from what the checked file's own walk
 * does, else it is a stated default: a row a fact.
 */
import {
	type Answer,
	assumed,
	collapseAnswer,
	devmapAnswer,
	flagAnswer,
	INTERNAL,
	IPI,
	isMaskOfFlags,
	KHUGEPAGED,
	MM,
	NO_TREE,
	slabAnswer,
	unless,
	where,
} from './answers.js';
import { type Ask, noting } from './ask.js';
import { isGiven, mentioning, nodesIn } from './definition.js';
import type { Fact } from './fact.js';
import { HAS_PINNED, silentCaller } from './pins_announced.js';
import { callerOf, checkerOfMap, isNull, namerOf, proverOfNoLeaf } from './walk_facts.js';

interface Row {
	readonly feature: string;
	/** As a sentence: what is so, and what is so where it does not hold. */
	readonly yes: string;
	readonly no: string;
	readonly read: (ask: Ask) => Answer;
}

const ROWS: readonly Row[] = [
	{
		// 6.5: __pte_offset_map() (mm/pgtable-generic.c) holds rcu_read_lock() and may return NULL
		feature: 'RACEWALK_PTE_MAP_RCU',
		yes: 'pte_offset_map() holds rcu_read_lock() until pte_unmap(), and may give NULL',
		no: 'pte_offset_map() always gives the table, and opens no RCU section',
		read(ask) {
			const generic = ['mm/pgtable-generic.c'];
			if (ask.has(generic)) {
				const map = ask.definition(['__pte_offset_map', '___pte_offset_map'], generic);
				const isRcu = map?.words.has('rcu_read_lock') === true;
				return { holds: isRcu, from: map, why: 'no __pte_offset_map() in mm/pgtable-generic.c' };
			}
			return where(checkerOfMap(ask.walk), 'the walk does not test what pte_offset_map() gives');
		},
	},
	{
		// until 6.2 (include/linux/mm.h) flags and page only
		feature: 'RACEWALK_UNSHARE_WITHOUT_VMA',
		yes: 'gup_must_unshare() is given no vma',
		no: 'gup_must_unshare() is given the vma, or is not there',
		read(ask) {
			const defined = ask.definition(['gup_must_unshare'], [INTERNAL, MM]);
			if (defined !== null) return { holds: defined.arity === 2, from: defined, why: '' };
			const call = callerOf(ask.walk, 'gup_must_unshare', (args) => args.length === 2);
			return where(call, 'the walk does not call it with two arguments');
		},
	},
	{
		// df3a0a21b698; 5.4 and before do not ask
		feature: 'RACEWALK_CMA',
		yes: "long-term pins are kept off CMA's memory",
		no: "long-term pins of CMA's memory are not refused",
		read(ask) {
			const names = ['MIGRATE_CMA', 'is_migrate_cma_page', ...LONGTERM_PINNABLE];
			const inTree =
				ask.definition(LONGTERM_PINNABLE, [MM]) ??
				ask.user(['MIGRATE_CMA', 'is_migrate_cma_page'], [MM]);
			return where(inTree ?? namerOf(ask.walk, names), 'nothing asks for MIGRATE_CMA');
		},
	},
	{
		// 6.2, 84209e87c696: gup_must_unshare() is given the vma for it; before, drivers asked for write access they did not need
		feature: 'RACEWALK_LONGTERM_READS_LAST',
		yes: 'a long-term pin for reading sees what the process writes later',
		no: 'a long-term pin for reading may see an old copy; drivers ask to write as well',
		read(ask) {
			if (!ask.hasTree) {
				const call = callerOf(ask.walk, 'gup_must_unshare', (args) => {
					const [vma] = args;
					return args.length === 3 && vma !== undefined && isNull(vma);
				});
				return where(call, 'the walk does not call gup_must_unshare() with a vma');
			}
			const defined = ask.definition(['gup_must_unshare'], [INTERNAL, MM]);
			const [first] = defined?.syntax()?.parameters ?? [];
			const holds = first !== undefined && isGiven(first, 'struct vm_area_struct', 'pointer');
			return { holds, from: defined, why: 'no gup_must_unshare() in mm/internal.h or mm.h' };
		},
	},
	{
		feature: 'RACEWALK_SECRETMEM',
		yes: 'there is secretmem',
		no: 'there is no secretmem',
		read(ask) {
			if (!ask.hasTree) return assumed(true);
			const own = 'include/linux/secretmem.h';
			// where all of mm/ is, a header that is not there is one that this kernel has not
			if (!ask.has([own]) && ask.has(['mm/Kconfig', 'mm/Makefile']))
				return assumed(false, `no ${own}`);
			if (!ask.has([own])) return where(ask.declaration('secretmem_aops', own), `no ${own}`);
			// mm/Kconfig: SECRETMEM depends on ARCH_HAS_SET_DIRECT_MAP, and who has that has the functions
			const header = `arch/${ask.archFolder}/include/asm/set_memory.h`;
			if (!ask.has([header]))
				return assumed(ask.config.has('CONFIG_SECRETMEM'), 'the tree has no set_memory.h');
			const declared = ask.declaration('set_direct_map_invalid_noflush', header);
			return where(declared, `no set_direct_map_invalid_noflush() in ${header}`);
		},
	},
	{
		// 6.12: pmd_special(), include/linux/mm.h
		feature: 'RACEWALK_HUGE_SPECIAL',
		yes: 'leaves above the PTE can be special, without struct page',
		no: 'only PTEs can be special',
		read(ask) {
			const names = ['pmd_special', 'pud_special'];
			if (ask.has([MM])) return where(ask.definition(names, [MM]), 'no pmd_special()');
			return where(namerOf(ask.walk, names), 'the walk does not ask pmd_special()');
		},
	},
	{
		// 6.8, mm/userfaultfd.c, move_present_pte()
		feature: 'RACEWALK_ANON_MOVE',
		yes: 'UFFDIO_MOVE gives a folio to another root anon_vma',
		no: 'a folio keeps its root anon_vma',
		read(ask) {
			if (!ask.hasTree) return assumed(true);
			const user = ask.user(['folio_move_anon_rmap'], ['mm/userfaultfd.c']);
			return where(user, 'mm/userfaultfd.c does not call folio_move_anon_rmap()');
		},
	},
	{
		// until 5.16 or so, mm/util.c
		feature: 'RACEWALK_MAPPING_UNTAGGED',
		yes: "page_mapping() gives the address_space of a driver's movable page",
		no: "page_mapping() gives NULL for a driver's movable page",
		read(ask) {
			const mapping = ask.definition(['page_mapping'], ['mm/util.c']);
			const syntax = mapping?.syntax() ?? null;
			const masks = syntax !== null && nodesIn(syntax.body).some(isMaskOfFlags);
			return { holds: masks, from: mapping, why: 'no page_mapping() in mm/util.c' };
		},
	},
	{
		// 6.2, mm/slab.h
		feature: 'RACEWALK_SLAB_LOOKS_MOVABLE',
		yes: 'the list of slabs lies where a page has its mapping',
		no: 'a slab has no list where a page has its mapping',
		read: slabAnswer,
	},
	{
		// 5.11, mm/vmscan.c, isolate_lru_page()
		feature: 'RACEWALK_LRU_BY_FLAG',
		yes: 'PG_lru is cleared before the lock of the LRU is taken',
		no: 'PG_lru is cleared under the lock of the LRU',
		read(ask) {
			if (!ask.has(['mm/vmscan.c'])) return assumed(true);
			const names = ['TestClearPageLRU', 'folio_test_clear_lru'];
			return where(ask.user(names, ['mm/vmscan.c']), 'mm/vmscan.c does not clear PG_lru so');
		},
	},
	{
		// 6.2, include/linux/mm_types.h
		feature: 'RACEWALK_P2PDMA',
		yes: 'P2PDMA pages can be mapped to users; FOLL_PCI_P2PDMA asks for them',
		no: 'P2PDMA pages are not mapped to users',
		read: (ask) => flagAnswer(ask, 'FOLL_PCI_P2PDMA'),
	},
	{
		// up to 6.12 at least; in 7.2 references on the pages keep the device: mm/memremap.c, free_zone_device_folio()
		feature: 'RACEWALK_DEVMAP',
		yes: 'entries of device pages carry a bit of their own',
		no: 'entries of device pages look like any other',
		read: devmapAnswer,
	},
	{
		feature: 'RACEWALK_COUNTED_DEVICE_PAGES',
		yes: 'references on its pages keep a device',
		no: 'a device is kept by the references of its dev_pagemap',
		read(ask) {
			const marked = devmapAnswer(ask);
			return { ...marked, holds: !marked.holds };
		},
	},
	{
		feature: 'RACEWALK_COLLAPSE_UNAWAITED',
		yes: 'khugepaged collapses a range while a walk is in it, and the walk has to see it',
		no: 'khugepaged waits for the walk, and the walker of PTEs cannot compare the PMD again',
		read: collapseAnswer,
	},
	{
		feature: 'RACEWALK_COLLAPSE_IPI',
		yes: 'khugepaged sends an IPI before it frees a page table',
		no: 'khugepaged sends no IPI before it frees a page table',
		read: (ask) => where(ask.user([IPI], [KHUGEPAGED]), `mm/khugepaged.c does not call ${IPI}()`),
	},
	{
		// 6.6, mm/pgtable-generic.c
		feature: 'RACEWALK_PTE_FREE_DEFER',
		yes: 'khugepaged frees the page tables of files by call_rcu()',
		no: 'khugepaged frees the page tables of files at once',
		read(ask) {
			if (!ask.hasTree) return assumed(true);
			const deferred = ask.user(['pte_free_defer'], [KHUGEPAGED]);
			return where(deferred, 'mm/khugepaged.c does not call pte_free_defer()');
		},
	},
	{
		// mm/mmu_gather.c, tlb_remove_table_one(); with CONFIG_PT_RECLAIM call_rcu() defers that one
		feature: 'RACEWALK_TABLE_ONE_IPI',
		yes: 'a page table for which there is no batch is freed right after an IPI',
		no: 'a page table for which there is no batch is freed by call_rcu()',
		read(ask) {
			const deferred = ask.definition(['__tlb_remove_table_one_rcu'], ['mm/mmu_gather.c']);
			return unless(deferred, 'no __tlb_remove_table_one_rcu() in mm/mmu_gather.c');
		},
	},
	{
		feature: 'RACEWALK_FOLL_PIN',
		yes: 'walks can be asked for pins (FOLL_PIN)',
		no: 'walks take references only: there is no FOLL_PIN',
		read: (ask) => flagAnswer(ask, 'FOLL_PIN'),
	},
	{
		// 5.10, mm/memory.c, copy_present_page(); later include/linux/mm.h, folio_needs_cow_for_dma()
		feature: 'RACEWALK_PINS_UNANNOUNCED',
		yes: 'a caller of the walk does not set MMF_HAS_PINNED before it pins: fork() does not look for its pins',
		no: 'fork() looks for pins where MMF_HAS_PINNED is set, and callers set it before they pin',
		read(ask) {
			if (!ask.hasTree) return assumed(false);
			const asked = ask.user(HAS_PINNED, [MM, 'mm/memory.c']);
			if (asked === null) return assumed(false, 'fork() does not ask for MMF_HAS_PINNED');
			const silent = silentCaller(ask);
			return { holds: silent !== null, from: silent ?? asked, why: '' };
		},
	},
	{
		feature: 'RACEWALK_FOLL_LONGTERM',
		yes: 'walks can be asked for long-term references (FOLL_LONGTERM)',
		no: 'walks cannot be asked for long-term references',
		read: (ask) => flagAnswer(ask, 'FOLL_LONGTERM'),
	},
	{
		// 6.5, include/linux/mm.h, is_zero_page(); before, it was pinned and unpinned like others
		feature: 'RACEWALK_ZERO_PAGE_NOT_PINNED',
		yes: 'a pin leaves the zero page alone',
		no: 'the zero page is pinned and unpinned like others',
		read(ask) {
			const names = ['is_zero_page', 'is_zero_folio'];
			if (ask.has([MM])) return where(ask.definition(names, [MM]), 'no is_zero_page() in mm.h');
			const user = mentioning(ask.file, names);
			if (user !== null) return where(user, '');
			// a file that has the other side of the protocol too would ask there
			const { functions } = ask.file;
			const unpins = functions.has('unpin_user_page') || functions.has('unpin_user_pages');
			return assumed(!unpins, unpins ? 'unpin_user_page() does not ask' : NO_TREE);
		},
	},
	...[
		['RACEWALK_PMD_HUGE', 'pmd_huge'],
		['RACEWALK_PUD_HUGE', 'pud_huge'],
		['RACEWALK_PUD_DEVMAP', 'pud_devmap'],
	].map(
		([feature = '', helper = '']): Row => ({
			feature,
			yes: `${helper}() looks at the entry`,
			no: `${helper}() is constant 0 under this configuration`,
			read(ask) {
				const defined = ask.definition([helper], []);
				return {
					holds: defined?.constant() !== 0,
					from: defined,
					why: `no ${helper}() is defined`,
				};
			},
		}),
	),
	{
		feature: 'RACEWALK_PGD_LEAF',
		yes: 'leaves in the PGD are explored',
		no: 'the compiler is told that nothing is a leaf in the PGD',
		read: (ask) => unless(proverOfNoLeaf(ask.walk), 'the walk has no BUILD_BUG_ON(pgd_leaf(pgd))'),
	},
];

const LONGTERM_PINNABLE = [
	'folio_is_longterm_pinnable',
	'is_longterm_pinnable_page',
	'is_pinnable_page',
];

export interface GenerationFact extends Fact {
	/** What it could not be looked for in (`the tree has no mm/util.c`), so that it is as in the newest kernels. */
	readonly lacks: readonly string[];
}

/**
 * All of them, in the order of the rows. `newest` is asked, without a tree, where nothing was found to read one from and a
 * place was not there, or none may be (`isPartial`): of a part of a tree it is not known what the rest has.
 */
export function generationFacts(
	ask: Ask,
	{ newest, isPartial }: { readonly newest: Ask | null; readonly isPartial: boolean },
): readonly GenerationFact[] {
	return ROWS.map(({ feature, yes, no, read }) => {
		const looked = new Set<string>();
		const told = read(noting(ask, (what) => looked.add(what)));
		const lacks = told.from === null && newest !== null ? [...looked] : [];
		const isOpen = lacks.length > 0 || (told.from === null && isPartial);
		const { holds, from, why } = isOpen && newest !== null ? read(newest) : told;
		const place = from === null ? null : { path: from.path, line: from.line, name: from.name };
		return {
			feature,
			holds,
			what: holds ? yes : no,
			from: place,
			why: place === null ? [...lacks, why].join('; ') : null,
			lacks,
		};
	});
}
