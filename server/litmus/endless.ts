/**
 * Tests of which no execution comes to its end, so that nothing is ever asked of one: neither `Never` nor `Impossible` is an answer.
 */
import type { Outcomes } from '../../engine/memory/lkmm/outcomes.js';
import type { LitmusTest } from './parse.js';

/** What is said of such a test. */
export const NO_END = 'no execution ends: the condition is never asked';

/** No execution ends, and neither a deadlock, which is told itself, nor the test's filter explains it. */
export function isEndless({ shell }: LitmusTest, outcomes: Outcomes): boolean {
	const { positive, negative, deadlock } = outcomes;
	const isTold = deadlock !== null || shell.filter !== null || shell.expected === 'DEADLOCK';
	return positive + negative === 0 && !isTold;
}
