/**
 * Operators that break a walk at one op: a branch decided, a call or a store dropped or doubled, a flag, a count or a comparison
 * changed, a value read again instead of reused, a marked read made plain, a barrier dropped.
 */
import { mapRegisters } from '../../../engine/program/builder.js';
import type { Edit } from '../../../engine/program/edit/edit.js';
import type { BinaryOperator, Op, Operand, RegisterIndex } from '../../../engine/program/op.js';
import { reachable } from '../../../engine/program/reach.js';
import { type Change, placeOf, type Subject } from './mutant.js';

/** Every change of one op of a function. */
export function opChanges(subject: Subject): readonly Change[] {
	return subject.fn.ops.flatMap((op, at) => [
		...decided(subject, op, at),
		...dropped(subject, op, at),
		...doubled(subject, op, at),
		...numbers(subject, op, at),
		...compared(subject, op, at),
		...weakened(subject, op, at),
		...readAgain(subject, op, at),
	]);
}

function replaced(subject: Subject, at: number, op: Op): readonly Edit[] {
	return [{ kind: 'replace', at: placeOf(subject, at), ops: [op] }];
}

/** A test whose outcome is fixed: a guard gone, or one that always gives up. */
function decided(subject: Subject, op: Op, at: number): readonly Change[] {
	if (op.kind !== 'branch') return [];
	const force = (arm: 'then' | 'otherwise'): Change => ({
		operator: `always-${arm === 'then' ? 'taken' : 'passed'}`,
		at,
		edits: [{ kind: 'force', at: placeOf(subject, at), arm }],
	});
	return [force('then'), force('otherwise')];
}

/** Something not done: a put, a grab, a publication, a section, an unmap; a call whose answer is made up. */
function dropped(subject: Subject, op: Op, at: number): readonly Change[] {
	const drop = (value: number): readonly Edit[] => [
		{ kind: 'drop', at: placeOf(subject, at), value: { kind: 'constant', value } },
	];
	switch (op.kind) {
		case 'store':
		case 'rmw':
		case 'section':
		case 'intrinsic':
			return [{ operator: 'drop', at, edits: drop(0) }];
		case 'fence':
			return [{ operator: 'no-barrier', at, edits: drop(0), memory: 'lkmm' }];
		case 'call':
			if (op.dst === null) return [{ operator: 'drop', at, edits: drop(0) }];
			// deciding the branch on the answer is the same, unless the call does something
			if (!acts(subject, op) && onlyBranchesOn(subject, op.dst, at)) return [];
			return [
				{ operator: 'answer-0', at, edits: drop(0) },
				{ operator: 'answer-1', at, edits: drop(1) },
			];
		default:
			return [];
	}
}

/** Something done twice. */
function doubled(subject: Subject, op: Op, at: number): readonly Change[] {
	if (!ACTING.has(op.kind) && !acts(subject, op)) return [];
	return [{ operator: 'twice', at, edits: [{ kind: 'duplicate', at: placeOf(subject, at) }] }];
}

const ACTING: ReadonlySet<Op['kind']> = new Set(['store', 'rmw', 'section', 'intrinsic']);

/** The op is a call that does more than to work something out. */
export function acts({ program }: Subject, op: Op): boolean {
	if (op.kind !== 'call') return false;
	return [...reachable(program, op.callee)].some(
		(f) => program.functions[f]?.ops.some((op) => ACTING.has(op.kind)) === true,
	);
}

/** The next op branches on a register, and no other looks at it. */
function onlyBranchesOn({ fn }: Subject, register: RegisterIndex, at: number): boolean {
	const next = fn.ops[at + 1];
	const isBranch =
		next?.kind === 'branch' &&
		next.condition.kind === 'register' &&
		next.condition.register === register;
	return isBranch && fn.ops.filter((op) => uses(op, register)).length === 1;
}

/** FOLL_GET, FOLL_PIN, FOLL_WRITE, FOLL_LONGTERM: for a wrong flag (engine/mm/model/foll.ts). */
const FLAGS = [0x02, 0x80000, 0x01, 0x100];

/** Another flag, one bit fewer, one more or one less. */
function numbers(subject: Subject, op: Op, at: number): readonly Change[] {
	const change = (operator: string, now: Op): Change => ({
		operator,
		at,
		edits: replaced(subject, at, now),
	});
	switch (op.kind) {
		case 'binary': {
			if (op.right.kind !== 'constant') return [];
			const { value } = op.right;
			const wanted =
				op.operator === '&' || op.operator === '=='
					? wrongBits(value)
					: ['+', '-', '*'].includes(op.operator)
						? [value + 1, value - 1]
						: [];
			return wanted.map((v) => change('wrong-number', { ...op, right: constant(v) }));
		}
		case 'call':
			return op.arguments.flatMap((a, i) =>
				a.kind === 'constant' && a.value > 0 && a.value < 8
					? [a.value - 1, a.value + 1].map((v) =>
							change('wrong-count', { ...op, arguments: op.arguments.with(i, constant(v)) }),
						)
					: [],
			);
		case 'return':
			return isBit(op.value)
				? [change('wrong-answer', { ...op, value: constant(1 - op.value.value) })]
				: [];
		case 'move':
			return isBit(op.from)
				? [change('wrong-value', { ...op, from: constant(1 - op.from.value) })]
				: [];
		default:
			return [];
	}
}

function isBit(
	operand: Operand | null,
): operand is Operand & { readonly kind: 'constant'; readonly value: number } {
	return operand?.kind === 'constant' && (operand.value === 0 || operand.value === 1);
}

/** A single flag becomes another one; of several each is left out in turn. */
function wrongBits(value: number): readonly number[] {
	if (value <= 0) return [];
	const bits = Array.from({ length: 31 }, (_, i) => 2 ** i).filter((bit) => (value & bit) !== 0);
	if (bits.length > 1) return bits.map((bit) => value & ~bit);
	const at = FLAGS.indexOf(value);
	return at < 0 ? [value * 2] : FLAGS.filter((_, i) => i !== at);
}

const OPPOSITE: Partial<Record<BinaryOperator, BinaryOperator>> = {
	'==': '!=',
	'!=': '==',
	'<': '<=',
	'<=': '<',
	'>': '>=',
	'>=': '>',
	'+': '-',
	'-': '+',
};

/** The wrong comparison or the wrong direction. */
function compared(subject: Subject, op: Op, at: number): readonly Change[] {
	if (op.kind !== 'binary') return [];
	const operator = OPPOSITE[op.operator];
	if (operator === undefined) return [];
	return [{ operator: 'opposite', at, edits: replaced(subject, at, { ...op, operator }) }];
}

/** READ_ONCE() forgotten: the compiler may read at every use. */
function weakened(subject: Subject, op: Op, at: number): readonly Change[] {
	if (op.kind !== 'load' || op.order === 'plain') return [];
	return [{ operator: 'plain', at, edits: replaced(subject, at, { ...op, order: 'plain' }) }];
}

/**
 * Before an op that uses a variable of the source which was read from memory once, it is read again: the read itself, or the
 * call that gave the value, is repeated there.
 */
function readAgain(subject: Subject, op: Op, at: number): readonly Change[] {
	const { fn } = subject;
	return [...usedBy(op)].flatMap((register): readonly Change[] => {
		if (fn.registerNames[register] == null || register < fn.parameters.length) return [];
		const [copy, ...others] = writersOf(subject, register);
		if (copy === undefined || others.length > 0 || at <= copy + 1) return [];
		const move = fn.ops[copy];
		if (move?.kind !== 'move' || move.from.kind !== 'register') return [];
		const [source, ...more] = writersOf(subject, move.from.register);
		const read = source === undefined ? undefined : fn.ops[source];
		if (read === undefined || more.length > 0) return [];
		if (read.kind !== 'load' && read.kind !== 'call') return [];
		const ops = [read, move];
		return [
			{ operator: 're-read', at, edits: [{ kind: 'insert', before: placeOf(subject, at), ops }] },
		];
	});
}

/** Registers an op reads, but for one it writes as well. */
function usedBy(op: Op): ReadonlySet<RegisterIndex> {
	const used = new Set<RegisterIndex>();
	const dst = 'dst' in op ? op.dst : null;
	mapRegisters(op, (register) => {
		if (register !== dst) used.add(register);
		return register;
	});
	return used;
}

function uses(op: Op, register: RegisterIndex): boolean {
	return usedBy(op).has(register);
}

function writersOf({ fn }: Subject, register: RegisterIndex): readonly number[] {
	return fn.ops.flatMap((op, i) => ('dst' in op && op.dst === register ? [i] : []));
}

function constant(value: number): Operand {
	return { kind: 'constant', value };
}
