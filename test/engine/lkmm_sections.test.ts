/**
 * Who waits for which section under LKMM: an IPI that every CPU answers waits for interrupts-off sections, a grace period
 * for all of them. A reader that still has the pointer must not see the object freed.
 */
import { describe, expect, it } from 'vitest';
import { WAITS } from '../../engine/lkmm/operations.js';
import type { LocationIndex } from '../../engine/memory/lkmm/litmus_program.js';
import { executionsOf } from '../../engine/memory/lkmm/pair.js';
import { programRuns } from '../../engine/memory/lkmm/program_runs.js';
import { openCycles, orderedRun } from '../../engine/memory/lkmm/robust.js';
import { link } from '../../engine/memory/thread/link.js';
import type { SectionKind } from '../../engine/program/op.js';
import {
	branch,
	cell,
	cellAddress,
	lit,
	reg,
	type SmallFunction,
	type SmallOp,
	smallProgram,
} from './small_program.js';

/** The pointer, 1 while it is set, and whether the object is freed. */
const [POINTER, FREED] = [0, 1];

const enter = (section: SectionKind): SmallOp => ({
	kind: 'section',
	dst: null,
	section,
	delta: 1,
});
const leave = (section: SectionKind): SmallOp => ({
	kind: 'section',
	dst: null,
	section,
	delta: -1,
});
const intrinsic = (name: string): SmallOp => ({
	kind: 'intrinsic',
	dst: null,
	name,
	arguments: [],
});
const put = (to: number, value: number): SmallOp => ({
	kind: 'store',
	address: cell(to),
	value: lit(value),
	order: 'once',
});
const done: SmallOp = { kind: 'return', value: null };

const read: readonly SmallOp[] = [
	{ kind: 'load', dst: 0, address: cell(POINTER), order: 'once' },
	{ kind: 'load', dst: 1, address: cell(FREED), order: 'once' },
];
const ipi = [intrinsic('ipi_begin'), intrinsic('ipi_end')];
const gracePeriod = [intrinsic('grace_period_begin'), intrinsic('grace_period_end')];

const inside = (...sections: readonly SectionKind[]): readonly SmallOp[] => [
	...sections.map(enter),
	...read,
	...[...sections].reverse().map(leave),
];
const unlinkThenFree = (wait: readonly SmallOp[]): readonly SmallOp[] => [
	put(POINTER, 0),
	...wait,
	put(FREED, 1),
];

/** `safe`: no reader sees the pointer and the object freed; else a reason why it cannot be said. */
function verdict(reader: readonly SmallOp[], writer: readonly SmallOp[]): string {
	const functions = [reader, writer].map(
		(ops): SmallFunction => ({ registers: 2, ops: [...ops, done] }),
	);
	const made = programRuns({
		linked: link(smallProgram(functions)),
		symbols: new Map(),
		initial: new Map([
			[cellAddress(POINTER), 1],
			[cellAddress(FREED), 0],
		]),
		operations: new Map(Object.entries(WAITS)),
		threads: functions.map((_, i) => ({ name: `t${i}`, entry: i as never, arguments: [] })),
		loopMax: 2,
		callDepthMax: 2,
		liveness: () => null,
		runsMax: 50,
		cancelled: () => false,
	});
	if (made.limit !== null) return made.limit;
	const options = { program: made.program, generation: '6.12', proceed: () => true } as const;
	const at = (index: number): LocationIndex =>
		made.addresses.indexOf(cellAddress(index)) as LocationIndex;
	let isSafe = true;
	let count = 0;
	for (const a of made.runs[0] ?? []) {
		for (const b of made.runs[1] ?? []) {
			expect([a.end.kind, b.end.kind]).toEqual(['returned', 'returned']);
			const both = [
				orderedRun(made.program, a.run, '6.12'),
				orderedRun(made.program, b.run, '6.12'),
			] as const;
			const isRobust = openCycles(made.program, both, 1).length === 0;
			executionsOf([a.run, b.run], options, ({ events, isSequential }) => {
				// an open cycle, or nothing but interleavings
				expect(isRobust && !isSequential).toBe(false);
				const saw = (index: number): boolean =>
					events.some((e) => e.thread === 0 && e.location === at(index) && e.value === 1);
				isSafe &&= !(saw(POINTER) && saw(FREED));
				count++;
				return true;
			});
		}
	}
	expect(count).toBeGreaterThan(0);
	return isSafe ? 'safe' : 'unsafe';
}

describe('what an IPI and a grace period wait for', () => {
	const mixed = 'an IPI and an RCU grace period wait for different sections';
	const both = [...ipi, ...gracePeriod];
	const either: readonly SmallOp[] = [
		put(POINTER, 0),
		{ kind: 'choose', dst: 0, alternatives: 2 },
		branch(reg(0), 3, 6),
		...ipi,
		{ kind: 'jump', target: 8 },
		...gracePeriod,
		put(FREED, 1),
	];
	const cases: readonly (readonly [string, readonly SmallOp[], readonly SmallOp[], string])[] = [
		['interrupts off, nothing waits', inside('irq'), unlinkThenFree([]), 'unsafe'],
		['interrupts off, an IPI', inside('irq'), unlinkThenFree(ipi), 'safe'],
		['interrupts on, an IPI', inside(), unlinkThenFree(ipi), 'unsafe'],
		['rcu_read_lock(), an IPI', inside('rcu'), unlinkThenFree(ipi), 'unsafe'],
		['preempt_disable(), an IPI', inside('preempt'), unlinkThenFree(ipi), 'unsafe'],
		['both sections, an IPI', inside('rcu', 'irq'), unlinkThenFree(ipi), 'safe'],
		[
			'interrupts on again before the second read, an IPI',
			[
				enter('rcu'),
				enter('irq'),
				...read.slice(0, 1),
				leave('irq'),
				...read.slice(1),
				leave('rcu'),
			],
			unlinkThenFree(ipi),
			'unsafe',
		],
		['interrupts off, a grace period', inside('irq'), unlinkThenFree(gracePeriod), 'safe'],
		['rcu_read_lock(), a grace period', inside('rcu'), unlinkThenFree(gracePeriod), 'safe'],
		['preempt_disable(), a grace period', inside('preempt'), unlinkThenFree(gracePeriod), 'safe'],
		['no section, a grace period', inside(), unlinkThenFree(gracePeriod), 'unsafe'],
		[
			'from one section into the other, a grace period',
			[
				enter('rcu'),
				...read.slice(0, 1),
				enter('irq'),
				leave('rcu'),
				...read.slice(1),
				leave('irq'),
			],
			unlinkThenFree(gracePeriod),
			'safe',
		],
		['interrupts off, both', inside('irq', 'rcu'), unlinkThenFree(both), 'safe'],
		['interrupts off, one or the other', inside('irq'), either, 'safe'],
		['interrupts on, one or the other', inside(), either, 'unsafe'],
		['rcu_read_lock(), both', inside('rcu'), unlinkThenFree(both), mixed],
		['rcu_read_lock(), one or the other', inside('rcu'), either, mixed],
		['an IPI too late', inside('irq'), [...unlinkThenFree([]), ...ipi], 'unsafe'],
	];
	it.each(cases)('%s', (_, reader, writer, expected) => {
		expect(verdict(reader, writer)).toBe(expected);
	});
});
