/**
 * What a search has seen: states with the way they were first reached, what was met, how runs ended, and the limits. All
 * strategies share it; they differ only in which threads they move where.
 *
 * Invariant: every state's stored way leads to it from the initial state, by steps the model really made.
 */
import type { Choice, Incident, Moves, Step } from '../base/step.js';
import { type Ending, ending, type Model } from './model.js';
import type { Path } from './path.js';

export interface SearchLimits {
	/** States before the search ends with `limit`. */
	readonly statesMax: number;
	/** Asked every few thousand states; true ends the search. */
	cancelled?(): boolean;
	/** Also look for states from which no run ends; costs memory. */
	readonly endless?: boolean;
}

export interface FoundViolation<V> {
	readonly key: string;
	readonly violation: V;
	readonly path: Path;
}

/** What a search found, and how far it came. */
export interface Exploration<S, V> {
	/** `exhausted`: every run is represented; `limit`: the limit of states was met. */
	readonly end: 'exhausted' | 'limit' | 'cancelled';
	readonly states: number;
	/** Steps followed. */
	readonly steps: number;
	/** Complete runs followed to their end (runs that meet again in one state count once from there). */
	readonly executions: number;
	/** One per key, in order of discovery. */
	readonly violations: readonly FoundViolation<V>[];
	/** Unsupported code reached and limits met, one per site. */
	readonly cuts: readonly { readonly incident: Incident<never>; readonly path: Path }[];
	/** A run into a deadlock, or null. */
	readonly deadlock: Path | null;
	/** A run to where no step leads to an end any more: it goes round for ever. Null: none, or not looked for. */
	readonly endless: Path | null;
	/** States in which runs end, with how. */
	readonly ends: readonly { readonly state: S; readonly ending: Ending }[];
}

/** Index of a state in its graph. */
export type StateIndex = number;

const CANCEL_INTERVAL = 2048;
/** Fingerprints below are indices of an array. */
const SMALL = 1 << 24;

function isSmall(fingerprint: string | number): fingerprint is number {
	return (
		Number.isInteger(fingerprint) && (fingerprint as number) >= 0 && (fingerprint as number) < SMALL
	);
}

export class Graph<S, V> {
	readonly model: Model<S, V>;
	readonly states: S[] = [];
	private readonly movesOf: (readonly Moves<V>[])[] = [];
	private readonly limits: SearchLimits;
	/** By fingerprint: those that are small numbers, as a machine's are, and others. */
	private readonly numbered: (StateIndex | undefined)[] = [];
	private readonly named = new Map<string | number, StateIndex>();
	private readonly parents: StateIndex[] = [];
	/** The last step of the way to each state: its thread, -1 where there is none, and its alternative. */
	private readonly threads: number[] = [];
	private readonly alternatives: number[] = [];
	private readonly endings: (Ending | null)[] = [];
	/** By state: those that a step leads from to it; only where endless runs are looked for. */
	private readonly before: StateIndex[][] = [];
	private readonly violations = new Map<string, FoundViolation<V>>();
	private readonly cuts = new Map<string, { incident: Incident<never>; path: Path }>();
	private stepCount = 0;
	private executions = 0;
	private deadlock: Path | null = null;
	private stopped: 'limit' | 'cancelled' | null = null;

	constructor(model: Model<S, V>, limits: SearchLimits) {
		this.model = model;
		this.limits = limits;
		this.add(model.initial(), -1, { thread: -1, alternative: 0 });
	}

	/** True once a limit is met or the search is cancelled: nothing more is to be followed. */
	get over(): boolean {
		return this.stopped !== null;
	}

	/** The next steps of a state, by thread. */
	moves(index: StateIndex): readonly Moves<V>[] {
		return this.movesOf[index] as readonly Moves<V>[];
	}

	/** Ending of a state; null when some thread can move. */
	endingOf(index: StateIndex): Ending | null {
		return this.endings[index] ?? null;
	}

	/** Follows one step from a state: notes what was met. The successor's index where it was unknown before; else -1. */
	follow(from: StateIndex, thread: number, step: Step<V>): StateIndex {
		this.stepCount++;
		if (step.incidents.length > 0) this.note(from, thread, step);
		const state = this.model.successor(this.states[from] as S, thread, step);
		const known = this.find(this.model.fingerprint(state));
		const isNew = known === undefined;
		if (isNew && this.meetsLimit()) return -1;
		const index = known ?? this.add(state, from, { thread, alternative: step.alternative });
		if (this.limits.endless) {
			const before = this.before[index];
			if (before === undefined) this.before[index] = [from];
			else before.push(from);
		}
		if (this.endings[index] !== null) this.executions++;
		return isNew ? index : -1;
	}

	/** The way on which a state was first reached. */
	pathTo(index: StateIndex): Choice[] {
		const path: Choice[] = [];
		for (let i = index; ; i = this.parents[i] as number) {
			const thread = this.threads[i] ?? -1;
			if (thread < 0) return path.reverse();
			path.push({ thread, alternative: this.alternatives[i] as number });
		}
	}

	/** The outcome, once the strategy has nothing left to follow. */
	result(): Exploration<S, V> {
		const ends: { state: S; ending: Ending }[] = [];
		this.endings.forEach((end, index) => {
			if (end !== null) ends.push({ state: this.states[index] as S, ending: end });
		});
		return {
			end: this.stopped ?? 'exhausted',
			states: this.states.length,
			steps: this.stepCount,
			executions: this.executions,
			violations: [...this.violations.values()],
			cuts: [...this.cuts.values()],
			deadlock: this.deadlock,
			endless: this.limits.endless && this.stopped === null ? this.endlessRun() : null,
			ends,
		};
	}

	/** A way to a state from which no end is reached, by following steps back from the ends. */
	private endlessRun(): Path | null {
		const ends = this.endings.map((end) => end !== null);
		const open = ends.flatMap((isEnd, index) => (isEnd ? [index] : []));
		for (let i = open.pop(); i !== undefined; i = open.pop()) {
			for (const from of this.before[i] ?? []) {
				if (ends[from]) continue;
				ends[from] = true;
				open.push(from);
			}
		}
		const lost = ends.indexOf(false);
		return lost < 0 ? null : this.pathTo(lost);
	}

	private find(fingerprint: string | number): StateIndex | undefined {
		return isSmall(fingerprint) ? this.numbered[fingerprint] : this.named.get(fingerprint);
	}

	private add(state: S, parent: StateIndex, { thread, alternative }: Choice): StateIndex {
		const index = this.states.length;
		this.states.push(state);
		this.parents.push(parent);
		this.threads.push(thread);
		this.alternatives.push(alternative);
		const fingerprint = this.model.fingerprint(state);
		if (isSmall(fingerprint)) this.numbered[fingerprint] = index;
		else this.named.set(fingerprint, index);
		const moves: Moves<V>[] = [];
		for (let t = 0; t < this.model.threads; t++) moves.push(this.model.moves(state, t));
		this.movesOf.push(moves);
		const end = ending(moves);
		this.endings.push(end);
		if (end === 'deadlock') this.deadlock ??= this.pathTo(index);
		return index;
	}

	private note(from: StateIndex, thread: number, step: Step<V>): void {
		const path = (): Path => [...this.pathTo(from), { thread, alternative: step.alternative }];
		for (const incident of step.incidents) {
			if (incident.kind === 'violation') {
				const key = this.model.key(incident.violation);
				if (this.violations.has(key)) continue;
				this.violations.set(key, { key, violation: incident.violation, path: path() });
			} else {
				const key = `${incident.kind} ${incident.site}`;
				if (!this.cuts.has(key)) this.cuts.set(key, { incident, path: path() });
			}
		}
	}

	private meetsLimit(): boolean {
		const count = this.states.length;
		if (this.stopped !== null) return true;
		if (count >= this.limits.statesMax) this.stopped = 'limit';
		else if (count % CANCEL_INTERVAL === 0 && this.limits.cancelled?.()) this.stopped = 'cancelled';
		return this.stopped !== null;
	}
}
