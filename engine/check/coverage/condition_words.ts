/**
 * A branch's condition in C's words, from the ops that make it: `folio_order(folio) == 9`.
 *
 * Leaves out: what is further away than a few ops; it is called by its kind (`a value loaded from memory`).
 */
import type { Op, Operand, OpIndex, RegisterIndex } from '../../program/op.js';
import { FIELD_STRIDE, type Program, type ProgramFunction } from '../../program/program.js';

/** Ops within each other that are written out. */
const DEPTH_MAX = 6;

/** What has to hold for a branch to go that way. */
export function conditionWords(
	program: Program,
	fn: ProgramFunction,
	{ branch, then }: { readonly branch: OpIndex; readonly then: boolean },
): string {
	const op = fn.ops[branch];
	if (op?.kind !== 'branch') return 'a branch';
	const words = new Words(program, fn);
	return words.truth(op.condition, branch, then);
}

/** The branch asks what entering a section found, as local_irq_save() does. */
export function asksSection(program: Program, fn: ProgramFunction, branch: OpIndex): boolean {
	const op = fn.ops[branch];
	return op?.kind === 'branch' && new Words(program, fn).isOfSection(op.condition, branch);
}

const SECTION_WORDS = {
	irq: 'interrupts were off before',
	rcu: 'an RCU section was entered before',
	preempt: 'preemption was off before',
} as const;

const OPPOSITE = { '==': '!=', '!=': '==', '<': '>=', '>=': '<', '>': '<=', '<=': '>' } as const;

interface Ways {
	/** Where the register becomes true, and false. */
	readonly yes: number;
	readonly no: number;
	readonly leading: readonly {
		readonly pc: number;
		readonly op: Extract<Op, { kind: 'branch' }>;
	}[];
	/** All of the branches have to be so; else one. */
	readonly isAll: boolean;
}

class Words {
	private readonly program: Program;
	private readonly fn: ProgramFunction;

	constructor(program: Program, fn: ProgramFunction) {
		this.program = program;
		this.fn = fn;
	}

	/** The operand is what entering a section found, whatever it was copied to. */
	isOfSection(operand: Operand, at: number, depth = 0): boolean {
		const made = this.definition(operand, at);
		if (made === null || depth >= DEPTH_MAX) return false;
		const { op, pc } = made;
		if (op.kind === 'section') return true;
		if (op.kind === 'move') return this.isOfSection(op.from, pc, depth + 1);
		if (op.kind === 'convert') return this.isOfSection(op.operand, pc, depth + 1);
		const isTest = op.kind === 'unary' || (op.kind === 'binary' && isZero(op.right));
		return isTest && this.isOfSection(op.kind === 'unary' ? op.operand : op.left, pc, depth + 1);
	}

	/** That the operand is true, or false. */
	truth(operand: Operand, at: number, is: boolean, depth = 0): string {
		const made = this.definition(operand, at);
		if (made !== null && depth < DEPTH_MAX) {
			const { op, pc } = made;
			if (op.kind === 'unary' && op.operator === '!')
				return this.truth(op.operand, pc, !is, depth + 1);
			if (op.kind === 'binary' && op.operator in OPPOSITE) {
				const compared = op.operator as keyof typeof OPPOSITE;
				if (isZero(op.right) && (compared === '!=' || compared === '=='))
					return this.truth(op.left, pc, (compared === '!=') === is, depth + 1);
				const sign = is ? compared : OPPOSITE[compared];
				return `${this.value(op.left, pc, depth + 1)} ${sign} ${this.value(op.right, pc, depth + 1)}`;
			}
			const ways = operand.kind === 'register' ? this.ways(operand.register, pc) : null;
			if (ways !== null) return this.waysWords(ways, is, depth + 1);
			if (op.kind === 'move' || op.kind === 'convert')
				return this.truth(op.kind === 'move' ? op.from : op.operand, pc, is, depth + 1);
		}
		const value = this.value(operand, at, depth);
		if (is) return value;
		return /^[\w.>()-]+$/.test(value) ||
			(value.endsWith(')') &&
				!value.startsWith('(') &&
				!/ [&|+<>=-]+ /.test(outsideBrackets(value)))
			? `!${value}`
			: `!(${value})`;
	}

	/** The branches that decide which of two constants, true and false, a register gets: `a && b`, `!!a`. Null: none do. */
	private ways(register: RegisterIndex, last: number): Ways | null {
		const { ops } = this.fn;
		const constantAt = (pc: number): number | null => {
			const op = ops[pc];
			const isWritten = op?.kind === 'move' && op.dst === register;
			return isWritten && op.from.kind === 'constant' ? op.from.value : null;
		};
		const first = ops.findLastIndex((_, pc) => pc < last && constantAt(pc) !== null);
		const [one, other] = [constantAt(first), constantAt(last)];
		if (one === null || other === null || (one !== 0) === (other !== 0)) return null;
		const [yes, no] = one !== 0 ? [first, last] : [last, first];
		const leading = ops.flatMap((op, pc) =>
			op.kind === 'branch' && [op.then, op.otherwise].some((to) => to === yes || to === no)
				? [{ pc, op }]
				: [],
		);
		const end = leading.at(-1);
		if (
			end === undefined ||
			![yes, no].every((to) => [end.op.then, end.op.otherwise].includes(to as OpIndex))
		)
			return null;
		const leaves = (to: number): boolean =>
			leading.slice(0, -1).every(({ op }) => op.then === to || op.otherwise === to);
		if (leading.length > 1 && leaves(yes) === leaves(no)) return null;
		return { yes, no, leading, isAll: leaves(no) };
	}

	private waysWords({ yes, no, leading, isAll }: Ways, is: boolean, depth: number): string {
		const [only] = leading;
		if (leading.length === 1 && only !== undefined)
			return this.truth(only.op.condition, only.pc, (only.op.then === yes) === is, depth);
		// each has to go on, or one of them to leave
		const words = leading.map(({ op, pc }) => {
			const isThen = isAll ? op.otherwise === no : op.then === yes;
			return this.truth(op.condition, pc, isThen, depth);
		});
		const all = words.join(isAll ? ' && ' : ' || ');
		return is ? all : `!(${all})`;
	}

	private value(operand: Operand, at: number, depth: number): string {
		if (operand.kind === 'constant') return numberWords(operand.value);
		const name = this.fn.registerNames[operand.register];
		if (name) return name;
		const made = this.definition(operand, at);
		if (made === null || depth >= DEPTH_MAX) return 'a value';
		return this.made(made.op, made.pc, depth + 1);
	}

	private made(op: Op, pc: number, depth: number): string {
		const of = (operand: Operand): string => this.value(operand, pc, depth);
		switch (op.kind) {
			case 'move':
				return of(op.from);
			case 'use':
				return of({ kind: 'register', register: op.from });
			case 'convert':
				return of(op.operand);
			case 'unary':
				return `${op.operator}${of(op.operand)}`;
			case 'binary':
				return `(${of(op.left)} ${op.operator} ${of(op.right)})`;
			case 'call': {
				const name = this.program.functions[op.callee]?.name ?? 'a function';
				return `${name}(${op.arguments.map(of).join(', ')})`;
			}
			case 'field': {
				const field = this.program.fields[op.field]?.name ?? 'field';
				return `&${of(op.base)}->${field}`;
			}
			case 'load': {
				const address = this.value(op.address, pc, depth);
				return address.startsWith('&') ? address.slice(1) : `*${address}`;
			}
			case 'symbol':
				return this.program.symbols[op.symbol] ?? 'a global';
			case 'frame-address':
				return `&${this.fn.slots[op.slot] || 'a local'}`;
			case 'rmw':
				return 'the result of an atomic operation';
			case 'section':
				return SECTION_WORDS[op.section];
			case 'intrinsic':
				return `${op.name}()`;
			default:
				return 'a value';
		}
	}

	/** The one op before `at` that wrote the register last, in the order of the text. */
	private definition(operand: Operand, at: number): { op: Op; pc: number } | null {
		if (operand.kind === 'constant') return null;
		for (let pc = at - 1; pc >= 0; pc--) {
			const op = this.fn.ops[pc] as Op;
			if ('dst' in op && op.dst === operand.register) return { op, pc };
		}
		return null;
	}
}

function isZero(operand: Operand): boolean {
	return operand.kind === 'constant' && operand.value === 0;
}

/** Small numbers as they are, masks in hexadecimal. */
function numberWords(value: number): string {
	return value >= 0 && value < 4096
		? String(value)
		: `0x${(value < 0 ? BigInt.asUintN(64, BigInt(value)) : BigInt(value)).toString(16)}`;
}

void FIELD_STRIDE;

/** What stands before the first bracket and behind the last. */
function outsideBrackets(value: string): string {
	const open = value.indexOf('(');
	return open < 0 ? value : value.slice(0, open) + value.slice(value.lastIndexOf(')') + 1);
}
