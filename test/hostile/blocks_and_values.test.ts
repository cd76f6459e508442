/**
 * What a block names of the file, what a head of a loop leaves, and types that a value has where an object has others: a walk whose re-check is
 * gone by them must never hold. Each is what gcc makes of it: its assembly is shorter than the walk's.
 */
import { describe, expect, it } from 'vitest';
import { around, assembled, condition, GOOD, hostileRoot, verdicts } from './otherwise.js';

const root = hostileRoot();
const first = (text: string, walk: string): string => `${text}\n${walk}`;
const NONE = '{ char c[2]; }';

const GONE: readonly (readonly [string, string])[] = [
	[
		'extern in a block',
		first(
			'static int ok_;\nint *p_ = &ok_;',
			condition('({ int ok_ = 1; { extern int ok_; ok_ > 1; } }) && (…)'),
		),
	],
	['a function in a block', condition('({ int ok_ = 1; { int ok_(void); ok_ == 0; } }) && (…)')],
	[
		'a tag begun in a block',
		condition(
			`({ struct s_ ${NONE}; { struct s_; struct s_ *p_; struct s_ { char c[1]; }; sizeof(*p_) == 2; } }) && (…)`,
		),
	],
	[
		'a union begun in a block',
		condition(
			`({ union s_ ${NONE}; { union s_; union s_ *p_; union s_ { char c[1]; }; sizeof(*p_) == 2; } }) && (…)`,
		),
	],
	['break in a condition', around('do { while (({ if (1) break; 1; })) ;', '} while (0);')],
	['break in an increment', around('do { for (;; ({ break; })) {}', '} while (0);')],
	['break in the condition of a for', around('do { for (; ({ break; 0; }); ) ;', '} while (0);')],
	[
		'break in a macro',
		around('#define leave_ ({ break; 1; })\ndo { while (leave_) ;', '} while (0);'),
	],
	['the size of a comma', condition('sizeof(0, (char[10]){}) == 10 && (…)')],
	['the size of a choice', condition('({ char a_[10]; sizeof(1 ? a_ : a_) == 10; }) && (…)')],
	['the size of a block', condition('({ char a_[10]; sizeof(({ a_; })) == 10; }) && (…)')],
	[
		'the type of a comma',
		condition('({ char a_[10]; typeof(0, a_) b_; sizeof(b_) == 10; }) && (…)'),
	],
	['an arm for const', condition('_Generic((const int)1, const int: 1, default: 0) && (…)')],
	[
		'an arm for a typedef of const',
		first('typedef const int ci_;', condition('_Generic(1, ci_: 1, default: 0) && (…)')),
	],
	[
		'an arm for the type of what is const',
		first('static const int ci_ = 1;', condition('_Generic(1, typeof(ci_): 1, default: 0) && (…)')),
	],
	['an arm for volatile', condition('_Generic(1L, volatile long: 1, default: 0) && (…)')],
	[
		'a packed type',
		condition('sizeof(struct { char a; long b; } __attribute__((packed))) == 16 && (…)'),
	],
	[
		'a type packed before its body',
		condition('sizeof(struct __attribute__((packed)) { char a; long b; }) == 16 && (…)'),
	],
	[
		'a cast to a packed type',
		condition('sizeof(*(struct { char a; long b; } __attribute__((packed)) *)0) == 16 && (…)'),
	],
	[
		'a packed struct of a variable',
		condition(
			'({ struct { char a; long b; } __attribute__((packed)) x_; sizeof(x_) == 16; }) && (…)',
		),
	],
	[
		'a packed member of a variable',
		condition(
			'({ struct { char a; long b __attribute__((packed)); } x_; sizeof(x_) == 16; }) && (…)',
		),
	],
	[
		'an aligned struct of a variable',
		condition('({ struct { char a; } __attribute__((aligned(8))) x_; sizeof(x_) == 1; }) && (…)'),
	],
	[
		'_Alignas in a variable',
		condition('({ struct { char a; _Alignas(8) char b; } x_; sizeof(x_) == 2; }) && (…)'),
	],
	[
		'a packed typedef of a block',
		condition(
			'({ typedef struct { char a; long b; } __attribute__((packed)) t_; sizeof(t_) == 16; }) && (…)',
		),
	],
	[
		'a promise of no NULL',
		first(
			'static int *kk_(int x) __attribute__((returns_nonnull, noinline));\nstatic int *kk_(int x) { static int y; return x ? 0 : &y; }',
			condition('!kk_(…)'),
		),
	],
	[
		'a promise of alignment',
		first(
			'static void *kk_(int x) __attribute__((assume_aligned(4096), noinline));\nstatic void *kk_(int x) { return (void *)(long)x; }',
			condition('(long)kk_(…) & 1'),
		),
	],
	[
		'an aligned type',
		condition('sizeof(struct { char a; } __attribute__((aligned(8)))) == 1 && (…)'),
	],
];

describe('a walk whose re-check is gone', () => {
	const whole = assembled(root, GOOD).length;

	it.each(GONE)('by %s does not hold', (_, text) => {
		expect(verdicts(root, text)).not.toContain('holds');
		expect(assembled(root, text).length).toBeLessThan(whole);
	});

	it.each([
		['a function declared in a block', '({ int other_(int); 1; }) && (…)'],
		['break in the body of a loop', '({ while (1) { if (1) break; } 1; }) && (…)'],
		['a loop in the head of a loop', '({ while (({ for (;;) { break; } 0; })) ; 1; }) && (…)'],
		['the size of an array', '({ char a_[10]; sizeof(a_) == 10 && sizeof((a_)) == 10; }) && (…)'],
		['an arm for int', '_Generic((const int)1, int: 1, default: 0) && (…)'],
		['a struct of a block', '({ struct s_ { char c[2]; } v_; sizeof(v_) == 2; }) && (…)'],
	])('holds with %s', (_, text) => {
		expect(verdicts(root, condition(text))).toEqual(['holds']);
	});
});
