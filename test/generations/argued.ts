/**
 * What racewalk finds in kernels as they are, each finding argued from its run: the table that `npm run trees`, the tests
 * and docs/generations.md share. A finding on unmodified code that no entry here argues is a failure.
 */
import type { Rule } from '../../engine/rules/verdict.js';

/** One generation of the walk. */
export interface Generation {
	/** As the tree's Makefile or its folder says: `6.12`. */
	readonly version: string;
	readonly dialect: string;
	/** What was read when its row was written down. */
	readonly read: string;
	/** Architectures that walk in a file of their own. */
	readonly elsewhere?: readonly string[];
}

export const GENERATIONS: readonly Generation[] = [
	{
		version: '4.19',
		dialect: 'get_user_pages_fast',
		read: 'a published 4.19, the walk\u2019s part of mm/gup.c and the headers it needs',
		elsewhere: ['s390x'],
	},
	{
		version: '5.4',
		dialect: 'get_user_pages_fast',
		read: 'a published 5.4.286, the walk\u2019s part of mm/gup.c and the headers it needs',
	},
	{
		version: '5.10',
		dialect: 'lockless_pages_from_mm',
		read: 'Debian 11, linux-source-5.10 5.10.262-1',
	},
	{
		version: '5.15',
		dialect: 'lockless_pages_from_mm',
		read: 'the walk of a published 5.15.y over the headers of 5.10',
	},
	{ version: '6.1', dialect: 'lockless_pages_from_mm', read: 'Debian 12, linux-source-6.1' },
	{
		version: '6.6',
		dialect: 'lockless_pages_from_mm',
		read: 'the walk of a published 6.6.y over the headers of 6.12',
	},
	{ version: '6.12', dialect: 'gup_fast', read: 'Debian 12, linux-source-6.12' },
	{ version: '7.2', dialect: 'gup_fast', read: 'Debian unstable, linux-source-7.2 7.2.13-1' },
	{
		version: '7.3',
		dialect: 'gup_fast',
		read: 'Debian 13 backports, linux-source-7.3 7.3.4-1~bpo13+1',
	},
];

/** Findings of one kind that one argument covers. */
export interface Argued {
	readonly rule: Rule;
	readonly functions: readonly string[];
	readonly versions: readonly string[];
	/** Only on this architecture; none: on all on which the code is reached, and always on x86_64. */
	readonly arch?: 's390x' | 'i386-pae';
	/** When it is not there although the version fits; none: it must be found. */
	readonly unless?: string;
	/** From the run: who does what, why it is no false alarm, what became of it. */
	readonly why: string;
}

const LEAVES = ['gup_huge_pmd', 'gup_huge_pud', 'gup_huge_pgd'] as const;

export const ARGUED: readonly Argued[] = [
	{
		rule: 'stale-pin',
		functions: ['gup_pte_range'],
		versions: ['4.19', '5.4'],
		unless: 'the tree\u2019s khugepaged sends tlb_remove_table_sync_one()',
		why: 'The walk has read the PMD and gone down into the page table. khugepaged clears the PMD; the detached table keeps its entries until the copy is done. The walk reads its entry there, takes the reference and finds the entry unchanged, for it compares nothing else. It hands out a page whose content khugepaged is about to copy into the new huge page: what is written through the reference is lost. A TLB flush that waits for an IPI keeps khugepaged behind the walk; broadcast invalidation and paravirtual flushes do not wait. 70cbc3cc78a9 had the walk compare the PMD too (in 5.10 and 5.15 by their stable updates), 2ba99c5e0881 had khugepaged send an IPI; a tree that has the IPI and not the comparison is explored without khugepaged.',
	},
	{
		rule: 'stale-pin',
		functions: ['gup_huge_pmd'],
		versions: ['4.19', '5.4'],
		unless: 'the tree\u2019s huge_pmd_unshare() waits for an IPI, or does not share tables',
		why: 'Two processes share a table of PMDs for a hugetlb mapping. The walk has read the PUD and gone down into that table. huge_pmd_unshare() clears the PUD, flushes the TLB, and does not wait; the other process goes on using the table for pages of its own. The walk reads a PMD there, takes the reference and finds the PMD unchanged. It hands out a page of a mapping that is no longer there. 1013af4f585f (CVE-2025-38085) waits with tlb_remove_table_sync_one() in huge_pmd_unshare().',
	},
	{
		rule: 'wrong-folio',
		functions: ['gup_pte_range'],
		versions: ['4.19', '5.4'],
		why: 'The entry maps a tail page. The walk looks up its head; then the huge page is split: entry unmapped, count frozen, tails made pages of their own, entry put back with the value it had. The reference lands on the old head, the entry is as it was, and the page handed out is another one, on which nobody holds a reference. c24d37322548 looks the head up again once the reference is held.',
	},
	{
		rule: 'reference-overflow',
		functions: ['gup_pte_range'],
		versions: ['4.19'],
		why: 'No concurrent CPU is needed: the count of the page has been driven beyond its range and is negative, page_cache_get_speculative() refuses only zero, and the walk adds one more, so that the count can be brought round to zero while the page is in use. 8fde12ca79af refuses pages whose count is not positive.',
	},
	{
		rule: 'reference-overflow',
		functions: [...LEAVES],
		versions: ['4.19'],
		why: 'The same for the leaves above the PTE: page_cache_add_speculative() refuses only zero.',
	},
	{
		rule: 'reference-overflow',
		functions: ['__gup_device_huge'],
		versions: ['4.19', '5.4'],
		why: 'The same for the pages under a huge device entry: get_page() adds whatever the count is. 5.10 asks first, in try_grab_page().',
	},
	{
		rule: 'unsafe-longterm-pin',
		functions: ['gup_pte_range', ...LEAVES],
		versions: ['5.4', '5.10', '5.15', '6.1'],
		why: 'No race is needed: asked for a long-term pin for writing, the walk takes a writable entry of a file whose filesystem tracks dirtiness and hands its page out; nothing on the way asks what kind of page it is. Writeback later write-protects and cleans the page, and the device goes on writing behind the filesystem\u2019s back. The slow path of these kernels granted such pins too. a6e79df92e4a added the check to the fast path, at all four levels. In 5.4 the request is FOLL_LONGTERM alone, since FOLL_PIN came with 5.6; in 4.19 the fast path cannot be asked.',
	},
	{
		rule: 'shared-anon-pin',
		functions: ['gup_pte_range', 'gup_huge_pmd', 'gup_huge_pud'],
		versions: ['5.10', '5.15'],
		why: 'After a fork() the page is shared with the child and write-protected. The walk is asked for a pin for reading, finds a present entry, and pins. The next write of the process to that address copies the page, so that the process sees the copy and the device goes on reading the page the child now has to itself. These kernels have no way to tell (PageAnonExclusive came with 5.19), and their documentation calls such pins unreliable; the harm is as the rule says all the same, so it is reported: a7f226604170 made the walk ask, and leave such pages to a fault that unshares them. 4.19 and 5.4 have no pins.',
	},
	{
		rule: 'shared-anon-pin',
		functions: ['gup_huge_pgd'],
		versions: ['5.10', '5.15', '6.1'],
		why: 'The same for leaves in the PGD, which powerpc64 had for hugetlb. When the other levels learned to ask in 5.19 this one was forgotten; a later fix (linux-mm, 6 May 2023) added it. x86_64 has no such leaves; they are explored there and the verdict lists that as an assumption.',
	},
	{
		rule: 'bad-entry',
		functions: ['gup_pmd_range'],
		versions: ['4.19', '5.4'],
		why: 'No concurrent CPU is needed: the PUD holds a migration or hwpoison entry of a huge page of 1 GB, which is neither empty nor present. gup_pud_range() asks only whether it is empty, takes it for the address of a PMD table and reads there, at an address made of a swap offset. 15494520b776 asks whether it is present.',
	},
	{
		rule: 'reference-leak',
		functions: ['__gup_device_huge_pmd', '__gup_device_huge_pud'],
		versions: ['5.10'],
		why: 'A huge device entry is walked page by page, one reference on the device\u2019s pagemap for all. When try_grab_page() refuses a page (its count has overflowed) the pages are put and the function returns, without put_dev_pagemap(): the device can never be removed. 5.15 leaves the loop instead of the function and puts the pagemap there.',
	},
	{
		rule: 'racing-mapping',
		functions: ['gup_pte_range'],
		versions: ['5.15', '6.1', '6.6'],
		why: 'Between reading the entry and taking the reference the page is unmapped, freed and given to somebody else. page_is_secretmem() (folio_is_secretmem() in 6.6) then reads the mapping of the new owner, because it stands before the re-check of the entry. The mapping belongs to another file, possibly one that nothing keeps alive; that only its a_ops are compared, and that the entry is found changed afterwards, is what has kept it harmless. f002882ca369 moved the check after the re-check.',
	},
	{
		rule: 'racing-mapping',
		functions: ['gup_fast_folio_allowed'],
		versions: ['7.3'],
		why: 'A NULL mapping is taken as proof that the folio is no secretmem folio. In the run the walk holds its reference and has found the entry unchanged; then the owner unmaps the secretmem file and its last reference goes: eviction truncates it, so that the mapping becomes NULL, and the walk reads it then. It hands the folio out before secretmem_free_folio() has put it back into the kernel\u2019s direct map and wiped it; access in that window faults or reads the secret. It needs a TLB flush that does not wait for the walk, and the window is a few instructions wide; the claim of the comment (\u201csecretmem folios always have a valid mapping\u201d) is false all the same, and its reviewers asked about exactly this case. 6.12 and 7.2 leave every NULL mapping to the slow path.',
	},
	{
		rule: 'misplaced-page',
		functions: [
			...['gup_pte_range', 'gup_fast_pte_range'],
			...['gup_huge_pmd', 'gup_fast_pmd_leaf', 'gup_huge_pud', 'gup_fast_pud_leaf'],
		],
		versions: ['5.10', '5.15', '6.1', '6.6', '6.12'],
		arch: 's390x',
		why: 'arch_make_page_accessible() fails with a negative number, which the PTE walker returns; its caller tests for zero only, takes it for success and goes on with the next table. The page of that table, or of a huge page that stands there, lands in the place of the one that failed: pages[] is one short without saying which. Elsewhere the function is constant 0. In 7.2 the walker returns 0.',
	},
	{
		rule: 'torn-entry',
		functions: ['gup_pmd_range'],
		versions: ['4.19', '5.4', '5.10', '5.15', '6.1'],
		arch: 'i386-pae',
		why: 'READ_ONCE() of a 64-bit PMD is two loads there. The walk has the low half, with the present bit; khugepaged (or munmap, or truncation) clears the PMD; the walk loads the high half, which is zero, and goes down into a table made of the two. The PTE is read with gup_get_pte(), later ptep_get_lockless(), which looks at the low half again. 6.6 reads the PMD so too, with pmdp_get_lockless().',
	},
];

/** `rule@function` of what must be found, and of what may be. */
export function arguedFor(
	version: string,
	arch: string,
): { readonly required: readonly string[]; readonly allowed: readonly string[] } {
	const here = ARGUED.filter(
		(a) => a.versions.includes(version) && (a.arch === undefined || a.arch === arch),
	);
	const keys = (list: readonly Argued[]) =>
		list.flatMap((a) => a.functions.map((fn) => `${a.rule}@${fn}`)).sort();
	const required = here.filter((a) => a.unless === undefined && a.arch === undefined);
	return { required: arch === 'x86_64' ? keys(required) : [], allowed: keys(here) };
}
