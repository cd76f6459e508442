/**
 * Values of a thread's run before it is known which write each read takes: constants, reads, and operations over them.
 * Integers are exact up to 53 bits, bit operations two's complement of 64 bits, which is what herd7 computes as far as
 * litmus tests go.
 *
 * Model: arithmetic beyond 53 bits of magnitude is rounded; no litmus test counts that far.
 */
import { unreachable } from '../../base/unreachable.js';
import type { LitmusBinary, LitmusUnary } from './litmus_program.js';

/** `read` is the index of the event in its thread's run. */
export type SymbolicValue = number | ReadValue | OperationValue;

export interface ReadValue {
	readonly read: number;
}

export interface OperationValue {
	readonly operator: LitmusBinary;
	readonly left: SymbolicValue;
	readonly right: SymbolicValue;
}

export function operate(
	operator: LitmusBinary,
	left: SymbolicValue,
	right: SymbolicValue,
): SymbolicValue {
	if (typeof left === 'number' && typeof right === 'number') return compute(operator, left, right);
	return { operator, left, right };
}

export function negate(operator: LitmusUnary, operand: SymbolicValue): SymbolicValue {
	switch (operator) {
		case '-':
			return operate('-', 0, operand);
		case '~':
			return operate('^', operand, -1);
		case '!':
			return operate('==', operand, 0);
		default:
			return unreachable(operator);
	}
}

/** The number, or null when a read it needs is null. */
export function evaluate(
	value: SymbolicValue,
	read: (event: number) => number | null,
): number | null {
	if (typeof value === 'number') return value;
	if ('read' in value) return read(value.read);
	const left = evaluate(value.left, read);
	if (left === null) return null;
	const right = evaluate(value.right, read);
	return right === null ? null : compute(value.operator, left, right);
}

/** Adds the reads a value is made of. */
export function collectReads(value: SymbolicValue, into: Set<number>): void {
	if (typeof value === 'number') return;
	if ('read' in value) {
		into.add(value.read);
		return;
	}
	collectReads(value.left, into);
	collectReads(value.right, into);
}

export function compute(operator: LitmusBinary, a: number, b: number): number {
	switch (operator) {
		case '+':
			return a + b;
		case '-':
			return a - b;
		case '*':
			return a * b;
		case '/':
			return b === 0 ? 0 : Math.trunc(a / b);
		case '%':
			return b === 0 ? 0 : a % b;
		case '&':
			return bitwise(
				a,
				b,
				(x, y) => x & y,
				(x, y) => x & y,
			);
		case '|':
			return bitwise(
				a,
				b,
				(x, y) => x | y,
				(x, y) => x | y,
			);
		case '^':
			return bitwise(
				a,
				b,
				(x, y) => x ^ y,
				(x, y) => x ^ y,
			);
		case '<<':
			return a * 2 ** b;
		case '>>':
			return Math.floor(a / 2 ** b);
		case '==':
			return a === b ? 1 : 0;
		case '!=':
			return a !== b ? 1 : 0;
		case '<':
			return a < b ? 1 : 0;
		case '<=':
			return a <= b ? 1 : 0;
		case '>':
			return a > b ? 1 : 0;
		case '>=':
			return a >= b ? 1 : 0;
		case '&&':
			return a !== 0 && b !== 0 ? 1 : 0;
		case '||':
			return a !== 0 || b !== 0 ? 1 : 0;
		default:
			return unreachable(operator);
	}
}

function bitwise(
	a: number,
	b: number,
	small: (x: number, y: number) => number,
	wide: (x: bigint, y: bigint) => bigint,
): number {
	if ((a | 0) === a && (b | 0) === b) return small(a, b);
	return Number(BigInt.asIntN(64, wide(BigInt(a), BigInt(b))));
}
