/**
 * Which ops of a function write its registers.
 *
 * Invariant: depends on the function alone; kept per function.
 */
import type { Op, Operand, OpIndex, RegisterIndex } from './op.js';
import type { ProgramFunction } from './program.js';

export type Writers = ReadonlyMap<RegisterIndex, readonly OpIndex[]>;

const known = new WeakMap<ProgramFunction, Writers>();

/** By register: the ops that write it, in the order of the text. */
export function writersOf(fn: ProgramFunction): Writers {
	const before = known.get(fn);
	if (before !== undefined) return before;
	const made = new Map<RegisterIndex, OpIndex[]>();
	for (const [at, op] of fn.ops.entries()) {
		if (!('dst' in op) || op.dst === null) continue;
		const list = made.get(op.dst);
		if (list === undefined) made.set(op.dst, [at as OpIndex]);
		else list.push(at as OpIndex);
	}
	known.set(fn, made);
	return made;
}

/** The one op that writes the register; null: none does, or several do. */
export function onlyWriter(fn: ProgramFunction, operand: Operand): Op | null {
	if (operand.kind === 'constant') return null;
	const [at, ...more] = writersOf(fn).get(operand.register) ?? [];
	return at === undefined || more.length > 0 ? null : (fn.ops[at] ?? null);
}
