/**
 * What an op that only computes is made of. Loads, calls and choices are made of more than their operands: whoever follows a
 * value decides what they are to it.
 */
import type { Op, Operand } from './op.js';

/** Operands of a move, a use, an operator or a conversion; none of any other op. */
export function computedFrom(op: Op): readonly Operand[] {
	switch (op.kind) {
		case 'move':
			return [op.from];
		case 'use':
			return [{ kind: 'register', register: op.from }];
		case 'unary':
		case 'convert':
			return [op.operand];
		case 'binary':
			return [op.left, op.right];
		default:
			return [];
	}
}

/**
 * What an op's result is true with, or (`inverted`) without; null: nothing else decides it alone. Bits that a conversion cuts off
 * are taken to be 0.
 */
export function sameTruth(
	op: Op,
): { readonly operand: Operand; readonly inverted: boolean } | null {
	switch (op.kind) {
		case 'move':
			return { operand: op.from, inverted: false };
		case 'use':
			return { operand: { kind: 'register', register: op.from }, inverted: false };
		case 'convert':
			return { operand: op.operand, inverted: false };
		case 'unary':
			return op.operator === '!' ? { operand: op.operand, inverted: true } : null;
		default:
			return null;
	}
}
