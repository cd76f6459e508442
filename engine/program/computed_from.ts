/**
 * What an op that only computes is made of. Loads, calls and choices are made of more than their operands: whoever follows a
 * value decides what they are to it.
 */
import type { BinaryOperator, Op, Operand } from './op.js';

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

/** `<`, `==` and the others that give 0 or 1. */
export function isComparison(operator: BinaryOperator): boolean {
	return ['<', '<=', '>', '>=', '==', '!='].includes(operator);
}
