/**
 * Names that C has as keywords and litmus tests do not: `continue` and `break` may be registers and locations there, as in
 * herd7. They are other words of equal length while the text is parsed as C.
 */
import type * as ast from '../syntax/ast.js';

const KEYWORD = /(?<!\w)(?:continue|break)(?!\w)/g;

/** Characters looked at before a keyword. */
const BLANKS_MAX = 200;

/** A text in which no keyword is a name, and the words that stand for them. */
export interface MaskedNames {
	readonly text: string;
	readonly words: ReadonlyMap<string, string>;
}

/** Statements keep their keyword: it stands alone before a `;`. */
export function maskNames(text: string): MaskedNames {
	const words = new Map<string, string>();
	const masked = text.replace(KEYWORD, (keyword, at: number) => {
		if (isStatement(text, at, keyword)) return keyword;
		const known = [...words].find(([, original]) => original === keyword)?.[0];
		const word = known ?? unused(text, keyword);
		words.set(word, keyword);
		return word;
	});
	return { text: masked, words };
}

/** The definition with its own names again. */
export function unmaskNames(
	definition: ast.FunctionDefinition,
	{ words }: MaskedNames,
): ast.FunctionDefinition {
	if (words.size === 0) return definition;
	const restored: unknown = JSON.parse(JSON.stringify(definition), (_, value: unknown) =>
		typeof value === 'string' ? (words.get(value) ?? value) : value,
	);
	return restored as ast.FunctionDefinition;
}

function isStatement(text: string, at: number, keyword: string): boolean {
	const before = text.slice(Math.max(0, at - BLANKS_MAX), at).trimEnd();
	const stands = /(?:^|[;{}):]|(?<!\w)(?:else|do))$/.test(before.slice(-8));
	return stands && /^\s*;/.test(text.slice(at + keyword.length));
}

/** A word of equal length that is not in the text. */
function unused(text: string, keyword: string): string {
	for (let i = 0; ; i++) {
		const word = `${keyword[0]}${i}`.padEnd(keyword.length, '_');
		if (!text.includes(word)) return word;
	}
}
