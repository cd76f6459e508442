/**
 * What a kernel is configured as when no `.config` says: one profile per architecture, as Debian's kernels (6.1, 6.12)
 * are, without debugging options. Names of several generations stand side by side (HAVE_FAST_GUP until 6.9,
 * HAVE_GUP_FAST since): a tree only asks for its own.
 */

export interface ArchProfile {
	/** Folder below `arch/`. */
	readonly folder: string;
	/** CONFIG_ symbols that are set, with their values. */
	readonly config: ReadonlyMap<string, string>;
}

/** What all of them have: Kconfig of 6.12 and Debian's `debian/config/config`. */
const common: readonly string[] = [
	'MMU',
	'SMP',
	'HAVE_GUP_FAST',
	'HAVE_FAST_GUP',
	'HAVE_GENERIC_GUP',
	'TRANSPARENT_HUGEPAGE',
	'HUGETLB_PAGE',
	'HUGETLBFS',
	'MIGRATION',
	'COMPACTION',
	'KSM',
	'SLUB',
	'SWAP',
	'SHMEM',
	'TMPFS',
	'MEMCG',
	'NUMA',
	'NUMA_BALANCING',
	'PGTABLE_HAS_HUGE_LEAVES',
	'ARCH_HAS_PTE_SPECIAL',
	'ELF_CORE',
	'PROC_FS',
	'MEMORY_FAILURE',
	'USERFAULTFD',
	'MMU_NOTIFIER',
	'MMU_GATHER_TABLE_FREE',
	'PREEMPT_DYNAMIC',
	'PREEMPT_VOLUNTARY',
	'SPARSEMEM',
	'SPARSEMEM_VMEMMAP',
	'MEMORY_HOTPLUG',
	'MEMORY_HOTREMOVE',
	'CONTIG_ALLOC',
	'CMA',
	'LRU_GEN',
	'FUTEX',
	'BLOCK',
	'NET',
	// init/Kconfig since 6.5: by default
	'CACHESTAT_SYSCALL',
	// what callers and headers ask of the kernel as a whole
	...['SYSFS', 'SYSCTL', 'PRINTK', 'BUG', 'CGROUPS', 'CPUSETS', 'SECURITY', 'AIO', 'TRACING'],
	...['MEMBARRIER', 'PERF_EVENTS', 'VMAP_STACK', 'THREAD_INFO_IN_TASK'],
];

const wide: readonly string[] = [
	'64BIT',
	'PT_RECLAIM',
	// until 5.5 under its second name (ff2e6d7259f8)
	...['MMU_GATHER_RCU_TABLE_FREE', 'HAVE_RCU_TABLE_FREE'],
	'ARCH_HAS_PTE_DEVMAP',
	'ZONE_DEVICE',
	'DEVICE_PRIVATE',
	'HAVE_ARCH_TRANSPARENT_HUGEPAGE_PUD',
	'HAVE_ARCH_TRANSPARENT_HUGEPAGE',
	'ARCH_HAS_HUGETLB_PMD_SHARE',
	'PCI_P2PDMA',
	'ARCH_ENABLE_THP_MIGRATION',
	'SPLIT_PMD_PTLOCKS',
	'SPLIT_PTE_PTLOCKS',
	...physical64(),
];

/** Physical addresses of 64 bits: mm/Kconfig and kernel/dma/Kconfig for every kernel of 64 bits, arch/x86/Kconfig for PAE. */
function physical64(): readonly string[] {
	return ['PHYS_ADDR_T_64BIT', 'ARCH_DMA_ADDR_T_64BIT'];
}

/** Bits of entries that exist because somebody tracks pages with them. */
const trackedX86: readonly string[] = [
	...['HAVE_ARCH_SOFT_DIRTY', 'MEM_SOFT_DIRTY', 'HAVE_ARCH_USERFAULTFD_WP', 'PTE_MARKER_UFFD_WP'],
	...['X86_INTEL_MEMORY_PROTECTION_KEYS', 'ARCH_HAS_PKEYS', 'ARCH_USES_HIGH_VMA_FLAGS'],
];

/** Who selects ARCH_HAS_SET_DIRECT_MAP (arch/x86/Kconfig for 32 bits as well; s390 since 6.3; powerpc never): mm/Kconfig, SECRETMEM. */
const secretmem: readonly string[] = ['SECRETMEM', 'ARCH_HAS_SET_DIRECT_MAP'];

/** hugetlb's tables of PMDs may be shared: fs/Kconfig calls it by its second name since 6.13. */
const sharing: readonly string[] = ['ARCH_WANT_HUGE_PMD_SHARE', 'HUGETLB_PMD_PAGE_TABLE_SHARING'];

function profile(
	folder: string,
	names: readonly (readonly string[])[],
	options: {
		readonly without?: readonly string[];
		readonly values: Readonly<Record<string, string>>;
	},
): ArchProfile {
	const config = new Map<string, string>();
	for (const name of names.flat())
		if (!options.without?.includes(name)) config.set(`CONFIG_${name}`, 'y');
	for (const [name, value] of Object.entries(options.values)) config.set(`CONFIG_${name}`, value);
	return { folder, config };
}

const x86: ArchProfile = profile(
	'x86',
	[
		...[common, wide, secretmem, trackedX86],
		['X86', 'X86_64', 'PARAVIRT', 'X86_5LEVEL', ...sharing],
		['COMPAT', 'IA32_EMULATION', 'X86_X32_ABI', 'ZONE_DMA32', 'X86_SGX'],
	],
	{
		values: { PGTABLE_LEVELS: '5', NR_CPUS: '8192' },
	},
);

const profiles: Readonly<Record<string, ArchProfile>> = {
	x86_64: x86,
	// 64-bit entries read in halves: arch/x86/include/asm/pgtable-3level.h; no RCU table free without PARAVIRT's TLB flush
	'i386-pae': profile(
		'x86',
		[
			common,
			secretmem,
			[
				'X86',
				'X86_32',
				'X86_PAE',
				'HIGHMEM',
				'HIGHMEM64G',
				'HIGHPTE',
				'GUP_GET_PXX_LOW_HIGH',
				'GUP_GET_PTE_LOW_HIGH',
				'HAVE_ARCH_TRANSPARENT_HUGEPAGE',
				'SPLIT_PTE_PTLOCKS',
				...physical64(),
			],
		],
		{
			without: ['NUMA', 'NUMA_BALANCING'],
			values: { PGTABLE_LEVELS: '3', NR_CPUS: '32' },
		},
	),
	arm64: profile(
		'arm64',
		[
			common,
			wide,
			secretmem,
			['ARM64', 'ARM64_4K_PAGES', 'ARM64_HW_AFDBM', 'COMPAT', 'ZONE_DMA32', ...sharing],
		],
		{
			without: ['HAVE_ARCH_TRANSPARENT_HUGEPAGE_PUD'],
			values: { PGTABLE_LEVELS: '4', ARM64_VA_BITS: '48', NR_CPUS: '256' },
		},
	),
	s390x: profile(
		's390',
		[
			common,
			wide,
			secretmem,
			['S390', 'PGSTE', 'HAVE_ARCH_MAKE_PAGE_ACCESSIBLE', 'HAVE_ARCH_MAKE_FOLIO_ACCESSIBLE'],
		],
		{
			without: [
				// arch/s390/mm/gup.c had the walk until 5.2
				'HAVE_GENERIC_GUP',
				'ARCH_HAS_PTE_DEVMAP',
				'ZONE_DEVICE',
				'DEVICE_PRIVATE',
				'HAVE_ARCH_TRANSPARENT_HUGEPAGE_PUD',
				'PCI_P2PDMA',
			],
			values: { PGTABLE_LEVELS: '5', NR_CPUS: '512' },
		},
	),
	powerpc64: profile(
		'powerpc',
		[
			common,
			wide,
			[
				'PPC',
				'PPC64',
				'PPC_BOOK3S_64',
				'PPC_BOOK3S',
				'PPC_RADIX_MMU',
				'PPC_64K_PAGES',
				'ARCH_HAS_HUGEPD',
			],
		],
		{
			// with BUG, WARN_ON() is an `asm goto` to a local label (arch/powerpc/include/asm/bug.h); its value is the condition either way
			without: ['BUG'],
			values: { PGTABLE_LEVELS: '4', NR_CPUS: '2048' },
		},
	),
	// The fast walk is there since 6.9. Tables are freed by RCU where SBI flushes TLBs, after an IPI where IPIs do
	// (arch/riscv/include/asm/pgalloc.h): without PT_RECLAIM an adversary frees them both ways.
	riscv64: profile(
		'riscv',
		[common, wide, secretmem, ['RISCV', 'ARCH_RV64I', 'RISCV_SBI', ...sharing]],
		{
			without: [
				// names of the fast walk before it had one: what an arch/riscv/Kconfig selects comes before this
				...['HAVE_FAST_GUP', 'HAVE_GENERIC_GUP'],
				...['HAVE_ARCH_TRANSPARENT_HUGEPAGE_PUD', 'PT_RECLAIM'],
			],
			values: { PGTABLE_LEVELS: '5', NR_CPUS: '64' },
		},
	),
};

/** The profile of an architecture; one that was forgotten is an error, and never another's. */
export function archProfile(arch: string): ArchProfile {
	const profile = Object.hasOwn(profiles, arch) ? profiles[arch] : undefined;
	if (profile === undefined) throw new Error(`no profile for the architecture ${arch}`);
	return profile;
}

/** Folders of the architectures (`x86`) whose profiles set a CONFIG_ symbol. */
export function foldersThatSet(symbol: string): ReadonlySet<string> {
	const setting = Object.values(profiles).filter(({ config }) => config.has(symbol));
	return new Set(setting.map(({ folder }) => folder));
}
