/**
 * Operations that only readers' worlds have: what a slab does with an object, and the caller that gives back what it was
 * handed.
 *
 * Model: a folio that is freed leaves the LRU under its lock (mm/swap.c, __page_cache_release()) in the step that frees it.
 * Model: the caller gives everything back in one step, right after the reader returned.
 */
import type { Intrinsic } from '../../memory/thread/event.js';
import { ghost } from '../model/ghost.js';
import { frameOfPage, pageAddress } from '../model/layout.js';
import { readerGhost } from '../model/reader_ghost.js';
import { LRU_LOCK } from '../model/reader_world.js';
import type { Violation } from '../model/violation.js';
import { objectAddress, objectIndex } from '../model/world.js';
import {
	ANON_VMA_NUMBERS,
	addressOfNumber,
	isRwsem,
	type WatchedReader,
} from '../monitor/reader_watch.js';

type Table = ReadonlyMap<string, Intrinsic<Violation>>;

/** The world's intrinsics with those of readers. */
export function readerIntrinsics(s: WatchedReader, own: Table): Table {
	const free = own.get('free_folio') ?? (() => 0);
	const lruLocks = [
		LRU_LOCK,
		s.world.at(objectAddress('lruvec'), 'lruvec', 'lru_lock'),
		s.world.at(objectAddress('pgdat'), 'pglist_data', 'lru_lock'),
	].filter((lock) => lock !== null);
	return new Map<string, Intrinsic<Violation>>([
		...own,
		[
			'down_write',
			(given, view) => {
				const [address = 0] = given;
				const number = objectIndex(address);
				// who waits for itself goes on, and the rule tells
				if (view.thread === 0 && number !== null && isRwsem(s, address))
					if (view.read(readerGhost('readLocked', number)) > 0) return 1;
				return (own.get('down_write') ?? (() => 0))(given, view);
			},
		],
		[
			'slab_free',
			([object = 0], view) => {
				const number = objectIndex(object);
				// anon_vmas stay readable: mm/rmap.c, anon_vma_init(), SLAB_TYPESAFE_BY_RCU
				if (number === null || ANON_VMA_NUMBERS.includes(number)) return 0;
				view.write(ghost('objectFreed', number), 1);
				return 0;
			},
		],
		[
			'free_folio',
			(given, view) => {
				const frame = frameOfPage(given[0] ?? 0);
				const onLru = frame === null ? null : s.world.at(pageAddress(frame), 'page', 'PG_lru');
				if (onLru === null || !view.has(onLru) || view.read(onLru) === 0) return free(given, view);
				for (const lock of lruLocks) if (view.has(lock) && view.read(lock) !== 0) return 'blocked';
				view.write(onLru, 0);
				return free(given, view);
			},
		],
		[
			'putback_isolated',
			(_, view) => {
				for (const frame of s.world.frames) {
					if (view.read(readerGhost('isolated', frame)) === 0) continue;
					view.write(readerGhost('isolated', frame), 0);
					const onLru = s.world.at(pageAddress(frame), 'page', 'PG_lru');
					if (onLru !== null && view.has(onLru)) view.write(onLru, 1);
					const count = pageField(frame, s.offsets._refcount);
					if (count === null || !view.has(count) || view.read(ghost('held', frame)) <= 0) continue;
					view.write(count, view.read(count) - 1);
					view.write(ghost('held', frame), view.read(ghost('held', frame)) - 1);
				}
				return 0;
			},
		],
		[
			'reader_release',
			(_, view) => {
				for (const number of ANON_VMA_NUMBERS) {
					giveBack(readerGhost('readLocked', number), fieldOf(number, 'rwsem'));
					giveBack(readerGhost('objectHeld', number), fieldOf(number, 'refcount'));
				}
				for (const frame of s.world.frames) {
					giveBack(readerGhost('frameLocked', frame), pageField(frame, s.offsets.PG_locked));
					giveBack(ghost('held', frame), pageField(frame, s.offsets._refcount));
				}
				return 0;

				function giveBack(taken: number, cell: number | null): void {
					const count = view.read(taken);
					if (count === 0 || cell === null || !view.has(cell)) return;
					view.write(taken, 0);
					view.write(cell, view.read(cell) - count);
				}
			},
		],
	]);

	function fieldOf(number: number, name: string): number | null {
		return s.world.at(addressOfNumber(number), 'anon_vma', name);
	}
	function pageField(frame: number, offset: number | null): number | null {
		return offset === null ? null : pageAddress(frame) + offset;
	}
}
