/** Sets of arms (engine/memory/thread/arms.ts) of several functions. */
import type { ArmBits } from '../../memory/thread/arms.js';
import type { FunctionIndex, OpIndex } from '../../program/op.js';

/** One of the two ways of a branch. */
export interface Arm {
	readonly function: FunctionIndex;
	readonly branch: OpIndex;
	readonly then: boolean;
}

export type Arms = ReadonlyMap<FunctionIndex, ArmBits>;

/** Arms that are in any of several sets. */
export function unionOfArms(all: Iterable<Arms>): Arms {
	const union = new Map<FunctionIndex, ArmBits>();
	for (const arms of all) {
		for (const [fn, bits] of arms) {
			const before = union.get(fn);
			if (before === undefined) union.set(fn, bits.slice());
			else for (const [i, word] of bits.entries()) before[i] = (before[i] ?? 0) | word;
		}
	}
	return union;
}
