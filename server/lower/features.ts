/**
 * Generation features that decide between two forms of a primitive, found in the tree where there is one, else in the
 * file's own way of calling it. Each is a macro that racewalk's primitives test.
 */
import { codeOnly } from '../syntax/preprocess/logical_lines.js';

/** Text of a file of the tree. */
interface TreeText {
	text(path: string): string | null;
}

/** Names of the features that hold. Neither comments nor strings say anything of it, of the file or of the tree. */
export function featuresOf(
	file: string,
	files: TreeText | null,
	config: ReadonlyMap<string, string> = new Map(),
): ReadonlySet<string> {
	const features = new Set<string>();
	const text = codeOnly(file);
	const tree = files === null ? null : codeOf(files);
	if (mapsUnderRcu(text, tree)) features.add('RACEWALK_PTE_MAP_RCU');
	if (unsharesWithoutVma(text)) features.add('RACEWALK_UNSHARE_WITHOUT_VMA');
	if (asksForCma(text, tree)) features.add('RACEWALK_CMA');
	if (longtermReadsLast(text, tree)) features.add('RACEWALK_LONGTERM_READS_LAST');
	if (tree === null || tree.text('include/linux/secretmem.h') !== null)
		features.add('RACEWALK_SECRETMEM');
	if (specialAboveEntries(text, tree)) features.add('RACEWALK_HUGE_SPECIAL');
	if (movesAnon(tree)) features.add('RACEWALK_ANON_MOVE');
	if (untagsMapping(tree)) features.add('RACEWALK_MAPPING_UNTAGGED');
	if (slabsLookMovable(tree)) features.add('RACEWALK_SLAB_LOOKS_MOVABLE');
	if (isolatesByFlag(tree)) features.add('RACEWALK_LRU_BY_FLAG');
	if (mapsPeerToPeer(text, tree)) features.add('RACEWALK_P2PDMA');
	if (marksDeviceEntries(tree)) features.add('RACEWALK_DEVMAP');
	else features.add('RACEWALK_COUNTED_DEVICE_PAGES');
	if (!isCollapseAwaited(text, tree, config)) features.add('RACEWALK_COLLAPSE_UNAWAITED');
	if (tree?.text('mm/khugepaged.c')?.includes('tlb_remove_table_sync_one()') === true)
		features.add('RACEWALK_COLLAPSE_IPI');
	if (freesOneAfterIpi(tree)) features.add('RACEWALK_TABLE_ONE_IPI');
	if (hasFlag('FOLL_PIN', text, tree)) features.add('RACEWALK_FOLL_PIN');
	if (hasFlag('FOLL_LONGTERM', text, tree)) features.add('RACEWALK_FOLL_LONGTERM');
	if (leavesZeroPageAlone(text, tree)) features.add('RACEWALK_ZERO_PAGE_NOT_PINNED');
	if (!/\bBUILD_BUG_ON\s*\(\s*pgd_(?:leaf|huge)\s*\(/.test(text)) features.add('RACEWALK_PGD_LEAF');
	return features;
}

/** The code of a tree's files, each read once. */
function codeOf(files: TreeText): TreeText {
	const read = new Map<string, string | null>();
	return {
		text(path) {
			const known = read.get(path);
			if (known !== undefined) return known;
			const text = files.text(path);
			const code = text === null ? null : codeOnly(text);
			read.set(path, code);
			return code;
		},
	};
}

/** Since 6.5 `__pte_offset_map()` (mm/pgtable-generic.c) holds rcu_read_lock() and may return NULL. */
function mapsUnderRcu(text: string, tree: TreeText | null): boolean {
	const generic = tree?.text('mm/pgtable-generic.c') ?? null;
	if (generic !== null)
		return /\b__pte_offset_map\s*\(/.test(generic) && generic.includes('rcu_read_lock()');
	// without a tree: callers check the result exactly since then
	return /(?<!\w)(\w{1,80})\s*=\s*pte_offset_map\s*\([^;]{0,200};\s*if\s*\(\s*(?:unlikely\s*\(\s*)?!\s*\1\b/.test(
		text,
	);
}

/** Until 6.2 gup_must_unshare() (include/linux/mm.h) took flags and page only. */
function unsharesWithoutVma(text: string): boolean {
	const call = /\bgup_must_unshare\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)/.exec(text);
	return call !== null && (call[1] ?? '').split(',').length === 2;
}

/**
 * Since 6.2 a long-term pin for reading sees what the process writes later, also where its mapping is private (84209e87c696
 * mm/gup: reliable R/O long-term pinning in COW mappings): gup_must_unshare() is given the vma for that. Before, drivers
 * asked for write access they did not need. A file alone must show that it is of these kernels.
 */
function longtermReadsLast(text: string, tree: TreeText | null): boolean {
	if (tree === null) return /\bgup_must_unshare\s*\(\s*NULL\b/.test(text);
	const places = ['mm/internal.h', 'include/linux/mm.h'].flatMap((path) => tree.text(path) ?? []);
	return places.some((t) => /\bgup_must_unshare\s*\(\s*struct vm_area_struct \*/.test(t));
}

/** Long-term pins are kept off CMA's memory (df3a0a21b698; folio_is_longterm_pinnable() in include/linux/mm.h); 5.4 and before do not ask. */
function asksForCma(text: string, tree: TreeText | null): boolean {
	const asks = /\bMIGRATE_CMA\b|\bis_migrate_cma_page\s*\(|_longterm_pinnable\b/;
	return [text, tree?.text('include/linux/mm.h') ?? ''].some((t) => asks.test(t));
}

/** Since 6.12 leaves above the pte can be special, without struct page (include/linux/mm.h, pmd_special()). */
function specialAboveEntries(text: string, tree: TreeText | null): boolean {
	const definitions = tree?.text('include/linux/mm.h') ?? text;
	return /\bp[mu]d_special\s*\(/.test(definitions);
}

/**
 * Up to 6.12 at least, entries of device pages carry a bit of their own (pte_devmap(), include/linux/mm.h). In 7.2 they
 * look like any other, and the references on the pages keep the device: mm/memremap.c, free_zone_device_folio().
 */
function marksDeviceEntries(tree: TreeText | null): boolean {
	const places = ['include/linux/mm.h', 'include/linux/pgtable.h', 'include/asm-generic/pgtable.h'];
	const texts = places.flatMap((path) => tree?.text(path) ?? []);
	return texts.length === 0 || texts.some((text) => /\bpte_devmap\s*\(/.test(text));
}

/**
 * FOLL_PIN came with 5.6, FOLL_LONGTERM for fast walks with 5.2; before, they were told only whether to write. Both stand
 * in include/linux/mm.h, later in mm_types.h.
 */
function hasFlag(flag: string, text: string, tree: TreeText | null): boolean {
	const headers = ['include/linux/mm.h', 'include/linux/mm_types.h'].flatMap(
		(path) => tree?.text(path) ?? [],
	);
	if (headers.length > 0) return [text, ...headers].some((t) => t.includes(flag));
	return text.includes(flag) || !/\bint write, struct page \*\*/.test(text);
}

/**
 * The walker of PTEs is given a PMD by value and not its place, so it cannot compare it again, and khugepaged waits for the
 * walk before it looks at the pages: by an IPI of its own (2ba99c5e0881; mm/khugepaged.c of 5.10), or because TLB flushes do
 * where page tables are freed after one (i386 with PAE).
 */
function isCollapseAwaited(
	text: string,
	tree: TreeText | null,
	config: ReadonlyMap<string, string>,
): boolean {
	const sends = tree?.text('mm/khugepaged.c')?.includes('tlb_remove_table_sync_one(') ?? false;
	const flushWaits = config.size > 0 && !config.has('CONFIG_MMU_GATHER_RCU_TABLE_FREE');
	const byValue =
		/\(\s*pmd_t \w+,\s*unsigned long[^{}]{0,200}\{(?:(?!\n\})[\s\S]){0,2000}?\bpte_offset_map\s*\(/;
	return (sends || flushWaits) && byValue.test(text);
}

/**
 * Whether a page table for which no batch can be had is freed right after an IPI (mm/mmu_gather.c, tlb_remove_table_one() of
 * 6.12 and before); 7.x defers that one by call_rcu() with CONFIG_PT_RECLAIM, which is on where it can be.
 */
function freesOneAfterIpi(tree: TreeText | null): boolean {
	return !(tree?.text('mm/mmu_gather.c')?.includes('__tlb_remove_table_one_rcu') ?? false);
}

/** Since 6.5 a pin leaves the zero page alone (include/linux/mm.h, is_zero_page()); before, it was pinned and unpinned like others. */
function leavesZeroPageAlone(text: string, tree: TreeText | null): boolean {
	const asks = /\bis_zero_(?:page|folio)\s*\(/;
	const header = tree?.text('include/linux/mm.h') ?? null;
	if (header !== null) return asks.test(header);
	// without a tree: a file that has the other side of the protocol too would ask there
	return asks.test(text) || !/^(?:void|static void) unpin_user_pages?\s*\(/m.test(text);
}

/** Since 6.2 peer-to-peer pages can be mapped to users, and FOLL_PCI_P2PDMA asks for them (include/linux/mm_types.h). */
function mapsPeerToPeer(text: string, tree: TreeText | null): boolean {
	const definitions = tree?.text('include/linux/mm_types.h') ?? text;
	return definitions.includes('FOLL_PCI_P2PDMA');
}

/** The list of slabs lies where a page has its mapping (mm/slab.h, struct slab, since 6.2): its cache comes first. */
function slabsLookMovable(tree: TreeText | null): boolean {
	const text = tree?.text('mm/slab.h') ?? '';
	const members = text.slice(Math.max(0, text.indexOf('struct slab {')));
	const cache = members.indexOf('slab_cache;');
	return cache >= 0 && cache < members.indexOf('slab_list;');
}

/** Since 5.11 PG_lru is cleared before the lock of the LRU is taken (mm/vmscan.c, isolate_lru_page()). */
function isolatesByFlag(tree: TreeText | null): boolean {
	const text = tree?.text('mm/vmscan.c') ?? null;
	return text === null || /\b(?:TestClearPageLRU|folio_test_clear_lru)\s*\(/.test(text);
}

/** Until 5.16 or so page_mapping() (mm/util.c) gave the address_space of a driver's movable page, without its tag. */
function untagsMapping(tree: TreeText | null): boolean {
	const body = /\bpage_mapping\(struct page \*page\)\s*\{[\s\S]*?\n\}/.exec(
		tree?.text('mm/util.c') ?? '',
	);
	return body?.[0].includes('~PAGE_MAPPING_FLAGS') ?? false;
}

/** Since 6.8 UFFDIO_MOVE gives a folio to another root anon_vma (mm/userfaultfd.c, move_present_pte()). */
function movesAnon(tree: TreeText | null): boolean {
	if (tree === null) return true;
	return tree.text('mm/userfaultfd.c')?.includes('folio_move_anon_rmap') ?? false;
}
