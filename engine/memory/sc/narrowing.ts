/** Values of the walk that are cut off, taken apart or shifted: what the model says is left of them (`AutomataOptions.cuts`, `upper`). */
import type { BinaryOperator, IntegerType, Op } from '../../program/op.js';
import {
	type Cut,
	type Kept as KeptBits,
	keptByOperator,
	keptByType,
} from '../thread/kept_bits.js';
import type { LinkedOp } from '../thread/link.js';
import { isUnset } from '../thread/unset.js';
import type { AutomataOptions } from './automaton_node.js';
import type { FrameMemory, Owner } from './frame_memory.js';
import type { ThreadStack } from './thread_stack.js';

export type Narrowing = Pick<AutomataOptions, 'cuts' | 'upper'>;

/** A value and the address that it, or what it was computed from, was read at. */
export interface Kept {
	readonly value: number;
	readonly source: number;
}

/** A register's value with where it comes from; null: the operand is a constant (`register` is -1). */
export function keptIn(stack: ThreadStack, register: number): Kept | null {
	if (register < 0) return null;
	return { value: stack.value(register), source: Math.abs(stack.source(register)) };
}

const HALF: IntegerType = { bits: 32, signed: false };

/** What is left of a value in a type; null: what C leaves of its number. */
export function narrowedOf(narrowing: Narrowing | null, kept: Kept | null, type: IntegerType): Cut {
	return cutOf(narrowing, kept, keptByType(type));
}

/** Operands in whose place others stand where the operator loses bits of one, or why it is not known what is left; null: they stay. */
export function operandsLeft(
	narrowing: Narrowing | null,
	op: Extract<Op, { kind: 'binary' }>,
	stack: ThreadStack,
	{ a, ak, b, bk }: LinkedOp,
): readonly [number, number] | string | null {
	if (narrowing === null || !losesBits(op.operator)) return null;
	const [one, other] = [keptIn(stack, a), keptIn(stack, b)];
	const [left, right] = [one?.value ?? ak, other?.value ?? bk];
	const first = leftBy(narrowing, op, one, { other, value: right });
	if (first !== null) return 'refused' in first ? first.refused : [first.left, right];
	if (op.operator !== '&') return null;
	const second = leftBy(narrowing, op, other, { other: one, value: left });
	if (second === null) return null;
	return 'refused' in second ? second.refused : [left, second.left];
}

/** Whether an operator may lose bits of an operand; others keep what is told apart. */
function losesBits(operator: BinaryOperator): boolean {
	return operator === '&' || operator === '%' || operator === '<<' || operator === '>>';
}

/** The other operand is a mask, a divisor or a distance only where it is read nowhere. */
function leftBy(
	narrowing: Narrowing,
	op: Extract<Op, { kind: 'binary' }>,
	kept: Kept | null,
	by: { readonly other: Kept | null; readonly value: number },
): Cut {
	const isFixed = (by.other?.source ?? 0) === 0 && !isUnset(by.value);
	return kept !== null && isFixed ? cutOf(narrowing, kept, keptByOperator(op, by.value)) : null;
}

function cutOf(narrowing: Narrowing | null, kept: Kept | null, bits: KeptBits | null): Cut {
	if (kept === null || bits === null || isUnset(kept.value)) return null;
	return narrowing?.cuts?.(kept.value, kept.source, bits) ?? null;
}

/** A value's upper 32 bits, where the operator gives those; null: those of its number. */
export function upperOf(
	narrowing: Narrowing | null,
	{ operator }: Extract<Op, { kind: 'binary' }>,
	kept: Kept | null,
	right: number,
): number | null {
	const isUpper = operator === '>>' && right === 32;
	if (!isUpper || kept === null || isUnset(kept.value)) return null;
	return narrowing?.upper?.(kept.value, kept.source) ?? null;
}

/** Why a value that a local holds may not be taken apart into bytes; null: it may. */
function partsRefusal(narrowing: Narrowing | null, kept: Kept | null): string | null {
	const cut = narrowedOf(narrowing, kept, HALF);
	if (cut === null) return null;
	return 'refused' in cut ? cut.refused : 'an entry is taken apart into bytes that lie in a local';
}

/** Why bytes of frame memory that are no cell as a whole may not be accessed; `stored`: what is written there; null: they may. */
export function bytesRefusal(
	narrowing: Narrowing | null,
	memory: FrameMemory,
	access: {
		readonly owner: Owner | null;
		readonly offset: number;
		readonly type: IntegerType | undefined;
		readonly stored: Kept | null;
	},
): string | null {
	const { owner, offset, type, stored } = access;
	if (stored !== null) return partsRefusal(narrowing, stored);
	const { cells } = memory;
	for (const cell of memory.cut(owner, offset, type)) {
		const kept = { value: cells[cell] as number, source: Math.abs(cells[cell + 1] as number) };
		const why = partsRefusal(narrowing, kept);
		if (why !== null) return why;
	}
	return null;
}
