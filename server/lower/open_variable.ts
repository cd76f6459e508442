/**
 * Variables of a file that are no constants: file-scope ones, static locals, per-CPU ones. Other CPUs and later calls may change
 * them at any time, so that a read gives any value: what is decided by it directly goes either way, and what needs the value itself
 * is not understood. What the walk writes to its own file's variables nobody reads back.
 *
 * Model: each read of such a variable is any value, also where nobody ever writes it. Adds runs in which it holds what no code puts
 * there, and loses none.
 */

import type { Operand, SiteIndex } from '../../engine/program/op.js';
import { NOT_FIXED, NOWHERE } from '../../engine/program/register_name.js';
import type { Declaration } from '../syntax/ast.js';
import {
	type FunctionState,
	inRegister,
	type Lvalue,
	type OpenVariable,
	type Rvalue,
} from './context.js';
import type { Definition } from './names.js';
import { booleanType, type CType, int32 } from './types.js';

/** What a global of that declaration and type is a variable of; null: a constant, or an object of the world. */
export function openGlobal(
	{ unit, declaration }: Definition & { kind: 'global' },
	name: string,
	type: CType,
): OpenVariable | null {
	if (declaration === null || unit.origin !== 'walk' || isConstant(declaration, type)) return null;
	if (unit.checked) return { name, isOwn: true };
	return type.kind === 'integer' ? { name, isOwn: false } : null;
}

/** Whether nothing of it may change: `const` stands before the type, and no pointer of its own comes behind it. */
export function isConstant({ storage }: Declaration, type: CType): boolean {
	const element = elementOf(type);
	return storage.includes('const') && !storage.includes('volatile') && element.kind !== 'pointer';
}

function elementOf(type: CType): CType {
	return type.kind === 'array' ? elementOf(type.of) : type;
}

/** A read of what nobody fixed. */
export function anyValue(state: FunctionState, name: string, type: CType, site: SiteIndex): Rvalue {
	if (type.kind === 'integer' && type.boolean)
		return { ...eitherWay(state, site), type: booleanType };
	return { ...inRegister(state.builder.register(`${NOT_FIXED}${name}`), type), any: name };
}

/** The variable's address, which no world has: whatever needs it is not understood. */
export function openAddress(state: FunctionState, { name }: OpenVariable): Operand {
	return { kind: 'register', register: state.builder.register(`${NOWHERE}${name}`) };
}

/** Part of such a variable. */
export function openPlace(state: FunctionState, open: OpenVariable, type: CType): Lvalue {
	return { kind: 'memory', address: openAddress(state, open), type, open };
}

/** 0 or 1. */
export function eitherWay(state: FunctionState, site: SiteIndex): Rvalue {
	const dst = state.builder.register(null);
	state.builder.emit({ kind: 'choose', dst, alternatives: 2 }, site);
	return inRegister(dst, int32);
}

/** The value with what is known of where it came from. */
export function marked(value: Rvalue, ...from: readonly Rvalue[]): Rvalue {
	const any = from.find((f) => f.any !== undefined)?.any;
	const leadsTo = from.find((f) => f.leadsTo !== undefined)?.leadsTo;
	if (any === undefined && leadsTo === undefined) return value;
	return {
		...value,
		...(any === undefined ? {} : { any }),
		...(leadsTo === undefined || value.type.kind !== 'pointer' ? {} : { leadsTo }),
	};
}
