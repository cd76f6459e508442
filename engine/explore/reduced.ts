/**
 * Depth-first search with persistent sets: in each state only a set T of threads moves such that nothing the others may
 * ever do conflicts with the next steps of T (Godefroid, "Partial-Order Methods", 1996, ch. 4). What the others may do is
 * not computed ahead, it is what the search has seen them do (`Futures`): where that grows, states whose T relied on less
 * are looked at again and get more threads, until nothing changes.
 *
 * Why this loses nothing. Take the final sets and a state graph without cycles; claim: from every visited state s each maximal
 * run has an explored run equal to it up to swaps of independent steps. Induct on the longest run from s. Let w be a run
 * from s in which some thread outside T makes a step x that conflicts with T's next step t, with w before x moving only
 * threads outside T and conflicting with nothing of T. Then t commutes past w, and s·t·w is a run. Up to the first cell
 * that t wrote, x does the same after s·t·w as after s·w, so there it conflicts with t as well. The run s·t·w·x is, by
 * induction from s·t, explored up to swaps, and swaps keep every thread's positions and footprints: so the search did see
 * that thread make x from a position behind the one it has in s, and x is in its future: T would not have been chosen.
 * Hence no run outside T ever conflicts with T, which is what makes T persistent. A thread that is blocked counts with the
 * cells that decide it, so that whoever can wake it up conflicts with it; threads blocked in T stay blocked until T moves.
 *
 * With cycles, a thread could be left out for ever while others go round ("ignoring"). A run can only come back to where it
 * was through a step that says that it `closes`; where one is in T, all threads move. The induction then is on the length
 * of w·x first, and on the steps until a state where all threads move or T holds one of w's threads second.
 *
 * Invariant: same violations, same ends, same cuts as `dfs`.
 */
import type { Moves } from '../base/step.js';
import { Futures } from './futures.js';
import { type Exploration, Graph, type SearchLimits, type StateIndex } from './graph.js';
import type { Model } from './model.js';

/** Explores one run of each class of equivalent ones, or a few more. */
export function reduced<S, V>(model: Model<S, V>, limits: SearchLimits): Exploration<S, V> {
	return new ReducedSearch(model, limits).run();
}

class ReducedSearch<S, V> {
	private readonly model: Model<S, V>;
	private readonly graph: Graph<S, V>;
	private readonly futures: Futures;
	/** By state: bit t is set once thread t's steps were followed. */
	private readonly followed: number[] = [];
	/** By state: round in which its set was last found persistent, -1 when all enabled threads move. */
	private readonly checkedIn: number[] = [];
	private round = 0;
	private readonly stack: StateIndex[] = [];
	/** Moves whose footprint and successors are noted. */
	private readonly noted = new Set<Moves<V>>();
	private moves: readonly Moves<V>[] = [];
	private readonly positions: number[] = [];

	constructor(model: Model<S, V>, limits: SearchLimits) {
		this.model = model;
		this.graph = new Graph(model, limits);
		this.futures = new Futures(model.threads);
	}

	run(): Exploration<S, V> {
		this.stack.push(0);
		for (let again = true; again; ) {
			this.drain();
			if (this.graph.over) break;
			this.round = this.futures.close();
			this.recheck();
			again = this.stack.length > 0;
		}
		return this.graph.result();
	}

	private drain(): void {
		for (let i = this.stack.pop(); i !== undefined; i = this.stack.pop()) {
			if (this.graph.over) return;
			this.look(i);
			this.note();
			this.expand(i);
		}
	}

	/** Puts the states back on the stack whose set was chosen on less than is known now, and is no longer persistent. */
	private recheck(): void {
		for (let i = 0; i < this.followed.length; i++) {
			const checked = this.checkedIn[i] as number;
			if (checked < 0) continue;
			this.look(i);
			if (this.grewSince(checked) && this.closure(this.followed[i] as number) !== this.followed[i])
				this.stack.push(i);
			else this.checkedIn[i] = this.round;
		}
	}

	/** What a thread may touch from its position grew in that round or later. */
	private grewSince(round: number): boolean {
		for (const position of this.positions) if (this.futures.grewSince(position, round)) return true;
		return false;
	}

	/** Loads `moves` and `positions` with those of a state. */
	private look(index: StateIndex): void {
		const { model } = this;
		const state = this.graph.states[index] as S;
		this.moves = this.graph.moves(index);
		for (let t = 0; t < model.threads; t++) {
			this.positions[t] = this.futures.at(t, model.position(state, t));
		}
	}

	private note(): void {
		for (let t = 0; t < this.model.threads; t++) {
			const moves = this.moves[t] as Moves<V>;
			if (this.noted.has(moves) || moves.status === 'done' || moves.status === 'cut') continue;
			this.noted.add(moves);
			const at = this.positions[t] as number;
			this.futures.touch(at, moves);
			for (const step of moves.steps) {
				this.futures.lead(at, this.futures.at(t, step.position));
			}
		}
	}

	private expand(index: StateIndex): void {
		const before = this.followed[index] ?? 0;
		const all = this.enabled();
		let chosen = this.persistent(before, all);
		if (chosen !== all && this.closes(chosen)) chosen = all;
		this.followAll(index, chosen & ~before);
		this.followed[index] = chosen;
		this.checkedIn[index] = chosen === all ? -1 : this.round;
	}

	/** True if a step of the mask's threads may lead back to where the run was. */
	private closes(mask: number): boolean {
		for (let t = 0; t < this.moves.length; t++) {
			if (!((mask >> t) & 1)) continue;
			for (const step of (this.moves[t] as Moves<V>).steps) if (step.closes) return true;
		}
		return false;
	}

	/** Follows the steps of all threads in the mask. */
	private followAll(index: StateIndex, mask: number): void {
		for (let t = 0; t < this.model.threads; t++) {
			if (!((mask >> t) & 1)) continue;
			for (const step of (this.moves[t] as Moves<V>).steps) {
				const next = this.graph.follow(index, t, step);
				if (next >= 0) this.stack.push(next);
			}
		}
	}

	private enabled(): number {
		let mask = 0;
		for (let t = 0; t < this.moves.length; t++)
			if ((this.moves[t] as Moves<V>).status === 'ready') mask |= 1 << t;
		return mask;
	}

	/** A smallest persistent set that holds `must`, as a mask of enabled threads. */
	private persistent(must: number, all: number): number {
		if ((all & (all - 1)) === 0) return all;
		if (must !== 0) return this.closure(must);
		let best = all;
		for (let t = 0; t < this.model.threads; t++) {
			if (!((all >> t) & 1)) continue;
			const closed = this.closure(1 << t);
			if (size(closed) < size(best)) best = closed;
			if (size(best) === 1) break;
		}
		return best;
	}

	/** The enabled threads of the least set that holds `seed` and with whose next steps no other thread's future conflicts. */
	private closure(seed: number): number {
		let closed = seed;
		let pending = seed;
		while (pending !== 0) {
			const t = 31 - Math.clz32(pending);
			pending &= ~(1 << t);
			const moves = this.moves[t] as Moves<V>;
			for (let u = 0; u < this.model.threads; u++) {
				if ((closed >> u) & 1) continue;
				if (!this.futures.conflicts(moves, this.positions[u] as number)) continue;
				closed |= 1 << u;
				pending |= 1 << u;
			}
		}
		return closed & this.enabled();
	}
}

function size(mask: number): number {
	let count = 0;
	for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
	return count;
}
