/**
 * bad-entry: an entry is followed that leads to no page and to no table.
 */

import { DIRECT_BASE, frameOfPage, OBJECT_BASE } from '../mm/model/layout.js';
import { UNMODELLED } from '../mm/model/violation.js';
import { objectIndex } from '../mm/model/world.js';
import { wasRefetched } from '../mm/monitor/refetched.js';
import { blamed, walkerFrame } from '../mm/monitor/watch.js';
import { FIELD_STRIDE, OBJECT_STRIDE } from '../program/program.js';
import { type Property, report } from './property.js';
import { isMappingFault } from './racing_mapping.js';

export const badEntry: Property = {
	rule: 'bad-entry',
	severity: 'error',
	what: 'The walk followed an entry that is not present, has no struct page (special), or is not the entry at its address.',
	run: 'The walk computes a page or a table from an entry that holds a swap slot, nothing, or a frame without struct page, and accesses it.',
	fix: 'Test presence, leaf and special bits of the value that was read before following it.',
	history: [],
	onEvent(event, view, s) {
		if (event.kind !== 'fault' || event.what !== 'no-cell') return;
		if (isMappingFault(s, event.address, event.source)) return;
		const place = blamed(s, view, event.site);
		const isNull = event.address < OBJECT_STRIDE;
		if (!isNull && wasRefetched(s.world, view)) {
			report(
				view,
				'double-fetch',
				walkerFrame(s, view, event.site),
				'the entry is loaded twice: the first value was checked, the second is followed',
			);
			return;
		}
		const page = frameOfPage(event.address);
		if (page !== null && s.world.frames.includes(page)) {
			report(view, UNMODELLED, place, `no value is modelled for ${fieldName(event.address)}`);
		} else if (page !== null) {
			report(
				view,
				'bad-entry',
				walkerFrame(s, view, event.site),
				`pfn ${page} has no struct page: the entry is special or not present`,
			);
		} else if (event.address >= DIRECT_BASE && event.address < OBJECT_BASE) {
			report(
				view,
				'bad-entry',
				place,
				'a page table is read through an entry that is not present or belongs to another address',
			);
		} else if (objectIndex(event.address) !== null) {
			report(view, UNMODELLED, place, `no value is modelled for ${fieldName(event.address)}`);
		} else if (event.address < OBJECT_STRIDE) {
			const what = event.address % FIELD_STRIDE === 0 ? 'NULL' : 'a value that is not a pointer';
			// at offset 0 stands what the pointer points to, which need not be a struct: no field is named
			const field = event.address === 0 ? '' : ` (${fieldName(event.address)})`;
			report(view, 'bad-entry', place, `${what} is dereferenced${field}`);
		} else {
			report(view, UNMODELLED, place, 'this address belongs to no object of the model');
		}

		function fieldName(address: number): string {
			const field = s.program.fields[Math.floor((address % OBJECT_STRIDE) / 8)];
			return field ? `${field.struct}.${field.name}` : 'a field';
		}
	},
	onReturn(outcome, view) {
		for (const page of outcome.handed) {
			if (!page.absent || page.valid || page.refetched || page.frame === null) continue;
			report(
				view,
				'bad-entry',
				page.place,
				`pages[${page.index}] was computed from an entry that is not present`,
			);
		}
	},
};
