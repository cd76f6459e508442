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
import { broken } from '../../base/unreachable.js';
import { VectorTable } from '../../base/vectors.js';
import type { ThreadStart } from '../thread/event.js';
import type { Frame, Stack } from '../thread/frame.js';
import type { LinkedProgram } from '../thread/link.js';
import type {
	AutomataOptions,
	Edge,
	LocalIncident,
	Node,
	NodeTable,
	Pending,
} from './automaton_node.js';
import { FrameTable } from './frame_table.js';
import { LocalRun } from './local_run.js';
import { Trail } from './trail.js';

/** The automata of all threads of one program under one set of symbols and limits; scenarios may share it. */
export class Automata implements NodeTable {
	readonly linked: LinkedProgram;
	readonly options: AutomataOptions;
	readonly frames = new FrameTable();
	readonly trail: Trail;
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
		this.trail = new Trail(linked.program);
		this.run = new LocalRun(this);
	}

	/** The node of an id given by this table. */
	node(id: number): Node {
		return this.nodeObjects[id] as Node;
	}

	/** The node of a thread that has not begun. */
	startNode(thread: number, start: ThreadStart): Node {
		const fn = this.linked.functions[start.entry];
		if (fn === undefined) broken(`thread ${start.name} has an entry function`);
		const key = `${thread} ${start.entry} ${start.arguments.join(' ')}`;
		return this.special(this.starts, key, thread, { kind: 'start' }, start);
	}

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
		const rest = { events: [], incidents: [incident] };
		return { node: end, refused: false, closes: false, track: 0, ...rest };
	}

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
