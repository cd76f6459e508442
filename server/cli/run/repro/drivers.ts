/**
 * What brings the sides of a run about on a real machine, as data: system calls for each adversary, memory for each kind of world, a caller for
 * what the scenario asks of the walk. Parts of a C program; nothing of a checked file stands in them.
 *
 * What has no row is left to whoever uses the kit, and the kit says so.
 */

/** The other CPU's part. */
export interface AdversaryDriver {
	/** C statements of one round, with `area`, `size` and `fd`; `map()` makes the area anew. */
	readonly act: string;
	/** They add to `rounds` themselves, where what is done to the area ends before the round does. */
	readonly counts?: true;
	/** What is not so on a real machine. */
	readonly note: string;
	/** It acts on whole tables or huge pages: the area must have some. Else it has a few pages, since delays wait at each. */
	readonly isLarge?: true;
}

const UNMAPS_NOTE =
	'the flush of the TLB comes between the clearing of the entry and the free: where it waits for the other CPU by IPI (x86 on bare metal) only what comes before the flush happens inside a window with interrupts off';

/** By adversary. */
export const ADVERSARIES: Readonly<Record<string, AdversaryDriver>> = {
	zap: { act: 'madvise(area, size, MADV_DONTNEED);', note: UNMAPS_NOTE },
	evict: { act: 'close(fd); fd = -1; munmap(area, size); map();', note: UNMAPS_NOTE },
	truncate: {
		act: 'if (ftruncate(fd, 0) == 0 && ftruncate(fd, size) == 0) touch();',
		note: UNMAPS_NOTE,
	},
	pgtable_free: {
		act: 'munmap(area, size); map();',
		note: 'a table is freed only with all that it maps: the area is 4 MiB, two tables',
		isLarge: true,
	},
	fork: {
		act: 'pid_t child = fork(); if (child == 0) { usleep(100000); _exit(0); } rounds++; waitpid(child, NULL, 0);',
		counts: true,
		note: 'the child stays for 100 ms, so that the parent copies what it writes; it is gone before the next round, or its copy counts too',
	},
	mprotect: {
		act: 'mprotect(area, size, PROT_READ); mprotect(area, size, PROT_READ | PROT_WRITE);',
		note: '',
	},
	mprotect_back: {
		act: 'mprotect(area, size, PROT_READ); mprotect(area, size, PROT_READ | PROT_WRITE);',
		note: 'both calls must fall into one window: give the walk a longer delay',
	},
	remap: {
		act: 'void *to = mremap(area, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, spare); if (to != MAP_FAILED) { spare = area; area = to; }',
		note: UNMAPS_NOTE,
	},
	reclaim: {
		act: 'madvise(area, size, MADV_PAGEOUT);',
		note: 'swap must be on, or the memory be of a file',
	},
	writeback: { act: 'msync(area, size, MS_SYNC);', note: '' },
	collapse: {
		act: 'madvise(area, size, MADV_NOHUGEPAGE); madvise(area, size, 25 /* MADV_COLLAPSE */);',
		note: 'needs 6.1 and CONFIG_TRANSPARENT_HUGEPAGE; elsewhere khugepaged with a short scan_sleep_millisecs',
		isLarge: true,
	},
	deposit: {
		act: 'madvise(area, size, 25 /* MADV_COLLAPSE */); munmap(area, size); map();',
		note: 'needs 6.1 and CONFIG_TRANSPARENT_HUGEPAGE',
		isLarge: true,
	},
	retract: {
		act: 'madvise(area, size, 25 /* MADV_COLLAPSE */);',
		note: 'memory of a shmem file; needs CONFIG_TRANSPARENT_HUGEPAGE',
		isLarge: true,
	},
	split: {
		act: 'madvise((char *)area + 4096, 4096, MADV_DONTNEED); touch();',
		note: 'a part of a huge page is unmapped: it is split when memory is short; /sys/kernel/debug/split_huge_pages does it at once',
		isLarge: true,
	},
	split_huge: {
		act: 'madvise((char *)area + 4096, 4096, MADV_DONTNEED); touch();',
		note: 'a part of a huge page is discarded: it is split when memory is short; /sys/kernel/debug/split_huge_pages does it at once',
		isLarge: true,
	},
	migrate: {
		act: 'unsigned long node = 1UL << (rounds & 1); syscall(SYS_mbind, area, size, 2, &node, 8, 2 | 4);',
		note: 'needs two NUMA nodes (numa=fake=2), or compaction: echo 1 > /proc/sys/vm/compact_memory',
	},
	numa: {
		act: 'mprotect(area, size, PROT_NONE); mprotect(area, size, PROT_READ | PROT_WRITE);',
		note: 'stands for NUMA balancing, which needs two nodes',
	},
	ksm: {
		act: 'madvise(area, size, MADV_MERGEABLE);',
		note: 'needs CONFIG_KSM, echo 1 > /sys/kernel/mm/ksm/run, and a second area of the same content',
	},
	fault: { act: 'touch();', note: '' },
};

/** The memory that a run is about. */
export interface Memory {
	/** Words of racewalk's name for the world. */
	readonly words: readonly string[];
	/** Expression of `map()` that gives the memory; -1 means no file. */
	readonly file: string;
	readonly flags: string;
	readonly note: string;
	readonly isLarge?: true;
}

/** The first whose words all stand in the scenario. */
export const MEMORY: readonly Memory[] = [
	{
		words: ['secretmem'],
		file: 'syscall(447 /* memfd_secret */, 0)',
		flags: 'MAP_SHARED',
		note: 'boot with secretmem.enable=1',
	},
	{
		words: ['hugetlb'],
		file: '-1',
		flags: 'MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB',
		note: 'reserve pages: echo 8 > /proc/sys/vm/nr_hugepages',
		isLarge: true,
	},
	{ words: ['shmem'], file: 'memfd_create("racewalk", 0)', flags: 'MAP_SHARED', note: '' },
	{
		words: ['filesystem'],
		file: 'open("racewalk.data", O_RDWR | O_CREAT, 0600)',
		flags: 'MAP_SHARED',
		note: 'run it in a folder of a filesystem on a disk',
	},
	{
		words: ['file', 'private'],
		file: 'open("racewalk.data", O_RDWR | O_CREAT, 0600)',
		flags: 'MAP_PRIVATE',
		note: 'run it in a folder of a filesystem on a disk',
	},
	{
		words: ['huge', 'anon'],
		file: '-1',
		flags: 'MAP_PRIVATE | MAP_ANONYMOUS',
		note: 'set /sys/kernel/mm/transparent_hugepage/enabled to always',
		isLarge: true,
	},
	{ words: ['anon'], file: '-1', flags: 'MAP_PRIVATE | MAP_ANONYMOUS', note: '' },
];

/** What calls the walk; the first whose flags are all among the scenario's, and which is for the rule that is broken. */
export interface WalkDriver {
	readonly flags: readonly string[];
	/** For these rules alone; absent: for any. */
	readonly rules?: readonly string[];
	readonly act: string;
	readonly what: string;
	/** Declarations outside of functions, statements of main() before it begins and after it ends. */
	readonly declares?: string;
	readonly begins?: string;
	readonly ends?: string;
}

export const WALKS: readonly WalkDriver[] = [
	{
		flags: ['FOLL_PIN', 'FOLL_WRITE'],
		rules: ['fork-pin', 'shared-anon-pin'],
		what: 'the test of long-term pins in /sys/kernel/debug/gup_test (CONFIG_GUP_TEST), which keeps the pin, and reads the pinned page after the process has written to its own',
		declares: `/* mm/gup_test.h */
struct pin_longterm_test { unsigned long long addr, size; unsigned int flags; };
#define PIN_LONGTERM_TEST_START _IOW('g', 7, struct pin_longterm_test)
#define PIN_LONGTERM_TEST_STOP _IO('g', 8)
#define PIN_LONGTERM_TEST_READ _IOW('g', 9, unsigned long long)
static int test = -1;
static unsigned long pins, lost;
`,
		begins: `test = open("/sys/kernel/debug/gup_test", O_RDWR);
	if (test < 0)
		perror("/sys/kernel/debug/gup_test");`,
		act: `struct pin_longterm_test asked = { (unsigned long)area, 4096, 3 /* for writing, by gup_fast() */ };
	unsigned long long into = (unsigned long)page;
	unsigned long seen;

	/* at any moment of the other side's round */
	usleep(rand() % 200000);
	seen = rounds;
	if (ioctl(test, PIN_LONGTERM_TEST_START, &asked) != 0)
		return;
	/* who acted meanwhile comes to its end */
	while (rounds == seen && !over)
		usleep(100);
	area[0]++;
	if (ioctl(test, PIN_LONGTERM_TEST_READ, &into) == 0) {
		pins++;
		if (page[0] != area[0] && lost++ < 10)
			printf("the pinned page has %d, the process sees %d\\n", page[0], area[0]);
	}
	ioctl(test, PIN_LONGTERM_TEST_STOP);`,
		ends: 'printf("%lu of %lu pins lost\\n", lost, pins);',
	},
	{
		flags: ['FOLL_PIN', 'FOLL_LONGTERM'],
		what: 'io_uring_register() of the area as a fixed buffer',
		act: 'struct iovec v = { area, 4096 }; if (syscall(SYS_io_uring_register, ring, 0 /* IORING_REGISTER_BUFFERS */, &v, 1) == 0) syscall(SYS_io_uring_register, ring, 1 /* UNREGISTER */, NULL, 0);',
	},
	{
		flags: ['FOLL_PIN', 'FOLL_WRITE'],
		what: 'read() with O_DIRECT into the area',
		act: 'if (pread(direct, area, 4096, 0) < 0 && errno != EFAULT) perror("pread");',
	},
	{
		flags: ['FOLL_PIN'],
		what: 'write() with O_DIRECT from the area',
		act: 'if (pwrite(direct, area, 4096, 0) < 0 && errno != EFAULT) perror("pwrite");',
	},
	{
		flags: ['FOLL_GET'],
		what: 'vmsplice() of the area into a pipe',
		act: 'struct iovec v = { area, 4096 }; if (vmsplice(channel[1], &v, 1, SPLICE_F_NONBLOCK) > 0 && read(channel[0], page, 4096) < 0) perror("read");',
	},
];

/** What to assert and what to look for, by rule. */
export const SIGNS: Readonly<Record<string, string>> = {
	'stale-pin':
		'the page that the walk hands out is not mapped any more. Assert where pages[] is filled: WARN_ON_ONCE(pte_page(ptep_get(ptep)) != page) behind the grab. Look for: init_on_free=1 and a buffer that reads as zeroes or as another file; page_owner of the page names somebody else.',
	'racing-mapping':
		'a decision rests on a mapping that is not that of the page any more. Assert: read folio->mapping again at the end of the check, WARN_ON_ONCE() where it differs. Look for: KCSAN names the line.',
	'use-after-free':
		'what the walk reads was freed. Look for: KASAN (slab-use-after-free, or use-after-free of a page), with page_poisoning=1 where there is no KASAN.',
	'secretmem-pin':
		'a secretmem page is handed out. Assert where pages[] is filled: WARN_ON_ONCE(!kernel_page_present(page)). Look for: "unable to handle kernel paging request" at an address of the direct map.',
	'unsafe-longterm-pin':
		'a long-term pin for writing lies on a page of a file. Assert where pages[] is filled: WARN_ON_ONCE(folio_mapping(folio) && !shmem_mapping(folio_mapping(folio))). Look for: ext4 or xfs warns of a dirty page without buffers.',
	'reference-leak':
		'a count stays too high. Look for: /proc/kpagecount, nr_foll_pin_acquired and nr_foll_pin_released in /proc/vmstat that go apart.',
	'reference-underflow':
		'a count falls too low. Look for: "BUG: Bad page state", VM_BUG_ON_PAGE(page_ref_count(page) <= 0) with CONFIG_DEBUG_VM.',
	'frozen-reference':
		'a reference is taken on a page that is free. Look for: "BUG: Bad page state", VM_BUG_ON_PAGE() with CONFIG_DEBUG_VM.',
	'wrong-folio':
		'the reference lies on another folio. Look for: "BUG: Bad page state" of a tail page, VM_BUG_ON_FOLIO() with CONFIG_DEBUG_VM.',
	'shared-anon-pin':
		'a pinned anonymous page is shared. Look for: what a device reads or writes is not what the process sees; tools/testing/selftests/mm/cow tells it.',
	'fork-pin':
		'a pin survives a fork that write-protected the page: whoever holds it sees another page than the process. race.c looks, and says how many pins were lost; without delays tools/testing/selftests/mm/cow tells it.',
	permission:
		'access is given that the entry does not permit. Assert where pages[] is filled: WARN_ON_ONCE(write && !pte_write(ptep_get(ptep))).',
	'data-race': 'accesses are not ordered. Look for: KCSAN with CONFIG_KCSAN_STRICT.',
};
