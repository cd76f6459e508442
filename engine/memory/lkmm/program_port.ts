/**
 * What a world's operation does to the run of a thread: its stores, barriers, locks and waiting, as events or in the thread's own
 * memory.
 */
import type { SectionKind } from '../../program/op.js';
import * as tag from './event.js';
import { concrete } from './known_values.js';
import { type LitmusSite, type LocationIndex, locationAddress } from './litmus_program.js';
import type { RmwMemory } from './program_rmw.js';
import type { WorldPort } from './program_run.js';
import type { Wait } from './program_sections.js';
import { NO_DEPS } from './run_recorder.js';
import { operate, type SymbolicValue } from './value.js';

/** The run of a thread, for its world's operations. */
export interface PortThread extends RmwMemory {
	readonly facts: Set<string>;
	readonly waits: Set<Wait>;
	/** Whether the world has a cell at an address. */
	has(address: number): boolean;
	/** What the thread has at an address that is no event's. */
	ownValue(address: number): SymbolicValue;
	touch(address: number, access: 'load' | 'store' | 'rmw'): void;
	/** Notes where an event comes from: the last one, or so many before the end. */
	note(address: number | null, partner?: null, back?: number): void;
	site(): LitmusSite;
	section(kind: SectionKind): number;
}

export class ThreadPort implements WorldPort {
	readonly #thread: PortThread;

	constructor(thread: PortThread) {
		this.#thread = thread;
	}

	get facts(): Set<string> {
		return this.#thread.facts;
	}

	has(address: number): boolean {
		return this.#thread.has(address);
	}

	reset(address: number, value: number): void {
		if (this.#thread.locationOf(address) === null && this.#thread.ownValue(address) === value)
			return;
		this.#thread.touch(address, 'store');
		this.#thread.store(
			tag.W | tag.ONCE,
			{ address, deps: NO_DEPS },
			{ value, deps: NO_DEPS },
			null,
		);
	}

	read(address: number): number {
		this.#thread.touch(address, 'load');
		return concrete(
			this.#thread.recorder,
			this.#thread.load(tag.R | tag.ACQUIRE, { address, deps: NO_DEPS }).value,
		);
	}

	publish(address: number, value: number): void {
		this.#thread.touch(address, 'store');
		const at = { address, deps: NO_DEPS };
		this.#thread.store(tag.W | tag.RELEASE, at, { value, deps: NO_DEPS }, null);
	}

	orderStores(): void {
		this.#thread.recorder.fence('wmb', false, this.#thread.site());
		this.#thread.note(null);
	}

	await(address: number, value: number): void {
		this.#thread.touch(address, 'load');
		const read = this.#thread.load(tag.R | tag.ACQUIRE, { address, deps: NO_DEPS });
		this.#thread.recorder.require(operate('==', read.value, value));
	}

	lock(address: number): void {
		const location = this.#lockable(address);
		if (location === null) return;
		this.#thread.recorder.lock(
			{ value: locationAddress(location), deps: NO_DEPS },
			this.#thread.site(),
		);
		this.#thread.note(address, null, 2);
		this.#thread.note(address);
	}

	unlock(address: number): void {
		const location = this.#lockable(address);
		if (location === null) return;
		const at = { value: locationAddress(location), deps: NO_DEPS };
		this.#thread.recorder.access(tag.W | tag.UL, at, this.#thread.site(), {
			value: { value: 0, deps: NO_DEPS },
		});
		this.#thread.note(address);
	}

	trylock(address: number): boolean {
		const location = this.#lockable(address);
		if (location === null) return true;
		if (this.#thread.recorder.choose(2) === 0) {
			this.lock(address);
			return true;
		}
		const at = { value: locationAddress(location), deps: NO_DEPS };
		const read = this.#thread.recorder.read(tag.R | tag.LF, at, this.#thread.site());
		this.#thread.note(address);
		this.#thread.recorder.require(operate('!=', read.value, 0));
		return false;
	}

	/** The lock's location where others take it too; null: they do not, or the world has no such lock. */
	#lockable(address: number): LocationIndex | null {
		if (!this.has(address)) return null;
		this.#thread.touch(address, 'rmw');
		return this.#thread.locationOf(address);
	}

	waitFor(wait: Wait): void {
		this.#thread.waits.add(wait);
		this.#thread.recorder.emit({ tags: tag.SYNC_RCU, site: this.#thread.site() });
		this.#thread.note(null);
	}

	section(kind: SectionKind): number {
		return this.#thread.section(kind);
	}
}
