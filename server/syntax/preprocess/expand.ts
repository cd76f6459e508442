/**
 * Macro expansion of a run of tokens: Prosser's algorithm with hide sets (X3J11/86-196, 1986), `#`, `##`, `__VA_ARGS__`,
 * `__VA_OPT__` and GNU's `, ##__VA_ARGS__` and named rest. Every token of the result knows the text of the user it
 * stands for.
 *
 * Invariant: a name in its own hide set is never expanded again, so that it ends; it is bounded all the same.
 */
import type { Macro } from './definition.js';
import { bodyTokens, hasOperators } from './macro.js';
import { isPunctuator, spellingOf, type Token, tokenise } from './token.js';

export interface ExpansionScope {
	/** The macro to expand the name by, where it stands; null: none, or it is left as it is. */
	macro(name: string, token: Token): Macro | null;
	/** What `__LINE__`, `__FILE__`, `__COUNTER__` are; null for other names. */
	special(name: string, token: Token): string | null;
	/** A macro was used there, outside of all arguments. */
	used?(macro: Macro, start: number, end: number): void;
	/** Something is wrong with a use: said, and the text goes on as it stands. */
	problem(message: string, token: Token): void;
	/** Tokens that may be made altogether; what is over is left out and said. */
	tokensLeft: number;
}

/** Macros inside arguments inside macros …: deeper than this they stay as they are. */
const nestingMax = 200;
/** Characters of a token that `#` or `##` makes: both can double a text at every macro. */
const madeMax = 20_000;

export function expand(
	tokens: readonly Token[],
	scope: ExpansionScope,
	depth = 0,
): readonly Token[] {
	const out: Token[] = [];
	// the next token is the last of these
	const open: Token[] = [...tokens].reverse();
	for (let token = open.pop(); token !== undefined; token = open.pop()) {
		if (token.kind !== 'identifier' || token.hide?.has(token.text) === true) {
			out.push(token);
			continue;
		}
		const special = scope.special(token.text, token);
		if (special !== null) {
			const [made] = tokenise(special);
			out.push({ ...token, kind: made?.kind ?? 'number', text: special });
			continue;
		}
		const macro = scope.macro(token.text, token);
		if (macro === null) {
			if (token.text === '_Pragma' && isPunctuator(open.at(-1), '(')) takePragma(open);
			else out.push(token);
			continue;
		}
		if (scope.tokensLeft <= 0 || depth > nestingMax) {
			scope.problem(`${macro.name} expands to too much`, token);
			out.push(token);
			continue;
		}
		const made = expandOne(token, macro, { open, scope, depth });
		if (made === null) {
			out.push(token);
			continue;
		}
		if (made.some(({ text }) => text.length > madeMax)) {
			scope.problem(`${macro.name} expands to too much`, token);
			out.push(token);
			continue;
		}
		scope.tokensLeft -= made.length + 1 + (made[0]?.hide?.size ?? 0);
		for (let i = made.length - 1; i >= 0; i--) open.push(made[i] as Token);
	}
	return out;
}

interface Around {
	/** What follows, next one last. */
	readonly open: Token[];
	readonly scope: ExpansionScope;
	readonly depth: number;
}

/** The replacement of one use, its arguments taken from `open`; null: the name stays as it is. */
function expandOne(token: Token, macro: Macro, around: Around): readonly Token[] | null {
	if (macro.parameters === null)
		return substitute({ token, macro, given: [], close: token }, around);
	if (!isPunctuator(around.open.at(-1), '(')) return null;
	const found = argumentsOf(macro, around.open);
	if (found === null) {
		around.scope.problem(`the arguments of ${macro.name} do not end`, token);
		// neither do those of what stands inside, and each would look for the end again
		around.scope.tokensLeft = 0;
		return null;
	}
	const given = fitted(macro, found.given);
	if (given === null) {
		const wanted = macro.parameters.length;
		around.scope.problem(
			`${macro.name} is given ${found.given.length} arguments and takes ${wanted}`,
			token,
		);
		return null;
	}
	around.open.length -= found.taken;
	return substitute({ token, macro, given, close: found.close }, around);
}

interface Use {
	readonly token: Token;
	readonly macro: Macro;
	readonly given: readonly (readonly Token[])[];
	/** Its `)`, or the name of an object-like macro. */
	readonly close: Token;
}

/** The arguments between the parentheses, and how many tokens they, the commas and the parentheses are. */
function argumentsOf(
	macro: Macro,
	open: readonly Token[],
): { given: Token[][]; taken: number; close: Token } | null {
	const named = macro.parameters?.length ?? 0;
	const isVariadic = macro.parameters?.at(-1)?.endsWith('...') === true;
	const given: Token[][] = [[]];
	let depth = 0;
	for (let at = open.length - 1; at >= 0; at--) {
		const token = open[at] as Token;
		if (isPunctuator(token, '(') && depth++ === 0) continue;
		if (isPunctuator(token, ')') && --depth === 0)
			return { given, taken: open.length - at, close: token };
		const isLast = isVariadic && given.length >= named;
		if (depth === 1 && isPunctuator(token, ',') && !isLast) given.push([]);
		else given.at(-1)?.push(token);
	}
	return null;
}

/** As many arguments as there are parameters; null: they do not fit. */
function fitted(
	macro: Macro,
	given: readonly (readonly Token[])[],
): readonly (readonly Token[])[] | null {
	const parameters = macro.parameters ?? [];
	const isVariadic = parameters.at(-1)?.endsWith('...') === true;
	if (parameters.length === 0) return given.length === 1 && given[0]?.length === 0 ? [] : null;
	if (given.length === parameters.length) return given;
	// the variadic argument may be left out altogether
	return isVariadic && given.length === parameters.length - 1 ? [...given, []] : null;
}

function takePragma(open: Token[]): void {
	for (let depth = 0; open.length > 0; ) {
		const token = open.pop();
		if (isPunctuator(token, '(')) depth++;
		else if (isPunctuator(token, ')') && --depth === 0) return;
	}
}

/** One item of a body on its way: a token, or the operand of `##`. */
function substitute(use: Use, around: Around): readonly Token[] {
	const { macro, token } = use;
	const body = bodyTokens(macro);
	const hide = hideOf(use);
	const isPlain = macro.parameters === null && !hasOperators(macro);
	const place = {
		start: Math.min(token.start, use.close.start),
		end: Math.max(token.end, use.close.end),
	};
	if (around.depth === 0) around.scope.used?.(macro, place.start, place.end);
	const own = ({ kind, text, space, start: at }: Token): Token => {
		const { start, end } = place;
		return { kind, text, start, end, space, hide: null, from: { macro, at } };
	};
	const made = isPlain ? body.map(own) : replaced(body, use, { ...around, own });
	const unions = new Map<ReadonlySet<string> | null, ReadonlySet<string>>();
	const hidden = (before: ReadonlySet<string> | null): ReadonlySet<string> => {
		let union = unions.get(before);
		if (union === undefined) {
			union = united(before, hide);
			unions.set(before, union);
		}
		return union;
	};
	return made.map((t, index) => ({
		...t,
		hide: hidden(t.hide),
		space: index === 0 ? token.space : t.space,
	}));
}

interface Body extends Around {
	own(token: Token): Token;
}

function replaced(body: readonly Token[], use: Use, around: Body): readonly Token[] {
	const { macro, given } = use;
	const slots = slotsOf(macro);
	const out: Token[] = [];
	const expanded = new Map<number, readonly Token[]>();
	const full = (slot: number): readonly Token[] => {
		let tokens = expanded.get(slot);
		if (tokens === undefined) {
			tokens = expand(given[slot] ?? [], around.scope, around.depth + 1);
			expanded.set(slot, tokens);
		}
		return tokens;
	};
	const variadic = variadicSlot(macro);
	for (let i = 0; i < body.length; i++) {
		const token = body[i] as Token;
		const next = body[i + 1];
		if (out.length > around.scope.tokensLeft) {
			around.scope.problem(`${macro.name} expands to too much`, use.token);
			around.scope.tokensLeft = 0;
			return [];
		}
		if (isPunctuator(token, '#') && macro.parameters !== null && next !== undefined) {
			const slot = slots.get(next.text);
			if (slot !== undefined) {
				out.push(around.own({ ...token, ...stringised(given[slot] ?? []) }));
				i++;
				continue;
			}
		}
		if (isPunctuator(token, '##') && next !== undefined && out.length > 0) {
			i += pasteNext(out, { body, at: i + 1, use, around, slots });
			continue;
		}
		if (token.text === '__VA_OPT__' && variadic !== null && isPunctuator(next, '(')) {
			const end = closing(body, i + 1);
			const inner = body.slice(i + 2, end);
			if (full(variadic).length > 0) append(out, replaced(inner, use, around));
			else out.push(around.own(placemarker(token)));
			i = end;
			continue;
		}
		const slot = token.kind === 'identifier' ? slots.get(token.text) : undefined;
		if (slot === undefined) {
			out.push(around.own(token));
			continue;
		}
		const isOperand = isPunctuator(next, '##');
		const tokens = isOperand ? (given[slot] ?? []) : full(slot);
		if (tokens.length === 0) out.push(around.own(placemarker(token)));
		else append(out, tokens, token.space);
	}
	return out.filter((t) => t.kind !== 'placemarker');
}

interface Pasting {
	readonly body: readonly Token[];
	readonly at: number;
	readonly use: Use;
	readonly around: Body;
	readonly slots: ReadonlyMap<string, number>;
}

/** `left ## right`: joins the last of `out` with what stands at `at`; returns how many body tokens that were. */
function pasteNext(out: Token[], { body, at, use, around, slots }: Pasting): number {
	const right = body[at] as Token;
	const slot = slots.get(right.text);
	const left = out.at(-1) as Token;
	const isRest = slot !== undefined && slot === variadicSlot(use.macro);
	if (isRest && isPunctuator(left, ',') && left.from?.macro === use.macro) {
		// GNU: no comma before nothing
		const rest = use.given[slot] ?? [];
		if (rest.length === 0) out.pop();
		else append(out, rest, right.space);
		return 1;
	}
	if (slot === undefined) {
		out.pop();
		out.push(...joined(left, around.own(right), around));
		return 1;
	}
	const tokens = use.given[slot] ?? [];
	if (tokens.length === 0) return 1;
	out.pop();
	append(out, joined(left, tokens[0] as Token, around));
	append(out, tokens.slice(1));
	return 1;
}

/**
 * Puts tokens behind others, the first of them with the space given. One by one: as arguments of `push` they would all lie on
 * the stack.
 */
function append(out: Token[], tokens: readonly Token[], space?: boolean): void {
	const [first] = tokens;
	if (first === undefined) return;
	out.push(space === undefined ? first : { ...first, space });
	for (let i = 1; i < tokens.length; i++) out.push(tokens[i] as Token);
}

function joined(left: Token, right: Token, around: Body): readonly Token[] {
	if (left.kind === 'placemarker') return [{ ...right, space: left.space }];
	if (right.kind === 'placemarker') return [left];
	if (left.text.length > madeMax) return [left];
	const text = left.text + right.text;
	const [made, ...more] = tokenise(text);
	if (made === undefined || more.length > 0) {
		around.scope.problem(`${left.text} ## ${right.text} is not a token`, left);
		return [left, right];
	}
	return [{ ...around.own(made), space: left.space, hide: common(left.hide, right.hide) }];
}

function placemarker(token: Token): Token {
	return { ...token, kind: 'placemarker', text: '' };
}

function closing(body: readonly Token[], open: number): number {
	let depth = 0;
	for (let at = open; at < body.length; at++) {
		if (isPunctuator(body[at], '(')) depth++;
		else if (isPunctuator(body[at], ')') && --depth === 0) return at;
	}
	return body.length;
}

function stringised(tokens: readonly Token[]): { kind: 'string'; text: string } {
	let text = '';
	for (const [i, t] of tokens.entries()) {
		// who expands does not take what is longer
		if (text.length > madeMax) break;
		const spelled =
			t.kind === 'string' || t.kind === 'character' ? t.text.replace(/[\\"]/g, '\\$&') : t.text;
		text += i > 0 && t.space ? ` ${spelled}` : spelled;
	}
	return { kind: 'string', text: `"${text}"` };
}

const slotsByMacro = new WeakMap<Macro, ReadonlyMap<string, number>>();

/** Which argument a name of the body stands for. */
function slotsOf(macro: Macro): ReadonlyMap<string, number> {
	let slots = slotsByMacro.get(macro);
	if (slots === undefined) {
		slots = new Map(
			(macro.parameters ?? []).map((p, i) => [
				p === '...' ? '__VA_ARGS__' : p.replace(/\.\.\.$/, ''),
				i,
			]),
		);
		slotsByMacro.set(macro, slots);
	}
	return slots;
}

function variadicSlot(macro: Macro): number | null {
	const { parameters } = macro;
	return parameters?.at(-1)?.endsWith('...') === true ? parameters.length - 1 : null;
}

/** Prosser: the name's hide set, for a function-like macro only what its `)` shares, and the macro itself. */
function hideOf({ token, macro, close }: Use): ReadonlySet<string> {
	const outer = macro.parameters === null ? token.hide : common(token.hide, close.hide);
	return new Set([...(outer ?? []), macro.name]);
}

function common(
	a: ReadonlySet<string> | null,
	b: ReadonlySet<string> | null,
): ReadonlySet<string> | null {
	if (a === null || b === null || a === b) return a === b ? a : null;
	return new Set([...a].filter((name) => b.has(name)));
}

function united(a: ReadonlySet<string> | null, b: ReadonlySet<string>): ReadonlySet<string> {
	if (a === null || a.size === 0) return b;
	return new Set([...a, ...b]);
}

/** Tokens as text again, for a replacement or a condition. */
export function textOf(tokens: readonly Token[]): string {
	return spellingOf(tokens.filter((t) => t.kind !== 'placemarker'));
}
