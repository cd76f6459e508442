/**
 * A litmus test's small numbers for a world's words, and runs of its threads said in words: every read is translated on
 * its way in, every store on its way out.
 *
 * Invariant: a word that has no small number is itself.
 */

import type { ThreadRun } from './event.js';
import type { LocationIndex } from './litmus_program.js';
import { compute, operate, type SymbolicValue } from './value.js';

/** By location: the words its small numbers stand for, without those that stand for themselves. */
export type SmallValues = readonly ReadonlyMap<number, number>[];

export function wordOf(small: SmallValues, location: LocationIndex, number: number): number {
	return small[location]?.get(number) ?? number;
}

export function numberOf(small: SmallValues, location: LocationIndex, word: number): number {
	for (const [number, stands] of small[location] ?? []) if (stands === word) return number;
	return word;
}

/** The run as it was made with small numbers, in words. */
export function inWords(run: ThreadRun, small: SmallValues): ThreadRun {
	const locationOf = (read: number): LocationIndex =>
		run.events[read]?.location ?? (-1 as LocationIndex);
	const value = (v: SymbolicValue): SymbolicValue => {
		if (typeof v === 'number') return v;
		if ('read' in v) {
			const pairs = [...(small[locationOf(v.read)] ?? [])];
			return exchanged(
				v,
				pairs.map(([number, word]) => [word, number] as const),
			);
		}
		return operate(v.operator, value(v.left), value(v.right));
	};
	const stored = (v: SymbolicValue, location: LocationIndex): SymbolicValue => {
		const said = value(v);
		if (typeof said === 'number') return wordOf(small, location, said);
		return exchanged(said, [...(small[location] ?? [])]);
	};
	return {
		...run,
		events: run.events.map((e) =>
			e.value === null || e.location === null ? e : { ...e, value: stored(e.value, e.location) },
		),
		constraints: run.constraints.map(value),
		registers: new Map([...run.registers].map(([name, v]) => [name, value(v)])),
		possible: new Map(
			[...run.possible].map(([read, values]) => [
				read,
				values && new Set([...values].map((n) => wordOf(small, locationOf(read), n))),
			]),
		),
	};
}

/** The value, with `to` in place of `from` for each pair. */
function exchanged(
	value: SymbolicValue,
	pairs: readonly (readonly [number, number])[],
): SymbolicValue {
	return pairs.reduce<SymbolicValue>(
		(so, [from, to]) =>
			operate('^', so, operate('*', operate('==', value, from), compute('^', from, to))),
		value,
	);
}
