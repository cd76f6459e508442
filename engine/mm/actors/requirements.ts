/**
 * What a kernel must be configured with for an adversary to act, and for a world to exist in it: a page of secretmem needs CONFIG_SECRETMEM, a huge
 * leaf of anonymous memory CONFIG_TRANSPARENT_HUGEPAGE (mm/Kconfig, fs/Kconfig, arch Kconfig of 6.12).
 *
 * Invariant: a world that the configuration rules out is not explored, so nothing is reported of it.
 */
import type { Program } from '../../program/program.js';
import { FOLL } from '../model/foll.js';
import { ENTRY } from '../model/layout.js';
import { OWNER } from '../model/owner.js';
import { leafLevelOf } from '../model/world.js';
import type { WorldSpec } from '../model/world_spec.js';
import { headerOf } from './headers.js';

/** CONFIG_ symbols and features without which an adversary does not act at all. */
export function requirementsOfActor(program: Program, name: string): readonly string[] {
	return headerOf(program, name)?.needs ?? [];
}

/** A caller of the walk does not tell fork() that there are pins (server/tree/facts/pins_announced.ts). */
export function isUnannounced({ features }: Pick<Program, 'features'>): boolean {
	return features?.includes('RACEWALK_PINS_UNANNOUNCED') === true;
}

/** Marks of pages that must be able to move. */
const MOVED: readonly string[] = ['zone_movable', 'cma', 'isolated'];

/** CONFIG_ symbols and features (Program.features) without which a world cannot be. */
export function requirementsOf(spec: WorldSpec): readonly string[] {
	const needs = new Set<string>(spec.needs === undefined ? [] : [spec.needs]);
	const has = (bit: number): boolean => spec.entries.some((e) => (e.bits & bit) !== 0);
	// the level above the PTE, if there is one, whose entry maps a page
	const at = spec.level === 'pte' ? (spec.behind ?? 'pte') : spec.level;
	for (const folio of spec.folios) {
		if (folio.owner === OWNER.secretmem) needs.add('CONFIG_SECRETMEM').add('RACEWALK_SECRETMEM');
		if (folio.marks?.includes('PG_hugetlb')) needs.add('CONFIG_HUGETLB_PAGE');
		else if (folio.frames.length > 1) needs.add('CONFIG_TRANSPARENT_HUGEPAGE');
		// include/linux/mm.h, folio_is_longterm_pinnable(): pages that cannot be moved may be pinned wherever they lie
		if (folio.marks?.some((m) => MOVED.includes(m))) needs.add('CONFIG_MIGRATION');
		if (folio.marks?.some((m) => m === 'cma' || m === 'isolated'))
			needs.add('CONFIG_CMA').add('RACEWALK_CMA');
		if (folio.marks?.includes('pci_p2pdma')) needs.add('CONFIG_PCI_P2PDMA').add('RACEWALK_P2PDMA');
	}
	if (has(ENTRY.devmap)) needs.add('CONFIG_ARCH_HAS_PTE_DEVMAP').add('RACEWALK_DEVMAP');
	const isDevice = (marks: readonly string[] = []): boolean =>
		marks.includes('zone_device') && !marks.includes('no-page');
	if (has(ENTRY.devmap) || spec.folios.some((f) => isDevice(f.marks))) {
		needs.add('CONFIG_ZONE_DEVICE');
		if (at !== 'pte') needs.add('CONFIG_TRANSPARENT_HUGEPAGE');
		if (at === 'pud') needs.add('CONFIG_HAVE_ARCH_TRANSPARENT_HUGEPAGE_PUD');
	}
	if (has(ENTRY.devmap) && at === 'pud') needs.add('RACEWALK_PUD_DEVMAP');
	// transparent huge pages of that size are a device's alone: mm/huge_memory.c, vmf_insert_pfn_pud()
	const isDevices = has(ENTRY.devmap | ENTRY.special) || spec.folios.some((f) => isDevice(f.marks));
	if (at === 'pud' && has(ENTRY.leaf) && !isDevices) needs.add('CONFIG_HUGETLB_PAGE');
	if (at === 'pgd' || spec.crosses === 'pgd' || spec.p4dFolded) needs.add('RACEWALK_PGD_TABLE');
	if (at === 'pgd' && has(ENTRY.leaf)) needs.add('RACEWALK_PGD_LEAF');
	// a leaf, or what stands in a leaf's place while it is away: migration and hwpoison entries
	const own = spec.entries[spec.level === 'pte' ? (spec.pagesBefore ?? 1) : 0];
	if (at === 'pud' && own?.bits !== 0) needs.add('RACEWALK_PUD_LEAF');
	return [...needs];
}

/**
 * What a finding in this world takes for granted that no kernel has today, to end its message with: leaves of the PGD
 * (pgd_leaf(x) is false: include/linux/pgtable.h, for each architecture here). Their code is checked because people change it.
 */
export function premiseOf(spec: WorldSpec): string {
	const isLeaf = spec.entries.some(
		({ bits }, i) => leafLevelOf(spec, i) === 'pgd' && (bits & ENTRY.leaf) !== 0,
	);
	return isLeaf
		? ' (if there were leaves at this level, which no kernel has on this architecture)'
		: '';
}

/** FOLL_ bits that make a difference in this world only: PROT_NONE entries and peer-to-peer pages. */
export function telltaleFlags(spec: WorldSpec): number {
	const protnone = spec.entries.some((e) => (e.bits & ENTRY.protnone) !== 0);
	const peer = spec.folios.some((f) => f.marks?.includes('pci_p2pdma'));
	return (protnone ? FOLL.FOLL_FORCE : 0) | (peer ? FOLL.FOLL_PCI_P2PDMA : 0);
}

/**
 * Feature that does not hold where khugepaged's IPI is all that a walk has against it: server/tree/facts/generation.ts.
 *
 * Model: there collapse takes no part, since it sends no IPI here (engine/mm/actors/collapse.c) and the walker of PTEs is not
 * handed the PMD's address to compare it again. Loses the runs of a khugepaged that has waited for the walk.
 */
export const COLLAPSE_UNAWAITED = 'RACEWALK_COLLAPSE_UNAWAITED';
