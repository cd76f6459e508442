/** Operators on values: conversions, folding of constants, pointer arithmetic in the model's strides. */
import type {
	BinaryOperator,
	IntegerType,
	SiteIndex,
	UnaryOperator,
} from '../../engine/program/op.js';
import { constant, type FunctionState, inRegister, Unlowerable, type Value } from './context.js';
import { decayed } from './type_names.js';
import {
	type CType,
	commonType,
	int32,
	int64,
	integerOf,
	machineWord,
	normalise,
	promoted,
	sameRepresentation,
	strideOf,
} from './types.js';

/** The value as C converts it to a type. */
export function convert(state: FunctionState, value: Value, to: CType, site: SiteIndex): Value {
	if (to.kind === 'void') return { operand: { kind: 'constant', value: 0 }, type: to };
	if (to.kind === 'struct' || value.type.kind === 'struct')
		throw new Unlowerable('a struct is used as a value');
	if (value.type.kind === 'void')
		throw new Unlowerable('a value is taken from something that returns none');
	if (sameRepresentation(value.type, to)) return { operand: value.operand, type: to };
	if (to.kind === 'integer' && to.boolean) {
		return { operand: binary(state, '!=', value, constant(0, int32), site).operand, type: to };
	}
	const type = integerOf(to);
	if (value.operand.kind === 'constant')
		return constant(folded(normalise(BigInt(value.operand.value), type)), to);
	const dst = state.builder.register(null);
	state.builder.emit({ kind: 'convert', dst, operand: value.operand, type }, site);
	return inRegister(dst, to);
}

/** `left operator right` with C's usual conversions. */
export function binary(
	state: FunctionState,
	operator: BinaryOperator,
	left: Value,
	right: Value,
	site: SiteIndex,
): Value {
	const a = { operand: left.operand, type: decayed(left.type) };
	const b = { operand: right.operand, type: decayed(right.type) };
	if (a.type.kind === 'void' || b.type.kind === 'void')
		throw new Unlowerable('a value is taken from something that returns none');
	if (a.type.kind === 'struct' || b.type.kind === 'struct')
		throw new Unlowerable('a struct is used as a value');
	if (operator === '+' || operator === '-') {
		if (a.type.kind === 'pointer' && b.type.kind === 'pointer') return distance(state, a, b, site);
		if (a.type.kind === 'pointer') return offset(state, operator, a, b, site);
		if (b.type.kind === 'pointer' && operator === '+') return offset(state, operator, b, a, site);
	}
	if (operator === '<<' || operator === '>>') {
		const type = promoted(a.type);
		return emitBinary(state, operator, a, b, { operation: integerOf(type), result: type }, site);
	}
	const type = commonType(a.type, b.type);
	const x = convert(state, a, type, site);
	const y = convert(state, b, type, site);
	const result = comparisons.has(operator) ? int32 : type;
	return emitBinary(state, operator, x, y, { operation: integerOf(type), result }, site);
}

const comparisons = new Set<BinaryOperator>(['==', '!=', '<', '<=', '>', '>=']);

function offset(
	state: FunctionState,
	operator: '+' | '-',
	pointer: Value,
	index: Value,
	site: SiteIndex,
): Value {
	if (pointer.type.kind !== 'pointer') return pointer;
	const wide = convert(state, index, int64, site);
	const types = { operation: machineWord, result: int64 };
	const stride = strideOf(pointer.type.to);
	const bytes =
		stride === 1 ? wide : emitBinary(state, '*', wide, constant(stride, int64), types, site);
	return emitBinary(
		state,
		operator,
		pointer,
		bytes,
		{ operation: machineWord, result: pointer.type },
		site,
	);
}

function distance(state: FunctionState, left: Value, right: Value, site: SiteIndex): Value {
	const signed: IntegerType = { bits: 64, signed: true };
	const types = { operation: signed, result: int64 };
	const bytes = emitBinary(state, '-', left, right, types, site);
	const stride = left.type.kind === 'pointer' ? strideOf(left.type.to) : 1;
	return stride === 1 ? bytes : emitBinary(state, '/', bytes, constant(stride, int64), types, site);
}

function emitBinary(
	state: FunctionState,
	operator: BinaryOperator,
	left: Value,
	right: Value,
	types: { readonly operation: IntegerType; readonly result: CType },
	site: SiteIndex,
): Value {
	if (left.operand.kind === 'constant' && right.operand.kind === 'constant') {
		const value = fold(operator, left.operand.value, right.operand.value, types.operation);
		if (value !== null) return constant(value, types.result);
	}
	const dst = state.builder.register(null);
	state.builder.emit(
		{
			kind: 'binary',
			dst,
			operator,
			left: left.operand,
			right: right.operand,
			type: types.operation,
		},
		site,
	);
	return inRegister(dst, types.result);
}

/** `-x`, `~x`, `!x`, `+x`. */
export function unary(
	state: FunctionState,
	operator: UnaryOperator | '+',
	value: Value,
	site: SiteIndex,
): Value {
	if (operator === '!') return binary(state, '==', value, constant(0, int32), site);
	const type = promoted(decayed(value.type));
	const operand = convert(state, { operand: value.operand, type: decayed(value.type) }, type, site);
	if (operator === '+') return operand;
	const integer = integerOf(type);
	if (operand.operand.kind === 'constant') {
		const x = BigInt(operand.operand.value);
		return constant(folded(normalise(operator === '-' ? -x : ~x, integer)), type);
	}
	const dst = state.builder.register(null);
	state.builder.emit(
		{ kind: 'unary', dst, operator, operand: operand.operand, type: integer },
		site,
	);
	return inRegister(dst, type);
}

/** The folded number; a value that a JS number cannot hold is not lowerable. */
function folded(value: bigint): number {
	const number = Number(value);
	if (BigInt(number) !== value) throw new Unlowerable(`the constant ${value} is too wide`);
	return number;
}

/** A constant operation in an integer type; null when it has no value (division by zero, shift out of range). */
export function fold(
	operator: BinaryOperator,
	left: number,
	right: number,
	type: IntegerType,
): number | null {
	const mathematical = (x: number): bigint => {
		const value = BigInt(x);
		return type.signed ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value);
	};
	const a = mathematical(left);
	const b = operator === '<<' || operator === '>>' ? BigInt(right) : mathematical(right);
	const truth = (x: boolean): number => (x ? 1 : 0);
	switch (operator) {
		case '==':
			return truth(a === b);
		case '!=':
			return truth(a !== b);
		case '<':
			return truth(a < b);
		case '<=':
			return truth(a <= b);
		case '>':
			return truth(a > b);
		case '>=':
			return truth(a >= b);
		default:
	}
	const result = foldInteger(operator, a, b, type.bits);
	return result === null ? null : folded(normalise(result, type));
}

function foldInteger(operator: BinaryOperator, a: bigint, b: bigint, bits: number): bigint | null {
	switch (operator) {
		case '+':
			return a + b;
		case '-':
			return a - b;
		case '*':
			return a * b;
		case '/':
			return b === 0n ? null : a / b;
		case '%':
			return b === 0n ? null : a % b;
		case '&':
			return a & b;
		case '|':
			return a | b;
		case '^':
			return a ^ b;
		case '<<':
			return b < 0n || b >= BigInt(bits) ? null : a << b;
		case '>>':
			return b < 0n || b >= BigInt(bits) ? null : a >> b;
		default:
			return null;
	}
}

/** The value of a number or character literal. */
export function literal(text: string): Value {
	if (/^[-+]/.test(text)) return negated(text);
	const match = /^(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)([uUlL]*)$/.exec(text.replaceAll("'", ''));
	if (match === null) throw new Unlowerable(`the number ${text} is not understood`);
	const digits = match[1] ?? '0';
	const suffix = (match[2] ?? '').toLowerCase();
	const octal = /^0[0-7]+$/.test(digits);
	const value = octal ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits);
	const decimal = !octal && !/^0[xXbB]/.test(digits);
	const type = literalType(value, suffix, decimal);
	return constant(folded(normalise(value, integerOf(type))), type);
}

/** The grammar takes a sign before digits as part of the number. */
function negated(text: string): Value {
	const { operand, type } = literal(text.slice(1));
	if (text.startsWith('+') || operand.kind !== 'constant') return { operand, type };
	return constant(folded(normalise(-BigInt(operand.value), integerOf(type))), type);
}

function literalType(value: bigint, suffix: string, decimal: boolean): CType {
	const unsignedOnly = suffix.includes('u');
	const long = suffix.includes('l');
	for (const bits of long ? ([64] as const) : ([32, 64] as const)) {
		if (!unsignedOnly && value < 1n << BigInt(bits - 1))
			return { kind: 'integer', integer: { bits, signed: true }, boolean: false };
		if ((unsignedOnly || !decimal) && value < 1n << BigInt(bits)) {
			return { kind: 'integer', integer: { bits, signed: false }, boolean: false };
		}
	}
	return { kind: 'integer', integer: machineWord, boolean: false };
}

const escapes: Readonly<Record<string, number>> = {
	n: 10,
	t: 9,
	r: 13,
	'0': 0,
	a: 7,
	b: 8,
	f: 12,
	v: 11,
};

/** The value of a character literal. */
export function character(text: string): Value {
	const inner = text.slice(1, -1);
	if (!inner.startsWith('\\')) return constant(inner.charCodeAt(0) || 0, int32);
	const code = inner[1] ?? '';
	if (code === 'x') return constant(Number.parseInt(inner.slice(2), 16) || 0, int32);
	if (/^[0-7]+$/.test(inner.slice(1))) return constant(Number.parseInt(inner.slice(1), 8), int32);
	return constant(escapes[code] ?? code.charCodeAt(0), int32);
}
