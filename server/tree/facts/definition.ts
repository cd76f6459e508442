/**
 * Definitions as facts are asked of them: which names a body has, what it is given, whether it is a number. They come from
 * preprocessed text, so what stands in a comment, a string or an inactive arm of an `#if` says nothing.
 */

import type { Expression, FunctionDefinition, ParameterDeclaration } from '../../syntax/ast.js';
import { doubtOf } from '../../syntax/doubts.js';
import { named } from '../../syntax/named.js';
import { codeOnly } from '../../syntax/preprocess/logical_lines.js';
import type { Macro } from '../../syntax/preprocess.js';
import { functionOf, type Source } from '../../syntax/source.js';
import type { FactPlace } from './fact.js';

export interface FoundDefinition extends FactPlace {
	/** Names that its body has. */
	readonly words: ReadonlySet<string>;
	/** How many parameters it has; null: it is no function and no macro with parameters. */
	readonly arity: number | null;
	/** The function, read; null: it is none, or it cannot be read. */
	syntax(): FunctionDefinition | null;
	/** The number that it is whatever it is given; null: it is none. */
	constant(): number | null;
}

/** Definitions by file and name: files are kept as they are preprocessed. */
const known = new WeakMap<Source, Map<string, FoundDefinition | null>>();

/** The definition of that name in one file, in what of it is active. */
export function definitionIn(source: Source, name: string): FoundDefinition | null {
	return kept(source, name, () => find(source, name));
}

function kept(
	source: Source,
	key: string,
	make: () => FoundDefinition | null,
): FoundDefinition | null {
	let ofSource = known.get(source);
	if (ofSource === undefined) {
		ofSource = new Map();
		known.set(source, ofSource);
	}
	let found = ofSource.get(key);
	if (found === undefined) {
		found = make();
		ofSource.set(key, found);
	}
	return found;
}

function find(source: Source, name: string): FoundDefinition | null {
	if (doubtOf(source, name) !== null) return null;
	const [item] = source.functions.get(name) ?? [];
	if (item !== undefined && item.broken === null) return functionFound(source, name);
	const macro = source.preprocessed.macros.get(name);
	if (macro !== undefined) return macroFound(source, macro);
	const place = source.enumerators().get(name);
	if (place === undefined) return null;
	const at = source.preprocessed.text.search(new RegExp(`\\b${named(name)}\\b`));
	return { ...placeOf(source, name, Math.max(0, at)), ...nothing };
}

/** The first function or macro of a file, in what of it is active, whose body has one of the names. */
export function mentioning(source: Source, names: readonly string[]): FoundDefinition | null {
	if (!names.some((name) => source.original.includes(name))) return null;
	const among = [...source.functions.keys(), ...source.preprocessed.macros.keys()];
	return kept(source, `: ${names.join()}`, () => {
		const found = among.map((name) => definitionIn(source, name));
		return found.find((f) => names.some((word) => f?.words.has(word))) ?? null;
	});
}

/** Calls in a function, in the order of its text. */
export function callsIn(fn: FunctionDefinition): readonly (Expression & { kind: 'call' })[] {
	return nodesIn(fn.body).filter((node): node is Expression & { kind: 'call' } =>
		isKind(node, 'call'),
	);
}

/** The name that a call calls; empty: an expression. */
export function calleeOf({ callee }: Expression & { kind: 'call' }): string {
	return callee.kind === 'identifier' ? callee.name : '';
}

interface Node {
	readonly kind: string;
}

export function isKind(node: Node, kind: string): boolean {
	return node.kind === kind;
}

/** A node of a syntax tree and all below it, outer ones first. */
export function nodesIn(root: Node): readonly Node[] {
	const found: Node[] = [];
	const open: unknown[] = [root];
	for (let at = open.pop(); at !== undefined; at = open.pop()) {
		if (typeof at !== 'object' || at === null) continue;
		if (isNode(at)) found.push(at);
		// what stands first is looked at first
		for (const below of Object.values(at).reverse()) if (below !== undefined) open.push(below);
	}
	return found;
}

function isNode(value: object): value is Node {
	return 'kind' in value && typeof value.kind === 'string';
}

/** A parameter's type is that name, by value or as a pointer to it. */
export function isGiven(
	{ type }: ParameterDeclaration,
	name: string,
	how: 'value' | 'pointer',
): boolean {
	const { specifier, shape } = type;
	const own =
		specifier.kind === 'named'
			? specifier.name
			: specifier.kind === 'aggregate'
				? `${specifier.keyword} ${specifier.tag ?? ''}`
				: '';
	return own === name && shape.length === (how === 'value' ? 0 : 1);
}

const nothing: Pick<FoundDefinition, 'words' | 'arity' | 'syntax' | 'constant'> = {
	words: new Set(),
	arity: null,
	syntax: () => null,
	constant: () => null,
};

function functionFound(source: Source, name: string): FoundDefinition | null {
	const [item] = source.functions.get(name) ?? [];
	if (item === undefined || item.body < 0) return null;
	const syntax = (): FunctionDefinition | null => functionOf(source.piece(item).text);
	return {
		...placeOf(source, name, item.nameStart),
		words: wordsOf(source.preprocessed.text.slice(item.body, item.end)),
		get arity() {
			return syntax()?.parameters.length ?? null;
		},
		syntax,
		constant: () => constantResult(syntax()),
	};
}

function macroFound(source: Source, macro: Macro): FoundDefinition {
	return {
		...placeOf(source, macro.name, macro.offset),
		words: wordsOf(macro.body),
		arity: macro.parameters?.length ?? null,
		syntax: () => null,
		constant: () => numberOf(macro.body),
	};
}

function placeOf(source: Source, name: string, offset: number): FactPlace {
	return { path: source.path, line: source.lines.positionAt(offset).line, name };
}

function wordsOf(text: string): ReadonlySet<string> {
	return new Set(codeOnly(text).match(/[A-Za-z_]\w*/g) ?? []);
}

/** `{ return 0; }`; what the compiler is told about its parameters beside it does not count. */
function constantResult(fn: FunctionDefinition | null): number | null {
	if (fn?.body.kind !== 'compound') return null;
	const [first, ...rest] = fn.body.statements;
	if (first?.kind !== 'return' || rest.length > 0 || first.value === null) return null;
	const { value } = first;
	if (value.kind === 'number') return numberOf(value.text);
	return value.kind === 'identifier' ? numberOf(value.name) : null;
}

function numberOf(text: string): number | null {
	const bare = text.replace(/[()\s]/g, '');
	if (bare === 'false') return 0;
	if (bare === 'true') return 1;
	return /^(?:0x[\da-f]+|\d+)u?l{0,2}$/i.test(bare)
		? Number.parseInt(bare, bare.startsWith('0x') ? 16 : 10)
		: null;
}
