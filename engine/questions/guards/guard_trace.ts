/**
 * Ids of runs of a walk without some of its guards: `without gup_fast_pte_range.58/0.1.zap:0*12,1*3`. They name the guards
 * by function and op, so that they replay on the text they were made from.
 */
import type { FunctionIndex } from '../../program/op.js';
import type { Program } from '../../program/program.js';
import { type Guard, guardsOf, without } from './guards.js';

const WITHOUT = /^without ([^/]+)\/(.*)$/s;

/** Id of a run without some guards; `id` is the run's own. */
export function idWithout(guards: readonly Guard[], id: string): string {
	return `without ${guards.map((g) => g.id).join(',')}/${id}`;
}

/** The walk an id is about and the run's own id; for most ids the program as it is. */
export function walkOfId(
	program: Program,
	root: FunctionIndex,
	id: string,
):
	| { readonly program: Program; readonly id: string; readonly gone: readonly Guard[] }
	| { readonly program: null; readonly why: string } {
	const [, names, own] = WITHOUT.exec(id) ?? [];
	if (names === undefined || own === undefined) return { program, id, gone: [] };
	const walk = guardsOf(program, root);
	const gone: Guard[] = [];
	for (const name of names.split(',')) {
		const guard = walk.guards.find((g) => g.id === name);
		if (guard === undefined)
			return { program: null, why: `this walk has no guard ${name} (any more)` };
		gone.push(guard);
	}
	return { program: without(walk, gone), id: own, gone };
}
