/**
 * Arrays and structs that never change and outlive every call (`static const int x[] = { … }`, in a function or at the top of a
 * file). Where an element or a member is asked for, it is asked of a copy; the address of the whole is one that no world has,
 * so that it never stands for a copy's, which ends with its function.
 */
import type { Declaration, Declarator, Expression } from '../syntax/ast.js';
import {
	type Binding,
	type FunctionState,
	type Lvalue,
	lookup,
	type Piece,
	siteOf,
} from './context.js';
import { initialise, lengthened, temporary } from './initialiser.js';
import { isConstant } from './open_variable.js';
import { resolveSpecifier, shaped } from './type_names.js';
import { questionsOf } from './type_questions.js';
import type { CType } from './types.js';

type Table = Binding & { kind: 'table' };

/** Such a variable as a binding; null: it is none. */
export function tableBinding(
	state: FunctionState,
	piece: Piece,
	{
		declaration,
		declarator,
		type,
	}: { readonly declaration: Declaration; readonly declarator: Declarator; readonly type: CType },
): Table | null {
	const { initialiser, name } = declarator;
	const isAggregate = type.kind === 'array' || type.kind === 'struct';
	if (!isAggregate || initialiser === null || !isConstant(declaration, type)) return null;
	const whole = type.kind === 'array' ? lengthened(state, piece, type, initialiser) : type;
	return { kind: 'table', name, type: whole, initialiser, piece };
}

/** A copy of what an expression names, when it is such a variable; else null. */
export function tableCopy(
	state: FunctionState,
	piece: Piece,
	expression: Expression,
): Lvalue | null {
	if (expression.kind === 'parenthesised') return tableCopy(state, piece, expression.inner);
	if (expression.kind !== 'identifier') return null;
	const binding = lookup(piece.scope, expression.name);
	if (binding?.kind === 'argument') return tableCopy(state, binding.piece, binding.expression);
	const table = binding === null ? globalTable(state, piece, expression.name) : binding;
	if (table?.kind !== 'table') return null;
	const site = siteOf(state, piece, expression);
	const { type, initialiser } = table;
	const address = temporary(state, type, site);
	initialise(state, { ...table.piece, site }, { address, type }, initialiser);
	return { kind: 'memory', address, type };
}

/** The array of that name at the top of a file; null: there is none. Structs there are objects that have identities. */
export function globalTable(state: FunctionState, piece: Piece, name: string): Table | null {
	const found = state.program.names.value(name, piece.unit, 'without-macros');
	if (found?.kind !== 'global' || found.unit.origin !== 'walk') return null;
	const { declaration, unit, item } = found;
	const declarator = declaration?.declarators.find((d) => d.name === name);
	if (declaration === null || declarator === undefined) return null;
	const around: Piece = {
		...{ unit, site: null, base: item.start, map: null, expanding: [] },
		text: unit.source.piece(item).text,
		scope: { names: new Map(), outer: null },
	};
	const questions = questionsOf(state, around);
	const base = resolveSpecifier(declaration.specifier, unit, questions);
	const type = shaped(base, declarator.shape, questions);
	if (type.kind !== 'array') return null;
	return tableBinding(state, around, { declaration, declarator, type });
}
