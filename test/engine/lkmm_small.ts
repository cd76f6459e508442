/**
 * Threads of a few statements over two cells, run as lowered programs under LKMM and under sc, and as litmus tests.
 */
import { expect } from 'vitest';
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
export const CELLS = 6;
export const [X, Y] = [0, 1];

export type Statement =
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
export function threadOf(statements: readonly Statement[], thread: number): SmallFunction {
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

export type Threads = readonly (readonly Statement[])[];

/** Whether the program last run had an execution that x86 does and no interleaving gives, and one that x86 does not. */
export const lastRun = { isWeakOnX86: false, isRefused: false };

/** What all cells may hold in the end under LKMM. */
export function underLkmm(threads: Threads): ReadonlySet<string> {
	lastRun.isWeakOnX86 = false;
	lastRun.isRefused = false;
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
				if (onX86) lastRun.isWeakOnX86 ||= !snapshot.isSequential;
				else lastRun.isRefused = true;
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
export function asLitmus(threads: Threads): ReadonlySet<string> {
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

export function underSc(threads: Threads): ReadonlySet<string> {
	const machine = smallMachine({
		functions: threads.map(threadOf),
		cells: new Array(CELLS).fill(0),
	});
	const { ends, end } = dfs(machine, { statesMax: 20_000 });
	expect(end).toBe('exhausted');
	return new Set(ends.map((e) => cellsOf(machine, e.state, CELLS)));
}

export const read = (from: number, order: 'once' | 'acquire' = 'once'): Statement => ({
	kind: 'read',
	from,
	order,
});
export const write = (to: number, order: 'once' | 'release' = 'once'): Statement => ({
	kind: 'write',
	to,
	value: 1,
	order,
});
export const fence = (kind: FenceKind): Statement => ({ kind: 'fence', fence: kind });
export const rmw = (at: number, order: RmwOrder, used: boolean): Statement => ({
	kind: 'rmw',
	at,
	operator: 'add',
	order,
	used,
});
