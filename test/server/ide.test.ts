/**
 * Small parts of the features: suppressions, line maps, definitions, explanations, settings.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asMarkdown, paragraphs } from '../../engine/escape/markdown.js';
import { contentStore } from '../../server/ide/analysis/content_store.js';
import { spanReader } from '../../server/ide/analysis/spans.js';
import { suppressions } from '../../server/ide/analysis/suppression.js';
import { diagnostics } from '../../server/ide/diagnostics.js';
import { type Explanation, explain } from '../../server/ide/explain.js';
import { applyChanges } from '../../server/ide/quick_fix/text_change.js';
import { looksLikeWalk } from '../../server/ide/recognise.js';
import { lineMap } from '../../server/lsp/line_map.js';
import { decodeSettings } from '../../server/lsp/settings.js';
import { parseConfig } from '../../server/tree/configuration.js';
import { definitionEnd, definitionLine } from '../../server/tree/source_lines.js';
import { ANALYSIS, at, findingAt, TEXT } from './small_analysis.js';

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
		['two lines changed, one between them', 'a\nb\nc', 'A\nb\nC', [null, 2, null]],
		['one added, one changed', 'a\nb\nc\nd', 'x\na\nb\nC\nd', [2, 3, null, 5]],
		[
			'what is there twice, beside what is there once',
			'x\na\na\nb\ny',
			'X\na\na\nb\nY',
			[null, 2, 3, 4, null],
		],
		['two that changed places: one of them', 'x\na\nb\ny', 'X\nb\na\nY', [null, null, 2, null]],
	])('%s', (_, before, after, expected) => {
		const map = lineMap(before, after);
		expect(expected.map((_line, i) => map.toCurrent(i + 1))).toEqual(expected);
	});

	test('lead there and back', () => {
		const texts = fc.array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 8 });
		fc.assert(
			fc.property(texts, texts, (before, after) => {
				const map = lineMap(before.join('\n'), after.join('\n'));
				let last = 0;
				for (let line = 1; line <= after.length; line++) {
					const there = map.toAnalysed(line);
					if (there === null) continue;
					expect(map.toCurrent(there)).toBe(line);
					expect(before[there - 1]).toBe(after[line - 1]);
					expect(there).toBeGreaterThan(last);
					last = there;
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
			inlayHints: false,
			semanticTokens: false,
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
