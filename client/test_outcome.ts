/**
 * The verdicts of a document as a tree of tests: its functions, and below each the adversaries that it was explored against.
 *
 * Invariant: only `holds` passes; what is not decided is an error and never a pass.
 */
import type { Verdict } from '../server/protocol.js';
import { type DocumentVerdicts, type FunctionLine, isStale } from './verdict_lines.js';
import { t } from './view/words.js';

export type Outcome = 'passed' | 'failed' | 'errored';

const OUTCOMES: Readonly<Record<Verdict, Outcome>> = {
	holds: 'passed',
	violated: 'failed',
	inconclusive: 'errored',
	unsupported: 'errored',
};

/** What is reported of a function against an adversary; null: it is not known (any more). */
export function outcomeOf(
	verdicts: DocumentVerdicts | null,
	name: string,
	actor: string,
): { readonly outcome: Outcome; readonly message: string; readonly line: number } | null {
	if (verdicts === null || isStale(verdicts)) return null;
	const found: FunctionLine | undefined = verdicts.functions.find((f) => f.name === name);
	const verdict = found?.against.find((one) => one.actor === actor)?.verdict;
	if (found === undefined || verdict === undefined) return null;
	const outcome = OUTCOMES[verdict];
	const why = found.verdict === verdict && found.why !== '' ? `: ${found.why}` : '';
	return {
		outcome,
		message: t('{0}() against {1}: {2}', name, actor, `${verdict}${why}`),
		line: found.line,
	};
}

/** The whole answer is there: nothing is being checked, and no scenario is still to come. */
export function isSettled(verdicts: DocumentVerdicts | null): boolean {
	return verdicts === null || (verdicts.freshness !== 'checking' && !verdicts.isOpen);
}
