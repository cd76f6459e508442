/**
 * One scenario made ready for LKMM: the runs of its threads, the pairs of runs that break a rule, and names for them.
 */

import { LOOP_MAX } from '../check/bounds.js';
import { isPin, type Scenario } from '../check/scenario.js';
import type { ScenarioMachine, ScenarioMachines } from '../check/scenario_machine.js';
import { BUILT_IN_GENERATION } from '../memory/lkmm/generation.js';
import type { LocationIndex } from '../memory/lkmm/litmus_program.js';
import type { Happens, Machine } from '../memory/lkmm/machines.js';
import type { PairOptions } from '../memory/lkmm/pair.js';
import { programRunsBeside } from '../memory/lkmm/program_beside.js';
import type { EventNote, ProgramRun } from '../memory/lkmm/program_run.js';
import { type ProgramRequest, type ProgramRuns, programRuns } from '../memory/lkmm/program_runs.js';
import type { Snapshot } from '../memory/lkmm/snapshot.js';
import type { StackFrame } from '../memory/thread/event.js';
import { link } from '../memory/thread/link.js';
import { labelsOf, type WorldLabels } from '../mm/model/labels.js';
import type { Rule } from '../rules/verdict.js';
import { type AttachedJudge, attach, writesMark } from './attached.js';
import { type Broken, judge, type RunPair } from './judge.js';
import { livenessOf, operationsOf } from './operations.js';
import { judgeOrders } from './orders.js';

const RUNS_MAX = 3000;
const CALL_DEPTH_MAX = 40;

/** One scenario's runs, ready to be judged. */
export interface LkmmRuns {
	readonly scenarioMachine: ScenarioMachine;
	readonly made: ProgramRuns;
	readonly options: PairOptions;
	readonly countInMemory: boolean;
	readonly labels: WorldLabels;
	/** Names of all threads. */
	readonly threads: readonly string[];
	/** What an execution means, where a litmus test is the adversary that does not write what the rules are about. */
	readonly attached: AttachedJudge | null;
	/** A litmus test is the adversary. */
	readonly isAttached: boolean;
}

/** Runs both threads of a scenario every way. */
export function lkmmRuns(
	machines: ScenarioMachines,
	scenario: Scenario,
	hooks: { readonly cancelled: () => boolean; readonly proceed: () => boolean },
): LkmmRuns {
	const { walk } = machines;
	const test = walk.request.attached ?? null;
	// The threads of an attached test are no functions of the program.
	const scenarioMachine = machines.of(test === null ? scenario : { ...scenario, actors: [] });
	const { world } = scenarioMachine.machine;
	const labels = labelsOf(scenarioMachine.program, scenarioMachine.world);
	const attached = test === null ? null : attach(test, { scenarioMachine, labels });
	const request: ProgramRequest = {
		linked: link(scenarioMachine.program),
		symbols: world.symbols,
		initial: new Map(world.cells.map((c) => [c.address, c.initial])),
		operations: operationsOf(scenarioMachine.world),
		liveness: livenessOf(scenarioMachine.world),
		threads: world.threads,
		loopMax: LOOP_MAX,
		callDepthMax: CALL_DEPTH_MAX,
		runsMax: RUNS_MAX,
		cancelled: hooks.cancelled,
	};
	const made =
		attached === null ? programRuns(request) : programRunsBeside(request, attached.beside);
	const threads = world.threads.map((t) => t.name);
	const generation = walk.request.generation ?? BUILT_IN_GENERATION;
	return {
		scenarioMachine,
		made,
		options: { program: made.program, generation, proceed: hooks.proceed },
		countInMemory: walk.calling.countInMemory,
		labels,
		threads: [...threads, ...(attached?.threads ?? [])],
		attached: attached === null || writesMark(made, labels) ? null : attached.judge,
		isAttached: attached !== null,
	};
}

/** An execution of a pair of runs, with what is needed to tell it. */
export interface LkmmExecution extends RunPair {
	readonly snapshot: Snapshot;
	readonly lkmm: LkmmRuns;
	readonly scenario: Scenario;
	/** Name of the pair's runs: the trace's id. */
	readonly id: string;
}

/** A broken rule with an execution that breaks it. */
export interface LkmmCandidate extends LkmmExecution {
	readonly broken: Broken;
	/** All pairs of runs with an execution that breaks it. */
	readonly pairs: RunPair[];
	/** Whether x86 does one of the executions that were found; absent: it was not asked. */
	readonly isOnX86?: boolean;
	/** The same of other architectures, of all executions that were found; it grows while they are looked at. */
	readonly machines?: Map<Machine, Happens>;
}

/** The rule an execution of a pair of runs breaks, or null. */
export function brokenBy(lkmm: LkmmRuns, pair: RunPair, snapshot: Snapshot): Broken | null {
	const { scenarioMachine, made, countInMemory } = lkmm;
	const { walk } = pair;
	if (!lkmm.isAttached) return brokenInOrders(lkmm, pair, snapshot);
	const isPinned = isPin(scenarioMachine.scenario.flags);
	const judged = { ...pair, countInMemory, isPinned, program: scenarioMachine.program };
	const broken = judge(scenarioMachine.world, judged, (address) => {
		const location = made.addresses.indexOf(address);
		return location < 0
			? (writtenAlone(pair, address) ??
					scenarioMachine.machine.valueAt(scenarioMachine.machine.initial(), address) ??
					null)
			: (snapshot.final(location as LocationIndex) ??
					made.program.locations[location]?.initial ??
					null);
	});
	if (lkmm.attached === null || walk.end.kind === 'fault') return broken;
	return lkmm.attached.judge(pair, snapshot, countInMemory);
}

/** The first rule that an execution breaks that no interleaving gives; those that one gives are judged by the interleavings. */
function brokenInOrders(lkmm: LkmmRuns, pair: RunPair, snapshot: Snapshot): Broken | null {
	if (snapshot.isSequential) return null;
	const said = judgeOrders(lkmm, runsOfPair(pair), snapshot);
	const [first] = said.kind === 'told' ? said.violations : [];
	if (first === undefined) return null;
	const { rule, message, function: fn, site } = first;
	return { rule: rule as Rule, what: message, frames: null, place: { function: fn, site } };
}

/** What the only thread that accesses a word leaves in it; null: nothing, or what is not known as a number. */
function writtenAlone(pair: RunPair, address: number): number | null {
	for (const run of runsOfPair(pair)) {
		const left = run.memory.get(address);
		if (typeof left === 'number') return left;
	}
	return null;
}

/** The runs of all threads. */
export function runsOfPair({ walk, adversary }: RunPair): readonly ProgramRun[] {
	return [walk, adversary, ...(adversary.beside ?? [])];
}

/** `0.1.reclaim:lkmm.3.17`: scenario, run of the walk, run of the adversary. */
export function idOf(scenario: Scenario, made: ProgramRuns, pair: RunPair): string {
	const at = (thread: number, run: ProgramRun): number => made.runs[thread]?.indexOf(run) ?? -1;
	return `${scenario.name}:lkmm.${at(0, pair.walk)}.${at(1, pair.adversary)}`;
}

/** The frame that is shown for an event: the innermost of the checked file, else of the walk or the actor. */
export function blamed(
	lkmm: LkmmRuns,
	frames: readonly StackFrame[],
	path: string | null,
): StackFrame | null {
	const { program } = lkmm.scenarioMachine;
	const own = frames.filter((f) => program.functions[f.function]?.origin !== 'primitive');
	const inFile = own.find((f) => path !== null && program.functions[f.function]?.path === path);
	return inFile ?? own[0] ?? frames.at(-1) ?? null;
}

/** Events of one op: a read-modify-write with its implied barriers is one. */
export function operationsIn(run: ProgramRun): readonly (readonly number[])[] {
	const list: number[][] = [];
	run.run.events.forEach((_, i) => {
		const last = list.at(-1);
		if (last !== undefined && isSameOp(run.notes[i], run.notes[i - 1])) last.push(i);
		else list.push([i]);
	});
	return list;
}

function isSameOp(a: EventNote | undefined, b: EventNote | undefined): boolean {
	if (a === undefined || b === undefined || a.op !== b.op || a.op.kind !== 'rmw') return false;
	return placeOf(a) === placeOf(b);
}

/** The op's place on the stack: equal for the same call of it in another run. */
export function placeOf(note: EventNote): string {
	return note.frames.map((f) => `${f.function}@${f.site}`).join(' ');
}
