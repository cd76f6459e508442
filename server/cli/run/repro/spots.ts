/**
 * Where a statement can be put into C, by its lines alone: before the statement that a line lies in, and at the begin of a function's body.
 * Where that is not clear there is no spot.
 *
 * Invariant: a spot is behind a line that ends a statement, begins a block or is a label: what is put there is a statement of its own.
 */
import { logicalLines } from '../../../syntax/preprocess/logical_lines.js';
import { definitionEnd, splitLines } from '../../../tree/source_lines.js';

/** Lines that a statement may have. */
const LINES_MAX = 40;

/** The lines of a text without comments; a line that goes on in the next one ends in a backslash. */
export function codeLines(text: string): readonly string[] {
	const raw = splitLines(text);
	return splitLines(logicalLines(text).plain()).map((line, i) =>
		(raw[i] ?? '').trimEnd().endsWith('\\') && !line.trimEnd().endsWith('\\') ? `${line} \\` : line,
	);
}

/** 1-based line before which a statement can stand so that it runs before `line`; null: it is not clear. */
export function spotBefore(lines: readonly string[], line: number): number | null {
	let at = line;
	for (let i = 0; i < LINES_MAX && at > 1; i++) {
		const own = (lines[at - 1] ?? '').trim();
		// the other arm of a branch, a line of a macro, a block alone
		if (/^(?:\}\s{0,20})?else\b/.test(own) || /^[#{]/.test(own) || own.endsWith('\\')) return null;
		const above = codeAbove(lines, at);
		if (above === null || above.text.endsWith('\\')) return null;
		if (isEnd(above.text) && isOutside(lines, at)) return at;
		at = above.line;
	}
	return null;
}

/**
 * The 1-based line begins an arm that is one statement without braces, which neither branches nor loops nor leaves a loop: `else`, or an
 * `if` of one line, stands alone above it.
 */
export function isArm(lines: readonly string[], line: number): boolean {
	const own = (lines[line - 1] ?? '').trim();
	const above = codeAbove(lines, line);
	if (above === null || own.endsWith('\\') || !isOutside(lines, line)) return false;
	const begins =
		/^(?:[(*&]|\+\+|--|(?!(?:break|continue|if|else|for|while|do|switch|case|default)\b)[A-Za-z_]\w{0,200}\b(?!\s{0,20}:))/;
	if (!begins.test(own)) return false;
	const head = /^(?:\}\s{0,20})?(?:else\s{0,20})?(?:if\s{0,20}(\(.{0,400}\)))?$/.exec(above.text);
	if (head === null || !/\b(?:else|if)\b/.test(above.text)) return false;
	return head[1] === undefined || closesAtEnd(head[1]);
}

/** The bracket that a text begins with is closed by its last character. */
function closesAtEnd(text: string): boolean {
	let open = 0;
	for (const [i, c] of [...text].entries()) {
		open += c === '(' ? 1 : c === ')' ? -1 : 0;
		if (open === 0) return i === text.length - 1;
	}
	return false;
}

/** The nearest line above that holds code; directives hold none. */
function codeAbove(
	lines: readonly string[],
	line: number,
): { readonly line: number; readonly text: string } | null {
	for (let at = line - 1; at >= 1; at--) {
		const text = (lines[at - 1] ?? '').trim();
		if (text === '' || (text.startsWith('#') && !text.endsWith('\\'))) continue;
		return { line: at, text };
	}
	return null;
}

/** It ends a statement or a block, begins a block that is no initialiser, or is a label. */
function isEnd(text: string): boolean {
	if (text.endsWith('{')) return !text.includes('=') || text.includes(')');
	return /[;}]$/.test(text) || /^(?:\w{1,100}|case\b[^?]{1,200}):$/.test(text);
}

/** No bracket of the function is open above the line: neither the head of a for loop nor an expression with statements in it. */
function isOutside(lines: readonly string[], line: number): boolean {
	let open = 0;
	for (let at = line - 1; at >= 1; at--) {
		const text = lines[at - 1] ?? '';
		if (text.startsWith('{')) return open === 0;
		for (const c of text) open += c === '(' ? 1 : c === ')' ? -1 : 0;
	}
	return false;
}

/** 1-based line behind the brace that begins the body of the function defined on `line`; null: there is none. */
export function spotInside(lines: readonly string[], line: number): number | null {
	const end = definitionEnd(lines, line);
	for (let at = line; at < end; at++) if ((lines[at - 1] ?? '').trim() === '{') return at + 1;
	return null;
}
