/**
 * Lowering for tests: C and a handful of primitives in, a program out; and a sequential interpreter of programs, written
 * apart from the engine's, that says what a function returns.
 */

import type { IntegerType, Op, Operand } from '../../engine/program/op.js';
import { BIT_STRIDE, fieldOffset, type Program } from '../../engine/program/program.js';
import { lower } from '../../server/lower/lower.js';
import type { Lowered } from '../../server/lower/request.js';
import type { KernelTree } from '../../server/tree/kernel_tree.js';

export interface Given {
	readonly c: string;
	readonly primitives?: string;
	readonly actors?: string;
	readonly assumed?: string;
	readonly also?: readonly string[];
	readonly config?: Readonly<Record<string, string>>;
	readonly tree?: KernelTree;
	readonly path?: string;
}

/** Primitives most cases need. */
export const basics = `
#define NULL ((void *)0)
#define true 1
#define false 0
#define READ_ONCE(x) __rw_load(once, &(x))
#define WRITE_ONCE(x, val) __rw_store(once, &(x), (val))
#define likely(x) (!!(x))
#define unlikely(x) (!!(x))
#define WARN_ON_ONCE(c) ({ int __warned = !!(c); if (__warned) __rw_warn("WARN_ON_ONCE"); __warned; })
#define pte_val(x) (x)
#define __pte(x) ((pte_t)(x))
typedef int atomic_t;
typedef unsigned char u8;
struct address_space_operations;
struct address_space { struct inode *host; const struct address_space_operations *a_ops; };
struct page { struct address_space *mapping; unsigned long index; atomic_t _refcount; };
struct folio { struct page page; atomic_t _pincount; };
struct inode { struct address_space *i_mapping; struct address_space i_data; };
struct mm_struct { pgd_t *pgd; unsigned long flags; };
int atomic_read(const atomic_t *v) { return __rw_load(once, v); }
pte_t ptep_get(pte_t *p) { return __rw_load(once, p); }
pte_t *pte_offset_map(pmd_t *pmdp, unsigned long addr) { return (pte_t *)*pmdp; }
struct folio *page_folio(struct page *page) { return (struct folio *)page; }
int folio_try_get(struct folio *folio) { return __rw_rmw(add_unless, full, success, &folio->page._refcount, 1, 0); }
void folio_put(struct folio *folio) { __rw_rmw(add, full, old, &folio->page._refcount, -1); }
`;

export function lowered(given: Given): Lowered {
	const primitives = [
		{ path: 'racewalk:primitives/test.c', text: basics + (given.primitives ?? '') },
	];
	if (given.assumed !== undefined)
		primitives.push({ path: 'racewalk:primitives/assumed.c', text: given.assumed });
	return lower({
		path: given.path ?? 'mm/test.c',
		text: given.c,
		tree: given.tree ?? null,
		arch: 'x86_64',
		config: new Map(Object.entries({ CONFIG_MMU: 'y', ...given.config })),
		actors:
			given.actors === undefined ? [] : [{ path: 'racewalk:actors/test.c', text: given.actors }],
		primitives,
		also: given.also ?? ['f'],
	});
}

/** Base of the interpreter's frames: far from the addresses cases use. */
const frameBase = 0x4000_0000;
const stepsMax = 200_000;
const depthMax = 200;

/** What a function returns, run alone. `memory` is read and changed. */
export function run(
	program: Program,
	name: string,
	given: readonly number[],
	memory = new Map<number, number>(),
): number | null {
	let steps = 0;
	const frames = new FrameBytes();
	const call = (index: number, values: readonly number[], depth: number): number | null => {
		const f = program.functions[index];
		if (f === undefined) throw new Error(`no function ${index}`);
		if (depth > depthMax) throw new Error('too deep');
		const registers: number[] = [...values];
		const base = frameBase + depth * 0x1000;
		const value = (o: Operand): number =>
			o.kind === 'constant' ? o.value : (registers[o.register] ?? 0);
		let at = 0;
		for (;;) {
			const op = f.ops[at++];
			if (op === undefined) throw new Error(`${f.name}: fell off the end`);
			if (++steps > stepsMax) throw new Error('too many steps');
			const next = pure(op, value);
			if (next !== null && 'dst' in op && op.dst !== null) {
				registers[op.dst] = next;
				continue;
			}
			switch (op.kind) {
				case 'jump':
					at = op.target;
					break;
				case 'branch':
					at = value(op.condition) !== 0 ? op.then : op.otherwise;
					break;
				case 'use':
					registers[op.dst] = registers[op.from] ?? 0;
					break;
				case 'call': {
					const result = call(op.callee, op.arguments.map(value), depth + 1);
					if (op.dst !== null) registers[op.dst] = result ?? 0;
					break;
				}
				case 'return':
					return op.value === null ? null : value(op.value);
				case 'frame-address':
					registers[op.dst] = base + ((f.cells?.[op.slot]?.offset ?? op.slot * 8) % BIT_STRIDE);
					break;
				case 'symbol':
					registers[op.dst] = 0x3000_0000 + op.symbol * 0x1_0000;
					break;
				case 'load': {
					const at = value(op.address);
					const cell = at >= frameBase ? frames.load(at, op.type) : memory.get(at);
					if (cell === undefined) throw new Error(`${f.name}: fault at ${value(op.address)}`);
					registers[op.dst] = cell;
					break;
				}
				case 'store': {
					const at = value(op.address);
					if (at >= frameBase) frames.store(at, value(op.value), op.type);
					else memory.set(at, value(op.value));
					break;
				}
				case 'rmw':
					rmw(op, value, memory, registers);
					break;
				case 'unsupported':
					throw new Error(`unsupported: ${op.reason}`);
				default:
			}
		}
	};
	const index = program.functions.findIndex((f) => f.name === name);
	return call(index, given, 0);
}

/** Frame memory as bytes in the order of x86; 0 at first. Bit-fields lie between two bytes and have a cell each. */
class FrameBytes {
	private readonly bytes = new Map<number, number>();

	load(address: number, type: IntegerType = { bits: 64, signed: true }): number {
		if (address - frameBase >= BIT_STRIDE) return this.bytes.get(address) ?? 0;
		let value = 0n;
		for (let i = type.bits / 8 - 1; i >= 0; i--)
			value = (value << 8n) | BigInt(this.bytes.get(address + i) ?? 0);
		return wrap(value, type);
	}

	store(address: number, value: number, type: IntegerType = { bits: 64, signed: true }): void {
		if (address - frameBase >= BIT_STRIDE) this.bytes.set(address, value);
		else
			for (let i = 0; i < type.bits / 8; i++)
				this.bytes.set(address + i, Number((BigInt(value) >> BigInt(8 * i)) & 255n));
	}
}

function pure(op: Op, value: (o: Operand) => number): number | null {
	switch (op.kind) {
		case 'move':
			return value(op.from);
		case 'convert':
			return wrap(BigInt(value(op.operand)), op.type);
		case 'unary': {
			const x = BigInt(value(op.operand));
			return wrap(
				op.operator === '-' ? -x : op.operator === '~' ? ~x : x === 0n ? 1n : 0n,
				op.type,
			);
		}
		case 'binary':
			return wrap(
				compute(op.operator, read(value(op.left), op.type), read(value(op.right), op.type)),
				op.type,
			);
		case 'field':
			return value(op.base) + fieldOffset(op.field);
		case 'choose':
		case 'intrinsic':
			return 0;
		default:
			return null;
	}
}

function rmw(
	op: Op & { kind: 'rmw' },
	value: (o: Operand) => number,
	memory: Map<number, number>,
	registers: number[],
): void {
	const address = value(op.address);
	const old = memory.get(address) ?? 0;
	const expected = op.expected === null ? 0 : value(op.expected);
	const stores =
		op.operator === 'add-unless' ? old !== expected : op.operator !== 'cmpxchg' || old === expected;
	const operand = value(op.operand);
	const changed = op.operator === 'add' || op.operator === 'add-unless' ? old + operand : operand;
	const fresh = stores ? changed : old;
	memory.set(address, fresh);
	const results = { old, new: fresh, success: stores ? 1 : 0, zero: fresh === 0 ? 1 : 0 };
	if (op.dst !== null) registers[op.dst] = results[op.returns];
}

function read(x: number, type: IntegerType): bigint {
	return type.signed ? BigInt.asIntN(type.bits, BigInt(x)) : BigInt.asUintN(type.bits, BigInt(x));
}

function wrap(x: bigint, type: IntegerType): number {
	return Number(
		type.bits === 64 || type.signed ? BigInt.asIntN(type.bits, x) : BigInt.asUintN(type.bits, x),
	);
}

function compute(operator: string, a: bigint, b: bigint): bigint {
	switch (operator) {
		case '+':
			return a + b;
		case '-':
			return a - b;
		case '*':
			return a * b;
		case '/':
			return a / b;
		case '%':
			return a % b;
		case '&':
			return a & b;
		case '|':
			return a | b;
		case '^':
			return a ^ b;
		case '<<':
			return a << b;
		case '>>':
			return a >> b;
		case '==':
			return a === b ? 1n : 0n;
		case '!=':
			return a !== b ? 1n : 0n;
		case '<':
			return a < b ? 1n : 0n;
		case '<=':
			return a <= b ? 1n : 0n;
		case '>':
			return a > b ? 1n : 0n;
		case '>=':
			return a >= b ? 1n : 0n;
		default:
			throw new Error(`operator ${operator}`);
	}
}
