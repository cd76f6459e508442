/**
 * Worlds of device pages. Where page-table entries mark them (`devmap`, up to 6.12 at least) a walk needs a reference on the
 * device's pagemap; in kernels whose entries do not, such a page is counted like any other, once per mapping, and the device
 * waits for its references (mm/memremap.c and fs/dax.c of 7.2).
 */
import { daxFolio } from '../../model/folio_specs.js';
import { ENTRY, type Level, RW } from '../../model/layout.js';
import { OWNER } from '../../model/owner.js';
import { type FolioSpec, FRAME, type WorldSpec } from '../../model/world_spec.js';

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
	counted('counted P2PDMA page', 'pte', PEER, []),
];

/** Leaves above the PTE that are marked. */
export function devmapLeaves(level: Level): readonly WorldSpec[] {
	const bits = RW | ENTRY.devmap | ENTRY.leaf;
	const pages: readonly FolioSpec[] = [FRAME.head, FRAME.tail, FRAME.tail2].map((frame) =>
		daxFolio(frame),
	);
	const marked = (mark: string): readonly FolioSpec[] =>
		pages.map((p) => ({ ...p, marks: ['zone_device', mark] }));
	const mapped: WorldSpec = {
		name: `${level} leaf, device pages of a DAX file`,
		level,
		entries: [{ frame: FRAME.head, bits }],
		pages: 1,
		folios: pages,
		actors: ['zap', 'unplug'],
		victim: 0,
	};
	const two = { ...mapped, pages: 2, actors: ['zap'] };
	// never 0: a device page that nobody uses has a count of 1 (mm/memremap.c of 5.10, free_devmap_managed_page())
	const overflowed = pages.map((p, i) => (i === 2 ? { ...p, refcount: -2147483000 } : p));
	const mixed = pages.map((p, i) => (i === 2 ? { ...p, marks: ['zone_device', 'pci_p2pdma'] } : p));
	return [
		mapped,
		{ ...two, name: `${level} leaf, two device pages` },
		{ ...two, name: `${level} leaf, two device pages, a count overflowed`, folios: overflowed },
		{
			...mapped,
			name: `${level} leaf, device pages of a device being removed`,
			actors: [],
			folios: marked('dying'),
		},
		{
			...mapped,
			name: `${level} leaf, P2PDMA pages`,
			actors: [],
			folios: marked('pci_p2pdma'),
		},
		// a walk asks for the pagemap of each page of a leaf: that it is one for all is nowhere said
		{
			...two,
			name: `${level} leaf, a device page and a peer-to-peer one`,
			folios: mixed,
			flags: 'demanding',
			tier: 'deep',
		},
		{
			...mapped,
			name: `${level} leaf, special`,
			needs: 'RACEWALK_HUGE_SPECIAL',
			entries: [{ frame: FRAME.head, bits: RW | ENTRY.leaf | ENTRY.special }],
			folios: marked('no-page'),
			actors: [],
		},
	];
}
