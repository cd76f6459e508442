/**
 * Runs a litmus program: all its consistent executions, gathered into final states and witness counts as herd7 counts
 * them (an execution is a reads-from and a coherence order; those a `filter` rejects do not count).
 *
 * Invariant: a limit that was met is named in `limit`, and then neither states nor counts are said to be complete.
 */
import { unreachable } from '../../base/unreachable.js';
import { type Flag, fix, type Generation } from './axioms.js';
import { holds, observablesIn } from './condition.js';
import { allRuns } from './contents.js';
import { type Deadlock, findDeadlock, waitsForItself } from './deadlock.js';
import { awaits } from './effects.js';
import { type Event, LKR, R, type ThreadRun, W } from './event.js';
import type { LitmusProgram, LocationIndex, Observable } from './litmus_program.js';
import { EVENTS_MAX } from './run_recorder.js';
import { type CompleteExecution, type PartialView, search } from './search.js';
import { eventStructure } from './structure.js';
import { suppliable } from './supply.js';
import { combinations, threadClasses } from './symmetry.js';
import { OUT_OF_TIME, type ThreadRuns } from './thread_runs.js';
import { evaluate } from './value.js';

export interface RunOptions {
	readonly generation: Generation;
	/** Iterations of a loop in one execution. */
	readonly loopMax: number;
	/** Decisions of the search. */
	readonly decisionsMax: number;
	/**
	 * Looks only for an execution in which the condition holds, one in which it does not, and a data race if there are
	 * plain accesses: states and counts are then not all, but observation and that flag are what they would be.
	 */
	readonly verdictOnly: boolean;
	/** Explores one of those executions that differ by an exchange of equal threads. */
	readonly symmetry: boolean;
	/** Asked now and then; true stops with the limit `cancelled`. */
	readonly cancelled: () => boolean;
	/** Called for every execution that is visited and counts. */
	readonly visit: ((execution: CompleteExecution, holds: boolean) => void) | null;
}

export const DEFAULT_OPTIONS: RunOptions = {
	generation: '6.12',
	loopMax: 4,
	decisionsMax: 50_000_000,
	verdictOnly: false,
	symmetry: true,
	cancelled: () => false,
	visit: null,
};

/** Values of the observables, in the order of `Outcomes.observables`. */
export type State = readonly number[];

export interface Outcomes {
	readonly observables: readonly Observable[];
	readonly states: readonly State[];
	/** Executions in which the proposition holds, and in which it does not. */
	readonly positive: number;
	readonly negative: number;
	readonly flags: readonly Flag[];
	/** A way for threads to wait for ever, or null when none was found. */
	readonly deadlock: Deadlock | null;
	/** Executions that were visited, each for all its rearrangements of equal threads. */
	readonly explored: number;
	readonly decisions: number;
	/** The limit that was met, or null: these are all executions. */
	readonly limit: string | null;
}

/** All outcomes of a program, or those that decide about it. */
export function outcomes(program: LitmusProgram, options: RunOptions): Outcomes {
	const exploration = new Exploration(program, options);
	if (options.verdictOnly) exploration.decide();
	else exploration.explore('all');
	return exploration.outcomes();
}

/** What an exploration is after; it stops when it has found it. */
type Goal = 'all' | 'positive' | 'negative' | 'race';

class Exploration {
	readonly #program: LitmusProgram;
	readonly #options: RunOptions;
	readonly #threads: readonly ThreadRuns[];
	readonly #observables: readonly Observable[];
	readonly #classes: readonly number[];
	readonly #states = new Map<string, State>();
	readonly #flags = new Set<Flag>();
	#positive = 0;
	#negative = 0;
	#explored = 0;
	#decisions = 0;
	#limit: string | null;
	/** Of the largest execution. */
	readonly #events: number;

	constructor(program: LitmusProgram, options: RunOptions) {
		this.#program = program;
		this.#options = options;
		const { loopMax, cancelled } = options;
		const limits = { loopMax, runsMax: 20_000, blocking: false, cancelled };
		this.#threads = allRuns(program, limits);
		this.#observables = observablesOf(program);
		this.#classes = options.symmetry
			? threadClasses(program, this.#observables)
			: program.threads.map((_, i) => i);
		this.#limit = this.#threads.find((t) => t.limit !== null)?.limit ?? null;
		this.#events = eventsOf(this.#threads);
		if (this.#events > EVENTS_MAX)
			this.#limit ??= `more than ${EVENTS_MAX} events in one execution`;
	}

	/** Looks for one execution of each kind, giving up whatever cannot lead to it, and for a race. */
	decide(): void {
		this.explore('positive');
		if (this.#negative === 0) this.explore('negative');
		const quiet = !this.#threads.some((t) => t.runs.some((run) => run.events.some(isPlain)));
		if (!quiet && !this.#flags.has('data-race')) this.explore('race');
	}

	explore(goal: Goal): void {
		if (this.#events > EVENTS_MAX) return;
		const runs = this.#threads.map((t) => t.runs);
		const supplied = suppliable(this.#program, runs);
		const feasible = (prefix: readonly ThreadRun[]): boolean =>
			this.#proceed() && supplied(prefix) && this.#plausible(runsView(prefix), goal);
		for (const { runs: chosen, weight, ordered } of combinations(runs, this.#classes, feasible)) {
			if (!this.#proceed()) return;
			const fixed = fix(eventStructure(this.#program, chosen), this.#options.generation);
			const on = search(fixed, ordered, {
				visit: (execution) => !this.#count(execution, weight, goal),
				plausible: (view) => this.#plausible(view, goal),
				proceed: () => this.#proceed(),
			});
			if (!on) return;
		}
	}

	/** Takes an execution into account; whether it reaches the goal. */
	#count(execution: CompleteExecution, weight: number, goal: Goal): boolean {
		const { filter, condition, locations } = this.#program;
		const read = (o: Observable): number =>
			o.kind === 'register'
				? execution.register(o.thread, o.name)
				: (execution.location(o.location) ?? locations[o.location]?.initial ?? 0);
		if (filter !== null && holds(filter, read) === false) return false;
		for (const flag of execution.flags) this.#flags.add(flag);
		const satisfied = holds(condition, read) === true;
		if (satisfied) this.#positive += weight;
		else this.#negative += weight;
		this.#explored++;
		const state = this.#observables.map(read);
		const key = state.join();
		if (!this.#states.has(key)) this.#states.set(key, state);
		this.#options.visit?.(execution, satisfied);
		switch (goal) {
			case 'all':
				return false;
			case 'positive':
				return satisfied;
			case 'negative':
				return !satisfied;
			case 'race':
				return this.#flags.has('data-race');
			default:
				return unreachable(goal);
		}
	}

	#plausible(view: PartialView, goal: Goal): boolean {
		const { filter, condition } = this.#program;
		const read = (o: Observable): number | null =>
			o.kind === 'register' ? view.register(o.thread, o.name) : view.location(o.location);
		if (filter !== null && holds(filter, read) === false) return false;
		if (goal === 'positive') return holds(condition, read) !== false;
		return goal !== 'negative' || holds(condition, read) !== true;
	}

	#proceed(): boolean {
		this.#decisions++;
		const { decisionsMax, cancelled } = this.#options;
		if (this.#decisions > decisionsMax) this.#limit = `more than ${decisionsMax} decisions`;
		else if (isTime(this.#decisions, this.#events) && cancelled()) this.#limit = OUT_OF_TIME;
		else return true;
		return false;
	}

	outcomes(): Outcomes {
		const locks =
			awaits(this.#program) ||
			this.#threads.some((t) => t.runs.some((run) => run.events.some(isLock)));
		const isComplete = this.#limit === null;
		const noneEnds = this.#positive + this.#negative === 0 && this.#program.filter === null;
		const deadlock =
			(isComplete && locks
				? findDeadlock(this.#program, { ...this.#options, proceed: () => this.#proceed() })
				: null) ?? (isComplete && noneEnds ? waitsForItself(this.#threads) : null);
		return {
			observables: this.#observables,
			states: [...this.#states.values()],
			positive: this.#positive,
			negative: this.#negative,
			flags: [...this.#flags].sort(),
			deadlock,
			explored: this.#explored,
			decisions: this.#decisions,
			limit: this.#limit,
		};
	}
}

/** Events of the largest execution that the runs can make. */
export function eventsOf(threads: readonly ThreadRuns[]): number {
	return threads
		.map(({ runs }) => runs.reduce((most, { events }) => Math.max(most, events.length), 0))
		.reduce((sum, events) => sum + events, 0);
}

/** Whether to look at the clock: at every decision about many events, which takes long, else now and then. */
export function isTime(decisions: number, events: number): boolean {
	return events > 48 || (decisions & 127) === 0;
}

/** What runs alone say of registers: constants, and reads that can take one value only. */
function runsView(runs: readonly ThreadRun[]): PartialView {
	return {
		register: (thread, name) => {
			const run = runs[thread];
			if (run === undefined) return null;
			return evaluate(run.registers.get(name) ?? 0, (read) => {
				const values = run.possible.get(read) ?? null;
				return values?.size === 1 ? ([...values][0] ?? null) : null;
			});
		},
		location: () => null,
	};
}

function isPlain(event: Event): boolean {
	return event.location !== null && (event.tags & ~(R | W)) === 0;
}

function isLock(event: Event): boolean {
	return (event.tags & LKR) !== 0;
}

/** What a state shows: registers by thread and name, then locations by name. */
function observablesOf(program: LitmusProgram): readonly Observable[] {
	const found = new Map<string, Observable>();
	const add = (o: Observable): void => {
		found.set(o.kind === 'register' ? `${o.thread}:${o.name}` : `[${o.location}]`, o);
	};
	observablesIn(program.condition).forEach(add);
	program.observed.forEach(add);
	const name = (l: LocationIndex): string => program.locations[l]?.name ?? '';
	return [...found.values()].sort((a, b) => {
		if (a.kind === 'register' && b.kind === 'register') {
			return a.thread - b.thread || (a.name < b.name ? -1 : 1);
		}
		if (a.kind === 'location' && b.kind === 'location')
			return name(a.location) < name(b.location) ? -1 : 1;
		return a.kind === 'register' ? -1 : 1;
	});
}
