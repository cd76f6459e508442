/**
 * The litmus language: what each construct of it means, by the outcomes of one-line tests, and what the tool says of
 * text that it does not understand.
 */
import { describe, expect, test } from 'vitest';
import { DEFAULT_LITMUS_OPTIONS, runText } from '../../server/litmus/run.js';

/** Runs a test made of an initial state, functions and a condition; its states, or its problem. */
function run(source: string): {
	states: readonly string[];
	verdict: string | null;
	problem: string | null;
	text: string;
} {
	const { report, text } = runText('t.litmus', source, { ...DEFAULT_LITMUS_OPTIONS, now: () => 0 });
	const lines = text.split('\n');
	const count = lines.findIndex((line) => line.startsWith('States '));
	const states = count < 0 ? [] : lines.slice(count + 1, count + 1 + report.states);
	return { states, verdict: report.verdict, problem: report.problem, text };
}

function single(body: string, locations: string, initial = ''): readonly string[] {
	const found = run(
		`C t\n{${initial}}\nP0(int *x, int *y)\n{\n${body}\n}\nlocations [${locations}]\nexists (true)\n`,
	);
	expect(found.problem).toBe(null);
	return found.states;
}

describe('statements and expressions', () => {
	test.each<readonly [name: string, body: string, locations: string, states: readonly string[]]>([
		['assignment', 'int r0; r0 = 3;', '0:r0', ['0:r0=3;']],
		['arithmetic', 'int r0 = (1 + 2) * 4 - 10 / 2 % 3;', '0:r0', ['0:r0=10;']],
		['bits', 'int r0 = (6 & 3) | (1 << 4) ^ 8; r0 = ~r0;', '0:r0', ['0:r0=-27;']],
		[
			'comparison',
			'int r0 = 1 < 2; int r1 = 2 != 2; int r2 = !5;',
			'0:r0; 0:r1; 0:r2',
			['0:r0=1; 0:r1=0; 0:r2=0;'],
		],
		['compound assignment', 'int r0 = 5; r0 += 2; r0 <<= 1; r0--;', '0:r0', ['0:r0=13;']],
		[
			'increment as a value',
			'int r0 = 5; int r1 = r0++; int r2 = ++r0;',
			'0:r0; 0:r1; 0:r2',
			['0:r0=7; 0:r1=5; 0:r2=7;'],
		],
		['conditional', 'int r0 = 2; int r1 = r0 > 1 ? 7 : 8;', '0:r1', ['0:r1=7;']],
		['and, or', 'int r0 = 1 && 0; int r1 = 0 || 4;', '0:r0; 0:r1', ['0:r0=0; 0:r1=1;']],
		[
			'short circuit',
			'int r0 = 0 && READ_ONCE(*x); WRITE_ONCE(*y, 1 || xchg(x, 5));',
			'x; y',
			['[x]=0; [y]=1;'],
		],
		['if and else', 'int r0; if (READ_ONCE(*x)) { r0 = 1; } else { r0 = 2; }', '0:r0', ['0:r0=2;']],
		[
			'else if',
			'int r0; if (*x == 1) r0 = 1; else if (*x == 0) r0 = 5; else r0 = 3;',
			'0:r0',
			['0:r0=5;'],
		],
		['while', 'int r0 = 0; while (r0 < 3) r0 = r0 + 1;', '0:r0', ['0:r0=3;']],
		['do', 'int r0 = 9; do { r0++; } while (r0 < 3);', '0:r0', ['0:r0=10;']],
		[
			'for, continue, break',
			'int r0 = 0; int i; for (i = 0; i < 4; i++) { if (i == 1) continue; if (i == 3) break; r0 += i; }',
			'0:r0; 0:i',
			['0:i=3; 0:r0=2;'],
		],
		[
			'switch',
			'int r0; switch (2) { case 1: r0 = 1; break; case 2: r0 = 2; case 3: r0 += 10; break; default: r0 = 99; }',
			'0:r0',
			['0:r0=12;'],
		],
		[
			'switch default',
			'int r0; switch (7) { case 1: r0 = 1; break; default: r0 = 99; }',
			'0:r0',
			['0:r0=99;'],
		],
		['goto', 'int r0 = 1; goto out; r0 = 2; out: r0 += 10;', '0:r0', ['0:r0=11;']],
		['return', 'int r0 = 1; if (r0) return; r0 = 2;', '0:r0', ['0:r0=1;']],
		['plain access', '*x = 3; int r0 = *x; *y = r0 + 1;', 'x; y', ['[x]=3; [y]=4;']],
		[
			'pointers',
			'int *r0 = &*y; WRITE_ONCE(*r0, 4); int r1 = READ_ONCE(*(int *)r0);',
			'0:r0; 0:r1; y',
			['0:r0=y; 0:r1=4; [y]=4;'],
		],
		['NULL', 'int *r0 = NULL; int r1 = (r0 == NULL);', '0:r1', ['0:r1=1;']],
		['an undeclared name is a register', 'WRITE_ONCE(*x, q + 1);', 'x', ['[x]=1;']],
	])('%s', (_, body, locations, states) => {
		expect(single(body, locations)).toEqual(states);
	});
});

describe('primitives', () => {
	test.each<readonly [name: string, body: string, locations: string, states: readonly string[]]>([
		[
			'acquire and release',
			'smp_store_release(x, 2); int r0 = smp_load_acquire(x);',
			'0:r0',
			['0:r0=2;'],
		],
		['store with barrier', 'smp_store_mb(*x, 2);', 'x', ['[x]=2;']],
		[
			'rcu_assign_pointer',
			'rcu_assign_pointer(*x, 6); int r0 = rcu_dereference(*x);',
			'0:r0',
			['0:r0=6;'],
		],
		[
			'xchg',
			'int r0 = xchg(x, 5); int r1 = xchg_relaxed(x, 6);',
			'0:r0; 0:r1; x',
			['0:r0=0; 0:r1=5; [x]=6;'],
		],
		[
			'cmpxchg',
			'int r0 = cmpxchg(x, 0, 5); int r1 = cmpxchg_acquire(x, 0, 6);',
			'0:r0; 0:r1; x',
			['0:r0=0; 0:r1=5; [x]=5;'],
		],
		[
			'try_cmpxchg',
			'int r0 = 3; int r1 = try_cmpxchg(x, &r0, 7); int r2 = try_cmpxchg(x, &r0, 8);',
			'0:r0; 0:r1; 0:r2; x',
			['0:r0=0; 0:r1=0; 0:r2=1; [x]=8;'],
		],
		[
			'atomic_add and friends',
			'atomic_set(x, 10); atomic_add(3, x); atomic_sub(1, x); atomic_inc(x); atomic_dec(x);',
			'x',
			['[x]=12;'],
		],
		[
			'return and fetch',
			'int r0 = atomic_add_return(3, x); int r1 = atomic_fetch_sub_relaxed(1, x);',
			'0:r0; 0:r1; x',
			['0:r0=3; 0:r1=3; [x]=2;'],
		],
		[
			'tests',
			'int r0 = atomic_dec_and_test(x); int r1 = atomic_inc_and_test(x); int r2 = atomic_add_negative(-4, x);',
			'0:r0; 0:r1; 0:r2',
			['0:r0=0; 0:r1=1; 0:r2=1;'],
		],
		[
			'add_unless',
			'int r0 = atomic_add_unless(x, 2, 0); int r1 = atomic_add_unless(x, 2, 1); int r2 = atomic_inc_not_zero(y);',
			'0:r0; 0:r1; 0:r2; x',
			['0:r0=0; 0:r1=1; 0:r2=0; [x]=2;'],
		],
		[
			'bitwise atomics',
			'atomic_or(6, x); int r0 = atomic_fetch_and(3, x); atomic_xor(1, x); int r1 = atomic_fetch_andnot(2, x);',
			'0:r0; 0:r1; x',
			['0:r0=6; 0:r1=3; [x]=1;'],
		],
		[
			'bit operations',
			'set_bit(3, x); int r0 = test_and_set_bit(0, x); int r1 = test_and_clear_bit(3, x); int r2 = test_bit(0, x);',
			'0:r0; 0:r1; 0:r2; x',
			['0:r0=0; 0:r1=1; 0:r2=1; [x]=1;'],
		],
		[
			'refcount',
			'refcount_set(x, 1); refcount_inc(x); int r0 = refcount_dec_and_test(x);',
			'0:r0; x',
			['0:r0=0; [x]=1;'],
		],
		[
			'trylock',
			'int r0 = spin_trylock(y); int r1 = spin_trylock(y); spin_unlock(y); int r2 = spin_is_locked(y);',
			'0:r0; 0:r1; 0:r2',
			['0:r0=1; 0:r1=0; 0:r2=0;'],
		],
	])('%s', (_, body, locations, states) => {
		expect(single(body, locations)).toEqual(states);
	});
});

describe('initial state', () => {
	test.each<readonly [name: string, initial: string, states: readonly string[]]>([
		['numbers', 'x=3; int y = -1;', ['[x]=3; [y]=-1;']],
		['addresses', 'int *x = &y; y=x;', ['[x]=y; [y]=x;']],
		['declarations', 'int x; atomic_t y = ATOMIC_INIT(4);', ['[x]=0; [y]=4;']],
		['registers', '0:r9=7; [x]=0x10;', ['[x]=16; [y]=0;']],
	])('%s', (_, initial, states) => {
		expect(single('', 'x; y', initial)).toEqual(states);
	});
});

describe('conditions', () => {
	const body = 'int r0 = 1; int r1 = 2;';
	test.each<readonly [condition: string, verdict: string]>([
		['exists (0:r0=1 /\\ 0:r1=2)', 'Always'],
		['exists (0:r0=1 /\\ ~0:r1=2 \\/ x=0)', 'Always'],
		['exists (0:r0=0:r1)', 'Never'],
		['exists (~(0:r0=2 \\/ 0:r1=1))', 'Always'],
		['exists 0:r0=1', 'Always'],
		['exists (0:r0=1);', 'Always'],
		['~exists (0:r0=2)', 'Never'],
		['forall (0:r0=1)', 'Always'],
		['filter (0:r0=2) exists (true)', 'Never'],
		['exists (* outside *) (0:r0=1 /\\ (* a comment *) 0:r1=2)', 'Always'],
	])('%s', (condition, verdict) => {
		expect(run(`C t\n{}\nP0(int *x)\n{\n${body}\n}\n${condition}\n`).verdict).toBe(verdict);
	});
});

test('helper functions are inlined', () => {
	const source = `C t
{}
int add(int *p, int by)
{
	int r0 = READ_ONCE(*p);
	if (by == 0)
		return r0;
	WRITE_ONCE(*p, r0 + by);
	return r0 + by;
}
P0(int *x)
{
	int r0 = 7;
	int r1 = add(x, 5);
	int r2 = add(x, 0);
}
locations [0:r0; 0:r1; 0:r2]
exists (x=5)
`;
	expect(run(source).states).toEqual(['0:r0=7; 0:r1=5; 0:r2=5; [x]=5;']);
});

test('arrays are adjacent words', () => {
	const source = `C t
{ int a[3] = {4, 5, 6}; }
P0(int *a)
{
	int r0 = READ_ONCE(a[1]);
	WRITE_ONCE(a[r0 - 3], 9);
}
exists (a[2]=9)
`;
	expect(run(source).states).toEqual(['[a[2]]=9;']);
});

test('two locks taken in opposite orders can deadlock', () => {
	const source = (first: string, second: string): string => `C t
{}
P0(spinlock_t *a, spinlock_t *b)
{
	spin_lock(a);
	spin_lock(b);
	spin_unlock(b);
	spin_unlock(a);
}
P1(spinlock_t *a, spinlock_t *b)
{
	spin_lock(${first});
	spin_lock(${second});
	spin_unlock(${second});
	spin_unlock(${first});
}
exists (true)
`;
	expect(run(source('b', 'a')).text).toContain('Deadlock P0 waits for b, P1 waits for a');
	expect(run(source('a', 'b')).text).not.toContain('Deadlock');
});

describe('waiting loops', () => {
	test.each<readonly [name: string, loop: string]>([
		['while', 'while (!smp_load_acquire(y)) cpu_relax();'],
		['do', 'int r1; do { r1 = smp_load_acquire(y); } while (r1 == 0);'],
		['smp_cond_load_acquire', 'int r1 = smp_cond_load_acquire(y, VAL != 0);'],
	])('%s', (_, loop) => {
		const source = `C t
{}
P0(int *x, int *y)
{
	WRITE_ONCE(*x, 1);
	smp_store_release(y, 1);
}
P1(int *x, int *y)
{
	${loop}
	int r0 = READ_ONCE(*x);
}
exists (1:r0=0)
`;
		const found = run(source);
		expect(found.problem).toBe(null);
		expect(found.states).toEqual(['1:r0=1;']);
	});
});

describe('what is not understood has a name and a place', () => {
	test.each<readonly [source: string, problem: string]>([
		['D t\n{}\n', '1:1: not a C litmus test: the first line must be "C NAME"'],
		[
			'C t\n{}\nP0(int *x)\n{\n\tfrobnicate(x);\n}\nexists (x=1)\n',
			'5:2: not understood: call of frobnicate()',
		],
		[
			'C t\n{}\nP0(int *x)\n{\n\tWRITE_ONCE(*x, sizeof(int));\n}\nexists (x=1)\n',
			'5:17: not understood: sizeof-type expression',
		],
		['C t\n{}\nP0(int *x)\n{\n}\nexists (x=)\n', '6:11: a name expected'],
		['C t\n{}\nP0(int *x)\n{\n}\nexists (1:r0=0)\n', '6:9: there is no P1'],
		['C t\n{ x=@; }\nP0(int *x)\n{\n}\nexists (x=1)\n', '2:3: initial value "@" is not understood'],
		[
			'C t\n{}\nP0(int *x)\n{\n\t*y = 1;\n}\nexists (x=1)\n',
			'line 5 accesses 0, which is no location.s address',
		],
		['C t\n{}\nP1(int *x)\n{\n}\nexists (x=1)\n', '3:1: P1 without P0'],
		['C t\n{}\nP0(int *x)\n{\n', '4:1: "{" is never closed'],
	])('%j', (source, problem) => {
		expect(run(source).problem).toMatch(
			new RegExp(`^(t.litmus:)?${problem.replace(/[()"@=]/g, '.')}`),
		);
	});
});
