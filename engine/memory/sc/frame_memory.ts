/**
 * Frame memory of one thread: the cells of all its frames, innermost last, and accesses to them by byte. A cell is a scalar
 * as it was declared; what is read or written otherwise than cell by cell (a byte of a word, a union by another member) is
 * put together from the bytes, in the order of the architecture.
 *
 *     cells: value, source | value, source | …       source as in ThreadStack
 *
 * Invariant: an access outside of all cells, or to a part of an unset one, gives nothing; never a neighbour's value.
 */
import type { IntegerType } from '../../program/op.js';
import type { FrameCell } from '../../program/program.js';
import type { LinkedFunction } from '../thread/link.js';
import { initialWord, isUnset } from '../thread/unset.js';

/** Bytes of frame memory that a slot stands for at most: a word. */
export const WORD_STRIDE = 8;
const WHOLE: IntegerType = { bits: 64, signed: true };

/** The frame in whose memory a byte lies, and its first cell. */
export interface Owner {
	readonly fn: LinkedFunction;
	readonly base: number;
}

/** A cell that an access takes part of: its index, and bytes of it before and in the access. */
interface Part {
	readonly cell: number;
	readonly size: number;
	/** First byte of the access in the cell, if positive; of the cell in the access, if negative. */
	readonly skew: number;
}

export class FrameMemory {
	cells: number[] = [];
	private readonly isBigEndian: boolean;

	constructor(options: { readonly isBigEndian: boolean }) {
		this.isBigEndian = options.isBigEndian;
	}

	/** Cells in use: the base of the next frame. */
	get size(): number {
		return this.cells.length / 2;
	}

	push(fn: LinkedFunction): void {
		for (let i = 0; i < fn.slots; i++) this.cells.push(initialWord(fn, i), 0);
	}

	/** Drops the frame that begins at cell `base` and those above. */
	truncate(base: number): void {
		this.cells.length = base * 2;
	}

	/** Takes away the freedom to load again from `address`, or from everywhere. */
	unmark(address: number | null): void {
		const { cells } = this;
		for (let i = 1; i < cells.length; i += 2) {
			const source = cells[i] as number;
			if (source < 0 && (address === null || source === -address)) cells[i] = -source;
		}
	}

	/** Index in `cells` of the one that an access is exactly to, -1 if it is to something else. */
	exact(owner: Owner | null, offset: number, type: IntegerType | undefined): number {
		if (owner === null) return -1;
		const { fn, base } = owner;
		const own = offset - base * WORD_STRIDE;
		if (fn.cellAt === null) {
			const isWord = own % WORD_STRIDE === 0 && own < fn.slots * WORD_STRIDE;
			return isWord && bytesOf(type) === WORD_STRIDE ? (base + own / WORD_STRIDE) * 2 : -1;
		}
		const slot = fn.cellAt.get(own);
		if (slot === undefined) return -1;
		const { size } = (fn.source.cells as readonly FrameCell[])[slot] as FrameCell;
		return size === 0 || size === bytesOf(type) ? (base + slot) * 2 : -1;
	}

	/** The value of bytes that are no one cell; null: not all of them lie in cells; NaN: it is too wide; or an unset value. */
	read(owner: Owner | null, offset: number, type: IntegerType | undefined): number | null {
		const parts = this.parts(owner, offset, bytesOf(type));
		if (parts === null) return null;
		let whole = 0n;
		for (const { cell, size, skew } of parts) {
			const value = this.cells[cell] as number;
			if (isUnset(value)) return value;
			const bytes = BigInt.asUintN(size * 8, BigInt(value));
			const shift = BigInt(this.shift(skew, size, bytesOf(type)));
			whole |= shift >= 0n ? bytes << shift : bytes >> -shift;
		}
		return numberOf(whole, type ?? WHOLE);
	}

	/** Writes bytes that are no one cell; false: not all of them lie in cells, or a cell that was never set would be set in part. */
	write(
		owner: Owner | null,
		offset: number,
		{ type, value }: { readonly type: IntegerType | undefined; readonly value: number },
	): boolean {
		const bytes = bytesOf(type);
		const parts = this.parts(owner, offset, bytes);
		if (parts === null) return false;
		const isWhole = ({ skew, size }: Part): boolean => skew <= 0 && size - skew <= bytes;
		if (
			!parts.every((p) => isWhole(p) || !(isUnset(this.cells[p.cell] as number) || isUnset(value)))
		)
			return false;
		for (const { cell, size, skew } of parts) {
			this.cells[cell + 1] = Math.abs(this.cells[cell + 1] as number);
			if (isUnset(value)) {
				this.cells[cell] = value;
				continue;
			}
			const given = BigInt.asUintN(bytes * 8, BigInt(value));
			const mask = (1n << BigInt(bytes * 8)) - 1n;
			const shift = BigInt(this.shift(skew, size, bytes));
			const moved = (x: bigint): bigint => (shift >= 0n ? x >> shift : x << -shift);
			const old = this.cells[cell] as number;
			const kept = isUnset(old) ? 0n : BigInt(old) & ~moved(mask);
			const word = numberOf(kept | moved(given), {
				bits: (size * 8) as 8,
				signed: size === WORD_STRIDE,
			});
			if (Number.isNaN(word)) return false;
			this.cells[cell] = word;
		}
		return true;
	}

	/** Cells of which an access reads some bytes and not others. */
	cut(owner: Owner | null, offset: number, type: IntegerType | undefined): readonly number[] {
		const bytes = bytesOf(type);
		const parts = this.parts(owner, offset, bytes) ?? [];
		return parts.filter((p) => p.skew > 0 || p.size - p.skew > bytes).map((p) => p.cell);
	}

	/** Bits by which a cell's value is moved up (or down) to stand where it is in the value of the access. */
	private shift(skew: number, size: number, bytes: number): number {
		return 8 * (this.isBigEndian ? bytes - size + skew : -skew);
	}

	/** Cells that cover `bytes` bytes, each byte once; null: none do. */
	private parts(owner: Owner | null, offset: number, bytes: number): readonly Part[] | null {
		if (owner === null) return null;
		const own = offset - owner.base * WORD_STRIDE;
		const parts: Part[] = [];
		let covered = 0;
		for (let slot = 0; slot < owner.fn.slots; slot++) {
			const { offset: at, size } = owner.fn.source.cells?.[slot] ?? {
				offset: slot * WORD_STRIDE,
				size: WORD_STRIDE,
			};
			const common = Math.min(at + size, own + bytes) - Math.max(at, own);
			if (common <= 0) continue;
			parts.push({ cell: (owner.base + slot) * 2, size, skew: own - at });
			covered += common;
		}
		return covered === bytes ? parts : null;
	}
}

/** Bytes of an access of a type. */
export function bytesOf(type: IntegerType | undefined): number {
	return type === undefined ? WORD_STRIDE : type.bits / 8;
}

function numberOf(bits: bigint, type: IntegerType): number {
	const value =
		type.signed || type.bits === 64
			? BigInt.asIntN(type.bits, bits)
			: BigInt.asUintN(type.bits, bits);
	const number = Number(value);
	return BigInt(number) === value ? number : Number.NaN;
}
