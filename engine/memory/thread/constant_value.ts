/**
 * What is known of a register in all runs: the values of constant_flow.ts, how they are computed with and how they join.
 *
 * Invariant: what is said of a register holds of every value that a run may find in it, also where the compiler loads it again.
 */
import type { BinaryOperator, Op, Operand } from '../../program/op.js';
import { binary, convert, unary } from './word.js';

/** A constant; what a parameter of the function was given; an address in frame memory; something that is not 0; null: anything. */
export type FlowValue = number | Given | InFrame | 'not 0' | null;
/** The parameter by its number: two registers that hold it are equal, whatever it is. */
type Given = `parameter ${number}`;
/** Somewhere in the frames of the function with that index, whichever of them. */
type InFrame = `frame ${number}`;

/** A register: its value, and whether a `use` of it may load it again and find another. */
export interface Held {
	readonly value: FlowValue;
	readonly again: boolean;
}

export const ANYTHING: Held = { value: null, again: false };
/** Read from memory by the program's own access. */
export const LOADED: Held = { value: null, again: true };

export function settled(value: FlowValue): Held {
	return value === null ? ANYTHING : { value, again: false };
}

/** What a parameter's register holds at first, when nothing is known of it but that it does not change. */
export function given(parameter: number): Held {
	return { value: `parameter ${parameter}`, again: false };
}

/** What a caller has of a result that its callee says in words of its parameters. */
export function resultFor(result: Held, args: readonly Held[]): Held {
	if (!isGiven(result.value)) return result;
	return args[Number(result.value.slice('parameter '.length))] ?? ANYTHING;
}

/** What the address of a local holds. */
export function inFrame(fn: number): Held {
	return { value: `frame ${fn}`, again: false };
}

/** The function in whose frames an address lies; null: it is not known to lie in one. */
export function frameOf({ value }: Held): number | null {
	return isInFrame(value) ? Number(value.slice('frame '.length)) : null;
}

/** Of two ways to the same place: what holds on both. */
export function joined(one: Held, other: Held): Held {
	const value = joinedValue(one.value, other.value);
	const again = one.again || other.again;
	if (value === one.value && again === one.again) return one;
	return { value, again };
}

function joinedValue(one: FlowValue, other: FlowValue): FlowValue {
	if (one === other) return one;
	return truthOf(one) === true && truthOf(other) === true ? 'not 0' : null;
}

/** Whether it is true; null: it may be either. */
export function truthOf(value: FlowValue): boolean | null {
	if (typeof value === 'number') return value !== 0;
	return value === 'not 0' || isInFrame(value) ? true : null;
}

/** The constant, or null. */
export function constantOf(value: FlowValue): number | null {
	return typeof value === 'number' ? value : null;
}

export function operandHeld(operand: Operand, held: readonly Held[]): Held {
	if (operand.kind === 'constant') return settled(operand.value);
	return held[operand.register] ?? ANYTHING;
}

/** What an op other than a call leaves in its register. */
export function resultOf(op: Op, held: readonly Held[]): Held {
	switch (op.kind) {
		case 'move':
			return operandHeld(op.from, held);
		case 'use': {
			const from = held[op.from] ?? ANYTHING;
			return from.again ? ANYTHING : from;
		}
		case 'unary': {
			const { value } = operandHeld(op.operand, held);
			if (op.operator === '!' && typeof value === 'string' && truthOf(value) === true)
				return settled(0);
			return exact(value, (x) => unary(op.operator, x, op.type));
		}
		case 'convert':
			return exact(operandHeld(op.operand, held).value, (x) => convert(x, op.type));
		case 'binary':
			return settled(binaryOf(op, held));
		case 'field':
			return inSame(operandHeld(op.base, held).value);
		case 'load':
			return LOADED;
		default:
			return ANYTHING;
	}
}

function binaryOf(op: Extract<Op, { kind: 'binary' }>, held: readonly Held[]): FlowValue {
	const left = operandHeld(op.left, held).value;
	const right = operandHeld(op.right, held).value;
	// what one side decides alone, and what two equal ones do
	if (op.operator === '&' && (left === 0 || right === 0)) return 0;
	if (isGiven(left) && left === right) return ofEquals(op.operator);
	if (typeof left === 'string' && truthOf(left) === true && right === 0)
		return ofUnequals(op.operator) ?? sameFrame(op.operator, left);
	if (isInFrame(left)) return sameFrame(op.operator, left);
	if (typeof left !== 'number' || typeof right !== 'number') return null;
	if (right === 0 && (op.operator === '/' || op.operator === '%')) return null;
	return exact(left, (x) => binary(op.operator, x, right, op.type)).value;
}

/** What an operator gives for two operands that are the same, unknown as they are. */
function ofEquals(operator: BinaryOperator): FlowValue {
	switch (operator) {
		case '==':
		case '<=':
		case '>=':
			return 1;
		case '!=':
		case '<':
		case '>':
		case '-':
		case '^':
			return 0;
		default:
			return null;
	}
}

/** An address in a frame stays in it, by whatever is added. */
function sameFrame(operator: BinaryOperator, value: FlowValue): FlowValue {
	return operator === '+' ? inSame(value).value : null;
}

function inSame(value: FlowValue): Held {
	return settled(isInFrame(value) ? value : null);
}

function ofUnequals(operator: BinaryOperator): FlowValue {
	return operator === '==' ? 0 : operator === '!=' ? 1 : null;
}

/** What does not fit a word is left open. */
function exact(value: FlowValue, compute: (value: number) => number): Held {
	if (typeof value !== 'number') return ANYTHING;
	const result = compute(value);
	return settled(Number.isNaN(result) ? null : result);
}

function isInFrame(value: FlowValue): value is InFrame {
	return typeof value === 'string' && value.startsWith('frame ');
}

function isGiven(value: FlowValue): value is Given {
	return typeof value === 'string' && value.startsWith('parameter ');
}
