/**
 * What a name means where it stands. The order for text of the walk: defined in the checked file › a primitive › the
 * kernel tree › a body assumed in our own words. A definition that is in the file but cannot be read is `broken`: it
 * never falls through to a definition elsewhere.
 */

import type { Declaration, FunctionDefinition, TypeSpecifier } from '../syntax/ast.js';
import { declaredNames } from '../syntax/declared_names.js';
import { doubtOf } from '../syntax/doubts.js';
import { hiddenTypes, whyHidden } from '../syntax/hidden_types.js';
import type { OutlineItem } from '../syntax/outline.js';
import type { SourceMap } from '../syntax/preprocess/render.js';
import type { Macro } from '../syntax/preprocess.js';
import { movesMembers, refusedAttribute } from '../syntax/refused_attributes.js';
import { declarationsOf, functionOf, type Source } from '../syntax/source.js';
import type { Fact } from '../tree/facts/fact.js';
import { type Abi, modelAbi } from './abi.js';
import {
	insteadIn,
	isExternInline,
	isOwn,
	lacksHeaders,
	onlyElsewhere,
	writtenOf,
} from './in_force.js';
import { ownNames } from './own_names.js';
import { type Meaning, type ReadFile, readOtherwise } from './read_alike.js';
import type { Strange } from './strange.js';

export type Origin = 'walk' | 'primitive' | 'actor';

/** A source and the part it plays. */
export interface Unit {
	readonly source: Source;
	readonly origin: Origin;
	/** Bodies that stand in for a tree. */
	readonly assumed: boolean;
	/** The checked file itself. */
	readonly checked: boolean;
	/** Of a primitive's macro with its user's words in it: where they come from. */
	readonly beside?: Unit;
}

export type Definition =
	| {
			readonly kind: 'function';
			readonly unit: Unit;
			readonly item: OutlineItem;
			readonly syntax: FunctionDefinition;
			/** What the syntax's offsets refer to, and the way back to the source's own text; null: they are the item's. */
			readonly text: string;
			readonly map: SourceMap | null;
	  }
	| { readonly kind: 'macro'; readonly unit: Unit; readonly macro: Macro }
	| {
			readonly kind: 'enumerator';
			readonly unit: Unit;
			readonly item: OutlineItem;
			readonly specifier: TypeSpecifier & { kind: 'enum' };
			readonly index: number;
	  }
	| {
			readonly kind: 'global';
			readonly unit: Unit;
			readonly item: OutlineItem;
			readonly declaration: Declaration | null;
	  }
	| { readonly kind: 'prototype'; readonly unit: Unit; readonly item: OutlineItem }
	| { readonly kind: 'broken'; readonly unit: Unit; readonly reason: string };

/** A function with a body. */
export type DefinedFunction = Definition & { readonly kind: 'function' };

/** Lookup in a kernel tree: files in which a name may be defined, best first. */
export interface TreeLookup {
	/** Sources that define the name as a function, macro, enumerator or global. */
	value(name: string): readonly Source[];
	/** Sources that declare the struct or union with its members. */
	aggregate(tag: string): Source | null;
	typedef(name: string): Source | null;
}

/** Files of a tree for whoever looks at other functions than the checked file's. */
export interface TreeFolder {
	source(path: string): Source | null;
	text(path: string): string | null;
	list(folder: string): readonly string[];
	readonly archFolder: string;
	readonly flushWaits: boolean;
	/** Whether an adversary has what it needs: a CONFIG_ symbol, a feature. */
	met(need: string): boolean;
	/** Changes with the tree's place, the architecture and the configuration. */
	readonly key: string;
}

export interface DeclaredAggregate {
	readonly unit: Unit;
	readonly specifier: TypeSpecifier & { kind: 'aggregate' };
	/** Attributes stand in it that may move its members (`__packed`, `__aligned`), or it could not be read to its end. */
	readonly attributed: boolean;
	/** The text that offsets of its syntax refer to. */
	readonly text: string;
}

export interface DeclaredEnumeration {
	readonly specifier: TypeSpecifier & { kind: 'enum' };
	/** Attributes stand in it that may make it narrower. */
	readonly attributed: boolean;
}

export interface FoundTypedef {
	readonly unit: Unit;
	readonly declaration: Declaration;
	/** As of an aggregate that it declares. */
	readonly attributed: boolean;
	readonly text: string;
}

/** `own-macros`: of macros, only racewalk's own count: those of the kernel's text were expanded before. */
export type MacroLookup = 'with-macros' | 'without-macros' | 'own-macros';

export interface Names {
	/** The meaning of a value name (function, macro, constant, global) used in `from`; null: nobody defines it. */
	value(name: string, from: Unit, macros?: MacroLookup): Definition | null;
	typedef(name: string, from: Unit): FoundTypedef | null;
	/** All declarations of an aggregate with members, best first. */
	aggregates(tag: string): Iterable<DeclaredAggregate>;
	/** The enum of that tag with its enumerators. */
	enumeration(tag: string): DeclaredEnumeration | null;
	/** The ABI that a unit's text is written for. */
	abi(unit: Unit): Abi;
	/** Whether text calls a type of that name a type. */
	isType(name: string, from: Unit): boolean;
}

export interface Units {
	readonly file: Unit;
	readonly primitives: readonly Unit[];
	readonly assumed: readonly Unit[];
	readonly actors: readonly Unit[];
	readonly tree: TreeLookup | null;
	/** The tree's files as they are preprocessed; null: there is no tree. */
	readonly files: TreeFolder | null;
	/** What facts could not be looked for in, so that they are as in the newest kernels (`the tree has no mm/util.c`). */
	readonly lacks: readonly string[];
	/** How a compiler reads a file of the tree; null: the checked file does not include it, and it is no file of C. */
	readonly read: (path: string) => ReadFile | null;
	/** A primitive stands for what the walk's text means by its name. */
	used(name: string): void;
	/** What of the tree the primitives that were used stand for, and is defined as in no known kernel; null: it was not compared. */
	strange(): readonly Strange[] | null;
	/** Files of C that were not compared with how a compiler reads them: a first answer does not wait for it. */
	readonly postponed: ReadonlySet<string>;
	/** The tree has not the headers that every kernel has. */
	readonly isPartial: boolean;
	/** What headers make with the macros of include/linux/cleanup.h (header_classes.ts). */
	readonly headerClass: (name: string) => Source | null;
	/** The checked file with all arms active, when its conditionals do not balance. */
	readonly everything: Source | null;
	/** Names of facts that hold (server/tree/facts). */
	readonly features: readonly string[];
	/** What the generation's features were read from. */
	readonly facts: readonly Fact[];
	readonly abi: Abi;
}

export function namesOf(units: Units): Names {
	const treeUnits = new Map<Source, Unit>();
	const treeUnit = (source: Source): Unit => {
		let unit = treeUnits.get(source);
		if (unit === undefined) {
			unit = { source, origin: 'walk', assumed: false, checked: false };
			treeUnits.set(source, unit);
		}
		return unit;
	};
	const known = new Map<string, Map<string, Definition | null>>();
	const own = ownNames(units.primitives);
	const acting = ownNames(units.actors);
	const assumed = ownNames(units.assumed);
	const instead = new Map<Source, string | null>();
	const insteadOf = (source: Source): string | null => {
		let why = instead.get(source);
		if (why === undefined) {
			why = insteadIn(source, [...units.primitives, ...units.assumed]);
			instead.set(source, why);
		}
		return why;
	};
	const otherwiseOf = (found: Definition): string | null => {
		if (found.kind === 'broken' || found.kind === 'macro' || found.kind === 'prototype')
			return null;
		const { unit, item } = found;
		const read = units.read(unit.source.path);
		// what a macro of a header makes was expanded as a compiler does it
		if (read === null || unit.source.preprocessed.unit !== null) return null;
		return readOtherwise({
			source: unit.source,
			item,
			read,
			meaning: (name) => meaningOf(name, unit),
		});
	};
	const meaningOf = (name: string, from: Unit): Meaning => {
		const found = meant(name, from);
		if (found?.kind === 'macro' && found.unit.origin === 'walk')
			return { kind: 'macro', macro: found.macro };
		return { kind: 'other' };
	};
	const elsewhereOf = (name: string): string | null => {
		const isPrimitive = units.primitives.some(
			(u) => definedIn(u, name, { macros: 'with-macros', insteadOf: () => null }) !== null,
		);
		return isPrimitive ? onlyElsewhere(name, units.file.source) : null;
	};
	/** What a name means, as its file reads by itself. */
	const meant = (
		name: string,
		from: Unit,
		macros: MacroLookup = 'with-macros',
	): Definition | null => {
		const { origin, checked, source } = from.beside ?? from;
		const where = origin === 'actor' || (origin === 'walk' && !checked) ? source.path : '';
		const key = `${from.beside === undefined ? '' : '+'}${macros}:${origin}:${where}`;
		let there = known.get(key);
		if (there === undefined) {
			there = new Map();
			known.set(key, there);
		}
		const cached = there.get(name);
		if (cached !== undefined) return cached;
		const found = search(name, from, macros);
		there.set(name, found);
		return found;
	};
	const compared = new Map<Definition, string | null>();
	const value = (name: string, from: Unit, macros?: MacroLookup): Definition | null => {
		const found = meant(name, from, macros);
		if (found === null || !isTrees(found.unit)) return found;
		let otherwise = compared.get(found);
		if (otherwise === undefined) {
			otherwise = otherwiseOf(found);
			compared.set(found, otherwise);
		}
		if (otherwise === null) return found;
		return {
			kind: 'broken',
			unit: found.unit,
			reason: `${name} is not read as it is: ${otherwise}`,
		};
	};
	const search = (name: string, from: Unit, macros: MacroLookup): Definition | null => {
		const seen = new Set<Source>();
		let prototype: Definition | null = null;
		const isMissing = from.checked && units.isPartial && lacksHeaders(from.source);
		for (const unit of order(units, from, name, { treeUnit, own, acting, assumed })) {
			if (seen.has(unit.source)) continue;
			seen.add(unit.source);
			const elsewhere = unit.origin === 'primitive' && isMissing ? elsewhereOf(name) : null;
			if (elsewhere !== null) return { kind: 'broken', unit: from, reason: elsewhere };
			const found = definedIn(unit, name, { macros, insteadOf });
			if (found === null) continue;
			if (unit.origin === 'primitive' && from.origin === 'walk') units.used(name);
			if (found.kind !== 'prototype') return found;
			prototype ??= found;
			if (unit.checked && /^static\b/.test(unit.source.preprocessed.text.slice(found.item.start))) {
				return {
					kind: 'broken',
					unit,
					reason: `${name}() is declared static here but not defined`,
				};
			}
		}
		return prototype;
	};
	const typeSources = function* (
		name: string,
		from: Unit,
		find: 'aggregate' | 'typedef',
	): Generator<Unit> {
		if (from.origin === 'actor') yield from;
		yield* units.primitives;
		yield* units.assumed;
		yield units.file;
		if (from.origin === 'walk') yield from;
		const source = find === 'aggregate' ? units.tree?.aggregate(name) : units.tree?.typedef(name);
		if (source != null && doubtOf(source, name) === null) yield treeUnit(source);
		const made = find === 'typedef' ? units.headerClass(name) : null;
		if (made !== null) yield treeUnit(made);
	};
	const typedefs = new Map<string, FoundTypedef | null>();
	const typedef = (name: string, from: Unit) => {
		const key = `${from.source.path}:${name}`;
		let found = typedefs.get(key);
		if (found === undefined) {
			found = findTypedef(typeSources(name, from, 'typedef'), name);
			typedefs.set(key, found);
		}
		return found;
	};
	const aggregateCache = new Map<string, Iterable<DeclaredAggregate>>();
	return {
		value,
		typedef,
		aggregates(tag) {
			let found = aggregateCache.get(tag);
			if (found === undefined) {
				found = replayable(findAggregates(typeSources(tag, units.file, 'aggregate'), tag));
				aggregateCache.set(tag, found);
			}
			return found;
		},
		enumeration: (tag) => findEnumeration(typeSources(tag, units.file, 'aggregate'), tag),
		abi: (unit) => (unit.origin === 'walk' ? units.abi : modelAbi),
		isType: (name, from) => typedef(name, from) !== null,
	};
}

/** A file of the tree, other than the checked one. */
function isTrees({ origin, checked }: Unit): boolean {
	return origin === 'walk' && !checked;
}

/** An adversary's file that racewalk did not bring itself. */
export function isWorkspaces({ origin, source }: Unit): boolean {
	return origin === 'actor' && !source.path.startsWith('racewalk:');
}

/** Units in which a name used in `from` is looked for, in order. */
function* order(
	units: Units,
	from: Unit,
	name: string,
	known: Record<'own' | 'acting' | 'assumed', (name: string) => readonly Unit[]> & {
		treeUnit(source: Source): Unit;
	},
): Generator<Unit> {
	if (from.beside !== undefined && !name.startsWith('__rw_')) {
		yield* order(units, from.beside, name, known);
		return;
	}
	if (from.origin === 'actor') {
		yield from;
		// what a workspace brings means something to its own adversaries and to nobody else
		if (isWorkspaces(from)) yield* known.acting(name).filter(isWorkspaces);
		yield* known.acting(name).filter((u) => !isWorkspaces(u));
	}
	if (from.origin === 'walk') {
		// what is one operation of the world is so in the file that implements it too
		if (!isOwn(units.file.source, name)) {
			const marker = `__rw_operation_${name}`;
			yield* known.own(marker).filter((u) => u.source.preprocessed.macros.has(marker));
		}
		yield units.file;
	}
	yield* known.own(name);
	if (from.origin === 'walk') {
		if (!from.checked) yield from;
		for (const source of units.tree?.value(name) ?? []) yield known.treeUnit(source);
		const made = units.headerClass(name);
		if (made !== null) yield known.treeUnit(made);
	}
	yield* known.assumed(name);
}

/** `instead`: why functions of the checked file are not what they read as. */
function definedIn(
	unit: Unit,
	name: string,
	{ macros, insteadOf }: { readonly macros: MacroLookup; insteadOf(source: Source): string | null },
): Definition | null {
	const { source } = unit;
	const doubt = doubtOf(source, name);
	if (doubt !== null)
		return { kind: 'broken', unit, reason: `what ${source.path} defines is not known: ${doubt}` };
	const isWanted = macros === 'with-macros' || (macros === 'own-macros' && unit.origin !== 'walk');
	const macro = isWanted ? source.preprocessed.macros.get(name) : undefined;
	if (macro !== undefined && macro.body !== name) return { kind: 'macro', unit, macro };
	const items = source.functions.get(name);
	const declared = unit.checked ? declaredNames(source, name) : [];
	const refused = declared.find((d) => d.refused !== null);
	if (refused !== undefined) return { kind: 'broken', unit, reason: `${name}: ${refused.refused}` };
	if (items !== undefined) {
		const other = unit.checked ? insteadOf(source) : null;
		return other === null ? functionIn(unit, name, items) : { kind: 'broken', unit, reason: other };
	}
	const brokenIn = source.brokenNames.get(name);
	if (brokenIn !== undefined) {
		return {
			kind: 'broken',
			unit,
			reason: `${name}() stands in a part that is not understood: ${brokenIn.broken}`,
		};
	}
	const enumerator = source.enumerators().get(name);
	if (enumerator !== undefined) return { kind: 'enumerator', unit, ...enumerator };
	const [other] = declared.filter(({ kind }) => kind !== 'function');
	if (other?.kind === 'type') return { kind: 'broken', unit, reason: `${name} is a type` };
	if (other !== undefined)
		return { kind: 'global', unit, item: other.item, declaration: other.declaration };
	const global = source.globals.get(name);
	if (global !== undefined) {
		const piece = source.piece(global).text;
		return { kind: 'global', unit, item: global, declaration: declarationsOf(piece)[0] ?? null };
	}
	const prototype = declared[0]?.item ?? source.prototypes.get(name);
	return prototype === undefined ? null : { kind: 'prototype', unit, item: prototype };
}

function functionIn(unit: Unit, name: string, items: readonly OutlineItem[]): Definition {
	const item = items[0];
	const broken = (reason: string): Definition => ({ kind: 'broken', unit, reason });
	if (item === undefined) return broken(`${name}() is not there`);
	if (items.length > 1) return broken(`${name}() is defined ${items.length} times`);
	if (item.broken !== null) return broken(`${name}(): ${item.broken}`);
	const { text, map, problems } = unit.source.piece(item);
	const [problem] = problems;
	if (problem !== undefined) return broken(`${name}(): ${problem.message}`);
	const doubts = unit.source.preprocessed.unit?.doubts ?? [];
	const doubt = doubts.find((d) => d.start < item.end && d.end > item.start);
	if (doubt !== undefined) return broken(`${name}(): ${doubt.why}`);
	const isForeign = unit.origin === 'walk' && !unit.checked;
	const attribute = isForeign ? refusedAttribute(writtenOf(unit.source, item)) : null;
	if (attribute !== null) return broken(`${name}(): the attribute ${attribute.name} is not read`);
	const [hidden] = isForeign ? hiddenTypes(writtenOf(unit.source, item), 'function') : [];
	if (hidden !== undefined) return broken(`${name}(): ${whyHidden(hidden)}`);
	if (unit.origin === 'walk' && isExternInline(text))
		return broken(`${name}() is extern inline: another definition may stand for it`);
	const syntax = functionOf(text, unit.checked ? `${unit.source.path}:${name}` : null);
	if (syntax === null || syntax.name !== name)
		return broken(`${name}(): the definition is not understood`);
	if (syntax.broken !== null) return broken(`${name}(): ${syntax.broken}`);
	return { kind: 'function', unit, item, syntax, text, map };
}

function findTypedef(sources: Iterable<Unit>, name: string): FoundTypedef | null {
	for (const unit of sources) {
		const item = unit.source.typedefs.get(name);
		if (item === undefined) continue;
		const piece = unit.source.piece(item).text;
		const declaration = declarationsOf(piece).find((d) =>
			d.declarators.some((x) => x.name === name),
		);
		if (declaration !== undefined)
			return { unit, declaration, attributed: isAttributed(unit, item), text: piece };
	}
	return null;
}

function* findAggregates(sources: Iterable<Unit>, tag: string): Generator<DeclaredAggregate> {
	for (const unit of sources) {
		const item = unit.source.aggregates.get(tag);
		if (item === undefined) continue;
		const piece = unit.source.piece(item).text;
		for (const { specifier } of declarationsOf(piece)) {
			if (specifier.kind === 'aggregate' && specifier.members !== null && specifier.tag === tag)
				yield { unit, specifier, attributed: isAttributed(unit, item), text: piece };
		}
	}
}

function isAttributed(unit: Unit, item: OutlineItem): boolean {
	const { problems } = unit.source.piece(item);
	return item.broken !== null || problems.length > 0 || isMoved(unit, item);
}

/** Attributes stand in it, or in what its macros stand for, that change how it lies in memory. */
function isMoved({ source }: Unit, item: OutlineItem): boolean {
	const { moves } = source.piece(item);
	return moves === true || movesMembers(source.original.slice(item.start, item.end));
}

function findEnumeration(sources: Iterable<Unit>, tag: string): DeclaredEnumeration | null {
	for (const unit of sources) {
		const item = unit.source.aggregates.get(tag);
		if (item === undefined) continue;
		for (const { specifier } of declarationsOf(unit.source.piece(item).text))
			if (specifier.kind === 'enum' && specifier.tag === tag && specifier.enumerators !== null)
				return { specifier, attributed: isMoved(unit, item) };
	}
	return null;
}

/** What a generator gives, kept: it is asked only for as much as somebody wants. */
function replayable<T>(generator: Generator<T>): Iterable<T> {
	const kept: T[] = [];
	return {
		*[Symbol.iterator]() {
			for (let i = 0; ; i++) {
				if (i === kept.length) {
					const next = generator.next();
					if (next.done === true) return;
					kept.push(next.value);
				}
				yield kept[i] as T;
			}
		},
	};
}
