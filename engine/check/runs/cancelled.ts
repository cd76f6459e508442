/**
 * Scenarios that a check was to explore when its time was over: they are open, and a verdict that needs them is inconclusive.
 *
 * Invariant: what a check leaves out because it was cancelled is among its scenarios, so that it never counts as explored.
 */
import type { Explored } from '../result.js';
import type { Scenario } from '../scenario.js';

/** Not explored at all. */
export function cancelledScenario(scenario: Scenario): Explored {
	return {
		scenario,
		entered: new Set(),
		arms: new Map(),
		unsupported: [],
		limit: 'it was cancelled',
		result: {
			name: scenario.title,
			actors: scenario.actors,
			states: 0,
			executions: 0,
			end: 'cancelled',
			entered: [],
		},
	};
}
