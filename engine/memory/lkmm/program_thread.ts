/**
 * One run through a thread of a lowered program with its reads as unknowns: what `thread_machine.ts` is for litmus tests,
 * this is for the IR. Only accesses to contended locations are events; everything else is memory of the thread's own,
 * whose reads pass on the dependencies of what was stored. Control dependencies last from a branch to its immediate
 * post-dominator in the same frame, or to the frame's return.
 *
 * Model: plain accesses count as READ_ONCE() and WRITE_ONCE(); that a compiler may repeat a plain load is explored under
 * sc. Loses reorderings of plain accesses by the compiler.
 * Model: a local in memory is 0 before it is set; one in a register has no value then (unset.ts).
 * Model: numbers that are not known yet are not wrapped to their type: counts and entries stay far from their limits.
 *
 * Invariant: the same choices give the same run.
 */
import { assert, unreachable } from '../../base/unreachable.js';
import type { FunctionIndex, Op, RegisterIndex, SectionKind } from '../../program/op.js';
import * as ir from '../../program/program.js';
import type { StackFrame } from '../thread/event.js';
import { FRAME_BASE } from '../thread/frame.js';
import { type LinkedFunction, objectOffset, registersOf } from '../thread/link.js';
import { initialRegister, isCopy, isUnset, unsetReason } from '../thread/unset.js';
import { binary, convert, unary } from '../thread/word.js';
import * as tag from './event.js';
import { concrete, settle } from './known_values.js';
import { type LitmusSite, type LocationIndex, locationAddress } from './litmus_program.js';
import { postDominators } from './post_dominators.js';
import { Locals } from './program_locals.js';
import { type PortThread, ThreadPort } from './program_port.js';
import { performRmw, type RmwMemory } from './program_rmw.js';
import type {
	EventNote,
	ProgramEnd,
	ProgramRun,
	ProgramSetting,
	ProgramThread,
} from './program_run.js';
import { OpenSections, type Wait } from './program_sections.js';
import {
	Abandoned,
	join,
	NO_DEPS,
	type RunRecorder,
	type Dependent as Word,
} from './run_recorder.js';
import { negate, operate, type SymbolicValue } from './value.js';

interface Frame {
	readonly fn: LinkedFunction;
	pc: number;
	readonly registers: Word[];
	readonly rounds: Map<number, number>;
	/** Control dependencies of the call. */
	readonly outer: readonly number[];
	/** Branches that still decide, by the op that ends them. */
	readonly regions: Map<number, readonly number[]>;
	/** Address of the first slot. */
	readonly base: number;
}

/** Thrown where the run ends early; caught in `run`. */
class Ended extends Error {
	readonly end: ProgramEnd;

	constructor(end: ProgramEnd) {
		super();
		this.end = end;
	}
}

/** What the read of a read-modify-write is combined or compared with. */
interface Partner {
	readonly operand: SymbolicValue;
	readonly expected: SymbolicValue | null;
}

export class ProgramThreadRun implements PortThread, RmwMemory {
	readonly facts = new Set<string>();
	/** Shared locations this run read and wrote outside events and in them. */
	readonly reads = new Set<number>();
	readonly writes = new Set<number>();
	/** What it waited for. */
	readonly waits = new Set<Wait>();
	readonly recorder: RunRecorder;
	readonly #setting: ProgramSetting;
	readonly #locals: Locals;
	readonly #entered = new Set<FunctionIndex>();
	readonly #notes: EventNote[] = [];
	readonly #frames: Frame[] = [];
	readonly #sections: OpenSections;
	readonly #port = new ThreadPort(this);
	#op: Op | null = null;

	constructor(setting: ProgramSetting, thread: number, recorder: RunRecorder) {
		this.#setting = setting;
		this.recorder = recorder;
		this.#sections = new OpenSections(setting.waits);
		this.#locals = new Locals(thread);
	}

	/** Runs to the end; throws Abandoned when no execution takes this way or it cannot be followed. */
	run(thread: ProgramThread): ProgramRun {
		let end: ProgramEnd;
		try {
			this.#enter(
				thread.entry,
				thread.arguments.map((value) => ({ value, deps: NO_DEPS })),
			);
			end = { kind: 'returned', value: this.#go() };
		} catch (error) {
			if (!(error instanceof Ended)) throw error;
			end = error.end;
		}
		const { events, constraints, possible } = this.recorder;
		const memory = new Map(
			[...this.#locals.cells].map(([at, word]) => [at, settle(this.recorder, word.value)]),
		);
		const run = { events, constraints, registers: new Map(), possible, blockedAt: null };
		return {
			run,
			notes: this.#notes,
			end:
				end.kind === 'returned' && end.value !== null
					? { ...end, value: settle(this.recorder, end.value) }
					: end,
			memory,
			facts: this.facts,
			entered: this.#entered,
		};
	}

	// Control.

	#go(): SymbolicValue | null {
		for (let steps = 0; ; steps++) {
			if (steps > this.#setting.stepsMax) throw new Abandoned('a run did not end');
			const frame = this.#frames.at(-1) as Frame;
			if (frame.regions.delete(frame.pc)) this.#control(frame);
			const { op } = frame.fn.ops[frame.pc] as LinkedFunction['ops'][number];
			this.#op = op;
			if (op.kind === 'return') {
				const value = op.value === null ? null : this.#operand(frame, op.value);
				this.#frames.pop();
				this.#locals.leave(frame.base);
				const caller = this.#frames.at(-1);
				if (caller === undefined) return value?.value ?? null;
				this.recorder.ctrl = frame.outer;
				const call = caller.fn.ops[caller.pc]?.op;
				if (call?.kind === 'call' && call.dst !== null)
					caller.registers[call.dst] = value ?? { value: 0, deps: NO_DEPS };
				caller.pc++;
			} else this.#step(frame, op);
		}
	}

	#step(frame: Frame, op: Exclude<Op, { kind: 'return' }>): void {
		switch (op.kind) {
			case 'jump':
				this.#jump(frame, op.target);
				return;
			case 'branch': {
				const condition = this.#operand(frame, op.condition);
				const truth = this.recorder.decide(condition.value);
				if (condition.deps.length > 0) {
					const until = postDominators(frame.fn.source)[frame.pc] as number;
					frame.regions.set(until, join(frame.regions.get(until) ?? NO_DEPS, condition.deps));
					this.#control(frame);
				}
				this.#jump(frame, truth ? op.then : op.otherwise);
				return;
			}
			case 'call':
				this.#enter(
					op.callee,
					op.arguments.map((x) => this.#operand(frame, x)),
				);
				return;
			case 'load':
			case 'store':
			case 'rmw':
				this.#access(frame, op);
				break;
			default:
				this.#simple(frame, op);
		}
		frame.pc++;
	}

	#control(frame: Frame): void {
		let ctrl = frame.outer;
		for (const deps of frame.regions.values()) ctrl = join(ctrl, deps);
		this.recorder.ctrl = ctrl;
	}

	#jump(frame: Frame, target: number): void {
		if (target <= frame.pc) {
			const rounds = (frame.rounds.get(target) ?? 0) + 1;
			const { name } = frame.fn.source;
			if (rounds > this.#setting.loopMax)
				throw new Abandoned(`a loop of ${name}() ran more than ${this.#setting.loopMax} times`);
			frame.rounds.set(target, rounds);
		}
		frame.pc = target;
	}

	#enter(callee: FunctionIndex, args: readonly Word[]): void {
		if (this.#frames.length >= this.#setting.callDepthMax)
			throw new Abandoned(`more than ${this.#setting.callDepthMax} calls inside each other`);
		const fn = this.#setting.linked.functions[callee];
		assert(fn !== undefined, `function ${callee} exists`);
		this.#entered.add(callee);
		const base = this.#locals.enter(fn);
		const registers = args.slice(0, fn.source.parameters.length);
		const { ctrl } = this.recorder;
		this.#frames.push({
			fn,
			pc: 0,
			registers,
			rounds: new Map(),
			outer: ctrl,
			regions: new Map(),
			base,
		});
	}

	// Ops without memory.

	#simple(
		frame: Frame,
		op: Exclude<Op, { kind: 'return' | 'jump' | 'branch' | 'call' | 'load' | 'store' | 'rmw' }>,
	): void {
		switch (op.kind) {
			case 'move':
				frame.registers[op.dst] = this.#operand(frame, op.from);
				return;
			case 'use':
				frame.registers[op.dst] = this.#register(frame, op.from);
				return;
			case 'unary':
			case 'binary':
			case 'convert':
			case 'field':
				frame.registers[op.dst] = this.#compute(frame, op);
				return;
			case 'symbol': {
				const name = this.#setting.linked.program.symbols[op.symbol] as string;
				const value = this.#setting.symbols.get(name);
				if (value === undefined) throw this.#unsupported(`${name} is not part of the model`);
				frame.registers[op.dst] = { value, deps: NO_DEPS };
				return;
			}
			case 'frame-address':
				frame.registers[op.dst] = {
					value: frame.base + objectOffset(frame.fn, op.slot),
					deps: NO_DEPS,
				};
				return;
			case 'fence':
				this.recorder.fence(op.fence, false, this.site());
				this.note(null);
				return;
			case 'section':
				if (op.dst !== null) {
					const inside = this.section(op.section) > 0;
					frame.registers[op.dst] = { value: inside ? 1 : 0, deps: NO_DEPS };
				}
				this.#section(op.section, op.delta);
				return;
			case 'intrinsic': {
				const args = op.arguments.map((x) =>
					concrete(this.recorder, this.#operand(frame, x).value),
				);
				const result = this.#setting.operations.get(op.name)?.(args, this.#port) ?? null;
				if (result === null) throw this.#unsupported(`${op.name} is not modelled under lkmm`);
				if (op.dst !== null) frame.registers[op.dst] = { value: result, deps: NO_DEPS };
				return;
			}
			case 'choose':
				frame.registers[op.dst] = { value: this.recorder.choose(op.alternatives), deps: NO_DEPS };
				return;
			case 'assume':
				this.recorder.require(this.#operand(frame, op.condition).value);
				return;
			case 'bug':
				if (op.severity === 'bug')
					throw new Ended({ kind: 'bug', what: op.what, frames: this.#standing() });
				return;
			case 'unsupported':
				throw this.#unsupported(op.reason);
			default:
				unreachable(op);
		}
	}

	#compute(
		frame: Frame,
		op: Extract<Op, { kind: 'unary' | 'binary' | 'convert' | 'field' }>,
	): Word {
		if (op.kind === 'binary') {
			const l = this.#operand(frame, op.left);
			const r = this.#operand(frame, op.right);
			const deps = join(l.deps, r.deps);
			if (typeof l.value !== 'number' || typeof r.value !== 'number')
				return { value: settle(this.recorder, operate(op.operator, l.value, r.value)), deps };
			if (r.value === 0 && (op.operator === '/' || op.operator === '%')) throw this.#fault(0);
			return { value: this.#exact(binary(op.operator, l.value, r.value, op.type)), deps };
		}
		if (op.kind === 'field') {
			const base = this.#operand(frame, op.base);
			return { value: operate('+', base.value, ir.fieldOffset(op.field)), deps: base.deps };
		}
		const { value, deps } = this.#operand(frame, op.operand);
		if (op.kind === 'convert')
			return { value: typeof value === 'number' ? convert(value, op.type) : value, deps };
		const result =
			typeof value === 'number'
				? this.#exact(unary(op.operator, value, op.type))
				: negate(op.operator, value);
		return { value: settle(this.recorder, result), deps };
	}

	#exact(word: number): number {
		if (Number.isNaN(word)) throw new Abandoned('a value is too wide');
		return word;
	}

	#section(kind: SectionKind, delta: 1 | -1): void {
		const mark = this.#sections.change(kind, delta);
		if (mark === 'mixed')
			throw new Abandoned('an IPI and an RCU grace period wait for different sections');
		if (mark === null) return;
		this.recorder.emit({
			tags: mark === 'lock' ? tag.RCU_LOCK : tag.RCU_UNLOCK,
			site: this.site(),
		});
		this.note(null);
	}

	// Memory.

	#access(frame: Frame, op: Extract<Op, { kind: 'load' | 'store' | 'rmw' }>): void {
		const word = this.#operand(frame, op.address);
		const at = { address: concrete(this.recorder, word.value), deps: word.deps };
		const refusal = this.#locals.refusal(op, at.address);
		if (refusal !== null) throw this.#unsupported(refusal);
		this.touch(at.address, op.kind);
		this.#liveness(at);
		if (op.kind === 'load') {
			const order = op.order === 'acquire' ? tag.ACQUIRE : tag.ONCE;
			const { value, deps } = this.load(tag.R | order, at);
			const isNarrow = op.type !== undefined && typeof value === 'number';
			frame.registers[op.dst] = { value: isNarrow ? convert(value, op.type) : value, deps };
			return;
		}
		if (op.kind === 'store') {
			const order = op.order === 'release' ? tag.RELEASE : tag.ONCE;
			this.store(tag.W | order, at, this.#operand(frame, op.value), null);
			return;
		}
		const result = performRmw(this, {
			op,
			at,
			operand: this.#operand(frame, op.operand),
			expected: op.expected === null ? null : this.#operand(frame, op.expected),
			used: op.dst !== null && this.#isRead(frame, op.dst),
		});
		if (op.dst !== null) frame.registers[op.dst] = result;
	}

	/** Whether the op behind this one may read the register before it is written. */
	#isRead(frame: Frame, register: RegisterIndex): boolean {
		return (
			registersOf(this.#op as Op).dst === register && frame.fn.live(frame.pc + 1).includes(register)
		);
	}

	touch(address: number, access: 'load' | 'store' | 'rmw'): void {
		const isOwn = address >= FRAME_BASE;
		if (!this.#locals.cells.has(address) && !this.#setting.initial.has(address))
			throw this.#fault(address);
		if (isOwn) return;
		if (access !== 'store') this.reads.add(address);
		if (access !== 'load') this.writes.add(address);
		const alive = this.#setting.liveness(address);
		if (alive !== null && alive !== address) this.reads.add(alive);
	}

	/** With the same dependencies as the access that follows. */
	#liveness(at: { readonly address: number; readonly deps: readonly number[] }): void {
		const alive = this.#setting.liveness(at.address);
		const location = alive === null ? undefined : this.#setting.contended.get(alive);
		if (alive === null || location === undefined) return;
		const address = { value: locationAddress(location), deps: at.deps };
		this.recorder.read(tag.R | tag.ONCE, address, this.site());
		this.note(alive);
	}

	load(tags: number, at: { readonly address: number; readonly deps: readonly number[] }): Word {
		const location = this.#setting.contended.get(at.address);
		if (location === undefined) {
			const { deps = NO_DEPS } = this.#locals.cells.get(at.address) ?? {};
			return { value: settle(this.recorder, this.ownValue(at.address)), deps: join(at.deps, deps) };
		}
		const read = this.recorder.read(
			tags,
			{ value: locationAddress(location), deps: at.deps },
			this.site(),
		);
		this.note(at.address);
		return { value: settle(this.recorder, read.value), deps: read.deps };
	}

	/** `note`: operand and expected value of the read-modify-write it belongs to. */
	store(
		tags: number,
		at: { readonly address: number; readonly deps: readonly number[] },
		value: Word,
		partner: (Partner & { readonly read: number }) | null,
	): void {
		const location = this.#setting.contended.get(at.address);
		if (location === undefined) {
			this.#locals.cells.set(at.address, { value: value.value, deps: join(at.deps, value.deps) });
			return;
		}
		const rmw = partner === null ? {} : { rmw: partner.read };
		const address = { value: locationAddress(location), deps: at.deps };
		this.recorder.access(tags, address, this.site(), { value, ...rmw });
		this.note(at.address, partner);
	}

	fence(): void {
		this.recorder.fence('mb', true, this.site());
		this.note(null);
	}

	has(address: number): boolean {
		return this.#setting.initial.has(address);
	}

	ownValue(address: number): SymbolicValue {
		return this.#locals.cells.get(address)?.value ?? this.#setting.initial.get(address) ?? 0;
	}

	locationOf(address: number): LocationIndex | null {
		return this.#setting.contended.get(address) ?? null;
	}

	section(kind: SectionKind): number {
		return this.#sections.depth(kind);
	}

	// Values.

	#operand(frame: Frame, operand: Extract<Op, { kind: 'move' }>['from']): Word {
		if (operand.kind === 'constant') return { value: operand.value, deps: NO_DEPS };
		return this.#register(frame, operand.register);
	}

	#register(frame: Frame, register: RegisterIndex): Word {
		const first = { value: initialRegister(frame.fn, register), deps: NO_DEPS };
		const word = frame.registers[register] ?? first;
		if (typeof word.value !== 'number')
			return { value: settle(this.recorder, word.value), deps: word.deps };
		if (isUnset(word.value) && !isCopy(this.#op as Op))
			throw this.#unsupported(unsetReason(this.#setting.linked.functions, word.value));
		return word;
	}

	// Notes and ends.

	site(): LitmusSite {
		const site = this.#setting.linked.program.sites[(this.#op as Op).site];
		return { line: site?.line ?? 0, column: site?.column ?? 0 };
	}

	#standing(): readonly StackFrame[] {
		return [...this.#frames].reverse().map((f) => ({
			function: f.fn.index as FunctionIndex,
			site: (f.fn.ops[f.pc] as LinkedFunction['ops'][number]).site,
		}));
	}

	note(address: number | null, partner: Partner | null = null, back = 1): void {
		this.#notes[this.recorder.events.length - back] = {
			op: this.#op as Op,
			address,
			frames: this.#standing(),
			operand: partner?.operand ?? null,
			expected: partner?.expected ?? null,
		};
	}

	#fault(address: number): Ended {
		return new Ended({ kind: 'fault', address, frames: this.#standing() });
	}

	#unsupported(reason: string): Ended {
		return new Ended({ kind: 'unsupported', reason, site: (this.#op as Op).site });
	}
}
