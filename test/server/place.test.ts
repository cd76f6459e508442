/**
 * What is said of a place, and beside the text: problems, the view that follows the cursor, hints, references, links.
 */
import { describe, expect, test } from 'vitest';
import { asMarkdown } from '../../engine/escape/markdown.js';
import { about } from '../../server/ide/about.js';
import type { AnalysedSite, Analysis } from '../../server/ide/analysis/analysis.js';
import { spanReader } from '../../server/ide/analysis/spans.js';
import { codeLenses } from '../../server/ide/code_lens.js';
import { diagnostics } from '../../server/ide/diagnostics.js';
import { documentLinks } from '../../server/ide/document_links.js';
import { explain } from '../../server/ide/explain.js';
import { inlayHints } from '../../server/ide/inlay_hints.js';
import { locationReferences } from '../../server/ide/references.js';
import { ANALYSIS, at, findingAt, siteAt, TEXT } from './small_analysis.js';

describe('problems', () => {
	const stale = findingAt(at(3, 2, 9));
	const permission = { ...stale, rule: 'permission' as const, message: 'not writable' };
	const elsewhere = { ...permission, place: at(4, 2, 9) };
	const leak = { ...stale, rule: 'reference-leak' as const, message: 'leaked' };
	test.each([
		[
			'one access that breaks two rules about the page is one problem with a note',
			[stale, permission],
			['stale-pin: gone wrong (against zap); also permission: not writable (against zap)'],
		],
		[
			'at two places are two',
			[stale, elsewhere],
			['stale-pin: gone wrong (against zap)', 'permission: not writable (against zap)'],
		],
		[
			'of another kind are two',
			[stale, leak],
			['reference-leak: leaked (against zap)', 'stale-pin: gone wrong (against zap)'],
		],
	])('%s', (_, findings, expected) => {
		const shown = diagnostics({ ...ANALYSIS, findings, unsupported: [] }, { rules: new Map() });
		expect(shown.map((d) => `${d.rule}: ${d.message}`)).toEqual(expected);
	});

	test('a rule that is off leaves no note', () => {
		const analysis = { ...ANALYSIS, findings: [stale, permission], unsupported: [] };
		const shown = diagnostics(analysis, { rules: new Map([['permission', 'off']]) });
		expect(shown.map((d) => d.message)).toEqual(['gone wrong (against zap)']);
	});

	test('tell the way: the read, the grab, and that the entry is not read again', () => {
		const step = (
			line: number,
			location: string,
			values: readonly [string | null, string | null],
		) => ({
			...{ cpu: 0, thread: 'walk', text: '', what: '', violation: null },
			frames: [{ function: 'walk', place: at(line, 2, 9), cites: null }] as const,
			effects: [{ location, read: values[0], wrote: values[1] }],
		});
		const steps = [step(3, 'pte[0]', ['pfn 8', null]), step(4, 'folio#8._refcount', ['1', '2'])];
		const wayOf = (more: readonly ReturnType<typeof step>[]) => {
			const trace = { ...stale.trace, steps: [...steps, ...more] };
			const finding = { ...stale, place: at(5, 2, 9), trace };
			const analysis = { ...ANALYSIS, findings: [finding], unsupported: [] };
			const [shown] = diagnostics(analysis, { rules: new Map() });
			return shown?.related.map((r) => `${r.place.line}: ${r.message}`);
		};
		const both = ['3: the walk reads pte[0] here', '4: it takes its reference here'];
		expect(wayOf([])).toEqual([
			...both,
			'5: pte[0] is not read again between the reference and this line',
		]);
		expect(wayOf([step(6, 'pte[0]', ['pfn 8', null])])).toEqual([
			...both,
			'6: it reads pte[0] again here',
		]);
	});
});

test.each([
	['a function that is explored', {}, new Map(), 'information'],
	['one that is only listed', { isListed: true as const }, new Map(), 'hint'],
	[
		'what the user set counts',
		{ isListed: true as const },
		new Map([['reached-unsupported', 'warning']] as const),
		'warning',
	],
])('what is not understood of %s', (_, more, rules, expected) => {
	const span = { reason: 'asm', place: at(3, 2, 9), function: 'walk', ...more };
	const shown = diagnostics({ ...ANALYSIS, unsupported: [span] }, { rules });
	expect(shown.map(({ severity }) => severity)).toEqual([expected]);
});

test('what breaks on another architecture stands in the lens and in the answer on the name', () => {
	const there = { ...ANALYSIS, arch: 's390x' as const, findings: [findingAt(at(3, 2, 9))] };
	const variant = { arch: 's390x' as const, changed: null, config: new Map() };
	const analysis = { ...ANALYSIS, elsewhere: [{ variant, analysis: there }] };
	expect(codeLenses(analysis)[0]?.title).toBe('holds · x86_64 · 1 adversary · violated on s390x');
	const options = { link: () => null, spanText: spanReader(TEXT) };
	const said = explain(analysis, { line: 1, column: 13 }, options);
	expect(said?.parts.map(asMarkdown)).toEqual(['**Violated on s390x**: `stale-pin`.']);
});

describe('the view beside the text', () => {
	const read = siteAt(at(3, 24, 29));
	const writer = {
		...{ actor: 'zap', location: 'pte[0]', wrote: 'none', text: '', after: 1, before: 0 },
		place: { ...at(7, 1, 2), path: 'racewalk:actors/zap.c' },
		cites: { path: 'mm/memory.c', function: 'zap_present_folio_ptes', line: 1500 },
	};
	const analysis: Analysis = {
		...ANALYSIS,
		findings: [findingAt(at(3, 2, 9))],
		sites: [{ ...read, writers: [writer, writer] }],
		elsewhere: [
			{
				variant: { arch: 's390x', changed: null, config: new Map() },
				analysis: {
					...{ ...ANALYSIS, arch: 's390x', findings: [findingAt(at(3, 2, 9))] },
					functions: ANALYSIS.functions.map((f) => ({ ...f, verdict: 'violated' as const })),
				},
			},
		],
	};
	const at3 = { line: 3, column: 25 };
	const options = { spanText: spanReader(TEXT), guards: null };

	test('answers in sections, each entry with its place or its run', () => {
		const told = about(analysis, at3, options) ?? [];
		expect(told.map(({ title }) => title)).toEqual([
			'Verdict',
			'This line',
			'Who changes what it reads',
			'Held here',
			'Not covered',
			'Other architectures',
			'Runs',
			'Rests on',
		]);
		const items = (title: string) => told.find((s) => s.title === title)?.items ?? [];
		expect(items('Verdict')[1]).toMatchObject({
			text: 'stale-pin: gone wrong (against zap)',
			run: { function: 'walk', trace: 't' },
		});
		expect(items('Who changes what it reads')).toEqual([
			{
				text: 'zap: pte[0] = none in zap_present_folio_ptes()',
				place: { path: 'mm/memory.c', line: 1500, column: 1, endLine: 1500, endColumn: 1 },
				run: { function: 'walk', actor: 'zap', trace: null },
			},
		]);
		expect(items('Held here')[0]?.text).toBe('at *ptep: interrupts off');
		expect(items('Other architectures')[0]?.text).toBe('s390x: violated: stale-pin');
	});

	test('says why the line is here once its guards are known', () => {
		const complete = { guards: [], complete: false };
		const told = about(analysis, at3, { ...options, guards: complete }) ?? [];
		const why = told.find(({ title }) => title === 'Why it is here');
		expect(why?.items.map(({ text }) => text)).toEqual(['being worked out']);
	});

	test('is silent outside of a walk', () => {
		expect(about(analysis, { line: 9, column: 1 }, options)).toBeNull();
	});

	test('shows no more than it can, and says how much is left', () => {
		const [f] = ANALYSIS.functions;
		if (f === undefined) throw new Error('there is a function');
		const byActor = Array.from({ length: 30 }, (_, i) => ({
			actor: `a${i}`,
			verdict: 'holds' as const,
		}));
		const many = { ...ANALYSIS, functions: [{ ...f, byActor }] };
		const told = about(many, at3, options) ?? [];
		const runs = told.find(({ title }) => title === 'Runs')?.items ?? [];
		expect(runs).toHaveLength(21);
		expect(runs.at(-1)?.text).toBe('… and 11 more');
	});
});

describe('inlay hints', () => {
	const site = (line: number, more: Partial<AnalysedSite>): AnalysedSite => ({
		...siteAt(at(line, 2, 9)),
		sections: [],
		...more,
	});
	const writer = (after: number) => ({
		...{ actor: 'zap', location: 'pte[0]', wrote: 'none', text: '', before: 0, after },
		...{ place: at(9, 1, 2), cites: null },
	});
	const recheck = (line: number) => ({
		...{ place: at(line, 2, 9), text: '*ptep', same: 1, differed: 1, rejected: 1 },
	});
	test.each<[string, readonly AnalysedSite[], readonly string[]]>([
		[
			'say where a section begins, once',
			[site(3, {}), site(4, { sections: ['irq'] }), site(5, { sections: ['irq', 'rcu'] })],
			['4: interrupts off from here', '5: RCU read side from here'],
		],
		[
			'say until where a value can be stale',
			[
				site(3, { writers: [writer(2)], rechecks: [recheck(5)] }),
				site(5, { writers: [writer(1)] }),
			],
			['3: can be stale from here to line 5', '5: can be stale from here'],
		],
		['say nothing of what nobody changes afterwards', [site(3, { writers: [writer(0)] })], []],
		[
			'say where the reference is held',
			[site(3, { reference: 'sometimes' }), site(4, { reference: 'always' })],
			['4: reference held from here'],
		],
	])('%s', (_, sites, expected) => {
		const hints = inlayHints({ ...ANALYSIS, sites });
		expect(hints.map(({ line, text }) => `${line}: ${text}`)).toEqual(expected);
	});
});

describe('references of a location', () => {
	const touching = (line: number, location: string): AnalysedSite => ({
		...siteAt(at(line, 2, 9)),
		locations: [location],
	});
	const cites = { path: 'mm/memory.c', function: 'zap_pte_range', line: 1700 };
	const writer = { actor: 'zap', location: 'pte[0]', wrote: 'none', text: '', after: 1, before: 0 };
	const read = {
		...touching(3, 'pte[0]'),
		writers: [{ ...writer, place: { ...at(4, 1, 2), path: 'racewalk:actors/zap.c' }, cites }],
	};
	const analysis = { ...ANALYSIS, sites: [read, touching(4, 'pmd[0]'), touching(5, 'pte[0]')] };

	test('are the walk’s accesses to it and the functions in which adversaries write it', () => {
		const found = locationReferences(analysis, { line: 3, column: 4 });
		expect(found.map(({ path, line }) => `${path}:${line}`)).toEqual([
			'a.c:3',
			'a.c:5',
			'mm/memory.c:1700',
		]);
	});

	test('are none where nothing is accessed', () => {
		expect(locationReferences(analysis, { line: 2, column: 1 })).toEqual([]);
	});
});

test.each([
	[
		' * See commit 0123456789ab ("mm: words").',
		['https://git.kernel.org/linus/0123456789ab 15-27'],
	],
	[
		' * Fixed by commit: 0123456789abcdef01234567.',
		[expect.stringContaining('0123456789abcdef01234567')],
	],
	['	x = 0123456789ab; /* commit this */', []],
	[' * commit 0123', []],
])('links of %s', (text, expected) => {
	const links = documentLinks(['', text]);
	expect(links.map((l) => `${l.target} ${l.column}-${l.endColumn}`)).toEqual(expected);
	expect(links.every(({ line }) => line === 2)).toBe(true);
});
