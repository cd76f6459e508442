/**
 * Sections of a thread as LKMM's RCU read-side sections: which of them are marked follows from what is waited for.
 *
 * Model: an IPI that waits for every CPU is a grace period for sections with interrupts off, and for those only;
 * rcu_read_lock() and preempt_disable() do not hold it up. LKMM has one kind of section, so where a program waits both
 * for an RCU grace period and for such an IPI, a section that is not one with interrupts off is given up.
 */
import type { SectionKind } from '../../program/op.js';
import { changedDepth } from '../thread/sections.js';

/** What a thread waits for: an RCU grace period, or an IPI that every CPU answers. */
export type Wait = 'grace-period' | 'ipi';

/** Whether the section is over or begins for who waits; null: neither. `mixed`: it would be told as what it is not. */
export type SectionMark = 'lock' | 'unlock' | 'mixed' | null;

export class OpenSections {
	readonly #waits: ReadonlySet<Wait>;
	readonly #open: Record<SectionKind, number> = { irq: 0, rcu: 0, preempt: 0 };

	/** `waits`: of all threads. */
	constructor(waits: ReadonlySet<Wait>) {
		this.#waits = waits;
	}

	depth(kind: SectionKind): number {
		return this.#open[kind];
	}

	/** Enters or leaves a section. */
	change(kind: SectionKind, delta: 1 | -1): SectionMark {
		const before = this.#isMarked();
		this.#open[kind] = changedDepth(kind, this.#open[kind], delta);
		const after = this.#isMarked();
		if (this.#waits.size > 1 && this.#any() !== this.#open.irq > 0) return 'mixed';
		if (before === after) return null;
		return after ? 'lock' : 'unlock';
	}

	#any(): boolean {
		return this.#open.irq + this.#open.rcu + this.#open.preempt > 0;
	}

	#isMarked(): boolean {
		return this.#waits.has('ipi') ? this.#open.irq > 0 : this.#any();
	}
}
