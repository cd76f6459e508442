/**
 * A run that shows a function at work while an adversary acts: the walk runs alone until the function is on its stack, the
 * adversary then runs as far as it can, and both are run to their end.
 */
import type { Choice } from './base/step.js';
import type { Path } from './explore/path.js';
import type { FunctionIndex } from './program/op.js';
import type { Arena } from './scenario.js';

/** Steps of one run at most. */
const STEPS_MAX = 5000;

/** Such a run of a scenario, or null when the walk alone never enters the function there. */
export function witnessPath(arena: Arena, fn: FunctionIndex): Path | null {
	const { machine } = arena;
	const path: Choice[] = [];
	let state = machine.initial();
	let inside = false;
	const move = (thread: number): boolean => {
		const step = machine.moves(state, thread).steps[0];
		if (step === undefined || path.length >= STEPS_MAX) return false;
		path.push({ thread, alternative: step.alternative });
		state = machine.successor(state, thread, step);
		return true;
	};
	const standsIn = (): boolean => machine.standing(state, 0).some((f) => f.function === fn);
	while (!inside && move(0)) inside = standsIn();
	if (!inside) return null;
	while (moveOthers(machine.threads, move));
	while (move(0) || moveOthers(machine.threads, move));
	return path;
}

function moveOthers(threads: number, move: (thread: number) => boolean): boolean {
	for (let thread = 1; thread < threads; thread++) if (move(thread)) return true;
	return false;
}
