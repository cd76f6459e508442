/**
 * Enumerators and tags that are declared where no declaration begins: inside the name of a type (`sizeof(enum { A = 0 })`, a cast, `typeof`, a
 * compound literal), an attribute, a parameter, a member, a label's statement. C gives them the scope of the block around (C11 6.2.1), or of the
 * file; here they are found among the tokens and not bound, so that nothing is taken for what it is no more.
 *
 * So is a struct with attributes in a type name: they are the type's, and not read there.
 *
 * Invariant: a body behind `enum`, or behind a tagged `struct` or `union`, begins a declaration of its block, or is found here.
 */
import { attributeCalls, attributeWords } from './attributes.js';
import { isPunctuator, type Token, tokenise } from './preprocess/token.js';

/** A type declared where none is read. */
export interface HiddenType {
	readonly keyword: string;
	readonly tag: string | null;
	readonly enumerators: readonly string[];
	/** Offset of the keyword. */
	readonly at: number;
}

/** `file`: a declaration may also begin outside of all brackets; `function`: only directly in a block. */
export type Around = 'file' | 'function';

export function hiddenTypes(text: string, around: Around): readonly HiddenType[] {
	if (!/\b(?:enum|struct|union)\b/.test(text) || !/\{|<%/.test(text)) return [];
	const tokens = tokenise(text);
	const brackets = matched(tokens);
	const bodies = new Map<number, Specifier>();
	tokens.forEach((token, i) => {
		if (token.kind !== 'identifier' || !KEYWORDS.has(token.text)) return;
		const specifier = specifierFrom(tokens, i, brackets);
		if (specifier !== null) bodies.set(specifier.body, specifier);
	});
	const found: HiddenType[] = [];
	for (const { from: i, body, tag } of bodies.values()) {
		const { text: keyword, start: at } = tokens[i] as Token;
		const isAttributed =
			isInBrackets(tokens, i, brackets) && hasAttribute(tokens, { from: i, body, tag }, brackets);
		if (tag === null && keyword !== 'enum' && !isAttributed) continue;
		const enumerators = keyword === 'enum' ? enumeratorsIn(tokens, body, brackets) : [];
		if (!begins(tokens, i, { brackets, bodies, around }))
			found.push({ keyword, tag, enumerators, at });
	}
	return found;
}

/** Why what such a type is declared in is not read. */
export function whyHidden({ keyword, tag, enumerators }: HiddenType): string {
	const [first] = enumerators;
	const what =
		tag !== null ? `${keyword} ${tag}` : first === undefined ? keyword : `enum { ${first} }`;
	return `${what} is declared inside a type name or another declaration`;
}

const KEYWORDS: ReadonlySet<string> = new Set(['enum', 'struct', 'union']);
const GNU: ReadonlySet<string> = new Set(['__attribute__', '__attribute']);
const LISTED: ReadonlySet<string> = new Set(attributeCalls);
const ALONE: ReadonlySet<string> = new Set(attributeWords);
/** What may stand before the specifier of a declaration. */
const BEFORE: ReadonlySet<string> = new Set([
	...['typedef', 'static', 'extern', 'auto', 'register', 'inline', '__inline', '__inline__'],
	...['const', '__const', '__const__', 'volatile', '__volatile', '__volatile__', '__extension__'],
	...['_Thread_local', '__thread'],
]);

interface Brackets {
	/** The other one of a pair. */
	readonly partner: ReadonlyMap<number, number>;
	/** By token: the innermost open bracket; -1: none is. */
	readonly within: readonly number[];
}

function matched(tokens: readonly Token[]): Brackets {
	const partner = new Map<number, number>();
	const within: number[] = [];
	const open: number[] = [];
	tokens.forEach((token, i) => {
		const isClosing = [')', ']', '}'].some((sign) => isPunctuator(token, sign));
		if (isClosing) {
			const from = open.pop();
			if (from !== undefined) partner.set(from, i).set(i, from);
		}
		within.push(open.at(-1) ?? -1);
		if (['(', '[', '{'].some((sign) => isPunctuator(token, sign))) open.push(i);
	});
	return { partner, within };
}

/** Behind the attribute that begins at a token; null: none does. */
function behindAttribute(tokens: readonly Token[], i: number, brackets: Brackets): number | null {
	const token = tokens[i];
	if (token === undefined) return null;
	const isList =
		isPunctuator(tokens[i + 1], '(') && (GNU.has(token.text) || LISTED.has(token.text));
	if (isList) return (brackets.partner.get(i + 1) ?? tokens.length) + 1;
	const isStandard = isPunctuator(token, '[') && isPunctuator(tokens[i + 1], '[');
	if (isStandard) return (brackets.partner.get(i) ?? tokens.length) + 1;
	return ALONE.has(token.text) ? i + 1 : null;
}

interface Specifier {
	/** Its keyword. */
	readonly from: number;
	/** Its `{`. */
	readonly body: number;
	readonly tag: string | null;
}

/** The specifier with a body that begins at a token; null: none does. `enum e : int {` has one too. */
function specifierFrom(
	tokens: readonly Token[],
	from: number,
	brackets: Brackets,
): Specifier | null {
	let tag: string | null = null;
	for (let i = from + 1; i < tokens.length; ) {
		const token = tokens[i] as Token;
		if (isPunctuator(token, '{')) return { from, body: i, tag };
		const behind = behindAttribute(tokens, i, brackets);
		if (behind !== null) i = behind;
		else if (token.kind === 'identifier' || isPunctuator(token, ':')) {
			if (token.kind === 'identifier') tag ??= token.text;
			i++;
		} else return null;
	}
	return null;
}

/** It stands in a type name, where no attribute behind its body is read. */
function isInBrackets(tokens: readonly Token[], from: number, { within }: Brackets): boolean {
	const outer = tokens[within[from] ?? -1];
	return isPunctuator(outer, '(') || isPunctuator(outer, '[');
}

/** One stands before its body or behind it, where it is the type's. */
function hasAttribute(
	tokens: readonly Token[],
	{ from, body }: Specifier,
	brackets: Brackets,
): boolean {
	const end = (brackets.partner.get(body) ?? tokens.length) + 1;
	if (behindAttribute(tokens, end, brackets) !== null) return true;
	for (let i = from + 1; i < body; i++)
		if (behindAttribute(tokens, i, brackets) !== null) return true;
	return false;
}

function enumeratorsIn(tokens: readonly Token[], body: number, brackets: Brackets): string[] {
	const names: string[] = [];
	const end = brackets.partner.get(body) ?? tokens.length;
	for (let i = body + 1; i < end; i++) {
		const [token, before] = [tokens[i] as Token, tokens[i - 1]];
		const isFirst = i === body + 1 || isPunctuator(before, ',');
		if (brackets.within[i] === body && isFirst && token.kind === 'identifier')
			names.push(token.text);
	}
	return names;
}

/** Whether a declaration that is read begins with this specifier. */
function begins(
	tokens: readonly Token[],
	from: number,
	given: {
		readonly brackets: Brackets;
		readonly bodies: ReadonlyMap<number, Specifier>;
		readonly around: Around;
	},
): boolean {
	const { partner, within } = given.brackets;
	const outer = within[from] ?? -1;
	const isOutside = outer < 0;
	if (isOutside && given.around === 'function') return false;
	if (!isOutside && (!isPunctuator(tokens[outer], '{') || given.bodies.has(outer))) return false;
	let i = from - 1;
	for (;;) {
		const token = tokens[i];
		if (token === undefined) return isOutside;
		const open = isPunctuator(token, ')') ? (partner.get(i) ?? 0) : null;
		if (open !== null && GNU.has(tokens[open - 1]?.text ?? '')) i = open - 2;
		else if (token.kind === 'identifier' && (BEFORE.has(token.text) || ALONE.has(token.text))) i--;
		else return ['{', '}', ';'].some((sign) => isPunctuator(token, sign));
	}
}
