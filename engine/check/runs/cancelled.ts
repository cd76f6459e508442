/**
 * Scenarios that a check was to explore and did not: its time was over, or there were more of their kind than are tried. They are
 * open, and no function holds beside them.
 *
 * Invariant: what a check leaves out is among its scenarios, so that it never counts as explored.
 */
import { CANCELLED, type Explored } from '../result.js';
import type { Scenario } from '../scenario.js';

/** Not explored at all, for want of time. */
export function cancelledScenario(scenario: Scenario): Explored {
	return leftOut(scenario, { why: CANCELLED, end: 'cancelled' });
}

/** Not explored at all; `why`: which bound was met. */
export function leftOutScenario(scenario: Scenario, why: string): Explored {
	return leftOut(scenario, { why, end: 'limit' });
}

function leftOut(
	scenario: Scenario,
	{ why, end }: { readonly why: string; readonly end: 'cancelled' | 'limit' },
): Explored {
	return {
		scenario,
		entered: new Set(),
		arms: new Map(),
		unsupported: [],
		limit: { why, isOpen: true },
		result: {
			name: scenario.title,
			actors: scenario.actors,
			states: 0,
			executions: 0,
			end,
			entered: [],
		},
	};
}
