/**
 * All mutants of a lowered walk: every operator at every place of the functions of the checked file and of the headers it reaches.
 */
import type { CheckRequest } from '../../../engine/check/request.js';
import type { FunctionIndex } from '../../../engine/program/op.js';
import { reachable } from '../../../engine/program/reach.js';
import { type LoweredMutant, named, type Subject } from './mutant.js';
import { opChanges } from './operators.js';
import { orderChanges } from './segments.js';

/** Functions of the walk that are the kernel's text, in the order of the program. */
export function subjectsOf({ program, root }: CheckRequest): readonly Subject[] {
	return [...reachable(program, root)]
		.sort((a, b) => a - b)
		.flatMap((index: FunctionIndex) => {
			const fn = program.functions[index];
			return fn?.origin === 'walk' ? [{ program, index, fn }] : [];
		});
}

/** By function, then by operator. */
export function loweredMutants(request: CheckRequest): readonly LoweredMutant[] {
	return subjectsOf(request).flatMap((subject) =>
		named(subject, [...opChanges(subject), ...orderChanges(subject)]),
	);
}
