/**
 * What machines have in common whose scenarios differ only in who the threads are: the cells, the monitor, and what was
 * worked out of each thread's next steps. The walk against one adversary does in most states what it does against
 * another: those steps are made once.
 *
 * Invariant: a step depends on its thread's node and on cells (event.ts), and a node knows its thread's entry; so one made
 * for one set of threads is right for every other with as many threads on the same cells.
 */
import type { Moves, Step } from '../../base/step.js';
import { broken } from '../../base/unreachable.js';
import type { FunctionIndex } from '../../program/op.js';
import type { Cell, Intrinsic, Monitor } from '../thread/event.js';
import { sectionCells } from '../thread/sections.js';
import type { Automata } from './automaton.js';
import { CellTable } from './cells.js';
import type { Decision } from './decision.js';
import { Performer } from './performer.js';
import { StepView } from './step_view.js';
import type { Effect } from './transaction.js';

/** A step with what it does to cells. */
export interface MachineStep<V> extends Step<V> {
	readonly effect: Effect;
}

/** A thread's next steps with the functions they enter. */
export interface MachineMoves<V> extends Moves<V> {
	readonly calls: readonly FunctionIndex[];
	/** Those entered on the way to an `assume` that failed. */
	readonly refusedCalls: readonly FunctionIndex[];
	/** Tracks (Automata.armsOf) of the steps. */
	readonly tracks: readonly number[];
}

export interface SharedStepsOptions<V> {
	readonly automata: Automata;
	readonly cells: readonly Cell[];
	/** Threads of each machine on it. */
	readonly threads: number;
	readonly intrinsics: ReadonlyMap<string, Intrinsic<V>>;
	readonly monitor: Monitor<V>;
}

export class SharedSteps<V> {
	readonly automata: Automata;
	readonly monitor: Monitor<V>;
	readonly threads: number;
	/** Address of each cell by its index, and back. */
	readonly addresses: number[] = [];
	readonly indices = new Map<number, number>();
	readonly cells: CellTable;
	/** Root of the memory before the first step. */
	readonly initial: number;
	readonly view: StepView<V>;
	readonly performer: Performer<V>;
	/** By node: what the thread does next, as cells decide it. */
	readonly decisions = new Map<number, Decision<MachineMoves<V>>>();

	constructor({ automata, cells, threads, intrinsics, monitor }: SharedStepsOptions<V>) {
		this.automata = automata;
		this.monitor = monitor;
		this.threads = threads;
		const initial: number[] = [];
		const add = (address: number, word: number): void => {
			if (this.indices.has(address)) broken(`one cell at ${address.toString(16)}`);
			this.indices.set(address, this.addresses.length);
			this.addresses.push(address);
			initial.push(word);
		};
		for (const cell of cells) add(cell.address, cell.initial);
		for (const address of sectionCells(threads)) add(address, 0);
		this.cells = new CellTable(initial.length);
		this.initial = this.cells.initial(initial);
		this.view = new StepView(this.cells, this.indices, threads);
		this.performer = new Performer(automata, this.view, intrinsics);
	}
}
