/**
 * The worlds a walk is explored in, most suspicious first.
 * Model: at the PTE what is neither empty nor present is one kind of entry: swap, migration, hwpoison, device-private and
 * device-exclusive entries and markers differ in bits that a walk without the lock may not ask about (include/linux/swapops.h);
 * the frame they seem to name is a stranger's page. Loses code that accepts one of the kinds only; the migration entry, which
 * the adversary migrate puts, is told from the rest.
 *
 * Invariant: what engine/mm/actors/requirements.ts asks of a world follows from its entries and folios alone.
 */

import { anonFolio, COMPOUND, daxFolio } from '../../model/folio_specs.js';
import { ENTRY, type Level, RW, USER } from '../../model/layout.js';
import { OWNER } from '../../model/owner.js';
import { type FolioSpec, FRAME, type MappingKind, type WorldSpec } from '../../model/world_spec.js';
import { COVERAGE_WORLDS } from './coverage_worlds.js';
import { DEEP_WORLDS, HOLE_BEHIND } from './deep_worlds.js';
import { COUNTED_DEVICE_WORLDS, devmapLeaves } from './device_worlds.js';
import { LENT } from './worlds_lent.js';

interface Small {
	readonly name: string;
	readonly bits: number;
	readonly owner: number;
	readonly mapping: MappingKind;
	readonly refcount: number;
	readonly exclusive?: boolean;
	readonly marks?: readonly string[];
	readonly actors: readonly string[];
}

function small(s: Small): WorldSpec {
	return {
		name: s.name,
		level: 'pte',
		entries: [{ frame: FRAME.first, bits: s.bits }],
		pages: 1,
		folios: [
			{
				frames: [FRAME.first],
				owner: s.owner,
				mapping: s.mapping,
				refcount: s.refcount,
				exclusive: s.exclusive ?? false,
				marks: s.marks ?? [],
			},
		],
		actors: s.actors,
		victim: 0,
	};
}

function leaf(level: Level, s: Small): WorldSpec {
	return {
		...small(s),
		name: `${level} leaf, ${s.name}`,
		level,
		entries: [{ frame: FRAME.head, bits: s.bits | ENTRY.leaf }],
		folios: [
			{
				frames: COMPOUND,
				owner: s.owner,
				mapping: s.mapping,
				refcount: s.refcount,
				exclusive: s.exclusive ?? false,
				marks: s.marks ?? [],
			},
		],
	};
}

/** Another page of this mm that may take the victim's place, for `remap`. */
function withOther(spec: WorldSpec, bits = spec.entries[0]?.bits ?? RW): WorldSpec {
	const other: FolioSpec = {
		frames: spec.level === 'pte' ? [FRAME.second] : [FRAME.huge, FRAME.huge + 1],
		owner: spec.folios[0]?.owner ?? OWNER.anon,
		mapping: spec.folios[0]?.mapping ?? 'anon',
		refcount: bits === spec.entries[0]?.bits ? (spec.folios[0]?.refcount ?? 1) : 1,
		exclusive: true,
		marks: spec.folios[0]?.marks ?? [],
	};
	const frame = other.frames[0] as number;
	return {
		...spec,
		folios: [...spec.folios, other],
		actors: [...spec.actors, 'remap'],
		other: { frame, bits },
	};
}

/** The folio that `migrate` moves the contents to: nothing maps it yet. */
function withTarget(spec: WorldSpec): WorldSpec {
	const frames = spec.level === 'pte' ? [FRAME.second] : [FRAME.huge, FRAME.huge + 1];
	const { owner, refcount } = spec.folios[0] as FolioSpec;
	return {
		...spec,
		folios: [...spec.folios, { frames, owner, mapping: 'none', refcount }],
		actors: [...spec.actors, 'migrate'],
		other: { frame: frames[0] as number, bits: spec.entries[0]?.bits ?? RW },
	};
}

/** khugepaged's new huge page, for worlds in which it may appear. */
function withHugeReplacement(spec: WorldSpec): WorldSpec {
	const huge: FolioSpec = {
		frames: [FRAME.huge, FRAME.huge + 1],
		owner: OWNER.anon,
		mapping: 'anon',
		refcount: 1,
		exclusive: true,
	};
	return { ...spec, folios: [...spec.folios, huge] };
}

const SMALL: readonly WorldSpec[] = [
	withHugeReplacement(
		withOther(
			small({
				name: 'anon page, exclusive, writable',
				bits: RW,
				owner: OWNER.anon,
				mapping: 'anon',
				refcount: 1,
				exclusive: true,
				actors: [
					...['zap', 'fork', 'collapse', 'reclaim', 'pgtable_free', 'migrate', 'mprotect'],
					'deposit',
				],
			}),
		),
	),
	withTarget(
		small({
			name: 'page of a filesystem with dirty tracking, writable',
			bits: RW,
			owner: OWNER.trackedFile,
			mapping: 'file',
			refcount: 2,
			marks: ['PG_dirty'],
			actors: ['writeback', 'truncate', 'zap', 'reclaim', 'evict'],
		}),
	),
	small({
		name: 'shmem page, writable',
		bits: RW,
		owner: OWNER.shmem,
		mapping: 'shmem',
		refcount: 2,
		actors: ['truncate', 'reclaim', 'retract'],
	}),
	small({
		name: 'secretmem page, writable',
		bits: RW,
		owner: OWNER.secretmem,
		mapping: 'secretmem',
		refcount: 2,
		actors: ['zap', 'evict'], // a size is set once: mm/secretmem.c, secretmem_setattr()
	}),
	small({
		name: 'secretmem page, read-only',
		bits: USER,
		owner: OWNER.secretmem,
		mapping: 'secretmem',
		refcount: 2,
		actors: [],
	}),
	// the page that takes its place may be written to: who looks at the write bit later looks at another page's
	withOther(
		small({
			name: 'anon page, shared, read-only',
			bits: USER,
			owner: OWNER.anon,
			mapping: 'anon',
			refcount: 2,
			actors: ['zap'],
		}),
		RW,
	),
	small({
		name: 'anon page, exclusive, read-only',
		bits: USER,
		owner: OWNER.anon,
		mapping: 'anon',
		refcount: 1,
		exclusive: true,
		actors: ['fork', 'ksm', 'reclaim', 'zap'],
	}),
	{
		...small({
			name: 'zero page',
			bits: USER,
			owner: OWNER.zero,
			mapping: 'none',
			refcount: 4,
			actors: [],
		}),
		entries: [{ frame: FRAME.zero, bits: USER }],
		folios: [{ frames: [FRAME.zero], owner: OWNER.zero, mapping: 'none', refcount: 4 }],
		cow: true,
	},
	small({
		name: 'special entry without struct page',
		bits: RW | ENTRY.special,
		owner: OWNER.device,
		mapping: 'none',
		refcount: 1,
		marks: ['no-page'],
		actors: [],
	}),
	small({
		name: 'PROT_NONE anon page',
		bits: ENTRY.protnone | ENTRY.accessed | ENTRY.user | ENTRY.write,
		owner: OWNER.anon,
		mapping: 'anon',
		refcount: 1,
		exclusive: true,
		actors: [],
	}),
	small({
		name: 'swap entry',
		bits: ENTRY.write | ENTRY.user,
		owner: OWNER.otherAnon,
		mapping: 'anon',
		refcount: 1,
		actors: [],
	}),
	small({
		name: 'device page of a DAX file',
		bits: RW | ENTRY.devmap,
		owner: OWNER.device,
		mapping: 'file',
		refcount: 2,
		marks: ['zone_device'],
		actors: ['zap', 'unplug'],
	}),
	small({
		name: 'device page of a device being removed',
		bits: RW | ENTRY.devmap,
		owner: OWNER.device,
		mapping: 'file',
		refcount: 2,
		marks: ['zone_device', 'dying'],
		actors: [],
	}),
	small({
		name: 'P2PDMA page',
		bits: RW | ENTRY.devmap,
		owner: OWNER.device,
		mapping: 'none',
		refcount: 2,
		marks: ['zone_device', 'pci_p2pdma'],
		actors: [],
	}),
	small({
		name: 'movable anon page',
		bits: RW,
		owner: OWNER.anon,
		mapping: 'anon',
		refcount: 1,
		exclusive: true,
		marks: ['zone_movable'],
		actors: [],
	}),
	small({
		name: 'anon page whose count has overflowed',
		bits: RW,
		owner: OWNER.anon,
		mapping: 'anon',
		refcount: -2147483000,
		exclusive: true,
		actors: [],
	}),
];

const TWO_ANON: WorldSpec = {
	name: 'two anon pages',
	level: 'pte',
	// the third is mapped behind the walked range: whoever walks too far or skips one meets it
	entries: [
		{ frame: FRAME.first, bits: RW },
		{ frame: FRAME.second, bits: RW },
		{ frame: FRAME.third, bits: RW },
	],
	pages: 2,
	folios: [anonFolio(FRAME.first), anonFolio(FRAME.second), anonFolio(FRAME.third)],
	actors: ['zap'],
	victim: 1,
};

const TWO: readonly WorldSpec[] = [
	TWO_ANON,
	{ ...TWO_ANON, name: 'two anon pages, the first under attack', victim: 0 },
	{
		...TWO_ANON,
		name: 'two anon pages, the first not present',
		entries: [
			{ frame: 0, bits: 0 },
			{ frame: FRAME.second, bits: RW },
		],
		folios: [anonFolio(FRAME.second)],
		actors: [],
	},
	{
		...TWO_ANON,
		name: 'two anon pages in two tables',
		crosses: 'pmd',
		victim: 0,
	},
	{
		...TWO_ANON,
		name: 'an anon page and a secretmem page',
		entries: TWO_ANON.entries.slice(0, 2),
		folios: [
			anonFolio(FRAME.first),
			{ frames: [FRAME.second], owner: OWNER.secretmem, mapping: 'secretmem', refcount: 2 },
		],
		actors: [],
	},
	{
		name: 'two device pages, the second unmapped',
		level: 'pte',
		entries: [
			{ frame: FRAME.first, bits: RW | ENTRY.devmap },
			{ frame: FRAME.second, bits: 0 },
		],
		pages: 2,
		folios: [daxFolio(FRAME.first)],
		actors: [],
		victim: 0,
	},
	{
		name: 'shared tail page of a huge folio, read-only, mapped by PTEs',
		level: 'pte',
		entries: [{ frame: FRAME.tail, bits: USER }],
		pages: 1,
		folios: [
			{
				frames: COMPOUND,
				owner: OWNER.anon,
				mapping: 'anon',
				refcount: 3,
				marks: ['head-exclusive'],
			},
		],
		actors: [],
		victim: 0,
	},
	{
		name: 'tail page of a huge folio mapped by PTEs',
		level: 'pte',
		entries: [{ frame: FRAME.tail, bits: RW }],
		pages: 1,
		folios: [
			{ frames: COMPOUND, owner: OWNER.anon, mapping: 'anon', refcount: 2, exclusive: true },
		],
		actors: ['split', 'reclaim'],
		victim: 0,
	},
];

function leaves(level: Level): readonly WorldSpec[] {
	const hugetlb = leaf(level, {
		name: 'hugetlb page, writable',
		bits: RW,
		owner: OWNER.hugetlb,
		mapping: 'hugetlb',
		refcount: 2,
		marks: ['PG_hugetlb'],
		actors: ['zap'],
	});
	return [
		withOther(hugetlb),
		{ ...hugetlb, name: `${level} leaf, two hugetlb pages`, pages: 2 },
		{
			...leaf(level, {
				name: 'hugetlb page, read-only',
				bits: USER,
				owner: OWNER.hugetlb,
				mapping: 'hugetlb',
				refcount: 2,
				marks: ['PG_hugetlb'],
				actors: [],
			}),
			cow: true,
		},
		leaf(level, {
			name: 'private hugetlb page, shared, read-only',
			bits: USER,
			owner: OWNER.hugetlbAnon,
			mapping: 'anon',
			refcount: 2,
			marks: ['PG_hugetlb'],
			actors: ['zap'],
		}),
		leaf(level, {
			name: 'folio of a filesystem with dirty tracking, writable',
			bits: RW,
			owner: OWNER.trackedFile,
			mapping: 'file',
			refcount: 2,
			actors: ['truncate', 'zap', 'evict'],
		}),
	];
}

const PMD: readonly WorldSpec[] = [
	withTarget(
		leaf('pmd', {
			name: 'anon huge page, exclusive, writable',
			bits: RW,
			owner: OWNER.anon,
			mapping: 'anon',
			refcount: 1,
			exclusive: true,
			actors: ['zap', 'fork', 'numa'],
		}),
	),
	leaf('pmd', {
		name: 'anon huge page, shared, read-only',
		bits: USER,
		owner: OWNER.anon,
		mapping: 'anon',
		refcount: 2,
		actors: ['zap'],
	}),
	leaf('pmd', {
		name: 'huge shmem folio, writable',
		bits: RW,
		owner: OWNER.shmem,
		mapping: 'shmem',
		refcount: 2,
		actors: ['truncate'],
	}),
	leaf('pmd', {
		name: 'PROT_NONE anon huge page',
		bits: ENTRY.protnone | ENTRY.accessed | ENTRY.user | ENTRY.write,
		owner: OWNER.anon,
		mapping: 'anon',
		refcount: 1,
		exclusive: true,
		actors: [],
	}),
];

/** An entry of a level is not there at all, until somebody faults it in. */
function absent(level: Level): WorldSpec {
	const table = { pgd: FRAME.pud, pud: FRAME.pmd, pmd: FRAME.pte, pte: FRAME.second }[level];
	return {
		name: `no ${level} entry`,
		level,
		entries: [{ frame: 0, bits: 0 }],
		pages: 1,
		folios: level === 'pte' ? [anonFolio(FRAME.second)] : [],
		actors: ['fault'],
		victim: 0,
		other: { frame: table, bits: RW },
	};
}

/** All, most suspicious first. */
export const WORLDS: readonly WorldSpec[] = [
	...SMALL,
	...TWO,
	...PMD,
	...leaves('pmd'),
	...devmapLeaves('pmd'),
	...leaves('pud'),
	...devmapLeaves('pud'),
	...leaves('pgd'),
	...(['pte', 'pmd', 'pud', 'pgd'] as const).map(absent),
	...COUNTED_DEVICE_WORLDS,
	...DEEP_WORLDS,
	...LENT,
	...COVERAGE_WORLDS,
	HOLE_BEHIND,
];
