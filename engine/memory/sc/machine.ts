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
 * Leaves out: order of accesses other than program order (engine/memory/lkmm), fairness, time.
 *
 * Invariant: nothing outside cells and nodes influences a step (see event.ts for what monitors promise).
 */

import type { Step } from '../../base/step.js';
import { assert, broken } from '../../base/unreachable.js';
import { VectorTable } from '../../base/vectors.js';
import type { FunctionIndex } from '../../program/op.js';
import type { Intrinsic, MachineEvent, Monitor, StackFrame, World } from '../thread/event.js';
import { stackFrames } from '../thread/frame.js';
import { endSections } from '../thread/sections.js';
import type { Automata } from './automaton.js';
import type { Node, Pending } from './automaton_node.js';
import type { CellTable } from './cells.js';
import { Decision } from './decision.js';
import type { Performed, Performer } from './performer.js';
import { type MachineMoves, type MachineStep, SharedSteps } from './shared_steps.js';
import type { StepView } from './step_view.js';
import type { Trail } from './trail.js';
import type { Effect } from './transaction.js';

/** Id of a state of one machine. */
export type StateId = number;

/** What a register of a name holds; `source`: the address that its word was loaded from, 0 if none. */
export interface NamedWord {
	readonly name: string;
	readonly word: number;
	readonly source: number;
}

export interface MachineOptions<V> {
	readonly automata: Automata;
	readonly world: World;
	readonly intrinsics: ReadonlyMap<string, Intrinsic<V>>;
	readonly monitor: Monitor<V>;
	/** Made of the same automata, cells, intrinsics and monitor, for machines that share it; left out: its own. */
	readonly sharedSteps?: SharedSteps<V>;
}

export class Machine<V> {
	readonly threads: number;
	readonly world: World;
	/** Functions that thread 0 enters in any step asked for so far. */
	readonly entered = new Set<FunctionIndex>();
	/** The same with those on the way to an `assume` that failed: all whose text decided anything so far. */
	readonly met = new Set<FunctionIndex>();
	/** By track: 1 when a step of thread 0 took it. */
	private taken = new Uint8Array(256);
	private readonly automata: Automata;
	private readonly monitor: Monitor<V>;
	private readonly sharedSteps: SharedSteps<V>;
	private readonly cells: CellTable;
	private readonly view: StepView<V>;
	private readonly performer: Performer<V>;
	private readonly states = new VectorTable();
	private readonly initialState: StateId;
	private readonly words: Float64Array;
	/** Functions entered by the steps that are being made, and by those that are refused. */
	private calls: FunctionIndex[] = [];
	private refusedCalls: FunctionIndex[] = [];
	private tracks: number[] = [];

	constructor({ automata, world, intrinsics, monitor, sharedSteps }: MachineOptions<V>) {
		const { threads } = world;
		this.world = world;
		this.threads = threads.length;
		this.sharedSteps =
			sharedSteps ??
			new SharedSteps({
				automata,
				cells: world.cells,
				threads: threads.length,
				intrinsics,
				monitor,
			});
		assert(
			this.sharedSteps.threads === threads.length,
			'steps are shared by machines of as many threads',
		);
		this.automata = automata;
		this.monitor = this.sharedSteps.monitor;
		this.cells = this.sharedSteps.cells;
		this.view = this.sharedSteps.view;
		this.performer = this.sharedSteps.performer;
		this.words = new Float64Array(1 + threads.length);
		this.words[0] = this.sharedSteps.initial;
		threads.forEach((start, thread) => {
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
	moves(state: StateId, thread: number): MachineMoves<V> {
		const position = this.states.at(state, 1 + thread);
		const root = this.states.at(state, 0);
		const node = this.automata.node(position);
		const { kind } = node.pending;
		if (kind === 'done') return DONE;
		if (kind === 'cut') return CUT;
		const { decisions } = this.sharedSteps;
		let decision = decisions.get(position);
		if (decision === undefined) {
			decision = new Decision();
			decisions.set(position, decision);
		}
		let moves = decision.find(this.cells, root);
		if (moves === null) {
			moves = this.make(state, thread, node);
			decision.teach(this.cells, root, this.view.transaction.trail, moves);
		}
		for (const called of moves.calls) {
			this.entered.add(called);
			this.met.add(called);
		}
		for (const called of moves.refusedCalls) this.met.add(called);
		for (const track of moves.tracks) this.take(track);
		return moves;
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

	/** The state in which the cell at an address holds that. */
	withCell(state: StateId, address: number, value: number): StateId {
		const index = this.sharedSteps.indices.get(address);
		if (index === undefined) broken(`a cell at ${address.toString(16)}`);
		const { words } = this;
		this.states.copy(state, words, words.length);
		words[0] = this.cells.write(words[0] as number, [index], [value]);
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
		return this.sharedSteps.addresses[index] as number;
	}

	/** Value of the cell at an address in a state; null when there is no such cell. */
	valueAt(state: StateId, address: number): number | null {
		const index = this.sharedSteps.indices.get(address);
		return index === undefined ? null : this.cells.read(this.states.at(state, 0), index);
	}

	/** What a thread does next. */
	pending(state: StateId, thread: number): Pending {
		return this.node(state, thread).pending;
	}

	/** Where a thread stands, innermost frame first; empty before its start and after its end. */
	standing(state: StateId, thread: number): readonly StackFrame[] {
		return stackFrames(this.automata.stackOf(this.node(state, thread)));
	}

	/** Registers with a name that are still needed, by frame, innermost first: empty wherever `standing` is. */
	locals(state: StateId, thread: number): readonly (readonly NamedWord[])[] {
		const frames: (readonly NamedWord[])[] = [];
		for (let f = this.node(state, thread).frame; f !== null; f = f.parent) {
			const { live, values, sources } = f;
			const { registerNames } = f.fn.source;
			frames.push(
				live.flatMap((register, i) => {
					const name = registerNames[register] ?? null;
					const word = values[i];
					if (name === null || word === undefined) return [];
					return [{ name, word, source: Math.floor(sources[i] ?? 0) }];
				}),
			);
		}
		return frames;
	}

	/** The events of a step, by making it again; the monitor hears nothing. */
	eventsOf(
		state: StateId,
		choice: { readonly thread: number; readonly alternative: number },
	): readonly { readonly event: MachineEvent; readonly frames: readonly StackFrame[] }[] {
		const node = this.node(state, choice.thread);
		this.open(state, choice.thread, node);
		const outcome = this.performer.perform(node, choice.alternative);
		if (outcome === null) return [];
		const list: { event: MachineEvent; frames: readonly StackFrame[] }[] = [];
		if (outcome.event !== null) list.push({ event: outcome.event, frames: this.view.frames() });
		for (const { event, stack } of outcome.edge.events) {
			list.push({ event, frames: stackFrames(stack) });
		}
		return list;
	}

	/** Numbers of the arms (arms.ts) that thread 0 took in any step asked for so far. */
	arms(): ReadonlySet<number> {
		const arms = new Set<number>();
		this.taken.forEach((taken, track) => {
			if (taken === 1) for (const arm of this.automata.trail.armsOf(track)) arms.add(arm);
		});
		return arms;
	}

	/** Where conditions of thread 0 were read from, in any run of the machine's automata so far. */
	get trail(): Pick<Trail, 'sourcesOf' | 'sourcesIn'> {
		return this.automata.trail;
	}

	private take(track: number): void {
		if (track >= this.taken.length) {
			const grown = new Uint8Array(2 * track);
			grown.set(this.taken);
			this.taken = grown;
		}
		this.taken[track] = 1;
	}

	private node(state: StateId, thread: number): Node {
		return this.automata.node(this.states.at(state, 1 + thread));
	}

	private make(state: StateId, thread: number, node: Node): MachineMoves<V> {
		const { view } = this;
		this.calls = [];
		this.refusedCalls = [];
		this.tracks = [];
		const steps: MachineStep<V>[] = [];
		const effects: Effect[] = [];
		let refused = false;
		this.open(state, thread, node);
		const alternatives = this.performer.alternatives(node.pending);
		for (let alternative = 0; alternative < alternatives; alternative++) {
			view.alternative(this.automata.stackOf(node));
			const outcome = this.performer.perform(node, alternative);
			if (outcome === null || outcome.edge.refused) {
				// What it would have written it only looked at: nothing of it happens.
				const { reads, writes } = view.transaction.effect();
				effects.push({ reads: [...reads, ...writes], writes: [], words: [] });
				refused ||= outcome !== null;
				if (outcome !== null && thread === 0) addCalls(this.refusedCalls, outcome);
				continue;
			}
			this.tell(outcome);
			const effect = view.transaction.effect();
			effects.push(effect);
			const incidents = view.incidents.length === 0 ? NONE : view.incidents;
			steps.push({
				alternative,
				incidents,
				position: outcome.edge.node.id,
				closes: outcome.edge.closes,
				effect,
			});
		}
		const status = steps.length > 0 ? 'ready' : refused ? 'refused' : 'blocked';
		const calls = this.calls.length === 0 ? NONE : this.calls;
		const refusedCalls = this.refusedCalls.length === 0 ? NONE : this.refusedCalls;
		const { reads, writes } = union(effects);
		const tracks = this.tracks.length === 0 ? NONE : this.tracks;
		return { status, steps, reads, writes, calls, refusedCalls, tracks };
	}

	private open(state: StateId, thread: number, node: Node): void {
		this.view.begin(this.states.at(state, 0), thread, this.automata.stackOf(node));
	}

	private tell(outcome: Performed): void {
		const { monitor, view } = this;
		if (outcome.event !== null) monitor.onEvent(outcome.event, view);
		if (view.thread === 0) {
			addCalls(this.calls, outcome);
			if (outcome.edge.track > 0) this.tracks.push(outcome.edge.track);
		}
		for (const { event, stack } of outcome.edge.events) {
			if (!monitor.frameAccesses && (event.kind === 'load' || event.kind === 'store')) continue;
			view.stack = stack;
			monitor.onEvent(event, view);
		}
		for (const incident of outcome.edge.incidents) view.incidents.push(incident);
		const { kind } = outcome.edge.node.pending;
		if (kind === 'done' || kind === 'cut') endSections(view, view.thread, view.threads);
	}
}

/** Adds the functions that a step enters. */
function addCalls(calls: FunctionIndex[], { edge }: Performed): void {
	for (const { event } of edge.events) if (event.kind === 'call') calls.push(event.function);
}

const NONE: readonly never[] = [];
const NOTHING = { steps: NONE, reads: NONE, writes: NONE, calls: NONE, refusedCalls: NONE };
const DONE: MachineMoves<never> = { status: 'done', ...NOTHING, tracks: NONE };
const CUT: MachineMoves<never> = { status: 'cut', ...NOTHING, tracks: NONE };

function union(effects: readonly Effect[]): Pick<Effect, 'reads' | 'writes'> {
	const first = effects[0];
	if (effects.length === 1 && first !== undefined) return first;
	return {
		reads: [...new Set(effects.flatMap((e) => e.reads))],
		writes: [...new Set(effects.flatMap((e) => e.writes))],
	};
}
