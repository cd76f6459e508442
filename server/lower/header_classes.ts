/**
 * What headers of the tree make with the macros of include/linux/cleanup.h: the functions and types behind `__free(kfree)`,
 * `guard(irqsave)` and `CLASS(fd, f)`. The macros say what they make; only where such uses stand is looked for here.
 *
 * Invariant: a use that names a macro of the checked file itself makes nothing.
 */
import { closing } from '../syntax/brackets.js';
import { useOf } from '../syntax/made_items.js';
import { type OutlineItem, outline } from '../syntax/outline.js';
import { type Kept, type Rendered, render } from '../syntax/preprocess/render.js';
import type { TranslationUnit } from '../syntax/preprocess/translation_unit.js';
import { blankAttributes } from '../syntax/preprocess.js';
import type { Source } from '../syntax/source.js';

/** Where the macros are defined, and how what they make is called. */
const HEADER = 'include/linux/cleanup.h';
const madeNames = /^(?:__free_|class_)\w/;
const uses = /^([A-Z][A-Z0-9_]*)\(\s*(\w+)/gm;

interface Use {
	readonly header: Source;
	readonly start: number;
	readonly end: number;
	/** The first argument, which the names of what is made have in them. */
	readonly word: string;
}

/** The source in which a macro's use in a header defines the name; null: there is none. */
export function headerClasses(
	unit: TranslationUnit,
	headers: (path: string) => Source | null,
	kept: Kept,
): (name: string) => Source | null {
	let found: readonly Use[] | null = null;
	const made = new Map<Use, Source | null>();
	return (name) => {
		if (!madeNames.test(name)) return null;
		found ??= unit.files.flatMap((path) => usesIn(unit, headers(path)));
		for (const use of found) {
			if (!name.includes(use.word)) continue;
			let source = made.get(use);
			if (source === undefined) {
				source = sourceOfUse(unit, use, kept);
				made.set(use, source);
			}
			const isThere = [source?.functions, source?.typedefs, source?.globals].some((t) =>
				t?.has(name),
			);
			if (isThere) return source;
		}
		return null;
	};
}

function usesIn(unit: TranslationUnit, header: Source | null): readonly Use[] {
	if (header === null) return [];
	const { text } = header.preprocessed;
	return [...text.matchAll(uses)].flatMap((match) => {
		const [, macro = '', word = ''] = match;
		if (unit.macroAt(macro, Number.POSITIVE_INFINITY)?.path !== HEADER) return [];
		const start = match.index;
		const end = closing(text, start + macro.length + 1);
		return end === null ? [] : [{ header, start, end, word }];
	});
}

function sourceOfUse(
	unit: TranslationUnit,
	{ header, start, end }: Use,
	kept: Kept,
): Source | null {
	let isOwn = false;
	const around: TranslationUnit = {
		...unit,
		path: header.path,
		text: header.preprocessed.text,
		undefinedAt: () => null,
		macroAt(name) {
			isOwn ||= unit.own.has(name);
			return unit.macroAt(name, Number.POSITIVE_INFINITY);
		},
	};
	const lineAt = (offset: number): number => header.lines.positionAt(offset).line;
	const expanded = render(around, { start, end }, { kept, lineAt });
	if (isOwn || expanded.problems.length > 0) return null;
	const text = blankAttributes(expanded.text);
	const map = useOf({ start, end });
	const functions = new Map<string, OutlineItem[]>();
	const typedefs = new Map<string, OutlineItem>();
	const globals = new Map<string, OutlineItem>();
	const pieces = new Map<OutlineItem, Rendered>();
	for (const inner of outline(text)) {
		const item = { ...inner, start, end, nameStart: start, body: inner.body < 0 ? -1 : end };
		pieces.set(item, { text: text.slice(inner.start, inner.end), map, problems: [] });
		if (item.kind === 'function') functions.set(item.name, [item]);
		if (item.kind === 'typedef') typedefs.set(item.name, item);
		if (item.kind === 'declaration') globals.set(item.name, item);
	}
	const none = new Map<string, never>();
	return {
		path: header.path,
		original: header.original,
		preprocessed: { ...header.preprocessed, macros: none, unit: around },
		lines: header.lines,
		items: [...pieces.keys()],
		functions,
		typedefs,
		brokenNames: none,
		prototypes: none,
		aggregates: none,
		globals,
		piece: (item) => pieces.get(item) ?? { text: '', map: null, problems: [] },
		header: (item) => pieces.get(item)?.text ?? '',
		enumerators: () => none,
	};
}
