/**
 * Where two runs part: the first step that one does otherwise than the other.
 *
 * Invariant: places count by file and line, for a run without a guard is of the same text.
 */
import type { TracePanelContent, TracePanelStep } from '../../server/protocol.js';

type Run = Pick<TracePanelContent, 'steps'>;

/** Index of the first step that is not the same in both, which may be behind the last of one; null: the runs are the same. */
export function firstDifference(one: Run, other: Run): number | null {
	const length = Math.max(one.steps.length, other.steps.length);
	for (let i = 0; i < length; i++) {
		const [a, b] = [one.steps[i], other.steps[i]];
		if (a === undefined || b === undefined || keyOf(a) !== keyOf(b)) return i;
	}
	return null;
}

function keyOf({ cpu, function: name, place, what, effects, violation }: TracePanelStep): string {
	const done = effects.map(({ location, read, wrote }) => [location, read, wrote]);
	return JSON.stringify([cpu, name, place.path, place.line, what, done, violation !== null]);
}
