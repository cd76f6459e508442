/**
 * Where the members of structs and unions lie. Those of the walk's own text are laid out as the ABI does it (System V, gcc's
 * bit-fields), so that a byte of a local is found where C has it. Structs of the primitives are objects of the world, whose
 * fields have cells of their own; a few of them may be locals too (`__rw_local`) and have their fields in a row.
 *
 * Model: the address of a local struct of the primitives is that of its words less the number of its first field; only its
 * members' own addresses are real. Adds and loses nothing as long as the struct is reached through its members.
 *
 * Invariant: a struct with a member that is not understood, or with attributes that may move members, has no layout.
 */
import type { Operand, SiteIndex } from '../../engine/program/op.js';
import { FIELD_STRIDE, type FrameCell, OBJECT_STRIDE } from '../../engine/program/program.js';
import type { Declaration, Declarator, Expression } from '../syntax/ast.js';
import {
	type FunctionState,
	type Layout,
	type Piece,
	type PlacedMember,
	Unlowerable,
} from './context.js';
import type { DeclaredAggregate } from './names.js';
import { slotAddress } from './place.js';
import { bitCell, type Measured, type Measuring, measure, roundUp } from './size.js';
import {
	declarationsOfStruct,
	memberOf,
	printType,
	resolveSpecifier,
	type StructType,
	shaped,
	type TypeQuestions,
} from './type_names.js';
import { constantOf } from './type_questions.js';
import { type CType, machineWord, unknownType } from './types.js';

const membersMax = 64;
/** Cells of one object. */
const cellsMax = 1024;
/** First member of a primitive struct that locals may be. */
const LOCAL = '__rw_local';
/** Prefix of a primitive's macro that names a struct of which the world has objects, without declaring it. */
const WORLD = '__rw_world_';

/** The layout of a struct; null: no local can be one, and its members are fields of objects of the world. */
export function layoutOf(state: FunctionState, struct: StructType): Layout | null {
	const { layouts } = state.program;
	const key = struct.own?.specifier ?? struct.tag;
	const known = layouts.get(key);
	if (known !== undefined) return known;
	layouts.set(key, null);
	const made = makeLayout(state, struct);
	layouts.set(key, made);
	return made;
}

function makeLayout(state: FunctionState, struct: StructType): Layout | null {
	const { names } = state.program;
	const [declared] = declarationsOfStruct(struct, names);
	if (declared === undefined) return null;
	if (declared.unit.origin === 'walk') {
		const isWorlds = names.value(`${WORLD}${struct.tag}`, declared.unit) !== null;
		return isWorlds ? null : bytesLayout(state, declared);
	}
	return fieldsLayout(state, struct, declared);
}

function fieldsLayout(
	state: FunctionState,
	struct: StructType,
	declared: DeclaredAggregate,
): Layout | null {
	const { names, tables } = state.program;
	const members = memberNames(declared.specifier.members ?? []);
	if (members[0] !== LOCAL) return null;
	const questions = { names, typeOf: () => unknownType, length: () => null };
	const typed = members.map((name) => memberOf(struct, name, questions));
	const isPlain = typed.every(
		(m) => !m.bitfield && m.type.kind !== 'struct' && m.type.kind !== 'array',
	);
	if (members.length === 0 || members.length > membersMax || !isPlain) return null;
	const fields = members.map((name) => tables.field(struct.tag, name));
	const first = fields[0] ?? 0;
	if (fields.some((field, index) => field !== first + index)) return null;
	return { kind: 'fields', first, members: typed.map(({ name, type }) => ({ name, type })) };
}

function memberNames(members: readonly Declaration[]): readonly string[] {
	return members.flatMap((m) =>
		m.declarators.length === 0 && m.specifier.kind === 'aggregate'
			? memberNames(m.specifier.members ?? [])
			: m.declarators.map((d) => d.name),
	);
}

/** Questions about types that arise in a declaration of a struct. */
function questionsIn(state: FunctionState, declared: DeclaredAggregate): TypeQuestions {
	const { unit, text } = declared;
	const piece: Piece = {
		...{ unit, text, base: 0, map: null, site: null, expanding: [] },
		scope: { names: new Map(), outer: null },
	};
	return {
		names: state.program.names,
		text,
		typeOf: () => unknownType,
		length: (e: Expression) => constantOf(state, piece, e),
	};
}

/** How to measure types under this program's ABI; `pointerBytes`: as C counts them, or as the model places them. */
export function measuring(state: FunctionState, pointerBytes: 'real' | 'model'): Measuring {
	const abi = state.program.names.abi(state.program.checked);
	return {
		pointerBytes: pointerBytes === 'real' ? abi.longBits / 8 : 8,
		alignMax: abi.longBits / 8,
		layout(struct) {
			const layout = layoutOf(state, struct);
			if (layout?.kind !== 'bytes') return null;
			// as the model places pointers is not as a 32-bit CPU does
			if (pointerBytes === 'real' && layout.hasPointers && abi.longBits === 32) return null;
			return layout;
		},
	};
}

function bytesLayout(state: FunctionState, declared: DeclaredAggregate): Layout | null {
	const { specifier, unit, attributed } = declared;
	const { members } = specifier;
	if (attributed || members === null || members.length === 0) return null;
	const questions = questionsIn(state, declared);
	const layout = new Placing(measuring(state, 'model'), specifier.keyword === 'union');
	for (const declaration of members) {
		const base = resolveSpecifier(declaration.specifier, unit, questions);
		const declarators: readonly Declarator[] = declaration.declarators;
		if (declarators.length === 0 && !layout.place('', base, null)) return null;
		for (const { name, shape, bitfield, bits } of declarators) {
			const type = shaped(base, shape, questions);
			const width = !bitfield || bits === null ? null : questions.length(bits);
			if (bitfield && width === null) return null;
			if (!layout.place(name, type, width)) return null;
		}
	}
	return layout.finish();
}

/** Members placed one after the other, or over each other. */
class Placing {
	private readonly measuring: Measuring;
	private readonly isUnion: boolean;
	private readonly members: PlacedMember[] = [];
	private readonly cells: FrameCell[] = [];
	/** In bits. */
	private end = 0;
	private size = 0;
	private align = 1;
	private hasPointers = false;

	constructor(how: Measuring, isUnion: boolean) {
		this.measuring = how;
		this.isUnion = isUnion;
	}

	/** False: there is no layout. */
	place(name: string, type: PlacedMember['type'], width: number | null): boolean {
		const measured = measure(type, this.measuring);
		if (measured === null || this.cells.length > cellsMax || this.members.length > membersMax)
			return false;
		if (this.isUnion) this.end = 0;
		if (width !== null) return this.placeBits(name, { type, width }, measured);
		if (measured.size === 0) return false;
		const offset = roundUp(Math.ceil(this.end / 8), measured.align);
		this.align = Math.max(this.align, measured.align);
		this.hasPointers ||= measured.hasPointers;
		this.members.push({ name, type, offset, bits: null });
		for (const cell of measured.cells())
			this.cells.push({ offset: offset + cell.offset, size: cell.size });
		this.end = (offset + measured.size) * 8;
		this.size = Math.max(this.size, offset + measured.size);
		return true;
	}

	/** System V: a bit-field lies in one unit of its type, right behind what stands before it; a width of 0 ends a unit. */
	private placeBits(
		name: string,
		{ type, width }: { readonly type: PlacedMember['type']; readonly width: number },
		{ size, align }: Measured,
	): boolean {
		const unit = size * 8;
		if (type.kind !== 'integer' || width > 32 || width > unit || this.isUnion) return false;
		if (width === 0) {
			this.end = roundUp(this.end, align * 8);
			return name === '';
		}
		const isInOne = Math.floor(this.end / unit) === Math.floor((this.end + width - 1) / unit);
		if (!isInOne) this.end = roundUp(this.end, unit);
		if (name !== '') {
			const offset = bitCell(this.end);
			this.align = Math.max(this.align, align);
			this.members.push({ name, type, offset, bits: width });
			this.cells.push({ offset, size: 0 });
		}
		this.end += width;
		this.size = Math.max(this.size, Math.ceil(this.end / 8));
		return true;
	}

	finish(): Layout | null {
		const cells = this.isUnion ? common(this.cells) : this.cells;
		if (cells === null || this.cells.length > cellsMax) return null;
		const { align, members, isUnion, hasPointers } = this;
		const size = roundUp(this.size, align);
		return { kind: 'bytes', size, align, isUnion, members, cells, hasPointers };
	}
}

/** The cells of a union: its bytes, cut wherever a member's cell begins or ends; null: bit-fields lie in it. */
function common(cells: readonly FrameCell[]): readonly FrameCell[] | null {
	if (cells.some((c) => c.size === 0)) return null;
	const cuts = [...new Set(cells.flatMap((c) => [c.offset, c.offset + c.size]))].sort(
		(a, b) => a - b,
	);
	return cuts.slice(0, -1).flatMap((offset, i) => {
		const size = (cuts[i + 1] ?? offset) - offset;
		const isUsed = cells.some((c) => c.offset < offset + size && offset < c.offset + c.size);
		return isUsed ? pieces(offset, size) : [];
	});
}

/** Powers of two that make up a size. */
function pieces(offset: number, size: number): readonly FrameCell[] {
	const made: FrameCell[] = [];
	for (let at = offset, rest = size; rest > 0; ) {
		const part = [8, 4, 2, 1].find((p) => p <= rest) ?? 1;
		made.push({ offset: at, size: part });
		at += part;
		rest -= part;
	}
	return made;
}

/** Bytes between consecutive elements; objects of the world have their own. */
export function strideOf(state: FunctionState, type: CType): number {
	if (type.kind === 'void' || type.kind === 'function') return 1;
	if (type.kind === 'struct') {
		const layout = layoutOf(state, type);
		return layout?.kind === 'bytes' ? layout.size : OBJECT_STRIDE;
	}
	if (type.kind === 'array') {
		if (type.length === null) throw new Unlowerable('an array without a length is stepped over');
		return strideOf(state, type.of) * type.length;
	}
	return measure(type, measuring(state, 'model'))?.size ?? FIELD_STRIDE;
}

/** `sizeof`. */
export function sizeOf(state: FunctionState, type: CType): number {
	if (type.kind === 'void' || type.kind === 'function') return 1;
	const measured = measure(type, measuring(state, 'real'));
	if (measured === null) throw new Unlowerable(`the size of ${printType(type)} is not known`);
	return measured.size;
}

/** `_Alignof`. */
export function alignOf(state: FunctionState, type: CType): number {
	const how = measuring(state, 'real');
	const measured = measure(type, how);
	// as gcc's _Alignof of a u64 on i386 is that of a member
	if (measured === null) throw new Unlowerable(`the alignment of ${printType(type)} is not known`);
	return measured.align;
}

/** The cells of a local of that type; throws where none can be of it. */
export function objectOf(state: FunctionState, type: CType): Measured {
	const measured = measure(type, measuring(state, 'model'));
	if (measured === null || measured.size === 0) throw new Unlowerable(`a local ${printType(type)}`);
	const cells = measured.cells();
	if (cells.length > cellsMax) throw new Unlowerable(`a local of ${cells.length} words`);
	return { ...measured, cells: () => cells };
}

/** What `&local` is for a local struct. */
export function structAddress(
	state: FunctionState,
	slot: number,
	struct: StructType,
	site: SiteIndex,
): Operand {
	const words = slotAddress(state, slot, site);
	const layout = layoutOf(state, struct);
	const before = layout?.kind === 'fields' ? layout.first * FIELD_STRIDE : 0;
	if (before === 0) return words;
	const dst = state.builder.register(null);
	const right: Operand = { kind: 'constant', value: before };
	state.builder.emit(
		{ kind: 'binary', dst, operator: '-', left: words, right, type: machineWord },
		site,
	);
	return { kind: 'register', register: dst };
}
