/**
 * What was worked out, kept by the content that it was worked out from: the one store of the analysis and its one way to make
 * keys. A key is made from everything that is given, whatever fields it has, so that none can be forgotten.
 *
 * Invariant: never more than `entriesMax` results; the least recently used one goes first.
 */
import { createHash } from 'node:crypto';

export interface ContentStore<T> {
	get(key: string): T | undefined;
	set(key: string, value: T): void;
}

export function contentStore<T>(options: { readonly entriesMax: number }): ContentStore<T> {
	const entries = new Map<string, T>();
	return {
		get(key) {
			const found = entries.get(key);
			if (found !== undefined) {
				entries.delete(key);
				entries.set(key, found);
			}
			return found;
		},
		set(key, value) {
			entries.delete(key);
			entries.set(key, value);
			for (const oldest of entries.keys()) {
				if (entries.size <= options.entriesMax) break;
				entries.delete(oldest);
			}
		},
	};
}

/** One key for equal contents: fields and sets in any order, maps too; what has another prototype is told by its fields. */
export function contentKey(content: unknown): string {
	return createHash('sha256').update(JSON.stringify(content, inOrder)).digest('base64');
}

/** What is data and no more: `JSON.stringify` writes all of it. */
export type Plain<T> = T extends string | number | boolean | null | undefined
	? T
	: T extends ReadonlySet<unknown> | ReadonlyMap<unknown, unknown> | ((...args: never[]) => unknown)
		? never
		: { readonly [K in keyof T]: Plain<T[K]> };

/**
 * A key of data whose fields stand in the order in which it was made: much of it is written much faster so. Equal contents
 * made by other code may have another key, different ones never have one.
 */
export function plainKey<T>(content: T & Plain<T>): string {
	return createHash('sha256').update(JSON.stringify(content)).digest('base64');
}

function inOrder(_: string, value: unknown): unknown {
	if (value instanceof Set) return { set: [...value].map((v) => JSON.stringify(v)).sort() };
	if (value instanceof Map)
		return { map: [...value].map(([k, v]) => JSON.stringify([k, v], inOrder)).sort() };
	if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
	return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
