/** Operators on values: conversions, folding of constants, pointer arithmetic in the model's strides. */
import {
	type BinaryOperator,
	type IntegerType,
	isComparison,
	type SiteIndex,
	type UnaryOperator,
} from '../../engine/program/op.js';
import type { Abi } from './abi.js';
import { constant, type FunctionState, inRegister, type Rvalue, Unlowerable } from './context.js';
import { anyValue, eitherWay, marked } from './open_variable.js';
import { strideOf } from './struct_layout.js';
import { decayed, printType } from './type_names.js';
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
} from './types.js';

/** The value as C converts it to a type. */
export function convert(state: FunctionState, value: Rvalue, to: CType, site: SiteIndex): Rvalue {
	if (value.any !== undefined && to.kind === 'integer' && to.boolean)
		return anyValue(state, value.any, to, site);
	const made = marked(converted(state, value, to, site), value);
	const isTruth = value.truth === true && to.kind === 'integer' && made.operand.kind !== 'constant';
	return isTruth ? { ...made, truth: true } : made;
}

function converted(state: FunctionState, value: Rvalue, to: CType, site: SiteIndex): Rvalue {
	if (to.kind === 'void') return { operand: { kind: 'constant', value: 0 }, type: to };
	if (to.kind === 'struct' || value.type.kind === 'struct') {
		if (isSameStruct(to, value.type)) return value;
		throw new Unlowerable(`${printType(value.type)} becomes ${printType(to)}`);
	}
	if (value.type.kind === 'void')
		throw new Unlowerable('a value is taken from something that returns none');
	// half an entry has 32 bits, whatever the number has that stands for it
	const isOfHalf = value.type.kind === 'integer' && value.type.half !== undefined;
	const isHalf = isOfHalf && to.kind === 'integer' && to.integer.bits === 32;
	if (isHalf || sameRepresentation(value.type, to)) return { operand: value.operand, type: to };
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

function isSameStruct(a: CType, b: CType): boolean {
	if (a.kind !== 'struct' || b.kind !== 'struct') return false;
	return a.own === undefined || b.own === undefined
		? a.tag === b.tag && a.own === b.own
		: a.own.specifier === b.own.specifier;
}

/** `left operator right` with C's usual conversions. */
export function binary(
	state: FunctionState,
	operator: BinaryOperator,
	left: Rvalue,
	right: Rvalue,
	site: SiteIndex,
	options: { readonly counts?: boolean } = {},
): Rvalue {
	const isAny = left.any !== undefined || right.any !== undefined;
	if (isAny && isComparison(operator)) return eitherWay(state, site);
	return marked(computed(state, operator, left, right, site, options), left, right);
}

function computed(
	state: FunctionState,
	operator: BinaryOperator,
	left: Rvalue,
	right: Rvalue,
	site: SiteIndex,
	{ counts = false }: { readonly counts?: boolean },
): Rvalue {
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
	const result = isComparison(operator) ? int32 : type;
	return emitBinary(state, operator, x, y, { operation: integerOf(type), result, counts }, site);
}

function offset(
	state: FunctionState,
	operator: '+' | '-',
	pointer: Rvalue,
	index: Rvalue,
	site: SiteIndex,
): Rvalue {
	if (pointer.type.kind !== 'pointer') return pointer;
	const wide = convert(state, index, int64, site);
	const types = { operation: machineWord, result: int64 };
	const stride = strideOf(state, pointer.type.to);
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

function distance(state: FunctionState, left: Rvalue, right: Rvalue, site: SiteIndex): Rvalue {
	const signed: IntegerType = { bits: 64, signed: true };
	const types = { operation: signed, result: int64 };
	const bytes = emitBinary(state, '-', left, right, types, site);
	const stride = left.type.kind === 'pointer' ? strideOf(state, left.type.to) : 1;
	return stride === 1 ? bytes : emitBinary(state, '/', bytes, constant(stride, int64), types, site);
}

function emitBinary(
	state: FunctionState,
	operator: BinaryOperator,
	left: Rvalue,
	right: Rvalue,
	types: { readonly operation: IntegerType; readonly result: CType; readonly counts?: boolean },
	site: SiteIndex,
): Rvalue {
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
			...(types.counts === true ? { counts: true as const } : {}),
		},
		site,
	);
	return inRegister(dst, types.result);
}

/** `-x`, `~x`, `!x`, `+x`. */
export function unary(
	state: FunctionState,
	operator: UnaryOperator | '+',
	value: Rvalue,
	site: SiteIndex,
): Rvalue {
	if (operator === '!') return binary(state, '==', value, constant(0, int32), site);
	return marked(negatedOrInverted(state, operator, value, site), value);
}

function negatedOrInverted(
	state: FunctionState,
	operator: Exclude<UnaryOperator, '!'> | '+',
	value: Rvalue,
	site: SiteIndex,
): Rvalue {
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
function fold(
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
			// no value in C; of constants gcc takes what the bits that fall out leave
			return b < 0n ? null : b >= BigInt(bits) ? 0n : a << b;
		case '>>':
			return b < 0n ? null : b >= BigInt(bits) ? (a < 0n ? -1n : 0n) : a >> b;
		default:
			return null;
	}
}

/** The value of a number or character literal. */
export function literal(text: string, abi: Abi): Rvalue {
	if (/^[-+]/.test(text)) return negated(text, abi);
	const match = /^(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)([uUlL]*)$/.exec(text.replaceAll("'", ''));
	if (match === null) throw new Unlowerable(`the number ${text} is not understood`);
	const digits = match[1] ?? '0';
	const suffix = (match[2] ?? '').toLowerCase();
	const octal = /^0[0-7]+$/.test(digits);
	const value = octal ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits);
	const decimal = !octal && !/^0[xXbB]/.test(digits);
	const type = literalType(value, { suffix, decimal, abi });
	return constant(folded(normalise(value, integerOf(type))), type);
}

/** The grammar takes a sign before digits as part of the number. */
function negated(text: string, abi: Abi): Rvalue {
	const { operand, type } = literal(text.slice(1), abi);
	if (text.startsWith('+') || operand.kind !== 'constant') return { operand, type };
	return constant(folded(normalise(-BigInt(operand.value), integerOf(type))), type);
}

function literalType(
	value: bigint,
	{
		suffix,
		decimal,
		abi,
	}: { readonly suffix: string; readonly decimal: boolean; readonly abi: Abi },
): CType {
	const longs = suffix.includes('ll') ? 2 : suffix.includes('l') ? 1 : 0;
	const ladder = [
		{ bits: 32 },
		{ bits: abi.longBits, rank: 'long' },
		{ bits: 64, rank: 'long long' },
	] as const;
	for (const { bits, ...rank } of ladder.slice(longs)) {
		const type = (signed: boolean): CType => ({
			...{ kind: 'integer', integer: { bits, signed }, boolean: false },
			...rank,
		});
		if (!suffix.includes('u') && value < 1n << BigInt(bits - 1)) return type(true);
		if ((suffix.includes('u') || !decimal) && value < 1n << BigInt(bits)) return type(false);
	}
	throw new Unlowerable(`the number ${value} fits no type`);
}

const escapes: Readonly<Record<string, number>> = {
	n: 10,
	t: 9,
	r: 13,
	a: 7,
	b: 8,
	e: 27,
	f: 12,
	v: 11,
	'\\': 92,
	"'": 39,
	'"': 34,
	'?': 63,
};

/** The value of a character literal: an int that a `char` of the architecture can hold. */
export function character(text: string, abi: Abi): Rvalue {
	const [code, ...more] = /^'/.test(text) ? charactersOf(text.slice(1, -1)) : [];
	if (code === undefined || more.length > 0)
		throw new Unlowerable(`the character ${text} is not understood`);
	return constant(abi.charSigned ? (code << 24) >> 24 : code, int32);
}

/** Bytes of a character or string literal without its quotes. */
export function charactersOf(inner: string): readonly number[] {
	const codes: number[] = [];
	for (const [whole, escaped] of inner.matchAll(/\\(x[0-9a-fA-F]+|[0-7]{1,3}|.)|[^\\]/gsu)) {
		if (escaped === undefined) codes.push(...new TextEncoder().encode(whole));
		else if (/^x./.test(escaped)) codes.push(Number.parseInt(escaped.slice(1), 16) & 0xff);
		else if (/^[0-7]/.test(escaped)) codes.push(Number.parseInt(escaped, 8) & 0xff);
		else codes.push(escapeOf(escaped));
	}
	return codes;
}

function escapeOf(letter: string): number {
	const code = escapes[letter];
	if (code === undefined) throw new Unlowerable(`the escape \\${letter} is not understood`);
	return code;
}
