/**
 * Worlds in which the walk goes on from the range of one entry above the PTE to that of the next: from one table to another,
 * from a huge leaf to a table, from a table to a leaf. What stands behind a failure shows that it was taken for success; what
 * stands behind a success shows what was carried along from it.
 *
 * Invariant: each is here for a bug that no other world shows; test/server/deep_worlds.test.ts names it.
 */

import { anonFolio, daxFolio } from '../../model/folio_specs.js';
import { ENTRY, RW } from '../../model/layout.js';
import { OWNER } from '../../model/owner.js';
import { type FolioSpec, FRAME, type WorldSpec } from '../../model/world_spec.js';

type Upper = 'pmd' | 'pud' | 'pgd';

const LAST = { pmd: FRAME.last, pud: FRAME.lastPud, pgd: FRAME.lastPgd } as const;

/** What a leaf maps: an anonymous folio, or a hugetlb page where there are no anonymous ones of that size. */
function hugeFolio(level: Upper, ...frames: readonly number[]): FolioSpec {
	if (level === 'pmd') return anonFolio(...frames);
	return { owner: OWNER.hugetlb, mapping: 'hugetlb', marks: ['PG_hugetlb'], frames, refcount: 2 };
}

/** The walk leaves a huge leaf and goes on in a table: what is counted for the leaf ends where the leaf does. */
function leafThenTable(level: Upper): WorldSpec {
	return {
		name: `last page of a ${level} leaf and first page of the table behind it`,
		level,
		entries: [
			{ frame: FRAME.head, bits: RW | ENTRY.leaf },
			{ frame: FRAME.first, bits: RW },
		],
		pages: 2,
		crosses: level,
		folios: [hugeFolio(level, FRAME.head, LAST[level]), anonFolio(FRAME.first)],
		actors: ['zap'],
		victim: 0,
		flags: 'demanding',
		tier: 'deep',
	};
}

/** A leaf of device pages that the walk must refuse, and a table behind it. */
function refusedThenTable(level: 'pmd' | 'pud'): WorldSpec {
	return {
		...leafThenTable(level),
		name: `last page of a ${level} leaf of a device being removed and first page of the table behind it`,
		entries: [
			{ frame: FRAME.head, bits: RW | ENTRY.leaf | ENTRY.devmap },
			{ frame: FRAME.first, bits: RW },
		],
		folios: [{ ...daxFolio(LAST[level]), marks: ['zone_device', 'dying'] }, anonFolio(FRAME.first)],
		actors: [],
	};
}

/** The walk comes from a table to a huge leaf: pages have been handed out before it. */
function tableThenLeaf(level: Upper): WorldSpec {
	return {
		name: `last page of a table and first page of the ${level} leaf behind it`,
		level: 'pte',
		behind: level,
		entries: [
			{ frame: FRAME.first, bits: RW },
			{ frame: FRAME.head, bits: RW | ENTRY.leaf },
		],
		pages: 2,
		crosses: level,
		folios: [anonFolio(FRAME.first), hugeFolio(level, FRAME.head, FRAME.tail, FRAME.tail2)],
		actors: level === 'pmd' ? ['zap'] : [],
		victim: 1,
		flags: 'demanding',
		tier: 'deep',
	};
}

/** The same with pages of a device that is being removed: what is given back is what was found in this range. */
function tableThenRefused(behind: 'pte' | 'pmd' | 'pud'): WorldSpec {
	const crosses = behind === 'pte' ? 'pmd' : behind;
	const what = behind === 'pte' ? 'table' : `${behind} leaf`;
	const bits = RW | ENTRY.devmap | (behind === 'pte' ? 0 : ENTRY.leaf);
	return {
		...tableThenLeaf(crosses),
		name: `last page of a table and first page of the ${what} of a device being removed behind it`,
		behind,
		entries: [
			{ frame: FRAME.first, bits: RW },
			{ frame: FRAME.head, bits },
		],
		folios: [anonFolio(FRAME.first), { ...daxFolio(FRAME.head), marks: ['zone_device', 'dying'] }],
		actors: [],
	};
}

/** The second page of a table is not there: who goes on in the next table all the same leaves its address out. */
const HOLE_BEFORE_TABLE: WorldSpec = {
	name: 'last page but one of a table, nothing behind it, and first page of the table behind that',
	level: 'pte',
	entries: [
		{ frame: FRAME.first, bits: RW },
		{ frame: 0, bits: 0 },
		{ frame: FRAME.second, bits: RW },
	],
	pages: 3,
	crosses: 'pmd',
	pagesBefore: 2,
	folios: [anonFolio(FRAME.first), anonFolio(FRAME.second)],
	actors: [],
	victim: 0,
	flags: 'demanding',
	tier: 'deep',
};

/** The walk goes from huge leaf to huge leaf: what was counted for the one is not counted again for the other. */
const TWO_LEAVES: WorldSpec = {
	name: 'last page of a pmd leaf and first page of the leaf behind it',
	level: 'pmd',
	behind: 'pmd',
	entries: [
		{ frame: FRAME.head, bits: RW | ENTRY.leaf },
		{ frame: FRAME.huge, bits: RW | ENTRY.leaf },
	],
	pages: 2,
	crosses: 'pmd',
	folios: [anonFolio(FRAME.head, FRAME.last), anonFolio(FRAME.huge, FRAME.huge + 1)],
	actors: [],
	victim: 0,
	flags: 'demanding',
	tier: 'deep',
};

/**
 * Two tables that hang from different tables. The walk steps from one PUD to the next: off the copy it holds on its stack, if
 * that is what it points to.
 */
function twoTables(level: 'pud' | 'pgd'): WorldSpec {
	return {
		name: `two anon pages under two ${level === 'pud' ? 'PUDs' : 'PGDs'}`,
		level: 'pte',
		entries: [
			{ frame: FRAME.first, bits: RW },
			{ frame: FRAME.second, bits: RW },
		],
		pages: 2,
		crosses: level,
		folios: [anonFolio(FRAME.first), anonFolio(FRAME.second)],
		actors: ['zap'],
		victim: 0,
		flags: 'demanding',
		tier: 'deep',
	};
}

/** Nothing is mapped, and behind it something is: the walk ends at a hole and does not skip it. */
function hole(level: 'pud' | 'pgd'): WorldSpec {
	return {
		name: `no ${level} entry, and a table behind it`,
		level,
		entries: [
			{ frame: 0, bits: 0 },
			{ frame: FRAME.first, bits: RW },
		],
		pages: 2,
		crosses: level,
		folios: [anonFolio(FRAME.first)],
		actors: [],
		victim: 0,
		flags: 'demanding',
		tier: 'deep',
	};
}

/** The hole is the last thing below an entry further up: who says there that all went well goes on behind that one. */
function holeBelow(level: 'pmd' | 'pud', crosses: 'pud' | 'pgd'): WorldSpec {
	const name = `no ${level} entry, and a table behind it below the next ${crosses} entry`;
	return { ...hole('pud'), name, level, crosses };
}

export const BOUNDARY_WORLDS: readonly WorldSpec[] = [
	twoTables('pud'),
	tableThenLeaf('pmd'),
	tableThenLeaf('pud'),
	tableThenLeaf('pgd'),
	tableThenRefused('pte'),
	tableThenRefused('pmd'),
	tableThenRefused('pud'),
	HOLE_BEFORE_TABLE,
	hole('pud'),
	hole('pgd'),
	holeBelow('pmd', 'pud'),
	holeBelow('pud', 'pgd'),
	refusedThenTable('pmd'),
	refusedThenTable('pud'),
	leafThenTable('pmd'),
	TWO_LEAVES,
	leafThenTable('pud'),
	twoTables('pgd'),
	leafThenTable('pgd'),
];
