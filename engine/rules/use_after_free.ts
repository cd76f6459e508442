/**
 * use-after-free: a page table or an address_space is accessed after it was freed, a folio written to after its reference
 * was given back, or a page handed out of a device that is being removed.
 *
 * Model: reading a field of a folio that was freed is no violation by itself (`->mapping` is: racing-mapping); a walk looks
 * at pages before it holds them, and has to check afterwards what it made of that. A device's page that stands in pages[] under
 * a reference is the caller's: that it does not go is for whoever removes the device to see to (fs/dax.c,
 * dax_layout_busy_page()).
 */
import { ghost } from '../mm/model/ghost.js';
import { frameOfEntry, frameOfPage, LEVELS } from '../mm/model/layout.js';
import { OWNER } from '../mm/model/owner.js';
import type { MonitorView } from '../mm/model/violation.js';
import { OBJECT_NAMES, objectAddress, objectIndex, TABLE_OF } from '../mm/model/world.js';
import { FRAME } from '../mm/model/world_spec.js';
import { isRemoved } from '../mm/monitor/device.js';
import {
	blamed,
	frameOfField,
	headOf,
	isEntry,
	type Watched,
	walkerFrame,
} from '../mm/monitor/watch.js';
import { type Property, report } from './property.js';

export const useAfterFree: Property = {
	rule: 'use-after-free',
	severity: 'error',
	what: 'A page table, folio or address_space was used after it was freed.',
	run: 'Another CPU clears the upper entry and frees the table (or evicts the inode) after a grace period or an IPI that does not wait for this walk, because it runs with interrupts on or outside any RCU section.',
	fix: 'Keep interrupts disabled over the whole walk, from the read of the top entry to the last use of the folio\u2019s mapping.',
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
				`the ${TABLES.get(frame) ?? 'page'} table is ${event.kind === 'load' ? 'read' : 'written'} after it was freed`,
			);
			return;
		}
		const page = frameOfPage(event.address);
		if (
			page !== null &&
			s.world.frames.includes(page) &&
			isRemoved(view, page) &&
			!isCallers(s, view, page)
		) {
			report(
				view,
				'use-after-free',
				walkerFrame(s, view, event.site),
				'a struct page is accessed after memunmap_pages() removed it',
			);
			return;
		}
		if (event.kind !== 'load' && isWriteToFreed(s, view, event.address)) {
			report(
				view,
				'use-after-free',
				blamed(s, view, event.site),
				'a field of a folio is written without a reference; the folio was freed after its entry was read',
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
			`${objectWords(index)} is ${event.kind === 'load' ? 'read' : 'written'} after it was freed`,
		);
	},
	onReturn(outcome, view) {
		for (const page of outcome.handed) {
			if (page.owner !== OWNER.device || page.frame === null) continue;
			if (view.read(ghost('takenDying', page.head)) !== 1) continue;
			report(
				view,
				'use-after-free',
				page.place,
				`pages[${page.index}] belongs to a device that is being removed`,
			);
		}
	},
};

const TABLES: ReadonlyMap<number, string> = new Map([
	...LEVELS.map((level) => [TABLE_OF[level], level.toUpperCase()] as const),
	[FRAME.pte2, 'PTE'],
	[FRAME.pmd2, 'PMD'],
	[FRAME.pud2, 'PUD'],
]);

/** `the address_space`, by its name in the model where there are several kinds. */
function objectWords(index: number): string {
	const name = OBJECT_NAMES[index] ?? 'an object';
	if (name.startsWith('mapping')) return 'the address_space';
	return name.includes('anon_vma') ? 'the anon_vma' : name;
}

/** A page that stands in pages[] and whose folio the walk holds a reference on. */
function isCallers(s: Watched, view: MonitorView, frame: number): boolean {
	if (view.read(ghost('held', headOf(s, view, frame))) <= 0) return false;
	for (let i = 0; i < s.world.spec.pages; i++) {
		if (frameOfPage(view.read(objectAddress('pages') + i * 8)) === frame) return true;
	}
	return false;
}

/** A field of a page, other than its count, whose folio the walk holds no reference on and that was freed meanwhile. */
function isWriteToFreed(s: Watched, view: MonitorView, address: number): boolean {
	const frame = frameOfPage(address);
	if (frame === null || !s.world.frames.includes(frame)) return false;
	if (frameOfField(s, address, '_refcount') !== null) return false;
	const seen = view.read(ghost('seen', frame));
	if (seen === 0 || seen === view.read(ghost('generation', frame)) + 1) return false;
	return view.read(ghost('held', headOf(s, view, frame))) <= 0;
}
