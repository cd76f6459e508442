/**
 * Where a function of a walk gives up: branches one side of which can only fail or turn back, while the other can still
 * succeed. Told from control flow and from what is returned, never from names.
 *
 * A function succeeds when it returns a value that its callers do not take for failure, and when it does not leave one of its
 * loops before the loop's own end (for a walker without a result, that is how it comes back early). What callers take for
 * failure is read off their branches on the result, from the root down. An arm that only leads back to where the function
 * was before, to try again, does not succeed either.
 *
 * Paths are followed over (op, constants known of what may be returned).
 */
import { assert } from '../../base/unreachable.js';
import { type Loops, loopsOf } from '../../program/edit/loops.js';
import type { Op, Operand, OpIndex, RegisterIndex } from '../../program/op.js';
import { type ProgramFunction, successors } from '../../program/program.js';
import { readBy } from '../../program/reads.js';

/** What a function's callers take for failure; null: nothing is known, or nothing is returned. */
export type Failure = 'zero' | 'nonzero' | 'negative' | 'not-positive';
export type Arm = 'then' | 'otherwise';

export interface GivingUp {
	/** Branches that give up, with the arm that does. */
	readonly arms: ReadonlyMap<OpIndex, Arm>;
	/** Ops that are reached only when the function has given up or turned back. */
	readonly lost: ReadonlySet<OpIndex>;
	/** Ops on some path that gives up. */
	readonly onTheWayOut: ReadonlySet<OpIndex>;
	/** Returns of a value that is not known and decides: neither always a success nor always a failure. */
	readonly deciding: readonly OpIndex[];
	/** What its callers take for failure. */
	readonly fails: Failure | null;
}

/** (op, what is known) pairs of one function; beyond it nothing is said of the function. */
const NODES_MAX = 30_000;

/** Null when the function is too large to be followed. */
export function givingUp(fn: ProgramFunction, fails: Failure | null): GivingUp | null {
	const flow = new Flow(fn, fails);
	return flow.follow() ? flow.summary() : null;
}

/** What is known of a register: its value, or only that it is not 0. */
type Known = number | 'nonzero';

interface Node {
	readonly op: OpIndex;
	readonly known: ReadonlyMap<RegisterIndex, Known>;
	/** A loop was left before its end. */
	readonly early: boolean;
	/** By arm; for other ops one. */
	readonly next: (Node | 'back' | null)[];
	succeeds: boolean;
	readonly from: Node[];
	/** Of a return: how it ends. */
	end: 'success' | 'failure' | 'unknown' | null;
}

class Flow {
	private readonly fn: ProgramFunction;
	private readonly fails: Failure | null;
	private readonly tracked: ReadonlySet<RegisterIndex>;
	private readonly loops: Loops;
	private readonly nodes = new Map<string, Node>();

	constructor(fn: ProgramFunction, fails: Failure | null) {
		this.fn = fn;
		this.fails = fails;
		this.tracked = returnedRegisters(fn);
		this.loops = loopsOf(fn);
	}

	follow(): boolean {
		const open = [this.node(0 as OpIndex, new Map(), false)];
		for (let node = open.pop(); node !== undefined; node = open.pop()) {
			if (this.nodes.size > NODES_MAX) return false;
			this.expand(node, (next) => open.push(next));
		}
		const succeeding = [...this.nodes.values()].filter(
			(n) => n.end === 'success' || n.end === 'unknown',
		);
		for (let node = succeeding.pop(); node !== undefined; node = succeeding.pop()) {
			if (node.succeeds) continue;
			node.succeeds = true;
			succeeding.push(...node.from);
		}
		return true;
	}

	summary(): GivingUp {
		const byOp = new Map<OpIndex, Node[]>();
		for (const node of this.nodes.values()) {
			const known = byOp.get(node.op);
			if (known === undefined) byOp.set(node.op, [node]);
			else known.push(node);
		}
		const arms = new Map<OpIndex, Arm>();
		for (const [at, nodes] of byOp) {
			if (this.fn.ops[at]?.kind !== 'branch') continue;
			const then = fate(nodes, 0);
			const otherwise = fate(nodes, 1);
			if (this.loops.loops.some((loop) => loop.tests.has(at))) continue;
			if (then === 'lost' && otherwise === 'succeeds') arms.set(at, 'then');
			if (then === 'succeeds' && otherwise === 'lost') arms.set(at, 'otherwise');
		}
		const all = [...byOp];
		return {
			arms,
			lost: new Set(all.filter(([, n]) => n.every((x) => !x.succeeds)).map(([at]) => at)),
			onTheWayOut: new Set(all.filter(([, n]) => n.some((x) => !x.succeeds)).map(([at]) => at)),
			deciding: all
				.filter(([, n]) => n.some((x) => x.end === 'unknown'))
				.map(([at]) => at)
				.filter((at) => this.decides(at)),
			fails: this.fails,
		};
	}

	/** The value is worked out here, not handed through from a callee or a variable. */
	private decides(at: OpIndex): boolean {
		const op = this.fn.ops[at];
		if (this.fails === null || op?.kind !== 'return' || op.value?.kind !== 'register') return false;
		const { register } = op.value;
		const writers = this.fn.ops.filter((o) => 'dst' in o && o.dst === register);
		return (
			this.fn.registerNames[register] === null &&
			writers.length === 1 &&
			writers.every((o) => o.kind === 'binary' || o.kind === 'unary')
		);
	}

	private node(op: OpIndex, known: ReadonlyMap<RegisterIndex, Known>, early: boolean): Node {
		const facts = [...known].sort(([a], [b]) => a - b).map(([r, k]) => `${r}=${k}`);
		const key = `${op} ${early} ${facts.join(' ')}`;
		const before = this.nodes.get(key);
		if (before !== undefined) return before;
		const made: Node = { op, known, early, next: [], succeeds: false, from: [], end: null };
		this.nodes.set(key, made);
		return made;
	}

	private expand(node: Node, found: (next: Node) => void): void {
		if (node.next.length > 0 || node.end !== null) return;
		const op = this.fn.ops[node.op];
		assert(op !== undefined, 'control stays in the function');
		if (op.kind === 'return') {
			node.end = this.endOf(node, op.value);
			return;
		}
		const known = this.after(node.known, op);
		successors(op, node.op).forEach((target, arm) => {
			const taken = op.kind === 'branch' ? refined(this.fn, known, op, arm === 0, node.op) : known;
			if (taken === null) node.next.push(null);
			else if (this.turnsBack(node.op, target)) node.next.push('back');
			else {
				const early = node.early || this.leavesEarly(node.op, target);
				const next = this.node(target, this.only(taken), early);
				next.from.push(node);
				node.next.push(next);
				found(next);
			}
		});
	}

	/** To the head of a loop that has no condition of its own: what was done is done again. */
	private turnsBack(from: OpIndex, to: OpIndex): boolean {
		if (!this.loops.isBack(from, to)) return false;
		return this.loops.loops.some((loop) => loop.head === to && loop.tests.size === 0);
	}

	/** Out of a loop that has a condition of its own, and not by that. */
	private leavesEarly(from: OpIndex, to: OpIndex): boolean {
		return this.loops.loops.some(
			({ body, tests }) => tests.size > 0 && body.has(from) && !body.has(to) && !tests.has(from),
		);
	}

	private only(known: ReadonlyMap<RegisterIndex, Known>): ReadonlyMap<RegisterIndex, Known> {
		return new Map([...known].filter(([register]) => this.tracked.has(register)));
	}

	private endOf(node: Node, value: Operand | null): 'success' | 'failure' | 'unknown' {
		const { early } = node;
		const known =
			value === null
				? undefined
				: value.kind === 'constant'
					? value.value
					: node.known.get(value.register);
		const failed = known === undefined || this.fails === null ? null : isFailure(this.fails, known);
		if (failed !== null) return failed ? 'failure' : 'success';
		if (early) return 'failure';
		return value === null ? 'success' : 'unknown';
	}

	/** What is known after an op. */
	private after(
		known: ReadonlyMap<RegisterIndex, Known>,
		op: Op,
	): ReadonlyMap<RegisterIndex, Known> {
		if (!('dst' in op) || op.dst === null || !this.tracked.has(op.dst)) return known;
		const next = new Map(known);
		const value = valueAfter(op, known);
		if (value === undefined) next.delete(op.dst);
		else next.set(op.dst, value);
		return next;
	}
}

function isFailure(fails: Failure, value: Known): boolean | null {
	if (value === 'nonzero') return fails === 'zero' ? false : fails === 'nonzero' ? true : null;
	switch (fails) {
		case 'zero':
			return value === 0;
		case 'nonzero':
			return value !== 0;
		case 'negative':
			return value < 0;
		case 'not-positive':
			return value <= 0;
	}
}

/** What becomes of an arm over all ways to its branch. */
function fate(nodes: readonly Node[], arm: number): 'succeeds' | 'lost' | 'not taken' {
	let taken = false;
	for (const { next } of nodes) {
		const to = next[arm];
		if (to === null || to === undefined) continue;
		taken = true;
		if (to !== 'back' && to.succeeds) return 'succeeds';
	}
	return taken ? 'lost' : 'not taken';
}

function valueAfter(op: Op, known: ReadonlyMap<RegisterIndex, Known>): Known | undefined {
	const of = (o: Operand): Known | undefined =>
		o.kind === 'constant' ? o.value : known.get(o.register);
	switch (op.kind) {
		case 'move':
			return of(op.from);
		case 'use':
			return known.get(op.from);
		case 'convert':
			return of(op.operand);
		case 'unary': {
			const value = of(op.operand);
			if (op.operator !== '!' || value === undefined) return undefined;
			return value === 0 ? 1 : 0;
		}
		case 'binary': {
			const left = of(op.left);
			const right = of(op.right);
			if (right !== 0 || left === undefined) return undefined;
			if (op.operator === '!=') return left === 0 ? 0 : 1;
			if (op.operator === '==') return left === 0 ? 1 : 0;
			return undefined;
		}
		default:
			return undefined;
	}
}

/** What is known once the branch went this way; null when it cannot. */
function refined(
	fn: ProgramFunction,
	known: ReadonlyMap<RegisterIndex, Known>,
	op: Op & { readonly kind: 'branch' },
	isThen: boolean,
	at: OpIndex,
): ReadonlyMap<RegisterIndex, Known> | null {
	const { condition } = op;
	const value = condition.kind === 'constant' ? condition.value : known.get(condition.register);
	if (value !== undefined && (value !== 0) !== isThen) return null;
	if (condition.kind === 'constant') return known;
	const next = new Map(known);
	for (const register of copiesBefore(fn, condition.register, at)) {
		if (isThen) {
			if (next.get(register) === undefined) next.set(register, 'nonzero');
		} else next.set(register, 0);
	}
	return next;
}

/** The register and those it is a copy of, in the straight line of ops before a branch. */
function copiesBefore(
	fn: ProgramFunction,
	register: RegisterIndex,
	branch: OpIndex,
): readonly RegisterIndex[] {
	const copies = [register];
	for (let at = branch - 1; at >= 0; at--) {
		const op = fn.ops[at];
		if (op === undefined || op.kind === 'branch' || op.kind === 'jump') break;
		if (!('dst' in op) || op.dst === null || !copies.includes(op.dst)) continue;
		if (op.kind === 'use') copies.push(op.from);
		else if (op.kind === 'move' && op.from.kind === 'register') copies.push(op.from.register);
		else break;
	}
	return copies;
}

/** Registers whose values may come to be returned. */
function returnedRegisters(fn: ProgramFunction): ReadonlySet<RegisterIndex> {
	const tracked = new Set<RegisterIndex>();
	for (const op of fn.ops) {
		if (op.kind === 'return' && op.value?.kind === 'register') tracked.add(op.value.register);
	}
	for (let before = -1; before !== tracked.size; ) {
		before = tracked.size;
		for (const op of fn.ops) {
			const carries = ['move', 'use', 'convert', 'unary', 'binary'].includes(op.kind);
			if (!carries || !('dst' in op) || op.dst === null) continue;
			// a copy says as much of what it copies as the other way round
			if (op.kind === 'use' && tracked.has(op.from)) tracked.add(op.dst);
			if (!tracked.has(op.dst)) continue;
			for (const register of readBy(op)) tracked.add(register);
		}
	}
	return tracked;
}
