/**
 * Nodes and edges of a thread's automaton, as data, and the table that a local run asks for them.
 */
import type { Op, SiteIndex } from '../../program/op.js';
import type { MachineEvent, ThreadStart } from '../thread/event.js';
import type { Frame, Stack } from '../thread/frame.js';
import type { Cut, Kept } from '../thread/kept_bits.js';
import type { LinkedProgram } from '../thread/link.js';
import type { FrameTable } from './frame_table.js';
import type { Trail } from './trail.js';

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
	/** What was gone through on the way, see Trail; 0: nothing of the walk. */
	readonly track: number;
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
	/**
	 * What is left of a value that loses bits in the walk, which it has from the word at `source`, where that is not what C leaves of
	 * the model's number: a value in its place, or why it is not known; null: it is.
	 */
	readonly cuts?: (value: number, source: number, kept: Kept) => Cut;
	/** The upper 32 bits of a value that the walk has from the word at `source`, where the model's number does not have them; else null. */
	readonly upper?: (value: number, source: number) => number | null;
	/** Source of what the operator makes of two values: `from` is the first's, unless it has none. Absent: `from`. */
	readonly derives?: (
		op: Extract<Op, { kind: 'binary' }>,
		values: readonly [number, number],
		from: number,
	) => number;
	/** Why the walk may not access so many bytes at an address of the world in one piece; null: it may. */
	readonly refusesAccess?: (address: number, bytes: number) => string | null;
}

/** Where the nodes that a local run ends in come from. */
export interface NodeTable {
	readonly linked: LinkedProgram;
	readonly options: AutomataOptions;
	readonly frames: FrameTable;
	readonly trail: Trail;
	/** The node of a thread that is through: `end` before its end was announced, then `done` or `cut`. */
	endNode(thread: number, pending: Extract<Pending, { kind: 'end' | 'done' | 'cut' }>): Node;
	/** The one node with this content; the frame is suspended at its pending op. */
	pausedNode(thread: number, frame: Frame, memory: readonly number[], pending: Pending): Node;
}
