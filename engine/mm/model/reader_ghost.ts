/**
 * The monitor's cells for readers: what thread 0 holds on objects that are no pages, and which objects it may hand out.
 * Only worlds of readers have them.
 *
 * Layout: READER_GHOST_BASE + 8 × (kind × STRIDE + index); index: of a frame or of an object (engine/mm/model/world.ts).
 */

/** Above the walk's ghosts, below the sections. */
const READER_GHOST_BASE = 0x7100_0000;
const STRIDE = 64;

const KINDS = [
	/** Per frame: 1 when what leads to the folio led to it while the reader held a reference (and the lock it returns with). */
	'frameValid',
	/** Per frame: 1 when the reader took it off the LRU, or marked it isolated. */
	'isolated',
	/** Per frame: 1 when its driver let it be isolated. */
	'agreed',
	/** Per frame: 1 when it was the right one before the reader locked it. */
	'rightBefore',
	/** Per frame: 1 when the reader holds the folio's lock; where it took it (site + 1, function + 1). */
	'frameLocked',
	'frameLockSite',
	'frameLockFunction',
	/** Per frame: where the reader gave the folio's lock back last. */
	'frameUnlockSite',
	'frameUnlockFunction',
	/** Per frame: site + 1 and function + 1 where a function got the folio returned that took the reference. */
	'handedSite',
	'handedFunction',
	/** Per object: the same as `frameValid` for an anon_vma, held by its count or by its root's lock. */
	'objectValid',
	/** Per object: references the reader holds (net change of `refcount`), and where it changed them last. */
	'objectHeld',
	'objectHeldSite',
	'objectHeldFunction',
	/** Per object: times the reader holds its rwsem for reading, and where it took it last. */
	'readLocked',
	'readLockSite',
	'readLockFunction',
	/** Per object: site + 1 and function + 1 where the reader put its last reference, until it is freed. */
	'dueSite',
	'dueFunction',
	/** At 0: 1 more than the size of the file as the reader read it last. */
	'sizeRead',
	/** At 0: number of the choice of arguments that the reader is called with. */
	'calledWith',
] as const;

export type ReaderGhostKind = (typeof KINDS)[number];

const PER_FRAME: readonly ReaderGhostKind[] = [
	'frameValid',
	'isolated',
	'agreed',
	'rightBefore',
	'frameLocked',
	'frameLockSite',
	'frameLockFunction',
	'frameUnlockSite',
	'frameUnlockFunction',
	'handedSite',
	'handedFunction',
];

/** Address of a reader's ghost cell; index below 64. */
export function readerGhost(kind: ReaderGhostKind, index: number): number {
	return READER_GHOST_BASE + (KINDS.indexOf(kind) * STRIDE + index) * 8;
}

/** All of them for these frames and that many objects. */
export function readerGhosts(frames: readonly number[], objects: number): readonly number[] {
	const all = Array.from({ length: objects }, (_, i) => i);
	return KINDS.flatMap((kind) =>
		(PER_FRAME.includes(kind) ? frames : all).map((index) => readerGhost(kind, index)),
	);
}
