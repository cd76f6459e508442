/**
 * Types that nobody declares. What is of one may be narrower than a word, or no number at all: where there is a tree to look into it is
 * not understood, wherever its size would be needed, and without one it is taken for a word, which is said of locals and casts. What a
 * `typeof` has that cannot be read is never understood.
 */
import type { Span } from '../syntax/ast.js';
import { type FunctionState, type Piece, siteOf, Unlowerable } from './context.js';
import { ATTRIBUTED, TYPEOF } from './type_names.js';
import type { CType } from './types.js';

/** Refuses a type of the walk's text that is not known, or notes what it is taken for. */
export function needDeclared(state: FunctionState, piece: Piece, type: CType, span: Span): void {
	const name = undeclared(state, piece, type, span);
	if (name === null || type.kind === 'array') return;
	const text = `${name} is taken for a 64-bit word: nothing declares it (no tree)`;
	state.assumptions.push({ at: state.builder.emitted(), text, site: siteOf(state, piece, span) });
}

/** Refuses a type of the walk's text that is not known where there is a tree. */
export function refuseUndeclared(
	state: FunctionState,
	piece: Piece,
	type: CType,
	span: Span,
): void {
	undeclared(state, piece, type, span);
}

/** A place of the walk's text, which is refused where its type is not known. */
export function declaredPlace<T extends { readonly type: CType }>(
	state: FunctionState,
	piece: Piece,
	place: T,
	span: Span,
): T {
	undeclared(state, piece, place.type, span);
	return place;
}

/** The name that nobody declares; null: there is none, or it is not the walk's. Throws where there is a tree. */
function undeclared(
	{ program }: FunctionState,
	{ unit }: Piece,
	type: CType,
	span: Span,
): string | null {
	const name = nameOf(type);
	if (name === null || unit.origin !== 'walk') return null;
	if (name.startsWith(TYPEOF)) throw new Unlowerable(`the type ${name} is not understood`, span);
	if (name.startsWith(ATTRIBUTED))
		throw new Unlowerable(`attributes of ${name} are not read`, span);
	if (program.hasTree) throw new Unlowerable(`nothing declares the type ${name}`, span);
	return name;
}

function nameOf(type: CType): string | null {
	if (type.kind === 'array') return nameOf(type.of);
	return type.kind === 'unknown' ? (type.name ?? null) : null;
}
