/** Declarations of locals: a register each, or frame memory when their address is taken. */
import type { SiteIndex } from '../../engine/program/op.js';
import type { Declaration, Declarator, Expression } from '../syntax/ast.js';
import { movesMembers } from '../syntax/refused_attributes.js';
import { ownCleanup } from './cleanup.js';
import { tableBinding } from './constant_table.js';
import {
	type Binding,
	constant,
	type FunctionState,
	inRegister,
	lookup,
	type Piece,
	type Rvalue,
	siteOf,
	Unlowerable,
} from './context.js';
import { scalarSlot } from './entry_copy.js';
import { hasHalves } from './entry_halves.js';
import { lowerValue } from './expression.js';
import { initialise, lengthened } from './initialiser.js';
import { slotAddress, writePlace } from './place.js';
import { layoutOf, objectOf } from './struct_layout.js';
import { printType, resolveSpecifier, shaped } from './type_names.js';
import { constantOf, questionsOf, typeOf } from './type_questions.js';
import { type CType, enumeratorType, int32, unknownType, unsigned64 } from './types.js';
import { needDeclared } from './undeclared.js';

export function lowerDeclaration(
	state: FunctionState,
	piece: Piece,
	declaration: Declaration,
): void {
	for (const declarator of declaration.declarators)
		refuseOther(state, piece, declaration, declarator);
	declareTags(state, piece, declaration);
	if (declaration.storage.includes('extern')) return;
	const questions = questionsOf(state, piece);
	const base = resolveSpecifier(declaration.specifier, piece.unit, questions);
	if (declaration.storage.includes('typedef')) {
		for (const { name, shape } of declaration.declarators)
			piece.scope.names.set(name, { kind: 'type', type: shaped(base, shape, questions) });
		return;
	}
	let problem: Unlowerable | null = null;
	for (const declarator of declaration.declarators) {
		const type = isAuto(declaration)
			? typeOfInitialiser(state, piece, declarator)
			: shaped(base, declarator.shape, questions, {
					isVolatile: declaration.storage.includes('volatile'),
				});
		if (type.kind === 'function') continue;
		needDeclared(state, piece, type, declarator);
		try {
			if (declaration.storage.includes('static'))
				declareStatic(state, piece, declaration, { declarator, type });
			else {
				declareLocal(state, piece, declarator, type);
				ownCleanup(state, piece, declarator);
			}
		} catch (thrown) {
			// what comes after still has its name
			if (!(thrown instanceof Unlowerable)) throw thrown;
			problem ??= thrown;
		}
	}
	if (problem !== null) throw problem;
}

/** A declaration inside a function that gives a name of the table, or any name, another symbol. */
function refuseOther(
	{ program }: FunctionState,
	{ unit, scope }: Piece,
	{ storage }: Declaration,
	declarator: Declarator,
): void {
	if (storage.includes('typedef')) return;
	const { name, isLabelled, shape } = declarator;
	const isFunction = shape.at(-1)?.kind === 'function';
	// it names what the file has, whatever a block around it calls so (C11 6.2.2p4)
	if ((isFunction || storage.includes('extern')) && lookup(scope, name) !== null)
		throw new Unlowerable(
			`${name} is declared in a block where it names something else`,
			declarator,
		);
	if (storage.includes('extern') && !isFunction)
		throw new Unlowerable(`${name}, a variable, is declared with extern in a block`, declarator);
	if (unit.origin !== 'walk') return;
	if (isLabelled) throw new Unlowerable(`${name} is declared with an asm label`, declarator);
	const isOther = storage.includes('extern') || isFunction;
	if (isOther && program.names.value(name, unit, 'own-macros')?.unit.origin === 'primitive')
		throw new Unlowerable(`${name} is declared inside the function`, declarator);
}

/** `struct s;` alone begins a type of this block, which what comes after completes (C11 6.7.2.3p7). */
function refuseBegun(declaration: Declaration): void {
	const { specifier, declarators } = declaration;
	if (declarators.length > 0 || (specifier.kind !== 'aggregate' && specifier.kind !== 'enum'))
		return;
	const isWhole = specifier.kind === 'enum' ? specifier.enumerators : specifier.members;
	if (isWhole === null)
		throw new Unlowerable(`a type ${specifier.tag} is begun in a block`, declaration);
}

/** What a block declares by a tag: a struct, a union, an enum with its enumerators. */
function declareTags(state: FunctionState, piece: Piece, declaration: Declaration): void {
	const { specifier } = declaration;
	const { names } = piece.scope;
	refuseBegun(declaration);
	if (specifier.kind === 'enum' && specifier.enumerators !== null) {
		if (movesMembers(writtenIn(piece, declaration)))
			throw new Unlowerable('attributes of an enum are not read', declaration);
		let next = 0;
		const all: { readonly name: string; readonly value: number }[] = [];
		for (const { name, value } of specifier.enumerators) {
			const given = value === null ? next : constantOf(state, piece, value);
			if (given === null)
				throw new Unlowerable(`the value of ${name} is not understood`, declaration);
			const own = enumeratorType(given, [given]);
			if (own === null) throw new Unlowerable(`${name} is wider than an int`, declaration);
			names.set(name, { kind: 'constant', value: given, type: own });
			all.push({ name, value: given });
			next = given + 1;
		}
		const values = all.map((e) => e.value);
		for (const { name, value } of all) {
			const type = enumeratorType(value, values);
			if (type === null) throw new Unlowerable(`${name} is wider than an int`, declaration);
			names.set(name, { kind: 'constant', value, type });
		}
		if (specifier.tag === null) return;
		const type = resolveSpecifier(specifier, piece.unit, questionsOf(state, piece));
		names.set(`tag ${specifier.tag}`, { kind: 'type', type });
	}
	if (specifier.kind !== 'aggregate' || specifier.members === null) return;
	if (specifier.tag === null) {
		if (movesMembers(writtenIn(piece, declaration)))
			throw new Unlowerable(
				`attributes of a ${specifier.keyword} without a tag are not read`,
				declaration,
			);
		return;
	}
	const { unit, text } = piece;
	const own = { unit, specifier, attributed: movesMembers(writtenIn(piece, declaration)), text };
	names.set(`tag ${specifier.tag}`, {
		kind: 'type',
		type: { kind: 'struct', tag: specifier.tag, own },
	});
}

/** The text of a declaration with its attributes. */
function writtenIn({ unit, text, base, site }: Piece, { start, end }: Declaration): string {
	return site === null
		? unit.source.original.slice(base + start, base + end)
		: text.slice(start, end);
}

/** A static local that never changes is its value; any other is memory between calls, which locals do not have. */
function declareStatic(
	state: FunctionState,
	piece: Piece,
	declaration: Declaration,
	{ declarator, type }: { readonly declarator: Declarator; readonly type: CType },
): void {
	const table = tableBinding(state, piece, { declaration, declarator, type });
	if (table !== null) {
		piece.scope.names.set(declarator.name, table);
		return;
	}
	const value = fixedValue(state, piece, declaration, { declarator, type });
	if (value === null) {
		if (declarator.cleanup !== null) throw new Unlowerable('a static local', declarator);
		const variable = { name: declarator.name, isOwn: true };
		piece.scope.names.set(declarator.name, { kind: 'open', variable, type });
		return;
	}
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
	if (initialiser === null) {
		bind();
		const bound = piece.scope.names.get(name);
		const isRepeated = state.continues !== null && piece.unit.origin === 'walk';
		if (isRepeated && bound !== undefined) forget(state, bound, { name, ordinal }, site);
		// written a half at a time, the half that is not yet there is kept beside the other: it has to be a number
		if (hasHalves(state, type) && bound !== undefined)
			writeBound(state, bound, { value: constant(0, unsigned64), ordinal }, site);
		return;
	}
	const isOwn = mentions(initialiser, name);
	if (isOwn) {
		// the name means the new local in its own initialiser
		bind();
		const unset = piece.scope.names.get(name);
		if (unset !== undefined) forget(state, unset, { name, ordinal }, site);
	}
	let value: Rvalue;
	try {
		value = lowerValue(state, piece, scalarInitialiser(initialiser), 'copy');
	} finally {
		if (!isOwn) bind();
	}
	const bound = piece.scope.names.get(name);
	if (bound !== undefined) writeBound(state, bound, { value, ordinal }, site);
}

/** Makes a local indeterminate: what it held the last time that control came here is not its value. */
function forget(
	state: FunctionState,
	bound: Binding,
	{ name, ordinal }: { readonly name: string; readonly ordinal: number },
	site: SiteIndex,
): void {
	if (bound.kind !== 'register' && bound.kind !== 'memory') return;
	const value = inRegister(state.builder.register(name), bound.type);
	writeBound(state, bound, { value, ordinal }, site);
}

/** Whether a name stands in a piece of syntax as an expression. */
function mentions(node: unknown, name: string): boolean {
	if (Array.isArray(node)) return node.some((item) => mentions(item, name));
	if (node === null || typeof node !== 'object') return false;
	const { kind, name: own } = node as { kind?: unknown; name?: unknown };
	if (kind === 'identifier' && own === name) return true;
	return Object.values(node).some((value) => mentions(value, name));
}

/** Gives a local its first value. */
function writeBound(
	state: FunctionState,
	bound: Binding,
	{ value, ordinal }: { readonly value: Rvalue; readonly ordinal: number },
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
	given: CType & { kind: 'array' },
): void {
	const { initialiser } = declarator;
	state.declared++;
	const type = lengthened(state, piece, given, initialiser);
	if (type.length === null)
		throw new Unlowerable('a local array whose length is no constant', declarator);
	declareObject(state, piece, declarator, type);
}

/** A local that lies in memory as the ABI has it. */
function declareObject(
	state: FunctionState,
	piece: Piece,
	declarator: Declarator,
	type: CType,
): void {
	const { initialiser, name } = declarator;
	const { size, cells } = objectOf(state, type);
	const slot = state.builder.object(name, { size, cells: cells() });
	piece.scope.names.set(name, { kind: 'memory', slot, type });
	if (initialiser === null) return;
	const address = slotAddress(state, slot, siteOf(state, piece, declarator));
	initialise(state, piece, { address, type }, initialiser);
}

/** A local struct: of the walk's own text, or a word of frame memory for each member of one of the primitives. */
function declareStruct(
	state: FunctionState,
	piece: Piece,
	declarator: Declarator,
	type: CType & { kind: 'struct' },
): void {
	state.declared++;
	const layout = layoutOf(state, type);
	if (layout === null) throw new Unlowerable(`a local ${printType(type)}`, declarator);
	if (layout.kind === 'bytes') {
		declareObject(state, piece, declarator, type);
		return;
	}
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
			throw new Unlowerable(`${printType(type)} has no such member`, element.value);
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
