/**
 * Finds the arms of branches that ran only without an adversary that unmaps the page: a check that such an arm skips is never
 * missed there. Changes the initial state, where the condition reads a word of a page, until a run takes the arm with one.
 *
 * Invariant: an arm is quiet only where another arm of the same branch was taken under attack.
 */
import { branchArm, hasArm } from '../../memory/thread/arms.js';
import { headerOf } from '../../mm/actors/headers.js';
import { type Change, isAnyFolios, isSound, mayBeLarge, ORDER_MAX } from '../../mm/model/change.js';
import type { WorldSpec } from '../../mm/model/world_spec.js';
import { type FunctionIndex, isComparison, type OpIndex } from '../../program/op.js';
import type { Program, ProgramFunction } from '../../program/program.js';
import { reachable } from '../../program/reach.js';
import type { Arm, Arms } from '../coverage/arms.js';
import { unionOfArms } from '../coverage/arms.js';
import { leadsToWarning } from '../coverage/forced.js';
import type { Explored } from '../result.js';
import { aloneIn, type Scenario } from '../scenario.js';
import type { ScenarioMachines } from '../scenario_machine.js';
import { scenarioAfter } from '../scenarios.js';
import { cancelledScenario, leftOutScenario } from './cancelled.js';
import { type Asking, attempt, changesFor, marksAsked, meeting } from './changed_worlds.js';

/** Worlds that are changed, at most, for all arms. */
const TRIES_MAX = 48;
const TOO_MANY = `more than ${TRIES_MAX} worlds would have to be tried for arms that were taken in peace only`;

/** Scenarios of worlds changed so that arms which only quiet runs took are taken under attack. */
export function exploreQuiet(
	machines: ScenarioMachines,
	explored: readonly Explored[],
	asking: Asking,
): readonly Explored[] {
	const { program, root } = machines.walk.request;
	const added: Explored[] = [];
	const tried = new Set<string>();
	const attacked = explored.filter((e) => isAttacked(program, e));
	for (const arm of quietArms(program, root, explored)) {
		const wanted = branchArm(arm.branch, arm.then);
		const isTaken = (e: Explored): boolean => hasArm(e.arms?.get(arm.function), wanted);
		const isMissed = (): boolean => !added.some((e) => isAttacked(program, e) && isTaken(e));
		for (const scenario of meeting(attacked, arm))
			for (const change of changesFor(machines, scenario, arm)) {
				if (!isOfPage(change, scenario)) continue;
				const made = scenarioAfter(scenario, change);
				if (!isMissed() || tried.has(made.name)) continue;
				if (asking.cancelled()) return [...added, cancelledScenario(made)];
				if (tried.size >= TRIES_MAX) return [...added, leftOutScenario(made, TOO_MANY)];
				tried.add(made.name);
				added.push(...attempt(explored, { scenario, change, made, asking, isTaken }));
			}
	}
	return added;
}

/**
 * Scenarios of a walk in which each mark that it asks about is the other way from the beginning (where it is an adversary that
 * changes the mark, nobody was seen who does something else while it is so), and folios have each order that it can tell apart.
 * Flags under which a walk goes the same ways count once.
 */
export function exploreMarked(
	machines: ScenarioMachines,
	explored: readonly Explored[],
	asking: Pick<Asking, 'cancelled' | 'explore'>,
): readonly Explored[] {
	const { program, root } = machines.walk.request;
	const orders = ordersAsked(program, root);
	const asksMarks = reads(program, root, isAnyFolios);
	if (!asksMarks && orders.length === 0) return [];
	const added: Explored[] = [];
	const seen = new Set<string>();
	// what was explored for an arm need not be again
	const known = new Set(explored.map((e) => e.scenario.name));
	const marks = new Map<string, readonly Change[]>();
	const marksOf = (alone: Scenario): readonly Change[] => {
		const known = marks.get(alone.name);
		if (known !== undefined) return known;
		const { changes, skipped } = asksMarks
			? marksAsked(machines, alone)
			: { changes: [], skipped: [] };
		added.push(...skipped);
		marks.set(alone.name, changes);
		return changes;
	};
	for (const { scenario, arms } of explored) {
		const { spec, actors, name } = scenario;
		const ways = [...(arms ?? [])].map(([fn, bits]) => `${fn} ${bits.join()}`).join(' ');
		const key = `${spec.name}; ${actors.join('+')}; ${ways}`;
		if (actors.length > 1 || name.includes('~') || seen.has(key)) continue;
		seen.add(key);
		for (const change of [...marksOf(aloneIn(scenario)), ...ordersOf(spec, orders)]) {
			const made = scenarioAfter(scenario, change);
			if (known.has(made.name)) continue;
			if (asking.cancelled()) return [...added, cancelledScenario(made)];
			added.push(asking.explore(made, true));
		}
	}
	return added;
}

/** A page that a small entry maps, of a folio of each order. */
function ordersOf(
	{ level, crosses, entries, victim, folios }: WorldSpec,
	orders: readonly number[],
): readonly Change[] {
	const frame = entries[victim]?.frame ?? 0;
	const folio = folios.findIndex(({ frames }) => frames.length === 1 && frames.includes(frame));
	if (level !== 'pte' || crosses !== undefined || !mayBeLarge(folios[folio])) return [];
	return orders.map((order) => ({ kind: 'order', folio, order }));
}

/** Orders that the code can tell apart: what its functions that ask for a folio's size compare with, and both sides of that. */
function ordersAsked(program: Program, root: FunctionIndex): readonly number[] {
	const path = program.functions[root]?.path;
	const isSize = (name: string): boolean => name === '_order' || name === '_nr_pages';
	if (!reads(program, root, isSize)) return [];
	const compared = new Set<number>();
	for (const index of reachable(program, root)) {
		const fn = program.functions[index] as ProgramFunction;
		if (fn.path !== path || !reads(program, index, isSize, 1)) continue;
		for (const op of fn.ops) {
			if (op.kind !== 'binary' || !isComparison(op.operator)) continue;
			for (const operand of [op.left, op.right]) {
				if (operand.kind !== 'constant' || operand.value < 1) continue;
				compared.add(operand.value).add(Math.ceil(Math.log2(operand.value)));
			}
		}
	}
	// until 6.0 a header decided by the order how pins are counted, and of order 1 they were counted as of small ones
	const isByHeader = [...reachable(program, root)].some((index) => {
		const fn = program.functions[index] as ProgramFunction;
		return fn.origin === 'walk' && fn.path !== path && reads(program, index, isSize, 0);
	});
	const least = isByHeader ? 2 : 1;
	const near = [...compared].flatMap((order) => [order - 1, order, order + 1]);
	return [...new Set(near)].filter((order) => order >= least && order <= ORDER_MAX);
}

/** A function reads a field of that name, or one that it calls does; so many calls deep, at most. */
function reads(
	program: Program,
	from: FunctionIndex,
	isWanted: (name: string) => boolean,
	depth = Number.POSITIVE_INFINITY,
): boolean {
	const wanted = program.fields.map(({ name }) => isWanted(name));
	const seen = new Set<FunctionIndex>();
	const open: { readonly index: FunctionIndex; readonly deep: number }[] = [
		{ index: from, deep: 0 },
	];
	// grows as it is gone through: those that are called from nearby come first
	for (const { index, deep } of open) {
		const { ops = [], origin } = program.functions[index] ?? {};
		if (seen.has(index) || origin === 'actor' || deep > depth) continue;
		seen.add(index);
		const isRead = ops.some((op) => {
			if (op.kind !== 'load' || op.address.kind !== 'register') return false;
			const { register } = op.address;
			return ops.some((o) => o.kind === 'field' && o.dst === register && wanted[o.field]);
		});
		if (isRead) return true;
		for (const op of ops) {
			if (op.kind !== 'call') continue;
			// a primitive's own calls are part of it
			const isPart = program.functions[op.callee]?.origin === 'primitive' && origin === 'primitive';
			open.push({ index: op.callee, deep: isPart ? deep : deep + 1 });
		}
	}
	return false;
}

/** Any page may be so, whoever maps it. */
function isOfPage(change: Change, { spec }: Scenario): boolean {
	// an order decides how pins are counted, and has its own worlds (ordersOf)
	return isSound(change, spec) && ['mark', 'count'].includes(change.kind);
}

/** Arms of the checked file's functions that were taken in peace only. */
function quietArms(
	program: Program,
	root: FunctionIndex,
	explored: readonly Explored[],
): readonly Arm[] {
	const path = program.functions[root]?.path;
	const taken = unionOfArms(explored.flatMap((e) => e.arms ?? []));
	const attacked = unionOfArms(
		explored.filter((e) => isAttacked(program, e)).flatMap((e) => e.arms ?? []),
	);
	const isIn = (arms: Arms, fn: FunctionIndex, arm: number): boolean => hasArm(arms.get(fn), arm);
	return [...reachable(program, root)].flatMap((index) => {
		const fn = program.functions[index] as ProgramFunction;
		if (fn.origin !== 'walk' || fn.path !== path) return [];
		return fn.ops.flatMap((op, i): readonly Arm[] => {
			if (op.kind !== 'branch') return [];
			return [true, false]
				.filter((then) => {
					const arm = branchArm(i, then);
					const other = branchArm(i, !then);
					return (
						isIn(taken, index, arm) && !isIn(attacked, index, arm) && isIn(attacked, index, other)
					);
				})
				.map((then) => ({ function: index, branch: i as OpIndex, then }))
				.filter((arm) => leadsToWarning(fn, arm) === null);
		});
	});
}

/** One adversary alone that takes pages away. */
function isAttacked(program: Program, { scenario }: Explored): boolean {
	const [actor, another] = scenario.actors;
	if (actor === undefined || another !== undefined) return false;
	return headerOf(program, actor)?.unmaps === true;
}
