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

function scanned(text: string): Pick<Ending, 'isBalanced' | 'last' | 'declares'> {
	const declares = new Set<string>();
	let depth = 0;
	let isBalanced = true;
	/** Where the item at hand begins, and where its enumerators do. */
	let from = 0;
	let enumerators = -1;
	let isEnumeration = false;
	let [before, last] = ['', ''];
	for (const { 0: token, index } of text.matchAll(piece)) {
		if (token === '{' || token === '(' || token === '[') {
			if (depth === 0 && token === '(' && isWord(last) && (isWord(before) || before === '*'))
				declares.add(last);
			if (depth === 0 && token === '{' && isEnumeration) enumerators = index + 1;
			isEnumeration &&= token !== '(';
			depth++;
		} else if (token === '}' || token === ')' || token === ']') {
			depth--;
			if (depth === 0 && enumerators >= 0) {
				addEnumerators(declares, text.slice(enumerators, index));
				enumerators = -1;
			}
		}
		isBalanced &&= depth >= 0;
		if (depth === 0 && (token === ';' || token === '}')) from = index + 1;
		if (depth === 0) isEnumeration = token === 'enum' || (isEnumeration && token !== ';');
		[before, last] = [last, token];
	}
	return { isBalanced: isBalanced && depth === 0, last: text.slice(from).trim(), declares };
}

function isWord(token: string): boolean {
	return /^[A-Za-z_$]/.test(token);
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
