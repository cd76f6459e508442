/** Types as written to types as meant: typedefs followed, members of structs found, array lengths counted. */
import type { DeclaratorPart, Expression, TypeName, TypeSpecifier } from '../syntax/ast.js';
import { entryNames } from './entry_names.js';
import type { DeclaredAggregate, Names, Unit } from './names.js';
import {
	basicType,
	type CType,
	int32,
	isWordName,
	pointerTo,
	unknownType,
	unsigned32,
	wellKnownType,
} from './types.js';

/** How to find out what needs more than names: `typeof(x)`, array lengths. */
export interface TypeQuestions {
	readonly names: Names;
	/** The type of an expression that stands in `text`. */
	typeOf(expression: Expression, text: string): CType;
	length(expression: Expression): number | null;
	/** The text that the syntax in question refers to. */
	readonly text?: string;
	/** What a name or a tag that a block declares means there; null: no block does. */
	local?(kind: 'type' | 'tag', name: string): CType | null;
	/** A block has a variable of that name, or a macro an argument. */
	isVariable?(name: string): boolean;
}

const typedefDepthMax = 12;
/** How the name of a type begins that a `typeof` has and that is not understood. */
export const TYPEOF = 'typeof(';
/** How the name of an enum begins whose attributes may make it narrower. */
export const ATTRIBUTED = 'enum ';
/** Characters of it that are shown. */
const TYPEOF_SHOWN_MAX = 40;

export function resolveTypeName(type: TypeName, unit: Unit, questions: TypeQuestions): CType {
	const base = resolveSpecifier(type.specifier, unit, questions);
	return shaped(base, type.shape, questions, { isVolatile: type.isVolatile === true });
}

export function resolveSpecifier(
	specifier: TypeSpecifier,
	unit: Unit,
	questions: TypeQuestions,
	depth = 0,
): CType {
	switch (specifier.kind) {
		case 'aggregate':
			return aggregateType(specifier, unit, questions);
		case 'enum':
			return enumType(specifier, questions);
		case 'typeof':
			return typeofType(specifier, unit, questions);
		case 'named':
			return namedType(specifier.name, unit, questions, depth);
	}
}

/** `typeof(…)` of a type, or of what an expression is. */
function typeofType(
	{ type, expression, text }: TypeSpecifier & { kind: 'typeof' },
	unit: Unit,
	questions: TypeQuestions,
): CType {
	if (type !== null && (expression === null || isType(type, unit, questions)))
		return resolveTypeName(type, unit, questions);
	if (expression !== null) return byItself(questions.typeOf(expression, text));
	return { kind: 'unknown', name: `${TYPEOF}${text.slice(0, TYPEOF_SHOWN_MAX)})` };
}

/** Whether what reads as a type and as an expression is a type; a name that nobody knows is taken for one, which nobody declares. */
function isType({ specifier, shape }: TypeName, unit: Unit, questions: TypeQuestions): boolean {
	if (specifier.kind !== 'named') return true;
	const { name } = specifier;
	// `f(x)` reads as a type that a macro makes
	if (!/^\w+(?: \w+)*$/.test(name) || questions.isVariable?.(name) === true) return false;
	if (namedType(name, unit, questions, 0).kind !== 'unknown') return true;
	return shape.length === 0 && questions.names.value(name, unit) === null;
}

/** What a variable of that type is: a copy of half an entry is no half. */
function byItself(type: CType): CType {
	if (type.kind !== 'integer' || type.half === undefined) return type;
	return { kind: 'integer', integer: type.integer, boolean: type.boolean };
}

function aggregateType(
	specifier: TypeSpecifier & { kind: 'aggregate' },
	unit: Unit,
	questions: TypeQuestions,
): CType {
	const { tag } = specifier;
	if (tag === null)
		return {
			kind: 'struct',
			tag: UNNAMED,
			own: { unit, specifier, attributed: false, text: questions.text ?? '' },
		};
	return questions.local?.('tag', tag) ?? { kind: 'struct', tag };
}

/** Tag of a struct without one. */
export const UNNAMED = '(unnamed)';

/** gcc's choice: unsigned unless an enumerator is negative. */
function enumType(specifier: TypeSpecifier & { kind: 'enum' }, questions: TypeQuestions): CType {
	const { tag } = specifier;
	const local = tag === null ? null : (questions.local?.('tag', tag) ?? null);
	if (local !== null && specifier.enumerators === null) return local;
	const found =
		tag === null || specifier.enumerators !== null ? null : questions.names.enumeration(tag);
	if (found?.attributed === true) return { kind: 'unknown', name: `${ATTRIBUTED}${tag}` };
	const enumerators = specifier.enumerators ?? found?.specifier.enumerators ?? null;
	return enumerators?.some((e) => e.value !== null && isNegative(e.value)) === true
		? int32
		: unsigned32;
}

function isNegative(value: Expression): boolean {
	if (value.kind === 'parenthesised') return isNegative(value.inner);
	return value.kind === 'number'
		? value.text.startsWith('-')
		: value.kind === 'unary' && value.operator === '-';
}

function namedType(name: string, unit: Unit, questions: TypeQuestions, depth: number): CType {
	const abi = questions.names.abi(unit);
	const local = questions.local?.('type', name) ?? null;
	if (local !== null) return local;
	const basic = basicType(name, abi);
	if (basic !== null) return basic;
	if (entryNames.has(name)) return { kind: 'entry', name };
	if (abi.longBits === 32 && isWordName(name)) return wellKnownType(name, abi) ?? unknownType;
	const found = depth < typedefDepthMax ? questions.names.typedef(name, unit) : null;
	if (found !== null) {
		const declarator = found.declaration.declarators.find((d) => d.name === name);
		const { specifier } = found.declaration;
		if (specifier.kind === 'aggregate' && specifier.tag === null)
			return wordOrStruct(name, { ...found, specifier });
		if (specifier.kind === 'enum' && specifier.enumerators !== null && found.attributed)
			return { kind: 'unknown', name: `${ATTRIBUTED}${name}` };
		const base = resolveSpecifier(specifier, found.unit, questions, depth + 1);
		return shaped(base, declarator?.shape ?? [], questions);
	}
	const known = wellKnownType(name, abi);
	if (known !== null) return known;
	return name === '' || name === '__auto_type' ? unknownType : { kind: 'unknown', name };
}

/** `typedef struct { unsigned long val; } swp_entry_t`: passed around as the word it is. */
function wordOrStruct(
	name: string,
	{ unit, specifier, attributed, text }: DeclaredAggregate,
): CType {
	const [only, ...more] = specifier.members ?? [];
	const [declarator] = only?.declarators ?? [];
	const isWord =
		specifier.keyword === 'struct' &&
		more.length === 0 &&
		only?.declarators.length === 1 &&
		only.specifier.kind === 'named' &&
		declarator?.shape.length === 0 &&
		/\blong$|^u64$/.test(only.specifier.name);
	if (isWord) return { kind: 'entry', name, member: declarator.name };
	return { kind: 'struct', tag: name, own: { unit, specifier, attributed, text } };
}

/** Wraps a specifier's type in the parts of a declarator; `isVolatile`: the specifier says so. */
export function shaped(
	base: CType,
	shape: readonly DeclaratorPart[],
	questions: TypeQuestions,
	{ isVolatile = false }: { readonly isVolatile?: boolean } = {},
): CType {
	let type = base;
	let marked = isVolatile;
	for (const part of shape) {
		switch (part.kind) {
			case 'pointer':
				type = marked ? { kind: 'pointer', to: type, isVolatile: true } : pointerTo(type);
				marked = part.isVolatile === true;
				break;
			case 'array':
				type = {
					kind: 'array',
					of: type,
					length: part.length === null ? null : questions.length(part.length),
				};
				break;
			case 'function':
				type = { kind: 'function', returns: type };
				break;
		}
	}
	return type;
}

/** As a value: arrays and functions become pointers. */
export function decayed(type: CType): CType {
	if (type.kind === 'array') return pointerTo(type.of);
	return type.kind === 'function' ? pointerTo(type) : type;
}

export interface Member {
	/** The struct whose field it is, after following what it overlays. */
	readonly struct: string;
	readonly name: string;
	readonly type: CType;
	/** An embedded struct as first member shares its outer's address. */
	readonly overlay: boolean;
	readonly bitfield: boolean;
}

const overlayDepthMax = 6;

/**
 * The member `name` of struct `tag`: its own, or one of the struct it starts with. A member of a struct nobody declares is
 * a word of that struct.
 */
export function memberOf(struct: StructType, name: string, questions: TypeQuestions): Member {
	const declared = declaredMember(struct, name, questions, 0);
	return (
		declared ?? { struct: struct.tag, name, type: unknownType, overlay: false, bitfield: false }
	);
}

export type StructType = CType & { kind: 'struct' };

/** Declarations of a struct with its members, best first. */
export function declarationsOfStruct(
	struct: StructType,
	names: Names,
): Iterable<DeclaredAggregate> {
	return struct.own === undefined ? names.aggregates(struct.tag) : [struct.own];
}

function declaredMember(
	struct: StructType,
	name: string,
	questions: TypeQuestions,
	depth: number,
): Member | null {
	for (const { unit, specifier } of declarationsOfStruct(struct, questions.names)) {
		const wanted = { tag: struct.tag, name, first: true };
		const found = searchMembers(specifier, unit, wanted, questions);
		if (found !== null) return found;
		const first = firstEmbedded(specifier, unit, questions);
		if (first === null || depth >= overlayDepthMax) continue;
		const inner = declaredMember(first, name, questions, depth + 1);
		if (inner !== null) return inner;
	}
	return null;
}

function searchMembers(
	specifier: TypeSpecifier & { kind: 'aggregate' },
	unit: Unit,
	wanted: { tag: string; name: string; first: boolean },
	questions: TypeQuestions,
): Member | null {
	for (const [index, declaration] of (specifier.members ?? []).entries()) {
		const inner = declaration.specifier;
		if (
			declaration.declarators.length === 0 &&
			inner.kind === 'aggregate' &&
			inner.members !== null
		) {
			const found = searchMembers(
				inner,
				unit,
				{ ...wanted, first: wanted.first && index === 0 },
				questions,
			);
			if (found !== null) return found;
		}
		for (const declarator of declaration.declarators) {
			if (declarator.name !== wanted.name) continue;
			const type = shaped(resolveSpecifier(inner, unit, questions), declarator.shape, questions);
			return {
				struct: wanted.tag,
				name: wanted.name,
				type,
				overlay:
					wanted.first && index === 0 && specifier.keyword === 'struct' && type.kind === 'struct',
				bitfield: declarator.bitfield,
			};
		}
	}
	return null;
}

/** The struct that a struct starts with, when its first member is one. */
function firstEmbedded(
	specifier: TypeSpecifier & { kind: 'aggregate' },
	unit: Unit,
	questions: TypeQuestions,
): StructType | null {
	const first = specifier.members?.[0];
	const declarator = first?.declarators[0];
	if (first === undefined || declarator === undefined || specifier.keyword !== 'struct')
		return null;
	const type = shaped(
		resolveSpecifier(first.specifier, unit, questions),
		declarator.shape,
		questions,
	);
	return type.kind === 'struct' ? type : null;
}

/** For messages. */
export function printType(type: CType): string {
	switch (type.kind) {
		case 'void':
			return 'void';
		case 'integer':
			return type.boolean ? 'bool' : `${type.integer.signed ? 's' : 'u'}${type.integer.bits}`;
		case 'entry':
			return type.name;
		case 'pointer':
			return `${printType(type.to)} *`;
		case 'array':
			return `${printType(type.of)} [${type.length ?? ''}]`;
		case 'struct':
			return `struct ${type.tag}`;
		case 'function':
			return `function returning ${printType(type.returns)}`;
		case 'unknown':
			return 'a type nobody declares';
	}
}
