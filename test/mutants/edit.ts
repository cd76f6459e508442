/**
 * Edits of C text by short anchors: a statement is found by a piece of its first line and then moved, dropped, doubled
 * or replaced as a whole, so that a table of edits holds our words and hardly any of the text it edits.
 *
 * Invariant: an anchor that fits nowhere, or at several places without saying which, throws; so does an edit without effect.
 */

/** Text to text. */
export type Edit = (text: string) => string;

/** A piece of text, and which of its occurrences is meant when there are several (from 0). */
export type Anchor = string | readonly [text: string, nth: number];

/** Applies edits one after the other. */
export function all(...edits: readonly Edit[]): Edit {
	return (text) => edits.reduce((t, edit) => edit(t), text);
}

/** Edits inside the definition of a function that has a real body (stubs under `#else` do not count). */
export function inside(name: string, ...edits: readonly Edit[]): Edit {
	return (text) => {
		const { start, end } = definition(text, name);
		const before = text.slice(start, end);
		const after = all(...edits)(before);
		if (after === before) throw new Error(`nothing changed in ${name}`);
		return text.slice(0, start) + after + text.slice(end);
	};
}

/** Puts text before the definition of a function (before its `static`, not its comment). */
export function beforeFunction(name: string, added: string): Edit {
	return (text) => {
		const { start } = definition(text, name);
		return `${text.slice(0, start)}${added}\n${text.slice(start)}`;
	};
}

/** Replaces a piece of text. */
export function swap(anchor: Anchor, by: string): Edit {
	return (text) => {
		const at = find(text, anchor);
		return text.slice(0, at) + by + text.slice(at + pieceOf(anchor).length);
	};
}

/** Replaces every match, of which there must be one. */
export function swapAll(pattern: RegExp, by: string): Edit {
	return (text) => {
		const after = text.replace(pattern, by);
		if (after === text) throw new Error(`${pattern} fits nowhere`);
		return after;
	};
}

/** Removes a statement. */
export function drop(anchor: Anchor): Edit {
	return rewrite(anchor, () => '');
}

/** Removes a piece of text. */
export function cut(anchor: Anchor): Edit {
	return swap(anchor, '');
}

/** Puts other text in place of a statement. */
export function rewrite(anchor: Anchor, by: string | ((statement: string) => string)): Edit {
	return (text) => {
		const { start, end } = statement(text, anchor);
		const old = text.slice(start, end);
		const made = typeof by === 'string' ? `${indentOf(old)}${by}\n` : by(old);
		return text.slice(0, start) + made + text.slice(end);
	};
}

/** Adds text as lines before a statement. */
export function before(anchor: Anchor, added: string): Edit {
	return rewrite(anchor, (old) => `${indentOf(old)}${added}\n${old}`);
}

/** Adds text as lines after a statement. */
export function after(anchor: Anchor, added: string): Edit {
	return rewrite(anchor, (old) => `${old}${indentOf(old)}${added}\n`);
}

/** Moves a statement before another one. */
export function move(anchor: Anchor, target: Anchor): Edit {
	return (text) => {
		const { start, end } = statement(text, anchor);
		const moved = text.slice(start, end);
		const rest = text.slice(0, start) + text.slice(end);
		const to = statement(rest, target).start;
		return rest.slice(0, to) + moved + rest.slice(to);
	};
}

/** Moves a statement behind another one. */
export function moveAfter(anchor: Anchor, target: Anchor): Edit {
	return (text) => {
		const { start, end } = statement(text, anchor);
		const moved = text.slice(start, end);
		const rest = text.slice(0, start) + text.slice(end);
		const to = statement(rest, target).end;
		return rest.slice(0, to) + moved + rest.slice(to);
	};
}

/** Changes inside one statement only. */
export function within(anchor: Anchor, ...edits: readonly Edit[]): Edit {
	return rewrite(anchor, (old) => all(...edits)(old));
}

interface Range {
	readonly start: number;
	readonly end: number;
}

/** Shortest definition that is no stub, in lines. */
const BODY_LINES_MIN = 9;

function definition(text: string, name: string): Range {
	const head = new RegExp(
		`^(?:static|inline|noinline|__always_inline|unsigned|void|int|bool|struct|long)\\b[^;{}()]*\\b${name}\\(`,
		'gm',
	);
	for (const match of text.matchAll(head)) {
		const brace = text.indexOf('{', match.index);
		const semicolon = text.indexOf(';', match.index);
		if (brace < 0 || (semicolon >= 0 && semicolon < brace)) continue;
		const end = text.indexOf('\n}\n', match.index) + 3;
		if (text.slice(match.index, end).split('\n').length > BODY_LINES_MIN)
			return { start: match.index, end };
	}
	throw new Error(`no definition of ${name}`);
}

function pieceOf(anchor: Anchor): string {
	return typeof anchor === 'string' ? anchor : anchor[0];
}

function find(text: string, anchor: Anchor): number {
	const piece = pieceOf(anchor);
	const places: number[] = [];
	for (let at = text.indexOf(piece); at >= 0; at = text.indexOf(piece, at + 1)) places.push(at);
	const at =
		typeof anchor === 'string' ? (places.length === 1 ? places[0] : undefined) : places[anchor[1]];
	if (at === undefined)
		throw new Error(`${JSON.stringify(anchor)} fits at ${places.length} places`);
	return at;
}

/** Whole lines of the statement whose first line holds the anchor. */
function statement(text: string, anchor: Anchor): Range {
	const at = find(text, anchor);
	const start = text.lastIndexOf('\n', at) + 1;
	const end = endOfStatement(text, skipBlank(text, start));
	const newline = text.indexOf('\n', end);
	return { start, end: newline + 1 };
}

function endOfStatement(text: string, start: number): number {
	const keyword = /^(?:if|while|for|switch|do)\b/.exec(text.slice(start, start + 10))?.[0];
	if (text[start] === '{') return closing(text, start) + 1;
	if (keyword === 'do') return endOfSimple(text, endOfStatement(text, skipBlank(text, start + 2)));
	if (keyword === undefined) return endOfSimple(text, start);
	const condition = closing(text, text.indexOf('(', start)) + 1;
	const body = endOfStatement(text, skipBlank(text, condition));
	const next = skipBlank(text, body);
	if (keyword !== 'if' || !/^else\b/.test(text.slice(next, next + 5))) return body;
	return endOfStatement(text, skipBlank(text, next + 4));
}

function endOfSimple(text: string, start: number): number {
	for (let at = start; at < text.length; at++) {
		const c = text[at];
		if (c === '(' || c === '{' || c === '[') at = closing(text, at);
		else if (c === ';') return at + 1;
	}
	throw new Error('a statement does not end');
}

function closing(text: string, open: number): number {
	let depth = 0;
	for (let at = open; at < text.length; at++) {
		const c = text[at];
		if (text.startsWith('/*', at)) at = text.indexOf('*/', at) + 1;
		else if (c === '(' || c === '{' || c === '[') depth++;
		else if (c === ')' || c === '}' || c === ']') {
			depth--;
			if (depth === 0) return at;
		}
	}
	throw new Error('a bracket does not close');
}

/** Skips white space and comments. */
function skipBlank(text: string, from: number): number {
	let at = from;
	for (;;) {
		while (/\s/.test(text[at] ?? 'x')) at++;
		if (!text.startsWith('/*', at)) return at;
		at = text.indexOf('*/', at) + 2;
	}
}

function indentOf(line: string): string {
	return /^[\t ]*/.exec(line)?.[0] ?? '';
}
