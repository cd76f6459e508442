/**
 * What a loop carries from one round to the next in registers: an address, a count, a flag, an entry that is read ahead.
 */
import type { Loop } from '../../program/edit/loops.js';
import type { Op, OpIndex, RegisterIndex } from '../../program/op.js';
import { type ProgramFunction, successors } from '../../program/program.js';
import { readBy } from '../../program/reads.js';

/** Registers that a loop writes and that its next round reads before it writes them. */
export function carriedIn(
	fn: ProgramFunction,
	loops: readonly Loop[],
): ReadonlyMap<RegisterIndex, ReadonlySet<OpIndex>> {
	const carried = new Map<RegisterIndex, Set<OpIndex>>();
	for (const { head, body } of loops) {
		const written = new Set<RegisterIndex>();
		for (const at of body) {
			const op = fn.ops[at];
			if (op !== undefined && 'dst' in op && op.dst !== null) written.add(op.dst);
		}
		for (const register of written) {
			// before the register is written
			const reached = reachedInRound(
				fn,
				{ head, body },
				(op) => 'dst' in op && op.dst === register,
			);
			if (![...reached].some((at) => readBy(fn.ops[at] as Op).includes(register))) continue;
			const known = carried.get(register) ?? new Set<OpIndex>();
			for (const at of reached) known.add(at);
			carried.set(register, known);
		}
	}
	return carried;
}

/** Ops of a round, reached from the loop's head; `ends`: no further on that way, the op itself belongs to it. */
export function reachedInRound(
	fn: ProgramFunction,
	{ head, body }: Pick<Loop, 'head' | 'body'>,
	ends: (op: Op) => boolean,
): ReadonlySet<OpIndex> {
	const seen = new Set<OpIndex>();
	const open = [head];
	for (let at = open.pop(); at !== undefined; at = open.pop()) {
		if (seen.has(at) || !body.has(at)) continue;
		seen.add(at);
		const op = fn.ops[at] as Op;
		if (!ends(op)) open.push(...successors(op, at));
	}
	return seen;
}
