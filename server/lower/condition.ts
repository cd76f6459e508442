/** Conditions, evaluated exactly as far as C evaluates them. */
import type { Label } from '../../engine/program/builder.js';
import type { Expression } from '../syntax/ast.js';
import { builtinConstant } from './builtin.js';
import { type FunctionState, lookup, type Piece, siteOf, Unlowerable } from './context.js';
import { lowerEffect, lowerValue } from './expression.js';
import { expandCall, expandIdentifier } from './macro.js';
import { eitherWay } from './open_variable.js';
import { meantBy } from './operator_chain.js';
import { typeNamed } from './type_questions.js';

export interface Arms {
	readonly yes: Label;
	readonly no: Label;
}

/**
 * Jumps to one of the labels, the condition's side effects done. A condition that is constant and has no effects emits
 * nothing and gives its truth instead.
 */
export function lowerCondition(
	state: FunctionState,
	piece: Piece,
	expression: Expression,
	arms: Arms,
): boolean | null {
	const isChain = expression.kind === 'binary' || expression.kind === 'unary';
	const meant = isChain ? meantBy(state, piece, expression) : null;
	if (meant !== null) return lowerCondition(state, piece, meant, arms);
	switch (expression.kind) {
		case 'parenthesised':
			return lowerCondition(state, piece, expression.inner, arms);
		case 'unary': {
			if (expression.operator !== '!') break;
			const known = lowerCondition(state, piece, expression.operand, {
				yes: arms.no,
				no: arms.yes,
			});
			return known === null ? null : !known;
		}
		case 'binary':
			if (expression.operator === '&&') return both(state, piece, expression, arms);
			if (expression.operator === '||') return either(state, piece, expression, arms);
			break;
		case 'comma':
			lowerEffect(state, piece, expression.left);
			return lowerConditionJump(state, piece, expression.right, arms);
		case 'identifier': {
			const binding = lookup(piece.scope, expression.name);
			if (binding?.kind === 'argument')
				return lowerCondition(state, binding.piece, binding.expression, arms);
			if (binding !== null) break;
			const expanded = expandIdentifier(state, piece, expression);
			if (expanded !== null)
				return lowerCondition(state, expanded.piece, expanded.expression, arms);
			break;
		}
		case 'call': {
			const constant = builtinConstant(state, piece, expression);
			if (constant !== null) return constant !== 0;
			if (
				expression.callee.kind === 'parenthesised' &&
				typeNamed(state, piece, expression.callee) !== null
			)
				break;
			const expanded = expandCall(state, piece, expression);
			if (expanded?.kind === 'expression')
				return lowerCondition(state, expanded.piece, expanded.expression, arms);
			break;
		}
		default:
	}
	const value = lowerValue(state, piece, expression, 'use');
	if (value.type.kind === 'void' || value.type.kind === 'struct') {
		throw new Unlowerable('a condition without a value', expression);
	}
	if (value.operand.kind === 'constant') return value.operand.value !== 0;
	const site = siteOf(state, piece, expression);
	const { operand } = value.any === undefined ? value : eitherWay(state, site);
	state.builder.branch(operand, arms.yes, arms.no, site);
	return null;
}

/** As `lowerCondition`, with a jump even when the truth is known. */
export function lowerConditionJump(
	state: FunctionState,
	piece: Piece,
	expression: Expression,
	arms: Arms,
): null {
	const known = lowerCondition(state, piece, expression, arms);
	if (known !== null)
		state.builder.jump(known ? arms.yes : arms.no, siteOf(state, piece, expression));
	return null;
}

function both(
	state: FunctionState,
	piece: Piece,
	expression: Expression & { kind: 'binary' },
	arms: Arms,
): boolean | null {
	const next = state.builder.label();
	const left = lowerCondition(state, piece, expression.left, { yes: next, no: arms.no });
	if (left === false) return false;
	state.builder.place(next);
	if (left === true) return lowerCondition(state, piece, expression.right, arms);
	return lowerConditionJump(state, piece, expression.right, arms);
}

function either(
	state: FunctionState,
	piece: Piece,
	expression: Expression & { kind: 'binary' },
	arms: Arms,
): boolean | null {
	const next = state.builder.label();
	const left = lowerCondition(state, piece, expression.left, { yes: arms.yes, no: next });
	if (left === true) return true;
	state.builder.place(next);
	if (left === false) return lowerCondition(state, piece, expression.right, arms);
	return lowerConditionJump(state, piece, expression.right, arms);
}
