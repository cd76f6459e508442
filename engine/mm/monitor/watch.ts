/**
 * The bookkeeping the properties rest on: which references the walk holds, which entries it has read, which pages were
 * mapped at the walked addresses while a reference was held. Runs on every event before the properties.
 *
 * The central notion: a page is *validated* for an address when the live page table maps it there at some moment at which
 * the walk already holds the reference. A page handed out without having been validated is a stale pin, whatever the code
 * compared or did not compare.
 */

import type { MachineEvent } from '../../memory/thread/event.js';
import type { FunctionIndex, SectionKind, SiteIndex } from '../../program/op.js';
import { fieldOffset, type Program, type ProgramFunction } from '../../program/program.js';
import { type CodePlace, notedPlace, notePlace, type PlaceCells } from '../model/code_place.js';
import { FOLL } from '../model/foll.js';
import { ghost, HALVES, placeCells, WALK, walkPlaceCells } from '../model/ghost.js';
import { assembled, highHalf, lowHalf } from '../model/halves.js';
import {
	DIRECT_BASE,
	ENTRY,
	entryAddress,
	frameOfEntry,
	frameOfPage,
	frameOfValue,
	indexAt,
	LEVEL_SHIFT,
	type Level,
	OBJECT_BASE,
	PAGE_SIZE,
	pageAddress,
} from '../model/layout.js';
import { operationNamed } from '../model/operation.js';
import type { MonitorView } from '../model/violation.js';
import { type BuiltWorld, leafLevelOf, objectAddress, TABLE_OF } from '../model/world.js';
import { FRAME } from '../model/world_spec.js';
import { noteReference } from './device.js';
import { fetchedAbove } from './refetched.js';

/** What is fixed for one scenario. */
export interface Watched {
	readonly program: Program;
	readonly world: BuiltWorld;
	readonly flags: number;
	readonly root: FunctionIndex;
	/** Path of the checked file: findings are placed in its functions. */
	readonly path: string;
	/** Offsets of the fields the monitor looks at, null when the program never names them. */
	readonly offsets: Readonly<Record<WatchedField, number | null>>;
	/** The walk is given an array for pages; otherwise it hands out nothing. */
	readonly handsOut: boolean;
	/** The result count is read from `*nr`; otherwise it is what the root returns. */
	readonly countInMemory: boolean;
	/** Sections the harness holds when it calls the root. */
	readonly sectionsAtEntry: readonly SectionKind[];
	/** Frame the harness holds a reference on when it calls the root, null for none. */
	readonly heldAtEntry: number | null;
	/** An adversary makes pages clean, and after the walk a device writes through long-term pins (engine/check/call/harness.ts). */
	readonly writesLater: boolean;
	/** fork() does not look for pins, and after the walk a device writes through those there are. */
	readonly sharesLater: boolean;
	/** Entries are read in two accesses (engine/mm/model/halves.ts). */
	readonly halves: boolean;
}

const WATCHED = [
	'_refcount',
	'_mapcount',
	'mapping',
	'compound_head',
	'PG_anon_exclusive',
	'PG_head',
	'PG_locked',
	'PG_dirty',
] as const;
export type WatchedField = (typeof WATCHED)[number] | '_pincount';

export function watchedOffsets(world: BuiltWorld): Watched['offsets'] {
	const of = (struct: string, name: string): number | null => {
		const field = world.field(struct, name);
		return field === null ? null : fieldOffset(field);
	};
	return {
		_refcount: of('page', '_refcount'),
		_mapcount: of('page', '_mapcount'),
		mapping: of('page', 'mapping'),
		compound_head: of('page', 'compound_head'),
		PG_anon_exclusive: of('page', 'PG_anon_exclusive'),
		PG_head: of('page', 'PG_head'),
		PG_locked: of('page', 'PG_locked'),
		PG_dirty: of('page', 'PG_dirty'),
		_pincount: of('folio', '_pincount'),
	};
}

/** Frame whose field `name` an address is, or null. */
export function frameOfField(s: Watched, address: number, name: WatchedField): number | null {
	const offset = s.offsets[name];
	if (offset === null) return null;
	const frame = frameOfPage(address);
	return frame !== null && pageAddress(frame) + offset === address && s.world.frames.includes(frame)
		? frame
		: null;
}

/** True for an address of a page-table entry. */
export function isEntry(address: number): boolean {
	return address >= DIRECT_BASE && address < OBJECT_BASE;
}

/** Frame of the head of the folio a frame belongs to now. */
export function headOf(s: Watched, view: MonitorView, frame: number): number {
	const offset = s.offsets.compound_head;
	if (offset === null) return frame;
	const word = view.read(pageAddress(frame) + offset);
	return word % 2 === 1 ? (frameOfPage(word - 1) ?? frame) : frame;
}

/**
 * What the live page table maps at walked address `index`: frame and access bits, null when nothing. A table that was
 * detached counts until the flush is answered for which whoever detached it waits (intrinsic detach_entry).
 */
export function translate(
	s: Watched,
	view: MonitorView,
	index: number,
): { readonly frame: number; readonly bits: number } | null {
	const address = s.world.start + index * PAGE_SIZE;
	let table = TABLE_OF[s.world.levels[0] as Level];
	for (const level of s.world.levels) {
		const at = entryAddress(table, indexAt(level, address));
		if (!view.has(at)) return null;
		const read = view.read(at);
		const entry = read === 0 ? detached(view, at) : read;
		const bits = entry % PAGE_SIZE;
		if ((bits & (ENTRY.present | ENTRY.protnone)) === 0) return null;
		if (level === 'pte') return { frame: frameOfValue(entry), bits };
		if ((bits & ENTRY.leaf) !== 0) {
			const within = Math.floor((address % 2 ** LEVEL_SHIFT[level]) / PAGE_SIZE);
			return { frame: frameOfValue(entry) + within, bits };
		}
		table = frameOfValue(entry);
	}
	return null;
}

function detached(view: MonitorView, at: number): number {
	if (view.read(ghost('walk', WALK.detachedEntry)) !== at) return 0;
	return view.read(ghost('walk', WALK.detachedValue));
}

/** True when entry bits permit what the flags ask for. */
export function permits(flags: number, bits: number): boolean {
	const need = ENTRY.present | ENTRY.user | ((flags & FOLL.FOLL_WRITE) !== 0 ? ENTRY.write : 0);
	return (bits & need) === need;
}

const LAST_FRAMES: readonly number[] = [FRAME.last, FRAME.lastPud, FRAME.lastPgd];

/** Bit of a frame in the `valid` and `permitted` cells. */
export function frameBit(frame: number): number {
	const last = LAST_FRAMES.indexOf(frame);
	if (last >= 0) return 2 ** (30 + last);
	return frame >= 8 && frame < 38 ? 2 ** (frame - 8) : 0;
}

export function hasBit(mask: number, bit: number): boolean {
	return bit !== 0 && Math.floor(mask / bit) % 2 === 1;
}

/** Brings the ghosts up to date with an event. */
export function watch(s: Watched, event: MachineEvent, view: MonitorView): void {
	if (s.halves && view.thread === 0) settleHalves(s, view, event);
	switch (event.kind) {
		case 'load':
			if (view.thread !== 0) return;
			if (event.half !== null) sawHalf(s, view, event);
			else if (isEntry(event.address)) sawEntry(s, view, event.address, event.value);
			else sawMapping(s, view, event.address, { value: event.value, site: event.site });
			return;
		case 'store':
			if (isEntry(event.address)) return void revalidate(s, view, event.value);
			if (view.thread === 0) stored(s, view, event.site, event.address, event.old, event.value);
			return;
		case 'rmw':
			if (isEntry(event.address)) {
				if (view.thread === 0) sawEntry(s, view, event.address, event.old);
				if (event.stored) revalidate(s, view, event.value);
			} else if (view.thread === 0 && event.stored) {
				counted(s, view, event.site, event.address, event.old, event.value);
			}
			return;
		case 'call':
			if (view.thread === 0) called(s, view, event.function, event.arguments);
			return;
		case 'intrinsic':
			if (view.thread !== 0) return;
			if (event.name === 'map_table' && event.arguments[0] === 1) {
				const place = blamed(s, view, event.site);
				notePlace(view, walkPlaceCells('map'), place);
			}
			locked(s, view, event);
			return;
		default:
			return;
	}
}

/** Counts the locks the walk holds, whatever they are of. */
function locked(s: Watched, view: MonitorView, event: MachineEvent & { kind: 'intrinsic' }): void {
	const { lock: delta = 0, tries = false } = operationNamed(event.name) ?? {};
	if (delta === 0 || (tries && event.result === 0)) return;
	view.write(ghost('walk', WALK.locks), view.read(ghost('walk', WALK.locks)) + delta);
	if (delta < 0) return;
	notePlace(view, walkPlaceCells('lock'), blamed(s, view, event.site));
}

/** A half that was read waits for the other: see settleHalves(). */
function sawHalf(s: Watched, view: MonitorView, event: MachineEvent & { kind: 'load' }): void {
	if (!isEntry(event.address)) return;
	const set = (index: number, value: number): void => {
		if (view.read(ghost('halves', index)) !== value) view.write(ghost('halves', index), value);
	};
	set(HALVES.address, event.address);
	set(event.half === 'low' ? HALVES.low : HALVES.high, event.value + 1);
	notePlace(view, halvesCells(event.address), blamed(s, view, event.site));
}

/**
 * The halves of an entry that were read last count as one look at it as soon as the walk does anything else: what
 * ptep_get_lockless() read before it tried again was not used.
 */
function settleHalves(s: Watched, view: MonitorView, event: MachineEvent): void {
	const address = view.read(ghost('halves', HALVES.address));
	if (address === 0 || event.kind === 'fence') return;
	if (event.kind === 'load' && event.half !== null && event.address === address) return;
	const low = view.read(ghost('halves', HALVES.low));
	const high = view.read(ghost('halves', HALVES.high));
	for (const index of [HALVES.address, HALVES.low, HALVES.high]) {
		if (view.read(ghost('halves', index)) !== 0) view.write(ghost('halves', index), 0);
	}
	if (low === 0 || high === 0) return;
	sawEntry(s, view, address, assembled(lowHalf(low - 1), highHalf(high - 1)));
}

/** Where the walk last read half an entry of that table, by the entry's address; null: it never did. */
export function halvesPlace(view: MonitorView, address: number): CodePlace | null {
	return notedPlace(view, halvesCells(address));
}

function halvesCells(address: number): PlaceCells {
	const isPte = isInLowestTable(address);
	return {
		site: ghost('halves', isPte ? HALVES.sitePte : HALVES.siteAbove),
		function: ghost('halves', isPte ? HALVES.functionPte : HALVES.functionAbove),
	};
}

function isInLowestTable(address: number): boolean {
	return [FRAME.pte, FRAME.pte2].some((table) => frameOfEntry(address) === table);
}

function sawEntry(s: Watched, view: MonitorView, address: number, entry: number): void {
	fetched(s, view, address, entry);
	const bits = entry % PAGE_SIZE;
	const atPte = isInLowestTable(address);
	if ((bits & (ENTRY.present | ENTRY.protnone)) === 0 || !(atPte || (bits & ENTRY.leaf) !== 0))
		return;
	for (const frame of s.world.groups.get(frameOfValue(entry)) ?? []) {
		if (!s.world.frames.includes(frame)) continue;
		const seen = view.read(ghost('generation', frame)) + 1;
		if (view.read(ghost('seen', frame)) !== seen) view.write(ghost('seen', frame), seen);
	}
}

/** Notes where the walk read a NULL `->mapping`, until it reads another. */
function sawMapping(
	s: Watched,
	view: MonitorView,
	address: number,
	read: { readonly value: number; readonly site: SiteIndex },
): void {
	const frame = frameOfField(s, address, 'mapping');
	if (frame === null) return;
	const place = read.value === 0 ? blamed(s, view, read.site) : null;
	const cells = placeCells('null', frame);
	if (notedPlace(view, cells)?.site !== place?.site) notePlace(view, cells, place);
}

/** Notes a second fetch of a leaf entry that saw another value while the walk held no reference on what it saw first. */
function fetched(s: Watched, view: MonitorView, address: number, entry: number): void {
	const index = s.world.leafEntries.indexOf(address);
	if (index < 0 || index >= s.world.spec.pages) {
		fetchedAbove(s.world, view, { address, entry });
		return;
	}
	const before = view.read(ghost('fetched', index));
	if (before === 0) view.write(ghost('fetched', index), entry + 1);
	if (before === 0 || before === entry + 1) return;
	// a leaf above the PTE may map several folios (device pages): any of them counts
	const folio =
		leafLevelOf(s.world.spec, index) === 'pte'
			? (s.world.groups.get(frameOfValue(before - 1)) ?? [])
			: s.world.frames;
	const isHeld = (frame: number): boolean =>
		s.world.frames.includes(frame) && view.read(ghost('held', frame)) > 0;
	if (folio.some(isHeld)) return;
	if (view.read(ghost('refetched', index)) === 0) view.write(ghost('refetched', index), 1);
}

function revalidate(s: Watched, view: MonitorView, entry: number): void {
	if (((entry % PAGE_SIZE) & (ENTRY.present | ENTRY.protnone)) === 0) return;
	validate(s, view, null);
}

/** Marks the pages that are mapped now and referenced; `only`: just those of the folio with that head. */
function validate(s: Watched, view: MonitorView, only: number | null): void {
	for (let i = 0; i < s.world.spec.pages; i++) {
		const mapped = translate(s, view, i);
		if (mapped === null || !s.world.frames.includes(mapped.frame)) continue;
		const head = headOf(s, view, mapped.frame);
		if (only !== null && head !== only) continue;
		if (view.read(ghost('held', head)) <= 0) continue;
		mark(view, ghost('valid', i), mapped.frame);
		if (permits(s.flags, mapped.bits)) mark(view, ghost('permitted', i), mapped.frame);
	}
}

function mark(view: MonitorView, cell: number, frame: number): void {
	const bit = frameBit(frame);
	const mask = view.read(cell);
	if (bit !== 0 && !hasBit(mask, bit)) view.write(cell, mask + bit);
}

function stored(
	s: Watched,
	view: MonitorView,
	site: SiteIndex,
	address: number,
	old: number,
	value: number,
): void {
	const count = s.countInMemory ? objectAddress('nr') : view.read(ghost('walk', WALK.countAddress));
	if (count !== 0 && address === count) {
		const place = blamed(s, view, site);
		for (let i = Math.max(0, old); i < value && i < s.world.spec.pages; i++) {
			notePlace(view, placeCells('counted', i), place);
		}
		return;
	}
	counted(s, view, site, address, old, value);
}

/** The walk changed a reference or pin count. */
function counted(
	s: Watched,
	view: MonitorView,
	site: SiteIndex,
	address: number,
	old: number,
	value: number,
): void {
	const pin = frameOfField(s, address, '_pincount');
	if (pin !== null) {
		view.write(ghost('pins', pin), view.read(ghost('pins', pin)) + value - old);
		return;
	}
	if (address === objectAddress('pgmap') + pgmapRefOffset(s)) {
		const place = walkerFrame(s, view, site);
		const references = view.read(ghost('walk', WALK.pagemap)) + value - old;
		view.write(ghost('walk', WALK.pagemap), references);
		// what is given back is missed where it was taken
		const isTaken = value > old;
		if (references === 0) notePlace(view, walkPlaceCells('pagemap'), null);
		else if (isTaken) notePlace(view, walkPlaceCells('pagemap'), place);
		return;
	}
	const frame = frameOfField(s, address, '_refcount');
	if (frame === null || value === old) return;
	// counts are 32 bits wide and may run over
	const held = view.read(ghost('held', frame)) + ((value - old) | 0);
	view.write(ghost('held', frame), held);
	const place = walkerFrame(s, view, site);
	notePlace(view, placeCells('held', frame), held === 0 ? null : place);
	const taken = ((value - old) | 0) > 0;
	if (taken || held <= 0) noteReference(s.world, view, { frame, taken });
	if (taken) validate(s, view, frame);
	else if (held <= 0) forget(s, view, frame);
}

function pgmapRefOffset(s: Watched): number {
	const field = s.world.field('dev_pagemap', 'ref');
	return field === null ? -1 : fieldOffset(field);
}

/** The last reference on a folio went: what was validated under it counts no more. */
function forget(s: Watched, view: MonitorView, head: number): void {
	for (let i = 0; i < s.world.spec.pages; i++) {
		for (const kind of ['valid', 'permitted'] as const) {
			let mask = view.read(ghost(kind, i));
			for (const frame of s.world.groups.get(head) ?? []) {
				// what was split off has references of its own
				if (headOf(s, view, frame) !== head) continue;
				const bit = frameBit(frame);
				if (hasBit(mask, bit)) mask -= bit;
			}
			if (mask !== view.read(ghost(kind, i))) view.write(ghost(kind, i), mask);
		}
	}
}

/** The first call that passes an `int *` on tells where the walk counts its pages. */
function called(
	s: Watched,
	view: MonitorView,
	callee: FunctionIndex,
	values: readonly number[],
): void {
	if (s.countInMemory || view.read(ghost('walk', WALK.countAddress)) !== 0) return;
	const fn = s.program.functions[callee];
	if (fn?.origin !== 'walk') return;
	const at = countParameter(fn);
	const address = at === null ? 0 : (values[at] ?? 0);
	if (address !== 0) view.write(ghost('walk', WALK.countAddress), address);
}

/** Index of the parameter through which a walker counts the pages it hands out. */
export function countParameter(fn: Pick<ProgramFunction, 'parameters'>): number | null {
	const index = fn.parameters.findIndex((p) => /^(unsigned )?(int|long) \*$/.test(p.type));
	return index < 0 ? null : index;
}

/** Innermost function of the checked file on the stack. */
export function blamed(s: Watched, view: MonitorView, site: SiteIndex): CodePlace {
	return placeWhere(s, view, site, () => true);
}

/** Innermost function of the checked file that was given an entry or a pointer to one: the walker that is at work. */
export function walkerFrame(s: Watched, view: MonitorView, site: SiteIndex): CodePlace {
	const isWalker = (f: ProgramFunction): boolean =>
		f.parameters.some((p) => /^p(te|md|ud|4d|gd)_t\b/.test(p.type));
	return placeWhere(s, view, site, isWalker) ?? blamed(s, view, site);
}

function placeWhere(
	s: Watched,
	view: MonitorView,
	site: SiteIndex,
	wanted: (f: ProgramFunction) => boolean,
): CodePlace {
	let fallback: CodePlace | null = null;
	for (const frame of view.frames()) {
		const fn = s.program.functions[frame.function];
		if (fn?.origin !== 'walk') continue;
		if (fn.path === s.path) {
			if (wanted(fn)) return { function: frame.function, site: frame.site };
			fallback ??= { function: frame.function, site: frame.site };
		}
	}
	return fallback ?? { function: s.root, site };
}
