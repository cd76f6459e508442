/**
 * `__attribute__((cleanup(f)))`, the attribute that runs code: `f(&variable)` at the end of the variable's scope, whichever way
 * control leaves it. The grammar does not know it behind a declarator, so it is blanked before parsing and kept beside the text.
 *
 * Invariant: an attribute that no declaration of a function takes makes that function one that cannot be read.
 */
import { closing } from './brackets.js';

/** One such attribute, and the function it names; null: it names none that can be read. */
export interface CleanupMark {
	readonly start: number;
	readonly end: number;
	readonly function: string | null;
}

const attribute = /\b__attribute(?:__)?\s*\(/g;
const named = /\b(?:cleanup|__cleanup__)\s*\(\s*([A-Za-z_]\w*)\s*\)/;
const anyCleanup = /\b(?:cleanup|__cleanup__)\b/;

/** The attributes of a text, in order. */
export function cleanupsIn(text: string): readonly CleanupMark[] {
	if (!text.includes('cleanup')) return [];
	const marks: CleanupMark[] = [];
	for (const match of text.matchAll(attribute)) {
		const end = closing(text, match.index + match[0].length);
		if (end === null) continue;
		const written = text.slice(match.index, end);
		if (!anyCleanup.test(written)) continue;
		marks.push({ start: match.index, end, function: named.exec(written)?.[1] ?? null });
	}
	return marks;
}

/** The text with the attributes as blanks. */
export function withoutCleanups(text: string, marks: readonly CleanupMark[]): string {
	let made = '';
	let from = 0;
	for (const { start, end } of marks) {
		made += text.slice(from, start) + text.slice(start, end).replace(/[^\n\r]/g, ' ');
		from = end;
	}
	return made + text.slice(from);
}
