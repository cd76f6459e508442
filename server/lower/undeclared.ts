/**
 * Types that nobody declares. What is of one may be narrower than a word, or no number at all: where there is a tree to look into it is
 * not understood, and without one it is taken for a word, which is said.
 */
import type { Span, TypeSpecifier } from '../syntax/ast.js';
import { type FunctionState, type Piece, siteOf, Unlowerable } from './context.js';
import type { CType } from './types.js';

/** Refuses a type of the walk's text that is not known, or notes what it is taken for. */
export function needDeclared(
	state: FunctionState,
	piece: Piece,
	{
		type,
		specifier,
		span,
	}: { readonly type: CType; readonly specifier: TypeSpecifier; readonly span: Span },
): void {
	if (type.kind !== 'unknown' || piece.unit.origin !== 'walk') return;
	if (specifier.kind !== 'named' || specifier.name === '' || specifier.name === '__auto_type')
		return;
	if (state.program.hasTree)
		throw new Unlowerable(`nothing declares the type ${specifier.name}`, span);
	const text = `${specifier.name} is taken for a 64-bit word: nothing declares it (no tree)`;
	state.assumptions.push({ at: state.builder.emitted(), text, site: siteOf(state, piece, span) });
}
