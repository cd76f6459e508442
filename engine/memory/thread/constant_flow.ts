/**
 * What a program can do whatever memory holds: registers that have one value, and by it the arms of branches that no run
 * takes under this configuration (an IS_ENABLED() that is 0, a level that is folded). Conditional constant propagation over
 * all functions at once (Wegman and Zadeck, TOPLAS 13(2), 1991), a value per parameter and per result; what was passed
 * through unchanged equals itself (p4d_addr_end() of a folded level gives its second argument), and an arm knows what its
 * condition said.
 *
 * Leaves out: memory (what is loaded is anything; of frame memory it is known whether what is found there may be loaded again),
 * calling contexts, ranges.
 *
 * Invariant: an arm it calls impossible is one that no run from the root takes, in any world.
 */
import type { FunctionIndex, Op, OpIndex, RegisterIndex } from '../../program/op.js';
import { type Program, type ProgramFunction, successors } from '../../program/program.js';
import { type ArmBits, addArm, branchArm, ENTRY_ARM, noArms } from './arms.js';
import {
	ANYTHING,
	constantOf,
	frameOf,
	given,
	type Held,
	inFrame,
	joined,
	LOADED,
	operandHeld,
	resultFor,
	resultOf,
	settled,
	truthOf,
} from './constant_value.js';

/** What the flow is asked for. */
export interface Asked {
	/** Arguments of the root that are the same in all runs; null or absent: any. */
	readonly args?: readonly (number | null)[];
	/** Looked at every so often; once it is true all arms are taken for possible. */
	readonly cancelled?: () => boolean;
}

/** Arms that runs from the root may take, by function; functions that they cannot enter have none. */
export function possibleArms(
	program: Program,
	root: FunctionIndex,
	{ args = [], cancelled = () => false }: Asked = {},
): ReadonlyMap<FunctionIndex, ArmBits> {
	const flow = new Flow(program, cancelled);
	const { parameters } = program.functions[root] as ProgramFunction;
	// an entry that the root is given by value was read by whoever calls it
	const isEntry = (type: string): boolean => /^p(te|md|ud|4d|gd)_t$/.test(type);
	flow.enter(
		root,
		parameters.map(({ type }, i) => (isEntry(type) ? LOADED : settled(args[i] ?? null))),
	);
	return flow.settle() ? flow.arms : everyArm(program);
}

/** Nothing is known of any branch. */
function everyArm(program: Program): ReadonlyMap<FunctionIndex, ArmBits> {
	return new Map(
		program.functions.map(({ ops }, i) => [i as FunctionIndex, noArms(ops.length).fill(~0)]),
	);
}

/** Registers copied between two looks at the clock, some tens of milliseconds: what takes less is always worked out. */
const LOOK_EVERY = 2_000_000;

/** What is known of a function so far. */
interface Known {
	readonly fn: ProgramFunction;
	readonly parameters: Held[];
	/** Absent: it has not returned yet. */
	result?: Held;
	readonly callers: Set<FunctionIndex>;
}

interface Step {
	readonly index: FunctionIndex;
	readonly fn: ProgramFunction;
	readonly op: Op;
	readonly pc: OpIndex;
	readonly taken: ArmBits;
}

interface Next {
	readonly next: number;
	/** By register. */
	readonly held: Held[];
}

class Flow {
	readonly arms = new Map<FunctionIndex, ArmBits>();
	private readonly program: Program;
	private readonly known = new Map<FunctionIndex, Known>();
	private readonly todo = new Set<FunctionIndex>();

	/** Functions whose frame memory may hold what can be loaded again; null: it may be anybody's. */
	private readonly again = new Set<FunctionIndex | null>();
	private readonly cancelled: () => boolean;
	/** Registers copied since the last look. */
	private copied = 0;

	constructor(program: Program, cancelled: () => boolean) {
		this.program = program;
		this.cancelled = cancelled;
	}

	/** A call with these arguments is possible. */
	enter(index: FunctionIndex, args: readonly Held[]): Known {
		const known = this.known.get(index);
		if (known === undefined) {
			const fn = this.program.functions[index] as ProgramFunction;
			const parameters = fn.parameters.map((_, i) => passed(args[i]));
			const made: Known = { fn, parameters, callers: new Set() };
			this.known.set(index, made);
			this.todo.add(index);
			return made;
		}
		known.parameters.forEach((before, i) => {
			const now = joined(before, passed(args[i]));
			if (now === before) return;
			known.parameters[i] = now;
			this.todo.add(index);
		});
		return known;
	}

	/** False: it was given up. */
	settle(): boolean {
		for (const index of this.todo) {
			this.todo.delete(index);
			if (!this.run(index)) return false;
		}
		return true;
	}

	/**
	 * What registers hold is kept where jumps go; between, ops are run one after the other. The place that comes first in the
	 * text is next, so that ways which meet are joined before what is behind them is run once for all.
	 */
	private run(index: FunctionIndex): boolean {
		const { fn, parameters } = this.known.get(index) as Known;
		const at = new Map<number, Held[]>();
		at.set(
			0,
			Array.from({ length: fn.registers }, (_, r) => {
				const parameter = parameters[r];
				if (parameter === undefined) return ANYTHING;
				return parameter.value === null && !parameter.again ? given(r) : parameter;
			}),
		);
		const taken = noArms(fn.ops.length);
		addArm(taken, ENTRY_ARM);
		const todo = new Uint8Array(fn.ops.length);
		todo[0] = 1;
		for (let pc = 0; pc >= 0; pc = todo.indexOf(1, pc)) {
			todo[pc] = 0;
			let first = pc + 1;
			for (const { next, held } of this.block(
				{ index, fn, pc: pc as OpIndex, taken },
				at.get(pc) as Held[],
			)) {
				if (this.isOver(fn.registers)) return false;
				const before = at.get(next);
				const now = before === undefined ? held : join(before, held);
				if (now === before) continue;
				at.set(next, now);
				todo[next] = 1;
				first = Math.min(first, next);
			}
			pc = first;
		}
		this.arms.set(index, taken);
		return true;
	}

	private isOver(copied: number): boolean {
		this.copied += copied + 1;
		if (this.copied < LOOK_EVERY) return false;
		this.copied = 0;
		return this.cancelled();
	}

	/** Runs ops up to one that jumps, or up to where a jump goes; arrays of registers that it gives are nobody else's. */
	private block(from: Omit<Step, 'op'>, start: readonly Held[]): readonly Next[] {
		const { index, fn } = from;
		const isTarget = jumpTargetsOf(fn);
		const held = start.slice();
		for (let { pc } = from; ; pc = (pc + 1) as OpIndex) {
			const op = fn.ops[pc] as Op;
			if (endsBlock(op)) return this.leave({ ...from, pc, op }, held);
			if (op.kind === 'call') {
				if (!this.calls(index, op, held)) return [];
			} else if (op.kind === 'store') {
				if (operandHeld(op.value, held).again) this.mayLoadAgain(operandHeld(op.address, held));
			} else {
				const dst = destination(op);
				if (dst !== null) held[dst] = this.resultOf(op, index, held);
			}
			if (isTarget[pc + 1] === 1) return [{ next: pc + 1, held }];
		}
	}

	/** False: the callee has not returned yet. */
	private calls(index: FunctionIndex, op: Extract<Op, { kind: 'call' }>, held: Held[]): boolean {
		const args = op.arguments.map((x) => operandHeld(x, held));
		const callee = this.enter(op.callee, args);
		callee.callers.add(index);
		if (callee.result === undefined) return false;
		if (op.dst !== null) held[op.dst] = resultFor(callee.result, args);
		return true;
	}

	/** Where the last op of a block may go on, and what registers hold there. */
	private leave({ index, fn, op, pc, taken }: Step, held: Held[]): readonly Next[] {
		if (op.kind === 'branch') {
			const truth = truthOf(operandHeld(op.condition, held).value);
			return [true, false].flatMap((then): readonly Next[] => {
				if (truth !== null && truth !== then) return [];
				addArm(taken, branchArm(pc, then));
				const next = then ? op.then : op.otherwise;
				return [{ next, held: refined(fn, { pc, op, then }, held) }];
			});
		}
		if (op.kind === 'return') {
			this.returns(index, op.value === null ? settled(0) : operandHeld(op.value, held));
			return [];
		}
		return op.kind === 'jump' ? [{ next: op.target, held }] : [];
	}

	private resultOf(op: Op, index: FunctionIndex, held: readonly Held[]): Held {
		if (op.kind === 'frame-address') return inFrame(index);
		const frame = op.kind === 'load' ? frameOf(operandHeld(op.address, held)) : null;
		if (frame === null) return resultOf(op, held);
		const isAgain = this.again.has(null) || this.again.has(frame as FunctionIndex);
		return isAgain ? LOADED : ANYTHING;
	}

	/** A value that can be loaded again is stored there: whoever reads it there may have it again. */
	private mayLoadAgain(address: Held): void {
		const frame = frameOf(address) as FunctionIndex | null;
		if (this.again.has(frame)) return;
		this.again.add(frame);
		for (const index of this.known.keys()) this.todo.add(index);
	}

	private returns(index: FunctionIndex, held: Held): void {
		const known = this.known.get(index) as Known;
		const result = known.result === undefined ? held : joined(known.result, held);
		if (known.result === result) return;
		known.result = result;
		for (const caller of known.callers) this.todo.add(caller);
	}
}

/** What is known of an argument whoever calls: parameters of the caller mean nothing to the callee. */
function passed(held: Held | undefined): Held {
	if (held === undefined) return ANYTHING;
	const value = truthOf(held.value) === true ? held.value : constantOf(held.value);
	return { value, again: held.again };
}

/** The same array when nothing is lost. */
function join(before: Held[], now: readonly Held[]): Held[] {
	let both: Held[] | null = null;
	for (let r = 0; r < before.length; r++) {
		const one = before[r] as Held;
		const other = now[r] ?? ANYTHING;
		const held = one === other ? one : joined(one, other);
		if (held === one) continue;
		both ??= before.slice();
		both[r] = held;
	}
	return both ?? before;
}

function destination(op: Op): RegisterIndex | null {
	return 'dst' in op ? op.dst : null;
}

/** Ops before a branch that are looked at for what its condition was made of. */
const MADE_OF_MAX = 6;

/** What is known on one arm of a branch: the condition itself, and what it was copied from just before. */
function refined(
	fn: ProgramFunction,
	{ pc, op, then }: { pc: OpIndex; op: Extract<Op, { kind: 'branch' }>; then: boolean },
	held: readonly Held[],
): Held[] {
	const known = held.slice();
	if (op.condition.kind === 'constant') return known;
	let { register } = op.condition;
	let truth = then;
	const targets = jumpTargetsOf(fn);
	learn(known, register, truth);
	for (let at = pc - 1; at >= Math.max(0, pc - MADE_OF_MAX); at--) {
		const made = fn.ops[at] as Op;
		if (targets[at + 1] === 1 || endsBlock(made)) break;
		if (destination(made) !== register) continue;
		const from = copiedFrom(made);
		if (from === null || isWrittenBetween(fn, from, { from: at, to: pc })) break;
		if (made.kind === 'unary') truth = !truth;
		register = from;
		learn(known, register, truth);
	}
	return known;
}

function learn(held: Held[], register: RegisterIndex, truth: boolean): void {
	const before = held[register] ?? ANYTHING;
	// what may be loaded again may be something else then
	if (before.again || typeof before.value === 'number') return;
	if (!truth) held[register] = settled(0);
	else if (before.value === null) held[register] = settled('not 0');
}

/** The register that an op's result is true exactly with, or (`!`) exactly without. */
function copiedFrom(op: Op): RegisterIndex | null {
	if (op.kind === 'use') return op.from;
	if (op.kind === 'move') return op.from.kind === 'register' ? op.from.register : null;
	if (op.kind !== 'unary' || op.operator !== '!') return null;
	return op.operand.kind === 'register' ? op.operand.register : null;
}

function isWrittenBetween(
	fn: ProgramFunction,
	register: RegisterIndex,
	{ from, to }: { readonly from: number; readonly to: number },
): boolean {
	return fn.ops.slice(from + 1, to).some((op) => destination(op) === register);
}

/** Whether what comes next is not simply the op behind it. */
function endsBlock(op: Op): boolean {
	const { kind } = op;
	return kind === 'jump' || kind === 'branch' || kind === 'return' || kind === 'unsupported';
}

/** By op, 1: a jump goes there. */
function jumpTargetsOf(fn: ProgramFunction): Uint8Array {
	let targets = jumpTargets.get(fn);
	if (targets === undefined) {
		targets = new Uint8Array(fn.ops.length + 1);
		for (const op of fn.ops) {
			if (op.kind !== 'jump' && op.kind !== 'branch') continue;
			for (const next of successors(op, 0 as OpIndex)) targets[next] = 1;
		}
		jumpTargets.set(fn, targets);
	}
	return targets;
}

/** A memo only. */
const jumpTargets = new WeakMap<ProgramFunction, Uint8Array>();
