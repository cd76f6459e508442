/**
 * What is read of a header's text character by character is what its tokens say, and lines that a backslash continues keep their
 * tokens whole.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endingOf } from '../../server/syntax/preprocess/header_items.js';
import { headerOf } from '../../server/syntax/preprocess/header_text.js';
import { logicalLines, splice } from '../../server/syntax/preprocess/logical_lines.js';
import { tokenise } from '../../server/syntax/preprocess/token.js';

/** The tokens of a text without comments and directives. */
const TOKEN = /"(?:\\[^\n]|[^"\\\n])*"?|'(?:\\[^\n]|[^'\\\n])*'?|[A-Za-z_$][\w$]*|[^\s"'A-Za-z_$]/g;

/** What the tokens say: brackets closed, the last item, functions at the outermost level. */
function byTokens(text: string) {
	const tokens = [...text.matchAll(TOKEN)].map((m) => ({ token: m[0], at: m.index }));
	const isName = (token = ''): boolean => /^[A-Za-z_$]/.test(token);
	const functions = new Set<string>();
	let depth = 0;
	let isBalanced = true;
	let from = 0;
	for (const [i, { token, at }] of tokens.entries()) {
		const [before, last] = [tokens[i - 2]?.token, tokens[i - 1]?.token];
		if (depth === 0 && token === '(' && isName(last) && (isName(before) || before === '*'))
			functions.add(last as string);
		if ('{(['.includes(token)) depth++;
		if ('})]'.includes(token)) depth--;
		if (depth < 0) isBalanced = false;
		if (depth === 0 && (token === ';' || token === '}')) from = at + 1;
	}
	return { isBalanced: isBalanced && depth === 0, last: text.slice(from).trim(), functions };
}

const pieces = fc.constantFrom(
	...['int ', 'f', '$x', 'e9', '(', ')', '{', '}', '[', ']', ';', ',', '*', '0x1', ' ', '\t', '\n'],
	...['"', "'", '"a;"', "'{'", '\\', '\\"', 'enum ', 'enum', 'A', '\u00a0', 'é', '\u2028', '#'],
);
const texts = fc.array(pieces, { maxLength: 40 }).map((all) => all.join(''));

describe('the text of a header', () => {
	it('ends and declares as its tokens say', () => {
		let run = 0;
		fc.assert(
			fc.property(
				texts.filter((text) => !/#|enum|\\\s*\n/.test(text)),
				(text) => {
					const header = headerOf(`include/${run++}.h`, text);
					const { isBalanced, last, declares } = endingOf(header, []);
					const expected = byTokens(header.lines.plain());
					expect({ isBalanced, last }).toEqual({
						isBalanced: expected.isBalanced,
						last: expected.last,
					});
					expect([...declares].sort()).toEqual([...expected.functions].sort());
				},
			),
			{ numRuns: 2000, seed: 7 },
		);
	});

	it.each([
		['enum a { A, B = (1, 2), C };', ['A', 'B', 'C']],
		['enum { A };\nenum b f(enum c { X } x);', ['A', 'f']],
		['static const char *s = "enum { A }; f(";\nint g(void);', ['g']],
		['renumber { A };\nint *h(int enum_);', ['h']],
	])('of %j declares its functions and enumerators', (text, names) => {
		const { declares } = endingOf(headerOf(`include/${text.length}.h`, text), []);
		expect([...declares].sort()).toEqual(names);
	});

	it('is as long where lines are continued, and has the tokens that it has in one line', () => {
		const words = fc.constantFrom(
			...['int ', 'f', '(', ')', ' ', '\t', '"a b"', "'c'", '\n', '+', '=', '0x1', 'L', '>'],
		);
		const continued = fc.tuple(fc.constantFrom('\\\n', '\\ \n', '\\\r\n'), fc.nat(60));
		const lines = fc
			.tuple(fc.array(words, { maxLength: 20 }), fc.array(continued, { maxLength: 5 }))
			.map(([all, splices]) =>
				splices.reduce(
					(text, [part, at]) => `${text.slice(0, at)}${part}${text.slice(at)}`,
					all.join(''),
				),
			)
			.filter((text) => !/\\[ \r]*\\|\\ *\r*\\/.test(text));
		const tokens = (text: string) => tokenise(text).map((t) => [t.kind, t.text]);
		fc.assert(
			fc.property(lines, (text) => {
				const plain = logicalLines(text).plain();
				expect(plain.length).toBe(text.length);
				expect(tokens(plain)).toEqual(tokens(text.replace(splice, '')));
			}),
			{ numRuns: 2000, seed: 7 },
		);
	});
});
