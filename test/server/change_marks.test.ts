/** Where a finding began: which lines are told as removed, changed or added. */
import { expect, test } from 'vitest';
import { changeMarks, changesBetween } from '../../server/ide/change_marks.js';
import { lineMap } from '../../server/lsp/line_map.js';
import { ANALYSIS, at, findingAt } from './small_analysis.js';

const BEFORE = 'int walk(void)\n{\n\tread();\n\tif (again())\n\t\treturn 0;\n\tgive();\n}\n';

function told(after: string, end = 7): readonly string[] {
	const analysis = {
		functions: ANALYSIS.functions.map((f) => ({ ...f, place: at(1, 5, 9), endLine: end })),
	};
	return changesBetween(
		{ lines: BEFORE.split('\n'), analysis },
		{ lines: after.split('\n'), analysis },
		lineMap(BEFORE, after),
	).map(({ how, line, text }) => `${line} ${how}: ${text}`);
}

test.each([
	['removed lines', ['\tif (again())\n\t\treturn 0;\n', ''], ['4 removed: if (again())']],
	['a changed line', ['again()', 'never()'], ['4 changed: if (again())']],
	['an added line', ['\tgive();', '\tmore();\n\tgive();'], ['6 added: more();']],
	['a line without words', ['\tgive();', '\n\tgive();'], []],
	['nothing', ['x', 'y'], []],
])('%s', (_, [from = '', to = ''], expected) => {
	expect(told(BEFORE.replace(from, to))).toEqual(expected);
});

test('what is changed outside of the functions is not told', () => {
	expect(told(`int more;\n${BEFORE}`)).toEqual(['1 added: int more;']);
	expect(told(`${BEFORE}int more;\n`)).toEqual([]);
});

test('a mark is a hint at the line as it is now, and says no more than the order of events', () => {
	const finding = findingAt(at(6, 2, 9));
	const change = { how: 'removed', line: 4, text: 'if (again())' } as const;
	const marks = (lineOf: (line: number) => number | null) =>
		changeMarks(finding, [change], { path: 'a.c', lineOf });
	const [mark] = marks((line) => line + 2);
	expect(mark).toMatchObject({ severity: 'hint', place: { line: 6 }, rule: 'stale-pin' });
	expect(mark?.message).toBe(
		'removed here: if (again()); before, stale-pin was not found in walk().',
	);
	expect(marks(() => null)).toEqual([]);
});
