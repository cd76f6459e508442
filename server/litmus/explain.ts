/**
 * A litmus test explained: what its condition asks, an execution or the cycle that forbids it, data races, and the weakest
 * ordering that would change the answer. Plain data, ready for JSON; drawing is left to whoever shows it.
 */

import type { Generation } from '../../engine/memory/lkmm/axioms.js';
import type { RaceExplanation } from '../../engine/memory/lkmm/explain.js';
import { EXPLAIN_OPTIONS, explain, explainRace } from '../../engine/memory/lkmm/explain.js';
import type { Explanation } from '../../engine/memory/lkmm/explanation.js';
import type { Condition } from '../../engine/memory/lkmm/litmus_program.js';
import { DEFAULT_OPTIONS, outcomes } from '../../engine/memory/lkmm/outcomes.js';
import { isEndless, NO_END } from './endless.js';
import { type LitmusTest, parseLitmus } from './parse.js';
import { BARRIER_TRIES_MAX, type BarrierAdvice, weakestBarrier } from './weakest_barrier.js';

export interface LitmusExplanation {
	readonly name: string;
	/** What is explained: `exists (…)` as written; for `forall`, the negation of what is written. */
	readonly asked: string;
	readonly explanation: Explanation;
	/** An execution with a data race, or null. */
	readonly race: RaceExplanation | null;
	/** For an outcome that is allowed: what would forbid it. */
	readonly barrier: BarrierAdvice | null;
	/** For a data race: what would end it. */
	readonly raceBarrier: BarrierAdvice | null;
}

export interface LitmusExplainOptions {
	readonly generation: Generation;
	readonly loopMax: number;
	/** Whether to look for the weakest barrier, which takes longest. */
	readonly barriers: boolean;
	readonly cancelled: () => boolean;
}

/** Explains the text of a test; throws LitmusProblem. */
export function explainLitmus(text: string, options: LitmusExplainOptions): LitmusExplanation {
	const test = parseLitmus(text);
	const { program, shell } = test;
	const { generation, loopMax, cancelled } = options;
	const limits = { ...EXPLAIN_OPTIONS, generation, loopMax, cancelled };
	const isForall = program.quantifier === 'forall';
	const target: Condition = isForall
		? { kind: 'not', operand: program.condition }
		: program.condition;
	const explained = explain(program, target, limits);
	const explanation = isAsked(explained, test, options)
		? explained
		: ({ kind: 'undecided', why: NO_END } as const);
	const race = explainRace(program, limits);
	const tries = { generation, loopMax, cancelled, triesMax: BARRIER_TRIES_MAX };
	const condition = shell.condition.text.trim().replace(/\s+/g, ' ');
	return {
		name: program.name,
		asked: isForall ? `not ${condition}` : `exists ${condition}`,
		explanation,
		race,
		barrier:
			options.barriers && explanation.kind === 'allowed'
				? weakestBarrier(text, 'forbid', tries)
				: null,
		raceBarrier: options.barriers && race !== null ? weakestBarrier(text, 'no race', tries) : null,
	};
}

/** Whether the condition is asked of any execution at all; what does not occur does not occur either where it is not. */
function isAsked(
	{ kind }: Explanation,
	test: LitmusTest,
	{ generation, loopMax, cancelled }: LitmusExplainOptions,
): boolean {
	if (kind !== 'impossible' && kind !== 'forbidden') return true;
	const limits = { ...DEFAULT_OPTIONS, generation, loopMax, cancelled, verdictOnly: true };
	const found = outcomes(test.program, limits);
	return found.limit !== null || !isEndless(test, found);
}
