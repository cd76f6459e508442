/**
 * The backend of the parser port: tree-sitter 0.22 with tree-sitter-c 0.23 as native code, or the same grammar as WebAssembly where
 * native code does not load (no build for the platform, as on musl). Text goes in through the callback form, since the native string
 * form stops at 32 kB.
 *
 * Invariant: both give the same tree for the same text.
 */
import { createRequire } from 'node:module';
import { NESTED_MAX, type Parser, type RawNode, type SyntaxTree, type TextEdit } from './parser.js';
import { wasmParser } from './wasm_parser.js';

interface Point {
	row: number;
	column: number;
}

interface NativeCursor {
	readonly nodeType: string;
	readonly nodeIsNamed: boolean;
	readonly nodeIsMissing: boolean;
	readonly startIndex: number;
	readonly endIndex: number;
	readonly currentFieldName: string | null;
	gotoFirstChild(): boolean;
	gotoNextSibling(): boolean;
	gotoParent(): boolean;
	/** Gives its memory back; native code does so by itself. */
	delete?(): void;
}

interface NativeNode {
	/** Something in it was not understood. */
	readonly hasError: boolean;
	walk(): NativeCursor;
	descendantForIndex(start: number, end: number): NativeNode;
}

interface NativeTree {
	readonly rootNode: NativeNode;
	edit(delta: {
		startIndex: number;
		oldEndIndex: number;
		newEndIndex: number;
		startPosition: Point;
		oldEndPosition: Point;
		newEndPosition: Point;
	}): void;
	delete?(): void;
}

/** A parser of C, as both packages have it. */
export interface TreeSitter {
	parse(input: (index: number) => string | null, previous?: NativeTree): NativeTree | null;
}

const chunk = 16_384;

const require = createRequire(import.meta.url);

/** The native parser; null: it does not load here. */
function native(): TreeSitter | null {
	try {
		const Native = require('tree-sitter') as new () => TreeSitter & {
			setLanguage(language: unknown): void;
		};
		const parser = new Native();
		parser.setLanguage(require('tree-sitter-c'));
		return parser;
	} catch {
		return null;
	}
}

/** The parser, loaded once per process. Throws where native code does not load and nobody has waited for WebAssembly. */
export function treeSitter(): Parser {
	loaded ??= parserOver(required(native()));
	return loaded;
}

/** Loads the parser; programs wait for it before they parse, since WebAssembly takes its time. */
export async function parserLoaded(): Promise<void> {
	loaded ??= parserOver(native() ?? ((await wasmParser(require.resolve)) as unknown as TreeSitter));
}

let loaded: Parser | null = null;

function required(parser: TreeSitter | null): TreeSitter {
	if (parser !== null) return parser;
	throw new Error('no native parser loads here, and that of WebAssembly was not waited for');
}

/** The port over either. */
export function parserOver(parser: TreeSitter): Parser {
	const gone = new FinalizationRegistry((tree: NativeTree) => tree.delete?.());
	const trees = new WeakMap<SyntaxTree, NativeTree>();
	const run = (text: string, previous?: NativeTree): SyntaxTree => {
		const tree = parser.parse(
			(index) => (index < text.length ? text.slice(index, index + chunk) : null),
			previous,
		);
		if (tree === null) throw new Error('tree-sitter gave no tree');
		const view = treeView(text, tree);
		trees.set(view, tree);
		if (tree.delete !== undefined) gone.register(view, tree);
		return view;
	};
	return {
		parse: (text) => run(text),
		reparse(previous, edit, text) {
			const tree = trees.get(previous);
			if (tree === undefined) return run(text);
			trees.delete(previous);
			// how it recovers from an error depends on what it reuses
			if (tree.rootNode.hasError) return run(text);
			tree.edit(delta(previous.text, text, edit));
			const reparsed = run(text, tree);
			return trees.get(reparsed)?.rootNode.hasError === true ? run(text) : reparsed;
		},
	};
}

function delta(before: string, after: string, edit: TextEdit) {
	return {
		startIndex: edit.start,
		oldEndIndex: edit.oldEnd,
		newEndIndex: edit.newEnd,
		startPosition: pointAt(before, edit.start),
		oldEndPosition: pointAt(before, edit.oldEnd),
		newEndPosition: pointAt(after, edit.newEnd),
	};
}

function pointAt(text: string, index: number): Point {
	let row = 0;
	let lineStart = 0;
	for (let at = text.indexOf('\n'); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) {
		row++;
		lineStart = at + 1;
	}
	return { row, column: index - lineStart };
}

function treeView(text: string, tree: NativeTree): SyntaxTree {
	return {
		text,
		root: () => materialise(tree.rootNode.walk()),
		spanning: (start, end) =>
			materialise(tree.rootNode.descendantForIndex(start, Math.max(start, end - 1)).walk()),
	};
}

function materialise(cursor: NativeCursor): RawNode {
	const build = (depth: number): RawNode => {
		const children: RawNode[] = [];
		const node: RawNode = {
			type: depth < NESTED_MAX ? cursor.nodeType : 'ERROR',
			named: cursor.nodeIsNamed,
			field: cursor.currentFieldName ?? null,
			start: cursor.startIndex,
			end: cursor.endIndex,
			missing: cursor.nodeIsMissing,
			children,
			...(depth < NESTED_MAX ? {} : { cut: true }),
		};
		if (depth < NESTED_MAX && cursor.gotoFirstChild()) {
			do children.push(build(depth + 1));
			while (cursor.gotoNextSibling());
			cursor.gotoParent();
		}
		return node;
	};
	const root = build(0);
	cursor.delete?.();
	return root;
}
