/**
 * Edits of lowered programs: what each does to a small function, and that edits that change nothing change no outcome of a
 * random program.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dfs } from '../../engine/explore/dfs.js';
import {
	type Edit,
	edited,
	endsFlow,
	inserted,
	type OpPlace,
} from '../../engine/program/edit/edit.js';
import type { Op, OpIndex } from '../../engine/program/op.js';
import { printOp } from '../../engine/program/printer.js';
import type { Program } from '../../engine/program/program.js';
import { problemsOf } from '../../engine/program/wellformed.js';
import { CELLS, randomWorld } from './random_program.js';
import {
	branch,
	cell,
	cellsOf,
	lit,
	reg,
	type SmallOp,
	type SmallWorld,
	smallMachine,
	smallProgram,
	U64,
} from './small_program.js';

const STATES_MAX = 4000;
const RUNS = 400;

const at = (op: number, fn = 0): OpPlace => ({ function: fn, op }) as unknown as OpPlace;
const range = (from: number, to: number) =>
	({ function: 0, from, to }) as unknown as Extract<Edit, { kind: 'move' }>['range'];
const index = (op: number): OpIndex => op as OpIndex;
const made = (...ops: readonly SmallOp[]): readonly Op[] =>
	ops.map((op) => ({ ...op, site: 0 }) as unknown as Op);

/** 0: load, 1: branch over 2, 2: store, 3: load, 4: jump back while it is 0, 5: return. */
const LOOP: readonly SmallOp[] = [
	{ kind: 'load', dst: 0, address: cell(0), order: 'once' },
	branch(reg(0), 3, 2),
	{ kind: 'store', address: cell(0), value: lit(1), order: 'once' },
	{ kind: 'load', dst: 1, address: cell(1), order: 'plain' },
	branch(reg(1), 5, 3),
	{ kind: 'return', value: reg(1) },
];

interface Case {
	readonly name: string;
	readonly edits: readonly Edit[];
	readonly ops: readonly string[];
}

const CELL0 = cell(0).value;
const CELL1 = cell(1).value;
const CASES: readonly Case[] = [
	{
		name: 'a replaced op keeps the jumps to it',
		edits: [
			{
				kind: 'replace',
				at: at(3),
				ops: made(
					{ kind: 'fence', fence: 'mb' },
					{ kind: 'load', dst: 1, address: cell(1), order: 'once' },
				),
			},
		],
		ops: [
			`r0 = load once [${CELL0}]`,
			'if r0 jump 3 else 2',
			`store once [${CELL0}] = 1`,
			'fence mb',
			`r1 = load once [${CELL1}]`,
			'if r1 jump 6 else 3',
			'return r1',
		],
	},
	{
		name: 'a dropped store is gone, a dropped load leaves a value',
		edits: [
			{ kind: 'drop', at: at(2) },
			{ kind: 'drop', at: at(3), value: lit(7) },
		],
		ops: [
			`r0 = load once [${CELL0}]`,
			'if r0 jump 2 else 2',
			'r1 = 7',
			'if r1 jump 4 else 2',
			'return r1',
		],
	},
	{
		name: 'a forced branch is a jump',
		edits: [
			{ kind: 'force', at: at(1), arm: 'otherwise' },
			{ kind: 'force', at: at(4), arm: 'then' },
		],
		ops: [
			`r0 = load once [${CELL0}]`,
			'jump 2',
			`store once [${CELL0}] = 1`,
			`r1 = load plain [${CELL1}]`,
			'jump 5',
			'return r1',
		],
	},
	{
		name: 'inserted ops may jump among themselves and to the ops given',
		edits: [
			{
				kind: 'insert',
				before: at(3),
				ops: made(
					branch(reg(5), inserted(2), 5),
					{ kind: 'fence', fence: 'mb' },
					{ kind: 'fence', fence: 'rmb' },
				),
			},
		],
		ops: [
			`r0 = load once [${CELL0}]`,
			'if r0 jump 3 else 2',
			`store once [${CELL0}] = 1`,
			'if r5 jump 5 else 8',
			'fence mb',
			'fence rmb',
			`r1 = load plain [${CELL1}]`,
			'if r1 jump 8 else 3',
			'return r1',
		],
	},
	{
		name: 'two neighbours change places, one is repeated',
		edits: [
			{ kind: 'swap', at: at(2) },
			{ kind: 'duplicate', at: at(0) },
		],
		ops: [
			`r0 = load once [${CELL0}]`,
			`r0 = load once [${CELL0}]`,
			'if r0 jump 4 else 3',
			`r1 = load plain [${CELL1}]`,
			`store once [${CELL0}] = 1`,
			'if r1 jump 6 else 4',
			'return r1',
		],
	},
	{
		name: 'a guarded store moves behind the loop, its branch with it',
		edits: [{ kind: 'move', range: range(1, 3), before: index(5) }],
		ops: [
			`r0 = load once [${CELL0}]`,
			`r1 = load plain [${CELL1}]`,
			'if r1 jump 3 else 1',
			'if r0 jump 5 else 4',
			`store once [${CELL0}] = 1`,
			'return r1',
		],
	},
	{
		name: 'a loop is run twice',
		edits: [{ kind: 'copy', range: range(3, 5), before: index(5) }],
		ops: [
			`r0 = load once [${CELL0}]`,
			'if r0 jump 3 else 2',
			`store once [${CELL0}] = 1`,
			`r1 = load plain [${CELL1}]`,
			'if r1 jump 5 else 3',
			`r1 = load plain [${CELL1}]`,
			'if r1 jump 7 else 5',
			'return r1',
		],
	},
	{
		name: 'a dropped range is passed by',
		edits: [{ kind: 'drop-range', range: range(1, 5) }],
		ops: [`r0 = load once [${CELL0}]`, 'return r1'],
	},
];

describe('edits', () => {
	test.each(CASES)('$name', ({ edits, ops }) => {
		const program = edited(smallProgram([{ registers: 6, ops: LOOP }, ...OTHERS]), edits);
		const [f] = program.functions;
		expect(f?.ops.map((op) => (f ? printOp(program, f, op) : ''))).toEqual(ops);
	});

	test('functions that are not edited are shared, and edits of two functions are independent', () => {
		const program = smallProgram([
			{ registers: 2, ops: LOOP },
			{ registers: 2, ops: LOOP },
			...OTHERS,
		]);
		const changed = edited(program, [
			{ kind: 'drop', at: at(2, 0) },
			{ kind: 'drop', at: at(2, 1) },
		]);
		expect(changed.functions[2]).toBe(program.functions[2]);
		expect(changed.functions[0]?.ops.length).toBe(LOOP.length - 1);
		expect(changed.functions[1]?.ops.length).toBe(LOOP.length - 1);
		expect(edited(program, [])).toBe(program);
	});

	test('a register that is new gets its place', () => {
		const program = edited(smallProgram([{ registers: 2, ops: LOOP }]), [
			{ kind: 'insert', before: at(0), ops: made({ kind: 'move', dst: 9, from: lit(1) }) },
		]);
		expect(program.functions[0]?.registers).toBe(10);
		expect(problemsOf(program)).toEqual([]);
	});

	test.each<readonly [string, Edit]>([
		['a return', { kind: 'drop', at: at(5) }],
		['a branch', { kind: 'drop', at: at(1) }],
		['a range with the return', { kind: 'drop-range', range: range(3, 6) }],
		['an op that is not there', { kind: 'drop', at: at(17) }],
	])('%s is not dropped', (_, edit) => {
		expect(() => edited(smallProgram([{ registers: 2, ops: LOOP }]), [edit])).toThrow('invariant');
	});
});

/** A function that no edit names. */
const OTHERS = [{ registers: 1, ops: [{ kind: 'return', value: null }] as const }];

/** How runs end and what they report, without numbers of states, which depend on the program. */
function outcome(world: SmallWorld, edit: (program: Program) => Program) {
	const machine = smallMachine(world, edit);
	const result = dfs(machine, { statesMax: STATES_MAX });
	return {
		end: result.end,
		violations: result.violations.map((v) => v.key).sort(),
		cuts: result.cuts.map((c) => JSON.stringify(c.incident)).sort(),
		ends: [
			...new Set(result.ends.map((e) => `${e.ending} ${cellsOf(machine, e.state, CELLS)}`)),
		].sort(),
	};
}

/** Edits that do nothing, around an op. `fresh` is a register nobody else uses. */
const NOTHING: Readonly<Record<string, (program: Program, place: OpPlace) => readonly Edit[]>> = {
	'replaced by itself': (program, place) => {
		const op = program.functions[place.function]?.ops[place.op] as Op;
		return [{ kind: 'replace', at: place, ops: [op] }];
	},
	'behind code that is jumped over': (_, place) => [
		{
			kind: 'insert',
			before: place,
			ops: made(
				{ kind: 'move', dst: FRESH, from: lit(1) },
				branch(reg(FRESH), inserted(4), inserted(2)),
				{ kind: 'store', address: cell(0), value: lit(2), order: 'once' },
				{ kind: 'jump', target: inserted(2) },
				{ kind: 'unary', dst: FRESH, operator: '-', operand: reg(FRESH), type: U64 },
			),
		},
	],
	'at the end of a range moved where it is': (program, place) => {
		const ops = program.functions[place.function]?.ops ?? [];
		const targets = [...ops.keys()].slice(0, place.op + 1);
		if (place.op === 0 || targets.some((target) => jumped(ops, target, place.op))) return [];
		const whole = { function: place.function, from: index(0), to: place.op };
		return [{ kind: 'move', range: whole, before: place.op }];
	},
	'behind a copy that is dropped': (program, place) => {
		const ops = program.functions[place.function]?.ops ?? [];
		const next = index(place.op + 1);
		if (endsFlow(ops[place.op] as Op) || jumped(ops, next, 0)) return [];
		const one = { function: place.function, from: place.op, to: next };
		return [
			{ kind: 'copy', range: one, before: next },
			{ kind: 'drop-range', range: one },
		];
	},
};
/** Some op from number `from` on jumps to `target`: what is put before it would run then, too. */
function jumped(ops: readonly Op[], target: number, from: number): boolean {
	return ops.some((op, i) => {
		if (i < from) return false;
		if (op.kind === 'jump') return op.target === target;
		return op.kind === 'branch' && [op.then, op.otherwise].includes(index(target));
	});
}

/** A register above those of random programs. */
const FRESH = 11;

describe('edits that change nothing', () => {
	test.each(Object.keys(NOTHING))('an op %s', (name) => {
		let compared = 0;
		fc.assert(
			fc.property(randomWorld, fc.nat(), fc.nat(), (world, someFunction, someOp) => {
				const program = smallProgram(world.functions);
				const fn = someFunction % program.functions.length;
				const place = at(someOp % (program.functions[fn]?.ops.length ?? 1), fn);
				const edits = NOTHING[name]?.(program, place) ?? [];
				const before = outcome(world, (p) => p);
				if (before.end !== 'exhausted' || edits.length === 0) return;
				const changed = edited(program, edits);
				// random programs read registers they never wrote; edits add none
				expect(problemsOf(changed).length).toBe(problemsOf(program).length);
				expect(outcome(world, () => changed)).toEqual(before);
				compared++;
			}),
			{ numRuns: RUNS },
		);
		expect(compared).toBeGreaterThan(RUNS / 4);
	});
});
