/**
 * Decision trees over cells: what a thread at one node does next is decided by the values of a few cells, asked for one
 * after the other. A tree remembers each answer it was taught, so that a step is made once for all states in which those
 * cells agree.
 *
 * Invariant: which cell is asked for next depends only on the answers before. A monitor or an intrinsic that keeps state
 * of its own would break this, and is caught by an assertion where it does.
 */
import { assert } from '../../base/unreachable.js';
import type { CellTable } from './cells.js';

export class Decision<T> {
	/** Cell asked for here; -1 while this is a leaf. */
	private cell = -1;
	/** The arm made first, with its word; others in `arms`. */
	private word = 0;
	private arm: Decision<T> | null = null;
	private arms: Map<number, Decision<T>> | null = null;
	private answer: T | null = null;

	/** What is decided in memory `root`, or null when it has not been taught. */
	find(cells: CellTable, root: number): T | null {
		let at: Decision<T> = this;
		while (at.cell >= 0) {
			const arm = at.armOf(cells.read(root, at.cell));
			if (arm === null) return null;
			at = arm;
		}
		return at.answer;
	}

	/** Teaches the answer for every memory that agrees with `root` on the cells of the trail. */
	teach(cells: CellTable, root: number, trail: readonly number[], answer: T): void {
		let at: Decision<T> = this;
		for (const cell of trail) {
			assert(at.answer === null && (at.cell < 0 || at.cell === cell), 'a step is decided by cells');
			at.cell = cell;
			const word = cells.read(root, cell);
			at = at.armOf(word) ?? at.addArm(word);
		}
		assert(at.cell < 0, 'a step is decided by cells');
		at.answer = answer;
	}

	private armOf(word: number): Decision<T> | null {
		if (this.word === word) return this.arm;
		return this.arms?.get(word) ?? null;
	}

	private addArm(word: number): Decision<T> {
		const arm = new Decision<T>();
		if (this.arm === null) {
			this.word = word;
			this.arm = arm;
		} else {
			this.arms ??= new Map();
			this.arms.set(word, arm);
		}
		return arm;
	}
}
