/**
 * The machine under sequential consistency: threads of a lowered program over shared cells, one step per op that touches
 * shared state. Use:
 *
 *     const automata = new Automata(link(program), { symbols, loopMax, callDepthMax });   // shared by scenarios
 *     const machine = new Machine({ automata, world, intrinsics, monitor });              // one per scenario
 *     explore(machine, …)                                                                 // engine/explore
 *
 * A state is a number: the id of (memory root, node per thread). What a thread does next is made once for all states in
 * which the cells that decide it agree, and kept; asking again costs a look-up, so searches may retrace freely.
 *
 * Steps: `start` of a thread (its call event), one op on shared state followed by all thread-local ops up to the next, and
 * the `end` of a thread. Fences are thread-local here: under sequential consistency they order nothing that is not
 * ordered already. A step whose local ops violate an `assume` is not possible in that state; it may become so when a cell
 * it read changes.
 *
 * Leaves out: order of accesses other than program order (engine/memory's weak model), fairness, time.
 *
 * Invariant: nothing outside cells and nodes influences a step (see event.ts for what monitors promise).
 */

import type { Incident, Moves, Step } from '../base/step.js';
import { assert, unreachable } from '../base/unreachable.js';
import { VectorTable } from '../base/vectors.js';
import type { SectionKind } from '../program/op.js';
import type { Automata, Edge, Node, Pending } from './automaton.js';
import { CellTable } from './cells.js';
import { Decision } from './decision.js';
import type { Intrinsic, MachineEvent, Monitor, StackFrame, View, World } from './event.js';
import type { Stack } from './frame.js';
import {
	beginWait,
	changeSection,
	endSections,
	sectionCell,
	sectionCells,
	waitOver,
} from './sections.js';
import { type Effect, Transaction } from './transaction.js';
import { rmwStored } from './word.js';

/** Id of a state of one machine. */
export type StateId = number;

export interface MachineOptions<V> {
	readonly automata: Automata;
	readonly world: World;
	readonly intrinsics: ReadonlyMap<string, Intrinsic<V>>;
	readonly monitor: Monitor<V>;
}

/** A step with what it does to cells. */
interface MachineStep<V> extends Step<V> {
	readonly effect: Effect;
}

/** What the next op of a thread gave in one alternative. */
interface Outcome {
	readonly edge: Edge;
	readonly event: MachineEvent | null;
}

export class Machine<V> implements View<V> {
	readonly threads: number;
	readonly world: World;
	private readonly automata: Automata;
	private readonly intrinsics: ReadonlyMap<string, Intrinsic<V>>;
	private readonly monitor: Monitor<V>;
	private readonly addresses: number[] = [];
	private readonly indices = new Map<number, number>();
	private readonly cells: CellTable;
	private readonly transaction: Transaction;
	private readonly states = new VectorTable();
	private readonly initialState: StateId;
	/** By node: what the thread does next, as cells decide it. */
	private readonly decisions = new Map<number, Decision<Moves<V>>>();
	private readonly words: Float64Array;
	// The step being made.
	private mover = 0;
	private stack: Stack | null = null;
	private incidents: Incident<V>[] = [];

	constructor(options: MachineOptions<V>) {
		this.automata = options.automata;
		this.world = options.world;
		this.intrinsics = options.intrinsics;
		this.monitor = options.monitor;
		this.threads = options.world.threads.length;
		const initial: number[] = [];
		const add = (address: number, word: number): void => {
			assert(!this.indices.has(address), `one cell at ${address.toString(16)}`);
			this.indices.set(address, this.addresses.length);
			this.addresses.push(address);
			initial.push(word);
		};
		for (const cell of options.world.cells) add(cell.address, cell.initial);
		for (const address of sectionCells(this.threads)) add(address, 0);
		this.cells = new CellTable(initial.length);
		this.transaction = new Transaction(this.cells, initial.length);
		this.words = new Float64Array(1 + this.threads);
		this.words[0] = this.cells.initial(initial);
		options.world.threads.forEach((start, thread) => {
			this.words[1 + thread] = this.automata.startNode(thread, start).id;
		});
		this.initialState = this.states.intern(this.words, this.words.length);
	}

	/** States met so far. */
	get size(): number {
		return this.states.size;
	}

	initial(): StateId {
		return this.initialState;
	}

	/** The next step of a thread: see base/step.ts. Cells in footprints are indices (`addressOf`). */
	moves(state: StateId, thread: number): Moves<V> {
		const position = this.states.at(state, 1 + thread);
		const root = this.states.at(state, 0);
		const node = this.automata.node(position);
		const { kind } = node.pending;
		if (kind === 'done') return DONE;
		if (kind === 'cut') return CUT;
		let decision = this.decisions.get(position);
		if (decision === undefined) {
			decision = new Decision();
			this.decisions.set(position, decision);
		}
		const known = decision.find(this.cells, root);
		if (known !== null) return known;
		const made = this.make(state, thread, node);
		decision.teach(this.cells, root, this.transaction.trail, made);
		return made;
	}

	/** The state after a step that `moves` gave for this state and thread. */
	successor(state: StateId, thread: number, step: Step<V>): StateId {
		const { effect } = step as MachineStep<V>;
		const { words } = this;
		this.states.copy(state, words, words.length);
		words[1 + thread] = step.position;
		if (effect.writes.length > 0) {
			words[0] = this.cells.write(words[0] as number, effect.writes, effect.words);
		}
		return this.states.intern(words, words.length);
	}

	fingerprint(state: StateId): number {
		return state;
	}

	/** Where a thread stands: what it may do from here on depends on this and on cells only. */
	position(state: StateId, thread: number): number {
		return this.states.at(state, 1 + thread);
	}

	key(violation: V): string {
		return this.monitor.key(violation);
	}

	/** Address of the cell a footprint names. */
	addressOf(index: number): number {
		return this.addresses[index] as number;
	}

	/** Value of the cell at an address in a state; null when there is no such cell. */
	valueAt(state: StateId, address: number): number | null {
		const index = this.indices.get(address);
		return index === undefined ? null : this.cells.read(this.states.at(state, 0), index);
	}

	/** What a thread does next. */
	pending(state: StateId, thread: number): Pending {
		return this.node(state, thread).pending;
	}

	/** Where a thread stands, innermost frame first; empty before its start and after its end. */
	standing(state: StateId, thread: number): readonly StackFrame[] {
		const stack = this.automata.stackOf(this.node(state, thread));
		return stack === null ? [] : this.automata.stackFrames(stack);
	}

	/** The events of a step, by making it again; the monitor hears nothing. */
	eventsOf(
		state: StateId,
		choice: { readonly thread: number; readonly alternative: number },
	): readonly { readonly event: MachineEvent; readonly frames: readonly StackFrame[] }[] {
		const node = this.node(state, choice.thread);
		this.open(state, choice.thread, node);
		const outcome = this.perform(node, choice.alternative);
		if (outcome === null) return [];
		const list: { event: MachineEvent; frames: readonly StackFrame[] }[] = [];
		if (outcome.event !== null) list.push({ event: outcome.event, frames: this.frames() });
		for (const { event, stack } of outcome.edge.events) {
			list.push({ event, frames: this.automata.stackFrames(stack) });
		}
		return list;
	}

	// View: only meaningful while a step is being made.

	get thread(): number {
		return this.mover;
	}

	read(address: number): number {
		return this.transaction.read(this.index(address));
	}

	write(address: number, value: number): void {
		this.transaction.write(this.index(address), value);
	}

	has(address: number): boolean {
		return this.indices.has(address);
	}

	frames(): readonly StackFrame[] {
		return this.stack === null ? [] : this.automata.stackFrames(this.stack);
	}

	section(thread: number, kind: SectionKind): number {
		return this.read(sectionCell(thread, kind));
	}

	waitBegin(kinds: readonly SectionKind[]): void {
		beginWait(this, { thread: this.mover, threads: this.threads, kinds });
	}

	waitOver(): boolean {
		return waitOver(this, this.mover, this.threads);
	}

	report(violation: V): void {
		this.incidents.push({ kind: 'violation', violation });
	}

	private node(state: StateId, thread: number): Node {
		return this.automata.node(this.states.at(state, 1 + thread));
	}

	private index(address: number): number {
		const index = this.indices.get(address);
		assert(index !== undefined, `a cell at ${address.toString(16)}`);
		return index;
	}

	private make(state: StateId, thread: number, node: Node): Moves<V> {
		const steps: MachineStep<V>[] = [];
		const effects: Effect[] = [];
		let refused = false;
		this.open(state, thread, node);
		const alternatives = this.alternatives(node.pending);
		for (let alternative = 0; alternative < alternatives; alternative++) {
			this.transaction.alternative();
			this.stack = this.automata.stackOf(node);
			this.incidents = [];
			const outcome = this.perform(node, alternative);
			if (outcome === null || outcome.edge.refused) {
				// What it would have written it only looked at: nothing of it happens.
				const { reads, writes } = this.transaction.effect();
				effects.push({ reads: [...reads, ...writes], writes: [], words: [] });
				refused ||= outcome !== null;
				continue;
			}
			this.tell(outcome);
			const effect = this.transaction.effect();
			effects.push(effect);
			const incidents = this.incidents.length === 0 ? NONE : this.incidents;
			steps.push({
				alternative,
				incidents,
				position: outcome.edge.node.id,
				closes: outcome.edge.closes,
				effect,
			});
		}
		const status = steps.length > 0 ? 'ready' : refused ? 'refused' : 'blocked';
		return { status, steps, ...union(effects) };
	}

	private open(state: StateId, thread: number, node: Node): void {
		this.transaction.begin(this.states.at(state, 0));
		this.mover = thread;
		this.stack = this.automata.stackOf(node);
		this.incidents = [];
	}

	private tell(outcome: Outcome): void {
		const { monitor } = this;
		if (outcome.event !== null) monitor.onEvent(outcome.event, this);
		for (const { event, stack } of outcome.edge.events) {
			if (!monitor.frameAccesses && (event.kind === 'load' || event.kind === 'store')) continue;
			this.stack = stack;
			monitor.onEvent(event, this);
		}
		for (const incident of outcome.edge.incidents) this.incidents.push(incident);
		const { kind } = outcome.edge.node.pending;
		if (kind === 'done' || kind === 'cut') endSections(this, this.mover, this.threads);
	}

	private alternatives(pending: Pending): number {
		if (pending.kind === 'choose') return pending.alternatives;
		if (pending.kind !== 'reload') return 1;
		const index = this.indices.get(pending.address);
		return index === undefined || this.transaction.read(index) === pending.kept ? 1 : 2;
	}

	/** The pending op's effect on cells; null when it is blocked. */
	private perform(node: Node, alternative: number): Outcome | null {
		const { pending } = node;
		switch (pending.kind) {
			case 'start':
				return { edge: this.automata.resume(node, 0), event: null };
			case 'end': {
				const site = this.endSite(node);
				const event: MachineEvent = { kind: 'end', value: pending.value, site };
				return { edge: this.automata.resume(node, 0), event };
			}
			case 'load': {
				const index = this.indices.get(pending.address);
				if (index === undefined) return this.fault(node);
				const value = this.transaction.read(index);
				const { order, site } = pending.op;
				const { address } = pending;
				const event: MachineEvent = { kind: 'load', address, value, order, reload: false, site };
				return { edge: this.automata.resume(node, value), event };
			}
			case 'reload':
				return this.reload(node, pending, alternative);
			case 'store': {
				const index = this.indices.get(pending.address);
				if (index === undefined) return this.fault(node);
				const { address, value } = pending;
				const { order, site } = pending.op;
				const old = this.transaction.read(index);
				this.transaction.write(index, value);
				const event: MachineEvent = { kind: 'store', address, old, value, order, site };
				return { edge: this.automata.resume(node, 0), event };
			}
			case 'rmw':
				return this.rmw(node, pending);
			case 'section': {
				const { section: kind, delta, site } = pending.op;
				const depth = changeSection(this, {
					thread: this.mover,
					threads: this.threads,
					kind,
					delta,
				});
				const event: MachineEvent = { kind: 'section', section: kind, delta, depth, site };
				return { edge: this.automata.resume(node, 0), event };
			}
			case 'intrinsic': {
				const { name, site } = pending.op;
				const intrinsic = this.intrinsics.get(name);
				if (intrinsic === undefined) {
					const reason = `the world has no operation ${name}`;
					return {
						edge: this.automata.cut(node, { kind: 'unsupported', reason, site }),
						event: null,
					};
				}
				const result = intrinsic(pending.arguments, this);
				if (result === 'blocked') return null;
				const args = pending.arguments;
				const event: MachineEvent = { kind: 'intrinsic', name, arguments: args, result, site };
				return { edge: this.automata.resume(node, result), event };
			}
			case 'choose':
				return { edge: this.automata.resume(node, alternative), event: null };
			case 'done':
			case 'cut':
				return null;
			default:
				return unreachable(pending);
		}
	}

	private reload(
		node: Node,
		pending: Extract<Pending, { kind: 'reload' }>,
		alternative: number,
	): Outcome {
		const index = this.indices.get(pending.address);
		const value = index === undefined ? pending.kept : this.transaction.read(index);
		const { address, kept } = pending;
		if (alternative === 0) return { edge: this.automata.resume(node, kept), event: null };
		const site = this.stack === null ? node.frame?.fn.source.site : this.stack.site;
		assert(site !== undefined, 'a re-load stands in a frame');
		const event: MachineEvent = {
			kind: 'load',
			address,
			value,
			order: 'plain',
			reload: true,
			site,
		};
		return { edge: this.automata.resume(node, value), event };
	}

	private rmw(node: Node, pending: Extract<Pending, { kind: 'rmw' }>): Outcome {
		const index = this.indices.get(pending.address);
		if (index === undefined) return this.fault(node);
		const { address } = pending;
		const { operator, order, site } = pending.op;
		const old = this.transaction.read(index);
		const stored = rmwStored(operator, old, pending.operand, pending.expected);
		if (Number.isNaN(stored)) {
			const incident = { kind: 'limit', limit: 'wide-value', site } as const;
			return { edge: this.automata.cut(node, incident), event: null };
		}
		const value = stored ?? old;
		if (stored !== null) this.transaction.write(index, stored);
		const event: MachineEvent = {
			kind: 'rmw',
			address,
			operator,
			order,
			old,
			value,
			stored: stored !== null,
			site,
		};
		return { edge: this.automata.resume(node, old), event };
	}

	private fault(node: Node): Outcome {
		return { edge: this.automata.fault(node), event: null };
	}

	private endSite(node: Node): MachineEvent['site'] {
		const entry = this.world.threads[node.thread]?.entry;
		const fn = entry === undefined ? undefined : this.automata.linked.functions[entry];
		assert(fn !== undefined, 'a thread has an entry function');
		return fn.source.site;
	}
}

const NONE: readonly never[] = [];
const DONE: Moves<never> = { status: 'done', steps: NONE, reads: NONE, writes: NONE };
const CUT: Moves<never> = { status: 'cut', steps: NONE, reads: NONE, writes: NONE };

function union(effects: readonly Effect[]): Pick<Effect, 'reads' | 'writes'> {
	const first = effects[0];
	if (effects.length === 1 && first !== undefined) return first;
	return {
		reads: [...new Set(effects.flatMap((e) => e.reads))],
		writes: [...new Set(effects.flatMap((e) => e.writes))],
	};
}
