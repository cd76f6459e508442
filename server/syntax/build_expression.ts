/** Expressions out of the concrete tree. */
import type {
	AsmOperand,
	BinarySign,
	DeclaratorPart,
	Expression,
	InitialiserElement,
	Span,
	TypeName,
	UnarySign,
} from './ast.js';
import {
	buildSpecifier,
	buildTypeName,
	fieldOf,
	hasErrors,
	plainChildren,
	typeofMark,
} from './build_type.js';
import type { Builder } from './builder.js';
import { type RawNode, whyBroken } from './parser.js';

export function buildExpression(node: RawNode, builder: Builder): Expression {
	const span = { start: node.start, end: node.end };
	const text = (): string => builder.text.slice(node.start, node.end);
	const unparsed = (): Expression => ({
		kind: 'unparsed',
		...span,
		text: text(),
		reason: whyBroken(node),
	});
	const child = (field: string): Expression => {
		const found = fieldOf(node, field);
		return found === null ? unparsed() : buildExpression(found, builder);
	};
	if (
		node.missing ||
		(node.children.some((c) => c.type === 'ERROR') && node.type !== 'call_expression')
	) {
		return unparsed();
	}
	switch (node.type) {
		case 'identifier':
		case 'field_identifier':
		case 'type_identifier':
			return { kind: 'identifier', ...span, name: text() };
		case 'true':
		case 'false':
		case 'null':
			return { kind: 'identifier', ...span, name: text() };
		case 'number_literal':
			return { kind: 'number', ...span, text: text() };
		case 'char_literal':
			return { kind: 'character', ...span, text: text() };
		case 'string_literal':
		case 'concatenated_string':
			return { kind: 'string', ...span, text: text() };
		case 'parenthesized_expression':
			return buildParenthesised(node, builder);
		case 'compound_statement':
			return { kind: 'block', ...span, body: builder.statement(node) };
		case 'unary_expression':
			return {
				kind: 'unary',
				...span,
				operator: operatorOf(node, builder) as UnarySign,
				operand: child('argument'),
			};
		case 'pointer_expression':
			return {
				kind: 'unary',
				...span,
				operator: operatorOf(node, builder) as UnarySign,
				operand: child('argument'),
			};
		case 'binary_expression':
			return {
				kind: 'binary',
				...span,
				operator: operatorOf(node, builder) as BinarySign,
				left: child('left'),
				right: child('right'),
			};
		case 'assignment_expression': {
			const sign = operatorOf(node, builder).slice(0, -1);
			return {
				kind: 'assign',
				...span,
				operator: sign === '' ? null : (sign as BinarySign),
				target: child('left'),
				value: child('right'),
			};
		}
		case 'update_expression': {
			const operator = operatorOf(node, builder) as '++' | '--';
			const operand = child('argument');
			if (node.children[0]?.named ?? true) return postfix(operand, operator, span);
			return { kind: 'update', ...span, operator, prefix: true, operand };
		}
		case 'conditional_expression': {
			const then = fieldOf(node, 'consequence');
			return {
				kind: 'conditional',
				...span,
				condition: child('condition'),
				then: then === null ? null : buildExpression(then, builder),
				otherwise: child('alternative'),
			};
		}
		case 'call_expression':
			return (
				typeofCast(node, builder) ?? {
					kind: 'call',
					...span,
					callee: child('function'),
					arguments: buildArguments(node, builder),
				}
			);
		case 'field_expression':
			return buildMember(node, builder);
		case 'subscript_expression':
			return { kind: 'index', ...span, base: child('argument'), index: child('index') };
		case 'comma_expression':
			return { kind: 'comma', ...span, left: child('left'), right: child('right') };
		default:
			return buildTyped(node, builder) ?? unparsed();
	}
}

/** `(typeof(x))(a)`, which reads as a call: the type was masked as an identifier. */
function typeofCast(node: RawNode, builder: Builder): Expression | null {
	const callee = fieldOf(node, 'function');
	const name = callee?.type === 'parenthesized_expression' ? plainChildren(callee)[0] : undefined;
	const [operand, ...more] = buildArguments(node, builder);
	if (name === undefined || operand === undefined || more.length > 0) return null;
	if (!builder.text.startsWith(typeofMark, name.start)) return null;
	const type = {
		start: name.start,
		end: name.end,
		specifier: buildSpecifier(name, builder),
		shape: [],
	};
	return { start: node.start, end: node.end, kind: 'cast', type, operand };
}

/**
 * A type, or the expression that reads as one: nothing has the type of a function or an array that is cast to it, and functions
 * have no size (C11 6.5.4, 6.5.3.4).
 */
function orValue(
	node: RawNode,
	builder: Builder,
	none: readonly DeclaratorPart['kind'][],
): TypeName {
	const made = buildTypeName(node, builder);
	const outer = made.shape.at(-1)?.kind;
	if (outer === undefined || !none.includes(outer) || made.specifier.kind !== 'named') return made;
	const value = builder.expressionAt(node.start, node.end);
	return value === null ? made : { ...made, value };
}

/** Expressions that hold a type. */
function buildTyped(node: RawNode, builder: Builder): Expression | null {
	const span = { start: node.start, end: node.end };
	const type = fieldOf(node, 'type');
	const value = fieldOf(node, 'value');
	switch (node.type) {
		case 'cast_expression':
			if (type === null || value === null) return null;
			return {
				kind: 'cast',
				...span,
				type: orValue(type, builder, ['function', 'array']),
				operand: buildExpression(value, builder),
			};
		case 'sizeof_expression':
			if (type !== null) {
				const made = orValue(type, builder, ['function']);
				return made.value === undefined
					? { kind: 'sizeof-type', ...span, type: made }
					: { kind: 'sizeof-expression', ...span, operand: made.value };
			}
			return value === null
				? null
				: { kind: 'sizeof-expression', ...span, operand: buildExpression(value, builder) };
		case 'offsetof_expression': {
			const member = fieldOf(node, 'member');
			if (type === null || member === null) return null;
			return {
				kind: 'offsetof',
				...span,
				type: buildTypeName(type, builder),
				member: builder.text.slice(member.start, member.end),
			};
		}
		case 'alignof_expression':
			return type === null
				? null
				: { kind: 'alignof', ...span, type: buildTypeName(type, builder) };
		case 'generic_expression':
			return buildGeneric(node, builder);
		case 'gnu_asm_expression':
			return buildAssembly(node, builder);
		case 'compound_literal_expression':
			if (type === null || value === null) return null;
			return {
				kind: 'compound-literal',
				...span,
				type: buildTypeName(type, builder),
				initialiser: buildExpression(value, builder),
			};
		case 'initializer_list':
			return {
				kind: 'initialiser-list',
				...span,
				elements: plainChildren(node).map((c) => buildElement(c, builder)),
			};
		case 'type_descriptor':
			return { kind: 'unparsed', ...span, text: builder.text.slice(node.start, node.end) };
		default:
			return null;
	}
}

function buildGeneric(node: RawNode, builder: Builder): Expression | null {
	const [control, ...rest] = plainChildren(node);
	if (control === undefined || rest.length % 2 !== 0) return null;
	const arms: { type: TypeName | null; value: Expression }[] = [];
	for (let i = 0; i < rest.length; i += 2) {
		const [type, value] = [rest[i], rest[i + 1]];
		if (type?.type !== 'type_descriptor' || value === undefined) return null;
		const isDefault = builder.text.slice(type.start, type.end).trim() === 'default';
		arms.push({
			type: isDefault ? null : buildTypeName(type, builder),
			value: buildExpression(value, builder),
		});
	}
	const span = { start: node.start, end: node.end };
	return { kind: 'generic', ...span, control: buildExpression(control, builder), arms };
}

function buildAssembly(node: RawNode, builder: Builder): Expression | null {
	const template = fieldOf(node, 'assembly_code');
	if (template === null || hasErrors(node)) return null;
	const textOf = (n: RawNode | null): string =>
		n === null ? '' : builder.text.slice(n.start, n.end);
	const operands = (field: string): readonly AsmOperand[] =>
		(fieldOf(node, field)?.children ?? []).flatMap((c) => {
			const [constraint, value] = [fieldOf(c, 'constraint'), fieldOf(c, 'value')];
			if (value === null) return [];
			return [
				{
					constraint: textOf(constraint).replaceAll('"', ''),
					value: buildExpression(value, builder),
				},
			];
		});
	return {
		start: node.start,
		end: node.end,
		kind: 'asm',
		template: textOf(template),
		outputs: operands('output_operands'),
		inputs: operands('input_operands'),
		clobbers: (fieldOf(node, 'clobbers')?.children ?? [])
			.filter((c) => c.named && c.type !== 'comment')
			.map((c) => textOf(c).replaceAll('"', '')),
		jumps:
			fieldOf(node, 'goto_labels') !== null ||
			node.children.some((c) => c.type === 'gnu_asm_qualifier' && textOf(c).trim() === 'goto'),
	};
}

function buildElement(node: RawNode, builder: Builder): InitialiserElement {
	if (node.type !== 'initializer_pair') {
		return { field: null, index: null, value: buildExpression(node, builder) };
	}
	const designators = node.children.filter((c) => c.field === 'designator');
	const [designator = null] = designators;
	const value = fieldOf(node, 'value');
	const isOne =
		designators.length === 1 && /^(?:field|subscript)_designator$/.test(designator?.type ?? '');
	if (!isOne) {
		const { start, end } = node;
		const unread = builder.text.slice(start, end);
		return { field: null, index: null, value: { start, end, kind: 'unparsed', text: unread } };
	}
	const inner = designator === null ? null : (plainChildren(designator)[0] ?? null);
	const text = inner === null ? null : builder.text.slice(inner.start, inner.end);
	return {
		field: designator?.type === 'field_designator' ? text : null,
		index:
			designator?.type === 'subscript_designator' && inner !== null
				? buildExpression(inner, builder)
				: null,
		value:
			value === null
				? { start: node.start, end: node.end, kind: 'unparsed', text: '' }
				: buildExpression(value, builder),
	};
}

function buildParenthesised(node: RawNode, builder: Builder): Expression {
	const inner = plainChildren(node)[0];
	const span = { start: node.start, end: node.end };
	if (inner === undefined)
		return { kind: 'unparsed', ...span, text: builder.text.slice(node.start, node.end) };
	const made = buildExpression(inner, builder);
	return made.kind === 'block'
		? { ...made, ...span }
		: { kind: 'parenthesised', ...span, inner: made };
}

function buildMember(node: RawNode, builder: Builder): Expression {
	const base = fieldOf(node, 'argument');
	const name = fieldOf(node, 'field');
	const span = { start: node.start, end: node.end };
	if (base === null || name === null)
		return { kind: 'unparsed', ...span, text: builder.text.slice(node.start, node.end) };
	return {
		kind: 'member',
		...span,
		base: buildExpression(base, builder),
		name: builder.text.slice(name.start, name.end),
		arrow: node.children.some((c) => c.type === '->'),
	};
}

/** Arguments, split at the commas of the text where the grammar stumbled (types as macro arguments). */
function buildArguments(node: RawNode, builder: Builder): readonly Expression[] {
	const list = fieldOf(node, 'arguments');
	if (list === null) return [];
	if (!list.children.some(hasErrors))
		return plainChildren(list).map((c) => buildExpression(c, builder));
	const text = builder.text.slice(list.start + 1, list.end - 1);
	let at = list.start + 1;
	return splitArguments(text).map((part) => {
		const start = at;
		at += part.length + 1;
		const lead = part.length - part.trimStart().length;
		const span = { start: start + lead, end: start + part.trimEnd().length };
		const whole = list.children.find((c) => c.start === span.start && c.end === span.end);
		if (whole !== undefined && !hasErrors(whole)) return buildExpression(whole, builder);
		return { kind: 'unparsed', ...span, text: part.trim() };
	});
}

/** The parts of an argument list, at commas outside brackets and strings. */
function splitArguments(text: string): readonly string[] {
	if (text.trim() === '') return [];
	const parts: string[] = [];
	let depth = 0;
	let start = 0;
	for (const match of text.matchAll(/[(){}[\],]|"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])+'?/g)) {
		const c = match[0];
		if (c === '(' || c === '{' || c === '[') depth++;
		else if (c === ')' || c === '}' || c === ']') depth--;
		else if (c === ',' && depth === 0) {
			parts.push(text.slice(start, match.index));
			start = match.index + 1;
		}
	}
	parts.push(text.slice(start));
	return parts;
}

function operatorOf(node: RawNode, builder: Builder): string {
	const sign = fieldOf(node, 'operator');
	return sign === null ? '' : builder.text.slice(sign.start, sign.end);
}

/** `x++`. The grammar reads `!x++` as `(!x)++`, which is no C. */
function postfix(operand: Expression, operator: '++' | '--', span: Span): Expression {
	if (operand.kind !== 'unary')
		return { kind: 'update', ...span, operator, prefix: false, operand };
	const inner = { start: operand.operand.start, end: span.end };
	return { ...operand, ...span, operand: postfix(operand.operand, operator, inner) };
}
