/** Text of others as messages repeat it: as long as a line, whatever was given. */

/** Characters of a text that a message repeats. */
const SHOWN_MAX = 80;

/** The text, or its beginning. */
export function shortened(text: string, charactersMax = SHOWN_MAX): string {
	return text.length <= charactersMax ? text : `${text.slice(0, charactersMax)}…`;
}
