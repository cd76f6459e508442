/**
 * The stack of the thread that runs: its frames as windows of one register file. Frames below the one the thread was
 * suspended in stay as they are until it returns to them; frames called meanwhile are made suspended ones only where the
 * thread stops inside them, so that a call that comes back at once costs no table look-up.
 *
 *     below (suspended frames) | saved activations | the running one: fn, pc, window at `at`
 *
 * A register's source is the address whose load gave its value, 0 if none, negative while the compiler may load it again.
 */
import { assert } from '../../base/unreachable.js';
import type { FunctionIndex } from '../../program/op.js';
import type { Frame, Stack } from '../thread/frame.js';
import type { LinkedFunction, LinkedOp } from '../thread/link.js';
import { initialRegister } from '../thread/unset.js';
import type { Owner } from './frame_memory.js';
import type { FrameTable } from './frame_table.js';

interface Activation {
	readonly fn: LinkedFunction;
	readonly pc: number;
	readonly at: number;
	readonly rounds: number[];
	readonly base: number;
	readonly callers: Stack | null;
}

const NO_ROUNDS: number[] = [];

export class ThreadStack {
	fn: LinkedFunction;
	pc = 0;
	/** Where the running frame's registers begin in `values` and `sources`. */
	at = 0;
	base = 0;
	rounds: number[] = NO_ROUNDS;
	values = new Float64Array(1024);
	sources = new Float64Array(1024);
	/** Frames on the stack. */
	depth = 0;
	/** Where the callers stand. */
	callers: Stack | null = null;
	private readonly table: FrameTable;
	private below: Frame | null = null;
	private readonly saved: Activation[] = [];
	/** A register of some window may be re-loaded. */
	private marked = false;

	constructor(table: FrameTable, fn: LinkedFunction) {
		this.table = table;
		this.fn = fn;
	}

	/** Starts with no frame. */
	clear(): void {
		this.saved.length = 0;
		this.below = null;
		this.callers = null;
		this.depth = 0;
		this.at = 0;
		this.marked = false;
	}

	/** Goes on in a suspended frame. */
	thaw(frame: Frame): void {
		const { fn, live, values, sources } = frame;
		this.saved.length = 0;
		this.at = 0;
		this.reserve(fn.registers);
		this.fn = fn;
		this.pc = frame.pc;
		this.rounds = frame.rounds.length === 0 ? NO_ROUNDS : frame.rounds.slice();
		this.base = frame.base;
		this.depth = frame.depth;
		this.below = frame.parent;
		this.callers = frame.stack.parent;
		this.marked = frame.marked;
		for (let i = 0; i < live.length; i++) {
			const register = live[i] as number;
			this.values[register] = values[i] as number;
			this.sources[register] = sources[i] as number;
		}
	}

	/** Suspends the running frame and all saved ones; `live` are the registers the running one still needs. */
	freeze(live: readonly number[]): Frame {
		let parent = this.below;
		for (const activation of this.saved) {
			parent = this.suspend(activation, parent, activation.fn.liveAcross(activation.pc));
		}
		this.below = parent;
		this.saved.length = 0;
		return this.suspend(this, parent, live);
	}

	/** A frame for `fn` above the running one, its registers unset where they may be read before they are written. */
	push(fn: LinkedFunction, base: number): void {
		if (this.depth > 0) {
			const { pc, at, rounds, base: own, callers } = this;
			this.saved.push({ fn: this.fn, pc, at, rounds, base: own, callers });
			this.callers = this.here();
			this.at += this.fn.registers;
		}
		this.reserve(fn.registers);
		this.depth++;
		this.fn = fn;
		this.pc = 0;
		this.base = base;
		this.rounds = fn.loops.length === 0 ? NO_ROUNDS : new Array<number>(fn.loops.length).fill(0);
		for (const register of fn.live(0)) this.set(register, initialRegister(fn, register), 0);
	}

	/** Leaves the running frame; false if it was the last. */
	pop(): boolean {
		const activation = this.saved.pop();
		if (activation === undefined) {
			if (this.below === null) return false;
			const { marked } = this;
			this.thaw(this.below);
			this.marked ||= marked;
			return true;
		}
		this.depth--;
		this.fn = activation.fn;
		this.pc = activation.pc;
		this.at = activation.at;
		this.rounds = activation.rounds;
		this.base = activation.base;
		this.callers = activation.callers;
		return true;
	}

	/** The frame whose memory cell `word` belongs to; null: none. */
	owner(word: number): Owner | null {
		if (word >= this.base) return word < this.base + this.fn.slots ? this : null;
		for (let i = this.saved.length - 1; i >= 0; i--) {
			const activation = this.saved[i] as Activation;
			if (word >= activation.base)
				return word < activation.base + activation.fn.slots ? activation : null;
		}
		for (let frame = this.below; frame !== null; frame = frame.parent)
			if (word >= frame.base) return word < frame.base + frame.fn.slots ? frame : null;
		return null;
	}

	/** Goes on at an op of the running function; false: a loop would be gone round more than `loopMax` times. */
	jump(target: number, loopMax: number): boolean {
		const { fn, rounds } = this;
		if (target <= this.pc) {
			const loop = fn.loopAt[target] as number;
			const count = (rounds[loop] as number) + 1;
			if (count > loopMax) return false;
			rounds[loop] = count;
			const end = (fn.loops[loop] as { end: number }).end;
			// A new round forgets the rounds of the loops inside.
			for (let i = loop + 1; i < rounds.length; i++) {
				if ((fn.loops[i] as { head: number }).head <= end) rounds[i] = 0;
			}
		}
		this.pc = target;
		return true;
	}

	/** Where the running frame stands. */
	here(): Stack {
		const { site } = this.fn.ops[this.pc] as LinkedOp;
		return { function: this.fn.index as FunctionIndex, site, parent: this.callers };
	}

	value(register: number): number {
		return this.values[this.at + register] as number;
	}

	source(register: number): number {
		return this.sources[this.at + register] as number;
	}

	set(register: number, value: number, source: number): void {
		// Adding 0 makes -0 a 0.
		this.values[this.at + register] = value + 0;
		this.sources[this.at + register] = source;
		if (source < 0) this.marked = true;
	}

	/** Takes away the freedom to re-load from `address`, or from everywhere, in all frames. */
	unmark(address: number | null): void {
		if (!this.marked) return;
		const end = this.at + this.fn.registers;
		const { sources } = this;
		for (let i = 0; i < end; i++) {
			const source = sources[i] as number;
			if (source < 0 && (address === null || source === -address)) sources[i] = -source;
		}
		if (this.below !== null) this.below = this.table.unmarked(this.below, address);
		if (address === null) this.marked = false;
	}

	private suspend(
		activation: Pick<Activation, 'fn' | 'pc' | 'at' | 'rounds' | 'base'>,
		parent: Frame | null,
		live: readonly number[],
	): Frame {
		const { fn, pc, at, rounds, base } = activation;
		for (let i = 0; i < rounds.length; i++) {
			const loop = fn.loops[i];
			if (loop !== undefined && (pc < loop.head || pc > loop.end)) rounds[i] = 0;
		}
		const { values, sources } = this;
		return this.table.frame({ parent, fn, pc, rounds, base }, live, { values, sources, at });
	}

	private reserve(registers: number): void {
		const needed = this.at + registers;
		if (needed <= this.values.length) return;
		const [values, sources] = [new Float64Array(2 * needed), new Float64Array(2 * needed)];
		values.set(this.values);
		sources.set(this.sources);
		this.values = values;
		this.sources = sources;
		assert(needed < REGISTERS_MAX, 'a stack within its bound');
	}
}

/** Registers of one stack at most: far above what `callDepthMax` lets any program use. */
const REGISTERS_MAX = 1 << 24;
