/**
 * Types of the expressions of a litmus test, to the point where they decide where a member or an element is. Registers
 * have the types they are declared with; what is not known is null, never guessed.
 */
import type * as ast from '../syntax/ast.js';
import { parseTypeName } from '../syntax/snippet.js';
import type { LitmusType, TypeTable } from './types.js';

export interface TypeScope {
	readonly types: TypeTable;
	/** Parameters and locals. */
	readonly variables: ReadonlyMap<string, LitmusType>;
	/** Locals that are memory: their names are objects, not pointers to them. */
	readonly memory: { has(name: string): boolean };
	/** Offset in the file of an offset in the function's parsed text. */
	offset(inText: number): number;
}

/** Calls whose value has the type of the lvalue they are given, and of what their pointer points at. */
const OF_LVALUE = /^(READ_ONCE|rcu_dereference\w*|rcu_access_pointer|lockless_dereference)$/;
const OF_POINTEE = /^(smp_load_acquire|smp_cond_load_\w+|xchg\w*|cmpxchg\w*)$/;

/** The type of an expression, or null. */
export function typeOf(e: ast.Expression, scope: TypeScope): LitmusType | null {
	switch (e.kind) {
		case 'parenthesised':
			return typeOf(e.inner, scope);
		case 'identifier':
			return scope.variables.get(e.name) ?? null;
		case 'cast':
			return scope.types.typeOf(e.type, scope.offset(e.start));
		case 'assign':
			return typeOf(e.target, scope);
		case 'conditional':
			return e.then === null ? null : typeOf(e.then, scope);
		case 'unary':
			return unaryType(e, scope);
		case 'member': {
			const base = typeOf(e.base, scope);
			const struct = e.arrow ? pointee(base) : base;
			if (struct?.kind !== 'struct') return scope.types.memberNamed(e.name)?.type ?? null;
			return struct.struct.members.get(e.name)?.type ?? null;
		}
		case 'index':
			return pointee(typeOf(e.base, scope));
		case 'binary':
			return e.operator === '+' || e.operator === '-' ? typeOf(e.left, scope) : null;
		case 'call':
			return callType(e, scope);
		default:
			return null;
	}
}

function unaryType(
	e: Extract<ast.Expression, { kind: 'unary' }>,
	scope: TypeScope,
): LitmusType | null {
	const operand = typeOf(e.operand, scope);
	if (e.operator === '*') return pointee(operand);
	if (e.operator !== '&' || operand === null) return null;
	// A bare name is taken for the pointer it holds.
	return isPointerName(e.operand, scope) ? operand : { kind: 'pointer', to: operand };
}

function callType(
	e: Extract<ast.Expression, { kind: 'call' }>,
	scope: TypeScope,
): LitmusType | null {
	const name = e.callee.kind === 'identifier' ? e.callee.name : '';
	const [first, second] = e.arguments;
	if (name === 'container_of' && second?.kind === 'unparsed') {
		const type = parseTypeName(second.text);
		if (type === null) return null;
		return { kind: 'pointer', to: scope.types.typeOf(type, scope.offset(second.start)) };
	}
	if (first === undefined) return null;
	const type = typeOf(first, scope);
	if (name === 'data_race') return type;
	// `READ_ONCE(p)` of a bare name reads what it points at.
	if (OF_LVALUE.test(name)) return isPointerName(first, scope) ? pointee(type) : type;
	return OF_POINTEE.test(name) ? pointee(type) : null;
}

/** A name that stands for the object it points at. */
function isPointerName(e: ast.Expression, { memory }: TypeScope): boolean {
	return e.kind === 'identifier' && !memory.has(e.name);
}

/** What a pointer points at, or an array is of; null of anything else. */
export function pointee(type: LitmusType | null): LitmusType | null {
	if (type?.kind === 'pointer') return type.to;
	return type?.kind === 'array' ? type.of : null;
}
