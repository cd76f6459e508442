/** The headers that a file and its headers ask for, and where each is found: another file may stand there, or before it, the next time. */
import type { IncludeFiles, IncludeRequest } from './translation_unit.js';

/** A header that was asked for, and where it was found; null: nowhere. */
export interface Asked {
	readonly include: IncludeRequest;
	readonly at: string | null;
}

export class AskedHeaders {
	readonly #files: IncludeFiles | null;
	readonly #asked = new Map<string, Asked>();

	constructor(files: IncludeFiles | null) {
		this.#files = files;
	}

	resolve(include: IncludeRequest): ReturnType<IncludeFiles['resolve']> {
		const found = this.#files?.resolve(include) ?? null;
		const { path, quoted, from, next } = include;
		// no path of an include has a line end
		const key = `${path}\n${quoted}\n${next}\n${quoted || next ? from : ''}`;
		if (!this.#asked.has(key)) this.#asked.set(key, { include, at: found?.path ?? null });
		return found;
	}

	/** Each question once. */
	all(): readonly Asked[] {
		return [...this.#asked.values()];
	}
}

/** Whether all of them are found where they were. */
export function areWhereTheyWere(asked: readonly Asked[], files: IncludeFiles): boolean {
	return asked.every(({ include, at }) => (files.resolve(include)?.path ?? null) === at);
}
