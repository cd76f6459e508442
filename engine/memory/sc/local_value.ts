/** Values of the thread-local ops: what C leaves undefined, cells read as a narrower type, values that were never set. */
import { unreachable } from '../../base/unreachable.js';
import type { IntegerType, Op, SiteIndex } from '../../program/op.js';
import type { MachineEvent } from '../thread/event.js';
import { isUnset, shown } from '../thread/unset.js';
import { convert } from '../thread/word.js';
import type { Pending } from './automaton_node.js';

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
