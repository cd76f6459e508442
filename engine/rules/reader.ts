/**
 * What a reader may hand out, under the rules of the contract: the object it was asked for, held, and nothing else kept.
 *
 * `stale-pin`: a folio that was not what the slot or node led to at any moment at which the reader held it.
 * `racing-mapping`: an anon_vma that was not that of the folio while the reader held it. `use-after-free`: one that nothing
 * keeps alive, or a stable node freed while a folio leads to it. `reference-leak`, `reference-underflow`: references left.
 * `unbalanced-map`: locks left, given back though the folio is to be returned locked, or taken by their bit. `misplaced-page`: off
 * the LRU and on nobody's list, or behind the end of the file (file_end.ts). `frozen-reference`: an anon_vma whose count was 0 brought back.
 */

import { unreachable } from '../base/unreachable.js';
import type { MachineEvent, Monitor } from '../memory/thread/event.js';
import { type CodePlace, notedPlace } from '../mm/model/code_place.js';
import { ghost, placeCells } from '../mm/model/ghost.js';
import { DIRECT_BASE, frameOfPage, pageAddress } from '../mm/model/layout.js';
import { OWNER, ownerName } from '../mm/model/owner.js';
import { readerGhost } from '../mm/model/reader_ghost.js';
import { batchSlots } from '../mm/model/reader_world.js';
import { type MonitorView, UNMODELLED, type Violation } from '../mm/model/violation.js';
import {
	KSM_TAG,
	movableMapping,
	OBJECT_NAMES,
	objectAddress,
	objectIndex,
} from '../mm/model/world.js';
import {
	ANON_VMA_NUMBERS,
	addressOfNumber,
	dueCells,
	frameLockCells,
	frameUnlockCells,
	handedCells,
	isByNumber,
	isRwsem,
	readLockCells,
	rootOf,
	type WatchedReader,
	watchReader,
} from '../mm/monitor/reader_watch.js';
import { blamed, frameOfField, headOf } from '../mm/monitor/watch.js';
import { badEntry } from './bad_entry.js';
import { judgeFileEnd, noteFileEnd } from './file_end.js';
import { report } from './property.js';
import { racingMapping } from './racing_mapping.js';
import { frozenReference, referenceOverflow } from './reference_count.js';
import { sleepInAtomic } from './sleep_in_atomic.js';
import { unbalancedMap } from './unbalanced_map.js';
import { useAfterFree } from './use_after_free.js';

/** Rules a reader can break at any step, judged as for a walk. */
const ON_EVENT = [
	...[frozenReference, referenceOverflow, useAfterFree, racingMapping, badEntry],
	...[sleepInAtomic, unbalancedMap],
].flatMap((p) => (p.onEvent === undefined ? [] : [p.onEvent]));

/** The monitor of a reader's scenario. */
export function readerMonitorOf(s: WatchedReader): Monitor<Violation> {
	return {
		frameAccesses: false,
		key: (v) => `${v.rule}@${v.function}:${v.site}`,
		onEvent(event: MachineEvent, view: MonitorView): void {
			watchReader(s, event, view);
			if (view.thread !== 0) return;
			for (const look of ON_EVENT) look(event, view, s);
			atObject(s, event, view);
			noteFileEnd(s, event, view);
			if (event.kind === 'return' && event.function === s.root) {
				const returned: CodePlace = { function: s.root, site: event.site };
				judge(s, view, event.value ?? 0, returned);
			}
		},
	};
}

/** Counts and locks of anon_vmas, and objects given back to their slab. */
function atObject(s: WatchedReader, event: MachineEvent, view: MonitorView): void {
	const place = (): CodePlace => blamed(s, view, event.site);
	if (event.kind === 'store' || event.kind === 'rmw') {
		toFreed(s, event, view);
		if (event.value === 1) marksIsolated(s, view, event.address, place());
		lockedTwice(s, event, view);
	}
	if (event.kind === 'rmw') {
		const number = objectIndex(event.address);
		if (number === null || !event.stored || event.old !== 0 || event.value <= 0) return;
		if (event.address !== s.world.at(addressOfNumber(number), 'anon_vma', 'refcount')) return;
		const what = `a reference is taken on ${OBJECT_NAMES[number]} whose count is 0: it lies free in its slab`;
		report(view, 'frozen-reference', place(), what);
		return;
	}
	if (event.kind !== 'intrinsic') return;
	const [address = 0] = event.arguments;
	if (event.name === 'down_write') lockedByItself(s, view, address, place());
	if (event.name === 'unlock' || (event.name === 'trylock' && event.result !== 0)) {
		const frame = frameOfField(s, address, 'PG_locked');
		const how = event.name === 'unlock' ? 'released' : 'taken';
		if (frame !== null && isLost(s, view, frame)) {
			const what = `the lock of folio#${frame} is ${how} without a reference on the folio, which has been freed in this run`;
			report(view, 'use-after-free', place(), what);
		}
	}
	if (event.name === 'unlock') {
		const frame = frameOfField(s, address, 'PG_locked');
		if (frame !== null && view.read(readerGhost('frameLocked', frame)) < 0)
			report(
				view,
				'unbalanced-map',
				place(),
				`the lock of folio#${frame} is released, which is not held`,
			);
		return;
	}
	if (event.name === 'driver_isolates') {
		asked(s, view, address, place());
		const frame = frameOfPage(address);
		if (frame !== null) view.write(readerGhost('agreed', frame), event.arguments[1] ?? 0);
	}
	const number = objectIndex(address);
	if (number === null) return;
	if (event.name === 'slab_free') {
		for (const frame of s.world.frames) {
			if (!leadsBack(s, view, frame, address)) continue;
			const what = `${OBJECT_NAMES[number]} is freed while the mapping of folio#${frame}, which is in use, still leads to it`;
			report(view, 'use-after-free', place(), what);
		}
		return;
	}
	if (isRwsem(s, address) && view.read(ghost('objectFreed', number)) === 1) {
		const what = `the rwsem of ${OBJECT_NAMES[number]} is accessed, which has been freed`;
		report(view, 'use-after-free', place(), what);
	}
}

/** A driver is asked to isolate a page. */
function asked(s: WatchedReader, view: MonitorView, page: number, place: CodePlace): void {
	const marked = s.world.at(page, 'page', 'PG_isolated');
	if (marked !== null && view.has(marked) && view.read(marked) !== 0) {
		const what = `the driver is asked to isolate page#${frameOfPage(page)}, which is isolated already`;
		report(view, 'misplaced-page', place, what);
	}
	const mapping = s.world.at(page, 'page', 'mapping');
	if (mapping === null || !view.has(mapping) || view.read(mapping) === movableMapping) return;
	const what = `the driver is asked to isolate page#${frameOfPage(page)}, which is not its page any more`;
	report(view, 'racing-mapping', place, what);
}

/** The reader holds no reference on a folio that has been freed since the run began: whatever is written there is somebody else's. */
function isLost(s: WatchedReader, view: MonitorView, frame: number): boolean {
	if (s.world.spec.callerHolds.reference) return false;
	return (
		view.read(ghost('generation', frame)) > 0 &&
		view.read(ghost('held', headOf(s, view, frame))) <= 0
	);
}

/** A page is marked isolated: with its driver's consent, and under the folio lock, which keeps the driver from letting it go. */
function marksIsolated(
	s: WatchedReader,
	view: MonitorView,
	address: number,
	place: CodePlace,
): void {
	const frame = frameOfPage(address);
	if (frame === null || !s.world.frames.includes(frame)) return;
	if (address !== s.world.at(pageAddress(frame), 'page', 'PG_isolated')) return;
	if (view.read(readerGhost('frameLocked', headOf(s, view, frame))) === 0) {
		const what = `page#${frame} is marked isolated without the lock of its folio: its driver may have let it go`;
		report(view, 'racing-mapping', place, what);
	} else if (view.read(readerGhost('agreed', frame)) === 0) {
		const what = `page#${frame} is marked isolated though its driver refused`;
		report(view, 'misplaced-page', place, what);
	}
}

/** The bit of a folio's lock is set while somebody else has the lock: two have it. */
function lockedTwice(
	s: WatchedReader,
	event: Extract<MachineEvent, { kind: 'store' | 'rmw' }>,
	view: MonitorView,
): void {
	const frame = frameOfField(s, event.address, 'PG_locked');
	if (frame === null || event.value === 0 || event.old === 0) return;
	if (view.read(readerGhost('frameLocked', frame)) > 0) return;
	const what = `the lock of folio#${frame} is taken by setting its bit while another CPU holds the lock`;
	report(view, 'unbalanced-map', blamed(s, view, event.site), what);
}

/** Who holds a rwsem for reading and waits for it to be free waits for itself. */
function lockedByItself(
	s: WatchedReader,
	view: MonitorView,
	address: number,
	place: CodePlace,
): void {
	const number = objectIndex(address);
	if (number === null || !isRwsem(s, address)) return;
	if (view.read(readerGhost('readLocked', number)) <= 0) return;
	const what = `the rwsem of ${OBJECT_NAMES[number]} is waited for, which is held for reading here: a deadlock`;
	report(view, 'unbalanced-map', place, what);
}

/** To write to a page takes a reference; who comes upon one may only look at it. */
function toFreed(
	s: WatchedReader,
	event: Extract<MachineEvent, { kind: 'store' | 'rmw' }>,
	view: MonitorView,
): void {
	if (event.address >= DIRECT_BASE) return;
	const frame = frameOfPage(event.address);
	if (frame === null || !s.world.frames.includes(frame)) return;
	if (frameOfField(s, event.address, '_refcount') !== null) return;
	if (!isLost(s, view, frame)) return;
	const what = `folio#${frame} is written to without a reference, and has been freed in this run`;
	report(view, 'use-after-free', blamed(s, view, event.site), what);
}

/** A folio that is in use, or whose count is only frozen for a moment (it is in the swap cache), leads to a stable node. */
function leadsBack(s: WatchedReader, view: MonitorView, frame: number, node: number): boolean {
	const page = pageAddress(frame);
	const cell = (struct: string, name: string): number => {
		const at = s.world.at(page, struct, name);
		return at === null || !view.has(at) ? 0 : view.read(at);
	};
	if (cell('page', 'mapping') !== node + KSM_TAG) return false;
	return cell('page', '_refcount') > 0 || cell('page', 'PG_swapcache') === 1;
}

/** What goes with what is handed out. */
interface Owed {
	/** Head frames of the folios, one per entry. */
	readonly heads: readonly number[];
	/** Number of the anon_vma. */
	readonly number: number | null;
}

/** Looks at what the reader handed out and what it kept. */
function judge(s: WatchedReader, view: MonitorView, value: number, returned: CodePlace): void {
	if (s.out === 'list') {
		judgeList(s, view, value, returned);
		return;
	}
	if (isByNumber(s)) {
		judgeFrame(s, view, value, returned);
		return;
	}
	const heads: number[] = [];
	let anonVma: number | null = null;
	for (const entry of handedOut(s, view, value)) {
		const what = whatIs(s, entry);
		if (what === null) {
			report(view, UNMODELLED, returned, 'what is returned here is not modelled');
			return;
		}
		if (what.kind === 'nothing') notAFolio(s, view, entry, returned);
		if (what.kind === 'anon-vma') {
			anonVma = what.number;
			judgeAnonVma(s, view, what.number, returned);
		}
		if (what.kind === 'folio') {
			heads.push(headOf(s, view, what.frame));
			judgeFolio(s, view, what.frame, returned);
		}
	}
	kept(s, view, { heads, number: anonVma }, returned);
}

type What =
	| { readonly kind: 'nothing' }
	| { readonly kind: 'folio'; readonly frame: number }
	| { readonly kind: 'anon-vma'; readonly number: number };

/** What a pointer or an entry is; null: nothing that the world knows. */
function whatIs(s: WatchedReader, value: number): What | null {
	const isValue = s.world.spec.reader === 'page-cache' && value % 2 !== 0;
	if (value <= 0 || isValue) return { kind: 'nothing' };
	const frame = frameOfPage(value);
	if (frame !== null && s.world.frames.includes(frame)) return { kind: 'folio', frame };
	const number = objectIndex(value);
	if (number !== null && ANON_VMA_NUMBERS.includes(number)) return { kind: 'anon-vma', number };
	return null;
}

/** The entries handed out: the result alone, or what stands in the batch or array. */
function handedOut(s: WatchedReader, view: MonitorView, value: number): readonly number[] {
	const read = (address: number): number => (view.has(address) ? view.read(address) : -1);
	switch (s.out) {
		case 'result':
			return [value];
		case 'batch': {
			const batch = objectAddress('batch');
			const nr = s.world.at(batch, 'folio_batch', 'nr') ?? s.world.at(batch, 'pagevec', 'nr');
			return nr === null ? [] : batchSlots(s.world).slice(0, read(nr)).map(read);
		}
		case 'array': {
			const first = objectAddress('pages');
			return Array.from({ length: Math.max(0, value) }, (_, i) => read(first + i * 8));
		}
		case 'list':
			return [];
		default:
			return unreachable(s.out);
	}
}

/** Folios on a list: each off the LRU or off its driver, with a reference, and counted where they are counted. */
function judgeList(s: WatchedReader, view: MonitorView, value: number, returned: CodePlace): void {
	const heads = s.world.frames.filter((frame) => view.read(readerGhost('isolated', frame)) === 1);
	const wrong = heads.find((frame) => view.read(readerGhost('frameValid', frame)) === 0);
	if (wrong !== undefined && view.read(ghost('held', wrong)) > 0) {
		const what = `folio#${wrong} is isolated, which was not the folio of page#${s.world.victim} once it was held`;
		report(view, 'wrong-folio', notedPlace(view, placeCells('held', wrong)) ?? returned, what);
		return;
	}
	const nr = s.world.at(objectAddress('compact_control'), 'compact_control', 'nr_migratepages');
	const before = s.world.cells.find((cell) => cell.address === nr)?.initial ?? 0;
	if (nr !== null && view.has(nr) && view.read(nr) > before !== heads.length > 0) {
		const what = heads.length > 0 ? 'isolated and not counted' : 'counted and not isolated';
		report(view, 'misplaced-page', returned, `the folio of page#${s.world.victim} is ${what}`);
	}
	if (nr === null && s.world.spec.reader === 'frame' && value === 0) lostFromLru(s, view, returned);
	// who isolates one folio alone says whether it did
	const isSaid = nr !== null || s.world.spec.reader !== 'frame' || value !== 0;
	kept(s, view, { heads: isSaid ? heads : [], number: null }, returned);
}

/** Off the LRU, with neither a reference nor a word of it: on no list any more, and not free either. */
function lostFromLru(s: WatchedReader, view: MonitorView, returned: CodePlace): void {
	for (const frame of s.world.frames) {
		if (view.read(readerGhost('isolated', frame)) === 0 || view.read(ghost('held', frame)) > 0)
			continue;
		const what = `folio#${frame} is taken off the LRU and neither returned nor put back`;
		report(view, 'misplaced-page', returned, what);
	}
}

/** Among folios for a caller who expects nothing else. */
function notAFolio(s: WatchedReader, view: MonitorView, entry: number, returned: CodePlace): void {
	const isExpected = s.out === 'result' ? s.values || entry <= 0 : s.values && entry > 0;
	if (isExpected) return;
	const what = entry === 0 ? 'nothing' : 'a value entry, which is not a pointer';
	report(view, 'bad-entry', returned, `${what} is returned as a folio`);
}

/** A reader that says whether it holds the folio of the page it was given, or returns that. */
function judgeFrame(s: WatchedReader, view: MonitorView, value: number, returned: CodePlace): void {
	const what = whatIs(s, value);
	const given = what?.kind === 'folio' ? what.frame : null;
	const held = s.world.frames.filter((frame) => view.read(ghost('held', frame)) > 0);
	const frame = held.find((f) => f === given) ?? held[0];
	if (value > 0 && frame !== undefined && view.read(readerGhost('frameValid', frame)) === 0) {
		const wrong = `the reference is on folio#${frame}, which was not the folio of page#${s.world.victim} once it was held`;
		report(view, 'wrong-folio', notedPlace(view, placeCells('held', frame)) ?? returned, wrong);
		return;
	}
	const owed = given ?? frame ?? headOf(s, view, s.world.victim);
	kept(s, view, { heads: value > 0 ? [owed] : [], number: null }, returned);
}

function judgeAnonVma(
	s: WatchedReader,
	view: MonitorView,
	number: number,
	returned: CodePlace,
): void {
	const root = rootOf(s, view, number);
	const references = view.read(readerGhost('objectHeld', number));
	const locks = root === null ? 0 : view.read(readerGhost('readLocked', root));
	const name = OBJECT_NAMES[number];
	if (references + locks <= 0) {
		const what = `${name} is returned with neither a reference nor its lock held: nothing keeps it from being freed`;
		report(view, 'use-after-free', returned, what);
	} else if (view.read(readerGhost('objectValid', number)) === 0) {
		const what = `${name} is returned, which was not the anon_vma of a mapped folio at any moment at which it was held: by then it may be free, or somebody else\u2019s`;
		report(view, 'racing-mapping', returned, what);
	}
}

function judgeFolio(s: WatchedReader, view: MonitorView, frame: number, returned: CodePlace): void {
	const head = headOf(s, view, frame);
	judgeLock(s, view, head, returned);
	judgeFileEnd(s, view, frame, returned);
	const owed = s.world.spec.callerHolds.reference && frame === s.world.victim ? 1 : 0;
	if (view.read(ghost('held', head)) + owed <= 0) return;
	if (view.read(readerGhost('frameValid', head)) === 1) return;
	const owner = view.read(ghost('owner', frame));
	const now =
		owner === OWNER.otherFile || owner === OWNER.otherAnon || owner === OWNER.free
			? `; in this run the page is ${ownerName(owner)} by then`
			: '';
	const from =
		s.world.spec.reader === 'page-cache'
			? 'the slot did not hold it'
			: 'its mapping did not lead back to the node';
	const isLocked = view.read(readerGhost('frameLocked', head)) > 0;
	const since = isLocked ? 'locked' : 'held';
	const what = `folio#${head} is returned although ${from} any more once it was ${since}${now}`;
	// what was right when its reference was taken, and is not under its lock, is the lock's business
	const isLost = isLocked && view.read(readerGhost('rightBefore', head)) === 1;
	const cells = isLost ? frameLockCells(head) : placeCells('held', head);
	report(view, 'stale-pin', notedPlace(view, cells) ?? returned, what);
}

/** Who gets a folio locked from a reader gets every one so: called alike, with nobody else about, it was. */
function judgeLock(s: WatchedReader, view: MonitorView, head: number, returned: CodePlace): void {
	const calledWith = view.read(readerGhost('calledWith', 0));
	if (view.read(readerGhost('frameLocked', head)) > 0) s.noteLocked?.(calledWith);
	else if (s.locks.has(calledWith)) {
		const what = `folio#${head} is returned unlocked; with the same arguments, while no other CPU interferes, it is returned locked`;
		const place = notedPlace(view, frameUnlockCells(head)) ?? returned;
		report(view, 'unbalanced-map', place, what);
	}
}

/** References and locks beyond what goes with the object that is handed out. */
function kept(s: WatchedReader, view: MonitorView, out: Owed, returned: CodePlace): void {
	for (const frame of s.world.frames) {
		const owed = out.heads.filter((head) => head === frame).length;
		const extra = view.read(ghost('held', frame)) - owed;
		const handed = notedPlace(view, handedCells(frame));
		const place = handed ?? notedPlace(view, placeCells('held', frame)) ?? returned;
		if (extra > 0)
			report(view, 'reference-leak', place, `${extra} of _refcount of folio#${frame} is kept`);
		if (extra < 0) {
			const what = `${-extra} of _refcount of folio#${frame} fewer than what is returned needs`;
			report(view, 'reference-underflow', place, what);
		}
		// a folio is returned locked, and lies on a list unlocked
		const mayLock = owed > 0 && s.out !== 'list';
		if (!mayLock && view.read(readerGhost('frameLocked', frame)) === 1) {
			const where = notedPlace(view, frameLockCells(frame)) ?? returned;
			report(view, 'unbalanced-map', where, `the lock of folio#${frame} is kept`);
		}
	}
	for (const number of ANON_VMA_NUMBERS) keptOfAnonVma(s, view, { ...out, at: number }, returned);
}

function keptOfAnonVma(
	s: WatchedReader,
	view: MonitorView,
	out: { readonly number: number | null; readonly at: number },
	returned: CodePlace,
): void {
	const name = OBJECT_NAMES[out.at];
	const cells = {
		site: readerGhost('objectHeldSite', out.at),
		function: readerGhost('objectHeldFunction', out.at),
	};
	const references = view.read(readerGhost('objectHeld', out.at));
	const locks = view.read(readerGhost('readLocked', out.at));
	const root = out.number === null ? null : rootOf(s, view, out.number);
	const mayLock = root === out.at ? 1 : 0;
	const mayHold = out.number === out.at && !(root !== null && isLocked(view, root)) ? 1 : 0;
	if (references > mayHold) {
		const place = notedPlace(view, cells) ?? returned;
		report(
			view,
			'reference-leak',
			place,
			`${references - mayHold} of the count of ${name} is kept`,
		);
	}
	const due = notedPlace(view, dueCells(out.at));
	if (due !== null) {
		const what = `the last reference on ${name} is put here and nobody frees it`;
		report(view, 'reference-leak', due, what);
	}
	if (references < 0) {
		const place = notedPlace(view, cells) ?? returned;
		report(view, 'reference-underflow', place, `${name} is put more often than it was taken`);
	}
	if (locks > mayLock || locks < 0) {
		const place = notedPlace(view, readLockCells(out.at)) ?? returned;
		const what = locks < 0 ? 'is released more often than it was taken' : 'is left locked';
		report(view, 'unbalanced-map', place, `the rwsem of ${name} ${what}`);
	}
}

function isLocked(view: MonitorView, number: number): boolean {
	return view.read(readerGhost('readLocked', number)) > 0;
}
