/**
 * Random small concurrent programs for the laws of the search: loads, plain loads with uses, stores, read-modify-writes,
 * data-dependent addresses, branches, loops, choices, locks, sections with grace periods, and a monitor with ghosts.
 */
import fc from 'fast-check';
import type { Intrinsic, MachineEvent, View } from '../../engine/memory/thread/event.js';
import type { BinaryOperator, RmwOperator } from '../../engine/program/op.js';
import {
	branch,
	cell,
	cellAddress,
	lit,
	reg,
	type SmallFunction,
	type SmallOp,
	type SmallWorld,
	U64,
} from './small_program.js';

/** Shared cells of a random program; the last two are ghosts of its monitor. */
export const CELLS = 6;
const DATA_CELLS = 4;
const REGISTERS = 4;
/** Scratch register of compound statements. */
const SCRATCH = REGISTERS;

type Statement =
	| { readonly kind: 'load'; readonly dst: number; readonly cell: number; readonly plain: boolean }
	| { readonly kind: 'use'; readonly dst: number; readonly from: number }
	| { readonly kind: 'store'; readonly cell: number; readonly value: number }
	| { readonly kind: 'publish'; readonly cell: number; readonly from: number }
	| { readonly kind: 'scatter'; readonly index: number; readonly value: number }
	| {
			readonly kind: 'rmw';
			readonly dst: number;
			readonly cell: number;
			readonly operator: RmwOperator;
			readonly operand: number;
	  }
	| {
			readonly kind: 'skip';
			readonly unless: number;
			readonly equals: number;
			readonly count: number;
	  }
	| { readonly kind: 'spin'; readonly cell: number; readonly until: number }
	| { readonly kind: 'choose'; readonly dst: number }
	| { readonly kind: 'assume'; readonly register: number }
	/** Calls the reader: loads cell `cell` plainly through a pointer, uses it, and returns it. */
	| {
			readonly kind: 'ask';
			readonly dst: number;
			readonly cell: number;
			readonly from: number;
	  }
	/** Passes a pointer to a local to the bumper, which adds to it what it loads. */
	| { readonly kind: 'bump'; readonly dst: number; readonly from: number }
	| { readonly kind: 'lock' | 'unlock' | 'enter' | 'leave' | 'grace' | 'barrier' }
	| { readonly kind: 'bug'; readonly register: number; readonly equals: number };

const register = fc.nat({ max: REGISTERS - 1 });
const dataCell = fc.nat({ max: DATA_CELLS - 1 });
const value = fc.nat({ max: 2 });

const statement: fc.Arbitrary<Statement> = fc.oneof(
	{
		weight: 5,
		arbitrary: fc.record({
			kind: fc.constant('load'),
			dst: register,
			cell: dataCell,
			plain: fc.boolean(),
		}),
	},
	{ weight: 3, arbitrary: fc.record({ kind: fc.constant('use'), dst: register, from: register }) },
	{ weight: 4, arbitrary: fc.record({ kind: fc.constant('store'), cell: dataCell, value }) },
	{
		weight: 3,
		arbitrary: fc.record({ kind: fc.constant('publish'), cell: dataCell, from: register }),
	},
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('scatter'), index: register, value }) },
	{
		weight: 3,
		arbitrary: fc.record({
			kind: fc.constant('rmw'),
			dst: register,
			cell: dataCell,
			operator: fc.constantFrom<RmwOperator>('add', 'xchg', 'cmpxchg', 'add-unless'),
			operand: value,
		}),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			kind: fc.constant('skip'),
			unless: register,
			equals: value,
			count: fc.integer({ min: 1, max: 3 }),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('spin'), cell: dataCell, until: value }) },
	{
		weight: 2,
		arbitrary: fc.record({
			kind: fc.constant('ask'),
			dst: register,
			cell: dataCell,
			from: register,
		}),
	},
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant('bump'), dst: register, from: register }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('choose'), dst: register }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('assume'), register }) },
	{
		weight: 3,
		arbitrary: fc.record({
			kind: fc.constantFrom('lock', 'unlock', 'enter', 'leave', 'grace', 'barrier'),
		}),
	},
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant('bug'), register, equals: value }) },
) as fc.Arbitrary<Statement>;

/** Worlds of two or three threads over `CELLS` cells. */
export const randomWorld: fc.Arbitrary<SmallWorld> = worlds(statement);
/** The same without loops and without a monitor. */
export const plainWorld: fc.Arbitrary<SmallWorld> = worlds(
	statement.filter((s) => s.kind !== 'spin'),
).map((world) => ({ ...world, onEvent: () => {} }));

function worlds(of: fc.Arbitrary<Statement>): fc.Arbitrary<SmallWorld> {
	return fc
		.oneof(
			fc.array(fc.array(of, { minLength: 1, maxLength: 7 }), { minLength: 2, maxLength: 2 }),
			fc.array(fc.array(of, { minLength: 1, maxLength: 4 }), { minLength: 3, maxLength: 3 }),
		)
		.map((threads) => ({
			functions: [...threads.map((t) => compile(t, threads.length)), READER, BUMPER],
			entries: threads.map((_, i) => i),
			cells: new Array<number>(CELLS).fill(0),
			loopMax: 2,
			onEvent,
			intrinsics: INTRINSICS,
		}));
}

const INTRINSICS = new Map<string, Intrinsic<string>>([
	[
		'begin',
		(_args, view) => {
			view.waitBegin(['rcu', 'irq']);
			return 0;
		},
	],
	['end', (_args, view) => (view.waitOver() ? 0 : 'blocked')],
]);

/** `v = *p; *cell(1) = v + n (v used); return v` with a plain load: the caller may load again what it gets. */
const READER: SmallFunction = {
	parameters: 2,
	registers: 5,
	ops: [
		{ kind: 'load', dst: 2, address: reg(0), order: 'plain' },
		{ kind: 'use', dst: 3, from: 2 },
		{ kind: 'binary', dst: 4, operator: '+', left: reg(3), right: reg(1), type: U64 },
		{ kind: 'store', address: cell(1), value: reg(4), order: 'once' },
		{ kind: 'return', value: reg(2) },
	],
};

/** `*local += *cell(2)`, with a local of its own in between. */
const BUMPER: SmallFunction = {
	parameters: 1,
	registers: 5,
	slots: 2,
	ops: [
		{ kind: 'load', dst: 1, address: cell(2), order: 'once' },
		{ kind: 'frame-address', dst: 2, slot: 1 },
		{ kind: 'store', address: reg(2), value: reg(1), order: 'plain' },
		{ kind: 'load', dst: 1, address: reg(0), order: 'plain' },
		{ kind: 'load', dst: 3, address: reg(2), order: 'plain' },
		{ kind: 'binary', dst: 3, operator: '+', left: reg(1), right: reg(3), type: U64 },
		{ kind: 'store', address: reg(0), value: reg(3), order: 'plain' },
		{ kind: 'return', value: null },
	],
};

/** Ghosts that are touched depending on values, and violations that depend on ghosts and on other threads' sections. */
function onEvent(event: MachineEvent, view: View<string>): void {
	const [first, second] = [cellAddress(DATA_CELLS), cellAddress(DATA_CELLS + 1)];
	switch (event.kind) {
		case 'store':
			if (event.address === cellAddress(0) && event.value === 1) view.write(first, 1);
			if (event.address === cellAddress(1) && view.read(first) === 1) view.write(second, 2);
			return;
		case 'load':
			if (event.address === cellAddress(1) && event.value === 2 && view.read(second) === 2) {
				view.report(`ghost seen by ${view.thread}`);
			}
			return;
		case 'section':
			if (event.delta === 1 && view.section((view.thread + 1) % view.threads, 'rcu') > 0) {
				view.report(`sections of ${view.thread} and the next`);
			}
			return;
		case 'end':
			if (view.section(view.thread, 'rcu') > 0) view.report(`unbalanced ${view.thread}`);
			return;
		case 'bug':
		case 'fault':
			view.report(`${event.kind} at ${event.site}`);
			return;
		default:
			return;
	}
}

function compile(statements: readonly Statement[], threads: number): SmallFunction {
	const ops: SmallOp[] = [];
	// A skip jumps behind the statements after it: targets are patched once those have been compiled.
	const skips: { readonly at: number; readonly behind: number }[] = [];
	const starts: number[] = [];
	statements.forEach((s, i) => {
		starts.push(ops.length);
		if (s.kind === 'skip') skips.push({ at: ops.length + 1, behind: i + 1 + s.count });
		ops.push(...lowered(s, ops.length, threads));
	});
	starts.push(ops.length);
	for (const { at, behind } of skips) {
		const otherwise = starts[Math.min(behind, statements.length)] ?? ops.length;
		ops[at] = branch(reg(SCRATCH), at + 1, otherwise);
	}
	ops.push({ kind: 'return', value: null });
	return { registers: REGISTERS + 1, slots: 1, ops };
}

function binary(dst: number, operator: BinaryOperator, left: number, right: number): SmallOp {
	return { kind: 'binary', dst, operator, left: reg(left), right: lit(right), type: U64 };
}

function lowered(s: Statement, at: number, threads: number): readonly SmallOp[] {
	switch (s.kind) {
		case 'ask':
			return [
				{ kind: 'call', dst: s.dst, callee: threads, arguments: [cell(s.cell), reg(s.from)] },
			];
		case 'bump':
			return [
				{ kind: 'frame-address', dst: SCRATCH, slot: 0 },
				{ kind: 'store', address: reg(SCRATCH), value: reg(s.from), order: 'plain' },
				{ kind: 'call', dst: null, callee: threads + 1, arguments: [reg(SCRATCH)] },
				{ kind: 'load', dst: s.dst, address: reg(SCRATCH), order: 'plain' },
			];
		case 'load':
			return [
				{ kind: 'load', dst: s.dst, address: cell(s.cell), order: s.plain ? 'plain' : 'once' },
			];
		case 'use':
			return [{ kind: 'use', dst: s.dst, from: s.from }];
		case 'store':
			return [{ kind: 'store', address: cell(s.cell), value: lit(s.value), order: 'once' }];
		case 'publish':
			return [{ kind: 'store', address: cell(s.cell), value: reg(s.from), order: 'release' }];
		case 'scatter':
			return [
				binary(SCRATCH, '&', s.index, 3),
				binary(SCRATCH, '*', SCRATCH, 0x10000),
				binary(SCRATCH, '+', SCRATCH, cellAddress(0)),
				{ kind: 'store', address: reg(SCRATCH), value: lit(s.value), order: 'plain' },
			];
		case 'rmw':
			return [
				{
					kind: 'rmw',
					dst: s.dst,
					address: cell(s.cell),
					operator: s.operator,
					operand: lit(s.operand),
					expected: lit(0),
					order: 'full',
					returns: 'old',
				},
			];
		case 'skip':
			return [binary(SCRATCH, '==', s.unless, s.equals), branch(reg(SCRATCH), at + 2, 0)];
		case 'spin':
			return [
				{ kind: 'load', dst: SCRATCH, address: cell(s.cell), order: 'once' },
				binary(SCRATCH, '==', SCRATCH, s.until),
				branch(reg(SCRATCH), at + 3, at),
			];
		case 'choose':
			return [{ kind: 'choose', dst: s.dst, alternatives: 2 }];
		case 'assume':
			return [{ kind: 'assume', condition: reg(s.register) }];
		case 'lock':
			return [
				{
					kind: 'rmw',
					dst: SCRATCH,
					address: cell(3),
					operator: 'cmpxchg',
					operand: lit(1),
					expected: lit(0),
					order: 'acquire',
					returns: 'success',
				},
				{ kind: 'assume', condition: reg(SCRATCH) },
			];
		case 'unlock':
			return [{ kind: 'store', address: cell(3), value: lit(0), order: 'release' }];
		case 'enter':
			return [{ kind: 'section', dst: null, section: 'rcu', delta: 1 }];
		case 'leave':
			return [{ kind: 'section', dst: null, section: 'rcu', delta: -1 }];
		case 'grace':
			return [
				{ kind: 'intrinsic', dst: null, name: 'begin', arguments: [] },
				{ kind: 'intrinsic', dst: null, name: 'end', arguments: [] },
			];
		case 'barrier':
			return [{ kind: 'fence', fence: 'barrier' }];
		case 'bug':
			return [
				binary(SCRATCH, '==', s.register, s.equals),
				branch(reg(SCRATCH), at + 2, at + 3),
				{ kind: 'bug', severity: 'warn', what: 'random' },
			];
	}
}
