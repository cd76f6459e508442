/**
 * A run as a debugger wants it: at each of its moments where every CPU stands, with its locals, and which moves there are; and
 * the run that comes of taking another move there, with the rules watching.
 *
 * Leaves out: runs under lkmm, which are no interleavings of steps.
 *
 * Invariant: a run is its id and nothing else: one made by a choice replays by its own.
 */
import { shortened } from '../base/shortened.js';
import type { CheckRequest } from '../check/request.js';
import { findingOfRun } from '../check/runs/run_finding.js';
import { aloneIn, type Scenario } from '../check/scenario.js';
import { machinesOf, type ScenarioMachine } from '../check/scenario_machine.js';
import { scenarioNamed, scenariosOf } from '../check/scenarios.js';
import { type Path, parsePath } from '../explore/path.js';
import { stepOf } from '../explore/replay.js';
import type { NamedWord } from '../memory/sc/machine.js';
import { FRAME_BASE, FRAME_STRIDE } from '../memory/thread/frame.js';
import { isUnset } from '../memory/thread/unset.js';
import { labelsOf } from '../mm/model/labels.js';
import type { FunctionIndex } from '../program/op.js';
import { narrated, shownFrames, tellMove } from '../trace/narrate.js';
import { carriedOn } from './carried_on.js';
import type { DebugChoice, DebugFrame, Debugged, DebugMoment } from './debug_run.js';
import { subjectOf } from './subject.js';

/** The run of that id, or the one that comes of a choice in it. */
export function debug(request: CheckRequest, id: string, choice: DebugChoice | null): Debugged {
	const subject = subjectOf(request, id);
	if ('why' in subject) return { trace: null, why: subject.why };
	const run = runOf(subject.request, subject.id, choice);
	if (run.trace === null) return run;
	const { finding, trace } = run;
	return {
		...run,
		trace: { ...trace, id: subject.whole(trace.id) },
		finding: finding === null ? null : subject.told(finding),
		gone: subject.gone,
	};
}

function runOf(request: CheckRequest, id: string, choice: DebugChoice | null): Debugged {
	const [name = '', choices = ''] = id.split(':');
	const none = (why: string) => ({ trace: null, why });
	if (choices.startsWith('lkmm.') || request.memory === 'lkmm')
		return none('a run under lkmm is no order of steps: it cannot be stepped through');
	const machines = machinesOf(request);
	if (machines.kind === 'unknown') return none(machines.why);
	const path = parsePath(choices);
	if (path === null) return none(`${shortened(id)} is no trace id`);
	const { walk } = machines;
	const scenario = scenarioNamed(walk, name);
	if (scenario === null) return none(`there is no scenario ${shortened(name)} for this walk`);
	const siblings = (): readonly Scenario[] =>
		scenariosOf(walk).filter((s) => isSibling(s, scenario) && s.actors.length === 1);
	const machine = machines.of(scenario);
	if (choice === null) return toldRun(machine, path, siblings());
	const told = toldRun(machine, path, []);
	if (told.trace === null) return told;
	const at = narratedRun(machine, path)?.moments[choice.moment];
	if (at === undefined) return none(`the run has no moment ${choice.moment}`);
	const before = path.slice(0, at.index);
	if ('actor' in choice) {
		const other = siblings().find(({ actors }) => actors[0] === choice.actor);
		if (other === undefined || !isOfWalkAlone(before))
			return none(`${choice.actor} cannot be let in here`);
		const next = machines.of(other);
		return toldRun(next, carriedOn(next, before, { first: 1, then: [] }), siblings());
	}
	const { cpu, alternative } = choice;
	const taken = { thread: cpu, alternative };
	const state = at.state;
	if (stepOf(machine.machine, state, taken) === null) return none(`CPU ${cpu} cannot do that here`);
	const rest = path.slice(at.index);
	const own = rest.findIndex(({ thread }) => thread === cpu);
	const then = rest.filter((_, i) => i !== own);
	return toldRun(machine, carriedOn(machine, [...before, taken], { first: 0, then }), siblings());
}

/** The same world and the same flags, with other adversaries. */
function isSibling(one: Scenario, other: Scenario): boolean {
	return one.name !== other.name && aloneIn(one).name === aloneIn(other).name;
}

function isOfWalkAlone(path: Path): boolean {
	return path.every(({ thread }) => thread === 0);
}

/** The trace of a path and its moments. */
function narratedRun(scenarioMachine: ScenarioMachine, path: Path) {
	const { machine, program, world, scenario } = scenarioMachine;
	const labels = labelsOf(program, world);
	const finding = findingOfRun(scenarioMachine, path);
	// what breaks a rule is a step of its own
	const violation = finding?.message ?? null;
	const told = narrated(machine, path, { program, labels, scenario: scenario.name, violation });
	return told === null ? null : { ...told, labels, finding };
}

/** A path with all that is known of its moments. */
function toldRun(
	scenarioMachine: ScenarioMachine,
	path: Path,
	siblings: readonly Scenario[],
): Debugged {
	const { machine, program, scenario } = scenarioMachine;
	const told = narratedRun(scenarioMachine, path);
	if (told === null) return { trace: null, why: 'the code no longer takes this path' };
	const { labels, finding } = told;
	const framesOf = (state: number, thread: number): readonly DebugFrame[] => {
		const locals = machine.locals(state, thread);
		const standing = machine.standing(state, thread);
		const kept = standing
			.map((frame, i) => ({ frame, i }))
			.filter(({ frame }) => {
				const origin = program.functions[frame.function]?.origin;
				return origin !== undefined && origin !== 'primitive';
			});
		return kept.flatMap(({ frame, i }) =>
			shownFrames(program, [frame]).map((shown) => ({
				...shown,
				unkept: unkept(frame.function, locals[i] ?? []),
				locals: (locals[i] ?? []).map((local) => ({
					name: local.name,
					value: shownLocal(local),
				})),
			})),
		);
	};
	const framesEnd = FRAME_BASE + machine.threads * FRAME_STRIDE;
	const shownLocal = ({ word, source }: NamedWord): string => {
		if (isUnset(word)) return 'not set';
		if (word >= FRAME_BASE && word < framesEnd) return 'the address of a local';
		const pointer = labels.value(null, word);
		if (/^(?:&|folio#|page#)/.test(pointer)) return pointer;
		const location = labels.locations.includes(word) ? labels.location(word) : null;
		if (location !== null) return `&${location}`;
		// a copy of what its cell held, and no number made of it
		const isCopy = told.moments.some(({ state }) => machine.valueAt(state, source) === word);
		if (source !== 0 && isCopy) return labels.value(source, word);
		return String(word);
	};
	const unkept = (fn: FunctionIndex, live: readonly NamedWord[]): readonly string[] => {
		const names = new Set(live.map(({ name }) => name));
		const all = program.functions[fn]?.registerNames ?? [];
		return [...new Set(all)].filter((name) => name !== null && !names.has(name)) as string[];
	};
	const moments = told.moments.map(({ index, state }, i): DebugMoment => {
		// behind a broken rule nothing is judged
		const isOver = finding !== null && i === told.moments.length - 1;
		const threads = [...Array(machine.threads).keys()];
		return {
			threads: threads.map((thread) => ({
				status: machine.moves(state, thread).status,
				frames: framesOf(state, thread),
			})),
			moves: (isOver ? [] : threads).flatMap((cpu) =>
				machine.moves(state, cpu).steps.map((step) => {
					const choice = { thread: cpu, alternative: step.alternative };
					const after = machine.successor(state, cpu, step);
					const move = tellMove(machine, { program, labels }, { state, choice, after });
					return { cpu, alternative: step.alternative, what: move?.what ?? null };
				}),
			),
			actors:
				!isOver && isOfWalkAlone(path.slice(0, index))
					? siblings.flatMap(({ actors }) => actors)
					: [],
		};
	});
	const trace = { ...told.trace, scenario: scenario.title };
	return { trace, finding, moments, gone: [] };
}
