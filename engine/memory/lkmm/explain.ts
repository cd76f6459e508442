/**
 * Explains a litmus program: one execution that ends as asked, or why none does (of the candidates that would end so, the
 * one with the shortest cycle of an axiom), and one with a data race.
 *
 * Candidates are looked at in two rounds: coherent and atomic ones, and all others only when there are none of those,
 * because "a read may not go back" explains little while a subtler reason exists.
 */

import { type Axiom, type Execution, fix, type Generation } from './axioms.js';
import { holds } from './condition.js';
import { allRuns } from './contents.js';
import type { ThreadRun } from './event.js';
import { CycleFinder, type EventCycle } from './explain_cycle.js';
import type { Cycle, CycleStep, Explanation, ShownExecution, ShownRace } from './explanation.js';
import { anyCandidates } from './incoherent.js';
import type { Condition, LitmusProgram, Observable } from './litmus_program.js';
import { eventsOf, isTime } from './outcomes.js';
import { EVENTS_MAX } from './run_recorder.js';
import { type PartialView, search } from './search.js';
import { edgeName, type Showing, showExecution } from './show_execution.js';
import { type EventStructure, eventStructure } from './structure.js';
import { suppliable } from './supply.js';
import { combinations } from './symmetry.js';

export interface ExplainOptions {
	readonly generation: Generation;
	readonly loopMax: number;
	/** Decisions of each search. */
	readonly decisionsMax: number;
	/** Candidates whose cycle is looked for. */
	readonly candidatesMax: number;
	readonly cancelled: () => boolean;
}

export const EXPLAIN_OPTIONS: ExplainOptions = {
	generation: '6.12',
	loopMax: 4,
	decisionsMax: 300_000,
	candidatesMax: 64,
	cancelled: () => false,
};

/** An execution with a data race. */
export interface RaceExplanation {
	readonly execution: ShownExecution;
	readonly races: readonly ShownRace[];
}

/** Explains whether the program can end in a state that satisfies `target`. */
export function explain(
	program: LitmusProgram,
	target: Condition,
	options: ExplainOptions,
): Explanation {
	const explainer = new Explainer(program, options);
	return explainer.allowed(target) ?? explainer.forbidden(target);
}

/** One execution with a data race, or null when none was found. */
export function explainRace(
	program: LitmusProgram,
	options: ExplainOptions,
): RaceExplanation | null {
	return new Explainer(program, options).race();
}

type Read = (o: Observable) => number | null;

class Explainer {
	readonly #program: LitmusProgram;
	readonly #options: ExplainOptions;
	readonly #combinations: readonly (readonly ThreadRun[])[];
	#decisions = 0;
	/** Of the largest execution. */
	readonly #events: number;
	/** Why not all ways through the threads are known, or null. */
	readonly #bound: string | null;
	/** Why a search was given up, or null. */
	#stopped: string | null = null;

	constructor(program: LitmusProgram, options: ExplainOptions) {
		this.#program = program;
		this.#options = options;
		const { loopMax, cancelled } = options;
		const limits = { loopMax, runsMax: 2000, blocking: false, cancelled };
		const threads = allRuns(program, limits);
		this.#events = eventsOf(threads);
		const isLarge = this.#events > EVENTS_MAX;
		const classes = program.threads.map((_, i) => i);
		const all: (readonly ThreadRun[])[] = [];
		let bound = threads.find((t) => t.limit !== null)?.limit ?? null;
		const runs = isLarge ? [] : threads.map((t) => t.runs);
		for (const { runs: chosen } of combinations(runs, classes, suppliable(program, runs))) {
			if (isLarge) break;
			if (all.length >= COMBINATIONS_MAX) {
				bound ??= `more than ${COMBINATIONS_MAX} combinations of ways through the threads`;
				break;
			}
			all.push(chosen);
		}
		if (isLarge) bound ??= `more than ${EVENTS_MAX} events in one execution`;
		this.#combinations = all;
		this.#bound = bound;
	}

	allowed(target: Condition): Explanation | null {
		let shown: ShownExecution | null = null;
		this.#begin();
		for (const runs of this.#combinations) {
			if (!this.#proceed()) break;
			const structure = eventStructure(this.#program, runs);
			search(fix(structure, this.#options.generation), [], {
				visit: (execution) => {
					if (this.#satisfies(target, this.#reader(execution), true) !== true) return true;
					shown = showExecution(this.#program, structure, execution, execution.value).execution;
					return false;
				},
				plausible: (view) => this.#satisfies(target, this.#reader(view), false) !== false,
				proceed: () => this.#proceed(),
			});
			if (shown !== null) return { kind: 'allowed', execution: shown };
			if (this.#stopped !== null) break;
		}
		return this.#limit === null ? null : { kind: 'undecided', why: this.#limit };
	}

	forbidden(target: Condition): Explanation {
		const coherent = this.#closest(target, true);
		const found = coherent.showing === null ? this.#closest(target, false) : coherent;
		const { cycle, showing, structure, counts, complete } = found;
		if (cycle === null || showing === null || structure === null) {
			return this.#limit === null
				? { kind: 'impossible' }
				: { kind: 'undecided', why: this.#limit };
		}
		return {
			kind: 'forbidden',
			execution: showing.execution,
			cycle: shownCycle(cycle, structure, showing),
			candidates: [...counts].map(([axiom, count]) => ({ axiom, count })),
			complete: complete && this.#limit === null,
		};
	}

	race(): RaceExplanation | null {
		let found: RaceExplanation | null = null;
		this.#begin();
		for (const runs of this.#combinations) {
			if (!this.#proceed()) break;
			const structure = eventStructure(this.#program, runs);
			search(fix(structure, this.#options.generation), [], {
				visit: (execution) => {
					if (execution.races.length === 0) return true;
					if (this.#satisfies(TRUE, this.#reader(execution), true) !== true) return true;
					const showing = showExecution(this.#program, structure, execution, execution.value);
					found = {
						execution: showing.execution,
						races: this.#races(structure, execution, showing),
					};
					return false;
				},
				plausible: (view) => this.#satisfies(TRUE, this.#reader(view), false) !== false,
				proceed: () => this.#proceed(),
			});
			if (found !== null || this.#stopped !== null) break;
		}
		return found;
	}

	#races(
		structure: EventStructure,
		{ races }: { readonly races: readonly (readonly [number, number])[] },
		showing: Showing,
	): readonly ShownRace[] {
		return races.map(([a, b]) => {
			const location = structure.events[a]?.location ?? null;
			return {
				first: showing.label(a),
				second: showing.label(b),
				location: location === null ? '' : (this.#program.locations[location]?.name ?? ''),
			};
		});
	}

	/** Among the candidates that satisfy the target, the one with the shortest cycle. */
	#closest(target: Condition, coherent: boolean): Closest {
		const best = new ClosestCandidate(this.#program, this.#options.candidatesMax);
		this.#begin();
		for (const runs of this.#combinations) {
			if (!this.#proceed()) break;
			const structure = eventStructure(this.#program, runs);
			let made: CycleFinder | null = null;
			const finder = (): CycleFinder => {
				made ??= new CycleFinder(this.#program, runs, this.#options.generation);
				return made;
			};
			const visit = (execution: Execution, view: PartialView & Valued): boolean => {
				if (this.#satisfies(target, this.#reader(view), true) === true) {
					best.consider(finder(), structure, execution, view);
				}
				return !best.full;
			};
			const on = coherent
				? search(fix(structure, this.#options.generation), [], {
						visit: (execution) => visit(execution, execution),
						plausible: (view) => this.#satisfies(target, this.#reader(view), false) !== false,
						proceed: () => this.#proceed(),
						unjudged: true,
					})
				: anyCandidates(structure, { visit, proceed: () => this.#proceed() });
			if (!on) break;
		}
		return best;
	}

	/** Truth of the filter and the target; `complete`: locations nobody touches have their initial values. */
	#satisfies(target: Condition, read: Read, complete: boolean): boolean | null {
		const { filter, locations } = this.#program;
		const known: Read = (o) => {
			const value = read(o);
			if (value !== null || o.kind === 'register' || !complete) return value;
			return locations[o.location]?.initial ?? 0;
		};
		const filtered = filter === null ? true : holds(filter, known);
		if (filtered === false) return false;
		const satisfied = holds(target, known);
		return filtered === null && satisfied === true ? null : satisfied;
	}

	#reader(view: PartialView): Read {
		return (o) =>
			o.kind === 'register' ? view.register(o.thread, o.name) : view.location(o.location);
	}

	get #limit(): string | null {
		return this.#stopped ?? this.#bound;
	}

	#begin(): void {
		this.#decisions = 0;
	}

	#proceed(): boolean {
		this.#decisions++;
		if (this.#decisions > this.#options.decisionsMax) {
			this.#stopped ??= `more than ${this.#options.decisionsMax} decisions`;
		} else if (isTime(this.#decisions, this.#events) && this.#options.cancelled()) {
			this.#stopped ??= 'out of time';
		} else return true;
		return false;
	}
}

const TRUE: Condition = { kind: 'true' };
const COMBINATIONS_MAX = 20_000;

interface Valued {
	value(event: number): number | null;
}

interface Closest {
	readonly cycle: EventCycle | null;
	readonly showing: Showing | null;
	readonly structure: EventStructure | null;
	readonly counts: ReadonlyMap<Axiom, number>;
	/** All candidates were looked at. */
	readonly complete: boolean;
}

class ClosestCandidate implements Closest {
	cycle: EventCycle | null = null;
	showing: Showing | null = null;
	structure: EventStructure | null = null;
	readonly counts = new Map<Axiom, number>();
	readonly #program: LitmusProgram;
	readonly #max: number;
	#seen = 0;

	constructor(program: LitmusProgram, max: number) {
		this.#program = program;
		this.#max = max;
	}

	get full(): boolean {
		return this.#seen >= this.#max;
	}

	get complete(): boolean {
		return !this.full;
	}

	consider(
		finder: CycleFinder,
		structure: EventStructure,
		execution: Execution,
		values: Valued,
	): void {
		this.#seen++;
		const cycle = finder.find(execution);
		if (cycle === null) return;
		this.counts.set(cycle.axiom, (this.counts.get(cycle.axiom) ?? 0) + 1);
		if (this.cycle !== null && this.cycle.length <= cycle.length) return;
		this.cycle = cycle;
		this.structure = structure;
		this.showing = showExecution(this.#program, structure, execution, values.value);
	}
}

function shownCycle(cycle: EventCycle, structure: EventStructure, showing: Showing): Cycle {
	const name = (edge: { relation: string; from: number; to: number }): string =>
		edgeName(structure, edge.relation, [edge.from, edge.to]);
	const steps = cycle.steps.map((step): CycleStep => {
		const edges = step.edges.map((edge) => ({
			relation: name(edge),
			from: showing.label(edge.from),
			to: showing.label(edge.to),
		}));
		const { from, to } = step;
		return { relation: name(step), from: showing.label(from), to: showing.label(to), edges };
	});
	return { axiom: cycle.axiom, relation: cycle.relation, steps: rotated(steps, showing) };
}

/** The same cycle from its first event in reading order. */
function rotated(steps: readonly CycleStep[], showing: Showing): readonly CycleStep[] {
	const order = showing.execution.events.map((e) => e.label);
	const place = (step: CycleStep): number => order.indexOf(step.from);
	const start = steps.reduce((best, step, i) => {
		return place(step) < place(steps[best] as CycleStep) ? i : best;
	}, 0);
	return [...steps.slice(start), ...steps.slice(0, start)];
}
