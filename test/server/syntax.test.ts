/** Preprocessing, outlines and trees: offsets stay, arms are chosen, edits re-parse to what a fresh parse gives. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { syntaxDocument } from '../../server/syntax/document.js';
import { doubtOf } from '../../server/syntax/doubts.js';
import { outline } from '../../server/syntax/outline.js';
import { type Preprocessed, preprocess } from '../../server/syntax/preprocess.js';
import { parseExpression, parseFunction, parseStatements } from '../../server/syntax/snippet.js';
import { sourceOf } from '../../server/syntax/source.js';

const config: Readonly<Record<string, string>> = {
	CONFIG_Y: 'y',
	CONFIG_M: 'm',
	CONFIG_LEVELS: '4',
};

function preprocessed(text: string): Preprocessed {
	const result = preprocess(text, {
		config: (name) => config[name] ?? null,
		defined: (name) => name === 'ELSEWHERE',
		value: () => null,
	});
	expect(result.text.length).toBe(text.length);
	expect([...result.text.matchAll(/[\r\n]/g)].map((m) => m.index)).toEqual(
		[...text.matchAll(/[\r\n]/g)].map((m) => m.index),
	);
	return result;
}

describe('#if', () => {
	const cases: readonly (readonly [string, string])[] = [
		['#ifdef CONFIG_Y\nyes\n#else\nno\n#endif', 'yes'],
		['#ifdef CONFIG_N\nno\n#else\nyes\n#endif', 'yes'],
		['#ifndef CONFIG_N\nyes\n#endif', 'yes'],
		[
			'#if defined(CONFIG_Y) && defined(CONFIG_N)\nno\n#elif defined CONFIG_M\nyes\n#else\nno\n#endif',
			'yes',
		],
		[
			'#if IS_ENABLED(CONFIG_M) && !IS_BUILTIN(CONFIG_M) && IS_MODULE(CONFIG_M)\nyes\n#endif',
			'yes',
		],
		['#if CONFIG_LEVELS > 3 && CONFIG_LEVELS <= 4\nyes\n#endif', 'yes'],
		['#define N 2\n#if N * 3 == 6 ? 1 : 0\nyes\n#endif\n#undef N\n#ifdef N\nno\n#endif', 'yes'],
		['#if 0\nno\n#if 1\nno\n#else\nno\n#endif\n#elif 1\nyes\n#elif 1\nno\n#endif', 'yes'],
		['#ifdef ELSEWHERE\nyes\n#endif', 'yes'],
		['#  if (1 << 4) == 0x10 && 010 == 8 && 5u / 2 == 2 && 7 % 4 == 3 && ~0\nyes\n# endif', 'yes'],
		['#if 0 /* a\n comment */\nno\n#endif\nyes', 'yes'],
		['#if defined(CONFIG_Y) && \\\n    defined(CONFIG_M)\nyes\n#endif', 'yes'],
		['#ifdef CONFIG_N\n#error "it\'s"\n#endif\nyes', 'yes'],
		['#if NOBODY(1) || 1 / 0\nno\n#endif\nyes', 'yes'],
	];
	it.each(cases)('%j', (text, left) => expect(preprocessed(text).text.trim()).toBe(left));
	it.each(['#endif\nx', '#if 1\nx', '#else\nx'])('%j does not balance', (text) => {
		expect(preprocessed(text).unbalanced).toBe(true);
	});
});

describe('a condition that is not read', () => {
	const NUMBER = '#define N 9007199254740993\n';
	const unread: readonly string[] = [
		'#if NOBODY(1)',
		'#if NOBODY(1) > (2)',
		'#if __has_attribute(cold)',
		'#define F(x) 1\n#if F(0)',
		'#if (1',
		'#if 1 ? 2',
		'#if 1 ? 2 : ',
		'#if 1 +',
		'#if 1 && && 1',
		'#if',
		"#if 'a' == 97",
		'#if 08',
		'#if 1.5',
		'#if 1 / 0',
		'#if 1 % 0',
		'#if 1 << -1',
		'#if defined(A',
		'#if IS_ENABLED(A, B)',
		`${NUMBER}#if N == 9007199254740992`,
		'#if 0x7fffffffffffffff - 1 > 0',
		...[
			`${[0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) => `#define N${n} N${n + 1}`).join('\n')}\n#define N9 1\n#if N0`,
		],
	];
	it.each(unread)('%j', (condition) => {
		expect(preprocessed(`${condition}\nx\n#endif\n`).guesses).toMatchObject([
			{ why: expect.stringMatching(/was not read$/) },
		]);
	});
	const read: readonly string[] = [
		'#if defined(NOBODY) && NOBODY(1)',
		'#if 1 || 1 / 0',
		'#if 1 ? 1 : F(2)',
		'#if NOBODY && (F(2) || 1 % 0)',
		'#define F(x) 1\n#if F == 0',
		'#if 0xf00000000 & 0x100000000',
		'#if CONFIG_M',
		'#define N N\n#if N == 0',
	];
	it.each(read)('is none of these: %j', (condition) => {
		expect(preprocessed(`${condition}\nx\n#endif\n`).guesses).toEqual([]);
	});
	it('leaves what its conditional defines unknown, and what rests on that', () => {
		const text =
			'#define A 1\nint a(void);\n#if F(1)\n#define B 1\nint b(void) { }\n#elif 1\n#undef A\nstruct s { int n; };\n#else\n#define G(x) x\n#endif\n' +
			'#ifdef A\nint c(void) { }\n#endif\nstruct t {\n#if F(2)\nint i;\n#endif\n};\nenum { X,\n#if F(3)\nY,\n#endif\nZ };\n' +
			'int d(void)\n{\n#if F(4)\n\treturn 1;\n#endif\n}\n#if 1\nint e(void) { }\n#elif F(5)\nint g(void) { }\n#endif\n';
		const source = sourceOf('x.h', text, {
			config: () => null,
			defined: () => false,
			value: () => null,
		});
		const names = ['A', 'B', 'G', 'b', 's', 'c', 't', 'X', 'Y', 'Z', 'd', 'a', 'e', 'g', 'F'];
		const doubted = names.filter((name) => doubtOf(source, name) !== null);
		expect(doubted).toEqual(['A', 'B', 'G', 'b', 's', 'c', 't', 'X', 'Y', 'Z', 'd']);
		expect(doubtOf(source, 'c')).toBe('the condition in line 12 was not read');
	});
	it.each([
		['#if (0xf00000000 & 0x100000000) == 0x100000000\nyes\n#endif'],
		['#if ~0 == -1 && (1 << 40) > 5\nyes\n#endif'],
		['#define F(x) 1\n#if F == 0\nyes\n#endif'],
	])('numbers of more than 32 bits: %j', (text) =>
		expect(preprocessed(text).text.trim()).toBe('yes'),
	);
});

describe('blanking', () => {
	const cases: readonly (readonly [string, string])[] = [
		['int a; /* b */ int c;', 'int a;         int c;'],
		['char *s = "/* no */"; // yes', 'char *s = "/* no */";       '],
		["char c = '\"'; /* x */ int d;", "char c = '\"';         int d;"],
		[
			'static __always_inline int f(void __user *p);',
			'static                 int f(void        *p);',
		],
		['int f(void) __attribute__((x(1, (2))));', 'int f(void)                           ;'],
		['EXPORT_SYMBOL_GPL(f);\nint b;', '                     \nint b;'],
		['#define A 1\r\nint a;\r\n', '           \r\nint a;\r\n'],
	];
	it.each(cases)('%j', (text, expected) => expect(preprocessed(text).text).toBe(expected));
	it('never changes length or lines, whatever the text', () => {
		const piece = fc.constantFrom(
			'#if 1',
			'#else',
			'#endif',
			'#define X(a) a\\',
			'/*',
			'*/',
			'"',
			"'",
			'//',
			'int f() {',
			'}',
			'\\',
			'EXPORT_SYMBOL(',
			')',
			'é',
			'\u0000',
		);
		fc.assert(
			fc.property(fc.array(piece), fc.constantFrom('\n', '\r\n', ' '), (pieces, between) => {
				preprocessed(pieces.join(between));
			}),
		);
	});
});

describe('macros', () => {
	it('are collected with parameters and joined lines', () => {
		const { macros } = preprocessed(
			'#define A (1 + \\\n 2) /* x */\n#define f(a, b) a \\\r\n b\n#define v(x, ...) x\n#define empty\n',
		);
		expect(
			[...macros.values()].map((m) => [m.name, m.parameters, m.body.replace(/\s+/g, ' ')]),
		).toEqual([
			['A', null, '(1 + 2)'],
			['f', ['a', 'b'], 'a b'],
			['v', ['x', '...'], 'x'],
			['empty', null, ''],
		]);
	});
});

describe('outline', () => {
	const cases: readonly (readonly [string, readonly string[]])[] = [
		[
			'int f(void)\n{\n}\nstruct s { int a; };\nenum { A };\ntypedef int t;\nextern int g(int);\nint v = 3, w;',
			['function f', 'aggregate s', 'aggregate ', 'typedef t', 'prototype g', 'declaration v'],
		],
		[
			'static const struct ops o = {\n\t.f = g,\n};\nint h(void) { return 0; }',
			['declaration o', 'function h'],
		],
		['typedef struct { int a; } s_t;\ntypedef int (*fn)(int);', ['typedef s_t', 'typedef fn']],
		['int f(void)\n{\n\tif (1) {\n\treturn;\n}\nint g(void)\n{\n}', ['function f!', 'function g']],
		['int f(int a, {\n}\nint g(void)\n{\n}', ['function f!', 'function g']],
		['int f(void)\n{\n\tx(', ['function f!']],
		[
			'FLAG(A, a)\n\tFLAG(B, b)\nint f(void)\n{\n}\nMACRO(x)\nenum e { C };\n',
			['prototype FLAG', 'prototype FLAG', 'function f', 'prototype MACRO', 'aggregate e'],
		],
		[
			'int f(int a)\n{\n\tif (a) {\n\treturn 1;\n\nstatic int g(void)\n{\n\treturn 1;\n}\n',
			['function f!', 'function g'],
		],
		[
			'int f(void)\n{\n}\nint g(int a)\n{\n\tif (a) {\n\t\tif (a ||\n\t\t\treturn 1;\n\t\t}\n\t}\n}\nint h(void)\n{\n}\n',
			['function f', 'function g!', 'function h'],
		],
		[
			'int f(a, b) int a; long *b; { return a; }\nint g(c)\n\tint c;\n{\n}\nint h(void)\n{\n}\n',
			['function f!', 'function g!', 'declaration !', 'function h'],
		],
		[
			'int v;\n{ int w; }\nint f(int a);\n{\n}\nint h(void)\n{\n}\n',
			['declaration v', 'declaration !', 'prototype f', 'declaration !', 'function h'],
		],
		['', []],
		['void f(int *b, int n[*b = 0]) { }\nint g(int a) { }', ['function f', 'function g']],
		[
			'void f(int *b, char a[static (*b = 0, 1)]) { }\nint g(int a) { }',
			['function f', 'function g'],
		],
		['void f(int *b, int n[*b = 0]);\nint g(int a) { }', ['prototype f', 'function g']],
		[
			'static __attribute__((section("a=b"))) int f(int a) { }\nint g(int a) { }',
			['function f', 'function g'],
		],
		['int a[] = { 1, 2 };\nint h(int a) { }', ['declaration a', 'function h']],
	];
	it.each(cases)('%j', (text, expected) => {
		expect(outline(text).map((i) => `${i.kind} ${i.name}${i.broken === null ? '' : '!'}`)).toEqual(
			expected,
		);
	});
});

describe('pieces', () => {
	it('keep the offsets of their own text', () => {
		const e = parseExpression('a + f(b)');
		expect(e).toMatchObject({
			kind: 'binary',
			start: 0,
			end: 8,
			right: { kind: 'call', start: 4, arguments: [{ start: 6, end: 7 }] },
		});
		expect(parseStatements('x = 1; y();')).toMatchObject({
			kind: 'compound',
			statements: [{ start: 0 }, { start: 7 }],
		});
	});
	it('know typeof', () => {
		const f = parseFunction(
			'int f(int a) { typeof(a + 1) b = a; __typeof__(struct page *) p; return b; }',
		);
		expect(f?.body).toMatchObject({
			statements: [
				{
					declaration: {
						specifier: { kind: 'typeof', text: 'a + 1', expression: { kind: 'binary' } },
						declarators: [{ name: 'b' }],
					},
				},
				{
					declaration: {
						specifier: { kind: 'typeof', type: { specifier: { kind: 'aggregate', tag: 'page' } } },
					},
				},
				{ kind: 'return' },
			],
		});
	});
	it('that are not C are nothing', () => {
		expect([parseExpression('a +'), parseExpression(''), parseFunction('struct s;')]).toEqual([
			null,
			null,
			null,
		]);
	});
});

describe('a document kept over edits', () => {
	const fragment = fc.constantFrom(
		'int f(int a)\n{\n',
		'}\n',
		'if (a) {',
		'return a;',
		'x->y = 1;\n',
		'/* c */',
		'é',
		'(',
		')',
		'\t',
		'struct s { int a; };\n',
		'"s"',
		' ',
	);
	const text = fc.array(fragment, { maxLength: 30 }).map((parts) => parts.join(''));
	it('has the tree of a fresh parse', () => {
		fc.assert(
			fc.property(
				text,
				fc.array(fc.tuple(fc.nat(), fc.nat(40), text), { maxLength: 6 }),
				(start, edits) => {
					let document = syntaxDocument(start);
					for (const [at, removed, inserted] of edits) {
						const from = at % (document.text.length + 1);
						document = document.edited(
							document.text.slice(0, from) + inserted + document.text.slice(from + removed),
						);
					}
					const fresh = syntaxDocument(document.text);
					expect(document.tree.root()).toEqual(fresh.tree.root());
					expect(document.problems()).toEqual(fresh.problems());
				},
			),
		);
	});
	it('recovers from an error as a fresh parse does', () => {
		const start =
			'struct s { int a; };\nstruct s { int a; };\n /* c */struct s { int a; };\nif (a) {/* c */';
		const edits: readonly (readonly [number, number, string])[] = [
			[38, 1, 'é  return a;x->y = 1;\né '],
			[0, 3, 'struct s { int a; };\n'],
			[0, 18, 'if (a) {if (a) {'],
			[48, 14, 'x->y = 1;\nint f(int a)\n{\nint f(int a)\n{\n}\n}\n'],
			[97, 3, '(}\nint f(int a)\n{\nif (a) { '],
			[58, 37, ''],
		];
		let document = syntaxDocument(start);
		for (const [from, removed, inserted] of edits) {
			const { text } = document;
			document = document.edited(text.slice(0, from) + inserted + text.slice(from + removed));
		}
		expect(document.tree.root()).toEqual(syntaxDocument(document.text).tree.root());
	});
	it('takes texts longer than the parser’s own buffer', () => {
		const long = 'int f(int a)\n{\n\treturn a;\n}\n'.repeat(4000);
		const document = syntaxDocument(long).edited(`${long.slice(0, 50_000)} ${long.slice(50_000)}`);
		expect(document.tree.root().end).toBe(long.length + 1);
	});
});
