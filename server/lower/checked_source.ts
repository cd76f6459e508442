/**
 * The checked file as a source. Where its `#if`s do not balance, what is active is a guess: a function that the guess
 * leaves out is known as broken, so that neither it nor a walk it belongs to vanishes.
 */
import type { OutlineItem } from '../syntax/outline.js';
import { blank } from '../syntax/preprocess/logical_lines.js';
import type { Kept } from '../syntax/preprocess/render.js';
import type { TranslationUnit } from '../syntax/preprocess/translation_unit.js';
import type { Environment } from '../syntax/preprocess.js';
import { type Source, sourceOf, sourceOfUnit } from '../syntax/source.js';

export interface CheckedSource {
	readonly source: Source;
	/** The file with all arms of all conditionals active; null when they balance. */
	readonly everything: Source | null;
}

export function checkedSource(
	text: string,
	unit: TranslationUnit,
	{ environment, kept }: { readonly environment: Environment; readonly kept: Kept },
): CheckedSource {
	const { path } = unit;
	const source = sourceOfUnit(unit, text, kept);
	const why = guessed(source, unit);
	if (why === null) return { source, everything: null };
	const everything = sourceOf(path, withoutConditionals(text), environment);
	const brokenNames = new Map<string, OutlineItem>(source.brokenNames);
	for (const [name, [item]] of everything.functions) {
		if (item === undefined || source.functions.has(name)) continue;
		brokenNames.set(name, { ...item, broken: why });
	}
	const lines = source.lines;
	return { source: { ...source, lines, brokenNames }, everything };
}

/** Why it is a guess which functions the file has; null: it is none. */
function guessed({ preprocessed, items }: Source, { doubts }: TranslationUnit): string | null {
	if (preprocessed.unbalanced) return '#if and #endif do not balance';
	const around = doubts.find(
		(d) => Number.isFinite(d.end) && !items.some((i) => i.start <= d.start && d.end <= i.end),
	);
	return around?.why ?? null;
}

/** A file with all arms of all conditionals active; offsets are the text's. */
export function everythingOf(path: string, text: string): Source {
	const nothing: Environment = { config: () => null, defined: () => false, value: () => null };
	return sourceOf(path, withoutConditionals(text), nothing);
}

function withoutConditionals(text: string): string {
	return text.replace(
		/^[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif|else|endif)\b(?:[^\n]*\\\r?\n)*[^\n]*/gm,
		blank,
	);
}
