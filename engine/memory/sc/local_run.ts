/**
 * Runs the thread-local ops of one thread from where it was suspended to its next op on shared state, on a ThreadStack.
 *
 * Invariant: touches no shared cell and decides nothing: the same node and outcome always give the same edge.
 */
import { assert, broken, unreachable } from '../../base/unreachable.js';
import type { FunctionIndex, Op, Operand, SiteIndex } from '../../program/op.js';
import { BIT_STRIDE, fieldOffset } from '../../program/program.js';
import type { MachineEvent } from '../thread/event.js';
import { FRAME_BASE, FRAME_STRIDE } from '../thread/frame.js';
import { type LinkedOp, objectOffset } from '../thread/link.js';
import { isUnset, shown, unsetReason } from '../thread/unset.js';
import { binary, convert, rmwResult, rmwStored, unary } from '../thread/word.js';
import type {
	AutomataOptions,
	Edge,
	LocalEvent,
	LocalIncident,
	Node,
	NodeTable,
	Pending,
} from './automaton_node.js';
import { bytesOf, FrameMemory, type Owner, WORD_STRIDE } from './frame_memory.js';
import {
	type Access,
	computed,
	divisionFault,
	loadEvent,
	pendingAccess,
	read,
	storeEvent,
	undefinedResult,
} from './local_value.js';
import { bytesRefusal, keptIn, narrowedOf, operandsLeft, upperOf } from './narrowing.js';
import { ThreadStack } from './thread_stack.js';

/** What ends a local run: a suspension, an end of the thread, or a failed assumption. */
type Stop = Pending | { readonly kind: 'refused' };

export class LocalRun {
	private readonly automata: NodeTable;
	private readonly stack: ThreadStack;
	private thread = 0;
	private memoryBase = 0;
	private readonly memory: FrameMemory;
	private events: LocalEvent[] = NONE;
	private incidents: LocalIncident[] = NONE;

	constructor(automata: NodeTable) {
		this.automata = automata;
		const first = automata.linked.functions[0];
		assert(first !== undefined, 'a program has a function');
		this.stack = new ThreadStack(automata.frames, first);
		const { features } = automata.linked.program;
		this.memory = new FrameMemory({
			isBigEndian: features?.includes('RACEWALK_BIG_ENDIAN') === true,
		});
	}

	/** See Automata.resume. */
	resume(node: Node, outcome: number): Edge {
		this.begin(node);
		const { pending } = node;
		switch (pending.kind) {
			case 'start':
				return this.first(node);
			case 'end':
			case 'done':
			case 'cut':
				return this.edge(this.automata.endNode(node.thread, { kind: 'done' }), false);
			default:
				this.apply(pending, outcome);
				this.stack.pc++;
				return this.finish(this.go());
		}
	}

	/** See Automata.fault. */
	fault(node: Node): Edge {
		this.begin(node);
		const { pending } = node;
		assert('address' in pending && pending.kind !== 'reload', 'only an access faults');
		this.reportFault(pending.kind, pending.address, pending.source);
		return this.finish({ kind: 'done' });
	}

	private begin(node: Node): void {
		this.thread = node.thread;
		this.memoryBase = FRAME_BASE + node.thread * FRAME_STRIDE;
		this.automata.frames.lowered = false;
		this.events = NONE;
		this.incidents = NONE;
		this.automata.trail.begin(this.thread);
		this.memory.cells = node.memory.slice();
		if (node.frame !== null) this.stack.thaw(node.frame);
	}

	private first(node: Node): Edge {
		assert(node.start !== null, 'a start node has its start');
		this.stack.clear();
		const sources = node.start.arguments.map(() => 0);
		const entered = this.enter(node.start.entry, node.start.arguments, sources);
		return this.finish(entered ?? this.go());
	}

	/** What the pending op leaves in the thread once it gave `outcome`. */
	private apply(pending: Pending, outcome: number): void {
		const { stack } = this;
		const op = stack.fn.ops[stack.pc] as LinkedOp;
		switch (pending.kind) {
			case 'load': {
				const plain = pending.op.order === 'plain';
				const value = read(outcome, pending.op.type);
				this.stack.set(op.dst, value, plain ? -pending.address : pending.address);
				break;
			}
			case 'reload': {
				// what a word of frame memory holds stays as free as it was
				const isCopy = op.op.kind === 'load';
				const value = op.op.kind === 'load' ? read(outcome, op.op.type) : outcome;
				this.stack.set(op.dst, value, isCopy ? -pending.address : pending.address);
				break;
			}
			case 'store':
				this.unmark(pending.address);
				break;
			case 'rmw': {
				const { operator, returns, type } = pending.op;
				this.unmark(null);
				if (op.dst < 0) break;
				const stored = rmwStored(operator, outcome, pending.operand, pending.expected, type);
				this.stack.set(op.dst, rmwResult(returns, outcome, stored), pending.address);
				break;
			}
			case 'section':
			case 'intrinsic':
				this.unmark(null);
				if (op.dst >= 0) this.stack.set(op.dst, outcome, 0);
				break;
			case 'choose':
				this.stack.set(op.dst, outcome, 0);
				break;
			default:
				break;
		}
	}

	private finish(stop: Stop): Edge {
		switch (stop.kind) {
			case 'refused':
				return this.edge(this.automata.endNode(this.thread, { kind: 'cut' }), true);
			case 'end':
			case 'done':
			case 'cut':
				return this.edge(this.automata.endNode(this.thread, stop), false);
			default: {
				const frame = this.stack.freeze(this.stack.fn.live(this.stack.pc));
				const node = this.automata.pausedNode(this.thread, frame, this.memory.cells, stop);
				return this.edge(node, false);
			}
		}
	}

	private edge(node: Node, refused: boolean): Edge {
		const closes = this.automata.frames.lowered;
		const { events, incidents } = this;
		return { node, refused, closes, track: this.automata.trail.end(refused), events, incidents };
	}

	private go(): Stop {
		const { stack } = this;
		for (;;) {
			const op = stack.fn.ops[stack.pc];
			if (op === undefined) broken(`${stack.fn.source.name} ends in a return`);
			const stop = this.execute(op, op.op);
			if (stop !== null) return stop;
		}
	}

	private execute(linked: LinkedOp, op: Op): Stop | null {
		switch (op.kind) {
			case 'move':
				this.stack.set(linked.dst, this.a(linked), linked.a >= 0 ? this.stack.source(linked.a) : 0);
				return this.next();
			case 'use': {
				const source = this.stack.source(linked.a);
				const kept = this.a(linked);
				if (source < 0) return { kind: 'reload', address: -source, kept };
				this.stack.set(linked.dst, kept, source);
				return this.next();
			}
			case 'unary':
				return this.result(
					linked,
					computed(this.a(linked), (x) => unary(op.operator, x, op.type)),
				);
			case 'binary': {
				const right = this.b(linked);
				if (isUnset(right)) return this.result(linked, right);
				if (right === 0 && (op.operator === '/' || op.operator === '%')) {
					this.report(divisionFault(op.site));
					return { kind: 'done' };
				}
				const left = this.a(linked);
				const refusal = undefinedResult(op, left, right);
				if (refusal !== null) return this.unsupported(refusal, op.site);
				const cut = operandsLeft(this.ofWalk(), op, this.stack, linked);
				if (typeof cut === 'string') return this.unsupported(cut, op.site);
				const upper = upperOf(this.ofWalk(), op, keptIn(this.stack, linked.a), right);
				if (upper !== null) return this.result(linked, upper, 0);
				const [first, second] = cut ?? [left, right];
				const word = computed(first, (x) => binary(op.operator, x, second, op.type));
				return this.result(linked, word, this.sourceOf(linked, op));
			}
			case 'convert': {
				const narrowed = narrowedOf(this.ofWalk(), keptIn(this.stack, linked.a), op.type);
				if (narrowed !== null && 'refused' in narrowed)
					return this.unsupported(narrowed.refused, op.site);
				const value = narrowed?.left ?? this.a(linked);
				const cut = computed(value, (x) => convert(x, op.type));
				return this.result(linked, cut);
			}
			case 'field':
				return this.result(
					linked,
					computed(this.a(linked), (x) => x + fieldOffset(op.field)),
				);
			case 'symbol': {
				const name = this.automata.linked.program.symbols[op.symbol] as string;
				const address = this.automata.options.symbols.get(name);
				if (address === undefined)
					return this.unsupported(`${name} is not part of the model`, op.site);
				this.stack.set(linked.dst, address, 0);
				return this.next();
			}
			case 'frame-address': {
				const { base, fn } = this.stack;
				const within = base * WORD_STRIDE + objectOffset(fn, op.slot);
				this.stack.set(linked.dst, this.memoryBase + within, 0);
				return this.next();
			}
			case 'jump':
				return this.jump(op.target);
			case 'branch':
				return this.branch(linked, op);
			case 'fence':
				this.unmark(null);
				this.report({ kind: 'fence', fence: op.fence, site: op.site });
				return this.next();
			case 'bug':
				this.report({ kind: 'bug', severity: op.severity, what: op.what, site: op.site });
				return op.severity === 'bug' ? this.limit('bug', op.site) : this.next();
			case 'assume':
				if (isUnset(this.a(linked))) return this.unset(this.a(linked), op.site);
				return this.a(linked) !== 0 ? this.next() : { kind: 'refused' };
			case 'unsupported':
				return this.unsupported(op.reason, op.site);
			case 'call':
				return this.call(op.callee, op.arguments);
			case 'return':
				return this.return(linked, op.value !== null);
			default:
				return this.access(linked, op);
		}
	}

	/** Ops on memory, and others that end the local run unless they stay in frame memory. */
	private access(
		linked: LinkedOp,
		op: Extract<Op, { kind: 'load' | 'store' | 'rmw' | 'section' | 'intrinsic' | 'choose' }>,
	): Stop | null {
		switch (op.kind) {
			case 'section':
				return { kind: 'section', op };
			case 'choose':
				return { kind: 'choose', alternatives: op.alternatives };
			case 'intrinsic': {
				const values = op.arguments.map((x) => this.operand(x));
				const unset = values.find(isUnset);
				if (unset !== undefined) return this.unset(unset, op.site);
				return { kind: 'intrinsic', op, arguments: values };
			}
			default:
				break;
		}
		const address = this.a(linked);
		if (isUnset(address)) return this.unset(address, op.site);
		const source = linked.a >= 0 ? Math.floor(Math.abs(this.stack.source(linked.a))) : 0;
		const offset = address - this.memoryBase;
		if (offset < 0 || offset >= FRAME_STRIDE) {
			const refusal = this.ofWalk()?.refusesAccess?.(address, bytesOf(op.type));
			if (typeof refusal === 'string') return this.unsupported(refusal, op.site);
			if (op.kind !== 'load' && isUnset(this.b(linked))) return this.unset(this.b(linked), op.site);
			const expected = linked.c >= 0 ? this.stack.value(linked.c) : linked.ck;
			return pendingAccess(op, { address, source, value: this.b(linked), expected });
		}
		return this.frameAccess(linked, op, { address, offset, source });
	}

	private frameAccess(
		linked: LinkedOp,
		op: Access,
		{ address, offset, source }: { address: number; offset: number; source: number },
	): Stop | null {
		const owner = this.stack.owner(Math.floor((offset % BIT_STRIDE) / WORD_STRIDE));
		const cell = this.memory.exact(owner, offset, op.type);
		if (cell < 0) return this.byteAccess(linked, op, { address, offset, owner, source });
		const { cells } = this.memory;
		const old = cells[cell] as number;
		switch (op.kind) {
			case 'load': {
				const kept = cells[cell + 1] as number;
				if (kept < 0 && op.order === 'plain') return { kind: 'reload', address: -kept, kept: old };
				this.report(loadEvent(op, address, old));
				this.stack.set(linked.dst, read(old, op.type), Math.abs(kept));
				return this.next();
			}
			case 'store': {
				const value = this.b(linked);
				cells[cell] = value;
				const from = linked.b >= 0 ? this.stack.source(linked.b) : 0;
				cells[cell + 1] = op.order === 'plain' ? from : Math.abs(from);
				this.report(storeEvent(op, address, { old, value }));
				return this.next();
			}
			case 'rmw': {
				this.unmark(null);
				const needed = [old, this.b(linked)].find(isUnset);
				if (needed !== undefined) return this.unset(needed, op.site);
				const expected = linked.c >= 0 ? this.stack.value(linked.c) : linked.ck;
				const stored = rmwStored(op.operator, old, this.b(linked), expected, op.type);
				if (Number.isNaN(stored)) return this.limit('wide-value', op.site);
				cells[cell] = stored ?? old;
				if (linked.dst >= 0) this.stack.set(linked.dst, rmwResult(op.returns, old, stored), 0);
				return this.next();
			}
			default:
				return unreachable(op);
		}
	}

	/** An access to bytes of frame memory that are no cell as a whole. */
	private byteAccess(
		linked: LinkedOp,
		op: Access,
		at: { address: number; offset: number; owner: Owner | null; source: number },
	): Stop | null {
		const { address, offset, owner, source } = at;
		const stored = op.kind === 'store' ? keptIn(this.stack, linked.b) : null;
		// also in what the walk calls: memcmp() of fewer bytes than an entry has
		const { options } = this.automata;
		const why = bytesRefusal(options, this.memory, { owner, offset, type: op.type, stored });
		if (why !== null) return this.unsupported(why, op.site);
		if (op.kind === 'load') {
			const value = this.memory.read(owner, offset, op.type);
			if (value !== null) return this.result(linked, value);
		} else if (op.kind === 'store') {
			const value = this.b(linked);
			if (this.memory.write(owner, offset, { type: op.type, value })) return this.next();
		}
		const what = `${bytesOf(op.type)} bytes of a local that do not lie where its members do`;
		if (owner !== null) return this.unsupported(`${op.kind} of ${what}`, op.site);
		this.reportFault(op.kind, address, source);
		return { kind: 'done' };
	}

	/** Takes away the freedom to load again from `address`, or from everywhere. */
	private unmark(address: number | null): void {
		this.stack.unmark(address);
		this.memory.unmark(address);
	}

	private call(
		callee: FunctionIndex,
		args: Extract<Op, { kind: 'call' }>['arguments'],
	): Stop | null {
		const values = args.map((x) => this.operand(x));
		const sources = args.map((x) => (x.kind === 'register' ? this.stack.source(x.register) : 0));
		return this.enter(callee, values, sources);
	}

	private enter(
		callee: FunctionIndex,
		values: readonly number[],
		sources: readonly number[],
	): Stop | null {
		const { stack } = this;
		const fn = this.automata.linked.functions[callee];
		if (fn === undefined) broken(`function ${callee} exists`);
		const isFull = (this.memory.size + fn.slots) * WORD_STRIDE >= BIT_STRIDE;
		if (isFull || stack.depth >= this.automata.options.callDepthMax) {
			return this.limit('call-depth', stack.here().site);
		}
		stack.push(fn, this.memory.size);
		this.memory.push(fn);
		this.automata.trail.enter(callee);
		for (let i = 0; i < fn.source.parameters.length; i++) {
			stack.set(i, values[i] ?? 0, sources[i] ?? 0);
		}
		const site = (fn.ops[0] as LinkedOp | undefined)?.site ?? fn.source.site;
		this.report({ kind: 'call', function: callee, arguments: values.map(shown), site });
		return null;
	}

	private return(linked: LinkedOp, hasValue: boolean): Stop | null {
		const { stack } = this;
		const value = hasValue ? this.a(linked) : null;
		const source = linked.a >= 0 ? stack.source(linked.a) : 0;
		const index = stack.fn.index as FunctionIndex;
		const told = value === null ? null : shown(value);
		this.report({ kind: 'return', function: index, value: told, site: linked.site });
		this.memory.truncate(stack.base);
		const isLast = stack.depth === 1;
		if (isLast && value !== null && isUnset(value)) return this.unset(value, linked.site);
		if (!stack.pop()) return { kind: 'end', value, site: stack.fn.source.site };
		const call = stack.fn.ops[stack.pc] as LinkedOp;
		if (call.dst >= 0) stack.set(call.dst, value ?? 0, source);
		return this.next();
	}

	private branch(linked: LinkedOp, op: Extract<Op, { kind: 'branch' }>): Stop | null {
		const value = this.a(linked);
		if (isUnset(value)) return this.unset(value, op.site);
		this.automata.trail.branch(this.stack, linked, value !== 0);
		return this.jump(value !== 0 ? op.then : op.otherwise);
	}

	private jump(target: number): Stop | null {
		const { stack } = this;
		if (stack.jump(target, this.automata.options.loopMax)) return null;
		return this.limit('loop', (stack.fn.ops[target] as LinkedOp).site);
	}

	private next(): null {
		this.stack.pc++;
		return null;
	}

	private result(linked: LinkedOp, word: number, source = this.operandSource(linked)): Stop | null {
		if (Number.isNaN(word)) return this.limit('wide-value', linked.site);
		this.stack.set(linked.dst, word, source);
		return this.next();
	}

	/** Where the first operand's value comes from, or the second's where it comes from nowhere. */
	private operandSource({ a, b }: LinkedOp): number {
		const first = a >= 0 ? Math.abs(this.stack.source(a)) : 0;
		return first === 0 && b >= 0 ? Math.abs(this.stack.source(b)) : first;
	}

	private sourceOf(linked: LinkedOp, op: Extract<Op, { kind: 'binary' }>): number {
		const from = this.operandSource(linked);
		const { derives } = this.automata.options;
		return derives?.(op, [this.a(linked), this.b(linked)], from) ?? from;
	}

	private unsupported(reason: string, site: SiteIndex): Stop {
		this.incidents = [...this.incidents, { kind: 'unsupported', reason, site }];
		return { kind: 'cut' };
	}

	/** What counts for the walk alone. */
	private ofWalk(): AutomataOptions | null {
		return this.stack.fn.source.origin === 'walk' ? this.automata.options : null;
	}

	private unset(value: number, site: SiteIndex): Stop {
		return this.unsupported(unsetReason(this.automata.linked.functions, value), site);
	}

	private limit(limit: 'loop' | 'call-depth' | 'wide-value' | 'bug', site: SiteIndex): Stop {
		this.incidents = [...this.incidents, { kind: 'limit', limit, site }];
		return { kind: 'cut' };
	}

	private reportFault(access: 'load' | 'store' | 'rmw', address: number, source: number): void {
		const { site } = this.stack.here();
		this.report({ kind: 'fault', what: 'no-cell', access, address, source, site });
	}

	private report(event: MachineEvent): void {
		if (this.events === NONE) this.events = [];
		this.events.push({ event, stack: this.stack.here() });
	}

	private a(op: LinkedOp): number {
		return op.a >= 0 ? this.stack.value(op.a) : op.ak;
	}

	private b(op: LinkedOp): number {
		return op.b >= 0 ? this.stack.value(op.b) : op.bk;
	}

	private operand(operand: Operand): number {
		return operand.kind === 'register' ? this.stack.value(operand.register) : operand.value;
	}
}

const NONE: never[] = [];
