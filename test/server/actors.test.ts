/**
 * Each adversary is worth its place: there is code in which it alone shows the fault, and in the twin that holds a run in
 * which it gets to the point and the walk withstands it. And none of them is left out of the worlds.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { paired } from '../../engine/mm/actors/pairs.js';
import { READER_WORLDS } from '../../engine/mm/worlds/reader/reader_worlds.js';
import { WORLDS } from '../../engine/mm/worlds/walk/worlds.js';
import type { Rule } from '../../engine/rules/verdict.js';
import { actorNames, ownActors } from '../../server/actors/sources.js';
import { actorHeaders } from '../../server/lower/actor_header.js';
import { analysisOf } from '../analysis.js';
import { happens, linesOf, runsOf } from '../runs.js';
import { repositoryRoot } from '../trees.js';

interface Needed {
	readonly actor: string;
	/** Name of the pair; the violated one breaks this rule against this adversary and no other. */
	readonly fixture: string;
	readonly rule: Rule;
	/** World and flags of a run of the holding one. */
	readonly scenario: readonly string[];
	/** What happens in it, in this order. */
	readonly passes: readonly RegExp[];
	/** Whether the walk hands its page out all the same, rightly. */
	readonly handsOut: boolean;
}

const GET = 'FOLL_GET|FOLL_WRITE';
const READ = 'FOLL_GET';
const HANDED_OUT = /^0 (?:\*nr|pages\[\d\]) .*→/;

const NEEDED: readonly Needed[] = [
	{
		// the walk looks while the contents are under way
		actor: 'migrate',
		fixture: 'bad-entry-migrating',
		rule: 'bad-entry',
		scenario: ['pmd leaf, anon huge page, exclusive, writable', GET],
		passes: [
			/^1 folio#12\.PG_anon_exclusive 1 → 0/,
			/^1 pmd\[0\] → migration entry/,
			/^0 pmd\[0\] migration entry/,
			/^1 folio#20\.mapping → &anon_vma\|ANON/,
			/^1 pmd\[0\] → pfn 20 /,
			/^1 folio#12 is freed|^1 folio#12\._refcount 1 → 0/,
		],
		handsOut: false,
	},
	{
		// a reference taken in time keeps the page where it is
		actor: 'migrate',
		fixture: 'bad-entry-migrating',
		rule: 'bad-entry',
		scenario: ['pmd leaf, anon huge page, exclusive, writable', GET],
		passes: [
			/^0 folio#12\._refcount \d → \d/,
			/^1 pmd\[0\] → migration entry/,
			/^1 folio#12\.PG_anon_exclusive 0 → 1/,
			/^1 pmd\[0\] → pfn 12 /,
		],
		handsOut: true,
	},
	{
		actor: 'writeback',
		fixture: 'permission-writeback',
		rule: 'permission',
		scenario: ['page of a filesystem with dirty tracking, writable', GET],
		passes: [
			/^0 pte\[1\] pfn 8 present\|write\|dirty/,
			/^1 pte\[1\] → pfn 8 present$/,
			/^1 folio#8\.PG_writeback → 1/,
			/^0 folio#8\._refcount 2 → 3/,
			/^0 pte\[1\] pfn 8 present$/,
			/^0 folio#8\._refcount 3 → 2/,
		],
		handsOut: false,
	},
	{
		actor: 'mprotect',
		fixture: 'permission-mprotect',
		rule: 'permission',
		scenario: ['anon page, exclusive, writable', READ],
		passes: [
			/^0 pte\[1\] pfn 8 present/,
			/^1 pte\[1\] → pfn 8 .*protnone/,
			/^0 folio#8\._refcount 1 → 2/,
			/^0 pte\[1\] pfn 8 .*protnone/,
			/^0 folio#8\._refcount 2 → 1/,
		],
		handsOut: false,
	},
	{
		// there and back again: the entry has its old value at the second look
		actor: 'numa',
		fixture: 'permission-protnone-huge',
		rule: 'permission',
		scenario: ['pmd leaf, anon huge page, exclusive, writable', READ],
		passes: [
			/^0 pmd\[0\] pfn 12 present/,
			/^1 pmd\[0\] → pfn 12 .*protnone/,
			/^1 pmd\[0\] → pfn 12 present/,
			/^0 pmd\[0\] pfn 12 present/,
		],
		handsOut: true,
	},
	{
		// the upper entry goes while the walk is below it; the table changes once the walk is over
		actor: 'unshare',
		fixture: 'stale-pin-shared-table',
		rule: 'stale-pin',
		scenario: ['pmd leaf, hugetlb page in a shared PMD table', GET],
		passes: [
			/^0 pud\[0\] pfn/,
			/^1 pud\[0\] → none/,
			/^1 an IPI is sent to every CPU/,
			/^0 pmd\[0\] pfn 12 /,
			/^0 interrupts on/,
			/^1 every CPU has answered the IPI/,
			/^1 pmd\[0\] → pfn 20 /,
		],
		handsOut: true,
	},
	{
		actor: 'unplug',
		fixture: 'use-after-free-pagemap',
		rule: 'use-after-free',
		scenario: ['device page of a DAX file', GET],
		passes: [
			/^0 pgmap\.ref 1 → 2/,
			/^1 pgmap\.live → 0/,
			/^0 folio#8\._refcount 2 → 3/,
			/^0 pgmap\.ref 2 → 1/,
			/^1 pgmap\.ref 1 → 0/,
			/^1 the struct pages of the device are removed/,
		],
		handsOut: true,
	},
	{
		// the old head is another's now, and the page is back at its address
		actor: 'reuse',
		fixture: 'wrong-folio-reuse',
		rule: 'wrong-folio',
		scenario: ['last page of a huge folio mapped by PTEs', GET],
		passes: [
			/^0 page#14\.compound_head tail of folio#12/,
			/^1 folio#12 is allocated to an anonymous page of another process/,
			/^1 page#14 is allocated to an anonymous page of this mm/,
			/^1 pte\[1\] → pfn 14 /,
			/^0 folio#12\._refcount 1 → 2/,
			/^0 page#14\.compound_head none/,
			/^0 folio#12\._refcount 2 → 1/,
		],
		handsOut: false,
	},
];

function textOf(kind: 'violated' | 'holds', fixture: string): string {
	return readFileSync(join(repositoryRoot, `test/fixtures/${kind}/${fixture}.c`), 'utf8');
}

/** True when some run of the holding fixture goes that way. */
function reached({ fixture, scenario, actor, passes, handsOut }: Needed): boolean {
	for (const trace of runsOf({ text: textOf('holds', fixture) }, [...scenario, actor])) {
		if (!happens(trace, passes)) continue;
		if (linesOf(trace).some((line) => HANDED_OUT.test(line)) === handsOut) return true;
	}
	return false;
}

describe('an adversary that nothing else stands in for', () => {
	const pairs = new Map(NEEDED.map((n) => [n.fixture, n]));

	it.each([...pairs.values()].map((n) => [`${n.actor}: ${n.fixture}`, n] as const))(
		'%s',
		(_, { actor, fixture, rule }) => {
			const all = analysisOf({ text: textOf('violated', fixture) });
			const found = all.findings.filter((f) => f.rule === rule);
			expect(found.map((f) => f.actors)).toEqual([[actor]]);
			const alone = analysisOf({ text: textOf('violated', fixture), actors: [actor] });
			expect(alone.findings.map((f) => f.rule)).toEqual([rule]);
		},
	);
});

describe('gets to the point in a walk that holds', () => {
	it.each(NEEDED.map((n) => [`${n.actor}: ${n.fixture}, ${n.passes.length} steps`, n] as const))(
		'%s',
		(_, needed) => {
			expect(reached(needed)).toBe(true);
		},
	);
});

describe('unplug', () => {
	it('waits for whoever has asked for the dev_pagemap, with interrupts on too', () => {
		const text = textOf('holds', 'use-after-free-pagemap');
		const asked = analysisOf({ text, actors: ['unplug'], whatIf: ['interrupts-on'] });
		expect(asked.findings).toEqual([]);
	});
});

describe('adversaries', () => {
	it('act in some world or beside another, each of them', () => {
		const worlds = [...WORLDS, ...READER_WORLDS];
		const actors = ownActors().flatMap(({ text }) => actorHeaders(text));
		const named = new Set([...worlds.flatMap((world) => world.actors), ...paired({ actors })]);
		expect(actorNames(ownActors()).filter((name) => !named.has(name))).toEqual([]);
	});
});
