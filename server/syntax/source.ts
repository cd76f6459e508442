/**
 * One file of C, ready for name lookup: preprocessed, outlined, with its functions, aggregates, typedefs, enumerators
 * and globals by name. Nothing is parsed until it is asked for, and parsed pieces are shared between equal texts.
 */
import type { Declaration, FunctionDefinition, TypeSpecifier } from './ast.js';
import { type HiddenType, hiddenTypes, whyHidden } from './hidden_types.js';
import { type Lines, linesOf } from './lines.js';
import { madeItems } from './made_items.js';
import { namesIn, type OutlineItem, outline } from './outline.js';
import { withoutDigraphs } from './preprocess/logical_lines.js';
import { type Kept, NOTHING_KEPT, type Rendered, render } from './preprocess/render.js';
import type { TranslationUnit } from './preprocess/translation_unit.js';
import {
	blankAttributes,
	type Environment,
	type Preprocessed,
	preprocess,
	preprocessedBy,
} from './preprocess.js';
import { movesHidden, refusedAttribute, wordAsValue } from './refused_attributes.js';
import { parseDeclarations, parseFunction } from './snippet.js';

export interface Source {
	/** As sites name it: `mm/gup.c`, `racewalk:primitives/folio.c`. */
	readonly path: string;
	readonly original: string;
	readonly preprocessed: Preprocessed;
	readonly lines: Lines;
	readonly items: readonly OutlineItem[];
	readonly functions: ReadonlyMap<string, readonly OutlineItem[]>;
	/** Names that look defined inside a part whose brackets do not balance. */
	readonly brokenNames: ReadonlyMap<string, OutlineItem>;
	readonly prototypes: ReadonlyMap<string, OutlineItem>;
	readonly aggregates: ReadonlyMap<string, OutlineItem>;
	readonly typedefs: ReadonlyMap<string, OutlineItem>;
	readonly globals: ReadonlyMap<string, OutlineItem>;
	/** An item as a parser is to read it: macros expanded where the file is read as a compiler does. */
	piece(item: OutlineItem): ReadPiece;
	/** The same of a function up to its body, of another item all of it: text for what is declared. */
	header(item: OutlineItem): string;
	/** Enumerators of all enums of the file. */
	enumerators(): ReadonlyMap<string, EnumeratorPlace>;
}

/** An item's text. */
export interface ReadPiece extends Rendered {
	/** Types that it declares where no declaration of it begins; absent: none. */
	readonly hidden?: readonly HiddenType[];
}

export interface EnumeratorPlace {
	readonly specifier: TypeSpecifier & { readonly kind: 'enum' };
	readonly index: number;
	readonly item: OutlineItem;
}

export function sourceOf(path: string, original: string, environment: Environment): Source {
	return madeOf(path, original, preprocess(original, environment), NOTHING_KEPT);
}

/** The file as its translation unit has it. */
export function sourceOfUnit(unit: TranslationUnit, original: string, kept: Kept): Source {
	return madeOf(unit.path, original, preprocessedBy(unit, kept), kept);
}

function madeOf(path: string, original: string, preprocessed: Preprocessed, kept: Kept): Source {
	const { text } = preprocessed;
	let lines: Lines | null = null;
	const lineAt = (offset: number): number => {
		lines ??= linesOf(original);
		return lines.positionAt(offset).line;
	};
	const pieces = new Map<OutlineItem, ReadPiece>();
	const outlined = outline(text);
	const before = new Map(outlined.map((item, i) => [item, outlined[i - 1]?.end ?? 0]));
	const pieceOf = (item: OutlineItem): ReadPiece =>
		renderedItem(preprocessed, item, { kept, lineAt, from: before.get(item) ?? item.start });
	const items = outlined.flatMap((item) => {
		if (preprocessed.unit === null || item.kind === 'function') return [item];
		const whole = pieceOf(item);
		const made = madeItems(item, whole);
		for (const { item: inner, piece } of made ?? [])
			pieces.set(inner, withHidden(piece, inner, whole.hidden ?? []));
		return made?.map((m) => m.item) ?? [item];
	});
	const functions = new Map<string, OutlineItem[]>();
	const brokenNames = new Map<string, OutlineItem>();
	const prototypes = new Map<string, OutlineItem>();
	const aggregates = new Map<string, OutlineItem>();
	const typedefs = new Map<string, OutlineItem>();
	const globals = new Map<string, OutlineItem>();
	const tables = {
		prototype: prototypes,
		aggregate: aggregates,
		typedef: typedefs,
		declaration: globals,
	};
	for (const item of items) {
		if (item.broken !== null) for (const name of namesIn(text, item)) brokenNames.set(name, item);
		if (item.kind === 'function') {
			const same = functions.get(item.name);
			if (same === undefined) functions.set(item.name, [item]);
			else same.push(item);
		} else if (item.name !== '' && !tables[item.kind].has(item.name))
			tables[item.kind].set(item.name, item);
	}
	let enumerators: ReadonlyMap<string, EnumeratorPlace> | null = null;
	const source: Source = {
		path,
		original,
		preprocessed,
		items,
		functions,
		brokenNames,
		prototypes,
		aggregates,
		typedefs,
		globals,
		get lines() {
			lines ??= linesOf(original);
			return lines;
		},
		piece(item) {
			let made = pieces.get(item);
			if (made === undefined) {
				made = pieceOf(item);
				pieces.set(item, made);
			}
			return made;
		},
		header(item) {
			if (item.kind !== 'function' || pieces.has(item)) return source.piece(item).text;
			const part = { start: item.start, end: item.body };
			const { unit } = preprocessed;
			return unit === null
				? text.slice(part.start, part.end)
				: render(unit, part, { kept, lineAt }).text;
		},
		enumerators() {
			enumerators ??= collectEnumerators(items, (item) => source.piece(item).text);
			return enumerators;
		},
	};
	return source;
}

/** What one of the items that a macro makes has of what is hidden in them all. */
function withHidden(
	piece: Rendered,
	{ kind, start }: OutlineItem,
	hidden: readonly HiddenType[],
): ReadPiece {
	if (hidden.length === 0) return piece;
	if (kind !== 'function') return { ...piece, hidden };
	const more = hidden.map((one) => ({ message: whyHidden(one), offset: start }));
	return { ...piece, problems: [...piece.problems, ...more] };
}

/** `from`: where the item before ends; what stands between them are words that were blanked. */
function renderedItem(
	{ text, unit }: Preprocessed,
	item: OutlineItem,
	{ from, ...options }: Parameters<typeof render>[2] & { readonly from: number },
): ReadPiece {
	if (unit === null) return { text: text.slice(item.start, item.end), map: null, problems: [] };
	const made = render(unit, item, options);
	const lead = unit.text.slice(from, item.start);
	const words =
		lead.trim() === '' ? '' : render(unit, { start: from, end: item.start }, options).text;
	const refused = refusedAttribute(words) ?? refusedAttribute(made.text);
	const moves = movesHidden(lead + unit.text.slice(item.start, item.end), words + made.text);
	const value = wordAsValue(made.text);
	const isFunction = item.kind === 'function';
	const hidden = [
		...hiddenTypes(words, 'function'),
		...hiddenTypes(made.text, isFunction ? 'function' : 'file'),
	];
	const more = [
		...(isFunction ? hidden.map(whyHidden) : []),
		...(refused === null ? [] : [`the attribute ${refused.name} is not read`]),
		...(value === null ? [] : [`${value} stands where a value does`]),
		...(moves && isFunction ? ['a macro moves members of a struct'] : []),
	].map((message) => ({ message, offset: item.start }));
	return {
		...made,
		...(moves ? { moves } : {}),
		...(hidden.length > 0 ? { hidden } : {}),
		problems: [...made.problems, ...more],
		text: blankAttributes(withoutDigraphs(made.text)),
	};
}

function collectEnumerators(
	items: readonly OutlineItem[],
	textOf: (item: OutlineItem) => string,
): ReadonlyMap<string, EnumeratorPlace> {
	const found = new Map<string, EnumeratorPlace>();
	for (const item of items) {
		if (item.kind === 'function') continue;
		const piece = textOf(item);
		if (!/\benum\b[^{;]*\{/.test(piece)) continue;
		for (const { specifier } of declarationsOf(piece)) {
			if (specifier.kind !== 'enum' || specifier.enumerators === null) continue;
			const enumeration = specifier;
			specifier.enumerators.forEach((e, index) => {
				found.set(e.name, { specifier: enumeration, index, item });
			});
		}
	}
	return found;
}

/** Parsed pieces kept, by text; the oldest go first. */
const piecesMax = 4000;
const functionPieces = new Map<string, FunctionDefinition | null>();
const declarationPieces = new Map<string, readonly Declaration[]>();

/**
 * A function definition by its text; offsets are relative to it. The key of a function that somebody edits makes the next
 * parse incremental.
 */
export function functionOf(piece: string, key: string | null = null): FunctionDefinition | null {
	return remembered(functionPieces, piece, (text) => parseFunction(text, key));
}

/** Declarations by their text; offsets are relative to it. */
export function declarationsOf(piece: string): readonly Declaration[] {
	return remembered(declarationPieces, piece, parseDeclarations);
}

/** `make(text)`, kept by text. */
export function remembered<T>(cache: Map<string, T>, text: string, make: (text: string) => T): T {
	const known = cache.get(text);
	if (known !== undefined || cache.has(text)) return known as T;
	const made = make(text);
	if (cache.size >= piecesMax) {
		const oldest = cache.keys().next().value;
		if (oldest !== undefined) cache.delete(oldest);
	}
	cache.set(text, made);
	return made;
}
