/** What every verdict takes for granted; ARCHITECTURE.md has the whole list with reasons. */
import { unreachable } from '../base/unreachable.js';
import { COLLAPSE_UNAWAITED } from '../mm/actors/requirements.js';
import { readsHalves } from '../mm/model/halves.js';
import { type CheckRequest, isMet } from './request.js';

/** Taken for granted by every verdict on a reader. */
export const READER_ASSUMPTIONS: readonly string[] = [
	'sequential consistency: reorderings by CPU and compiler are not explored, only repeated plain loads',
	'one adversary at a time; one folio; what was handed out is given back at once',
	'whoever goes round gets out once the way out stays open (fair scheduling)',
];

/** Taken for granted by every verdict on a walk. */
export const ALWAYS: readonly string[] = [
	'sequential consistency: reorderings by CPU and compiler are not explored, only repeated plain loads',
	'adversaries act alone or in the pairs named; up to two pages; one mm',
];
const WITHOUT_IPI =
	'khugepaged is modelled without the IPI it sends since 6.1: the walk must detect the collapse itself';
const IPI_ALONE =
	'khugepaged is left out: the walk of page-table entries cannot compare the PMD again and rests on the IPI that khugepaged sends';

export function alwaysFor(request: CheckRequest): readonly string[] {
	return [...ALWAYS, isMet(request, COLLAPSE_UNAWAITED) ? WITHOUT_IPI : IPI_ALONE];
}

/** What an architecture is taken to be beyond its CONFIG_ symbols. */
export function archAssumption({ arch, program }: CheckRequest): string {
	switch (arch) {
		case 'x86_64':
			return 'x86_64 with four page-table levels; entries are read in one piece';
		case 'arm64':
			return 'arm64; TLB invalidation by broadcast, page tables freed by RCU';
		case 'i386-pae':
			return readsHalves(program)
				? 'i386-pae with three page-table levels; PTEs and PMDs are read in halves, and a TLB flush waits for the walk'
				: 'i386-pae with three page-table levels; entries are read in one piece under this memory model';
		case 's390x':
			return 's390x with three page-table levels, as a process has until it maps more than 4 TB: pgd and p4d are folded';
		case 'powerpc64':
			return 'powerpc64; page tables freed by RCU';
		default:
			return unreachable(arch);
	}
}
