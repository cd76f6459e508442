/**
 * Lowered programs under LKMM, the laws: what sequential consistency allows is allowed, a fence takes outcomes away only, and a
 * proof that there are interleavings only is right.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FenceKind, RmwOperator, RmwOrder } from '../../engine/program/op.js';
import {
	asLitmus,
	fence,
	read,
	type Statement,
	underLkmm,
	underSc,
	write,
	X,
	Y,
} from './lkmm_small.js';

const where = fc.constantFrom(X, Y);
const statement: fc.Arbitrary<Statement> = fc.oneof(
	fc.record({
		kind: fc.constant('read' as const),
		from: where,
		order: fc.constantFrom('once' as const, 'acquire' as const),
	}),
	fc.record({
		kind: fc.constant('write' as const),
		to: where,
		value: fc.constantFrom(1, 2),
		order: fc.constantFrom('once' as const, 'release' as const),
	}),
	fc.record({ kind: fc.constant('copy' as const), to: where }),
	fc.record({ kind: fc.constant('write-if' as const), to: where, value: fc.constantFrom(1, 3) }),
	fc.record({
		kind: fc.constant('rmw' as const),
		at: where,
		operator: fc.constantFrom<RmwOperator>('add', 'xchg', 'cmpxchg', 'add-unless', 'and'),
		order: fc.constantFrom<RmwOrder>('relaxed', 'acquire', 'release', 'full'),
		used: fc.boolean(),
	}),
);
const threads = fc.tuple(
	fc.array(statement, { minLength: 1, maxLength: 3 }),
	fc.array(statement, { minLength: 1, maxLength: 3 }),
);
const anyFence = fc.constantFrom<FenceKind>('mb', 'rmb', 'wmb', 'before-atomic', 'after-atomic');

function missing(from: ReadonlySet<string>, among: ReadonlySet<string>): readonly string[] {
	return [...from].filter((outcome) => !among.has(outcome));
}

describe('laws', () => {
	it('what sequential consistency allows is allowed', () => {
		fc.assert(
			fc.property(threads, (program) => {
				expect(missing(underSc(program), underLkmm(program))).toEqual([]);
			}),
			{ numRuns: 600, seed: 20240601 },
		);
	});

	it('a lowered program ends as its litmus test does', () => {
		const fenced = fc.array(fc.oneof(statement, anyFence.map(fence)), {
			minLength: 1,
			maxLength: 4,
		});
		fc.assert(
			fc.property(fc.tuple(fenced, fenced), (program) => {
				expect([...underLkmm(program)].sort()).toEqual([...asLitmus(program)].sort());
			}),
			{ numRuns: 600, seed: 20240603 },
		);
	});

	it('a fence adds no outcome', () => {
		fc.assert(
			fc.property(threads, anyFence, fc.nat(1), fc.nat(3), (program, kind, thread, at) => {
				const fenced = program.map((t, i) => (i === thread ? t.toSpliced(at, 0, fence(kind)) : t));
				expect(missing(underLkmm(fenced), underLkmm(program))).toEqual([]);
			}),
			{ numRuns: 600, seed: 20240602 },
		);
	});

	it('runs without an open cycle, and some with one, have interleavings only', () => {
		// what `underLkmm` asserts of every execution it visits, with fences between any two statements
		const fenced = fc.array(fc.oneof(statement, anyFence.map(fence)), {
			minLength: 2,
			maxLength: 5,
		});
		fc.assert(
			fc.property(fc.tuple(fenced, fenced), (program) => {
				underLkmm(program);
			}),
			{ numRuns: 400, seed: 20240604 },
		);
	});

	it('some outcome is not sequentially consistent', () => {
		const program = [
			[write(X), read(Y)],
			[write(Y), read(X)],
		];
		expect(missing(underLkmm(program), underSc(program))).toEqual(['1 1 0 0 0 0']);
	});
});
