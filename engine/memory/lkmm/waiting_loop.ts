/**
 * Which loops only wait: they read marked locations until something holds, write nothing (but by a compare-and-exchange
 * that succeeds), and no iteration uses what an
 * earlier one left in a register.
 *
 * Invariant: plain reads disqualify, because a race of an iteration that goes on waiting must not be lost.
 */
import type { Expression, Statement } from './litmus_program.js';

type Loop = Extract<Statement, { kind: 'loop' }>;

/** Whether a loop's iterations but the last can be left out. */
export function waits(loop: Loop): boolean {
	const assigned = new Set<string>();
	const walk = new IterationWalk(assigned);
	const forever = loop.condition.kind === 'constant' && loop.condition.value !== 0;
	if (loop.step !== null) return false;
	// `while (c) body`: the last iteration is a test alone, so the body must leave nothing behind.
	if (loop.testFirst && !forever) {
		return (
			walk.expression(loop.condition, new Set()) &&
			walk.statement(loop.body, new Set()) &&
			assigned.size === 0 &&
			!walk.breaks &&
			!walk.returns
		);
	}
	const known = new Set<string>();
	const pure = walk.statement(loop.body, known) && walk.expression(loop.condition, known);
	return pure && ![...walk.carried].some((register) => assigned.has(register));
}

class IterationWalk {
	/** Registers read before the iteration has assigned them. */
	readonly carried = new Set<string>();
	breaks = false;
	returns = false;
	readonly #assigned: Set<string>;

	constructor(assigned: Set<string>) {
		this.#assigned = assigned;
	}

	/** False when the statement does more than read; `known` gains what it surely assigns. */
	statement(s: Statement, known: Set<string>): boolean {
		switch (s.kind) {
			case 'expression':
				return this.expression(s.expression, known);
			case 'assign': {
				const pure = this.expression(s.value, known);
				this.#assign(s.register, known);
				return pure;
			}
			case 'fence':
				return true;
			case 'break':
				this.breaks = true;
				return true;
			case 'block':
				return s.statements.every((inner) => this.statement(inner, known));
			case 'if': {
				if (!this.expression(s.condition, known)) return false;
				const then = new Set(known);
				const otherwise = new Set(known);
				const pure =
					this.statement(s.then, then) &&
					(s.otherwise === null || this.statement(s.otherwise, otherwise));
				for (const register of then) if (otherwise.has(register)) known.add(register);
				return pure;
			}
			case 'return':
				this.returns = true;
				return s.value === null || this.expression(s.value, known);
			// A loop inside that only waits itself is one that runs once.
			case 'loop': {
				if (!waits(s) || s.testFirst) return false;
				const { breaks } = this;
				const pure = this.statement(s.body, known) && this.expression(s.condition, known);
				this.breaks = breaks;
				return pure;
			}
			default:
				return false;
		}
	}

	expression(e: Expression, known: Set<string>): boolean {
		switch (e.kind) {
			case 'constant':
			case 'address':
				return true;
			case 'register':
				if (!known.has(e.name)) this.carried.add(e.name);
				return true;
			case 'unary':
				return this.expression(e.operand, known);
			case 'binary':
				return this.expression(e.left, known) && this.expression(e.right, known);
			case 'conditional':
				return [e.condition, e.whenTrue, e.whenFalse].every((part) => this.expression(part, known));
			case 'assign': {
				const pure = this.expression(e.value, known);
				this.#assign(e.register, known);
				return pure;
			}
			case 'load':
				return e.order !== 'plain' && this.expression(e.address, known);
			// One that fails only reads; whether it did is for the run to see.
			case 'rmw':
				return (
					e.unless !== null &&
					[e.address, e.operand, e.unless.value].every((part) => this.expression(part, known))
				);
			// An inlined function may have returned before it assigned.
			case 'call': {
				const { returns } = this;
				const pure = this.statement(e.body, new Set(known));
				this.returns = returns;
				return pure;
			}
			default:
				return false;
		}
	}

	#assign(register: string, known: Set<string>): void {
		known.add(register);
		this.#assigned.add(register);
	}
}
