/**
 * The one check of machine tests, and the ops they are written in.
 */
import { expect } from 'vitest';
import { dfs } from '../../engine/explore/dfs.js';
import {
	cell,
	cellsOf,
	lit,
	reg,
	type SmallOp,
	type SmallWorld,
	smallMachine,
	U64,
} from './small_program.js';

/** Name, world, what is expected. */
export type Case = readonly [string, SmallWorld, Expected];

/** What plain search must say of a small world. */
export interface Expected {
	/** Final memories, sorted. */
	readonly finals: readonly string[];
	readonly violations?: readonly string[];
	readonly endings?: readonly string[];
	readonly cuts?: readonly string[];
}

/** Explores a small world by plain search and compares. */
export function check(small: SmallWorld, expected: Expected): void {
	const machine = smallMachine(small);
	const result = dfs(machine, { statesMax: 10_000 });
	expect(result.end).toBe('exhausted');
	const finished = result.ends.filter((e) => e.ending === 'finished');
	const finals = new Set(finished.map((e) => cellsOf(machine, e.state, small.cells.length)));
	expect([...finals].sort()).toEqual(expected.finals);
	expect(result.violations.map((v) => v.key).sort()).toEqual(expected.violations ?? []);
	expect([...new Set(result.ends.map((e) => e.ending))].sort()).toEqual(
		expected.endings ?? ['finished'],
	);
	const cuts = result.cuts.map(({ incident }) =>
		incident.kind === 'limit' ? incident.limit : incident.kind,
	);
	expect(cuts).toEqual(expected.cuts ?? []);
}

export const ret: SmallOp = { kind: 'return', value: null };
export const load = (dst: number, c: number, order: 'plain' | 'once' = 'once'): SmallOp => ({
	kind: 'load',
	dst,
	address: cell(c),
	order,
});
export const store = (
	c: number,
	value: ReturnType<typeof lit> | ReturnType<typeof reg>,
): SmallOp => ({
	kind: 'store',
	address: cell(c),
	value,
	order: 'once',
});
export const add = (dst: number, left: number, right: number): SmallOp => ({
	kind: 'binary',
	dst,
	operator: '+',
	left: reg(left),
	right: lit(right),
	type: U64,
});
