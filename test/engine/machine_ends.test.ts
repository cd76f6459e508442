/**
 * How runs of the machine end: blocked, refused, waiting, at a bound, in a deadlock.
 */
import { describe, test } from 'vitest';
import type { Intrinsic } from '../../engine/memory/thread/event.js';
import { add, type Case, check, load, ret, store } from './machine_case.js';
import { branch, cell, lit, reg, U64 } from './small_program.js';

const GRACE = new Map<string, Intrinsic<string>>([
	[
		'begin',
		(_args, view) => {
			view.waitBegin(['rcu']);
			return 0;
		},
	],
	['end', (_args, view) => (view.waitOver() ? 0 : 'blocked')],
]);

const cases: readonly Case[] = [
	[
		'choices are all taken, a failed assumption is no execution',
		{
			functions: [
				{
					registers: 2,
					ops: [
						{ kind: 'choose', dst: 0, alternatives: 3 },
						{ kind: 'assume', condition: reg(0) },
						store(0, reg(0)),
						ret,
					],
				},
			],
			cells: [0],
		},
		{ finals: ['1', '2'] },
	],
	[
		'a lock by assumption excludes, and is released',
		{
			functions: [0, 1].map(() => ({
				registers: 3,
				ops: [
					{
						kind: 'rmw',
						dst: 0,
						address: cell(1),
						operator: 'cmpxchg',
						operand: lit(1),
						expected: lit(0),
						order: 'acquire',
						returns: 'success',
					},
					{ kind: 'assume', condition: reg(0) },
					load(1, 0),
					add(2, 1, 1),
					store(0, reg(2)),
					store(1, lit(0)),
					ret,
				] as const,
			})),
			cells: [0, 0],
		},
		{ finals: ['2 0'] },
	],
	[
		'an endless loop that changes its thread meets the bound',
		{
			functions: [
				{
					registers: 2,
					ops: [load(0, 0), add(1, 1, 1), store(0, reg(1)), { kind: 'jump', target: 0 }],
				},
			],
			cells: [0],
		},
		{ finals: [], endings: ['cut'], cuts: ['loop'] },
	],
	[
		'waiting by reading again and again is one state, not a bound',
		{
			functions: [
				{
					registers: 2,
					ops: [
						load(0, 0),
						{ kind: 'binary', dst: 1, operator: '==', left: reg(0), right: lit(0), type: U64 },
						branch(reg(1), 0, 3),
						store(1, reg(0)),
						ret,
					],
				},
				{ registers: 0, ops: [store(2, lit(1)), store(2, lit(2)), store(0, lit(7)), ret] },
			],
			cells: [0, 0, 0],
			loopMax: 1,
		},
		{ finals: ['7 7 2'] },
	],
	[
		'waiting inside a callee too',
		{
			functions: [
				{
					registers: 2,
					ops: [
						{ kind: 'call', dst: 0, callee: 2, arguments: [] },
						branch(reg(0), 2, 0),
						store(1, reg(0)),
						ret,
					],
				},
				{ registers: 0, ops: [store(0, lit(7)), ret] },
				{ registers: 2, ops: [load(0, 0), load(1, 0), { kind: 'return', value: reg(1) }] },
			],
			entries: [0, 1],
			cells: [0, 0],
			loopMax: 1,
		},
		{ finals: ['7 7'] },
	],
	[
		'two threads that wait for each other for ever end in no state',
		{
			functions: [
				{ registers: 1, ops: [load(0, 1), branch(reg(0), 2, 0), store(0, lit(1)), ret] },
				{ registers: 1, ops: [load(0, 0), branch(reg(0), 2, 0), store(1, lit(1)), ret] },
			],
			cells: [0, 0],
		},
		{ finals: [], endings: [] },
	],
	[
		'unsupported code ends the thread, not the others',
		{
			functions: [
				{ registers: 0, ops: [{ kind: 'unsupported', reason: 'asm' }] },
				{ registers: 0, ops: [store(0, lit(1)), ret] },
			],
			cells: [0],
			onEvent: (event, view) => {
				if (event.kind === 'store') view.report('stored');
			},
		},
		{ finals: [], violations: ['stored'], endings: ['cut'], cuts: ['unsupported'] },
	],
	[
		'a grace period ends when the reader leaves, not when its thread ends',
		{
			functions: [
				{
					registers: 2,
					ops: [
						{ kind: 'section', dst: null, section: 'rcu', delta: 1 },
						{ kind: 'section', dst: null, section: 'rcu', delta: 1 },
						load(0, 0),
						{ kind: 'section', dst: null, section: 'rcu', delta: -1 },
						{ kind: 'section', dst: null, section: 'rcu', delta: -1 },
						load(1, 1),
						{ kind: 'assume', condition: reg(1) },
						ret,
					],
				},
				{
					registers: 0,
					ops: [
						{ kind: 'intrinsic', dst: null, name: 'begin', arguments: [] },
						{ kind: 'intrinsic', dst: null, name: 'end', arguments: [] },
						store(1, lit(1)),
						ret,
					],
				},
			],
			cells: [0, 0],
			intrinsics: GRACE,
		},
		{ finals: ['0 1'] },
	],
	[
		'an operation the world does not have is unsupported',
		{
			functions: [
				{
					registers: 0,
					ops: [{ kind: 'intrinsic', dst: null, name: 'levitate', arguments: [] }, ret],
				},
			],
			cells: [0],
		},
		{ finals: [], endings: ['cut'], cuts: ['unsupported'] },
	],
	[
		'two locks taken crosswise deadlock when blocking is not an assumption',
		{
			functions: [[0, 1] as const, [1, 0] as const].map(([first, second]) => ({
				registers: 0,
				ops: [
					{ kind: 'intrinsic', dst: null, name: 'lock', arguments: [cell(first)] },
					{ kind: 'intrinsic', dst: null, name: 'lock', arguments: [cell(second)] },
					store(first, lit(0)),
					store(second, lit(0)),
					ret,
				] as const,
			})),
			cells: [0, 0],
			intrinsics: new Map<string, Intrinsic<string>>([
				[
					'lock',
					([address = 0], view) => {
						if (view.read(address) !== 0) return 'blocked';
						view.write(address, 1);
						return 0;
					},
				],
			]),
		},
		{ finals: ['0 0'], endings: ['deadlock', 'finished'] },
	],
	[
		'unbounded recursion meets the bound',
		{
			functions: [
				{ registers: 0, ops: [{ kind: 'call', dst: null, callee: 0, arguments: [] }, ret] },
			],
			cells: [0],
		},
		{ finals: [], endings: ['cut'], cuts: ['call-depth'] },
	],
	[
		'a product that 53 bits cannot hold meets the bound',
		{
			functions: [
				{
					registers: 1,
					ops: [
						load(0, 0),
						{
							kind: 'binary',
							dst: 0,
							operator: '*',
							left: reg(0),
							right: reg(0),
							type: U64,
						},
						store(0, reg(0)),
						ret,
					],
				},
			],
			cells: [2 ** 31 + 1],
		},
		{ finals: [], endings: ['cut'], cuts: ['wide-value'] },
	],
	[
		'nested loops count their rounds apart',
		{
			functions: [
				{
					registers: 3,
					ops: [
						{ kind: 'move', dst: 0, from: lit(3) },
						{ kind: 'move', dst: 1, from: lit(3) },
						load(2, 0),
						add(2, 2, 1),
						store(0, reg(2)),
						add(1, 1, -1),
						branch(reg(1), 2, 7),
						add(0, 0, -1),
						branch(reg(0), 1, 9),
						ret,
					],
				},
			],
			cells: [0],
			loopMax: 2,
		},
		{ finals: ['9'] },
	],
	[
		'a grace period waits for readers that were inside, not for later ones',
		{
			functions: [
				{
					registers: 3,
					ops: [
						{ kind: 'section', dst: null, section: 'rcu', delta: 1 },
						load(0, 0),
						load(1, 1),
						{ kind: 'section', dst: null, section: 'rcu', delta: -1 },
						load(2, 1),
						store(2, reg(0)),
						store(3, reg(1)),
						store(4, reg(2)),
						ret,
					],
				},
				{
					registers: 0,
					ops: [
						store(0, lit(1)),
						{ kind: 'intrinsic', dst: null, name: 'begin', arguments: [] },
						{ kind: 'intrinsic', dst: null, name: 'end', arguments: [] },
						store(1, lit(1)),
						ret,
					],
				},
			],
			cells: [0, 0, 0, 0, 0],
			intrinsics: GRACE,
		},
		// Never 0 then 1: what was unlinked before is not reclaimed while the reader may see it.
		{ finals: ['1 1 0 0 0', '1 1 0 0 1', '1 1 1 0 0', '1 1 1 0 1', '1 1 1 1 1'] },
	],
];

describe('ends of runs', () => {
	test.each(cases)('%s', (_name, small, expected) => check(small, expected));
});
