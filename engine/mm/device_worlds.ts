/**
 * Worlds of device pages in kernels whose page-table entries do not mark them: such a page is counted like any other, once
 * per mapping, and the device waits for its references (mm/memremap.c and fs/dax.c of 7.2). Kernels that mark the
 * entries have theirs in worlds.ts.
 */
import { ENTRY, type Level } from './layout.js';
import { OWNER } from './owner.js';
import { type FolioSpec, FRAME, type WorldSpec } from './world_spec.js';

const RW = ENTRY.present | ENTRY.user | ENTRY.accessed | ENTRY.write | ENTRY.dirty;

const FILE: Omit<FolioSpec, 'frames'> = {
	owner: OWNER.device,
	mapping: 'file',
	refcount: 1,
	marks: ['zone_device'],
};
const PEER: Omit<FolioSpec, 'frames'> = {
	owner: OWNER.device,
	mapping: 'none',
	refcount: 1,
	marks: ['zone_device', 'pci_p2pdma'],
};

function counted(
	name: string,
	level: Level,
	folio: Omit<FolioSpec, 'frames'>,
	actors: readonly string[],
): WorldSpec {
	const frames = level === 'pte' ? [FRAME.first] : [FRAME.head, FRAME.tail, FRAME.tail2];
	const bits = level === 'pte' ? RW : RW | ENTRY.leaf;
	return {
		name,
		level,
		entries: [{ frame: frames[0] as number, bits }],
		pages: 1,
		folios: [{ ...folio, frames }],
		actors,
		victim: 0,
		needs: 'RACEWALK_COUNTED_DEVICE_PAGES',
	};
}

export const COUNTED_DEVICE_WORLDS: readonly WorldSpec[] = [
	counted('counted device page of a DAX file', 'pte', FILE, ['zap']),
	counted('pmd leaf, counted device folio of a DAX file', 'pmd', FILE, ['zap']),
	counted('pud leaf, counted device folio of a DAX file', 'pud', FILE, ['zap']),
	counted('counted peer-to-peer device page', 'pte', PEER, []),
];
