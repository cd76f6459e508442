/**
 * What herd7 has no words for: reference counts, sequence counters, reader-writer locks, sections without interrupts, structs,
 * call_rcu(). Each by a test whose outcome follows from what the construct promises, with the argument beside it, and a
 * twin in which the promise is not made.
 */
import { describe, expect, test } from 'vitest';
import { DEFAULT_LITMUS_OPTIONS, runText } from '../../server/litmus/run.js';

interface Found {
	readonly verdict: string | null;
	readonly problem: string | null;
	readonly flags: readonly string[];
	readonly deadlock: string | null;
	readonly states: readonly string[];
}

const VERDICT_ONLY = { ...DEFAULT_LITMUS_OPTIONS, verdictOnly: true, now: () => 0 };

function run(source: string): Found {
	const { report, text } = runText('t.litmus', source, { ...DEFAULT_LITMUS_OPTIONS, now: () => 0 });
	const lines = text.split('\n');
	const count = lines.findIndex((line) => line.startsWith('States '));
	return { ...report, states: lines.slice(count + 1, count + 1 + report.states) };
}

/** A test of bodies P0, P1, …, all with the same parameters. */
function threads(parameters: string, bodies: readonly string[], condition: string): string {
	const functions = bodies.map((body, i) => `P${i}(${parameters})\n{\n${body}\n}`);
	return `C t\n{}\n${functions.join('\n')}\nexists (${condition})\n`;
}

describe('one thread', () => {
	test.each<readonly [name: string, body: string, locations: string, states: readonly string[]]>([
		[
			'refcount_t',
			'refcount_set(x, 1); refcount_inc(x); int r0 = refcount_dec_and_test(x); int r1 = refcount_sub_and_test(1, x); int r2 = refcount_inc_not_zero(x); int r3 = refcount_read(x);',
			'0:r0; 0:r1; 0:r2; 0:r3',
			['0:r0=0; 0:r1=1; 0:r2=0; 0:r3=0;'],
		],
		[
			'seqcount_t',
			'int r0 = read_seqcount_begin(x); write_seqcount_begin(x); int r1 = raw_read_seqcount(x); write_seqcount_end(x); int r2 = read_seqcount_retry(x, r0); int r3 = raw_seqcount_begin(x);',
			'0:r0; 0:r1; 0:r2; 0:r3',
			['0:r0=0; 0:r1=1; 0:r2=1; 0:r3=2;'],
		],
		[
			'seqcount_t, invalidated and latched',
			'write_seqcount_invalidate(x); raw_write_seqcount_latch(x); int r0 = raw_read_seqcount_latch(x);',
			'0:r0',
			['0:r0=3;'],
		],
		[
			'rwlock_t',
			'read_lock(x); int r0 = read_trylock(x); int r1 = write_trylock(x); read_unlock(x); read_unlock(x); int r2 = write_trylock(x); int r3 = read_trylock(x); write_unlock(x);',
			'0:r0; 0:r1; 0:r2; 0:r3; x',
			['0:r0=1; 0:r1=0; 0:r2=1; 0:r3=0; [x]=0;'],
		],
		[
			'bit operations that are not atomic',
			'__set_bit(3, x); __set_bit(0, x); __change_bit(0, x); int r0 = __test_and_clear_bit(3, x); int r1 = __test_and_set_bit(1, x); ',
			'0:r0; 0:r1; x',
			['0:r0=1; 0:r1=0; [x]=2;'],
		],
		[
			'bit locks',
			'int r0 = test_and_set_bit_lock(0, x); int r1 = test_and_set_bit_lock(0, x); set_bit(2, x); int r2 = test_bit_acquire(2, x); clear_bit_unlock(0, x);',
			'0:r0; 0:r1; 0:r2; x',
			['0:r0=0; 0:r1=1; 0:r2=1; [x]=4;'],
		],
	])('%s', (_, body, locations, states) => {
		const source = `C t\n{}\nP0(int *x)\n{\n${body}\n}\nlocations [${locations}]\nexists (true)\n`;
		const found = run(source);
		expect(found.problem).toBe(null);
		expect(found.states).toEqual(states);
		expect(found.flags).toEqual([]);
	});
});

const STALE = '1:r0=1 /\\ 1:r1=0';

describe('ordering', () => {
	test.each<readonly [name: string, source: string, verdict: string]>([
		[
			// The release of refcount_dec_and_test() orders the access before it; the one that drops the last reference acquires.
			'refcount_dec_and_test: who drops the last reference sees what the other did before dropping his',
			threads(
				'int *x, refcount_t *r',
				[
					'refcount_inc(r);\n\tWRITE_ONCE(*x, 1);\n\tint r0 = refcount_sub_and_test(2, r);',
					'int r0 = refcount_add_not_zero(3, r);\n\tint r2 = refcount_sub_and_test(2, r);\n\tint r1 = READ_ONCE(*x);',
				],
				'0:r0=0 /\\ 1:r2=1 /\\ 1:r0=1 /\\ 1:r1=0',
			),
			'Never',
		],
		[
			// refcount_inc_not_zero() is relaxed (Documentation/core-api/refcount-vs-atomic.rst), unlike atomic_inc_not_zero().
			'refcount_inc_not_zero does not order',
			`C t\n{ refcount_t r = REFCOUNT_INIT(1); }\nP0(int *x, refcount_t *r)\n{\n\tWRITE_ONCE(*x, 1);\n\tsmp_wmb();\n\trefcount_set(r, 5);\n}\nP1(int *x, refcount_t *r)\n{\n\tint r0 = refcount_inc_not_zero(r);\n\tint r1 = READ_ONCE(*x);\n}\nexists (r=6 /\\ 1:r1=0)\n`,
			'Sometimes',
		],
		[
			'atomic_inc_not_zero does',
			`C t\n{ atomic_t r = ATOMIC_INIT(1); }\nP0(int *x, atomic_t *r)\n{\n\tWRITE_ONCE(*x, 1);\n\tsmp_wmb();\n\tatomic_set(r, 5);\n}\nP1(int *x, atomic_t *r)\n{\n\tint r0 = atomic_inc_not_zero(r);\n\tint r1 = READ_ONCE(*x);\n}\nexists (r=6 /\\ 1:r1=0)\n`,
			'Never',
		],
		[
			// The writer's two stores stand between the two increments: a reader whose counter did not change saw both or none.
			'a seqcount reader sees both stores of the writer or none',
			threads(
				'seqcount_t *s, int *x, int *y',
				[
					'write_seqcount_begin(s);\n\tWRITE_ONCE(*x, 1);\n\tWRITE_ONCE(*y, 1);\n\twrite_seqcount_end(s);',
					'unsigned seq;\n\tint r0;\n\tint r1;\n\tdo {\n\t\tseq = read_seqcount_begin(s);\n\t\tr0 = READ_ONCE(*x);\n\t\tr1 = READ_ONCE(*y);\n\t} while (read_seqcount_retry(s, seq));',
				],
				'~1:r0=1:r1',
			),
			'Never',
		],
		[
			'without the smp_rmb() of the retry (__read_seqcount_retry) it may see one',
			threads(
				'seqcount_t *s, int *x, int *y',
				[
					'write_seqcount_begin(s);\n\tWRITE_ONCE(*x, 1);\n\tWRITE_ONCE(*y, 1);\n\twrite_seqcount_end(s);',
					'unsigned seq;\n\tint r0;\n\tint r1;\n\tdo {\n\t\tseq = read_seqcount_begin(s);\n\t\tr0 = READ_ONCE(*x);\n\t\tr1 = READ_ONCE(*y);\n\t} while (__read_seqcount_retry(s, seq));',
				],
				'~1:r0=1:r1',
			),
			'Sometimes',
		],
		[
			// Writers exclude each other by the lock inside.
			'seqlock_t: two writers, one reader',
			threads(
				'seqlock_t *s, int *x, int *y',
				[
					...Array<string>(2).fill(
						'write_seqlock(s);\n\tWRITE_ONCE(*x, READ_ONCE(*x) + 1);\n\tWRITE_ONCE(*y, READ_ONCE(*y) + 1);\n\twrite_sequnlock(s);',
					),
					'unsigned seq;\n\tint r0;\n\tint r1;\n\tdo {\n\t\tseq = read_seqbegin(s);\n\t\tr0 = READ_ONCE(*x);\n\t\tr1 = READ_ONCE(*y);\n\t} while (read_seqretry(s, seq));',
				],
				'~2:r0=2:r1 \\/ ~x=2 \\/ ~s.seqcount=4',
			),
			'Never',
		],
		[
			'rwlock: a reader sees none or all of a writer',
			threads(
				'rwlock_t *l, int *x, int *y',
				[
					'write_lock(l);\n\tWRITE_ONCE(*x, 1);\n\tWRITE_ONCE(*y, 1);\n\twrite_unlock(l);',
					'read_lock(l);\n\tint r0 = READ_ONCE(*x);\n\tint r1 = READ_ONCE(*y);\n\tread_unlock(l);',
				],
				'~1:r0=1:r1',
			),
			'Never',
		],
		[
			// P0 is done when P1 writes, for it holds the lock: nobody but readers shares it.
			'rwlock: readers run side by side',
			threads(
				'rwlock_t *l, int *x, int *y',
				[
					'read_lock(l);\n\tWRITE_ONCE(*x, 1);\n\tint r0 = READ_ONCE(*y);\n\tread_unlock(l);',
					'read_lock(l);\n\tWRITE_ONCE(*y, 1);\n\tint r0 = READ_ONCE(*x);\n\tread_unlock(l);',
				],
				'0:r0=1 /\\ 1:r0=1',
			),
			'Sometimes',
		],
		[
			'rwlock: writers do not',
			threads(
				'rwlock_t *l, int *x, int *y',
				[
					'write_lock(l);\n\tWRITE_ONCE(*x, 1);\n\tint r0 = READ_ONCE(*y);\n\twrite_unlock(l);',
					'write_lock(l);\n\tWRITE_ONCE(*y, 1);\n\tint r0 = READ_ONCE(*x);\n\twrite_unlock(l);',
				],
				'0:r0=1 /\\ 1:r0=1 \\/ 0:r0=0 /\\ 1:r0=0',
			),
			'Never',
		],
		[
			'rwlock: write_lock counts',
			threads(
				'rwlock_t *l, int *x',
				Array<string>(3).fill(
					'write_lock_irq(l);\n\tint r0 = READ_ONCE(*x);\n\tWRITE_ONCE(*x, r0 + 1);\n\twrite_unlock_irq(l);',
				),
				'~x=3',
			),
			'Never',
		],
		[
			// local_irq_save() … restore() is a reader: synchronize_rcu() cannot fall inside.
			'interrupts off are a read-side critical section',
			threads(
				'int *x, int *y',
				[
					'WRITE_ONCE(*x, 1);\n\tsynchronize_rcu();\n\tWRITE_ONCE(*y, 1);',
					'unsigned long flags;\n\tlocal_irq_save(flags);\n\tint r0 = READ_ONCE(*y);\n\tint r1 = READ_ONCE(*x);\n\tlocal_irq_restore(flags);',
				],
				STALE,
			),
			'Never',
		],
		[
			'spin_lock_irqsave is one too',
			threads(
				'spinlock_t *l, int *x, int *y',
				[
					'WRITE_ONCE(*x, 1);\n\tsynchronize_rcu();\n\tWRITE_ONCE(*y, 1);',
					'unsigned long flags;\n\tspin_lock_irqsave(l, flags);\n\tint r0 = READ_ONCE(*y);\n\tint r1 = READ_ONCE(*x);\n\tspin_unlock_irqrestore(l, flags);',
				],
				STALE,
			),
			'Never',
		],
		[
			'spin_lock alone is none',
			threads(
				'spinlock_t *l, int *x, int *y',
				[
					'WRITE_ONCE(*x, 1);\n\tsynchronize_rcu();\n\tWRITE_ONCE(*y, 1);',
					'spin_lock(l);\n\tint r0 = READ_ONCE(*y);\n\tint r1 = READ_ONCE(*x);\n\tspin_unlock(l);',
				],
				STALE,
			),
			'Sometimes',
		],
	])('%s', (_, source, verdict) => {
		const found = run(source);
		expect(found.problem).toBe(null);
		expect(found.verdict).toBe(verdict);
		expect(found.flags).toEqual([]);
		expect(found.deadlock).toBe(null);
		expect(runText('t.litmus', source, VERDICT_ONLY).report.verdict).toBe(verdict);
	});
});

describe('loops around cmpxchg() end', () => {
	const count = 'int r0 = READ_ONCE(*x);\n\tWRITE_ONCE(*x, r0 + 1);';
	test.each<readonly [name: string, body: string, condition: string, verdict: string]>([
		// The winner holds the word until it stores 0: what both add is in the sum.
		[
			'while',
			`while (cmpxchg_acquire(l, 0, 1) != 0)\n\t\tcpu_relax();\n\t${count}\n\tsmp_store_release(l, 0);`,
			'x=2',
			'Always',
		],
		[
			'without acquire the count may be lost',
			`while (cmpxchg_relaxed(l, 0, 1) != 0)\n\t\tcpu_relax();\n\t${count}\n\tsmp_store_release(l, 0);`,
			'x=1',
			'Sometimes',
		],
		[
			'do',
			'int old;\n\tdo {\n\t\told = READ_ONCE(*x);\n\t} while (cmpxchg(x, old, old + 1) != old);',
			'x=2',
			'Always',
		],
		[
			'for ever',
			'int old;\n\tfor (;;) {\n\t\told = READ_ONCE(*x);\n\t\tif (cmpxchg(x, old, old + 1) == old)\n\t\t\tbreak;\n\t}',
			'x=2',
			'Always',
		],
		// It goes on after a success: each of these stores, and the loop ends when nothing is left to take.
		[
			'a loop that goes on when it succeeds',
			'int r0 = 0;\n\twhile (cmpxchg(x, r0, r0 + 1) == r0 && r0 < 2)\n\t\tr0++;',
			'x=3',
			'Always',
		],
	])('%s', (_, body, condition, verdict) => {
		const found = run(threads('int *l, int *x', [body, body], condition));
		expect(found.problem).toBe(null);
		expect(found.verdict).toBe(verdict);
	});
});

describe('deadlocks of reader-writer locks', () => {
	const order = (take: readonly [string, string], first: string, second: string): string =>
		`${take[0]}_lock(${first});\n\t${take[1]}_lock(${second});\n\t${take[1]}_unlock(${second});\n\t${take[0]}_unlock(${first});`;
	test.each<readonly [name: string, p0: string, p1: string, deadlock: string | null]>([
		['writers', order(['write', 'write'], 'a', 'b'), order(['write', 'write'], 'b', 'a'), 'both'],
		[
			'reader behind writer',
			order(['write', 'read'], 'a', 'b'),
			order(['write', 'read'], 'b', 'a'),
			'both',
		],
		['readers', order(['read', 'read'], 'a', 'b'), order(['read', 'read'], 'b', 'a'), null],
		['one order', order(['write', 'write'], 'a', 'b'), order(['write', 'write'], 'a', 'b'), null],
		['a reader that wants to write', 'read_lock(a);\n\twrite_lock(a);', '', 'self'],
	])('%s', (_, p0, p1, deadlock) => {
		const found = run(threads('rwlock_t *a, rwlock_t *b', [p0, p1], 'true'));
		const wanted = { both: 'P0 waits for b, P1 waits for a', self: 'P0 waits for a' };
		expect(found.problem).toBe(null);
		expect(found.deadlock).toBe(deadlock === null ? null : wanted[deadlock as keyof typeof wanted]);
	});
});

const NODE =
	'struct node {\n\tint value;\n\tstruct node *next;\n\tint extra[2];\n\tstruct rcu_head rcu;\n};\n';

describe('structs', () => {
	test.each<
		readonly [
			name: string,
			initial: string,
			body: string,
			locations: string,
			states: readonly string[],
		]
	>([
		[
			'members are locations of their own',
			'',
			'n->value = 3; WRITE_ONCE(n->next, m); m->value = n->value + 1; int r0 = READ_ONCE(n->next->value);',
			'0:r0; n.value; n.next; m.value; m.next',
			['0:r0=4; [m.next]=0; [m.value]=4; [n.next]=m; [n.value]=3;'],
		],
		[
			'initialisers',
			'struct node n = { .value = 5, .next = &m }; struct node m = { 6, &n, { 7, 8 } };',
			'int r0 = n->next->value; int r1 = m->extra[1]; int r2 = (*n->next).extra[0];',
			'0:r0; 0:r1; 0:r2; m.next',
			['0:r0=6; 0:r1=8; 0:r2=7; [m.next]=n;'],
		],
		[
			'members given one by one',
			'n.value = 4; m.extra[1] = 9;',
			'int r0 = n->value; int r1 = READ_ONCE(m->extra[1]);',
			'0:r0; 0:r1; m.extra[0]',
			['0:r0=4; 0:r1=9; [m.extra[0]]=0;'],
		],
		[
			'pointers to members and back',
			'n.value = 4;',
			'struct rcu_head *h = &n->rcu; struct node *q = container_of(h, struct node, rcu); int *p = &q->extra[1]; WRITE_ONCE(*p, 2); int r0 = q->value;',
			'0:r0; 0:q; n.extra[1]',
			['0:q=n; 0:r0=4; [n.extra[1]]=2;'],
		],
		[
			'arrays of structs',
			'struct node n[2] = { { .value = 1 }, { .value = 2, .next = &n[0] } };',
			'int r0 = n[1].value; int r1 = (n + 1)->next->value; n[1].extra[0] = 5;',
			'0:r0; 0:r1; n[1].extra[0]; n[0].extra[0]',
			['0:r0=2; 0:r1=1; [n[0].extra[0]]=0; [n[1].extra[0]]=5;'],
		],
		[
			'a local struct is registers',
			'n.value = 4;',
			'struct node s; s.value = n->value; s.value += 1; s.next = n; int r0 = s.value; int r1 = s.next->value;',
			'0:r0; 0:r1',
			['0:r0=5; 0:r1=4;'],
		],
	])('%s', (_, initial, body, locations, states) => {
		const source = `C t\n{ ${initial} }\n${NODE}P0(struct node *n, struct node *m)\n{\n${body}\n}\nlocations [${locations}]\nexists (true)\n`;
		const found = run(source);
		expect(found.problem).toBe(null);
		expect(found.states).toEqual(states);
	});

	test('a pointer published by release is followed by an address dependency', () => {
		const source = (publish: string): string =>
			`C t\n{}\n${NODE}P0(struct node *n, struct node **head)\n{\n\tWRITE_ONCE(n->value, 1);\n\t${publish};\n}\nP1(struct node **head)\n{\n\tstruct node *p;\n\tint r0 = 7;\n\tp = rcu_dereference(*head);\n\tif (p)\n\t\tr0 = READ_ONCE(p->value);\n}\nexists (1:r0=0)\n`;
		expect(run(source('rcu_assign_pointer(*head, n)')).verdict).toBe('Never');
		expect(run(source('WRITE_ONCE(*head, n)')).verdict).toBe('Sometimes');
	});
});

describe('call_rcu', () => {
	const FREE =
		'void done(struct rcu_head *h)\n{\n\tstruct node *old = container_of(h, struct node, rcu);\n\tWRITE_ONCE(old->value, 9);\n}\n';
	const source = (updater: string, reader: readonly [string, string]): string =>
		`C t\n{ struct node n = { .value = 1 }; head = &n; }\n${NODE}${FREE}P0(struct node **head)\n{\n\tstruct node *p = READ_ONCE(*head);\n\tWRITE_ONCE(*head, 0);\n\t${updater}\n}\nP1(struct node **head)\n{\n\tint r0 = 1;\n\t${reader[0]}\n\tstruct node *p = rcu_dereference(*head);\n\tif (p)\n\t\tr0 = READ_ONCE(p->value);\n\t${reader[1]}\n}\nexists (1:r0=9)\n`;
	const SECTION = ['rcu_read_lock();', 'rcu_read_unlock();'] as const;
	test.each<readonly [name: string, text: string, verdict: string]>([
		['the callback comes after readers', source('call_rcu(&p->rcu, done);', SECTION), 'Never'],
		['readers need their section', source('call_rcu(&p->rcu, done);', ['', '']), 'Sometimes'],
		['called at once it does not wait', source('done(&p->rcu);', SECTION), 'Sometimes'],
		[
			'what was called for has run in the end, what was not has not',
			source('if (READ_ONCE(*head))\n\t\tcall_rcu(&p->rcu, done);', SECTION).replace(
				'1:r0=9',
				'n.value=9',
			),
			'Never',
		],
		[
			'unconditionally',
			source('call_rcu(&p->rcu, done);', SECTION).replace('1:r0=9', 'n.value=9'),
			'Always',
		],
	])('%s', (_, text, verdict) => {
		const found = run(text);
		expect(found.problem).toBe(null);
		expect(found.verdict).toBe(verdict);
	});
});

describe('what is not understood has a name and a place', () => {
	test.each<readonly [source: string, problem: string]>([
		[
			'C t\n{}\nP0(struct a *x)\n{\n\tx->b = 1;\n}\nexists (true)\n',
			'5:2: not understood: member b',
		],
		[
			'C t\n{}\nstruct a { int b; };\nP0(struct a *x)\n{\n\tint r0 = x->c;\n}\nexists (true)\n',
			'6:11: not understood: member c',
		],
		[
			'C t\n{}\nstruct a { int b; };\nP0(struct a *x)\n{\n}\nexists (x.c=1)\n',
			'7:9: there is no x.c',
		],
		[
			'C t\n{ int a[2]; }\nP0(int *a)\n{\n\tint r0 = a[2];\n}\nexists (true)\n',
			'5:11: not understood: element of a, which has 2',
		],
		[
			'C t\n{}\nP0(int *a, int i)\n{\n\tint r0 = a[i];\n}\nexists (true)\n',
			'5:11: not understood: element of a, which has 1',
		],
		[
			'C t\n{}\nstruct a { int b; int c; };\nP0(struct a *x, struct a *y)\n{\n\t*x = *y;\n}\nexists (true)\n',
			'6:7: not understood: struct as a value',
		],
		[
			'C t\n{}\nstruct a { int b; int c; };\nP0(struct a *x)\n{\n\tstruct a s = READ_ONCE(*x);\n}\nexists (true)\n',
			'6:25: not understood: struct as a value',
		],
		[
			'C t\n{}\nP0(int *x)\n{\n\tenum { A, B };\n\tWRITE_ONCE(*x, B);\n}\nexists (true)\n',
			'5:2: not understood: declaration of a type in a function',
		],
		[
			'C t\n{}\nP0(int *x)\n{\n\ttypedef int number;\n\tnumber n = 1;\n\tWRITE_ONCE(*x, n);\n}\nexists (true)\n',
			'5:2: not understood: declaration of a type in a function',
		],
		['C t\n{}\nP0(int *x)\n{\n}\nexists (x[3]=1)\n', '6:9: there is no x[3]'],
		[
			'C t\n{}\nunion u { int b; };\nP0(int *x)\n{\n}\nexists (true)\n',
			'3:1: not understood: union',
		],
		[
			'C t\n{}\nint y;\nP0(int *x)\n{\n}\nexists (true)\n',
			'3:1: not understood: declaration of y outside the initial state',
		],
		[
			'C t\n{}\nvoid f(struct rcu_head *h)\n{\n}\nP0(struct rcu_head *x)\n{\n\tfor (int i = 0; i < 2; i++)\n\t\tcall_rcu(x, f);\n}\nexists (true)\n',
			'9:3: not understood: call_rcu() in a loop',
		],
		[
			'C t\n{}\nP0(struct rcu_head *x)\n{\n\tcall_rcu(x, f);\n}\nexists (true)\n',
			'5:2: not understood: call_rcu() without a function of the test',
		],
		[
			'C t\n{}\nP0(int *x)\n{\n\t__await_equal(x, 0, 1);\n}\nexists (true)\n',
			'5:2: not understood: call of __await_equal()',
		],
	])('%j', (source, problem) => {
		expect(run(source).problem).toBe(`t.litmus:${problem}`);
	});
});
