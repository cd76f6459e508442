/**
 * C as C means it: each case is a function `f` and what it returns. The expected values are gcc's (x86_64).
 */
import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../engine/program/wellformed.js';
import { lowered, run } from './lower_run.js';

interface Case {
	readonly what: string;
	readonly c: string;
	readonly calls: readonly (readonly [readonly number[], number])[];
}

function check(given: Case): void {
	const { program } = lowered({ c: given.c });
	expect(program.unsupported.map((u) => u.reason)).toEqual([]);
	expect(problemsOf(program)).toEqual([]);
	for (const [values, expected] of given.calls)
		expect([values, run(program, 'f', values)]).toEqual([values, expected]);
}

const cases: readonly Case[] = [
	{
		what: 'elements of arrays that never change',
		c: 'static const short t[][2] = { { 1, -2 }, { 3 } };\nint f(int i, int j) { static const struct { int a; unsigned char b[3]; } s = { 5, { [1] = 300 } }; return t[i][j] * 100 + s.a + s.b[1] + sizeof(t); }',
		calls: [
			[[0, 1], -143],
			[[1, 0], 357],
		],
	},
	{
		what: 'a cast of what is signed is no subtraction, a parenthesised variable before a sign no cast',
		c: 'typedef unsigned int u32; typedef unsigned char u8;\nunsigned long f(int x, int n) { return (u8)-(u32)-x + 7 * (n)-1 + (u32)-n * 2 + (long)(n) & 0xffff; }',
		calls: [
			[[3, 5], 32],
			[[-4, 2], 263],
		],
	},
	{
		what: 'a sum of many that reads as casts',
		c: `int f(int x, int n) { return x${' + (n)-1'.repeat(300)}; }`,
		calls: [[[10, 3], 610]],
	},
	{
		what: 'typeof of types by any name, of typeof, and of what hides a type',
		c: 'typedef unsigned char small; static small g(int x) { return x; }\nint f(int n) { typeof(small) a = n; typeof(typeof(a)) b = n; typeof(g(n)) c = n; { int small = n; typeof(small) d = n; return a + 1000 * b + 1000000 * c + d; } }',
		calls: [[[257], 1001258]],
	},
	{
		what: 'unsigned arithmetic wraps',
		c: 'unsigned int f(unsigned int a) { return a - 1; }',
		calls: [
			[[0], 4294967295],
			[[5], 4],
		],
	},
	{
		what: 'signed and unsigned compare as unsigned',
		c: 'int f(int a, unsigned int b) { return a < b; }',
		calls: [
			[[-1, 1], 0],
			[[0, 1], 1],
		],
	},
	{
		what: 'int widens with its sign',
		c: 'unsigned long f(int a) { return a; }',
		calls: [
			[[-1], -1],
			[[7], 7],
		],
	},
	{
		what: 'unsigned int widens with zeros',
		c: 'long f(unsigned int a) { return a; }',
		calls: [[[4294967295], 4294967295]],
	},
	{
		what: 'a sign before a count',
		c: 'int f(int a, int b) { int x = !a++ + -b--; return x * 100 + a * 10 + b; }',
		calls: [
			[[0, 1], 10],
			[[3, 4], -357],
		],
	},
	{
		what: 'narrowing keeps low bits',
		c: 'unsigned char f(int a) { return a; }',
		calls: [
			[[257], 1],
			[[-1], 255],
		],
	},
	{
		what: 'bool is 0 or 1',
		c: 'bool f(unsigned long a) { return a & 0x100; }',
		calls: [
			[[0x100], 1],
			[[1], 0],
		],
	},
	{
		what: 'masks of unsigned long',
		c: 'unsigned long f(unsigned long a) { return a & ~(4096UL - 1); }',
		calls: [
			[[8191], 4096],
			[[-1], -4096],
		],
	},
	{
		what: 'logical shift of unsigned, arithmetic of signed',
		c: 'long f(long a) { return (a >> 1) + (((unsigned int)a) >> 31); }',
		calls: [[[-4], -1]],
	},
	{
		what: 'division truncates',
		c: 'int f(int a, int b) { return a / b * 100 + a % b; }',
		calls: [[[-7, 2], -301]],
	},
	{
		what: 'and stops at the first false',
		c: 'int g(int *p) { (*p)++; return 1; }\nint f(int a) { int n = 0; if (a && g(&n)) n += 10; return n; }',
		calls: [
			[[0], 0],
			[[1], 11],
		],
	},
	{
		what: 'or stops at the first true',
		c: 'int g(int *p) { (*p)++; return 0; }\nint f(int a) { int n = 0; if (a || g(&n)) n += 10; return n; }',
		calls: [
			[[0], 1],
			[[1], 10],
		],
	},
	{
		what: 'nested conditions',
		c: 'int f(int a, int b, int c) { return !(a && (b || !c)) ? 5 : 6; }',
		calls: [
			[[1, 0, 1], 5],
			[[1, 0, 0], 6],
			[[0, 1, 0], 5],
			[[1, 1, 1], 6],
		],
	},
	{
		what: 'conditions as values',
		c: 'int f(int a, int b) { int x = a || b; int y = a && b; int z = !a; return x * 100 + y * 10 + z; }',
		calls: [
			[[0, 3], 101],
			[[2, 3], 110],
			[[0, 0], 1],
		],
	},
	{
		what: 'conditional evaluates one arm',
		c: 'int g(int *p) { return ++*p; }\nint f(int a) { int n = 0; int r = a ? g(&n) : 7; return r * 10 + n; }',
		calls: [
			[[1], 11],
			[[0], 70],
		],
	},
	{
		what: 'conditional without a middle',
		c: 'int f(int a) { return a ?: 9; }',
		calls: [
			[[0], 9],
			[[4], 4],
		],
	},
	{
		what: 'while, break, continue',
		c: 'int f(int n) { int s = 0; while (n > 0) { n--; if (n == 3) continue; if (n == 1) break; s += n; } return s; }',
		calls: [[[6], 11]],
	},
	{
		what: 'do runs once',
		c: 'int f(int n) { int s = 0; do { s++; } while (n-- > 1); return s * 100 + n; }',
		calls: [
			[[0], 99],
			[[3], 300],
		],
	},
	{
		what: 'continue in do goes to the test',
		c: 'int f(int n) { int s = 0; do { if (n == 2) continue; s += n; } while (--n > 0); return s; }',
		calls: [[[3], 4]],
	},
	{
		what: 'for with everything',
		c: 'int f(int n) { int s = 0; for (int i = 0, j = n; i < j; i++, j--) { if (i == 1) continue; s += j - i; } return s; }',
		calls: [[[6], 8]],
	},
	{
		what: 'for without a condition',
		c: 'int f(int n) { for (;;) { if (n > 10) break; n *= 2; } return n; }',
		calls: [[[3], 12]],
	},
	{
		what: 'switch falls through',
		c: 'int f(int a) { int r = 0; switch (a) { case 1: r += 1; case 2: r += 2; break; case 7 ... 9: r = 50; break; default: r = 9; } return r; }',
		calls: [
			[[1], 3],
			[[2], 2],
			[[3], 9],
			[[8], 50],
			[[10], 9],
		],
	},
	{
		what: 'default in the middle',
		c: 'int f(int a) { switch (a) { default: a += 100; case 1: a += 10; } return a; }',
		calls: [
			[[1], 11],
			[[5], 115],
		],
	},
	{
		what: 'switch in a loop',
		c: 'int f(int n) { int r = 0; while (n--) { switch (n & 1) { case 0: continue; case 1: r += n; break; } r += 100; } return r; }',
		calls: [[[4], 204]],
	},
	{
		what: 'goto out and back',
		c: 'int f(int n) { int tries = 0;\nretry:\n\ttries++; if (n-- > 0) goto retry; if (tries > 3) goto out; tries += 10;\nout:\n\treturn tries; }',
		calls: [
			[[0], 11],
			[[5], 6],
		],
	},
	{
		what: 'postfix and prefix',
		c: 'int f(int a) { int b = a++; int c = ++a; int d = a--; return b * 1000 + c * 100 + d * 10 + a; }',
		calls: [[[1], 1332]],
	},
	{
		what: 'compound assignment converts',
		c: 'int f(int a) { unsigned char x = 250; x += a; x <<= 1; return x; }',
		calls: [[[10], 8]],
	},
	{
		what: 'comma',
		c: 'int f(int a) { int b; b = (a++, a + 1); return b * 10 + a; }',
		calls: [[[1], 32]],
	},
	{
		what: 'chained assignment',
		c: 'int f(int a) { int b, c; b = c = a + 1; return b + c; }',
		calls: [[[2], 6]],
	},
	{
		what: 'address of a parameter',
		c: 'void g(unsigned long *p) { *p += 2; }\nunsigned long f(unsigned long a) { g(&a); return a; }',
		calls: [[[5], 7]],
	},
	{
		what: 'local arrays',
		c: 'int f(int n) { int a[4] = { 1, 2, [3] = 9 }; int *p = a; int s = 0; for (int i = 0; i < 4; i++) s = s * 10 + p[i]; a[n] = 5; return s * 10 + *(p + n); }',
		calls: [[[2], 12095]],
	},
	{
		what: 'array of a length that is computed',
		c: 'int f(void) { int a[2 * sizeof(int)]; a[7] = 3; return a[7] + sizeof(a); }',
		calls: [[[], 35]],
	},
	{
		what: 'pointer differences',
		c: 'long f(void) { long a[5]; long *p = a, *q = &a[4]; return q - p; }',
		calls: [[[], 4]],
	},
	{
		what: 'statement expression',
		c: 'int f(int a) { int r = ({ int t = a * 2; t + 1; }); return r; }',
		calls: [[[3], 7]],
	},
	{
		what: 'macro arguments are evaluated where they stand',
		c: '#define twice(x) ({ int t = (x); t + t; })\nint f(int a) { int b = a; return twice(b + 1) + twice(b++); }',
		calls: [[[3], 14]],
	},
	{
		what: 'nested macros',
		c: '#define max(a, b) ({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a > _b ? _a : _b; })\nint f(int a, int b, int c) { return max(a, max(b, c)); }',
		calls: [
			[[1, 5, 3], 5],
			[[7, 5, 3], 7],
		],
	},
	{
		what: 'macro with a type',
		c: '#define min_t(type, x, y) ({ type __x = (x); type __y = (y); __x < __y ? __x : __y; })\nint f(int a, int b) { return min_t(unsigned int, a, b) == 1; }',
		calls: [[[-1, 1], 1]],
	},
	{
		what: 'pasting',
		c: '#define get(x) get_##x()\nint get_one(void) { return 1; }\nint f(void) { return get(one); }',
		calls: [[[], 1]],
	},
	{
		what: 'variadic macro',
		c: 'int g(int a, int b) { return a * 10 + b; }\n#define call(fn, ...) fn(__VA_ARGS__)\nint f(int a) { return call(g, a, 2); }',
		calls: [[[4], 42]],
	},
	{
		what: 'macro statement',
		c: '#define bump(x) do { (x)++; if ((x) > 5) (x) = 0; } while (0)\nint f(int a) { bump(a); if (a) bump(a); else a = 77; return a; }',
		calls: [
			[[1], 3],
			[[5], 77],
		],
	},
	{
		what: 'macro for a place',
		c: '#define cell(p) (*(p))\nint f(int a) { cell(&a) = 9; cell(&a)++; return a; }',
		calls: [[[1], 10]],
	},
	{
		what: 'macro that names a function',
		c: 'int g_impl(int a) { return a + 1; }\n#define g g_impl\nint f(int a) { return g(a); }',
		calls: [[[1], 2]],
	},
	{
		what: 'macro of its own name',
		c: 'int g(int a) { return a + 1; }\n#define g(x) g((x) * 2)\nint f(int a) { return g(a); }',
		calls: [[[3], 7]],
	},
	{
		what: 'macro over lines',
		c: '#define sum(a, \\\n\tb) ((a) + \\\n\t(b))\nint f(int a) { return sum(a, 2); }',
		calls: [[[3], 5]],
	},
	{
		what: 'enum constants',
		c: 'enum { A, B = 5, C, D = B * 2 };\nint f(void) { return A + B * 10 + C * 100 + D * 1000; }',
		calls: [[[], 10650]],
	},
	{
		what: 'characters and bases',
		c: "int f(void) { return 'a' + '\\n' + 0x10 + 010 + '\\0'; }",
		calls: [[[], 131]],
	},
	{
		what: 'sizes',
		c: 'struct s { int a; };\nint f(void) { u8 c; return sizeof(int) + sizeof(unsigned long) * 10 + sizeof(c) * 100 + sizeof(pte_t) * 1000; }',
		calls: [[[], 8184]],
	},
	{
		what: 'casts the grammar takes for calls and sums',
		c: 'typedef unsigned char byte;\nint f(int a) { return (byte)(a) + (byte)-a; }',
		calls: [[[257], 256]],
	},
	{
		what: 'typedefs of pointers',
		c: 'typedef int *ip;\nint f(int a) { ip p = &a; *p = 4; return a; }',
		calls: [[[1], 4]],
	},
	{
		what: 'entries are numbers',
		c: 'int f(pte_t a, pte_t b) { pte_t c = (pte_t){ 4 }; c.pte |= 1; return pte_val(a) == b.pte && c.pte == 5; }',
		calls: [
			[[8, 8], 1],
			[[8, 9], 0],
		],
	},
	{
		what: 'local structs',
		c: 'struct range { unsigned long start; int n; };\nint f(int a) { struct range r = { .n = a }; r.start = 5; r.n += 1; return r.start * 10 + r.n; }',
		calls: [[[2], 53]],
	},
	{
		what: 'local structs passed on',
		c: 'struct range { unsigned long start; int n; };\nstruct pair { struct range *r; int k; };\nvoid g(struct pair *p) { p->r->n += p->k; p->r->start++; p->k = 0; }\nint f(int a) { struct range r = { a, 2 }; struct pair p = { .k = 5, .r = &r }; g(&p); return r.start * 100 + r.n * 10 + p.k; }',
		calls: [[[3], 470]],
	},
	{
		what: 'pasting what a macro was given',
		c: '#define __AC(X, Y) (X##Y)\n#define _AC(X, Y) __AC(X, Y)\n#define str(x) #x\nint f(void) { return _AC(2, UL) + sizeof(_AC(2, UL)) * 10; }',
		calls: [[[], 82]],
	},
	{
		what: 'typeof in a cast',
		c: '#define aligned(x, a) (((x) & ((typeof(x))(a) - 1)) == 0)\nint f(unsigned long x) { return aligned(x, 8); }',
		calls: [
			[[16], 1],
			[[12], 0],
		],
	},
	{
		what: 'a type taken from the value',
		c: 'unsigned char g(void) { return 255; }\nint f(void) { __auto_type c = g(); c++; return c; }',
		calls: [[[], 0]],
	},
	{
		what: 'constants that are declared',
		c: 'static const unsigned long MASK = 0xf0UL | 1;\nint f(int a) { static const int SHIFT = 4; return (a & MASK) >> SHIFT; }',
		calls: [[[0x123], 2]],
	},
	{
		what: 'recursion',
		c: 'int f(int n) { return n < 2 ? n : f(n - 1) + f(n - 2); }',
		calls: [[[10], 55]],
	},
	{
		what: 'shadowing',
		c: 'int f(int a) { int r = a; { int a = 7; r += a; } for (int a = 0; a < 2; a++) r++; return r + a; }',
		calls: [[[1], 11]],
	},
	{
		what: 'labels in nested blocks',
		c: 'int f(int a) { if (a) { goto in; } a = 5; { in: a++; } return a; }',
		calls: [
			[[0], 6],
			[[3], 4],
		],
	},
	{
		what: 'a constant condition drops its arm',
		c: 'int f(int a) { if (IS_ENABLED(CONFIG_NOT_SET)) return nobody(a); if (0 && nobody(a)) return 1; return a; }',
		calls: [[[3], 3]],
	},
	{
		what: 'compile-time assertions are no code',
		c: 'int f(int a) { BUILD_BUG_ON(a > 3); static_assert(1 == 1, "x"); return __builtin_expect(!!(a), 1); }',
		calls: [[[3], 1]],
	},
	{
		what: 'strings are something',
		c: 'int g(const char *s) { return s != 0; }\nint f(void) { return g("a" "b"); }',
		calls: [[[], 1]],
	},
	{
		what: 'unary on narrow types promotes',
		c: 'int f(int a) { unsigned char c = a; return ~c + -c; }',
		calls: [[[1], -3]],
	},
	{
		what: 'unsigned long compare of a negative int',
		c: 'int f(int a, unsigned long b) { return a > b; }',
		calls: [[[-1, 5], 1]],
	},
	{
		what: 'a variable in parentheses before an operator is no cast',
		c: 'long f(int a, int b) { long r = (a)-1; r = r * 31 + (b - (a)-1); r = r * 31 + (b * (a) - 1); r = r * 31 + ((a) - 1 * 2); r = r * 31 + (-(a) - 1); r = r * 31 + ((long)(a) - 1 - b); r = r * 31 + ((a) & b == 2); r = r * 31 + (1 + (a) * b - 3); r = r * 31 + ((a) - (b) - 1 < b - (a) + 4); if ((a) - 3 && !((b) - 2)) r += 7; return r; }',
		calls: [
			[[5, 2], 3309581633574],
			[[3, 9], 1866444968449],
			[[-4, 2], -4135048862961],
		],
	},
	{
		what: 'attributes do not matter',
		c: 'static inline int __must_check __attribute__((noinline)) g(int a __maybe_unused) { return a; }\nEXPORT_SYMBOL_GPL(g);\nint f(int a) { return g(a); }',
		calls: [[[2], 2]],
	},
];

describe('C is lowered to what it means', () => {
	it.each(cases.map((c) => [c.what, c] as const))('%s', (_, given) => check(given));
});

describe('memory', () => {
	it('has a place for each field of each struct', () => {
		const { program } = lowered({
			c: 'int f(struct folio *folio) { folio->_pincount = 3; folio->mapping = (struct address_space *)8; folio->page.index = 2; return folio->index + (&folio->page)->index; }',
		});
		const memory = new Map<number, number>();
		expect(run(program, 'f', [0x1000_0000], memory)).toBe(4);
		expect(memory.size).toBe(3);
		expect(program.fields.map((x) => `${x.struct}.${x.name}`)).toEqual([
			'folio._pincount',
			'page.mapping',
			'page.index',
		]);
	});
	it('strides: structs an object apart, scalars a word apart', () => {
		const { program } = lowered({
			c: 'long f(struct page *p, pte_t *e) { return (unsigned long)(p + 2) + (unsigned long)(e + 3) + (unsigned long)&p[1]; }',
		});
		expect(run(program, 'f', [0x1000_0000, 0x2000_0000])).toBe(
			0x1002_0000 + 0x2000_0018 + 0x1001_0000,
		);
	});
	it('reaches an embedded struct through the address the world puts there', () => {
		const { program } = lowered({
			c: 'int f(struct inode *inode) { return inode->i_data.host == 0 && &inode->i_data == 0; }',
		});
		const kinds = program.functions[0]?.ops.map((op) =>
			op.kind === 'load' ? `load ${op.order}` : op.kind,
		);
		expect(kinds?.slice(0, 5)).toEqual(['use', 'field', 'load once', 'field', 'load plain']);
	});
});
