/**
 * How an editor colours the reads of a walk, what it folds, and who calls or races with a function.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnalysedSite, Analysis } from '../../server/ide/analysis/analysis.js';
import { hierarchyItem, incomingCalls, outgoingCalls } from '../../server/ide/call_hierarchy.js';
import { folds } from '../../server/ide/folding.js';
import { semanticTokens } from '../../server/ide/semantic_tokens.js';
import { ANALYSIS, at, siteAt, TEXT } from './small_analysis.js';

const CITED = { path: 'mm/memory.c', function: 'zap_pte_range', line: 1700 };
const LINES = TEXT.split('\n');

function writer(after: number): AnalysedSite['writers'][number] {
	const place = { ...at(4, 1, 2), path: 'racewalk:actors/zap.c' };
	const wrote = { actor: 'zap', location: 'pte[0]', wrote: 'none', text: '' };
	return { ...wrote, place, cites: CITED, after, before: 0 };
}

function recheck(): AnalysedSite['rechecks'][number] {
	return { place: at(4, 6, 9), text: '', same: 1, differed: 1, rejected: 1 };
}

describe('tokens', () => {
	const read = siteAt(at(3, 14, 30));
	const shown = (sites: readonly AnalysedSite[]): readonly string[] =>
		semanticTokens({ ...ANALYSIS, sites }, LINES).map(
			({ line, column, length, type }) => `${line}:${column}+${length} ${type}`,
		);

	test.each([
		['of a read that goes stale', { writers: [writer(2)] }, ['3:14+9 racyRead']],
		[
			'of one that is looked at again',
			{ writers: [writer(2)], rechecks: [recheck()] },
			['3:14+9 recheckedRead'],
		],
		['of one that nobody changes afterwards', { writers: [writer(0)] }, ['3:14+9 protectedRead']],
		['of what nothing protects and nobody changes: none', { sections: [] }, []],
		['of what writes too: none', { kinds: ['load', 'rmw'], writers: [writer(2)] }, []],
		['of a store: none', { kinds: ['store'], writers: [writer(2)] }, []],
		['of another file: none', { place: { ...at(3, 14, 30), path: 'b.h' } }, []],
	])('%s', (_, change, expected) => {
		expect(shown([{ ...read, ...change }])).toEqual(expected);
	});

	test('do not overlap, whatever the sites', () => {
		const spans = fc.array(
			fc.record({
				line: fc.integer({ min: 1, max: 6 }),
				column: fc.integer({ min: 1, max: 40 }),
				length: fc.integer({ min: 0, max: 40 }),
				lines: fc.integer({ min: 0, max: 2 }),
				racy: fc.boolean(),
			}),
			{ maxLength: 6 },
		);
		fc.assert(
			fc.property(spans, (given) => {
				const sites = given.map(({ line, column, length, lines, racy }) => ({
					...siteAt({ ...at(line, column, column + length), endLine: line + lines }),
					writers: racy ? [writer(1)] : [],
				}));
				let before = { line: 0, end: 0 };
				for (const token of semanticTokens({ ...ANALYSIS, sites }, LINES)) {
					const { line, column, length } = token;
					expect(length).toBeGreaterThan(0);
					expect(column - 1 + length).toBeLessThanOrEqual((LINES[line - 1] ?? '').length);
					expect(line > before.line || column >= before.end).toBe(true);
					before = { line, end: column + length };
				}
			}),
		);
	});
});

describe('folds', () => {
	test.each([
		['a body', 'int f(void)\n{\n\tg();\n}\n', ['2-3 block']],
		['one in another', 'x {\n y {\n z;\n }\n}\n', ['2-3 block', '1-4 block']],
		['a comment', '/* a\n * b\n */\n', ['1-3 comment']],
		['directives', '#if A\nx\n# else\ny\n#endif\n', ['1-2 directive', '3-4 directive']],
		['no bracket of a comment or a string', 'a("{"); /* { */ // {\nb(\'{\');\n}\n', []],
		['no bracket of a broken string', 'a("{);\n}\n', []],
		['what never ends', '{\n/* \n', ['2-3 comment']],
		['nothing on one line', 'x { y; }\n', []],
	])('%s', (_, text, expected) => {
		expect(folds(text).map((f) => `${f.line}-${f.endLine} ${f.kind}`)).toEqual(expected);
	});
});

describe('the call hierarchy', () => {
	const [walk] = ANALYSIS.functions;
	if (walk === undefined) throw new Error('the small analysis has a function');
	const call = { name: 'walk', place: at(9, 2, 12), definition: walk.place };
	const outside = { name: 'pte_page', place: at(3, 14, 30), definition: at(40, 1, 9) };
	const analysis: Analysis = {
		...ANALYSIS,
		functions: [
			{ ...walk, callsAt: [{ ...outside, definition: { ...at(40, 1, 9), path: 'b.h' } }] },
			{ ...walk, name: 'caller', place: at(8, 5, 11), endLine: 10, callsAt: [call] },
		],
		sites: [{ ...siteAt(at(3, 14, 30)), writers: [writer(1), { ...writer(1), wrote: '0' }] }],
	};
	const named = (
		calls: readonly { item: { name: string; detail: string }; places: readonly unknown[] }[],
	) => calls.map(({ item, places }) => `${item.name} ${places.length}: ${item.detail}`);

	test('tells callers, then the kernel functions that race', () => {
		expect(named(incomingCalls(analysis, 'walk'))).toEqual([
			'caller 1: holds · x86_64 · 1 adversary',
			'zap_pte_range 1: races (zap): writes pte[0] = none, pte[0] = 0',
		]);
		expect(incomingCalls(analysis, 'walk').at(-1)?.item.place).toMatchObject({
			path: 'mm/memory.c',
			line: 1700,
		});
	});

	test('tells what is called, also in other files', () => {
		expect(named(outgoingCalls(analysis, 'walk'))).toEqual(['pte_page 1: b.h']);
		expect(named(outgoingCalls(analysis, 'caller'))).toEqual([
			'walk 1: holds · x86_64 · 1 adversary',
		]);
	});

	test.each([
		['a call is what is called', { line: 9, column: 4 }, 'walk'],
		['anywhere else is the function around it', { line: 9, column: 1 }, 'caller'],
		['outside of functions is nothing', { line: 20, column: 1 }, undefined],
	])('at %s', (_, position, name) => {
		expect(hierarchyItem(analysis, position)?.name).toBe(name);
	});
});
