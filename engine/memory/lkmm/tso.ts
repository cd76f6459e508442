/**
 * Whether x86 does an execution, too: total store order as in Alglave, Maranget and Tautschnig, "Herding Cats" (TOPLAS 2014).
 * A read may come before an earlier write of its thread, unless a full barrier or a locked instruction stands between; all
 * else keeps the program's order.
 *
 * Model: whatever LKMM's full barriers are made of is one on x86, and so is each read-modify-write and each grace period.
 */
import type { ThreadRun } from './event.js';
import * as tag from './event.js';
import type { SeenEvent, Snapshot } from './snapshot.js';

/** Whether an execution of the runs is one under total store order. */
export function isTotalStoreOrder(runs: readonly ThreadRun[], snapshot: Snapshot): boolean {
	const { events } = snapshot;
	const before = new Map<SeenEvent, SeenEvent[]>(events.map((e) => [e, []]));
	const order = (a: SeenEvent, b: SeenEvent): void => {
		before.get(b)?.push(a);
	};
	for (const a of events) {
		const run = runs[a.thread];
		for (const b of events) {
			if (a === b) continue;
			if (run !== undefined && a.thread === b.thread && a.index < b.index) {
				if (a.isRead || b.isWrite || isFull(run, a.index, b.index)) order(a, b);
			}
			if (a.location !== b.location) continue;
			if (a.isWrite && b.isWrite && a.rank < b.rank) order(a, b);
			const source = a.source === null ? undefined : events[a.source];
			if (a.isRead && b.isWrite && source !== undefined && source.rank < b.rank) order(a, b);
			if (a.isRead && source === b && b.thread !== a.thread) order(b, a);
		}
	}
	return isAcyclic(before);
}

/** Whether something between two accesses of a run, they included, drains the store buffer. */
function isFull(run: ThreadRun, from: number, to: number): boolean {
	const stored = new Set(run.events.flatMap((e) => (e.rmw === null ? [] : [e.rmw])));
	for (let i = from; i <= to; i++) {
		const e = run.events[i];
		if (e === undefined) continue;
		if (e.rmw !== null || stored.has(i) || (e.tags & tag.SYNC_RCU) !== 0) return true;
		if (e.fence === 'mb' || e.fence === 'after-unlock-lock') return true;
	}
	return false;
}

function isAcyclic<T>(before: ReadonlyMap<T, readonly T[]>): boolean {
	const done = new Set<T>();
	const open = new Set<T>();
	const visit = (node: T): boolean => {
		if (done.has(node)) return true;
		if (open.has(node)) return false;
		open.add(node);
		const fine = (before.get(node) ?? []).every(visit);
		open.delete(node);
		done.add(node);
		return fine;
	};
	return [...before.keys()].every(visit);
}
