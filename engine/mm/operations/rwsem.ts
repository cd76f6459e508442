/**
 * Reader-writer semaphores as cells: 0 is free, -1 held for writing, n > 0 held by n readers (kernel/locking/rwsem.c).
 *
 * Model: who holds one is not recorded and waiters do not queue; a lock that the world has no cell for is always free.
 */
import type { Intrinsic } from '../../memory/thread/event.js';
import type { MonitorView, Violation } from '../model/violation.js';

function read(view: MonitorView, address: number): number {
	return view.has(address) ? view.read(address) : 0;
}

function write(view: MonitorView, address: number, value: number): void {
	if (view.has(address)) view.write(address, value);
}

/** `down_read`, `down_write`, their trylocks and releases, and `rwsem_is_locked`. */
export const RWSEM_INTRINSICS = {
	down_read: ([address = 0], view) => {
		const held = read(view, address);
		if (held < 0) return 'blocked';
		write(view, address, held + 1);
		return 1;
	},
	down_read_trylock: ([address = 0], view) => {
		const held = read(view, address);
		if (held < 0) return 0;
		write(view, address, held + 1);
		return 1;
	},
	up_read: ([address = 0], view) => {
		write(view, address, read(view, address) - 1);
		return 0;
	},
	down_write: ([address = 0], view) => {
		if (read(view, address) !== 0) return 'blocked';
		write(view, address, -1);
		return 1;
	},
	down_write_trylock: ([address = 0], view) => {
		if (read(view, address) !== 0) return 0;
		write(view, address, -1);
		return 1;
	},
	up_write: ([address = 0], view) => {
		write(view, address, 0);
		return 0;
	},
	rwsem_is_locked: ([address = 0], view) => (read(view, address) === 0 ? 0 : 1),
} as const satisfies Readonly<Record<string, Intrinsic<Violation>>>;
