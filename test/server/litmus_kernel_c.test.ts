/**
 * Kernel C in litmus tests beyond herd7's: rcu_barrier(), rw_semaphore, data_race(), enums, locals whose address is taken, local
 * arrays, names that are keywords of C. Each by a test whose outcome follows from what the construct promises, with a twin in
 * which the promise is not made.
 */
import { describe, expect, test } from 'vitest';
import { DEFAULT_LITMUS_OPTIONS, runText } from '../../server/litmus/run.js';

function run(source: string, generation: '6.1' | '6.12' = '6.12') {
	const options = { ...DEFAULT_LITMUS_OPTIONS, generation, now: () => 0 };
	const { report, text } = runText('t.litmus', source, options);
	const lines = text.split('\n');
	const count = lines.findIndex((line) => line.startsWith('States '));
	return { ...report, shown: lines.slice(count + 1, count + 1 + report.states) };
}

/** A test of bodies P0, P1, …, all with the same parameters. */
function threads(parameters: string, bodies: readonly string[], condition: string): string {
	const functions = bodies.map((body, i) => `P${i}(${parameters})\n{\n${body}\n}`);
	return `C t\n{}\n${functions.join('\n')}\nexists (${condition})\n`;
}

function single(body: string, locations: string) {
	return run(
		`C t\n{}\nP0(int *x, int *y)\n{\n${body}\n}\nlocations [${locations}]\nexists (true)\n`,
	);
}

describe('rcu_barrier', () => {
	const NODE = 'struct node {\n\tint value;\n\tstruct rcu_head rcu;\n};\n';
	const DONE =
		'void done(struct rcu_head *h)\n{\n\tstruct node *n = container_of(h, struct node, rcu);\n\tWRITE_ONCE(n->value, 9);\n}\n';
	const source = (bodies: readonly string[], condition: string): string =>
		threads('struct node *n, int *x, int *y', bodies, condition).replace(
			'{}\n',
			`{}\n${NODE}${DONE}`,
		);
	test.each<readonly [name: string, text: string, verdict: string]>([
		[
			'the callbacks that the thread called for have run',
			source(
				['call_rcu(&n->rcu, done);\n\trcu_barrier();\n\tint r0 = READ_ONCE(n->value);'],
				'0:r0=9',
			),
			'Always',
		],
		[
			'without it they may not have',
			source(['call_rcu(&n->rcu, done);\n\tint r0 = READ_ONCE(n->value);'], '0:r0=9'),
			'Sometimes',
		],
		[
			// The release and the acquire put call_rcu() before rcu_barrier().
			'so have those that another called for before',
			source(
				[
					'call_rcu(&n->rcu, done);\n\tsmp_store_release(x, 1);',
					'int r1 = smp_load_acquire(x);\n\trcu_barrier();\n\tint r0 = READ_ONCE(n->value);',
				],
				'1:r1=1 /\\ ~1:r0=9',
			),
			'Never',
		],
		[
			'of those called for meanwhile nothing is promised',
			source(
				['call_rcu(&n->rcu, done);', 'rcu_barrier();\n\tint r0 = READ_ONCE(n->value);'],
				'1:r0=9',
			),
			'Sometimes',
		],
		[
			// No callback, nothing to wait for: "rcu_barrier() is within its rights to return immediately" (kernel/rcu/tree.c).
			'it is no grace period',
			threads(
				'int *x, int *y',
				[
					'WRITE_ONCE(*x, 1);\n\trcu_barrier();\n\tWRITE_ONCE(*y, 1);',
					'rcu_read_lock();\n\tint r0 = READ_ONCE(*y);\n\tint r1 = READ_ONCE(*x);\n\trcu_read_unlock();',
				],
				'1:r0=1 /\\ 1:r1=0',
			),
			'Sometimes',
		],
	])('%s', (_, text, verdict) => {
		const found = run(text);
		expect(found.problem).toBe(null);
		expect(found.verdict).toBe(verdict);
		expect(found.deadlock).toBe(null);
	});

	test('with a lock that the callback wants it deadlocks', () => {
		const found = run(`C t
{}
struct node { spinlock_t lock; struct rcu_head rcu; };
void done(struct rcu_head *h)
{
	struct node *n = container_of(h, struct node, rcu);
	spin_lock(&n->lock);
	spin_unlock(&n->lock);
}
P0(struct node *n)
{
	spin_lock(&n->lock);
	call_rcu(&n->rcu, done);
	rcu_barrier();
	spin_unlock(&n->lock);
}
exists (true)
`);
		expect(found.verdict).toBe('DEADLOCK');
		expect(found.deadlock).toMatch(/^P0 waits for the end of done\(\).*, done waits for n.lock$/);
	});

	test('in a read-side critical section that its callback waits for it never returns', () => {
		const text = source(
			['rcu_read_lock();\n\tcall_rcu(&n->rcu, done);\n\trcu_barrier();\n\trcu_read_unlock();'],
			'true',
		);
		expect(run(text).problem).toBe('no execution ends: the condition is never asked');
	});
});

describe('rw_semaphore', () => {
	const both = 'int r0 = READ_ONCE(*x);\n\tint r1 = READ_ONCE(*y);';
	const writes = 'WRITE_ONCE(*x, 1);\n\tWRITE_ONCE(*y, 1);';
	const parameters = 'struct rw_semaphore *s, int *x, int *y';
	test.each<readonly [name: string, bodies: readonly string[], condition: string, verdict: string]>(
		[
			[
				'a reader sees none or all of a writer',
				[`down_write(s);\n\t${writes}\n\tup_write(s);`, `down_read(s);\n\t${both}\n\tup_read(s);`],
				'~1:r0=1:r1',
				'Never',
			],
			[
				'without the semaphore it may see half',
				[`down_write(s);\n\t${writes}\n\tup_write(s);`, both],
				'~1:r0=1:r1',
				'Sometimes',
			],
			[
				'readers run side by side',
				[
					'down_read(s);\n\tWRITE_ONCE(*x, 1);\n\tint r0 = READ_ONCE(*y);\n\tup_read(s);',
					'down_read(s);\n\tWRITE_ONCE(*y, 1);\n\tint r0 = READ_ONCE(*x);\n\tup_read(s);',
				],
				'0:r0=1 /\\ 1:r0=1',
				'Sometimes',
			],
			[
				'behind downgrade_write() a reader sees all that was written before, and may see the rest half',
				[
					'down_write(s);\n\tWRITE_ONCE(*x, 1);\n\tdowngrade_write(s);\n\tWRITE_ONCE(*y, 1);\n\tup_read(s);',
					`down_read(s);\n\t${both}\n\tup_read(s);`,
				],
				'1:r0=0 /\\ 1:r1=1',
				'Never',
			],
			[
				'which is to say not all of it',
				[
					'down_write(s);\n\tWRITE_ONCE(*x, 1);\n\tdowngrade_write(s);\n\tWRITE_ONCE(*y, 1);\n\tup_read(s);',
					`down_read(s);\n\t${both}\n\tup_read(s);`,
				],
				'1:r0=1 /\\ 1:r1=0',
				'Sometimes',
			],
		],
	)('%s', (_, bodies, condition, verdict) => {
		const found = run(threads(parameters, bodies, condition));
		expect(found.problem).toBe(null);
		expect(found.verdict).toBe(verdict);
		expect(found.deadlock).toBe(null);
	});

	test('trylocks, nesting and what is locked', () => {
		const body =
			'int r0 = down_read_trylock(s);\n\tint r1 = down_write_trylock(s);\n\tup_read(s);\n\tint r2 = down_write_killable(s);\n\tint r3 = down_read_trylock(s);\n\tint r4 = rwsem_is_locked(s);\n\tup_write(s);\n\tdown_read_nested(s, 1);\n\tup_read(s);\n\tint r5 = rwsem_is_locked(s);';
		const registers = [0, 1, 2, 3, 4, 5].map((i) => `0:r${i}`).join('; ');
		const found = run(
			`C t\n{ struct rw_semaphore s = __RWSEM_INITIALIZER(s); }\nP0(struct rw_semaphore *s)\n{\n\t${body}\n}\nlocations [${registers}]\nexists (true)\n`,
		);
		expect(found.shown).toEqual(['0:r0=1; 0:r1=0; 0:r2=0; 0:r3=0; 0:r4=1; 0:r5=0;']);
	});

	test.each<readonly [name: string, bodies: readonly string[], verdict: string, deadlock: string]>([
		[
			'a reader that wants to write',
			['down_read(s);\n\tdown_write(s);'],
			'DEADLOCK',
			'P0 waits for s',
		],
		[
			'two in opposite orders',
			[
				'down_write(s);\n\tdown_read(t);\n\tup_read(t);\n\tup_write(s);',
				'down_write(t);\n\tdown_read(s);\n\tup_read(s);\n\tup_write(t);',
			],
			'Always',
			'P0 waits for t, P1 waits for s',
		],
	])('deadlock: %s', (_, bodies, verdict, deadlock) => {
		const found = run(threads('struct rw_semaphore *s, struct rw_semaphore *t', bodies, 'true'));
		expect(found.verdict).toBe(verdict);
		expect(found.deadlock).toBe(deadlock);
	});
});

describe('data_race', () => {
	test.each<readonly [name: string, p0: string, races: boolean]>([
		// KCSAN is told that it is meant; the model's race it stays.
		['a plain read in it races', 'int r0 = data_race(*x);', true],
		['a plain store in it races', 'data_race(*x = 3);', true],
		['a marked one does not', 'int r0 = data_race(READ_ONCE(*x));', false],
	])('%s', (_, p0, races) => {
		const found = run(threads('int *x', [p0, 'WRITE_ONCE(*x, 1);'], 'x=1'));
		expect(found.problem).toBe(null);
		expect(found.races).toBe(races);
	});

	test('its value is that of what stands in it, and it orders nothing', () => {
		expect(
			single('*x = 4; int r0 = data_race(*x) + 1; data_race((*y)++);', '0:r0; y').shown,
		).toEqual(['0:r0=5; [y]=1;']);
		const reader = 'int r0 = data_race(READ_ONCE(*y));\n\tint r1 = data_race(READ_ONCE(*x));';
		const writer = 'WRITE_ONCE(*x, 1);\n\tsmp_wmb();\n\tWRITE_ONCE(*y, 1);';
		const stale = threads('int *x, int *y', [writer, reader], '1:r0=1 /\\ 1:r1=0');
		expect(run(stale).verdict).toBe('Sometimes');
	});
});

test('enumerators are numbers, in code, initial states and conditions', () => {
	const source = `C t
{ enum state x = RUN; int y = LAST; }
enum state { IDLE, RUN = 1 << 2, DONE };
enum { LAST = DONE + 3 };
P0(int *x, int *y)
{
	enum state r0 = READ_ONCE(*x);
	switch (r0) {
	case RUN:
		WRITE_ONCE(*x, DONE);
		break;
	default:
		WRITE_ONCE(*x, IDLE);
	}
	int a[LAST];
	a[DONE] = r0 == RUN;
	int r1 = a[DONE];
}
locations [0:r0; 0:r1; y]
exists (x=DONE)
`;
	const found = run(source);
	expect(found.problem).toBe(null);
	expect(found.verdict).toBe('Always');
	expect(found.shown).toEqual(['0:r0=4; 0:r1=1; [x]=5; [y]=8;']);
});

describe('locals in memory', () => {
	test.each<readonly [name: string, body: string, locations: string, states: readonly string[]]>([
		[
			'there and back',
			'int c = 2; int r0 = *(&c); *(&c) = 5; int r1 = c;',
			'0:r0; 0:r1',
			['0:r0=2; 0:r1=5;'],
		],
		[
			'a pointer to it',
			'int c = 2; int *p = &c; *p = 7; int r0 = c; c++; int r1 = *p;',
			'0:r0; 0:r1; 0:c',
			['0:r0=7; 0:r1=8; 0:c=8;'],
		],
		[
			'as the argument of an access',
			'int c; WRITE_ONCE(*(&c), 3); smp_store_release(&c, READ_ONCE(c) + 1); int r0 = smp_load_acquire(&c);',
			'0:r0; 0:c',
			['0:r0=4; 0:c=4;'],
		],
		[
			'try_cmpxchg() keeps its register',
			'int old = 0; int r0 = try_cmpxchg(x, &old, 5); int r1 = try_cmpxchg(x, &old, 6);',
			'0:r0; 0:r1; 0:old',
			['0:old=5; 0:r0=1; 0:r1=0;'],
		],
		[
			'arrays',
			'int a[3] = { 1, [2] = READ_ONCE(*x) + 4 }; int i = 1; a[i] = a[i - 1] + 1; int r0 = a[2]; int r1 = *(a + 1);',
			'0:r0; 0:r1; 0:a[0]',
			['0:r0=4; 0:r1=2; 0:a[0]=1;'],
		],
		[
			'arrays in a loop',
			'int a[] = { 3, 4, 5 }; int r0 = 0; for (int i = 0; i < 3; i++) r0 += a[i];',
			'0:r0',
			['0:r0=12;'],
		],
		[
			'arrays of arrays',
			'int a[2][2]; a[1][0] = 6; int r0 = a[1][0] + a[0][1];',
			'0:r0; 0:a[1][0]',
			['0:r0=6; 0:a[1][0]=6;'],
		],
	])('%s', (_, body, locations, states) => {
		const found = single(body, locations);
		expect(found.problem).toBe(null);
		expect(found.shown).toEqual(states);
	});

	test('a struct with an array, and one whose address is taken', () => {
		const source =
			'C t\n{}\nstruct pair { int first; int rest[2]; };\nstruct one { int value; };\nP0(int *x)\n{\n\tstruct pair p = { 1, { 2, 3 } };\n\tstruct one o;\n\tstruct one *q = &o;\n\tq->value = p.rest[1];\n\to.value += p.first;\n\tint r0 = q->value;\n}\nlocations [0:r0; 0:p.rest[0]]\nexists (true)\n';
		const found = run(source);
		expect(found.problem).toBe(null);
		expect(found.shown).toEqual(['0:r0=4; 0:p.rest[0]=2;']);
	});

	test('another thread reaches an element through its address alone', () => {
		const bodies = [
			'int a[2] = { 1, 2 };\n\tsmp_store_release(p, &a[1]);',
			'int r0 = 7;\n\tint *q = smp_load_acquire(p);\n\tif (q)\n\t\tr0 = READ_ONCE(*q);',
		];
		expect(run(threads('int **p', bodies, '1:r0=7 \\/ 1:r0=2')).verdict).toBe('Always');
		expect(run(threads('int **p', bodies, '1:r0=2')).verdict).toBe('Sometimes');
	});

	test('each thread has its own, and so has each call of a function', () => {
		const source = `C t
{}
int twice(int n)
{
	int a[1];
	a[0] += n;
	a[0] += n;
	return a[0];
}
P0(int *x)
{
	int r0 = twice(1);
	int r1 = twice(2);
}
P1(int *x)
{
	int r0 = twice(3);
}
locations [0:r0; 0:r1; 1:r0]
exists (true)
`;
		expect(run(source).shown).toEqual(['0:r0=2; 0:r1=4; 1:r0=6;']);
	});

	test.each<readonly [index: string, problem: RegExp]>([
		['2', /^t.litmus:5:2: not understood: element of a, which has 2$/],
		['READ_ONCE(*x)', /^line 5 accesses -\d+, which is no location's address$/],
	])('an element outside is not followed: %s', (index, problem) => {
		const body = `int a[2];\n\ta[${index}] = 1;`;
		const source = threads('int *x', [body, 'WRITE_ONCE(*x, 5);'], 'true').replace(
			'\nint a',
			'\n\tint a',
		);
		expect(run(source.replace('{\n\tint a[2];\n', '{ int a[2];\n')).problem).toMatch(problem);
	});

	test('a dependency goes through one as through memory: 6.12 carries it, 6.1 does not', () => {
		const bodies = [
			'int a[1];\n\tint r0 = READ_ONCE(*x);\n\ta[0] = r0;\n\tWRITE_ONCE(*y, a[0]);',
			'int r0 = READ_ONCE(*y);\n\tsmp_mb();\n\tWRITE_ONCE(*x, 1);',
		];
		const text = threads('int *x, int *y', bodies, '0:r0=1 /\\ 1:r0=1');
		expect(run(text, '6.12').verdict).toBe('Never');
		expect(run(text, '6.1').verdict).toBe('Sometimes');
	});

	test.each<readonly [name: string, body: string, problem: string]>([
		[
			'two variables of one name, one in memory',
			'int a = 1;\n\t{\n\t\tint a[2];\n\t\ta[0] = 1;\n\t}',
			'7:7: not understood: two variables called a',
		],
		[
			'an enum in a function',
			'enum { A, B } a = B;',
			'5:2: not understood: enum defined in a function',
		],
	])('not understood: %s', (_, body, problem) => {
		expect(run(threads('int *x', [`\t${body}`], 'true')).problem).toBe(`t.litmus:${problem}`);
	});
});

describe('names that are keywords of C', () => {
	test('continue and break as registers and locations, beside the statements', () => {
		const source = `C t
{ continue = 3; }
P0(int *continue, int *x)
{
	int break;
	int i;
	break = READ_ONCE(*continue);
	for (i = 0; i < 4; i++) {
		if (i == 1) continue;
		if (i == 3)
			break;
		WRITE_ONCE(*x, break + i);
	}
	*continue = break;
}
locations [0:break; 0:i; continue]
exists (x=5)
`;
		const found = run(source);
		expect(found.problem).toBe(null);
		expect(found.shown).toEqual(['0:break=3; 0:i=3; [continue]=3; [x]=5;']);
	});
});

describe('a test that deadlocks is DEADLOCK', () => {
	test.each<
		readonly [name: string, parameters: string, bodies: readonly string[], deadlock: string]
	>([
		['a lock taken twice', 'spinlock_t *l', ['spin_lock(l);\n\tspin_lock(l);'], 'P0 waits for l'],
		[
			'a mutex taken twice',
			'struct mutex *l',
			['mutex_lock(l);\n\tmutex_lock(l);'],
			'P0 waits for l',
		],
		[
			'a grace period in a reader',
			'int *x',
			['rcu_read_lock();\n\tsynchronize_rcu();\n\trcu_read_unlock();', 'WRITE_ONCE(*x, 1);'],
			'P0 waits for a grace period in its own read-side critical section',
		],
		[
			'and in one of SRCU',
			'struct srcu_struct *s',
			['int i = srcu_read_lock(s);\n\tsynchronize_srcu(s);\n\tsrcu_read_unlock(s, i);'],
			'P0 waits for a grace period in its own read-side critical section',
		],
	])('%s', (_, parameters, bodies, deadlock) => {
		const source = threads(parameters, bodies, 'true');
		const found = run(source);
		expect(found.problem).toBe(null);
		expect(found.verdict).toBe('DEADLOCK');
		expect(found.deadlock).toBe(deadlock);
		expect(run(source.replace('C t', 'C t (* Result: DEADLOCK *)')).match).toBe(true);
		expect(run(source.replace('C t', 'C t (* Result: Never *)')).match).toBe(false);
	});

	test.each<readonly [name: string, bodies: readonly string[]]>([
		[
			'a grace period behind the reader',
			['rcu_read_lock();\n\trcu_read_unlock();\n\tsynchronize_rcu();'],
		],
		[
			'one of another srcu_struct',
			['int i = srcu_read_lock(s);\n\tsynchronize_srcu(t);\n\tsrcu_read_unlock(s, i);'],
		],
	])('not: %s', (_, bodies) => {
		const found = run(threads('struct srcu_struct *s, struct srcu_struct *t', bodies, 'true'));
		expect(found.verdict).toBe('Always');
		expect(found.deadlock).toBe(null);
	});
});
