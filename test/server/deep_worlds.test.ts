/**
 * What the rarer worlds are for: each shows a bug that the common scenarios do not, and none is there for nothing.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ALL_FOLL } from '../../engine/mm/model/foll.js';
import { DEEP_WORLDS } from '../../engine/mm/worlds/walk/deep_worlds.js';
import { analysisOf, foundIn } from '../analysis.js';
import { withoutCarets } from '../carets.js';
import { fixtureArch } from '../fixture_arch.js';
import { repositoryRoot } from '../trees.js';

/** Worlds by what they begin with, and the fixture that only they show. */
const SHOWN: readonly { readonly world: RegExp; readonly fixture: string }[] = [
	{
		world: /^head and tail of one folio, mapped/,
		fixture: 'reference-underflow-same-folio',
	},
	{
		world: /^head and tail of one folio whose count/,
		fixture: 'reference-overflow-first-page',
	},
	{ world: /^the zero page and an anon page/, fixture: 'reference-underflow-zero-page' },
	{ world: /^secretmem page on its LRU list/, fixture: 'secretmem-pin-on-lru' },
	{ world: /^KSM page/, fixture: 'racing-mapping-ksm' },
	{ world: /being split$/, fixture: 'bad-entry-being-split' },
	{ world: /^two device pages of a DAX file/, fixture: 'reference-leak-device-pages' },
	{ world: /^pmd leaf, two pages of an anon huge page/, fixture: 'reference-leak-split' },
	{ world: /^one KSM page at two addresses/, fixture: 'misplaced-page-merged' },
	{
		world: /^last page of a p[mug]d leaf and first page of the table/,
		fixture: 'misplaced-page-beyond-leaf',
	},
	{ world: /hugetlb page whose count has overflowed$/, fixture: 'reference-overflow-leaf' },
	{ world: /^device page of a DAX file, read-only/, fixture: 'permission-read-only-device' },
	{ world: /^special entry without struct page, read-only/, fixture: 'bad-entry-read-only' },
	{ world: /^migration entry at/, fixture: 'bad-entry-migration' },
	{ world: /^two anon pages under two PUDs/, fixture: 'bad-entry-folded' },
	{ world: /^two anon pages under two P[UG]Ds/, fixture: 'misplaced-page-next-pud' },
	{ world: /^no p[ug]d entry, and a table behind it$/, fixture: 'misplaced-page-hole' },
	{ world: /^no p[mu]d entry, .* below the next/, fixture: 'misplaced-page-hole-below' },
	{ world: /^last page of a table and first .* pmd leaf/, fixture: 'misplaced-page-over-earlier' },
	{
		world: /^last page of a table and first .* p[ug]d leaf/,
		fixture: 'misplaced-page-over-earlier-pud',
	},
	{
		world: /^last page of a table and first .* of a device being removed/,
		fixture: 'reference-underflow-undo-all',
	},
	{ world: /^last page but one of a table/, fixture: 'misplaced-page-hole-in-table' },
	{ world: /read-only and dirty$/, fixture: 'double-fetch-permission' },
	{ world: / of a process with four levels$/, fixture: 'use-after-free-pgd-early' },
	{ world: /and first page of the leaf behind it$/, fixture: 'reference-leak-two-leaves' },
	{ world: /leaf of a device being removed and first page/, fixture: 'misplaced-page-dying-leaf' },
	{ world: /^anon page in memory of CMA/, fixture: 'unsafe-longterm-pin-cma' },
	{ world: /leaf, movable huge page$/, fixture: 'unsafe-longterm-pin-huge-movable' },
	{ world: /^page of a file in a private mapping/, fixture: 'unsafe-longterm-pin-private' },
	{
		world: /^an anon page and a device page of a device being removed/,
		fixture: 'reference-leak-undo',
	},
];

describe('a rarer world', () => {
	it.each(SHOWN)('$fixture', ({ world, fixture }) => {
		const path = join(repositoryRoot, `test/fixtures/violated/${fixture}.c`);
		const text = withoutCarets(readFileSync(path, 'utf8'));
		const given = { text, arch: fixtureArch(text) };
		const core = analysisOf({ ...given, depth: 'core' });
		expect([...new Set(core.functions.map((f) => f.verdict))]).toEqual(['holds']);
		expect(core.left).toBeGreaterThan(0);
		const all = analysisOf(given);
		expect(all.left).toBeUndefined();
		const worlds = all.findings.map((f) => f.scenario.split('; ')[0] ?? '');
		expect(worlds).toEqual([expect.stringMatching(world)]);
	});

	it('is in the table above', () => {
		const unseen = DEEP_WORLDS.filter((w) => !SHOWN.some(({ world }) => world.test(w.name)));
		expect(unseen.map((w) => w.name)).toEqual([]);
	});
});

describe('flags', () => {
	const text = (fixture: string): string =>
		withoutCarets(readFileSync(join(repositoryRoot, `test/fixtures/${fixture}.c`), 'utf8'));

	it('that a walk asks for are explored, seldom as they are', () => {
		const given = { text: text('violated/stale-pin-seldom-flag') };
		expect(foundIn(analysisOf({ ...given, depth: 'core' }))).toEqual([]);
		const { findings, functions } = analysisOf(given);
		expect(findings.map((f) => f.rule)).toContain('stale-pin');
		expect(findings.filter((f) => !f.scenario.includes('FOLL_NOFAULT'))).toEqual([]);
		expect(functions[0]?.bounds.flags).toContain('FOLL_PIN|FOLL_WRITE|FOLL_NOFAULT');
		const plain = analysisOf({ text: text('holds/stale-pin') });
		expect(plain.functions[0]?.bounds.flags.join()).not.toContain('FOLL_NOFAULT');
	});

	it('have the numbers of the primitives', () => {
		const source = readFileSync(join(repositoryRoot, 'server/lower/primitives/folio.c'), 'utf8');
		const defined = [...source.matchAll(/^#define (FOLL_\w+) (0x[0-9a-f]+)$/gm)];
		const numbers = Object.fromEntries(defined.map(([, name, value]) => [name, Number(value)]));
		expect(ALL_FOLL).toEqual(numbers);
	});
});

describe('an answer for the common scenarios', () => {
	// the fixture's reader has a line that only what its code asks for decides about
	const text = withoutCarets(
		readFileSync(join(repositoryRoot, 'test/fixtures/holds/use-after-free-mapping.c'), 'utf8'),
	);

	it('says of a reader too that more is to come, and nothing of lines that no run reached', () => {
		const { left, functions } = analysisOf({ text, depth: 'core' });
		expect(left).toBeGreaterThan(0);
		expect(functions.filter((f) => f.coverage !== undefined)).toEqual([]);
	});

	it('is followed by one that leaves nothing, and decides about those lines', () => {
		const { left, functions } = analysisOf({ text });
		expect(left).toBeUndefined();
		expect(functions.some((f) => f.verdict === 'inconclusive')).toBe(true);
		expect(functions.every((f) => f.coverage !== undefined)).toBe(true);
	});
});
