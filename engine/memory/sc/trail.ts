/**
 * What local runs of thread 0 went through: the arms they took, as numbered lists that edges carry, and where the conditions
 * of branches were read from.
 */
import { VectorTable } from '../../base/vectors.js';
import type { FunctionIndex } from '../../program/op.js';
import type { Program } from '../../program/program.js';
import { branchArm, ENTRY_ARM, firstArms } from '../thread/arms.js';
import type { LinkedOp } from '../thread/link.js';
import type { ThreadStack } from './thread_stack.js';

export class Trail {
	private readonly firsts: readonly number[];
	private readonly arms: number[] = [];
	private thread = 0;
	private readonly tracks = new VectorTable();
	private readonly lists: (readonly number[])[] = [];
	/** By function and op of a branch. */
	private readonly asked = new Map<number, Map<number, Set<number>>>();

	constructor(program: Program) {
		this.firsts = firstArms(program);
		this.track([]);
	}

	/** A local run of a thread begins. */
	begin(thread: number): void {
		this.thread = thread;
		this.arms.length = 0;
	}

	enter(fn: number): void {
		this.take(fn, ENTRY_ARM);
	}

	/** The branch that the thread stands at goes that way. */
	branch(stack: ThreadStack, { a }: LinkedOp, then: boolean): void {
		const { fn, pc } = stack;
		// what was shifted down has a fraction of its own (local_value.ts)
		const source = a < 0 ? 0 : Math.floor(Math.abs(stack.source(a)));
		if (source > 0 && this.thread === 0) this.ask(fn.index, pc, source);
		this.take(fn.index, branchArm(pc, then));
	}

	/** Id of what was gone through since the run began; 0: nothing of the walk, or a run that is none. */
	end(refused: boolean): number {
		return refused || this.arms.length === 0 ? 0 : this.track(this.arms);
	}

	/** Numbers of the arms on a track. */
	armsOf(track: number): readonly number[] {
		return this.lists[track] ?? [];
	}

	/** Addresses that a branch's condition was read from, in any run so far. */
	sourcesOf(fn: FunctionIndex, branch: number): readonly number[] {
		return [...(this.asked.get(fn)?.get(branch) ?? [])];
	}

	/** The same of all branches of a function. */
	sourcesIn(fn: FunctionIndex): readonly number[] {
		return [...(this.asked.get(fn)?.values() ?? [])].flatMap((sources) => [...sources]);
	}

	private take(fn: number, arm: number): void {
		const first = this.firsts[fn] as number;
		if (first >= 0) this.arms.push(first + arm);
	}

	private track(arms: readonly number[]): number {
		const id = this.tracks.intern(arms, arms.length);
		this.lists[id] ??= arms.slice();
		return id;
	}

	private ask(fn: number, branch: number, source: number): void {
		const known = this.asked.get(fn) ?? new Map<number, Set<number>>();
		const sources = known.get(branch) ?? new Set<number>();
		this.asked.set(fn, known.set(branch, sources.add(source)));
	}
}
