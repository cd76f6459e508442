/**
 * The bounds of every exploration, and what a run that was given up is told as. One that ends in BUG() is no finding: no rule
 * says what may crash. But nobody who reads `holds` expects it.
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
