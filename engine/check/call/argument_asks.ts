/**
 * What a function can tell of a number that it is given: bits that it masks, numbers that it compares with. Callers pass
 * what it can tell apart.
 *
 * Leaves out: what becomes of the number in memory, and in calls through several functions.
 */
import { fewBitsOf } from '../../base/mask.js';
import {
	type FunctionIndex,
	isComparison,
	type Operand,
	type RegisterIndex,
} from '../../program/op.js';
import type { Program, ProgramFunction } from '../../program/program.js';

export interface Asks {
	/** Single bits. */
	readonly bits: readonly number[];
	/** Numbers compared with; of the value or of what a mask leaves of it. */
	readonly numbers: readonly number[];
}

/** Functions within each other that are looked into. */
const DEPTH_MAX = 3;
/** Masks of more bits than this are no flags. */
const BITS_MAX = 4;

/** What the function, and those that it passes the parameter on to, ask of a parameter. */
export function asksOf(program: Program, fn: FunctionIndex, parameter: number): Asks {
	const bits = new Set<number>();
	const numbers = new Set<number>();
	const seen = new Set<string>();
	const look = (index: FunctionIndex, at: number, depth: number): void => {
		const key = `${index}.${at}`;
		if (depth > DEPTH_MAX || seen.has(key)) return;
		seen.add(key);
		const source = program.functions[index] as ProgramFunction;
		const { whole, masked } = madeFrom(source, at);
		const has = (operand: Operand, set: ReadonlySet<RegisterIndex>): boolean =>
			operand.kind === 'register' && set.has(operand.register);
		for (const op of source.ops) {
			if (op.kind === 'call')
				op.arguments.forEach((operand, i) => {
					if (has(operand, whole)) look(op.callee, i, depth + 1);
				});
			if (op.kind !== 'binary') continue;
			const [left, right] = [op.left, op.right];
			const number = left.kind === 'constant' ? left : right.kind === 'constant' ? right : null;
			const other = left.kind === 'constant' ? right : left;
			if (number === null) continue;
			if (op.operator === '&' && has(other, whole))
				for (const b of fewBitsOf(number.value, { top: MASK_TOP, max: BITS_MAX })) bits.add(b);
			if (isComparison(op.operator) && (has(other, whole) || has(other, masked)))
				numbers.add(number.value);
		}
	};
	look(fn, parameter, 0);
	return { bits: [...bits], numbers: [...numbers] };
}

/** Registers that hold the parameter, and those that hold some of its bits. */
function madeFrom(
	{ ops }: ProgramFunction,
	parameter: number,
): { readonly whole: ReadonlySet<RegisterIndex>; readonly masked: ReadonlySet<RegisterIndex> } {
	const whole = new Set<RegisterIndex>([parameter as RegisterIndex]);
	const masked = new Set<RegisterIndex>();
	for (let size = -1; size !== whole.size + masked.size; ) {
		size = whole.size + masked.size;
		for (const op of ops) {
			const from =
				op.kind === 'move'
					? op.from
					: op.kind === 'convert'
						? op.operand
						: op.kind === 'use'
							? { kind: 'register' as const, register: op.from }
							: op.kind === 'binary' && op.operator === '&' && op.right.kind === 'constant'
								? op.left
								: null;
			if (from?.kind !== 'register' || !('dst' in op) || op.dst === null) continue;
			if (whole.has(from.register)) (op.kind === 'binary' ? masked : whole).add(op.dst);
			else if (masked.has(from.register)) masked.add(op.dst);
		}
	}
	return { whole, masked };
}

/** The highest bit of a mask that is asked for. */
const MASK_TOP = 0x8000_0000;
