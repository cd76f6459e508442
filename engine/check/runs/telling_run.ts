/**
 * The run worth showing when nothing goes wrong: the adversary strikes while the function is at work, and at a moment at
 * which the walk then sees that something it had read has changed. Of these the shortest.
 */
import type { Choice } from '../../base/step.js';
import type { Path } from '../../explore/path.js';
import type { FunctionIndex } from '../../program/op.js';
import type { ScenarioMachine } from '../scenario_machine.js';

/** Steps of one run at most. */
const STEPS_MAX = 600;

/** Such runs of a scenario, the most telling first; empty where the walk notices nothing, or never enters the function. */
export function tellingPaths(scenarioMachine: ScenarioMachine, fn: FunctionIndex): readonly Path[] {
	const { machine } = scenarioMachine;
	if (machine.threads === 1) return [];
	const run = new Run(scenarioMachine);
	const found: { readonly noticed: number; readonly path: Path }[] = [];
	for (let k = 0; k < STEPS_MAX; k++) {
		if (machine.standing(run.state, 0).some((f) => f.function === fn)) {
			const tried = run.copy();
			tried.finish();
			if (tried.noticed > 0) found.push({ noticed: tried.noticed, path: tried.path });
		}
		if (!run.move(0)) break;
	}
	const order = found.sort((a, b) => b.noticed - a.noticed || a.path.length - b.path.length);
	return order.map(({ path }) => path);
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
