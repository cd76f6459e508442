/**
 * The text of headers between their directives, as far as it matters to who includes them: whether they end where an item does, and
 * which functions and enumerators they declare. What it means is not looked at.
 */
import { type After, activeText } from './active_text.js';
import type { ExpansionScope } from './expand.js';
import type { Header } from './header_text.js';
import type { LogicalLines } from './logical_lines.js';
import type { MacroHistory } from './macro.js';
import { hasName, type Token } from './token.js';

/** Names, strings and single characters of a text without comments and directives. */
const piece = /"(?:\\[^\n]|[^"\\\n])*"?|'(?:\\[^\n]|[^'\\\n])*'?|[A-Za-z_$][\w$]*|[^\s"'A-Za-z_$]/g;

/** A header's text. */
export interface Ending {
	/** Without comments, directives and what they leave out. */
	readonly text: string;
	/** What it opens it closes. */
	readonly isBalanced: boolean;
	/** Its last item, which no `;` and no `}` ends; empty: there is none. */
	readonly last: string;
	/** Directives before its end. */
	readonly before: number;
	/** Functions that it declares or defines, and enumerators. */
	readonly declares: ReadonlySet<string>;
}

const endings = new WeakMap<Header, Map<string, Ending>>();

/** What a header's text is, where so much of it is active. */
export function endingOf(header: Header, after: readonly After[]): Ending {
	const { lines } = header;
	const key = after.map(({ active }) => (active ? 1 : 0)).join('');
	let known = endings.get(header);
	if (known === undefined) {
		known = new Map();
		endings.set(header, known);
	}
	let ending = known.get(key);
	if (ending === undefined) {
		const text = activeText(lines.plain(), lines.directives, after);
		ending = { ...scanned(text), before: 0, text };
		const end = text.trimEnd().length;
		const before = lines.directives.findLastIndex((d) => d.start < end) + 1;
		ending = { ...ending, before };
		known.set(key, ending);
	}
	return ending;
}

/** What of a token decides: whether it is a name, a `*`, or anything else. */
type TokenKind = 'name' | 'star' | 'other';

/** One look at each character: headers are most of what a check reads. */
function scanned(text: string): Pick<Ending, 'isBalanced' | 'last' | 'declares'> {
	const declares = new Set<string>();
	let depth = 0;
	let isBalanced = true;
	/** Where the item at hand begins, and where its enumerators do. */
	let from = 0;
	let enumerators = -1;
	let isEnumeration = false;
	let before: TokenKind = 'other';
	let last: TokenKind = 'other';
	/** Where the last token stands. */
	let start = 0;
	let end = 0;
	for (let at = 0; at < text.length; ) {
		const code = text.charCodeAt(at);
		if (isSpace(text, at, code)) {
			at++;
			continue;
		}
		let kind: TokenKind = 'other';
		const next = tokenEnd(text, at, code);
		switch (code) {
			case OPEN_BRACE:
			case OPEN_PARENTHESIS:
			case OPEN_BRACKET:
				if (depth === 0 && code === OPEN_PARENTHESIS && last === 'name' && before !== 'other')
					declares.add(text.slice(start, end));
				if (depth === 0 && code === OPEN_BRACE && isEnumeration) enumerators = next;
				isEnumeration &&= code !== OPEN_PARENTHESIS;
				depth++;
				break;
			case CLOSE_BRACE:
			case CLOSE_PARENTHESIS:
			case CLOSE_BRACKET:
				depth--;
				if (depth === 0 && enumerators >= 0) {
					addEnumerators(declares, text.slice(enumerators, at));
					enumerators = -1;
				}
				break;
			case STAR:
				kind = 'star';
				break;
			default:
				if (isNameStart(code)) kind = 'name';
		}
		isBalanced &&= depth >= 0;
		if (depth === 0) {
			if (code === SEMICOLON || code === CLOSE_BRACE) from = next;
			const isEnum = kind === 'name' && next - at === 4 && text.startsWith('enum', at);
			isEnumeration = isEnum || (isEnumeration && code !== SEMICOLON);
		}
		[before, last, start, end] = [last, kind, at, next];
		at = next;
	}
	return { isBalanced: isBalanced && depth === 0, last: text.slice(from).trim(), declares };
}

const [OPEN_BRACE, CLOSE_BRACE, OPEN_PARENTHESIS, CLOSE_PARENTHESIS] = [123, 125, 40, 41];
const [OPEN_BRACKET, CLOSE_BRACKET, STAR, SEMICOLON] = [91, 93, 42, 59];
const [DOUBLE_QUOTE, SINGLE_QUOTE, BACKSLASH, NEWLINE] = [34, 39, 92, 10];

/** As `\\s` has it. */
function isSpace(text: string, at: number, code: number): boolean {
	if (code < 128) return code === 32 || (code >= 9 && code <= 13);
	return /\s/.test(text.charAt(at));
}

function isNameStart(code: number): boolean {
	return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code === 36;
}

/** Where the token ends that begins at a place with a character that is no space: as `piece` has it. */
function tokenEnd(text: string, at: number, code: number): number {
	let next = at + 1;
	if (isNameStart(code)) {
		for (; next < text.length; next++) {
			const c = text.charCodeAt(next);
			if (!isNameStart(c) && !(c >= 48 && c <= 57)) break;
		}
		return next;
	}
	if (code !== DOUBLE_QUOTE && code !== SINGLE_QUOTE) return next;
	for (; next < text.length; next++) {
		const c = text.charCodeAt(next);
		if (c === code) return next + 1;
		if (c === NEWLINE) return next;
		if (c !== BACKSLASH) continue;
		// what is escaped is part of it, but no line's end
		if (next + 1 === text.length || text.charCodeAt(next + 1) === NEWLINE) return next;
		next++;
	}
	return next;
}

function addEnumerators(names: Set<string>, list: string): void {
	let depth = 0;
	let isFirst = true;
	for (const [token] of list.matchAll(/[(),]|[A-Za-z_]\w*/g)) {
		if (token === '(') depth++;
		else if (token === ')') depth--;
		else if (token === ',') isFirst ||= depth === 0;
		else if (isFirst) {
			names.add(token);
			isFirst = false;
		}
	}
}

/**
 * Why what stands behind a header is not read as it looks: the header ends inside a function or a declaration. `opening`: macros that open
 * or close a block and do not do the other.
 */
export function openEnd(
	{ isBalanced, last, before, text }: Ending,
	{
		opening,
		expanded,
	}: {
		readonly opening: ReadonlySet<string>;
		/** With the macros that there are behind so many directives. */
		readonly expanded: (text: string, directives: number) => readonly Token[];
	},
): string | null {
	if (!isBalanced) return 'it opens or closes a block and does not do the other';
	if (opening.size > 0) {
		const name = [...opening].find((each) => hasName(text, each));
		if (name !== undefined) return `${name} opens or closes a block`;
	}
	if (last === '') return null;
	const end = expanded(last, before).at(-1)?.text;
	return end === undefined || end === ';' || end === '}' ? null : 'it ends inside a declaration';
}

/** Whether the text up to the last of those directives opens a block that it does not close. */
export function isInBlock(lines: LogicalLines, after: readonly After[]): boolean {
	const directives = lines.directives.slice(0, after.length + 1);
	const text = activeText(lines.plain().slice(0, directives.at(-1)?.start ?? 0), directives, after);
	let depth = 0;
	for (const [token] of text.matchAll(piece)) {
		if (token === '{') depth++;
		else if (token === '}') depth--;
	}
	return depth > 0;
}

/** Whether a macro opens or closes a block and does not do the other. */
export function opensBlock(rest: string): boolean {
	if (!rest.includes('{') && !rest.includes('}')) return false;
	let depth = 0;
	for (const [token] of rest.matchAll(piece)) {
		if (token === '{') depth++;
		else if (token === '}') depth--;
	}
	return depth !== 0;
}

const TOKENS_MAX = 200_000;

/** The macros of a time, for the text of a header. */
export function macrosAt(history: MacroHistory, time: number): ExpansionScope {
	return {
		tokensLeft: TOKENS_MAX,
		macro: (name) => history.at(name, time) ?? null,
		special: () => null,
		problem: () => undefined,
	};
}
