/**
 * What executions show beyond interleavings, scenario by scenario: runs of the walk and of the adversary that have executions
 * together, the critical cycles that are not shown to be forbidden (engine/memory/lkmm/robust.ts), and where there are some,
 * every consistent execution that no interleaving gives, told to the monitor (orders.ts). What interleavings give was
 * explored before; without an open cycle that is all there is.
 *
 * Model: pairs of adversaries are explored under sc only; so are plain loads that the compiler repeats.
 */

import { CANCELLED, type Explored } from '../check/result.js';
import type { Beyond } from '../check/runs/interleavings.js';
import type { Scenario } from '../check/scenario.js';
import type { ScenarioMachines } from '../check/scenario_machine.js';
import { Compatibility } from '../memory/lkmm/compatible.js';
import type { LocationIndex } from '../memory/lkmm/litmus_program.js';
import { type Happens, happensOn, MACHINES, type Machine, more } from '../memory/lkmm/machines.js';
import { executionsOf } from '../memory/lkmm/pair.js';
import type { ProgramRun } from '../memory/lkmm/program_run.js';
import {
	type Cycle,
	isExcluded,
	type OrderedRun,
	openCycles,
	orderedRun,
} from '../memory/lkmm/robust.js';
import { isTotalStoreOrder } from '../memory/lkmm/tso.js';
import { frameOfEntry } from '../mm/model/layout.js';
import type { Violation } from '../mm/model/violation.js';
import type { Rule } from '../rules/verdict.js';
import { findingOf } from './finding.js';
import { judgeOrders } from './orders.js';
import { idOf, type LkmmCandidate, type LkmmRuns, lkmmRuns, runsOfPair } from './scenario_runs.js';

/** Decisions of the search over one scenario. */
const DECISIONS_MAX = 2_000_000;
/** Different runs of all scenarios together. */
const RUNS_MAX = 2 ** 26;
/** Executions of one scenario that machines are asked about, each machine counted. */
const ASKED_MAX = 1200;

/** How one scenario was decided. */
export interface Beyondness {
	readonly scenario: Scenario;
	/**
	 * `robust`: no critical cycle is open · `explored`: executions were explored for those that are · `left`: not decided, or not
	 * looked at (`why`).
	 */
	readonly kind: 'robust' | 'explored' | 'left';
	readonly why: string | null;
	/**
	 * Pairs of runs that may have executions together and that no earlier scenario had, those of them with an open cycle, those
	 * with an execution that no interleaving gives.
	 */
	readonly pairs: number;
	readonly open: number;
	readonly weak: number;
	/** Open cycles, as text. */
	readonly cycles: ReadonlySet<string>;
}

export interface Asking {
	cancelled(): boolean;
	/** Told of each scenario. */
	decided?(beyondness: Beyondness): void;
}

/** What executions add to what interleavings showed. */
export function beyondInterleavings(
	machines: ScenarioMachines,
	explored: readonly Explored[],
	asking: Asking,
): Beyond {
	const known = new Map<string, Looked>();
	const quiet = new QuietPairs();
	const found = new Map<string, LkmmCandidate>();
	const limits = new Map<Explored, { readonly why: string; readonly entered: Entered }>();
	const doubtful = new Map<Explored, Looked>();
	for (const e of explored) {
		const { scenario } = e;
		const { length } = scenario.actors;
		if (length !== 1 || e.result.end !== 'exhausted') {
			const why = length > 1 ? 'several adversaries at once' : `under sc: ${e.result.end}`;
			const none = { scenario, pairs: 0, open: 0, weak: 0, cycles: new Set<string>() };
			if (length === 0) asking.decided?.({ ...none, kind: 'robust', why: null });
			else asking.decided?.({ ...none, kind: 'left', why });
			continue;
		}
		if (asking.cancelled()) {
			limits.set(e, { why: CANCELLED, entered: e.entered });
			continue;
		}
		const look = new Look(machines, { scenario, asking, quiet });
		// Flags that change nothing in any run change nothing in any execution, but for what the rules say of it.
		const same = known.get(look.key);
		const looked = same === undefined || same.weak > 0 ? look.explore() : same;
		known.set(look.key, looked);
		asking.decided?.({ ...looked, scenario });
		if (looked.doubtful.size > 0) doubtful.set(e, looked);
		if (looked.why !== null) limits.set(e, { why: looked.why, entered: looked.entered });
		for (const candidate of looked.candidates) {
			const { rule, place } = candidate.broken;
			const key = `${rule}@${place?.function}`;
			const first = found.get(key);
			const machines = candidate.machines ?? new Map<Machine, Happens>();
			for (const [machine, said] of first?.machines ?? [])
				machines.set(machine, more(said, machines.get(machine) ?? 'no'));
			if (first === undefined || (candidate.isOnX86 === true && first.isOnX86 !== true))
				found.set(key, candidate);
			else for (const [machine, said] of machines) first.machines?.set(machine, said);
		}
	}
	for (const [e, looked] of doubtful) {
		// what is broken in some execution is found, and need not be decided in the others
		const [first] = [...looked.doubtful].filter(([key]) => !found.has(key));
		if (first === undefined || limits.has(e)) continue;
		const { rule, message } = first[1];
		const why = `an execution that no interleaving gives may break ${rule}: ${message}`;
		limits.set(e, { why, entered: looked.entered });
	}
	return {
		explored: explored.map((e) => {
			const left = limits.get(e);
			if (left === undefined || e.limit !== null) return e;
			const entered = new Set([...e.entered, ...left.entered]);
			return { ...e, entered, limit: { why: `under lkmm, ${left.why}`, isOpen: false } };
		}),
		findings: () => [...found.values()].map((candidate) => findingOf(machines.walk, candidate)),
	};
}

type Entered = Explored['entered'];

interface Looked extends Beyondness {
	readonly candidates: readonly LkmmCandidate[];
	/** What may be broken, by rule and function. */
	readonly doubtful: ReadonlyMap<string, Violation>;
	/** Functions that some run of the walk enters. */
	readonly entered: Entered;
}

/**
 * Pairs of runs without an execution that no interleaving gives, by all that these follow from: many runs are the same in
 * scenarios that differ in flags.
 */
class QuietPairs {
	readonly #ids = new Map<string, number>();
	readonly #known = new WeakMap<ProgramRun, number>();
	readonly #quiet = new Set<number>();

	/** Equal for runs of equal events and constraints, at equal addresses that begin with equal values. */
	idOf(of: ProgramRun, { made }: LkmmRuns): number {
		const known = this.#known.get(of);
		if (known !== undefined) return known;
		const { run } = of;
		const { locations } = made.program;
		const events = run.events.map(({ site: _, location, ...event }) => {
			const address = location === null ? null : made.addresses[location];
			const initial = location === null ? null : locations[location]?.initial;
			return this.#numberOf(JSON.stringify([address, initial, event]));
		});
		const constraints = run.constraints.map((c) => this.#numberOf(JSON.stringify(c)));
		const id = this.#numberOf(`${events} ${constraints}`);
		this.#known.set(of, id);
		return id;
	}

	/** Equal for scenarios whose executions are the same, and are judged alike. */
	keyOf(scenario: Scenario, lkmm: LkmmRuns): string {
		const runs = lkmm.made.runs.map((list) =>
			list.map((run) => `${this.idOf(run, lkmm)}.${this.#numberOf(JSON.stringify(run.end))}`),
		);
		return `${scenario.spec.name} ${scenario.actors} ${runs.join(' ')}`;
	}

	#numberOf(text: string): number {
		const id = this.#ids.get(text) ?? this.#ids.size;
		this.#ids.set(text, id);
		return id;
	}

	has(walk: number, adversary: number): boolean {
		return this.#quiet.has(walk * RUNS_MAX + adversary);
	}

	add(walk: number, adversary: number): void {
		this.#quiet.add(walk * RUNS_MAX + adversary);
	}
}

class Look {
	/** What all its executions follow from. */
	readonly key: string;
	readonly #scenario: Scenario;
	readonly #asking: Asking;
	readonly #lkmm: LkmmRuns;
	readonly #candidates: LkmmCandidate[] = [];
	readonly #cycles = new Set<string>();
	readonly #ordered = new Map<ProgramRun, OrderedRun>();
	readonly #quiet: QuietPairs;
	/** Locations of page-table entries. */
	readonly #entries: ReadonlySet<LocationIndex>;
	/** How often a machine was asked about an execution. */
	#asked = 0;
	readonly #doubtful = new Map<string, Violation>();
	#decisions = 0;
	#why: string | null = null;
	#weak = 0;

	constructor(
		machines: ScenarioMachines,
		{
			scenario,
			asking,
			quiet,
		}: { readonly scenario: Scenario; readonly asking: Asking; readonly quiet: QuietPairs },
	) {
		this.#scenario = scenario;
		this.#asking = asking;
		this.#quiet = quiet;
		this.#lkmm = lkmmRuns(machines, scenario, {
			cancelled: asking.cancelled,
			proceed: () => this.#proceed(),
		});
		this.#entries = new Set(
			this.#lkmm.made.addresses.flatMap((address, location) =>
				frameOfEntry(address) === null ? [] : [location as LocationIndex],
			),
		);
		this.#why = this.#lkmm.made.limit;
		this.key = quiet.keyOf(scenario, this.#lkmm);
	}

	explore(): Looked {
		const { made, options } = this.#lkmm;
		const [walks = [], adversaries = []] = made.runs;
		let pairs = 0;
		let open = 0;
		if (this.#why === null && (walks.length === 0 || adversaries.length === 0))
			this.#why = 'no run of it was found';
		if (this.#why === null) {
			const compatibility = new Compatibility(options.program);
			const others = adversaries.map((run) => [run, this.#quiet.idOf(run, this.#lkmm)] as const);
			for (const walk of walks) {
				const id = this.#quiet.idOf(walk, this.#lkmm);
				for (const [adversary, other] of others) {
					if (this.#quiet.has(id, other)) continue;
					if (!compatibility.meet(walk.run, adversary.run)) continue;
					const both = [this.#order(walk), this.#order(adversary)] as const;
					const isApart = isExcluded(options.program, both);
					if (!isApart) pairs++;
					const [cycle] = isApart ? [] : openCycles(options.program, both, 1);
					if (cycle === undefined) {
						this.#quiet.add(id, other);
						continue;
					}
					open++;
					this.#cycles.add(this.#words(walk, adversary, cycle));
					if (!this.#judge(walk, adversary)) this.#quiet.add(id, other);
				}
			}
		}
		const kind = this.#why !== null ? 'left' : open > 0 ? 'explored' : 'robust';
		// What follows explains what was found, with decisions of its own.
		const why = this.#why;
		this.#decisions = 0;
		const entered = new Set(walks.flatMap((w) => [...w.entered]));
		return {
			...{ entered, scenario: this.#scenario, kind, why, pairs, open },
			...{ weak: this.#weak, cycles: this.#cycles },
			...{ candidates: this.#candidates, doubtful: this.#doubtful },
		};
	}

	#order(run: ProgramRun): OrderedRun {
		const known = this.#ordered.get(run);
		if (known !== undefined) return known;
		const { program, generation } = this.#lkmm.options;
		const made = orderedRun(program, run.run, generation);
		this.#ordered.set(run, made);
		return made;
	}

	#proceed(): boolean {
		if (this.#decisions++ > DECISIONS_MAX) this.#why ??= `more than ${DECISIONS_MAX} decisions`;
		else if ((this.#decisions & 127) === 0 && this.#asking.cancelled()) this.#why ??= CANCELLED;
		else return true;
		return false;
	}

	/** Judges every execution of the two that no interleaving gives; whether there is one, or not all were looked at. */
	#judge(walk: ProgramRun, adversary: ProgramRun): boolean {
		const pair = { walk, adversary };
		const runs = runsOfPair(pair);
		let isWeak = false;
		const isComplete = executionsOf(
			runs.map((r) => r.run),
			this.#lkmm.options,
			(snapshot) => {
				if (snapshot.isSequential) return true;
				isWeak = true;
				for (const { end } of runs)
					if (end.kind === 'unsupported') this.#why ??= `an execution comes to: ${end.reason}`;
				const said = judgeOrders(this.#lkmm, runs, snapshot);
				if (said.kind === 'untold') {
					this.#why ??= `an execution that no interleaving gives is not judged: ${said.why}`;
					return true;
				}
				const [first] = said.violations;
				for (const v of said.open) this.#doubtful.set(`${v.rule}@${v.function}`, v);
				if (first !== undefined) {
					const { function: fn, site } = first;
					const broken = { rule: first.rule as Rule, what: first.message, frames: null };
					this.#collect({
						...pair,
						snapshot,
						broken: { ...broken, place: { function: fn, site } },
					});
				}
				return true;
			},
		);
		if (isWeak) this.#weak++;
		return isWeak || !isComplete;
	}

	#collect(example: Pick<LkmmCandidate, 'walk' | 'adversary' | 'snapshot' | 'broken'>): void {
		const { walk, adversary, broken, snapshot } = example;
		const at = this.#candidates.findIndex((c) => c.broken.rule === broken.rule);
		const known = this.#candidates[at];
		const pairs = known?.pairs ?? [];
		if (!pairs.some((p) => p.walk === walk && p.adversary === adversary))
			pairs.push({ walk, adversary });
		const runs = runsOfPair(example).map((r) => r.run);
		const machines = known?.machines ?? new Map<Machine, Happens>();
		for (const machine of MACHINES) {
			const before = machines.get(machine) ?? 'no';
			if (before === 'yes') continue;
			const asked = { snapshot, entries: this.#entries };
			const said = this.#asked++ < ASKED_MAX ? happensOn(machine, runs, asked) : 'unknown';
			machines.set(machine, more(before, said));
		}
		if (known?.isOnX86 === true) return;
		const isOnX86 = isTotalStoreOrder(runs, snapshot);
		// One that every architecture does says more.
		if (known !== undefined && !isOnX86) return;
		const id = idOf(this.#scenario, this.#lkmm.made, example);
		const candidate = {
			...example,
			pairs,
			lkmm: this.#lkmm,
			scenario: this.#scenario,
			id,
			isOnX86,
			machines,
		};
		this.#candidates.splice(at < 0 ? this.#candidates.length : at, 1, candidate);
	}

	/** `R pte[1] -> W folio#8._refcount | W folio#8._refcount -> W pte[1]`. */
	#words(walk: ProgramRun, adversary: ProgramRun, { first, second }: Cycle): string {
		const access = ({ run, notes }: ProgramRun, index: number): string => {
			const address = notes[index]?.address ?? null;
			const location = address === null ? null : this.#lkmm.labels.location(address);
			const kind = run.events[index]?.value === null ? 'R' : 'W';
			return `${kind} ${location ?? 'what is gone'}`;
		};
		const side = (run: ProgramRun, pair: readonly [number, number]): string =>
			`${access(run, pair[0])} -> ${access(run, pair[1])}`;
		return `${side(walk, first)} | ${side(adversary, second)}`;
	}
}
