/**
 * What a step of the machine means to a claim's subject: the walk gets hold of it, another CPU does the claimed thing to it.
 * Subjects are bits: frames of folios and tables, objects, entries.
 *
 * Model: a folio's contents are its initial members: after a split its tails count as it did before.
 */

import type { MachineEvent } from '../../memory/thread/event.js';
import {
	ENTRY,
	frameOfEntry,
	frameOfPage,
	frameOfValue,
	PAGE_SIZE,
} from '../../mm/model/layout.js';
import type { MonitorView } from '../../mm/model/violation.js';
import { entryAddressOf, objectIndex } from '../../mm/model/world.js';
import { FRAME } from '../../mm/model/world_spec.js';
import { frameOfField, isEntry, translate, type Watched } from '../../mm/monitor/watch.js';
import { bitOf } from './cells.js';
import type { Claim, ClaimEvent, ClaimSubject } from './claim.js';

type EventClaim = Claim & { readonly kind: 'event' };

const PRESENT = ENTRY.present | ENTRY.protnone;

/** Bits of what the walk gets hold of by this event of its own; 0: nothing. */
export function gotHold(claim: EventClaim, s: Watched, event: MachineEvent): number {
	const load = event.kind === 'load' ? { address: event.address, value: event.value } : null;
	const seen = event.kind === 'rmw' ? { address: event.address, value: event.old } : load;
	if (seen === null) return 0;
	switch (claim.subject) {
		case 'folio':
		case 'mapping':
			return isLeafRead(s, seen.address, seen.value) ? folioBits(s, frameOfValue(seen.value)) : 0;
		case 'page-table': {
			const leads = isEntry(seen.address) && !isLeafRead(s, seen.address, seen.value);
			return leads && ((seen.value % PAGE_SIZE) & ENTRY.present) !== 0
				? frameBitOf(s, frameOfValue(seen.value))
				: 0;
		}
		case 'address-space':
		case 'anon-vma': {
			if (frameOfField(s, seen.address, 'mapping') === null) return 0;
			const isTagged = seen.value % 4 !== 0;
			if (isTagged !== (claim.subject === 'anon-vma')) return 0;
			return bitOf(objectIndex(seen.value) ?? -1);
		}
		case 'pte':
		case 'pmd':
			return entryBits(claim, s, seen.address);
	}
}

/** Bits of what the walk uses by this event of its own: what it reads from or writes to. */
export function used(claim: EventClaim, s: Watched, event: MachineEvent): number {
	if (event.kind !== 'load' && event.kind !== 'store' && event.kind !== 'rmw') return 0;
	switch (claim.subject) {
		case 'folio':
		case 'mapping': {
			const frame = isEntry(event.address) ? null : frameOfPage(event.address);
			return frame !== null && s.world.frames.includes(frame) ? folioBits(s, frame) : 0;
		}
		case 'page-table':
			return isEntry(event.address) ? frameBitOf(s, frameOfEntry(event.address) ?? -1) : 0;
		case 'address-space':
		case 'anon-vma':
			return bitOf(objectIndex(event.address) ?? -1);
		case 'pte':
		case 'pmd':
			return entryBits(claim, s, event.address);
	}
}

/** Bits of what the claimed thing is done to by an event of another CPU, and what that is; null: nothing. */
export function doneTo(
	claim: EventClaim,
	s: Watched,
	event: MachineEvent,
	view: MonitorView,
): { readonly bits: number; readonly event: ClaimEvent } | null {
	for (const wanted of claim.events) {
		const bits = bitsDone(claim, wanted, { s, event, view });
		if (bits !== 0) return { bits, event: wanted };
	}
	return null;
}

interface Happening {
	readonly s: Watched;
	readonly event: MachineEvent;
	readonly view: MonitorView;
}

function bitsDone(claim: EventClaim, wanted: ClaimEvent, h: Happening): number {
	switch (claim.subject) {
		case 'folio':
			return folioDone(wanted, h);
		case 'mapping':
			return mappingDone(wanted, h);
		case 'page-table':
			return wanted === 'freed' && h.event.kind === 'intrinsic' && h.event.name === 'free_table'
				? frameBitOf(h.s, frameOfEntry(h.event.arguments[0] ?? 0) ?? -1)
				: 0;
		case 'address-space':
		case 'anon-vma':
			return wanted === 'freed' && h.event.kind === 'intrinsic' && h.event.name === 'free_object'
				? bitOf(objectIndex(h.event.arguments[0] ?? 0) ?? -1)
				: 0;
		case 'pte':
		case 'pmd':
			return entryDone(claim, wanted, h);
	}
}

function folioDone(wanted: ClaimEvent, h: Happening): number {
	const { s, event, view } = h;
	if (wanted === 'freed') return freedFolio(h);
	const change = changeOf(event);
	if (change === null) return 0;
	if (wanted === 'split') {
		const frame = frameOfField(s, change.address, 'compound_head');
		// a page that becomes a tail joins a folio that is being made (mm/page_alloc.c, prep_compound_tail())
		const wasTail = change.old % 2 === 1;
		return frame === null || !wasTail ? 0 : folioBits(s, frame);
	}
	if (wanted !== 'unmapped' || !isEntry(change.address)) return 0;
	const mapped = new Set<number>();
	for (let i = 0; i < s.world.spec.pages; i++) {
		for (const frame of s.world.groups.get(translate(s, view, i)?.frame ?? -1) ?? [])
			mapped.add(frame);
	}
	const gone = s.world.frames.filter((frame) => !mapped.has(frame));
	return gone.reduce((bits, frame) => bits + frameBitOf(s, frame), 0);
}

function freedFolio({ s, event }: Happening): number {
	if (event.kind !== 'intrinsic' || event.name !== 'free_folio') return 0;
	const frame = frameOfPage(event.arguments[0] ?? 0);
	return frame === null ? 0 : folioBits(s, frame);
}

function mappingDone(wanted: ClaimEvent, h: Happening): number {
	const change = changeOf(h.event);
	const frame = change === null ? null : frameOfField(h.s, change.address, 'mapping');
	if (change === null || frame === null) return wanted === 'changed' ? freedFolio(h) : 0;
	if (wanted === 'changed' || (wanted === 'emptied' && change.value === 0))
		return folioBits(h.s, frame);
	return 0;
}

function entryDone(claim: EventClaim, wanted: ClaimEvent, { s, event }: Happening): number {
	const change = changeOf(event);
	if (change === null) return 0;
	const bit = entryBits(claim, s, change.address);
	const isThere = (entry: number): boolean => ((entry % PAGE_SIZE) & PRESENT) !== 0;
	const isWritable = (entry: number): boolean => ((entry % PAGE_SIZE) & ENTRY.write) !== 0;
	switch (wanted) {
		case 'changed':
			return bit;
		case 'emptied':
		case 'unmapped':
			return isThere(change.old) && !isThere(change.value) ? bit : 0;
		case 'write-protected':
			return isWritable(change.old) && !isWritable(change.value) && isThere(change.value) ? bit : 0;
		case 'freed':
		case 'split':
			return 0;
	}
}

function changeOf(
	event: MachineEvent,
): { readonly address: number; readonly old: number; readonly value: number } | null {
	if (event.kind !== 'store' && event.kind !== 'rmw') return null;
	return event.value === event.old ? null : event;
}

/** Bit of a page table's frame or of one of the world's pages; 0 for another. */
function frameBitOf(s: Watched, frame: number): number {
	if (frame < FRAME.first) return bitOf(frame);
	const place = s.world.frames.indexOf(frame);
	return place < 0 ? 0 : bitOf(FRAME.first + place);
}

/** The members of the folio a frame belongs to. */
export function folioBits(s: Watched, frame: number): number {
	const members = s.world.groups.get(frame) ?? [];
	return members.reduce((bits, member) => bits + frameBitOf(s, member), 0);
}

/** An entry that maps a page was read there. */
export function isLeafRead(s: Watched, address: number, value: number): boolean {
	return s.world.leafEntries.includes(address) && ((value % PAGE_SIZE) & PRESENT) !== 0;
}

/** Walked addresses whose entry at the claim's level stands there, as bits. */
export function entryBits(
	claim: { readonly subject: ClaimSubject },
	s: Watched,
	address: number,
): number {
	if (claim.subject !== 'pmd')
		return s.world.spec.level === 'pte' ? bitOf(s.world.leafEntries.indexOf(address)) : 0;
	let bits = 0;
	for (let i = 0; i < s.world.spec.pages; i++) {
		if (entryAddressOf(s.world.spec, 'pmd', i) === address) bits += bitOf(i);
	}
	return bits;
}
