/** The protocol skeleton of a function: its steps that have effects, and which may follow which. */
import type { Effect, Place } from './effect.js';

export interface SkeletonNode {
	/** Several where the order among them is not known; none where ways only meet. */
	readonly effects: readonly Effect[];
	/** What was called or written. */
	readonly name: string;
	/** From the function's own text down to the step. */
	readonly trail: readonly Place[];
	readonly next: Set<number>;
}

export interface Skeleton {
	readonly nodes: readonly SkeletonNode[];
	/** Effects that what was not understood, of the function and of what it calls, may have. */
	readonly unread: ReadonlySet<Effect>;
	/** The function itself cannot be read. */
	readonly isBroken: boolean;
}

export const ENTRY = 0;
export const EXIT = 1;

/** Nodes that a way from the function's entry leads to, those without effects among them. */
export function reachedFrom(
	{ nodes }: Skeleton,
	from: Iterable<number>,
	isAvoided: (node: SkeletonNode) => boolean = () => false,
): ReadonlySet<number> {
	const seen = new Set<number>();
	const open = [...from];
	for (let at = open.pop(); at !== undefined; at = open.pop()) {
		for (const next of nodes[at]?.next ?? []) {
			const node = nodes[next];
			if (seen.has(next) || node === undefined || isAvoided(node)) continue;
			seen.add(next);
			open.push(next);
		}
	}
	return seen;
}

/** The nodes with an effect that the function can get to, in the order of its text. */
export function stepsOf(skeleton: Skeleton): readonly { node: SkeletonNode; index: number }[] {
	const reached = reachedFrom(skeleton, [ENTRY]);
	return skeleton.nodes.flatMap((node, index) =>
		node.effects.length > 0 && reached.has(index) ? [{ node, index }] : [],
	);
}

/** The nodes with that effect that the function can get to. */
export function nodesWith(skeleton: Skeleton, effect: Effect): readonly number[] {
	return stepsOf(skeleton).flatMap(({ node, index }) =>
		node.effects.includes(effect) ? [index] : [],
	);
}

/** The nearest nodes with effects before a node, of which `is` says that they count; ways end at them. */
export function nearestBefore(
	skeleton: Skeleton,
	index: number,
	is: (node: SkeletonNode) => boolean,
): readonly number[] {
	const before = new Map<number, number[]>();
	skeleton.nodes.forEach((node, at) => {
		for (const next of node.next) before.set(next, [...(before.get(next) ?? []), at]);
	});
	const found: number[] = [];
	const seen = new Set<number>();
	const open = [...(before.get(index) ?? [])];
	for (let at = open.pop(); at !== undefined; at = open.pop()) {
		const node = skeleton.nodes[at];
		if (seen.has(at) || node === undefined) continue;
		seen.add(at);
		if (is(node)) found.push(at);
		else open.push(...(before.get(at) ?? []));
	}
	return found;
}

/** The nearest nodes after a node of which `is` says that they count; ways end at them. */
export function nearestAfter(
	{ nodes }: Skeleton,
	index: number,
	is: (node: SkeletonNode) => boolean,
): readonly number[] {
	const found: number[] = [];
	const seen = new Set<number>();
	const open = [...(nodes[index]?.next ?? [])];
	for (let at = open.pop(); at !== undefined; at = open.pop()) {
		const node = nodes[at];
		if (seen.has(at) || node === undefined) continue;
		seen.add(at);
		if (is(node)) found.push(at);
		else open.push(...node.next);
	}
	return found;
}
