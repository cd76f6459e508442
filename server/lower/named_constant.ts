/** Names that stand for numbers: enumerators, constants of the file, values of the configuration. */
import type { Expression } from '../syntax/ast.js';
import { constant, type FunctionState, type Piece, type Rvalue, Unlowerable } from './context.js';
import { fixedValue } from './declaration.js';
import type { Definition } from './names.js';
import { resolveSpecifier, shaped } from './type_names.js';
import { constantOf, questionsOf } from './type_questions.js';
import { enumeratorType, int32 } from './types.js';

/** The constant of that name; null: it is no constant. Throws for a name of the walk that nobody declares. */
export function namedConstant(
	state: FunctionState,
	piece: Piece,
	expression: Expression & { kind: 'identifier' },
): Rvalue | null {
	const { name } = expression;
	const found = state.program.names.value(name, piece.unit, 'without-macros');
	if (found?.kind === 'broken') throw new Unlowerable(found.reason, expression);
	if (found?.kind === 'enumerator') return enumeratorValue(state, piece, found, expression);
	if (found?.kind === 'global') return constantGlobal(state, piece, name, found);
	if (found !== null) return null;
	if (name.startsWith('CONFIG_')) {
		const value = state.program.config.get(name);
		if (value !== undefined && /^(0x)?[0-9a-f]+$/i.test(value))
			return constant(Number(value), int32);
		if (value === 'y') return constant(1, int32);
	}
	if (piece.unit.origin === 'walk') throw new Unlowerable(`nothing declares ${name}`, expression);
	return null;
}

function enumeratorValue(
	state: FunctionState,
	piece: Piece,
	{ unit, specifier, index }: Definition & { kind: 'enumerator' },
	expression: Expression & { kind: 'identifier' },
): Rvalue {
	const around = { ...piece, unit, scope: { names: new Map(), outer: null } };
	const { name } = expression;
	const valueAt = (at: number): number | null => {
		for (let base = at, after = 0; base >= 0; base--, after++) {
			const value = specifier.enumerators?.[base]?.value ?? null;
			if (value === null && base > 0) continue;
			const start = value === null ? 0 : constantOf(state, around, value);
			return start === null ? null : start + after;
		}
		return null;
	};
	const value = valueAt(index);
	if (value === null) throw new Unlowerable(`the value of ${name} is not understood`, expression);
	const own = enumeratorType(value, []);
	if (own === int32) return constant(value, int32);
	const all = (specifier.enumerators ?? []).map((_, i) => valueAt(i));
	const known = all.filter((v) => v !== null);
	const type = known.length < all.length ? null : enumeratorType(value, known);
	if (type === null) throw new Unlowerable(`${name} is wider than an int`, expression);
	return constant(value, type);
}

/** A global that never changes is its value. */
function constantGlobal(
	state: FunctionState,
	piece: Piece,
	name: string,
	{ unit, declaration }: Definition & { kind: 'global' },
): Rvalue | null {
	const declarator = declaration?.declarators.find((d) => d.name === name);
	if (declaration === null || declarator === undefined) return null;
	const around = { ...piece, unit, scope: { names: new Map(), outer: null } };
	const questions = questionsOf(state, around);
	const type = shaped(
		resolveSpecifier(declaration.specifier, unit, questions),
		declarator.shape,
		questions,
	);
	const value = fixedValue(state, around, declaration, { declarator, type });
	return value === null ? null : constant(value, type);
}
