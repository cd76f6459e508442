/**
 * Finds where a walk checks an entry again, by what the code does: two values are compared, one of them read through a
 * pointer to an entry, the other read through the same pointer before, or a copy that the callers read through it.
 *
 * Values are followed as expressions over parameters, loads and variables, into functions and out of them. A variable that
 * is written in several places stands for itself. This only says what a comparison is about; whether the walk is right is
 * for exploration to say.
 *
 * Invariant: nothing here depends on the name of a function or of a variable.
 */
import type { FunctionIndex, Op, Operand, RegisterIndex, SiteIndex } from '../op.js';
import type { Program, ProgramFunction } from '../program.js';
import { writersOf } from '../writers.js';
import type { OpPlace } from './edit.js';

/** A comparison that is a re-check: the op whose result says it, and that result when nothing has changed. */
export interface Recheck {
	readonly at: OpPlace;
	readonly same: 0 | 1;
}

/** Where a register's value comes from. */
type Value =
	| { readonly kind: 'constant'; readonly value: number }
	| { readonly kind: 'parameter'; readonly index: number }
	/** Read from memory; `id` tells two reads of one address apart. */
	| { readonly kind: 'load'; readonly address: Value; readonly id: string }
	| {
			readonly kind: 'binary';
			readonly operator: string;
			readonly left: Value;
			readonly right: Value;
	  }
	/** A local variable with several values, or anything else that is not looked into. */
	| { readonly kind: 'other'; readonly id: string; readonly isObject: boolean };

/** How far expressions are followed through ops and calls. */
const DEPTH_MAX = 24;
/** Callers above a comparison that are looked at. */
const CALLERS_MAX = 6;

const ENTRY_POINTER = /^p(te|md|ud|4d|gd)_t \*$/;

/** The re-checks in the walk's own functions among `functions`. */
export function rechecksOf(
	program: Program,
	functions: Iterable<FunctionIndex>,
): readonly Recheck[] {
	const reader = new Reader(program);
	const walk = [...functions].filter((f) => program.functions[f]?.origin === 'walk');
	const found: Recheck[] = [];
	for (const index of walk) {
		const fn = program.functions[index] as ProgramFunction;
		fn.ops.forEach((op, at) => {
			if (op.kind !== 'binary' && op.kind !== 'call') return;
			if (op.dst === null) return;
			const value = reader.valueOfOp(index, op, at, 0);
			if (value.kind !== 'binary') return;
			const same = SAME[value.operator];
			if (same === undefined) return;
			const isOne = pairs(value).some(([a, b]) =>
				readsAgain(reader, { walk, fn: index, depth: 0 }, a, b),
			);
			if (isOne) found.push({ at: { function: index, op: at as OpPlace['op'] }, same });
		});
	}
	return found;
}

/**
 * Sites of the walk at which something is read to be compared with a value that is no constant: by the flow of values, or
 * because the comparison's text spans the read.
 */
export function comparedReads(
	program: Program,
	functions: Iterable<FunctionIndex>,
): ReadonlySet<SiteIndex> {
	const reader = new Reader(program);
	const found = new Set<SiteIndex>();
	for (const index of functions) {
		const fn = program.functions[index];
		if (fn?.origin !== 'walk') continue;
		fn.ops.forEach((op, at) => {
			if ((op.kind !== 'binary' && op.kind !== 'call') || op.dst === null) return;
			const value = reader.valueOfOp(index, op, at, 0);
			if (value.kind !== 'binary' || SAME[value.operator] === undefined) return;
			if (value.left.kind === 'constant' || value.right.kind === 'constant') return;
			for (const { site } of fn.ops)
				if (op.kind === 'binary' && spans(program, op.site, site)) found.add(site);
			for (const source of [...sources(value.left), ...sources(value.right)])
				if (source.kind === 'load') found.add(siteOfRead(program, source.id) ?? op.site);
		});
	}
	return found;
}

function spans(program: Program, outer: SiteIndex, inner: SiteIndex): boolean {
	const [a, b] = [program.sites[outer], program.sites[inner]];
	if (a === undefined || b === undefined || a.path !== b.path || outer === inner) return false;
	const begins = a.line < b.line || (a.line === b.line && a.column <= b.column);
	const ends = a.endLine > b.endLine || (a.endLine === b.endLine && a.endColumn >= b.endColumn);
	return begins && ends;
}

/** Where a read stands in the function that compares it: its own op, or the call that returns it. */
function siteOfRead(program: Program, id: string): SiteIndex | null {
	const [, fn, at] = /^(\d+):(\d+)/.exec(id) ?? [];
	return program.functions[Number(fn)]?.ops[Number(at)]?.site ?? null;
}

/** What a comparison yields for equal sides. */
const SAME: Readonly<Record<string, 0 | 1>> = { '==': 1, '!=': 0, '^': 0 };

function pairs(value: Value & { kind: 'binary' }): readonly (readonly [Value, Value])[] {
	const left = sources(value.left);
	const right = sources(value.right);
	return left.flatMap((a) => right.flatMap((b) => [[a, b] as const, [b, a] as const]));
}

/** The parameters and loads a value is made of, not those its addresses are made of. */
function sources(value: Value): readonly Value[] {
	switch (value.kind) {
		case 'binary':
			return [...sources(value.left), ...sources(value.right)];
		case 'parameter':
		case 'load':
			return [value];
		default:
			return [];
	}
}

/** `again` is read through the pointer that `copy` was read through, here or in the functions that pass both down. */
function readsAgain(
	reader: Reader,
	at: {
		readonly walk: readonly FunctionIndex[];
		readonly fn: FunctionIndex;
		readonly depth: number;
	},
	again: Value,
	copy: Value,
): boolean {
	const { walk, fn, depth } = at;
	if (again.kind !== 'load' || !reader.mayBeEntry(fn, again.address)) return false;
	if (copy.kind === 'load') return copy.id !== again.id && key(copy.address) === key(again.address);
	if (copy.kind !== 'parameter' || depth > CALLERS_MAX) return false;
	const calls = reader.callsOf(walk, fn);
	// nobody in the walk calls it: its callers are taken to pass an entry down together with where it stands
	if (calls.length === 0) return reader.isPassedWith(fn, copy.index, again.address);
	return calls.some(({ caller, values }) => {
		const given = values[copy.index];
		if (given === undefined) return false;
		const same = substitute(again, values, 'in/');
		const up = { walk, fn: caller, depth: depth + 1 };
		return sources(given).some((v) => readsAgain(reader, up, same, v));
	});
}

function key(value: Value): string {
	switch (value.kind) {
		case 'constant':
			return String(value.value);
		case 'parameter':
			return `p${value.index}`;
		case 'load':
			return `[${key(value.address)}]`;
		case 'binary':
			return `(${key(value.left)}${value.operator}${key(value.right)})`;
		case 'other':
			return value.id;
	}
}

function substitute(value: Value, values: readonly Value[], call = ''): Value {
	switch (value.kind) {
		case 'parameter':
			return values[value.index] ?? value;
		case 'load':
			return {
				kind: 'load',
				address: substitute(value.address, values, call),
				id: `${call}${value.id}`,
			};
		case 'binary':
			return {
				...value,
				left: substitute(value.left, values, call),
				right: substitute(value.right, values, call),
			};
		case 'other':
			return call === '' ? value : { ...value, id: `${call}${value.id}` };
		default:
			return value;
	}
}

interface Call {
	readonly caller: FunctionIndex;
	readonly values: readonly Value[];
}

/** Expressions of a program's registers. */
class Reader {
	private readonly program: Program;
	/** By function: the ops that write each register. */
	private readonly returned = new Map<FunctionIndex, Value | null>();

	constructor(program: Program) {
		this.program = program;
	}

	/** What an op with a result yields. */
	valueOfOp(fn: FunctionIndex, op: Op, at: number, depth: number): Value {
		const id = `${fn}:${at}`;
		const other: Value = {
			kind: 'other',
			id,
			isObject: op.kind === 'field' || op.kind === 'symbol',
		};
		if (depth > DEPTH_MAX) return other;
		const value = (operand: Operand): Value => this.valueOf(fn, operand, depth + 1);
		switch (op.kind) {
			case 'move':
			case 'use':
				return value(op.kind === 'move' ? op.from : { kind: 'register', register: op.from });
			case 'convert':
				return value(op.operand);
			case 'unary': {
				const operand = value(op.operand);
				return op.operator === '!' ? negated(operand) : other;
			}
			case 'binary':
				return comparedWithZero(op.operator, value(op.left), value(op.right));
			case 'load': {
				const slot = this.slotOf(fn, op.address);
				if (slot !== null) return this.valueOfSlot(fn, slot, depth + 1) ?? other;
				return { kind: 'load', address: value(op.address), id };
			}
			case 'call': {
				const result = this.valueReturned(op.callee, depth + 1);
				if (result === null) return other;
				return substitute(result, op.arguments.map(value), `${id}/`);
			}
			default:
				return other;
		}
	}

	/** False when the address is of a field, a global or something passed as a pointer to what is no entry. */
	mayBeEntry(fn: FunctionIndex, address: Value): boolean {
		switch (address.kind) {
			case 'parameter':
				return ENTRY_POINTER.test(this.function(fn).parameters[address.index]?.type ?? '');
			case 'binary':
				return [address.left, address.right].every(
					(v) => v.kind !== 'parameter' || this.mayBeEntry(fn, v) || this.isNumber(fn, v.index),
				);
			case 'other':
				return !address.isObject && this.variableMayBeEntry(fn, address.id);
			case 'load':
				return true;
			case 'constant':
				return false;
		}
	}

	/** The calls of a function by the walk, with what is given. */
	callsOf(walk: readonly FunctionIndex[], callee: FunctionIndex): readonly Call[] {
		return walk.flatMap((caller) =>
			this.function(caller).ops.flatMap((op) =>
				op.kind === 'call' && op.callee === callee
					? [{ caller, values: op.arguments.map((a) => this.valueOf(caller, a, 0)) }]
					: [],
			),
		);
	}

	/** A parameter is an entry, and the address is the parameter that points to such entries. */
	isPassedWith(fn: FunctionIndex, entry: number, address: Value): boolean {
		if (address.kind !== 'parameter') return false;
		const { parameters } = this.function(fn);
		return `${parameters[entry]?.type} *` === parameters[address.index]?.type;
	}

	private isNumber(fn: FunctionIndex, parameter: number): boolean {
		return !(this.function(fn).parameters[parameter]?.type ?? '').endsWith('*');
	}

	/** A variable is no entry pointer when one of its values is a pointer to something else. */
	private variableMayBeEntry(fn: FunctionIndex, id: string): boolean {
		const register = /^\d+:r(\d+)$/.exec(id)?.[1];
		if (register === undefined) return true;
		const own = writersOf(this.function(fn)).get(Number(register) as RegisterIndex) ?? [];
		return own.every((at) => {
			const op = this.function(fn).ops[at] as Op;
			const value = this.valueOfOp(fn, op, at, 0);
			return value.kind !== 'parameter' || this.mayBeEntry(fn, value);
		});
	}

	private valueOf(fn: FunctionIndex, operand: Operand, depth: number): Value {
		if (operand.kind === 'constant') return { kind: 'constant', value: operand.value };
		const { register } = operand;
		const own = writersOf(this.function(fn)).get(register) ?? [];
		const isParameter = register < this.function(fn).parameters.length;
		const only = own[0];
		if (isParameter && only === undefined) return { kind: 'parameter', index: register };
		if (!isParameter && own.length === 1 && only !== undefined) {
			return this.valueOfOp(fn, this.function(fn).ops[only] as Op, only, depth);
		}
		return { kind: 'other', id: `${fn}:r${register}`, isObject: false };
	}

	/** What a function returns, over its parameters, when all its returns agree. */
	private valueReturned(fn: FunctionIndex, depth: number): Value | null {
		const known = this.returned.get(fn);
		if (known !== undefined) return known;
		this.returned.set(fn, null);
		const values = this.function(fn).ops.flatMap((op) =>
			op.kind === 'return' && op.value !== null ? [this.valueOf(fn, op.value, depth)] : [],
		);
		const [first] = values;
		const agree = first !== undefined && values.every((v) => key(v) === key(first));
		const result = agree ? first : null;
		this.returned.set(fn, result);
		return result;
	}

	/** Word of the frame an address is, or null. */
	private slotOf(fn: FunctionIndex, address: Operand): number | null {
		if (address.kind === 'constant') return null;
		const [at, ...more] = writersOf(this.function(fn)).get(address.register) ?? [];
		const op = at === undefined || more.length > 0 ? undefined : this.function(fn).ops[at];
		return op?.kind === 'frame-address' ? op.slot : null;
	}

	/** What is stored in a word of the frame, if one store says so. */
	private valueOfSlot(fn: FunctionIndex, slot: number, depth: number): Value | null {
		const stores = this.function(fn).ops.filter(
			(op) => op.kind === 'store' && this.slotOf(fn, op.address) === slot,
		);
		const [store] = stores;
		if (stores.length !== 1 || store?.kind !== 'store') return null;
		return this.valueOf(fn, store.value, depth);
	}

	private function(fn: FunctionIndex): ProgramFunction {
		return this.program.functions[fn] as ProgramFunction;
	}
}

/** `!(a == b)` is `a != b`. */
function negated(value: Value): Value {
	if (value.kind !== 'binary') return { kind: 'other', id: `!${key(value)}`, isObject: false };
	if (value.operator === '==') return { ...value, operator: '!=' };
	if (value.operator === '!=') return { ...value, operator: '==' };
	return { kind: 'binary', operator: '==', left: value, right: { kind: 'constant', value: 0 } };
}

/** `(a == b) != 0` is `a == b`, and so on. */
function comparedWithZero(operator: string, left: Value, right: Value): Value {
	const isZero = right.kind === 'constant' && right.value === 0;
	if (isZero && left.kind === 'binary' && (left.operator === '==' || left.operator === '!=')) {
		if (operator === '!=') return left;
		if (operator === '==') return negated(left);
	}
	return { kind: 'binary', operator, left, right };
}
