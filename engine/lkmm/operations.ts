/**
 * The world's own operations under LKMM, a row each: what it does, or why a run that comes upon it is not explored.
 *
 * Model: under lkmm locks are taken at once and order nothing: one adversary at a time is the only one who takes them.
 * Model: a freed folio's fields are reset by WRITE_ONCE()s of the thread that frees it.
 */
import type { WorldOperation } from '../memory/lkmm/program_run.js';
import type { Wait } from '../memory/lkmm/program_sections.js';
import { frameOfPage, pageAddress } from '../mm/model/layout.js';
import { type OperationName, RESET_WHEN_FREED } from '../mm/model/operation.js';
import type { BuiltWorld } from '../mm/model/world.js';
import { fieldOffset } from '../program/program.js';

/** Why an operation does nothing here: the run is `unsupported`. */
interface NotHere {
	readonly why: string;
}

const OF_READERS: NotHere = {
	why: 'only readers outside the walk use it, which are explored under sc',
};
const OF_OTHERS: NotHere = { why: 'no adversary that is explored under lkmm does it' };

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
	return {
		...WAITS,
		might_sleep: nothing,
		map_table: nothing,
		lock: () => 1,
		trylock: () => 1,
		unlock: nothing,
		allocate: () => 1,
		irqs_disabled: (_, thread) => (thread.section('irq') > 0 ? 1 : 0),
		is_free: ([page = 0], thread) => (thread.facts.has(freed(frameOfPage(page))) ? 1 : 0),
		free_folio: ([folio = 0], thread) => {
			const frame = frameOfPage(folio);
			if (frame === null) return 0;
			for (const name of RESET_WHEN_FREED) {
				// a count that is not 0 would not have come here
				const at = name === '_refcount' ? null : offset(name);
				if (at !== null && thread.has(pageAddress(frame) + at))
					thread.reset(pageAddress(frame) + at, 0);
			}
			thread.facts.add(freed(frame));
			return 0;
		},
		clear_anon_exclusive: ([page = 0], thread) => {
			const at = offset('PG_anon_exclusive');
			if (at !== null) thread.reset(page + at, 0);
			return 0;
		},
		slab_free: OF_READERS,
		reader_release: OF_READERS,
		driver_isolates: OF_READERS,
		putback_isolated: OF_READERS,
		accessible: OF_OTHERS,
		inaccessible: OF_OTHERS,
		device_write: OF_OTHERS,
		lock_shared: OF_OTHERS,
		unlock_shared: OF_OTHERS,
		down_read: OF_READERS,
		down_read_trylock: OF_READERS,
		up_read: OF_READERS,
		down_write: OF_READERS,
		down_write_trylock: OF_READERS,
		up_write: OF_READERS,
		rwsem_is_locked: OF_READERS,
		was_freed: OF_OTHERS,
		free_table: OF_OTHERS,
		free_object: OF_OTHERS,
		wait_for_zero: OF_OTHERS,
		detach_entry: OF_OTHERS,
		detached_is_flushed: OF_OTHERS,
		remove_pages: OF_OTHERS,
	};
}

/** The fact that a frame was freed, as a run keeps it. */
export function freed(frame: number | null): string {
	return `freed ${frame}`;
}
