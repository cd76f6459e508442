/**
 * What the text of a header defines, by name, with where each definition begins and ends: functions, enumerators with a value, types, and
 * items that a macro makes. Nothing is parsed; brackets and a few words decide. Macros are directives and are not looked for here.
 */
import { type Token, tokenise } from './preprocess/token.js';

export interface Written {
	readonly kind: 'function' | 'enumerator' | 'type' | 'item';
	/** Of an item that a macro makes: the macro's. */
	readonly name: string;
	readonly start: number;
	readonly end: number;
	/** Names that stand alone between the commas of a macro's list. */
	readonly given: readonly string[];
}

/** The definitions of a text without comments and directives. */
export function writtenIn(active: string): readonly Written[] {
	const tokens = tokenise(active);
	const found: Written[] = [];
	const add = (kind: Written['kind'], name: string, from: number, to: number): void => {
		const [first, last] = [tokens[from], tokens[to]];
		if (first === undefined || last === undefined) return;
		const given = kind === 'item' ? aloneIn(tokens.slice(from, to)) : [];
		found.push({ kind, name, start: first.start, end: last.end, given });
	};
	let from = 0;
	for (let i = 0; i < tokens.length; i++) {
		const text = tokens[i]?.text;
		if (text === '(' || text === '[') {
			const end = closing(tokens, i);
			const next = tokens[end + 1];
			if (i === from + 1 && tokens[from]?.kind === 'identifier' && isOver(next)) {
				add('item', tokens[from]?.text ?? '', from, end);
				from = end + 1;
			}
			i = end;
		} else if (text === '{') {
			const end = closing(tokens, i);
			const head = tokens.slice(Math.max(from, i - HEAD_MAX), i);
			const name = functionName(head);
			if (head.some((t) => t.text === 'enum') && name === null) enumerators(tokens, i, end, add);
			const goesOn = name === null && head.some((t) => GOES_ON.has(t.text));
			if (name !== null) add('function', name, from, end);
			i = end;
			if (!goesOn) from = end + 1;
		} else if (text === ';') {
			const name = tokens[from]?.text === 'typedef' ? typeName(tokens.slice(from, i)) : null;
			if (name !== null) add('type', name, from, i);
			else if (tokens[from + 1]?.text === '(' && closing(tokens, from + 1) === i - 1)
				add('item', tokens[from]?.text ?? '', from, i);
			from = i + 1;
		}
	}
	return found;
}

/** Tokens before a block that are looked at. */
const HEAD_MAX = 200;

/** Blocks that do not end what they stand in. */
const GOES_ON: ReadonlySet<string> = new Set(['struct', 'union', 'enum', 'typedef', '=', 'extern']);

/** Whether an item that a macro makes is over in front of the token. */
function isOver(next: Token | undefined): boolean {
	return next === undefined || (next.kind === 'identifier' && !next.text.startsWith('__attribute'));
}

/** The place of the bracket that closes the one at `open`; the last token's, when none does. */
function closing(tokens: readonly Token[], open: number): number {
	let depth = 0;
	for (let i = open; i < tokens.length; i++) {
		const text = tokens[i]?.text;
		if (text === '(' || text === '[' || text === '{') depth++;
		else if (text === ')' || text === ']' || text === '}') depth--;
		if (depth === 0) return i;
	}
	return tokens.length - 1;
}

/** The name before the last list of a head, but for what is said of the function behind it. */
function functionName(head: readonly Token[]): string | null {
	let name: string | null = null;
	for (let i = 0; i < head.length; i++) {
		const { text, kind } = head[i] as Token;
		if (text === '=') return null;
		if (text === '(' || text === '[') i = closing(head, i);
		else if (kind === 'identifier' && head[i + 1]?.text === '(' && !BEHIND.test(text)) name = text;
	}
	return name;
}

const BEHIND = /^__(?:attribute|acquire|release|must_hold|cond_|context_|no_|nonnull|printf)/;

/** Words of C in types. */
const PLAIN: ReadonlySet<string> = new Set([
	...['typedef', 'int', 'void', 'char', 'short', 'long', 'unsigned', 'signed', 'const', 'volatile'],
	...['struct', 'union', 'enum', 'float', 'double', 'static', 'inline', '_Bool'],
]);

function typeName(item: readonly Token[]): string | null {
	let name: string | null = null;
	for (let i = 0; i < item.length; i++) {
		const token = item[i] as Token;
		if (token.text === '(' && item[i + 1]?.text === '*' && item[i + 2]?.kind === 'identifier')
			return item[i + 2]?.text ?? null;
		if (token.text === '(' || token.text === '{' || token.text === '[') i = closing(item, i);
		else if (token.kind === 'identifier' && !BEHIND.test(token.text) && !PLAIN.has(token.text))
			name = token.text;
	}
	return name;
}

function enumerators(
	tokens: readonly Token[],
	open: number,
	end: number,
	add: (kind: 'enumerator', name: string, from: number, to: number) => void,
): void {
	let from = open + 1;
	for (let i = from; i <= end; i++) {
		const text = tokens[i]?.text;
		if (text === '(') i = closing(tokens, i);
		else if (text === ',' || i === end) {
			if (tokens[from + 1]?.text === '=') add('enumerator', tokens[from]?.text ?? '', from, i - 1);
			from = i + 1;
		}
	}
}

function aloneIn(item: readonly Token[]): readonly string[] {
	return item.slice(2).flatMap((token, i) => {
		const [before, behind] = [item[i + 1]?.text, item[i + 3]?.text];
		const isAlone = (before === '(' || before === ',') && (behind === ',' || behind === undefined);
		return token.kind === 'identifier' && isAlone ? [token.text] : [];
	});
}
