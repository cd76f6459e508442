/**
 * The shared cells of all states: a state's memory is one number, the id of a vector of chunk ids. A write copies one
 * chunk and the root, reading copies nothing.
 *
 *     root id → [chunk id, chunk id, …] → 16 words each
 *
 * Invariant: equal memories have equal root ids.
 */
import { VectorTable } from '../../base/vectors.js';

const CHUNK_SHIFT = 4;
const CHUNK = 1 << CHUNK_SHIFT;

export class CellTable {
	private readonly chunks = new VectorTable();
	private readonly roots = new VectorTable();
	private readonly length: number;
	private readonly root: Float64Array;
	private readonly chunk = new Float64Array(CHUNK);

	/** `count`: cells in every memory. */
	constructor(count: number) {
		this.length = (count + CHUNK - 1) >> CHUNK_SHIFT;
		this.root = new Float64Array(this.length);
	}

	/** Root id of the memory holding these words. */
	initial(words: readonly number[]): number {
		for (let c = 0; c < this.length; c++) {
			for (let i = 0; i < CHUNK; i++) this.chunk[i] = words[c * CHUNK + i] ?? 0;
			this.root[c] = this.chunks.intern(this.chunk, CHUNK);
		}
		return this.roots.intern(this.root, this.length);
	}

	/** Word of cell `index` in memory `root`. */
	read(root: number, index: number): number {
		return this.chunks.at(this.roots.at(root, index >> CHUNK_SHIFT), index & (CHUNK - 1));
	}

	/** Root id of memory `root` after writing `words[n]` to cell `indices[n]`, for each n. */
	write(root: number, indices: readonly number[], words: readonly number[]): number {
		this.roots.copy(root, this.root, this.length);
		for (let n = 0; n < indices.length; n++) {
			const c = (indices[n] as number) >> CHUNK_SHIFT;
			this.chunks.copy(this.root[c] as number, this.chunk, CHUNK);
			// Writes of one step are few: those of one chunk are found by looking at all.
			for (let m = n; m < indices.length; m++) {
				const index = indices[m] as number;
				if (index >> CHUNK_SHIFT === c) this.chunk[index & (CHUNK - 1)] = words[m] as number;
			}
			this.root[c] = this.chunks.intern(this.chunk, CHUNK);
		}
		return this.roots.intern(this.root, this.length);
	}
}
