/**
 * What a thread's pending op does to shared cells, and where the thread goes with what it got.
 *
 * Invariant: an op that is blocked leaves no effect that anyone uses.
 */
import { assert, unreachable } from '../../base/unreachable.js';
import type { Intrinsic, MachineEvent } from '../thread/event.js';
import { changeSection } from '../thread/sections.js';
import { rmwStored } from '../thread/word.js';
import type { Automata } from './automaton.js';
import type { Edge, Node, Pending } from './automaton_node.js';
import type { StepView } from './step_view.js';

/** What the next op of a thread gave in one alternative; `event` comes before those of the edge. */
export interface Performed {
	readonly edge: Edge;
	readonly event: MachineEvent | null;
}

export class Performer<V> {
	private readonly automata: Automata;
	private readonly view: StepView<V>;
	private readonly intrinsics: ReadonlyMap<string, Intrinsic<V>>;

	constructor(
		automata: Automata,
		view: StepView<V>,
		intrinsics: ReadonlyMap<string, Intrinsic<V>>,
	) {
		this.automata = automata;
		this.view = view;
		this.intrinsics = intrinsics;
	}

	/** Ways the pending op can go. */
	alternatives(pending: Pending): number {
		if (pending.kind === 'choose') return pending.alternatives;
		if (pending.kind !== 'reload') return 1;
		const index = this.view.cell(pending.address);
		return index === undefined || this.view.transaction.read(index) === pending.kept ? 1 : 2;
	}

	/** The pending op's effect on cells; null when it is blocked. */
	perform(node: Node, alternative: number): Performed | null {
		const { pending } = node;
		const { view } = this;
		switch (pending.kind) {
			case 'start':
				return { edge: this.automata.resume(node, 0), event: null };
			case 'end': {
				const { value, site } = pending;
				return { edge: this.automata.resume(node, 0), event: { kind: 'end', value, site } };
			}
			case 'load':
				return this.load(node, pending);
			case 'reload':
				return this.reload(node, pending, alternative);
			case 'store':
				return this.store(node, pending);
			case 'rmw':
				return this.rmw(node, pending);
			case 'section': {
				const { section: kind, delta, site } = pending.op;
				const { before, depth } = changeSection(view, {
					thread: view.thread,
					threads: view.threads,
					kind,
					delta,
				});
				const event: MachineEvent = { kind: 'section', section: kind, delta, depth, site };
				return { edge: this.automata.resume(node, before > 0 ? 1 : 0), event };
			}
			case 'intrinsic':
				return this.intrinsic(node, pending);
			case 'choose':
				return { edge: this.automata.resume(node, alternative), event: null };
			case 'done':
			case 'cut':
				return null;
			default:
				return unreachable(pending);
		}
	}

	private load(node: Node, pending: Extract<Pending, { kind: 'load' }>): Performed {
		const { address } = pending;
		const index = this.view.cell(address);
		if (index === undefined) return this.fault(node);
		const value = this.view.transaction.read(index);
		const { order, site, half = null } = pending.op;
		const event: MachineEvent = { kind: 'load', address, value, order, reload: false, half, site };
		return { edge: this.automata.resume(node, value), event };
	}

	private store(node: Node, pending: Extract<Pending, { kind: 'store' }>): Performed {
		const { address, value } = pending;
		const index = this.view.cell(address);
		if (index === undefined) return this.fault(node);
		const old = this.view.transaction.read(index);
		this.view.transaction.write(index, value);
		const { order, site } = pending.op;
		const event: MachineEvent = { kind: 'store', address, old, value, order, site };
		return { edge: this.automata.resume(node, 0), event };
	}

	private intrinsic(
		node: Node,
		pending: Extract<Pending, { kind: 'intrinsic' }>,
	): Performed | null {
		const { name, site } = pending.op;
		const intrinsic = this.intrinsics.get(name);
		if (intrinsic === undefined) {
			const reason = `the world has no operation ${name}`;
			const edge = this.automata.cut(node, { kind: 'unsupported', reason, site });
			return { edge, event: null };
		}
		const args = pending.arguments;
		const result = intrinsic(args, this.view);
		if (result === 'blocked') return null;
		const event: MachineEvent = { kind: 'intrinsic', name, arguments: args, result, site };
		return { edge: this.automata.resume(node, result), event };
	}

	private reload(
		node: Node,
		pending: Extract<Pending, { kind: 'reload' }>,
		alternative: number,
	): Performed {
		const index = this.view.cell(pending.address);
		const value = index === undefined ? pending.kept : this.view.transaction.read(index);
		const { address, kept } = pending;
		if (alternative === 0) return { edge: this.automata.resume(node, kept), event: null };
		const site = this.view.stack === null ? node.frame?.fn.source.site : this.view.stack.site;
		assert(site !== undefined, 'a re-load stands in a frame');
		const event: MachineEvent = {
			kind: 'load',
			address,
			value,
			order: 'plain',
			reload: true,
			half: null,
			site,
		};
		return { edge: this.automata.resume(node, value), event };
	}

	private rmw(node: Node, pending: Extract<Pending, { kind: 'rmw' }>): Performed {
		const index = this.view.cell(pending.address);
		if (index === undefined) return this.fault(node);
		const { address } = pending;
		const { operator, order, site, type } = pending.op;
		const old = this.view.transaction.read(index);
		const stored = rmwStored(operator, old, pending.operand, pending.expected, type);
		if (Number.isNaN(stored)) {
			const incident = { kind: 'limit', limit: 'wide-value', site } as const;
			return { edge: this.automata.cut(node, incident), event: null };
		}
		const value = stored ?? old;
		if (stored !== null) this.view.transaction.write(index, stored);
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

	private fault(node: Node): Performed {
		return { edge: this.automata.fault(node), event: null };
	}
}
