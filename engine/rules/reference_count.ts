/**
 * frozen-reference and reference-overflow: references taken on a count that refuses them.
 */
import type { MachineEvent } from '../memory/thread/event.js';
import { blamed, frameOfField } from '../mm/monitor/watch.js';
import { type Property, report } from './property.js';

/** The count went up, be it over its end: it is 32 bits wide. */
function isTaken({ stored, old, value }: Extract<MachineEvent, { kind: 'rmw' }>): boolean {
	return stored && ((value - old) | 0) > 0;
}

export const frozenReference: Property = {
	rule: 'frozen-reference',
	severity: 'error',
	what: 'A reference was taken on a folio whose _refcount was 0 or frozen.',
	run: 'The page was freed (or reclaim, split or migration froze its count to 0); adding to the count brings a dead page back to life under its next owner.',
	fix: 'Take speculative references with folio_ref_try_add() or another add-unless-zero and give up when it fails.',
	history: ['e286781d5f2e mm: speculative page references'],
	onEvent(event, view, s) {
		if (event.kind !== 'rmw' || !isTaken(event) || event.old !== 0) return;
		const frame = frameOfField(s, event.address, '_refcount');
		if (frame === null) return;
		report(
			view,
			'frozen-reference',
			blamed(s, view, event.site),
			`the walk takes a reference on folio#${frame}, which is free: its _refcount is 0`,
		);
	},
};

export const referenceOverflow: Property = {
	rule: 'reference-overflow',
	severity: 'error',
	what: 'A reference was taken on a folio whose _refcount had overflowed.',
	run: 'The _refcount has overflowed and is negative; the walk adds to it until it reaches 0, and the page is freed while it is in use.',
	fix: 'Refuse a reference when the count is not positive.',
	history: ['8fde12ca79af mm: prevent get_user_pages() from overflowing page refcount'],
	onEvent(event, view, s) {
		if (event.kind !== 'rmw' || !isTaken(event) || event.old >= 0) return;
		const frame = frameOfField(s, event.address, '_refcount');
		if (frame === null) return;
		report(
			view,
			'reference-overflow',
			blamed(s, view, event.site),
			`a reference is taken on folio#${frame}, whose _refcount is negative (${event.old})`,
		);
	},
};
