/**
 * The effect of one step while it is being made: reads and writes of cells by index, on top of the memory the step began
 * in, with the footprint recorded as it goes.
 *
 * Invariant: a write of the value a cell already has at the start of the step is a read: it commutes with whatever leaves
 * the cell alone.
 */
import type { CellTable } from './cells.js';

export class Transaction {
	private readonly cells: CellTable;
	private root = 0;
	private serial = 0;
	private readonly readAt: Int32Array;
	private readonly writtenAt: Int32Array;
	private readonly words: Float64Array;
	private read_: number[] = [];
	private written: number[] = [];

	/** `count`: cells in a memory. */
	constructor(cells: CellTable, count: number) {
		this.cells = cells;
		this.readAt = new Int32Array(count);
		this.writtenAt = new Int32Array(count);
		this.words = new Float64Array(count);
	}

	/** Starts over in memory `root` with an empty footprint. */
	begin(root: number): void {
		this.root = root;
		this.serial++;
		this.read_ = [];
		this.written = [];
	}

	/** Word of cell `index` as this step sees it. */
	read(index: number): number {
		if (this.writtenAt[index] === this.serial) return this.words[index] as number;
		if (this.readAt[index] !== this.serial) {
			this.readAt[index] = this.serial;
			this.read_.push(index);
		}
		return this.cells.read(this.root, index);
	}

	write(index: number, word: number): void {
		if (this.writtenAt[index] !== this.serial) {
			this.writtenAt[index] = this.serial;
			this.written.push(index);
		}
		this.words[index] = word + 0;
	}

	/** Memory after the step, and what it touched. */
	commit(): {
		readonly root: number;
		readonly reads: readonly number[];
		readonly writes: readonly number[];
	} {
		const reads = this.read_;
		const writes: number[] = [];
		for (const index of this.written) {
			if (this.words[index] !== this.cells.read(this.root, index)) writes.push(index);
			else if (this.readAt[index] !== this.serial) reads.push(index);
		}
		const root = writes.length === 0 ? this.root : this.cells.write(this.root, writes, this.words);
		return { root, reads, writes };
	}
}
