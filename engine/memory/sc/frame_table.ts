/**
 * All suspended frames of an automaton table, each once.
 *
 * Layout of an interned frame: parent | function | pc | base | rounds per loop | value, source per live register.
 */
import { VectorTable } from '../../base/vectors.js';
import type { FunctionIndex } from '../../program/op.js';
import type { Frame, Stack } from '../thread/frame.js';
import type { LinkedFunction, LinkedOp } from '../thread/link.js';

/** What a frame is made of: registers are read from `values` and `sources` at `at` + register. */
export interface FrameContent {
	readonly parent: Frame | null;
	readonly fn: LinkedFunction;
	readonly pc: number;
	readonly rounds: readonly number[];
	readonly base: number;
}

export class FrameTable {
	/** Set when a frame was found that had made fewer rounds, and was otherwise the same. */
	lowered = false;
	private readonly table = new VectorTable();
	private readonly frames: Frame[] = [];
	private words = new Float64Array(256);

	/** The frame with this content and these registers. */
	frame(
		content: FrameContent,
		live: readonly number[],
		registers: {
			readonly values: ArrayLike<number>;
			readonly sources: ArrayLike<number>;
			readonly at: number;
		},
	): Frame {
		const { parent, fn, pc, rounds, base } = content;
		const length = 4 + rounds.length + 2 * live.length;
		if (length > this.words.length) this.words = new Float64Array(2 * length);
		const { words } = this;
		const { values, sources, at } = registers;
		words[0] = parent === null ? -1 : parent.id;
		words[1] = fn.index;
		words[2] = pc;
		words[3] = base;
		let n = 4;
		let counting = false;
		for (let i = 0; i < rounds.length; i++) {
			const count = rounds[i] as number;
			words[n++] = count;
			if (count > 0) counting = true;
		}
		for (let i = 0; i < live.length; i++) {
			const register = at + (live[i] as number);
			words[n++] = values[register] as number;
			words[n++] = sources[register] as number;
		}
		if (counting) this.lower(rounds.length, length);
		const id = this.table.intern(words, length);
		return this.frames[id] ?? this.add(id, content, live);
	}

	/** The frame and those below without the freedom to re-load from `address` (null: from anywhere). */
	unmarked(frame: Frame, address: number | null): Frame {
		if (!frame.marked) return frame;
		const parent = frame.parent === null ? null : this.unmarked(frame.parent, address);
		const values: number[] = [];
		const sources: number[] = [];
		frame.live.forEach((register, i) => {
			const source = frame.sources[i] as number;
			const taken = source < 0 && (address === null || source === -address);
			values[register] = frame.values[i] as number;
			sources[register] = taken ? -source : source;
		});
		const { fn, pc, rounds, base } = frame;
		return this.frame({ parent, fn, pc, rounds, base }, frame.live, { values, sources, at: 0 });
	}

	/**
	 * Takes back the count of rounds after which the frame in `words` is as it was. Rounds bound the search and mean nothing
	 * else, so a frame with fewer of them does the same.
	 */
	private lower(loops: number, length: number): void {
		const { words } = this;
		for (let i = 4; i < 4 + loops; i++) {
			while ((words[i] as number) > 0) {
				words[i] = (words[i] as number) - 1;
				if (this.table.find(words, length) < 0) {
					words[i] = (words[i] as number) + 1;
					break;
				}
				this.lowered = true;
			}
		}
	}

	/** Makes the frame object of what stands in `words`. */
	private add(id: number, content: FrameContent, live: readonly number[]): Frame {
		const { parent, fn, pc, base } = content;
		const values: number[] = [];
		const sources: number[] = [];
		let marked = parent?.marked ?? false;
		let n = 4 + content.rounds.length;
		for (let i = 0; i < live.length; i++) {
			values.push(this.words[n++] as number);
			const source = this.words[n++] as number;
			sources.push(source);
			if (source < 0) marked = true;
		}
		const { site } = fn.ops[pc] as LinkedOp;
		const stack: Stack = {
			function: fn.index as FunctionIndex,
			site,
			parent: parent === null ? null : parent.stack,
		};
		const depth = parent === null ? 1 : parent.depth + 1;
		const rounds = Array.from(content.rounds, (_, i) => this.words[4 + i] as number);
		const frame = { id, parent, fn, pc, live, values, sources, rounds, base, depth, marked, stack };
		this.frames[id] = frame;
		return frame;
	}
}
