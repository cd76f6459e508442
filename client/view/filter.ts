/**
 * Which steps are shown: those that touch one location, those that change something, or all.
 *
 * Invariant: the current step, and one in which something goes wrong, are never hidden.
 */
import type { TracePanelContent, TracePanelStep } from '../../server/protocol.js';

export interface Filter {
	/** Null: any. */
	readonly location: string | null;
	/** Only steps after which some location has another value. */
	readonly changes: boolean;
}

export const EVERYTHING: Filter = { location: null, changes: false };

/** By step: it is shown. */
export function shownBy(steps: readonly TracePanelStep[], filter: Filter): readonly boolean[] {
	return steps.map(
		(step) =>
			step.violation !== null ||
			(touches(step, filter.location) && (!filter.changes || changes(step, filter.location))),
	);
}

/** Locations that steps of a run touch, in the world's order. */
export function touchedIn({ initial, steps }: Pick<TracePanelContent, 'initial' | 'steps'>) {
	const touched = new Set(steps.flatMap(({ effects }) => effects.map(({ location }) => location)));
	const known = initial.map(({ location }) => location).filter((name) => touched.has(name));
	return [...new Set([...known, ...touched])];
}

function touches({ effects }: TracePanelStep, location: string | null): boolean {
	return location === null || effects.some((e) => e.location === location);
}

function changes({ effects }: TracePanelStep, location: string | null): boolean {
	return effects.some(
		(e) => (location === null || e.location === location) && e.wrote !== null && e.wrote !== e.read,
	);
}

/** The step that a motion leads to where some are hidden: on in the same direction, else it stays. */
export function visibleFrom(
	shown: readonly boolean[],
	from: number,
	on: (step: number) => number,
): number {
	let to = on(from);
	while (shown[to] === false) {
		const next = on(to);
		if (next === to) return from;
		to = next;
	}
	return to;
}
