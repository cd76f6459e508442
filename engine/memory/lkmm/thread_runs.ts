/**
 * All ways through a thread: the structured program run with reads as unknowns, forking where control or an address
 * depends on one. What locations may hold bounds the forks: a branch on a read is only taken if a value that some
 * write can produce allows it.
 *
 * A fork is taken by replaying the thread from its start with a longer list of choices, so the interpreter is direct.
 *
 * Invariant: two runs of one thread differ in a constraint, so an execution belongs to exactly one run per thread.
 */
import { unreachable } from '../../base/unreachable.js';
import {
	type AccessOrder,
	type Expression,
	type LitmusProgram,
	type LitmusSite,
	type LitmusThread,
	type LocationIndex,
	locationAddress,
	locationAt,
	type Statement,
} from '../litmus_program.js';
import type { Event, ThreadRun } from './event.js';
import * as tag from './event.js';
import { collectReads, evaluate, negate, operate, type Value } from './value.js';

/** What each location may hold, by index; null: anything. */
export type Contents = readonly (ReadonlySet<number> | null)[];

export interface RunLimits {
	/** Iterations of one loop in one run. */
	readonly loopMax: number;
	/** Runs of one thread. */
	readonly runsMax: number;
}

export interface ThreadRuns {
	readonly runs: readonly ThreadRun[];
	/** The limit that was met, or null when the runs are all there are. */
	readonly limit: string | null;
}

type Completion = 'normal' | 'break' | 'continue' | 'return' | { readonly goto: string };

/** A value with the reads it depends on by the program's text (also where the value cancels them out). */
interface Operand {
	readonly value: Value;
	readonly deps: readonly number[];
}

const NONE: readonly number[] = [];

/** Thrown to give up a run; never leaves this file. */
class Abandoned extends Error {}

/** Every feasible run of a thread. */
export function threadRuns(
	program: LitmusProgram,
	thread: LitmusThread,
	contents: Contents,
	limits: RunLimits,
): ThreadRuns {
	const runs: ThreadRun[] = [];
	let limit: string | null = null;
	const pending: number[][] = [[]];
	for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
		if (runs.length >= limits.runsMax)
			return { runs, limit: `more than ${limits.runsMax} ways through ${thread.name}` };
		const machine = new ThreadMachine(program, contents, limits, path);
		const run = machine.run(thread);
		if (run !== null) runs.push(run);
		limit ??= machine.limit;
		for (const fork of machine.forks) pending.push(fork);
	}
	return { runs, limit };
}

class ThreadMachine {
	readonly forks: number[][] = [];
	limit: string | null = null;
	readonly #program: LitmusProgram;
	readonly #contents: Contents;
	readonly #limits: RunLimits;
	readonly #path: readonly number[];
	readonly #events: Event[] = [];
	readonly #constraints: Value[] = [];
	readonly #registers = new Map<string, Operand>();
	/** What each read may take, given the constraints so far; null: anything. */
	readonly #possible = new Map<number, ReadonlySet<number> | null>();
	#ctrl: readonly number[] = NONE;
	#taken = 0;
	readonly #choices: number[] = [];

	constructor(
		program: LitmusProgram,
		contents: Contents,
		limits: RunLimits,
		path: readonly number[],
	) {
		this.#program = program;
		this.#contents = contents;
		this.#limits = limits;
		this.#path = path;
	}

	run(thread: LitmusThread): ThreadRun | null {
		for (const [name, value] of thread.registers) this.#registers.set(name, { value, deps: NONE });
		try {
			this.#execute(thread.body);
		} catch (error) {
			if (error instanceof Abandoned) return null;
			throw error;
		}
		return {
			events: this.#events,
			constraints: this.#constraints,
			registers: new Map([...this.#registers].map(([name, { value }]) => [name, value])),
			possible: this.#possible,
		};
	}

	/** One of `alternatives`: the recorded one, or the first, leaving the others as forks. */
	#choose(alternatives: number): number {
		const at = this.#taken++;
		const recorded = this.#path[at];
		const chosen = recorded ?? 0;
		if (recorded === undefined) {
			for (let i = alternatives - 1; i > 0; i--) this.forks.push([...this.#choices, i]);
		}
		this.#choices.push(chosen);
		return chosen;
	}

	/** Requires a value to be non-zero; abandons the run when it cannot be. */
	#require(value: Value): void {
		if (value === 0) throw new Abandoned();
		if (typeof value === 'number') return;
		this.#constraints.push(value);
		const only = singleRead(value);
		const possible = only === null ? null : this.#possible.get(only);
		if (only === null || possible === null || possible === undefined) return;
		const kept = new Set([...possible].filter((v) => evaluate(value, () => v) !== 0));
		if (kept.size === 0) throw new Abandoned();
		this.#possible.set(only, kept);
	}

	/** True or false, by value if it is known, else by a fork. */
	#decide(value: Value): boolean {
		if (typeof value === 'number') return value !== 0;
		const only = singleRead(value);
		const possible = only === null ? null : (this.#possible.get(only) ?? null);
		let canBeTrue = true;
		let canBeFalse = true;
		if (possible !== null) {
			const outcomes = new Set([...possible].map((v) => evaluate(value, () => v) !== 0));
			canBeTrue = outcomes.has(true);
			canBeFalse = outcomes.has(false);
		}
		const truth = canBeTrue && canBeFalse ? this.#choose(2) === 0 : canBeTrue;
		this.#require(truth ? value : negate('!', value));
		return truth;
	}

	// Statements.

	#execute(statement: Statement): Completion {
		switch (statement.kind) {
			case 'expression':
				this.#evaluate(statement.expression);
				return 'normal';
			case 'assign':
				this.#registers.set(statement.register, this.#evaluate(statement.value));
				return 'normal';
			case 'store': {
				const address = this.#evaluate(statement.address);
				const value = this.#evaluate(statement.value);
				const order = statement.order === 'release' ? tag.RELEASE : accessTag(statement.order);
				this.#access(tag.W | order, address, statement.site, { value });
				return 'normal';
			}
			case 'fence':
				this.#fence(statement.fence, false, statement.site);
				return 'normal';
			case 'rcu': {
				const tags = {
					'rcu-lock': tag.RCU_LOCK,
					'rcu-unlock': tag.RCU_UNLOCK,
					'sync-rcu': tag.SYNC_RCU,
				};
				this.#emit({ tags: tags[statement.mark], site: statement.site });
				return 'normal';
			}
			case 'lock':
				this.#lock(this.#evaluate(statement.address), statement.site);
				return 'normal';
			case 'unlock':
				this.#access(tag.W | tag.UL, this.#evaluate(statement.address), statement.site, {
					value: ZERO,
				});
				return 'normal';
			case 'sync-srcu':
				this.#access(tag.SYNC_SRCU, this.#evaluate(statement.address), statement.site, {});
				return 'normal';
			case 'srcu-unlock': {
				const address = this.#evaluate(statement.address);
				const value = this.#evaluate(statement.value);
				this.#access(tag.W | tag.SRCU_UNLOCK, address, statement.site, { value });
				return 'normal';
			}
			case 'assume':
				this.#require(this.#evaluate(statement.condition).value);
				return 'normal';
			case 'if':
				return this.#if(statement);
			case 'loop':
				return this.#loop(statement);
			case 'switch':
				return this.#switch(statement);
			case 'block':
				return this.#block(statement.statements);
			case 'call': {
				const done = this.#execute(statement.body);
				return done === 'return' ? 'normal' : done;
			}
			case 'label':
				return 'normal';
			case 'goto':
				return { goto: statement.label };
			case 'break':
			case 'continue':
				return statement.kind;
			case 'return':
				if (statement.value !== null) {
					this.#registers.set(RETURN_REGISTER, this.#evaluate(statement.value));
				}
				return 'return';
			default:
				return unreachable(statement);
		}
	}

	#if(statement: Extract<Statement, { kind: 'if' }>): Completion {
		const before = this.#ctrl;
		const condition = this.#evaluate(statement.condition);
		const truth = this.#decide(condition.value);
		this.#ctrl = join(before, condition.deps);
		let done: Completion = 'normal';
		if (truth) done = this.#execute(statement.then);
		else if (statement.otherwise !== null) done = this.#execute(statement.otherwise);
		// A branch that leaves the statement decides about all that follows up to where it leads.
		if (!statement.escapes) this.#ctrl = before;
		return done;
	}

	#loop(loop: Extract<Statement, { kind: 'loop' }>): Completion {
		const before = this.#ctrl;
		for (let iteration = 0; ; iteration++) {
			if (iteration > 0 || loop.testFirst) {
				const condition = this.#evaluate(loop.condition);
				const truth = this.#decide(condition.value);
				this.#ctrl = join(this.#ctrl, condition.deps);
				if (!truth) break;
			}
			if (iteration === this.#limits.loopMax) {
				this.limit = `loop at line ${loop.site.line} ran more than ${this.#limits.loopMax} times`;
				throw new Abandoned();
			}
			const done = this.#execute(loop.body);
			if (done === 'break') break;
			if (done !== 'normal' && done !== 'continue') return done;
			if (loop.step !== null) this.#execute(loop.step);
		}
		this.#ctrl = before;
		return 'normal';
	}

	#switch(statement: Extract<Statement, { kind: 'switch' }>): Completion {
		const before = this.#ctrl;
		const subject = this.#evaluate(statement.value);
		this.#ctrl = join(before, subject.deps);
		let start = statement.cases.findIndex(
			(c) => c.values?.some((v) => this.#decide(operate('==', subject.value, v))) ?? false,
		);
		if (start < 0) start = statement.cases.findIndex((c) => c.values === null);
		let done: Completion = 'normal';
		if (start >= 0) {
			for (const one of statement.cases.slice(start)) {
				done = this.#block(one.statements);
				if (done !== 'normal') break;
			}
		}
		if (done === 'break') done = 'normal';
		if (done === 'normal') this.#ctrl = before;
		return done;
	}

	#block(statements: readonly Statement[]): Completion {
		const before = this.#ctrl;
		let backward = 0;
		for (let i = 0; i < statements.length; i++) {
			const statement = statements[i] as Statement;
			if (statement.kind === 'label') this.#ctrl = before;
			const done = this.#execute(statement);
			if (done === 'normal') continue;
			if (typeof done === 'string') return done;
			const target = statements.findIndex((s) => s.kind === 'label' && s.label === done.goto);
			if (target < 0) return done;
			if (target <= i && ++backward > this.#limits.loopMax) {
				this.limit = `goto ${done.goto} ran more than ${this.#limits.loopMax} times`;
				throw new Abandoned();
			}
			i = target - 1;
		}
		return 'normal';
	}

	// Expressions.

	#evaluate(expression: Expression): Operand {
		switch (expression.kind) {
			case 'constant':
				return { value: expression.value, deps: NONE };
			case 'address':
				return { value: locationAddress(expression.location), deps: NONE };
			case 'register':
				return this.#registers.get(expression.name) ?? ZERO;
			case 'unary': {
				const operand = this.#evaluate(expression.operand);
				return { value: negate(expression.operator, operand.value), deps: operand.deps };
			}
			case 'binary':
				return this.#binary(expression);
			case 'conditional': {
				const condition = this.#evaluate(expression.condition);
				const chosen = this.#decide(condition.value) ? expression.whenTrue : expression.whenFalse;
				return this.#under(condition.deps, () => {
					const result = this.#evaluate(chosen);
					return { value: result.value, deps: join(condition.deps, result.deps) };
				});
			}
			case 'assign': {
				const value = this.#evaluate(expression.value);
				this.#registers.set(expression.register, value);
				return value;
			}
			case 'load': {
				const address = this.#evaluate(expression.address);
				return this.#read(tag.R | accessTag(expression.order), address, expression.site);
			}
			case 'rmw':
				return this.#rmw(expression);
			case 'trylock': {
				const address = this.#evaluate(expression.address);
				if (this.#choose(2) === 0) {
					this.#lock(address, expression.site);
					return { value: 1, deps: NONE };
				}
				this.#read(tag.R | tag.LF, address, expression.site);
				return ZERO;
			}
			case 'is-locked': {
				const address = this.#evaluate(expression.address);
				const locked = this.#choose(2) === 0;
				const read = this.#read(tag.R | (locked ? tag.LF : tag.RU), address, expression.site);
				return { value: locked ? 1 : 0, deps: read.deps };
			}
			case 'srcu-lock':
				return this.#read(
					tag.R | tag.SRCU_LOCK,
					this.#evaluate(expression.address),
					expression.site,
				);
			default:
				return unreachable(expression);
		}
	}

	#binary(expression: Extract<Expression, { kind: 'binary' }>): Operand {
		const { operator } = expression;
		const left = this.#evaluate(expression.left);
		if ((operator === '&&' || operator === '||') && touchesMemory(expression.right)) {
			const truth = this.#decide(left.value);
			if (truth === (operator === '||')) return { value: truth ? 1 : 0, deps: left.deps };
			return this.#under(left.deps, () => {
				const right = this.#evaluate(expression.right);
				return { value: operate('!=', right.value, 0), deps: join(left.deps, right.deps) };
			});
		}
		const right = this.#evaluate(expression.right);
		return { value: operate(operator, left.value, right.value), deps: join(left.deps, right.deps) };
	}

	/** Evaluates with more control dependencies. */
	#under(deps: readonly number[], evaluateIt: () => Operand): Operand {
		const before = this.#ctrl;
		this.#ctrl = join(before, deps);
		const result = evaluateIt();
		this.#ctrl = before;
		return result;
	}

	#rmw(rmw: Extract<Expression, { kind: 'rmw' }>): Operand {
		const address = this.#evaluate(rmw.address);
		const unless = rmw.unless === null ? null : this.#evaluate(rmw.unless.value);
		const operand = this.#evaluate(rmw.operand);
		if (unless !== null && this.#choose(2) === 1) {
			const read = this.#read(tag.R | tag.RMW | tag.ONCE, address, rmw.site);
			this.#require(operate(rmw.unless?.operator === '==' ? '!=' : '==', read.value, unless.value));
			return rmw.returns === 'success' ? { value: 0, deps: join(read.deps, unless.deps) } : read;
		}
		const full = rmw.order === 'mb';
		if (full) this.#fence('mb', true, rmw.site);
		const readTags =
			rmw.order === 'acquire' ? tag.ACQUIRE : rmw.order === 'noreturn' ? tag.NORETURN : tag.ONCE;
		const writeTags = rmw.order === 'release' ? tag.RELEASE : tag.ONCE;
		const ordered = tag.RMW | (full ? tag.MB : 0);
		const read = this.#read(tag.R | ordered | readTags, address, rmw.site);
		if (rmw.unless !== null && unless !== null)
			this.#require(operate(rmw.unless.operator, read.value, unless.value));
		const partner = this.#events.length - 1;
		const value = updated(rmw.update, read.value, operand.value);
		const deps = rmw.update === 'xchg' ? operand.deps : join(read.deps, operand.deps);
		this.#access(tag.W | ordered | writeTags, address, rmw.site, {
			value: { value, deps },
			rmw: partner,
		});
		if (full) this.#fence('mb', true, rmw.site);
		if (rmw.returns === 'success') return { value: 1, deps: join(read.deps, unless?.deps ?? NONE) };
		return rmw.returns === 'old' ? read : { value, deps: join(read.deps, operand.deps) };
	}

	// Events.

	#lock(address: Operand, site: LitmusSite): void {
		this.#read(tag.R | tag.LKR, address, site);
		const rmw = this.#events.length - 1;
		this.#access(tag.W | tag.LKW, address, site, { value: { value: 1, deps: NONE }, rmw });
	}

	#read(tags: number, address: Operand, site: LitmusSite): Operand {
		const index = this.#access(tags, address, site, {});
		const location = (this.#events[index] as Event).location as LocationIndex;
		this.#possible.set(index, this.#contents[location] ?? null);
		return { value: { read: index }, deps: [index] };
	}

	#access(
		tags: number,
		address: Operand,
		site: LitmusSite,
		write: { readonly value?: Operand; readonly rmw?: number },
	): number {
		return this.#emit({
			tags,
			location: this.#resolve(address.value),
			value: write.value?.value ?? null,
			rmw: write.rmw ?? null,
			addr: address.deps,
			data: write.value?.deps ?? NONE,
			site,
		});
	}

	#fence(fence: Event['fence'], implied: boolean, site: LitmusSite): void {
		this.#emit({ tags: 0, fence, implied, site });
	}

	#emit(event: Partial<Event> & { readonly tags: number; readonly site: LitmusSite }): number {
		this.#events.push({
			location: null,
			value: null,
			fence: null,
			implied: false,
			rmw: null,
			addr: NONE,
			data: NONE,
			ctrl: this.#ctrl,
			...event,
		});
		return this.#events.length - 1;
	}

	/** The location an address is of; forks over those it can be when a read decides. */
	#resolve(address: Value): LocationIndex {
		if (typeof address === 'number') {
			const location = locationAt(this.#program, address);
			if (location === null) throw new Abandoned();
			return location;
		}
		const only = singleRead(address);
		const possible = only === null ? null : (this.#possible.get(only) ?? null);
		let candidates: number[] = this.#program.locations.map((_, i) => i);
		if (possible !== null) {
			const reachable = new Set([...possible].map((v) => evaluate(address, () => v) as number));
			candidates = candidates.filter((i) => reachable.has(locationAddress(i as LocationIndex)));
		}
		if (candidates.length === 0) throw new Abandoned();
		const chosen = candidates[
			candidates.length === 1 ? 0 : this.#choose(candidates.length)
		] as LocationIndex;
		this.#require(operate('==', address, locationAddress(chosen)));
		return chosen;
	}
}

/** Register that `return value` leaves its value in. */
export const RETURN_REGISTER = '<return>';

const ZERO: Operand = { value: 0, deps: NONE };

function accessTag(order: AccessOrder): number {
	switch (order) {
		case 'plain':
			return 0;
		case 'once':
			return tag.ONCE;
		case 'acquire':
			return tag.ACQUIRE;
		case 'release':
			return tag.RELEASE;
		default:
			return unreachable(order);
	}
}

function updated(
	update: Extract<Expression, { kind: 'rmw' }>['update'],
	old: Value,
	operand: Value,
): Value {
	switch (update) {
		case 'xchg':
			return operand;
		case 'andnot':
			return operate('&', old, negate('~', operand));
		default:
			return operate(update, old, operand);
	}
}

/** The read a value depends on when it is exactly one, else null. */
function singleRead(value: Value): number | null {
	const reads = new Set<number>();
	collectReads(value, reads);
	if (reads.size !== 1) return null;
	for (const read of reads) return read;
	return null;
}

function touchesMemory(expression: Expression): boolean {
	switch (expression.kind) {
		case 'constant':
		case 'address':
		case 'register':
			return false;
		case 'unary':
			return touchesMemory(expression.operand);
		case 'binary':
			return touchesMemory(expression.left) || touchesMemory(expression.right);
		case 'conditional':
			return [expression.condition, expression.whenTrue, expression.whenFalse].some(touchesMemory);
		default:
			return true;
	}
}

function join(a: readonly number[], b: readonly number[]): readonly number[] {
	if (b.length === 0) return a;
	if (a.length === 0) return b;
	return [...new Set([...a, ...b])];
}
