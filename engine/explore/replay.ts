/**
 * A path made into states again. Traces and links come from here.
 *
 * Invariant: replaying the same path on the same model gives the same states and incidents.
 */
import type { Choice, Step } from '../base/step.js';
import type { Model } from './model.js';
import type { Path } from './path.js';

export interface ReplayedStep<S, V> {
	readonly before: S;
	readonly after: S;
	readonly choice: Choice;
	readonly step: Step<V>;
}

export type Replayed<S, V> =
	| { readonly kind: 'complete'; readonly steps: readonly ReplayedStep<S, V>[]; readonly last: S }
	/** Choice `index` of the path is not possible where the run then is. */
	| {
			readonly kind: 'impossible';
			readonly steps: readonly ReplayedStep<S, V>[];
			readonly index: number;
	  };

/** Follows a path from the initial state. */
export function replay<S, V>(model: Model<S, V>, path: Path): Replayed<S, V> {
	const steps: ReplayedStep<S, V>[] = [];
	let state = model.initial();
	for (const [index, choice] of path.entries()) {
		const step = stepOf(model, state, choice);
		if (step === null) return { kind: 'impossible', steps, index };
		const after = model.successor(state, choice.thread, step);
		steps.push({ before: state, after, choice, step });
		state = after;
	}
	return { kind: 'complete', steps, last: state };
}

/** The step a choice names in a state, or null when it is not enabled there. */
export function stepOf<S, V>(model: Model<S, V>, state: S, choice: Choice): Step<V> | null {
	if (choice.thread >= model.threads) return null;
	const { steps } = model.moves(state, choice.thread);
	return steps.find((s) => s.alternative === choice.alternative) ?? null;
}

/** True if the step reports a violation of that key. */
export function violates<S, V>(model: Model<S, V>, step: Step<V>, key: string): boolean {
	return step.incidents.some((i) => i.kind === 'violation' && model.key(i.violation) === key);
}
