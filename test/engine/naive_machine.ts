/**
 * The machine's semantics written down plainly, as an oracle: whole states as JSON, every register kept, nothing shared
 * or remembered, all interleavings. Knows the ops that random programs use; monitors are left out.
 */
import {
	beginWait,
	changeSection,
	endSections,
	waitOver,
} from '../../engine/memory/thread/sections.js';
import { binary, rmwResult, rmwStored } from '../../engine/memory/thread/word.js';
import type { Op, Operand } from '../../engine/program/op.js';
import { cellAddress, type SmallWorld, smallProgram } from './small_program.js';

interface NaiveFrame {
	readonly fn: number;
	pc: number;
	readonly registers: { value: number; from: number; fresh: boolean }[];
	readonly slots: number[];
}

interface NaiveThread {
	frames: NaiveFrame[];
	status: 'running' | 'done' | 'faulted';
}

interface NaiveState {
	readonly cells: Record<number, number>;
	readonly threads: NaiveThread[];
}

/** Frame memory in the oracle: thread, depth and slot told by the address. */
const SLOTS = 0x9000_0000;

/** Final cells of every complete run of a world without loops; null when there are more than `statesMax` states. */
export function naiveFinals(world: SmallWorld, statesMax: number): ReadonlySet<string> | null {
	const { functions } = smallProgram(world.functions);
	const entries = world.entries ?? world.functions.map((_, i) => i);
	const frame = (fn: number): NaiveFrame => ({
		fn,
		pc: 0,
		registers: Array.from({ length: functions[fn]?.registers ?? 0 }, () => ({
			value: 0,
			from: 0,
			fresh: false,
		})),
		slots: new Array<number>(functions[fn]?.slots.length ?? 0).fill(0),
	});
	const cells: Record<number, number> = {};
	world.cells.forEach((word, i) => {
		cells[cellAddress(i)] = word;
	});
	const initial: NaiveState = {
		cells,
		threads: entries.map((fn) => ({ frames: [frame(fn)], status: 'running' })),
	};
	const finals = new Set<string>();
	const seen = new Set<string>();
	const queue = [initial];
	for (let state = queue.pop(); state !== undefined; state = queue.pop()) {
		const key = JSON.stringify(state);
		if (seen.has(key)) continue;
		seen.add(key);
		if (seen.size > statesMax) return null;
		if (state.threads.every((t) => t.status !== 'running')) {
			finals.add(world.cells.map((_, i) => state.cells[cellAddress(i)]).join(' '));
		}
		state.threads.forEach((thread, t) => {
			if (thread.status === 'running') queue.push(...steps(state, t));
		});
	}
	return finals;

	function steps(state: NaiveState, t: number): readonly NaiveState[] {
		const results: NaiveState[] = [];
		for (let alternative = 0; alternative < 2; alternative++) {
			const copy = structuredClone(state);
			if (run(copy, t, alternative)) results.push(copy);
		}
		return results;
	}

	/** Runs local ops, one op on shared state, and local ops up to the next; false when that is not possible. */
	function run(state: NaiveState, t: number, alternative: number): boolean {
		let shared = 0;
		for (;;) {
			const thread = state.threads[t] as NaiveThread;
			if (thread.status !== 'running') return true;
			const top = thread.frames.at(-1) as NaiveFrame;
			const op = functions[top.fn]?.ops[top.pc] as Op;
			if (isShared(op, top) && shared++ > 0) return true;
			if (!execute(state, t, op, alternative)) return false;
		}
	}

	function isShared(op: Op, top: NaiveFrame): boolean {
		switch (op.kind) {
			case 'load':
			case 'store':
			case 'rmw':
				return word(op.address, top) < SLOTS;
			case 'use':
				return top.registers[op.from]?.fresh === true;
			case 'section':
			case 'intrinsic':
			case 'choose':
				return true;
			default:
				return false;
		}
	}

	function execute(state: NaiveState, t: number, op: Op, alternative: number): boolean {
		const thread = state.threads[t] as NaiveThread;
		const top = thread.frames.at(-1) as NaiveFrame;
		const threads = state.threads.length;
		const memory = {
			read: (address: number) => state.cells[address] ?? 0,
			write: (address: number, value: number) => {
				state.cells[address] = value;
			},
		};
		const set = (dst: number, value: number, from = 0, fresh = false): void => {
			top.registers[dst] = { value, from, fresh };
		};
		const unmark = (address: number | null): void => {
			for (const r of thread.frames.flatMap((f) => f.registers)) {
				if (address === null || r.from === address) r.fresh = false;
			}
		};
		const at = (address: number): { get(): number; put(value: number): void } | null => {
			if (address >= SLOTS) {
				const slots = thread.frames[Math.floor((address - SLOTS) / 0x1000)]?.slots ?? [];
				const slot = (address % 0x1000) / 8;
				return {
					get: () => slots[slot] ?? 0,
					put: (value) => {
						slots[slot] = value;
					},
				};
			}
			if (state.cells[address] === undefined) return null;
			return { get: () => memory.read(address), put: (value) => memory.write(address, value) };
		};
		// Only the op on shared state has alternatives.
		switch (op.kind) {
			case 'move': {
				const from = op.from.kind === 'register' ? top.registers[op.from.register] : undefined;
				set(op.dst, word(op.from, top), from?.from, from?.fresh);
				break;
			}
			case 'use': {
				const from = top.registers[op.from] as NaiveFrame['registers'][number];
				const again = at(from.from)?.get() ?? from.value;
				if (!from.fresh) set(op.dst, from.value, from.from);
				else if (alternative === 0) set(op.dst, from.value, from.from);
				else if (again === from.value) return false;
				else set(op.dst, again, from.from);
				top.pc++;
				return true;
			}
			case 'binary':
				set(op.dst, binary(op.operator, word(op.left, top), word(op.right, top), op.type));
				break;
			case 'branch':
				top.pc = word(op.condition, top) !== 0 ? op.then : op.otherwise;
				return true;
			case 'frame-address':
				set(op.dst, SLOTS + (thread.frames.length - 1) * 0x1000 + op.slot * 8);
				break;
			case 'call': {
				const callee = frame(op.callee);
				op.arguments.forEach((argument, i) => {
					const r = argument.kind === 'register' ? top.registers[argument.register] : undefined;
					callee.registers[i] = {
						value: word(argument, top),
						from: r?.from ?? 0,
						fresh: r?.fresh ?? false,
					};
				});
				thread.frames.push(callee);
				return true;
			}
			case 'return': {
				const r = op.value?.kind === 'register' ? top.registers[op.value.register] : undefined;
				const value = op.value === null ? 0 : word(op.value, top);
				thread.frames.pop();
				const caller = thread.frames.at(-1);
				if (caller === undefined) {
					thread.status = 'done';
					endSections(memory, t, threads);
					return true;
				}
				const call = functions[caller.fn]?.ops[caller.pc];
				if (call?.kind === 'call' && call.dst !== null) {
					caller.registers[call.dst] = { value, from: r?.from ?? 0, fresh: r?.fresh ?? false };
				}
				caller.pc++;
				return true;
			}
			case 'fence':
				unmark(null);
				break;
			case 'assume':
				if (word(op.condition, top) === 0) return false;
				break;
			case 'load': {
				const address = word(op.address, top);
				const place = at(address);
				if (place === null) return fault(thread, memory, t, threads);
				set(op.dst, place.get(), address, op.order === 'plain' && address < SLOTS);
				break;
			}
			case 'store': {
				const address = word(op.address, top);
				const place = at(address);
				if (place === null) return fault(thread, memory, t, threads);
				place.put(word(op.value, top));
				unmark(address);
				break;
			}
			case 'rmw': {
				const place = at(word(op.address, top));
				if (place === null) return fault(thread, memory, t, threads);
				const expected = op.expected === null ? 0 : word(op.expected, top);
				const old = place.get();
				const stored = rmwStored(op.operator, old, word(op.operand, top), expected);
				if (stored !== null) place.put(stored);
				unmark(null);
				if (op.dst !== null) set(op.dst, rmwResult(op.returns, old, stored));
				break;
			}
			case 'section':
				changeSection(memory, { thread: t, threads, kind: op.section, delta: op.delta });
				unmark(null);
				break;
			case 'intrinsic':
				if (op.name === 'begin') beginWait(memory, { thread: t, threads, kinds: ['rcu', 'irq'] });
				else if (!waitOver(memory, t, threads)) return false;
				unmark(null);
				break;
			case 'choose':
				set(op.dst, alternative);
				break;
			case 'bug':
				break;
			default:
				throw new Error(`the oracle does not know ${op.kind}`);
		}
		top.pc++;
		return true;
	}
}

function fault(
	thread: NaiveThread,
	memory: Parameters<typeof endSections>[0],
	t: number,
	threads: number,
): boolean {
	thread.status = 'faulted';
	thread.frames = [];
	endSections(memory, t, threads);
	return true;
}

function word(operand: Operand, frame: NaiveFrame): number {
	if (operand.kind === 'constant') return operand.value;
	return frame.registers[operand.register]?.value ?? 0;
}
