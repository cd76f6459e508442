/**
 * What a walk may write: its own stack, `pages[0..n)`, the count; counts and flags of pages through the kernel's primitives.
 *
 * stray-write: it wrote something else, an entry, `->mapping`, one past `pages[]`.
 * lost-count: it wrote a count that others change at the same time, instead of changing it atomically.
 *
 * Model: a store to a page's flag by a primitive counts as the primitive's; so does what primitives do to objects beside pages.
 */
import type { MachineEvent } from '../memory/thread/event.js';
import { DIRECT_BASE, frameOfPage, OBJECT_BASE, PAGE_BASE } from '../mm/model/layout.js';
import type { MonitorView } from '../mm/model/violation.js';
import { OBJECT_NAMES, objectAddress, objectIndex } from '../mm/model/world.js';
import { blamed, type Watched } from '../mm/monitor/watch.js';
import { FIELD_STRIDE, OBJECT_STRIDE } from '../program/program.js';
import { type Property, report } from './property.js';

type Written = Extract<MachineEvent, { kind: 'store' | 'rmw' | 'fault' }>;

export const strayWrite: Property = {
	rule: 'stray-write',
	severity: 'error',
	what: 'The walk stored to memory other than its stack, pages[0..n) and the page count (folio counts and flags through kernel primitives are allowed).',
	run: 'The walk writes to a page-table entry, to a field of a folio that it does not own, or beyond the end of pages[].',
	fix: 'Do not store to entries and folios: a lockless walk only reads them. Store to pages[] below the number asked for.',
	history: [],
	onEvent(event, view, s) {
		const what = isWrite(event) ? strayIn(event, view, s) : null;
		if (what !== null) report(view, 'stray-write', blamed(s, view, event.site), what);
	},
};

export const lostCount: Property = {
	rule: 'lost-count',
	severity: 'error',
	what: 'A count was changed by a load and a store, not atomically.',
	run: 'The walk reads the count, another CPU takes or drops a reference, and the walk stores the old value plus one.',
	fix: 'Change counts by one atomic operation: folio_ref_add(), folio_try_get(), atomic_add().',
	history: [],
	onEvent(event, view, s) {
		if (event.kind !== 'store') return;
		const field = fieldOf(event.address, s);
		if (field !== '_refcount' && field !== '_pincount') return;
		report(
			view,
			'lost-count',
			blamed(s, view, event.site),
			`${field} is stored non-atomically: updates by other CPUs since it was read are lost`,
		);
	},
};

function isWrite(event: MachineEvent): event is Written {
	if (event.kind === 'fault') return event.access === 'store' || event.access === 'rmw';
	return event.kind === 'store' || (event.kind === 'rmw' && event.stored);
}

/** What is wrong with a write; null: nothing. */
function strayIn(event: Written, view: MonitorView, s: Watched): string | null {
	const { address } = event;
	if (address >= DIRECT_BASE && address < OBJECT_BASE)
		return event.kind === 'fault' ? null : 'the walk writes to a page-table entry';
	const result = resultIn(address, s);
	if (result !== null) return result;
	if (event.kind !== 'store') return null;
	const field = fieldOf(address, s);
	if (field === '_refcount' || field === '_pincount') return null;
	if (field !== null) {
		const isFlag = field.startsWith('PG_') && isPrimitive(view, s);
		return isFlag ? null : `the walk writes ${field} of a page that it does not own`;
	}
	const object = objectIndex(address);
	if (object === null || isPrimitive(view, s) || isResult(address)) return null;
	return `the walk writes to ${OBJECT_NAMES[object]?.replace(':', ' of a ')}`;
}

function isResult(address: number): boolean {
	const object = OBJECT_NAMES[objectIndex(address) ?? -1];
	return object === 'pages' || object === 'nr';
}

/** A write behind the end of the result array or of the count. */
function resultIn(address: number, { world, countInMemory }: Watched): string | null {
	const behind = (name: 'pages' | 'nr'): number | null => {
		const offset = address - objectAddress(name);
		return offset >= 0 && offset < OBJECT_STRIDE ? offset / FIELD_STRIDE : null;
	};
	const { pages } = world.spec;
	const page = behind('pages');
	if (page !== null && page >= pages)
		return `the walk writes pages[${page}], and ${pages === 1 ? 'one page was' : `${pages} pages were`} asked for`;
	const word = countInMemory ? behind('nr') : null;
	return word !== null && word > 0 ? 'the walk writes beyond the page count' : null;
}

/** Name of a page's field at an address; null elsewhere. */
function fieldOf(address: number, { program }: Watched): string | null {
	if (address < PAGE_BASE || frameOfPage(address) === null) return null;
	const index = Math.floor((address % OBJECT_STRIDE) / FIELD_STRIDE);
	return program.fields[index]?.name ?? null;
}

function isPrimitive(view: MonitorView, { program }: Watched): boolean {
	const [innermost] = view.frames();
	return program.functions[innermost?.function ?? -1]?.origin === 'primitive';
}
