/**
 * Explanations of litmus tests as plain data: an execution with its relations, a cycle that forbids one, a data race.
 * What draws or tells them needs nothing else.
 */
import type { Axiom } from './axioms.js';

export interface ShownEvent {
	/** `a`, `b`, …: by thread and program order; initial writes come last. */
	readonly label: string;
	/** -1 for initial writes. */
	readonly thread: number;
	/** `R[acquire] x=1`, `W[once] y=&x`, `rcu_read_lock`, `smp_mb`. */
	readonly text: string;
	readonly kind: 'read' | 'write' | 'mark' | 'fence';
	/** 1-based; null for initial writes. */
	readonly line: number | null;
	readonly column: number | null;
}

/** One pair of a relation, by labels. */
export interface ShownEdge {
	/** Under LKMM's name: `rfe`, `fre`, `coi`, `addr`, `wmb`, `po-rel`, … */
	readonly relation: string;
	readonly from: string;
	readonly to: string;
}

export interface ShownExecution {
	readonly threads: readonly string[];
	/** In order of labels; fences too, which belong to no edge. */
	readonly events: readonly ShownEvent[];
	/** rf, co and fr (next writes only), addr, data, ctrl and rmw. */
	readonly edges: readonly ShownEdge[];
}

/** A step of the relation the axiom speaks about, with the base edges that make it. */
export interface CycleStep {
	/** `ppo`, `rfe`, `prop`, `strong-fence`, `rcu-fence`, … */
	readonly relation: string;
	readonly from: string;
	readonly to: string;
	readonly edges: readonly ShownEdge[];
}

export interface Cycle {
	readonly axiom: Axiom;
	/** The relation that must not have the cycle: `hb`, `pb`, `rb`, `po-loc | com`, `rmw & (fre ; coe)`, … */
	readonly relation: string;
	readonly steps: readonly CycleStep[];
}

/** Two accesses that race; `location` is its name. */
export interface ShownRace {
	readonly first: string;
	readonly second: string;
	readonly location: string;
}

export type Explanation =
	/** An execution that does it. */
	| { readonly kind: 'allowed'; readonly execution: ShownExecution }
	/** An execution that would do it, and what speaks against that. */
	| {
			readonly kind: 'forbidden';
			readonly execution: ShownExecution;
			readonly cycle: Cycle;
			/** How many candidates were looked at, by the axiom they break. */
			readonly candidates: readonly { readonly axiom: Axiom; readonly count: number }[];
			/** False: there are more candidates, so a shorter cycle may exist. */
			readonly complete: boolean;
	  }
	/** No way through the threads gives these values, whatever is ordered. */
	| { readonly kind: 'impossible' }
	| { readonly kind: 'undecided'; readonly why: string };
