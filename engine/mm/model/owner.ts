/**
 * Who a page frame belongs to: what the monitor knows and the walk has to find out. Kept in a ghost cell per frame.
 *
 * Invariant: only the world, `allocate` and `free_folio` change it.
 */

/** Numbers appear in engine/mm/actors/common.c as OWNER_*; a test compares them. */
export const OWNER = {
	free: 0,
	anon: 1,
	/** Page cache of a file system that tracks dirtiness: a write needs a fault first. */
	trackedFile: 2,
	shmem: 3,
	hugetlb: 4,
	secretmem: 5,
	zero: 6,
	device: 7,
	otherFile: 8,
	otherAnon: 9,
	slab: 10,
	/** Anonymous hugetlb page (private mapping). */
	hugetlbAnon: 11,
} as const;

export type Owner = keyof typeof OWNER;

/** Owners whose pages are anonymous memory of the walked mm. */
export function isAnonOfMm(owner: number): boolean {
	return owner === OWNER.anon || owner === OWNER.hugetlbAnon;
}

/** The owner's name for a message. */
export function ownerName(owner: number): string {
	const names: Readonly<Record<number, string>> = {
		[OWNER.free]: 'free memory',
		[OWNER.anon]: 'an anonymous page of this mm',
		[OWNER.trackedFile]: 'a page of a file whose filesystem tracks dirtiness',
		[OWNER.shmem]: 'a shmem page',
		[OWNER.hugetlb]: 'a hugetlb page',
		[OWNER.secretmem]: 'a secretmem page',
		[OWNER.zero]: 'the zero page',
		[OWNER.device]: 'a device page',
		[OWNER.otherFile]: 'a page-cache page of another file',
		[OWNER.otherAnon]: 'an anonymous page of another process',
		[OWNER.slab]: 'a slab page',
		[OWNER.hugetlbAnon]: 'an anonymous hugetlb page of this mm',
	};
	return names[owner] ?? `owner ${owner}`;
}
