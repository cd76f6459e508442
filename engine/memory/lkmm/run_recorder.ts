/**
 * What a run through a thread leaves behind while it is made: its events with their dependencies, what must hold for
 * the run to be taken, and the choices that led here.
 *
 * Invariant: with the same list of choices the same calls give the same run.
 */

import { DecidedValues } from './decided_values.js';
import type { Event, Wait } from './event.js';
import * as tag from './event.js';
import {
	type Blockage,
	type LitmusProgram,
	type LitmusSite,
	type LocationIndex,
	locationAddress,
	locationAt,
} from './litmus_program.js';
import { collectReads, evaluate, negate, operate, type SymbolicValue } from './value.js';

/** What each location may hold, by index; null: anything. */
export type Contents = readonly (ReadonlySet<number> | null)[];

/** A value with the reads it depends on by the program's text (also where the value cancels them out). */
export interface Dependent {
	readonly value: SymbolicValue;
	readonly deps: readonly number[];
}

export const NO_DEPS: readonly number[] = [];
/** A spinlock that is taken. */
const HELD: Blockage = { operator: '==', value: 1 };
export const ZERO: Dependent = { value: 0, deps: NO_DEPS };

/**
 * Thrown to give up a run; caught where the run was begun. With a reason, the run is not one that no execution takes but
 * one that cannot be followed.
 */
export class Abandoned extends Error {
	readonly reason: string | null;

	constructor(reason: string | null = null) {
		super();
		this.reason = reason;
	}
}

/** Events of an execution: its relations are matrices of that size, of which a search keeps several per decision. */
export const EVENTS_MAX = 512;

/** Thrown where a run ends waiting for a lock. */
export class Blocked extends Error {
	readonly wait: Wait;

	constructor(wait: Wait) {
		super();
		this.wait = wait;
	}
}

export interface RecorderOptions {
	/** Choices to make first. */
	readonly path: readonly number[];
	/** Whether a lock may be waited for for ever. */
	readonly blocking: boolean;
	/** False where no execution has what was recorded at a location so far; asked before a choice. */
	readonly allows?: (
		recorded: Pick<RunRecorder, 'events' | 'possible'>,
		location: LocationIndex,
	) => boolean;
}

export class RunRecorder {
	/** Lists of choices that lead to the runs left aside here. */
	readonly forks: number[][] = [];
	readonly events: Event[] = [];
	readonly constraints: SymbolicValue[] = [];
	/** What each read may take, given the constraints so far; null: anything. */
	readonly possible = new Map<number, ReadonlySet<number> | null>();
	/** Reads that decided that what comes next is executed at all. */
	ctrl: readonly number[] = NO_DEPS;
	readonly #program: LitmusProgram;
	readonly #contents: Contents;
	readonly #path: readonly number[];
	readonly #blocking: boolean;
	readonly #allows: NonNullable<RecorderOptions['allows']> | null;
	readonly #choices: number[] = [];
	readonly #facts = new DecidedValues();
	#taken = 0;

	constructor(program: LitmusProgram, contents: Contents, options: RecorderOptions) {
		this.#program = program;
		this.#contents = contents;
		this.#path = options.path;
		this.#blocking = options.blocking;
		this.#allows = options.allows ?? null;
	}

	/** One of `alternatives`: the recorded one, or the first, leaving the others as forks. */
	choose(alternatives: number): number {
		const at = this.#taken++;
		const recorded = this.#path[at];
		const chosen = recorded ?? 0;
		if (recorded === undefined) {
			if (!this.isAllowed()) throw new Abandoned();
			for (let i = alternatives - 1; i > 0; i--) this.forks.push([...this.#choices, i]);
		}
		this.#choices.push(chosen);
		return chosen;
	}

	/** Whether an execution may have what was recorded at the last location. */
	isAllowed(): boolean {
		const allows = this.#allows;
		const last = this.events.findLast((e) => e.location !== null)?.location ?? null;
		return allows === null || last === null || allows(this, last);
	}

	/** Requires a value to be non-zero; abandons the run when it cannot be. */
	require(value: SymbolicValue): void {
		if (value === 0) throw new Abandoned();
		if (typeof value === 'number') return;
		const known = this.#facts.known(value);
		if (known === true) return;
		if (known === false) throw new Abandoned();
		this.#facts.add(value);
		this.constraints.push(value);
		const only = singleRead(value);
		const possible = only === null ? null : this.possible.get(only);
		if (only === null || possible === null || possible === undefined) return;
		const kept = new Set([...possible].filter((v) => evaluate(value, () => v) !== 0));
		if (kept.size === 0) throw new Abandoned();
		this.possible.set(only, kept);
	}

	/** True or false, by value if it is known, else by a fork. */
	decide(value: SymbolicValue): boolean {
		const known = this.#facts.known(value);
		if (known !== null) return known;
		const only = singleRead(value);
		const possible = only === null ? null : (this.possible.get(only) ?? null);
		let canBeTrue = true;
		let canBeFalse = true;
		if (possible !== null) {
			const outcomes = new Set([...possible].map((v) => evaluate(value, () => v) !== 0));
			canBeTrue = outcomes.has(true);
			canBeFalse = outcomes.has(false);
		}
		const truth = canBeTrue && canBeFalse ? this.choose(2) === 0 : canBeTrue;
		this.require(truth ? value : negate('!', value));
		return truth;
	}

	/** Where runs that wait for ever are wanted, also those that wait here. */
	mayBlock(address: Dependent, blocked: Blockage, site: LitmusSite): void {
		if (this.#blocking && this.choose(2) === 1)
			throw new Blocked({ location: this.resolve(address.value, site), blocked });
	}

	lock(address: Dependent, site: LitmusSite): void {
		this.mayBlock(address, HELD, site);
		this.read(tag.R | tag.LKR, address, site);
		const rmw = this.events.length - 1;
		this.access(tag.W | tag.LKW, address, site, { value: { value: 1, deps: NO_DEPS }, rmw });
	}

	read(tags: number, address: Dependent, site: LitmusSite): Dependent {
		const index = this.access(tags, address, site, {});
		const location = (this.events[index] as Event).location as LocationIndex;
		this.possible.set(index, this.#contents[location] ?? null);
		return { value: { read: index }, deps: [index] };
	}

	access(
		tags: number,
		address: Dependent,
		site: LitmusSite,
		write: { readonly value?: Dependent; readonly rmw?: number },
	): number {
		return this.emit({
			tags,
			location: this.resolve(address.value, site),
			value: write.value?.value ?? null,
			rmw: write.rmw ?? null,
			addr: address.deps,
			data: write.value?.deps ?? NO_DEPS,
			site,
		});
	}

	fence(fence: Event['fence'], implied: boolean, site: LitmusSite): void {
		this.emit({ tags: 0, fence, implied, site });
	}

	emit(event: Partial<Event> & { readonly tags: number; readonly site: LitmusSite }): number {
		if (this.events.length >= EVENTS_MAX)
			throw new Abandoned(`more than ${EVENTS_MAX} events in one thread`);
		this.events.push({
			location: null,
			value: null,
			fence: null,
			implied: false,
			rmw: null,
			addr: NO_DEPS,
			data: NO_DEPS,
			ctrl: this.ctrl,
			...event,
		});
		return this.events.length - 1;
	}

	/** The location an address is of; forks over those it can be when a read decides. */
	resolve(address: SymbolicValue, site: LitmusSite): LocationIndex {
		if (typeof address === 'number') {
			const location = locationAt(this.#program, address);
			if (location === null) {
				throw new Abandoned(
					`line ${site.line} accesses ${address}, which is no location's address`,
				);
			}
			return location;
		}
		const only = singleRead(address);
		const possible = only === null ? null : (this.possible.get(only) ?? null);
		let candidates: number[] = this.#program.locations.map((_, i) => i);
		if (possible !== null) {
			const reachable = new Set([...possible].map((v) => evaluate(address, () => v) as number));
			candidates = candidates.filter((i) => reachable.has(locationAddress(i as LocationIndex)));
		}
		if (candidates.length === 0) throw new Abandoned();
		const chosen = candidates[
			candidates.length === 1 ? 0 : this.choose(candidates.length)
		] as LocationIndex;
		this.require(operate('==', address, locationAddress(chosen)));
		return chosen;
	}
}

/** The read a value depends on when it is exactly one, else null. */
function singleRead(value: SymbolicValue): number | null {
	const reads = new Set<number>();
	collectReads(value, reads);
	if (reads.size !== 1) return null;
	for (const read of reads) return read;
	return null;
}

/** The union of two lists of reads. */
export function join(a: readonly number[], b: readonly number[]): readonly number[] {
	if (b.length === 0) return a;
	if (a.length === 0) return b;
	return [...new Set([...a, ...b])];
}
