/**
 * C types, as light as the lowering needs them: integer width and signedness, what a pointer points at, page-table
 * entries (integers that are their own kind), structs by tag.
 */
import type { Half, IntegerType } from '../../engine/program/op.js';
import { FIELD_STRIDE, OBJECT_STRIDE } from '../../engine/program/program.js';

export type CType =
	| { readonly kind: 'void' }
	/** `half`: of an entry that is read in two accesses (entry_halves.ts); its place is the entry's. */
	| {
			readonly kind: 'integer';
			readonly integer: IntegerType;
			readonly boolean: boolean;
			readonly half?: Half;
	  }
	/** `pte_t` and its kin, and typedefs of structs with one word (`swp_entry_t`): 64 bits, unsigned. */
	| { readonly kind: 'entry'; readonly name: string; readonly member?: string }
	/** `isVolatile`: accesses through it are marked, as the kernel's own READ_ONCE() does it. */
	| { readonly kind: 'pointer'; readonly to: CType; readonly isVolatile?: boolean }
	| { readonly kind: 'array'; readonly of: CType; readonly length: number | null }
	| { readonly kind: 'struct'; readonly tag: string }
	| { readonly kind: 'function'; readonly returns: CType }
	/** Nobody declares it; taken for a 64-bit word. */
	| { readonly kind: 'unknown' };

const integer = (bits: IntegerType['bits'], signed: boolean): CType & { kind: 'integer' } => ({
	kind: 'integer',
	integer: { bits, signed },
	boolean: false,
});

export const voidType: CType = { kind: 'void' };
export const unknownType: CType = { kind: 'unknown' };
export const int32 = integer(32, true);
export const unsigned32 = integer(32, false);
export const int64 = integer(64, true);
export const unsigned64 = integer(64, false);
export const booleanType: CType = {
	kind: 'integer',
	integer: { bits: 8, signed: false },
	boolean: true,
};
export const machineWord: IntegerType = { bits: 64, signed: false };

export const entryNames: ReadonlySet<string> = new Set([
	'pte_t',
	'pmd_t',
	'pud_t',
	'p4d_t',
	'pgd_t',
]);
/** Whether a member of that name is the whole of an entry. */
export function isEntryMember(type: CType & { kind: 'entry' }, name: string): boolean {
	return type.member === undefined ? entryMembers.has(name) : type.member === name;
}

/** The member that holds an entry's value, by type. */
export const entryMembers: ReadonlySet<string> = new Set(['pte', 'pmd', 'pud', 'p4d', 'pgd']);

export function pointerTo(to: CType): CType {
	return { kind: 'pointer', to };
}

/** The basic type a run of keywords names (`unsigned long`), or null. */
export function basicType(words: string): CType | null {
	if (words === 'void') return voidType;
	if (words === 'bool' || words === '_Bool') return booleanType;
	const list = words.split(' ');
	if (!list.every((w) => basicWords.has(w))) return null;
	const signed = !list.includes('unsigned');
	if (list.includes('char')) return integer(8, signed);
	if (list.includes('short')) return integer(16, signed);
	if (list.includes('long')) return integer(64, signed);
	return integer(32, signed);
}

const basicWords = new Set(['unsigned', 'signed', '__signed__', 'int', 'long', 'short', 'char']);

const fixedWidth = /^_*([us])(8|16|32|64)$|^_*(u?)int(8|16|32|64)_t$/;

/** Names of integers that every kernel file may use without a declaration at hand. */
export function wellKnownType(name: string): CType | null {
	if (entryNames.has(name)) return { kind: 'entry', name };
	const width = fixedWidth.exec(name);
	if (width !== null) {
		const bits = Number(width[2] ?? width[4]) as IntegerType['bits'];
		return integer(bits, width[1] === 's' || (width[1] === undefined && width[3] === ''));
	}
	switch (name) {
		case 'size_t':
		case 'uintptr_t':
		case 'phys_addr_t':
		case 'dma_addr_t':
		case 'pgoff_t':
		case 'sector_t':
			return unsigned64;
		case 'ssize_t':
		case 'loff_t':
		case 'ptrdiff_t':
		case 'intptr_t':
			return int64;
		case 'uint':
			return unsigned32;
		default:
			return null;
	}
}

/** The integer type values of this type are computed in. */
export function integerOf(type: CType): IntegerType {
	return type.kind === 'integer' ? type.integer : machineWord;
}

/** After C's integer promotion. */
export function promoted(type: CType): CType {
	return type.kind === 'integer' && type.integer.bits < 32 ? int32 : type;
}

/** The type both operands of an arithmetic operator are converted to. */
export function commonType(left: CType, right: CType): CType {
	const a = promoted(left);
	const b = promoted(right);
	if (a.kind === 'pointer' || a.kind === 'array') return a;
	if (b.kind === 'pointer' || b.kind === 'array') return b;
	if (a.kind !== 'integer') return a;
	if (b.kind !== 'integer') return b;
	const { bits: x, signed: s } = a.integer;
	const { bits: y, signed: t } = b.integer;
	if (x !== y) return x > y ? a : b;
	return s && !t ? b : a;
}

/** Whether a value of `from` is already what it becomes in `to`, in the machine's representation. */
export function sameRepresentation(from: CType, to: CType): boolean {
	if (to.kind === 'integer' && to.boolean) return from.kind === 'integer' && from.boolean;
	const a = integerOf(from);
	const b = integerOf(to);
	if (b.bits === 64) return true;
	if (a.signed === b.signed) return a.bits <= b.bits;
	return !a.signed && a.bits < b.bits;
}

/** The machine's number for a mathematical value of a type: wrapped, 64 bits as their signed reading. */
export function normalise(value: bigint, type: IntegerType): bigint {
	if (type.bits === 64 || type.signed) return BigInt.asIntN(type.bits, value);
	return BigInt.asUintN(type.bits, value);
}

/** Bytes between consecutive elements, in the model's address space. */
export function strideOf(type: CType): number {
	switch (type.kind) {
		case 'void':
		case 'function':
			return 1;
		case 'struct':
			return OBJECT_STRIDE;
		case 'array':
			return strideOf(type.of) * (type.length ?? 1);
		default:
			return FIELD_STRIDE;
	}
}

/** `sizeof`: C's size of scalars; a struct is one object of the model. */
export function sizeOf(type: CType): number {
	switch (type.kind) {
		case 'void':
		case 'function':
			return 1;
		case 'integer':
			return type.integer.bits / 8;
		case 'struct':
			return OBJECT_STRIDE;
		case 'array':
			return sizeOf(type.of) * (type.length ?? 0);
		default:
			return 8;
	}
}
