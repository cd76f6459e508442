/** What becomes of a task, and what is told of it before. */
import type { GaveUp, Phase } from '../../engine/base/budget.js';
import type { AnalysedFinding } from '../ide/analysis/analysis.js';
import type { AnalysedGuard } from '../ide/guards.js';

export type TaskOutcome<T> =
	| { readonly kind: 'done'; readonly result: T }
	/** A newer task for the same key took its place, or its caller stopped it before it ran. */
	| { readonly kind: 'superseded' }
	/** It met a limit outside of exploration, and its worker was ended; `why` is said as `the check was given up: it …`. */
	| {
			readonly kind: 'ended';
			/** Of its time, or of what a text may make it look at. */
			readonly limit: 'time' | 'room';
			readonly phase: Phase;
			readonly why: string;
	  }
	/** What was given with it makes no sense: `message` is for whoever gave it. */
	| { readonly kind: 'refused'; readonly message: string }
	| { readonly kind: 'failed'; readonly message: string };

/** A task that met a limit by itself. */
export function endedBy(
	{ phase, met }: GaveUp,
	seconds: number,
): Extract<TaskOutcome<never>, { kind: 'ended' }> {
	return met === null
		? { kind: 'ended', limit: 'time', phase, why: `spent its ${seconds} s in ${phase}` }
		: { kind: 'ended', limit: 'room', phase, why: `could not go on: the text ${met}` };
}

export interface TaskHandlers {
	progress?(done: number, total: number, scenario: string): void;
	found?(finding: AnalysedFinding): void;
	/** All guards that are known so far. */
	guards?(guards: readonly AnalysedGuard[]): void;
}
