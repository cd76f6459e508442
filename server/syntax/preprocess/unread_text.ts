/**
 * What of a text gcc reads otherwise than it is read here, and where that is told.
 *
 * Invariant: whatever is in such a text, nothing holds by it.
 */

import type { After } from './active_text.js';
import { codeOnly, type Directive, splice } from './logical_lines.js';
import type { Doubt } from './translation_unit.js';

/** Directives that include a file. */
export const INCLUDES: ReadonlySet<string> = new Set(['include', 'include_next', 'import']);

/** Where the active includes of a file stand. */
export function includesOf(
	directives: readonly Directive[],
	after: readonly After[],
): readonly number[] {
	return directives.flatMap(({ kind, start }, i) =>
		INCLUDES.has(kind) && after[i]?.active === true ? [start] : [],
	);
}

/** What of a file's own text is not what it reads as; `active`: without comments and directives; `includes`: places, in order. */
export function doubtsOfText(
	text: string,
	active: string,
	includes: readonly number[],
): readonly Doubt[] {
	const end = Number.POSITIVE_INFINITY;
	const unread = unreadIn(text);
	if (unread !== null) return [{ start: 0, end, why: unread }];
	const why = '#include inside a function or a declaration is not read';
	return insideItems(active, includes).map((start) => ({ start, end, why }));
}

/**
 * Doubts as far as they reach: what is in doubt outside of functions and declarations may be a macro, a type or a variable of all that
 * stands behind, unless there is nothing; `plain`: without comments, `active`: without directives too.
 */
export function reaching(
	plain: string,
	active: string,
	doubts: readonly Doubt[],
): readonly Doubt[] {
	const inside = new Set(
		insideItems(
			active,
			doubts.map(({ start }) => start).sort((a, b) => a - b),
		),
	);
	return doubts.map((doubt) =>
		inside.has(doubt.start) || isEmpty(plain.slice(doubt.start, doubt.end))
			? doubt
			: { ...doubt, end: Number.POSITIVE_INFINITY },
	);
}

/** Whether nothing but conditionals stands in a conditional. */
function isEmpty(plain: string): boolean {
	const conditional = /^\s*#\s*(?:if|ifdef|ifndef|elif|elifdef|elifndef|else|endif)\b/;
	return plain.split('\n').every((line) => line.trim() === '' || conditional.test(line));
}

/** Why the text as a whole is not what it reads as; null: it is. */
export function unreadIn(text: string): string | null {
	if (text.includes('\r') && /\r(?!\n)/.test(text))
		return 'a carriage return alone, which ends a line for gcc, is not read';
	if (text.includes('R"') && /(?<![\w$])(?:u8|[uUL])?R"[^\s()\\"]{0,16}\(/.test(text))
		return 'a raw string (R"…(…)…") is not read';
	if (text.includes('\\') && hasUniversalName(text))
		return 'a universal character name (\\u…), which gcc takes for the character itself, is not read';
	if (text.includes('_Pragma') && OTHER_PRAGMA.test(text)) return '_Pragma(…) is not followed';
	return null;
}

/** `\u00e9` outside of strings and comments, also on two lines; gcc 13 has `\u{e9}` and `\N{…}` too. */
function hasUniversalName(text: string): boolean {
	const name = /\\(?:[uU](?:[0-9a-fA-F]{4}|\{)|N\{)/;
	const joined = text.replace(splice, '');
	return name.test(joined) && name.test(codeOnly(joined));
}

/** Any but those that are about diagnostics and optimisation: `_Pragma("GCC …")`, and include/linux/compiler-gcc.h's of it. */
const OTHER_PRAGMA = /\b_Pragma\b(?!\s*\(\s*(?:"|\w+\()(?:GCC|clang)\s)/;

const word = /"(?:\\[^\n]|[^"\\\n])*"?|'(?:\\[^\n]|[^'\\\n])*'?|[{}()[\];]|[^\s"'{}()[\];]+/g;

/** Those of the places, in order, that stand inside a function or another item; `text` has neither comments nor directives. */
function insideItems(text: string, places: readonly number[]): readonly number[] {
	const inside: number[] = [];
	let depth = 0;
	let last = ';';
	let next = 0;
	const settle = (until: number): void => {
		for (; next < places.length && (places[next] as number) < until; next++)
			if (depth > 0 || (last !== ';' && last !== '}')) inside.push(places[next] as number);
	};
	if (places.length === 0) return inside;
	for (const match of text.matchAll(word)) {
		settle(match.index);
		const [token] = match;
		if (token === '{' || token === '(' || token === '[') depth++;
		else if (token === '}' || token === ')' || token === ']') depth = Math.max(0, depth - 1);
		last = token;
		if (next === places.length) break;
	}
	settle(Number.POSITIVE_INFINITY);
	return inside;
}
