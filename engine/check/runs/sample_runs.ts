/**
 * Facts per site, counted over a family of complete runs: for each scenario the walk runs k steps, the adversary as far as
 * it can, then the walk to its end, for every k. These are the runs with one intrusion, which is how people think of
 * a race; verdicts rest on the full exploration, never on these.
 *
 * Invariant: every count is of events that really happened in a replayable run.
 */

import { FOLL } from '../../mm/model/foll.js';
import { labelsOf } from '../../mm/model/labels.js';
import { isReaderWorld } from '../../mm/model/reader_spec.js';
import { objectAddress } from '../../mm/model/world.js';
import { comparedReads } from '../../program/edit/recheck.js';
import { reachable } from '../../program/reach.js';
import type { PreparedWalk } from '../prepare.js';
import type { CheckObserver } from '../request.js';
import type { Scenario } from '../scenario.js';
import type { ScenarioMachine, ScenarioMachines } from '../scenario_machine.js';
import { scenariosOf } from '../scenarios.js';
import type { SiteFacts } from '../site_facts.js';
import { type RunEvent, SiteTally } from './site_tally.js';

/** Steps of one run at most; a longer one is left out. */
const STEPS_MAX = 400;
/** Flag sets that stand for the others, which take the same ways, where the walk does anything for them. */
const TYPICAL: readonly number[] = [
	FOLL.FOLL_PIN | FOLL.FOLL_WRITE,
	FOLL.FOLL_PIN,
	FOLL.FOLL_PIN | FOLL.FOLL_LONGTERM | FOLL.FOLL_WRITE,
	FOLL.FOLL_GET | FOLL.FOLL_WRITE,
];

/** Collects the facts of all sites of the walk. Stops early, with what it has, when cancelled. */
export function sampleRuns(
	machines: ScenarioMachines,
	observer: CheckObserver,
): readonly SiteFacts[] {
	const { walk } = machines;
	const { program, root } = walk.request;
	const compared = comparedReads(program, reachable(program, root));
	const tally = new SiteTally(program, walk.path, compared);
	const single = scenariosOf(walk).filter(({ actors }) => actors.length <= 1);
	const typical = single.filter(({ flags }) => TYPICAL.includes(flags));
	const others = single.filter((scenario) => !typical.includes(scenario));
	const sample = (scenarios: readonly Scenario[]): void => {
		for (const scenario of scenarios) {
			if (observer.cancelled()) return;
			sampleScenario(machines.of(scenario), walk, tally);
		}
	};
	sample(typical);
	// no pins yet, no flags at all, or it takes nobody with such flags anywhere
	if (tally.facts().length === 0) sample(others);
	return tally.facts();
}

function sampleScenario(
	scenarioMachine: ScenarioMachine,
	walk: PreparedWalk,
	tally: SiteTally,
): void {
	const labels = labelsOf(walk.request.program, scenarioMachine.world);
	const actor = scenarioMachine.scenario.actors[0] ?? null;
	const { machine } = scenarioMachine;
	const { spec } = scenarioMachine.scenario;
	const held = isReaderWorld(spec) && spec.callerHolds.reference ? 1 : 0;
	const prefix: RunEvent[] = [];
	let state = machine.initial();
	for (let k = 0; k < STEPS_MAX; k++) {
		const run = [...prefix];
		const ended = actor === null ? null : finish(scenarioMachine, state, run);
		if (ended !== null) tally.add(run, { labels, actor, held, handedOut: handedOut(run, walk) });
		const before = state;
		const step = machine.moves(before, 0).steps[0];
		if (step === undefined) break;
		for (const e of machine.eventsOf(before, { thread: 0, alternative: step.alternative }))
			prefix.push({ thread: 0, ...e });
		state = machine.successor(before, 0, step);
	}
	if (actor === null)
		tally.add(prefix, { labels, actor, held, handedOut: handedOut(prefix, walk) });
}

/** Runs the adversary as far as it can, then the walk, then whatever is left. Null when the run is too long. */
function finish(scenarioMachine: ScenarioMachine, from: number, run: RunEvent[]): number | null {
	const { machine } = scenarioMachine;
	let state = from;
	let steps = 0;
	const move = (thread: number): boolean => {
		const step = machine.moves(state, thread).steps[0];
		if (step === undefined || steps++ > STEPS_MAX) return false;
		for (const e of machine.eventsOf(state, { thread, alternative: step.alternative }))
			run.push({ thread, ...e });
		state = machine.successor(state, thread, step);
		return true;
	};
	for (let again = true; again; ) {
		while (move(1));
		again = move(0);
		while (again && move(0));
	}
	return steps > STEPS_MAX ? null : state;
}

/** True when the walk reported at least one page. */
function handedOut(run: readonly RunEvent[], walk: PreparedWalk): boolean {
	let counted = 0;
	for (const { thread, event } of run) {
		if (thread !== 0) continue;
		if (
			event.kind === 'return' &&
			event.function === walk.request.root &&
			!walk.calling.countInMemory
		)
			return (event.value ?? 0) > 0;
		if (event.kind === 'store' && event.address === objectAddress('nr')) counted = event.value;
	}
	return counted > 0;
}
