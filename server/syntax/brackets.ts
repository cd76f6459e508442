/** Brackets of C's text, strings and characters passed over. */

/** Where the bracket closes that was opened just before `at`: behind it; null: it does not. */
export function closing(text: string, at: number): number | null {
	const brackets = /[()]|"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?/g;
	brackets.lastIndex = at;
	let depth = 1;
	for (let m = brackets.exec(text); m !== null; m = brackets.exec(text)) {
		if (m[0] === '(') depth++;
		else if (m[0] === ')' && --depth === 0) return brackets.lastIndex;
	}
	return null;
}
