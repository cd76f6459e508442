/**
 * The reads of an event structure with the writes each may take, before anything is decided: those of its location that
 * are not after it in its thread, that lock.cat lets it read, and whose value some constraint does not rule out.
 */

import { possibleValues } from './contents.js';
import * as tag from './event.js';
import type { LocationIndex } from './litmus_program.js';
import type { EventStructure, PlacedEvent } from './structure.js';

/** A read, with what stands around it in its thread at its location. */
export interface ReadNode {
	readonly event: number;
	readonly sources: readonly number[];
	readonly writesBefore: readonly number[];
	readonly writesAfter: readonly number[];
	readonly readsBefore: readonly number[];
	readonly readsAfter: readonly number[];
	/** The write it forms a read-modify-write with, or -1. */
	readonly partner: number;
}

/** Writes by location, in order of events: the initial one first. */
export function writesByLocation(
	structure: EventStructure,
): ReadonlyMap<LocationIndex, readonly number[]> {
	const out = new Map<LocationIndex, number[]>();
	structure.events.forEach((e, i) => {
		if ((e.tags & tag.W) === 0 || e.location === null) return;
		const list = out.get(e.location) ?? [];
		list.push(i);
		out.set(e.location, list);
	});
	return out;
}

/** All reads: those that synchronise first (locks, atomics, acquire), because what they take orders the others. */
export function readNodes(structure: EventStructure): readonly ReadNode[] {
	const writes = writesByLocation(structure);
	const nodes = structure.events.flatMap((e, i) =>
		(e.tags & tag.R) === 0
			? []
			: [readNode(structure, i, writes.get(e.location as LocationIndex) ?? [])],
	);
	const rank = ({ event }: ReadNode): number => {
		const { tags } = structure.events[event] as PlacedEvent;
		const ranks = [tag.LKR, tag.RMW, tag.ACQUIRE];
		const found = ranks.findIndex((set) => (tags & set) !== 0);
		return found < 0 ? ranks.length : found;
	};
	return nodes.toSorted((a, b) => rank(a) - rank(b));
}

function readNode(structure: EventStructure, index: number, writes: readonly number[]): ReadNode {
	const { events } = structure;
	const event = events[index] as PlacedEvent;
	const around = events.flatMap((e, i) =>
		e.thread === event.thread && e.location === event.location && i !== index ? [i] : [],
	);
	const of = (set: number, before: boolean): readonly number[] =>
		around.filter((i) => ((events[i]?.tags ?? 0) & set) !== 0 && i < index === before);
	const writesAfter = of(tag.W, false);
	return {
		event: index,
		writesBefore: of(tag.W, true),
		writesAfter,
		readsBefore: of(tag.R, true),
		readsAfter: of(tag.R, false),
		partner: events.findIndex((e) => e.rmw === index),
		sources: writes.filter(
			(w) =>
				!writesAfter.includes(w) &&
				mayRead(structure, index, w) &&
				valuePossible(structure, index, w),
		),
	};
}

/** What lock.cat says about who reads from whom; other reads may take any write. */
function mayRead({ events }: EventStructure, index: number, write: number): boolean {
	const event = events[index] as PlacedEvent;
	const w = events[write] as PlacedEvent;
	if ((event.tags & (tag.LKR | tag.RU)) !== 0) return (w.tags & (tag.IW | tag.UL)) !== 0;
	if ((event.tags & tag.LF) === 0) return true;
	if ((w.tags & tag.LKW) === 0) return false;
	const holder = lockHeldAt(events, index);
	return holder === null ? w.thread !== event.thread : holder === write;
}

/** The lock write whose critical section of the same thread the event is in, or null. */
function lockHeldAt(events: readonly PlacedEvent[], index: number): number | null {
	const event = events[index] as PlacedEvent;
	for (let i = index - 1; i >= 0; i--) {
		const e = events[i] as PlacedEvent;
		if (e.thread !== event.thread || e.location !== event.location) continue;
		if ((e.tags & tag.UL) !== 0) return null;
		if ((e.tags & tag.LKW) !== 0) return i;
	}
	return null;
}

function valuePossible(structure: EventStructure, index: number, write: number): boolean {
	const { placed, runs, events } = structure;
	const { thread } = events[index] as PlacedEvent;
	const wanted = runs[thread]?.possible.get(placed[thread]?.indexOf(index) ?? -1) ?? null;
	if (wanted === null) return true;
	const w = events[write] as PlacedEvent;
	const possible = runs[w.thread]?.possible ?? new Map<number, null>();
	const values = possibleValues(w.value ?? 0, possible);
	return values === null || values.some((v) => wanted.has(v));
}
