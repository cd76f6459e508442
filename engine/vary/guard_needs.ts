/**
 * Why is this line here? Every guard of a walk is taken away and the walk explored again, in the scenarios in which the guard
 * acts: what breaks then, by whom, in how few steps.
 *
 * Which scenarios those are is seen in one exploration of the walk as it stands, with a mark where each guard acts. In the
 * others taking it away changes no run, so they need no second look. Each world is first run without an adversary: what
 * breaks there needs none. A rule that the walk breaks anyway in a scenario says nothing of the guard there.
 *
 * Invariant: `unneeded` means that every scenario in which the guard acts was exhausted without it.
 */
import type { CheckRequest } from '../check.js';
import { printPath } from '../explore/path.js';
import { reduced } from '../explore/reduced.js';
import { shortest } from '../explore/shortest.js';
import { labelsOf } from '../mm/labels.js';
import { UNMODELLED, type Violation } from '../mm/violation.js';
import type { SiteIndex } from '../program/op.js';
import type { Program } from '../program/program.js';
import { PROPERTIES } from '../properties/catalog.js';
import {
	type Arena,
	arenaOf,
	type Bench,
	benchOf,
	type Scenario,
	scenariosOf,
} from '../scenario.js';
import { narrate } from '../trace/narrate.js';
import type { Rule } from '../verdict.js';
import {
	type Guard,
	type GuardedWalk,
	type GuardKind,
	guardsOf,
	marked,
	without,
} from './guards.js';

/** What breaks without a guard, by one adversary (null: by the walk alone). */
export interface GuardNeed {
	readonly actor: string | null;
	readonly rule: Rule;
	readonly message: string;
	/** World, flags and adversary, for people. */
	readonly scenario: string;
	/** Steps that touched shared state, of all threads, to the end of the run. */
	readonly steps: number;
	/** Times the run goes over from one CPU to another. */
	readonly switches: number;
	/** Replays the run of the walk without the guard. */
	readonly trace: string;
}

export interface GuardResult {
	readonly id: string;
	readonly function: string;
	readonly site: SiteIndex;
	readonly kind: GuardKind;
	readonly givesUpWhen: boolean | null;
	readonly verdict: 'needed' | 'unneeded' | 'undecided';
	readonly needs: readonly GuardNeed[];
	/** Why it is not `needed`: `idle` (it acts in no explored run), `harmless`, or what was not decided. */
	readonly why: string | null;
	/** Scenarios in which it acts. */
	readonly scenarios: number;
	/** Guards any one of which suffices in its place: without both something breaks. */
	readonly covered: readonly { readonly id: string; readonly site: SiteIndex }[];
}

export interface GuardObserver {
	cancelled(): boolean;
	progress(done: number, total: number, what: string): void;
	/** A guard's result as soon as it is known. */
	found?(result: GuardResult): void;
}

export interface GuardTable {
	/** Why the walk was not looked at, else null. */
	readonly why: string | null;
	readonly guards: readonly GuardResult[];
}

/** Words of `GuardResult.why` that are not reasons of being undecided. */
export const IDLE = 'it acts in no explored run';
export const HARMLESS = 'nothing that is modelled breaks without it';

/** (state, thread) pairs looked at for the shortest run before the run first found is taken. */
const SHORTEST_NODES_MAX = 20_000;
/** Guards tried in the place of one that nobody needs. */
const COVERS_TRIED_MAX = 6;

/** The guards of a walk and who needs them; those of `only`, when given, by id. */
export function guardTable(
	request: CheckRequest,
	observer: GuardObserver,
	only: (guard: Guard) => boolean = () => true,
): GuardTable {
	const walk = guardsOf(request.program, request.root);
	const base = Baseline.of(request, walk, observer);
	if (base === null) {
		const bench = benchOf(request);
		return { why: bench.kind === 'unknown' ? bench.why : 'it was cancelled', guards: [] };
	}
	const guards: GuardResult[] = [];
	const wanted = walk.guards.filter(only);
	for (const [i, guard] of wanted.entries()) {
		observer.progress(i, wanted.length, guard.id);
		const result = new Removal(base, [guard], observer).result(guard);
		guards.push(result);
		observer.found?.(result);
	}
	observer.progress(wanted.length, wanted.length, '');
	return { why: null, guards };
}

/** The walk as it stands: in which scenarios which guard acts, and what breaks anyway. */
class Baseline {
	readonly walk: GuardedWalk;
	readonly request: CheckRequest;
	readonly scenarios: readonly Look[];
	private readonly alone = new Map<string, ReadonlySet<string>>();
	private readonly bench: Bench;

	private constructor(
		request: CheckRequest,
		walk: GuardedWalk,
		{ bench, scenarios }: { readonly bench: Bench; readonly scenarios: readonly Look[] },
	) {
		this.request = request;
		this.walk = walk;
		this.bench = bench;
		this.scenarios = scenarios;
	}

	/** Null when it cannot be called, or was cancelled. */
	static of(request: CheckRequest, walk: GuardedWalk, observer: GuardObserver): Baseline | null {
		const { program, first } = marked(walk.program, walk.guards);
		const bench = benchOf({ ...request, program });
		if (bench.kind === 'unknown') return null;
		const list = scenariosOf(bench);
		const scenarios: Look[] = [];
		for (const [i, scenario] of list.entries()) {
			observer.progress(i, list.length, scenario.title);
			if (observer.cancelled()) return null;
			scenarios.push(look(bench, scenario, { marks: walk.guards, first, observer }));
		}
		return new Baseline(request, walk, { bench, scenarios });
	}

	/** What the walk breaks with nobody around, in the world and with the flags of a scenario. */
	brokenAlone(scenario: Scenario): ReadonlySet<string> {
		const known = this.alone.get(scenario.name);
		if (known !== undefined) return known;
		const { broken } = look(this.bench, scenario, null);
		this.alone.set(scenario.name, broken);
		return broken;
	}
}

/** One scenario explored. */
interface Look {
	readonly scenario: Scenario;
	/** Guards that acted in some run. */
	readonly acted: ReadonlySet<Guard>;
	/** `rule@function` of what is broken. */
	readonly broken: ReadonlySet<string>;
	readonly violations: readonly { readonly violation: Violation; readonly key: string }[];
	readonly arena: Arena;
	/** Why not every run was followed to its end, or null. */
	readonly open: string | null;
}

interface Marks {
	readonly marks: readonly Guard[];
	readonly first: number;
	readonly observer: GuardObserver;
}

function look(bench: Bench, scenario: Scenario, marks: Marks | null): Look {
	const arena = arenaOf(bench, scenario);
	const exploration = reduced(arena.machine, {
		statesMax: bench.request.statesMax,
		cancelled: () => marks?.observer.cancelled() === true,
	});
	const violations = exploration.violations.map(({ violation, key }) => ({ violation, key }));
	const modelled = violations.filter((v) => v.violation.rule !== UNMODELLED);
	const unmodelled = violations.find((v) => v.violation.rule === UNMODELLED);
	const [cut] = exploration.cuts;
	const open =
		exploration.end === 'limit'
			? `the limit of ${exploration.states} states was met`
			: exploration.end === 'cancelled'
				? 'it was cancelled'
				: cut !== undefined
					? cut.incident.kind === 'unsupported'
						? cut.incident.reason
						: 'a bound was met'
					: exploration.deadlock !== null
						? 'a run ends in a deadlock of the model'
						: (unmodelled?.violation.message ?? null);
	const acted = marks?.marks.filter((_, i) => arena.entered.has((marks.first + i) as never)) ?? [];
	return {
		scenario,
		acted: new Set(acted),
		broken: new Set(modelled.map((v) => keyOf(v.violation))),
		violations: modelled,
		arena,
		open,
	};
}

function keyOf(violation: Violation): string {
	return `${violation.rule}@${violation.function}`;
}

/** The walk without some guards, explored where the first of them acts. */
class Removal {
	private readonly base: Baseline;
	private readonly gone: readonly Guard[];
	private readonly observer: GuardObserver;
	private readonly bench: Bench;

	constructor(base: Baseline, gone: readonly Guard[], observer: GuardObserver) {
		this.base = base;
		this.gone = gone;
		this.observer = observer;
		const bench = benchOf({ ...base.request, program: without(base.walk, gone) });
		if (bench.kind === 'unknown')
			throw new Error('invariant broken: a walk that was called can be called');
		this.bench = bench;
	}

	result(guard: Guard): GuardResult {
		const acting = this.base.scenarios.filter((s) => s.acted.has(guard));
		const needs = new Map<string | null, GuardNeed>();
		let open: string | null = null;
		for (const places of byPlace(acting)) {
			if (this.observer.cancelled()) open ??= 'it was cancelled';
			else open ??= this.place(places, needs);
		}
		const unseen = this.base.scenarios.find((s) => s.open !== null && !s.acted.has(guard));
		open ??= unseen === undefined ? null : `${unseen.scenario.title}: ${unseen.open}`;
		const verdict = needs.size > 0 ? 'needed' : open !== null ? 'undecided' : 'unneeded';
		const covered = verdict === 'unneeded' && acting.length > 0 ? this.covers(guard, acting) : [];
		return {
			id: guard.id,
			function: this.base.request.program.functions[guard.function]?.name ?? '',
			site: guard.site,
			kind: guard.kind,
			givesUpWhen: guard.givesUpWhen,
			verdict,
			needs: [...needs.values()],
			why: verdict === 'needed' ? null : (open ?? (acting.length === 0 ? IDLE : HARMLESS)),
			scenarios: acting.length,
			covered,
		};
	}

	/** One world with one set of flags: alone, then each adversary that is not known yet. Why something stayed open, or null. */
	private place(places: readonly Look[], needs: Map<string | null, GuardNeed>): string | null {
		const [first] = places;
		if (first === undefined) return null;
		const alone = aloneIn(first.scenario);
		const own = look(this.bench, alone, null);
		const before = first.scenario.actors.length === 0 ? first.broken : this.base.brokenAlone(alone);
		const need = this.needIn(own, before);
		if (need !== null) {
			if (!needs.has(null)) needs.set(null, need);
			return null;
		}
		let open = own.open === null ? null : `${own.scenario.title}: ${own.open}`;
		for (const { scenario, broken } of places) {
			const actor = scenario.actors[0] ?? null;
			if (actor === null || needs.has(actor)) continue;
			const seen = look(this.bench, scenario, null);
			const found = this.needIn(seen, broken);
			if (found !== null) needs.set(actor, found);
			else if (seen.open !== null) open ??= `${scenario.title}: ${seen.open}`;
		}
		return open;
	}

	private needIn(
		{ arena, violations, scenario }: Look,
		before: ReadonlySet<string>,
	): GuardNeed | null {
		const news = violations.filter((v) => !before.has(keyOf(v.violation)));
		const rules = new Set(news.map((v) => v.violation.rule));
		const order = (v: { readonly violation: Violation }): number =>
			PROPERTIES.findIndex((p) => p.rule === v.violation.rule) +
			(rules.has(v.violation.explainedBy ?? '') ? PROPERTIES.length : 0);
		const [worst] = [...news].sort((a, b) => order(a) - order(b));
		if (worst === undefined) return null;
		const { machine, program, world } = arena;
		const path = shortest(machine, { key: worst.key, nodesMax: SHORTEST_NODES_MAX });
		if (path === null) return null;
		const options = { program, labels: labelsOf(program, world), scenario: scenario.name };
		const { message } = worst.violation;
		const trace = narrate(machine, path, { ...options, violation: message });
		const steps = trace?.steps ?? [];
		return {
			actor: scenario.actors[0] ?? null,
			rule: worst.violation.rule as Rule,
			message,
			scenario: scenario.title,
			steps: steps.length,
			switches: steps.filter((s, i) => i > 0 && s.cpu !== steps[i - 1]?.cpu).length,
			trace: `${printGone(this.gone)}${scenario.name}:${printPath(path)}`,
		};
	}

	/** Guards without which, and without this one, something breaks that neither breaks by itself. */
	private covers(guard: Guard, acting: readonly Look[]): GuardResult['covered'] {
		const others = this.base.walk.guards.filter((g) => g !== guard && g.kind === 'check');
		const { program, first } = marked(without(this.base.walk, [guard]), others);
		const bench = benchOf({ ...this.base.request, program });
		if (bench.kind === 'unknown') return [];
		const caught = new Map<Guard, Look[]>();
		for (const { scenario } of acting) {
			if (this.observer.cancelled()) return [];
			const seen = look(bench, scenario, { marks: others, first, observer: this.observer });
			for (const other of seen.acted) caught.set(other, [...(caught.get(other) ?? []), seen]);
		}
		const likely = [...caught].sort((a, b) => b[1].length - a[1].length);
		return likely
			.slice(0, COVERS_TRIED_MAX)
			.filter(([other, looks]) => this.suffices(guard, other, looks))
			.map(([{ id, site }]) => ({ id, site }));
	}

	private suffices(guard: Guard, other: Guard, looks: readonly Look[]): boolean {
		const both = new Removal(this.base, [guard, other], this.observer);
		const one = new Removal(this.base, [other], this.observer);
		return looks.some(({ scenario }) => {
			const broken = look(both.bench, scenario, null).violations;
			if (broken.length === 0) return false;
			const already = look(one.bench, scenario, null).broken;
			return broken.some((v) => !already.has(keyOf(v.violation)));
		});
	}
}

/** Scenarios by world and flags. */
function byPlace(looks: readonly Look[]): readonly (readonly Look[])[] {
	const places = new Map<string, Look[]>();
	for (const seen of looks) {
		const { name } = aloneIn(seen.scenario);
		places.set(name, [...(places.get(name) ?? []), seen]);
	}
	return [...places.values()];
}

/** The scenario without its adversary. */
function aloneIn(scenario: Scenario): Scenario {
	if (scenario.actors.length === 0) return scenario;
	const name = scenario.name.split('.').slice(0, 2).join('.');
	const title = scenario.title.split('; ').slice(0, 2).join('; ');
	return { ...scenario, name, title, actors: [] };
}

const GONE = /^without ([\w.,]+)\/(.*)$/s;

function printGone(guards: readonly Guard[]): string {
	return `without ${guards.map((g) => g.id).join(',')}/`;
}

/** The walk and the id of one of its runs that an id of a run without guards names; `why` when there are no such guards. */
export function withoutById(
	program: Program,
	root: CheckRequest['root'],
	id: string,
):
	| { readonly program: Program; readonly id: string }
	| { readonly program: null; readonly why: string } {
	const [, names, rest] = GONE.exec(id) ?? [];
	if (names === undefined || rest === undefined) return { program, id };
	const walk = guardsOf(program, root);
	const gone: Guard[] = [];
	for (const name of names.split(',')) {
		const guard = walk.guards.find((g) => g.id === name);
		if (guard === undefined) return { program: null, why: `this walk has no guard ${name}` };
		gone.push(guard);
	}
	return { program: without(walk, gone), id: rest };
}
