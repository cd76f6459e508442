/**
 * Pieces of C parsed on their own: a macro's body as expression or statements, one function of a header, one
 * declaration. Each is wrapped into something the grammar accepts, and offsets are those of the piece.
 */
import type {
	Declaration,
	Expression,
	FunctionDefinition,
	Statement,
	TypeName,
	TypeSpecifier,
} from './ast.js';
import { closing } from './brackets.js';
import { buildExpression } from './build_expression.js';
import { buildFunction, buildStatement, buildTopDeclarations } from './build_statement.js';
import { buildTypeName, fieldOf, hasErrors, plainChildren, typeofMark } from './build_type.js';
import type { Builder } from './builder.js';
import { type CleanupMark, cleanupsIn, withoutCleanups } from './cleanup.js';
import { type SyntaxDocument, syntaxDocument } from './document.js';
import type { RawNode, SyntaxTree } from './parser.js';
import { treeSitter } from './tree_sitter.js';

/** Pieces longer than this are not parsed on their own. */
const lengthMax = 400_000;
const typeofDepthMax = 6;
const typeofWord = /\b(?:typeof|__typeof__|__typeof|typeof_unqual|__typeof_unqual__)\s*\(/g;

/**
 * `typeof(…)` as an identifier of equal length, for a grammar that does not know it; cleanup attributes as blanks, and `__force`,
 * which the preprocessor leaves in the bodies of macros.
 */
function maskTypeof(plain: string): string {
	const given = withoutCleanups(plain, cleanupsIn(plain));
	const forced = given.includes('__force') ? given.replace(/\b__force\b/g, '       ') : given;
	const text = forced.includes('__builtin_offsetof')
		? forced.replace(/\b__builtin_offsetof\b/g, '          offsetof')
		: forced;
	if (!text.includes('typeof')) return text;
	let masked = '';
	let from = 0;
	for (const match of text.matchAll(typeofWord)) {
		if (match.index < from) continue;
		const end = closing(text, match.index + match[0].length);
		if (end === null) continue;
		masked += text.slice(from, match.index) + typeofMark.padEnd(end - match.index, '_');
		from = end;
	}
	return masked + text.slice(from);
}

/** Builds nodes over `parsed`, reading `typeof` from `original`; both have the same length. */
function builderFor(parsed: string, original: string, depth = 0): Builder {
	const cleanups = new Set<CleanupMark>(cleanupsIn(original));
	const builder: Builder = {
		text: parsed,
		cleanups,
		expression: (node) => buildExpression(node, builder),
		statement: (node) => buildStatement(node, builder),
		expressionAt(start, end): Expression | null {
			if (depth >= typeofDepthMax) return null;
			const made = parseExpression(original.slice(start, end), depth + 1);
			return made === null ? null : shift(made, -start);
		},
		typeofAt(start, end): TypeSpecifier {
			const text = original.slice(start, end);
			const inner = text.slice(text.indexOf('(') + 1, -1);
			const isTooDeep = depth >= typeofDepthMax;
			const type = isTooDeep ? null : parseTypeName(inner, depth + 1);
			const expression = isTooDeep ? null : parseExpression(inner, depth + 1);
			return { kind: 'typeof', text: inner, expression, type };
		},
	};
	return builder;
}

/** One expression; null when the text is not one. */
export function parseExpression(text: string, depth = 0): Expression | null {
	const found = parseWrapped('void f(void){x=(', text, ');}', depth);
	const statement =
		found?.node.type === 'expression_statement' ? plainChildren(found.node)[0] : undefined;
	const right = statement === undefined ? null : fieldOf(statement, 'right');
	if (found === null || right === null || hasErrors(right)) return null;
	const made = buildExpression(right, found.builder);
	if (found.builder.cleanups.size > 0) return null;
	return shift(made.kind === 'parenthesised' ? made.inner : made, found.offset);
}

/** One type name; null when the text is not one. */
export function parseTypeName(text: string, depth = 0): TypeName | null {
	const found = parseWrapped('void f(void){x=sizeof(', `${text} *`, ');}', depth);
	const statement =
		found?.node.type === 'expression_statement' ? plainChildren(found.node)[0] : undefined;
	const right = statement === undefined ? null : fieldOf(statement, 'right');
	const type = right === null ? null : fieldOf(right, 'type');
	if (found === null || right === null || type === null || hasErrors(right)) return null;
	const made = buildTypeName(type, found.builder);
	return { ...made, shape: made.shape.slice(1), start: 0, end: text.length };
}

/** Statements, as one compound; null also where a cleanup attribute stands that no declaration takes. */
export function parseStatements(text: string): Statement | null {
	const found = parseWrapped('void f(void){{', text, '}}', 0);
	if (found === null) return null;
	const made = buildStatement(found.node, found.builder);
	return found.builder.cleanups.size > 0 ? null : shift(made, found.offset);
}

/** Trees of functions that are being edited, by who they are; the oldest go first. */
const edited = new Map<string, SyntaxDocument>();
const editedMax = 500;

/**
 * One function definition. With a `key` (which function of which file it is) the tree of its last text is kept, and a
 * changed text is parsed only where it differs.
 */
export function parseFunction(text: string, key: string | null = null): FunctionDefinition | null {
	if (text.length > lengthMax) return null;
	const parsed = maskTypeof(text);
	const root = (key === null ? treeSitter().parse(parsed) : reparsed(key, parsed)).root();
	const node = root.children.find((c) => c.type === 'function_definition');
	if (node === undefined || root.children.filter((c) => c.named).length !== 1) return null;
	return buildFunction(node, builderFor(parsed, text));
}

/** The concrete tree of a piece as it is parsed here: offsets are the piece's. */
export function parsedPiece(text: string): RawNode {
	return treeSitter().parse(maskTypeof(text)).root();
}

function reparsed(key: string, text: string): SyntaxTree {
	const before = edited.get(key);
	edited.delete(key);
	const now = before === undefined ? syntaxDocument(text) : before.edited(text);
	if (edited.size >= editedMax) {
		const oldest = edited.keys().next().value;
		if (oldest !== undefined) edited.delete(oldest);
	}
	edited.set(key, now);
	return now.tree;
}

/** Declarations, aggregates and typedefs. */
export function parseDeclarations(text: string): readonly Declaration[] {
	if (text.length > lengthMax) return [];
	const parsed = maskTypeof(text);
	return buildTopDeclarations(treeSitter().parse(parsed).root(), builderFor(parsed, text));
}

const declaring =
	/^(?:declaration|type_definition|(?:struct|union|enum)_specifier|comment|static_assert_declaration)$/;

/** Whether all of a text are declarations, each read to its end. */
export function isReadWhole(text: string): boolean {
	if (text.length > lengthMax) return false;
	const root = treeSitter().parse(maskTypeof(text)).root();
	return root.children.every(
		(c) => (!c.named && c.type === ';') || (declaring.test(c.type) && !hasErrors(c)),
	);
}

function parseWrapped(
	before: string,
	text: string,
	after: string,
	depth: number,
): { node: RawNode; builder: Builder; offset: number } | null {
	if (text.length > lengthMax) return null;
	const original = before + text + after;
	const parsed = maskTypeof(original);
	const root = treeSitter().parse(parsed).root();
	const body = root.children[0]?.children.find((c) => c.type === 'compound_statement');
	const node = body?.children.find((c) => c.named);
	if (node === undefined || root.children.length !== 1) return null;
	return { node, builder: builderFor(parsed, original, depth), offset: before.length };
}

/** The same tree with all offsets reduced. */
function shift<T>(node: T, by: number): T {
	if (Array.isArray(node)) return node.map((n: unknown) => shift(n, by)) as T;
	if (node === null || typeof node !== 'object') return node;
	const out: Record<string, unknown> = {};
	for (const [key, value] of Object.entries(node)) {
		out[key] =
			(key === 'start' || key === 'end') && typeof value === 'number'
				? value - by
				: shift(value, by);
	}
	return out as T;
}
