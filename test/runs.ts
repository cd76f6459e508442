/**
 * Single runs of a walk, made by replaying schedules: the walk goes some steps, the adversary some, then both to their
 * end. What a run went through is told as lines, one per access, so that a test can say which must follow which.
 */
import type { Choice } from '../engine/base/step.js';
import { prepare } from '../engine/check/prepare.js';
import type { Scenario } from '../engine/check/scenario.js';
import { type ScenarioMachine, ScenarioMachines } from '../engine/check/scenario_machine.js';
import { scenariosOf } from '../engine/check/scenarios.js';
import type { Path } from '../engine/explore/path.js';
import { labelsOf } from '../engine/mm/model/labels.js';
import { narrate } from '../engine/trace/narrate.js';
import { ownActors } from '../server/actors/sources.js';
import type { AnalysedStep, AnalysedTrace } from '../server/ide/analysis/analysis.js';
import { type Resolver, resolver } from '../server/ide/analysis/resolve.js';
import { lower } from '../server/lower/lower.js';
import { configuration } from '../server/tree/configuration.js';
import { sourceLines } from '../server/tree/source_lines.js';
import { openTree } from '../server/tree/workspace.js';
import type { Given } from './analysis.js';

/** Steps of one run at most. */
const STEPS_MAX = 3000;

/** The first walk of a text, ready to be run in its scenarios. */
export function machinesFor(given: Given): {
	readonly machines: ScenarioMachines;
	readonly scenarios: readonly Scenario[];
	readonly resolve: Resolver;
} {
	const arch = given.arch ?? 'x86_64';
	const config = configuration({
		arch,
		dotConfig: null,
		set: new Map(Object.entries(given.set ?? {})),
	});
	const path = given.path ?? 'walk.c';
	const tree = given.tree === undefined ? null : openTree(given.tree);
	const { text } = given;
	const { program, walks } = lower({ path, text, tree, arch, config, actors: ownActors() });
	const [walk] = walks;
	if (walk === undefined) throw new Error('no walk found');
	const prepared = prepare({
		program,
		root: walk.root,
		functions: walk.functions,
		actors: given.actors ?? [],
		arch,
		memory: 'sc',
		config: new Set(config.keys()),
		statesMax: given.statesMax ?? 500_000,
		...(walk.reader === undefined ? {} : { reader: walk.reader }),
	});
	if (prepared.kind === 'unknown') throw new Error(prepared.why);
	const sources = sourceLines({ path, text, tree, actorSources: ownActors() });
	return {
		machines: new ScenarioMachines(prepared),
		scenarios: scenariosOf(prepared),
		resolve: resolver(program, sources),
	};
}

/** The runs of the scenarios whose title holds all the words: each way to put one stretch of the adversary into the walk. */
export function* runsOf(given: Given, words: readonly string[]): Generator<AnalysedTrace> {
	const { machines, scenarios, resolve } = machinesFor(given);
	for (const scenario of scenarios) {
		const parts = scenario.title.split('; ');
		if (!words.every((word) => parts.includes(word))) continue;
		const scenarioMachine = machines.of(scenario);
		for (const path of schedules(scenarioMachine)) {
			const options = {
				program: scenarioMachine.program,
				labels: labelsOf(scenarioMachine.program, scenarioMachine.world),
				scenario: scenario.name,
				violation: null,
			};
			const trace = narrate(scenarioMachine.machine, path, options);
			if (trace === null) throw new Error('a schedule does not replay');
			yield resolve.trace({ ...trace, scenario: scenario.title });
		}
	}
}

/** Every first choice of the walk's, then every last one. */
function* schedules(scenarioMachine: ScenarioMachine): Generator<Path> {
	yield* schedulesWith(scenarioMachine, 0);
	yield* schedulesWith(scenarioMachine, -1);
}

function* schedulesWith(scenarioMachine: ScenarioMachine, choice: 0 | -1): Generator<Path> {
	if (scenarioMachine.machine.threads === 1) {
		yield schedule(scenarioMachine, { before: STEPS_MAX, between: 0, choice }).path;
		return;
	}
	for (let before = 0; ; before++) {
		for (let between = 1; ; between++) {
			const { path, walked, acted } = schedule(scenarioMachine, { before, between, choice });
			if (walked < before) return;
			if (acted < between) break;
			yield path;
		}
	}
}

/** Walk for `before` steps, adversary for `between`, walk to its end, adversary to its end, as far as each can go. */
function schedule(
	{ machine }: ScenarioMachine,
	{
		before,
		between,
		choice,
	}: { readonly before: number; readonly between: number; readonly choice: 0 | -1 },
) {
	const path: Choice[] = [];
	let state = machine.initial();
	const go = (thread: number, steps: number): number => {
		for (let n = 0; n < steps; n++) {
			const { steps: open } = machine.moves(state, thread);
			const step = path.length < STEPS_MAX ? open.at(thread === 0 ? choice : 0) : undefined;
			if (step === undefined) return n;
			path.push({ thread, alternative: step.alternative });
			state = machine.successor(state, thread, step);
		}
		return steps;
	};
	const walked = go(0, before);
	const acted = machine.threads > 1 ? go(1, between) : 0;
	while (go(0, STEPS_MAX) + (machine.threads > 1 ? go(1, STEPS_MAX) : 0) > 0);
	return { path, walked, acted };
}

/** `0 pte[1] none` is a read, `1 pte[1] → none` a store, `1 pte[1] pfn 8 → none` both at once; else `0 interrupts off`. */
export function linesOf(trace: AnalysedTrace): readonly string[] {
	return trace.steps.flatMap(linesOfStep);
}

/** Lines of one step. */
export function linesOfStep(step: AnalysedStep): readonly string[] {
	if (step.effects.length === 0) return [`${step.cpu} ${step.what}`];
	return step.effects.map(({ location, read, wrote }) => {
		const values = [...(read === null ? [] : [read]), ...(wrote === null ? [] : ['→', wrote])];
		return `${step.cpu} ${location} ${values.join(' ')}`;
	});
}

/** True when lines matching the patterns follow each other in this order, whatever stands between. */
export function happens(trace: AnalysedTrace, patterns: readonly RegExp[]): boolean {
	let next = 0;
	for (const line of linesOf(trace)) if (patterns[next]?.test(line) === true) next++;
	return next === patterns.length;
}
