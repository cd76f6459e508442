/**
 * Fixed races around GUP-fast: what the kernel's history has taught, each as a pair of our own words under
 * test/fixtures/history/NAME, before and after the fix. Commit and subject of each were compared with public archives (stable
 * queues, mailing lists, gitweb pages); where no archive showed the hash, `commit` is null and `posted` says where the
 * patch stands.
 *
 * A pair is `before.c` and `after.c`; where the fix was in the adversary it is `walk.c` with `before.actor.c` and
 * `after.actor.c`.
 */
import type { Rule } from '../../engine/rules/verdict.js';
import type { Given } from '../analysis.js';

export interface Fixed {
	/** Folder of the pair: the first digits of the commit, 12 where an archive showed as many, then a word for it. */
	readonly name: string;
	readonly commit: string | null;
	/** For a commit whose hash was not verified: when and where the patch was posted. */
	readonly posted?: string;
	readonly subject: string;
	/** What went wrong, in one sentence. */
	readonly raced: string;
	/** Rule that finds it, or would. */
	readonly rule: Rule;
	/** Adversary of the run; null: it goes wrong without one. */
	readonly actor: string | null;
	/** On what it shows; absent: x86_64, sequential consistency. */
	readonly on?: Pick<Given, 'arch' | 'memory'>;
	/** Why the pair is not told apart. */
	readonly missed?: string;
}

export const FIXED: readonly Fixed[] = [
	{
		name: '70cbc3cc78a9-thp-collapse',
		commit: '70cbc3cc78a9',
		subject: 'mm: gup: fix the fast GUP race against THP collapse',
		raced:
			'khugepaged detaches the page table; its entries still look valid when the PTE is read again',
		rule: 'stale-pin',
		actor: 'collapse',
	},
	{
		name: '57efa1fe5957-fork',
		commit: '57efa1fe5957',
		subject: 'mm/gup: prevent gup_fast from racing with COW during fork',
		raced: 'fork() sees no pin yet and shares a page that is pinned a moment later',
		rule: 'fork-pin',
		actor: 'fork',
	},
	{
		name: '8fde12ca79af-count-overflow',
		commit: '8fde12ca79af',
		subject: 'mm: prevent get_user_pages() from overflowing page refcount',
		raced: 'references are taken until _refcount overflows, and the page is freed under its users',
		rule: 'reference-overflow',
		actor: null,
	},
	{
		name: 'c24d37322548-head-split',
		commit: 'c24d37322548',
		subject: 'mm/gup: fix try_grab_compound_head() race with split_huge_page()',
		raced: 'the huge page is split between looking up the head and referencing it',
		rule: 'wrong-folio',
		actor: 'split',
	},
	{
		name: 'd73af79742e7-get-page-unmapped',
		commit: 'd73af79742e7',
		subject: 'x86, mm, gup: prevent get_page() race with munmap in paravirt guest (stable only)',
		raced:
			'a TLB flush by hypercall does not wait for interrupts off: the page is freed before get_page()',
		rule: 'frozen-reference',
		actor: 'zap',
	},
	{
		name: 'df3a0a21b698-longterm-movable',
		commit: 'df3a0a21b698',
		subject: 'mm/gup: fix omission of check on FOLL_LONGTERM in gup fast path',
		raced: 'a long-term pin is granted on a page of CMA, which must be able to move',
		rule: 'unsafe-longterm-pin',
		actor: null,
	},
	{
		name: 'a6e79df92e4a-longterm-file',
		commit: 'a6e79df92e4a',
		subject: 'mm/gup: disallow FOLL_LONGTERM GUP-fast writing to file-backed mappings',
		raced: 'writeback cleans a page that a device goes on writing to through its pin',
		rule: 'unsafe-longterm-pin',
		actor: 'writeback',
	},
	{
		name: '65291dcfcf89-secretmem-batch',
		commit: '65291dcfcf89',
		subject: 'mm/secretmem: fix GUP-fast succeeding on secretmem folios',
		raced: 'a secretmem folio still waits in a batch of its CPU and is not on the LRU yet',
		rule: 'secretmem-pin',
		actor: 'zap',
	},
	{
		name: 'f002882ca369-mapping-after-recheck',
		commit: 'f002882ca369',
		subject:
			'mm: merge folio_is_secretmem() and folio_fast_pin_allowed() into gup_fast_folio_allowed()',
		raced:
			'the folio is judged before its entry is read again: the page may have been freed and reused',
		rule: 'racing-mapping',
		actor: 'zap',
	},
	{
		name: '79f9bc584314-secretmem-null',
		commit: '79f9bc584314',
		subject: 'mm/secretmem: fix NULL page->mapping dereference in page_is_secretmem()',
		raced: 'truncation or reclaim has set ->mapping to NULL when ->a_ops is read',
		rule: 'racing-mapping',
		actor: 'truncate',
	},
	{
		name: 'a7f226604170-unshare',
		commit: 'a7f226604170',
		subject: 'mm/gup: trigger FAULT_FLAG_UNSHARE when R/O-pinning a possibly shared anonymous page',
		raced: 'a page shared since a fork is pinned for reading and then copied away from the pin',
		rule: 'shared-anon-pin',
		actor: 'zap',
	},
	{
		name: 'nohash-unshare-pgd',
		commit: null,
		posted: 'linux-mm, 6 May 2023',
		subject: 'mm/gup: add missing gup_must_unshare() check to gup_huge_pgd()',
		raced: 'a shared huge page of the top level is pinned for reading',
		rule: 'shared-anon-pin',
		actor: 'zap',
	},
	{
		name: '088b8aa537c2-exclusive-barrier',
		commit: '088b8aa537c2',
		subject: 'mm: fix PageAnonExclusive clearing racing with concurrent RCU GUP-fast',
		raced:
			'without barriers the pin is taken and the flag cleared, and neither side sees the other',
		rule: 'shared-anon-pin',
		actor: 'ksm',
		on: { memory: 'lkmm' },
	},
	{
		name: '5805192c7b72-contiguous-hugetlb',
		commit: '5805192c7b72',
		subject: 'mm/gup: handle cont-PTE hugetlb pages correctly in gup_must_unshare() via GUP-fast',
		raced: 'a tail of a hugetlb page is asked for a flag that only heads have',
		rule: 'shared-anon-pin',
		actor: null,
		missed:
			'Nothing wrong is handed out: the flag of a tail is never set, so the walk gives up and the slow path decides. racewalk does not judge how often the fast path is taken.',
	},
	{
		name: '17839856fd58-cow-either-way',
		commit: '17839856fd58',
		subject: 'gup: document and work around "COW can break either way" issue',
		raced: 'a reference for reading stays with the process that did not write',
		rule: 'shared-anon-pin',
		actor: null,
		missed:
			'The kernel has since given up this promise for FOLL_GET and keeps it for FOLL_PIN only (a7f226604170): reporting it would be a false alarm on every later kernel.',
	},
	{
		name: '84209e87c696-longterm-private',
		commit: '84209e87c696',
		subject: 'mm/gup: reliable R/O long-term pinning in COW mappings',
		raced:
			'a long-term pin for reading misses what the process writes to its private mapping later',
		rule: 'unsafe-longterm-pin',
		actor: null,
	},
	{
		name: '2b4847e73004-numa-pmd',
		commit: '2b4847e73004',
		subject: 'mm: numa: serialise parallel get_user_page against THP migration',
		raced: 'a huge page made inaccessible by NUMA balancing is referenced while it is migrated',
		rule: 'permission',
		actor: 'numa',
	},
	{
		name: '38c5ce936a08-read-once',
		commit: '38c5ce936a08',
		subject: 'mm/gup: Replace ACCESS_ONCE with READ_ONCE',
		raced: 'the compiler may read an entry again after it has been tested',
		rule: 'double-fetch',
		actor: 'zap',
	},
	{
		name: '414fd080d125-dax-pmd',
		commit: '414fd080d125',
		subject: 'mm/gup: fix gup_pmd_range() for dax',
		raced: 'a huge device page is walked as a page table',
		rule: 'bad-entry',
		actor: 'zap',
	},
	{
		name: 'fcd0ccd836ff-dax-pud',
		commit: 'fcd0ccd836ff',
		subject: 'mm/gup: fix gup_pud_range() for dax',
		raced: 'a huge device page one level up is walked as a page table',
		rule: 'bad-entry',
		actor: 'zap',
	},
	{
		name: '84c3fc4e9c56-pmd-migration',
		commit: '84c3fc4e9c56',
		subject: 'mm: thp: check pmd migration entry in common path',
		raced: 'the migration entry of a huge page is walked as a page table',
		rule: 'bad-entry',
		actor: 'migrate',
	},
	{
		name: '15494520b776-pud-not-present',
		commit: '15494520b776',
		subject: 'mm: fix gup_pud_range',
		raced: 'a PUD that is neither empty nor present is walked as a page table',
		rule: 'bad-entry',
		actor: null,
	},
	{
		name: 'd63206ee32b6-real-head',
		commit: 'd63206ee32b6',
		subject: 'mm, gup: ensure real head page is ref-counted when using hugepages',
		raced: 'of contiguous entries all but the first name a tail, which cannot be referenced',
		rule: 'frozen-reference',
		actor: null,
		missed:
			'Nothing wrong is handed out: the count of a tail is zero, so the reference is refused and the slow path decides.',
	},
	{
		name: '405e44f2e312-wrong-page-put',
		commit: '405e44f2e312',
		subject: 'powerpc: get_hugepte() don\u2019t put_page() the wrong page',
		raced: 'the page behind the huge page is put when the entry has changed',
		rule: 'wrong-folio',
		actor: 'zap',
	},
	{
		name: 'nohash-powerpc-head-freed',
		commit: null,
		posted: 'linux-mm, 16 October 2011',
		subject: 'powerpc: gup_hugepte() avoid to free the head page too many times',
		raced: 'the references of pages found before are put on the head of this one',
		rule: 'wrong-folio',
		actor: 'zap',
	},
	{
		name: 'nohash-powerpc-return-0',
		commit: null,
		posted: 'linux-mm, 17 October 2011',
		subject: 'powerpc: gup_huge_pmd() return 0 if pte changes',
		raced: 'pages are taken back and success is reported all the same',
		rule: 'misplaced-page',
		actor: 'zap',
	},
	{
		name: '01a369160bbe-hugepte-overflow',
		commit: '01a369160bbe',
		subject: 'mm: switch gup_hugepte to use try_get_compound_head',
		raced: 'references on powerpc\u2019s huge pages could still overflow _refcount',
		rule: 'reference-overflow',
		actor: null,
	},
	{
		name: 'ef947b2-dax-read-only',
		commit: 'ef947b2',
		subject: 'x86, mm: fix gup_pte_range() vs DAX mappings',
		raced: 'a device page mapped read-only is handed out for writing',
		rule: 'permission',
		actor: null,
	},
	{
		name: 'b59f65fa076a-dev-pagemap',
		commit: 'b59f65fa076a',
		subject:
			'mm/gup: Implement the dev_pagemap() logic in the generic get_user_pages_fast() function',
		raced: 'the device goes away while its pages are being referenced',
		rule: 'use-after-free',
		actor: 'unplug',
	},
	{
		name: 'nohash-device-huge-unmap',
		commit: null,
		posted: 'linux-mm, 18 May 2018, v11 3/7',
		subject: 'mm: fix __gup_device_huge vs unmap',
		raced: 'a huge device mapping is torn down before its pages are referenced',
		rule: 'stale-pin',
		actor: 'zap',
	},
	{
		name: '6401c4eb57f9-pagemap-leak',
		commit: '6401c4eb57f9',
		subject: 'mm: gup: fix potential pgmap refcnt leak in __gup_device_huge()',
		raced: 'a page that cannot be referenced leaves a reference on its dev_pagemap behind',
		rule: 'reference-leak',
		actor: 'zap',
	},
	{
		name: '7cad96ae59b3-failed-access',
		commit: '7cad96ae59b3',
		subject:
			'mm/gup: fix handling of errors from arch_make_folio_accessible() in follow_page_pte()',
		raced: 'an error number is taken for success, and the next page lands in the hole',
		rule: 'misplaced-page',
		actor: 'zap',
		on: { arch: 's390x' },
	},
	{
		name: '1180e732c985-torn-pmd',
		commit: '1180e732c985',
		subject: 'mm/gup: Fix the lockless PMD access',
		raced: 'a PMD is read in halves that belong to different entries',
		rule: 'torn-entry',
		actor: 'collapse',
		on: { arch: 'i386-pae' },
	},
	{
		name: '2ba99c5e0881-khugepaged-ipi',
		commit: '2ba99c5e0881',
		subject: 'mm/khugepaged: fix GUP-fast interaction by sending IPI',
		raced:
			'khugepaged frees the page table that a huge page has replaced while a walk stands in it',
		rule: 'use-after-free',
		actor: 'khugepaged',
	},
	{
		name: '9e52fc2b50de-tables-by-rcu',
		commit: '9e52fc2b50de',
		subject: 'x86/mm: Enable RCU based page table freeing (CONFIG_HAVE_RCU_TABLE_FREE=y)',
		raced: 'a guest flushes TLBs without an IPI and frees page tables under the walk',
		rule: 'use-after-free',
		actor: 'hypercall',
	},
];
