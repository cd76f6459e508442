/**
 * Translation phases 1 to 3 of a text, as far as lines go: joins what a backslash continues (also in the middle of a token
 * or of a comment), blanks comments, and finds the directives.
 *
 * Invariant: `plain` is as long as the text, with line ends where they were: an offset means the same in both.
 */
import { digraphs, type Token, tokenise } from './token.js';

export interface Directive {
	/** `define`, `if`, …; empty for the null directive; `?` for something else behind `#`. */
	readonly kind: string;
	/** What follows the word, comments blanked and lines joined, trimmed. */
	readonly rest: string;
	/** From the start of its line to the end of it, continuation lines and the line end included. */
	readonly start: number;
	readonly end: number;
}

export interface LogicalLines {
	/** The text with comments blanked and continued tokens in one piece (what continued them stands behind); made when asked for. */
	plain(): string;
	readonly directives: readonly Directive[];
	/** `#ifndef X` … `#endif` around all of it: X. */
	readonly guard: string | null;
	/** A comment or a directive goes on beyond the end of the text. */
	readonly unfinished: string | null;
}

const comment =
	/\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|"(?:\\[^\n]|[^"\\\n])*"?|'(?:\\[^\n]|[^'\\\n])*'?/g;
/** gcc takes blanks between the backslash and the end of the line for nothing: libcpp/lex.cc, _cpp_clean_line(). */
export const splice = /\\[ \t\f\v\0]*\r?\n/g;

interface Splice {
	/** Where it was taken out, in the joined text. */
	readonly at: number;
	readonly text: string;
	/** Length of all that was taken out up to and with this one. */
	readonly total: number;
}

export function logicalLines(text: string): LogicalLines {
	const splices: Splice[] = [];
	const joined = text.includes('\\') ? join(text, splices) : text;
	const { logical, unfinished } = withoutComments(joined);
	const directives = directivesOf(logical, text.length, splices);
	return {
		plain: () => respliced(visibleText(joined), splices),
		directives,
		guard: guardOf(directives, logical),
		unfinished,
	};
}

/** The lines whose first character is `#`. */
function directivesOf(logical: string, length: number, splices: readonly Splice[]): Directive[] {
	const found: Directive[] = [];
	const hasDigraph = logical.includes('%:');
	const original = (at: number): number =>
		splices.length === 0 ? at : at + (lastBefore(splices, at)?.total ?? 0);
	for (let from = 0; from < logical.length; ) {
		const hash = signFrom(logical, from, hasDigraph);
		if (hash < 0) break;
		const start = lineStartIf(logical, hash);
		if (start < 0) {
			from = hash + 1;
			continue;
		}
		const newline = logical.indexOf('\n', hash);
		const end = newline < 0 ? logical.length : newline + 1;
		const line = trimmed(logical.slice(hash + (logical[hash] === '#' ? 1 : 2), end));
		const [kind = ''] = directiveWord.exec(line) ?? [];
		const rest = trimmed(line.slice(kind.length));
		found.push({
			kind: kind === '' && rest !== '' ? '?' : kind,
			rest,
			start: original(start),
			end: Math.min(original(end - 1) + 1, length),
		});
		from = end;
	}
	return found;
}

const directiveWord = /^[A-Za-z_]\w*/;

/** Without what C takes for blanks at either end, which is less than JavaScript does: U+00A0 is none. */
function trimmed(text: string): string {
	let from = 0;
	let to = text.length;
	while (from < to && isBlank(text.charCodeAt(from))) from++;
	while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
	return text.slice(from, to);
}

function isBlank(code: number): boolean {
	return code === 32 || (code >= 9 && code <= 13);
}

function signFrom(text: string, from: number, hasDigraph: boolean): number {
	const hash = text.indexOf('#', from);
	const other = hasDigraph ? text.indexOf('%:', from) : -1;
	return hash < 0 || (other >= 0 && other < hash) ? other : hash;
}

/** Start of the line when only white space stands before the place, else -1. */
function lineStartIf(text: string, at: number): number {
	for (let i = at - 1; i >= 0; i--) {
		const code = text.charCodeAt(i);
		if (code === 10) return i + 1;
		if (!isBlank(code)) return -1;
	}
	return 0;
}

function join(text: string, splices: Splice[]): string {
	let removed = 0;
	return text.replace(splice, (whole, at: number) => {
		splices.push({ at: at - removed, text: whole, total: removed + whole.length });
		removed += whole.length;
		return '';
	});
}

/** The last splice taken out at or before a place of the joined text. */
function lastBefore(splices: readonly Splice[], at: number): Splice | undefined {
	let low = 0;
	let high = splices.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((splices[middle]?.at ?? 0) <= at) low = middle + 1;
		else high = middle;
	}
	return splices[low - 1];
}

/** Comments as blanks, their line ends too: a comment does not end a directive's line. */
function withoutComments(text: string): {
	readonly logical: string;
	readonly unfinished: string | null;
} {
	if (!text.includes('/*') && !text.includes('//')) return { logical: text, unfinished: null };
	let unfinished: string | null = null;
	const logical = text.replace(comment, (token) => {
		if (token.charCodeAt(0) !== 47) return token;
		const isOpen = token.charCodeAt(1) === 42 && (token.length < 4 || !token.endsWith('*/'));
		if (isOpen) unfinished = 'a comment is not closed';
		return spaces(token.length);
	});
	return { logical, unfinished };
}

/** Comments as blanks, their line ends kept. */
function visibleText(text: string): string {
	return text.replace(comment, (token) => (token.charCodeAt(0) === 47 ? blank(token) : token));
}

/** Puts back what continued lines: behind the token it stood in, as a blank and its line end. */
function respliced(visible: string, splices: readonly Splice[]): string {
	if (splices.length === 0) return visible;
	const pieces: string[] = [];
	const endAround = tokenEnds(visible);
	let from = 0;
	for (const { at, text } of splices) {
		const behind = Math.max(endAround(at), from);
		pieces.push(visible.slice(from, behind), text.replace('\\', ' '));
		from = behind;
	}
	pieces.push(visible.slice(from));
	return pieces.join('');
}

/** Brackets in their usual spelling, for a grammar that knows no other; as long as the text. */
export function withoutDigraphs(text: string): string {
	if (!/<[:%]|[:%]>/.test(text)) return text;
	const pieces: string[] = [];
	let from = 0;
	for (const { kind, text: spelled, start, end } of tokenise(text)) {
		const plain = kind === 'punctuator' ? digraphs[spelled] : undefined;
		if (plain === undefined) continue;
		// an item ends with its last bracket
		const isClosing = plain === '}' || plain === ']';
		pieces.push(
			text.slice(from, start),
			isClosing ? plain.padStart(spelled.length) : plain.padEnd(spelled.length),
		);
		from = end;
	}
	pieces.push(text.slice(from));
	return pieces.join('');
}

/** Where the token ends that stands around a place; the place itself between two tokens. To be asked in the order of the text. */
function tokenEnds(text: string): (at: number) => number {
	let lineEnd = -1;
	let lineStart = 0;
	/** Of the line's first quote. */
	let quote = -1;
	let tokens: readonly Token[] | null = null;
	let next = 0;
	return (at) => {
		if (at > lineEnd) {
			const newline = text.indexOf('\n', at);
			lineEnd = newline < 0 ? text.length : newline;
			lineStart = text.lastIndexOf('\n', at - 1) + 1;
			quote = quoteIn(text, lineStart, lineEnd);
			tokens = null;
		}
		// blanks stand in no token but in what is quoted
		const isBeside = isBlank(text.charCodeAt(at - 1)) || isBlank(text.charCodeAt(at));
		if (at <= quote && isBeside) return at;
		if (tokens === null) {
			tokens = tokenise(text, lineStart, lineEnd);
			next = 0;
		}
		while ((tokens[next]?.end ?? Number.POSITIVE_INFINITY) <= at) next++;
		const token = tokens[next];
		return token !== undefined && token.start < at ? token.end : at;
	};
}

/** The first quote of a part of a text; where there is none, its end. */
function quoteIn(text: string, from: number, to: number): number {
	for (let at = from; at < to; at++) {
		const code = text.charCodeAt(at);
		if (code === 34 || code === 39) return at;
	}
	return to;
}

/** The text without what a compiler does not read as code: comments, strings and character constants are blank. */
export function codeOnly(text: string): string {
	return text.replace(comment, blank);
}

/** The text with every character but line ends replaced by a space. */
export function blank(text: string): string {
	return text.includes('\n') || text.includes('\r')
		? text.replace(/[^\n\r]+/g, (line) => spaces(line.length))
		: spaces(text.length);
}

const SPACES = ' '.repeat(4096);

/** So many spaces; as a part of one string, which costs no new one. */
function spaces(length: number): string {
	return length <= SPACES.length ? SPACES.slice(0, length) : ' '.repeat(length);
}

function guardOf(directives: readonly Directive[], logical: string): string | null {
	const first = directives[0];
	const last = directives.at(-1);
	if (first === undefined || last?.kind !== 'endif') return null;
	const name =
		first.kind === 'ifndef'
			? first.rest
			: /^! ?defined ?\(? ?(\w+) ?\)?$/.exec(collapsed(first.kind === 'if' ? first.rest : ''))?.[1];
	if (name === undefined || !/^\w+$/.test(name)) return null;
	let depth = 0;
	for (const [index, { kind }] of directives.entries()) {
		if (kind === 'if' || kind === 'ifdef' || kind === 'ifndef') depth++;
		else if (kind === 'endif') depth--;
		else if (depth === 1 && kind.startsWith('el')) return null;
		if (depth === 0 && index < directives.length - 1) return null;
	}
	const hash = logical.search(/[^\s]/);
	const isFirst = hash < 0 || /^(?:#|%:)/.test(logical.slice(hash));
	const behind = logical.slice(logical.lastIndexOf('endif') + 5);
	return isFirst && behind.trim() === '' ? name : null;
}

function collapsed(text: string): string {
	return text.trim().replace(/\s+/g, ' ');
}
