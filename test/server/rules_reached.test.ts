/**
 * Against vacuity: a holding fixture is worth something only if the race it withstands takes place. For each rule a run
 * of a holding fixture is found in which the interesting thing happens, and the walk comes out of it as it should.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES, type Rule } from '../../engine/rules/verdict.js';
import { fixtureArch } from '../fixture_arch.js';
import { happens, linesOf, runsOf } from '../runs.js';
import { repositoryRoot } from '../trees.js';

interface Situation {
	/** Holding fixture. */
	readonly fixture: string;
	/** World, flags, adversary. */
	readonly scenario: readonly string[];
	/** Lines of the run, in this order. */
	readonly passes: readonly RegExp[];
	/** Lines the run does not have. */
	readonly never?: RegExp;
}

const ANON = 'anon page, exclusive, writable';
const FILE = 'page of a filesystem with dirty tracking, writable';
const GET = 'FOLL_GET|FOLL_WRITE';
const PIN = 'FOLL_PIN|FOLL_WRITE';
const HANDED_OUT = /^0 (?:\*nr|pages\[\d\]) .*→/;

/** By rule; information and what only other models break are left out. */
const SITUATIONS: Partial<Readonly<Record<Rule, readonly Situation[]>>> = {
	'stale-pin': [
		{
			// unmapped, freed and given to a file between the fetch and the reference
			fixture: 'stale-pin',
			scenario: [ANON, GET, 'zap'],
			passes: [
				/^0 pte\[1\] pfn 8 present/,
				/^1 pte\[1\] pfn 8 .*→ none/,
				/^1 folio#8 is allocated to a page-cache page of another file/,
				/^0 folio#8\._refcount 1 → 2/,
				/^0 pte\[1\] none/,
				/^0 folio#8\._refcount 2 → 1/,
			],
			never: HANDED_OUT,
		},
		{
			// the PTE of the detached table still looks valid, the PMD does not
			fixture: 'stale-pin-pmd-unchecked',
			scenario: [ANON, GET, 'collapse'],
			passes: [
				/^0 pte\[1\] pfn 8 present/,
				/^1 pmd\[0\] .*→ none/,
				/^0 folio#8\._refcount 1 → 2/,
				/^0 pmd\[0\] none/,
				/^0 folio#8\._refcount 2 → 1/,
			],
			never: HANDED_OUT,
		},
		{
			fixture: 'stale-pin-huge',
			scenario: ['pmd leaf, anon huge page, exclusive, writable', GET, 'zap'],
			passes: [
				/^1 pmd\[0\] pfn 12 .*→ none/,
				/^0 folio#12\._refcount \d+ → /,
				/^0 pmd\[0\] none/,
				/^0 folio#12\._refcount \d+ → /,
			],
			never: HANDED_OUT,
		},
	],
	'racing-mapping': [
		{
			// truncated after the entry was found stable
			fixture: 'racing-mapping',
			scenario: [FILE, GET, 'truncate'],
			passes: [
				/^0 folio#8\._refcount 2 → 3/,
				/^0 pte\[1\] pfn 8 present/,
				/^1 folio#8\.mapping → NULL/,
				/^0 folio#8\.mapping NULL/,
				/^0 folio#8\._refcount \d → /,
			],
			never: HANDED_OUT,
		},
		{
			fixture: 'racing-mapping-decision',
			scenario: [FILE, GET, 'truncate'],
			passes: [/^1 folio#8\.mapping → NULL/, /^0 folio#8\.mapping NULL/],
		},
	],
	'use-after-free': [
		{
			// the tables are unhooked under the walk and not freed before it is over
			fixture: 'use-after-free',
			scenario: [ANON, GET, 'pgtable_free'],
			passes: [
				/^0 pgd\[0\] pfn/,
				/^1 pgd\[0\] → none/,
				/^1 an RCU grace period begins/,
				/^0 pud\[0\] /,
				/^0 interrupts on/,
				/^1 the RCU grace period is over/,
				/^1 the page table is freed/,
			],
		},
		{
			fixture: 'use-after-free-mapping',
			scenario: [FILE, 'FOLL_GET', 'evict'],
			passes: [
				/^0 folio#8\.mapping &mapping:file/,
				/^1 an RCU grace period begins/,
				/^0 mapping:file\.a_ops/,
				/^0 interrupts on/,
				/^1 &mapping:file is freed/,
			],
		},
	],
	'unsafe-longterm-pin': [
		{
			fixture: 'unsafe-longterm-pin',
			scenario: [FILE, 'FOLL_PIN|FOLL_LONGTERM|FOLL_WRITE', 'zap'],
			passes: [
				/^0 folio#8\._refcount 2 → 1026/,
				/^0 mapping:file\.a_ops &file_aops/,
				/^0 folio#8\._refcount 1026 .*→ 2/,
			],
			never: HANDED_OUT,
		},
		{
			// cleaned while the walk holds its reference; no device gets a pin to write through
			fixture: 'unsafe-longterm-pin-written-back',
			scenario: [FILE, 'FOLL_PIN|FOLL_LONGTERM|FOLL_WRITE', 'writeback'],
			passes: [
				/^0 folio#8\._refcount 2 → 1026/,
				/^1 pte\[1\] .*→ none/,
				/^1 folio#8\.PG_dirty .*0/,
				/^0 folio#8\._refcount 1026 .*→ 2/,
			],
			never: /^0 a device writes/,
		},
	],
	'secretmem-pin': [
		{
			fixture: 'secretmem-pin',
			scenario: ['secretmem page, writable', GET, 'zap'],
			passes: [/^0 mapping:secretmem\.a_ops &secretmem_aops/, /^0 folio#8\._refcount 3 → 2/],
			never: HANDED_OUT,
		},
	],
	'reference-leak': [
		{
			fixture: 'reference-leak',
			scenario: [ANON, GET, 'zap'],
			passes: [
				/^0 folio#8\._refcount 1 → 2/,
				/^1 pte\[1\] .*→ none/,
				/^0 folio#8\._refcount \d → /,
			],
			never: HANDED_OUT,
		},
	],
	'reference-underflow': [
		{
			fixture: 'reference-underflow',
			scenario: [FILE, GET, 'zap'],
			passes: [/^0 folio#8\._refcount 2 → 3/, /^0 folio#8\._refcount 3 → 2/],
			never: HANDED_OUT,
		},
	],
	'frozen-reference': [
		{
			fixture: 'frozen-reference',
			scenario: [ANON, GET, 'zap'],
			passes: [/^0 pte\[1\] pfn 8/, /^1 folio#8\._refcount 1 → 0/, /^0 folio#8\._refcount 0$/],
			never: /^0 folio#8\._refcount .*→/,
		},
	],
	'wrong-folio': [
		{
			// the tail becomes a folio of its own while its old head is being referenced
			fixture: 'wrong-folio',
			scenario: ['tail page of a huge folio mapped by PTEs', GET, 'split'],
			passes: [
				/^0 page#13\.compound_head tail of folio#12/,
				/^1 page#13\.compound_head → none/,
				/^0 folio#12\._refcount \d → /,
				/^0 page#13\.compound_head none/,
				/^0 folio#12\._refcount \d → /,
			],
			never: HANDED_OUT,
		},
	],
	'shared-anon-pin': [
		{
			fixture: 'shared-anon-pin',
			scenario: ['anon page, shared, read-only', 'FOLL_PIN', 'zap'],
			passes: [
				/^0 folio#8\._refcount 2 → 1026/,
				/^0 folio#8\.PG_anon_exclusive 0/,
				/^0 folio#8\._refcount 1026 .*→ 2/,
			],
			never: HANDED_OUT,
		},
	],
	'fork-pin': [
		{
			// fork looks for pins before there is one, and write-protects after the second look
			fixture: 'fork-pin',
			scenario: [ANON, PIN, 'fork'],
			passes: [
				/^0 mm\.write_protect_seq 4/,
				/^1 mm\.write_protect_seq (?:4 )?→ 5/,
				/^1 folio#8\.PG_anon_exclusive → 0/,
				/^0 pages\[0\] → folio#8/,
				/^0 mm\.write_protect_seq 5/,
				/^0 folio#8\._refcount 1\d\d\d .*→ /,
			],
		},
	],
	permission: [
		{
			// fork write-protects between the test and the second look
			fixture: 'permission-weak-recheck',
			scenario: [ANON, GET, 'fork'],
			passes: [
				/^0 pte\[1\] pfn 8 present\|write/,
				/^1 pte\[1\] .*→ pfn 8 present/,
				/^0 pte\[1\] pfn 8 present\|dirty/,
			],
			never: HANDED_OUT,
		},
		{
			fixture: 'permission',
			scenario: ['anon page, shared, read-only', GET, 'zap'],
			passes: [/^0 pte\[1\] pfn 8 present$/],
			never: /^0 folio#8\._refcount .*→/,
		},
	],
	'bad-entry': [
		{
			fixture: 'bad-entry',
			scenario: ['special entry without struct page', GET],
			passes: [/^0 pte\[1\] pfn 8 present\|write\|dirty\|special/],
			never: HANDED_OUT,
		},
		{
			fixture: 'bad-entry-leaf',
			scenario: ['pmd leaf, anon huge page, exclusive, writable', GET, 'zap'],
			passes: [/^0 pmd\[0\] pfn 12 .*leaf/, /^0 interrupts on/],
			never: HANDED_OUT,
		},
	],
	'misplaced-page': [
		{
			// the first of two pages is handed out, the second refused
			fixture: 'misplaced-page',
			scenario: ['two anon pages', GET, 'zap'],
			passes: [
				/^0 pages\[0\] → folio#8/,
				/^0 pte\[2\] pfn 9/,
				/^1 pte\[2\] .*→ none/,
				/^0 pte\[2\] none/,
				/^0 folio#9\._refcount 2 → 1|^0 folio#9\._refcount 1 → 0/,
			],
			never: /^0 (?:pages\[1\]|\*nr 1) .*→|^0 \*nr → 2/,
		},
	],
	'reference-overflow': [
		{
			fixture: 'reference-overflow',
			scenario: ['anon page whose count has overflowed', GET],
			passes: [/^0 folio#8\._refcount -/],
			never: /^0 folio#8\._refcount .*→/,
		},
	],
	'unbalanced-map': [
		{
			// the way out before the loop is through
			fixture: 'unbalanced-map',
			scenario: ['anon page, shared, read-only', GET, 'zap'],
			passes: [/^0 pte\[1\] pfn 8 present$/],
			never: /^0 folio#8\._refcount .*→/,
		},
		{
			fixture: 'unbalanced-map-interrupts',
			scenario: [ANON, PIN, 'fork'],
			passes: [/^0 interrupts off/, /^0 mm\.write_protect_seq 5/, /^0 interrupts on/],
			never: /^0 pgd/,
		},
	],
	'sleep-in-atomic': [
		{
			// the lock is taken: a walk that waited for it would sleep
			fixture: 'sleep-in-atomic',
			scenario: [FILE, GET, 'truncate'],
			passes: [
				/^1 lock folio#8\.PG_locked/,
				/^0 trylock folio#8\.PG_locked/,
				/^0 folio#8\._refcount \d → /,
			],
			never: HANDED_OUT,
		},
	],
	'torn-entry': [
		{
			// cleared between the halves: the low one is looked at again, and the whole once more
			fixture: 'torn-entry',
			scenario: [ANON, GET, 'zap'],
			passes: [
				/^0 pte\[1\] pfn 8 present.*low half/,
				/^1 pte\[1\] pfn 8 .*→ none/,
				/^0 pte\[1\] none.*high half/,
				/^0 pte\[1\] none.*low half/,
				/^0 pte\[1\] none.*high half/,
			],
			never: HANDED_OUT,
		},
		{
			// half a new entry stands there already: it does not count as present
			fixture: 'torn-entry',
			scenario: [ANON, GET, 'remap'],
			passes: [/^1 pte\[1\] → none, high half of pfn 9/, /^0 pte\[1\] none.*low half/],
			never: HANDED_OUT,
		},
		{
			fixture: 'torn-entry-above',
			scenario: [ANON, GET, 'collapse'],
			passes: [
				/^0 pmd\[0\] pfn 4 present.*low half/,
				/^1 pmd\[0\] .*→ none/,
				/^0 pmd\[0\] none.*high half/,
				/^0 pmd\[0\] none.*low half/,
			],
			never: HANDED_OUT,
		},
	],
	'double-fetch': [
		{
			// the entry changes right behind the one fetch
			fixture: 'double-fetch',
			scenario: [ANON, GET, 'fork'],
			passes: [
				/^0 pte\[1\] pfn 8 present\|write/,
				/^1 pte\[1\] .*→ /,
				/^0 folio#8\._refcount \d → /,
			],
			never: HANDED_OUT,
		},
	],
	'stray-write': [
		{
			// the entry is as it was when the page is stored
			fixture: 'stray-write',
			scenario: [ANON, GET, 'zap'],
			passes: [/^0 pte\[1\] pfn 8 present/, HANDED_OUT, /^1 pte\[1\] .*→ none/],
		},
		{
			fixture: 'stray-write-behind',
			scenario: ['two anon pages', GET, 'zap'],
			passes: [/^0 pages\[0\] .*→/, /^0 pages\[1\] .*→/],
			never: /^0 pages\[2\]/,
		},
	],
	'inaccessible-page': [
		{
			fixture: 'inaccessible-page',
			scenario: [ANON, GET, 'zap'],
			// mapped as before, and given back: it was refused
			passes: [
				/^0 folio#8\._refcount 1 → 2/,
				/^0 pte\[1\] pfn 8 present/,
				/^0 folio#8\._refcount 2 → 1/,
			],
			never: HANDED_OUT,
		},
	],
	'lost-count': [
		{
			// somebody drops a reference between the look at the count and the reference
			fixture: 'lost-count',
			scenario: [ANON, GET, 'zap'],
			passes: [/^0 folio#8\._refcount 1/, /^1 folio#8\._refcount 1 → 0/, /^0 folio#8\._refcount 0/],
			never: HANDED_OUT,
		},
	],
};

/** Rules no fixture of the sc worlds can break. */
const NOT_HERE: readonly Rule[] = ['data-race', 'reached-unsupported'];

const cases = Object.entries(SITUATIONS).flatMap(([rule, situations]) =>
	situations.map((s) => [`${rule}: ${s.fixture}, ${s.scenario.join('; ')}`, s] as const),
);

/** The first run of a situation, as lines; null when no schedule gets there. */
function check({ fixture, scenario, passes, never }: Situation): readonly string[] | null {
	const path = join(repositoryRoot, `test/fixtures/holds/${fixture}.c`);
	const text = readFileSync(path, 'utf8');
	for (const trace of runsOf({ text, arch: fixtureArch(text) }, scenario)) {
		const lines = linesOf(trace);
		if (happens(trace, passes) && !(never && lines.some((line) => never.test(line)))) return lines;
	}
	return null;
}

describe('the race takes place and is withstood', () => {
	it.each(cases)('%s', (_, situation) => {
		expect(check(situation)).not.toBeNull();
	});

	it('has a situation for every rule', () => {
		expect(RULES.filter((r) => SITUATIONS[r] === undefined)).toEqual(
			RULES.filter((r) => NOT_HERE.includes(r)),
		);
	});
});
