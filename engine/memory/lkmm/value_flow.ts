/**
 * Values of reads and writes while reads-from is being decided: they flow along rf and through the expressions of each
 * thread's run as soon as what they rest on is known, and are forgotten in reverse order.
 *
 * Invariant: a known value is right for every completion of the branch.
 */
import * as tag from './event.js';
import type { EventStructure, PlacedEvent } from './structure.js';
import { SYMBOLIC_BASE } from './symbolic.js';
import { collectReads, evaluate, type SymbolicValue } from './value.js';

interface Constraint {
	readonly value: SymbolicValue;
	readonly thread: number;
}

export class ValueFlow {
	/** By event; null: not known. */
	readonly values: (number | null)[];
	readonly #structure: EventStructure;
	/** By read: the writes whose value and the constraints whose truth depend on it. */
	readonly #dependents: number[][];
	readonly #constraints: Constraint[][];
	/** By read: the write it takes, or -1. */
	readonly #source: Int32Array;
	readonly #trail: number[] = [];

	constructor(structure: EventStructure, source: Int32Array) {
		this.#structure = structure;
		this.#source = source;
		const { events, runs } = structure;
		this.values = events.map((e) => (typeof e.value === 'number' ? e.value : null));
		this.#dependents = events.map(() => []);
		this.#constraints = events.map(() => []);
		events.forEach((e, i) => {
			if ((e.tags & tag.W) === 0) return;
			for (const read of this.#readsOf(e.value ?? 0, e.thread)) this.#dependents[read]?.push(i);
		});
		runs.forEach((run, thread) => {
			for (const value of run.constraints) {
				for (const read of this.#readsOf(value, thread)) {
					this.#constraints[read]?.push({ value, thread });
				}
			}
		});
	}

	/** A point to return to. */
	mark(): number {
		return this.#trail.length;
	}

	undo(mark: number): void {
		while (this.#trail.length > mark) this.values[this.#trail.pop() as number] = null;
	}

	/** Value of an expression of a thread, or null. */
	evaluate(value: SymbolicValue, thread: number): number | null {
		const placed = this.#structure.placed[thread];
		return evaluate(value, (read) => this.values[placed?.[read] as number] ?? null);
	}

	/** Records the value of a read and what follows from it; false when a constraint fails. */
	learn(read: number, value: number): boolean {
		if (this.values[read] !== null) return true;
		this.values[read] = value;
		this.#trail.push(read);
		for (const c of this.#constraints[read] ?? []) {
			if (this.evaluate(c.value, c.thread) === 0) return false;
		}
		for (const write of this.#dependents[read] ?? []) {
			if (this.values[write] !== null) continue;
			const e = this.#structure.events[write] as PlacedEvent;
			const stored = this.evaluate(e.value ?? 0, e.thread);
			if (stored === null) continue;
			this.values[write] = stored;
			this.#trail.push(write);
			for (let reader = 0; reader < this.#source.length; reader++) {
				if (this.#source[reader] === write && !this.learn(reader, stored)) return false;
			}
		}
		return true;
	}

	/**
	 * Gives symbolic values to what is left without one: cycles of copies, from which others may copy. False when a value
	 * is cyclic otherwise, or when more than copying rests on it, which no execution has (herd7 has none either).
	 */
	settle(): boolean {
		let isSymbolic = false;
		for (let event = 0; event < this.values.length; event++) {
			if (this.values[event] !== null || (this.#source[event] as number) < 0) continue;
			const round = this.#copiedRound(event);
			if (round === null || !this.learn(round, SYMBOLIC_BASE + round)) return false;
			// What led into the cycle took its value from there.
			if (this.values[event] === null) return false;
			isSymbolic = true;
		}
		return !isSymbolic || this.#isOnlyCopied();
	}

	/** Whether symbolic values are copied and no more: nothing is computed of them and nothing decided by them. */
	#isOnlyCopied(): boolean {
		const { events, runs } = this.#structure;
		const isSymbolic = (read: number): boolean => (this.values[read] ?? 0) >= SYMBOLIC_BASE;
		for (let read = 0; read < events.length; read++) {
			if (((events[read] as PlacedEvent).tags & tag.R) === 0 || !isSymbolic(read)) continue;
			if ((this.#constraints[read]?.length ?? 0) > 0) return false;
			if (this.#dependents[read]?.some((w) => isComputed(events[w]?.value ?? 0))) return false;
		}
		return !runs.some((run, thread) =>
			[...run.registers.values()].some(
				(value) => isComputed(value) && this.#readsOf(value, thread).some(isSymbolic),
			),
		);
	}

	/** The cycle of copies that a read takes its value from, as one of its reads; null where there is more than copying. */
	#copiedRound(start: number): number | null {
		const seen = new Set<number>();
		let read = start;
		while (!seen.has(read)) {
			seen.add(read);
			if ((this.#constraints[read]?.length ?? 0) > 0) return null;
			const { value, thread } = this.#structure.events[this.#source[read] as number] as PlacedEvent;
			if (value === null || typeof value === 'number' || !('read' in value)) return null;
			read = this.#structure.placed[thread]?.[value.read] as number;
		}
		return read;
	}

	#readsOf(value: SymbolicValue, thread: number): readonly number[] {
		const reads = new Set<number>();
		collectReads(value, reads);
		const placed = this.#structure.placed[thread];
		return [...reads].map((r) => placed?.[r] as number);
	}
}

/** A value that is neither a number nor what a read took. */
function isComputed(value: SymbolicValue): boolean {
	return typeof value !== 'number' && !('read' in value);
}
