/**
 * How the steps of a run hang together by what they touch: which step wrote what a step reads, and which one overwrites what it read
 * or wrote.
 *
 * Invariant: it goes by the effects that the run has, and computes nothing of its own.
 */
import type { TracePanelContent } from '../../server/protocol.js';

export interface StepLinks {
	/** Of each location that is read: the step that wrote it last; null: its initial value. */
	readonly from: readonly { readonly location: string; readonly step: number | null }[];
	/** Of each location that is read or written: the first later step that writes it. */
	readonly overwritten: readonly { readonly location: string; readonly step: number }[];
}

type Run = Pick<TracePanelContent, 'steps'>;

export function linksOf({ steps }: Run, step: number): StepLinks {
	const at = steps[step];
	if (at === undefined) return { from: [], overwritten: [] };
	const reads = at.effects.filter(({ read }) => read !== null).map(({ location }) => location);
	const touched = at.effects.map(({ location }) => location);
	return {
		from: [...new Set(reads)].map((location) => ({
			location,
			step: lastWrite({ steps }, location, step - 1),
		})),
		overwritten: [...new Set(touched)].flatMap((location) => {
			const later = steps.findIndex((other, index) => index > step && writes(other, location));
			return later < 0 ? [] : [{ location, step: later }];
		}),
	};
}

/** The last step up to one that writes a location; null: it has its initial value. */
export function lastWrite({ steps }: Run, location: string, until: number): number | null {
	const found = steps.findLastIndex((other, index) => index <= until && writes(other, location));
	return found < 0 ? null : found;
}

function writes(step: TracePanelContent['steps'][number], location: string): boolean {
	return step.effects.some((e) => e.location === location && e.wrote !== null);
}
