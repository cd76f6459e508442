/**
 * Whether the tree's own definitions of racewalk's primitives, and of what these are made of in headers, are ones that a published kernel
 * has; which they are is a list of keys (`primitives/known.txt`, made by `npm run known`). Racewalk's primitive stands for any other, too,
 * and every verdict names it.
 *
 * Model: a definition that is known is taken to do what the primitive does, also where it comes from another generation than what is around it.
 */
import { createHash } from 'node:crypto';
import { type HeaderIndex, headerIndex, type IndexedDefinition } from '../syntax/header_index.js';
import { headerOf } from '../syntax/preprocess/header_text.js';
import type { TranslationUnit } from '../syntax/preprocess/translation_unit.js';
import { isMadeHeader } from '../tree/generated_headers.js';
import { declarationWords, itemWords } from './primitive_names.js';
import type { Strange } from './strange.js';

/** The list, from the repository's root. */
export const KNOWN_FILE = 'server/lower/primitives/known.txt';
/** Characters of a key: 84 bits, which nobody finds another text for. */
const KEY = 14;

export function keyOf(form: string): string {
	return createHash('sha256').update(form).digest('base64url').slice(0, KEY);
}

export function keysIn(list: string): readonly string[] {
	return list.match(/[\w-]{14}/g) ?? [];
}

/** Whether an item that a macro makes may define the name. */
export function makes({ given }: Pick<IndexedDefinition, 'given'>, name: string): boolean {
	return given.some((word) => word.length > 2 && name.includes(word));
}

interface Placed {
	readonly path: string;
	readonly text: string;
	readonly definition: IndexedDefinition;
}

/** Of the last headers that were compared: an edit of the checked file changes none of them. */
const recent: { readonly headers: readonly Indexed[]; readonly comparison: Comparison }[] = [];
const recentMax = 6;

interface Comparison {
	/** What the names are made of and is not known, themselves included. */
	strangeOf(names: Iterable<string>): readonly Strange[];
}

export interface Comparing {
	/** The keys of the list, which is always the same. */
	readonly known: ReadonlySet<string>;
	/** Only headers that were compared before are. */
	readonly isKnown: boolean;
	/** Throws once the budget is over. */
	spend(): void;
}

/** What the names are made of in headers and no known kernel has; null: it was not compared. */
export function strangeIn(
	unit: Pick<TranslationUnit, 'headers' | 'readings'>,
	names: Iterable<string>,
	comparing: Comparing,
): readonly Strange[] | null {
	const headers = indexed(unit, comparing);
	if (headers === null) return null;
	let found = recent.find(
		(each) =>
			each.headers.length === headers.length &&
			each.headers.every(({ index }, i) => index === headers[i]?.index),
	);
	if (found === undefined) {
		if (comparing.isKnown) return null;
		found = { headers, comparison: compared(headers, comparing.known) };
		if (recent.length >= recentMax) recent.shift();
		recent.push(found);
	}
	return found.comparison.strangeOf(names);
}

function compared(headers: readonly Indexed[], known: ReadonlySet<string>): Comparison {
	const { byName, items } = merged(headers);
	/** A definition of the name that is not known; else names that headers define in what defines it. */
	const lookedAt = remembered((name: string) => {
		const found = byName.get(name) ?? items.filter(({ definition }) => makes(definition, name));
		const strange = found.find(({ definition }) => !isKnown(definition, known)) ?? null;
		const words = strange === null ? found.flatMap(({ definition }) => definition.words()) : [];
		return { strange, parts: [...new Set(words)].filter((word) => byName.has(word)) };
	});
	return {
		strangeOf(asked) {
			const found: Strange[] = [];
			const roots = new Set(asked);
			const seen = new Set<string>();
			for (const of of roots) {
				const open = [of];
				for (let name = open.pop(); name !== undefined; name = open.pop()) {
					if (seen.has(name)) continue;
					seen.add(name);
					const { strange, parts } = lookedAt(name);
					if (strange !== null) found.push(placed(strange, roots.has(name) ? name : of));
					open.push(...parts);
				}
			}
			return found;
		},
	};
}

function placed({ path, text, definition: { name, start } }: Placed, of: string): Strange {
	return { name, path, line: text.slice(0, start).split('\n').length, of };
}

function remembered<T>(make: (name: string) => T): (name: string) => T {
	const known = new Map<string, T>();
	return (name) => {
		const before = known.get(name);
		if (before !== undefined) return before;
		const made = make(name);
		known.set(name, made);
		return made;
	};
}

const keys = new WeakMap<IndexedDefinition, string>();

function isKnown(definition: IndexedDefinition, known: ReadonlySet<string>): boolean {
	let key = keys.get(definition);
	if (key === undefined) {
		key = keyOf(definition.form());
		keys.set(definition, key);
	}
	return known.has(key);
}

interface Indexed {
	readonly path: string;
	readonly text: string;
	readonly index: HeaderIndex;
}

/** `isKnown`: null where one of them was not indexed before. */
function indexed(
	unit: Pick<TranslationUnit, 'headers' | 'readings'>,
	{ isKnown, spend }: Pick<Comparing, 'isKnown' | 'spend'>,
): readonly Indexed[] | null {
	const found: Indexed[] = [];
	for (const { path, text } of unit.headers()) {
		if (isMadeHeader(path)) continue;
		spend();
		const actives = unit.readings(path).map((reading) => reading.text);
		const index =
			indexBefore(path, text, actives) ?? (isKnown ? null : indexOf(path, text, actives));
		if (index === null) return null;
		found.push({ path, text, index });
	}
	return found;
}

function merged(headers: readonly Indexed[]): {
	readonly byName: ReadonlyMap<string, readonly Placed[]>;
	readonly items: readonly Placed[];
} {
	const byName = new Map<string, Placed[]>();
	const items: Placed[] = [];
	for (const { path, text, index } of headers) {
		for (const [name, found] of index.definitions) {
			// what they may be is decided in kept.ts
			if (declarationWords.has(name) || itemWords.has(name)) continue;
			const placed = found.map((definition) => ({ path, text, definition }));
			const before = byName.get(name);
			if (before === undefined) byName.set(name, placed);
			else before.push(...placed);
		}
		for (const definition of index.items) items.push({ path, text, definition });
	}
	return { byName, items };
}

/** Headers change seldom: by path, with the text and what was active of it each time. */
const indexes = new Map<
	string,
	{ readonly text: string; readonly actives: readonly string[]; readonly index: HeaderIndex }
>();
const indexesMax = 4000;

function indexBefore(path: string, text: string, actives: readonly string[]): HeaderIndex | null {
	const before = indexes.get(`${path}\n${actives.length}`);
	const isSame =
		before?.text === text && before.actives.every((active, i) => active === actives[i]);
	return before !== undefined && isSame ? before.index : null;
}

function indexOf(path: string, text: string, actives: readonly string[]): HeaderIndex {
	const index = headerIndex(path, { text, lines: headerOf(path, text).lines }, actives);
	if (indexes.size >= indexesMax) indexes.clear();
	indexes.set(`${path}\n${actives.length}`, { text, actives, index });
	return index;
}
