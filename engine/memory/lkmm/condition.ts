/**
 * Truth of conditions over final states, also while only a part of the state is known.
 */
import { unreachable } from '../../base/unreachable.js';
import type { Condition, Observable } from './litmus_program.js';

/** Truth of a condition, null when it depends on what is not known. */
export function holds(
	condition: Condition,
	read: (o: Observable) => number | null,
): boolean | null {
	switch (condition.kind) {
		case 'true':
			return true;
		case 'false':
			return false;
		case 'not': {
			const operand = holds(condition.operand, read);
			return operand === null ? null : !operand;
		}
		case 'and':
		case 'or':
		case 'implies': {
			const decisive = condition.kind !== 'and';
			const first = holds(condition.left, read);
			const left = condition.kind === 'implies' && first !== null ? !first : first;
			if (left === decisive) return decisive;
			const right = holds(condition.right, read);
			if (right === decisive) return decisive;
			return left === null || right === null ? null : !decisive;
		}
		case 'atom': {
			const left = read(condition.left);
			const right = typeof condition.right === 'number' ? condition.right : read(condition.right);
			return left === null || right === null ? null : compare(condition.operator, left, right);
		}
		default:
			return unreachable(condition);
	}
}

function compare(
	operator: Extract<Condition, { kind: 'atom' }>['operator'],
	a: number,
	b: number,
): boolean {
	switch (operator) {
		case '=':
			return a === b;
		case '!=':
			return a !== b;
		case '<':
			return a < b;
		case '<=':
			return a <= b;
		case '>':
			return a > b;
		case '>=':
			return a >= b;
		default:
			return unreachable(operator);
	}
}

/** What a condition speaks about. */
export function observablesIn(condition: Condition): readonly Observable[] {
	switch (condition.kind) {
		case 'atom':
			return typeof condition.right === 'number'
				? [condition.left]
				: [condition.left, condition.right];
		case 'not':
			return observablesIn(condition.operand);
		case 'and':
		case 'or':
		case 'implies':
			return [...observablesIn(condition.left), ...observablesIn(condition.right)];
		default:
			return [];
	}
}
