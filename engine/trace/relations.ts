/**
 * Who reads from whom in an interleaving, and who overwrites what: every read sees the last write before it.
 *
 * Invariant: says the nearest of each relation only; under lkmm an execution has its own (`engine/lkmm/trace.ts`).
 */
import type { Relation, TraceStep } from './trace.js';

export function relationsInOrder(
	steps: readonly Pick<TraceStep, 'effects'>[],
): readonly Relation[] {
	const relations: Relation[] = [];
	const writers = new Map<string, number>();
	const readers = new Map<string, number[]>();
	steps.forEach(({ effects }, to) => {
		for (const { location, read, wrote } of effects) {
			const writer = writers.get(location) ?? null;
			if (read !== null) relations.push({ kind: 'rf', location, from: writer, to });
			if (wrote === null) {
				if (read !== null) readers.set(location, [...(readers.get(location) ?? []), to]);
				continue;
			}
			if (writer !== null) relations.push({ kind: 'co', location, from: writer, to });
			for (const from of readers.get(location) ?? [])
				relations.push({ kind: 'fr', location, from, to });
			readers.delete(location);
			writers.set(location, to);
		}
	});
	return relations;
}
