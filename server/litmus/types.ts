/**
 * Types of a litmus test as far as they decide where something is: structs with their members, arrays, pointers; and the
 * enumerators, which are numbers. Every scalar is a word, and so are the kernel's opaque structs; an object is as many neighbouring locations as it has words.
 */
import type * as ast from '../syntax/ast.js';
import { parseDeclarations, parseTypeName } from '../syntax/snippet.js';
import { constantOf } from './constant.js';
import { LitmusProblem } from './problem.js';
import type { Part } from './shell.js';

export type LitmusType =
	| { readonly kind: 'word' }
	| { readonly kind: 'pointer'; readonly to: LitmusType }
	| { readonly kind: 'array'; readonly of: LitmusType; readonly length: number }
	| { readonly kind: 'struct'; readonly struct: Struct };

export interface Struct {
	readonly name: string;
	readonly members: ReadonlyMap<string, Member>;
	/** In words. */
	readonly size: number;
}

export interface Member {
	/** In words from the beginning of the struct. */
	readonly offset: number;
	readonly type: LitmusType;
}

export const WORD: LitmusType = { kind: 'word' };

/** Structs that hold nothing a test may name. */
const OPAQUE = ['rcu_head', 'callback_head', 'mutex', 'rw_semaphore', 'srcu_struct'];
const ELEMENTS_MAX = 64;

/** include/linux: the parts of the kernel's own structs that definitions and tests name. */
const BUILT_IN = `
typedef struct seqlock { seqcount_t seqcount; spinlock_t lock; } seqlock_t;
struct list_head { struct list_head *next, *prev; };
`;

/** Words of a type. */
export function sizeOf(type: LitmusType): number {
	switch (type.kind) {
		case 'array':
			return type.length * sizeOf(type.of);
		case 'struct':
			return type.struct.size;
		default:
			return 1;
	}
}

/** A part of an object: how it is written behind the object's name, and where it begins. */
export interface ObjectPart {
	readonly path: string;
	readonly offset: number;
}

/** An object's parts, itself first, outer ones before inner ones. */
export function places(type: LitmusType): readonly ObjectPart[] {
	const inside = (path: string, offset: number, of: LitmusType): ObjectPart[] =>
		places(of).map((p) => ({ path: path + p.path, offset: offset + p.offset }));
	const own: ObjectPart = { path: '', offset: 0 };
	switch (type.kind) {
		case 'array': {
			const size = sizeOf(type.of);
			const each = Array.from({ length: type.length }, (_, i) =>
				inside(`[${i}]`, i * size, type.of),
			);
			return [own, ...each.flat()];
		}
		case 'struct': {
			const each = [...type.struct.members].map(([name, m]) =>
				inside(`.${name}`, m.offset, m.type),
			);
			return [own, ...each.flat()];
		}
		default:
			return [own];
	}
}

/** The part of an object that an element of its initialiser is for. */
export function partOf(
	type: Extract<LitmusType, { kind: 'struct' | 'array' }>,
	element: ast.InitialiserElement,
	next: number,
): { readonly offset: number; readonly type: LitmusType; readonly position: number } | null {
	if (type.kind === 'array') {
		const position = element.index?.kind === 'number' ? Number(element.index.text) : next;
		const isInside = element.field === null && position < type.length;
		return isInside ? { offset: position * sizeOf(type.of), type: type.of, position } : null;
	}
	const members = [...type.struct.members];
	const position =
		element.field === null ? next : members.findIndex(([name]) => name === element.field);
	const member = members[position]?.[1];
	return member === undefined || element.index !== null ? null : { ...member, position };
}

/** The structs, typedefs and enumerators of a file. */
export class TypeTable {
	readonly #structs = new Map<string, Struct>();
	readonly #typedefs = new Map<string, LitmusType>();
	readonly #enumerators = new Map<string, number>();

	constructor(declarations: readonly Part[]) {
		this.#read({ text: BUILT_IN, offset: 0 });
		for (const part of declarations) this.#read(part);
	}

	/** The type that words of C name. */
	named(text: string, at: number): LitmusType {
		const name = parseTypeName(text);
		if (name === null) throw new LitmusProblem(`"${text.trim()}" is no type`, at);
		return this.typeOf(name, at);
	}

	typeOf(
		{
			specifier,
			shape,
		}: { readonly specifier: ast.TypeSpecifier; readonly shape: readonly ast.DeclaratorPart[] },
		at: number,
	): LitmusType {
		let type = this.#base(specifier, shape[0]?.kind === 'pointer', at);
		for (const part of shape) {
			if (part.kind === 'pointer') type = { kind: 'pointer', to: type };
			else if (part.kind === 'array')
				type = { kind: 'array', of: type, length: this.#length(part, at) };
		}
		return type;
	}

	/** The number of an enumerator, or null. */
	enumerator(name: string): number | null {
		return this.#enumerators.get(name) ?? null;
	}

	#enumerate(enumerators: readonly ast.Enumerator[], at: number): void {
		let next = 0;
		for (const { name, value } of enumerators) {
			const given = value === null ? next : constantOf(value, (other) => this.enumerator(other));
			if (given === null) throw new LitmusProblem(`not understood: value of ${name}`, at);
			if ((this.enumerator(name) ?? given) !== given)
				throw new LitmusProblem(`${name} has two values`, at);
			this.#enumerators.set(name, given);
			next = given + 1;
		}
	}

	#length(part: Extract<ast.DeclaratorPart, { kind: 'array' }>, at: number): number {
		const { length } = part;
		const given = length === null ? null : constantOf(length, (name) => this.enumerator(name));
		if (given === null || given < 1 || given > ELEMENTS_MAX)
			throw new LitmusProblem('not understood: length of an array', at);
		return given;
	}

	/** The member when all structs that have one of this name agree on it, else null. */
	memberNamed(name: string): Member | null {
		const found = [...this.#structs.values()].flatMap(({ members }) => members.get(name) ?? []);
		const [first] = found;
		if (first === undefined || found.some((m) => m.offset !== first.offset)) return null;
		return found.length === 1 ? first : { offset: first.offset, type: WORD };
	}

	#base(specifier: ast.TypeSpecifier, isPointedAt: boolean, at: number): LitmusType {
		if (specifier.kind === 'named') return this.#typedefs.get(specifier.name) ?? WORD;
		if (specifier.kind === 'enum') this.#enumerate(specifier.enumerators ?? [], at);
		if (specifier.kind !== 'aggregate') return WORD;
		const { keyword, tag, members } = specifier;
		if (keyword === 'union') throw new LitmusProblem('not understood: union', at);
		if (members !== null) return { kind: 'struct', struct: this.#define(tag, members, at) };
		const struct = tag === null ? undefined : this.#structs.get(tag);
		if (struct !== undefined) return { kind: 'struct', struct };
		if (isPointedAt || OPAQUE.includes(tag ?? '')) return WORD;
		throw new LitmusProblem(`struct ${tag} is not declared`, at);
	}

	#define(tag: string | null, declarations: readonly ast.Declaration[], at: number): Struct {
		const members = new Map<string, Member>();
		const struct = { name: tag ?? '', members, size: 0 };
		// Before its members: they may point at it.
		if (tag !== null) this.#structs.set(tag, struct);
		for (const { specifier, declarators } of declarations) {
			if (declarators.length === 0) {
				const inner = this.#base(specifier, false, at);
				if (inner.kind !== 'struct') continue;
				for (const [name, m] of inner.struct.members)
					members.set(name, { ...m, offset: struct.size + m.offset });
				struct.size += inner.struct.size;
			}
			for (const { name, shape, bitfield } of declarators) {
				if (bitfield) throw new LitmusProblem(`not understood: bit field ${name}`, at);
				const type = this.typeOf({ specifier, shape }, at);
				members.set(name, { offset: struct.size, type });
				struct.size += sizeOf(type);
			}
		}
		return struct;
	}

	#read(part: Part): void {
		for (const { specifier, declarators, storage, start } of parseDeclarations(part.text)) {
			const at = part.offset + start;
			const isTypedef = storage.includes('typedef');
			const [first] = declarators;
			if (first !== undefined && !isTypedef)
				throw new LitmusProblem(
					`not understood: declaration of ${first.name} outside the initial state`,
					at,
				);
			this.#base(specifier, true, at);
			for (const { name, shape } of declarators)
				this.#typedefs.set(name, this.typeOf({ specifier, shape }, at));
		}
	}
}
