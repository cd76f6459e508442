/**
 * `(n) - 1` where `n` is a variable: a grammar that does not know types reads it as a cast of `-1`, and binds it as tightly. The
 * expression as C means it (C11 6.5.4, 6.5.6): the chain of operators around it is laid flat and bound anew.
 */
import type { Expression } from '../syntax/ast.js';
import { type FunctionState, lookup, type Piece } from './context.js';
import { typeNamed } from './type_questions.js';

/** How tightly C's binary operators bind. */
const BINDING: Readonly<Record<string, number>> = {
	...{
		'||': 1,
		'&&': 2,
		'|': 3,
		'^': 4,
		'&': 5,
		'==': 6,
		'!=': 6,
		'<': 7,
		'>': 7,
		'<=': 7,
		'>=': 7,
	},
	...{ '<<': 8, '>>': 8, '+': 9, '-': 9, '*': 10, '/': 10, '%': 10 },
};
/** Operators that are unary as well as binary. */
const EITHER: ReadonlySet<string> = new Set(['-', '+', '*', '&']);

type Binary = Expression & { kind: 'binary' };
type Operator = Binary['operator'];
type Named = Expression & { kind: 'identifier' };
type Piecewise = readonly [Expression, ...(readonly [Operator, Expression])[]];

/** The expression as it is meant; null: just as it was read. */
export function meantBy(
	state: FunctionState,
	piece: Piece,
	expression: Expression & { kind: 'binary' | 'unary' | 'cast' },
): Expression | null {
	const isType = (name: Named): boolean =>
		typeNamed(state, piece, name) !== null ||
		// without a tree there are types that nobody declares
		(!state.program.hasTree && lookup(piece.scope, name.name) === null);
	const [first, ...rest] = flat(expression, isType);
	const wasRead = expression.kind === 'binary' ? count(expression) : 0;
	return rest.length === wasRead ? null : bound(first, rest);
}

/** Binary operators of a chain as it was read. */
function count(expression: Expression): number {
	if (expression.kind !== 'binary') return 0;
	return 1 + count(expression.left) + count(expression.right);
}

/** Operands and the operators between them, from left to right. */
function flat(expression: Expression, isType: (name: Named) => boolean): Piecewise {
	if (expression.kind === 'binary') {
		const [first, ...left] = flat(expression.left, isType);
		const [second, ...right] = flat(expression.right, isType);
		return [first, ...left, [expression.operator, second], ...right];
	}
	const split = splitAt(expression, isType);
	if (split === null) return [expression];
	const [next, ...more] = flat(split.operand, isType);
	return [split.name, [split.operator, next], ...more];
}

/** The variable that was read as a type, with the prefixes before it, and what follows it. */
function splitAt(
	expression: Expression,
	isType: (name: Named) => boolean,
): { readonly name: Expression; readonly operator: Operator; readonly operand: Expression } | null {
	if (expression.kind !== 'cast' && expression.kind !== 'unary') return null;
	if (expression.kind === 'cast') {
		const { specifier, shape, start, end } = expression.type;
		const signed = signedBy(expression.operand);
		if (specifier.kind === 'named' && shape.length === 0 && signed !== null) {
			const name: Named = { start, end, kind: 'identifier', name: specifier.name };
			if (!isType(name)) return { name, ...signed };
		}
	}
	const inner = splitAt(expression.operand, isType);
	if (inner === null) return null;
	const name = { ...expression, end: inner.name.end, operand: inner.name };
	return { ...inner, name };
}

/** An operand without its sign; the parser's literals have theirs with them. */
function signedBy(
	operand: Expression,
): { readonly operator: Operator; readonly operand: Expression } | null {
	if (operand.kind === 'unary' && EITHER.has(operand.operator))
		return { operator: operand.operator as Operator, operand: operand.operand };
	const sign = operand.kind === 'number' ? operand.text[0] : undefined;
	if (operand.kind !== 'number' || (sign !== '-' && sign !== '+')) return null;
	const text = operand.text.slice(1);
	return { operator: sign, operand: { ...operand, start: operand.start + 1, text } };
}

/** Binds a chain, from left to right. */
function bound(first: Expression, rest: readonly (readonly [Operator, Expression])[]): Expression {
	const operands: Expression[] = [first];
	const operators: Operator[] = [];
	const reduce = (): void => {
		const [operator, right, left] = [operators.pop(), operands.pop(), operands.pop()];
		if (operator === undefined || right === undefined || left === undefined) return;
		const span = { start: left.start, end: right.end };
		operands.push({ ...span, kind: 'binary', operator, left, right });
	};
	for (const [operator, operand] of rest) {
		while (binding(operators.at(-1)) >= binding(operator)) reduce();
		operators.push(operator);
		operands.push(operand);
	}
	while (operators.length > 0) reduce();
	return operands[0] ?? first;
}

function binding(operator: Operator | undefined): number {
	return operator === undefined ? 0 : (BINDING[operator] ?? 0);
}
