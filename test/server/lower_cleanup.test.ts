/**
 * Variables with a cleanup function: each case is a function `f` and what it returns, where what was cleaned up is written
 * down digit by digit behind a pointer. The expected values are gcc's (x86_64).
 */
import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../engine/program/wellformed.js';
import { lowered, run } from './lower_run.js';

interface Case {
	readonly what: string;
	readonly c: string;
	readonly calls: readonly (readonly [readonly number[], number])[];
}

/** `clean()` writes a variable's digit behind what was cleaned up before it; `f()` is called as `g(x, &log)`. */
const head = `
struct note { long *log; long digit; };
static void clean(struct note *n) { *n->log = *n->log * 10 + n->digit; }
#define NOTE(name, d) struct note name __attribute__((__cleanup__(clean))) = { .log = log, .digit = d }
`;
const tail = 'long f(long x) { long log = 0; long r = g(x, &log); return r * 100000 + log; }';

function check({ c, calls }: Case): void {
	const { program } = lowered({ c: `${head}${c}\n${tail}` });
	expect(program.unsupported.map((u) => u.reason)).toEqual([]);
	expect(problemsOf(program)).toEqual([]);
	for (const [values, expected] of calls)
		expect([values, run(program, 'f', values)]).toEqual([values, expected]);
}

const cases: readonly Case[] = [
	{
		what: 'the end of the block, last declared first',
		c: 'long g(long x, long *log) { { NOTE(a, 1); NOTE(b, 2); } return *log; }',
		calls: [[[0], 2100021]],
	},
	{
		what: 'a return: behind its value, innermost first',
		c: 'long g(long x, long *log) { NOTE(a, 1); { NOTE(b, 2); if (x) return *log + x; } NOTE(c, 3); return *log; }',
		calls: [
			[[7], 700021],
			[[0], 200231],
		],
	},
	{
		what: 'a goto forward, out of two blocks',
		c: `long g(long x, long *log) {
			NOTE(a, 1);
			{ NOTE(b, 2); { NOTE(c, 3); if (x) goto out; } }
			*log = *log * 10 + 9;
		out:
			return *log;
		}`,
		calls: [
			[[1], 3200321],
			[[0], 32903291],
		],
	},
	{
		what: 'a goto back, into the block around',
		c: `long g(long x, long *log) {
		again:
			{ NOTE(a, 1); if (x--) goto again; }
			return x;
		}`,
		calls: [
			[[2], -99889],
			[[0], -99999],
		],
	},
	{
		what: 'break and continue',
		c: `long g(long x, long *log) {
			long i;
			for (i = 0; i < 3; i++) { NOTE(a, i + 1); if (i == x) continue; if (x > 5) break; }
			return i;
		}`,
		calls: [
			[[1], 300123],
			[[9], 1],
		],
	},
	{
		what: 'a break out of a switch',
		c: `long g(long x, long *log) {
			NOTE(a, 1);
			switch (x) { case 1: { NOTE(b, 2); break; } default: { NOTE(c, 3); } }
			return *log;
		}`,
		calls: [
			[[1], 200021],
			[[2], 300031],
		],
	},
	{
		what: 'the variable of a for, once, when the loop is over',
		c: `long g(long x, long *log) {
			long n = 0;
			for (NOTE(a, 4); n < 3; n++) if (n == x) break;
			return n;
		}`,
		calls: [
			[[1], 100004],
			[[5], 300004],
		],
	},
	{
		what: 'the form of scoped_guard()',
		c: `static long holds(struct note *n) { return n->digit; }
		long g(long x, long *log) {
			for (NOTE(scope, 1); holds(&scope) || !0; ({ goto over; })) if (0) { over: break; } else { NOTE(b, 2); if (x) return x; }
			return *log;
		}`,
		calls: [
			[[0], 2100021],
			[[3], 300021],
		],
	},
	{
		what: 'a block whose value is wanted',
		c: 'long g(long x, long *log) { long r = ({ NOTE(a, 5); x + 1; }); return r * 10 + *log; }',
		calls: [[[2], 3500005]],
	},
	{
		what: 'one attribute before two variables, and others beside it',
		c: 'long g(long x, long *log) { { __attribute__((unused, cleanup(clean))) struct note a = { log, 1 }, b = { log, 2 }; } return x; }',
		calls: [[[1], 100021]],
	},
	{
		what: 'what was handed on is not cleaned up',
		c: `static void drop(long **p) { if (*p) **p = 8; }
		static long *take(long *log) { long *p __attribute__((cleanup(drop))) = log; return ({ long **q = &p; long *v = *q; *q = 0; v; }); }
		long g(long x, long *log) { long *p = take(log); return p == log; }`,
		calls: [[[0], 100000]],
	},
	{
		what: 'the value returned is what it was before the cleanup',
		c: `static void zero(long *p) { *p = 0; }
		long g(long x, long *log) { long v __attribute__((cleanup(zero))) = x; return v; }`,
		calls: [[[6], 600000]],
	},
];

describe('cleanup functions', () => {
	it.each(cases)('$what', check);

	it('classes that headers make with the macros of cleanup.h', () => {
		const files: Readonly<Record<string, string>> = {
			'include/linux/cleanup.h': `#define MAKES(word, kind, enter, leave) typedef kind class_##word##_t; \\
				static inline kind class_##word##_enter(long *log) { enter; return log; } \\
				static inline void class_##word##_leave(class_##word##_t *it) { leave; }
			#define WITHIN(word) class_##word##_t word __attribute__((cleanup(class_##word##_leave))) = class_##word##_enter
			`,
			'include/linux/step.h':
				'#include <linux/cleanup.h>\nMAKES(step, long *, *log = 1, **it = **it * 10 + 2)\n',
		};
		const tree = {
			root: '/memory/classes',
			read: (path: string) => files[path] ?? null,
			list: () => [],
		};
		const c = `#include <linux/step.h>
			long f(long x) { long log = 0; { WITHIN(step)(&log); if (x) log = 5; } return log; }`;
		const { program } = lowered({ c, tree });
		expect(program.unsupported).toEqual([]);
		expect([run(program, 'f', [0]), run(program, 'f', [1])]).toEqual([12, 52]);
	});

	it('a function that is not there is not understood', () => {
		const { program } = lowered({
			c: 'long f(long x) { long v __attribute__((cleanup(nowhere))) = x; return v; }',
		});
		expect(program.unsupported.map((u) => u.reason)).toEqual(['racewalk does not model nowhere()']);
	});

	const PRIMITIVES = `
		static void mark(long **p) { **p = **p * 10 + 7; }
		#define ENTER(log) long *__held __attribute__((cleanup(mark))) = (log); *(log) = *(log) * 10 + 1
		#define WITHIN(log) do { ENTER(log); *(log) = *(log) * 10 + 2; } while (0)
		#define LOST(log) do { *(log) = 1; __attribute__((cleanup(mark))); } while (0)
		#define LOST_VALUE(log) ({ *(log) = 1; __attribute__((cleanup(mark))); *(log); })
	`;

	it.each<readonly [string, number]>([
		['{ ENTER(&log); log = log * 10 + 3; }', 137],
		['{ ENTER(&log); if (x) goto out; log = log * 10 + 3; } out:', 17],
		['WITHIN(&log); log = log * 10 + 3;', 1273],
	])('in what a macro of the primitives stands for: %s', (c, expected) => {
		const { program } = lowered({
			c: `long f(long x) { long log = 0; ${c} return log; }`,
			primitives: PRIMITIVES,
		});
		expect(program.unsupported).toEqual([]);
		expect(run(program, 'f', [1])).toBe(expected);
	});

	it.each(['LOST(&x);', 'x = LOST_VALUE(&x);'])('one that nothing takes there: %s', (c) => {
		const { program } = lowered({ c: `long f(long x) { ${c} return x; }`, primitives: PRIMITIVES });
		expect(program.unsupported.map((u) => u.reason)).toEqual([
			expect.stringMatching(/^what LOST(?:_VALUE)? expands to is not understood$/),
		]);
	});

	it('an attribute that belongs to no declaration is not understood', () => {
		const { program } = lowered({
			c: 'long f(long x) { x = 1; __attribute__((cleanup(g))); return x; }',
		});
		expect(program.unsupported.map((u) => u.reason)).toEqual([
			'f(): a cleanup attribute stands where it is not understood',
		]);
	});
});
