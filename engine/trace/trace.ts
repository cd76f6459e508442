/**
 * A run made readable: one step per shared access, made by replaying a path (never recorded beside the search).
 *
 * Invariant: plain data; the text of source lines is added by who has the source.
 */
import type { SiteIndex } from '../program/op.js';

/** What one step did to one location. Values are printed by the world (`pfn 3 present|write`, `&mapping#0`). */
export interface Effect {
	/** `pte[1]`, `folio#1._refcount`, `mm.write_protect_seq`. */
	readonly location: string;
	readonly read: string | null;
	readonly wrote: string | null;
}

export interface TraceFrame {
	readonly function: string;
	readonly site: SiteIndex;
}

export interface TraceStep {
	/** 0 is the walk's CPU. */
	readonly cpu: number;
	/** `gup_fast`, or the actor's name. */
	readonly thread: string;
	/** Innermost first; only frames with source of the walk or of an actor (primitives are folded into their caller). */
	readonly frames: readonly TraceFrame[];
	/** What happens, in the kernel's words: `read pte[1]`, `_refcount 1 → 2`. */
	readonly what: string;
	readonly effects: readonly Effect[];
	/** The violation met at this step, if it is the one the trace is about. */
	readonly violation: string | null;
}

/**
 * How two steps hang together by one location, by LKMM's names and the nearest only: `rf` from a write to a read that sees it,
 * `co` from a write to the next one, `fr` from a read to the write that overwrites what it saw.
 */
export interface Relation {
	readonly kind: 'rf' | 'co' | 'fr';
	readonly location: string;
	/** Index of a step; null, of `rf` alone: the value is the one before the first step. */
	readonly from: number | null;
	readonly to: number;
}

/** What a CPU is in, or holds, for some steps. */
export interface Span {
	readonly cpu: number;
	/** Of references: those of the walk. */
	readonly kind: 'irq' | 'rcu' | 'preempt' | 'lock' | 'reference';
	/** The lock, or what the reference is on; empty for sections. */
	readonly what: string;
	/** The step from whose end on; null: since before the first. */
	readonly from: number | null;
	/** The step that ends it; null: none does. */
	readonly to: number | null;
}

export interface Trace {
	/** Short string that replays it: scenario and choices. */
	readonly id: string;
	readonly scenario: string;
	/** Thread names by CPU. */
	readonly threads: readonly string[];
	readonly steps: readonly TraceStep[];
	/** All locations with their value before the first step, in the world's order. */
	readonly initial: readonly { readonly location: string; readonly value: string }[];
	/** In the order of `to`. */
	readonly relations: readonly Relation[];
	/** In the order in which they begin. Under lkmm sections alone. */
	readonly spans: readonly Span[];
}
