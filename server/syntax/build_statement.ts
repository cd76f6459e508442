/**
 * Statements and function definitions out of the concrete tree. An ERROR node spoils the statement it stands in, and
 * nothing around it.
 */
import type { Declaration, Expression, FunctionDefinition, Statement } from './ast.js';
import { buildExpression } from './build_expression.js';
import {
	buildDeclaration,
	buildSpecifier,
	fieldOf,
	hasErrors,
	plainChildren,
	unwrap,
} from './build_type.js';
import type { Builder } from './builder.js';
import { type RawNode, whyBroken, whyCut } from './parser.js';

export function buildStatement(node: RawNode, builder: Builder): Statement {
	const span = { start: node.start, end: node.end };
	const unparsed = (reason: string): Statement => ({ kind: 'unparsed', ...span, reason });
	if (node.missing) return unparsed('something is missing here');
	if (node.type === 'compound_statement') {
		return { kind: 'compound', ...span, statements: buildAll(node.children, builder) };
	}
	if (node.type === 'case_statement')
		return { kind: 'compound', ...span, statements: buildCase(node, builder) };
	if (node.type === 'ERROR' || node.children.some((c) => c.type === 'ERROR' || isMissing(c))) {
		return unparsed(whyBroken(node));
	}
	const child = (field: string): Expression | null => {
		const found = fieldOf(node, field);
		return found === null ? null : buildExpression(found, builder);
	};
	const condition = (): Expression => child('condition') ?? { kind: 'unparsed', ...span, text: '' };
	const body = (field: string): Statement => {
		const found = fieldOf(node, field);
		return found === null ? { kind: 'empty', ...span } : buildStatement(found, builder);
	};
	switch (node.type) {
		case 'expression_statement': {
			const inner = plainChildren(node)[0];
			if (inner === undefined) return { kind: 'empty', ...span };
			return { kind: 'expression', ...span, expression: buildExpression(inner, builder) };
		}
		case 'declaration': {
			if (node.children.some(isDeclaratorBroken)) return unparsed(whyBroken(node));
			const declaration = buildDeclaration(node, builder);
			return declaration === null
				? unparsed('a declaration without a type')
				: { kind: 'declaration', ...span, declaration };
		}
		case 'if_statement': {
			const alternative = fieldOf(node, 'alternative');
			const inner =
				alternative?.type === 'else_clause' ? plainChildren(alternative)[0] : alternative;
			return {
				kind: 'if',
				...span,
				condition: condition(),
				then: body('consequence'),
				otherwise: inner === null || inner === undefined ? null : buildStatement(inner, builder),
			};
		}
		case 'while_statement':
			return { kind: 'while', ...span, condition: condition(), body: body('body') };
		case 'do_statement':
			return { kind: 'do', ...span, condition: condition(), body: body('body') };
		case 'for_statement': {
			const initialiser = fieldOf(node, 'initializer');
			return {
				kind: 'for',
				...span,
				initialiser: initialiser === null ? null : buildInitialiser(initialiser, builder),
				condition: child('condition'),
				update: child('update'),
				body: body('body'),
			};
		}
		case 'switch_statement':
			return { kind: 'switch', ...span, value: condition(), body: body('body') };
		case 'labeled_statement': {
			const label = fieldOf(node, 'label');
			const inner = node.children.filter(
				(c) => c.named && c.field !== 'label' && c.type !== 'comment',
			)[0];
			return {
				kind: 'label',
				...span,
				name: label === null ? '' : builder.text.slice(label.start, label.end),
				body: inner === undefined ? null : buildStatement(inner, builder),
			};
		}
		case 'goto_statement': {
			const label = fieldOf(node, 'label');
			return {
				kind: 'goto',
				...span,
				label: label === null ? '' : builder.text.slice(label.start, label.end),
			};
		}
		case 'return_statement': {
			const inner = plainChildren(node)[0];
			return {
				kind: 'return',
				...span,
				value: inner === undefined ? null : buildExpression(inner, builder),
			};
		}
		case 'break_statement':
			return { kind: 'break', ...span };
		case 'continue_statement':
			return { kind: 'continue', ...span };
		case 'type_definition': {
			const declaration = buildDeclaration(node, builder);
			if (declaration === null) return unparsed('a typedef is not understood');
			return { kind: 'declaration', ...span, declaration };
		}
		case 'struct_specifier':
		case 'union_specifier':
		case 'enum_specifier': {
			const specifier = buildSpecifier(node, builder);
			const declaration = { ...span, specifier, declarators: [], storage: [] };
			return { kind: 'declaration', ...span, declaration };
		}
		case ';':
			return { kind: 'empty', ...span };
		default:
			return unparsed(`${node.type.replaceAll('_', ' ')} is not lowered`);
	}
}

function isMissing(node: RawNode): boolean {
	return node.missing && node.type !== 'comment';
}

/** Something in a declarator was skipped, or is missing: outside of its value, which says so itself. */
function isDeclaratorBroken(node: RawNode): boolean {
	if (node.field !== 'declarator') return false;
	if (node.type !== 'init_declarator') return hasErrors(node);
	return node.children.some((c) => (c.field === 'value' ? c.missing : hasErrors(c)));
}

function buildInitialiser(node: RawNode, builder: Builder): Statement {
	if (node.type === 'declaration') return buildStatement(node, builder);
	const span = { start: node.start, end: node.end };
	return { kind: 'expression', ...span, expression: buildExpression(node, builder) };
}

function buildAll(nodes: readonly RawNode[], builder: Builder): readonly Statement[] {
	const statements: Statement[] = [];
	const heads: Call[] = [];
	for (const child of nodes) {
		if (
			child.type === 'comment' ||
			child.type === '{' ||
			child.type === '}' ||
			child.type === ';'
		) {
			if (!child.missing) continue;
		}
		const head = loopHead(child, builder);
		if (head !== null) heads.push(head);
		else statements.push(underHeads(heads.splice(0), buildStatement(child, builder)));
	}
	for (const head of heads)
		statements.push({
			start: head.start,
			end: head.end,
			kind: 'unparsed',
			reason: 'not understood as C',
		});
	return statements;
}

type Call = Expression & { kind: 'call' };

/** A call without its semicolon: `list_for_each_entry(…)`, whose body is the next statement. */
function loopHead(node: RawNode, builder: Builder): Call | null {
	const [inner, missing, ...more] = node.children;
	if (node.type !== 'expression_statement' || inner === undefined || more.length > 0) return null;
	if (inner.type !== 'call_expression' || missing?.missing !== true) return null;
	const expression = buildExpression(inner, builder);
	return expression.kind === 'call' ? expression : null;
}

function underHeads(heads: readonly Call[], body: Statement): Statement {
	return heads.reduceRight<Statement>(
		(inner, head) => ({ start: head.start, end: inner.end, kind: 'each', head, body: inner }),
		body,
	);
}

function buildCase(node: RawNode, builder: Builder): readonly Statement[] {
	const value = fieldOf(node, 'value');
	const colon = node.children.findIndex((c) => c.type === ':');
	const head = node.children[colon] ?? node;
	const range = node.children.slice(0, colon).find((c) => c.type === 'ERROR');
	const last = range?.children.find((c) => c.named);
	const broken = range !== undefined && (last === undefined || range.children[0]?.type !== '...');
	const label: Statement = broken
		? { start: node.start, end: head.end, kind: 'unparsed', reason: 'not understood as a case' }
		: {
				start: node.start,
				end: head.end,
				kind: 'case',
				value: value === null ? null : buildExpression(value, builder),
				last: last === undefined ? null : buildExpression(last, builder),
			};
	return [label, ...buildAll(node.children.slice(colon + 1), builder)];
}

/** A `function_definition` node; null when the node is something else. */
export function buildFunction(node: RawNode, builder: Builder): FunctionDefinition | null {
	if (node.type !== 'function_definition') return null;
	const type = fieldOf(node, 'type');
	const body = fieldOf(node, 'body');
	const found = unwrap(fieldOf(node, 'declarator'), builder);
	const at = found.shape.findIndex((p) => p.kind === 'function');
	const part = found.shape[at];
	if (type === null || body === null || found.nameNode === null || part?.kind !== 'function')
		return null;
	const declarator = fieldOf(node, 'declarator');
	const headBroken =
		node.children.some((c) => c.type === 'ERROR') ||
		(declarator !== null && errorBefore(declarator, body.start));
	const built = buildStatement(body, builder);
	const untaken =
		builder.cleanups.size > 0 ? 'a cleanup attribute stands where it is not understood' : null;
	return {
		start: node.start,
		end: node.end,
		name: found.name ?? '',
		nameSpan: { start: found.nameNode.start, end: found.nameNode.end },
		returns: {
			start: type.start,
			end: type.end,
			specifier: buildSpecifier(type, builder),
			shape: found.shape.slice(0, at),
		},
		parameters: part.parameters,
		isStatic: node.children.some(
			(c) =>
				c.type === 'storage_class_specifier' && builder.text.slice(c.start, c.end) === 'static',
		),
		body: built,
		broken: headBroken ? 'the function header is not understood' : (whyCut(node) ?? untaken),
	};
}

function errorBefore(node: RawNode, end: number): boolean {
	if (node.start >= end) return false;
	return node.type === 'ERROR' || node.missing || node.children.some((c) => errorBefore(c, end));
}

/** Declarations and aggregates standing at the top of a tree. */
export function buildTopDeclarations(root: RawNode, builder: Builder): readonly Declaration[] {
	const made: Declaration[] = [];
	for (const child of root.children) {
		if (child.type === 'declaration' || child.type === 'type_definition') {
			const declaration = buildDeclaration(child, builder);
			if (declaration !== null) made.push(declaration);
		} else if (/^(struct|union|enum)_specifier$/.test(child.type)) {
			made.push({
				start: child.start,
				end: child.end,
				specifier: buildSpecifier(child, builder),
				declarators: [],
				storage: [],
			});
		}
	}
	return made;
}
