/**
 * How the steps of a run hang together by what they touch: which step wrote what a step reads, and which one overwrites what it read
 * or wrote.
 *
 * Invariant: it goes by the relations that the run has: under lkmm a read need not see the last write that is drawn above it.
 */
import type { TracePanelContent } from '../../server/protocol.js';

export interface StepLinks {
	/** Of each location that is read: the step that wrote it last; null: its initial value. */
	readonly from: readonly { readonly location: string; readonly step: number | null }[];
	/** Of each location that is read or written: the first later step that writes it. */
	readonly overwritten: readonly { readonly location: string; readonly step: number }[];
}

export function linksOf(
	{ relations = [] }: Pick<TracePanelContent, 'relations'>,
	step: number,
): StepLinks {
	return {
		from: relations.flatMap(({ kind, location, from, to }) =>
			kind === 'rf' && to === step ? [{ location, step: from }] : [],
		),
		overwritten: relations.flatMap(({ kind, location, from, to }) =>
			kind !== 'rf' && from === step ? [{ location, step: to }] : [],
		),
	};
}

/** The last step up to one that writes a location; null: it has its initial value. */
export function lastWrite(
	{ steps }: Pick<TracePanelContent, 'steps'>,
	location: string,
	until: number,
): number | null {
	const found = steps.findLastIndex((other, index) => index <= until && writes(other, location));
	return found < 0 ? null : found;
}

function writes(step: TracePanelContent['steps'][number], location: string): boolean {
	return step.effects.some((e) => e.location === location && e.wrote !== null);
}
