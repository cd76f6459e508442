/**
 * torn-entry: the two halves of an entry were read while it changed, and what they make together was followed.
 *
 * Reading such a value is no violation: what is compared and thrown away, or tried again, does no harm. Following it is: the
 * frame it names was never mapped here, need have no `struct page`, and as a table is anybody's memory.
 */

import type { MachineEvent } from '../memory/thread/event.js';
import type { CodePlace } from '../mm/model/code_place.js';
import { isTornAddress } from '../mm/model/halves.js';
import type { MonitorView } from '../mm/model/violation.js';
import { blamed, halvesPlace, isEntry, type Watched } from '../mm/monitor/watch.js';
import { type Property, report } from './property.js';

export const tornEntry: Property = {
	rule: 'torn-entry',
	severity: 'error',
	what: 'An entry was used whose two halves were never in memory together.',
	run: 'Where an entry is wider than a word (i386 with PAE), a plain or READ_ONCE() read of it is two loads. Another CPU clears or fills the entry between them, and the walk follows the low half of one entry with the high half of another: a frame that was never mapped there.',
	fix: 'Read with ptep_get_lockless() and pmdp_get_lockless(): low half, high half, low half again until it has not changed; and keep interrupts off, so that no second change can come between.',
	history: [
		'1180e732c985 (6.2): the fast walk reads the PMD with pmdp_get_lockless() instead of READ_ONCE()',
		'e585513b76f7 (4.13): 32-bit x86 uses the common walk and gives it a read of the PTE by its halves, gup_get_pte()',
	],
	onEvent(event, view, s) {
		if (!s.halves || event.kind !== 'fault' || !isTornAddress(event.address)) return;
		const used = blamed(s, view, event.site);
		const read = readPlace(event, view, s) ?? used;
		report(
			view,
			'torn-entry',
			read,
			'the two halves of this entry were never in memory together: it changed between the two loads',
			read.site === used.site
				? {}
				: { related: [{ site: used.site, message: 'what it appears to map is accessed here' }] },
		);
	},
	onReturn(outcome, view, s) {
		if (!s.halves) return;
		for (const page of outcome.handed) {
			if (!isTornAddress(page.page)) continue;
			report(
				view,
				'torn-entry',
				page.place,
				`pages[${page.index}] was computed from an entry whose two halves were never in memory together`,
			);
		}
	},
};

/** Where the entry was read that the faulting address was computed from. */
function readPlace(
	event: MachineEvent & { kind: 'fault' },
	view: MonitorView,
	s: Watched,
): CodePlace | null {
	return s.halves && isEntry(event.source) ? halvesPlace(view, event.source) : null;
}
