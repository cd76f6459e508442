/**
 * Proves an arm of a branch unreachable: its condition and the conditions before it are evaluated for every combination of the
 * entry bits that they test. Example: `pmd_leaf(pmd)` after neither pmd_trans_huge(pmd) nor pmd_devmap(pmd) held.
 *
 * Leaves out: conditions on more than one value, and on anything but bits of it.
 *
 * Invariant: an arm is called unreachable only where every combination was evaluated and none takes it.
 */
import { binary, convert, unary } from '../../memory/thread/word.js';
import { computedFrom } from '../../program/computed_from.js';
import type { Op, Operand, OpIndex, RegisterIndex } from '../../program/op.js';
import { type Program, type ProgramFunction, successors } from '../../program/program.js';
import type { Arm } from './arms.js';

const BITS_MAX = 11;
const DEPTH_MAX = 10;
const STEPS_MAX = 200;
/** A frame's number beside the bits. */
const FRAMES = [0, 0x8000];

/** True when no value of the one register that the condition asks about goes that way. */
export function isExcluded(program: Program, arm: Arm): boolean {
	const fn = program.functions[arm.function] as ProgramFunction;
	const op = fn.ops[arm.branch];
	if (op?.kind !== 'branch') return false;
	const value = askedValue(fn, op.condition);
	if (value === null) return false;
	const from = definedAt(program, fn, value);
	if (from === null) return false;
	const before = fn.ops.flatMap((other, i) => {
		if (other.kind !== 'branch' || i === arm.branch) return [];
		if (askedValue(fn, other.condition) !== value) return [];
		return [true, false]
			.filter((then) => !isReached(fn, { from, to: arm.branch, without: [i, then] }))
			.map((then) => ({ condition: other.condition, then }));
	});
	if (before.length === 0) return false;
	const conditions = [{ condition: op.condition, then: arm.then }, ...before];
	const ask = new Asking(program, fn, value);
	const bits = ask.bits(conditions.map((c) => c.condition));
	if (bits === null) return false;
	for (const word of wordsOf(bits)) {
		const fits = conditions.map(({ condition, then }) => {
			const result = ask.evaluate(condition, word);
			return result === null ? null : (result !== 0) === then;
		});
		if (fits.includes(null) || fits.every((fit) => fit === true)) return false;
	}
	return true;
}

function* wordsOf(bits: readonly number[]): Generator<number> {
	for (let set = 0; set < 2 ** bits.length; set++) {
		const word = bits.reduce((sum, bit, i) => sum + (Math.floor(set / 2 ** i) % 2) * bit, 0);
		for (const frame of FRAMES) yield word + frame;
	}
}

/** The one variable that a condition is made of; null: of none or several. */
function askedValue(fn: ProgramFunction, condition: Operand): RegisterIndex | null {
	const found = new Set<RegisterIndex>();
	const follow = (operand: Operand, depth: number): void => {
		if (operand.kind === 'constant') return;
		const made = definition(fn, operand.register);
		if (depth > DEPTH_MAX || made === null || fn.registerNames[operand.register] != null)
			found.add(operand.register);
		else for (const next of operandsOf(made)) follow(next, depth + 1);
	};
	follow(condition, 0);
	const [only] = found;
	return found.size === 1 && only !== undefined ? only : null;
}

/**
 * The op behind which the variable holds its one value; the entry for a parameter. Null: it has several, or may be loaded
 * again.
 */
function definedAt(
	program: Program,
	fn: ProgramFunction,
	value: RegisterIndex,
	depth = 0,
): number | null {
	const writes = fn.ops.flatMap((op, pc) => ('dst' in op && op.dst === value ? [pc] : []));
	if (value < fn.parameters.length) {
		if (writes.length > 0 || depth > 3) return null;
		const calls = program.functions.flatMap((caller) =>
			caller.ops.flatMap((op) =>
				op.kind === 'call' && program.functions[op.callee] === fn ? [{ caller, op }] : [],
			),
		);
		const isKept = calls.every(({ caller, op }) => {
			const given = op.arguments[value];
			if (given?.kind === 'constant') return true;
			const from = given === undefined ? null : askedValue(caller, given);
			return from !== null && definedAt(program, caller, from, depth + 1) !== null;
		});
		return calls.length > 0 && isKept ? 0 : null;
	}
	const [at, more] = writes;
	if (at === undefined || more !== undefined) return null;
	let made = fn.ops[at] as Op;
	if (made.kind === 'move' && made.from.kind === 'register')
		made = definition(fn, made.from.register) ?? made;
	const isOnce = made.kind === 'call' ? !loadsPlainly(program, made.callee) : isMarked(made);
	return isOnce ? at + 1 : null;
}

function isMarked(op: Op): boolean {
	return op.kind === 'load' && op.order !== 'plain';
}

function loadsPlainly(program: Program, index: number, depth = 0): boolean {
	const { ops = [] } = program.functions[index] ?? {};
	return (
		depth > 4 ||
		ops.some(
			(op) =>
				(op.kind === 'load' && op.order === 'plain') ||
				(op.kind === 'call' && loadsPlainly(program, op.callee, depth + 1)),
		)
	);
}

/** Whether control comes from an op to another without taking an arm, and without coming by the first again. */
function isReached(
	fn: ProgramFunction,
	{ from, to, without: [branch, then] }: { from: number; to: number; without: [number, boolean] },
): boolean {
	const seen = new Set<number>();
	const todo = [from];
	for (let pc = todo.pop(); pc !== undefined; pc = todo.pop()) {
		if (pc === to) return true;
		if (seen.has(pc) || (pc === from - 1 && from > 0)) continue;
		seen.add(pc);
		const op = fn.ops[pc] as Op;
		if (op.kind === 'branch' && pc === branch) todo.push(then ? op.otherwise : op.then);
		else todo.push(...successors(op, pc as OpIndex));
	}
	return false;
}

class Asking {
	private readonly program: Program;
	private readonly fn: ProgramFunction;
	private readonly value: RegisterIndex;

	constructor(program: Program, fn: ProgramFunction, value: RegisterIndex) {
		this.program = program;
		this.fn = fn;
		this.value = value;
	}

	/** Bits that conditions ask about; null: too many, or something else than bits. */
	bits(conditions: readonly Operand[]): readonly number[] | null {
		const bits = new Set<number>();
		const isKnown = conditions.every((condition) => this.collect(condition, bits, 0));
		return isKnown && bits.size <= BITS_MAX ? [...bits] : null;
	}

	/** What a condition is for a value; null: it cannot be said. */
	evaluate(operand: Operand, word: number): number | null {
		if (operand.kind === 'constant') return operand.value;
		if (operand.register === this.value) return word;
		const made = definition(this.fn, operand.register);
		if (made === null) return null;
		if (made.kind === 'call') {
			const args = made.arguments.map((a) => this.evaluate(a, word));
			return args.includes(null) ? null : this.run(made.callee, args as number[], 0);
		}
		return compute(made, (inner) => this.evaluate(inner, word));
	}

	private collect(operand: Operand, bits: Set<number>, depth: number): boolean {
		if (operand.kind === 'constant' || operand.register === this.value) return true;
		const made = definition(this.fn, operand.register);
		if (made === null || depth > DEPTH_MAX || !this.note(made, bits, 0)) return false;
		return operandsOf(made).every((next) => this.collect(next, bits, depth + 1));
	}

	/** Bits of an op's constants; false where it asks for more than bits. */
	private note(op: Op, bits: Set<number>, depth: number): boolean {
		if (op.kind === 'call') {
			const callee = this.program.functions[op.callee];
			return (
				depth < 4 && callee !== undefined && callee.ops.every((o) => this.note(o, bits, depth + 1))
			);
		}
		if (op.kind === 'binary') {
			if (!/^(?:[&|]|[=!]=)$/.test(op.operator)) return false;
			for (const operand of [op.left, op.right]) {
				if (operand.kind !== 'constant') continue;
				if (operand.value < 0 || operand.value > 0xfff) return false;
				for (let bit = 1; bit <= operand.value; bit *= 2)
					if (Math.floor(operand.value / bit) % 2 === 1) bits.add(bit);
			}
			return true;
		}
		return QUIET.includes(op.kind);
	}

	private run(index: number, args: readonly number[], depth: number): number | null {
		const fn = this.program.functions[index];
		if (fn === undefined || depth > 4) return null;
		const registers: (number | null)[] = Array.from(
			{ length: fn.registers },
			(_, r) => args[r] ?? null,
		);
		const of = (operand: Operand): number | null =>
			operand.kind === 'constant' ? operand.value : (registers[operand.register] ?? null);
		let pc = 0;
		for (let steps = 0; steps < STEPS_MAX; steps++) {
			const op = fn.ops[pc] as Op;
			if (op.kind === 'return') return op.value === null ? 0 : of(op.value);
			if (op.kind === 'jump') pc = op.target;
			else if (op.kind === 'branch') {
				const condition = of(op.condition);
				if (condition === null) return null;
				pc = condition !== 0 ? op.then : op.otherwise;
			} else {
				const given = op.kind === 'call' ? op.arguments.map(of) : [];
				const result =
					op.kind === 'call'
						? given.includes(null)
							? null
							: this.run(op.callee, given as number[], depth + 1)
						: compute(op, of);
				if (result === null || !('dst' in op) || op.dst === null) return null;
				registers[op.dst] = result;
				pc++;
			}
		}
		return null;
	}
}

const QUIET: readonly Op['kind'][] = [
	'move',
	'use',
	'unary',
	'convert',
	'jump',
	'branch',
	'return',
];

function compute(op: Op, of: (operand: Operand) => number | null): number | null {
	const [left = null, right = null] = operandsOf(op).map(of);
	if (left === null) return null;
	switch (op.kind) {
		case 'move':
		case 'use':
			return left;
		case 'unary':
			return unary(op.operator, left, op.type);
		case 'convert':
			return convert(left, op.type);
		case 'binary':
			return right === null ? null : binary(op.operator, left, right, op.type);
		default:
			return null;
	}
}

function operandsOf(op: Op): readonly Operand[] {
	return op.kind === 'call' ? op.arguments : computedFrom(op);
}

/** The one op that writes the register. */
function definition(fn: ProgramFunction, register: RegisterIndex): Op | null {
	const made = fn.ops.filter((op) => 'dst' in op && op.dst === register);
	return made.length === 1 ? (made[0] ?? null) : null;
}
