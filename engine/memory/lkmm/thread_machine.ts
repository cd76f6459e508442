/**
 * The interpreter of one run through a thread: the structured program with reads as unknowns. Registers hold values
 * with the reads they depend on; control dependencies are structured, as herd7 has them: an `if` decides about its
 * branches and, when a branch jumps out, about what follows up to where the jump leads.
 *
 * Model: a loop that only waits (see `waits`) is run for the iteration that ends it; iterations that go on waiting are
 * reads whose values nobody keeps, and leaving them out of an execution leaves a consistent execution with the same final
 * state. Witness counts are those of executions without them.
 */
import { unreachable } from '../../base/unreachable.js';
import { touchesMemory } from './effects.js';
import type { ThreadRun } from './event.js';
import * as tag from './event.js';
import {
	type AccessOrder,
	type Expression,
	type LitmusThread,
	locationAddress,
	type Statement,
} from './litmus_program.js';
import {
	Abandoned,
	Blocked,
	type Dependent,
	join,
	NO_DEPS,
	type RunRecorder,
	ZERO,
} from './run_recorder.js';
import { negate, operate, type SymbolicValue } from './value.js';
import { waits } from './waiting_loop.js';

type Completion = 'normal' | 'break' | 'continue' | 'return' | { readonly goto: string };

/** Register that `return value` leaves its value in. */
const RETURN_REGISTER = '<return>';

/** Runs a thread once, with the choices the recorder makes. */
export function runThread(
	thread: LitmusThread,
	recorder: RunRecorder,
	loopMax: number,
): ThreadMachine {
	const machine = new ThreadMachine(recorder, loopMax);
	machine.run(thread);
	return machine;
}

/** A thread being run; afterwards, what came of it. */
export class ThreadMachine {
	/** Null when no execution takes this way. */
	result: ThreadRun | null = null;
	/** Why the run could not be followed to its end, or null. */
	limit: string | null = null;
	readonly #recorder: RunRecorder;
	readonly #loopMax: number;
	readonly #registers = new Map<string, Dependent>();

	constructor(recorder: RunRecorder, loopMax: number) {
		this.#recorder = recorder;
		this.#loopMax = loopMax;
	}

	run(thread: LitmusThread): void {
		for (const [name, value] of thread.registers) {
			this.#registers.set(name, { value, deps: NO_DEPS });
		}
		let blockedAt: ThreadRun['blockedAt'] = null;
		try {
			this.#execute(thread.body);
		} catch (error) {
			if (error instanceof Abandoned) {
				this.limit ??= error.reason;
				return;
			}
			if (!(error instanceof Blocked)) throw error;
			blockedAt = error.wait;
		}
		const { events, constraints, possible } = this.#recorder;
		const registers = new Map([...this.#registers].map(([name, { value }]) => [name, value]));
		this.result = { events, constraints, registers, possible, blockedAt };
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
				this.#recorder.access(tag.W | order, address, statement.site, { value });
				return 'normal';
			}
			case 'fence':
				this.#recorder.fence(statement.fence, false, statement.site);
				return 'normal';
			case 'rcu': {
				const tags = {
					'rcu-lock': tag.RCU_LOCK,
					'rcu-unlock': tag.RCU_UNLOCK,
					'sync-rcu': tag.SYNC_RCU,
				};
				this.#recorder.emit({ tags: tags[statement.mark], site: statement.site });
				return 'normal';
			}
			case 'lock':
				this.#recorder.lock(this.#evaluate(statement.address), statement.site);
				return 'normal';
			case 'unlock':
				this.#recorder.access(tag.W | tag.UL, this.#evaluate(statement.address), statement.site, {
					value: ZERO,
				});
				return 'normal';
			case 'sync-srcu':
				this.#recorder.access(tag.SYNC_SRCU, this.#evaluate(statement.address), statement.site, {});
				return 'normal';
			case 'srcu-unlock': {
				const address = this.#evaluate(statement.address);
				const value = this.#evaluate(statement.value);
				this.#recorder.access(tag.W | tag.SRCU_UNLOCK, address, statement.site, { value });
				return 'normal';
			}
			case 'await': {
				const address = this.#evaluate(statement.address);
				this.#recorder.mayBlock(address, statement.blocked, statement.site);
				this.#recorder.require(this.#evaluate(statement.attempt).value);
				return 'normal';
			}
			case 'assume':
				this.#recorder.require(this.#evaluate(statement.condition).value);
				return 'normal';
			case 'if':
				return this.#if(statement);
			case 'loop':
				return this.#loop(statement);
			case 'switch':
				return this.#switch(statement);
			case 'block':
				return this.#block(statement.statements);
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
		const before = this.#recorder.ctrl;
		const condition = this.#evaluate(statement.condition);
		const truth = this.#recorder.decide(condition.value);
		this.#recorder.ctrl = join(before, condition.deps);
		let done: Completion = 'normal';
		if (truth) done = this.#execute(statement.then);
		else if (statement.otherwise !== null) done = this.#execute(statement.otherwise);
		// A branch that leaves the statement decides about all that follows up to where it leads.
		if (!statement.escapes) this.#recorder.ctrl = before;
		return done;
	}

	#loop(loop: Extract<Statement, { kind: 'loop' }>): Completion {
		const before = this.#recorder.ctrl;
		const waiting = waits(loop);
		/** Events before the iteration. */
		let begun = this.#recorder.events.length;
		for (let iteration = 0; ; iteration++) {
			if (iteration > 0 || loop.testFirst) {
				const condition = this.#evaluate(loop.condition);
				const truth = this.#recorder.decide(condition.value);
				this.#recorder.ctrl = join(this.#recorder.ctrl, condition.deps);
				if (!truth) break;
			}
			if (waiting && (iteration > 0 || (loop.testFirst && loop.condition.kind !== 'constant'))) {
				// A compare-and-exchange that succeeded is more than waiting.
				if (!this.#recorder.events.slice(begun).some((e) => (e.tags & tag.W) !== 0))
					throw new Abandoned();
			}
			begun = this.#recorder.events.length;
			if (iteration === this.#loopMax) {
				throw new Abandoned(`loop at line ${loop.site.line} ran more than ${this.#loopMax} times`);
			}
			const done = this.#execute(loop.body);
			if (done === 'break') break;
			if (done !== 'normal' && done !== 'continue') return done;
			if (loop.step !== null) this.#execute(loop.step);
		}
		this.#recorder.ctrl = before;
		return 'normal';
	}

	#switch(statement: Extract<Statement, { kind: 'switch' }>): Completion {
		const before = this.#recorder.ctrl;
		const subject = this.#evaluate(statement.value);
		this.#recorder.ctrl = join(before, subject.deps);
		let start = statement.cases.findIndex(
			(c) => c.values?.some((v) => this.#recorder.decide(operate('==', subject.value, v))) ?? false,
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
		if (done === 'normal') this.#recorder.ctrl = before;
		return done;
	}

	#block(statements: readonly Statement[]): Completion {
		const before = this.#recorder.ctrl;
		let backward = 0;
		for (let i = 0; i < statements.length; i++) {
			const statement = statements[i] as Statement;
			if (statement.kind === 'label') this.#recorder.ctrl = before;
			const done = this.#execute(statement);
			if (done === 'normal') continue;
			if (typeof done === 'string') return done;
			const target = statements.findIndex((s) => s.kind === 'label' && s.label === done.goto);
			if (target < 0) return done;
			if (target <= i && ++backward > this.#loopMax) {
				throw new Abandoned(`goto ${done.goto} ran more than ${this.#loopMax} times`);
			}
			i = target - 1;
		}
		return 'normal';
	}

	// Expressions.

	#evaluate(expression: Expression): Dependent {
		switch (expression.kind) {
			case 'constant':
				return { value: expression.value, deps: NO_DEPS };
			case 'address':
				return { value: locationAddress(expression.location), deps: NO_DEPS };
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
				const chosen = this.#recorder.decide(condition.value)
					? expression.whenTrue
					: expression.whenFalse;
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
				return this.#recorder.read(tag.R | accessTag(expression.order), address, expression.site);
			}
			case 'rmw':
				return this.#rmw(expression);
			case 'trylock': {
				const address = this.#evaluate(expression.address);
				if (this.#recorder.choose(2) === 0) {
					this.#recorder.lock(address, expression.site);
					return { value: 1, deps: NO_DEPS };
				}
				this.#recorder.read(tag.R | tag.LF, address, expression.site);
				return ZERO;
			}
			case 'is-locked': {
				const address = this.#evaluate(expression.address);
				const locked = this.#recorder.choose(2) === 0;
				const read = this.#recorder.read(
					tag.R | (locked ? tag.LF : tag.RU),
					address,
					expression.site,
				);
				return { value: locked ? 1 : 0, deps: read.deps };
			}
			case 'call': {
				const before = this.#recorder.ctrl;
				this.#registers.set(RETURN_REGISTER, ZERO);
				this.#execute(expression.body);
				this.#recorder.ctrl = before;
				return this.#registers.get(RETURN_REGISTER) ?? ZERO;
			}
			case 'srcu-lock':
				return this.#recorder.read(
					tag.R | tag.SRCU_LOCK,
					this.#evaluate(expression.address),
					expression.site,
				);
			default:
				return unreachable(expression);
		}
	}

	#binary(expression: Extract<Expression, { kind: 'binary' }>): Dependent {
		const { operator } = expression;
		const left = this.#evaluate(expression.left);
		if ((operator === '&&' || operator === '||') && touchesMemory(expression.right)) {
			const truth = this.#recorder.decide(left.value);
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
	#under(deps: readonly number[], evaluateIt: () => Dependent): Dependent {
		const before = this.#recorder.ctrl;
		this.#recorder.ctrl = join(before, deps);
		const result = evaluateIt();
		this.#recorder.ctrl = before;
		return result;
	}

	#rmw(rmw: Extract<Expression, { kind: 'rmw' }>): Dependent {
		const address = this.#evaluate(rmw.address);
		const unless = rmw.unless === null ? null : this.#evaluate(rmw.unless.value);
		const operand = this.#evaluate(rmw.operand);
		if (unless !== null && this.#recorder.choose(2) === 1) {
			const read = this.#recorder.read(tag.R | tag.RMW | tag.ONCE, address, rmw.site);
			this.#recorder.require(
				operate(rmw.unless?.operator === '==' ? '!=' : '==', read.value, unless.value),
			);
			return rmw.returns === 'success' ? { value: 0, deps: join(read.deps, unless.deps) } : read;
		}
		const full = rmw.order === 'mb';
		if (full) this.#recorder.fence('mb', true, rmw.site);
		const readTags =
			rmw.order === 'acquire' ? tag.ACQUIRE : rmw.order === 'noreturn' ? tag.NORETURN : tag.ONCE;
		const writeTags = rmw.order === 'release' ? tag.RELEASE : tag.ONCE;
		const ordered = tag.RMW | (full ? tag.MB : 0);
		const read = this.#recorder.read(tag.R | ordered | readTags, address, rmw.site);
		if (rmw.unless !== null && unless !== null)
			this.#recorder.require(operate(rmw.unless.operator, read.value, unless.value));
		const partner = this.#recorder.events.length - 1;
		const value = updated(rmw.update, read.value, operand.value);
		const deps = rmw.update === 'xchg' ? operand.deps : join(read.deps, operand.deps);
		this.#recorder.access(tag.W | ordered | writeTags, address, rmw.site, {
			value: { value, deps },
			rmw: partner,
		});
		if (full) this.#recorder.fence('mb', true, rmw.site);
		if (rmw.returns === 'success')
			return { value: 1, deps: join(read.deps, unless?.deps ?? NO_DEPS) };
		return rmw.returns === 'old' ? read : { value, deps: join(read.deps, operand.deps) };
	}
}

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
	old: SymbolicValue,
	operand: SymbolicValue,
): SymbolicValue {
	switch (update) {
		case 'xchg':
			return operand;
		case 'andnot':
			return operate('&', old, negate('~', operand));
		default:
			return operate(update, old, operand);
	}
}
