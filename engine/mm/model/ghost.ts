/**
 * The monitor's own cells: facts about a run that no kernel variable holds, kept as cells so that they are part of the
 * state and of every step's footprint.
 *
 * Layout: GHOST_BASE + 8 × (kind × STRIDE + index).
 */
import type { PlaceCells } from './code_place.js';
import { FAR_FRAMES, farIndex, GHOST_BASE } from './layout.js';

export { GHOST_BASE };

const STRIDE = 1024;

const KINDS = [
	/** Per frame: times it was freed. */
	'generation',
	/** Per frame: generation + 1 when the walk last read an entry that maps it; 0: never. */
	'seen',
	/** Per frame: OWNER. */
	'owner',
	/** Per frame: references the walk holds on it (net change of `_refcount` by thread 0). */
	'held',
	/** Per frame: net change of `_pincount` by thread 0. */
	'pins',
	/** Per frame: site + 1 and function + 1 of the walk's last change of the count. */
	'heldSite',
	'heldFunction',
	/** Per walked address: bit set of frames that were mapped there while the walk held a reference on them. */
	'valid',
	/** The same, with the access the flags ask for permitted. */
	'permitted',
	/** Per walked address: site + 1 and function + 1 where the walk counted it as handed out. */
	'countedSite',
	'countedFunction',
	/** Per frame: 1 when the table in it was freed. */
	'tableFreed',
	/** Per object index (engine/mm/model/world.ts): 1 when freed. */
	'objectFreed',
	/** Per walked address: first value of its leaf entry the walk fetched, + 1; 0: none yet. */
	'fetched',
	/** Per walked address: 1 when it was fetched again with another value before a reference was held. */
	'refetched',
	/** Per frame: site + 1 and function + 1 where the walk last read its `->mapping`, if it was NULL; else 0. */
	'nullSite',
	'nullFunction',
	/** What the walk read in two accesses, see HALVES; only where entries are read so. */
	'halves',
	/** Per frame: 1 when its struct page was removed with the device it belongs to. */
	'pageRemoved',
	/** Per frame: 1 when the walk took a reference on a page of a device being removed without one on its pagemap. */
	'takenDying',
	/**
	 * Per frame: pages counted as handed out, + 1, when the architecture could not make the folio accessible; ACCESSIBLE where it
	 * did; 0: it was not asked.
	 */
	'inaccessible',
	/** One-off facts, see WALK. */
	'walk',
] as const;

export type GhostKind = (typeof KINDS)[number];

const BASE = Object.fromEntries(
	KINDS.map((kind, i) => [kind, GHOST_BASE + i * STRIDE * 8]),
) as Readonly<Record<GhostKind, number>>;

/** What `inaccessible` is once the architecture has made the folio accessible. */
export const ACCESSIBLE = -1;

/** Address of a ghost cell; index: below 1022, or one of FAR_FRAMES, which have the last two. */
export function ghost(kind: GhostKind, index: number): number {
	const far = farIndex(index);
	return BASE[kind] + (far < 0 ? index : STRIDE - FAR_FRAMES.length + far) * 8;
}

const PER_ADDRESS: readonly GhostKind[] = [
	'valid',
	'permitted',
	'countedSite',
	'countedFunction',
	'fetched',
	'refetched',
];

/** The ghost cells a world needs: per frame, per walked address, per object. */
export function ghostIndices(
	frames: readonly number[],
	addresses: number,
	objects: number,
): readonly (readonly [GhostKind, number])[] {
	const list: (readonly [GhostKind, number])[] = [];
	for (const kind of KINDS) {
		if (kind === 'halves') continue;
		if (kind === 'walk') for (let i = 0; i < WALK_COUNT; i++) list.push([kind, i]);
		else if (kind === 'objectFreed') for (let i = 0; i < objects; i++) list.push([kind, i]);
		else if (PER_ADDRESS.includes(kind)) for (let i = 0; i < addresses; i++) list.push([kind, i]);
		else for (const frame of frames) list.push([kind, frame]);
	}
	return list;
}

/**
 * What a walk that only looks has fetched of the entries above the PTE: cells of the kinds `fetched` and `refetched`, by level from
 * here on. Walks that hand pages out have none: what counts there is what the page was computed from.
 */
const ABOVE = 900;

/** The index of an entry above the PTE in `fetched` and `refetched`. */
export function aboveIndex(depth: number): number {
	return ABOVE + depth;
}

/** Indices of the `walk` kind. */
export const WALK = {
	/** Address of the result count once a call showed it. */
	countAddress: 0,
	/** Tables mapped and not unmapped, and where the last one was mapped (site + 1, function + 1). */
	mapDepth: 1,
	mapSite: 2,
	mapFunction: 3,
	/** Fork took exclusivity from the victim: 1 before the walk fetched its entry, 2 after. */
	sharedByFork: 4,
	/** References held on the device's pagemap, and where the last was taken. */
	pagemap: 5,
	pagemapSite: 6,
	pagemapFunction: 7,
	/** An upper entry that was cleared while its flush is still waited for, and what it held (intrinsic detach_entry). */
	detachedEntry: 9,
	detachedValue: 10,
	/** 1 once this run broke a rule: what follows is no run to reason about. */
	broken: 8,
	/** Locks the walk holds, and where it took the last one (site + 1, function + 1). */
	locks: 11,
	lockSite: 12,
	lockFunction: 13,
} as const;
const WALK_COUNT = 14;

/** Indices of the `halves` kind. */
export const HALVES = {
	/** Entry whose halves are being read, and the whole words they were taken from, + 1; 0: none. */
	address: 0,
	low: 1,
	high: 2,
	/** Site + 1 and function + 1 where half an entry of a PTE table was read last; of any other table. */
	sitePte: 3,
	functionPte: 4,
	siteAbove: 5,
	functionAbove: 6,
} as const;

/** The ghost cells of a world whose entries are read in halves. */
export const HALVES_CELLS: readonly number[] = Object.values(HALVES).map((i) => ghost('halves', i));

/** Cells of places that are kept per frame or index: `held` is `heldSite` and `heldFunction`. */
export function placeCells(kind: 'held' | 'counted' | 'null', index: number): PlaceCells {
	return { site: ghost(`${kind}Site`, index), function: ghost(`${kind}Function`, index) };
}

/** Those of the walk as a whole. */
export function walkPlaceCells(kind: 'map' | 'lock' | 'pagemap'): PlaceCells {
	return {
		site: ghost('walk', WALK[`${kind}Site`]),
		function: ghost('walk', WALK[`${kind}Function`]),
	};
}
