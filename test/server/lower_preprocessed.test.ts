/**
 * What the lowering makes of text that a preprocessor changes: each case is a function `f` and what it returns, as gcc has it
 * (x86_64, `-std=gnu2x`), or why it is refused.
 */
import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../engine/program/wellformed.js';
import { lowered, run } from './lower_run.js';

interface Case {
	readonly what: string;
	readonly c: string;
	readonly returns: number;
	readonly primitives?: string;
}

const cases: readonly Case[] = [
	{
		what: 'an argument is tokens, not a value',
		c: '#define twice(n) (n * 2)\nint f(void) { return twice(1 + 1); }',
		returns: 3,
	},
	{
		what: 'an argument is evaluated as often as it is written',
		c: '#define square(n) ((n) * (n))\nstatic int more(int *n) { return (*n)++; }\nint f(void) { int i = 2; int s = square(more(&i)); return s * 10 + i; }',
		returns: 64,
	},
	{
		what: 'a body without parentheses takes part in what is around it',
		c: '#define sum 1 + 2\nint f(void) { return sum * 3; }',
		returns: 7,
	},
	{
		what: 'a definition holds from its line on',
		c: '#define n 1\nstatic int g(void) { return n; }\n#undef n\n#define n 2\nint f(void) { return g() * 10 + n; }\n#undef n\n#define n 3\n',
		returns: 12,
	},
	{
		what: 'a definition inside a function, a name of its own before it',
		c: 'int f(void) { int n = 5; int a = n;\n#define n 7\n\tint b = n; return a * 10 + b; }',
		returns: 57,
	},
	{
		what: 'a local is replaced like any other word',
		c: '#define seen 0\nint f(void) { return seen + 4; }',
		returns: 4,
	},
	{
		what: 'a name in parentheses is no use of a function-like macro',
		c: 'static int g(int a) { return a; }\n#define g(a) 9\nint f(void) { return (g)(3) * 10 + g(3); }',
		returns: 39,
	},
	{
		what: 'an if that a macro brings takes the else',
		c: '#define maybe(c) if (c) x = 1\nint f(void) { int x = 0; if (1) maybe(0); else x = 2; return x; }',
		returns: 2,
	},
	{
		what: 'a block opened by one macro and closed by another',
		c: '#define begin do {\n#define end } while (0)\nint f(void) { int x = 1; begin x = 2; if (x == 2) break; x = 3; end; return x; }',
		returns: 2,
	},
	{
		what: '## makes names, # makes strings, the rest is passed on',
		c: '#define at(n) value_##n\n#define add(first, ...) (first + pick(__VA_ARGS__))\n#define pick(a, ...) a\nint f(void) { int value_3 = 4; return add(at(3), 5, 6) + (sizeof(char) == 1); }',
		returns: 10,
	},
	{
		what: 'names a compiler has defined',
		c: '#if defined(__GNUC__) && defined(__LP64__) && defined(__x86_64__) && __SIZEOF_POINTER__ == 8 && __STDC_VERSION__ >= 199901L\nint f(void) { return 1; }\n#else\nint f(void) { return 0; }\n#endif',
		returns: 1,
	},
	{
		what: '#elifdef',
		c: 'int f(void) {\n#ifdef CONFIG_NOTHING_HERE\nreturn 1;\n#elifdef CONFIG_MMU\nreturn 2;\n#else\nreturn 3;\n#endif\n}',
		returns: 2,
	},
	{
		what: 'lines continued in the middle of words and of comments',
		c: 'int f(void) { // not \\\n return 1;\n  ret\\\nurn 4 \\\n + 0\\\nx10; }',
		returns: 20,
	},
	{
		what: 'brackets spelled otherwise',
		c: 'int f(void) <% int a = 3; return a; %>',
		returns: 3,
	},
	{
		what: 'a primitive that the file redefines means what the file says',
		c: '#undef READ_ONCE\n#define READ_ONCE(x) 6\nint f(void) { int x = 5; return READ_ONCE(x); }',
		returns: 6,
	},
	{
		what: 'the line is where it is used',
		c: '#define line __LINE__\nint f(void)\n{\n\treturn line * 10 + __LINE__;\n}',
		returns: 44,
	},
];

describe('as a compiler has it', () => {
	it.each(cases)('$what', ({ c, returns, primitives }) => {
		const { program } = lowered({
			c,
			...(primitives === undefined ? {} : { primitives }),
			also: ['f'],
		});
		expect(program.unsupported.map((u) => u.reason)).toEqual([]);
		expect(problemsOf(program)).toEqual([]);
		expect(run(program, 'f', [])).toBe(returns);
	});
});

describe('arguments of calls whose result nothing rests on', () => {
	const effects: readonly (readonly [string, number])[] = [
		['say("%d", i++);', 10],
		['say("%d", i);', 0],
		['say("%d", g(&i));', 50],
		['say(i += 2, j += 3);', 23],
		['say(sizeof(i++));', 0],
	];
	it.each(effects)('%s', (statement, i) => {
		const c = `static int g(int *p) { *p = 5; return 1; }\nint f(void) { int i = 0, j = 0; ${statement} return i * 10 + j; }`;
		const { program } = lowered({ c, primitives: '#define say __rw_effects\n', also: ['f'] });
		expect(program.unsupported.map((u) => u.reason)).toEqual([]);
		expect(run(program, 'f', [])).toBe(i);
	});
});

describe('arguments that a primitive leaves out', () => {
	const primitives = `#define never(x) (0)
#define nothing(a, b) do { } while (0)
#define rest(a, ...) (a)
#define unread(__x, y) (y)
#define unread_rest(__args...) (0)
`;
	const cases_: readonly (readonly [string, number])[] = [
		['never(i++);', 10],
		['if (never(i++)) i = 9;', 10],
		['nothing(i += 2, j += 3);', 23],
		['if (never(i)) i = 9;', 0],
		['i = rest(2, j += 4, 7) ;', 24],
		['i = unread(j++, i + 2);', 20],
		['unread_rest(i++, j++);', 0],
		['never(never(i++));', 10],
	];
	it.each(cases_)('%s', (statement, i) => {
		const c = `int f(void) { int i = 0, j = 0; ${statement} return i * 10 + j; }`;
		const { program } = lowered({ c, primitives, also: ['f'] });
		expect(program.unsupported.map((u) => u.reason)).toEqual([]);
		expect(run(program, 'f', [])).toBe(i);
	});
});

describe('what is refused', () => {
	const refused: readonly (readonly [string, string])[] = [
		[
			'#if NOBODY(1)\n#endif\nint f(void) {\n#if NOBODY(2)\nreturn 1;\n#endif\nreturn 2; }',
			'f(): #if NOBODY(2) is not understood: nothing defines NOBODY()',
		],
		[
			'#define two(a, b) a\nint f(void) { return two(1); }',
			'f(): two is given 1 arguments and takes 2',
		],
		[
			'void trace_it(int a);\nint f(int a) { trace_it(a); return 1; }',
			'racewalk does not model trace_it()',
		],
	];
	it.each(refused)('%j', (c, why) => {
		const { program } = lowered({ c, also: ['f'] });
		expect(program.unsupported.map((u) => u.reason)).toContain(why);
	});
});
