/**
 * What a file may define and may not: names that stand in a conditional whose condition was not read, or in a definition that
 * has such a conditional in it. All arms count.
 */
import { namesIn, outline } from './outline.js';
import { blank } from './preprocess/logical_lines.js';
import type { Source } from './source.js';

const known = new WeakMap<Source, ReadonlyMap<string, string>>();

/** Why it is not known what the file defines by that name; null: it is known. */
export function doubtOf(source: Source, name: string): string | null {
	return knownDoubts(source).get(name) ?? null;
}

/** The names that there is such a doubt of. */
export function doubtedNames(source: Source): Iterable<string> {
	return knownDoubts(source).keys();
}

function knownDoubts(source: Source): ReadonlyMap<string, string> {
	let doubts = known.get(source);
	if (doubts === undefined) {
		doubts = doubtsOf(source);
		known.set(source, doubts);
	}
	return doubts;
}

function doubtsOf({ original, preprocessed, items }: Source): ReadonlyMap<string, string> {
	const found = new Map<string, string>();
	if (preprocessed.guesses.length === 0) return found;
	const plain = original.replace(/^[ \t]*#(?:[^\n]*\\\r?\n)*[^\n]*/gm, blank);
	for (const { start, end, why } of preprocessed.guesses) {
		const add = (name: string): void => {
			if (name !== '' && !found.has(name)) found.set(name, why);
		};
		const within = original.slice(start, end);
		for (const [, name = ''] of within.matchAll(/^[ \t]*#[ \t]*(?:define|undef)[ \t]+(\w+)/gm))
			add(name);
		const code = plain.slice(start, end);
		const around = items.filter((item) => item.start < end && start < item.end);
		for (const [text, list] of [
			[code, outline(code)],
			[plain, around],
		] as const) {
			for (const item of list) {
				add(item.name);
				if (item.broken !== null) for (const name of namesIn(text, item)) add(name);
				const piece = text.slice(item.start, item.end);
				// what stands before an enumerator decides about it
				if (item.kind !== 'function' && /\benum\b/.test(piece))
					for (const [name] of piece.matchAll(/[A-Za-z_]\w*/g)) add(name);
			}
		}
	}
	return found;
}
