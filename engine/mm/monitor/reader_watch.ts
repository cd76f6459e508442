/**
 * The bookkeeping for readers: what thread 0 holds, and which objects it has seen to be the right ones. As for a walk, what
 * is handed out must have been what the reader was asked for at some moment at which the reader already held it: a
 * reference, or the lock it returns with. A lock that is taken later must find it so still.
 */

import type { MachineEvent } from '../../memory/thread/event.js';
import type { FunctionIndex } from '../../program/op.js';
import { notePlace } from '../model/code_place.js';
import { ghost, placeCells } from '../model/ghost.js';
import { frameOfPage, pageAddress } from '../model/layout.js';
import { readerGhost } from '../model/reader_ghost.js';
import type { HandsOut } from '../model/reader_spec.js';
import type { ReaderWorld } from '../model/reader_world.js';
import type { MonitorView } from '../model/violation.js';
import {
	ksmMapping,
	OBJECT_NAMES,
	type ObjectName,
	objectAddress,
	objectIndex,
} from '../model/world.js';
import { blamed, frameOfField, headOf, type Watched } from './watch.js';

/** A scenario of a reader. */
export interface WatchedReader extends Watched {
	readonly world: ReaderWorld;
	readonly out: HandsOut;
	/** Value entries may be handed out: the caller knows them from folios. */
	readonly values: boolean;
	/** Choices of arguments with which a folio is handed out locked where nobody interferes. */
	readonly locks: ReadonlySet<number>;
	/** Is told the choice of arguments of each folio that is handed out locked. */
	readonly noteLocked?: (calledWith: number) => void;
}

/** Objects that may be handed out as the folio's anon_vma. */
const ANON_VMAS: readonly ObjectName[] = ['anon_vma', 'other_anon_vma', 'anon_vma_root'];
const ANON_TAG = 1;

/** Number of an object among all. */
export function numberOf(name: ObjectName): number {
	return OBJECT_NAMES.indexOf(name);
}

/** Numbers of the anon_vmas. */
export const ANON_VMA_NUMBERS: readonly number[] = ANON_VMAS.map(numberOf);

/** Brings the ghosts up to date with an event. */
export function watchReader(s: WatchedReader, event: MachineEvent, view: MonitorView): void {
	switch (event.kind) {
		case 'store':
		case 'rmw':
			if (view.thread === 0 && event.value !== event.old) {
				counted(s, event, view);
				isolates(s, event, view);
				lockedByBit(s, event, view);
			}
			if (decides(s, event.address)) validate(s, view);
			return;
		case 'intrinsic':
			if (view.thread === 0) locked(s, event, view);
			return;
		case 'return':
			if (view.thread === 0 && event.value !== null)
				handedUp(s, { ...event, value: event.value }, view);
			return;
		default:
			return;
	}
}

/** The cell is one of those that lead from what the reader was given to what it hands out. */
function decides(s: WatchedReader, address: number): boolean {
	const { world } = s;
	return (
		frameOfField(s, address, 'mapping') !== null ||
		frameOfField(s, address, '_mapcount') !== null ||
		frameOfField(s, address, 'compound_head') !== null ||
		address === world.at(objectAddress('mapping:file'), 'address_space', 'i_pages') ||
		address === world.at(objectAddress('xa_node'), 'xa_node', 'slots')
	);
}

function counted(
	s: WatchedReader,
	event: Extract<MachineEvent, { kind: 'store' | 'rmw' }>,
	view: MonitorView,
): void {
	const { address } = event;
	const change = event.value - event.old;
	const frame = frameOfField(s, address, '_refcount');
	if (frame !== null) {
		const held = view.read(ghost('held', frame)) + change;
		view.write(ghost('held', frame), held);
		const cells = placeCells('held', frame);
		notePlace(view, cells, held === 0 ? null : blamed(s, view, event.site));
		if (view.read(handedCells(frame).site) !== 0) notePlace(view, handedCells(frame), null);
		if (change > 0) validate(s, view);
		else if (held <= 0) forgetFrame(view, frame);
		return;
	}
	const number = objectIndex(address);
	if (number === null || !ANON_VMA_NUMBERS.includes(number)) return;
	if (address !== s.world.at(addressOfNumber(number), 'anon_vma', 'refcount')) return;
	const held = view.read(readerGhost('objectHeld', number)) + change;
	view.write(readerGhost('objectHeld', number), held);
	const cells = {
		site: readerGhost('objectHeldSite', number),
		function: readerGhost('objectHeldFunction', number),
	};
	notePlace(view, cells, held === 0 ? null : blamed(s, view, event.site));
	if (event.value === 0) notePlace(view, dueCells(number), blamed(s, view, event.site));
	if (change > 0) validate(s, view);
	else forgetUnheld(s, view);
}

/** Off the LRU, or off its driver: what is on no list but the reader's. */
function isolates(
	s: WatchedReader,
	{ address, value }: { readonly address: number; readonly value: number },
	view: MonitorView,
): void {
	const frame = frameOfPage(address);
	if (frame === null || !s.world.frames.includes(frame)) return;
	const page = pageAddress(frame);
	if (address === s.world.at(page, 'page', 'PG_lru'))
		view.write(readerGhost('isolated', frame), value === 0 ? 1 : 0);
	if (address === s.world.at(page, 'page', 'PG_isolated'))
		view.write(readerGhost('isolated', frame), value);
}

/** Whoever gets a folio returned whose reference the called function took owes it from then on. */
function handedUp(
	s: WatchedReader,
	{ function: from, value }: { readonly function: FunctionIndex; readonly value: number },
	view: MonitorView,
): void {
	const frame = frameOfPage(value);
	if (frame === null || !s.world.frames.includes(frame)) return;
	const by = view.read(ghost('heldFunction', frame)) - 1;
	const since = view.read(readerGhost('handedFunction', frame)) - 1;
	// with more references than it hands up, it owes some itself
	if ((since >= 0 ? since : by) !== from || view.read(ghost('held', frame)) !== 1) return;
	const [, ...callers] = view.frames();
	const caller = callers.find((f) => s.program.functions[f.function]?.path === s.path);
	if (caller !== undefined) notePlace(view, handedCells(frame), caller);
}

export function handedCells(frame: number) {
	return {
		site: readerGhost('handedSite', frame),
		function: readerGhost('handedFunction', frame),
	};
}

/** Where the reader put the last reference on an anon_vma that it has not freed since. */
export function dueCells(number: number) {
	return { site: readerGhost('dueSite', number), function: readerGhost('dueFunction', number) };
}

/** Address of an object by its number. */
export function addressOfNumber(number: number): number {
	return objectAddress(OBJECT_NAMES[number] as ObjectName);
}

function locked(
	s: WatchedReader,
	event: Extract<MachineEvent, { kind: 'intrinsic' }>,
	view: MonitorView,
): void {
	const [address = 0] = event.arguments;
	const frame = frameOfField(s, address, 'PG_locked');
	const number = objectIndex(address);
	const place = (): ReturnType<typeof blamed> => blamed(s, view, event.site);
	switch (event.name) {
		case 'lock':
		case 'trylock':
			if (frame !== null && event.result !== 0) lockedNow(s, view, { frame, place: place() });
			return;
		case 'unlock':
			if (frame === null) return;
			view.write(
				readerGhost('frameLocked', frame),
				view.read(readerGhost('frameLocked', frame)) - 1,
			);
			notePlace(view, frameLockCells(frame), null);
			notePlace(view, frameUnlockCells(frame), place());
			return;
		case 'down_read':
		case 'down_read_trylock':
			if (number === null || event.result === 0 || !isRwsem(s, address)) return;
			view.write(
				readerGhost('readLocked', number),
				view.read(readerGhost('readLocked', number)) + 1,
			);
			notePlace(view, readLockCells(number), place());
			for (const n of ANON_VMA_NUMBERS) {
				// what was right when its count was taken is right under the lock if the folio still says so
				if (!isMappingOf(s, view, n)) setValid(view, n, 0);
			}
			validate(s, view);
			return;
		case 'up_read': {
			if (number === null || !isRwsem(s, address)) return;
			const left = view.read(readerGhost('readLocked', number)) - 1;
			view.write(readerGhost('readLocked', number), left);
			notePlace(view, readLockCells(number), left === 0 ? null : place());
			forgetUnheld(s, view);
			return;
		}
		case 'slab_free':
			if (number === null || !ANON_VMA_NUMBERS.includes(number)) return;
			notePlace(view, dueCells(number), null);
			owesRoot(s, view, number);
			return;
		default:
			return;
	}
}

/** What was right before may be wrong by now: it counts again once it is found right under the lock. */
function lockedNow(
	s: WatchedReader,
	view: MonitorView,
	{ frame, place }: { readonly frame: number; readonly place: ReturnType<typeof blamed> },
): void {
	view.write(readerGhost('frameLocked', frame), 1);
	notePlace(view, frameLockCells(frame), place);
	view.write(readerGhost('rightBefore', frame), view.read(readerGhost('frameValid', frame)));
	forgetFrame(view, frame);
	validate(s, view);
}

/** The bit of a folio's lock is set or cleared by itself. */
function lockedByBit(
	s: WatchedReader,
	event: Extract<MachineEvent, { kind: 'store' | 'rmw' }>,
	view: MonitorView,
): void {
	const frame = frameOfField(s, event.address, 'PG_locked');
	if (frame === null) return;
	const place = blamed(s, view, event.site);
	if (event.value !== 0) {
		lockedNow(s, view, { frame, place });
		return;
	}
	view.write(readerGhost('frameLocked', frame), view.read(readerGhost('frameLocked', frame)) - 1);
	notePlace(view, frameLockCells(frame), null);
	notePlace(view, frameUnlockCells(frame), place);
}

/** An anon_vma that the reader frees held a reference on its root, which is now the reader's to put. */
function owesRoot(s: WatchedReader, view: MonitorView, number: number): void {
	const root = rootOf(s, view, number);
	if (root === null || root === number) return;
	const cell = readerGhost('objectHeld', root);
	view.write(cell, view.read(cell) + 1);
}

/** True for the address of some anon_vma's rwsem. */
export function isRwsem(s: WatchedReader, address: number): boolean {
	const number = objectIndex(address);
	if (number === null || !ANON_VMA_NUMBERS.includes(number)) return false;
	return address === s.world.at(addressOfNumber(number), 'anon_vma', 'rwsem');
}

export function frameLockCells(frame: number) {
	return {
		site: readerGhost('frameLockSite', frame),
		function: readerGhost('frameLockFunction', frame),
	};
}

export function frameUnlockCells(frame: number) {
	return {
		site: readerGhost('frameUnlockSite', frame),
		function: readerGhost('frameUnlockFunction', frame),
	};
}

export function readLockCells(number: number) {
	return {
		site: readerGhost('readLockSite', number),
		function: readerGhost('readLockFunction', number),
	};
}

/** Number of the object whose rwsem protects an anon_vma now. */
export function rootOf(s: WatchedReader, view: MonitorView, number: number): number | null {
	const cell = s.world.at(addressOfNumber(number), 'anon_vma', 'root');
	return cell === null || !view.has(cell) ? null : objectIndex(view.read(cell));
}

/** Marks what is the right object now and held. */
function validate(s: WatchedReader, view: MonitorView): void {
	if (s.world.spec.reader === 'anon-vma') {
		for (const number of ANON_VMA_NUMBERS) {
			if (isHeld(s, view, number) && isFoliosAnonVma(s, view, number)) setValid(view, number, 1);
		}
		return;
	}
	for (const frame of s.world.frames) {
		if (view.read(ghost('held', frame)) <= 0 || !isLedTo(s, view, frame)) continue;
		if (view.read(readerGhost('frameValid', frame)) === 0)
			view.write(readerGhost('frameValid', frame), 1);
	}
}

/** The reader has a reference on the anon_vma, or its root's lock. */
function isHeld(s: WatchedReader, view: MonitorView, number: number): boolean {
	if (view.read(readerGhost('objectHeld', number)) > 0) return true;
	const root = rootOf(s, view, number);
	return root !== null && view.read(readerGhost('readLocked', root)) > 0;
}

/** The victim's folio is mapped, and its mapping is this anon_vma. */
function isFoliosAnonVma(s: WatchedReader, view: MonitorView, number: number): boolean {
	const { _mapcount } = s.offsets;
	if (_mapcount === null || !isMappingOf(s, view, number)) return false;
	return view.read(pageAddress(s.world.victim) + _mapcount) >= 0;
}

/** The mapping of the victim's folio is this anon_vma. */
function isMappingOf(s: WatchedReader, view: MonitorView, number: number): boolean {
	const { mapping } = s.offsets;
	if (mapping === null) return false;
	return view.read(pageAddress(s.world.victim) + mapping) === addressOfNumber(number) + ANON_TAG;
}

/** The reader was given a page of memory, whoever has it. */
export function isByNumber({ world }: WatchedReader): boolean {
	return world.spec.reader === 'frame' || world.spec.reader === 'movable';
}

/** What the reader was given leads to the frame, or the frame back to it. */
function isLedTo(s: WatchedReader, view: MonitorView, frame: number): boolean {
	const { world } = s;
	if (world.spec.reader === 'page-cache')
		return world.slotEntry((address) => view.read(address)) === pageAddress(frame);
	if (isByNumber(s)) return headOf(s, view, world.victim) === frame;
	// mm/ksm.c, ksm_get_folio(): the node may lead elsewhere already; what counts is that the folio is still its
	const { mapping } = s.offsets;
	const back = ksmMapping;
	return mapping !== null && view.read(pageAddress(frame) + mapping) === back;
}

function setValid(view: MonitorView, number: number, value: 0 | 1): void {
	const cell = readerGhost('objectValid', number);
	if (view.read(cell) !== value) view.write(cell, value);
}

function forgetFrame(view: MonitorView, frame: number): void {
	const cell = readerGhost('frameValid', frame);
	if (view.read(cell) !== 0) view.write(cell, 0);
}

/** What is no longer held is no longer known to be right. */
function forgetUnheld(s: WatchedReader, view: MonitorView): void {
	for (const number of ANON_VMA_NUMBERS) if (!isHeld(s, view, number)) setValid(view, number, 0);
}
