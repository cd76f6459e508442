/**
 * Where the two ways of a branch surely meet again: the immediate post-dominator, which ends the branch's control
 * dependencies as the end of an `if` does in herd7. It dominates the branch in the reversed graph.
 *
 * Invariant: depends on the function alone; kept per function.
 */
import { immediateDominators } from '../../program/dominators.js';
import type { OpIndex } from '../../program/op.js';
import { type ProgramFunction, successors } from '../../program/program.js';

const known = new WeakMap<ProgramFunction, readonly number[]>();

/** By op: the first op that every way from behind it to the function's end passes; `ops.length` is that end. */
export function postDominators(fn: ProgramFunction): readonly number[] {
	let made = known.get(fn);
	if (made === undefined) {
		made = compute(fn);
		known.set(fn, made);
	}
	return made;
}

function compute(fn: ProgramFunction): readonly number[] {
	const exit = fn.ops.length;
	const next = fn.ops.map((op, i): readonly number[] => {
		const list = successors(op, i as OpIndex);
		return list.length === 0 ? [exit] : list;
	});
	next.push([]);
	const previous: number[][] = next.map(() => []);
	next.forEach((list, op) => {
		for (const n of list) previous[n]?.push(op);
	});
	const above = immediateDominators(previous, { before: next, root: exit });
	// From an endless loop nothing leads to the end: what its branches decide is decided for good.
	return above.slice(0, exit).map((op) => (op === -1 ? exit : op));
}
