/**
 * The parser port: text in, concrete syntax trees out, with incremental re-parse. Two backends are meant to stand
 * behind it: tree-sitter (`tree_sitter.ts`), as native code or as WebAssembly.
 *
 * Invariant: no type of a parser package crosses this port; offsets are UTF-16 units of the text that was parsed.
 */

/** A replacement of `[start, oldEnd)` of the old text by what stands in `[start, newEnd)` of the new one. */
export interface TextEdit {
	readonly start: number;
	readonly oldEnd: number;
	readonly newEnd: number;
}

/** One node of the concrete tree, materialised: plain data, whoever parsed it. */
export interface RawNode {
	readonly type: string;
	readonly named: boolean;
	/** Name of the parent's field this node fills, else null. */
	readonly field: string | null;
	readonly start: number;
	readonly end: number;
	readonly missing: boolean;
	readonly children: readonly RawNode[];
	/** What stands below was cut off: it is nested deeper than NESTED_MAX. Its type is ERROR. */
	readonly cut?: true;
}

/**
 * Nodes of a tree above each other, at most: recursion over trees stays bounded on any input. It takes an `else if` two, an
 * operator one.
 */
export const NESTED_MAX = 800;

const TOO_DEEP = `nested more than ${NESTED_MAX} deep`;

/** Why a tree of which a part was cut off says nothing of the whole; null: none was. */
export function whyCut(node: RawNode): string | null {
	if (node.cut === true) return TOO_DEEP;
	for (const child of node.children) {
		const why = whyCut(child);
		if (why !== null) return why;
	}
	return null;
}

/** Why a node with an error in it was not understood. */
export function whyBroken(node: RawNode): string {
	const isCut = node.cut === true || node.children.some((c) => c.cut === true);
	return isCut ? TOO_DEEP : 'not understood as C';
}

export interface SyntaxTree {
	/** The text the tree was made from. */
	readonly text: string;
	/** The whole tree, made on every call: ask for parts where parts do. */
	root(): RawNode;
	/** The smallest node that spans `[start, end)` and what is below it. */
	spanning(start: number, end: number): RawNode;
}

export interface Parser {
	parse(text: string): SyntaxTree;
	/** As `parse(text)`, reusing what the edit left alone. `previous` must be a tree of this parser. */
	reparse(previous: SyntaxTree, edit: TextEdit, text: string): SyntaxTree;
}

/** The single replacement that turns one text into the other: common prefix and suffix kept. */
export function differenceOf(before: string, after: string): TextEdit {
	const shorter = Math.min(before.length, after.length);
	let start = 0;
	while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
	let tail = 0;
	while (
		tail < shorter - start &&
		before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
	)
		tail++;
	return { start, oldEnd: before.length - tail, newEnd: after.length - tail };
}
