/**
 * Threads as automata: a node is everything local to a thread (stack, registers, frame memory) at a point where its next
 * op touches shared state; an edge is what that op gave (the value loaded, the alternative chosen) and leads over all the
 * thread-local ops up to the next such point. Edges are computed once and followed ever after: the search mostly walks
 * this graph, across interleavings and across scenarios of one program.
 *
 * Model: a store of the thread itself takes that freedom away only for the address it writes; a compiler that cannot tell
 * two pointers apart would also lose it for others. This adds re-loads, never removes one.
 *
 * A loop's rounds are counted in its frame, up to a bound. A round that leaves everything else in the thread as it was is
 * not counted: a thread that waits for another by reading again and again stands at one node.
 *
 * Invariant: every cycle of nodes has an edge that `closes`.
 */
import { assert } from '../../base/unreachable.js';
import { VectorTable } from '../../base/vectors.js';
import type { IntegerType, Op, SiteIndex } from '../../program/op.js';
import type { MachineEvent, ThreadStart } from '../thread/event.js';
import type { Frame, Stack } from '../thread/frame.js';
import type { LinkedProgram } from '../thread/link.js';
import { FrameTable } from './frame_table.js';
import { LocalRun } from './local_run.js';

/** What a thread does next on shared state, operands evaluated. */
export type Pending =
	| { readonly kind: 'start' }
	/** The entry function, defined at `site`, has returned. */
	| { readonly kind: 'end'; readonly value: number | null; readonly site: SiteIndex }
	| {
			readonly kind: 'load';
			readonly op: Extract<Op, { kind: 'load' }>;
			readonly address: number;
			readonly source: number;
	  }
	/** A `use` that may load again: `kept` is the value the variable holds. */
	| { readonly kind: 'reload'; readonly address: number; readonly kept: number }
	| {
			readonly kind: 'store';
			readonly op: Extract<Op, { kind: 'store' }>;
			readonly address: number;
			readonly source: number;
			readonly value: number;
	  }
	| {
			readonly kind: 'rmw';
			readonly op: Extract<Op, { kind: 'rmw' }>;
			readonly address: number;
			readonly source: number;
			readonly operand: number;
			readonly expected: number;
	  }
	| { readonly kind: 'section'; readonly op: Extract<Op, { kind: 'section' }> }
	| {
			readonly kind: 'intrinsic';
			readonly op: Extract<Op, { kind: 'intrinsic' }>;
			readonly arguments: readonly number[];
	  }
	| { readonly kind: 'choose'; readonly alternatives: number }
	| { readonly kind: 'done' }
	/** Ended by a limit or by unsupported code. */
	| { readonly kind: 'cut' };

export interface LocalEvent {
	readonly event: MachineEvent;
	readonly stack: Stack;
}

export type LocalIncident =
	| { readonly kind: 'unsupported'; readonly reason: string; readonly site: number }
	| {
			readonly kind: 'limit';
			readonly limit: 'loop' | 'call-depth' | 'wide-value' | 'bug';
			readonly site: number;
	  };

export interface Edge {
	readonly node: Node;
	/** An `assume` on the way failed: the step is not possible, `node` means nothing. */
	readonly refused: boolean;
	/** The thread went round a loop and stands where it stood before: the edge may close a cycle. */
	readonly closes: boolean;
	readonly events: readonly LocalEvent[];
	readonly incidents: readonly LocalIncident[];
}

export interface Node {
	readonly id: number;
	readonly thread: number;
	readonly pending: Pending;
	readonly frame: Frame | null;
	readonly memory: readonly number[];
	/** Thread start that a `start` node waits to make. */
	readonly start: ThreadStart | null;
	/** The first edge computed and its outcome; others in `edges`. */
	outcome: number;
	edge: Edge | null;
	edges: Map<number, Edge> | null;
	faultEdge: Edge | null;
}

export interface AutomataOptions {
	readonly symbols: ReadonlyMap<string, number>;
	readonly loopMax: number;
	readonly callDepthMax: number;
	/** Why the walk may not make this value narrower, which it has from the word at `source`; null: it may. */
	readonly refusesNarrow?: (value: number, source: number, type: IntegerType) => string | null;
}

/** The automata of all threads of one program under one set of symbols and limits; scenarios may share it. */
export class Automata {
	readonly linked: LinkedProgram;
	readonly options: AutomataOptions;
	readonly frames = new FrameTable();
	private readonly memories = new VectorTable();
	private readonly memoryObjects: (readonly number[])[] = [];
	private readonly nodeKeys = new VectorTable();
	/** Index in nodeObjects by id in nodeKeys. */
	private readonly nodeIds: number[] = [];
	private readonly nodeObjects: Node[] = [];
	private readonly starts = new Map<string, Node>();
	private readonly ended = new Map<string, Node>();
	private readonly run: LocalRun;

	constructor(linked: LinkedProgram, options: AutomataOptions) {
		this.linked = linked;
		this.options = options;
		this.run = new LocalRun(this);
	}

	/** The node of an id given by this table. */
	node(id: number): Node {
		return this.nodeObjects[id] as Node;
	}

	/** The node of a thread that has not begun. */
	startNode(thread: number, start: ThreadStart): Node {
		const fn = this.linked.functions[start.entry];
		assert(fn !== undefined, `thread ${start.name} has an entry function`);
		const key = `${thread} ${start.entry} ${start.arguments.join(' ')}`;
		return this.special(this.starts, key, thread, { kind: 'start' }, start);
	}

	/** The node of a thread that is through: `end` before its end was announced, then `done` or `cut`. */
	endNode(thread: number, pending: Extract<Pending, { kind: 'end' | 'done' | 'cut' }>): Node {
		const returned = pending.kind === 'end' ? ` ${pending.value} ${pending.site}` : '';
		return this.special(this.ended, `${thread} ${pending.kind}${returned}`, thread, pending, null);
	}

	/** Where the thread goes when its pending op gives `outcome` (value loaded, old value, result, alternative). */
	resume(node: Node, outcome: number): Edge {
		if (node.edge === null) {
			node.outcome = outcome;
			node.edge = this.run.resume(node, outcome);
			return node.edge;
		}
		if (node.outcome === outcome) return node.edge;
		node.edges ??= new Map();
		const known = node.edges.get(outcome);
		if (known !== undefined) return known;
		const edge = this.run.resume(node, outcome);
		node.edges.set(outcome, edge);
		return edge;
	}

	/** Where the thread goes when the pending access has no cell: it reports the fault and is done. */
	fault(node: Node): Edge {
		node.faultEdge ??= this.run.fault(node);
		return node.faultEdge;
	}

	/** The thread ends because its pending op met a limit, or is no operation of the world. */
	cut(node: Node, incident: LocalIncident): Edge {
		const end = this.endNode(node.thread, { kind: 'cut' });
		return { node: end, refused: false, closes: false, events: [], incidents: [incident] };
	}

	/** The one node with this content; the frame is suspended at its pending op. */
	pausedNode(thread: number, frame: Frame, memory: readonly number[], pending: Pending): Node {
		const memoryId = this.memoryId(memory);
		const id = this.nodeKeys.intern([thread, frame.id, memoryId], 3);
		const known = this.nodeObjects[this.nodeIds[id] ?? -1];
		if (known !== undefined) return known;
		const kept = this.memoryObjects[memoryId] as readonly number[];
		const node = this.add(thread, pending, frame, kept, null);
		this.nodeIds[id] = node.id;
		return node;
	}

	/** Where a node stands; null before its start and after its end. */
	stackOf(node: Node): Stack | null {
		return node.frame === null ? null : node.frame.stack;
	}

	private memoryId(memory: readonly number[]): number {
		const id = this.memories.intern(memory, memory.length);
		this.memoryObjects[id] ??= memory.slice();
		return id;
	}

	private special(
		table: Map<string, Node>,
		key: string,
		thread: number,
		pending: Pending,
		start: ThreadStart | null,
	): Node {
		const known = table.get(key);
		if (known !== undefined) return known;
		const node = this.add(thread, pending, null, [], start);
		table.set(key, node);
		return node;
	}

	private add(
		thread: number,
		pending: Pending,
		frame: Frame | null,
		memory: readonly number[],
		start: ThreadStart | null,
	): Node {
		const id = this.nodeObjects.length;
		const node: Node = {
			id,
			thread,
			pending,
			frame,
			memory,
			start,
			outcome: 0,
			edge: null,
			edges: null,
			faultEdge: null,
		};
		this.nodeObjects.push(node);
		return node;
	}
}
