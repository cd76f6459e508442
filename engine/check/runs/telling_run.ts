/**
 * The run worth showing when nothing goes wrong: the adversary strikes while the function is at work, and at a moment at
 * which the walk then sees that something it had read has changed. Of these the shortest; without one, any witness.
 */
import type { Choice } from '../../base/step.js';
import type { Path } from '../../explore/path.js';
import type { FunctionIndex } from '../../program/op.js';
import type { ScenarioMachine } from '../scenario_machine.js';
import { witnessPath } from './witness.js';

/** Steps of one run at most. */
const STEPS_MAX = 600;

/** Such a run of a scenario, or null when the walk never enters the function there. */
export function tellingPath(scenarioMachine: ScenarioMachine, fn: FunctionIndex): Path | null {
	const { machine } = scenarioMachine;
	if (machine.threads === 1) return witnessPath(scenarioMachine, fn);
	const run = new Run(scenarioMachine);
	let best: { readonly noticed: number; readonly path: Path } | null = null;
	for (let k = 0; k < STEPS_MAX; k++) {
		if (machine.standing(run.state, 0).some((f) => f.function === fn)) {
			const tried = run.copy();
			tried.finish();
			const { noticed, path } = tried;
			const better =
				best === null ||
				noticed > best.noticed ||
				(noticed === best.noticed && path.length < best.path.length);
			if (noticed > 0 && better) best = { noticed, path };
		}
		if (!run.move(0)) break;
	}
	return best?.path ?? witnessPath(scenarioMachine, fn);
}

/** A run being made, with what the walk has read so far. */
class Run {
	state: number;
	path: Choice[] = [];
	/** Loads of the walk that saw another value than its load of the same location before. */
	noticed = 0;
	private readonly scenarioMachine: ScenarioMachine;
	private seen = new Map<number, number>();

	constructor(scenarioMachine: ScenarioMachine) {
		this.scenarioMachine = scenarioMachine;
		this.state = scenarioMachine.machine.initial();
	}

	copy(): Run {
		const run = new Run(this.scenarioMachine);
		run.state = this.state;
		run.path = [...this.path];
		run.seen = new Map(this.seen);
		run.noticed = this.noticed;
		return run;
	}

	/** One step of a thread; false when it has none or the run is too long. */
	move(thread: number): boolean {
		const { machine } = this.scenarioMachine;
		const step = machine.moves(this.state, thread).steps[0];
		if (step === undefined || this.path.length >= STEPS_MAX) return false;
		const choice = { thread, alternative: step.alternative };
		if (thread === 0) this.look(choice);
		this.path.push(choice);
		this.state = machine.successor(this.state, thread, step);
		return true;
	}

	/** The adversary as far as it can, then the walk, then what is left. */
	finish(): void {
		const { threads } = this.scenarioMachine.machine;
		for (let again = true; again; ) {
			for (let thread = 1; thread < threads; thread++) while (this.move(thread));
			again = this.move(0);
			while (again && this.move(0));
		}
	}

	private look(choice: Choice): void {
		for (const { event } of this.scenarioMachine.machine.eventsOf(this.state, choice)) {
			if (event.kind !== 'load') continue;
			const before = this.seen.get(event.address);
			if (before !== undefined && before !== event.value) this.noticed++;
			this.seen.set(event.address, event.value);
		}
	}
}
