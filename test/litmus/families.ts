/**
 * Families of litmus tests that grow with a number, with the number of executions they have: what the scaling of the
 * search is measured and tested on.
 */

export interface Family {
	readonly name: string;
	/** What the family measures. */
	readonly what: string;
	text(n: number): string;
	/** Consistent executions of the test of that size. */
	executions(n: number): number;
}

function threads(n: number, body: (i: number) => string): string {
	return Array.from({ length: n }, (_, i) => `P${i}${body(i)}`).join('\n');
}

function all(n: number, atom: (i: number) => string): string {
	return Array.from({ length: n }, (_, i) => atom(i)).join(' /\\ ');
}

function test(name: string, code: string, condition: string): string {
	return `C ${name}\n{}\n${code}\nexists (${condition})\n`;
}

function factorial(n: number): number {
	return n < 2 ? 1 : n * factorial(n - 1);
}

/** Ways to choose k of n. */
function choose(n: number, k: number): number {
	return k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k;
}

const COUNTED = `(spinlock_t *l, int *x)
{
	int r0;
	spin_lock(l);
	r0 = READ_ONCE(*x);
	WRITE_ONCE(*x, r0 + 1);
	spin_unlock(l);
}`;

export const FAMILIES: readonly Family[] = [
	{
		name: 'lock',
		what: 'n equal threads count under one spinlock',
		text: (n) =>
			test(
				'lock',
				threads(n, () => COUNTED),
				`x=${n}`,
			),
		executions: factorial,
	},
	{
		name: 'lock-observed',
		what: 'the same with every thread observed, so that none are exchanged',
		text: (n) =>
			test(
				'lock-observed',
				threads(n, () => COUNTED),
				all(n, (i) => `${i}:r0=${i}`),
			),
		executions: factorial,
	},
	{
		name: 'increment',
		what: 'n atomic_inc of one counter',
		text: (n) =>
			test(
				'increment',
				threads(n, () => '(atomic_t *x)\n{\n\tatomic_inc(x);\n}'),
				`x=${n}`,
			),
		executions: factorial,
	},
	{
		name: 'increment-observed',
		what: 'n atomic_inc_return, each observed',
		text: (n) =>
			test(
				'increment-observed',
				threads(n, () => '(atomic_t *x)\n{\n\tint r0 = atomic_inc_return(x);\n}'),
				all(n, (i) => `${i}:r0=${i + 1}`),
			),
		executions: factorial,
	},
	{
		name: 'cmpxchg',
		what: 'n threads try to be the first',
		text: (n) =>
			test(
				'cmpxchg',
				threads(n, (i) => `(int *x)\n{\n\tint r0 = cmpxchg(x, 0, ${i + 1});\n}`),
				'0:r0=0',
			),
		executions: (n) => n,
	},
	{
		name: 'writes-and-reads',
		what: 'one thread writes n times, another reads n times',
		text: (n) => {
			const writes = Array.from({ length: n }, (_, i) => `\tWRITE_ONCE(*x, ${i + 1});\n`).join('');
			const reads = Array.from({ length: n }, (_, i) => `\tint r${i} = READ_ONCE(*x);\n`).join('');
			return test(
				'writes-and-reads',
				`P0(int *x)\n{\n${writes}}\nP1(int *x)\n{\n${reads}}`,
				'1:r0=1',
			);
		},
		executions: (n) => choose(2 * n, n),
	},
	{
		name: 'seqlock',
		what: 'one thread writes n times under a seqlock, another reads: what the n+1 versions show',
		text: (n) => {
			const write = (i: number): string =>
				`\twrite_seqlock(s);\n\tWRITE_ONCE(*x, ${i});\n\tWRITE_ONCE(*y, ${i});\n\twrite_sequnlock(s);\n`;
			const writes = Array.from({ length: n }, (_, i) => write(i + 1)).join('');
			const read = 'seq = read_seqbegin(s);\n\t\tr0 = READ_ONCE(*x);\n\t\tr1 = READ_ONCE(*y);';
			const parameters = '(seqlock_t *s, int *x, int *y)';
			return test(
				'seqlock',
				`P0${parameters}\n{\n${writes}}\nP1${parameters}\n{\n\tint seq;\n\tint r0;\n\tint r1;\n\tdo {\n\t\t${read}\n\t} while (read_seqretry(s, seq));\n}`,
				'~1:r0=1:r1',
			);
		},
		executions: (n) => n + 1,
	},
	{
		name: 'store-buffering',
		what: 'a ring of n threads with full barriers: all but the cycle',
		text: (n) =>
			test(
				'store-buffering',
				threads(n, (i) => {
					const next = (i + 1) % n;
					return `(int *x${i}, int *x${next})\n{\n\tWRITE_ONCE(*x${i}, 1);\n\tsmp_mb();\n\tint r0 = READ_ONCE(*x${next});\n}`;
				}),
				all(n, (i) => `${i}:r0=0`),
			),
		executions: (n) => 2 ** n - 1,
	},
	{
		name: 'rcu',
		what: 'a ring of n threads, readers and grace periods in turn (n even): all but the cycle',
		text: (n) =>
			test(
				'rcu',
				threads(n, (i) => {
					const next = (i + 1) % n;
					const read = `int r1 = READ_ONCE(*x${i});`;
					const write = `WRITE_ONCE(*x${next}, 1);`;
					const reader = `rcu_read_lock();\n\t${read}\n\t${write}\n\trcu_read_unlock();`;
					const updater = `${read}\n\tsynchronize_rcu();\n\t${write}`;
					return `(int *x${i}, int *x${next})\n{\n\t${i % 2 === 0 ? reader : updater}\n}`;
				}),
				all(n, (i) => `${i}:r1=1`),
			),
		executions: (n) => 2 ** n - 1,
	},
];
