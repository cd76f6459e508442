/**
 * Arms that a program can take under its configuration, of programs with very many branches: worked out in time, the same
 * whatever ways meet, and given up as "any arm" and nothing else.
 */
import { describe, expect, test } from 'vitest';
import { branchArm, hasArm } from '../../engine/memory/thread/arms.js';
import { possibleArms } from '../../engine/memory/thread/constant_flow.js';
import type { FunctionIndex } from '../../engine/program/op.js';
import { branch, lit, reg, type SmallOp, smallProgram } from './small_program.js';

const ROOT = 0 as FunctionIndex;
/** Branches, and milliseconds that are many times what they take. */
const MANY = 1500;
const MANY_MAX = 20_000;

/**
 * Diamonds one after the other, each of which sets a register of its own on one arm; behind them one branch on register 1,
 * which all ways leave as 5, and one on the first diamond's, which may be either.
 */
function diamonds(n: number): { readonly ops: readonly SmallOp[]; readonly registers: number } {
	const ops: SmallOp[] = [{ kind: 'move', dst: 1, from: lit(5) }];
	for (let i = 0; i < n; i++) {
		const at = ops.length;
		ops.push(
			branch(reg(0), at + 1, at + 3),
			{ kind: 'move', dst: 2 + i, from: lit(1) },
			{ kind: 'jump', target: at + 4 },
			{ kind: 'move', dst: 2 + i, from: lit(0) },
		);
	}
	return { ops, registers: n + 2 };
}

/** Two branches behind the diamonds, and where they are. */
function asked(n: number) {
	const { ops, registers } = diamonds(n);
	const at = ops.length;
	const all: readonly SmallOp[] = [
		...ops,
		branch(reg(1), at + 1, at + 2),
		branch(reg(2), at + 2, at + 2),
		{ kind: 'return', value: null },
	];
	return { program: smallProgram([{ parameters: 1, registers, ops: all }]), at };
}

describe('arms', () => {
	test.each([1, 2, 40, MANY])('behind %d diamonds', (n) => {
		const { program, at } = asked(n);
		const start = performance.now();
		const arms = possibleArms(program, ROOT).get(ROOT);
		expect(performance.now() - start).toBeLessThan(MANY_MAX);
		const taken = (pc: number) => [true, false].map((then) => hasArm(arms, branchArm(pc, then)));
		expect([taken(at), taken(at + 1)]).toEqual([
			[true, false],
			[true, true],
		]);
		// what an argument says decides all of them
		const one = possibleArms(program, ROOT, { args: [1] }).get(ROOT);
		expect(hasArm(one, branchArm(at + 1, false))).toBe(false);
	});

	test('a loop is gone round until nothing changes', () => {
		const ops: readonly SmallOp[] = [
			{ kind: 'move', dst: 1, from: lit(0) },
			branch(reg(1), 2, 3),
			{ kind: 'move', dst: 2, from: lit(0) },
			branch(reg(0), 4, 6),
			{ kind: 'move', dst: 1, from: lit(1) },
			{ kind: 'jump', target: 1 },
			{ kind: 'return', value: null },
		];
		const program = smallProgram([{ parameters: 1, registers: 3, ops }]);
		const arms = possibleArms(program, ROOT).get(ROOT);
		expect(hasArm(arms, branchArm(1, true))).toBe(true);
	});

	test('given up, every arm may be taken', () => {
		const { program, at } = asked(MANY);
		const arms = possibleArms(program, ROOT, { cancelled: () => true }).get(ROOT);
		for (const then of [true, false]) expect(hasArm(arms, branchArm(at, then))).toBe(true);
	});

	test('what takes no time is worked out all the same', () => {
		const { program, at } = asked(2);
		const arms = possibleArms(program, ROOT, { cancelled: () => true }).get(ROOT);
		expect(hasArm(arms, branchArm(at, false))).toBe(false);
	});
});
