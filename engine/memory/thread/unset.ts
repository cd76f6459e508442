/**
 * The value of a local that was never written: C calls it indeterminate. It is copied like any other, computing with it gives
 * it again, and a thread that decides by it, or lets others see it, is not understood: a 0 in its place would be one value of
 * many. It is no whole number, which every other value is, and says whose it is:
 *
 *     function × 2^16 + (register | 2^15 + slot of frame memory) + 1/2
 */
import type { Op } from '../../program/op.js';
import { NOT_FIXED, NOWHERE } from '../../program/register_name.js';
import type { LinkedFunction } from './link.js';

const FUNCTION_STRIDE = 2 ** 16;
const SLOT_BASE = 2 ** 15;
const MARK = 0.5;

/** What a register of a function holds until it is written. Temporaries, which have no name, are 0. */
export function initialRegister(fn: LinkedFunction, register: number): number {
	const isNamed = (fn.source.registerNames[register] ?? null) !== null;
	return isNamed ? fn.index * FUNCTION_STRIDE + register + MARK : 0;
}

/** What a word of a function's frame memory holds until it is written. One without a name is 0. */
export function initialWord(fn: LinkedFunction, slot: number): number {
	const isNamed = fn.source.slots[slot] !== '';
	return isNamed ? fn.index * FUNCTION_STRIDE + SLOT_BASE + slot + MARK : 0;
}

export function isUnset(value: number): boolean {
	return value % 1 === MARK;
}

/** The value as an event shows it: an unset one as 0, what the memory of a new frame is likely to hold. */
export function shown(value: number): number {
	return isUnset(value) ? 0 : value;
}

/** What to say of a thread that needs an unset value. */
export function unsetReason(functions: readonly LinkedFunction[], value: number): string {
	const own = Math.floor(value) % FUNCTION_STRIDE;
	const source = functions[Math.floor(value / FUNCTION_STRIDE)]?.source;
	const name = own < SLOT_BASE ? source?.registerNames[own] : source?.slots[own - SLOT_BASE];
	if (name?.startsWith(NOT_FIXED) === true)
		return `needs the value of ${name.slice(NOT_FIXED.length)}, which may change at any time`;
	if (name?.startsWith(NOWHERE) === true)
		return `needs the address of ${name.slice(NOWHERE.length)}, which is not part of the model`;
	return `reads ${name ?? 'a local'} before it was set`;
}

/** True for an op that passes a value on as it is, also an unset one, where memory is not involved. */
export function isCopy(op: Op): boolean {
	return ['move', 'use', 'call', 'return'].includes(op.kind);
}
