/**
 * What can be folded in a text of C: blocks, comments, groups of directives. It goes by the text alone, so that an editor which
 * folds by this and by nothing else misses nothing.
 *
 * Invariant: one pass over the text, whatever stands in it.
 */

export interface ShownFold {
	/** 1-based, both ends in the fold; the line with the closing bracket or directive stays in sight. */
	readonly line: number;
	readonly endLine: number;
	readonly kind: 'block' | 'comment' | 'directive';
}

/** The folds of a text in the order of their ends. */
export function folds(text: string): readonly ShownFold[] {
	const found: ShownFold[] = [];
	const braces: number[] = [];
	const directives: number[] = [];
	let line = 1;
	let isLineStart = true;
	const add = (from: number | undefined, to: number, kind: ShownFold['kind']): void => {
		if (from !== undefined && to > from) found.push({ line: from, endLine: to, kind });
	};
	for (let at = 0; at < text.length; ) {
		const c = text[at] ?? '';
		const wasLineStart: boolean = isLineStart;
		isLineStart = c === '\n' || (wasLineStart && (c === ' ' || c === '\t'));
		if (c === '\n') {
			line++;
			at++;
		} else if (c === '/' && text[at + 1] === '*') {
			const end = text.indexOf('*/', at + 2);
			const past = end < 0 ? text.length : end + 2;
			const last = line + newlines(text, at, past);
			add(line, last, 'comment');
			[line, at] = [last, past];
		} else if (c === '/' && text[at + 1] === '/') {
			const end = text.indexOf('\n', at);
			at = end < 0 ? text.length : end;
		} else if (c === '"' || c === "'") {
			at = afterQuoted(text, at);
		} else if (c === '#' && wasLineStart) {
			const word = directiveAt(text, at + 1);
			if (word.startsWith('if')) directives.push(line);
			else if (word === 'else' || word.startsWith('elif')) {
				add(directives.pop(), line - 1, 'directive');
				directives.push(line);
			} else if (word === 'endif') add(directives.pop(), line - 1, 'directive');
			at += 1 + word.length;
		} else {
			if (c === '{') braces.push(line);
			else if (c === '}') add(braces.pop(), line - 1, 'block');
			at++;
		}
	}
	return found;
}

function newlines(text: string, from: number, to: number): number {
	let count = 0;
	for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1))
		count++;
	return count;
}

/** Behind a string or a character; one that does not end ends with its line. */
function afterQuoted(text: string, begin: number): number {
	const quote = text[begin];
	for (let at = begin + 1; at < text.length; at++) {
		if (text[at] === quote) return at + 1;
		if (text[at] === '\n') return at;
		if (text[at] === '\\' && text[at + 1] !== '\n') at++;
	}
	return text.length;
}

/** The word of a directive, without the blanks before it. */
function directiveAt(text: string, from: number): string {
	let at = from;
	while (text[at] === ' ' || text[at] === '\t') at++;
	let end = at;
	while (end < text.length && /[a-z]/.test(text[end] ?? '')) end++;
	return text.slice(at, end);
}
