/** Whether evaluating an expression may do something (a call, an assignment, a plain read of memory), by its form alone; lowers nothing. */

import type { Expression, TypeSpecifier } from '../syntax/ast.js';

const effects: ReadonlySet<string> = new Set(['call', 'assign', 'update', 'block', 'unparsed']);

/**
 * The first length of an array, anywhere in a function's syntax, that does something when it is evaluated: C evaluates it where the
 * declaration, sizeof or typeof stands (C11 6.7.6.2p5, 6.5.3.4p2). GCC's builtins do nothing. `typeof`: in one, which has no offsets.
 */
export function activeLength(node: object): Expression | 'typeof' | null {
	let found = lengths.get(node);
	if (found === undefined) {
		found = lengthIn(node);
		lengths.set(node, found);
	}
	return found;
}

/** By syntax, which never changes: that of functions which nobody edits is looked through once. */
const lengths = new WeakMap<object, Expression | 'typeof' | null>();

function lengthIn(node: unknown): Expression | 'typeof' | null {
	if (Array.isArray(node)) {
		for (const one of node) {
			const found = lengthIn(one);
			if (found !== null) return found;
		}
		return null;
	}
	if (node === null || typeof node !== 'object') return null;
	const { kind, length } = node as { readonly kind?: unknown; readonly length?: unknown };
	if (kind === 'array' && typeof length === 'object' && length !== null) {
		if (isActive(length)) return length as Expression;
	}
	if (kind === 'typeof') {
		const { type, expression, text } = node as TypeSpecifier & { kind: 'typeof' };
		// `char[n]` is no type to the parser, and may be an element to it
		if (type === null && expression === null && text.includes('[')) return 'typeof';
		if (type === null && expression?.kind === 'index' && isActive(expression.index))
			return 'typeof';
		if (lengthIn([type, expression]) !== null) return 'typeof';
		return null;
	}
	return lengthIn(Object.values(node));
}

function isActive(node: unknown): boolean {
	return acts(
		node,
		({ callee }) => callee.kind === 'identifier' && callee.name.startsWith('__builtin_'),
	);
}

/** Whether evaluating the expression may do more than compute a value. */
export function hasEffect(node: unknown): boolean {
	return acts(node, () => false);
}

/** `isQuiet`: calls of which only the arguments may do something. */
function acts(node: unknown, isQuiet: (call: Call) => boolean): boolean {
	if (Array.isArray(node)) return node.some((one) => acts(one, isQuiet));
	if (node === null || typeof node !== 'object') return false;
	const { kind } = node as { readonly kind?: unknown };
	if (kind === 'sizeof-expression' || kind === 'sizeof-type') return false;
	const isCallOfNothing = kind === 'call' && isQuiet(node as Call);
	if (typeof kind === 'string' && effects.has(kind) && !isCallOfNothing) return true;
	return Object.values(node).some((one) => acts(one, isQuiet));
}

type Call = Expression & { readonly kind: 'call' };
