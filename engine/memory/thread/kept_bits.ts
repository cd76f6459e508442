/** Bits that an operation keeps of a value: those of a conversion's type, under a mask, of a remainder, behind a shift to the left. */
import type { IntegerType, Op } from '../../program/op.js';

/** What an operation keeps of a value. */
export interface Kept {
	/** Null: what is left depends on all bits (a remainder by a number that is no power of two). */
	readonly mask: bigint | null;
	readonly by: 'conversion' | 'mask' | 'remainder' | 'shift' | 'down';
	/** For messages, after the value's noun. */
	readonly how: string;
}

/** What is left of a value: another one in its place, or why it is not known; null: what C leaves of its number. */
export type Cut = { readonly left: number } | { readonly refused: string } | null;

/** What a conversion to a type keeps; null: all. */
export function keptByType({ bits }: IntegerType): Kept | null {
	return bits === 64 ? null : (BY_BITS[bits] as Kept);
}

/** What an operator keeps of its first operand, given the second; null: all, or what is no matter of bits. */
export function keptByOperator(
	{ operator, type }: Pick<Extract<Op, { kind: 'binary' }>, 'operator' | 'type'>,
	right: number,
): Kept | null {
	switch (operator) {
		case '&':
			return { mask: BigInt(right), by: 'mask', how: 'is masked' };
		case '%': {
			const isPower = right > 0 && Number.isInteger(Math.log2(right));
			const mask = isPower ? BigInt(right) - 1n : null;
			return { mask, by: 'remainder', how: 'is taken as a remainder' };
		}
		case '<<':
			return right === 0
				? null
				: {
						mask: (1n << BigInt(type.bits - right)) - 1n,
						by: 'shift',
						how: `is shifted by ${right} of ${type.bits} bits`,
					};
		case '>>':
			return right === 0
				? null
				: { mask: -1n << BigInt(right), by: 'down', how: `is shifted down by ${right} bits` };
		default:
			return null;
	}
}

const BY_BITS: Readonly<Partial<Record<number, Kept>>> = Object.fromEntries(
	([8, 16, 32] as const).map((bits) => [
		bits,
		{
			mask: (1n << BigInt(bits)) - 1n,
			by: 'conversion',
			how: `is cut off to ${bits} bits`,
		},
	]),
);
