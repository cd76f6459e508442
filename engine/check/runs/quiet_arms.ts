/**
 * Arms that some run took, and none in which somebody takes the page away: what they skip is never missed there. For those
 * whose condition was made of a word of a page, worlds are changed until runs under attack take them too.
 *
 * Invariant: an arm is quiet only where another arm of the same branch was taken under attack.
 */
import { branchArm, hasArm } from '../../memory/thread/arms.js';
import { type Change, isAnyFolios, isSound } from '../../mm/model/change.js';
import type { FunctionIndex, OpIndex } from '../../program/op.js';
import type { Program, ProgramFunction } from '../../program/program.js';
import { reachable } from '../../program/reach.js';
import type { Arms } from '../coverage/arms.js';
import { unionOfArms } from '../coverage/arms.js';
import { leadsToWarning } from '../coverage/forced.js';
import type { Arm } from '../coverage/idle.js';
import type { Explored } from '../result.js';
import { aloneIn } from '../scenario.js';
import type { ScenarioMachines } from '../scenario_machine.js';
import { scenarioAfter } from '../scenarios.js';
import { type Asking, attempt, changesFor, marksAsked, meeting } from './asked.js';
import { cancelledScenario } from './cancelled.js';

/** Worlds that are changed, at most, for all arms. */
const TRIES_MAX = 48;

/** Scenarios of worlds changed so that arms which only quiet runs took are taken under attack. */
export function exploreQuiet(
	machines: ScenarioMachines,
	explored: readonly Explored[],
	asking: Asking,
): readonly Explored[] {
	const { program, root } = machines.walk.request;
	const added: Explored[] = [];
	const tried = new Set<string>();
	for (const arm of quietArms(program, root, explored)) {
		const wanted = branchArm(arm.branch, arm.then);
		const isTaken = (e: Explored): boolean => hasArm(e.arms?.get(arm.function), wanted);
		const isMissed = (): boolean => !added.some((e) => isAttacked(e) && isTaken(e));
		const attacked = explored.filter(isAttacked);
		for (const scenario of meeting(attacked, arm))
			for (const change of changesFor(machines, scenario, arm).filter(isOfPage)) {
				if (asking.cancelled() || tried.size >= TRIES_MAX) return added;
				const made = scenarioAfter(scenario, change);
				if (!isMissed() || tried.has(made.name)) continue;
				tried.add(made.name);
				added.push(...attempt(explored, { scenario, change, made, asking, isTaken }));
			}
	}
	return added;
}

/**
 * Scenarios of a walk in which each mark that it asks about is the other way from the beginning: where it is an adversary that
 * changes the mark, nobody was seen who does something else while it is so. Flags under which a walk goes the same ways count
 * once.
 */
export function exploreMarked(
	machines: ScenarioMachines,
	explored: readonly Explored[],
	asking: Pick<Asking, 'cancelled' | 'explore'>,
): readonly Explored[] {
	const { program, root } = machines.walk.request;
	if (!readsMarks(program, root)) return [];
	const added: Explored[] = [];
	const seen = new Set<string>();
	const marks = new Map<string, readonly Change[]>();
	for (const { scenario, arms } of explored) {
		const { spec, actors, name } = scenario;
		const ways = [...(arms ?? [])].map(([fn, bits]) => `${fn} ${bits.join()}`).join(' ');
		const key = `${spec.name}; ${actors.join('+')}; ${ways}`;
		if (actors.length > 1 || name.includes('~') || seen.has(key)) continue;
		seen.add(key);
		const alone = aloneIn(scenario);
		const known = marks.get(alone.name) ?? marksAsked(machines, alone);
		marks.set(alone.name, known);
		for (const change of known) {
			const made = scenarioAfter(scenario, change);
			if (asking.cancelled()) return [...added, cancelledScenario(made)];
			added.push(asking.explore(made, true));
		}
	}
	return added;
}

/** Some function of the walk reads a mark that any folio may have. */
function readsMarks(program: Program, root: FunctionIndex): boolean {
	const isMark = program.fields.map(({ name }) => isAnyFolios(name));
	return [...reachable(program, root)].some((index) => {
		const { ops = [], origin } = program.functions[index] ?? {};
		if (origin === 'actor') return false;
		return ops.some((op) => {
			if (op.kind !== 'load' || op.address.kind !== 'register') return false;
			const { register } = op.address;
			return ops.some((o) => o.kind === 'field' && o.dst === register && isMark[o.field]);
		});
	});
}

/** Any page may be so, whoever maps it. */
function isOfPage(change: Change): boolean {
	return isSound(change) && ['mark', 'count', 'order'].includes(change.kind);
}

/** Adversaries after which another page, or none, is mapped where the walk read its entry. */
const REMOVERS: ReadonlySet<string> = new Set(['zap', 'remap', 'truncate', 'evict', 'reclaim']);

/** Arms of the checked file's functions that were taken in peace only. */
export function quietArms(
	program: Program,
	root: FunctionIndex,
	explored: readonly Explored[],
): readonly Arm[] {
	const path = program.functions[root]?.path;
	const taken = unionOfArms(explored.flatMap((e) => e.arms ?? []));
	const attacked = unionOfArms(explored.filter((e) => isAttacked(e)).flatMap((e) => e.arms ?? []));
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
export function isAttacked({ scenario }: Explored): boolean {
	const { actors } = scenario;
	return actors.length === 1 && REMOVERS.has(actors[0] as string);
}
