/**
 * The machine on small programs: what final memories plain search finds, what is reported.
 */
import { describe, test } from 'vitest';
import { add, type Case, check, load, ret, store } from './machine_case.js';
import { cell, lit, reg } from './small_program.js';

const increment = { registers: 2, ops: [load(0, 0), add(1, 0, 1), store(0, reg(1)), ret] };
const atomicIncrement = {
	registers: 1,
	ops: [
		{
			kind: 'rmw',
			dst: null,
			address: cell(0),
			operator: 'add',
			operand: lit(1),
			expected: null,
			order: 'relaxed',
			returns: 'new',
		},
		ret,
	],
} as const;

const cases: readonly Case[] = [
	['lost update', { functions: [increment, increment], cells: [0] }, { finals: ['1', '2'] }],
	[
		'atomic increments are not lost',
		{ functions: [atomicIncrement, atomicIncrement, atomicIncrement], cells: [0] },
		{ finals: ['3'] },
	],
	[
		'a plain load may be repeated at each use',
		{
			functions: [
				{
					registers: 3,
					ops: [
						load(0, 0, 'plain'),
						{ kind: 'use', dst: 1, from: 0 },
						{ kind: 'use', dst: 2, from: 0 },
						store(1, reg(1)),
						store(2, reg(2)),
						ret,
					],
				},
				{ registers: 0, ops: [store(0, lit(7)), ret] },
			],
			cells: [5, 0, 0],
		},
		{ finals: ['7 5 5', '7 5 7', '7 7 5', '7 7 7'] },
	],
	[
		'a marked load may not',
		{
			functions: [
				{
					registers: 3,
					ops: [
						load(0, 0),
						{ kind: 'use', dst: 1, from: 0 },
						{ kind: 'use', dst: 2, from: 0 },
						store(1, reg(1)),
						store(2, reg(2)),
						ret,
					],
				},
				{ registers: 0, ops: [store(0, lit(7)), ret] },
			],
			cells: [5, 0, 0],
		},
		{ finals: ['7 5 5', '7 7 7'] },
	],
	[
		'a barrier between load and use keeps the value',
		{
			functions: [
				{
					registers: 3,
					ops: [
						load(0, 0, 'plain'),
						{ kind: 'fence', fence: 'barrier' },
						{ kind: 'use', dst: 1, from: 0 },
						store(1, reg(1)),
						store(2, reg(1)),
						ret,
					],
				},
				{ registers: 0, ops: [store(0, lit(7)), ret] },
			],
			cells: [5, 0, 0],
		},
		{ finals: ['7 5 5', '7 7 7'] },
	],
	[
		'a barrier in a callee keeps the values of its callers',
		{
			functions: [
				{
					registers: 2,
					ops: [
						load(0, 0, 'plain'),
						{ kind: 'call', dst: null, callee: 2, arguments: [] },
						{ kind: 'use', dst: 1, from: 0 },
						store(1, reg(1)),
						store(2, reg(0)),
						ret,
					],
				},
				{ registers: 0, ops: [store(0, lit(7)), ret] },
				{
					registers: 1,
					ops: [load(0, 0), { kind: 'fence', fence: 'barrier' }, load(0, 0), ret],
				},
			],
			entries: [0, 1],
			cells: [5, 0, 0],
		},
		{ finals: ['7 5 5', '7 7 7'] },
	],
	[
		'what a callee returns may still be loaded again',
		{
			functions: [
				{
					registers: 2,
					ops: [
						{ kind: 'call', dst: 0, callee: 2, arguments: [] },
						{ kind: 'use', dst: 1, from: 0 },
						store(1, reg(1)),
						store(2, reg(0)),
						ret,
					],
				},
				{ registers: 0, ops: [store(0, lit(7)), ret] },
				{
					registers: 2,
					ops: [
						load(0, 0, 'plain'),
						{ kind: 'move', dst: 1, from: reg(0) },
						{ kind: 'return', value: reg(1) },
					],
				},
			],
			entries: [0, 1],
			cells: [5, 0, 0],
		},
		{ finals: ['7 5 5', '7 7 5', '7 7 7'] },
	],
	[
		'an address without a cell is a fault',
		{
			functions: [{ registers: 1, ops: [load(0, 9), store(0, lit(1)), ret] }],
			cells: [0],
			onEvent: (event, view) => {
				if (event.kind === 'fault') view.report(`fault ${event.what} ${event.access}`);
			},
		},
		{ finals: ['0'], violations: ['fault no-cell load'] },
	],
	[
		'calls pass arguments, results and pointers into frames',
		{
			functions: [
				{
					registers: 3,
					slots: 1,
					ops: [
						{ kind: 'frame-address', dst: 0, slot: 0 },
						{ kind: 'call', dst: 1, callee: 1, arguments: [reg(0), lit(4)] },
						{ kind: 'load', dst: 2, address: reg(0), order: 'plain' },
						store(0, reg(1)),
						store(1, reg(2)),
						ret,
					],
				},
				{
					parameters: 2,
					registers: 3,
					ops: [
						{ kind: 'store', address: reg(0), value: reg(1), order: 'plain' },
						add(2, 1, 1),
						{ kind: 'return', value: reg(2) },
					],
				},
			],
			entries: [0],
			cells: [0, 0],
		},
		{ finals: ['5 4'] },
	],
];

describe('machine', () => {
	test.each(cases)('%s', (_name, small, expected) => check(small, expected));
});
