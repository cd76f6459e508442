/**
 * Text of others made fit to be looked at: whatever is not seen where it stands, or would be obeyed instead of shown, is
 * written as its escape (`\x1b`, `\u202e`). Every other target of this folder begins with this.
 *
 * It leaves out what a target's own syntax makes of printable characters: that is the target's file.
 *
 * Invariant: the result holds no control character but a line feed and a tab where they were asked to stay, nothing that
 * turns the direction of writing, no character without a width and no half of a surrogate pair.
 * Invariant: `visible(visible(x)) = visible(x)`.
 */

/**
 * Controls (C0, DEL, C1), format characters (direction, joiners, soft hyphen, byte order mark, tags), line and paragraph
 * separators, lone surrogates, and the letters and selectors without a width (Unicode's Default_Ignorable_Code_Point).
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{DI}]/gu;
const UNSEEN_IN_LINES = /[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{DI}]/gu;

/** A character's escape as C and JavaScript write it. */
function escapeOf(character: string): string {
	const code = character.codePointAt(0) ?? 0;
	const hex = code.toString(16);
	if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
	return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}

/** Text of any number of lines: line ends become line feeds; they and tabs stay. */
export function visible(text: string): string {
	return text.replace(/\r\n/g, '\n').replace(UNSEEN_IN_LINES, escapeOf);
}

/** Text for one line: white space of every kind becomes a blank. */
export function visibleLine(text: string): string {
	return text.replace(/\r\n|[\n\r\t\v\f]/g, ' ').replace(UNSEEN, escapeOf);
}

/** The value as JSON, in which what cannot be seen stands as JSON's own escapes: the same value, fit for a terminal. */
export function visibleJson(value: unknown, space: string | number = 1): string {
	return JSON.stringify(value, null, space).replace(UNSEEN_IN_LINES, (character) =>
		Array.from(
			{ length: character.length },
			(_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
		).join(''),
	);
}
