/**
 * The world's own operations under LKMM, a row each: what it does, or why a run that comes upon it is not explored.
 *
 * Model: under lkmm a lock is a spinlock (lock.cat) where two threads take it, and orders nothing elsewhere.
 * Model: a freed folio's fields are reset by WRITE_ONCE()s of the thread that frees it; who allocates a page sees them, as by the
 * allocator's lock.
 */
import type { WorldOperation, WorldPort } from '../memory/lkmm/program_run.js';
import type { Wait } from '../memory/lkmm/program_sections.js';
import { ghost } from '../mm/model/ghost.js';
import {
	DIRECT_BASE,
	frameOfEntry,
	frameOfPage,
	OBJECT_BASE,
	pageAddress,
} from '../mm/model/layout.js';
import { type OperationName, RESET_WHEN_FREED } from '../mm/model/operation.js';
import { OWNER } from '../mm/model/owner.js';
import { type BuiltWorld, objectIndex } from '../mm/model/world.js';
import { fieldOffset } from '../program/program.js';

/** Why an operation does nothing here: the run is `unsupported`. */
interface NotHere {
	readonly why: string;
}

const OF_READERS: NotHere = {
	why: 'only readers outside the walk use it, which are explored under sc',
};
const OF_CROWDS: NotHere = {
	why: 'only several adversaries at once use it, which are explored under sc',
};

const nothing: WorldOperation = () => 0;

function waiting(wait: Wait): WorldOperation {
	return (_, thread) => {
		thread.waitFor(wait);
		return 0;
	};
}

/** Operations that wait for other CPUs: nothing comes between their two halves. */
export const WAITS = {
	grace_period_begin: nothing,
	grace_period_end: waiting('grace-period'),
	ipi_begin: nothing,
	ipi_end: waiting('ipi'),
} as const satisfies Partial<Record<OperationName, WorldOperation>>;

/** Operations by name; one that is missing makes the run `unsupported`. */
export function operationsOf(world: BuiltWorld): ReadonlyMap<string, WorldOperation> {
	return new Map(
		Object.entries(tableOf(world)).flatMap(([name, operation]) =>
			typeof operation === 'function' ? [[name, operation] as const] : [],
		),
	);
}

function tableOf(world: BuiltWorld): Readonly<Record<OperationName, WorldOperation | NotHere>> {
	const offset = (name: string): number | null => {
		const field = world.field('page', name);
		return field === null ? null : fieldOffset(field);
	};
	const resets = RESET_WHEN_FREED.map(offset).filter((at): at is number => at !== null);
	const compoundHead = offset('compound_head');
	const isMember = (thread: WorldPort, head: number, frame: number): boolean => {
		if (frame === head || compoundHead === null) return frame === head;
		const at = pageAddress(frame) + compoundHead;
		return thread.has(at) && thread.read(at) === pageAddress(head) + 1;
	};
	const gone = (cell: number, thread: WorldPort): number => {
		if (thread.has(cell)) thread.publish(cell, 1);
		return 0;
	};
	return {
		...WAITS,
		might_sleep: nothing,
		map_table: nothing,
		lock: ([address = 0], thread) => {
			thread.lock(address);
			return 1;
		},
		trylock: ([address = 0], thread) => (thread.trylock(address) ? 1 : 0),
		unlock: ([address = 0], thread) => {
			thread.unlock(address);
			return 0;
		},
		allocate: ([page = 0, owner = 0], thread) => {
			const frame = frameOfPage(page);
			if (frame === null || !thread.has(ghost('owner', frame))) return 0;
			if (thread.read(ghost('owner', frame)) !== OWNER.free) return 0;
			thread.publish(ghost('owner', frame), owner);
			// mm/page_alloc.c: the lock of the free lists was given back behind freeing and is taken for allocating (po-unlock-lock-po)
			thread.orderStores();
			return 1;
		},
		irqs_disabled: (_, thread) => (thread.section('irq') > 0 ? 1 : 0),
		is_free: ([page = 0], thread) => {
			const frame = frameOfPage(page);
			if (frame === null || !thread.has(ghost('owner', frame))) return 0;
			return thread.read(ghost('owner', frame)) === OWNER.free ? 1 : 0;
		},
		free_folio: ([folio = 0], thread) => {
			const head = frameOfPage(folio);
			if (head === null) return 0;
			for (const frame of [...world.frames].reverse()) {
				if (!isMember(thread, head, frame)) continue;
				for (const at of resets)
					if (thread.has(pageAddress(frame) + at)) thread.reset(pageAddress(frame) + at, 0);
				thread.publish(ghost('generation', frame), 1);
				thread.publish(ghost('owner', frame), OWNER.free);
				thread.facts.add(freed(frame));
			}
			return 0;
		},
		clear_anon_exclusive: ([page = 0], thread) => {
			const at = offset('PG_anon_exclusive');
			if (at !== null) thread.reset(page + at, 0);
			return 0;
		},
		was_freed: ([page = 0], thread) => {
			const frame = frameOfPage(page);
			return frame !== null && thread.read(ghost('generation', frame)) > 0 ? 1 : 0;
		},
		free_table: ([table = 0], thread) => {
			const frame = frameOfEntry(table);
			return frame === null ? 0 : gone(ghost('tableFreed', frame), thread);
		},
		free_object: ([object = 0], thread) => {
			const index = objectIndex(object);
			return index === null ? 0 : gone(ghost('objectFreed', index), thread);
		},
		remove_pages: (_, thread) => {
			for (const { owner, frames } of world.spec.folios)
				if (owner === OWNER.device)
					for (const frame of frames) gone(ghost('pageRemoved', frame), thread);
			return 0;
		},
		wait_for_zero: ([address = 0], thread) => {
			thread.await(address, 0);
			return 0;
		},
		detach_entry: ([entry = 0], thread) => {
			thread.reset(entry, 0);
			return 0;
		},
		detached_is_flushed: nothing,
		accessible: nothing,
		inaccessible: nothing,
		device_write: nothing,
		lock_shared: OF_CROWDS,
		unlock_shared: OF_CROWDS,
		slab_free: OF_READERS,
		reader_release: OF_READERS,
		driver_isolates: OF_READERS,
		putback_isolated: OF_READERS,
		down_read: OF_READERS,
		down_read_trylock: OF_READERS,
		up_read: OF_READERS,
		down_write: OF_READERS,
		down_write_trylock: OF_READERS,
		up_write: OF_READERS,
		rwsem_is_locked: OF_READERS,
	};
}

/** The cell that says whether the table, the object or the page's struct at an address is gone; null: it is none of these. */
export function livenessOf(world: BuiltWorld): (address: number) => number | null {
	const cells = new Set(world.cells.map((c) => c.address));
	const known = (cell: number): number | null => (cells.has(cell) ? cell : null);
	return (address) => {
		if (address >= DIRECT_BASE && address < OBJECT_BASE) {
			const frame = frameOfEntry(address);
			return frame === null ? null : known(ghost('tableFreed', frame));
		}
		const page = frameOfPage(address);
		if (page !== null) return known(ghost('pageRemoved', page));
		const index = objectIndex(address);
		return index === null ? null : known(ghost('objectFreed', index));
	};
}

/** The fact that a frame was freed, as a run keeps it. */
export function freed(frame: number | null): string {
	return `freed ${frame}`;
}
