/**
 * C types, as light as the lowering needs them: integer width and signedness, what a pointer points at, page-table
 * entries (integers that are their own kind), structs by tag.
 */
import type { Half, IntegerType } from '../../engine/program/op.js';
import type { Abi } from './abi.js';
import { entryMembers, entryNames } from './entry_names.js';
import type { DeclaredAggregate } from './names.js';

export type Rank = 'char' | 'long' | 'long long';

export type CType =
	| { readonly kind: 'void' }
	/** `half`: of an entry that is read in two accesses (entry_halves.ts); its place is the entry's. */
	| {
			readonly kind: 'integer';
			readonly integer: IntegerType;
			readonly boolean: boolean;
			readonly half?: Half;
			/** What tells apart types of one width: absent where nobody said (int, short, and what is computed). */
			readonly rank?: Rank;
	  }
	/** `pte_t` and its kin, and typedefs of structs with one word (`swp_entry_t`): 64 bits, unsigned. */
	| { readonly kind: 'entry'; readonly name: string; readonly member?: string }
	/** `isVolatile`: accesses through it are marked, as the kernel's own READ_ONCE() does it. */
	| { readonly kind: 'pointer'; readonly to: CType; readonly isVolatile?: boolean }
	| { readonly kind: 'array'; readonly of: CType; readonly length: number | null }
	/** A struct or union; `own`: its declaration, where its tag alone does not lead there (without a tag, or inside a function). */
	| { readonly kind: 'struct'; readonly tag: string; readonly own?: DeclaredAggregate }
	| { readonly kind: 'function'; readonly returns: CType }
	/** Nobody declares it; taken for a 64-bit word. `name`: how it is written, where it is written at all. */
	| { readonly kind: 'unknown'; readonly name?: string };

const integer = (
	bits: IntegerType['bits'],
	signed: boolean,
	rank?: Rank,
): CType & { kind: 'integer' } => ({
	kind: 'integer',
	integer: { bits, signed },
	boolean: false,
	...(rank === undefined ? {} : { rank }),
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

/** Whether a member of that name is the whole of an entry. */
export function isEntryMember(type: CType & { kind: 'entry' }, name: string): boolean {
	return type.member === undefined ? entryMembers.has(name) : type.member === name;
}

export function pointerTo(to: CType): CType {
	return { kind: 'pointer', to };
}

/** The basic type a run of keywords names (`unsigned long`), or null. */
export function basicType(words: string, abi: Abi): CType | null {
	if (words === 'void') return voidType;
	if (words === 'bool' || words === '_Bool') return booleanType;
	const list = words.split(' ');
	if (!list.every((w) => basicWords.has(w))) return null;
	const signed = !list.includes('unsigned');
	if (list.includes('char')) {
		const isSaid = /signed/.test(words);
		return integer(8, isSaid ? signed : abi.charSigned, isSaid ? undefined : 'char');
	}
	if (list.includes('short')) return integer(16, signed);
	const longs = list.filter((w) => w === 'long').length;
	if (longs > 1) return integer(64, signed, 'long long');
	if (longs > 0) return integer(abi.longBits, signed, 'long');
	return integer(32, signed);
}

const basicWords = new Set(['unsigned', 'signed', '__signed__', 'int', 'long', 'short', 'char']);

const fixedWidth = /^_*([us])(8|16|32|64)$|^_*(u?)int(8|16|32|64)_t$/;

/** Names of integers that every kernel file may use without a declaration at hand. */
export function wellKnownType(name: string, abi: Abi): CType | null {
	if (entryNames.has(name)) return { kind: 'entry', name };
	const width = fixedWidth.exec(name);
	if (width !== null) {
		const bits = Number(width[2] ?? width[4]) as IntegerType['bits'];
		return integer(bits, width[1] === 's' || (width[1] === undefined && width[3] === ''));
	}
	if (wordNames.has(name))
		return integer(abi.longBits, name === 'ssize_t' || name === 'ptrdiff_t' || name === 'intptr_t');
	switch (name) {
		case 'phys_addr_t':
		case 'dma_addr_t':
		case 'sector_t':
			return unsigned64;
		case 'loff_t':
			return int64;
		case 'uint':
			return unsigned32;
		default:
			return null;
	}
}

/** Names of integers that are as wide as a `long`. */
const wordNames = new Set([
	...['size_t', 'uintptr_t', 'pgoff_t', 'ssize_t', 'ptrdiff_t', 'intptr_t', 'irqflags_t'],
]);

/** Whether a typedef of that name is as wide as the architecture's `long`, whatever the primitives say. */
export function isWordName(name: string): boolean {
	return wordNames.has(name);
}

/** The integer type values of this type are computed in. */
export function integerOf(type: CType): IntegerType {
	return type.kind === 'integer' ? type.integer : machineWord;
}

/** After C's integer promotion. */
export function promoted(type: CType): CType {
	return type.kind === 'integer' && type.integer.bits < 32 ? int32 : type;
}

const ranks: readonly (Rank | undefined)[] = [undefined, 'char', 'long', 'long long'];

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
	if (s === t) return ranks.indexOf(a.rank) < ranks.indexOf(b.rank) ? b : a;
	const [signed, unsigned] = s ? [a, b] : [b, a];
	// of one width and unlike sign: unsigned, of the higher rank
	const isHigher = ranks.indexOf(signed.rank) > ranks.indexOf(unsigned.rank);
	return isHigher && signed.rank !== undefined ? { ...unsigned, rank: signed.rank } : unsigned;
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

/** The type that accesses to memory say they are of: none where they are to a whole word. */
export function accessType(type: CType): { readonly type?: IntegerType } {
	const isNarrow = type.kind === 'integer' && type.half === undefined && type.integer.bits < 64;
	return isNarrow ? { type: type.integer } : {};
}

const INT_MAX = 2 ** 31 - 1;

/**
 * Type of an enumerator among the values of its enum: int where it fits, else the enum's own, which is unsigned int where none is
 * negative (gcc 12, c/c-decl.c, finish_enum()); null: that is wider than an int.
 */
export function enumeratorType(value: number, all: readonly number[]): CType | null {
	if (value >= -INT_MAX - 1 && value <= INT_MAX) return int32;
	return all.every((v) => v >= 0 && v <= 2 * INT_MAX + 1) ? unsigned32 : null;
}
