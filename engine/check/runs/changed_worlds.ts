/**
 * For each arm of a branch that no run took: changes one word that its condition reads in the initial state, to a value that the
 * code can tell apart, and explores the walk again from there, alone and with the adversaries of that initial state.
 *
 * Model: one word is changed at a time, in up to three rounds; a value that no kernel can have (engine/mm/model/change.ts) only counts
 * where no rule is broken.
 *
 * Invariant: in a world of which it is not known whether it may be, an arm counts as taken only by scenarios that were explored to their
 * end and decided; in one that may be, what is not decided is among what was explored.
 */

import { fewBitsOf } from '../../base/mask.js';
import { reduced } from '../../explore/reduced.js';
import { branchArm, hasArm } from '../../memory/thread/arms.js';
import { type Change, changeCode, changesOf, isSound } from '../../mm/model/change.js';
import { isReaderWorld } from '../../mm/model/reader_spec.js';
import { computedFrom } from '../../program/computed_from.js';
import {
	type FunctionIndex,
	isComparison,
	type Op,
	type Operand,
	type OpIndex,
} from '../../program/op.js';
import { findFunction, type Program, type ProgramFunction } from '../../program/program.js';
import { reachable } from '../../program/reach.js';
import { writersOf } from '../../program/writers.js';
import type { Arm } from '../coverage/arms.js';
import { unionOfArms } from '../coverage/arms.js';
import { openArms, type Possible } from '../coverage/coverage.js';
import type { Explored } from '../result.js';
import { aloneIn, type Scenario } from '../scenario.js';
import type { ScenarioMachines } from '../scenario_machine.js';
import { scenarioAfter } from '../scenarios.js';
import { cancelledScenario, leftOutScenario } from './cancelled.js';

/** Worlds that are changed for an arm, at most, and changes tried in all. */
const WORLDS_MAX = 6;
const TRIES_MAX = 240;
const ROUNDS_MAX = 3;
/** States of a run with nobody else about that is only looked at for what it asks. */
const ALONE_MAX = 50_000;

export interface Asking {
	readonly possible: Possible;
	cancelled(): boolean;
	/** Explores a scenario; what goes wrong in it becomes findings where `told`. */
	explore(scenario: Scenario, told: boolean): Explored;
}

/** Scenarios explored for arms that no run of `explored` took. */
export function exploreAsked(
	machines: ScenarioMachines,
	explored: readonly Explored[],
	asking: Asking,
): readonly Explored[] {
	const added: Explored[] = [];
	const tried = new Set<string>();
	for (let round = 0; round < ROUNDS_MAX; round++) {
		const before = added.length;
		for (const arm of armsLeft(machines, [...explored, ...added], asking)) {
			if (asking.cancelled() || tried.size >= TRIES_MAX) return added;
			added.push(...forArm(machines, [...explored, ...added], { arm, asking, tried }));
		}
		if (added.length === before) break;
	}
	return added;
}

/** Marks of folios that a reader's worlds are explored with the other way, at most, for each world. */
const MARKS_MAX = 8;
/** Whoever had it locked from the beginning would never give the lock back. */
const LOCKED = 'PG_locked';

/**
 * Scenarios of a reader with each mark that it asks about the other way from the beginning: an adversary that changes the mark
 * takes both arms, and yet nobody was seen who does something else while the mark is that way.
 */
export function exploreMarks(
	machines: ScenarioMachines,
	explored: readonly Explored[],
	asking: Pick<Asking, 'cancelled' | 'explore'>,
): readonly Explored[] {
	const worlds = new Map(explored.map((e) => [e.scenario.spec.name, aloneIn(e.scenario)]));
	return [...worlds.values()].flatMap((alone) => {
		const attacks = attackersOf(explored, alone);
		if (attacks.length === 0) return [];
		const { changes, skipped } = marksAsked(machines, alone);
		const runs = changes.flatMap((change) =>
			attacks.map((attack) => {
				const made = scenarioAfter(attack, change);
				return asking.cancelled() ? cancelledScenario(made) : asking.explore(made, true);
			}),
		);
		return [...runs, ...skipped];
	});
}

/** Marks of folios that the code asks about in a world, each the other way; `skipped`: what stands for those that are not tried. */
export function marksAsked(
	machines: ScenarioMachines,
	alone: Scenario,
): { readonly changes: readonly Change[]; readonly skipped: readonly Explored[] } {
	const scenarioMachine = machines.of(alone);
	const { program, root, statesMax } = machines.walk.request;
	const most = Math.min(statesMax, ALONE_MAX);
	const { end } = reduced(scenarioMachine.machine, { statesMax: most, endless: false });
	const fields = program.fields.map((f) => f.name);
	const found = new Map<string, Change>();
	for (const fn of reachable(program, root))
		for (const address of scenarioMachine.machine.trail.sourcesIn(fn))
			for (const change of changesOf(scenarioMachine.world, address, {
				fields,
				values: [],
				masks: [],
			}))
				if (change.kind === 'mark' && mayBe(alone, change) && change.mark !== LOCKED)
					found.set(changeCode(change), change);
	const all = [...found.values()];
	const more = all[MARKS_MAX];
	const skipped: Explored[] = [];
	if (end !== 'exhausted')
		skipped.push(leftOutScenario(alone, `it asks for marks in more than ${most} states`));
	if (more !== undefined)
		skipped.push(
			leftOutScenario(scenarioAfter(alone, more), `it asks for more than ${MARKS_MAX} marks`),
		);
	return { changes: all.slice(0, MARKS_MAX), skipped };
}

/** A walk's anonymous folio, or one of shmem, may be in the swap cache whoever maps it. */
function mayBe({ spec }: Scenario, change: Extract<Change, { kind: 'mark' }>): boolean {
	if (isSound(change, spec)) return true;
	const mapping = spec.folios[change.folio]?.mapping ?? '';
	return (
		change.mark === 'PG_swapcache' && !isReaderWorld(spec) && ['anon', 'shmem'].includes(mapping)
	);
}

function armsLeft(
	{ walk: { request } }: ScenarioMachines,
	explored: readonly Explored[],
	{ possible }: Asking,
): readonly Arm[] {
	const taken = unionOfArms(explored.flatMap((e) => e.arms ?? []));
	return openArms(request.program, request.root, { taken, possible });
}

function forArm(
	machines: ScenarioMachines,
	explored: readonly Explored[],
	{
		arm,
		asking,
		tried,
	}: { readonly arm: Arm; readonly asking: Asking; readonly tried: Set<string> },
): readonly Explored[] {
	const wanted = branchArm(arm.branch, arm.then);
	const isTaken = ({ arms }: Explored): boolean => hasArm(arms?.get(arm.function), wanted);
	// an arm tried before it may have been taken for
	if (explored.some(isTaken)) return [];
	const kept: Explored[] = [];
	for (const scenario of meeting(explored, arm)) {
		for (const change of changesFor(machines, scenario, arm)) {
			const made = scenarioAfter(scenario, change);
			if (tried.has(made.name) || tried.size >= TRIES_MAX) continue;
			tried.add(made.name);
			const runs = attempt(explored, { scenario, change, made, asking, isTaken });
			kept.push(...runs);
			if (runs.some(isTaken)) return kept;
		}
	}
	return kept;
}

/**
 * What was explored in the changed world, where some run took the arm. In a world that may be, what goes wrong or is not decided
 * counts in any case; in others all has to be decided.
 */
export function attempt(
	explored: readonly Explored[],
	trial: {
		readonly scenario: Scenario;
		readonly change: Change;
		readonly made: Scenario;
		readonly asking: Asking;
		isTaken(explored: Explored): boolean;
	},
): readonly Explored[] {
	const { scenario, change, made, asking, isTaken } = trial;
	const sound = isSound(change, scenario.spec);
	const alone = asking.explore(made, sound);
	if (!isDecided(alone)) return sound ? [alone] : [];
	const runs = [alone];
	const attacks = change.kind === 'actor' ? [] : attackersOf(explored, scenario);
	for (const attack of attacks) {
		const run = asking.explore(scenarioAfter(attack, change), sound);
		if (!isDecided(run) && !sound) return [];
		runs.push(run);
	}
	return runs.some(isTaken) ? runs : runs.filter((run) => !isDecided(run));
}

function isDecided({ result }: Explored): boolean {
	return result.end === 'exhausted';
}

/** The scenarios in which runs came to the branch, alone, a world for each kind of entry; changed ones too. */
export function meeting(explored: readonly Explored[], arm: Arm): readonly Scenario[] {
	const worlds = new Map<string, Scenario>();
	const other = branchArm(arm.branch, !arm.then);
	for (const { arms, scenario } of explored) {
		if (worlds.size >= WORLDS_MAX) break;
		// one of each kind of entry
		const { level, entries } = scenario.spec;
		const key = `${level} ${entries.map((e) => e.bits).join(' ')}`;
		if (!hasArm(arms?.get(arm.function), other) || worlds.has(key)) continue;
		worlds.set(key, aloneIn(scenario));
	}
	return [...worlds.values()];
}

/** The scenarios of the same world and flags in which one adversary acts. */
function attackersOf(explored: readonly Explored[], alone: Scenario): readonly Scenario[] {
	return explored
		.map((e) => e.scenario)
		.filter((s) => s.actors.length === 1 && aloneIn(s).name === alone.name);
}

/** Changes of what the branch's condition was read from. */
export function changesFor(
	machines: ScenarioMachines,
	scenario: Scenario,
	arm: Arm,
): readonly Change[] {
	const scenarioMachine = machines.of(scenario);
	const { program, statesMax } = machines.walk.request;
	reduced(scenarioMachine.machine, { statesMax: Math.min(statesMax, ALONE_MAX), endless: false });
	const fields = program.fields.map((f) => f.name);
	const { values, masks, callees, branches } = numbersAsked(program, arm.function, arm.branch);
	const addresses = new Set([
		...branches.flatMap((branch) => scenarioMachine.machine.trail.sourcesOf(arm.function, branch)),
		...callees.flatMap((fn) => scenarioMachine.machine.trail.sourcesIn(fn)),
	]);
	const changes = [...addresses].flatMap((address) =>
		changesOf(scenarioMachine.world, address, { fields, values, masks }),
	);
	if (isReaderWorld(scenario.spec)) return changes;
	const others = (program.actors ?? []).filter(
		({ name, onDemand }) =>
			onDemand &&
			!scenario.spec.actors.includes(name) &&
			findFunction(program, `actor_${name}`) !== null,
	);
	return [...changes, ...others.map(({ name }): Change => ({ kind: 'actor', actor: name }))];
}

/** Ops away from the branch, and functions deep, that are looked at for numbers. */
const DEPTH_MAX = 6;
const NUMBERS_MAX = 12;

/** Numbers that a branch's condition compares with and on both sides of each, and the bits it masks. */
function numbersAsked(
	program: Program,
	fn: FunctionIndex,
	branch: OpIndex,
): {
	readonly values: readonly number[];
	readonly masks: readonly number[];
	readonly callees: readonly FunctionIndex[];
	/** The branch, and those that decide which constant its condition is made of. */
	readonly branches: readonly number[];
} {
	const branches = new Set<number>();
	const callees = new Set<FunctionIndex>();
	const compared = new Set<number>();
	const masks = new Set<number>();
	const note = (op: Op): void => {
		if (op.kind !== 'binary') return;
		for (const { value } of [op.left, op.right].filter(isConstant)) {
			if (op.operator === '&' || op.operator === '|')
				for (const bit of fewBitsOf(value, { top: MASK_TOP, max: NUMBERS_MAX })) masks.add(bit);
			// `(flags >> 27) & 1`: a bit by its number, as test_bit() asks
			else if (op.operator === '>>' && value >= 0 && value < BIT_MAX) masks.add(2 ** value);
			else if (isComparison(op.operator)) compared.add(value);
		}
	};
	const inside = (index: FunctionIndex, depth: number): void => {
		if (depth > 3 || callees.has(index)) return;
		callees.add(index);
		for (const op of program.functions[index]?.ops ?? []) {
			note(op);
			if (op.kind === 'call') inside(op.callee, depth + 1);
		}
	};
	const source = program.functions[fn] as ProgramFunction;
	const writers = writersOf(source);
	// by the least depth that it was followed from
	const followed = new Map<number, number>();
	const follow = (operand: Operand, depth: number): void => {
		if (operand.kind === 'constant' || depth > DEPTH_MAX) return;
		const { register } = operand;
		if ((followed.get(register) ?? DEPTH_MAX + 1) <= depth) return;
		followed.set(register, depth);
		for (const pc of writers.get(register) ?? []) {
			const op = source.ops[pc] as Op;
			note(op);
			if (op.kind === 'move' && op.from.kind === 'constant') decides(pc, depth + 1);
			if (op.kind === 'call') {
				inside(op.callee, 0);
				// the number of a bit, as test_bit() is given it
				for (const { value } of op.arguments.filter(isConstant))
					if (value > 0 && value < BIT_MAX) masks.add(2 ** value);
			}
			for (const next of computedFrom(op)) follow(next, depth + 1);
		}
	};
	/** The last branch before an op. */
	const decides = (pc: number, depth: number): void => {
		let before = pc - 1;
		while (before >= 0 && source.ops[before]?.kind !== 'branch') before--;
		if (before < 0 || branches.has(before)) return;
		branches.add(before);
		const op = source.ops[before] as Extract<Op, { kind: 'branch' }>;
		follow(op.condition, depth);
	};
	decides(branch + 1, 0);
	// where there are too many, those that stand in the code go before those beside them
	const beside = [...compared].flatMap((n) => [n + 1, n - 1]);
	const values = new Set([...compared, ...beside, 0, 1]);
	return {
		values: [...values].slice(0, NUMBERS_MAX),
		masks: [...masks].slice(0, NUMBERS_MAX),
		callees: [...callees],
		branches: [...branches],
	};
}

/** Bits of a word that are asked for by number. */
const BIT_MAX = 48;

function isConstant(operand: Operand): operand is Extract<Operand, { kind: 'constant' }> {
	return operand.kind === 'constant';
}

/** The highest bit of a mask that is asked for. */
const MASK_TOP = 0x4000_0000;
