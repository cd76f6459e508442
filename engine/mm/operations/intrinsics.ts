/**
 * The world's own operations, called from primitives and actors by `__rw_intrinsic(name, …)`.
 *
 * Model: freeing a folio is one step, whatever the allocator does inside; page tables and objects too.
 * Model: a lock is a cell that is 0 or 1; who holds it is not recorded.
 */
import type { Intrinsic } from '../../memory/thread/event.js';
import { fieldOffset } from '../../program/program.js';
import { ACCESSIBLE, ghost, WALK } from '../model/ghost.js';
import { frameOfEntry, frameOfPage, pageAddress } from '../model/layout.js';
import { type OperationName, RESET_WHEN_FREED } from '../model/operation.js';
import { OWNER } from '../model/owner.js';
import type { MonitorView, Violation } from '../model/violation.js';
import { type BuiltWorld, objectIndex } from '../model/world.js';
import { RWSEM_INTRINSICS } from './rwsem.js';

/** The intrinsics of a world, by name. */
export function intrinsicsOf(world: BuiltWorld): ReadonlyMap<string, Intrinsic<Violation>> {
	const offsetOf = (name: string): number | null => {
		const field = world.field('page', name);
		return field === null ? null : fieldOffset(field);
	};
	const resets = RESET_WHEN_FREED.map(offsetOf).filter((o): o is number => o !== null);
	const compoundHead = offsetOf('compound_head');
	const isMember = (view: MonitorView, head: number, frame: number): boolean => {
		if (frame === head || compoundHead === null) return frame === head;
		return view.read(pageAddress(frame) + compoundHead) === pageAddress(head) + 1;
	};
	const setIf = (view: MonitorView, address: number, value: number): void => {
		if (view.has(address) && view.read(address) !== value) view.write(address, value);
	};
	const table: Readonly<Record<OperationName, Intrinsic<Violation>>> = {
		...RWSEM_INTRINSICS,
		slab_free: () => 0,
		reader_release: () => 0,
		driver_isolates: () => 0,
		putback_isolated: () => 0,
		accessible: ([folio = 0], view) => {
			const head = frameOfPage(folio);
			if (head !== null) setIf(view, ghost('inaccessible', head), ACCESSIBLE);
			return 0;
		},
		inaccessible: ([folio = 0], view) => {
			const head = frameOfPage(folio);
			if (head === null) return 0;
			let counted = 0;
			for (let i = 0; i < world.spec.pages; i++)
				if (view.read(ghost('countedSite', i)) !== 0) counted++;
			setIf(view, ghost('inaccessible', head), counted + 1);
			return 0;
		},
		device_write: () => 0,
		grace_period_begin: (_, view) => {
			view.waitBegin(['irq', 'rcu', 'preempt']);
			return 0;
		},
		grace_period_end: (_, view) => (view.waitOver() ? 0 : 'blocked'),
		ipi_begin: (_, view) => {
			view.waitBegin(['irq']);
			return 0;
		},
		ipi_end: (_, view) => (view.waitOver() ? 0 : 'blocked'),
		irqs_disabled: (_, view) => (view.section(view.thread, 'irq') > 0 ? 1 : 0),
		might_sleep: () => 0,
		lock: ([address = 0], view) => {
			if (!view.has(address)) return 0;
			if (view.read(address) !== 0) return 'blocked';
			view.write(address, 1);
			return 1;
		},
		lock_shared: ([address = 0], view) => {
			if (!view.has(address)) return 0;
			const holders = view.read(address);
			if (holders % 2 === 1) return 'blocked';
			view.write(address, holders + 2);
			return 1;
		},
		unlock_shared: ([address = 0], view) => {
			setIf(view, address, view.read(address) - 2);
			return 0;
		},
		trylock: ([address = 0], view) => {
			if (!view.has(address)) return 1;
			if (view.read(address) !== 0) return 0;
			view.write(address, 1);
			return 1;
		},
		unlock: ([address = 0], view) => {
			setIf(view, address, 0);
			return 0;
		},
		map_table: ([delta = 0], view) => {
			if (view.thread === 0)
				view.write(ghost('walk', WALK.mapDepth), view.read(ghost('walk', WALK.mapDepth)) + delta);
			return 0;
		},
		is_free: ([page = 0], view) => {
			const frame = frameOfPage(page);
			return frame !== null &&
				view.has(ghost('owner', frame)) &&
				view.read(ghost('owner', frame)) === OWNER.free
				? 1
				: 0;
		},
		was_freed: ([page = 0], view) => {
			const frame = frameOfPage(page);
			return frame !== null && view.read(ghost('generation', frame)) > 0 ? 1 : 0;
		},
		allocate: ([page = 0, owner = 0], view) => {
			const frame = frameOfPage(page);
			if (frame === null || !view.has(ghost('owner', frame))) return 0;
			// two allocators do not get one page
			if (view.read(ghost('owner', frame)) !== OWNER.free) return 0;
			view.write(ghost('owner', frame), owner);
			return 1;
		},
		free_folio: ([folio = 0], view) => {
			const head = frameOfPage(folio);
			if (head === null) return 0;
			for (const frame of [...world.frames].reverse()) {
				if (!isMember(view, head, frame)) continue;
				view.write(ghost('generation', frame), view.read(ghost('generation', frame)) + 1);
				view.write(ghost('owner', frame), OWNER.free);
				for (const offset of resets) setIf(view, pageAddress(frame) + offset, 0);
			}
			return 0;
		},
		free_table: ([table = 0], view) => {
			const frame = frameOfEntry(table);
			if (frame !== null) setIf(view, ghost('tableFreed', frame), 1);
			return 0;
		},
		free_object: ([object = 0], view) => {
			const index = objectIndex(object);
			if (index !== null) setIf(view, ghost('objectFreed', index), 1);
			return 0;
		},
		wait_for_zero: ([address = 0], view) =>
			view.has(address) && view.read(address) !== 0 ? 'blocked' : 0,
		detach_entry: ([entry = 0], view) => {
			view.write(ghost('walk', WALK.detachedEntry), entry);
			view.write(ghost('walk', WALK.detachedValue), view.read(entry));
			setIf(view, entry, 0);
			return 0;
		},
		detached_is_flushed: (_, view) => {
			view.write(ghost('walk', WALK.detachedEntry), 0);
			view.write(ghost('walk', WALK.detachedValue), 0);
			return 0;
		},
		remove_pages: (_, view) => {
			for (const frame of world.frames) {
				if (view.read(ghost('owner', frame)) !== OWNER.device) continue;
				view.write(ghost('pageRemoved', frame), 1);
			}
			return 0;
		},
		clear_anon_exclusive: ([page = 0], view) => {
			const fetched = view.read(ghost('fetched', 0)) !== 0;
			setIf(view, ghost('walk', WALK.sharedByFork), fetched ? 2 : 1);
			const offset = offsetOf('PG_anon_exclusive');
			if (offset !== null) setIf(view, page + offset, 0);
			return 0;
		},
	};
	return new Map(Object.entries(table));
}
