/** Values of the thread-local ops: what C leaves undefined, cells read as a narrower type, values that were never set. */
import { unreachable } from '../../base/unreachable.js';
import type { IntegerType, Op, SiteIndex } from '../../program/op.js';
import type { MachineEvent } from '../thread/event.js';
import { isUnset, shown } from '../thread/unset.js';
import { convert } from '../thread/word.js';
import type { AutomataOptions, Pending } from './automaton_node.js';

/** Why C gives the operation no result; null: it does. */
export function undefinedResult(
	{ operator, type }: Extract<Op, { kind: 'binary' }>,
	left: number,
	right: number,
): string | null {
	switch (operator) {
		case '<<':
		case '>>':
			return right < 0 || right >= type.bits
				? `a shift of ${type.bits} bits by ${right}, which CPUs do differently`
				: null;
		case '/':
		case '%':
			return right === -1 && type.signed && left === -(2 ** (type.bits - 1))
				? 'a division whose result does not fit its type'
				: null;
		default:
			return null;
	}
}

/** A cell's value as a type reads it. */
export function read(value: number, type: IntegerType | undefined): number {
	return type === undefined || isUnset(value) ? value : convert(value, type);
}

/** An unset operand's value, else what is computed from it. */
export function computed(operand: number, compute: (value: number) => number): number {
	return isUnset(operand) ? operand : compute(operand);
}

/** Ops that are accesses to memory. */
export type Access = Extract<Op, { kind: 'load' | 'store' | 'rmw' }>;

/** An access to a shared cell as what a thread does next. */
export function pendingAccess(
	op: Access,
	given: {
		readonly address: number;
		readonly source: number;
		readonly value: number;
		readonly expected: number;
	},
): Pending {
	const { address, source, value, expected } = given;
	switch (op.kind) {
		case 'load':
			return { kind: 'load', op, address, source };
		case 'store':
			return { kind: 'store', op, address, source, value };
		case 'rmw':
			return { kind: 'rmw', op, address, source, operand: value, expected };
		default:
			return unreachable(op);
	}
}

/** Source of a length or a count: of values that tell how much was asked for, and come from no load. No cell is there. */
export const COUNT_SOURCE = 4;
/** Added to the source of a value that was shifted down by a page's bits or more. */
const SHIFTED = 0.25;
const SHIFT = 12;

/** Whether a value with that source was shifted down. */
export function isShifted(source: number): boolean {
	return source % 1 === SHIFTED;
}

/** Source of what an operator makes of two values, given theirs (the first's, unless it has none). */
export function derivedSource(
	{ operator, counts }: Extract<Op, { kind: 'binary' }>,
	[left, right]: readonly [number, number],
	given: { readonly from: number; readonly isWalked: AutomataOptions['isWalked'] },
): number {
	const { from, isWalked } = given;
	if (isWalked === undefined) return from;
	const isCount = counts === true || isWalked(left) || isWalked(right);
	if (from === 0) return isCount ? COUNT_SOURCE : 0;
	if (from === COUNT_SOURCE) return from;
	switch (operator) {
		case '>>':
			return right >= SHIFT ? Math.floor(from) + SHIFTED : from;
		case '&':
		case '|':
		case '^':
			return from;
		default:
			return Math.floor(from);
	}
}

/** What others are told of a load from frame memory. */
export function loadEvent(
	op: Extract<Op, { kind: 'load' }>,
	address: number,
	value: number,
): MachineEvent {
	const { order, half = null, site } = op;
	return { kind: 'load', address, value: shown(value), order, reload: false, half, site };
}

/** What others are told of a store to frame memory. */
export function storeEvent(
	{ order, site }: Extract<Op, { kind: 'store' }>,
	address: number,
	{ old, value }: { readonly old: number; readonly value: number },
): MachineEvent {
	return { kind: 'store', address, old: shown(old), value: shown(value), order, site };
}

/** What others are told of a division by 0. */
export function divisionFault(site: SiteIndex): MachineEvent {
	return { kind: 'fault', what: 'division', access: null, address: 0, source: 0, site };
}
