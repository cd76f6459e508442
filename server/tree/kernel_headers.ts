/**
 * Headers that the kernel itself has, by name: what a file includes of these is taken as its generation's where there is no tree to
 * read it from. Any other header may define anything.
 */

/** Folders below include/ and arch/<arch>/include/ that mm/ includes from. */
const folders: ReadonlySet<string> = new Set([
	...[
		'linux',
		'asm',
		'asm-generic',
		'uapi',
		'trace',
		'kunit',
		'generated',
		'vdso',
		'net',
		'ras',
		'xen',
	],
]);

/** Headers beside the files of mm/, of 4.19 to 7.3. */
const beside: ReadonlySet<string> = new Set([
	...[
		'internal.h',
		'swap.h',
		'slab.h',
		'shuffle.h',
		'cma.h',
		'vma.h',
		'vma_internal.h',
		'vma_init.h',
	],
	...['pgalloc-track.h', 'percpu-internal.h', 'page_reporting.h', 'mm_slot.h', 'memcontrol-v1.h'],
	...['hugetlb_vmemmap.h', 'hugetlb_cma.h', 'hugetlb_internal.h', 'gup_test.h', 'swap_table.h'],
]);

/** Whether `#include` names a header of the kernel. */
export function isKernelHeader({
	path,
	quoted,
}: {
	readonly path: string;
	readonly quoted: boolean;
}): boolean {
	const [folder] = path.split('/', 1);
	return path.includes('/') ? folders.has(folder ?? '') : quoted && beside.has(path);
}
