/**
 * What is said of a walk's guards. Plain data, no presentation.
 *
 * Invariant: `unneeded` rests on every scenario in which the guard acts, explored to the end without it.
 */
import type { SiteIndex } from '../../program/op.js';
import type { Memory, Rule } from '../../rules/verdict.js';

/**
 * `check`: a branch that gives up or turns back, taken away by always going on · `result`: a value returned that decides,
 * taken away by always returning success · `section`: interrupts off, RCU · `barrier` · `read-once`: the read becomes a
 * plain one · `undo`: what is given back on the way out.
 */
export type GuardKind = 'check' | 'result' | 'section' | 'barrier' | 'read-once' | 'undo';

/** What breaks without a guard, by one adversary. */
export interface GuardNeed {
	/** Null: the walk alone breaks it. */
	readonly actor: string | null;
	readonly rule: Rule;
	readonly message: string;
	/** World, flags and adversary, for people. */
	readonly scenario: string;
	/** Only a leaf in the PGD shows it; absent: a leaf below does. */
	readonly leafInPgd?: true;
	readonly memory: Memory;
	/** Steps that touched shared state, of all threads, to the end of the run. */
	readonly steps: number;
	/** Times the run goes over from one CPU to another. */
	readonly switches: number;
	/** Replays the run of the walk without the guard. */
	readonly trace: string;
}

/** Why a guard is not `needed`; with the first two it is `unneeded`, with the others `undecided`. */
export type GuardReason =
	/** It acts, runs end otherwise without it, and nothing that is modelled breaks. */
	| 'harmless'
	/** What it rejects, another check rejects too: see `covered`. */
	| 'covered'
	/** It acts in no explored run: nothing can be said of it; `reached` says whether runs come to it. */
	| 'idle'
	/** It acts, and no explored run ends otherwise without it: there was nothing left to do behind it. */
	| 'no difference'
	/** Interleavings tell nothing of it, and what was explored under lkmm does not need it. */
	| 'not judged'
	/** A limit was met, code was not understood, or it was cancelled; `detail` says which. */
	| 'open';

export interface GuardResult {
	/** Function and op: finds it again in the same program (`gup_fast_pte_range.58`). */
	readonly id: string;
	readonly function: string;
	readonly site: SiteIndex;
	readonly kind: GuardKind;
	/** Of a check: what its condition is when the walk gives up. */
	readonly givesUpWhen: boolean | null;
	readonly verdict: 'needed' | 'unneeded' | 'undecided';
	/** The walk alone first, then by number of switches and steps. */
	readonly needs: readonly GuardNeed[];
	readonly reason: GuardReason | null;
	readonly detail: string | null;
	/** Scenarios in which it acts, and how many there are. */
	readonly scenarios: { readonly acting: number; readonly all: number };
	/** Some run comes to it, whether it acts or not. */
	readonly reached: boolean;
	/** Of a section: where it ends. */
	readonly ends: readonly SiteIndex[];
	/** Checks any one of which suffices in its place: without it and one of them something breaks. */
	readonly covered: readonly { readonly id: string; readonly site: SiteIndex }[];
}

export interface GuardObserver {
	cancelled(): boolean;
	progress(done: number, total: number, what: string): void;
	/** A guard's result as soon as it is known. */
	found?(result: GuardResult): void;
}
