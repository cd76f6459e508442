/**
 * Translation phases 1 to 3 of a text, as far as lines go: joins what a backslash continues (also in the middle of a token
 * or of a comment), blanks comments, and finds the directives.
 *
 * Invariant: `plain` is as long as the text, with line ends where they were: an offset means the same in both.
 */
import { digraphs, tokenise } from './token.js';

export interface Directive {
	/** `define`, `if`, …; empty for the null directive; `?` for something else behind `#`. */
	readonly kind: string;
	/** What follows the word, comments blanked and lines joined, trimmed. */
	readonly rest: string;
	/** From the start of its line to the end of it, continuation lines and the line end included. */
	readonly start: number;
	readonly end: number;
	/** Where `rest` begins in the text. */
	readonly restAt: number;
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
	/\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|"(?:\\[^\n]|[^"\\\n])*"|'(?:\\[^\n]|[^'\\\n])*'/g;
const splice = /\\[ \t]*\r?\n/g;
const directiveLine = /^[ \t\f\v\r]*(?:#|%:)[ \t\f\v]*([A-Za-z_]\w*)?([^\n]*)\n?/gm;

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
	const original = (at: number): number =>
		splices.length === 0 ? at : at + (lastBefore(splices, at)?.total ?? 0);
	const directives: Directive[] = [];
	if (logical.includes('#') || logical.includes('%:')) {
		directiveLine.lastIndex = 0;
		for (let m = directiveLine.exec(logical); m !== null; m = directiveLine.exec(logical)) {
			const [whole, word = '', tail = ''] = m;
			const rest = tail.trim();
			const restAt = m.index + whole.trimEnd().length - rest.length;
			directives.push({
				kind: word === '' && rest !== '' ? '?' : word,
				rest,
				start: original(m.index),
				end: endOf(original, m.index + whole.length, text.length),
				restAt: original(restAt),
			});
			if (whole === '') directiveLine.lastIndex++;
		}
	}
	return {
		plain: () => respliced(visibleText(joined), splices),
		directives,
		guard: guardOf(directives, logical),
		unfinished,
	};
}

function endOf(original: (at: number) => number, at: number, length: number): number {
	return at === 0 ? 0 : Math.min(original(at - 1) + 1, length);
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
		return ' '.repeat(token.length);
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
	let from = 0;
	for (const { at, text } of splices) {
		const behind = Math.max(tokenEnd(visible, at), from);
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

/** Where the token that stands around `at` ends; `at` itself between two tokens. */
function tokenEnd(text: string, at: number): number {
	if (at === 0 || /\s/.test(text[at - 1] ?? ' ')) {
		const quoted = (text.slice(text.lastIndexOf('\n', at - 1) + 1, at).match(/["']/g) ?? []).length;
		if (quoted === 0) return at;
	}
	const lineStart = text.lastIndexOf('\n', at - 1) + 1;
	const newline = text.indexOf('\n', at);
	for (const token of tokenise(text, lineStart, newline < 0 ? text.length : newline)) {
		if (token.end > at) return token.start < at ? token.end : at;
	}
	return at;
}

/** The text with every character but line ends replaced by a space. */
export function blank(text: string): string {
	return text.replace(/[^\n\r]/g, ' ');
}

function guardOf(directives: readonly Directive[], logical: string): string | null {
	const first = directives[0];
	const last = directives.at(-1);
	if (first === undefined || last?.kind !== 'endif') return null;
	const name =
		first.kind === 'ifndef'
			? first.rest
			: /^!\s*defined\s*\(?\s*(\w+)\s*\)?$/.exec(first.kind === 'if' ? first.rest : '')?.[1];
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
