/**
 * An event structure: one run per thread put together, with the relations that do not depend on who reads from whom.
 * Fences are not events here; what they order is in `fencerel`. (Leaving them out changes no axiom: every relation that
 * could pass through a fence event is program order on both sides of it, and so also goes past it.)
 *
 * Invariant: events 0 … initials-1 are the initial writes, then each thread's events in program order.
 */
import { type EventSet, type Relation, RelationSpace, setAdd } from '../../base/relation.js';
import { type Event, IW, R, type ThreadRun, W } from './event.js';
import type { Fence, LitmusProgram, LitmusSite, LocationIndex } from './litmus_program.js';
import type { SymbolicValue } from './value.js';

/** An event with its place in the structure. */
export interface PlacedEvent {
	/** -1 for initial writes. */
	readonly thread: number;
	readonly tags: number;
	readonly location: LocationIndex | null;
	readonly value: SymbolicValue | null;
	/** Index of the read it forms a read-modify-write with (of a write), or null. */
	readonly rmw: number | null;
	readonly site: LitmusSite | null;
}

export interface EventStructure {
	readonly space: RelationSpace;
	readonly events: readonly PlacedEvent[];
	readonly initials: number;
	readonly runs: readonly ThreadRun[];
	/** Index of each thread's events by their index in the run; -1 for fences. */
	readonly placed: readonly (readonly number[])[];
	readonly po: Relation;
	readonly int: Relation;
	readonly ext: Relation;
	readonly loc: Relation;
	readonly rmw: Relation;
	readonly addr: Relation;
	readonly data: Relation;
	readonly ctrl: Relation;
	/** Events in one of the base sets of `tags`. */
	set(tags: number): EventSet;
	/** Events whose tags satisfy a predicate. */
	where(test: (tags: number) => boolean): EventSet;
	/** po ; [fence] ; po for any of the fences; `implied` ones only when asked for. */
	fencerel(fences: readonly Fence[], options: { readonly implied: boolean }): Relation;
	/** True when a fence of that kind occurs. */
	hasFence(fence: Fence): boolean;
}

interface PlacedFence {
	readonly fence: Fence;
	readonly implied: boolean;
	readonly before: readonly number[];
	readonly after: readonly number[];
}

/** Puts one run per thread together; `spaceOf` makes the space of its relations. */
export function eventStructure(
	program: LitmusProgram,
	runs: readonly ThreadRun[],
	spaceOf: (size: number) => RelationSpace = (size) => new RelationSpace(size),
): EventStructure {
	const used = new Set<LocationIndex>();
	for (const run of runs) {
		for (const e of run.events)
			if (e.location !== null && (e.tags & (R | W)) !== 0) used.add(e.location);
	}
	const events: PlacedEvent[] = [...used]
		.sort((a, b) => a - b)
		.map((location) => ({
			thread: -1,
			tags: W | IW,
			location,
			value: program.locations[location]?.initial ?? 0,
			rmw: null,
			site: null,
		}));
	const initials = events.length;
	const placed = runs.map((run, thread) => placeRun(run, thread, events));
	const space = spaceOf(events.length);
	const r = {
		po: space.named('po', space.create()),
		int: space.named('int', space.create()),
		ext: space.named('ext', space.create()),
		loc: space.named('loc', space.create()),
		rmw: space.named('rmw', space.create()),
		addr: space.named('addr', space.create()),
		data: space.named('data', space.create()),
		ctrl: space.named('ctrl', space.create()),
	};
	events.forEach((a, i) => {
		events.forEach((b, j) => {
			const same = a.thread === b.thread && (a.thread >= 0 || i === j);
			space.add(same ? r.int : r.ext, i, j);
			if (same && i < j) space.add(r.po, i, j);
			if (a.location !== null && a.location === b.location) space.add(r.loc, i, j);
		});
		if (a.rmw !== null) space.add(r.rmw, a.rmw, i);
	});
	const fences: PlacedFence[] = [];
	runs.forEach((run, thread) => {
		const at = placed[thread] as readonly number[];
		run.events.forEach((event, index) => {
			const to = at[index] as number;
			if (to < 0) {
				if (event.fence !== null) fences.push(placeFence(event, at, index));
				return;
			}
			for (const d of event.addr) space.add(r.addr, at[d] as number, to);
			for (const d of event.data) space.add(r.data, at[d] as number, to);
			for (const d of event.ctrl) space.add(r.ctrl, at[d] as number, to);
		});
	});
	const where = (test: (tags: number) => boolean): EventSet => {
		const out = space.createSet();
		events.forEach((e, i) => {
			if (test(e.tags)) setAdd(out, i);
		});
		return out;
	};
	return {
		space,
		events,
		initials,
		runs,
		placed,
		...r,
		where,
		set: (tags) => where((t) => (t & tags) !== 0),
		fencerel: (kinds, { implied }) => {
			const out = space.create();
			for (const f of fences) {
				if (!kinds.includes(f.fence) || (f.implied && !implied)) continue;
				for (const a of f.before) for (const b of f.after) space.add(out, a, b);
			}
			return space.named(kinds.length === 1 ? (kinds[0] as Fence) : 'fencerel', out);
		},
		hasFence: (fence) => fences.some((f) => f.fence === fence),
	};
}

function placeRun(run: ThreadRun, thread: number, events: PlacedEvent[]): readonly number[] {
	const at: number[] = [];
	for (const e of run.events) {
		if (e.fence !== null) {
			at.push(-1);
			continue;
		}
		at.push(events.length);
		events.push({
			thread,
			tags: e.tags,
			location: e.location,
			value: e.value,
			rmw: e.rmw === null ? null : (at[e.rmw] as number),
			site: e.site,
		});
	}
	return at;
}

function placeFence(event: Event, at: readonly number[], index: number): PlacedFence {
	return {
		fence: event.fence as Fence,
		implied: event.implied,
		before: at.slice(0, index).filter((i) => i >= 0),
		after: at.slice(index + 1).filter((i) => i >= 0),
	};
}
