/**
 * Relations that remember how they came about. A traced space computes what any space does and keeps for every result
 * its operator and operands, so that a pair of a derived relation can be explained by a shortest path of pairs of the
 * relations it is made of. Whoever computes in it needs not know: the axioms are explained by evaluating them.
 *
 * A path's length counts the pairs of relations at which expansion stops (`isBase`, and relations made pair by pair);
 * pairs of the identity count nothing.
 *
 * Invariant: nothing is recycled, so a traced space is for one execution, not for a search.
 */
import { type EventSet, type Relation, RelationSpace } from './relation.js';
import { assert } from './unreachable.js';

/** One pair of a path. `parts` are the pairs it is made of; empty for base pairs. */
export interface PathStep {
	/** The name of the relation, or null for a relation that has none. */
	readonly name: string | null;
	readonly from: number;
	readonly to: number;
	readonly parts: readonly PathStep[];
}

type Origin =
	| { readonly kind: 'leaf' }
	| { readonly kind: 'same' | 'inverse' | 'plus' | 'star' | 'maybe'; readonly of: Relation }
	| { readonly kind: 'identity' }
	| { readonly kind: 'union' | 'both'; readonly of: readonly Relation[] }
	| { readonly kind: 'sequence'; readonly first: Relation; readonly second: Relation }
	| {
			readonly kind: 'project' | 'lift';
			readonly of: Relation;
			readonly members: readonly number[];
	  };

interface Trace {
	readonly space: RelationSpace;
	readonly origin: Origin;
	name: string | null;
	costs: Float64Array | null;
}

/** What traces of a family of spaces share. */
class Traces {
	readonly of = new Map<Relation, Trace>();
	readonly named = new Map<string, Relation>();
	/** Named relations at which expansion stops, and those that only restrict others. */
	readonly isBase: (name: string) => boolean;
	readonly isGuard: (name: string) => boolean;
	readonly surcharge: (name: string) => number;

	constructor(options: TraceOptions) {
		this.isBase = options.isBase;
		this.isGuard = options.isGuard;
		this.surcharge = options.surcharge;
	}
}

export interface TraceOptions {
	/** Names of relations that are not taken apart. */
	readonly isBase: (name: string) => boolean;
	/** Names of relations that restrict others and are no evidence themselves (`int`, `loc`). */
	readonly isGuard: (name: string) => boolean;
	/** Added for each pair of a named relation: of paths of equal length those without it are taken. */
	readonly surcharge: (name: string) => number;
}

export class TracedSpace extends RelationSpace {
	readonly #traces: Traces;
	/** What the events of a smaller space are in the one it was made from. */
	#members: readonly number[] | null = null;

	constructor(size: number, options: TraceOptions | Traces) {
		super(size);
		this.#traces = options instanceof Traces ? options : new Traces(options);
	}

	/** The relation that was given a name last, or null. */
	find(name: string): Relation | null {
		return this.#traces.named.get(name) ?? null;
	}

	/** How many base pairs the shortest path has that makes i → j; Infinity when there is none. */
	distance(r: Relation, from: number, to: number): number {
		return this.#costs(r)[from * this.size + to] as number;
	}

	/** A shortest path for a pair of a relation, taken apart down to base relations. */
	explain(r: Relation, from: number, to: number): PathStep {
		assert(this.has(r, from, to), 'only what is related can be explained');
		const trace = this.#trace(r);
		const { name } = trace;
		const parts =
			name !== null && this.#traces.isBase(name) ? [] : this.#parts(trace.origin, from, to);
		const outer = (event: number): number => this.#members?.[event] ?? event;
		return { name, from: outer(from), to: outer(to), parts: parts.flatMap(unnamedParts) };
	}

	// Operators.

	override ofSize(size: number): RelationSpace {
		return new TracedSpace(size, this.#traces);
	}

	override named(name: string, r: Relation): Relation {
		const before = this.#trace(r);
		// A relation may be an operand under one name and a definition under another.
		const named = before.name === null ? r : this.keep(r);
		this.#trace(named).name = name;
		this.#traces.named.set(name, named);
		return named;
	}

	override release(): void {}

	override keep(r: Relation): Relation {
		return this.#from({ kind: 'same', of: r }, super.keep(r));
	}

	override identity(set: EventSet): Relation {
		return this.#from({ kind: 'identity' }, super.identity(set));
	}

	override union(a: Relation, ...rest: readonly Relation[]): Relation {
		return this.#from({ kind: 'union', of: [a, ...rest] }, super.union(a, ...rest));
	}

	override intersect(a: Relation, b: Relation): Relation {
		return this.#from({ kind: 'both', of: [a, b] }, super.intersect(a, b));
	}

	override difference(a: Relation, b: Relation): Relation {
		return this.#from({ kind: 'same', of: a }, super.difference(a, b));
	}

	override irreflexivePart(a: Relation): Relation {
		return this.#from({ kind: 'same', of: a }, super.irreflexivePart(a));
	}

	override restrict(from: EventSet | null, r: Relation, to: EventSet | null): Relation {
		return this.#from({ kind: 'same', of: r }, super.restrict(from, r, to));
	}

	override sequence(a: Relation, b: Relation): Relation {
		return this.#from({ kind: 'sequence', first: a, second: b }, super.sequence(a, b));
	}

	override inverse(a: Relation): Relation {
		return this.#from({ kind: 'inverse', of: a }, super.inverse(a));
	}

	override plus(a: Relation): Relation {
		return this.#from({ kind: 'plus', of: a }, super.plus(a));
	}

	override star(a: Relation): Relation {
		return this.#from({ kind: 'star', of: a }, super.star(a));
	}

	override maybe(a: Relation): Relation {
		return this.#from({ kind: 'maybe', of: a }, super.maybe(a));
	}

	override project(r: Relation, members: readonly number[], small: RelationSpace): Relation {
		const out = super.project(r, members, small);
		if (small instanceof TracedSpace) small.#members = members;
		this.#traces.of.set(out, trace(small, { kind: 'project', of: r, members }));
		return out;
	}

	override lift(r: Relation, members: readonly number[], small: RelationSpace): Relation {
		return this.#from({ kind: 'lift', of: r, members }, super.lift(r, members, small));
	}

	#from(origin: Origin, r: Relation): Relation {
		this.#traces.of.set(r, trace(this, origin));
		return r;
	}

	#trace(r: Relation): Trace {
		let found = this.#traces.of.get(r);
		if (found === undefined) {
			found = trace(this, { kind: 'leaf' });
			this.#traces.of.set(r, found);
		}
		return found;
	}

	// Distances.

	#costs(r: Relation): Float64Array {
		const trace = this.#trace(r);
		if (trace.costs !== null) return trace.costs;
		const space = trace.space as TracedSpace;
		const isBase = trace.name !== null && this.#traces.isBase(trace.name);
		const found = isBase ? space.#leafCosts(r) : space.#originCosts(trace.origin, r);
		const surcharge = trace.name === null ? 0 : this.#traces.surcharge(trace.name);
		// What a restriction took away is not there, whatever it was made of.
		for (let i = 0; i < space.size; i++) {
			for (let j = 0; j < space.size; j++) {
				const at = i * space.size + j;
				if (space.has(r, i, j)) found[at] = (found[at] as number) + surcharge;
				else found[at] = Number.POSITIVE_INFINITY;
			}
		}
		trace.costs = found;
		return found;
	}

	#leafCosts(r: Relation): Float64Array {
		return this.#table((i, j) => (this.has(r, i, j) ? 1 : Number.POSITIVE_INFINITY));
	}

	#originCosts(origin: Origin, r: Relation): Float64Array {
		const n = this.size;
		const at = (costs: Float64Array, i: number, j: number): number => costs[i * n + j] as number;
		switch (origin.kind) {
			case 'leaf':
				return this.#leafCosts(r);
			case 'identity':
				return this.#table((i, j) => (i === j ? 0 : Number.POSITIVE_INFINITY));
			case 'same':
				return this.#costs(origin.of).slice();
			case 'inverse': {
				const costs = this.#costs(origin.of);
				return this.#table((i, j) => at(costs, j, i));
			}
			case 'union': {
				const all = origin.of.map((part) => this.#costs(part));
				return this.#table((i, j) => Math.min(...all.map((costs) => at(costs, i, j))));
			}
			case 'both': {
				const all = this.#evidence(origin.of).map((part) => this.#costs(part));
				return this.#table((i, j) => all.reduce((sum, costs) => sum + at(costs, i, j), 0));
			}
			case 'sequence':
				return this.#joined(this.#costs(origin.first), this.#costs(origin.second));
			case 'maybe': {
				const costs = this.#costs(origin.of);
				return this.#table((i, j) => (i === j ? 0 : at(costs, i, j)));
			}
			case 'plus':
				return this.#closed(this.#costs(origin.of));
			case 'star': {
				const costs = this.#closed(this.#costs(origin.of));
				return this.#table((i, j) => (i === j ? 0 : at(costs, i, j)));
			}
			case 'project': {
				const { members } = origin;
				const { size } = this.#trace(origin.of).space;
				const costs = this.#costs(origin.of);
				return this.#table(
					(i, j) => costs[(members[i] as number) * size + (members[j] as number)] as number,
				);
			}
			case 'lift': {
				const { members } = origin;
				const costs = this.#costs(origin.of);
				const out = this.#table(() => Number.POSITIVE_INFINITY);
				members.forEach((from, i) => {
					members.forEach((to, j) => {
						out[from * n + to] = costs[i * members.length + j] as number;
					});
				});
				return out;
			}
		}
	}

	#table(cost: (from: number, to: number) => number): Float64Array {
		const out = new Float64Array(this.size * this.size);
		for (let i = 0, at = 0; i < this.size; i++) {
			for (let j = 0; j < this.size; j++, at++) out[at] = cost(i, j);
		}
		return out;
	}

	#joined(a: Float64Array, b: Float64Array): Float64Array {
		const n = this.size;
		const out = new Float64Array(n * n).fill(Number.POSITIVE_INFINITY);
		for (let i = 0; i < n; i++) {
			for (let k = 0; k < n; k++) {
				const first = a[i * n + k] as number;
				if (first === Number.POSITIVE_INFINITY) continue;
				for (let j = 0; j < n; j++) {
					const sum = first + (b[k * n + j] as number);
					if (sum < (out[i * n + j] as number)) out[i * n + j] = sum;
				}
			}
		}
		return out;
	}

	/** Floyd and Warshall's shortest paths of one step or more. */
	#closed(a: Float64Array): Float64Array {
		const n = this.size;
		const out = a.slice();
		for (let k = 0; k < n; k++) {
			for (let i = 0; i < n; i++) {
				const first = out[i * n + k] as number;
				if (first === Number.POSITIVE_INFINITY) continue;
				for (let j = 0; j < n; j++) {
					const sum = first + (out[k * n + j] as number);
					if (sum < (out[i * n + j] as number)) out[i * n + j] = sum;
				}
			}
		}
		return out;
	}

	/** The operands of an intersection that say why; all of them when none is more than a restriction. */
	#evidence(parts: readonly Relation[]): readonly Relation[] {
		const telling = parts.filter((part) => !this.#onlyRestricts(part));
		return telling.length === 0 ? parts : telling;
	}

	#onlyRestricts(r: Relation): boolean {
		const { name, origin } = this.#trace(r);
		if (name !== null) return this.#traces.isGuard(name);
		return origin.kind === 'same' && this.#onlyRestricts(origin.of);
	}

	// Paths.

	#parts(origin: Origin, from: number, to: number): readonly PathStep[] {
		switch (origin.kind) {
			case 'leaf':
			case 'identity':
				return [];
			case 'same':
				return [this.explain(origin.of, from, to)];
			case 'inverse':
				// Backwards: whoever reads it sees a path from `to` to `from`.
				return [this.explain(origin.of, to, from)];
			case 'union': {
				const cost = (part: Relation): number => this.distance(part, from, to);
				const best = origin.of.reduce((a, b) => (cost(b) < cost(a) ? b : a));
				return [this.explain(best, from, to)];
			}
			case 'both':
				return this.#evidence(origin.of).map((part) => this.explain(part, from, to));
			case 'sequence': {
				const { first, second } = origin;
				const middle = this.#best(
					(k) => this.distance(first, from, k) + this.distance(second, k, to),
				);
				return [this.explain(first, from, middle), this.explain(second, middle, to)];
			}
			case 'maybe':
				return from === to ? [] : [this.explain(origin.of, from, to)];
			case 'star':
				return from === to ? [] : this.#walk(origin.of, from, to);
			case 'plus':
				return this.#walk(origin.of, from, to);
			case 'project': {
				const { members } = origin;
				const space = this.#trace(origin.of).space as TracedSpace;
				return [space.explain(origin.of, members[from] as number, members[to] as number)];
			}
			case 'lift': {
				const { members } = origin;
				const space = this.#trace(origin.of).space as TracedSpace;
				return [space.explain(origin.of, members.indexOf(from), members.indexOf(to))];
			}
		}
	}

	/** The steps of a shortest path from one event to another, one at least. */
	#walk(r: Relation, from: number, to: number): readonly PathStep[] {
		const steps = this.#costs(r);
		const rest = this.#closed(steps);
		const n = this.size;
		const path: PathStep[] = [];
		for (let at = from; ; ) {
			assert(path.length <= n, 'a shortest path visits no event twice');
			const direct = steps[at * n + to] as number;
			if (direct <= (rest[at * n + to] as number)) return [...path, this.explain(r, at, to)];
			const next = this.#best((k) =>
				k === at
					? Number.POSITIVE_INFINITY
					: (steps[at * n + k] as number) + (rest[k * n + to] as number),
			);
			path.push(this.explain(r, at, next));
			at = next;
		}
	}

	#best(cost: (event: number) => number): number {
		let best = 0;
		for (let k = 1; k < this.size; k++) if (cost(k) < cost(best)) best = k;
		return best;
	}
}

function trace(space: RelationSpace, origin: Origin): Trace {
	return { space, origin, name: null, costs: null };
}

/** A step without a name is its parts; a base one without a name stays. */
function unnamedParts(step: PathStep): readonly PathStep[] {
	return step.name === null && (step.parts.length > 0 || step.from === step.to)
		? step.parts
		: [step];
}
