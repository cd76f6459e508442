/**
 * A grammar that does not know types reads `(n) - 1` of a variable as a cast of `-1`, and `(u32)-x` of a type as a subtraction.
 * The expression as C means it (C11 6.5.4, 6.5.6): the chain of operators around it is laid flat and bound anew.
 *
 * Invariant: a chain is looked at once for each function that it is lowered in.
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
type Either = '-' | '+' | '*' | '&';

type Chain = Expression & { kind: 'binary' | 'unary' | 'cast' };
type Operator = (Expression & { kind: 'binary' })['operator'];
type Named = Expression & { kind: 'identifier' };

/** Operands, and the operator before each but the first. */
interface Flat {
	readonly operands: Expression[];
	readonly operators: Operator[];
	/** Something in it is not what it was read as. */
	changed: boolean;
}

interface Types {
	/** A name that stands where a type does is one. */
	mayBe(name: Named): boolean;
	/** A name that stands where a value does is a type. */
	is(name: Expression): boolean;
}

/** The expression as it is meant; null: just as it was read. */
export function meantBy(state: FunctionState, piece: Piece, expression: Chain): Expression | null {
	if (state.bound.has(expression)) return null;
	const is = (name: Expression): boolean => typeNamed(state, piece, name) !== null;
	const types: Types = {
		is,
		// without a tree there are types that nobody declares
		mayBe: (name) =>
			is(name) || (!state.program.hasTree && lookup(piece.scope, name.name) === null),
	};
	const laid: Flat = { operands: [], operators: [], changed: false };
	const chain = lay(expression, laid, types);
	const flat = joinCasts(laid, types);
	if (!flat.changed) {
		for (const part of chain) state.bound.add(part);
		return null;
	}
	return bind(flat, (made) => state.bound.add(made));
}

/** Lays a chain flat, from left to right; the binary operators that it had. */
function lay(expression: Expression, flat: Flat, types: Types): readonly Expression[] {
	const chain: Expression[] = [];
	// what is still to come, the next of it last: operands to be laid, and operators between them
	const open: (Expression | Operator)[] = [expression];
	for (let next = open.pop(); next !== undefined; next = open.pop()) {
		if (typeof next === 'string') {
			flat.operators.push(next);
		} else if (next.kind === 'binary') {
			chain.push(next);
			open.push(next.right, next.operator, next.left);
		} else {
			const split = splitAt(next, types);
			if (split === null) flat.operands.push(next);
			else {
				flat.changed = true;
				open.push(split.operand, split.operator);
				flat.operands.push(split.name);
			}
		}
	}
	return chain.length === 0 ? [expression] : chain;
}

/** `(type) - x`: the two operands are one, the cast of what is signed; from right to left, as casts bind. */
function joinCasts(flat: Flat, types: Types): Flat {
	const operands: Expression[] = [];
	const operators: Operator[] = [];
	let { changed } = flat;
	flat.operands.toReversed().forEach((next, i) => {
		const [right, sign] = [operands.at(-1), operators.at(-1)];
		const name = next.kind === 'parenthesised' ? next.inner : null;
		if (right === undefined || !isEither(sign) || name?.kind !== 'identifier' || !types.is(name)) {
			operands.push(next);
		} else {
			const span = { start: right.start, end: right.end };
			const signed: Expression = { ...span, kind: 'unary', operator: sign, operand: right };
			const specifier = { kind: 'named' as const, name: name.name };
			const type = { start: next.start, end: next.end, specifier, shape: [] };
			operands[operands.length - 1] = {
				...span,
				start: next.start,
				kind: 'cast',
				type,
				operand: signed,
			};
			operators.pop();
			changed = true;
		}
		const before = flat.operators[flat.operands.length - 2 - i];
		if (before !== undefined) operators.push(before);
	});
	return { operands: operands.toReversed(), operators: operators.toReversed(), changed };
}

function isEither(operator: string | undefined): operator is Either {
	return operator === '-' || operator === '+' || operator === '*' || operator === '&';
}

/** The variable that was read as a type, with the prefixes before it, and what follows it. */
function splitAt(
	expression: Expression,
	types: Types,
): { readonly name: Expression; readonly operator: Either; readonly operand: Expression } | null {
	if (expression.kind !== 'cast' && expression.kind !== 'unary') return null;
	if (expression.kind === 'cast') {
		const { specifier, shape, start, end } = expression.type;
		const { value } = expression.type;
		const signed = signedBy(expression.operand);
		if (value !== undefined && signed !== null)
			return { name: { start, end, kind: 'parenthesised', inner: value }, ...signed };
		if (specifier.kind === 'named' && shape.length === 0 && signed !== null) {
			const name: Named = { start, end, kind: 'identifier', name: specifier.name };
			if (!types.mayBe(name)) return { name, ...signed };
		}
	}
	const inner = splitAt(expression.operand, types);
	if (inner === null) return null;
	const name = { ...expression, end: inner.name.end, operand: inner.name };
	return { ...inner, name };
}

/** An operand without its sign; the parser's literals have theirs with them. */
function signedBy(
	operand: Expression,
): { readonly operator: Either; readonly operand: Expression } | null {
	if (operand.kind === 'unary' && isEither(operand.operator))
		return { operator: operand.operator, operand: operand.operand };
	const sign = operand.kind === 'number' ? operand.text[0] : undefined;
	if (operand.kind !== 'number' || (sign !== '-' && sign !== '+')) return null;
	const text = operand.text.slice(1);
	return { operator: sign, operand: { ...operand, start: operand.start + 1, text } };
}

/** Binds a chain, from left to right; `made` is told each operator's expression. */
function bind({ operands, operators }: Flat, made: (expression: Expression) => void): Expression {
	const [first, ...others] = operands;
	if (first === undefined) throw new Error('a chain without an operand');
	const values: Expression[] = [first];
	const open: Operator[] = [];
	const reduce = (): void => {
		const [operator, right, left] = [open.pop(), values.pop(), values.pop()];
		if (operator === undefined || right === undefined || left === undefined) return;
		const span = { start: left.start, end: right.end };
		const whole: Expression = { ...span, kind: 'binary', operator, left, right };
		made(whole);
		values.push(whole);
	};
	others.forEach((next, i) => {
		const operator = operators[i] as Operator;
		while (binding(open.at(-1)) >= binding(operator)) reduce();
		open.push(operator);
		values.push(next);
	});
	while (open.length > 0) reduce();
	return values[0] ?? first;
}

function binding(operator: Operator | undefined): number {
	return operator === undefined ? 0 : (BINDING[operator] ?? 0);
}
