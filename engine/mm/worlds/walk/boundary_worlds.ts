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
import { FRAME, type WorldSpec } from '../../model/world_spec.js';

type Upper = 'pmd' | 'pud' | 'pgd';

const LAST = { pmd: FRAME.last, pud: FRAME.lastPud, pgd: FRAME.lastPgd } as const;

/** The walk leaves a huge leaf and goes on in a table: what is counted for the leaf ends where the leaf does. */
function leafThenTable(level: Upper): WorldSpec {
	const frames = [FRAME.head, LAST[level]];
	const hugetlb = { owner: OWNER.hugetlb, mapping: 'hugetlb', marks: ['PG_hugetlb'] } as const;
	return {
		name: `last page of a ${level} leaf and first page of the table behind it`,
		level,
		entries: [
			{ frame: FRAME.head, bits: RW | ENTRY.leaf },
			{ frame: FRAME.first, bits: RW },
		],
		pages: 2,
		crosses: level,
		folios: [
			level === 'pmd' ? anonFolio(...frames) : { ...hugetlb, frames, refcount: 2 },
			anonFolio(FRAME.first),
		],
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
const TABLE_THEN_LEAF: WorldSpec = {
	name: 'last page of a table and first page of the pmd leaf behind it',
	level: 'pte',
	behind: 'pmd',
	entries: [
		{ frame: FRAME.first, bits: RW },
		{ frame: FRAME.head, bits: RW | ENTRY.leaf },
	],
	pages: 2,
	crosses: 'pmd',
	folios: [anonFolio(FRAME.first), anonFolio(FRAME.head, FRAME.tail, FRAME.tail2)],
	actors: ['zap'],
	victim: 1,
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
	TABLE_THEN_LEAF,
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
