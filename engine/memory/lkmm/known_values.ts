/**
 * What is known of a value while a run is made: the number when what its reads may have taken leaves one, and one number
 * of several where the run cannot go on without.
 */
import { possibleValues } from './contents.js';
import { Abandoned, type RunRecorder } from './run_recorder.js';
import { collectReads, evaluate, operate, type SymbolicValue } from './value.js';

type Possible = ReadonlyMap<number, ReadonlySet<number> | null>;

/** The number when the constraints so far leave one, else the value. */
export function settle(
	{ possible }: { readonly possible: Possible },
	value: SymbolicValue,
): SymbolicValue {
	if (typeof value === 'number') return value;
	const reads = new Set<number>();
	collectReads(value, reads);
	const only = new Map<number, number>();
	for (const read of reads) {
		const values = possible.get(read);
		if (values?.size !== 1) return value;
		for (const v of values) only.set(read, v);
	}
	return evaluate(value, (read) => only.get(read) ?? null) ?? value;
}

/** One of the numbers a value may be: each is a run of its own. */
export function concrete(recorder: RunRecorder, value: SymbolicValue): number {
	const settled = settle(recorder, value);
	if (typeof settled === 'number') return settled;
	const numbers = possibleValues(settled, recorder.possible);
	if (numbers === null) throw new Abandoned('an address may be anything');
	const different = [...new Set(numbers)].sort((a, b) => a - b);
	const chosen = different[recorder.choose(different.length)] as number;
	recorder.require(operate('==', settled, chosen));
	return chosen;
}
