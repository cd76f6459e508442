/**
 * Where a text stops being C: for each function of which a part is not understood, the first token that does not parse. For
 * people who are typing; what such a part means for a verdict is the lowering's.
 *
 * Left out: what is C and not lowered (a nested function, an old-style header).
 */
import type { OutlineItem } from './outline.js';
import type { RawNode } from './parser.js';
import { parsedPiece } from './snippet.js';
import { functionOf, type Source } from './source.js';

export interface Unparsed {
	readonly function: string;
	/** The token, in the original text. */
	readonly start: number;
	readonly end: number;
}

/** The functions of which a part does not parse, of those that are `wanted` or have no bounds, in the order of the text. */
export function unparsedIn(source: Source, wanted: (name: string) => boolean): readonly Unparsed[] {
	const found: Unparsed[] = [];
	for (const item of source.items) {
		const isBroken = item.broken !== null;
		if (!isBroken && (item.kind !== 'function' || !wanted(item.name))) continue;
		const token = isBroken ? brokenToken(source, item) : tokenIn(source, item);
		if (token !== null) found.push({ function: item.name, ...token });
	}
	return found;
}

interface Token {
	readonly start: number;
	readonly end: number;
}

/** Of an item whose brackets do not balance: the token where the grammar gives up, else what stands behind it. */
function brokenToken(source: Source, item: OutlineItem): Token | null {
	const piece = source.piece(item);
	const token = firstUnparsed(parsedPiece(piece.text), piece.text, 0);
	if (token !== null) return placed(source, item, token);
	const behind = source.preprocessed.text.slice(item.end).search(/\S/);
	return behind < 0 ? null : { start: item.end + behind, end: item.end + behind + 1 };
}

/** Of a function with bounds: only where its syntax says that something was not understood. */
function tokenIn(source: Source, item: OutlineItem): Token | null {
	const { text } = source.piece(item);
	const syntax = functionOf(text, `${source.path}:${item.name}`);
	const spoiled =
		syntax === null || syntax.broken !== null
			? [{ start: 0, end: text.length }]
			: spoiledIn(syntax);
	const root = parsedPiece(text);
	const starts = [...spoiled, ...keywordNames(root, text)].map(({ start }) => start);
	const token = starts.length === 0 ? null : firstUnparsed(root, text, Math.min(...starts));
	return token === null ? null : placed(source, item, token);
}

function placed(source: Source, item: OutlineItem, token: Token): Token {
	const { map } = source.piece(item);
	const own = map === null ? token : map.span(token.start, token.end);
	return { start: item.start + own.start, end: item.start + own.end };
}

/** Spans of a function's syntax that were not understood, in order. */
function spoiledIn(node: unknown): readonly Token[] {
	if (typeof node !== 'object' || node === null) return [];
	const { kind, start, end } = node as { kind?: unknown; start?: unknown; end?: unknown };
	if (kind === 'unparsed' && typeof start === 'number' && typeof end === 'number')
		return [{ start, end }];
	return Object.values(node).flatMap(spoiledIn);
}

/** Words that are never names. */
const KEYWORDS = new Set(
	(
		'break case const continue default do else enum extern for goto if register return sizeof static ' +
		'struct switch typedef union volatile while'
	).split(' '),
);

/**
 * The first token from an offset at which the tree went wrong: a keyword that was read as a name, what was skipped, what stands
 * where something is missing. It is as near as the grammar's recovery tells.
 */
function firstUnparsed(root: RawNode, text: string, from: number): Token | null {
	const leaves = leavesOf(root);
	const keywords = keywordNames(root, text).filter(({ start }) => start >= from);
	const starts = errorsOf(root).flatMap((error): readonly number[] => {
		if (error.end < from) return [];
		if (keywords.some((k) => error.start <= k.start && k.end <= error.end)) return [];
		if (!error.missing) return [Math.max(from, error.start)];
		// what is missing is told where the next token stands
		const next = leaves.find((leaf) => !leaf.missing && leaf.start >= error.end);
		return [next?.start ?? error.end - 1];
	});
	const at = Math.min(...keywords.map(({ start }) => start), ...starts);
	if (!Number.isFinite(at)) return null;
	const token = leaves.find((leaf) => !leaf.missing && leaf.end > at && leaf.type !== 'comment');
	return token === undefined ? null : { start: token.start, end: token.end };
}

/** Keywords that were read as names. */
function keywordNames(root: RawNode, text: string): readonly RawNode[] {
	return leavesOf(root).filter(
		({ type, start, end }) => type.endsWith('identifier') && KEYWORDS.has(text.slice(start, end)),
	);
}

/** Nodes without children, in order. */
function leavesOf(node: RawNode): readonly RawNode[] {
	return node.children.length === 0 ? [node] : node.children.flatMap(leavesOf);
}

/** The outermost nodes that were not understood, in order. */
function errorsOf(node: RawNode): readonly RawNode[] {
	if (node.type === 'ERROR' || node.missing) return [node];
	return node.children.flatMap(errorsOf);
}
