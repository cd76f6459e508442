/** Arrays of numbers at the top of a file that never change (`static const int x[] = { … }`): copies where they are used. */
import type { Expression } from '../syntax/ast.js';
import { type FunctionState, type Piece, type Place, siteOf } from './context.js';
import { initialise, lengthened, temporary } from './initialiser.js';
import type { Definition } from './names.js';
import { isConstant } from './open_variable.js';
import type { CType } from './types.js';

/** The array with its values; null: it is none of these. */
export function constantTable(
	state: FunctionState,
	piece: Piece,
	use: Expression & { kind: 'identifier' },
	{ found, type }: { readonly found: Definition & { kind: 'global' }; readonly type: CType },
): Place | null {
	const { declaration, unit, item } = found;
	const initialiser = declaration?.declarators.find((d) => d.name === use.name)?.initialiser;
	if (declaration === null || initialiser == null || unit.origin !== 'walk') return null;
	if (type.kind !== 'array' || type.of.kind !== 'integer' || !isConstant(declaration, type))
		return null;
	const site = siteOf(state, piece, use);
	const around: Piece = {
		...{ unit, site, base: item.start, map: null, expanding: [] },
		text: unit.source.piece(item).text,
		scope: { names: new Map(), outer: null },
	};
	const whole = lengthened(state, around, type, initialiser);
	const address = temporary(state, whole, site);
	initialise(state, around, { address, type: whole }, initialiser);
	return { kind: 'memory', address, type: whole };
}
