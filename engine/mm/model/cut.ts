/**
 * What is left of a value of the walk that loses bits: by a conversion, under a mask, as a remainder, by a shift to the left. Worlds
 * have small frame numbers, few pages and addresses of 31 bits, so that the model's number does not show what a kernel's loses; where
 * one would, another value takes its place or the walk is not understood.
 *
 * Values are told apart by what they are and where they come from: a source is the address of the word that a value was read from or
 * computed from, plus SHIFTED where it was shifted down to a frame number, or one of the marks below, where no word is.
 *
 * Model: of an entry without all bits of its frame number nothing of the frame is left, of such a frame number 0: real frames may differ
 * in the lost bits alone. An alignment of a frame (fewer than 16 lower bits), an address that is cut off elsewhere than at the range of
 * a table, a pointer, a length, a count, and bits of an entry that are asked for by number where it has none of that number are not
 * understood. Where entries are read in halves only conversions are judged.
 */
import type { Cut, Kept } from '../../memory/thread/kept_bits.js';
import { type BinaryOperator, isComparison } from '../../program/op.js';
import {
	ENTRY,
	frameOfEntry,
	isAddress,
	isPage,
	isWalked,
	LEVEL_SHIFT,
	PAGE_BASE,
	PAGE_SHIFT,
	PAGE_SIZE,
} from './layout.js';

/** Words and entries of an architecture. */
export interface Widths {
	/** Bits of a word. */
	readonly word: 32 | 64;
	/** Bits of a frame number: i386 with PAE has physical addresses of 36 bits. */
	readonly frame: 24 | 36;
	/** Bits of an entry below its frame number lie where x86 has them. */
	readonly x86: boolean;
}

/** Sources of values that tell how much was asked for, or where: a length or a count; an index of a table with what lies above it; one alone; a frame number of no entry. */
const COUNT = 4;
const INDEX = 5;
const SLOT = 6;
const FRAME = 7;
/** Added to the source of a value that was shifted down by a page's bits or more. */
const SHIFTED = 0.25;
/** Added to the source of what was computed from a comparison: 0 or 1, or a number made of it. */
const COMPARED = 0.5;
/** Bits of an index of a table. */
const INDEX_BITS = 9;
/** Largest index of a table of any architecture: s390's have 2048 entries. */
const SLOT_MAX = 2047;
/** Objects are aligned to 8 bytes. */
const TAG_BITS = 3;
/** Fewer bits of a frame number than this tell how it is aligned. */
const ALIGNMENT_BITS = 16;

/** Source of what an operator makes of two values; `from`: the first's, unless it has none; `counts`: how often a loop went round. */
export function derivedSource(
	operator: BinaryOperator,
	[left, right]: readonly [number, number],
	given: { readonly from: number; readonly counts: boolean; readonly widths: Widths },
): number {
	const { from, counts, widths } = given;
	if (operator === '-' && isAddress(left)) {
		if (isPage(left) && right === PAGE_BASE) return FRAME;
		if (isAddress(right)) return COUNT;
	}
	const isLong = widths.word === 64;
	if (isLong && operator === '>>' && isWalked(left) && right >= PAGE_SHIFT) return INDEX;
	switch (from) {
		case 0:
			return counts || (isLong && (isWalked(left) || isWalked(right))) ? COUNT : 0;
		case COUNT:
		case FRAME:
			return from;
		case INDEX:
			if (operator === '-') return COUNT;
			return operator === '&' && Math.min(left, right) <= SLOT_MAX ? SLOT : INDEX;
		case SLOT:
			return operator === '&' ? SLOT : COUNT;
		default:
			return fromWord(operator, right, from);
	}
}

/** The value was computed from a comparison of the word, and is no part of it. */
export function isCompared(source: number): boolean {
	return source % 1 === COMPARED;
}

function fromWord(operator: BinaryOperator, right: number, from: number): number {
	if (isCompared(from)) return from;
	if (isComparison(operator)) return Math.floor(from) + COMPARED;
	switch (operator) {
		case '>>':
			return right >= PAGE_SHIFT ? Math.floor(from) + SHIFTED : from;
		case '<<':
			return right >= PAGE_SHIFT ? Math.floor(from) : from;
		case '+':
		case '&':
		case '|':
		case '^':
			return from;
		default:
			return Math.floor(from);
	}
}

/** What is left of a sequence count: whether it is odd, or all that tells it from another. */
export function cutSequence(kept: Kept): Cut {
	const isWhole = partOf(kept.mask, 1, 31) !== 'lower';
	return isWhole ? null : { refused: `a sequence count ${kept.how}: few forks are explored` };
}

/** What is left of an index of a file, or of its size, where it has more than 32 bits: another page's may be in the same file. */
export function cutIndexOfFile(value: number, kept: Kept): Cut {
	const isFar = kept.by === 'conversion' && value >= 2 ** 32 && !isWalked(value);
	return isFar ? { refused: `an index or a size of a file ${kept.how}` } : null;
}

/** What is left of a frame number that stands in a word of its own. */
export function cutFrameWord(value: number, kept: Kept, widths: Widths): Cut {
	return value === 0 ? null : cutFrame(kept, widths);
}

/** What is left of a value of the walk that has this source. */
export function cutValue(value: number, source: number, kept: Kept, widths: Widths): Cut {
	const isLong = widths.word === 64;
	if (isLong && isWalked(value)) return cutAddress(kept);
	switch (source) {
		case COUNT:
			return isLong ? cutCount(value, kept) : null;
		case INDEX:
			return cutIndex(kept);
		case SLOT:
			return losesIndex(kept) ? refused('an index', kept) : null;
		case FRAME:
			return cutFrameWord(value, kept, widths);
		default:
			break;
	}
	if (isAddress(value) && (kept.by === 'conversion' || source !== 0))
		return cutPointer(value, kept, widths);
	if (frameOfEntry(Math.floor(source)) === null) return null;
	if (source % 1 === SHIFTED) return cutFrameWord(value, kept, widths);
	return cutEntry(value, kept, widths);
}

/** As for an entry, of the word that holds how many pages were handed out. */
export function cutCount(value: number, kept: Kept): Cut {
	const isLength = Math.abs(value) >= PAGE_SIZE;
	const what = isLength ? 'a length' : 'a count';
	switch (kept.by) {
		case 'conversion':
			return isLength || partOf(kept.mask, 0, 31) !== 'all' ? short(what, kept) : null;
		case 'shift':
			// pages become a length that has no room
			return partOf(kept.mask, 0, 32 - PAGE_SHIFT) === 'all' ? null : short(what, kept);
		default:
			return null;
	}
}

function short(what: string, kept: Kept): Cut {
	return { refused: `${what} ${kept.how}: ranges of the model are short` };
}

function cutAddress(kept: Kept): Cut {
	const part = partOf(kept.mask, PAGE_SHIFT, 47);
	if (part !== 'lower' || (kept.by !== 'conversion' && isRangeOfTable(kept.mask))) return null;
	return refused('an address', kept);
}

/** Whether the lower bits are those within the range of an entry, or of a table. */
function isRangeOfTable(mask: bigint | null): boolean {
	const within = (shift: number): boolean =>
		BigInt.asUintN(48, mask ?? 0n) >> 12n === (1n << BigInt(shift - PAGE_SHIFT)) - 1n;
	return mask !== null && Object.values(LEVEL_SHIFT).some(within);
}

function cutIndex(kept: Kept): Cut {
	if (kept.by === 'conversion') return refused('an address', kept);
	return losesIndex(kept) ? refused('an index', kept) : null;
}

function losesIndex({ mask }: Kept): boolean {
	return partOf(mask, 0, INDEX_BITS - 1) === 'lower';
}

/**
 * Of an address the model has its tag bits, of one in a table what lies within the table too: without the other bits nothing is told
 * apart that a kernel's pointers tell.
 */
function cutPointer(value: number, kept: Kept, { word }: Widths): Cut {
	const isInTable = frameOfEntry(value) !== null;
	const rest = partOf(kept.mask, isInTable ? PAGE_SHIFT : TAG_BITS, word === 64 ? 47 : 31);
	return rest === 'all' || rest === 'none' ? null : refused('a pointer', kept);
}

function cutFrame(kept: Kept, { frame }: Widths): Cut {
	if (kept.mask === null) return refused('a frame number', kept);
	if (partOf(kept.mask, 0, frame - 1) !== 'lower') return null;
	const isAlignment =
		kept.by !== 'conversion' && BigInt.asUintN(frame, kept.mask) < 1n << BigInt(ALIGNMENT_BITS - 1);
	return isAlignment ? refused('a frame number', kept) : { left: 0 };
}

function cutEntry(value: number, kept: Kept, { frame, x86 }: Widths): Cut {
	const hasFrame = Math.abs(value) >= PAGE_SIZE;
	if (kept.mask === null) return hasFrame ? refused('an entry', kept) : null;
	const part = partOf(kept.mask, PAGE_SHIFT, PAGE_SHIFT + frame - 1);
	if (asksByNumber(kept, part, x86)) return { refused: `bits of an entry are asked for by number` };
	const losesFrame = hasFrame && part === 'lower';
	const left = losesFrame ? value % PAGE_SIZE : value;
	const isLost = kept.by === 'conversion' && value >= 0 && (value & ENTRY.devmap) !== 0;
	if (isLost) return { left: left - ENTRY.devmap };
	return losesFrame ? { left } : null;
}

/** Whether bits above the frame number are asked for, or, where bits lie elsewhere than on x86, some of those below. */
function asksByNumber({ mask, by }: Kept, part: Part, x86: boolean): boolean {
	const isAbove = part !== 'all' && part !== 'upper' && partOf(mask, 52, 63) !== 'none';
	const below = partOf(mask, 0, PAGE_SHIFT - 1);
	return (
		isAbove || (!x86 && by === 'mask' && part === 'none' && below !== 'none' && below !== 'all')
	);
}

function refused(what: string, { how }: Kept): Cut {
	return { refused: `${what} ${how}: those of the model are small` };
}

type Part = 'all' | 'none' | 'upper' | 'lower';

/** Which of the bits from one to another a mask keeps; `upper`: only lower ones are lost; `lower`: others are. */
function partOf(mask: bigint | null, from: number, to: number): Part {
	if (mask === null) return 'lower';
	const width = to - from + 1;
	const bits = BigInt.asUintN(width, BigInt.asUintN(64, mask) >> BigInt(from));
	if (bits === 0n) return 'none';
	const lost = BigInt.asUintN(width, ~bits);
	if (lost === 0n) return 'all';
	// lost bits are 0…01…1
	return (lost & (lost + 1n)) === 0n ? 'upper' : 'lower';
}

/** The upper 32 bits of an entry: those in which frames differ whose lower ones are alike (`cutEntry`). */
export function upperEntry(value: number, source: number): number | null {
	const hasFrame = Math.abs(value) >= PAGE_SIZE && frameOfEntry(source) !== null;
	return hasFrame ? Math.floor(value / PAGE_SIZE) : null;
}
