/**
 * Types and declarators out of the concrete tree. The grammar nests declarators inside out; here a declared name has a
 * list of parts to wrap its specifier in.
 */
import type {
	Declaration,
	Declarator,
	DeclaratorPart,
	Enumerator,
	Expression,
	ParameterDeclaration,
	TypeName,
	TypeSpecifier,
} from './ast.js';
import type { Builder } from './builder.js';
import type { RawNode } from './parser.js';

const qualifiers = new Set([
	'const',
	'volatile',
	'restrict',
	'__restrict__',
	'inline',
	'_Atomic',
	'__const',
]);

/** First child that fills a field. */
export function fieldOf(node: RawNode, field: string): RawNode | null {
	return node.children.find((c) => c.field === field) ?? null;
}

/** Named children that are neither comments nor fields. */
export function plainChildren(node: RawNode): readonly RawNode[] {
	return node.children.filter((c) => c.named && c.type !== 'comment');
}

/** Whether something below (or at) the node was not understood. */
export function hasErrors(node: RawNode): boolean {
	return node.type === 'ERROR' || node.missing || node.children.some(hasErrors);
}

export function buildSpecifier(node: RawNode, builder: Builder): TypeSpecifier {
	switch (node.type) {
		case 'struct_specifier':
		case 'union_specifier': {
			const body = fieldOf(node, 'body');
			return {
				kind: 'aggregate',
				keyword: node.type === 'struct_specifier' ? 'struct' : 'union',
				tag: nameOf(node, builder),
				members: body === null ? null : buildMembers(body, builder),
			};
		}
		case 'enum_specifier': {
			const body = fieldOf(node, 'body');
			return {
				kind: 'enum',
				tag: nameOf(node, builder),
				enumerators: body === null ? null : buildEnumerators(body, builder),
			};
		}
		default: {
			const text = builder.text.slice(node.start, node.end);
			if (text.startsWith(typeofMark)) return builder.typeofAt(node.start, node.end);
			const words = text.split(/\s+/).filter((w) => w !== '' && !qualifiers.has(w));
			return { kind: 'named', name: words.join(' ') };
		}
	}
}

/** What `typeof(…)` is replaced with before parsing, filled up with `_` to equal length. */
export const typeofMark = '__rwT';

function nameOf(node: RawNode, builder: Builder): string | null {
	const name = fieldOf(node, 'name');
	return name === null ? null : builder.text.slice(name.start, name.end);
}

function buildMembers(body: RawNode, builder: Builder): readonly Declaration[] {
	return body.children.flatMap((c): readonly Declaration[] => {
		// GNU C allows a lone `;`, which the grammar does not
		if (c.type === 'ERROR' && c.children.every((inner) => inner.type === ';')) return [];
		if (c.type !== 'field_declaration') return c.named && c.type !== 'comment' ? [unread(c)] : [];
		const made = hasErrors(c) ? null : buildDeclaration(c, builder);
		return made === null ? [unread(c)] : [made];
	});
}

/** Stands for members that are not understood: of a type that nobody declares, and without a name. */
function unread({ start, end }: RawNode): Declaration {
	return { start, end, specifier: { kind: 'named', name: '' }, declarators: [], storage: [] };
}

function buildEnumerators(body: RawNode, builder: Builder): readonly Enumerator[] {
	return body.children
		.filter((c) => c.type === 'enumerator')
		.map((c) => {
			const value = fieldOf(c, 'value');
			return {
				name: nameOf(c, builder) ?? '',
				value: value === null ? null : builder.expression(value),
			};
		});
}

/** A declaration, field declaration or typedef; null when it has no type. */
export function buildDeclaration(node: RawNode, builder: Builder): Declaration | null {
	const type = fieldOf(node, 'type');
	if (type === null) return null;
	const storage = node.children
		.filter((c) => ['storage_class_specifier', 'typedef', 'type_qualifier'].includes(c.type))
		.map((c) => builder.text.slice(c.start, c.end));
	const declarators: Declarator[] = [];
	for (const child of node.children) {
		if (child.type === 'bitfield_clause') {
			const bits = bitsOf(child, builder);
			const { start, end } = child;
			const named = node.children.some((c) => c.field === 'declarator' && c.end <= start);
			const last = named ? declarators.pop() : undefined;
			declarators.push({
				...(last ?? { start, end, ...UNNAMED }),
				bitfield: true,
				bits,
			});
		}
		if (child.type === 'gnu_asm_expression') {
			const last = declarators.pop();
			if (last !== undefined) declarators.push({ ...last, isLabelled: true });
		}
		if (child.field !== 'declarator') continue;
		const made = buildDeclarator(child, builder);
		if (made !== null) declarators.push(made);
	}
	const cleaned = withCleanups(node, declarators, builder);
	return {
		start: node.start,
		end: node.end,
		specifier: buildSpecifier(type, builder),
		declarators: cleaned,
		storage,
	};
}

const UNNAMED = { name: '', shape: [], initialiser: null, cleanup: null, isLabelled: false };

/** Each declarator with its cleanup attribute: one behind it, or one before all of them. */
function withCleanups(
	node: RawNode,
	declarators: readonly Declarator[],
	builder: Builder,
): readonly Declarator[] {
	// blanked as it is, one before the specifier stands before the node
	const taken = [...builder.cleanups].filter(
		(m) =>
			m.end <= node.end &&
			(node.start <= m.start || builder.text.slice(m.end, node.start).trim() === ''),
	);
	if (taken.length === 0) return declarators;
	const first = declarators[0]?.start ?? node.end;
	return declarators.map((declarator, index) => {
		const end = declarator.initialiser?.start ?? declarators[index + 1]?.start ?? node.end;
		const mark =
			taken.find((m) => declarator.start <= m.start && m.end <= end) ??
			taken.find((m) => m.end <= first);
		if (mark === undefined) return declarator;
		builder.cleanups.delete(mark);
		return { ...declarator, cleanup: mark.function ?? '' };
	});
}

function bitsOf(clause: RawNode, builder: Builder): Expression | null {
	const width = plainChildren(clause)[0];
	return width === undefined ? null : builder.expression(width);
}

function buildDeclarator(node: RawNode, builder: Builder): Declarator | null {
	const inner = node.type === 'init_declarator' ? fieldOf(node, 'declarator') : node;
	const value = node.type === 'init_declarator' ? fieldOf(node, 'value') : null;
	if (inner === null) return null;
	const found = unwrap(inner, builder);
	return {
		start: node.start,
		end: node.end,
		name: found.name ?? '',
		shape: found.shape,
		initialiser: value === null ? null : builder.expression(value),
		bitfield: false,
		bits: null,
		cleanup: null,
		isLabelled: isLabelled(inner),
	};
}

/** Whether an asm label stands in a declarator, behind the list of parameters. */
function isLabelled(declarator: RawNode): boolean {
	for (let at: RawNode | null = declarator; at !== null; at = fieldOf(at, 'declarator'))
		if (at.children.some((c) => c.type === 'gnu_asm_expression')) return true;
	return false;
}

/** The name inside a declarator and the parts around it, in the order in which they wrap the specifier. */
export function unwrap(
	node: RawNode | null,
	builder: Builder,
): { name: string | null; nameNode: RawNode | null; shape: readonly DeclaratorPart[] } {
	const shape: DeclaratorPart[] = [];
	let at = node;
	for (let depth = 0; at !== null && depth < 32; depth++) {
		const here: RawNode = at;
		switch (here.type) {
			case 'pointer_declarator':
			case 'abstract_pointer_declarator':
				shape.push({ kind: 'pointer', ...(isVolatile(here, builder) ? { isVolatile: true } : {}) });
				at = fieldOf(here, 'declarator');
				break;
			case 'array_declarator':
			case 'abstract_array_declarator': {
				const size = fieldOf(here, 'size');
				shape.push({
					kind: 'array',
					length: size === null ? null : builder.expression(size),
				});
				at = fieldOf(here, 'declarator');
				break;
			}
			case 'function_declarator':
			case 'abstract_function_declarator':
				shape.push({
					kind: 'function',
					parameters: buildParameters(fieldOf(here, 'parameters'), builder),
				});
				at = fieldOf(here, 'declarator');
				break;
			case 'parenthesized_declarator':
			case 'abstract_parenthesized_declarator':
			case 'attributed_declarator':
				at = plainChildren(here)[0] ?? null;
				break;
			case 'identifier':
			case 'field_identifier':
			case 'type_identifier':
			case 'primitive_type':
				return { name: builder.text.slice(here.start, here.end), nameNode: here, shape };
			default:
				at = null;
		}
	}
	return { name: null, nameNode: null, shape };
}

function buildParameters(list: RawNode | null, builder: Builder): readonly ParameterDeclaration[] {
	if (list === null) return [];
	const made: ParameterDeclaration[] = [];
	for (const child of list.children) {
		if (child.type !== 'parameter_declaration') continue;
		const type = fieldOf(child, 'type');
		if (type === null) continue;
		const found = unwrap(fieldOf(child, 'declarator'), builder);
		made.push({
			start: child.start,
			end: child.end,
			name: found.name,
			type: {
				start: child.start,
				end: child.end,
				...(isVolatile(child, builder) ? { isVolatile: true } : {}),
				specifier: buildSpecifier(type, builder),
				shape: found.shape,
			},
		});
	}
	const only = made[0];
	const isVoid =
		made.length === 1 &&
		only?.name === null &&
		only.type.shape.length === 0 &&
		only.type.specifier.kind === 'named' &&
		only.type.specifier.name === 'void';
	return isVoid ? [] : made;
}

/** A type descriptor (`struct page **`, as in casts). */
export function buildTypeName(node: RawNode, builder: Builder): TypeName {
	const type = fieldOf(node, 'type') ?? node;
	return {
		start: node.start,
		end: node.end,
		...(isVolatile(node, builder) ? { isVolatile: true } : {}),
		specifier: buildSpecifier(type, builder),
		shape: unwrap(fieldOf(node, 'declarator'), builder).shape,
	};
}

/** `volatile` stands among a node's own qualifiers. */
function isVolatile(node: RawNode, builder: Builder): boolean {
	return node.children.some(
		(c) => c.type === 'type_qualifier' && /^_*volatile/.test(builder.text.slice(c.start, c.end)),
	);
}
