/**
 * The effect of one step while it is being made: reads and writes of cells by index, on top of the memory the step began
 * in, with the footprint recorded as it goes.
 *
 * Invariant: a write of the value a cell already has at the start of the step is a read: it commutes with whatever leaves
 * the cell alone.
 */
import type { CellTable } from './cells.js';

/** What one alternative of a step read and changed: `words[n]` is written to cell `writes[n]`. */
export interface Effect {
	readonly reads: readonly number[];
	readonly writes: readonly number[];
	readonly words: readonly number[];
}

export class Transaction {
	private readonly cells: CellTable;
	private root = 0;
	private serial = 0;
	private trailSerial = 0;
	private readonly readAt: Int32Array;
	private readonly writtenAt: Int32Array;
	private readonly trailedAt: Int32Array;
	private readonly words: Float64Array;
	private readList: number[] = [];
	private writeList: number[] = [];
	private trailList: number[] = [];

	/** `count`: cells in a memory. */
	constructor(cells: CellTable, count: number) {
		this.cells = cells;
		this.readAt = new Int32Array(count);
		this.writtenAt = new Int32Array(count);
		this.trailedAt = new Int32Array(count);
		this.words = new Float64Array(count);
	}

	/** Cells whose value at the beginning decided what was done since `begin`, in the order they were first asked for. */
	get trail(): readonly number[] {
		return this.trailList;
	}

	/** Starts over in memory `root`. */
	begin(root: number): void {
		this.root = root;
		this.trailSerial++;
		this.trailList = [];
		this.alternative();
	}

	/** Starts another alternative of the step: its own effect, the same trail. */
	alternative(): void {
		this.serial++;
		this.readList = [];
		this.writeList = [];
	}

	/** Word of cell `index` as this alternative sees it. */
	read(index: number): number {
		if (this.writtenAt[index] === this.serial) return this.words[index] as number;
		if (this.readAt[index] !== this.serial) {
			this.readAt[index] = this.serial;
			this.readList.push(index);
		}
		return this.before(index);
	}

	write(index: number, word: number): void {
		if (this.writtenAt[index] !== this.serial) {
			this.writtenAt[index] = this.serial;
			this.writeList.push(index);
		}
		// Adding 0 makes -0 a 0.
		this.words[index] = word + 0;
	}

	/** What this alternative did. */
	effect(): Effect {
		const reads = this.readList;
		const writes: number[] = [];
		const words: number[] = [];
		for (const index of this.writeList) {
			const word = this.words[index] as number;
			if (word !== this.before(index)) {
				writes.push(index);
				words.push(word);
			} else if (this.readAt[index] !== this.serial) {
				reads.push(index);
			}
		}
		return { reads, writes, words };
	}

	private before(index: number): number {
		if (this.trailedAt[index] !== this.trailSerial) {
			this.trailedAt[index] = this.trailSerial;
			this.trailList.push(index);
		}
		return this.cells.read(this.root, index);
	}
}
