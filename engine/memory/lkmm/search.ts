/**
 * The consistent executions of one event structure: reads-from read by read (the one with fewest sources left first),
 * then coherence pair by pair, giving up a branch as soon as an axiom is broken by what has been decided. Each leaf
 * is a different (rf, co), so every execution is visited once, and coherence is kept closed under what SC per location
 * and atomicity force, so that few branches die late.
 *
 * A read may take a write whose value is not known yet (load buffering): values flow along rf when they can, and a
 * constraint of a thread's run is checked once its reads have values. A cycle of copies out of thin air has no number;
 * it gets a symbolic value, as in herd7. Other cycles of values are no executions.
 *
 * Invariant: `co` is transitive and holds for every completion of the branch.
 */
import { type Relation, setHas } from '../../base/relation.js';
import { assert } from '../../base/unreachable.js';
import { derive, type Fixed, type Flag } from './axioms.js';
import { Coherence } from './coherence.js';
import type { LocationIndex } from './litmus_program.js';
import { judgePlain, type PlainVerdict, textFlags } from './plain.js';
import { type ReadNode, readNodes } from './read_sources.js';
import type { Combination } from './symmetry.js';
import { ValueFlow } from './value_flow.js';

/** Askings at one depth before it is known whether they are worth it; of the skipped, one in so many is made. */
const PROBES = 16;
/** Refusals rarer than one in so many are not worth asking for. */
const RARELY = 24;

/**
 * Whether the axioms have been asked about what is decided: false, or how many sources the read to decide had before
 * (0: they were asked for another reason).
 */
type Fresh = number | false;

/** A consistent execution, valid during the visit. */
export interface CompleteExecution {
	readonly fixed: Fixed;
	readonly rf: Relation;
	readonly co: Relation;
	readonly flags: readonly Flag[];
	readonly races: readonly (readonly [number, number])[];
	/** Value of a register at the end of its thread. */
	register(thread: number, name: string): number;
	/** Value of the co-last write, or null when nothing accesses the location. */
	location(location: LocationIndex): number | null;
	/** What an event reads or writes; null for events without a value. */
	value(event: number): number | null;
}

/** What is known of an execution while it is being built; null: not decided. */
export interface PartialView {
	register(thread: number, name: string): number | null;
	location(location: LocationIndex): number | null;
}

export interface SearchHooks {
	/** Called once per consistent execution; false stops the search. */
	visit(execution: CompleteExecution): boolean;
	/** False gives up a branch (a `filter` that is already false). */
	plausible(view: PartialView): boolean;
	/** Called at every decision; false stops the search (a limit). */
	proceed(): boolean;
	/** Visits what is coherent and atomic, whatever the other axioms say. */
	readonly unjudged?: boolean;
}

/** Visits every consistent execution whose equal threads come in order; false when a hook stopped it. */
export function search(fixed: Fixed, ordered: Combination['ordered'], hooks: SearchHooks): boolean {
	return new Search(fixed, hooks).run(ordered);
}

const UNJUDGED: PlainVerdict = { coherent: true, flags: [], races: [] };

class Search {
	readonly #fixed: Fixed;
	readonly #hooks: SearchHooks;
	readonly #reads: readonly ReadNode[];
	readonly #coherence: Coherence;
	readonly #flow: ValueFlow;
	readonly #textFlags: readonly Flag[];
	readonly #rf: Relation;
	/** By read: the write it takes, or -1. */
	readonly #source: Int32Array;
	/** Reads that form read-modify-writes and have a source. */
	readonly #atomics: ReadNode[] = [];
	/** By depth: how often the axioms were asked there, and how often that left less to explore. */
	readonly #asked: number[] = [];
	readonly #useful: number[] = [];
	#skipped = 0;

	constructor(fixed: Fixed, hooks: SearchHooks) {
		this.#fixed = fixed;
		this.#hooks = hooks;
		const { structure } = fixed;
		this.#textFlags = textFlags(fixed);
		this.#rf = structure.space.create();
		this.#source = new Int32Array(structure.events.length).fill(-1);
		this.#reads = readNodes(structure);
		this.#coherence = new Coherence(structure);
		this.#flow = new ValueFlow(structure, this.#source);
	}

	run(ordered: Combination['ordered']): boolean {
		if (this.#reads.some((r) => r.sources.length === 0)) return true;
		if (!this.#coherence.begin(ordered)) return true;
		return this.#decideSources(0, this.#reads, false);
	}

	// Reads-from.

	#decideSources(depth: number, left: readonly ReadNode[], fresh: Fresh): boolean {
		if (left.length === 0) return this.#decideOrder(depth, fresh !== false);
		if (!this.#hooks.proceed()) return false;
		let best: readonly number[] | null = null;
		let chosen: ReadNode | null = null;
		for (const node of left) {
			const viable = node.sources.filter((w) => this.#viable(depth, node, w));
			if (best === null || viable.length < best.length) {
				best = viable;
				chosen = node;
			}
			if (best.length < 2) break;
		}
		assert(best !== null && chosen !== null, 'a read to decide');
		// What is forced is decided at once; before a choice the axioms are asked, which may leave less to choose.
		if (best.length > 1 && fresh === false && this.#worthAsking(depth)) {
			return this.#refresh(depth) ? this.#decideSources(depth, left, best.length) : true;
		}
		if (fresh !== false && best.length < fresh) this.#foundUseful(depth);
		const rest = left.filter((n) => n !== chosen);
		for (const write of best) {
			const mark = this.#flow.mark();
			const ok =
				this.#assign(depth + 1, chosen, write) && this.#hooks.plausible(this.#view(depth + 1));
			const on = ok ? this.#decideSources(depth + 1, rest, false) : true;
			this.#unassign(chosen, write, mark);
			if (!on) return false;
		}
		return true;
	}

	/** Quick test that a source does not contradict what is decided. */
	#viable(depth: number, node: ReadNode, write: number): boolean {
		const { co, hb, late } = this.#coherence.level(depth);
		const { space } = this.#fixed.structure;
		if (space.has(hb, node.event, write) && this.#isMarkedRfe(write, node.event)) return false;
		const words = this.#fixed.structure.space.words;
		for (let i = 0; i < words; i++) {
			const overwriting = co[write * words + i] as number;
			if ((overwriting & (late[node.event * words + i] as number)) !== 0) return false;
		}
		for (const w of node.writesBefore) if (space.has(co, write, w)) return false;
		for (const w of node.writesAfter) if (space.has(co, w, write)) return false;
		for (const r of node.readsBefore) {
			const w = this.#source[r] as number;
			if (w >= 0 && space.has(co, write, w)) return false;
		}
		for (const r of node.readsAfter) {
			const w = this.#source[r] as number;
			if (w >= 0 && space.has(co, w, write)) return false;
		}
		if (node.partner < 0) return true;
		return this.#atomics.every((other) => this.#source[other.event] !== write);
	}

	/** Makes a read take a write, in a new level of co; false when something is contradicted. */
	#assign(depth: number, node: ReadNode, write: number): boolean {
		this.#coherence.copyDown(depth);
		this.#source[node.event] = write;
		this.#fixed.structure.space.add(this.#rf, write, node.event);
		if (node.partner >= 0) this.#atomics.push(node);
		for (const w of node.writesBefore)
			if (w !== write && !this.#coherence.order(depth, w, write)) return false;
		for (const w of node.writesAfter) if (!this.#coherence.order(depth, write, w)) return false;
		for (const r of node.readsBefore) {
			const w = this.#source[r] as number;
			if (w >= 0 && w !== write && !this.#coherence.order(depth, w, write)) return false;
		}
		for (const r of node.readsAfter) {
			const w = this.#source[r] as number;
			if (w >= 0 && w !== write && !this.#coherence.order(depth, write, w)) return false;
		}
		if (!this.#coherence.closeAtomics(depth, this.#atomics, this.#source)) return false;
		const value = this.#flow.values[write] ?? null;
		return value === null || this.#flow.learn(node.event, value);
	}

	#unassign(node: ReadNode, write: number, mark: number): void {
		this.#flow.undo(mark);
		if (node.partner >= 0) this.#atomics.pop();
		this.#source[node.event] = -1;
		const at = write * this.#fixed.structure.space.words + (node.event >>> 5);
		this.#rf[at] = (this.#rf[at] as number) & ~(1 << (node.event & 31));
	}

	// The axioms.

	/** Asks the axioms about what is decided; false when one is broken. */
	#refresh(depth: number): boolean {
		if (this.#hooks.unjudged === true) return true;
		const level = this.#coherence.level(depth);
		const { space } = this.#fixed.structure;
		const mark = space.mark();
		const derived = derive(this.#fixed, { rf: this.#rf, co: level.co });
		if (typeof derived !== 'string') {
			level.hb.set(derived.hbPlus);
			level.late.set(space.inverse(derived.late));
		}
		space.release(mark);
		this.#asked[depth] = (this.#asked[depth] ?? 0) + 1;
		if (typeof derived === 'string') this.#foundUseful(depth);
		return typeof derived !== 'string';
	}

	#foundUseful(depth: number): void {
		this.#useful[depth] = (this.#useful[depth] ?? 0) + 1;
	}

	/**
	 * Whether to ask the axioms at a choice: not where they nearly always had nothing against the branch. (Every execution
	 * is judged by them in the end; this only says how early.)
	 */
	#worthAsking(depth: number): boolean {
		const asked = this.#asked[depth] ?? 0;
		if (asked < PROBES || (this.#useful[depth] ?? 0) * RARELY >= asked) return true;
		this.#skipped++;
		return this.#skipped % PROBES === 0;
	}

	/** Whether reading from a write would be an edge of hb. */
	#isMarkedRfe(write: number, read: number): boolean {
		const { marked, structure } = this.#fixed;
		if (structure.space.has(structure.int, write, read)) return false;
		return setHas(marked, write) && setHas(marked, read);
	}

	// Coherence.

	#decideOrder(depth: number, fresh: boolean): boolean {
		const pair = this.#coherence.undecided(depth, (a, b) => this.#mayPrecede(depth, a, b));
		if (pair === null) return fresh || this.#refresh(depth) ? this.#complete(depth) : true;
		if (!this.#hooks.proceed()) return false;
		const [a, b] = pair;
		const forward = this.#mayPrecede(depth, a, b);
		const backward = this.#mayPrecede(depth, b, a);
		if (forward && backward && !fresh) {
			return this.#refresh(depth) ? this.#decideOrder(depth, true) : true;
		}
		const orders: (readonly [number, number])[] = [];
		if (forward) orders.push([a, b]);
		if (backward) orders.push([b, a]);
		for (const [first, second] of orders) {
			this.#coherence.copyDown(depth + 1);
			const ok =
				this.#coherence.order(depth + 1, first, second) &&
				this.#coherence.closeAtomics(depth + 1, this.#atomics, this.#source) &&
				this.#hooks.plausible(this.#view(depth + 1));
			if (ok && !this.#decideOrder(depth + 1, false)) return false;
		}
		return true;
	}

	/** Whether one write may come before another in co as far as the axioms were asked. */
	#mayPrecede(depth: number, a: number, b: number): boolean {
		const { late } = this.#coherence.level(depth);
		const { space } = this.#fixed.structure;
		if (space.has(late, a, b)) return false;
		return !this.#reads.some((r) => this.#source[r.event] === a && space.has(late, r.event, b));
	}

	// Leaves.

	#view(depth: number): PartialView {
		return {
			register: (thread, name) => {
				const value = this.#fixed.structure.runs[thread]?.registers.get(name) ?? 0;
				return this.#flow.evaluate(value, thread);
			},
			location: (location) => {
				const last = this.#coherence.lastWrite(depth, location);
				return last === null ? null : (this.#flow.values[last] ?? null);
			},
		};
	}

	#complete(depth: number): boolean {
		const mark = this.#flow.mark();
		const done =
			this.#flow.values.includes(null) && !this.#flow.settle() ? true : this.#emit(depth);
		this.#flow.undo(mark);
		return done;
	}

	#emit(depth: number): boolean {
		const { co } = this.#coherence.level(depth);
		const fixed = this.#fixed;
		const unjudged = this.#hooks.unjudged === true;
		const judged = unjudged ? UNJUDGED : judgePlain(fixed, { rf: this.#rf, co });
		if (!judged.coherent) return true;
		const view = this.#view(depth);
		return this.#hooks.visit({
			fixed,
			rf: this.#rf,
			co,
			flags: this.#textFlags.length === 0 ? judged.flags : [...this.#textFlags, ...judged.flags],
			races: judged.races,
			register: (thread, name) => view.register(thread, name) ?? 0,
			location: view.location,
			value: (event) => this.#flow.values[event] ?? null,
		});
	}
}
