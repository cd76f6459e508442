/**
 * Initial states for the adversaries unshare and reuse: a PMD table shared by two processes, and the last page of a huge folio that
 * PTEs map.
 */
import { ENTRY, RW } from '../../model/layout.js';
import { OWNER } from '../../model/owner.js';
import { FRAME, type WorldSpec } from '../../model/world_spec.js';

/** Worlds of `unshare` and `reuse`. */
export const LENT: readonly WorldSpec[] = [
	{
		name: 'pmd leaf, hugetlb page in a shared PMD table',
		level: 'pmd',
		entries: [{ frame: FRAME.head, bits: RW | ENTRY.leaf }],
		pages: 1,
		folios: [
			{
				frames: [FRAME.head, FRAME.tail, FRAME.tail2],
				owner: OWNER.hugetlb,
				mapping: 'hugetlb',
				// page cache, and both processes through the one entry
				refcount: 2,
				marks: ['PG_hugetlb'],
			},
			{
				frames: [FRAME.huge, FRAME.huge + 1],
				owner: OWNER.otherAnon,
				mapping: 'anon',
				refcount: 1,
				exclusive: true,
			},
		],
		actors: ['unshare'],
		victim: 0,
		other: { frame: FRAME.huge, bits: RW | ENTRY.leaf },
	},
	{
		name: 'last page of a huge folio mapped by PTEs',
		tier: 'deep',
		level: 'pte',
		entries: [{ frame: FRAME.tail2, bits: RW }],
		pages: 1,
		folios: [
			{
				frames: [FRAME.head, FRAME.tail, FRAME.tail2],
				owner: OWNER.anon,
				mapping: 'anon',
				refcount: 1,
				exclusive: true,
			},
		],
		actors: ['reuse'],
		victim: 0,
	},
];
