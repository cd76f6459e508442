/**
 * use-after-free: a page table or an address_space is accessed after it was freed.
 */
import { ghost } from '../mm/ghost.js';
import { frameOfEntry } from '../mm/layout.js';
import { blamed, isEntry } from '../mm/watch.js';
import { OBJECT_NAMES, objectIndex } from '../mm/world.js';
import { type Property, report } from './property.js';

export const useAfterFree: Property = {
	rule: 'use-after-free',
	severity: 'error',
	what: 'A page table, folio or address_space was used where it can already be freed.',
	run: 'Another CPU clears the upper entry and frees the table (or evicts the inode) after a grace period or an IPI that does not wait for this walk, because it runs with interrupts on or outside any RCU section.',
	fix: 'Keep interrupts disabled over the whole walk, from reading the top entry to the last look at the folio\u2019s mapping.',
	history: ['2667f50e8b81 mm: introduce a general RCU get_user_pages_fast()'],
	onEvent(event, view, s) {
		if (event.kind !== 'load' && event.kind !== 'store' && event.kind !== 'rmw') return;
		if (isEntry(event.address)) {
			const frame = frameOfEntry(event.address);
			if (frame === null || !view.has(ghost('tableFreed', frame))) return;
			if (view.read(ghost('tableFreed', frame)) === 0) return;
			report(
				view,
				'use-after-free',
				blamed(s, view, event.site),
				'the page table that is read here has been freed',
			);
			return;
		}
		const index = objectIndex(event.address);
		if (index === null || !view.has(ghost('objectFreed', index))) return;
		if (view.read(ghost('objectFreed', index)) === 0) return;
		report(
			view,
			'use-after-free',
			blamed(s, view, event.site),
			`${OBJECT_NAMES[index]} that is accessed here has been freed`,
		);
	},
};
