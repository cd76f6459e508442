/**
 * A piece of text between two parts of Markdown, escaped so that it is rendered as it is, with as few backslashes as that
 * takes: people read Markdown as it is written, too.
 *
 * What need not be escaped, and why: an index (`pte[0]`) ends before a link could begin to; a reference needs a definition,
 * which needs `[` at the beginning of a line; a `_` between letters opens and closes nothing; everything else that
 * begins a block needs the beginning of a line, and a table its second one. Not every renderer keeps to CommonMark where a
 * bracket stands before code, so a `[` that is no index is always escaped.
 */

/** White space at which emphasis neither opens nor closes. */
const BLANK = /^\s?$/;

/** What begins a block, a definition or a table's rule, or underlines a heading, at the beginning of a line. */
const BEGINS_BLOCK = /^[#>+\-=~|[:]/;
const BEGINS_NUMBERED = /^(\d{1,9})(?=[.)])/;

export interface Standing {
	/** Nothing but a list's or heading's mark stands before it on its line. */
	readonly begins: boolean;
	/** In a link's label, which a bracket would end. */
	readonly labelled: boolean;
}

/** Escapes one line of visible text. */
export function escapeText(text: string, { begins, labelled }: Standing): string {
	const inner = begins ? text.trimStart() : text;
	const escaped = inner.replace(SPECIAL, (found, offset: number) => {
		const before = inner[offset - 1] ?? '';
		const after = inner[offset + found.length] ?? '';
		if (labelled && /[[\]]/.test(found)) return found.replace(/[[\]]/g, entity);
		return found.startsWith('[') && found !== '[' ? found : special(found, before, after);
	});
	if (!begins) return escaped;
	return escaped.replace(BEGINS_BLOCK, '\\$&').replace(BEGINS_NUMBERED, '$1\\');
}

/** `marked` takes the backslash before a bracket away before it reads a label. */
function entity(bracket: string): string {
	return `&#${bracket.charCodeAt(0)};`;
}

/** An index (`pte[0]`) ends before a link could; it stays as it is. */
const SPECIAL =
	/(?<=\w)\[[A-Za-z0-9]{1,20}\](?![([])|(?<=\s)#+|_+|\/{2,}|(?<=www)\.|&#?[A-Za-z0-9]{1,32};?|[\\`*~<[\]$@:]/gi;

/** How what may be syntax is written between these neighbours (empty: the end of the piece). */
function special(found: string, before: string, after: string): string {
	const all = found.replace(/[^A-Za-z0-9]/g, '\\$&');
	switch (found[0]) {
		case '\\':
			return after === '' || /[!-/:-@[-`{-~]/.test(after) ? all : found;
		case '`':
		case '~':
		case '.':
		case '[':
			return all;
		case '*':
			return BLANK.test(before) && BLANK.test(after) && before !== '' ? found : all;
		case '_':
			return /\w/.test(before) && /\w/.test(after) ? found : all;
		case '<':
			return after === '' || !/\s/.test(after) ? all : found;
		case ']':
			return after === '' || after === '(' ? all : found;
		case '$':
			return after === '' || after === '(' ? all : found;
		case '@':
			return /[\w.+-]/.test(before) ? all : found;
		case '&':
			return found.endsWith(';') ? `\\${found}` : found;
		case ':':
			return after === '/' ? all : found;
		default:
			return all;
	}
}
