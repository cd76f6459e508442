/** The headers that a file includes: their texts made ready, and what is said of those that are not there. */
import { named } from '../named.js';
import { type After, activeText } from './active_text.js';
import { type LogicalLines, logicalLines } from './logical_lines.js';
import type { Token } from './token.js';
import type { IncludeRequest, UnitRequest } from './translation_unit.js';
import { unreadIn } from './unread_text.js';

/** A header that was read. */
export interface Header {
	readonly text: string;
	readonly lines: LogicalLines;
	/** Why it is not what it reads as; null: it is. */
	readonly unread: string | null;
}

const headersByPath = new Map<string, Header>();
const headersMax = 6000;

/** A header's text made ready, kept by its path as long as it says the same. */
export function headerOf(path: string, text: string): Header {
	const known = headersByPath.get(path);
	if (known !== undefined && known.text === text) return known;
	if (headersByPath.size >= headersMax) headersByPath.clear();
	const header = { text, lines: logicalLines(text), unread: unreadIn(text) };
	headersByPath.set(path, header);
	return header;
}

/** Words, brackets, ends of items and strings of a text without comments and directives. */
const piece = /"(?:\\[^\n]|[^"\\\n])*"?|'(?:\\[^\n]|[^'\\\n])*'?|[{}()[\];]|[^\s"'{}()[\];]+/g;

/** How a header's text ends. */
interface Ending {
	/** What it opens it closes. */
	readonly isBalanced: boolean;
	/** Its last item, which no `;` and no `}` ends; empty: there is none. */
	readonly last: string;
	/** Directives before its end. */
	readonly before: number;
}

const endings = new WeakMap<Header, Map<string, Ending & { readonly text: string }>>();

function endingOf(header: Header, after: readonly After[]): Ending & { readonly text: string } {
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
		let depth = 0;
		let isBalanced = true;
		let from = 0;
		for (const { 0: token, index } of text.matchAll(piece)) {
			if (token === '{' || token === '(' || token === '[') depth++;
			else if (token === '}' || token === ')' || token === ']') depth--;
			isBalanced &&= depth >= 0;
			if (depth === 0 && (token === ';' || token === '}')) from = index + 1;
		}
		const last = text.slice(from).trim();
		const end = text.trimEnd().length;
		const before = lines.directives.findLastIndex((d) => d.start < end) + 1;
		ending = { isBalanced: isBalanced && depth === 0, last, before, text };
		known.set(key, ending);
	}
	return ending;
}

/**
 * Why what stands behind a header is not read as it looks: the header ends inside a function or a declaration. `opening`: macros that open
 * or close a block and do not do the other.
 */
export function openEnd(
	header: Header,
	after: readonly After[],
	{
		opening,
		expanded,
	}: {
		readonly opening: ReadonlySet<string>;
		/** With the macros that there are behind so many directives. */
		readonly expanded: (text: string, directives: number) => readonly Token[];
	},
): string | null {
	const { isBalanced, last, before, text } = endingOf(header, after);
	if (!isBalanced) return 'it opens or closes a block and does not do the other';
	if (opening.size > 0) {
		const [name] = new RegExp(`\\b(?:${[...opening].map(named).join('|')})\\b`).exec(text) ?? [];
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

/** Which header there is none of, and where a file of the tree that lies elsewhere belongs. */
export function notFound(
	{ files, path: main }: UnitRequest,
	{ path, quoted }: IncludeRequest,
): string {
	if (files === null) return `${path} is not found: there is no kernel tree to look in (--tree)`;
	if (!quoted) return `${path} is not found in the kernel tree`;
	const place = `${path} is not found next to ${main}`;
	if (files.text(main) !== null) return place;
	const likely = `mm/${main.slice(main.lastIndexOf('/') + 1)}`;
	const example = files.text(likely) === null ? 'PATH' : likely;
	return `${place}, which is no file of the kernel tree; on the command line, --as ${example} says which file of the tree it stands for`;
}

/** Headers that a build makes (scripts/Makefile.asm-headers, Kbuild): a tree that was not built has none of them. */
export function isBuilt(path: string): boolean {
	return /^(?:generated|asm|uapi\/asm)\//.test(path);
}

export function nameIn(rest: string): string {
	return /^[A-Za-z_$]\w*/.exec(rest)?.[0] ?? '';
}

/** `<linux/mm.h>` and `"internal.h"`; null for anything else. */
export function includeSpec(
	rest: string,
): { readonly path: string; readonly quoted: boolean } | null {
	const match = /^(?:<([^>\n]+)>|"([^"\n]+)")/.exec(rest);
	if (match === null) return null;
	return { path: (match[1] ?? match[2] ?? '').trim(), quoted: match[2] !== undefined };
}
