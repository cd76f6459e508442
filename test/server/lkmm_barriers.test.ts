/**
 * Barriers of walks and of adversaries, taken away or weakened one at a time: found under lkmm, with the pair of accesses
 * named, or quiet where the case says why. Under sc all of them are quiet: what breaks is the order of memory accesses only.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ownActors } from '../../server/actors/sources.js';
import { analyse } from '../../server/ide/analysis/analyse.js';
import type { Analysis } from '../../server/ide/analysis/analysis.js';
import { realEngine } from '../../server/worker/engine.js';
import { foundIn, type Given, requestOf } from '../analysis.js';
import { withoutCarets } from '../carets.js';
import { repositoryRoot } from '../trees.js';

const read = (path: string): string =>
	withoutCarets(readFileSync(join(repositoryRoot, 'test/fixtures', path), 'utf8'));

/** A text with the n-th place of a part replaced, the first when not said. */
function put(text: string, find: string, instead: string, nth = 1): string {
	const parts = text.split(find);
	expect(parts.length).toBeGreaterThan(nth);
	return [parts.slice(0, nth).join(find), parts.slice(nth).join(find)].join(instead);
}

type Change = readonly [find: string, instead: string, nth?: number];

const changed = (text: string, changes: readonly Change[]): string =>
	changes.reduce((before, change) => put(before, ...change), text);

const ADD = 'page_ref_add(page, GUP_PIN_COUNTING_BIAS - 1);';
/** Pins in two steps, ordered. */
const PIN = put(read('lkmm/pin_barrier.c'), ADD, `${ADD} smp_mb__after_atomic();`);
/** Large folios, too. */
const LARGE = put(
	read('lkmm/large_pin.c'),
	'atomic_add(1, &folio->_pincount);',
	'atomic_add(1, &folio->_pincount); smp_mb__after_atomic();',
);
/** Looks at write_protect_seq; pins with one fully ordered atomic. */
const SEQ = read('holds/fork-pin.c');
const SEQ_ASKED = 'page_ref_count(page) < 0 ||\n\t\t    !page_ref_add_unless(page, units(how), 0)';
const SEQ_RELAXED =
	'(count = page_ref_count(page)) <= 0 || cmpxchg_relaxed(&page->_refcount, count, count + units(how)) != count';
const RETRY = 'read_seqcount_retry(&mm->write_protect_seq, seq)';

/** The only adversary: racewalk's own, with barriers taken away. */
function against(actor: string, changes: readonly Change[]): Partial<Given> {
	const source = ownActors().find(({ path }) => path.endsWith(`/${actor}.c`));
	const text = changed(source?.text ?? '', changes);
	return { actors: [actor], moreActors: [{ path: `.racewalk/actors/${actor}.c`, text }] };
}

const XCHG = 'ptep_get_and_clear(victim_mm, 0, victim_ptep)';
const FLUSH = 'ptep_clear_flush(NULL, 0, victim_ptep)';
const RELAXED = '__rw_rmw(xchg, relaxed, old, victim_ptep, 0)';
const BEGIN = 'raw_write_seqcount_begin(&mm->write_protect_seq);';
const ODD =
	'__rw_store(once, &mm->write_protect_seq, __rw_load(once, &mm->write_protect_seq) + 1);';

interface Case {
	readonly name: string;
	readonly given: Given;
	/** Rules, or why there are none. */
	readonly found: readonly string[] | string;
}

const pin = (changes: readonly Change[], actor: string, more: Partial<Given> = {}): Given => ({
	text: changed(PIN, changes),
	actors: [actor],
	...more,
});
const large = (changes: readonly Change[], actor: string, more: Partial<Given> = {}): Given => ({
	text: changed(LARGE, changes),
	actors: [actor],
	...more,
});
const seq = (changes: readonly Change[], more: Partial<Given> = {}): Given => ({
	text: changed(SEQ, changes),
	actors: ['fork'],
	...more,
});

const SHARED = ['shared-anon-pin'];
const FORKED = ['fork-pin'];

const CASES: readonly Case[] = [
	// in the walk
	...['reclaim', 'migrate'].map((actor) => ({
		name: `no barrier between pin and re-check, ${actor}`,
		given: pin([['smp_mb__after_atomic();', '']], actor),
		found: SHARED,
	})),
	{
		name: 'an acquire of the re-check in place of the barrier',
		given: pin(
			[
				['smp_mb__after_atomic();', ''],
				['ptep_get(ptep)', 'smp_load_acquire(ptep)'],
			],
			'reclaim',
		),
		found: SHARED,
	},
	{
		name: 'no smp_rmb() between re-check and PageAnonExclusive',
		given: pin([['smp_rmb();', '']], 'ksm'),
		found: SHARED,
	},
	{
		name: 'smp_wmb() between re-check and PageAnonExclusive',
		given: pin([['smp_rmb();', 'smp_wmb();']], 'ksm'),
		found: SHARED,
	},
	{
		name: 'no barrier behind the pin of a large folio',
		given: large([['smp_mb__after_atomic();', '']], 'reclaim'),
		found: SHARED,
	},
	{
		name: 'smp_rmb() behind the pin of a large folio',
		given: large([['smp_mb__after_atomic();', 'smp_rmb();']], 'reclaim'),
		found: SHARED,
	},
	{
		name: 'a count compared and exchanged without order, and a retry without its barrier, fork',
		given: seq([
			['struct page *page;', 'struct page *page;\n\t\tint count;'],
			[SEQ_ASKED, SEQ_RELAXED],
			[RETRY, '__read_seqcount_retry(&mm->write_protect_seq, seq)'],
		]),
		found: FORKED,
	},
	{
		name: 'a retry without its barrier',
		given: seq([[RETRY, '__read_seqcount_retry(&mm->write_protect_seq, seq)']]),
		found: 'the pin is a full barrier already',
	},
	{
		name: 'smp_mb__before_atomic() before the pin in place of the barrier behind it',
		given: pin([[`${ADD} smp_mb__after_atomic();`, `smp_mb__before_atomic(); ${ADD}`]], 'reclaim'),
		found: SHARED,
	},
	{
		name: 'barrier() behind the pin of a large folio',
		given: large([['smp_mb__after_atomic();', 'barrier();']], 'reclaim'),
		found: SHARED,
	},
	{
		name: 'smp_mb() between re-check and PageAnonExclusive',
		given: pin([['smp_rmb();', 'smp_mb();']], 'ksm'),
		found: 'more than smp_rmb()',
	},
	// in the adversary
	{
		name: 'reclaim takes the entry without order, and no barrier before it looks for pins',
		given: pin(
			[],
			'reclaim',
			against('reclaim', [
				[XCHG, RELAXED],
				['smp_mb();', '', 2],
			]),
		),
		found: SHARED,
	},
	{
		name: 'reclaim takes the entry without order',
		given: pin([], 'reclaim', against('reclaim', [[XCHG, RELAXED]])),
		found: 'smp_mb() stands before it looks for pins',
	},
	{
		name: 'reclaim has no barrier before it looks for pins',
		given: pin([], 'reclaim', against('reclaim', [['smp_mb();', '', 2]])),
		found: 'taking the entry is a full barrier, as on x86',
	},
	{
		name: 'reclaim of large folios: neither of the two',
		given: large(
			[],
			'reclaim',
			against('reclaim', [
				[XCHG, RELAXED],
				['smp_mb();', '', 2],
			]),
		),
		found: SHARED,
	},
	{
		name: 'reclaim: smp_rmb() before it looks for pins',
		given: pin(
			[],
			'reclaim',
			against('reclaim', [
				[XCHG, RELAXED],
				['smp_mb();', 'smp_rmb();', 2],
			]),
		),
		found: SHARED,
	},
	{
		name: 'ksm gives the entry back before PageAnonExclusive is gone',
		given: pin([], 'ksm', against('ksm', [['smp_mb__after_atomic();', '']])),
		found: SHARED,
	},
	{
		name: 'ksm: smp_rmb() between PageAnonExclusive and the entry',
		given: pin([], 'ksm', against('ksm', [['smp_mb__after_atomic();', 'smp_rmb();']])),
		found: SHARED,
	},
	{
		name: 'ksm: smp_wmb() between PageAnonExclusive and the entry',
		given: pin([], 'ksm', against('ksm', [['smp_mb__after_atomic();', 'smp_wmb();']])),
		found: 'two writes are all that is to be ordered',
	},
	{
		name: 'ksm takes the entry without order before it compares the count',
		given: pin(
			[],
			'ksm',
			against('ksm', [
				[FLUSH, RELAXED],
				['smp_mb();', ''],
			]),
		),
		found: SHARED,
	},
	{
		name: 'migrate takes the entry without order, and no barrier before it looks for pins',
		given: pin(
			[],
			'migrate',
			against('migrate', [
				[FLUSH, RELAXED, 2],
				['smp_mb();', ''],
			]),
		),
		found: SHARED,
	},
	{
		name: 'fork makes the count odd without smp_wmb()',
		given: seq([], against('fork', [[BEGIN, ODD]])),
		found: FORKED,
	},
	{
		name: 'fork makes the count odd with smp_rmb() in place of smp_wmb()',
		given: seq([], against('fork', [[BEGIN, `${ODD} smp_rmb();`]])),
		found: FORKED,
	},
	{
		name: 'reclaim: smp_wmb() before it looks for pins',
		given: pin(
			[],
			'reclaim',
			against('reclaim', [
				[XCHG, RELAXED],
				['smp_mb();', 'smp_wmb();', 2],
			]),
		),
		found: SHARED,
	},
	{
		name: 'ksm: barrier() between PageAnonExclusive and the entry',
		given: pin([], 'ksm', against('ksm', [['smp_mb__after_atomic();', 'barrier();']])),
		found: SHARED,
	},
	{
		name: 'fork makes the count odd with barrier() alone',
		given: seq([], against('fork', [[BEGIN, `${ODD} barrier();`]])),
		found: FORKED,
	},
	{
		name: 'fork makes the count odd with a release of the write behind it',
		given: seq([], against('fork', [[BEGIN, `${ODD} smp_mb();`]])),
		found: 'a full barrier is more than smp_wmb()',
	},
	// as they are
	{ name: 'the walk as it is, reclaim', given: pin([], 'reclaim'), found: 'nothing is missing' },
	{ name: 'the walk as it is, ksm', given: pin([], 'ksm'), found: 'nothing is missing' },
	{ name: 'the walk as it is, migrate', given: pin([], 'migrate'), found: 'nothing is missing' },
	{
		name: 'both kinds of folios, reclaim',
		given: large([], 'reclaim'),
		found: 'nothing is missing',
	},
	{ name: 'the sequence, fork', given: seq([]), found: 'nothing is missing' },
];

/** With the edited adversaries taken at their word. */
function analysed(given: Given): Analysis {
	const request = { ...requestOf(given), replacements: 'trusted' } as const;
	return analyse(realEngine, request, { observer: { cancelled: () => false }, cache: null });
}

describe('barriers, one at a time', () => {
	it.each(CASES)('$name', ({ given, found }) => {
		const analysis = analysed({ ...given, memory: 'lkmm' });
		const rules = [...new Set(analysis.findings.map((f) => f.rule))];
		expect(rules).toEqual(typeof found === 'string' ? [] : found);
		if (typeof found === 'string') {
			const verdicts = analysis.functions.map((f) => [f.verdict, f.why ?? '']);
			for (const verdict of verdicts) expect(verdict).toEqual(['holds', '']);
			return;
		}
		const [finding] = analysis.findings;
		expect(finding?.memory).toBe('lkmm');
		expect(finding?.message).toMatch(/must be ordered before/);
		expect(foundIn(analysed(given))).toEqual([]);
	});
});
