/** The nodes of a skeleton while it is made, and the ways that lead on from them. */
import type { Place } from './effect.js';
import { ENTRY, EXIT, type Skeleton, type SkeletonNode, stepsOf } from './graph.js';

/** Nodes of one skeleton. */
const nodesMax = 3000;
/** Nodes of a callee that are copied into its caller. */
const copiedMax = 600;

/** The nodes from which a place is come to; none: it is not. */
export type Ways = ReadonlySet<number>;
export const NOWHERE: Ways = new Set();

export class Nodes {
	readonly list: SkeletonNode[] = [emptyNode(), emptyNode()];

	/** A node that is come to from all of these, as the only way on. */
	add({ effects, name, trail }: Omit<SkeletonNode, 'next'>, at: Ways): Ways {
		if (at.size === 0) return at;
		this.list.push({ effects, name, trail, next: new Set() });
		const index = this.list.length - 1;
		this.connect(at, index);
		return new Set([index]);
	}

	/** The steps of what is called at a place. */
	inlined(sub: Skeleton, here: Place, at: Ways): Ways {
		const steps = stepsOf(sub);
		if (steps.length === 0 || at.size === 0) return at;
		const [first] = steps;
		if (sub.nodes.length > copiedMax || this.list.length + sub.nodes.length > nodesMax) {
			const effects = [...new Set(steps.flatMap(({ node }) => node.effects))];
			const trail = [here, ...(first?.node.trail ?? [])];
			return this.add({ effects, name: first?.node.name ?? '', trail }, at);
		}
		const base = this.list.length;
		for (const { effects, name, trail, next } of sub.nodes)
			this.list.push({
				effects,
				name,
				trail: trail.length === 0 ? trail : [here, ...trail],
				next: new Set([...next].map((n) => n + base)),
			});
		this.connect(at, base + ENTRY);
		return new Set([base + EXIT]);
	}

	empty(): number {
		this.list.push(emptyNode());
		return this.list.length - 1;
	}

	/** A node at which these ways meet. */
	join(at: Ways): number {
		const index = this.empty();
		this.connect(at, index);
		return index;
	}

	connect(at: Ways, to: number): void {
		for (const from of at) this.list[from]?.next.add(to);
	}
}

function emptyNode(): SkeletonNode {
	return { effects: [], name: '', trail: [], next: new Set() };
}

export function both(a: Ways, b: Ways): Ways {
	if (a.size === 0) return b;
	return b.size === 0 ? a : new Set([...a, ...b]);
}
