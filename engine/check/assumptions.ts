/** What every verdict takes for granted; ARCHITECTURE.md has the whole list with reasons. */
import { COLLAPSE_UNAWAITED, isUnannounced } from '../mm/actors/requirements.js';
import { readsHalves } from '../mm/model/halves.js';
import { assumedOf } from '../program/arch.js';
import { type CheckRequest, isMet } from './request.js';

/** Taken for granted where only interleavings are explored. */
export const SEQUENTIAL =
	'sequential consistency: reorderings by CPU and compiler are not explored, only repeated plain loads';

/** Taken for granted by every verdict on a reader. */
export const READER_ASSUMPTIONS: readonly string[] = [
	SEQUENTIAL,
	'one adversary at a time; one folio; the caller drops its reference in one step',
	'a loop that waits ends once its condition stays true (fair scheduling)',
];

/** Taken for granted by every verdict on a walk. */
export const ALWAYS: readonly string[] = [
	SEQUENTIAL,
	'adversaries act alone or in the pairs named; one mm',
];
const HAS_PINNED =
	'callers set MMF_HAS_PINNED before they call the walk with FOLL_PIN; fork() tests for pins only where it is set';
const WITHOUT_IPI =
	'khugepaged is modelled without the IPI it sends since 6.1: the walk must detect the collapse itself';
const IPI_ALONE =
	'khugepaged is left out: the walk of page-table entries cannot compare the PMD again and rests on the IPI that khugepaged sends';

/**
 * Flushes before a page is freed. Model: only those of ptep_clear_flush() and pmdp_collapse_flush() wait, and only where entries
 * have halves (server/lower/primitives/page_table.c); unmap_victim() (engine/mm/actors/common.c) frees without one everywhere.
 */
export function flushAssumption({ program }: CheckRequest): string {
	return readsHalves(program)
		? 'munmap() frees a page without waiting for the CPU of the walk (bare-metal x86: the TLB flush IPI before it does)'
		: 'the TLB flush before a page is freed does not wait for the CPU of the walk (bare-metal x86: the flush IPI does)';
}

export function alwaysFor(request: CheckRequest): readonly string[] {
	return [
		...ALWAYS,
		...(isMet(request, 'RACEWALK_FOLL_PIN') && !isUnannounced(request.program) ? [HAS_PINNED] : []),
		flushAssumption(request),
		isMet(request, COLLAPSE_UNAWAITED) ? WITHOUT_IPI : IPI_ALONE,
	];
}

/** What an architecture is taken to be beyond its CONFIG_ symbols. */
export function archAssumption({ arch, program }: CheckRequest): string {
	return assumedOf(arch, readsHalves(program) ? 'halves' : 'whole');
}
