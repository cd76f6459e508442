/**
 * Functions to list without a verdict, as far as they are not explored (`roles_readers.ts` says which are): those that look without
 * a lock at page-table entries, at the `->mapping` of a folio, at slots of the page cache, or take a reference on what may have been
 * freed. Found on the syntax tree, macros expanded, by types and along control flow; names play no part.
 *
 * A function is left out where the protecting lock is held on every way to each of its loads: taken by itself, given back without
 * having been taken, asserted, or held, for a static function that nobody takes the address of, at every call in the file.
 *
 * Model: a function in which none of the kernel's words for these things occurs, nor a name that the file declares with an entry's type, is not
 * looked into. Loses functions that see entries only through members that headers outside the file name otherwise.
 */
import type { OutlineItem } from '../syntax/outline.js';
import { seenIn } from './look_flow.js';
import type { Look, Seen } from './look_state.js';
import {
	ENTRY_TYPE,
	KINDS,
	type Kind,
	LOCK_CALLS,
	LOCKS_HERE,
	LOOK_HERE,
	type LockCall,
} from './look_words.js';
import type { DefinedFunction, Names, Unit } from './names.js';

/** A function with loads that nothing protects. */
export interface Looker {
	readonly name: string;
	readonly item: OutlineItem;
	/** Offsets in the file, in order; none where the function cannot be read. */
	readonly looks: readonly Look[];
	/** It names the tables of the kernel itself. */
	readonly isOfKernel: boolean;
	/** Why it cannot be read, where it cannot. */
	readonly broken: string | null;
}

/** Rounds in which what callers hold may grow. */
const roundsMax = 8;
/** The functions of the file that look without a lock, in its order. */
export function lookersOf(file: Unit, names: Names): readonly Looker[] {
	return new File(file, names).lookers();
}

class File {
	private readonly file: Unit;
	private readonly names: Names;
	private readonly definitions = new Map<string, DefinedFunction>();
	private readonly locks = new Map<string, LockCall | null>();
	private readonly seen = new Map<string, Seen>();
	/** Names that the file declares with an entry's type. */
	private readonly typed: ReadonlySet<string>;

	constructor(file: Unit, names: Names) {
		this.file = file;
		this.names = names;
		this.typed = namesWithEntries(file);
	}

	lookers(): readonly Looker[] {
		const { functions } = this.file.source;
		const broken: Looker[] = [];
		for (const [name, [item]] of functions) {
			if (item === undefined || !this.isWorthIt(item)) continue;
			const definition = this.names.value(name, this.file, 'without-macros');
			if (definition?.kind === 'function') this.definitions.set(name, definition);
			else if (definition?.kind === 'broken')
				broken.push({ name, item, looks: [], isOfKernel: false, broken: definition.reason });
		}
		for (const name of this.definitions.keys()) this.goThrough(name, []);
		this.spread();
		const found = [...this.definitions].flatMap(([name, definition]): readonly Looker[] => {
			const seen = this.seen.get(name);
			if (seen === undefined || seen.looks.length === 0) return [];
			const { item } = definition;
			const looks = seen.looks.map((look) => ({ ...look, ...placeIn(definition, look) }));
			return [{ name, item, looks, isOfKernel: seen.isOfKernel, broken: null }];
		});
		return [...found, ...broken].sort((a, b) => a.item.start - b.item.start);
	}

	private isWorthIt(item: OutlineItem): boolean {
		const text = this.textOf(item);
		if (LOOK_HERE.test(text)) return true;
		if (this.typed.size === 0) return false;
		return [...text.matchAll(/[A-Za-z_]\w*/g)].some(([word]) => this.typed.has(word));
	}

	private textOf(item: OutlineItem): string {
		return this.file.source.piece(item).text;
	}

	private goThrough(name: string, held: readonly Kind[]): void {
		const definition = this.definitions.get(name);
		if (definition === undefined) return;
		const lockOf = (callee: string): LockCall | null => this.lockOf(callee);
		const first = seenIn(definition, this.names, { held, lockOf });
		const asserted = KINDS.filter(
			(kind) => first.exits.length > 0 && first.exits.every((e) => e.asserted.has(kind)),
		);
		const all = [...new Set([...held, ...first.gave, ...asserted])];
		const more = all.length > held.length;
		// who gives back what he never took, or asserts it on every way, was called with it
		this.seen.set(name, more ? seenIn(definition, this.names, { held: all, lockOf }) : first);
	}

	/** What a function of the file does to locks; the kernel's own locks are operations where they are implemented, too. */
	private lockOf(name: string): LockCall | null {
		const known = this.locks.get(name);
		if (known !== undefined) return known;
		// of those that call each other nothing is known
		this.locks.set(name, null);
		const [item] = this.file.source.functions.get(name) ?? [];
		const definition = this.definitions.get(name) ?? this.lockerNamed(name, item);
		const isKernels = item !== undefined && !this.isStatic(item);
		const lockOf = (callee: string): LockCall | null => this.lockOf(callee);
		const own =
			definition === undefined
				? null
				: effectOf(seenIn(definition, this.names, { held: [], lockOf }));
		const made = own ?? (isKernels ? (LOCK_CALLS.get(name) ?? null) : null);
		this.locks.set(name, made);
		return made;
	}

	/** A function that may take or leave a lock. */
	private lockerNamed(name: string, item: OutlineItem | undefined): DefinedFunction | undefined {
		if (item === undefined || !LOCKS_HERE.test(this.textOf(item))) return undefined;
		const found = this.names.value(name, this.file, 'without-macros');
		return found?.kind === 'function' ? found : undefined;
	}

	/** Gives functions what all of their callers hold. */
	private spread(): void {
		const { functions } = this.file.source;
		const covered = new Map<string, number>();
		for (let round = 0; round < roundsMax; round++) {
			const calls = new Map<string, ReadonlySet<Kind>[]>();
			const elsewhere = new Set(this.namedOutside());
			for (const [caller, seen] of this.seen) {
				for (const name of seen.named) elsewhere.add(name);
				for (const { name, held } of seen.calls)
					if (name !== caller) calls.set(name, [...(calls.get(name) ?? []), held]);
			}
			let grew = false;
			for (const [name, sites] of calls) {
				const [item] = functions.get(name) ?? [];
				if (item === undefined || elsewhere.has(name) || !this.isStatic(item)) continue;
				const kinds = KINDS.filter((kind) => sites.every((held) => held.has(kind)));
				if (kinds.length <= (covered.get(name) ?? 0)) continue;
				covered.set(name, kinds.length);
				this.goThrough(name, kinds);
				grew = true;
			}
			if (!grew) return;
		}
	}

	private isStatic(item: OutlineItem): boolean {
		const text = this.textOf(item);
		return /\bstatic\b/.test(text.slice(0, Math.max(0, text.indexOf('{'))));
	}

	/** Functions that are named by what was not gone through: other functions, tables of operations. */
	private *namedOutside(): Generator<string> {
		const { source } = this.file;
		const words = new Set<string>();
		for (const item of source.items) {
			if (item.kind === 'prototype') continue;
			if (item.kind === 'function' && this.seen.has(item.name)) continue;
			for (const [word] of this.textOf(item).matchAll(/[A-Za-z_]\w*/g)) words.add(word);
		}
		for (const name of this.seen.keys()) if (words.has(name)) yield name;
	}
}

/** What a call of a function does to locks, by where it leaves them. */
function effectOf({ exits, gave }: Seen): LockCall | null {
	if (exits.length === 0) return null;
	const at = (kind: Kind, of: Seen['exits']): boolean => of.every(({ held }) => held.has(kind));
	const none = (kind: Kind, of: Seen['exits']): boolean => of.every(({ held }) => !held.has(kind));
	const zero = exits.filter((e) => e.isZero);
	const other = exits.filter((e) => !e.isZero);
	const gives = KINDS.filter((kind) => gave.has(kind) && none(kind, exits));
	if (gives.length > 0) return { kinds: gives, when: 'gives' };
	const always = KINDS.filter((kind) => at(kind, exits));
	if (always.length > 0) return { kinds: always, when: 'always' };
	if (zero.length === 0 || other.length === 0) return null;
	const nonzero = KINDS.filter((kind) => at(kind, other) && none(kind, zero));
	if (nonzero.length > 0) return { kinds: nonzero, when: 'nonzero' };
	const whenZero = KINDS.filter((kind) => at(kind, zero) && none(kind, other));
	return whenZero.length > 0 ? { kinds: whenZero, when: 'zero' } : null;
}

/** Offsets in the file of what stands in a definition's text. */
function placeIn(
	{ item, map }: DefinedFunction,
	{ start, end }: Look,
): { readonly start: number; readonly end: number } {
	const own = map === null ? { start, end } : map.span(start, end);
	return { start: item.start + own.start, end: item.start + own.end };
}

/** What the file declares, members among it, with an entry's type. */
function namesWithEntries({ source }: Unit): ReadonlySet<string> {
	const found = new Set<string>();
	for (const item of source.items) {
		const whole = source.preprocessed.text.slice(item.start, item.end);
		const head =
			item.kind === 'function' ? whole.slice(0, Math.max(0, item.body - item.start)) : whole;
		if (!ENTRY_TYPE.test(head)) continue;
		if (item.kind === 'function' || item.kind === 'prototype') found.add(item.name);
		else
			for (const [word] of head.matchAll(/[A-Za-z_]\w*/g)) if (!KEYWORDS.has(word)) found.add(word);
	}
	return found;
}

const KEYWORDS = new Set([
	...['struct', 'union', 'enum', 'const', 'static', 'extern', 'typedef', 'unsigned', 'signed'],
	...['long', 'int', 'short', 'char', 'void', 'bool', 'volatile', 'inline'],
]);
