/**
 * Preprocessing tokens (translation phase 3): identifiers, numbers, strings, character constants and punctuators, each
 * with where it stands. They are read from text whose comments are blanked and whose lines are joined (`logical_lines.ts`).
 *
 * Invariant: the tokens and the white space between them are the whole text; nothing is skipped.
 */
import type { Macro } from './definition.js';

export type TokenKind =
	| 'identifier'
	| 'number'
	| 'string'
	| 'character'
	| 'punctuator'
	| 'other'
	/** What `##` leaves of an empty operand. */
	| 'placemarker';

export interface Token {
	readonly kind: TokenKind;
	readonly text: string;
	/**
	 * Where it stands in the user's text, in UTF-16 units. A token of a macro's replacement stands where the outermost
	 * invocation does, from its name to its `)`.
	 */
	readonly start: number;
	readonly end: number;
	/** White space comes before it. */
	readonly space: boolean;
	/** Macros that it is not expanded by any more (Prosser's hide set); null: none. */
	readonly hide: ReadonlySet<string> | null;
	/** The macro whose replacement it comes from and where in its body; null: the user wrote it where it stands. */
	readonly from: { readonly macro: Macro; readonly at: number } | null;
}

/** Pieces with more tokens than this are cut, and whoever reads them is told. */
export const tokensMax = 2_000_000;

/** A quote that nothing closes goes to the end of its line, as gcc has it: what stands behind it is not tried again. */
const patterns =
	/([A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*)|(\.?[0-9](?:[eEpP][+-]|[\w.])*)|("(?:\\[^\n]|[^"\\\n])*")|('(?:\\[^\n]|[^'\\\n])*')|(%:%:|\.\.\.|<<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[*/%+\-&^|]=|##|<:|:>|<%|%>|%:|[-[\](){}.&*+~!/%<>^|?:;=,#])|"(?:\\[^\n]|[^"\\\n])*|'(?:\\[^\n]|[^'\\\n])*|[\s\S]/g;

/** The tokens of `[from, to)`; positions are those of `text`. */
export function tokenise(text: string, from = 0, to: number = text.length): Token[] {
	const tokens: Token[] = [];
	const piece = to === text.length ? text : text.slice(0, to);
	let space = false;
	for (let at = from; tokens.length < tokensMax; ) {
		for (; at < to && isBlank(piece.charCodeAt(at)); at++) space = true;
		if (at >= to) break;
		patterns.lastIndex = at;
		const match = patterns.exec(piece);
		if (match === null) break;
		const whole = match[0];
		const start = at;
		at += whole.length;
		const kind = kindOf(match);
		const prefixed = kind === 'string' || kind === 'character' ? prefixOf(tokens, start) : null;
		if (prefixed !== null) {
			// L"…", u8"…", L'…'
			tokens[tokens.length - 1] = { ...prefixed, kind, text: prefixed.text + whole, end: at };
			continue;
		}
		tokens.push({ kind, text: whole, start, end: at, space, hide: null, from: null });
		space = false;
	}
	return tokens;
}

/** What C takes for blanks. */
function isBlank(code: number): boolean {
	return code === 32 || (code >= 9 && code <= 13);
}

function kindOf(match: RegExpExecArray): TokenKind {
	if (match[1] !== undefined) return 'identifier';
	if (match[2] !== undefined) return 'number';
	if (match[3] !== undefined) return 'string';
	if (match[4] !== undefined) return 'character';
	if (match[5] !== undefined) return 'punctuator';
	return 'other';
}

function prefixOf(tokens: readonly Token[], start: number): Token | null {
	const before = tokens.at(-1);
	const isPrefix = before?.kind === 'identifier' && /^(?:L|u8?|U)$/.test(before.text);
	return isPrefix && before.end === start ? before : null;
}

/** Whether a name stands in a text, and not as a part of another. */
export function hasName(text: string, name: string): boolean {
	for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + name.length)) {
		const [before, behind] = [text.charCodeAt(at - 1), text.charCodeAt(at + name.length)];
		if (!isWordCode(before) && !isWordCode(behind)) return true;
	}
	return false;
}

export function isPunctuator(token: Token | undefined, text: string): boolean {
	return token?.kind === 'punctuator' && (token.text === text || digraphs[token.text] === text);
}

/** C11 6.4.6: spelled otherwise, otherwise the same. */
export const digraphs: Readonly<Record<string, string>> = {
	'<:': '[',
	':>': ']',
	'<%': '{',
	'%>': '}',
	'%:': '#',
	'%:%:': '##',
};

/** Tokens as text: white space where there was some, and where two would otherwise become one. */
export function spellingOf(tokens: readonly Token[]): string {
	let text = '';
	for (const token of tokens) {
		if (text !== '' && (token.space || wouldJoin(text, token.text))) text += ' ';
		text += token.text;
	}
	return text;
}

/** Whether two neighbours would be read as one token, or as another two. */
export function wouldJoin(before: string, after: string): boolean {
	const last = before.charCodeAt(before.length - 1);
	const first = after.charCodeAt(0);
	if (isWordCode(last) && (isWordCode(first) || first === 34 || first === 39 || first === 46))
		return true;
	if (last === 46 && isWordCode(first)) return true;
	return isJoining(last) && isJoining(first);
}

function isWordCode(code: number): boolean {
	return (
		(code >= 48 && code <= 57) ||
		(code >= 65 && code <= 90) ||
		(code >= 97 && code <= 122) ||
		code === 95 ||
		code === 36 ||
		code > 127
	);
}

const joining = new Set([...'+-*/%<>=!&|^#:.'].map((c) => c.charCodeAt(0)));

function isJoining(code: number): boolean {
	return joining.has(code);
}
