/** A beginning of a run carried on to an end. */
import type { Choice } from '../base/step.js';
import type { ScenarioMachine } from '../check/scenario_machine.js';
import type { Path } from '../explore/path.js';
import { replay } from '../explore/replay.js';
import { UNMODELLED } from '../mm/model/violation.js';

/** Steps of a run that is carried on at most. */
const STEPS_MAX = 5_000;

/**
 * A path carried on to the run's end: by what it would have done next where that is possible, then by each thread as far as it
 * can, the first of them first. It ends where a rule is broken.
 */
export function carriedOn(
	{ machine }: ScenarioMachine,
	path: Path,
	{ first, then }: { readonly first: number; readonly then: Path },
): Path {
	const start = replay(machine, path);
	if (start.kind === 'impossible') return path;
	const made: Choice[] = [...path];
	let state = start.last;
	let isOver = start.steps.at(-1)?.step.incidents.some(isBroken) === true;
	const take = (thread: number, alternative: number): boolean => {
		if (isOver || made.length >= STEPS_MAX) return false;
		const { steps } = machine.moves(state, thread);
		const step = steps.find((s) => s.alternative === alternative) ?? steps[0];
		if (step === undefined) return false;
		made.push({ thread, alternative: step.alternative });
		state = machine.successor(state, thread, step);
		isOver = step.incidents.some(isBroken);
		return true;
	};
	for (const { thread, alternative } of then) take(thread, alternative);
	const order = [...Array(machine.threads).keys()].sort(
		(a, b) => Number(b === first) - Number(a === first),
	);
	for (let again = true; again; ) {
		again = false;
		for (const thread of order) while (take(thread, 0)) again = true;
	}
	return made;
}

function isBroken(incident: {
	readonly kind: string;
	readonly violation?: { readonly rule: string };
}): boolean {
	return incident.kind === 'violation' && incident.violation?.rule !== UNMODELLED;
}
