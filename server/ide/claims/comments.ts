/**
 * The comments of a C file as running text: what stands in or above a function, cut into sentences, each with the place it
 * begins at. Lines are read as the author wrote them; what a sentence claims is `grammar.ts`.
 *
 * Invariant: strings and character constants are not comments; a comment belongs to one function or to none.
 */
import type { Place } from '../analysis/analysis.js';

/** A comment, or consecutive `//` lines. */
export interface Comment {
	/** 1-based, inclusive. */
	readonly line: number;
	readonly endLine: number;
	readonly sentences: readonly Sentence[];
}

export interface Sentence {
	/** Blanks collapsed, comment marks gone; case as written. */
	readonly text: string;
	readonly place: Omit<Place, 'path'>;
}

/** A function's place in the text: 1-based lines of its name and of its closing brace. */
export interface FunctionLines {
	readonly name: string;
	readonly line: number;
	readonly endLine: number;
}

/** All comments of a text, in order. */
export function commentsOf(text: string): readonly Comment[] {
	const lineStarts = startsOf(text);
	return joined(spansOf(text), text).map(({ start, end }) => {
		const from = positionOf(lineStarts, start);
		const to = positionOf(lineStarts, end - 1);
		return {
			line: from.line,
			endLine: to.line,
			sentences: sentencesOf(text, { start, end }, lineStarts),
		};
	});
}

/** The function a comment belongs to: it stands inside, or above with nothing but other comments in between. */
export function functionOf(
	comment: Comment,
	functions: readonly FunctionLines[],
	lines: readonly string[],
	comments: readonly Comment[],
): FunctionLines | null {
	return functionsOfComments(functions, lines, comments)(comment);
}

/** `functionOf` for all comments of a text: each line is looked at once, however many comments stand above it. */
export function functionsOfComments(
	functions: readonly FunctionLines[],
	lines: readonly string[],
	comments: readonly Comment[],
): (comment: Comment) => FunctionLines | null {
	const inOrder = [...functions].sort((a, b) => a.line - b.line);
	const commented = new Uint8Array(lines.length + 2);
	for (const { line, endLine } of comments) commented.fill(1, line, endLine + 1);
	// by line: the next one that neither is blank nor a comment nor the preprocessor's; the next with code's brackets
	const nextText = new Int32Array(lines.length + 2).fill(lines.length + 1);
	const nextCode = new Int32Array(lines.length + 2).fill(lines.length + 1);
	for (let line = lines.length; line > 0; line--) {
		const text = lines[line - 1] ?? '';
		const isPassed = commented[line] === 1 || ABOVE.test(text);
		nextText[line] = isPassed ? (nextText[line + 1] ?? 0) : line;
		nextCode[line] = /[;{}]/.test(text) ? line : (nextCode[line + 1] ?? 0);
	}
	return (comment) => {
		const at = firstBehind(inOrder, comment.line);
		const around = inOrder[at - 1];
		const isAround = (f: FunctionLines): boolean =>
			f.line < comment.line && comment.endLine <= f.endLine;
		if (around !== undefined && isAround(around)) return around;
		const below = inOrder[firstBehind(inOrder, comment.endLine + 1)];
		if (below === undefined) return null;
		const text = nextText[comment.endLine + 1] ?? 0;
		// lines from here to the function's name are its own: return type, attributes
		return text >= below.line || (nextCode[text] ?? 0) >= below.line ? below : null;
	};
}

/** Index of the first function whose name stands on that line or behind it. */
function firstBehind(functions: readonly FunctionLines[], line: number): number {
	let [low, high] = [0, functions.length];
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((functions[middle]?.line ?? 0) < line) low = middle + 1;
		else high = middle;
	}
	return low;
}

/** What may stand between a comment and the function it is about: blank lines, the preprocessor's. */
const ABOVE = /^\s*(#.*)?$/;

interface Span {
	readonly start: number;
	readonly end: number;
}

function spansOf(text: string): readonly Span[] {
	const spans: Span[] = [];
	const token =
		/\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?/g;
	for (const match of text.matchAll(token)) {
		if (!match[0].startsWith('/')) continue;
		spans.push({ start: match.index, end: match.index + match[0].length });
	}
	return spans;
}

/** `//` comments on lines that follow each other are one. */
function joined(spans: readonly Span[], text: string): readonly Span[] {
	const all: Span[] = [];
	for (const span of spans) {
		const last = all.at(-1);
		const isLine = (s: Span): boolean => text.startsWith('//', s.start);
		const between = last === undefined ? '' : text.slice(last.end, span.start);
		const follows = /^\r?\n[ \t]*$/.test(between);
		if (last !== undefined && isLine(last) && isLine(span) && follows)
			all[all.length - 1] = { start: last.start, end: span.end };
		else all.push(span);
	}
	return all;
}

/** Sentences end at full stops before a blank, at blank lines, and where a list item begins. */
function sentencesOf(text: string, span: Span, lineStarts: readonly number[]): readonly Sentence[] {
	const { chars, offsets } = bare(text, span);
	const sentences: Sentence[] = [];
	let from = 0;
	const cut = (to: number): void => {
		const raw = chars.slice(from, to);
		const lead = raw.length - raw.trimStart().length;
		const words = raw.trim().replace(/\s+/g, ' ');
		const first = offsets[from + lead];
		const last = offsets[from + raw.trimEnd().length - 1];
		from = to;
		if (!/[a-z]/i.test(words) || first === undefined || last === undefined) return;
		const begin = positionOf(lineStarts, first);
		const end = positionOf(lineStarts, last);
		sentences.push({
			text: words,
			place: { ...begin, endLine: end.line, endColumn: end.column + 1 },
		});
	};
	for (const match of chars.matchAll(END)) cut(match.index + match[0].length);
	cut(chars.length);
	return sentences;
}

/** A full stop that ends a sentence (not `e.g.`, not `5.4`), a blank line, the begin of a list item. */
const END = /(?<!\b(?:e\.g|i\.e|etc|vs|cf))[.!?](?=\s)|\n\s*\n|\n(?=\s*(?:\*\)|-|\d+\)|@)\s)/g;

/** The text of a comment without its marks; offsets into the file by character. */
function bare(
	text: string,
	{ start, end }: Span,
): { readonly chars: string; readonly offsets: readonly number[] } {
	let chars = '';
	const offsets: number[] = [];
	const put = (from: number, to: number): void => {
		for (let i = from; i < to; i++) {
			chars += text[i];
			offsets.push(i);
		}
	};
	let at = start;
	for (const line of text.slice(start, end).split(/(?<=\n)/)) {
		const mark = /^\s*(?:\/\*+|\*(?!\/|\))|\/\/)?/.exec(line)?.[0].length ?? 0;
		const body = withoutEnd(line);
		put(at + Math.min(mark, body.length), at + body.length);
		if (body.length < line.length && !body.endsWith('\n')) {
			chars += '\n';
			offsets.push(at + line.length - 1);
		}
		at += line.length;
	}
	return { chars, offsets };
}

/** A line without the comment's end and the blanks around it. */
function withoutEnd(line: string): string {
	const bare = line.trimEnd();
	if (!bare.endsWith('*/')) return line;
	let end = bare.length - 1;
	while (bare[end - 1] === '*') end--;
	return bare.slice(0, end).trimEnd();
}

function startsOf(text: string): readonly number[] {
	const starts = [0];
	for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
	return starts;
}

function positionOf(
	lineStarts: readonly number[],
	offset: number,
): { readonly line: number; readonly column: number } {
	let low = 0;
	let high = lineStarts.length - 1;
	while (low < high) {
		const middle = Math.ceil((low + high) / 2);
		if ((lineStarts[middle] ?? 0) <= offset) low = middle;
		else high = middle - 1;
	}
	return { line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 };
}
