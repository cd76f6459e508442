/**
 * Arithmetic on the machine's words: two's complement integers of 8 to 64 bits in JS numbers, exact or refused.
 *
 * A 64-bit word is stored as its signed reading whatever its type; narrower words as their value. Results of up to 53 bits
 * of magnitude are computed in doubles, others through BigInt and kept only if a double holds them exactly.
 *
 * Invariant: never a silent rounding: a result that a double cannot hold is NaN, which no valid word is.
 */
import { unreachable } from '../../base/unreachable.js';
import type {
	BinaryOperator,
	IntegerType,
	RmwOperator,
	RmwResult,
	UnaryOperator,
} from '../../program/op.js';

const HIGH = 4294967296;

/** The word as `type` reads it: wrapped to its width. 64-bit types leave it as it is. */
export function convert(word: number, type: IntegerType): number {
	switch (type.bits) {
		case 64:
			return word;
		case 32:
			return type.signed ? word | 0 : word >>> 0;
		case 16:
			return type.signed ? (word << 16) >> 16 : word & 0xffff;
		case 8:
			return type.signed ? (word << 24) >> 24 : word & 0xff;
		default:
			return unreachable(type.bits);
	}
}

/** The operator on one word; NaN if the result is too wide. */
export function unary(operator: UnaryOperator, word: number, type: IntegerType): number {
	switch (operator) {
		case '!':
			return word === 0 ? 1 : 0;
		case '-':
			return binary('-', 0, word, type);
		case '~':
			return binary('-', -1, word, type);
		default:
			return unreachable(operator);
	}
}

/** `left operator right` in `type`; NaN if the result is too wide. The divisor must not be 0. */
export function binary(
	operator: BinaryOperator,
	left: number,
	right: number,
	type: IntegerType,
): number {
	if (type.bits !== 64) return narrow(operator, left, right, type);
	if (!Number.isSafeInteger(left) || !Number.isSafeInteger(right)) {
		return wide(operator, left, right, type.signed);
	}
	const result = safe(operator, left, right, type.signed);
	return Number.isSafeInteger(result) ? result : wide(operator, left, right, type.signed);
}

/** What an rmw on a cell of a type stores where it holds `old`, or null when it stores nothing. */
export function rmwStored(
	operator: RmwOperator,
	old: number,
	operand: number,
	expected: number,
	type: IntegerType = WORD,
): number | null {
	switch (operator) {
		case 'add':
			return binary('+', old, operand, type);
		case 'and':
			return binary('&', old, operand, type);
		case 'or':
			return binary('|', old, operand, type);
		case 'xor':
			return binary('^', old, operand, type);
		case 'xchg':
			return operand;
		case 'cmpxchg':
			return old === expected ? operand : null;
		case 'add-unless':
			return old === expected ? null : binary('+', old, operand, type);
		default:
			return unreachable(operator);
	}
}

/** What an rmw leaves in its destination register, given the old value and what it stored. */
export function rmwResult(returns: RmwResult, old: number, stored: number | null): number {
	switch (returns) {
		case 'old':
			return old;
		case 'new':
			return stored ?? old;
		case 'success':
			return stored === null ? 0 : 1;
		case 'zero':
			return (stored ?? old) === 0 ? 1 : 0;
		default:
			return unreachable(returns);
	}
}

const WORD: IntegerType = { bits: 64, signed: true };

function narrow(operator: BinaryOperator, l: number, r: number, type: IntegerType): number {
	const left = convert(l, type);
	const right = convert(r, type);
	switch (operator) {
		case '+':
			return convert(left + right, type);
		case '-':
			return convert(left - right, type);
		case '*':
			return convert(Math.imul(left, right), type);
		case '/':
			return convert(Math.trunc(left / right), type) + 0;
		case '%':
			return convert(left % right, type) + 0;
		case '&':
			return convert(left & right, type);
		case '|':
			return convert(left | right, type);
		case '^':
			return convert(left ^ right, type);
		case '<<':
			return convert(left << r, type);
		case '>>':
			return convert(type.signed ? left >> r : left >>> r, type);
		default:
			return truth(operator, left, right);
	}
}

function truth(operator: '==' | '!=' | '<' | '<=' | '>' | '>=', l: number, r: number): number {
	switch (operator) {
		case '==':
			return l === r ? 1 : 0;
		case '!=':
			return l !== r ? 1 : 0;
		case '<':
			return l < r ? 1 : 0;
		case '<=':
			return l <= r ? 1 : 0;
		case '>':
			return l > r ? 1 : 0;
		case '>=':
			return l >= r ? 1 : 0;
		default:
			return unreachable(operator);
	}
}

/** 64-bit operation on safe integers; the result counts only if it is safe itself. */
function safe(operator: BinaryOperator, left: number, right: number, signed: boolean): number {
	switch (operator) {
		case '+':
			return left + right;
		case '-':
			return left - right;
		case '*':
			return left * right + 0;
		case '/':
			return signed || (left >= 0 && right > 0) ? Math.trunc(left / right) + 0 : Number.NaN;
		case '%':
			return signed || (left >= 0 && right > 0) ? (left % right) + 0 : Number.NaN;
		case '&':
			if (left === (left | 0) && right === (right | 0)) return left & right;
			return (high(left) & high(right)) * HIGH + ((left & right) >>> 0);
		case '|':
			if (left === (left | 0) && right === (right | 0)) return left | right;
			return (high(left) | high(right)) * HIGH + ((left | right) >>> 0);
		case '^':
			if (left === (left | 0) && right === (right | 0)) return left ^ right;
			return (high(left) ^ high(right)) * HIGH + ((left ^ right) >>> 0);
		case '<<':
			return left * 2 ** (right & 63);
		case '>>':
			return signed || left >= 0 ? Math.floor(left / 2 ** (right & 63)) : Number.NaN;
		case '==':
		case '!=':
			return truth(operator, left, right);
		default:
			// Stored as signed readings, unsigned words of unlike sign compare the other way round.
			if (signed || left < 0 === right < 0) return truth(operator, left, right);
			return truth(operator, right, left);
	}
}

function high(word: number): number {
	return Math.floor(word / HIGH);
}

function wide(operator: BinaryOperator, l: number, r: number, signed: boolean): number {
	const read = signed ? BigInt.asIntN : BigInt.asUintN;
	const left = read(64, BigInt(l));
	const right = read(64, BigInt(r));
	const result = BigInt.asIntN(64, wideResult(operator, left, right));
	const word = Number(result);
	return BigInt(word) === result ? word : Number.NaN;
}

function wideResult(operator: BinaryOperator, left: bigint, right: bigint): bigint {
	switch (operator) {
		case '+':
			return left + right;
		case '-':
			return left - right;
		case '*':
			return left * right;
		case '/':
			return left / right;
		case '%':
			return left % right;
		case '&':
			return left & right;
		case '|':
			return left | right;
		case '^':
			return left ^ right;
		case '<<':
			return left << (right & 63n);
		case '>>':
			return left >> (right & 63n);
		case '==':
			return left === right ? 1n : 0n;
		case '!=':
			return left !== right ? 1n : 0n;
		case '<':
			return left < right ? 1n : 0n;
		case '<=':
			return left <= right ? 1n : 0n;
		case '>':
			return left > right ? 1n : 0n;
		case '>=':
			return left >= right ? 1n : 0n;
		default:
			return unreachable(operator);
	}
}
