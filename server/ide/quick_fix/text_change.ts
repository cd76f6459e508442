/**
 * Replacements in a text, by UTF-16 offsets.
 */

/** `[start, end)` of the text becomes `text`. */
export interface TextChange {
	readonly start: number;
	readonly end: number;
	readonly text: string;
}

/** The text after the changes, which must not overlap. */
export function applyChanges(text: string, changes: readonly TextChange[]): string {
	let result = text;
	for (const change of [...changes].sort((a, b) => b.start - a.start || b.end - a.end)) {
		result = result.slice(0, change.start) + change.text + result.slice(change.end);
	}
	return result;
}

/** Offset of a 1-based line and column. */
export function offsetAt(text: string, line: number, column: number): number {
	let at = 0;
	for (let n = 1; n < line; n++) {
		const next = text.indexOf('\n', at);
		if (next < 0) return text.length;
		at = next + 1;
	}
	return Math.min(text.length, at + column - 1);
}

/** Offset of the start of the line an offset stands in. */
export function lineStart(text: string, offset: number): number {
	return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Blanks at the start of the line an offset stands in. */
export function indentAt(text: string, offset: number): string {
	const start = lineStart(text, offset);
	return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? '';
}

/** Offset just behind the end of the line an offset stands in. */
export function lineEnd(text: string, offset: number): number {
	const next = text.indexOf('\n', offset);
	return next < 0 ? text.length : next + 1;
}
