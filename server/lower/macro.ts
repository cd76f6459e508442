/**
 * Macros, expanded on the syntax tree: the body is parsed once, and its parameters stand for the user's own expressions,
 * which keep their place in the user's text. A body that needs its parameters as text (`#`, `##`, a type, a member) gets
 * them substituted as text; then everything in it stands where the macro is used.
 */

import type { Expression, Statement } from '../syntax/ast.js';
import { hiddenTypes, whyHidden } from '../syntax/hidden_types.js';
import { named } from '../syntax/named.js';
import { parseExpression, parseStatements } from '../syntax/snippet.js';
import { remembered } from '../syntax/source.js';
import {
	type Binding,
	type FunctionState,
	lookup,
	type Piece,
	siteOf,
	Unlowerable,
} from './context.js';
import { hasEffect } from './has_effect.js';
import type { Definition } from './names.js';

export type Expansion =
	| { readonly kind: 'expression'; readonly expression: Expression; readonly piece: Piece }
	| { readonly kind: 'statement'; readonly statement: Statement; readonly piece: Piece };

const expansionDepthMax = 48;
const expandedLengthMax = 200_000;

interface Body {
	readonly expression: Expression | null;
	readonly statement: Statement | null;
	/** Why its names are not all bound; null: they are. */
	readonly hidden: string | null;
	/** How often each name stands as an expression. */
	readonly names: ReadonlyMap<string, number>;
}

const bodies = new Map<string, Body>();

function bodyOf(text: string): Body {
	return remembered(bodies, text, (source) => {
		const expression = source.trim() === '' ? null : parseExpression(source);
		const statement = expression === null ? parseStatements(`${source};`) : null;
		const names = new Map<string, number>();
		countNames(expression ?? statement, names);
		const [hidden] = hiddenTypes(source, 'function');
		return { expression, statement, names, hidden: hidden ? whyHidden(hidden) : null };
	});
}

function countNames(node: unknown, names: Map<string, number>): void {
	if (Array.isArray(node)) for (const item of node) countNames(item, names);
	if (node === null || typeof node !== 'object' || Array.isArray(node)) return;
	const { kind, name } = node as { kind?: unknown; name?: unknown };
	if (kind === 'identifier' && typeof name === 'string')
		names.set(name, (names.get(name) ?? 0) + 1);
	for (const value of Object.values(node)) countNames(value, names);
}

/** The macro a call's callee names, expanded; null when the callee is no macro. */
export function expandCall(
	state: FunctionState,
	piece: Piece,
	call: Expression & { kind: 'call' },
): Expansion | null {
	const callee = calleeName(piece, call.callee);
	if (callee === null || lookup(callee.piece.scope, callee.name) !== null) return null;
	const found = macroNamed(state, callee.piece, callee.name);
	if (found === null) return null;
	const { macro } = found;
	if (macro.parameters === null) {
		const alias = expandMacro(state, piece, call, found, []);
		if (alias.kind !== 'expression')
			throw new Unlowerable(`${macro.name} is not something to call`, call);
		const renamed = { ...call, callee: alias.expression };
		return {
			kind: 'expression',
			expression: renamed,
			piece: { ...piece, expanding: alias.piece.expanding },
		};
	}
	return expandMacro(state, piece, call, found, call.arguments);
}

/** Arguments that the macro of that name evaluates before those of its `...`, which are for people (primitives/debug.c: `WARN()`). */
export function orderedArguments(state: FunctionState, piece: Piece, name: string): number {
	const found = macroNamed(state, piece, name);
	if (found === null || found.unit.origin !== 'primitive') return 0;
	const { parameters, body } = found.macro;
	const isInOrder = body.startsWith('({') && body.includes('__VA_ARGS__');
	return isInOrder && parameters?.at(-1) === '...' ? parameters.length - 1 : 0;
}

/** The object-like macro a name stands for, expanded to an expression; null when there is none. */
export function expandIdentifier(
	state: FunctionState,
	piece: Piece,
	identifier: Expression & { kind: 'identifier' },
): (Expansion & { kind: 'expression' }) | null {
	const expanded = expandName(state, piece, identifier);
	if (expanded === null || expanded.kind === 'expression') return expanded;
	throw new Unlowerable(`${identifier.name} is not an expression`, identifier);
}

/** As `expandIdentifier`, for a place where a statement may stand too. */
export function expandName(
	state: FunctionState,
	piece: Piece,
	identifier: Expression & { kind: 'identifier' },
): Expansion | null {
	if (lookup(piece.scope, identifier.name) !== null) return null;
	const found = macroNamed(state, piece, identifier.name);
	return found === null || found.macro.parameters !== null
		? null
		: expandMacro(state, piece, identifier, found, []);
}

/** A name used as a callee, seen through macro parameters. */
export function calleeName(
	piece: Piece,
	callee: Expression,
): { readonly name: string; readonly piece: Piece } | null {
	if (callee.kind === 'parenthesised') return calleeName(piece, callee.inner);
	if (callee.kind !== 'identifier') return null;
	const binding = lookup(piece.scope, callee.name);
	if (binding?.kind === 'argument') return calleeName(binding.piece, binding.expression);
	return { name: callee.name, piece };
}

function macroNamed(
	state: FunctionState,
	piece: Piece,
	name: string,
): (Definition & { kind: 'macro' }) | null {
	if (piece.expanding.includes(name)) return null;
	// text that was read as a compiler does has been expanded: what is left are racewalk's own
	const words = piece.unit.beside ?? piece.unit;
	const isExpanded = words.source.preprocessed.unit !== null;
	const found = state.program.names.value(
		name,
		piece.unit,
		isExpanded ? 'own-macros' : 'with-macros',
	);
	return found?.kind === 'macro' ? found : null;
}

function expandMacro(
	state: FunctionState,
	piece: Piece,
	use: Expression,
	found: Definition & { kind: 'macro' },
	given: readonly Expression[],
): Expansion {
	const { macro, unit } = found;
	if (piece.expanding.length >= expansionDepthMax)
		throw new Unlowerable(`${macro.name} expands too deep`, use);
	const parameters = macro.parameters ?? [];
	const site = siteOf(state, piece, use);
	const expanding = [...piece.expanding, macro.name];
	const body = bodyOf(macro.body);
	const unread = unreadArguments(found, given, piece);
	if (macro.parameters !== null && !substitutable(macro.body, parameters, given, body)) {
		const text = substitute(
			macro.body,
			parameters,
			given.map((a) => argumentText(piece, a)),
		);
		if (text.length > expandedLengthMax)
			throw new Unlowerable(`${macro.name} expands to too much text`, use);
		const scope = { names: unread, outer: piece.scope };
		return made(withUnread(bodyOf(text), unread), macro.name, use, {
			...piece,
			...(unread.size === 0 ? {} : { scope }),
			text,
			base: 0,
			map: null,
			site,
			expanding,
			unit: mixed(piece, found),
		});
	}
	const names = new Map<string, Binding>(unread);
	for (const [index, parameter] of parameters.entries()) {
		const expression = given[index];
		if (expression === undefined) throw new Unlowerable(`${macro.name} wants more arguments`, use);
		names.set(parameter, { kind: 'argument', expression, piece });
	}
	const scope = { names, outer: piece.scope };
	return made(withUnread(body, unread), macro.name, use, {
		unit,
		text: macro.body,
		base: 0,
		map: null,
		site,
		scope,
		expanding,
	});
}

/**
 * Arguments that a primitive leaves out although the kernel's function evaluates them (primitives/debug.c says which it does not), and
 * that do something: bound to names that the user cannot write.
 */
function unreadArguments(
	{ unit, macro }: Definition & { kind: 'macro' },
	given: readonly Expression[],
	piece: Piece,
): Map<string, Binding> {
	const unread = new Map<string, Binding>();
	if (unit.origin !== 'primitive' || macro.parameters === null) return unread;
	const { parameters } = macro;
	for (const [index, expression] of given.entries()) {
		const parameter = parameters[index] ?? parameters.at(-1) ?? '';
		const word = parameter === '...' ? '__VA_ARGS__' : parameter.replace(/\.\.\.$/, '');
		const isMeant =
			parameter.startsWith('__') || new RegExp(`\\b${named(word)}\\b`).test(macro.body);
		if (!isMeant && hasEffect(expression))
			unread.set(`__rw_unread_${index}`, { kind: 'argument', expression, piece });
	}
	return unread;
}

/** The body behind the arguments it leaves out. */
function withUnread(body: Body, unread: ReadonlyMap<string, Binding>): Body {
	if (unread.size === 0) return body;
	const place = { start: 0, end: 0 };
	const arguments_ = [...unread.keys()].map((name) => ({
		...place,
		kind: 'identifier' as const,
		name,
	}));
	const { expression, statement } = body;
	if (expression !== null) {
		const whole = arguments_.reduceRight<Expression>(
			(right, left) => ({ start: right.start, end: right.end, kind: 'comma', left, right }),
			expression,
		);
		return { ...body, expression: whole };
	}
	if (statement === null) return body;
	const { start, end } = statement;
	const statements: Statement[] = [
		...arguments_.map((a) => ({ ...place, kind: 'expression' as const, expression: a })),
		statement,
	];
	return { ...body, statement: { start, end, kind: 'compound', statements } };
}

/**
 * Text with the user's words in it is looked up where the macro was defined only when that sees no less: a primitive's
 * macro used by the walk may hold names of the walk.
 */
function mixed(piece: Piece, found: Definition & { kind: 'macro' }): Piece['unit'] {
	const plain = found.unit.origin === 'walk';
	return plain ? piece.unit : { ...found.unit, beside: piece.unit.beside ?? piece.unit };
}

function made(body: Body, name: string, use: Expression, piece: Piece): Expansion {
	if (body.hidden !== null) throw new Unlowerable(`${name}: ${body.hidden}`, use);
	if (body.expression !== null) return { kind: 'expression', expression: body.expression, piece };
	if (body.statement !== null) return { kind: 'statement', statement: body.statement, piece };
	throw new Unlowerable(`what ${name} expands to is not understood`, use);
}

/** Whether every use of a parameter in the body is an expression of its own, and every argument is one. */
function substitutable(
	text: string,
	parameters: readonly string[],
	given: readonly Expression[],
	body: Body,
): boolean {
	if (text.includes('#') || parameters.some((p) => p.endsWith('...'))) return false;
	if (given.length !== parameters.length || given.some((a) => a.kind === 'unparsed')) return false;
	if (body.expression === null && body.statement === null) return false;
	return parameters.every((p) => {
		const written = text.match(new RegExp(`(?<![\\w.])${named(p)}\\b`, 'g'))?.length ?? 0;
		return (body.names.get(p) ?? 0) === written;
	});
}

/** An argument as written; a parameter of the macro it stands in is what its user wrote. */
export function argumentText(piece: Piece, argument: Expression): string {
	const binding = argument.kind === 'identifier' ? lookup(piece.scope, argument.name) : null;
	if (binding?.kind === 'argument') return argumentText(binding.piece, binding.expression);
	return piece.text.slice(argument.start, argument.end);
}

/** C's textual replacement: `#x`, `a##b`, `__VA_ARGS__`. */
function substitute(body: string, parameters: readonly string[], given: readonly string[]): string {
	const values = new Map<string, string>();
	for (const [index, parameter] of parameters.entries()) {
		if (!parameter.endsWith('...')) {
			values.set(parameter, given[index] ?? '');
			continue;
		}
		const rest = given.slice(index).join(', ');
		values.set(parameter === '...' ? '__VA_ARGS__' : parameter.slice(0, -3).trim(), rest);
	}
	return body
		.replace(
			/"(?:\\.|[^"\\])*"?|#\s*(\w+)|(\w+)/g,
			(whole, hashed: string | undefined, word: string | undefined, at: number) => {
				if (hashed !== undefined) {
					const pasted = body[at - 1] === '#';
					const value = values.get(hashed);
					if (pasted) return `#${value ?? hashed}`;
					return value === undefined ? whole : JSON.stringify(value);
				}
				return word === undefined ? whole : (values.get(word) ?? whole);
			},
		)
		.replace(/,\s*##(?=[)\s]*$)/g, '')
		.split('##')
		.map((part, i, all) => {
			const open = i === 0 ? part : part.trimStart();
			return i === all.length - 1 ? open : open.trimEnd();
		})
		.join('');
}
