/** Which ops of a function runs execute when they take some arms of its branches and not others. */
import type { Op, OpIndex } from './op.js';
import { type ProgramFunction, successors } from './program.js';

/** Asked for each arm of each branch that is reached. */
export type ArmTaken = (branch: OpIndex, then: boolean) => boolean;

/** By op: 1 when it is reached from the first op over arms that are taken. */
export function reachedOps(fn: ProgramFunction, isTaken: ArmTaken): Uint8Array {
	const reached = new Uint8Array(fn.ops.length);
	const todo: OpIndex[] = [0 as OpIndex];
	for (let pc = todo.pop(); pc !== undefined; pc = todo.pop()) {
		if (reached[pc] === 1) continue;
		reached[pc] = 1;
		const op = fn.ops[pc] as Op;
		if (op.kind !== 'branch') {
			todo.push(...successors(op, pc));
			continue;
		}
		if (isTaken(pc, true)) todo.push(op.then);
		if (isTaken(pc, false)) todo.push(op.otherwise);
	}
	return reached;
}
