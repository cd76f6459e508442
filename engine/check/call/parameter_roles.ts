/**
 * What the numbers are that a walk's root is given, by what the walk does with them: the address it starts at is cut into
 * indices of tables, an end is compared with that address, a count of pages is made a number of bytes or compared with pages
 * that were counted, flags are masked, and whether to write decides which bits an entry must have. Names play no part.
 *
 * The walk is gone through once in the order of its text, as a call of it would first go: what stands in a variable is what
 * was last put there. Leaves out: what becomes of a number in the world's memory, and from the second time that a function
 * is called with the same.
 */
import { bitsOf } from '../../base/mask.js';
import { ENTRY, PAGE_SHIFT, PAGE_SIZE } from '../../mm/model/layout.js';
import type { FunctionIndex, Op, Operand, RegisterIndex } from '../../program/op.js';
import type { Program, ProgramFunction } from '../../program/program.js';

/** `number`: none of the others. */
export type ParameterRole = 'address' | 'end' | 'count' | 'flags' | 'write' | 'number';

/** Calls that are gone into. */
const CALLS_MAX = 2000;
/** Masks of more bits than this are no flags. */
const FLAGS_OF_MASK_MAX = 4;

type Roles = readonly (ParameterRole | null)[];

const known = new WeakMap<Program, Map<FunctionIndex, Roles>>();

/** By parameter; null: it is no number. */
export function parameterRoles(program: Program, root: FunctionIndex): Roles {
	const ofProgram = known.get(program) ?? new Map<FunctionIndex, Roles>();
	known.set(program, ofProgram);
	const roles = ofProgram.get(root) ?? rolesOf(program, root);
	ofProgram.set(root, roles);
	return roles;
}

function rolesOf(program: Program, root: FunctionIndex): Roles {
	const { parameters } = program.functions[root] as ProgramFunction;
	const uses = usesOf(program, root);
	const numbers = parameters.map(({ type }) => NUMBER.test(type));
	const places = numbers.map((is, i) => is && uses[i]?.indexed === true);
	const roles = parameters.map(({ type }, i): ParameterRole | null => {
		const use = uses[i];
		if (numbers[i] !== true || use === undefined) return null;
		if (places[i] === true) return 'address';
		if (use.masked) return 'flags';
		if (use.paged) return 'count';
		if ([...use.with].some((other) => places[other] === true)) return 'end';
		if (use.counted) return 'count';
		if (use.permits && !WORD.test(type)) return 'write';
		return 'number';
	});
	return byTypes(
		parameters.map(({ type }) => type),
		roles,
	);
}

const NUMBER = /^(?:(?:unsigned )?(?:int|long)|unsigned|bool|size_t)$/;
const WORD = /^(?:unsigned long|long|size_t)$/;

/** Where the walk does nothing that tells: the first word is the address, the next one the end, an unsigned int flags. */
function byTypes(types: readonly string[], roles: Roles): Roles {
	const made = [...roles];
	const has = (role: ParameterRole): boolean => made.includes(role);
	made.forEach((role, i) => {
		const type = types[i] ?? '';
		if (role !== 'number') return;
		if (WORD.test(type) && !has('address')) made[i] = 'address';
		else if (WORD.test(type) && !has('end') && !has('count')) made[i] = 'end';
		else if (/^unsigned(?: int)?$/.test(type) && !has('flags')) made[i] = 'flags';
	});
	return made;
}

interface Uses {
	/** Cut into an index of a table. */
	indexed: boolean;
	/** Masked with a few bits. */
	masked: boolean;
	/** Made a number of bytes, as pages are. */
	paged: boolean;
	/** Decides where bits of an entry are asked for. */
	permits: boolean;
	/** Compared with what is no parameter. */
	counted: boolean;
	/** Parameters that it is compared with, or what is made of them. */
	readonly with: Set<number>;
}

/** What a register holds. */
interface Value {
	/** The parameter, as it was given. */
	readonly whole: number | null;
	/** Its upper bits. */
	readonly upper: boolean;
	/** Parameters that it is made of. */
	readonly from: ReadonlySet<number>;
	/** A place in a frame. */
	readonly place: string | null;
	readonly constant: number | null;
}

const NOTHING: Value = { whole: null, upper: false, from: new Set(), place: null, constant: null };

function usesOf(program: Program, root: FunctionIndex): readonly Uses[] {
	const { parameters } = program.functions[root] as ProgramFunction;
	const uses = parameters.map(
		(): Uses => ({
			...{ indexed: false, masked: false, paged: false, permits: false, counted: false },
			with: new Set(),
		}),
	);
	const pass = new Pass(program, uses);
	pass.call(
		root,
		parameters.map((_, i) => ({ ...NOTHING, whole: i, from: new Set([i]) })),
	);
	return uses;
}

/** One way through the walk. */
class Pass {
	readonly #program: Program;
	readonly #uses: readonly Uses[];
	readonly #memory = new Map<string, Value>();
	readonly #seen = new Set<string>();
	#frames = 0;

	constructor(program: Program, uses: readonly Uses[]) {
		this.#program = program;
		this.#uses = uses;
	}

	/** What the function gives, called with these. */
	call(index: FunctionIndex, given: readonly Value[]): Value {
		const fn = this.#program.functions[index];
		const key = `${index}:${given.map((v) => `${v.whole}.${v.place}.${[...v.from].join('.')}`).join()}`;
		if (fn === undefined || this.#seen.has(key) || this.#seen.size >= CALLS_MAX) return NOTHING;
		this.#seen.add(key);
		const registers = new Map<RegisterIndex, Value>();
		given.forEach((value, i) => {
			registers.set(i as RegisterIndex, value);
		});
		const frame = this.#frames++;
		const asks = fn.ops.some((op) => this.#asksForBits(op));
		let result = NOTHING;
		for (const op of fn.ops) {
			if (op.kind === 'branch') this.#decides(held(registers, op.condition), asks);
			if (op.kind === 'return' && op.value !== null) result = held(registers, op.value);
			const made = this.#made(op, registers, frame);
			if ('dst' in op && op.dst !== null) registers.set(op.dst, made);
		}
		return result;
	}

	#made(op: Op, registers: ReadonlyMap<RegisterIndex, Value>, frame: number): Value {
		const of = (operand: Operand): Value => held(registers, operand);
		switch (op.kind) {
			case 'move':
				return of(op.from);
			case 'use':
				return registers.get(op.from) ?? NOTHING;
			case 'convert':
				return of(op.operand);
			case 'unary': {
				const value = of(op.operand);
				return op.operator === '!' ? value : { ...NOTHING, from: value.from };
			}
			case 'binary':
				return this.#computed(op, of(op.left), of(op.right));
			case 'frame-address':
				return { ...NOTHING, place: `${frame}+${op.slot}` };
			case 'field': {
				const { place } = of(op.base);
				return place === null ? NOTHING : { ...NOTHING, place: `${place}.${op.field}` };
			}
			case 'load':
				return this.#memory.get(of(op.address).place ?? '') ?? NOTHING;
			case 'store': {
				const { place } = of(op.address);
				if (place !== null) this.#memory.set(place, of(op.value));
				return NOTHING;
			}
			case 'call':
				return this.call(op.callee, op.arguments.map(of));
			default:
				return NOTHING;
		}
	}

	#computed({ operator }: Op & { kind: 'binary' }, left: Value, right: Value): Value {
		const from = new Set([...left.from, ...right.from]);
		const number = right.constant ?? left.constant;
		const other = right.constant === null ? right : left;
		const use = other.whole === null ? undefined : this.#uses[other.whole];
		switch (operator) {
			case '&':
				return this.#masked(other, number, from);
			case '>>': {
				const isUpper = left.whole !== null && (right.constant ?? 0) >= PAGE_SHIFT;
				return { ...NOTHING, from, whole: isUpper ? left.whole : null, upper: isUpper };
			}
			case '<<':
			case '*':
				if (use !== undefined && number === (operator === '*' ? PAGE_SIZE : PAGE_SHIFT))
					use.paged = true;
				return { ...NOTHING, from };
			case '==':
			case '!=':
				// whether there is any: the value itself decides
				if (number === 0 && other.whole !== null) return other;
				this.#compared(left, right);
				return NOTHING;
			case '<':
			case '<=':
			case '>':
			case '>=':
				this.#compared(left, right);
				return NOTHING;
			case '-':
				this.#compared(left, right);
				return { ...NOTHING, from };
			case '+': {
				const { place } = left;
				const offset = right.constant;
				if (place !== null && offset !== null)
					return { ...NOTHING, place: offset === 0 ? place : `${place}/${offset}` };
				return { ...NOTHING, from };
			}
			default:
				return { ...NOTHING, from };
		}
	}

	/** An index, flags, or the number as it is but for its lowest or highest bits. */
	#masked(other: Value, mask: number | null, from: ReadonlySet<number>): Value {
		const use = other.whole === null ? undefined : this.#uses[other.whole];
		if (use === undefined || mask === null) return { ...NOTHING, from };
		if (other.upper) {
			if (mask >= INDEX_MASK_MIN) use.indexed = true;
			return { ...NOTHING, from };
		}
		if (mask < 0) return other;
		if (bitsOf(mask, mask).length <= FLAGS_OF_MASK_MAX) use.masked = true;
		return { ...NOTHING, from };
	}

	#compared(left: Value, right: Value): void {
		for (const [one, other] of [
			[left, right],
			[right, left],
		] as const) {
			const use = one.whole === null ? undefined : this.#uses[one.whole];
			if (use === undefined || other.constant !== null) continue;
			for (const parameter of other.from) use.with.add(parameter);
			if (other.from.size === 0) use.counted = true;
		}
	}

	#decides({ whole }: Value, asks: boolean): void {
		const use = whole === null ? undefined : this.#uses[whole];
		if (use !== undefined && asks) use.permits = true;
	}

	/** The op asks for the bit of an entry that permits to write, or calls what does. */
	#asksForBits(op: Op): boolean {
		if (op.kind === 'call') {
			const callee = this.#program.functions[op.callee];
			return callee?.origin === 'primitive' && callee.ops.some(namesWrite);
		}
		return namesWrite(op);
	}
}

/** PTRS_PER_PGD - 1 of i386 with PAE: the fewest entries that a table has. */
const INDEX_MASK_MIN = 3;

function namesWrite(op: Op): boolean {
	const operands = op.kind === 'binary' ? [op.left, op.right] : op.kind === 'move' ? [op.from] : [];
	return operands.some(
		(o) =>
			o.kind === 'constant' && (o.value & ENTRY.write) !== 0 && o.value < PAGE_SIZE && o.value > 0,
	);
}

function held(registers: ReadonlyMap<RegisterIndex, Value>, operand: Operand): Value {
	if (operand.kind === 'constant') return { ...NOTHING, constant: operand.value };
	return registers.get(operand.register) ?? NOTHING;
}
