/**
 * Definitions of the tree's files are looked for by name, and each file is read by itself: its conditionals under the configuration, its
 * macros as names. Here that reading is compared with what a compiler has at that place, once all headers before it were read: the same lines
 * are active, and the same macros are in force.
 *
 * Invariant: a definition that is read otherwise than a compiler does is not taken for what it reads as.
 */
import type { OutlineItem } from '../syntax/outline.js';
import type { Macro } from '../syntax/preprocess/definition.js';
import { isKeyword } from '../syntax/preprocess/not_followed.js';
import type { Kept } from '../syntax/preprocess/render.js';
import { isPunctuator, type Token, tokenise } from '../syntax/preprocess/token.js';
import type { Reading, TranslationUnit } from '../syntax/preprocess/translation_unit.js';
import { blankAttributes } from '../syntax/preprocess.js';
import type { Source } from '../syntax/source.js';

/** What a name means to the lowering in that file: a macro of the tree, or something else. */
export type Meaning =
	| { readonly kind: 'macro'; readonly macro: Pick<Macro, 'parameters' | 'body'> }
	| { readonly kind: 'other' };

export interface Compared {
	readonly source: Source;
	readonly item: OutlineItem;
	readonly read: ReadFile;
	meaning(name: string): Meaning;
}

/** How a compiler reads a file of the tree, each time that it does, and which macros stay names there. */
export interface ReadFile {
	readonly readings: readonly Reading[];
	readonly kept: Kept;
}

/** Files by their path: headers of the checked file, and files of C of the tree, which are read when they are asked for. */
export function readFiles(
	unit: TranslationUnit,
	kept: Kept,
	other: (path: string) => ReadFile | null,
): (path: string) => ReadFile | null {
	const known = new Map<string, ReadFile | null>();
	return (path) => {
		let found = known.get(path);
		if (found === undefined) {
			const readings = unit.readings(path);
			const isHeader = readings.length > 0 || !path.endsWith('.c');
			found = isHeader ? (readings.length === 0 ? null : { readings, kept }) : other(path);
			known.set(path, found);
		}
		return found;
	};
}

/** Why the item is not what it reads as; null: it is. */
export function readOtherwise(compared: Compared): string | null {
	const { source, item, read } = compared;
	const own = plain(source.preprocessed.text, item);
	const same = read.readings.find(({ text }) => plain(blankAttributes(text), item) === own);
	if (same === undefined) return `a compiler reads other lines of ${source.path}`;
	const other = otherMacro(compared, same);
	return other === null ? null : `${other} is another macro in ${source.path}`;
}

function plain(text: string, { start, end }: OutlineItem): string {
	return text.slice(start, end).replace(/\s+/g, ' ');
}

/** A macro in force in the item that the lowering takes for something else; null: there is none. */
function otherMacro({ item, read, meaning }: Compared, reading: Reading): string | null {
	const seen = new Set<string>();
	const differs = (tokens: readonly Token[], at: number | null): string | null => {
		for (const [i, token] of tokens.entries()) {
			if (token.kind !== 'identifier' || seen.has(token.text)) continue;
			seen.add(token.text);
			const macro = reading.macroAt(token.text, at ?? token.start);
			const isCalled = isPunctuator(tokens[i + 1], '(');
			if (macro === null || macro.body === token.text) {
				if (isCalled && !isKeyword(token.text) && meaning(token.text).kind === 'macro')
					return token.text;
				continue;
			}
			// with parameters and no list behind it, it is a name
			if (macro.parameters !== null && !isCalled) continue;
			if (read.kept.keeps(macro)) continue;
			const found = meaning(token.text);
			if (found.kind !== 'macro' || !isSame(found.macro, macro)) return token.text;
			const inner = differs(tokenise(macro.body), at ?? token.start);
			if (inner !== null) return inner;
		}
		return null;
	};
	return differs(tokenise(reading.text, item.start, item.end), null);
}

function isSame(
	a: Pick<Macro, 'parameters' | 'body'>,
	b: Pick<Macro, 'parameters' | 'body'>,
): boolean {
	return spelled(a) === spelled(b);
}

function spelled({ parameters, body }: Pick<Macro, 'parameters' | 'body'>): string {
	const tokens = tokenise(body).map(({ text }) => text);
	return `${parameters?.join() ?? ''}(${tokens.join(' ')}`;
}
