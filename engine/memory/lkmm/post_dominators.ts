/**
 * Where the two ways of a branch surely meet again: the immediate post-dominator, which ends the branch's control
 * dependencies as the end of an `if` does in herd7. The algorithm is Cooper, Harvey and Kennedy's ("A simple, fast
 * dominance algorithm", 2001) on the reversed graph.
 *
 * Invariant: depends on the function alone; kept per function.
 */
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
	const next = fn.ops.map((op, i) => {
		const list = successors(op, i as OpIndex);
		return list.length === 0 ? [exit] : list;
	});
	const order = fromExit(next, exit);
	const rank = new Map(order.map((op, i) => [op, i]));
	const above = new Array<number>(exit + 1).fill(-1);
	above[exit] = exit;
	const meet = (a: number, b: number): number => {
		let [x, y] = [a, b];
		while (x !== y) {
			while ((rank.get(x) as number) > (rank.get(y) as number)) x = above[x] as number;
			while ((rank.get(y) as number) > (rank.get(x) as number)) y = above[y] as number;
		}
		return x;
	};
	for (let changed = true; changed; ) {
		changed = false;
		for (const op of order.slice(1)) {
			const ways = (next[op] as readonly number[]).filter((n) => above[n] !== -1);
			const met = ways.reduce((a, b) => meet(a, b));
			if (above[op] !== met) {
				above[op] = met;
				changed = true;
			}
		}
	}
	// From an endless loop nothing leads to the end: what its branches decide is decided for good.
	return above.slice(0, exit).map((op) => (op === -1 ? exit : op));
}

/** Ops in reverse postorder of the reversed graph, the exit first. */
function fromExit(next: readonly (readonly number[])[], exit: number): readonly number[] {
	const previous: number[][] = Array.from({ length: exit + 1 }, () => []);
	next.forEach((list, op) => {
		for (const n of list) previous[n]?.push(op);
	});
	const seen = new Set<number>([exit]);
	const order: number[] = [];
	const stack: { readonly op: number; at: number }[] = [{ op: exit, at: 0 }];
	for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
		const way = previous[top.op]?.[top.at++];
		if (way === undefined) {
			order.push(top.op);
			stack.pop();
		} else if (!seen.has(way)) {
			seen.add(way);
			stack.push({ op: way, at: 0 });
		}
	}
	return order.reverse();
}
