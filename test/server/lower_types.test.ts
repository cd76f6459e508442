/** Types and names that blocks declare; types that nobody does: refused where there is a tree, taken for a word, and said so, without one; C of old and of types. */
import { describe, expect, it } from 'vitest';
import { lowered, run } from './lower_run.js';

const tree = { root: '/none', read: () => null, list: () => [] };

const cases: readonly (readonly [string, string])[] = [
	['a local', 'long f(long x) { word_t w = x; return w; }'],
	['a cast', 'long f(long x) { return (word_t)x; }'],
	['an array', 'long f(long x) { word_t w[2] = { x, x }; return w[1]; }'],
	['a parameter', 'static long g(word_t w) { return w; } long f(long x) { return g(x); }'],
	['what is returned', 'static word_t g(long x) { return x; } long f(long x) { return g(x); }'],
	['a compound literal', 'long f(long x) { return (word_t){ x }; }'],
	['a compound literal in memory', 'long f(long x) { word_t *w = &(word_t){ x }; return 1; }'],
	['what a pointer leads to', 'long f(long *x) { word_t *w = (void *)x; return *w; }'],
	['an element', 'long f(long *x) { word_t *w = (void *)x; return w[1]; }'],
	['typeof', 'long f(long x) { typeof(word_t) w = x; return w; }'],
];

const REFUSED_ANYWAY: readonly (readonly [string, string])[] = [
	['sizeof', 'long f(long x) { return sizeof(word_t); }'],
	['sizeof of an array', 'long f(long x) { return sizeof(word_t[2]); }'],
	['_Alignof', 'long f(long x) { return _Alignof(word_t); }'],
	[
		'a member of a local',
		'struct s { word_t w; }; long f(long x) { struct s s = { x }; return s.w; }',
	],
	['a second member', 'long f(long x) { struct { long a; word_t w; } s = { x, x }; return s.w; }'],
];

const WITHOUT_TREE: readonly (readonly [string, boolean])[] = [
	['long f(long x) { word_t w = x; return w; }', true],
	['static long g(word_t w) { return w; } long f(long x) { return g(x); }', false],
	['static word_t g(long x) { return x; } long f(long x) { return g(x); }', false],
	['long f(long *x) { word_t *w = (void *)x; return *w; }', false],
	['long f(long x) { return (word_t){ x }; }', false],
];

const ATTRIBUTED: readonly (readonly [string, string])[] = [
	[
		'behind the word',
		'enum __attribute__((packed)) e { A }; long f(long x) { enum e w = x; return w; }',
	],
	['behind the list', 'enum e { A } __attribute__((packed)); long f(long x) { return (enum e)x; }'],
	[
		'by a macro',
		'#define __packed __attribute__((__packed__))\nenum e { A } __packed;\nlong f(long x) { enum e w = x; return w; }',
	],
	[
		'of a typedef',
		'typedef enum __attribute__((packed)) { A } e_t; long f(long x) { e_t w = x; return w; }',
	],
	[
		'of a parameter',
		'enum __attribute__((packed)) e { A }; static long g(enum e w) { return w; } long f(long x) { return g(x); }',
	],
	[
		'in a block',
		'long f(long x) { enum __attribute__((packed)) e { A }; enum e w = x; return w; }',
	],
];

describe('an enum with attributes, which may be as narrow as a byte,', () => {
	it.each(ATTRIBUTED)('is refused %s', (_, c) => {
		const { program } = lowered({ c });
		expect(program.unsupported.map((u) => u.reason).join()).toMatch(/attributes of (?:an )?enum/);
	});

	it('has four bytes without them', () => {
		const { program } = lowered({
			c: 'enum e { A }; long f(long x) { enum e w = x; return w; }',
		});
		expect(program.unsupported).toEqual([]);
		expect(run(program, 'f', [2 ** 32 + 7])).toBe(7);
	});
});

/** Read as casts by a grammar that does not know types: a product by a bracket, an element, a call. */
const LIKE_CASTS: readonly (readonly [string, number])[] = [
	['(b * (c)) - c', 3],
	['(b * (c)) + (c)', 9],
	['(b * (c)) * c', 18],
	['(b * (c)) & c', 2],
	['(b * ({ a; })) - c', -1],
	['(b * ({ long z = c; z; })) + (c)', 9],
	['(b * (c * a)) - c', 3],
	['-(b * (c)) - c', -9],
	['(b * (c)) - c * 2', 0],
	['2 * (b * (c)) - c', 9],
	['10 - (b * (c)) - c', 1],
	['sizeof(b * (c)) - c', 5],
	['(p[c]) - c', 4],
	['(g(c)) - c', 1],
	['((b * (c)) - c) * b', 6],
	['(unsigned char)(b * (c)) - c', 3],
	['(long)-c', -3],
];

describe('what reads as a cast and is none', () => {
	it.each(LIKE_CASTS)('%s', (value, expected) => {
		const c = `static int g(int x) { return x + 1; } long f(long a, long b, long c) { long p[4] = { 1, 2, 3, 7 }; p[0] = a; return ${value}; }`;
		const { program } = lowered({ c });
		expect(program.unsupported).toEqual([]);
		expect(run(program, 'f', [1, 2, 3])).toBe(expected);
	});

	it.each(['if ((b * (c)) - 6) return 1; return 2;', '(b * (c)) - (a = 2); return a;'])(
		'%s',
		(body) => {
			const { program } = lowered({ c: `long f(long a, long b, long c) { ${body} }` });
			expect(program.unsupported).toEqual([]);
			expect(run(program, 'f', [1, 2, 3])).toBe(2);
		},
	);
});

/** C11 6.5p2. */
const UNSEQUENCED: readonly string[] = [
	'*n = (*n)++ + 1;',
	'i = i++;',
	'i = ++i + 1;',
	'a[i] = i++;',
	'a[i++] = i;',
	'i = i++ + i++;',
	'i += i++;',
	'g(i++, i);',
	'a[0] = (a[0])++;',
	'long b = i + (i = 2);',
	'if (i++ == i) return 1;',
	'return i++ - i--;',
];
const SEQUENCED: readonly string[] = [
	'i = i + 1;',
	'i++, i++;',
	'a[i] = a[i] + 1;',
	'a[(*n)++] = i;',
	'i = (i++, i);',
	'if (i++ && i) i++;',
	'i = i ? i + 1 : i - 1;',
	'i = g(i++, 2);',
	'*n = i = 3;',
	'for (i = 0; i < 3; i++, n++) ;',
	'a[0] = a[1]++;',
];

describe('changes that C does not order', () => {
	const around = (line: string): string =>
		`static long g(long x, long y) { return x + y; } long f(long i, long *n) { long a[4] = { 0 }; ${line} return i + a[0]; }`;
	it.each(UNSEQUENCED)('are refused: %s', (line) => {
		const { program } = lowered({ c: around(line) });
		expect(program.unsupported.map((u) => u.reason).join()).toMatch(
			/is changed and used in no order/,
		);
	});

	it.each(SEQUENCED)('are not seen in %s', (line) => {
		expect(lowered({ c: around(line) }).program.unsupported).toEqual([]);
	});

	const primitives =
		'#define WARN(c, ...) ({ int __w = !!(c); if (__w) { __rw_effects(__VA_ARGS__); __rw_warn("WARN"); } __w; })';
	it('a condition is decided before what is printed about it', () => {
		const { program } = lowered({ c: around('WARN(i > 1, "%ld", i++);'), primitives });
		expect(program.unsupported).toEqual([]);
		expect(run(program, 'f', [2])).toBe(3);
		expect(run(program, 'f', [1])).toBe(1);
	});
	it('what is printed is evaluated in no order', () => {
		const { program } = lowered({ c: around('WARN(i > 1, "%ld %ld", i++, i);'), primitives });
		expect(program.unsupported.map((u) => u.reason)).toEqual(['i is changed and used in no order']);
	});
});

describe('what a block declares without a variable', () => {
	it.each<readonly [string, number]>([
		[
			'enum { W = 1 }; long f(long x) { { enum { W = 0 }; if (!(x & W)) return 5; } return x & W; }',
			5,
		],
		[
			'typedef long t; long f(long x) { { typedef unsigned char t; if (!(t)(x << 8)) return 5; } return (t)x; }',
			5,
		],
		[
			'struct s { long a; }; long f(long x) { { struct s { char a; }; struct s s; s.a = x << 8; if (!s.a) return 5; } return 1; }',
			5,
		],
		['long f(long x) { union u { long a; char b; }; union u u; u.a = x << 8; return u.b; }', 0],
	])('%s', (c, expected) => {
		const { program } = lowered({ c });
		expect(program.unsupported).toEqual([]);
		expect(run(program, 'f', [1])).toBe(expected);
	});
});

describe('types that nobody declares', () => {
	it.each(cases)('in a tree: %s', (_, c) => {
		const { program } = lowered({ c, tree });
		expect(program.unsupported.map((u) => u.reason)).toEqual([
			expect.stringMatching(/nothing declares the type word_t/),
		]);
	});
	it.each(cases)('declared: %s', (_, c) => {
		const { program } = lowered({ c: `typedef int word_t;\n${c}`, tree });
		expect(program.unsupported).toEqual([]);
	});
	it.each(REFUSED_ANYWAY)('in a tree, by the size that is not known: %s', (_, c) => {
		expect(lowered({ c, tree }).program.unsupported.length).toBe(1);
	});
	it('only handed on: a pointer', () => {
		const { program } = lowered({ c: 'long f(word_t *w) { word_t *v = w; return !v; }', tree });
		expect(program.unsupported).toEqual([]);
	});
	it.each(WITHOUT_TREE)('without a tree: %s', (c, told) => {
		const { program } = lowered({ c });
		expect(program.unsupported).toEqual([]);
		expect(program.assumptions.map((a) => a.what)).toEqual(
			told ? ['word_t is taken for a 64-bit word: nothing declares it (no tree)'] : [],
		);
	});
});

describe('what reads as another thing than a compiler takes it for', () => {
	it.each<readonly [string, RegExp]>([
		// pte_val() is a number in C, and the entry itself here
		[
			'long f(pte_t p) { return _Generic(pte_val(p), unsigned long: 1, default: 0); }',
			/which arm of _Generic/,
		],
		['static int g(a) long a; { return a; } long f(long x) { return g(x); }', /K&R/],
	])('%s', (c, reason) => {
		const { program } = lowered({ c });
		expect(program.unsupported.map((u) => u.reason).join()).toMatch(reason);
	});
});

describe('a word of declarations', () => {
	const reasonsOf = (c: string): readonly string[] =>
		lowered({ c, tree }).program.unsupported.map((u) => u.reason);

	it('behind a label says something of the label', () => {
		const c = 'long f(long x) { if (x) goto out; x = 7; out: __maybe_unused; return x; }';
		expect(reasonsOf(c)).toEqual([]);
		expect(run(lowered({ c, tree }).program, 'f', [0])).toBe(7);
	});
	it.each([
		'long f(long x) { long __maybe_unused = 1; x = x ? x : __maybe_unused; return x; }',
		'long f(long x) { long __maybe_unused = 1; return x ? x ? x : x : __maybe_unused; }',
		'long f(long x) { switch (x) { case 1: return 2; } return __maybe_unused; }',
	])('is a value elsewhere: %s', (c) => {
		expect(reasonsOf(c).join()).toMatch(/__maybe_unused stands where a value does/);
	});
});

describe('the length of an array that does something where C evaluates it', () => {
	it.each([
		'char a[(x = 0, 1)];',
		'char a[x++ + 1];',
		'char a[2][(x = 0, 1)];',
		'char a[({ x = 0; 1; })];',
		'char a[g(&x)];',
		'char a[__builtin_expect(x = 1, 1)];',
		'(void)sizeof(char[(x = 0, 1)]);',
		'(void)sizeof(char[sizeof(char[(x = 0, 1)])]);',
		'typeof(char[(x = 0, 1)]) *p;',
		'char (*p)[(x = 0, 1)];',
		'typedef char t[(x = 0, 1)];',
		'(void)(char (*)[(x = 0, 1)])0;',
		'for (char a[(x = 0, 1)]; 0; ) ;',
	])('%s', (statement) => {
		const c = `static int g(long *x) { *x = 0; return 1; } long f(long x) { ${statement} return x; }`;
		const reasons = lowered({ c }).program.unsupported.map((u) => u.reason);
		expect(reasons.length).toBeGreaterThan(0);
	});
	it('of a parameter', () => {
		const c = 'long f(long x, char a[(x = 0, 1)]) { return x; }';
		expect(lowered({ c }).program.unsupported.length).toBeGreaterThan(0);
	});
	it.each([
		'char a[sizeof(x) + 2];',
		'char a[__builtin_offsetof(struct s, b)];',
		'long a[2 * 3]; a[0] = x;',
	])('but not of %s', (statement) => {
		const c = `struct s { long a; long b; }; long f(long x) { ${statement} return x; }`;
		const { program } = lowered({ c });
		expect(program.unsupported).toEqual([]);
		expect(run(program, 'f', [7])).toBe(7);
	});
});

describe('an enumerator that does not fit an int', () => {
	it.each<readonly [string, number]>([
		['enum { B = 0x80000000 }; long f(long x) { return B < 0; }', 0],
		['long f(long x) { enum { B = 0x80000000 }; return B < 0; }', 0],
		[
			'long f(long x) { enum { A = 0x80000000, B = A - 1 }; return (A > x - 3) + 2 * (B > -1); }',
			3,
		],
		['enum { A = -1, B = 0x7fffffff }; long f(long x) { return (A < 0) + 2 * (B > 0); }', 3],
		['enum { B = 1 << 31 }; long f(long x) { return B < 0; }', 1],
	])('%s', (c, expected) => {
		const { program } = lowered({ c });
		expect(program.unsupported).toEqual([]);
		expect(run(program, 'f', [1])).toBe(expected);
	});
	it.each([
		'enum { A = -1, B = 0x80000000 }; long f(long x) { return B < 0; }',
		'long f(long x) { enum { A = -1, B = 0x80000000 }; return B < 0; }',
		'enum { B = 0x100000000 }; long f(long x) { return B < 0; }',
		'enum { A = 0x80000000, B = 0x100000000 }; long f(long x) { return A < 0; }',
	])('is refused where its enum is wider: %s', (c) => {
		expect(lowered({ c }).program.unsupported.length).toBeGreaterThan(0);
	});
});
