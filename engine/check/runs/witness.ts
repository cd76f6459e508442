/**
 * A run that shows a function at work while an adversary acts: the walk runs alone until the function is on its stack, the
 * adversary then runs as far as it can, and both are run to their end.
 */
import type { Choice } from '../../base/step.js';
import type { Path } from '../../explore/path.js';
import type { FunctionIndex } from '../../program/op.js';
import type { ScenarioMachine } from '../scenario_machine.js';

/** Steps of one run at most. */
const STEPS_MAX = 5000;

/**
 * Such a run of a scenario. Where the walk alone never enters the function, the adversary goes first after some steps of the
 * walk: that is how bail-outs are entered. Null when that does not help either.
 */
export function witnessPath(scenarioMachine: ScenarioMachine, fn: FunctionIndex): Path | null {
	return runInto(scenarioMachine, fn, null).path ?? interruptedPath(scenarioMachine, fn);
}

function interruptedPath(scenarioMachine: ScenarioMachine, fn: FunctionIndex): Path | null {
	if (scenarioMachine.machine.threads === 1) return null;
	for (let before = 0; before < STEPS_MAX; before++) {
		const { path, walked } = runInto(scenarioMachine, fn, before);
		if (path !== null) return path;
		if (walked < before) return null;
	}
	return null;
}

/** `before`: steps of the walk before the adversary acts without having the function entered; null: it waits for that. */
function runInto(
	{ machine }: ScenarioMachine,
	fn: FunctionIndex,
	before: number | null,
): { readonly path: Path | null; readonly walked: number } {
	const path: Choice[] = [];
	let state = machine.initial();
	let inside = false;
	const move = (thread: number): boolean => {
		const { steps, calls } = machine.moves(state, thread);
		const step = steps[0];
		if (step === undefined || path.length >= STEPS_MAX) return false;
		const choice = { thread, alternative: step.alternative };
		// some way of the step enters it: whether this one does, its events say
		if (thread === 0 && !inside && calls.includes(fn)) {
			const events = machine.eventsOf(state, choice);
			inside = events.some(({ event }) => event.kind === 'call' && event.function === fn);
		}
		path.push(choice);
		state = machine.successor(state, thread, step);
		return true;
	};
	let walked = 0;
	while (!inside && (before === null || walked < before) && move(0)) walked++;
	if (before !== null && !inside) {
		while (moveOthers(machine.threads, move));
		while (!inside && move(0));
	}
	if (!inside) return { path: null, walked };
	while (moveOthers(machine.threads, move));
	while (move(0) || moveOthers(machine.threads, move));
	return { path, walked };
}

function moveOthers(threads: number, move: (thread: number) => boolean): boolean {
	for (let thread = 1; thread < threads; thread++) if (move(thread)) return true;
	return false;
}
