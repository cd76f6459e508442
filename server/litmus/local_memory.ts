/**
 * Locals that are memory: arrays, what holds one, and variables and structs whose address is taken. Each is an object of its
 * own, accessed plainly, that other threads reach only if they are handed its address; all other locals are registers.
 *
 * Model: the object of a local is one, however often its declaration is reached; it begins as 0. Loses nothing in C that
 * neither reads a local before it is set nor keeps the address of one beyond its block.
 */
import type * as ast from '../syntax/ast.js';
import type { LocationTable } from './location_table.js';
import { LitmusProblem } from './problem.js';
import type { LitmusType } from './types.js';

/** A local in memory. */
export interface LocalObject {
	readonly address: number;
	readonly type: LitmusType;
}

/** Where a thread's locals become locations: `0:a` is P0's. */
export class LocalMemory {
	readonly #thread: number;
	readonly #locations: LocationTable;
	readonly #types = new Map<string, LitmusType>();

	constructor(thread: number, locations: LocationTable) {
		this.#thread = thread;
		this.#locations = locations;
	}

	declare(register: string, type: LitmusType, at: number): LocalObject {
		const name = `${this.#thread}:${register}`;
		const before = this.#types.get(name) ?? type;
		if (JSON.stringify(before) !== JSON.stringify(type))
			throw new LitmusProblem(`${register} has two types`, at);
		this.#types.set(name, type);
		this.#locations.declare(name, type, at);
		return { address: this.#locations.address(name, at), type };
	}
}

/** Whether a local of this type is memory whatever is done with it: its elements are found by numbers. */
export function holdsArray(type: LitmusType): boolean {
	if (type.kind === 'array') return true;
	return (
		type.kind === 'struct' && [...type.struct.members.values()].some((m) => holdsArray(m.type))
	);
}

/** Calls that get the address of a register, by the position of the argument: what they put there is their result. */
const BY_ADDRESS = /^(?:atomic_|atomic64_|atomic_long_)?try_cmpxchg(?:_\w+)?$/;

/** Names of variables whose address a function takes, other than to go back to the variable at once (`*&x`). */
export function addressed(definition: ast.FunctionDefinition): ReadonlySet<string> {
	const found = new Set<string>();
	const returns = new Set<unknown>();
	const pending: unknown[] = [definition.body];
	for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
		if (typeof node !== 'object' || node === null) continue;
		const e = node as ast.Expression;
		if (e.kind === 'unary' && e.operator === '*') returns.add(bare(e.operand));
		if (e.kind === 'call' && e.callee.kind === 'identifier' && BY_ADDRESS.test(e.callee.name))
			returns.add(e.arguments[1]);
		// The argument itself is what is accessed: READ_ONCE(*&x).
		if (e.kind === 'call')
			for (const argument of e.arguments) {
				const name = taken(bare(argument));
				if (name !== null) found.add(name);
			}
		if (e.kind === 'unary' && e.operator === '&' && !returns.has(e)) {
			const name = variableOf(e.operand);
			if (name !== null) found.add(name);
		}
		pending.push(...Object.values(node));
	}
	return found;
}

/** The variable of `*&x`, or null. */
function taken(e: ast.Expression): string | null {
	if (e.kind !== 'unary' || e.operator !== '*') return null;
	const inner = bare(e.operand);
	return inner.kind === 'unary' && inner.operator === '&' ? variableOf(inner.operand) : null;
}

/** Without its parentheses. */
export function bare(e: ast.Expression): ast.Expression {
	let inner = e;
	while (inner.kind === 'parenthesised') inner = inner.inner;
	return inner;
}

/** The variable that an lvalue is a part of, or null where it is reached through a pointer. */
function variableOf(e: ast.Expression): string | null {
	let base = bare(e);
	while (base.kind === 'member' && !base.arrow) base = bare(base.base);
	return base.kind === 'identifier' ? base.name : null;
}
