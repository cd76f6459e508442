/**
 * Why is this line here? Every guard of a walk is taken away and the walk explored again, in the scenarios in which the guard
 * acts: what breaks then, by whom, in how few steps.
 *
 * Which scenarios those are is seen in one exploration of the walk as it stands, with a mark where each guard acts. In the
 * others taking it away changes no run, so they need no second look. Each world is first run without an adversary: what
 * breaks there needs none. A rule that the walk breaks anyway in a scenario says nothing of the guard there.
 */
import type { CheckRequest } from '../../check/request.js';
import { CANCELLED } from '../../check/result.js';
import { traceOfRun } from '../../check/runs/run_trace.js';
import { aloneIn, isWithin, type Scenario } from '../../check/scenario.js';
import { machinesOf, type ScenarioMachines } from '../../check/scenario_machine.js';
import { scenariosOf } from '../../check/scenarios.js';
import { printPath } from '../../explore/path.js';
import { shortest } from '../../explore/shortest.js';
import { explained } from '../../rules/precedence.js';
import type { Rule } from '../../rules/verdict.js';
import { barrierNeeds } from './guard_barrier.js';
import { adversaryOf, type Look, look, ruleAt, type Seen } from './guard_look.js';
import type { GuardNeed, GuardObserver, GuardReason, GuardResult } from './guard_result.js';
import { idWithout } from './guard_trace.js';
import { type Guard, type GuardedWalk, guardsOf, marked, without } from './guards.js';

/** (state, thread) pairs looked at for the shortest run of one need. */
const SHORTEST_NODES_MAX = 60_000;
/** Broken rules of one scenario whose shortest runs are compared. */
const RULES_TRIED_MAX = 4;
/** Guards tried in the place of one that nobody needs, and worlds each is tried in. */
const COVERS_TRIED_MAX = 6;
const COVER_SCENARIOS_MAX = 8;

/** The guards of a walk that `wanted` accepts and who needs them, in the order of the source. */
export function guardTable(
	request: CheckRequest,
	observer: GuardObserver,
	wanted: (guard: Guard) => boolean = () => true,
): readonly GuardResult[] {
	const walk = guardsOf(request.program, request.root);
	const chosen = walk.guards.filter(wanted);
	const before = chosen.length === 0 ? '' : baselineOf({ request, walk, observer });
	if (typeof before === 'string') {
		const open = chosen.map((guard) => resultOpen(request, guard, before));
		for (const result of open) observer.found?.(result);
		return open;
	}
	// barriers take the weak memory model, which is slow
	const order = [...chosen].sort((a, b) => Number(isBarrier(a)) - Number(isBarrier(b)));
	const results = new Map<Guard, GuardResult>();
	for (const [i, guard] of order.entries()) {
		observer.progress(i, order.length, guard.id);
		const result = resultOf(before, guard);
		results.set(guard, result);
		if (!isIdleCheck(result)) observer.found?.(result);
	}
	observer.progress(order.length, order.length, '');
	const table = withMutualCovers(chosen.flatMap((guard) => results.get(guard) ?? []));
	chosen.forEach((guard, i) => {
		const [before, after] = [results.get(guard), table[i]];
		if (before !== undefined && after !== undefined && isIdleCheck(before)) observer.found?.(after);
	});
	return table;
}

function isIdleCheck({ reason, kind }: GuardResult): boolean {
	return reason === 'idle' && kind === 'check';
}

/**
 * A check that acts in no run may be one that another stands before: what it would reject, that one has rejected already. That
 * was seen where the other was taken away and this one made up for it.
 */
function withMutualCovers(results: readonly GuardResult[]): readonly GuardResult[] {
	return results.map((result) => {
		if (!isIdleCheck(result)) return result;
		const before = results.filter((r) => r.covered.some((c) => c.id === result.id));
		if (before.length === 0) return result;
		const covered = before.map(({ id, site }) => ({ id, site }));
		return { ...result, verdict: 'unneeded', reason: 'covered', covered };
	});
}

function resultOpen(request: CheckRequest, guard: Guard, detail: string): GuardResult {
	const { id, site, kind, givesUpWhen } = guard;
	return {
		...{ id, site, kind, givesUpWhen },
		function: request.program.functions[guard.function]?.name ?? '',
		verdict: 'undecided',
		needs: [],
		reason: 'open',
		detail,
		scenarios: { acting: 0, all: 0 },
		reached: false,
		ends: guard.ends ?? [],
		covered: [],
	};
}

function isBarrier(guard: Guard): boolean {
	return guard.kind === 'barrier';
}

/** The walk as it stands: in which scenarios which guard acts, and what breaks anyway. */
interface Baseline {
	readonly request: CheckRequest;
	readonly walk: GuardedWalk;
	readonly observer: GuardObserver;
	readonly scenarios: readonly Seen[];
	/** A world and flags with nobody else about. */
	alone(scenario: Scenario): Seen;
}

/** In words why there is none: the walk cannot be called, or it was cancelled. */
function baselineOf(given: Pick<Baseline, 'request' | 'walk' | 'observer'>): Baseline | string {
	const { request, walk, observer } = given;
	const { program, first } = marked(walk.program, walk.guards);
	const machines = machinesOf({ ...request, program });
	if (machines.kind === 'unknown') return machines.why;
	const marks = { guards: walk.guards, first };
	const options = { marks, cancelled: () => observer.cancelled() };
	const all = scenariosOf(machines.walk);
	const list = all.filter((s) => isWithin(s, request.depth ?? 'deep'));
	const scenarios: Seen[] = [];
	const seenIn = (scenario: Scenario): Seen => {
		const { scenarioMachine: _, ...seen } = look(machines, scenario, options);
		return seen;
	};
	for (const [i, scenario] of list.entries()) {
		observer.progress(i, list.length, scenario.title);
		if (observer.cancelled()) return CANCELLED;
		scenarios.push(seenIn(scenario));
	}
	const known = new Map<string, Seen>();
	for (const seen of scenarios)
		if (seen.scenario.actors.length === 0) known.set(seen.scenario.name, seen);
	const alone = (scenario: Scenario): Seen => {
		const seen = known.get(scenario.name) ?? seenIn(scenario);
		known.set(scenario.name, seen);
		return seen;
	};
	return { ...given, scenarios, alone };
}

/** The walk without some guards. */
interface Removal {
	readonly before: Baseline;
	readonly gone: readonly Guard[];
	readonly machines: ScenarioMachines;
}

function removalOf(before: Baseline, gone: readonly Guard[]): Removal {
	const machines = machinesOf({ ...before.request, program: without(before.walk, gone) });
	if (machines.kind === 'unknown') throw new Error('invariant broken: the walk was called before');
	return { before, gone, machines };
}

function resultOf(before: Baseline, guard: Guard): GuardResult {
	const { observer, request, scenarios } = before;
	const acting = scenarios.filter((s) => s.acted.has(guard));
	const found = explored(removalOf(before, [guard]), acting);
	const needs = [...found.needs];
	// what was not followed to its end as it stands may hide that the guard acts
	const unseen = scenarios.find((s) => s.open !== null && !s.acted.has(guard));
	const open =
		found.open ?? (unseen === undefined ? null : `${unseen.scenario.title}: ${unseen.open}`);
	// a read that may be repeated, or a section that is none, changes runs or it does not; a check may only have nothing behind it
	const same = found.same && ['check', 'result', 'undo', 'barrier'].includes(guard.kind);
	let reason = reasonOf({ needs, open, acting: acting.length, same });
	if (isBarrier(guard) && (reason === 'harmless' || reason === 'no difference')) {
		needs.push(...barrierNeeds({ request, walk: before.walk, guard, observer }));
		reason = needs.length > 0 ? null : 'not judged';
	}
	const isUnneeded = reason === 'harmless' || reason === 'no difference';
	const covered = isUnneeded && guard.kind === 'check' ? covers(before, guard, acting) : [];
	if (covered.length > 0) reason = 'covered';
	const unneeded = reason === 'harmless' || reason === 'covered';
	return {
		...resultOpen(request, guard, open ?? ''),
		verdict: reason === null ? 'needed' : unneeded ? 'unneeded' : 'undecided',
		needs: needs.sort(easiestFirst),
		reason,
		detail: reason === 'open' ? open : null,
		scenarios: { acting: acting.length, all: scenarios.length },
		reached: scenarios.some((s) => s.met.has(guard)),
		covered,
	};
}

function reasonOf(seen: {
	readonly needs: readonly GuardNeed[];
	readonly open: string | null;
	readonly acting: number;
	readonly same: boolean;
}): GuardReason | null {
	if (seen.needs.length > 0) return null;
	if (seen.open !== null) return 'open';
	if (seen.acting === 0) return 'idle';
	return seen.same ? 'no difference' : 'harmless';
}

/** The walk alone, then fewest switches, then fewest steps. */
function easiestFirst(a: GuardNeed, b: GuardNeed): number {
	const alone = Number(a.actor !== null) - Number(b.actor !== null);
	return alone || a.switches - b.switches || a.steps - b.steps;
}

interface Explored {
	readonly needs: readonly GuardNeed[];
	readonly open: string | null;
	/** Every scenario had the outcomes it had before. */
	readonly same: boolean;
}

/** Every world and set of flags in which the guard acts: alone, then each adversary that is not known to need it yet. */
function explored(removal: Removal, acting: readonly Seen[]): Explored {
	const { before, machines } = removal;
	const options = { marks: null, cancelled: () => before.observer.cancelled() };
	const needs: GuardNeed[] = [];
	let open: string | null = null;
	let same = true;
	const isKnown = (actor: string | null): boolean => needs.some((n) => n.actor === actor);
	const take = (was: Seen): boolean => {
		const now = look(machines, was.scenario, options);
		same &&= now.outcomes === was.outcomes;
		const need = needIn(removal, now, was);
		if (need === null && now.open !== null) open ??= `${was.scenario.title}: ${now.open}`;
		if (need === null) return false;
		// the walk alone may break several rules, in different worlds
		if (!needs.some((n) => n.actor === need.actor && n.rule === need.rule)) needs.push(need);
		return true;
	};
	for (const places of byPlace(acting)) {
		const [first] = places;
		if (first === undefined || before.observer.cancelled()) continue;
		// what breaks with nobody else about breaks with anybody
		if (take(before.alone(aloneIn(first.scenario)))) continue;
		for (const was of places) {
			const actor = adversaryOf(was.scenario);
			// two at once only where neither does it by itself
			const known = was.scenario.actors.some(isKnown);
			if (actor !== null && !known && !isKnown(actor)) take(was);
		}
	}
	if (before.observer.cancelled()) open = CANCELLED;
	return { needs, open, same };
}

/** Scenarios by world and flags, one adversary before two. */
function byPlace(looks: readonly Seen[]): readonly (readonly Seen[])[] {
	const places = new Map<string, Seen[]>();
	for (const seen of looks) {
		const { name } = aloneIn(seen.scenario);
		places.set(name, [...(places.get(name) ?? []), seen]);
	}
	const actors = (seen: Seen): number => seen.scenario.actors.length;
	return [...places.values()].map((list) => list.sort((a, b) => actors(a) - actors(b)));
}

/** What breaks that did not break before, with its shortest run; null when nothing does. */
function needIn({ gone }: Removal, now: Look, was: Seen): GuardNeed | null {
	const news = now.violations.filter((v) => !was.broken.has(ruleAt(v.violation)));
	const { actors } = was.scenario;
	const broken = news.map((found) => ({ ...found.violation, actors: new Set(actors), found }));
	const consequences = explained(broken);
	const own = broken.filter((one) => !consequences.has(one)).map(({ found }) => found);
	const runs = (own.length > 0 ? own : news)
		.slice(0, RULES_TRIED_MAX)
		.map((violation) => needOf(gone, now, violation));
	return runs.sort(easiestFirst)[0] ?? null;
}

function needOf(
	gone: readonly Guard[],
	{ scenarioMachine, scenario }: Look,
	{ key, violation, path: found }: Look['violations'][number],
): GuardNeed {
	const path = shortest(scenarioMachine.machine, { key, nodesMax: SHORTEST_NODES_MAX }) ?? found;
	const { message } = violation;
	const steps = traceOfRun(scenarioMachine, path, message)?.steps ?? [];
	return {
		actor: adversaryOf(scenario),
		rule: violation.rule as Rule,
		message,
		scenario: scenario.title,
		...(scenario.spec.level === 'pgd' ? { leafInPgd: true as const } : {}),
		memory: 'sc',
		steps: steps.length,
		switches: steps.filter((s, i) => i > 0 && s.cpu !== steps[i - 1]?.cpu).length,
		trace: idWithout(gone, `${scenario.name}:${printPath(path)}`),
	};
}

/** Checks without which, and without this one, something breaks that does not break without either alone. */
function covers(before: Baseline, guard: Guard, acting: readonly Seen[]): GuardResult['covered'] {
	const cancelled = (): boolean => before.observer.cancelled();
	const others = before.walk.guards.filter((g) => g !== guard && g.kind === 'check');
	const { program, first } = marked(without(before.walk, [guard]), others);
	const machines = machinesOf({ ...before.request, program });
	if (machines.kind === 'unknown') return [];
	const caught = new Map<Guard, Scenario[]>();
	for (const was of distinct(acting)) {
		if (cancelled()) return [];
		const { scenario } = was;
		const { acted } = look(machines, scenario, { marks: { guards: others, first }, cancelled });
		for (const other of acted) caught.set(other, [...(caught.get(other) ?? []), scenario]);
	}
	return [...caught]
		.sort((a, b) => b[1].length - a[1].length)
		.slice(0, COVERS_TRIED_MAX)
		.filter(([other, scenarios]) => {
			const both = removalOf(before, [guard, other]);
			const one = removalOf(before, [other]);
			return scenarios.some((scenario) => {
				const { broken } = look(both.machines, scenario, { marks: null, cancelled });
				if (broken.size === 0) return false;
				const already = look(one.machines, scenario, { marks: null, cancelled }).broken;
				return [...broken].some((rule) => !already.has(rule));
			});
		})
		.map(([{ id, site }]) => ({ id, site }));
}

/** A few scenarios of different worlds. */
function distinct(looks: readonly Seen[]): readonly Seen[] {
	const worlds = new Map(looks.map((seen) => [seen.scenario.spec.name, seen]));
	return [...worlds.values()].slice(0, COVER_SCENARIOS_MAX);
}
