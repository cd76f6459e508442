/**
 * Arms: where a run of a function can go. A function has one arm for being entered and two for each of its branches, so the
 * ops that a set of runs executed follow from the arms taken (engine/program/flow.ts).
 *
 *     functions | 0 ............................ | 1 ...
 *     arms      | entry | op 0: no, yes | op 1 … | entry | …
 *
 * Leaves out: functions that are not the walk's; they have no arms.
 *
 * Invariant: an edge of an automaton carries the arms of exactly the ops it runs; one that an `assume` refused carries none.
 */
import type { FunctionIndex } from '../../program/op.js';
import type { Program } from '../../program/program.js';

/** Arms taken in one function, a bit each: bit 0 the entry, 1 + 2 × op otherwise and 2 + 2 × op then. */
export type ArmBits = Uint32Array;

/** Bit of a function's entry. */
export const ENTRY_ARM = 0;

/** Bit of a branch's arm. */
export function branchArm(op: number, then: boolean): number {
	return 1 + 2 * op + (then ? 1 : 0);
}

/** True for arms that are among the bits. */
export function hasArm(bits: ArmBits | undefined, arm: number): boolean {
	return (((bits?.[arm >> 5] ?? 0) >>> (arm & 31)) & 1) === 1;
}

/** Bits with room for all arms of a function of so many ops. */
export function noArms(ops: number): ArmBits {
	return new Uint32Array((1 + 2 * ops + 31) >> 5);
}

/** Adds an arm. */
export function addArm(bits: ArmBits, arm: number): void {
	bits[arm >> 5] = (bits[arm >> 5] ?? 0) | (1 << (arm & 31));
}

/** Numbers of the first arm of each function; -1 where it has none. */
export function firstArms(program: Program): readonly number[] {
	let next = 0;
	return program.functions.map(({ origin, ops }) => {
		if (origin !== 'walk') return -1;
		const first = next;
		next += 1 + 2 * ops.length;
		return first;
	});
}

/** Arms by their numbers as bits per function. */
export function armsByFunction(
	program: Program,
	arms: Iterable<number>,
): ReadonlyMap<FunctionIndex, ArmBits> {
	const firsts = firstArms(program);
	const owners = firsts.flatMap((first, fn) => (first < 0 ? [] : [{ first, fn }]));
	const taken = new Map<FunctionIndex, ArmBits>();
	let at = 0;
	for (const arm of [...arms].sort((a, b) => a - b)) {
		while ((owners[at + 1]?.first ?? Number.POSITIVE_INFINITY) <= arm) at++;
		const { first, fn } = owners[at] as { first: number; fn: number };
		const index = fn as FunctionIndex;
		const bits = taken.get(index) ?? noArms(program.functions[fn]?.ops.length ?? 0);
		addArm(bits, arm - first);
		taken.set(index, bits);
	}
	return taken;
}
