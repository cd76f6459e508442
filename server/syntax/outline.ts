/**
 * The top-level items of a preprocessed file, found by brackets alone: which functions, aggregates, typedefs and
 * declarations there are and where. It works on text no parser accepts, so that a function with a broken header is
 * still known to be there.
 *
 * Invariant: a name that looks defined in the file is in `functions` or in `broken`; nothing defined vanishes.
 */

export interface OutlineItem {
	readonly kind: 'function' | 'prototype' | 'aggregate' | 'typedef' | 'declaration';
	/** Function name; tag of an aggregate (`folio`); declared name; may be empty. */
	readonly name: string;
	/** Where the name stands (start of the item when there is none). */
	readonly nameStart: number;
	readonly start: number;
	readonly end: number;
	/** For a function: where its `{` stands. */
	readonly body: number;
	/** Why the brackets of this item cannot be trusted, or null. */
	readonly broken: string | null;
}

/** Items of a file beyond this many are not looked at (and the last is marked broken). */
const itemsMax = 100_000;
const significant = /[(){}[\];]|"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\.|[^'\\\n])+'?/g;
const notNames = new Set([
	'if',
	'while',
	'for',
	'switch',
	'return',
	'sizeof',
	'do',
	'else',
	'typeof',
	'__typeof__',
	'__typeof',
	'typeof_unqual',
	'asm',
	'defined',
]);

export function outline(text: string): readonly OutlineItem[] {
	const items: OutlineItem[] = [];
	let start = 0;
	let braces = 0;
	let parens = 0;
	let body = -1;
	let broken: string | null = null;
	const close = (end: number): void => {
		const item = describe(text, { start, end, body, broken });
		if (item !== null) {
			// a statement outside any function: the one before it was closed too early
			if (strayStatement.test(text.slice(item.start, item.start + 10))) spoilLastFunction(items);
			items.push(item);
		}
		start = end;
		braces = 0;
		parens = 0;
		body = -1;
		broken = null;
	};
	significant.lastIndex = 0;
	for (let match = significant.exec(text); match !== null; match = significant.exec(text)) {
		if (items.length >= itemsMax) break;
		const at = match.index;
		switch (match[0]) {
			case '(':
			case '[':
				parens++;
				break;
			case ')':
			case ']':
				if (parens > 0) {
					parens--;
					const isOutside = parens === 0 && braces === 0 && body < 0;
					if (isOutside && isMacroItem(text, start, at + 1)) close(at + 1);
				} else if (braces > 0) broken ??= 'unbalanced parentheses';
				break;
			case '{':
				if (parens > 0 && atLineStart(text, at)) {
					broken ??= 'unbalanced parentheses';
					if (braces === 0) parens = 0;
				}
				if (braces > 0 && atLineStart(text, at)) {
					// a body that opens at the margin inside another: the other one was never closed
					const head = headBefore(text, at);
					if (head > start && isFunctionHeader(text.slice(head, at))) {
						broken ??= 'unbalanced braces';
						close(head);
					}
				}
				if (braces === 0 && parens === 0 && body < 0) {
					body = at;
					if (text.slice(start, at).trim() === '') {
						const header = oldStyleHeader(text, items);
						broken ??= header === null ? 'it has no header' : OLD_STYLE;
						start = header?.start ?? start;
						if (header !== null) items.length = items.indexOf(header);
					}
				}
				braces++;
				break;
			case '}': {
				const resync = atLineStart(text, at) && braces > 1 && !goesOn(text, at + 1);
				if (resync) broken ??= 'unbalanced braces';
				if (braces === 0) {
					// what is open has a body: it is the one with a brace too many
					if (body >= 0) broken ??= 'unbalanced braces';
					else spoilLastFunction(items);
					close(at + 1);
					break;
				}
				braces = resync ? 0 : braces - 1;
				if (braces > 0) break;
				if (parens > 0 && atLineStart(text, at)) {
					broken ??= 'unbalanced parentheses';
					parens = 0;
				}
				const header = text.slice(start, body);
				if (parens === 0 && (header.trim() === '' || isFunctionHeader(header))) close(at + 1);
				break;
			}
			case ';':
				if (braces === 0 && parens === 0) close(at + 1);
				break;
			default:
		}
	}
	if (text.slice(start).trim() !== '') {
		broken = 'the file ends inside it';
		close(text.length);
	}
	return items;
}

const OLD_STYLE = 'its parameters are declared behind their list (K&R)';
/** Declarations behind a K&R header that are looked through. */
const OLD_STYLE_MAX = 64;

/** `int f(a, b) int a; long b;` before a body: the item that begins a K&R definition; null: there is none. */
function oldStyleHeader(text: string, items: readonly OutlineItem[]): OutlineItem | null {
	for (const item of items.slice(-OLD_STYLE_MAX).reverse()) {
		if (item.body >= 0 || item.broken !== null) return null;
		if (item.kind === 'declaration') continue;
		const behind = behindParameters(text.slice(item.start, item.end));
		return item.kind === 'prototype' && /^\s*[A-Za-z_]/.test(behind) ? item : null;
	}
	return null;
}

const strayStatement = /^(?:return|if|else|for|while|do|goto|switch|case|break|continue)\b/;

/** A new line behind a parameter list that goes on with words, other than attributes: a body without `{`. */
const startsStatements = /^[ \t]*\r?\n\s*(?!__)[A-Za-z_]/;

function spoilLastFunction(items: OutlineItem[]): void {
	const at = items.findLastIndex((i) => i.kind === 'function');
	const last = items[at];
	if (last !== undefined) items[at] = { ...last, broken: last.broken ?? 'unbalanced braces' };
}

/** Names that look like a definition's inside items whose brackets cannot be trusted. */
export function namesIn(text: string, item: OutlineItem): readonly string[] {
	const names = text
		.slice(item.start, item.end)
		.matchAll(/^(?:[A-Za-z_][^\n;={}#]*?\b)?([A-Za-z_]\w*)[ \t]*\(/gm);
	return [...names].map((m) => m[1] ?? '').filter((name) => !notNames.has(name));
}

/** Where the header of a body starts: behind the last bracket or `;` before its parameter list. */
function headBefore(text: string, at: number): number {
	return Math.max(...[';', '}', '{'].map((c) => text.lastIndexOf(c, at - 1))) + 1;
}

const statementWord =
	/^(?:if|else|for|while|do|switch|case|default|return|goto|break|continue|[A-Za-z_]\w*\s*(?::|[-+|&^]?=|->|\+\+|--))/;

/** After a `}` in the first column: true when what follows is indented or no beginning of an item, so that a body goes on. */
function goesOn(text: string, from: number): boolean {
	const next = from + text.slice(from, from + followingMax).search(/\S/);
	if (next < from) return false;
	return !atLineStart(text, next) || statementWord.test(text.slice(next, next + 80));
}

/** How far after a `}` something that follows is looked for. */
const followingMax = 2000;

function atLineStart(text: string, at: number): boolean {
	return at === 0 || text.charCodeAt(at - 1) === 10;
}

/** `PAGEFLAG(Locked, locked, PF_NO_TAIL)` without `;` before the next item: a macro that stands for whole items. */
function isMacroItem(text: string, start: number, end: number): boolean {
	invocation.lastIndex = start;
	if (!invocation.test(text)) return false;
	let depth = 1;
	let at = invocation.lastIndex;
	for (; at < end && depth > 0; at++) {
		const code = text.charCodeAt(at);
		if (code === 40) depth++;
		else if (code === 41) depth--;
	}
	continuation.lastIndex = end;
	return at === end && continuation.test(text);
}

const invocation = /[\s;]*[A-Za-z_]\w*\s*\(/y;
const continuation = /\s*[A-Za-z_]/y;

function isFunctionHeader(header: string): boolean {
	const plain = header.trimEnd();
	if (/^\s*(?:struct|union|enum)\b[^()]*$/.test(plain)) return false;
	return plain.includes('(') && !hasAssignment(plain) && !/^\s*typedef\b/.test(plain);
}

const bracketsAndAssignments =
	/"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\.|[^'\\\n])+'?|[()[\]]|(?<![=!<>])=(?!=)/g;

/** An initialiser begins: `=` outside of all brackets. In them it is an attribute's, or in the length of a parameter that is an array. */
function hasAssignment(header: string): boolean {
	let depth = 0;
	for (const [found] of header.matchAll(bracketsAndAssignments)) {
		if (found === '=' && depth <= 0) return true;
		if (found === '(' || found === '[') depth++;
		else if (found === ')' || found === ']') depth--;
	}
	return false;
}

function describe(
	text: string,
	span: { start: number; end: number; body: number; broken: string | null },
): OutlineItem | null {
	const lead = /^[\s;]*/.exec(text.slice(span.start, span.end))?.[0].length ?? 0;
	const start = span.start + lead;
	if (start >= span.end) return null;
	const head = text.slice(start, span.body < 0 ? span.end : span.body);
	if (strayStatement.test(head))
		return {
			start,
			end: span.end,
			body: -1,
			broken: span.broken,
			kind: 'declaration',
			name: '',
			nameStart: start,
		};
	const isInitialised = span.body >= 0 && hasAssignment(head);
	const opens =
		(span.body >= 0 && !isInitialised) || !startsStatements.test(behindParameters(head));
	const broken =
		span.broken ?? (opens || /^typedef\b/.test(head) ? null : 'its body does not open');
	const base = { start, end: span.end, body: span.body, broken };
	const item = (kind: OutlineItem['kind'], name: string, at: number): OutlineItem => ({
		kind,
		...base,
		name,
		nameStart: start + Math.max(at, 0),
	});
	if (/^typedef\b/.test(head)) {
		const whole = text.slice(start, span.end);
		const name = /\(\s*\*\s*(\w+)\s*\)/.exec(whole)?.[1] ?? lastName(whole);
		return item('typedef', name, whole.lastIndexOf(name));
	}
	const isBroken = broken !== null && head.includes('(');
	if (isBroken || (span.body >= 0 && isFunctionHeader(head))) {
		const found = functionName(head);
		return item('function', found.name, found.at);
	}
	const tag = /^(?:(?:static|const|extern)\s+)*(?:struct|union|enum)\s+(\w+)\s*$/.exec(head);
	if (span.body >= 0 && tag?.[1] !== undefined)
		return item('aggregate', tag[1], head.indexOf(tag[1], 4));
	if (span.body >= 0 && /^(?:enum|struct|union)\s*$/.test(head)) return item('aggregate', '', 0);
	if (span.body < 0 && head.includes('(') && !hasAssignment(head)) {
		const found = functionName(head);
		if (found.name !== '') return item('prototype', found.name, found.at);
	}
	const declared = /(?<!\w)(\w+)\s*(?:\[[^\]]{0,400}\]\s*)*(?:=|;|,|$)/.exec(head);
	return item('declaration', declared?.[1] ?? '', declared?.index ?? 0);
}

/** The last word of a declaration before its `;` and the sizes of an array. */
function lastName(whole: string): string {
	let rest = whole.trimEnd();
	if (!rest.endsWith(';')) return '';
	rest = rest.slice(0, -1).trimEnd();
	while (rest.endsWith(']')) rest = rest.slice(0, Math.max(0, rest.lastIndexOf('['))).trimEnd();
	return /(?<!\w)\w+$/.exec(rest)?.[0] ?? '';
}

/** What follows the first parenthesised list of a header. */
function behindParameters(head: string): string {
	let depth = 0;
	for (let at = head.indexOf('('); at >= 0 && at < head.length; at++) {
		const code = head.charCodeAt(at);
		if (code === 40) depth++;
		else if (code === 41 && --depth === 0) return head.slice(at + 1);
	}
	return '';
}

/** The identifier before the parameter list: the first `name (` that is not inside brackets and begins no attributes. */
function functionName(head: string): { name: string; at: number } {
	let depth = 0;
	for (const match of head.matchAll(/\b([A-Za-z_]\w*)\s*\(|[()[\]]/g)) {
		const [found, name = ''] = match;
		if (depth === 0 && name !== '' && !notNames.has(name) && !ATTRIBUTE.has(name))
			return { name, at: match.index };
		if (found === ')' || found === ']') depth = Math.max(0, depth - 1);
		else depth++;
	}
	return { name: '', at: 0 };
}

const ATTRIBUTE: ReadonlySet<string> = new Set(['__attribute__', '__attribute']);
