/**
 * What the editor shows of verdicts: lines that move with edits, the words of the status bar, the drawings of the
 * gutter; and which files are worth a language server.
 */
import { describe, expect, it } from 'vitest';
import { mayHoldWalk, treeOf } from '../../client/kernel_file.js';
import { verdictDataAddress, verdictSvg } from '../../client/verdict_icon.js';
import { answered, type DocumentVerdicts, edited, functionAt } from '../../client/verdict_lines.js';
import { shownFor, summarise } from '../../client/verdict_summary.js';
import { badgeOf } from '../../client/view/badge.js';
import { asMarkdown } from '../../engine/escape/markdown.js';
import type { Verdict, VerdictsParams } from '../../server/protocol.js';
import { HOSTILE } from '../escape/hostile.js';
import { renderings } from '../escape/rendered.js';

function verdicts(...functions: readonly (readonly [string, number, Verdict])[]): DocumentVerdicts {
	return {
		functions: functions.map(([name, line, verdict]) => ({
			...{ name, line, verdict, why: '' },
			against: [],
		})),
		unreached: [],
		findings: functions.filter(([, , verdict]) => verdict === 'violated').length,
		elsewhere: [],
		unparsed: null,
		isOpen: false,
		freshness: 'fresh',
		arch: 'x86_64',
		memory: 'sc',
		milliseconds: 5,
	};
}

function answer(
	version: number,
	freshness: VerdictsParams['freshness'],
	line = 11,
): VerdictsParams {
	return {
		uri: 'file:///mm/gup.c',
		version,
		freshness,
		functions: [{ name: 'f', line, verdict: 'holds', why: '' }],
		arch: 'x86_64',
		memory: 'sc',
		milliseconds: 5,
	};
}

describe('verdict lines', () => {
	const three = verdicts(['a', 2, 'holds'], ['b', 10, 'violated'], ['c', 20, 'holds']);

	it.each([
		['a line added above b', [{ line: 5, endLine: 5, newlines: 1 }], 'a2 b11 c21'],
		['two lines deleted above b', [{ line: 4, endLine: 6, newlines: 0 }], 'a2 b8 c18'],
		['text typed on the line of b', [{ line: 10, endLine: 10, newlines: 0 }], 'a2 b10 c20'],
		['b deleted with what surrounds it', [{ line: 8, endLine: 12, newlines: 0 }], 'a2 c16'],
		[
			'two changes, the later one first',
			[
				{ line: 15, endLine: 15, newlines: 2 },
				{ line: 0, endLine: 0, newlines: 1 },
			],
			'a3 b11 c23',
		],
	])('move with %s', (_, changes, expected) => {
		const after = edited(three, changes);
		expect(after.functions.map((f) => `${f.name}${f.line}`).join(' ')).toBe(expected);
		expect(after.freshness).toBe('checking');
	});

	it.each([
		['a fresh answer', answer(7, 'fresh'), 'f10 fresh'],
		['an answer for an older text', answer(6, 'fresh'), 'a2 b10 c20 checking'],
		['an announcement for this text', answer(7, 'checking'), 'f10 checking'],
		['a failure without functions', { ...answer(7, 'failed'), functions: [] }, 'a2 b10 c20 failed'],
	])('follow %s', (_, params, expected) => {
		const next = answered(three, params, 7);
		const lines = next.functions.map((f) => `${f.name}${f.line}`).join(' ');
		expect(`${lines} ${next.freshness}`).toBe(expected);
	});

	it('show an older answer when there is nothing else', () => {
		expect(answered(null, answer(6, 'fresh'), 7)).toMatchObject({ freshness: 'checking' });
	});

	it.each([
		[1, null],
		[2, 'a'],
		[19, 'b'],
		[99, 'c'],
	])('line %i belongs to %s', (line, name) => {
		expect(functionAt(three.functions, line)?.name ?? null).toBe(name);
	});
});

describe('the status bar', () => {
	it.each<readonly [DocumentVerdicts, string, string]>([
		[verdicts(['a', 1, 'holds']), '$(pass) racewalk: holds', 'none'],
		[verdicts(['a', 1, 'holds'], ['b', 2, 'holds']), '$(pass) racewalk: holds', 'none'],
		[{ ...verdicts(['a', 1, 'holds']), isOpen: true }, '$(pass) racewalk: holds so far', 'none'],
		[
			{ ...verdicts(['a', 1, 'holds']), elsewhere: ['s390x'] },
			'$(pass) racewalk: holds, violated on s390x',
			'none',
		],
		[
			verdicts(['a', 1, 'holds'], ['b', 2, 'violated'], ['c', 3, 'unsupported']),
			'$(error) racewalk: 1 finding',
			'error',
		],
		[
			{ ...verdicts(['a', 1, 'inconclusive']), freshness: 'checking' },
			'$(sync~spin) racewalk: 1 function undecided',
			'none',
		],
		[
			{ ...verdicts(['a', 1, 'violated']), unparsed: 6 },
			'$(edit) racewalk: 1 finding before line 7 stopped parsing',
			'error',
		],
		[{ ...verdicts(), freshness: 'checking' }, '$(sync~spin) racewalk: checking', 'none'],
		[
			{ ...verdicts(['a', 1, 'holds']), freshness: 'failed' },
			'$(warning) racewalk: holds',
			'warning',
		],
	])('sums up %#', (shown, text, severity) => {
		expect(summarise(shown)).toMatchObject({ text, severity });
	});

	it('has a tooltip of three lines however many functions there are', () => {
		const many = verdicts(...['a', 'b', 'c', 'd', 'e'].map((n, i) => [n, i, 'holds'] as const));
		const lines = asMarkdown(summarise(many).tooltip).split('\n');
		expect(lines.filter((line) => line !== '')).toHaveLength(3);
	});

	it.each(HOSTILE)('makes nothing but text of %j in its tooltip', (hostile) => {
		const [f] = verdicts([hostile, 1, 'violated']).functions;
		const shown = { ...verdicts(), functions: f === undefined ? [] : [{ ...f, why: hostile }] };
		for (const { elements, addresses } of Object.values(
			renderings(asMarkdown(summarise(shown).tooltip)),
		)) {
			expect(addresses).toEqual([]);
			// a sentence may quote code, so a backtick pair of it is code
			const others = elements.filter((name) => name !== 'code');
			expect(others).toEqual(['p', 'strong', 'p']);
		}
	});
});

describe('gutter drawings', () => {
	const kinds: readonly Verdict[] = ['holds', 'violated', 'inconclusive', 'unsupported'];

	it('differ by verdict, freshness and theme', () => {
		const all = kinds.flatMap((verdict) =>
			[false, true].flatMap((stale) =>
				(['light', 'dark'] as const).map((theme) => verdictDataAddress({ verdict, stale, theme })),
			),
		);
		expect(new Set(all).size).toBe(16);
	});

	it.each(kinds)('%s differs in shape, not in colour alone', (verdict) => {
		const bare = (v: Verdict) =>
			verdictSvg({ verdict: v, stale: false, theme: 'dark' }).replace(/#[0-9a-f]{3,6}/g, '');
		expect(kinds.filter((other) => bare(other) === bare(verdict))).toEqual([verdict]);
	});
});

describe('files worth a server', () => {
	const walk =
		'struct folio *f(pte_t *ptep) { pte_t pte = ptep_get_lockless(ptep); try_grab_folio(p, 1, 0); }';
	it.each([
		['a walk alone', walk, false, true],
		['plain C', 'int main(void) { return 0; }', false, false],
		['plain C in a tree', 'int main(void) { return 0; }', true, false],
		['kernel C without a walk', 'struct page *alloc(void) { return READ_ONCE(x); }', true, false],
		['one use of mapping in a tree', 'void f(struct folio *folio) { folio->mapping; }', true, true],
		['one use of mapping alone', 'void f(struct folio *folio) { folio->mapping; }', false, false],
		['nothing', '', true, false],
	])('%s', (_, text, inTree, expected) => {
		expect(mayHoldWalk({ text, inTree })).toBe(expected);
	});

	it('finds the tree above a file', () => {
		const there = new Set(['/k/linux/mm', '/k/linux/include/linux', '/k/linux/tools/mm']);
		expect(treeOf('/k/linux/tools/mm/a.c', (path) => there.has(path))).toBe('/k/linux');
		expect(treeOf('/k/other/a.c', (path) => there.has(path))).toBeNull();
	});
});

describe('verdicts in the status bar', () => {
	const own = verdicts(['walk', 3, 'violated']);
	const verdictsOf = (uri: string) => (uri === 'gup.c' ? own : null);

	it.each<readonly [string, string | null, string | null, DocumentVerdicts | null]>([
		['are those of the active document', 'gup.c', null, own],
		['are none over a file without any, whatever run is open', 'hello.c', 'gup.c', null],
		['are none over a litmus test', 'MP.litmus', 'gup.c', null],
		['are those of the run while the panel has the focus', null, 'gup.c', own],
		['are none where nothing is open', null, null, null],
	])('%s', (_, active, beside, expected) => {
		expect(shownFor(active, beside, verdictsOf)).toBe(expected);
	});
});

describe("the panel's badge", () => {
	it.each<readonly [string, Parameters<typeof badgeOf>[0], ReturnType<typeof badgeOf>]>([
		[
			'is the rule of a run that breaks one',
			{ finding: { rule: 'stale-pin', message: '' }, verdict: 'violated' },
			{ text: 'stale-pin', kind: 'broken' },
		],
		['is the verdict', { finding: null, verdict: 'holds' }, { text: 'holds', kind: 'fine' }],
		[
			'says so where there is no verdict',
			{ finding: null, verdict: null },
			{ text: 'no verdict yet', kind: 'open' },
		],
		[
			'is what was decided of a claim',
			{ finding: null, verdict: null, claim: 'true' },
			{ text: 'true', kind: 'fine' },
		],
		[
			'does not say that an undecided function is fine',
			{ finding: null, verdict: 'inconclusive' },
			{ text: 'inconclusive', kind: 'open' },
		],
	])('%s', (_, content, expected) => {
		expect(badgeOf(content)).toEqual(expected);
	});
});
