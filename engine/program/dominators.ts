/**
 * Which op is on every way to which (Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm"): immediate dominators in
 * reverse postorder, and the tree they make numbered so that one question takes two comparisons.
 *
 * Invariant: nothing here grows faster than the ops of code that people and compilers write; no set of dominators is kept.
 */
import type { OpIndex } from './op.js';

/** Where each op may go on to. */
export type Flow = readonly (readonly OpIndex[])[];

/** Nodes by their number, and where each leads to. */
type Graph = readonly (readonly number[])[];

export interface Dominators {
	/** Each way from the first op to `at` passes `by`; an op that none reaches has nobody. */
	dominates(by: OpIndex, at: OpIndex): boolean;
}

export function dominatorsOf(flow: Flow, before: Flow): Dominators {
	const { place, above } = treeOf(flow, { before, root: 0 });
	const { first, last } = numbered(above);
	return {
		dominates(by, at) {
			const [one, other] = [place[by] as number, place[at] as number];
			if (one < 0 || other < 0) return false;
			const entered = first[other] as number;
			return (first[one] as number) <= entered && entered <= (last[one] as number);
		},
	};
}

/**
 * By node: the nearest other one that each way from the root to it passes, the root for itself; -1 where no way leads from the root.
 * `before`: the same edges the other way.
 */
export function immediateDominators(
	flow: Graph,
	from: { readonly before: Graph; readonly root: number },
): readonly number[] {
	const { order, place, above } = treeOf(flow, from);
	return Array.from(place, (at) => (at < 0 ? -1 : (order[above[at] as number] as number)));
}

/** Places in reverse postorder of those that the root reaches, and of each of these places the one right above it. */
function treeOf(
	flow: Graph,
	{ before, root }: { readonly before: Graph; readonly root: number },
): { readonly order: readonly number[]; readonly place: Int32Array; readonly above: Int32Array } {
	const order = reversePostorder(flow, root);
	const place = new Int32Array(flow.length).fill(-1);
	order.forEach((at, i) => {
		place[at] = i;
	});
	// by place in that order: -1 where it is not known yet
	const above = new Int32Array(order.length).fill(-1);
	if (order.length > 0) above[0] = 0;
	const common = (a: number, b: number): number => {
		let [left, right] = [a, b];
		while (left !== right) {
			if (left > right) left = above[left] as number;
			else right = above[right] as number;
		}
		return left;
	};
	for (let again = true; again; ) {
		again = false;
		for (let i = 1; i < order.length; i++) {
			let found = -1;
			for (const from of before[order[i] as number] ?? []) {
				const known = place[from] as number;
				if (known < 0 || above[known] === -1) continue;
				found = found < 0 ? known : common(found, known);
			}
			if (found === above[i]) continue;
			above[i] = found;
			again = true;
		}
	}
	return { order, place, above };
}

function reversePostorder(flow: Graph, root: number): readonly number[] {
	const seen = new Uint8Array(flow.length);
	const done: number[] = [];
	const open: { readonly at: number; next: number }[] = [];
	const enter = (at: number): void => {
		seen[at] = 1;
		open.push({ at, next: 0 });
	};
	if (root < flow.length) enter(root);
	for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
		const to = flow[top.at]?.[top.next++];
		if (to === undefined) done.push((open.pop() as { readonly at: number }).at);
		else if (to < flow.length && seen[to] === 0) enter(to);
	}
	return done.reverse();
}

/** For each node of the tree when it was entered, and the last that was entered below it. */
function numbered(above: Int32Array): { readonly first: Int32Array; readonly last: Int32Array } {
	const below = Array.from(above, (): number[] => []);
	for (let i = 1; i < above.length; i++) below[above[i] as number]?.push(i);
	const first = new Int32Array(above.length);
	const last = new Int32Array(above.length);
	let count = 0;
	const open: { readonly at: number; next: number }[] =
		above.length > 0 ? [{ at: 0, next: 0 }] : [];
	for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
		if (top.next === 0) first[top.at] = count++;
		const to = below[top.at]?.[top.next++];
		if (to !== undefined) open.push({ at: to, next: 0 });
		else last[(open.pop() as { readonly at: number }).at] = count - 1;
	}
	return { first, last };
}
