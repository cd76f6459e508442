/**
 * What a fix must know of a walker function: where the reference is taken, how it is given back on a bail-out, and
 * which variables are copies of which entries. Read from the run (which accesses touched a count or an entry) and from
 * declared types, never from names of functions.
 */
import { named } from '../../syntax/named.js';
import type { RawNode } from '../../syntax/parser.js';
import type { AnalysedTrace } from '../analysis/analysis.js';
import {
	type FunctionSyntax,
	field,
	find,
	findAll,
	identifiers,
	type Statement,
	statementAt,
	textOf,
} from './function_syntax.js';
import { offsetAt } from './text_change.js';

export interface Grab {
	/** The last statement of taking the reference: the bail-out for a failed grab when there is one. */
	readonly last: Statement;
	/** Variable that holds what was grabbed. */
	readonly variable: string;
	/** How a failed grab leaves: `goto pte_unmap;`, `return 0;`; null when it does not. */
	readonly leave: string | null;
}

/** `pte` is a copy of what `ptep` points to. */
export interface EntryCopy {
	readonly type: string;
	readonly value: string;
	readonly pointer: string;
	/** Declared as parameters: the level above the leaf, or the leaf of a leaf function. */
	readonly parameter: boolean;
}

const ENTRY_TYPE = /^(pte|pmd|pud|p4d|pgd)_t$/;

/** The statement that takes the reference in this function, by the run's updates of a count. */
export function grabOf(
	syntax: FunctionSyntax,
	context: { readonly text: string; readonly path: string; readonly trace: AnalysedTrace },
): Grab | null {
	for (const step of context.trace.steps) {
		if (step.cpu !== 0 || !step.effects.some((e) => countsUp(e))) continue;
		const frame = step.frames.find(
			(f) => f.function === syntax.name && f.place.path === context.path,
		);
		if (frame === undefined) continue;
		const offset = offsetAt(context.text, frame.place.line, frame.place.column) - syntax.base;
		const statement = statementAt(syntax, offset);
		const grab = statement === null ? null : grabAt(syntax, statement);
		if (grab !== null) return grab;
	}
	return null;
}

function countsUp(effect: {
	readonly location: string;
	readonly read: string | null;
	readonly wrote: string | null;
}): boolean {
	if (!/_refcount$|_count$/.test(effect.location) || effect.wrote === null) return false;
	return effect.read === null || Number(effect.wrote) > Number(effect.read);
}

function grabAt(syntax: FunctionSyntax, statement: Statement): Grab | null {
	const assigned = assignedVariable(syntax, statement.node);
	const leaving = statement.siblings[statement.index + 1];
	if (assigned !== null) {
		const fails =
			leaving?.type === 'if_statement' &&
			identifiers(syntax, field(leaving, 'condition') ?? leaving).has(assigned);
		if (leaving === undefined || !fails)
			return { last: statement, variable: assigned, leave: null };
		const last = { ...statement, node: leaving, index: statement.index + 1 };
		return { last, variable: assigned, leave: leaveOf(syntax, leaving) };
	}
	if (statement.node.type !== 'if_statement') return null;
	const condition = field(statement.node, 'condition');
	const call = condition === null ? null : find(condition, (n) => n.type === 'call_expression');
	const list = call === null ? null : field(call, 'arguments');
	const first = list?.children.find((c) => c.named);
	if (first === undefined) return null;
	return {
		last: statement,
		variable: textOf(syntax, first),
		leave: leaveOf(syntax, statement.node),
	};
}

function assignedVariable(syntax: FunctionSyntax, node: RawNode): string | null {
	const target = find(
		node,
		(n) => n.type === 'assignment_expression' || n.type === 'init_declarator',
	);
	const name = target === null ? null : (field(target, 'left') ?? field(target, 'declarator'));
	if (name === null) return null;
	const identifier = find(name, (n) => n.type === 'identifier');
	return identifier === null ? null : textOf(syntax, identifier);
}

/** The `goto` or `return` a branch ends in. */
function leaveOf(syntax: FunctionSyntax, branch: RawNode): string | null {
	const leave = find(
		branch,
		(n) =>
			n.type === 'goto_statement' || n.type === 'return_statement' || n.type === 'break_statement',
	);
	return leave === null ? null : textOf(syntax, leave);
}

/** Statements that give the reference back on a bail-out: calls on the grabbed variable right before leaving. */
export function putStatements(syntax: FunctionSyntax, grab: Grab): readonly RawNode[] {
	return syntax.statements.flatMap(({ node, siblings, index }) => {
		if (node.type !== 'expression_statement' || node.start < grab.last.node.end) return [];
		const next = siblings[index + 1];
		if (next?.type !== 'goto_statement' && next?.type !== 'return_statement') return [];
		const call = find(node, (n) => n.type === 'call_expression');
		const first =
			call === null ? undefined : field(call, 'arguments')?.children.find((c) => c.named);
		return first !== undefined && textOf(syntax, first) === grab.variable ? [node] : [];
	});
}

/** How this function gives the reference back, as it does first, or null. */
export function putCallOf(syntax: FunctionSyntax, grab: Grab): string | null {
	const [first] = putStatements(syntax, grab);
	return first === undefined ? null : textOf(syntax, first);
}

/** Ways to give the reference back when the function shows none: what the file has, else by the variable's type. */
export function putGuesses(
	syntax: FunctionSyntax,
	fileText: string,
	variable: string,
): readonly string[] {
	const refs = /\brefs\b/.test(syntax.text) ? 'refs' : '1';
	const known: readonly (readonly [RegExp, string])[] = [
		[/\bgup_put_folio\(/, `gup_put_folio(${variable}, ${refs}, flags);`],
		[/\bput_compound_head\(/, `put_compound_head(${variable}, ${refs}, flags);`],
		[/\bfolio_put\(/, `folio_put(${variable});`],
		[/\bput_page\(/, `put_page(${variable});`],
	];
	const found = known.filter(([pattern]) => pattern.test(fileText)).map(([, call]) => call);
	if (found.length > 0) return found;
	const isPage = new RegExp(`struct page \\*\\s*${named(variable)}\\b`).test(syntax.text);
	return [isPage ? `put_page(${variable});` : `folio_put(${variable});`];
}

/** Copies of entries in this function: by type, as parameters and as locals read through a pointer. */
export function entryCopies(syntax: FunctionSyntax): readonly EntryCopy[] {
	const declared = findAll(
		syntax.definition,
		(n) => n.type === 'parameter_declaration' || n.type === 'declaration',
	).flatMap((node) => declarations(syntax, node));
	const copies: EntryCopy[] = [];
	for (const value of declared.filter((d) => !d.pointer)) {
		const pointers = declared.filter((d) => d.pointer && d.type === value.type);
		const read = pointers.find((p) => readsThrough(syntax, value.name, p.name));
		const paired = pointers.find((p) => p.parameter && value.parameter);
		const pointer = read ?? paired;
		if (pointer === undefined) continue;
		const parameter = value.parameter;
		copies.push({ type: value.type, value: value.name, pointer: pointer.name, parameter });
	}
	return copies.filter(
		(c, i) => copies.findIndex((d) => d.value === c.value && d.pointer === c.pointer) === i,
	);
}

interface Declared {
	readonly type: string;
	readonly name: string;
	readonly pointer: boolean;
	readonly parameter: boolean;
}

function declarations(syntax: FunctionSyntax, node: RawNode): readonly Declared[] {
	const typeNode = field(node, 'type');
	const type = typeNode === null ? '' : textOf(syntax, typeNode);
	if (!ENTRY_TYPE.test(type)) return [];
	return node.children
		.filter((c) => c.field === 'declarator')
		.flatMap((declarator) => {
			const inner =
				declarator.type === 'init_declarator'
					? (field(declarator, 'declarator') ?? declarator)
					: declarator;
			const name = find(inner, (n) => n.type === 'identifier');
			if (name === null) return [];
			return [
				{
					type,
					name: textOf(syntax, name),
					pointer: inner.type === 'pointer_declarator',
					parameter: node.type === 'parameter_declaration',
				},
			];
		});
}

function readsThrough(syntax: FunctionSyntax, value: string, pointer: string): boolean {
	return (
		find(syntax.definition, (n) => {
			if (n.type !== 'init_declarator' && n.type !== 'assignment_expression') return false;
			const target = field(n, 'declarator') ?? field(n, 'left');
			const source = field(n, 'value') ?? field(n, 'right');
			if (target === null || source === null || textOf(syntax, target) !== value) return false;
			return identifiers(syntax, source).has(pointer);
		}) !== null
	);
}
