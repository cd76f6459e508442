/**
 * One function of the checked text as a list of statements, for fixes: who stands in which block, what is called, what
 * is declared. Read from a concrete tree of the function alone, so that errors elsewhere in the file do not matter.
 */
import type { Parser, RawNode } from '../../syntax/parser.js';
import { lineStart, offsetAt } from './text_change.js';

export interface Statement {
	readonly node: RawNode;
	/** Statements of the same block, in order; this one is `siblings[index]`. */
	readonly siblings: readonly RawNode[];
	readonly index: number;
}

export interface FunctionSyntax {
	readonly name: string;
	/** Offset of the parsed slice in the file. */
	readonly base: number;
	/** The slice. */
	readonly text: string;
	readonly root: RawNode;
	readonly definition: RawNode;
	/** Every statement of every block, outer before inner, in source order. */
	readonly statements: readonly Statement[];
}

const STATEMENT = /(_statement|^declaration)$/;

/** The function whose name stands on the 1-based line and that ends on `endLine`; null when it cannot be parsed. */
export function functionSyntax(
	parser: Parser,
	text: string,
	at: { readonly name: string; readonly line: number; readonly endLine: number },
): FunctionSyntax | null {
	let start = offsetAt(text, at.line, 1);
	// A return type on a line of its own belongs to the definition.
	if (text.startsWith(at.name, start) && start > 0) start = lineStart(text, start - 1);
	const slice = text.slice(start, offsetAt(text, at.endLine + 1, 1));
	const root = parser.parse(slice).root();
	const definition = find(root, (n) => n.type === 'function_definition');
	if (definition === null) return null;
	return {
		name: at.name,
		base: start,
		text: slice,
		root,
		definition,
		statements: statementsOf(definition),
	};
}

function statementsOf(definition: RawNode): readonly Statement[] {
	const found: Statement[] = [];
	const visit = (node: RawNode): void => {
		if (node.type === 'compound_statement' || node.type.startsWith('preproc_')) {
			const siblings = node.children.filter((c) => STATEMENT.test(c.type));
			for (const [index, child] of siblings.entries()) found.push({ node: child, siblings, index });
		}
		for (const child of node.children) visit(child);
	};
	visit(definition);
	return found.sort((a, b) => a.node.start - b.node.start || b.node.end - a.node.end);
}

/** First node in source order that satisfies the test. */
export function find(node: RawNode, test: (n: RawNode) => boolean): RawNode | null {
	if (test(node)) return node;
	for (const child of node.children) {
		const found = find(child, test);
		if (found !== null) return found;
	}
	return null;
}

/** All nodes in source order that satisfy the test. */
export function findAll(node: RawNode, test: (n: RawNode) => boolean): readonly RawNode[] {
	const found: RawNode[] = [];
	const visit = (n: RawNode): void => {
		if (test(n)) found.push(n);
		for (const child of n.children) visit(child);
	};
	visit(node);
	return found;
}

/** The child that fills a field of its parent, or null. */
export function field(node: RawNode, name: string): RawNode | null {
	return node.children.find((c) => c.field === name) ?? null;
}

export function textOf(syntax: FunctionSyntax, node: RawNode): string {
	return syntax.text.slice(node.start, node.end);
}

/** Identifiers that occur in a node. */
export function identifiers(syntax: FunctionSyntax, node: RawNode): ReadonlySet<string> {
	return new Set(findAll(node, (n) => n.type === 'identifier').map((n) => textOf(syntax, n)));
}

/** The innermost statement that covers an offset of the slice, or null. */
export function statementAt(syntax: FunctionSyntax, offset: number): Statement | null {
	let best: Statement | null = null;
	for (const statement of syntax.statements) {
		if (statement.node.start > offset || statement.node.end <= offset) continue;
		if (best === null || size(statement.node) <= size(best.node)) best = statement;
	}
	return best;
}

function size(node: RawNode): number {
	return node.end - node.start;
}
