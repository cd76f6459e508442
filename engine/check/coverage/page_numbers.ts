/** How many pages it takes to see all that a number of the code decides: a count of pages, or a difference of addresses. */
import { PAGE_SIZE } from '../../mm/model/layout.js';
import { type BinaryOperator, isComparison, type Op } from '../../program/op.js';

/** Constants of an op that decide, with the pages it takes to see both sides of each. */
export function numbersIn(
	op: Extract<Op, { kind: 'binary' }>,
): readonly { readonly number: number; readonly pages: number }[] {
	const constants = [op.left, op.right].flatMap((o) => (o.kind === 'constant' ? [o.value] : []));
	return constants.map((number) => ({ number, pages: pagesFor(op.operator, number) }));
}

/** A difference of addresses as a number of pages. */
function inPages(value: number): number {
	const size = Math.abs(value);
	return size >= PAGE_SIZE ? Math.ceil(size / PAGE_SIZE) : size;
}

/** Pages it takes to see both sides of a comparison with a number, or all remainders. */
export function pagesFor(operator: BinaryOperator, number: number): number {
	if (isComparison(operator)) return number === 0 ? 2 : inPages(number) + 2;
	if (operator === '%' || operator === '/') return inPages(number);
	// a mask of low bits is a remainder; one bit is a flag
	if (operator !== '&') return 2;
	return Number.isInteger(Math.log2(number + 1)) ? inPages(number + 1) : 2;
}
