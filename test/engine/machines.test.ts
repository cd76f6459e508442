/**
 * What arm64, powerpc and riscv do of the executions that LKMM allows: the shapes of the literature, each with the argument why
 * a machine does it or not.
 */
import { describe, expect, test } from 'vitest';
import {
	type Happens,
	happensOn,
	MACHINES,
	type Machine,
} from '../../engine/memory/lkmm/machines.js';
import { DEFAULT_OPTIONS, outcomes } from '../../engine/memory/lkmm/outcomes.js';
import { snapshotOf } from '../../engine/memory/lkmm/snapshot.js';
import { isTotalStoreOrder } from '../../engine/memory/lkmm/tso.js';
import { parseLitmus } from '../../server/litmus/parse.js';

type Answers = Readonly<Record<Machine | 'x86', Happens>>;

const RANK: readonly Happens[] = ['no', 'depends', 'yes'];

/** What of the executions in which the condition holds each machine does at most. */
function answers(parameters: string, bodies: readonly string[], condition: string): Answers {
	const functions = bodies.map((body, i) => `P${i}(${parameters})\n{\n${body}\n}`);
	const { program } = parseLitmus(`C t\n{}\n${functions.join('\n')}\nexists (${condition})\n`);
	const entries = new Set(
		program.locations.flatMap(({ name }, i) => (name === 'pte' ? [i as never] : [])),
	);
	const found: Record<Machine | 'x86', Happens> = {
		x86: 'no',
		arm64: 'no',
		powerpc: 'no',
		riscv: 'no',
	};
	let met = 0;
	outcomes(program, {
		...DEFAULT_OPTIONS,
		symmetry: false,
		visit: (execution, holds) => {
			if (!holds) return;
			met++;
			const { runs } = execution.fixed.structure;
			const snapshot = snapshotOf(execution);
			if (isTotalStoreOrder(runs, snapshot)) found.x86 = 'yes';
			for (const machine of MACHINES) {
				const said = happensOn(machine, runs, { snapshot, entries });
				if (RANK.indexOf(said) > RANK.indexOf(found[machine])) found[machine] = said;
			}
		},
	});
	expect(met).toBeGreaterThan(0);
	return found;
}

const INTS = 'int *x, int *y';
const write = (x: string, value = 1): string => `WRITE_ONCE(*${x}, ${value});`;
const read = (r: string, x: string): string => `int ${r} = READ_ONCE(*${x});`;
const ALL = { x86: 'yes', arm64: 'yes', powerpc: 'yes', riscv: 'yes' } as const;
/** All but total store order. */
const WEAK = { ...ALL, x86: 'no' } as const;
/** A machine on which a write becomes visible to one CPU before another. */
const POWER = { x86: 'no', arm64: 'no', powerpc: 'yes', riscv: 'no' } as const;

interface Case {
	readonly name: string;
	readonly parameters?: string;
	readonly bodies: readonly string[];
	readonly condition: string;
	readonly answers: Answers;
}

const SB = '0:r0=0 /\\ 1:r0=0';
const MP = '1:r0=1 /\\ 1:r1=0';

const CASES: readonly Case[] = [
	{
		name: 'store buffering',
		bodies: [write('x') + read('r0', 'y'), write('y') + read('r0', 'x')],
		condition: SB,
		answers: ALL,
	},
	{
		name: 'message passing without an order in the reader: reads are in order on x86 alone',
		bodies: [`${write('x')} smp_wmb(); ${write('y')}`, read('r0', 'y') + read('r1', 'x')],
		condition: MP,
		answers: WEAK,
	},
	{
		name: 'and without one in the writer',
		bodies: [write('x') + write('y'), `${read('r0', 'y')} smp_rmb(); ${read('r1', 'x')}`],
		condition: MP,
		answers: WEAK,
	},
	{
		name: 'load buffering',
		bodies: [read('r0', 'x') + write('y'), read('r0', 'y') + write('x')],
		condition: '0:r0=1 /\\ 1:r0=1',
		answers: WEAK,
	},
	{
		// stlr and ldar of arm64 stay in order ([L];po;[A] of bob); riscv's and powerpc's fences leave write to read open
		name: 'store buffering with a release and an acquire',
		bodies: [
			'smp_store_release(x, 1); int r0 = smp_load_acquire(y);',
			'smp_store_release(y, 1); int r0 = smp_load_acquire(x);',
		],
		condition: SB,
		answers: { ...ALL, arm64: 'no' },
	},
	{
		// each write has one moment at which all CPUs see it, but on powerpc, where lwsync does not order write with read (R+lwsync+sync)
		name: 'R with smp_wmb() and smp_mb()',
		bodies: [
			`${write('x')} smp_wmb(); ${write('y')}`,
			`${write('y', 2)} smp_mb(); ${read('r0', 'x')}`,
		],
		condition: 'y=2 /\\ 1:r0=0',
		answers: POWER,
	},
	{
		name: 'S without a dependency: a read before a later write',
		bodies: [`${write('x', 2)} smp_wmb(); ${write('y')}`, read('r0', 'y') + write('x')],
		condition: '1:r0=1 /\\ x=2',
		answers: WEAK,
	},
	{
		// IRIW+lwsyncs: two readers disagree on the order of two writes
		name: 'independent writes, two readers with smp_rmb()',
		bodies: [
			write('x'),
			write('y'),
			`${read('r0', 'x')} smp_rmb(); ${read('r1', 'y')}`,
			`${read('r0', 'y')} smp_rmb(); ${read('r1', 'x')}`,
		],
		condition: '2:r0=1 /\\ 2:r1=0 /\\ 3:r0=1 /\\ 3:r1=0',
		answers: POWER,
	},
	{
		// WRC+data+addr's shape: a dependency is not cumulative on powerpc
		name: 'write to read causality by a dependency',
		bodies: [
			write('x'),
			`${read('r0', 'x')} WRITE_ONCE(*y, r0);`,
			`${read('r0', 'y')} smp_rmb(); ${read('r1', 'x')}`,
		],
		condition: '2:r0=1 /\\ 2:r1=0',
		answers: POWER,
	},
	{
		// x86: lock xadd; arm64: an atomic without order; riscv: amoadd.w without aq and rl
		name: 'store buffering over atomic_inc()',
		parameters: 'atomic_t *x, atomic_t *y',
		bodies: [
			'atomic_inc(x); int r0 = atomic_read(y);',
			'atomic_inc(y); smp_mb__after_atomic(); int r0 = atomic_read(x);',
		],
		condition: SB,
		answers: WEAK,
	},
	{
		// riscv's ticket locks are a fully ordered atomic, its queued locks an acquire; an acquire does not stop the write before it
		name: 'store buffering over spin_lock()',
		parameters: 'int *x, int *y, spinlock_t *l',
		bodies: [
			`${write('x')} smp_wmb(); spin_lock(l); ${read('r0', 'y')} spin_unlock(l);`,
			`${write('y')} smp_mb(); ${read('r0', 'x')}`,
		],
		condition: SB,
		answers: { x86: 'no', arm64: 'yes', powerpc: 'yes', riscv: 'depends' },
	},
	{
		name: 'with smp_mb() between an unordered pair on one side only',
		bodies: [`${write('x')} smp_mb(); ${read('r0', 'y')}`, write('y') + read('r0', 'x')],
		condition: SB,
		answers: ALL,
	},
];

describe('what machines do of what LKMM allows', () => {
	test.each(CASES.map((c) => [c.name, c] as const))('%s', (_, c) => {
		expect(answers(c.parameters ?? INTS, c.bodies, c.condition)).toEqual(c.answers);
	});

	test.each<readonly [location: string, arm64: Happens]>([
		['pte', 'depends'],
		['z', 'no'],
	])(
		'an exchange of %s: fully ordered, but for entries on arm64, where it is xchg_relaxed()',
		(at, arm64) => {
			const bodies = [
				`int r0 = xchg(${at}, 1); int r1 = READ_ONCE(*x);`,
				`smp_store_release(x, 1); int r0 = smp_load_acquire(${at});`,
			];
			// store buffering: arm64 keeps the release before the acquire, so that all is up to the exchange
			expect(answers(`int *x, int *${at}`, bodies, '0:r1=0 /\\ 1:r0=0')).toEqual({ ...ALL, arm64 });
		},
	);
});
