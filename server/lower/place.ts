/** Places: what can be read, assigned and have its address taken. */
import type { AccessOrder, Operand, SiteIndex } from '../../engine/program/op.js';
import type { Expression } from '../syntax/ast.js';
import { binary, convert } from './arithmetic.js';
import { globalTable, tableCopy } from './constant_table.js';
import {
	type Binding,
	constant,
	type FunctionState,
	inRegister,
	type Layout,
	type Lvalue,
	lookup,
	NeedsMemory,
	type OpenVariable,
	type Piece,
	type Rvalue,
	siteOf,
	Unlowerable,
} from './context.js';
import {
	halfMember,
	halfOf,
	halfOfType,
	hasHalves,
	loadHalf,
	loadWhole,
	withHalf,
} from './entry_halves.js';
import { lowerEffect, lowerValue } from './expression.js';
import { literalPlace } from './initialiser.js';
import { expandCall, expandIdentifier } from './macro.js';
import { memberPath, shifted } from './member_path.js';
import { anyValue, openAddress, openGlobal, openPlace } from './open_variable.js';
import { layoutOf, objectOf, structAddress } from './struct_layout.js';
import { decayed, memberOf, printType, resolveSpecifier, shaped } from './type_names.js';
import { questionsOf } from './type_questions.js';
import {
	accessType,
	type CType,
	int32,
	integerOf,
	isEntryMember,
	pointerTo,
	unknownType,
	unsigned32,
	unsigned64,
} from './types.js';
import { declaredPlace } from './undeclared.js';

/** A global whose declaration is not understood (`LIST_HEAD(x)`): its members are words that no world has cells for. */
const UNDECLARED: CType = { kind: 'struct', tag: '?' };
/** Longest array member whose elements get cells of their own. */
const memberArrayMax = 16;

export function lowerPlace(state: FunctionState, piece: Piece, expression: Expression): Lvalue {
	switch (expression.kind) {
		case 'parenthesised':
			return lowerPlace(state, piece, expression.inner);
		case 'identifier':
			return identifierPlace(state, piece, expression);
		case 'unary':
			if (expression.operator === '*') {
				const to = lowerValue(state, piece, expression.operand, 'use');
				return declaredPlace(state, piece, pointedPlace(to), expression);
			}
			break;
		case 'index': {
			const table = tableCopy(state, piece, expression.base);
			const base =
				table === null
					? lowerValue(state, piece, expression.base, 'use')
					: readPlace(state, table, siteOf(state, piece, expression));
			const index = lowerValue(state, piece, expression.index, 'use');
			if (base.leadsTo !== undefined && base.type.kind === 'pointer')
				return openPlace(state, base.leadsTo, base.type.to);
			const at = binary(state, '+', base, index, siteOf(state, piece, expression));
			return declaredPlace(state, piece, pointedPlace(at), expression);
		}
		case 'member':
			return memberPlace(state, piece, expression);
		case 'call': {
			const expanded = expandCall(state, piece, expression);
			if (expanded?.kind === 'expression')
				return lowerPlace(state, expanded.piece, expanded.expression);
			const value = lowerValue(state, piece, expression, 'copy');
			if (value.type.kind === 'struct') return structPlace(value);
			break;
		}
		case 'comma':
			lowerEffect(state, piece, expression.left);
			return lowerPlace(state, piece, expression.right);
		case 'compound-literal':
			return literalPlace(state, piece, expression);
		case 'conditional':
		case 'assign':
		case 'block': {
			const value = lowerValue(state, piece, expression, 'copy');
			if (value.type.kind === 'struct') return structPlace(value);
			break;
		}
		default:
	}
	throw new Unlowerable(
		'this is not something that can be assigned or have its address taken',
		expression,
	);
}

/** Where the members of a struct that is a value stand. */
export function structPlace({ operand, type }: Rvalue): Lvalue {
	return { kind: 'memory', address: operand, type };
}

function pointedPlace(pointer: Rvalue): Lvalue {
	const type = decayed(pointer.type);
	if (type.kind === 'pointer') {
		if (type.to.kind === 'void') throw new Unlowerable('a void pointer is followed');
		const isVolatile = type.isVolatile === true;
		const place = { kind: 'memory' as const, address: pointer.operand, type: type.to, isVolatile };
		return opened(place, pointer.leadsTo);
	}
	if (type.kind === 'unknown')
		return { kind: 'memory', address: pointer.operand, type: unknownType };
	throw new Unlowerable(`${printType(type)} is not a pointer`);
}

function identifierPlace(
	state: FunctionState,
	piece: Piece,
	expression: Expression & { kind: 'identifier' },
): Lvalue {
	const binding = lookup(piece.scope, expression.name);
	if (binding !== null) return bindingPlace(state, piece, expression, binding);
	const expanded = expandIdentifier(state, piece, expression);
	if (expanded !== null) return lowerPlace(state, expanded.piece, expanded.expression);
	const found = state.program.names.value(expression.name, piece.unit, 'without-macros');
	if (found?.kind === 'broken') throw new Unlowerable(found.reason, expression);
	if (found?.kind === 'enumerator')
		throw new Unlowerable(`${expression.name} is a constant`, expression);
	const site = siteOf(state, piece, expression);
	const address = symbolAddress(state, expression.name, site);
	if (found?.kind === 'function' || found?.kind === 'prototype') {
		return { kind: 'memory', address, type: { kind: 'function', returns: unknownType } };
	}
	if (found?.kind !== 'global' || found.declaration === null)
		return { kind: 'memory', address, type: unknownType };
	const declarator = found.declaration.declarators.find((d) => d.name === expression.name);
	const questions = questionsOf(state, { ...piece, unit: found.unit });
	const base = resolveSpecifier(found.declaration.specifier, found.unit, questions);
	const type = shaped(base, declarator?.shape ?? [], questions);
	const table = globalTable(state, piece, expression.name);
	if (table !== null) return { kind: 'memory', address, type: table.type };
	const isWorlds = type.kind === 'struct' && layoutOf(state, type)?.kind !== 'bytes';
	const open = isWorlds ? undefined : (openGlobal(found, expression.name, type) ?? undefined);
	return opened({ kind: 'memory', address, type }, open);
}

/** The place as all or part of a variable that others may change. */
function opened(place: Lvalue & { kind: 'memory' }, open: OpenVariable | undefined): Lvalue {
	return open === undefined ? place : { ...place, open };
}

export function symbolAddress(state: FunctionState, name: string, site: SiteIndex): Operand {
	const dst = state.builder.register(null);
	state.builder.emit({ kind: 'symbol', dst, symbol: state.program.tables.symbol(name) }, site);
	return { kind: 'register', register: dst };
}

function bindingPlace(
	state: FunctionState,
	piece: Piece,
	expression: Expression,
	binding: Binding,
): Lvalue {
	switch (binding.kind) {
		case 'register':
			return {
				kind: 'register',
				register: binding.register,
				type: binding.type,
				ordinal: binding.ordinal,
			};
		case 'memory': {
			const site = siteOf(state, piece, expression);
			const address =
				binding.type.kind === 'struct'
					? structAddress(state, binding.slot, binding.type, site)
					: slotAddress(state, binding.slot, site);
			return { kind: 'memory', address, type: binding.type };
		}
		case 'argument':
			return lowerPlace(state, binding.piece, binding.expression);
		case 'table': {
			const variable = { name: binding.name, isOwn: false };
			return { kind: 'memory', address: openAddress(state, variable), type: binding.type };
		}
		case 'open': {
			const { variable, type } = binding;
			return { kind: 'memory', address: openAddress(state, variable), type, open: variable };
		}
		case 'constant':
			throw new Unlowerable('a constant is not a place', expression);
		case 'type':
			throw new Unlowerable('a type stands where a value is needed', expression);
	}
}

export function slotAddress(state: FunctionState, slot: number, site: SiteIndex): Operand {
	const dst = state.builder.register(null);
	state.builder.emit({ kind: 'frame-address', dst, slot }, site);
	return { kind: 'register', register: dst };
}

function memberPlace(
	state: FunctionState,
	piece: Piece,
	expression: Expression & { kind: 'member' },
): Lvalue {
	const site = siteOf(state, piece, expression);
	if (expression.arrow) {
		const base = lowerValue(state, piece, expression.base, 'use');
		const type = decayed(base.type);
		if (type.kind !== 'pointer')
			throw new Unlowerable(`${printType(type)} has no member ${expression.name}`, expression);
		const of = { kind: 'memory' as const, address: base.operand, type: type.to };
		return memberAt(state, opened(of, base.leadsTo), expression.name, site);
	}
	const copy = tableCopy(state, piece, expression.base);
	const base = copy ?? lowerPlace(state, piece, expression.base);
	if (base.type.kind === 'entry' && isEntryMember(base.type, expression.name)) return base;
	const half = halfMember(state, base.type, expression.name);
	if (half !== null) return { ...base, type: half };
	if (base.kind === 'register')
		throw new Unlowerable(`${printType(base.type)} has no member ${expression.name}`, expression);
	const type = base.type.kind === 'unknown' ? UNDECLARED : base.type;
	return memberAt(state, { ...base, type }, expression.name, site);
}

/** A member of a struct that stands in memory. */
export function memberIn(state: FunctionState, of: Lvalue, name: string, site: SiteIndex): Lvalue {
	if (of.kind === 'register') throw new Unlowerable(`${printType(of.type)} has no member ${name}`);
	return memberAt(state, of, name, site);
}

/** The member of an object in memory. */
function memberAt(state: FunctionState, of: Lvalue, name: string, site: SiteIndex): Lvalue {
	if (of.kind === 'register') throw new Unlowerable(`${printType(of.type)} has no member ${name}`);
	const base = of.open === undefined ? of : { ...of, address: openAddress(state, of.open) };
	const place = memberOfObject(state, base, name, site);
	return of.open === undefined
		? place
		: { ...place, address: openAddress(state, of.open), open: of.open };
}

function memberOfObject(
	state: FunctionState,
	{ address: base, type, open }: MemoryPlace,
	name: string,
	site: SiteIndex,
): MemoryPlace {
	if (type.kind === 'entry' && isEntryMember(type, name))
		return { kind: 'memory', address: base, type };
	const half = halfMember(state, type, name);
	if (half !== null) return { kind: 'memory', address: base, type: half };
	if (type.kind !== 'struct') throw new Unlowerable(`${printType(type)} has no member ${name}`);
	const layout = layoutOf(state, type);
	if (layout?.kind === 'bytes') return placedMember(state, { base, layout, type, name }, site);
	const member = memberOf(type, name, questionsFor(state));
	if (member.bitfield) throw new Unlowerable(`${name} is a bit-field`);
	if (member.overlay) return { kind: 'memory', address: base, type: member.type };
	refuseNarrowElements(member.type, name);
	const { tables } = state.program;
	const field = tables.field(member.struct, member.name, sizeOfScalar(member.type));
	if (member.type.kind === 'array' && (member.type.length ?? 0) <= memberArrayMax) {
		for (let i = 1; i < (member.type.length ?? 0); i++)
			tables.field(member.struct, `${member.name}[${i}]`, sizeOfScalar(member.type.of));
	}
	const dst = state.builder.register(null);
	state.builder.emit({ kind: 'field', dst, base, field }, site);
	const address: Operand = { kind: 'register', register: dst };
	const apart =
		member.type.kind === 'struct' ||
		(member.type.kind === 'array' && !cellsOfTheirOwn(member.type));
	if (!apart || open !== undefined) return { kind: 'memory', address, type: member.type };
	const object = state.builder.register(null);
	state.builder.emit({ kind: 'load', dst: object, address, order: 'once' }, site);
	return { kind: 'memory', address: { kind: 'register', register: object }, type: member.type };
}

/** Bytes of a scalar's cell in the world. */
function sizeOfScalar(type: CType): number | undefined {
	if (type.kind === 'integer') return type.integer.bits / 8;
	return type.kind === 'pointer' || type.kind === 'entry' ? 8 : undefined;
}

/** Objects of the world have a word for each element, so that stepping from one to the next is not what C does. */
function refuseNarrowElements(type: CType, name: string): void {
	const isNarrow = type.kind === 'array' && type.of.kind === 'integer' && type.of.integer.bits < 64;
	if (isNarrow)
		throw new Unlowerable(
			`${name} is an array of ${printType(type.of)} in an object of the kernel`,
		);
}

/** The member of a struct that is laid out as the ABI has it. */
function placedMember(
	state: FunctionState,
	found: {
		readonly base: Operand;
		readonly layout: Layout & { kind: 'bytes' };
		readonly type: CType;
		readonly name: string;
	},
	site: SiteIndex,
): MemoryPlace {
	const { base, layout, type, name } = found;
	const path = memberPath(state, layout, name);
	if (path === null) throw new Unlowerable(`${printType(type)} has no member ${name}`);
	const { bits } = path.member;
	const place = {
		kind: 'memory' as const,
		address: shifted(state, base, path.offset, site),
		type: path.member.type,
	};
	return bits === null ? place : { ...place, bits };
}

function cellsOfTheirOwn(type: CType & { kind: 'array' }): boolean {
	return type.of.kind !== 'struct' && type.length !== null && type.length <= memberArrayMax;
}

/** Questions whose expressions stand in headers: lengths are folded where they can be. */
function questionsFor(state: FunctionState) {
	return {
		names: state.program.names,
		typeOf: () => unknownType,
		length: (e: Expression) => (e.kind === 'number' ? Number(e.text) || null : null),
	};
}

/** What stands in a place. */
export function readPlace(state: FunctionState, place: Lvalue, site: SiteIndex): Rvalue {
	const half = halfOfType(place.type);
	if (place.kind === 'register') {
		const value = inRegister(place.register, place.type);
		return half === null ? value : halfOf(state, value, half, site);
	}
	switch (place.type.kind) {
		case 'array':
			return pointerInto(place, pointerTo(place.type.of));
		case 'function':
			return { operand: place.address, type: pointerTo(place.type) };
		case 'struct':
			if (layoutOf(state, place.type)?.kind !== 'bytes')
				throw new Unlowerable(`${printType(place.type)} is used as a value`);
			return { operand: place.address, type: place.type };
		case 'void':
			throw new Unlowerable('a void is used as a value');
		default:
	}
	if (place.open !== undefined) {
		const type = place.bits === undefined ? place.type : int32;
		return anyValue(state, place.open.name, type, site);
	}
	if (place.bits !== undefined) return readBits(state, place, place.bits, site);
	const order = place.isVolatile === true ? 'once' : 'plain';
	return loadFrom(state, { address: place.address, type: place.type, order }, site);
}

/** Loads what stands at an address: in one access, or an entry's halves one after the other. */
export function loadFrom(
	state: FunctionState,
	{ address, type, order }: { address: Operand; type: CType; order: AccessOrder },
	site: SiteIndex,
): Rvalue {
	const half = halfOfType(type);
	if (half !== null) return loadHalf(state, { address, half, order }, site);
	if (hasHalves(state, type)) return loadWhole(state, { address, type, order }, site);
	const dst = state.builder.register(null);
	state.builder.emit({ kind: 'load', dst, address, order, ...accessType(type) }, site);
	return inRegister(dst, type);
}

/**
 * What is to be stored at an address: the value, or for half an entry the whole with that half replaced. Whoever writes
 * entries holds their lock, so that the other half does not change meanwhile.
 */
export function storedAt(
	state: FunctionState,
	{ address, type, value }: { address: Operand; type: CType; value: Rvalue },
	site: SiteIndex,
): Rvalue {
	const half = halfOfType(type);
	if (half === null) return value;
	const dst = state.builder.register(null);
	state.builder.emit({ kind: 'load', dst, address, order: 'once' }, site);
	return withHalf(state, inRegister(dst, unsigned64), { half, value }, site);
}

/** Assigns, with conversion; the value is what the place then holds. */
export function writePlace(
	state: FunctionState,
	place: Lvalue,
	value: Rvalue,
	site: SiteIndex,
): Rvalue {
	const converted = convert(state, value, place.type, site);
	if (place.kind === 'memory' && place.open?.isOwn === true) return converted;
	if (place.kind === 'memory' && place.bits !== undefined)
		return writeBits(state, place, { bits: place.bits, value: converted }, site);
	if (place.type.kind === 'struct') return copyStruct(state, place, converted, site);
	if (place.type.kind === 'array' || place.type.kind === 'void')
		throw new Unlowerable(`${printType(place.type)} is assigned`);
	if (place.kind === 'register') {
		const half = halfOfType(place.type);
		const whole = inRegister(place.register, unsigned64);
		const kept =
			half === null ? converted : withHalf(state, whole, { half, value: converted }, site);
		state.builder.emit({ kind: 'move', dst: place.register, from: kept.operand }, site);
		return half === null ? inRegister(place.register, place.type) : converted;
	}
	const stored = storedAt(
		state,
		{ address: place.address, type: place.type, value: converted },
		site,
	);
	state.builder.emit(
		{
			kind: 'store',
			address: place.address,
			value: stored.operand,
			order: place.isVolatile === true ? 'once' : 'plain',
			...accessType(place.type),
		},
		site,
	);
	return converted;
}

type MemoryPlace = Lvalue & { kind: 'memory' };

/** A bit-field's value has its cell to itself; where C has it promoted it is an int, or unsigned where it fills one. */
function readBits(state: FunctionState, place: MemoryPlace, bits: number, site: SiteIndex): Rvalue {
	const dst = state.builder.register(null);
	const order = place.isVolatile === true ? 'once' : 'plain';
	state.builder.emit({ kind: 'load', dst, address: place.address, order }, site);
	const type = bits === 32 && !integerOf(place.type).signed ? unsigned32 : int32;
	return { ...inRegister(dst, type), isBitfield: true };
}

function writeBits(
	state: FunctionState,
	place: MemoryPlace,
	{ bits, value }: { readonly bits: number; readonly value: Rvalue },
	site: SiteIndex,
): Rvalue {
	const { signed } = integerOf(place.type);
	const isBoolean = place.type.kind === 'integer' && place.type.boolean;
	const word = convert(state, value, signed && !isBoolean ? int32 : unsigned32, site);
	const up = constant(32 - bits, int32);
	const cut = (): Rvalue => binary(state, '>>', binary(state, '<<', word, up, site), up, site);
	const kept = isBoolean || bits === 32 ? word : cut();
	const order = place.isVolatile === true ? 'once' : 'plain';
	state.builder.emit({ kind: 'store', address: place.address, value: kept.operand, order }, site);
	return { operand: kept.operand, type: bits < 32 ? int32 : kept.type, isBitfield: true };
}

/** Copies a struct's members, whose address is its value. */
function copyStruct(state: FunctionState, place: Lvalue, value: Rvalue, site: SiteIndex): Rvalue {
	if (place.kind !== 'memory') throw new Unlowerable('a struct in a register');
	const { address, type } = place;
	for (const { offset, size } of objectOf(state, type).cells()) {
		const whole =
			size === 8 || size === 0 ? {} : { type: { bits: (size * 8) as 8, signed: false } };
		const dst = state.builder.register(null);
		const order = 'plain' as const;
		const from = shifted(state, value.operand, offset, site);
		state.builder.emit({ kind: 'load', dst, address: from, order, ...whole }, site);
		const to = shifted(state, address, offset, site);
		const word: Operand = { kind: 'register', register: dst };
		state.builder.emit({ kind: 'store', address: to, value: word, order, ...whole }, site);
	}
	return { operand: address, type };
}

/** `&expression`. */
export function addressOf(state: FunctionState, piece: Piece, expression: Expression): Rvalue {
	const place = lowerPlace(state, piece, expression);
	if (place.kind === 'register') throw new NeedsMemory(place.ordinal);
	if (place.bits !== undefined) throw new Unlowerable('the address of a bit-field', expression);
	return pointerInto(place, pointerTo(place.type));
}

function pointerInto({ address, open }: MemoryPlace, type: CType): Rvalue {
	return { operand: address, type, ...(open === undefined ? {} : { leadsTo: open }) };
}

export const nothing: Rvalue = constant(0, { kind: 'void' });
