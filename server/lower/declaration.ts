/** Declarations of locals: a register each, or frame memory when their address is taken. */
import type { SiteIndex } from '../../engine/program/op.js';
import type { Declaration, Declarator, Expression } from '../syntax/ast.js';
import {
	type Binding,
	constant,
	type FunctionState,
	type Piece,
	siteOf,
	Unlowerable,
	type Value,
} from './context.js';
import { scalarSlot } from './entry_copy.js';
import { hasHalves } from './entry_halves.js';
import { lowerValue } from './expression.js';
import { writePlace } from './place.js';
import { layoutOf } from './struct_layout.js';
import { resolveSpecifier, shaped } from './type_names.js';
import { constantOf, questionsOf, typeOf } from './type_questions.js';
import { type CType, int32, unknownType, unsigned64 } from './types.js';

/** Words a local array may have. */
const arrayWordsMax = 512;

export function lowerDeclaration(
	state: FunctionState,
	piece: Piece,
	declaration: Declaration,
): void {
	if (declaration.storage.includes('typedef'))
		throw new Unlowerable('a type is declared inside a function', declaration);
	if (declaration.storage.includes('cleanup'))
		throw new Unlowerable('a variable with a cleanup function', declaration);
	if (declaration.storage.includes('extern')) return;
	const questions = questionsOf(state, piece);
	const base = resolveSpecifier(declaration.specifier, piece.unit, questions);
	let problem: Unlowerable | null = null;
	for (const declarator of declaration.declarators) {
		const type = isAuto(declaration)
			? typeOfInitialiser(state, piece, declarator)
			: shaped(base, declarator.shape, questions, {
					isVolatile: declaration.storage.includes('volatile'),
				});
		if (type.kind === 'function') continue;
		try {
			if (declaration.storage.includes('static'))
				declareStatic(state, piece, declaration, { declarator, type });
			else declareLocal(state, piece, declarator, type);
		} catch (thrown) {
			// what comes after still has its name
			if (!(thrown instanceof Unlowerable)) throw thrown;
			problem ??= thrown;
		}
	}
	if (problem !== null) throw problem;
}

/** A static local that never changes is its value; any other is memory between calls, which locals do not have. */
function declareStatic(
	state: FunctionState,
	piece: Piece,
	declaration: Declaration,
	{ declarator, type }: { readonly declarator: Declarator; readonly type: CType },
): void {
	const value = fixedValue(state, piece, declaration, { declarator, type });
	if (value === null) throw new Unlowerable('a static local', declarator);
	piece.scope.names.set(declarator.name, { kind: 'constant', value, type });
}

/** The value of `static const unsigned long X = …;`, else null. */
export function fixedValue(
	state: FunctionState,
	piece: Piece,
	declaration: Declaration,
	{ declarator, type }: { readonly declarator: Declarator; readonly type: CType },
): number | null {
	const isScalar = type.kind === 'integer' || type.kind === 'entry' || type.kind === 'unknown';
	if (!isScalar || !declaration.storage.includes('const') || declarator.initialiser === null)
		return null;
	return constantOf(state, piece, declarator.initialiser);
}

function isAuto({ specifier }: Declaration): boolean {
	return specifier.kind === 'named' && specifier.name === '__auto_type';
}

/** GNU's `__auto_type x = …`. */
function typeOfInitialiser(state: FunctionState, piece: Piece, { initialiser }: Declarator): CType {
	return initialiser === null ? unknownType : typeOf(state, piece, initialiser);
}

function declareLocal(
	state: FunctionState,
	piece: Piece,
	declarator: Declarator,
	type: CType,
): void {
	if (type.kind === 'array') declareArray(state, piece, declarator, type);
	else if (type.kind === 'struct') declareStruct(state, piece, declarator, type);
	else declareScalar(state, piece, declarator, type);
}

function declareScalar(
	state: FunctionState,
	piece: Piece,
	declarator: Declarator,
	type: CType,
): void {
	const { name, initialiser } = declarator;
	const site = siteOf(state, piece, declarator);
	const ordinal = state.declared++;
	const bind = (): void => {
		if (state.inMemory.has(ordinal)) {
			piece.scope.names.set(name, {
				kind: 'memory',
				slot: scalarSlot(state, { name, type }, site),
				type,
			});
		} else {
			piece.scope.names.set(name, {
				kind: 'register',
				register: state.builder.register(name),
				type,
				ordinal,
			});
		}
	};
	// the initialiser of `int x = x;` means the new x, but macros' locals mean the user's: bind after evaluating
	if (initialiser === null) {
		bind();
		const bound = piece.scope.names.get(name);
		// written a half at a time, the half that is not yet there is kept beside the other: it has to be a number
		if (hasHalves(state, type) && bound !== undefined)
			writeBound(state, bound, { value: constant(0, unsigned64), ordinal }, site);
		return;
	}
	let value: ReturnType<typeof lowerValue>;
	try {
		value = lowerValue(state, piece, scalarInitialiser(initialiser), 'copy');
	} finally {
		bind();
	}
	const bound = piece.scope.names.get(name);
	if (bound !== undefined) writeBound(state, bound, { value, ordinal }, site);
}

/** Gives a local its first value. */
function writeBound(
	state: FunctionState,
	bound: Binding,
	{ value, ordinal }: { readonly value: Value; readonly ordinal: number },
	site: SiteIndex,
): void {
	if (bound.kind === 'register') writePlace(state, { ...bound, ordinal }, value, site);
	if (bound.kind === 'memory')
		writePlace(state, slotPlace(state, bound.slot, bound.type, site), value, site);
}

function scalarInitialiser(initialiser: Expression): Expression {
	if (initialiser.kind !== 'initialiser-list') return initialiser;
	const [only] = initialiser.elements;
	const span = { start: initialiser.start, end: initialiser.end };
	if (only === undefined) return { ...span, kind: 'number', text: '0' };
	if (initialiser.elements.length > 1) throw new Unlowerable('too many initialisers', initialiser);
	return scalarInitialiser(only.value);
}

function slotPlace(
	state: FunctionState,
	slot: number,
	type: CType,
	site: ReturnType<typeof siteOf>,
) {
	const dst = state.builder.register(null);
	state.builder.emit({ kind: 'frame-address', dst, slot }, site);
	return { kind: 'memory' as const, address: { kind: 'register' as const, register: dst }, type };
}

function declareArray(
	state: FunctionState,
	piece: Piece,
	declarator: Declarator,
	type: CType & { kind: 'array' },
): void {
	const { initialiser } = declarator;
	const elements = initialiser?.kind === 'initialiser-list' ? initialiser.elements : [];
	const length = type.length ?? elements.length;
	if (type.of.kind === 'struct' || type.of.kind === 'array')
		throw new Unlowerable('a local array of aggregates', declarator);
	if (length < 1 || length > arrayWordsMax)
		throw new Unlowerable(`a local array of ${length} words`, declarator);
	if (initialiser !== null && initialiser.kind !== 'initialiser-list')
		throw new Unlowerable('an array from a string', declarator);
	state.declared++;
	const slot = state.builder.slot(declarator.name, length);
	piece.scope.names.set(declarator.name, { kind: 'memory', slot, type: { ...type, length } });
	if (initialiser === null) return;
	const site = siteOf(state, piece, declarator);
	const values = new Map<number, Expression>();
	let at = 0;
	for (const element of elements) {
		if (element.index !== null) {
			if (element.index.kind !== 'number')
				throw new Unlowerable('a designator that is no number', element.index);
			at = Number(element.index.text);
		}
		values.set(at++, element.value);
	}
	for (let i = 0; i < length; i++) {
		const written = values.get(i);
		const value =
			written === undefined
				? constant(0, int32)
				: lowerValue(state, piece, scalarInitialiser(written), 'copy');
		writePlace(state, slotPlace(state, slot + i, type.of, site), value, site);
	}
}

/** A local struct: a word of frame memory for each member, where their fields are looked for. */
function declareStruct(
	state: FunctionState,
	piece: Piece,
	declarator: Declarator,
	type: CType & { kind: 'struct' },
): void {
	state.declared++;
	const layout = layoutOf(state, type.tag);
	if (layout === null) throw new Unlowerable(`a local struct ${type.tag}`, declarator);
	const slot = state.builder.slot(declarator.name, layout.members.length);
	piece.scope.names.set(declarator.name, { kind: 'memory', slot, type });
	const { initialiser } = declarator;
	if (initialiser === null) return;
	if (initialiser.kind !== 'initialiser-list')
		throw new Unlowerable('a struct is copied', declarator);
	const given = new Map<string, Expression>();
	let at = 0;
	for (const element of initialiser.elements) {
		if (element.field !== null) at = layout.members.findIndex((m) => m.name === element.field);
		const member = layout.members[at++];
		if (member === undefined)
			throw new Unlowerable(`struct ${type.tag} has no such member`, element.value);
		given.set(member.name, element.value);
	}
	const site = siteOf(state, piece, declarator);
	for (const [index, member] of layout.members.entries()) {
		const written = given.get(member.name);
		const value =
			written === undefined
				? constant(0, int32)
				: lowerValue(state, piece, scalarInitialiser(written), 'copy');
		writePlace(state, slotPlace(state, slot + index, member.type, site), value, site);
	}
}
