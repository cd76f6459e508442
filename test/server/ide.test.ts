/**
 * Small parts of the features: suppressions, line maps, definitions, explanations, settings.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asMarkdown, paragraphs } from '../../engine/escape/markdown.js';
import { about } from '../../server/ide/about.js';
import type {
	AnalysedFinding,
	AnalysedSite,
	Analysis,
	Place,
} from '../../server/ide/analysis/analysis.js';
import { contentStore } from '../../server/ide/analysis/content_store.js';
import { spanReader } from '../../server/ide/analysis/spans.js';
import { suppressions } from '../../server/ide/analysis/suppression.js';
import { codeLenses } from '../../server/ide/code_lens.js';
import { diagnostics } from '../../server/ide/diagnostics.js';
import { type Explanation, explain } from '../../server/ide/explain.js';
import { applyChanges } from '../../server/ide/quick_fix/text_change.js';
import { looksLikeWalk } from '../../server/ide/recognise.js';
import { lineMap } from '../../server/lsp/line_map.js';
import { decodeSettings } from '../../server/lsp/settings.js';
import { parseConfig } from '../../server/tree/configuration.js';
import { definitionEnd, definitionLine } from '../../server/tree/source_lines.js';

describe('suppressions', () => {
	test.each([
		['on the line above', '\t/* racewalk: allow(stale-pin): known */\n\tx();\n', [2]],
		['on the line itself', '\tx(); // racewalk: allow(stale-pin): known\n', [1]],
		[
			'above other comments',
			'/* racewalk: allow(stale-pin): known */\n/* more\n * text */\nx();\n',
			[4],
		],
		['of two rules', '/* racewalk: allow(stale-pin, permission): known */\nx();\n', [2]],
		['without a reason', '/* racewalk: allow(stale-pin) */\nx();\n', []],
		['with an empty reason', '/* racewalk: allow(stale-pin):  */\nx();\n', []],
		['of an unknown rule', '/* racewalk: allow(bad-luck): known */\nx();\n', []],
		['in no comment', 'racewalk: allow(stale-pin): known\nx();\n', []],
		['with CRLF', '/* racewalk: allow(stale-pin): known */\r\nx();\r\n', [2]],
	])('%s', (_, text, targets) => {
		expect(suppressions(text).map((s) => s.target)).toEqual(targets);
	});
});

describe('line maps', () => {
	test.each([
		['nothing changed', 'a\nb\nc', 'a\nb\nc', [1, 2, 3]],
		['a line added on top', 'a\nb\nc', 'x\na\nb\nc', [2, 3, 4]],
		['a line removed', 'a\nb\nc', 'a\nc', [1, null, 2]],
		['a line changed', 'a\nb\nc', 'a\nB\nc', [1, null, 3]],
		['two lines for one', 'a\nb\nc', 'a\nx\ny\nc', [1, null, 4]],
		['everything else', 'a\nb', 'c\nd', [null, null]],
	])('%s', (_, before, after, expected) => {
		const map = lineMap(before, after);
		expect(expected.map((_line, i) => map.toCurrent(i + 1))).toEqual(expected);
	});

	test('lead there and back', () => {
		const texts = fc.array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 8 });
		fc.assert(
			fc.property(texts, texts, (before, after) => {
				const map = lineMap(before.join('\n'), after.join('\n'));
				for (let line = 1; line <= after.length; line++) {
					const there = map.toAnalysed(line);
					if (there === null) continue;
					expect(map.toCurrent(there)).toBe(line);
					expect(before[there - 1]).toBe(after[line - 1]);
				}
			}),
		);
	});
});

describe('text', () => {
	const lines =
		'int other(void);\n\nstatic int\nwalk(int a,\n     int b)\n{\n\treturn 0;\n}\n'.split('\n');

	test.each([
		['walk', 4],
		['other', null],
		['nobody', null],
	])('the definition of %s', (name, line) => {
		expect(definitionLine(lines, name)).toBe(line);
	});

	test('ends with the brace in column one', () => {
		expect(definitionEnd(lines, 4)).toBe(8);
	});

	test('changes apply together, whatever their order', () => {
		const changes = [
			{ start: 4, end: 5, text: 'X' },
			{ start: 0, end: 0, text: '>' },
			{ start: 2, end: 3, text: '' },
		];
		expect(applyChanges('abcdefg', changes)).toBe('>abdXfg');
		expect(applyChanges('abcdefg', [...changes].reverse())).toBe('>abdXfg');
	});

	test.each([
		['int main(void) { return 0; }', false],
		['pte_t pte;', false],
		['static int f(pte_t *ptep) { return 0; }', true],
		['void f(struct folio *folio) {}', true],
		['void f(struct folio_batch *b) {}', false],
		['pte_t \0 {', false],
	])('%j is worth a look: %s', (text, expected) => {
		expect(looksLikeWalk(text)).toBe(expected);
	});

	test('.config lines', () => {
		const text = 'CONFIG_MMU=y\n# CONFIG_KSM is not set\n# a comment\nCONFIG_NR_CPUS=8\r\n';
		expect([...parseConfig(text)]).toEqual([
			['CONFIG_MMU', 'y'],
			['CONFIG_KSM', 'n'],
			['CONFIG_NR_CPUS', '8'],
		]);
	});
});

describe('settings', () => {
	test.each([
		[null],
		[7],
		[{ arch: 'vax', actors: 'zap', budgetSeconds: -1, memory: 3, rules: { 'stale-pin': 'loud' } }],
	])('%j: whatever is malformed has its default', (value) => {
		expect(decodeSettings(value)).toEqual({
			enable: true,
			guards: true,
			hoverDetails: false,
			otherArchitectures: true,
			arch: 'x86_64',
			actors: [],
			budgetSeconds: 20,
			memory: 'sc',
			kernelTree: null,
			rules: new Map(),
		});
	});
});

test('the result cache keeps what was used last', () => {
	const cache = contentStore<string>({ entriesMax: 2 });
	for (const key of ['a', 'b']) cache.set(key, 'said');
	cache.get('a');
	cache.set('c', 'said');
	expect(['a', 'b', 'c'].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true]);
});

const TEXT =
	'static int walk(pte_t *ptep)\n{\n\tpte_t pte = READ_ONCE(*ptep);\n\tif (!pte)\n\t\treturn 0;\n}\n';

function at(line: number, column: number, endColumn: number): Place {
	return { path: 'a.c', line, column, endLine: line, endColumn };
}

function siteAt(place: Place): AnalysedSite {
	return {
		place,
		function: 'walk',
		kinds: ['load'],
		locations: ['pte[0]'],
		values: ['none'],
		visits: 1,
		sections: ['irq'],
		reference: 'never',
		writers: [],
		rechecks: [],
		counts: null,
		taken: null,
	};
}

function findingAt(place: Place): AnalysedFinding {
	return {
		rule: 'stale-pin',
		severity: 'error',
		message: 'gone wrong',
		function: 'walk',
		root: 'walk',
		place,
		related: [],
		actors: ['zap'],
		scenario: 'anon',
		memory: 'sc',
		trace: { id: 't', scenario: 'anon', threads: ['walk', 'zap'], steps: [], initial: [] },
	};
}

const ANALYSIS: Analysis = {
	path: 'a.c',
	arch: 'x86_64',
	memory: 'sc',
	dialect: 'unknown',
	functions: [
		{
			name: 'walk',
			place: at(1, 12, 16),
			endLine: 6,
			root: 'walk',
			verdict: 'holds',
			why: null,
			byActor: [{ actor: 'zap', verdict: 'holds' }],
			bounds: {
				pagesMax: 1,
				loopMax: 8,
				statesMax: 9,
				actorsAtOnceMax: 1,
				worlds: ['anon'],
				flags: [],
			},
			assumptions: [{ what: 'interrupts are off', line: null }],
			explored: { states: 5, executions: 2 },
			witness: 'w',
		},
	],
	findings: [],
	suppressed: [],
	unsupported: [{ reason: 'inline assembly', place: at(5, 3, 9), function: 'walk' }],
	sites: [siteAt(at(3, 14, 30)), siteAt(at(3, 24, 29))],
	actors: ['zap'],
	cancelled: false,
	milliseconds: { lower: 1, check: 1 },
};

/** The answer and its details. */
function whole({ head, parts, details }: Explanation): string {
	return asMarkdown(paragraphs([head, ...parts, ...(details === null ? [] : [details])]));
}

describe('explanations', () => {
	test.each<[string, number, number | null, string | null]>([
		['the innermost access', 3, 25, '`*ptep`'],
		['the access around it', 3, 16, '`READ_ONCE(*ptep)`'],
		['another place of its line', 3, 3, '`READ_ONCE(*ptep)`'],
		['a whole line', 3, null, '`*ptep`'],
		['a guard, by what it looks at', 4, 3, '**Guard** `if (!pte)`'],
		['the name, with what the verdict assumes', 1, 13, 'interrupts are off'],
		['code that was not explored', 5, 4, 'inline assembly'],
		['a brace', 2, 1, null],
		['outside of any walk', 9, 1, null],
	])('of %s', (_, line, column, expected) => {
		const options = { link: () => null, spanText: spanReader(TEXT) };
		const said = explain(ANALYSIS, { line, column }, options);
		if (expected === null) expect(said).toBeNull();
		else expect(said === null ? null : whole(said)).toContain(expected);
	});
});

describe('severity settings', () => {
	const analysis = { ...ANALYSIS, findings: [findingAt(at(3, 2, 9))] };
	test.each([
		['off', ['reached-unsupported information']],
		['hint', ['stale-pin hint', 'reached-unsupported information']],
	] as const)('%s', (setting, expected) => {
		const shown = diagnostics(analysis, { rules: new Map([['stale-pin', setting]]) });
		expect(shown.map((d) => `${d.rule} ${d.severity}`)).toEqual(expected);
	});
});

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
