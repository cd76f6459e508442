/**
 * Runs a litmus program: all its consistent executions, gathered into final states and witness counts as herd7 counts
 * them (an execution is a reads-from and a coherence order; those a `filter` rejects do not count).
 *
 * Invariant: a limit that was met is named in `limit`, and then neither states nor counts are said to be complete.
 */
import { unreachable } from '../../base/unreachable.js';
import type { Condition, LitmusProgram, LocationIndex, Observable } from '../litmus_program.js';
import { type Flag, fix, type Generation } from './axioms.js';
import { allRuns } from './contents.js';
import { type Deadlock, findDeadlock } from './deadlock.js';
import { type Event, LKR, R, W } from './event.js';
import { type CompleteExecution, search } from './search.js';
import { eventStructure } from './structure.js';
import { combinations, observablesIn, threadClasses } from './symmetry.js';

export interface RunOptions {
	readonly generation: Generation;
	/** Iterations of a loop in one execution. */
	readonly loopMax: number;
	/** Decisions of the search. */
	readonly decisionsMax: number;
	/**
	 * Stops once it is known that the condition holds in some execution and not in another, and that there is a data
	 * race or no plain access to race: what is left can change neither observation nor flag.
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
	/** A way for threads to wait for locks for ever, or null when there is none. */
	readonly deadlock: Deadlock | null;
	/** Executions that were visited, each for all its rearrangements of equal threads. */
	readonly explored: number;
	readonly decisions: number;
	/** The limit that was met, or null: these are all executions. */
	readonly limit: string | null;
}

/** All outcomes of a program. */
export function outcomes(program: LitmusProgram, options: RunOptions): Outcomes {
	const threads = allRuns(program, {
		loopMax: options.loopMax,
		runsMax: 20_000,
		blocking: false,
	});
	const observables = observablesOf(program);
	const states = new Map<string, State>();
	const flags = new Set<Flag>();
	let positive = 0;
	let negative = 0;
	let decisions = 0;
	let explored = 0;
	let weight = 1;
	let decided = false;
	const quiet = !threads.some((t) => t.runs.some((run) => run.events.some(isPlain)));
	let limit = threads.find((t) => t.limit !== null)?.limit ?? null;
	const visit = (execution: CompleteExecution): boolean => {
		const read = (o: Observable): number =>
			o.kind === 'register'
				? execution.register(o.thread, o.name)
				: (execution.location(o.location) ?? program.locations[o.location]?.initial ?? 0);
		if (program.filter !== null && holds(program.filter, read) === false) return true;
		for (const flag of execution.flags) flags.add(flag);
		const satisfied = holds(program.condition, read) === true;
		if (satisfied) positive += weight;
		else negative += weight;
		explored++;
		const state = observables.map(read);
		const key = state.join();
		if (!states.has(key)) states.set(key, state);
		options.visit?.(execution, satisfied);
		decided =
			options.verdictOnly && positive > 0 && negative > 0 && (quiet || flags.has('data-race'));
		return !decided;
	};
	const proceed = (): boolean => {
		decisions++;
		if (decisions > options.decisionsMax) limit = `more than ${options.decisionsMax} decisions`;
		else if ((decisions & 255) === 0 && options.cancelled()) limit = 'out of time';
		else return true;
		return false;
	};
	const plausible = (view: { register(thread: number, name: string): number | null }): boolean =>
		program.filter === null ||
		holds(program.filter, (o) =>
			o.kind === 'register' ? view.register(o.thread, o.name) : null,
		) !== false;
	const classes = options.symmetry
		? threadClasses(program, observables)
		: program.threads.map((_, i) => i);
	for (const { runs, weight: rearrangements, ordered } of combinations(
		threads.map((t) => t.runs),
		classes,
	)) {
		if (!proceed()) break;
		weight = rearrangements;
		const fixed = fix(eventStructure(program, runs), options.generation);
		if (!search(fixed, ordered, { visit, proceed, plausible })) break;
	}
	const deadlock =
		limit === null && threads.some((t) => t.runs.some((run) => run.events.some(isLock)))
			? findDeadlock(program, { ...options, proceed })
			: null;
	return {
		observables,
		states: [...states.values()],
		positive,
		negative,
		flags: [...flags].sort(),
		deadlock,
		explored,
		decisions,
		limit,
	};
}

function isPlain(event: Event): boolean {
	return event.location !== null && (event.tags & ~(R | W)) === 0;
}

function isLock(event: Event): boolean {
	return (event.tags & LKR) !== 0;
}

/** Truth of a condition, null when it depends on what is not known. */
export function holds(
	condition: Condition,
	read: (o: Observable) => number | null,
): boolean | null {
	switch (condition.kind) {
		case 'true':
			return true;
		case 'false':
			return false;
		case 'not': {
			const operand = holds(condition.operand, read);
			return operand === null ? null : !operand;
		}
		case 'and':
		case 'or':
		case 'implies': {
			const decisive = condition.kind !== 'and';
			const first = holds(condition.left, read);
			const left = condition.kind === 'implies' && first !== null ? !first : first;
			if (left === decisive) return decisive;
			const right = holds(condition.right, read);
			if (right === decisive) return decisive;
			return left === null || right === null ? null : !decisive;
		}
		case 'atom': {
			const left = read(condition.left);
			const right = typeof condition.right === 'number' ? condition.right : read(condition.right);
			return left === null || right === null ? null : compare(condition.operator, left, right);
		}
		default:
			return unreachable(condition);
	}
}

function compare(
	operator: Extract<Condition, { kind: 'atom' }>['operator'],
	a: number,
	b: number,
): boolean {
	switch (operator) {
		case '=':
			return a === b;
		case '!=':
			return a !== b;
		case '<':
			return a < b;
		case '<=':
			return a <= b;
		case '>':
			return a > b;
		case '>=':
			return a >= b;
		default:
			return unreachable(operator);
	}
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
