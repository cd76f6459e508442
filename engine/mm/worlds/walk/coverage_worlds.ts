/**
 * Initial states needed only to reach certain lines of mm/gup.c: a caller with interrupts off, an entry that looks present and has no
 * table, several pages to undo, a device folio that is split.
 *
 * Invariant: without each of them a verdict would name lines of unmodified mm/gup.c as never reached.
 */
import { anonFolio, COMPOUND, daxFolio } from '../../model/folio_specs.js';
import { ENTRY, RW } from '../../model/layout.js';
import { OWNER } from '../../model/owner.js';
import { FRAME, type WorldSpec } from '../../model/world_spec.js';

/** What is pinned of two folios is given back folio by folio. */
const TWO_FOLIOS_BEFORE_FORK: WorldSpec = {
	name: 'two anon pages, of two folios, before a fork',
	level: 'pte',
	entries: [
		{ frame: FRAME.first, bits: RW },
		{ frame: FRAME.second, bits: RW },
	],
	pages: 2,
	folios: [anonFolio(FRAME.first), anonFolio(FRAME.second)],
	actors: ['fork'],
	victim: 1,
	flags: 'demanding',
	tier: 'deep',
};

/** What is pinned of one folio is given back at once. */
const ONE_FOLIO_BEFORE_FORK: WorldSpec = {
	...TWO_FOLIOS_BEFORE_FORK,
	name: 'two anon pages, of one folio, before a fork',
	entries: [
		{ frame: FRAME.head, bits: RW },
		{ frame: FRAME.tail, bits: RW },
	],
	folios: [{ ...anonFolio(...COMPOUND), refcount: 2 }],
};

/**
 * An entry that counts as present and leads to no table: pte_offset_map() fails (mm/pgtable-generic.c, __pte_offset_map(),
 * which clears an entry that is pmd_bad()).
 */
const BAD_PMD: WorldSpec = {
	name: 'pmd entry that leads to no table',
	level: 'pmd',
	entries: [{ frame: FRAME.pte, bits: ENTRY.protnone | ENTRY.user | ENTRY.accessed }],
	pages: 1,
	folios: [],
	actors: [],
	victim: 0,
	needs: 'RACEWALK_PTE_MAP_RCU',
	flags: 'demanding',
	tier: 'deep',
};

/** get_user_pages_fast_only() is called from where interrupts are off already (kernel/events/core.c, perf_virt_to_phys()). */
const INTERRUPTS_OFF: WorldSpec = {
	name: 'anon page, the caller has interrupts off',
	level: 'pte',
	entries: [{ frame: FRAME.first, bits: RW }],
	pages: 1,
	folios: [anonFolio(FRAME.first)],
	actors: [],
	victim: 0,
	interruptsOff: true,
	flags: 'demanding',
	tier: 'deep',
};

/** A device's folio that becomes small ones while the walk takes its reference (fs/dax.c, dax_folio_reset_order() of 6.15). */
const DEVICE_SPLIT: WorldSpec = {
	name: 'tail of a device folio, being split',
	level: 'pte',
	entries: [{ frame: FRAME.tail, bits: RW | ENTRY.devmap }],
	pages: 1,
	folios: [daxFolio(...COMPOUND)],
	actors: ['split'],
	victim: 0,
	flags: 'demanding',
	tier: 'deep',
};

/** Memory about to be taken away (mm/page_isolation.c): what lies there must be able to move. */
const ISOLATED: WorldSpec = {
	name: 'anon page in an isolated block',
	level: 'pte',
	entries: [{ frame: FRAME.first, bits: RW }],
	pages: 1,
	folios: [{ ...anonFolio(FRAME.first), marks: ['isolated'] }],
	actors: [],
	victim: 0,
	flags: 'longterm',
	tier: 'deep',
};

/** The same of a device, behind an entry that does not mark it: what is given back then is a device's. */
const ISOLATED_DEVICE: WorldSpec = {
	...ISOLATED,
	name: 'device page in an isolated block',
	folios: [{ ...daxFolio(FRAME.first), marks: ['zone_device', 'isolated'] }],
};

/** Pages of a device that are one folio (device-dax with vmemmap_shift: mm/memremap.c since 5.17). */
function deviceFolio(level: 'pmd' | 'pud'): WorldSpec {
	return {
		name: `${level} leaf, device folio`,
		level,
		entries: [{ frame: FRAME.head, bits: RW | ENTRY.devmap | ENTRY.leaf }],
		pages: 1,
		folios: [daxFolio(...COMPOUND)],
		actors: [],
		victim: 0,
		flags: 'demanding',
		tier: 'deep',
	};
}

/** No device has it; that a walk asks is a line of text, and what it does then is nothing. */
const ZERO_DEVICE: WorldSpec = {
	...deviceFolio('pmd'),
	name: 'pmd leaf, the zero page behind an entry of a device',
	entries: [{ frame: FRAME.zero - 1, bits: RW | ENTRY.devmap | ENTRY.leaf }],
	folios: [
		{
			frames: [FRAME.zero],
			owner: OWNER.zero,
			mapping: 'none',
			refcount: 4,
			marks: ['zone_device'],
		},
	],
};

export const COVERAGE_WORLDS: readonly WorldSpec[] = [
	TWO_FOLIOS_BEFORE_FORK,
	ONE_FOLIO_BEFORE_FORK,
	BAD_PMD,
	INTERRUPTS_OFF,
	DEVICE_SPLIT,
	ISOLATED,
	ISOLATED_DEVICE,
	deviceFolio('pmd'),
	deviceFolio('pud'),
	ZERO_DEVICE,
];
