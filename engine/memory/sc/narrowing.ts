/** Values of the walk that are cut off, taken apart or shifted: what the model says is left of them (`AutomataOptions.narrows`, `upper`). */
import type { IntegerType } from '../../program/op.js';
import { isUnset } from '../thread/unset.js';
import type { AutomataOptions, Narrowed } from './automaton_node.js';
import type { FrameMemory, Owner } from './frame_memory.js';
import type { ThreadStack } from './thread_stack.js';

export type Narrowing = Pick<AutomataOptions, 'narrows' | 'upper'>;

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
export function narrowedOf(
	narrowing: Narrowing | null,
	kept: Kept | null,
	type: IntegerType,
): Narrowed {
	if (kept === null || isUnset(kept.value)) return null;
	return narrowing?.narrows?.(kept.value, kept.source, type) ?? null;
}

/** A value's upper 32 bits; null: those of its number. */
export function upperOf(narrowing: Narrowing | null, kept: Kept | null): number | null {
	if (kept === null || isUnset(kept.value)) return null;
	return narrowing?.upper?.(kept.value, Math.floor(kept.source)) ?? null;
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
