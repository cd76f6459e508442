/**
 * What there is to say of a file's directives while they run: notes about the file's own, doubts about what stands behind them, headers that
 * are not there.
 */
import type { Doubt, Missing, UnitNote } from './translation_unit.js';

const notesMax = 1000;
const openDoubtsMax = 100;

export interface Remarked {
	readonly notes: readonly UnitNote[];
	readonly doubts: readonly Doubt[];
	readonly missing: readonly Missing[];
}

export class Remarks {
	readonly #path: string;
	readonly #notes: UnitNote[];
	readonly #doubts: Doubt[];
	readonly #missing: Missing[];
	/** Doubts about all that follows. */
	#open = 0;

	/** Of the file at `path`, going on from what was said before. */
	constructor(path: string, from: Remarked | null) {
		this.#path = path;
		this.#notes = [...(from?.notes ?? [])];
		this.#doubts = [...(from?.doubts ?? [])];
		this.#missing = [...(from?.missing ?? [])];
	}

	get all(): Remarked {
		return { notes: this.#notes, doubts: this.#doubts, missing: this.#missing };
	}

	/** Said of the file's own directives only. */
	note(
		kind: UnitNote['kind'],
		message: string,
		at: { readonly path: string; readonly offset: number },
	): void {
		if (at.path === this.#path && this.#notes.length < notesMax)
			this.#notes.push({ kind, message, ...at });
	}

	/** From `start` on, what a name means is a guess. */
	doubtFrom(start: number, why: string): void {
		// the first covers all that could follow
		if (++this.#open > openDoubtsMax) return;
		this.#doubts.push({ start, end: Number.POSITIVE_INFINITY, why });
	}

	doubtWithin(doubt: Doubt): void {
		this.#doubts.push(doubt);
	}

	missing(header: Missing): void {
		this.#missing.push(header);
		this.note('missing', header.message, header);
	}
}
