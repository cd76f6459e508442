/**
 * The parts of a .litmus file: name, initial state, functions, and what is asked of the final states. The C inside the
 * functions is left to the C parser; this only finds where they begin and end.
 *
 * Invariant: `offset` of a part is where its text stands in the file, and comments are blanked, never cut out.
 */
import { LitmusProblem } from './problem.js';

export interface Part {
	readonly offset: number;
	readonly text: string;
}

export interface LitmusFunction extends Part {
	readonly name: string;
	/** The parameter list without its parentheses. */
	readonly parameters: Part;
}

export interface LitmusShell {
	readonly name: string;
	/** The text between the braces of the initial state. */
	readonly initial: Part;
	readonly functions: readonly LitmusFunction[];
	/** Declarations of structs between the functions. */
	readonly declarations: readonly Part[];
	/** Bodies of `filter`, `locations` and the final condition, by keyword. */
	readonly filter: Part | null;
	readonly locations: Part | null;
	readonly quantifier: 'exists' | '~exists' | 'forall';
	readonly condition: Part;
	/** What a comment `Result: …` says: `Never`, `Sometimes`, `Always`, `DEADLOCK`; null without one. */
	readonly expected: string | null;
	/** The same comment promises a data race. */
	readonly expectsRace: boolean;
}

const QUANTIFIERS = ['exists', '~exists', 'forall'] as const;
const TAIL = /^(~\s*exists|exists|forall|locations|filter)\b/;

/** Splits a file into its parts. */
export function splitShell(text: string): LitmusShell {
	const header = /^\s*C\s+(\S+)/.exec(text);
	if (header === null)
		throw new LitmusProblem('not a C litmus test: the first line must be "C NAME"', 0);
	const expected = /\bResult:\s*([A-Za-z]+)\b([^\n]*)/.exec(text);
	const clean = blankShellComments(text);
	const open = clean.indexOf('{', header[0].length);
	if (open < 0) throw new LitmusProblem('no initial state: "{ … }" expected', text.length);
	const close = matching(clean, open, '{', '}');
	const functions: LitmusFunction[] = [];
	const declarations: Part[] = [];
	const tail = new Map<string, Part>();
	let at = skipBlanks(clean, close + 1);
	while (at < clean.length) {
		const keyword = TAIL.exec(clean.slice(at))?.[0];
		if (keyword !== undefined) {
			const from = at + keyword.length;
			const end = endOfClause(clean, from);
			const clause = clean.slice(from, end).replace(/;\s*$/, '');
			const name = keyword.replace(/\s/g, '');
			const isAsked = QUANTIFIERS.some((q) => q === name) && QUANTIFIERS.some((q) => tail.has(q));
			if (isAsked || tail.has(name))
				throw new LitmusProblem(`a second ${name}: a test has one`, at);
			tail.set(name, { offset: from, text: clause });
			at = skipBlanks(clean, end);
			continue;
		}
		at = readFunction(clean, at, functions, declarations);
	}
	const quantifier = QUANTIFIERS.find((q) => tail.has(q));
	const condition = quantifier === undefined ? null : (tail.get(quantifier) ?? null);
	return {
		name: header[1] as string,
		initial: { offset: open + 1, text: clean.slice(open + 1, close) },
		functions,
		declarations,
		filter: tail.get('filter') ?? null,
		locations: tail.get('locations') ?? null,
		quantifier: quantifier ?? 'forall',
		condition: condition ?? { offset: text.length, text: 'true' },
		expected: expected?.[1] ?? null,
		expectsRace: /DATARACE/.test(expected?.[2] ?? ''),
	};
}

function readFunction(
	clean: string,
	at: number,
	functions: LitmusFunction[],
	declarations: Part[],
): number {
	const head = /^[\w\s*]*/.exec(clean.slice(at))?.[0] ?? '';
	const open = at + head.length;
	if (clean[open] === '{' || clean[open] === ';') {
		const end = clean[open] === ';' ? open : clean.indexOf(';', matching(clean, open, '{', '}'));
		if (end < 0) throw new LitmusProblem('"}" without ";" after a declaration', open);
		declarations.push({ offset: at, text: clean.slice(at, end + 1) });
		return skipBlanks(clean, end + 1);
	}
	const name = /(?<!\w)(\w+)$/.exec(head.trimEnd())?.[1];
	if (name === undefined || clean[open] !== '(') {
		const found = clean.slice(at, at + 20).split('\n')[0] ?? '';
		throw new LitmusProblem(`"${found}" is neither a function nor a final condition`, at);
	}
	const close = matching(clean, open, '(', ')');
	const body = skipBlanks(clean, close + 1);
	if (clean[body] !== '{')
		throw new LitmusProblem(`"{" expected after the parameters of ${name}`, body);
	const end = matching(clean, body, '{', '}') + 1;
	functions.push({
		name,
		offset: at,
		text: clean.slice(at, end),
		parameters: { offset: open + 1, text: clean.slice(open + 1, close) },
	});
	return skipBlanks(clean, end);
}

/** A clause ends where the next one begins. */
function endOfClause(clean: string, from: number): number {
	const next = /(?:^|[\s)\]])(?:~\s*exists|exists|forall|locations|filter)\b/.exec(
		clean.slice(from),
	);
	return next === null ? clean.length : from + next.index + 1;
}

function skipBlanks(text: string, at: number): number {
	while (at < text.length && /[\s;]/.test(text[at] as string)) at++;
	return at;
}

function matching(text: string, open: number, opener: string, closer: string): number {
	let depth = 0;
	for (let i = open; i < text.length; i++) {
		if (text[i] === opener) depth++;
		else if (text[i] === closer && --depth === 0) return i;
	}
	throw new LitmusProblem(`"${opener}" is never closed`, open);
}

/**
 * Blanks the comments of the shell, `(* … *)` (they nest), and those of C. In a function's parameters and body `(*`
 * begins an expression; in the conditions at the end it is a comment again.
 */
function blankShellComments(text: string): string {
	let out = '';
	let braces = 0;
	let parens = 0;
	let seenInitial = false;
	let inTail = false;
	for (let i = 0; i < text.length; i++) {
		const two = text.slice(i, i + 2);
		const outside = seenInitial && braces === 0 && parens === 0;
		if (outside && /[^\w]/.test(text[i - 1] ?? ' ') && TAIL.test(text.slice(i, i + 12)))
			inTail = true;
		const inCode = !inTail && (parens > 0 || (seenInitial && braces > 0));
		let end = -1;
		if (two === '(*' && !inCode) end = endOfNested(text, i);
		else if (two === '/*') end = text.indexOf('*/', i + 2) + 2;
		else if (two === '//') end = text.indexOf('\n', i);
		if (two === '//' && end < 0) end = text.length;
		if (end > 1) {
			out += text.slice(i, end).replace(/[^\n]/g, ' ');
			i = end - 1;
			continue;
		}
		const c = text[i] as string;
		if (c === '{') braces++;
		else if (c === '}' && --braces === 0) seenInitial = true;
		else if (c === '(' && seenInitial) parens++;
		else if (c === ')') parens = Math.max(0, parens - 1);
		out += c;
	}
	return out;
}

function endOfNested(text: string, start: number): number {
	let depth = 0;
	for (let i = start; i < text.length - 1; i++) {
		const two = text.slice(i, i + 2);
		if (two === '(*') depth++;
		else if (two === '*)' && --depth === 0) return i + 2;
		else continue;
		i++;
	}
	throw new LitmusProblem('comment "(*" is never closed', start);
}
