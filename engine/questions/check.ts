/**
 * Is it right: a walk and its adversaries in, verdicts and findings out. Synchronous; the caller cancels and measures.
 */
import type { CheckObserver, CheckRequest } from '../check/request.js';
import { type CheckResult, undecided } from '../check/result.js';
import { checkInterleavings } from '../check/runs/interleavings.js';
import { machinesOf } from '../check/scenario_machine.js';
import type { ScenarioMemo } from '../check/scenario_memo.js';
import { checkUnderLkmm } from '../lkmm/check.js';

const READERS_UNDER_SC = 'readers outside the lockless walk are explored under sc only';

/**
 * Explores every scenario (world × flags × adversary) of the walk. `memo`: what earlier checks said of scenarios, for a
 * caller that checks again and again.
 */
export function check(
	request: CheckRequest,
	observer: CheckObserver,
	memo: ScenarioMemo | null = null,
): CheckResult {
	const machines = machinesOf(request);
	if (machines.kind === 'unknown') return undecided(request, 'unsupported', machines.why);
	const isLkmm = request.memory === 'lkmm';
	if (isLkmm && request.reader) return undecided(request, 'inconclusive', READERS_UNDER_SC);
	const result = isLkmm
		? checkUnderLkmm(machines, observer, memo)
		: checkInterleavings(machines, observer, { memo });
	return request.whatIf === undefined ? result : { ...result, taken: machines.walk.taken };
}
