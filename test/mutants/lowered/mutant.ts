/**
 * A change to a lowered walk: edits of ops, made by an operator at one place. What the source text says does not matter here,
 * and nobody has to think of the bug: every place an operator fits is tried.
 */

import type { Edit } from '../../../engine/program/edit/edit.js';
import type { FunctionIndex, Op, OpIndex } from '../../../engine/program/op.js';
import type { Program, ProgramFunction } from '../../../engine/program/program.js';

export interface LoweredMutant {
	/** `operator@function:line.n`: the n-th place of the operator on that line. */
	readonly id: string;
	readonly operator: string;
	readonly function: FunctionIndex;
	readonly edits: readonly Edit[];
	/** Judged under the weak memory model: under sequential consistency it changes nothing. */
	readonly memory?: 'lkmm';
}

/** A function of the walk that is changed. */
export interface Subject {
	readonly program: Program;
	readonly index: FunctionIndex;
	readonly fn: ProgramFunction;
}

/** One change an operator makes in a function. */
export interface Change {
	readonly operator: string;
	/** Op the change is named after. */
	readonly at: number;
	readonly edits: readonly Edit[];
	readonly memory?: 'lkmm';
}

/** Gives changes their ids. */
export function named(subject: Subject, changes: readonly Change[]): readonly LoweredMutant[] {
	const { program, index, fn } = subject;
	const counts = new Map<string, number>();
	return changes.map(({ operator, at, edits, memory }) => {
		const line = program.sites[fn.ops[at]?.site ?? 0]?.line ?? 0;
		const place = `${operator}@${fn.name}:${line}`;
		const n = counts.get(place) ?? 0;
		counts.set(place, n + 1);
		return {
			id: `${place}.${n}`,
			operator,
			function: index,
			edits,
			...(memory === undefined ? {} : { memory }),
		};
	});
}

/** Place of an op in a subject. */
export function placeOf(subject: Subject, at: number): { function: FunctionIndex; op: OpIndex } {
	return { function: subject.index, op: at as OpIndex };
}

/** Line of an op. */
export function lineOf({ program, fn }: Subject, at: number): number {
	return program.sites[(fn.ops[at] as Op).site]?.line ?? 0;
}
