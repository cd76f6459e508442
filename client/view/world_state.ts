/**
 * The shared world at a step of a run, computed from the run's initial values and its effects.
 *
 * A step's own writes are part of the state at that step. Locations keep the world's order; one that
 * first shows up in an effect comes after them.
 */
import type { TracePanelContent } from '../../server/protocol.js';

export interface LocationState {
	readonly location: string;
	/** Value once the step is done; null while nothing is known of it. */
	readonly value: string | null;
	/** Value before the step, when the step changed it, else null. */
	readonly before: string | null;
	/** What the step did with it. */
	readonly access: 'read' | 'wrote' | null;
	/** CPU of the last write up to here, null while it has its initial value. */
	readonly writer: number | null;
	/** Some step of the run touches it. */
	readonly touched: boolean;
}

type Run = Pick<TracePanelContent, 'initial' | 'steps'>;

/** All locations at step `step` of `run`. */
export function worldAt(run: Run, step: number): readonly LocationState[] {
	const states = new Map<string, LocationState>();
	const touched = new Set(run.steps.flatMap((s) => s.effects.map((e) => e.location)));
	const blank = (location: string, value: string | null): LocationState => ({
		location,
		value,
		before: null,
		access: null,
		writer: null,
		touched: touched.has(location),
	});
	for (const { location, value } of run.initial) states.set(location, blank(location, value));
	for (const location of touched) {
		if (!states.has(location)) states.set(location, blank(location, firstRead(run, location)));
	}
	for (const [index, at] of run.steps.slice(0, step + 1).entries()) {
		for (const effect of at.effects) {
			const old = states.get(effect.location) ?? blank(effect.location, null);
			states.set(effect.location, after(old, { ...effect, cpu: at.cpu, current: index === step }));
		}
	}
	return [...states.values()];
}

function after(
	old: LocationState,
	effect: {
		readonly read: string | null;
		readonly wrote: string | null;
		readonly cpu: number;
		readonly current: boolean;
	},
): LocationState {
	if (effect.wrote === null) {
		const access = effect.current ? (old.access ?? 'read') : null;
		return { ...old, value: old.value ?? effect.read, access };
	}
	const before = old.before ?? old.value ?? effect.read;
	return {
		...old,
		value: effect.wrote,
		before: effect.current && before !== effect.wrote ? before : null,
		access: effect.current ? 'wrote' : null,
		writer: effect.cpu,
	};
}

/** The value a location had before the first write of the run, when some step read it by then. */
function firstRead(run: Run, location: string): string | null {
	for (const step of run.steps) {
		for (const effect of step.effects) {
			if (effect.location !== location) continue;
			if (effect.read !== null) return effect.read;
			if (effect.wrote !== null) return null;
		}
	}
	return null;
}

/** Steps whose text, function, what or locations contain `words` (case does not matter); none for an empty search. */
export function matches(run: Run, words: string): readonly number[] {
	const wanted = words.trim().toLowerCase();
	if (wanted === '') return [];
	return run.steps.flatMap((step, index) => {
		const parts = [step.what, step.text, step.function, step.thread];
		const all = [...parts, ...step.effects.map((e) => e.location)].join('\n').toLowerCase();
		return all.includes(wanted) ? [index] : [];
	});
}
