/**
 * Constant expressions of a litmus test: values of enumerators and lengths of arrays.
 */
import { compute } from '../../engine/memory/lkmm/value.js';
import type * as ast from '../syntax/ast.js';

/** Expressions inside each other, at most. */
const NESTED_MAX = 100;

/** The number, or null where the expression is no constant. */
export function constantOf(
	e: ast.Expression,
	named: (name: string) => number | null,
	nesting = 0,
): number | null {
	if (nesting > NESTED_MAX) return null;
	const of = (inner: ast.Expression): number | null => constantOf(inner, named, nesting + 1);
	switch (e.kind) {
		case 'number': {
			const value = Number(e.text.replace(/(?<![uUlL])[uUlL]+$/, ''));
			return Number.isSafeInteger(value) ? value : null;
		}
		case 'identifier':
			return named(e.name);
		case 'parenthesised':
			return of(e.inner);
		case 'unary': {
			const operand = of(e.operand);
			if (operand === null) return null;
			if (e.operator === '-') return -operand;
			if (e.operator === '+') return operand;
			if (e.operator === '~') return compute('^', operand, -1);
			return e.operator === '!' ? compute('==', operand, 0) : null;
		}
		case 'binary': {
			const left = of(e.left);
			const right = of(e.right);
			return left === null || right === null ? null : compute(e.operator, left, right);
		}
		default:
			return null;
	}
}
