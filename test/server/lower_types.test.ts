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
