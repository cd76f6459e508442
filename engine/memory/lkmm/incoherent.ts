/**
 * Candidates that SC per location or atomicity rule out: every source for every read, every order of writes, whatever
 * program order says. Only explanations want them, when nothing coherent does what is asked.
 */

import type { Execution } from './axioms.js';
import * as tag from './event.js';
import type { LocationIndex } from './litmus_program.js';
import { writesByLocation } from './read_sources.js';
import type { PartialView } from './search.js';
import type { EventStructure, PlacedEvent } from './structure.js';
import { ValueFlow } from './value_flow.js';

/** A candidate with its values, valid during the visit. */
export interface IncoherentView extends PartialView {
	value(event: number): number | null;
}

export interface IncoherentHooks {
	/** False stops. */
	visit(execution: Execution, view: IncoherentView): boolean;
	proceed(): boolean;
}

/** Visits candidates, coherent or not; false when a hook stopped it. */
export function anyCandidates(structure: EventStructure, hooks: IncoherentHooks): boolean {
	return new Candidates(structure, hooks).decide(0);
}

class Candidates {
	readonly #structure: EventStructure;
	readonly #hooks: IncoherentHooks;
	readonly #reads: readonly number[];
	readonly #writes: ReadonlyMap<LocationIndex, readonly number[]>;
	readonly #source: Int32Array;
	readonly #flow: ValueFlow;

	constructor(structure: EventStructure, hooks: IncoherentHooks) {
		this.#structure = structure;
		this.#hooks = hooks;
		this.#reads = structure.events.flatMap((e, i) => ((e.tags & tag.R) === 0 ? [] : [i]));
		this.#writes = writesByLocation(structure);
		this.#source = new Int32Array(structure.events.length).fill(-1);
		this.#flow = new ValueFlow(structure, this.#source);
	}

	decide(at: number): boolean {
		const read = this.#reads[at];
		if (read === undefined) return this.#order([...this.#writes.values()], []);
		const event = this.#structure.events[read] as PlacedEvent;
		for (const write of this.#writes.get(event.location as LocationIndex) ?? []) {
			if (!this.#hooks.proceed()) return false;
			if (!this.#mayTake(event, write)) continue;
			const mark = this.#flow.mark();
			this.#source[read] = write;
			const known = this.#flow.values[write] ?? null;
			const on = known === null || this.#flow.learn(read, known) ? this.decide(at + 1) : true;
			this.#source[read] = -1;
			this.#flow.undo(mark);
			if (!on) return false;
		}
		return true;
	}

	/** lock.cat: who takes a lock reads it unlocked, who fails to reads it locked. */
	#mayTake({ tags }: PlacedEvent, write: number): boolean {
		const from = (this.#structure.events[write] as PlacedEvent).tags;
		if ((tags & (tag.LKR | tag.RU)) !== 0) return (from & (tag.IW | tag.UL)) !== 0;
		return (tags & tag.LF) === 0 || (from & tag.LKW) !== 0;
	}

	/** Every order of the writes of each location, initial ones first. */
	#order(left: readonly (readonly number[])[], ordered: readonly (readonly number[])[]): boolean {
		const [writes, ...rest] = left;
		if (writes === undefined) return this.#emit(ordered);
		const [initial, ...others] = writes;
		for (const order of permutations(others)) {
			if (!this.#hooks.proceed()) return false;
			if (!this.#order(rest, [...ordered, [initial as number, ...order]])) return false;
		}
		return true;
	}

	#emit(orders: readonly (readonly number[])[]): boolean {
		const { space, runs, events } = this.#structure;
		const mark = this.#flow.mark();
		if (this.#flow.values.some((v, i) => v === null && isAccess(events[i])) && !this.#flow.settle())
			return true;
		const rf = space.create();
		for (const read of this.#reads) space.add(rf, this.#source[read] as number, read);
		const co = space.create();
		for (const order of orders) {
			order.forEach((a, i) => {
				for (const b of order.slice(i + 1)) space.add(co, a, b);
			});
		}
		const last = new Map(
			orders.map((order) => [events[order[0] as number]?.location, order.at(-1) as number]),
		);
		const on = this.#hooks.visit(
			{ rf, co },
			{
				register: (thread, name) =>
					this.#flow.evaluate(runs[thread]?.registers.get(name) ?? 0, thread),
				location: (location) => {
					const write = last.get(location);
					return write === undefined ? null : (this.#flow.values[write] ?? null);
				},
				value: (event) => this.#flow.values[event] ?? null,
			},
		);
		this.#flow.undo(mark);
		return on;
	}
}

function isAccess(event: PlacedEvent | undefined): boolean {
	return event !== undefined && (event.tags & (tag.R | tag.W)) !== 0;
}

function* permutations(list: readonly number[]): Generator<readonly number[]> {
	if (list.length < 2) {
		yield list;
		return;
	}
	for (const [i, first] of list.entries()) {
		const others = [...list.slice(0, i), ...list.slice(i + 1)];
		for (const rest of permutations(others)) yield [first, ...rest];
	}
}
