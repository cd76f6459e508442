/**
 * A text's syntax tree, kept over edits: a new text is compared with the last one, and only what the difference touches
 * is parsed again. The lowering keeps one per function that is being edited.
 *
 * Invariant: the tree after any sequence of edits equals the tree of a fresh parse of the text.
 */

import { differenceOf, type RawNode, type SyntaxTree } from './parser.js';
import { treeSitter } from './tree_sitter.js';

export interface SyntaxDocument {
	readonly text: string;
	readonly tree: SyntaxTree;
	/** The document of the changed text. The old one must not be edited again. */
	edited(text: string): SyntaxDocument;
	/** Spans the grammar did not understand, outermost only, in order. */
	problems(): readonly { readonly start: number; readonly end: number }[];
}

/** Parses a text; usually a preprocessed one. */
export function syntaxDocument(text: string): SyntaxDocument {
	return documentOf(treeSitter().parse(text));
}

function documentOf(tree: SyntaxTree): SyntaxDocument {
	return {
		text: tree.text,
		tree,
		edited(text) {
			if (text === tree.text) return documentOf(tree);
			return documentOf(treeSitter().reparse(tree, differenceOf(tree.text, text), text));
		},
		problems() {
			const found: { start: number; end: number }[] = [];
			collect(tree.root(), found);
			return found;
		},
	};
}

function collect(node: RawNode, found: { start: number; end: number }[]): void {
	if (node.type === 'ERROR' || node.missing) {
		found.push({ start: node.start, end: node.end });
		return;
	}
	for (const child of node.children) collect(child, found);
}
