/** What a debugger is told of a run (`debug.ts`): plain data. */
import type { SiteIndex } from '../program/op.js';
import type { Finding } from '../rules/verdict.js';
import type { Trace, TraceFrame } from '../trace/trace.js';

/** Another move than the run's own: of a CPU, or of an adversary that was not about. */
export type DebugChoice =
	/** `moment`: the number of steps of the trace before it. */
	| { readonly moment: number; readonly cpu: number; readonly alternative: number }
	| { readonly moment: number; readonly actor: string };

export interface DebugFrame extends TraceFrame {
	readonly locals: readonly { readonly name: string; readonly value: string }[];
	/** Locals that are not needed (any more), whose values are not kept. */
	readonly unkept: readonly string[];
}

export interface DebugThread {
	readonly status: 'ready' | 'blocked' | 'refused' | 'done' | 'cut';
	/** Innermost first; empty before the thread's start and after its end. */
	readonly frames: readonly DebugFrame[];
}

export interface DebugMove {
	readonly cpu: number;
	readonly alternative: number;
	/** What it does; null: nothing that is shown. */
	readonly what: string | null;
}

/** Before a step of the trace, or after its last. */
export interface DebugMoment {
	/** By CPU. */
	readonly threads: readonly DebugThread[];
	readonly moves: readonly DebugMove[];
	/** Adversaries that can be let in here in the place of the run's own, which has not moved yet. */
	readonly actors: readonly string[];
}

export interface DebugRun {
	readonly trace: Trace;
	readonly finding: Finding | null;
	/** One more than the trace has steps. */
	readonly moments: readonly DebugMoment[];
	/** Places of the guards that the walk is run without. */
	readonly gone: readonly SiteIndex[];
}

export type Debugged = DebugRun | { readonly trace: null; readonly why: string };
