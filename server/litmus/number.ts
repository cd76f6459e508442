/**
 * Numbers of a litmus test as values. A number that a double cannot hold exactly is refused: two of them would be one value.
 */
import { shortened } from '../../engine/base/shortened.js';
import { LitmusProblem } from './problem.js';

/** A whole number, decimal or hexadecimal, with or without a sign and C's suffixes. */
export function exactNumber(text: string, offset: number): number {
	const plain = text.replace(/(?<![uUlL])[uUlL]+$/, '');
	const size = Number(plain.replace(/^[-+]/, ''));
	if (!Number.isSafeInteger(size))
		throw new LitmusProblem(
			`${shortened(text)} is too large a number: up to 2^53 - 1 is modelled`,
			offset,
		);
	return plain.startsWith('-') && size !== 0 ? -size : size;
}
