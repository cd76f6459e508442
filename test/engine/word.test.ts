/**
 * Arithmetic held to BigInt: every result is exact or refused, never rounded.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VectorTable } from '../../engine/base/vectors.js';
import { binary, convert, rmwResult, rmwStored, unary } from '../../engine/memory/thread/word.js';
import type { BinaryOperator, IntegerType } from '../../engine/program/op.js';

const OPERATORS: readonly BinaryOperator[] = [
	'+',
	'-',
	'*',
	'/',
	'%',
	'&',
	'|',
	'^',
	'<<',
	'>>',
	'==',
	'!=',
	'<',
	'<=',
	'>',
	'>=',
];
const TYPES: readonly IntegerType[] = ([8, 16, 32, 64] as const).flatMap((bits) => [
	{ bits, signed: true },
	{ bits, signed: false },
]);

/** The stored reading of a mathematical integer in a type: signed for 64 bits, its value for narrower ones. */
function stored(value: bigint, { bits, signed }: IntegerType): bigint {
	return signed || bits === 64 ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
}

function exact(operator: BinaryOperator, left: number, right: number, type: IntegerType): bigint {
	const read = (x: number): bigint =>
		(type.signed ? BigInt.asIntN : BigInt.asUintN)(type.bits, BigInt(x));
	const [l, r] = [read(left), read(right)];
	const truth = (b: boolean): bigint => (b ? 1n : 0n);
	switch (operator) {
		case '+':
			return stored(l + r, type);
		case '-':
			return stored(l - r, type);
		case '*':
			return stored(l * r, type);
		case '/':
			return stored(l / r, type);
		case '%':
			return stored(l % r, type);
		case '&':
			return stored(l & r, type);
		case '|':
			return stored(l | r, type);
		case '^':
			return stored(l ^ r, type);
		case '<<':
			return stored(l << BigInt(right), type);
		case '>>':
			return stored(l >> BigInt(right), type);
		case '==':
			return truth(l === r);
		case '!=':
			return truth(l !== r);
		case '<':
			return truth(l < r);
		case '<=':
			return truth(l <= r);
		case '>':
			return truth(l > r);
		case '>=':
			return truth(l >= r);
	}
}

const word = fc.oneof(
	fc.integer({ min: -4, max: 4 }),
	fc.integer(),
	fc.maxSafeInteger(),
	fc.constantFrom(-1, 2 ** 31, 2 ** 32, -(2 ** 31), 2 ** 52, -(2 ** 63), 2 ** 62, 0xffff_ffff),
);

describe('words', () => {
	test('binary operators are exact or refuse', () => {
		let [refused, kept] = [0, 0];
		fc.assert(
			fc.property(
				fc.constantFrom(...OPERATORS),
				word,
				word,
				fc.constantFrom(...TYPES),
				(operator, left, right, type) => {
					const shift = operator === '<<' || operator === '>>';
					const by = shift ? Math.abs(right % type.bits) : right;
					const zero = BigInt.asUintN(type.bits, BigInt(by)) === 0n;
					if (zero && (operator === '/' || operator === '%')) return;
					const result = binary(operator, left, by, type);
					const expected = exact(operator, left, by, type);
					if (Number.isNaN(result)) {
						refused++;
						expect(BigInt(Number(expected)) === expected).toBe(false);
					} else {
						kept++;
						expect(BigInt(result)).toBe(expected);
						expect(Object.is(result, -0)).toBe(false);
					}
				},
			),
			{ numRuns: 20_000 },
		);
		expect(refused).toBeGreaterThan(10);
		expect(kept).toBeGreaterThan(10_000);
	});

	test('conversions and unary operators', () => {
		fc.assert(
			fc.property(word, fc.constantFrom(...TYPES), (value, type) => {
				expect(BigInt(convert(value, type))).toBe(stored(BigInt(value), type));
				expect(unary('!', value, type)).toBe(value === 0 ? 1 : 0);
				for (const [operator, result] of [
					['-', -BigInt(value)],
					['~', ~BigInt(value)],
				] as const) {
					const made = unary(operator, value, type);
					const expected = stored(result, type);
					if (Number.isNaN(made)) expect(BigInt(Number(expected)) === expected).toBe(false);
					else expect(BigInt(made)).toBe(expected);
				}
			}),
		);
	});

	test.each([
		['add', 5, 2, 0, 7],
		['add', 5, -5, 0, 0],
		['and', 6, 3, 0, 2],
		['or', 6, 1, 0, 7],
		['xor', 6, 3, 0, 5],
		['xchg', 6, 9, 0, 9],
		['cmpxchg', 6, 9, 6, 9],
		['cmpxchg', 6, 9, 5, null],
		['add-unless', 6, 1, 0, 7],
		['add-unless', 0, 1, 0, null],
	] as const)('%s of %d with %d unless or if %d', (operator, old, operand, expected, result) => {
		expect(rmwStored(operator, old, operand, expected)).toBe(result);
		expect(rmwResult('old', old, result)).toBe(old);
		expect(rmwResult('new', old, result)).toBe(result ?? old);
		expect(rmwResult('success', old, result)).toBe(result === null ? 0 : 1);
		expect(rmwResult('zero', old, result)).toBe((result ?? old) === 0 ? 1 : 0);
	});
});

describe('vectors', () => {
	test('equal vectors, and only they, have one id', () => {
		const vector = fc.array(fc.oneof(fc.integer({ min: -1, max: 2 }), word), { maxLength: 5 });
		fc.assert(
			fc.property(fc.array(vector, { minLength: 1, maxLength: 600 }), (vectors) => {
				const table = new VectorTable();
				const ids = new Map<string, number>();
				for (const v of vectors) {
					const id = table.intern(v, v.length);
					const text = v.join(' ');
					expect(id).toBe(ids.get(text) ?? ids.size);
					ids.set(text, id);
					v.forEach((x, i) => {
						expect(table.at(id, i)).toBe(x);
					});
				}
				expect(table.size).toBe(ids.size);
			}),
			{ numRuns: 100 },
		);
	});
});
