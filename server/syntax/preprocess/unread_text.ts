/**
 * What of a text gcc reads otherwise than it is read here, and where that is told.
 *
 * Invariant: whatever is in such a text, nothing holds by it.
 */

/** Why the text as a whole is not what it reads as; null: it is. */
export function unreadIn(text: string): string | null {
	if (text.includes('\r') && /\r(?!\n)/.test(text))
		return 'a carriage return alone, which ends a line for gcc, is not read';
	if (text.includes('R"') && /(?<![\w$])(?:u8|[uUL])?R"[^\s()\\"]{0,16}\(/.test(text))
		return 'a raw string (R"…(…)…") is not read';
	if (text.includes('_Pragma') && /(?:push|pop)_macro/.test(text))
		return '_Pragma("push_macro(…)") is not followed';
	return null;
}

const word = /"(?:\\[^\n]|[^"\\\n])*"?|'(?:\\[^\n]|[^'\\\n])*'?|[{}()[\];]|[^\s"'{}()[\];]+/g;

/** Those of the places, in order, that stand inside a function or another item; `text` has neither comments nor directives. */
export function insideItems(text: string, places: readonly number[]): readonly number[] {
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
