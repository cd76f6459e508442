/**
 * Claims of comments, decided: each verdict is argued beside it. The walk is a whole one of a fixture; what it does is said in
 * its own text.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { WhatIf } from '../../engine/check/what_ifs.js';
import type { DecidedClaim } from '../../server/ide/claims/check.js';
import { decideClaims } from '../../server/ide/claims/check.js';
import { simulateFunction } from '../../server/ide/simulation.js';
import { twoColumn } from '../../server/ide/two_column.js';
import { realEngine } from '../../server/worker/engine.js';
import { type Given, requestOf } from '../analysis.js';
import { gup } from '../kernel_text.js';
import { kernelTree, repositoryRoot } from '../trees.js';

const WHOLE = uncommented(fixture('holds/use-after-free-mapping.c'));
const observer = { cancelled: () => false };

function fixture(name: string): string {
	return readFileSync(join(repositoryRoot, 'test/fixtures', name), 'utf8');
}

/** The text without comments. */
function uncommented(text: string): string {
	return text.replace(/\/\*[\s\S]*?\*\/\n?/g, '');
}

/** The text with a comment above the first line that holds a word. */
function commented(text: string, before: string, comment: string): string {
	expect(text).toContain(before);
	const at = text.lastIndexOf('\n', text.indexOf(before)) + 1;
	return `${text.slice(0, at)}/* ${comment} */\n${text.slice(at)}`;
}

function decided(given: Given, functions: readonly string[] = []): readonly DecidedClaim[] {
	const request = { ...requestOf(given), functions };
	return decideClaims(realEngine, request, { observer, only: null }).claims;
}

/** Verdicts by the comment's place: above the walk's root, or inside the function that has the entries. */
const ROOT = 'static unsigned long pages_without_lock';
const TABLE = 'static int entries_of_table';
const MIDDLE = 'static int middle';
const ALLOWED = 'static bool allowed';

const IPI = { CONFIG_MMU_GATHER_RCU_TABLE_FREE: 'n', CONFIG_PARAVIRT: 'n' };
const RCU = { CONFIG_MMU_GATHER_RCU_TABLE_FREE: 'y', CONFIG_PARAVIRT: 'n' };

interface Case {
	readonly comment: string;
	readonly verdict: 'true' | 'false' | 'undecided';
	readonly at?: string;
	readonly set?: Readonly<Record<string, string>>;
	readonly whatIf?: readonly WhatIf[];
	readonly text?: string;
}

describe('a claim is decided', () => {
	const cases: readonly Case[] = [
		// a folio is freed without waiting for anybody
		{ comment: 'The folio stays stable because interrupts are off.', verdict: 'false' },
		{ comment: 'With interrupts off the folio can be freed and reused.', verdict: 'true' },
		// until a reference is held: then its count never drops to 0, and a split finds one too many
		{ comment: 'While we hold a reference the folio cannot be freed.', verdict: 'true' },
		{ comment: 'While we hold a reference the folio cannot be split.', verdict: 'true' },
		{ comment: 'Before we take a reference the folio may be freed.', verdict: 'true' },
		// which keeps neither the entry nor the mapping as they are: truncation holds the folio lock, the walk does not
		{ comment: 'While we hold a reference the folio stays mapped.', verdict: 'false' },
		{ comment: 'While we hold a reference, folio->mapping cannot change.', verdict: 'false' },
		{ comment: 'After the re-check the mapping may still be truncated.', verdict: 'true' },
		{ comment: 'Once the PTE was rechecked, the mapping is stable.', verdict: 'false' },
		{ comment: 'The PTE cannot change while interrupts are off.', verdict: 'false' },
		// an inode is freed after a grace period, which waits for CPUs with interrupts off
		{ comment: 'The address_space cannot be freed while interrupts are off.', verdict: 'true' },
		{ comment: 'The mapping cannot be freed beneath us.', verdict: 'true' },
		{
			comment: 'The address_space cannot be freed beneath us.',
			verdict: 'false',
			whatIf: ['no-rcu-inode-free'],
		},
		// tables: by RCU or after an IPI, which an RCU section does not keep off
		{ comment: 'Page tables cannot be freed while interrupts are off.', verdict: 'true', set: RCU },
		{ comment: 'Page tables cannot be freed while interrupts are off.', verdict: 'true', set: IPI },
		{
			comment: 'Page tables cannot be freed inside an RCU read-side section.',
			// tlb_remove_table_one() of mm/mmu_gather.c: without memory for a batch an IPI is all it waits for
			verdict: 'false',
			set: RCU,
			whatIf: ['rcu-read-lock'],
		},
		{
			comment: 'Page tables cannot be freed inside an RCU read-side section.',
			verdict: 'false',
			set: IPI,
			whatIf: ['rcu-read-lock'],
		},
		// nobody comes into the scope, nobody does the thing: nothing is decided
		{
			comment: 'Page tables cannot be freed while interrupts are off.',
			verdict: 'undecided',
			whatIf: ['interrupts-on'],
		},
		{ comment: 'The anon_vma cannot be freed while interrupts are off.', verdict: 'undecided' },
		// here: what is below the comment, and nothing before it
		{
			comment: 'The folio cannot be freed here.',
			verdict: 'true',
			at: 'if ((how & FOLL_PIN) || !allowed',
		},
		{ comment: 'The folio cannot be freed here.', verdict: 'false', at: 'page = pte_page(seen)' },
		{
			comment: 'It is not true that the folio cannot be freed here.',
			verdict: 'false',
			at: 'if ((how & FOLL_PIN) || !allowed',
		},
		{
			comment: 'We wrongly assumed that the folio cannot be freed here.',
			verdict: 'true',
			at: 'page = pte_page(seen)',
		},
		// states, where a function is entered
		{ comment: 'Interrupts are off here.', verdict: 'true', at: MIDDLE },
		{
			comment: 'Interrupts are off here.',
			verdict: 'false',
			at: MIDDLE,
			whatIf: ['interrupts-on'],
		},
		{ comment: 'Interrupts are off here.', verdict: 'false', at: ROOT },
		{ comment: 'Interrupts are still enabled here.', verdict: 'false', at: MIDDLE },
		{ comment: 'We hold a reference here.', verdict: 'true', at: ALLOWED },
		{ comment: 'We hold a reference here.', verdict: 'false', at: MIDDLE },
		{ comment: 'We do not hold a reference yet.', verdict: 'true', at: MIDDLE },
		{ comment: 'Assumes that the PTE still maps this page.', verdict: 'false', at: ALLOWED },
		// order
		{ comment: 'Pin the page, then re-check the PTE.', verdict: 'true', at: TABLE },
		{ comment: 'Pin the page, then re-check the PMD.', verdict: 'true', at: TABLE },
		{ comment: 'Pin the page, then re-check the PTE.', verdict: 'false', whatIf: ['no-recheck'] },
		{
			comment: 'The PTE is re-checked after the reference was taken.',
			verdict: 'false',
			at: 'static int walk_ptes',
			text: fixture('violated/stale-pin-early-recheck.c'),
		},
		{
			comment: 'The PTE is re-checked after the reference was taken.',
			verdict: 'true',
			at: 'static int walk_ptes',
			text: fixture('holds/stale-pin-early-recheck.c'),
		},
		{
			comment: 'The PMD is re-checked after the reference was taken.',
			verdict: 'false',
			at: 'static int walk_ptes',
			text: fixture('violated/stale-pin-pmd-unchecked.c'),
		},
	];

	it.each(cases)('$comment $set $whatIf: $verdict', ({ comment, verdict, at, text, ...given }) => {
		const [claim, ...more] = decided({
			...given,
			text: commented(uncommented(text ?? WHOLE), at ?? ROOT, comment),
		});
		expect(more).toEqual([]);
		expect([claim?.verdict, claim?.why]).toEqual([verdict, expect.any(String)]);
		// whatever is decided is shown by a run
		expect(claim?.trace === null).toBe(verdict === 'undecided');
	});

	it('the run shows it: the inode waits until interrupts are on again', () => {
		const text = commented(WHOLE, ROOT, 'The address_space cannot be freed: interrupts are off.');
		const [claim] = decided({ text });
		if (claim?.trace == null) throw new Error('no run');
		const drawn = twoColumn(claim.trace, { width: 100, brief: true, values: true });
		const lines = drawn.split('\n').map((l) => l.trim());
		const at = (word: string): number => lines.findIndex((l) => l.includes(word));
		expect(at('an RCU grace period begins')).toBeGreaterThan(at('[interrupts off]'));
		expect(at('[interrupts on]')).toBeGreaterThan(at('an RCU grace period begins'));
		expect(at('is freed')).toBeGreaterThan(at('[interrupts on]'));
	});

	it('one claim alone can be asked for, and answered as a run', () => {
		const text = commented(WHOLE, ROOT, 'The folio is stable while interrupts are off.');
		const request = requestOf({ text });
		const [claim] = decideClaims(realEngine, request, { observer, only: null }).claims;
		const wanted = {
			function: 'pages_without_lock',
			rule: null,
			trace: null,
			claim: claim?.found.id ?? '',
		};
		const run = simulateFunction(realEngine, request, wanted, observer);
		expect(run.trace).toEqual(claim?.trace);
		expect(run.claim).toMatchObject({ verdict: 'false' });
		const none = simulateFunction(realEngine, request, { ...wanted, claim: '1:1.0' }, observer);
		expect(none.trace).toBeNull();
	});
});

/** Verdicts by the sentence's first words and the reading's. */
function verdictsOf(
	version: '6.12' | '6.1',
	edit = (text: string): string => text,
	functions: readonly string[] = [],
): readonly string[] {
	const text = edit(gup(version));
	const claims = decided({ path: 'mm/gup.c', text, tree: kernelTree(version) }, functions);
	return claims.map(({ found, verdict, reading }) => {
		const words = found.text.split(' ').slice(0, 5).join(' ');
		return `${found.function}: ${words} … [${reading.split(' ').slice(0, 6).join(' ')}]: ${verdict}`;
	});
}

describe("the kernel's own comments", () => {
	const shared = (pte: string, root: string, name: string): readonly string[] => [
		// page_folio() and the increment are two steps; since the count is raised neither a free nor a split goes through
		'try_get_folio: At this point we have … [the walk holds a reference here]: true',
		'try_get_folio: At this point we have … [the folio can be split by]: true',
		'try_get_folio: So now that the folio … [the folio is never freed or]: true',
		// the reference, then PTE and PMD again: what THP collapse needs
		`${pte}: To pin the page, ${name} … [the PTE of every page returned]: true`,
		`${pte}: For THP collapse, it's a … [the PMD can be cleared by]: true`,
		`${pte}: To avoid race in such … [the PMD of every page returned]: true`,
		// tables are freed by RCU or after an IPI: both wait
		`${root}: With interrupts disabled, we block … [the page table is never freed]: true`,
	];

	it('6.12', () => {
		const expected = [
			...shared('gup_fast_pte_range', 'gup_fast', 'GUP-fast'),
			'try_grab_folio_fast: Adjust the pincount before re-checking … [the PTE of every page returned]: true',
			'gup_fast_folio_allowed: This call assumes the caller … [the walk holds a reference here]: true',
			'gup_fast_folio_allowed: This call assumes the caller … [interrupts are off here]: true',
			// it did when the entry was read again; nothing keeps another CPU from clearing the PTE since
			'gup_fast_folio_allowed: This call assumes the caller … [the entry still maps the folio]: false',
			'gup_fast_folio_allowed: We hold a folio reference, … [the walk holds a reference here]: true',
			'gup_fast_folio_allowed: GUP-fast disables IRQs. … [interrupts are off here]: true',
			'gup_fast_folio_allowed: inodes and thus their mappings … [the address_space is never freed by]: true',
			'gup_fast_folio_allowed: However, there may be operations … [folio->mapping can be changed by another]: true',
			'gup_fast_folio_allowed: The mapping may have been … [folio->mapping can be cleared by another]: true',
		];
		expect([...verdictsOf('6.12')].sort()).toEqual(expected.sort());
	});

	it('6.1', () => {
		const expected = [
			...shared('gup_pte_range', 'lockless_pages_from_mm', 'fast-gup'),
			'try_grab_folio: Adjust the pincount before re-checking … [the PTE of every page returned]: true',
		];
		expect([...verdictsOf('6.1')].sort()).toEqual(expected.sort());
	});

	it('and what they do not claim: the folio is not stable because interrupts are off', () => {
		const said = (text: string): string =>
			text.replace(
				'\t * We do not adopt an rcu_read_lock() here',
				'\t * The folio stays stable because interrupts are off.\n$&',
			);
		const found = verdictsOf('6.12', said, ['gup_fast']);
		expect(found).toContain(
			'gup_fast: The folio stays stable because … [the folio is never freed or]: false',
		);
		expect(found.length).toBe(2);
	});
});
