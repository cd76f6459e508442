/** The first token that does not parse, as a user types it: `«…»` is what is marked. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFunction } from '../../server/syntax/snippet.js';
import { sourceOf } from '../../server/syntax/source.js';
import { unparsedIn } from '../../server/syntax/unparsed.js';

const ENVIRONMENT = { config: () => null, defined: () => false, value: () => null };

function body(typed: string): string {
	return `static int f(int a, int *b)\n{\n\tint c = a;\n${typed}\n\tg(c);\n\treturn 1;\n}\n`;
}

function marked(text: string): readonly string[] {
	const source = sourceOf('a.c', text, ENVIRONMENT);
	return unparsedIn(source, () => true).map(
		({ function: name, start, end }) =>
			`${name}: ${text.slice(text.lastIndexOf('\n', start) + 1, start).trim()}«${text.slice(start, end)}»`,
	);
}

describe('the first token that does not parse', () => {
	test.each([
		['an operator too many', '\tint x = = 3;', 'f: int x =«=»'],
		['a condition that is not closed', '\tif (c\n\tif (!c)\n\t\treturn 0;', 'f: «if»'],
		['a call that is not closed', '\tg(c, a\n\tif (!c)\n\t\treturn 0;', 'f: «if»'],
		['a member that is not named', '\tb->\n\tif (!c)\n\t\treturn 0;', 'f: «if»'],
		['half an expression', '\tc = a +\n\tif (!c)\n\t\treturn 0;', 'f: «if»'],
		['a bracket that is closed by nobody', '\tc = ) 3;', 'f: c =«)»'],
		['a semicolon that is missing', '\tint x\n\tif (!c)\n\t\treturn 0;', 'f: «if»'],
		['half a word', '\tret\n\tif (!c)\n\t\treturn 0;', 'f: «if»'],
		['an index that is not closed', '\tc = b[3;', 'f: c = b[3«;»'],
		['two names', '\tx y z;', 'f: x«y»'],
	])('%s', (_, typed, expected) => {
		expect(marked(body(typed))).toEqual([expected]);
	});

	test('in the header', () => {
		const text = body('').replace('int a, int', 'int a int');
		expect(marked(text)).toEqual(['f: static int f(int«a»']);
	});

	test('functions around it are not named', () => {
		const other = 'int h(void)\n{\n\treturn 0;\n}\n';
		const found = marked(`${other}${body('\tif (c')}${other.replace('h(', 'k(')}`);
		expect(found.map((one) => one.split(':')[0])).toEqual(['f']);
	});

	test.each([
		['what is C and means something', '\tif (!c)\n\t\treturn 0;'],
		['a type as an argument', '\tc = va_arg(b, int);'],
		['a statement expression', '\tc = ({ int y = 1; y; });'],
		['a type that is asked for', '\t__typeof__(c) d = c;'],
		['what C has and nobody lowers', '\tasm goto("" : : : : out);\nout:'],
	])('none in %s', (_, typed) => {
		expect(marked(body(typed))).toEqual([]);
	});

	test('is inside of the text, whatever is typed', () => {
		const typed = fc.array(
			fc.constantFrom('(', ')', '{', '}', ';', '=', 'if', 'a', '->', '"', '*', '\n', ' ', '#if'),
			{ maxLength: 12 },
		);
		fc.assert(
			fc.property(typed, (words) => {
				const text = body(words.join(' '));
				for (const { start, end } of unparsedIn(sourceOf('a.c', text, ENVIRONMENT), () => true)) {
					expect(start).toBeLessThan(end);
					expect(end).toBeLessThanOrEqual(text.length);
				}
			}),
		);
	});
});

test.each([
	['an operator too many', 'int x = = a;'],
	['a length that is none', 'int x[3 = ];'],
	['a name too many', 'int x y;'],
	['one in a loop', 'for (int i = = 0; i < 3; i++) g(i);'],
])('%s spoils its declaration', (_, statement) => {
	const made = parseFunction(`static int f(int a)\n{\n\t${statement}\n\treturn a;\n}\n`);
	expect(JSON.stringify(made)).toContain('"kind":"unparsed"');
});
