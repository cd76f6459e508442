/**
 * A Program made ready to run: operands resolved, which registers are still needed where, where loops begin and end.
 *
 * Dead registers are what keeps equal states equal: two runs that differ only in temporaries nobody reads again are one
 * state. Loop extents tell when a frame has left a loop, so that the number of rounds it made is forgotten.
 *
 * Invariant: linking changes no behaviour; a register outside `live(pc)` is written before it is read on every path.
 */
import { unreachable } from '../../base/unreachable.js';
import type { Op, Operand, OpIndex, SiteIndex } from '../../program/op.js';
import {
	BIT_STRIDE,
	type FrameCell,
	type Program,
	type ProgramFunction,
	successors,
} from '../../program/program.js';

/** An op with its operands flattened: register `x` when `x >= 0`, else the constant `xk`. */
export interface LinkedOp {
	readonly op: Op;
	readonly site: SiteIndex;
	readonly dst: number;
	readonly a: number;
	readonly ak: number;
	readonly b: number;
	readonly bk: number;
	readonly c: number;
	readonly ck: number;
}

/** A loop of a function by its lowest and highest op; entering `head` from inside is one round. */
export interface Loop {
	readonly head: number;
	readonly end: number;
}

export interface LinkedFunction {
	readonly index: number;
	readonly source: ProgramFunction;
	readonly ops: readonly LinkedOp[];
	readonly registers: number;
	readonly slots: number;
	/** Slot by the byte its cell lies at; null: each is a word. */
	readonly cellAt: ReadonlyMap<number, number> | null;
	/** Ascending by head. */
	readonly loops: readonly Loop[];
	/** Index in `loops` of the loop that begins at an op, else -1. */
	readonly loopAt: Int32Array;
	/** Registers that may be read at or after an op before they are written. */
	live(pc: number): readonly number[];
	/** Registers that a frame suspended in the call at `pc` must keep: live after it, the result apart. */
	liveAcross(pc: number): readonly number[];
}

/** Where a slot's cell lies in its frame. */
export function cellOf({ source }: LinkedFunction, slot: number): FrameCell {
	return source.cells?.[slot] ?? { offset: slot * SLOT_BYTES, size: SLOT_BYTES };
}

/** Byte of its frame at which the object begins whose first cell a slot has. */
export function objectOffset(fn: LinkedFunction, slot: number): number {
	return cellOf(fn, slot).offset % BIT_STRIDE;
}

const SLOT_BYTES = 8;

export interface LinkedProgram {
	readonly program: Program;
	readonly functions: readonly LinkedFunction[];
}

/** Linked functions by their source: a memo only, linking depends on nothing else. */
const linkedFunctions = new WeakMap<ProgramFunction, LinkedFunction>();

/** Prepares every function of a well-formed program. */
export function link(program: Program): LinkedProgram {
	const functions = program.functions.map((source, index) => {
		const known = linkedFunctions.get(source);
		if (known !== undefined && known.index === index) return known;
		const linked = linkFunction(source, index);
		linkedFunctions.set(source, linked);
		return linked;
	});
	return { program, functions };
}

/** Registers an op reads, and the one it writes (-1: none). */
export function registersOf(op: Op): { readonly reads: readonly number[]; readonly dst: number } {
	const linked = linkOp(op);
	const reads = [linked.a, linked.b, linked.c].filter((r) => r >= 0);
	if (op.kind === 'call' || op.kind === 'intrinsic') {
		for (const operand of op.arguments) {
			if (operand.kind === 'register') reads.push(operand.register);
		}
	}
	return { reads, dst: linked.dst };
}

function linkFunction(source: ProgramFunction, index: number): LinkedFunction {
	const ops = source.ops.map(linkOp);
	const loops = loopsOf(source);
	const loopAt = new Int32Array(ops.length).fill(-1);
	loops.forEach((loop, i) => {
		loopAt[loop.head] = i;
	});
	let liveSets: readonly Uint32Array[] | null = null;
	const liveIn = (pc: number): Uint32Array | undefined => {
		liveSets ??= liveness(source);
		return liveSets[pc];
	};
	const lists: (readonly number[] | undefined)[] = [];
	const acrossLists: (readonly number[] | undefined)[] = [];
	return {
		index,
		source,
		ops,
		registers: source.registers,
		slots: source.slots.length,
		cellAt: source.cells === undefined ? null : new Map(source.cells.map((c, i) => [c.offset, i])),
		loops,
		loopAt,
		live(pc) {
			lists[pc] ??= members(liveIn(pc));
			return lists[pc] as readonly number[];
		},
		liveAcross(pc) {
			const dst = ops[pc]?.dst ?? -1;
			acrossLists[pc] ??= members(liveIn(pc + 1)).filter((r) => r !== dst);
			return acrossLists[pc] as readonly number[];
		},
	};
}

function linkOp(op: Op): LinkedOp {
	let dst = -1;
	let a: Operand | null = null;
	let b: Operand | null = null;
	let c: Operand | null = null;
	switch (op.kind) {
		case 'move':
			dst = op.dst;
			a = op.from;
			break;
		case 'use':
			dst = op.dst;
			a = { kind: 'register', register: op.from };
			break;
		case 'unary':
		case 'convert':
			dst = op.dst;
			a = op.operand;
			break;
		case 'binary':
			dst = op.dst;
			a = op.left;
			b = op.right;
			break;
		case 'field':
			dst = op.dst;
			a = op.base;
			break;
		case 'load':
			dst = op.dst;
			a = op.address;
			break;
		case 'store':
			a = op.address;
			b = op.value;
			break;
		case 'rmw':
			dst = op.dst ?? -1;
			a = op.address;
			b = op.operand;
			c = op.expected;
			break;
		case 'branch':
		case 'assume':
			a = op.condition;
			break;
		case 'return':
			a = op.value;
			break;
		case 'call':
		case 'intrinsic':
		case 'section':
			dst = op.dst ?? -1;
			break;
		case 'frame-address':
		case 'symbol':
		case 'choose':
			dst = op.dst;
			break;
		case 'jump':
		case 'fence':
		case 'bug':
		case 'unsupported':
			break;
		default:
			unreachable(op);
	}
	return {
		op,
		site: op.site,
		dst,
		a: a?.kind === 'register' ? a.register : -1,
		ak: a?.kind === 'constant' ? a.value : 0,
		b: b?.kind === 'register' ? b.register : -1,
		bk: b?.kind === 'constant' ? b.value : 0,
		c: c?.kind === 'register' ? c.register : -1,
		ck: c?.kind === 'constant' ? c.value : 0,
	};
}

/**
 * Loops by their back edges. Extents that overlap are merged, so that no cycle of the function leaves the extent of the
 * lowest head on it: its round count is never forgotten half-way, and every endless run meets the bound.
 */
function loopsOf(source: ProgramFunction): readonly Loop[] {
	const ends = new Map<number, number>();
	source.ops.forEach((op, pc) => {
		for (const target of successors(op, pc as OpIndex)) {
			if (target <= pc) ends.set(target, Math.max(ends.get(target) ?? 0, pc));
		}
	});
	const heads = [...ends.keys()].sort((x, y) => y - x);
	for (const head of heads) {
		let end = ends.get(head) as number;
		for (const inner of [...heads].reverse()) {
			if (inner > head && inner <= end) end = Math.max(end, ends.get(inner) as number);
		}
		ends.set(head, end);
	}
	return heads.reverse().map((head) => ({ head, end: ends.get(head) as number }));
}

/** Backward dataflow over bit sets, one per op; entry `ops.length` is the empty set behind the last op. */
function liveness(source: ProgramFunction): readonly Uint32Array[] {
	const words = (source.registers + 31) >> 5;
	const sets = Array.from({ length: source.ops.length + 1 }, () => new Uint32Array(words));
	const effects = source.ops.map((op, pc) => ({
		next: successors(op, pc as OpIndex),
		...registersOf(op),
	}));
	const scratch = new Uint32Array(words);
	for (let changed = true; changed; ) {
		changed = false;
		for (let pc = source.ops.length - 1; pc >= 0; pc--) {
			const effect = effects[pc] as (typeof effects)[number];
			scratch.fill(0);
			for (const next of effect.next) {
				const set = sets[next];
				if (set) for (let w = 0; w < words; w++) scratch[w] = (scratch[w] ?? 0) | (set[w] ?? 0);
			}
			const { dst } = effect;
			if (dst >= 0) scratch[dst >> 5] = (scratch[dst >> 5] ?? 0) & ~(1 << (dst & 31));
			for (const r of effect.reads) scratch[r >> 5] = (scratch[r >> 5] ?? 0) | (1 << (r & 31));
			const set = sets[pc] as Uint32Array;
			for (let w = 0; w < words; w++) {
				if (set[w] !== scratch[w]) {
					set.set(scratch);
					changed = true;
					break;
				}
			}
		}
	}
	return sets;
}

function members(set: Uint32Array | undefined): readonly number[] {
	const list: number[] = [];
	set?.forEach((word, w) => {
		for (let bit = 0; bit < 32; bit++) if (word & (1 << bit)) list.push(w * 32 + bit);
	});
	return list;
}
