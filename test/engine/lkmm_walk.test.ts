/**
 * Lowered programs under LKMM: what well-known small programs may end with, and the laws: what sequential consistency
 * allows is allowed, a fence takes outcomes away only.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unreachable } from '../../engine/base/unreachable.js';
import { dfs } from '../../engine/explore/dfs.js';
import { Compatibility } from '../../engine/memory/lkmm/compatible.js';
import type {
	Expression,
	LitmusProgram,
	Statement as LitmusStatement,
	LocationIndex,
} from '../../engine/memory/lkmm/litmus_program.js';
import { DEFAULT_OPTIONS, outcomes } from '../../engine/memory/lkmm/outcomes.js';
import { executionsOf } from '../../engine/memory/lkmm/pair.js';
import { postDominators } from '../../engine/memory/lkmm/post_dominators.js';
import { programRuns } from '../../engine/memory/lkmm/program_runs.js';
import { isExcluded, openCycles, orderedRun } from '../../engine/memory/lkmm/robust.js';
import { isTotalStoreOrder } from '../../engine/memory/lkmm/tso.js';
import { evaluate, type SymbolicValue } from '../../engine/memory/lkmm/value.js';
import { link } from '../../engine/memory/thread/link.js';
import type { FenceKind, RmwOperator, RmwOrder } from '../../engine/program/op.js';
import {
	branch,
	cell,
	cellAddress,
	cellsOf,
	lit,
	reg,
	type SmallFunction,
	type SmallOp,
	smallMachine,
	smallProgram,
	U64,
} from './small_program.js';

/** x, y, and two results for each thread. */
const CELLS = 6;
const [X, Y] = [0, 1];

type Statement =
	| { readonly kind: 'read'; readonly from: number; readonly order: 'once' | 'acquire' }
	| {
			readonly kind: 'write';
			readonly to: number;
			readonly value: number;
			readonly order: 'once' | 'release';
	  }
	/** Writes what was read last, plus one. */
	| { readonly kind: 'copy'; readonly to: number }
	/** Writes only if what was read last is not 0. */
	| { readonly kind: 'write-if'; readonly to: number; readonly value: number }
	| {
			readonly kind: 'rmw';
			readonly at: number;
			readonly operator: RmwOperator;
			readonly order: RmwOrder;
			readonly used: boolean;
	  }
	| { readonly kind: 'fence'; readonly fence: FenceKind };

/** Statements as a thread; what it reads goes to its two result cells in turn, which no other thread touches. */
function threadOf(statements: readonly Statement[], thread: number): SmallFunction {
	const ops: SmallOp[] = [];
	let results = 0;
	const keep = (): void => {
		const at = cell(2 + thread * 2 + (results++ % 2));
		ops.push({ kind: 'store', address: at, value: reg(0), order: 'once' });
	};
	for (const s of statements) {
		switch (s.kind) {
			case 'read':
				ops.push({ kind: 'load', dst: 0, address: cell(s.from), order: s.order });
				keep();
				break;
			case 'write':
				ops.push({ kind: 'store', address: cell(s.to), value: lit(s.value), order: s.order });
				break;
			case 'copy':
				ops.push({ kind: 'binary', dst: 1, operator: '&', left: reg(0), right: lit(1), type: U64 });
				ops.push({ kind: 'binary', dst: 1, operator: '^', left: reg(1), right: lit(1), type: U64 });
				ops.push({ kind: 'store', address: cell(s.to), value: reg(1), order: 'once' });
				break;
			case 'write-if': {
				const at = ops.length;
				ops.push(branch(reg(0), at + 1, at + 2));
				ops.push({ kind: 'store', address: cell(s.to), value: lit(s.value), order: 'once' });
				break;
			}
			case 'rmw': {
				const isConditional = s.operator === 'cmpxchg' || s.operator === 'add-unless';
				ops.push({
					kind: 'rmw',
					dst: s.used ? 0 : null,
					address: cell(s.at),
					operator: s.operator,
					operand: lit(s.operator === 'and' ? 1 : 2),
					expected: isConditional ? lit(1) : null,
					order: s.order,
					returns: 'old',
				});
				if (s.used) keep();
				break;
			}
			case 'fence':
				ops.push({ kind: 'fence', fence: s.fence });
				break;
		}
	}
	ops.push({ kind: 'return', value: null });
	return { registers: 2, ops };
}

type Threads = readonly (readonly Statement[])[];

/** Whether the program last run had an execution that x86 does and no interleaving gives, and one that x86 does not. */
let isWeakOnX86 = false;
let isRefused = false;

/** What all cells may hold in the end under LKMM. */
function underLkmm(threads: Threads): ReadonlySet<string> {
	isWeakOnX86 = false;
	isRefused = false;
	const functions = threads.map(threadOf);
	const made = programRuns({
		linked: link(smallProgram(functions)),
		symbols: new Map(),
		initial: new Map(Array.from({ length: CELLS }, (_, i) => [cellAddress(i), 0])),
		operations: new Map(),
		threads: functions.map((_, i) => ({ name: `t${i}`, entry: i as never, arguments: [] })),
		loopMax: 4,
		callDepthMax: 4,
		liveness: () => null,
		runsMax: 500,
		cancelled: () => false,
	});
	expect(made.limit).toBe(null);
	const finals = new Set<string>();
	const options = { program: made.program, generation: '6.12', proceed: () => true } as const;
	const compatibility = new Compatibility(made.program);
	for (const a of made.runs[0] ?? []) {
		for (const b of made.runs[1] ?? []) {
			const both = [
				orderedRun(made.program, a.run, '6.12'),
				orderedRun(made.program, b.run, '6.12'),
			] as const;
			const isApart = !compatibility.meet(a.run, b.run) || isExcluded(made.program, both);
			const isRobust = openCycles(made.program, both, 1).length === 0;
			executionsOf([a.run, b.run], options, (snapshot) => {
				const onX86 = isTotalStoreOrder([a.run, b.run], snapshot);
				expect([isApart, isRobust && !snapshot.isSequential]).toEqual([false, false]);
				expect(onX86 || !snapshot.isSequential).toBe(true);
				if (onX86) isWeakOnX86 ||= !snapshot.isSequential;
				else isRefused = true;
				// A result cell holds what its event read: a value of this execution.
				const wordOf = (thread: number, value: SymbolicValue): number =>
					evaluate(value, (index) => snapshot.value(thread, index)) ?? -1;
				const words = Array.from({ length: CELLS }, (_, i) => {
					const at = cellAddress(i);
					const location = made.addresses.indexOf(at);
					if (location >= 0) return snapshot.final(location as LocationIndex) ?? 0;
					const own = a.memory.get(at);
					if (own !== undefined) return wordOf(0, own);
					const other = b.memory.get(at);
					return other === undefined ? 0 : wordOf(1, other);
				});
				finals.add(words.join(' '));
				return true;
			});
		}
	}
	return finals;
}

/** The same threads as a litmus program, run by the litmus engine: the same finals. */
function asLitmus(threads: Threads): ReadonlySet<string> {
	const site = { line: 1, column: 1 };
	const address = (index: number): Expression => ({
		kind: 'address',
		location: index as LocationIndex,
	});
	const last: Expression = { kind: 'register', name: 'r' };
	const number = (value: number): Expression => ({ kind: 'constant', value });
	const write = (
		to: number,
		value: Expression,
		order: 'once' | 'release' = 'once',
	): LitmusStatement => ({
		kind: 'store',
		order,
		address: address(to),
		value,
		site,
	});
	const bodyOf = (statements: readonly Statement[], thread: number): LitmusStatement => {
		let results = 0;
		const keep = (): LitmusStatement => write(2 + thread * 2 + (results++ % 2), last);
		const made = statements.flatMap((s): readonly LitmusStatement[] => {
			switch (s.kind) {
				case 'read': {
					const { from, order } = s;
					const value: Expression = { kind: 'load', order, address: address(from), site };
					return [{ kind: 'assign', register: 'r', value }, keep()];
				}
				case 'write':
					return [write(s.to, number(s.value), s.order)];
				case 'copy': {
					const and: Expression = { kind: 'binary', operator: '&', left: last, right: number(1) };
					return [write(s.to, { kind: 'binary', operator: '^', left: and, right: number(1) })];
				}
				case 'write-if': {
					const then = write(s.to, number(s.value));
					return [{ kind: 'if', condition: last, then, otherwise: null, escapes: false }];
				}
				case 'rmw': {
					const updates = {
						add: '+',
						and: '&',
						xchg: 'xchg',
						cmpxchg: 'xchg',
						'add-unless': '+',
					} as const;
					const operator = s.operator === 'cmpxchg' ? '==' : '!=';
					const isConditional = s.operator === 'cmpxchg' || s.operator === 'add-unless';
					const orders = { relaxed: s.used ? 'once' : 'noreturn', full: 'mb' } as const;
					const order = s.order === 'relaxed' || s.order === 'full' ? orders[s.order] : s.order;
					const value: Expression = {
						kind: 'rmw',
						update: updates[s.operator as keyof typeof updates],
						order,
						address: address(s.at),
						operand: number(s.operator === 'and' ? 1 : 2),
						returns: 'old',
						unless: isConditional ? { operator, value: number(1) } : null,
						site,
					};
					return s.used
						? [{ kind: 'assign', register: 'r', value }, keep()]
						: [{ kind: 'expression', expression: value }];
				}
				case 'fence':
					return [{ kind: 'fence', fence: s.fence, site }];
				default:
					return unreachable(s);
			}
		});
		return { kind: 'block', statements: made };
	};
	const program: LitmusProgram = {
		name: 'small',
		locations: Array.from({ length: CELLS }, (_, i) => ({ name: `c${i}`, initial: 0 })),
		threads: threads.map((t, i) => ({ name: `P${i}`, registers: new Map(), body: bodyOf(t, i) })),
		filter: null,
		quantifier: 'exists',
		condition: { kind: 'true' },
		observed: Array.from({ length: CELLS }, (_, i) => ({
			kind: 'location',
			location: i as LocationIndex,
		})),
	};
	return new Set(outcomes(program, DEFAULT_OPTIONS).states.map((state) => state.join(' ')));
}

function underSc(threads: Threads): ReadonlySet<string> {
	const machine = smallMachine({
		functions: threads.map(threadOf),
		cells: new Array(CELLS).fill(0),
	});
	const { ends, end } = dfs(machine, { statesMax: 20_000 });
	expect(end).toBe('exhausted');
	return new Set(ends.map((e) => cellsOf(machine, e.state, CELLS)));
}

const read = (from: number, order: 'once' | 'acquire' = 'once'): Statement => ({
	kind: 'read',
	from,
	order,
});
const write = (to: number, order: 'once' | 'release' = 'once'): Statement => ({
	kind: 'write',
	to,
	value: 1,
	order,
});
const fence = (kind: FenceKind): Statement => ({ kind: 'fence', fence: kind });
const rmw = (at: number, order: RmwOrder, used: boolean): Statement => ({
	kind: 'rmw',
	at,
	operator: 'add',
	order,
	used,
});

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
		expect([isWeakOnX86, isRefused]).toEqual(expected);
	});
});

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
