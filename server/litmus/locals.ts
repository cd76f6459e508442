/**
 * The variables of one function of a litmus test: parameters and locals with their types, as registers or in memory.
 */
import type * as ast from '../syntax/ast.js';
import { type TypeScope, typeOf } from './expression_type.js';
import { addressed, bare, holdsArray, type LocalObject } from './local_memory.js';
import type { LoweringContext } from './lowering_context.js';
import { LitmusProblem } from './problem.js';
import type { LitmusType } from './types.js';

export class Locals {
	readonly scope: TypeScope;
	readonly #context: LoweringContext;
	/** Put before names of registers, so that inlined functions have their own. */
	readonly #prefix: string;
	/** Types of parameters and locals. */
	readonly #types = new Map<string, LitmusType>();
	/** Names that are declared in the function, as its parameters are not. */
	readonly #declared = new Set<string>();
	readonly #memory = new Map<string, LocalObject>();
	/** Names of which the function takes the address. */
	#addressed: ReadonlySet<string> = new Set();

	constructor(context: LoweringContext, prefix: string) {
		this.#context = context;
		this.#prefix = prefix;
		this.scope = {
			...{ types: context.types, variables: this.#types, memory: this.#memory },
			offset: context.offset,
		};
	}

	/** Looks through a function before it is lowered. */
	look(definition: ast.FunctionDefinition): void {
		this.#addressed = addressed(definition);
	}

	parameter(name: string, type: LitmusType): void {
		this.#types.set(name, type);
	}

	/** Notes a local; its object where it is memory, null where it is a register. */
	declare(declarator: ast.Declarator, type: LitmusType): LocalObject | null {
		const { name, start } = declarator;
		const at = this.#context.offset(start);
		const isMemory = holdsArray(type) || this.#addressed.has(name);
		if (this.#types.has(name) && isMemory !== this.#memory.has(name))
			throw new LitmusProblem(`not understood: two variables called ${name}`, at);
		this.#types.set(name, type);
		this.#declared.add(name);
		if (!isMemory) return null;
		const object = this.#context.memory.declare(this.register(name), type, at);
		this.#memory.set(name, object);
		return object;
	}

	typeOf(name: string): LitmusType | null {
		return this.#types.get(name) ?? null;
	}

	/** A local in memory, or null. */
	objectOf(name: string): LocalObject | null {
		return this.#memory.get(name) ?? null;
	}

	register(name: string): string {
		return this.#prefix + name;
	}

	/** The register an expression denotes: a local, or a member of a local struct. */
	registerOf(e: ast.Expression): string | null {
		const place = bare(e);
		if (place.kind === 'identifier')
			return this.#memory.has(place.name) ? null : this.register(place.name);
		if (place.kind === 'unary' && place.operator === '*') return this.#returned(place.operand);
		if (place.kind !== 'member' || place.arrow) return null;
		const base = this.#structOf(place.base);
		return base === null ? null : `${base}.${place.name}`;
	}

	/** `*&x` of a local is the local. */
	#returned(e: ast.Expression): string | null {
		const taken = bare(e);
		if (taken.kind !== 'unary' || taken.operator !== '&') return null;
		const target = bare(taken.operand);
		const isLocal = target.kind === 'identifier' && this.#declared.has(target.name);
		return isLocal || target.kind === 'member' ? this.registerOf(target) : null;
	}

	#structOf(e: ast.Expression): string | null {
		const place = bare(e);
		if (typeOf(place, this.scope)?.kind !== 'struct') return null;
		return place.kind === 'identifier' || place.kind === 'member' ? this.registerOf(place) : null;
	}
}
