/**
 * Initialisers of locals that lie in memory: braces elided or not, designators, strings; what is not written is 0.
 *
 * Invariant: every cell of an object with an initialiser is set, and none twice but by what the text says twice.
 */
import type { Operand, SiteIndex } from '../../engine/program/op.js';
import type { Expression, InitialiserElement } from '../syntax/ast.js';
import { charactersOf } from './arithmetic.js';
import {
	constant,
	type FunctionState,
	type Lvalue,
	type Piece,
	type Rvalue,
	siteOf,
	Unlowerable,
} from './context.js';
import { lowerValue } from './expression.js';
import { memberPath, shifted } from './member_path.js';
import { slotAddress, writePlace } from './place.js';
import { layoutOf, objectOf, strideOf } from './struct_layout.js';
import { printType, resolveTypeName } from './type_names.js';
import { constantOf, questionsOf, typeOf } from './type_questions.js';
import { type CType, int32 } from './types.js';
import { refuseUndeclared } from './undeclared.js';

type List = Expression & { kind: 'initialiser-list' };

/** Part of an object and what it is set to: an expression, or a byte of a string. */
interface Setting {
	readonly offset: number;
	readonly type: CType;
	readonly bits: number | null;
	readonly value: Expression | number;
}

/** What is left of a list while an aggregate takes from it. */
interface Rest {
	readonly elements: readonly InitialiserElement[];
	at: number;
}

/** Sets an object that lies at an address, member by member. */
export function initialise(
	state: FunctionState,
	piece: Piece,
	object: { readonly address: Operand; readonly type: CType },
	initialiser: Expression,
): void {
	const { address, type } = object;
	const site = siteOf(state, piece, initialiser);
	const plan = new Plan(state, piece);
	plan.one({ offset: 0, type, bits: null }, initialiser);
	const place = (setting: Omit<Setting, 'value'>): Lvalue => {
		const at = { address: shifted(state, address, setting.offset, site), type: setting.type };
		return { kind: 'memory', ...at, ...(setting.bits === null ? {} : { bits: setting.bits }) };
	};
	clear(state, { address, type, settings: plan.settings }, site);
	for (const setting of plan.settings) {
		const value =
			typeof setting.value === 'number'
				? constant(setting.value, int32)
				: lowerValue(state, piece, setting.value, 'copy');
		writePlace(state, place(setting), value, site);
	}
}

/** Sets the cells to 0 that no setting fills. */
function clear(
	state: FunctionState,
	{ address, type, settings }: { address: Operand; type: CType; settings: readonly Setting[] },
	site: SiteIndex,
): void {
	const filled = settings.map((s) => {
		const size = s.bits === null ? objectOf(state, s.type).size : 0;
		return [s.offset, s.offset + size] as const;
	});
	for (const { offset, size } of objectOf(state, type).cells()) {
		if (
			filled.some(([from, to]) =>
				size === 0 ? from === offset : from <= offset && offset + size <= to,
			)
		)
			continue;
		const narrow =
			size === 8 || size === 0 ? {} : { type: { bits: (size * 8) as 8, signed: false } };
		const at = shifted(state, address, offset, site);
		const value: Operand = { kind: 'constant', value: 0 };
		state.builder.emit({ kind: 'store', address: at, value, order: 'plain', ...narrow }, site);
	}
}

class Plan {
	readonly settings: Setting[] = [];
	private readonly state: FunctionState;
	private readonly piece: Piece;

	constructor(state: FunctionState, piece: Piece) {
		this.state = state;
		this.piece = piece;
	}

	/** One initialiser, with braces or without, for all of a part. */
	one(part: Omit<Setting, 'value'>, value: Expression): void {
		const { type } = part;
		if (value.kind === 'parenthesised') this.one(part, value.inner);
		else if (value.kind === 'string' && type.kind === 'array') this.text(part.offset, type, value);
		else if (value.kind !== 'initialiser-list') this.settings.push({ ...part, value });
		else if (type.kind === 'struct' || type.kind === 'array') this.braced(part.offset, type, value);
		else {
			const [only, ...more] = value.elements;
			if (more.length > 0) throw new Unlowerable('too many initialisers', value);
			if (only === undefined) this.settings.push({ ...part, value: 0 });
			else this.one(part, only.value);
		}
	}

	private braced(offset: number, type: CType & { kind: 'struct' | 'array' }, list: List): void {
		const rest: Rest = { elements: list.elements, at: 0 };
		this.aggregate(offset, type, rest, true);
		if (rest.at < list.elements.length) throw new Unlowerable('too many initialisers', list);
	}

	/** Takes as many elements as the aggregate has parts; designators only where they stand in its own braces. */
	private aggregate(
		offset: number,
		type: CType & { kind: 'struct' | 'array' },
		rest: Rest,
		isBraced: boolean,
	): void {
		for (let part = 0; rest.at < rest.elements.length; part++) {
			const element = rest.elements[rest.at] as InitialiserElement;
			const isDesignated = element.field !== null || element.index !== null;
			if (isDesignated && !isBraced) return;
			if (isDesignated) part = this.designated(offset, type, element, part);
			const found = this.part(offset, type, part);
			if (found === null) return;
			this.take(found, rest);
		}
	}

	/** A part by its designator: its number in the aggregate. */
	private designated(
		offset: number,
		type: CType & { kind: 'struct' | 'array' },
		element: InitialiserElement,
		part: number,
	): number {
		if (element.index !== null) {
			const index = constantOf(this.state, this.piece, element.index);
			if (type.kind !== 'array' || index === null || this.part(offset, type, index) === null)
				throw new Unlowerable('a designator that leads nowhere', element.value);
			return index;
		}
		const layout = type.kind === 'struct' ? layoutOf(this.state, type) : null;
		if (layout?.kind !== 'bytes' || element.field === null) return part;
		const index = layout.members.findIndex((m) => m.name === element.field);
		if (index >= 0) return index;
		const isInside = memberPath(this.state, layout, element.field) !== null;
		throw new Unlowerable(
			isInside
				? 'a designator of a member of a struct without a name'
				: `${printType(type)} has no member ${element.field}`,
			element.value,
		);
	}

	private part(
		offset: number,
		type: CType & { kind: 'struct' | 'array' },
		part: number,
	): Omit<Setting, 'value'> | null {
		if (type.kind === 'array') {
			if (part < 0 || part >= (type.length ?? 0)) return null;
			return { offset: offset + part * strideOf(this.state, type.of), type: type.of, bits: null };
		}
		const layout = layoutOf(this.state, type);
		if (layout?.kind !== 'bytes') throw new Unlowerable(`a local ${printType(type)}`);
		const member = layout.members[part];
		if (member === undefined || (layout.isUnion && this.isSet(offset, layout.size))) return null;
		return { offset: offset + member.offset, type: member.type, bits: member.bits };
	}

	/** Whether something of a union has its value already. */
	private isSet(offset: number, size: number): boolean {
		return this.settings.some((s) => s.offset >= offset && s.offset < offset + size);
	}

	private take(part: Omit<Setting, 'value'>, rest: Rest): void {
		const { value } = rest.elements[rest.at] as InitialiserElement;
		const { type } = part;
		const isAggregate = type.kind === 'struct' || type.kind === 'array';
		const isWhole =
			value.kind === 'initialiser-list' ||
			(type.kind === 'array' && value.kind === 'string') ||
			(type.kind === 'struct' && typeOf(this.state, this.piece, value).kind === 'struct');
		if (isAggregate && !isWhole) {
			this.aggregate(part.offset, type, rest, false);
			return;
		}
		rest.at++;
		this.again(part);
		this.one(part, value);
	}

	/** What is said of a part a second time holds; that the first is not evaluated is gcc's choice, and refused. */
	private again({ offset, type, bits }: Omit<Setting, 'value'>): void {
		const size = bits === null ? objectOf(this.state, type).size : 0;
		const isSet =
			size === 0
				? this.settings.some((s) => s.offset === offset)
				: this.settings.some((s) => s.offset >= offset && s.offset < offset + size);
		if (isSet) throw new Unlowerable('a member that is initialised twice');
	}

	private text(
		offset: number,
		type: CType & { kind: 'array' },
		value: Expression & { kind: 'string' },
	): void {
		const bytes = stringBytes(value.text);
		if (type.of.kind !== 'integer' || type.of.integer.bits !== 8)
			throw new Unlowerable('a string of wide characters', value);
		for (const [i, byte] of bytes.slice(0, type.length ?? 0).entries())
			this.settings.push({ offset: offset + i, type: type.of, bits: null, value: byte });
	}
}

/** Bytes of a string literal, of several in a row, without the 0 at the end. */
export function stringBytes(text: string): readonly number[] {
	if (/(?:^|\s)(?:u8|[uUL])"/.test(text.replace(/"(?:\\.|[^"\\])*"?/g, '""')))
		throw new Unlowerable('a string with a prefix');
	return [...text.matchAll(/"((?:\\.|[^"\\])*)"?/gs)].flatMap((m) => charactersOf(m[1] ?? ''));
}

/** An array's type with the length that its initialiser gives it. */
export function lengthened(
	state: FunctionState,
	piece: Piece,
	type: CType & { kind: 'array' },
	initialiser: Expression | null,
): CType & { kind: 'array' } {
	if (type.length !== null || initialiser === null) return type;
	if (initialiser.kind === 'string')
		return { ...type, length: stringBytes(initialiser.text).length + 1 };
	if (initialiser.kind !== 'initialiser-list') return type;
	let [at, length] = [0, 0];
	for (const { index, value } of initialiser.elements) {
		const isPart = type.of.kind === 'struct' || type.of.kind === 'array';
		if (isPart && value.kind !== 'initialiser-list') return type;
		if (index !== null) at = constantOf(state, piece, index) ?? Number.NaN;
		length = Math.max(length, ++at);
	}
	return Number.isNaN(length) ? type : { ...type, length };
}

/** The object that a compound literal is. */
export function literalPlace(
	state: FunctionState,
	piece: Piece,
	expression: Expression & { kind: 'compound-literal' },
): Lvalue {
	const named = resolveTypeName(expression.type, piece.unit, questionsOf(state, piece));
	refuseUndeclared(state, piece, named, expression);
	const { initialiser } = expression;
	const type = named.kind === 'array' ? lengthened(state, piece, named, initialiser) : named;
	const site = siteOf(state, piece, expression);
	const address = temporary(state, type, site);
	initialise(state, piece, { address, type }, initialiser);
	return { kind: 'memory', address, type };
}

/** The address of a fresh object without a name. */
export function temporary(state: FunctionState, type: CType, site: SiteIndex): Operand {
	const { size, cells } = objectOf(state, type);
	return slotAddress(state, state.builder.object('', { size, cells: cells() }), site);
}

/** A value that stands in memory, copied to an object of its own. */
export function kept(state: FunctionState, value: Rvalue, site: SiteIndex): Rvalue {
	const address = temporary(state, value.type, site);
	return writePlace(state, { kind: 'memory', address, type: value.type }, value, site);
}
