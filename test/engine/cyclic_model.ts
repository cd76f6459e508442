/**
 * Random models with cycles, without a machine: threads walk graphs of reads, writes and awaits over a few cells, round
 * and round if they like. For the laws that the machine, whose runs all end, cannot test.
 */
import fc from 'fast-check';
import type { Moves, Step } from '../../engine/base/step.js';
import type { Model } from '../../engine/explore/model.js';

interface CyclicOp {
	readonly kind: 'read' | 'write' | 'await';
	readonly cell: number;
	readonly value: number;
	/** Position afterwards; a read goes to `other` when the cell does not hold `value`. -1: done. */
	readonly next: number;
	readonly other: number;
	/** A read that finds `value` is a violation. */
	readonly reports: boolean;
}

/** Cells, then the position of each thread. */
export type CyclicState = readonly number[];

const CELLS = 3;
const POSITIONS = 4;

const position = fc.integer({ min: -1, max: POSITIONS - 1 });
const op: fc.Arbitrary<CyclicOp> = fc.record({
	kind: fc.constantFrom('read', 'read', 'write', 'write', 'await'),
	cell: fc.nat(CELLS - 1),
	value: fc.nat(2),
	next: position,
	other: position,
	reports: fc.boolean(),
});
const program = fc.array(op, { minLength: POSITIONS, maxLength: POSITIONS });

/** Models of two or three threads with `POSITIONS` ops each. */
export const cyclicModel: fc.Arbitrary<Model<CyclicState, string>> = fc
	.array(program, { minLength: 2, maxLength: 3 })
	.map(modelOf);

function modelOf(threads: readonly (readonly CyclicOp[])[]): Model<CyclicState, string> {
	const opAt = (state: CyclicState, thread: number): CyclicOp | undefined =>
		threads[thread]?.[state[CELLS + thread] as number];
	const moves = (state: CyclicState, thread: number): Moves<string> => {
		const at = opAt(state, thread);
		if (at === undefined) return { status: 'done', steps: [], reads: [], writes: [] };
		const holds = state[at.cell] === at.value;
		const [reads, writes] = at.kind === 'write' && !holds ? [[], [at.cell]] : [[at.cell], []];
		if (at.kind === 'await' && !holds) return { status: 'blocked', steps: [], reads, writes };
		const to = at.kind === 'read' && !holds ? at.other : at.next;
		const reported = at.kind === 'read' && holds && at.reports;
		const violation = `${thread} at ${state[CELLS + thread]}`;
		const step: Step<string> = {
			alternative: 0,
			incidents: reported ? [{ kind: 'violation', violation }] : [],
			position: to + 1,
			// Every cycle of positions goes to an equal or lower one somewhere.
			closes: to <= (state[CELLS + thread] as number),
		};
		return { status: 'ready', steps: [step], reads, writes };
	};
	return {
		threads: threads.length,
		initial: () => [...new Array<number>(CELLS).fill(0), ...threads.map(() => 0)],
		moves,
		successor: (state, thread, step) => {
			const at = opAt(state, thread);
			const after = [...state];
			if (at?.kind === 'write') after[at.cell] = at.value;
			after[CELLS + thread] = step.position - 1;
			return after;
		},
		fingerprint: (state) => state.join(' '),
		position: (state, thread) => (state[CELLS + thread] as number) + 1,
		key: (violation) => violation,
	};
}
