/** Questions about the types and constant values of expressions, answered by lowering them and keeping nothing. */
import type { Expression } from '../syntax/ast.js';
import { type FunctionState, lookup, type Piece, Unlowerable } from './context.js';
import { lowerValue } from './expression.js';
import { lowerPlace } from './place.js';
import { decayed, resolveTypeName, type TypeQuestions } from './type_names.js';
import { type CType, unknownType } from './types.js';

/** Questions about types that arise inside a piece of text. */
export function questionsOf(state: FunctionState, piece: Piece): TypeQuestions {
	return {
		names: state.program.names,
		text: piece.text,
		typeOf: (expression, text) =>
			undecayedType(state, { ...piece, text, base: 0, map: null }, expression),
		length: (expression) => constantOf(state, piece, expression),
		local(kind, name) {
			const found = lookup(piece.scope, kind === 'tag' ? `tag ${name}` : name);
			return found?.kind === 'type' ? found.type : null;
		},
		isVariable(name) {
			const found = lookup(piece.scope, name);
			return found !== null && found.kind !== 'type';
		},
	};
}

/** The type of an expression; nothing of it stays in the function. */
export function typeOf(
	state: FunctionState,
	piece: Piece,
	expression: Expression,
	{ bitfields = 'promoted' }: { readonly bitfields?: 'promoted' | 'refused' } = {},
): CType {
	return tried(state, () => {
		try {
			const value = lowerValue(state, piece, expression, 'copy');
			if (value.isBitfield === true && bitfields === 'refused') return unknownType;
			return decayed(value.type);
		} catch (problem) {
			if (!(problem instanceof Unlowerable)) throw problem;
			return lowerPlace(state, piece, expression).type;
		}
	});
}

/** As `typeof` has it: an array is one. */
function undecayedType(state: FunctionState, piece: Piece, expression: Expression): CType {
	const type = typeOf(state, piece, expression);
	if (type.kind !== 'pointer' || !isDesignator(expression)) return type;
	return tried(state, () => {
		try {
			return lowerPlace(state, piece, expression).type;
		} catch (problem) {
			if (!(problem instanceof Unlowerable)) throw problem;
			return type;
		}
	});
}

/** The value of a constant expression, or null. */
export function constantOf(
	state: FunctionState,
	piece: Piece,
	expression: Expression,
): number | null {
	return tried(state, () => {
		state.folding++;
		try {
			const { operand } = lowerValue(state, piece, expression, 'copy');
			return operand.kind === 'constant' ? operand.value : null;
		} catch (problem) {
			if (!(problem instanceof Unlowerable)) throw problem;
			return null;
		} finally {
			state.folding--;
		}
	});
}

function tried<T>(state: FunctionState, attempt: () => T): T {
	const mark = state.builder.mark();
	const { declared, cleanups } = state;
	const waiting = state.waiting.length;
	const unsupported = state.unsupported.length;
	const assumptions = state.assumptions.length;
	try {
		return attempt();
	} finally {
		state.builder.rewind(mark);
		state.declared = declared;
		state.cleanups = cleanups;
		state.waiting.length = waiting;
		state.unsupported.length = unsupported;
		state.assumptions.length = assumptions;
	}
}

/** It can designate an object, which an array among them stays: what is computed of one is a pointer (C11 6.3.2.1p3). */
function isDesignator(expression: Expression): boolean {
	switch (expression.kind) {
		case 'parenthesised':
			return isDesignator(expression.inner);
		case 'comma':
		case 'conditional':
		case 'assign':
		case 'update':
		case 'binary':
		case 'cast':
		case 'block':
			return false;
		default:
			return true;
	}
}

/** The type `sizeof` measures. */
export function sizedType(state: FunctionState, piece: Piece, operand: Expression): CType {
	const named = typeNamed(state, piece, operand);
	if (named !== null) return named;
	if (!isDesignator(operand)) return typeOf(state, piece, operand, { bitfields: 'refused' });
	return tried(state, () => {
		try {
			return lowerPlace(state, piece, operand).type;
		} catch (problem) {
			if (!(problem instanceof Unlowerable)) throw problem;
			return lowerValue(state, piece, operand, 'copy').type;
		}
	});
}

/** The type an expression `(name)` names, when the name is a type's and not a value's. */
export function typeNamed(
	state: FunctionState,
	piece: Piece,
	expression: Expression,
): CType | null {
	if (expression.kind === 'parenthesised') return typeNamed(state, piece, expression.inner);
	if (expression.kind !== 'identifier') return null;
	const binding = lookup(piece.scope, expression.name);
	if (binding?.kind === 'argument') return typeNamed(state, binding.piece, binding.expression);
	if (binding?.kind === 'type') return binding.type;
	if (binding !== null) return null;
	const span = { start: expression.start, end: expression.end };
	const name = { ...span, specifier: { kind: 'named' as const, name: expression.name }, shape: [] };
	const type = resolveTypeName(name, piece.unit, questionsOf(state, piece));
	return type.kind === 'unknown' ? null : type;
}
