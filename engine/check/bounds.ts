/**
 * Limits of an exploration (loop rounds, call depth) and the message when one is met. A run that ends in BUG() makes the verdict
 * inconclusive: no rule says what may crash, and `holds` would hide it.
 */

/** Rounds of one loop and frames of one stack before a scenario is `inconclusive`. */
export const LOOP_MAX = 8;
export const CALL_DEPTH_MAX = 40;

/** In words, for the limit of an incident (engine/base/step.ts). */
export function boundMet(limit: string): string {
	return limit === 'bug'
		? 'a run ends in BUG(), where the kernel stops'
		: `a bound was met (${limit})`;
}
