/**
 * How large the folios of a world are. A world names few of a folio's pages; its order says how many there are.
 */
import type { Level } from './layout.js';
import { isReaderWorld } from './reader_spec.js';
import type { FolioSpec, WorldSpec } from './world_spec.js';

/** Order of what a leaf of a level maps, with pages of 4 KB; 2 where small entries map a large folio. */
const ORDER: Readonly<Record<Level, number>> = { pte: 2, pmd: 9, pud: 18, pgd: 27 };

/** Order of a folio; `mapped`: the level of the leaf that maps it at first, null where none does. */
export function orderOf(spec: WorldSpec, folio: FolioSpec, mapped: Level | null): number {
	if (folio.order !== undefined) return folio.order;
	if (folio.frames.length === 1) return 0;
	if (isReaderWorld(spec)) return ORDER.pte;
	if (mapped !== null) return ORDER[mapped];
	// khugepaged's, and those that take another leaf's place
	return ORDER[spec.level === 'pte' ? 'pmd' : spec.level];
}

/** Pages of a folio of that order; readers' worlds have all of them, unless the code asked for an order. */
export function pagesOf(
	spec: WorldSpec,
	{ frames, order: asked }: FolioSpec,
	order: number,
): number {
	const hasAll = isReaderWorld(spec) && asked === undefined;
	return hasAll || order === 0 ? frames.length : 2 ** order;
}
