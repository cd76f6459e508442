/**
 * Primitives that are handed the address of a variable that others may change: a primitive of one statement is put where it is
 * called, so that what it does to the variable is seen (open_variable.ts).
 */

import type { Expression } from '../syntax/ast.js';
import { convert } from './arithmetic.js';
import {
	type Binding,
	type FunctionState,
	type Piece,
	type Rvalue,
	type Signature,
	siteOf,
} from './context.js';
import { lowerEffect, lowerValue } from './expression.js';
import type { DefinedFunction } from './names.js';
import { nothing } from './place.js';

/** What the call gives; null: it is a call like others. */
export function openCall(
	state: FunctionState,
	piece: Piece,
	call: Expression & { kind: 'call' },
	callee: {
		readonly found: DefinedFunction;
		readonly signature: Signature;
		readonly given: readonly Rvalue[];
	},
): Rvalue | null {
	const { found, signature, given } = callee;
	if (found.unit.origin !== 'primitive' || !given.some((v) => v.leadsTo !== undefined)) return null;
	const { body } = found.syntax;
	const [only, ...more] = body.kind === 'compound' ? body.statements : [];
	if (only === undefined || more.length > 0) return null;
	const expression = only.kind === 'return' || only.kind === 'expression' ? wantedOf(only) : null;
	if (expression === null) return null;
	const site = siteOf(state, piece, call);
	const names = new Map<string, Binding>();
	for (const [index, { name, type }] of signature.parameters.entries()) {
		const value = given[index];
		if (name === null || value === undefined) continue;
		const { leadsTo, operand } = value;
		let register = state.builder.register(null);
		if (leadsTo !== undefined && operand.kind === 'register') register = operand.register;
		else state.builder.emit({ kind: 'move', dst: register, from: operand }, site);
		const bound = { kind: 'register' as const, register, type, ordinal: state.declared++ };
		names.set(name, leadsTo === undefined ? bound : { ...bound, leadsTo });
	}
	const { unit, item, text, map } = found;
	const inner: Piece = {
		...{ unit, text, map, base: item.start, site, expanding: [] },
		scope: { names, outer: null },
	};
	if (only.kind === 'return')
		return convert(state, lowerValue(state, inner, expression, 'copy'), signature.returns, site);
	lowerEffect(state, inner, expression);
	return nothing;
}

function wantedOf(
	statement:
		| { readonly kind: 'return'; readonly value: Expression | null }
		| {
				readonly kind: 'expression';
				readonly expression: Expression;
		  },
): Expression | null {
	return statement.kind === 'return' ? statement.value : statement.expression;
}
