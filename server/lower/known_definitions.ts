/**
 * Whether the tree's own definitions of racewalk's primitives, and of what these are made of in headers, are ones that a published kernel
 * has. Racewalk's primitive stands for those that are; which they are is a list of keys (`primitives/known.txt`, made by `npm run known`).
 *
 * Model: a definition that is known is taken to do what the primitive does, also where it comes from another generation than what is around it.
 */
import { createHash } from 'node:crypto';
import { type HeaderIndex, headerIndex, type IndexedDefinition } from '../syntax/header_index.js';
import { headerOf } from '../syntax/preprocess/header_text.js';
import type { TranslationUnit } from '../syntax/preprocess/translation_unit.js';
import { isMadeHeader } from '../tree/generated_headers.js';
import { hasEffect } from './has_effect_of.js';
import { declarationWords, itemWords, type PrimitiveNames } from './primitive_names.js';

/** The list, from the repository's root. */
export const KNOWN_FILE = 'server/lower/primitives/known.txt';
/** Characters of a key: 84 bits, which nobody finds another text for. */
const KEY = 14;

/** A definition that no known kernel has. */
export interface Strange {
	readonly name: string;
	readonly path: string;
	readonly line: number;
}

export interface KnownDefinitions {
	/**
	 * Whether the tree's definition is read as it stands, and racewalk's primitive does not stand for it: it is none that is known, there
	 * is no assembly in what it is made of, and it has to do something or loses what it is given.
	 */
	isRead(name: string): boolean;
	/** What the primitive of that name is made of and is not known, itself included. */
	below(name: string): readonly Strange[];
}

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

/** Nothing is compared. */
export const NOTHING_STRANGE: KnownDefinitions = { isRead: () => false, below: () => [] };

/** What primitives stand for although no known kernel has it, in words. */
export function strangeBelow(
	used: Iterable<string>,
	{ below, isRead }: KnownDefinitions,
): readonly string[] {
	const [own, deeper] = [new Map<string, string>(), new Map<string, string>()];
	for (const name of used)
		for (const { name: what, path, line } of isRead(name) ? [] : below(name)) {
			const place = `${what} (${path}:${line})`;
			if (what === name) own.set(place, place);
			else if (!deeper.has(place)) deeper.set(place, `${place}, of which ${name} is made,`);
		}
	for (const place of own.keys()) deeper.delete(place);
	return [...own.values(), ...deeper.values()].map(
		(what) =>
			`${what} is defined as in no kernel that racewalk knows: taken to do what theirs does`,
	);
}

/** What was found of the last headers that were read: an edit of the checked file changes none of them. */
const recent: {
	readonly headers: readonly Indexed[];
	readonly table: PrimitiveNames;
	readonly made: KnownDefinitions;
}[] = [];
const recentMax = 6;

/** `known`: the keys of the list, which is always the same. */
export function knownDefinitions(
	unit: Pick<TranslationUnit, 'headers' | 'readings'>,
	table: PrimitiveNames,
	known: ReadonlySet<string>,
): KnownDefinitions {
	const headers = indexed(unit);
	const before = recent.find(
		(each) =>
			each.table.isSame(table) &&
			each.headers.length === headers.length &&
			each.headers.every(({ index }, i) => index === headers[i]?.index),
	);
	if (before !== undefined) return before.made;
	const made = compared(headers, table, known);
	if (recent.length >= recentMax) recent.shift();
	recent.push({ headers, table, made });
	return made;
}

function compared(
	headers: readonly Indexed[],
	table: PrimitiveNames,
	known: ReadonlySet<string>,
): KnownDefinitions {
	const index = merged(headers);
	const definitionsOf = (name: string): readonly Placed[] =>
		index.byName.get(name) ?? index.items.filter(({ definition }) => makes(definition, name));
	const strangeOf = (name: string): Placed | undefined =>
		definitionsOf(name).find(({ definition }) => !isKnown(definition, known));
	const wordsIn = (name: string): readonly string[] =>
		definitionsOf(name).flatMap(({ definition }) => [...definition.words()]);
	/** The name and what it is made of, down to other primitives, and which these are. */
	const madeOf = remembered((name: string) => {
		const names = new Set([name]);
		const primitives = new Set<string>();
		let isOpaque = false;
		for (const each of names)
			for (const word of wordsIn(each)) {
				isOpaque ||= OPAQUE.test(word);
				if (word === name || !index.byName.has(word)) continue;
				(table.known.has(word) ? primitives : names).add(word);
			}
		return { names, primitives, isOpaque };
	});
	const asked = new Set<string>();
	const isRead = remembered((name: string): boolean => {
		// a circle is read where something else of it is
		if (!table.known.has(name) || asked.has(name)) return false;
		asked.add(name);
		const { names, primitives, isOpaque } = madeOf(name);
		const strange = [...names].flatMap((each) => strangeOf(each) ?? []);
		const matters =
			(hasEffect(name, table) && strange.length > 0) ||
			strange.some(({ definition }) => definition.losesGiven());
		const found = !isOpaque && (matters || [...primitives].some(isRead));
		asked.delete(name);
		return found;
	});
	const below = remembered((name: string): readonly Strange[] => {
		const names = new Set([name]);
		const found: Strange[] = [];
		for (const each of names) {
			const strange = strangeOf(each);
			if (strange === undefined)
				for (const word of wordsIn(each)) if (index.byName.has(word)) names.add(word);
			if (strange === undefined || isRead(each)) continue;
			if (found.length === FOUND_MAX) break;
			const { path, text, definition } = strange;
			const line = text.slice(0, definition.start).split('\n').length;
			found.push({ name: definition.name, path, line });
		}
		return found;
	});
	return { isRead, below };
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

/** Definitions that are told of one primitive. */
const FOUND_MAX = 20;

const OPAQUE = /^_*(?:asm|volatile)_*$/;

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

function indexed(unit: Pick<TranslationUnit, 'headers' | 'readings'>): readonly Indexed[] {
	return [...unit.headers()]
		.filter(({ path }) => !isMadeHeader(path))
		.map(({ path, text }) => ({ path, text, index: indexOf(path, text, unit) }));
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

function indexOf(path: string, text: string, unit: Pick<TranslationUnit, 'readings'>): HeaderIndex {
	const actives = unit.readings(path).map((reading) => reading.text);
	const key = `${path}\n${actives.length}`;
	const before = indexes.get(key);
	const isSame =
		before?.text === text &&
		before.actives.length === actives.length &&
		before.actives.every((active, i) => active === actives[i]);
	if (before !== undefined && isSame) return before.index;
	const index = headerIndex(path, { text, lines: headerOf(path, text).lines }, actives);
	if (indexes.size >= indexesMax) indexes.clear();
	indexes.set(key, { text, actives, index });
	return index;
}
