/**
 * Lowered programs under LKMM: what well-known small programs may end with, and what x86 does of it.
 */
import { describe, expect, it } from 'vitest';
import { postDominators } from '../../engine/memory/lkmm/post_dominators.js';
import {
	fence,
	lastRun,
	read,
	rmw,
	type Statement,
	type Threads,
	threadOf,
	underLkmm,
	write,
	X,
	Y,
} from './lkmm_small.js';
import { smallProgram } from './small_program.js';

describe('small programs', () => {
	const stored = /^1 1 0 0 0 0$/;
	const cases: readonly (readonly [string, Threads, RegExp, 'allowed' | 'forbidden'])[] = [
		[
			'SB',
			[
				[write(X), read(Y)],
				[write(Y), read(X)],
			],
			stored,
			'allowed',
		],
		[
			'SB with full barriers',
			[
				[write(X), fence('mb'), read(Y)],
				[write(Y), fence('mb'), read(X)],
			],
			stored,
			'forbidden',
		],
		[
			'SB over relaxed atomics',
			[
				[rmw(X, 'relaxed', false), read(Y)],
				[rmw(Y, 'full', true), read(X)],
			],
			/^2 2 0 0 0 0$/,
			'allowed',
		],
		[
			'SB with smp_mb__after_atomic()',
			[
				[rmw(X, 'relaxed', false), fence('after-atomic'), read(Y)],
				[rmw(Y, 'full', true), read(X)],
			],
			/^2 2 0 0 0 0$/,
			'forbidden',
		],
		[
			'MP',
			[
				[write(X), write(Y)],
				[read(Y), read(X)],
			],
			/^1 1 0 0 1 0$/,
			'allowed',
		],
		[
			'MP with release and acquire',
			[
				[write(X), write(Y, 'release')],
				[read(Y, 'acquire'), read(X)],
			],
			/^1 1 0 0 1 0$/,
			'forbidden',
		],
		[
			'LB',
			[
				[read(X), write(Y)],
				[read(Y), write(X)],
			],
			/^1 1 1 0 1 0$/,
			'allowed',
		],
		[
			'LB with control dependencies',
			[
				[read(X), { kind: 'write-if', to: Y, value: 1 }],
				[read(Y), { kind: 'write-if', to: X, value: 1 }],
			],
			/^1 1 1 0 1 0$/,
			'forbidden',
		],
		[
			'a control dependency ends where the ways meet',
			[
				[read(X), { kind: 'write-if', to: 2, value: 7 }, write(Y)],
				[read(Y), fence('mb'), write(X)],
			],
			/^1 1 7 0 1 0$/,
			'allowed',
		],
	];
	it.each(cases)('%s', (_, threads, outcome, expected) => {
		const met = [...underLkmm(threads)].some((final) => outcome.test(final));
		expect(met ? 'allowed' : 'forbidden').toBe(expected);
	});

	it('a branch is decided until its ways meet', () => {
		const [fn] = smallProgram([
			threadOf([read(X), { kind: 'write-if', to: Y, value: 1 }, write(Y)], 0),
		]).functions;
		expect(fn === undefined ? [] : postDominators(fn)).toEqual([1, 2, 4, 4, 5, 6]);
	});
});

describe('what x86 does of it', () => {
	const inc = (at: number): Statement => ({
		kind: 'rmw',
		at,
		operator: 'add',
		order: 'relaxed',
		used: false,
	});
	/** Two executions by which it differs from interleavings and from LKMM. */
	const cases: readonly (readonly [string, Threads, readonly [weak: boolean, refused: boolean]])[] =
		[
			[
				'a read before an earlier write',
				[
					[write(X), read(Y)],
					[write(Y), read(X)],
				],
				[true, false],
			],
			[
				'a barrier in one of the two only',
				[
					[write(X), fence('mb'), read(Y)],
					[write(Y), read(X)],
				],
				[true, false],
			],
			[
				'a locked instruction between them',
				[
					[write(X), fence('mb'), read(Y)],
					[write(Y), inc(Y), read(X)],
				],
				[false, true],
			],
			[
				'reads in another order',
				[
					[write(X), fence('wmb'), write(Y)],
					[read(Y), read(X)],
				],
				[false, true],
			],
			[
				'writes in another order',
				[
					[write(X), write(Y)],
					[read(Y), fence('rmb'), read(X)],
				],
				[false, true],
			],
			[
				'writes before earlier reads',
				[
					[read(X), write(Y)],
					[read(Y), write(X)],
				],
				[false, true],
			],
		];
	it.each(cases)('%s', (_, program, expected) => {
		underLkmm(program);
		expect([lastRun.isWeakOnX86, lastRun.isRefused]).toEqual(expected);
	});
});
