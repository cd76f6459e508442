/**
 * Why an execution is none: the axiom it breaks and a shortest cycle (or pair) of that axiom's relation, taken apart into
 * base relations. The axioms are evaluated as ever, in a space that remembers how each relation came about.
 */
import type { Relation } from '../../base/relation.js';
import { type PathStep, TracedSpace } from '../../base/traced_relation.js';
import { assert } from '../../base/unreachable.js';
import { type Axiom, derive, type Execution, type Fixed, fix, type Generation } from './axioms.js';
import type { ThreadRun } from './event.js';
import type { LitmusProgram } from './litmus_program.js';
import { judgePlain } from './plain.js';
import { eventStructure } from './structure.js';

/** A cycle between events of a structure; edges have their relation's own name (`rf`, not `rfe`). */
export interface EventCycle {
	readonly axiom: Axiom;
	readonly relation: string;
	readonly steps: readonly EventStep[];
	/** Number of base edges. */
	readonly length: number;
}

export interface EventStep {
	readonly relation: string;
	readonly from: number;
	readonly to: number;
	readonly edges: readonly EventEdge[];
}

export interface EventEdge {
	readonly relation: string;
	readonly from: number;
	readonly to: number;
}

/** Relations that a cycle is not taken further apart than. */
const BASE = new Set([
	...['po', 'po-loc', 'rf', 'co', 'fr', 'rmw', 'addr', 'data', 'ctrl', 'mb', 'wmb', 'rmb', 'gp'],
	...['po-rel', 'acq-po', 'after-unlock-lock', 'po-unlock-lock-po', 'rcu-gp', 'srcu-gp'],
	...['rcu-rscsi', 'srcu-rscsi'],
]);
/** Relations that restrict others and explain nothing. */
const GUARDS = new Set(['int', 'ext', 'loc', 'pre-race']);
/** Relations whose pairs a cycle shows by their parts. */
const TRANSPARENT = new Set(['hb', 'pb', 'rb', 'xbstar', 'wr-incoh', 'rw-incoh', 'ww-incoh']);

/** Less than any edge: of cycles of equal length those that need no prop are easier to follow. */
const PROP_SURCHARGE = 1 / 1024;

/** A traced structure of a combination of runs, for explaining executions of it. */
export class CycleFinder {
	readonly #fixed: Fixed;
	readonly #space: TracedSpace;

	constructor(program: LitmusProgram, runs: readonly ThreadRun[], generation: Generation) {
		const options = {
			isBase: (name: string) => BASE.has(name),
			isGuard: (name: string) => GUARDS.has(name),
			surcharge: (name: string) => (name === 'prop' ? PROP_SURCHARGE : 0),
		};
		const structure = eventStructure(program, runs, (size) => new TracedSpace(size, options));
		const { space } = structure;
		assert(space instanceof TracedSpace, 'the space that was asked for');
		this.#space = space;
		this.#fixed = fix(structure, generation);
	}

	/** The first axiom a complete candidate breaks, with a shortest cycle; null when it is an execution. */
	find(execution: Execution): EventCycle | null {
		const s = this.#space;
		const rf = s.named('rf', execution.rf.slice());
		const co = s.named('co', execution.co.slice());
		return this.#incoherent(rf, co) ?? this.#broken({ rf, co });
	}

	#incoherent(rf: Relation, co: Relation): EventCycle | null {
		const s = this.#space;
		const { structure, poLoc } = this.#fixed;
		const fr = s.named('fr', s.sequence(s.inverse(rf), co));
		const coherence = s.union(poLoc, rf, co, fr);
		const cycle = this.#shortest('coherence', 'po-loc | com', s.plus(coherence));
		if (cycle !== null) return cycle;
		const between = s.sequence(s.intersect(fr, structure.ext), s.intersect(co, structure.ext));
		const [pair] = s.pairs(s.intersect(structure.rmw, between));
		if (pair === undefined) return null;
		const parts = [
			...this.#steps(s.explain(between, ...pair)),
			...this.#steps(s.explain(s.named('rmw^-1', s.inverse(structure.rmw)), pair[1], pair[0])),
		];
		return cycleOf('atomic', 'rmw & (fre ; coe)', parts);
	}

	#broken(execution: Execution): EventCycle | null {
		const s = this.#space;
		const named = (name: string): Relation => s.find(name) ?? s.empty();
		const derived = derive(this.#fixed, execution);
		switch (derived) {
			case 'happens-before':
				return this.#shortest(derived, 'hb', s.plus(named('hb')));
			case 'propagation':
				return this.#shortest(derived, 'pb', s.plus(named('pb')));
			case 'rcu':
				return this.#shortest(derived, 'rb', named('rb'));
			default:
				assert(typeof derived !== 'string', 'an axiom that derive asks');
		}
		if (judgePlain(this.#fixed, execution).coherent) return null;
		for (const name of ['wr-incoh', 'rw-incoh', 'ww-incoh']) {
			const [pair] = s.pairs(named(name));
			if (pair === undefined) continue;
			return cycleOf('plain-coherence', name, this.#steps(s.explain(named(name), ...pair)));
		}
		return null;
	}

	/** The shortest way from an event to itself by a relation. */
	#shortest(axiom: Axiom, relation: string, r: Relation): EventCycle | null {
		const s = this.#space;
		let best = -1;
		for (let i = 0; i < s.size; i++) {
			if (!s.has(r, i, i)) continue;
			if (best < 0 || s.distance(r, i, i) < s.distance(r, best, best)) best = i;
		}
		return best < 0 ? null : cycleOf(axiom, relation, this.#steps(s.explain(r, best, best)));
	}

	#steps(path: PathStep): readonly EventStep[] {
		if (path.name === null || TRANSPARENT.has(path.name)) {
			return path.parts.flatMap((part) => this.#steps(part));
		}
		const edges = baseEdges(path);
		// A pair that is the identity, or a base pair of an event with itself, leads nowhere.
		if (edges.length === 0) return [];
		return [{ relation: path.name, from: path.from, to: path.to, edges }];
	}
}

function baseEdges(path: PathStep): readonly EventEdge[] {
	if (path.parts.length > 0) return path.parts.flatMap(baseEdges);
	if (path.from === path.to || path.name === null) return [];
	return [{ relation: path.name, from: path.from, to: path.to }];
}

function cycleOf(axiom: Axiom, relation: string, steps: readonly EventStep[]): EventCycle {
	const length = steps.reduce((sum, step) => sum + step.edges.length, 0);
	return { axiom, relation, steps, length };
}
