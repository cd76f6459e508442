/**
 * Types of expressions as declarations say them, without lowering anything: enough to tell a load through a pointer to a page-table
 * entry, or a folio's `->mapping`, from other accesses, in functions that are not explored.
 *
 * Leaves out: conversions. What is not declared anywhere is of an unknown type.
 */
import type { Declaration, Expression, Statement } from '../syntax/ast.js';
import { declarationsOf } from '../syntax/source.js';
import type { Names, Unit } from './names.js';
import {
	decayed,
	memberOf,
	resolveSpecifier,
	resolveTypeName,
	shaped,
	type TypeQuestions,
} from './type_names.js';
import { type CType, int32, pointerTo, unknownType, voidType } from './types.js';

/** A variable of a function: its type, and the expression that it begins with. */
export interface LookVariable {
	readonly type: CType;
	readonly from: Expression | null;
}

/** Variables that are known at a place, those of outer blocks behind them. */
export interface LookScope {
	readonly variables: Map<string, LookVariable>;
	readonly outer: LookScope | null;
}

/** Where an expression stands. */
export interface LookPlace {
	readonly names: Names;
	readonly unit: Unit;
	/** Text that the syntax refers to. */
	readonly text: string;
	readonly scope: LookScope;
}

/** Calls whose value is their argument's. */
const SAME = new Set([
	...['READ_ONCE', '__READ_ONCE', 'rcu_dereference', 'rcu_dereference_raw', 'data_race'],
	...['likely', 'unlikely', 'WRITE_ONCE'],
]);

const FOLIO: CType = pointerTo({ kind: 'struct', tag: 'folio' });
const PAGE: CType = pointerTo({ kind: 'struct', tag: 'page' });

/** What macros of the primitives give: include/linux/page-flags.h, mm.h. */
const MADE = new Map<string, CType>([
	...['page_folio', 'pfn_folio', 'virt_to_folio'].map((name) => [name, FOLIO] as const),
	...['compound_head', 'pfn_to_page', 'nth_page', 'folio_page', 'virt_to_page'].map(
		(name) => [name, PAGE] as const,
	),
]);

const depthMax = 60;

export function variableOf(scope: LookScope | null, name: string): LookVariable | null {
	for (let at = scope; at !== null; at = at.outer) {
		const found = at.variables.get(name);
		if (found !== undefined) return found;
	}
	return null;
}

/** Makes the variables of a declaration known in the innermost scope. */
export function declare(place: LookPlace, { specifier, declarators }: Declaration): void {
	const questions = questionsAt(place, 0);
	const base = resolveSpecifier(specifier, place.unit, questions);
	for (const { name, shape, initialiser } of declarators) {
		const isAuto = specifier.kind === 'named' && specifier.name === '__auto_type';
		const type =
			isAuto && initialiser !== null
				? decayed(typedAt(place, initialiser, 0))
				: shaped(base, shape, questions);
		place.scope.variables.set(name, { type, from: initialiser });
	}
}

/** The type of an expression; unknown where nothing says it. */
export function lookType(place: LookPlace, expression: Expression): CType {
	return typedAt(place, expression, 0);
}

function questionsAt(place: LookPlace, depth: number): TypeQuestions {
	return {
		names: place.names,
		text: place.text,
		typeOf: (expression) => typedAt(place, expression, depth + 1),
		length: () => null,
		isVariable: (name) => variableOf(place.scope, name) !== null,
	};
}

function typedAt(place: LookPlace, e: Expression, depth: number): CType {
	if (depth > depthMax) return unknownType;
	const of = (inner: Expression): CType => typedAt(place, inner, depth + 1);
	switch (e.kind) {
		case 'identifier':
			return variableOf(place.scope, e.name)?.type ?? typeOfName(place, e.name);
		case 'parenthesised':
			return of(e.inner);
		case 'unary': {
			if (e.operator === '&') return pointerTo(of(e.operand));
			if (e.operator === '*') return pointedBy(of(e.operand));
			return e.operator === '!' ? int32 : of(e.operand);
		}
		case 'binary': {
			if (/^(?:==|!=|[<>]=?|&&|\|\|)$/.test(e.operator)) return int32;
			const [left, right] = [decayed(of(e.left)), decayed(of(e.right))];
			if (left.kind === 'pointer' && right.kind === 'pointer') return int32;
			return left.kind !== 'pointer' && right.kind === 'pointer' ? right : left;
		}
		case 'assign':
			return of(e.target);
		case 'update':
			return of(e.operand);
		case 'conditional': {
			const then = decayed(of(e.then ?? e.condition));
			const isNone = then.kind !== 'pointer' || then.to.kind === 'void';
			return isNone ? decayed(of(e.otherwise)) : then;
		}
		case 'call':
			return typeOfCall(place, e, depth);
		case 'member': {
			const base = e.arrow ? pointedBy(of(e.base)) : of(e.base);
			return base.kind === 'struct'
				? memberOf(base, e.name, questionsAt(place, depth)).type
				: unknownType;
		}
		case 'index':
			return pointedBy(of(e.base));
		case 'cast':
		case 'compound-literal':
			return resolveTypeName(e.type, place.unit, questionsAt(place, depth));
		case 'comma':
			return of(e.right);
		case 'generic':
			return e.arms.length === 0 ? unknownType : of(e.arms.at(-1)?.value ?? e.control);
		case 'block':
			return typeOfBlock(place, e.body, depth);
		case 'string':
			return pointerTo(voidType);
		default:
			return e.kind === 'unparsed' ? unknownType : int32;
	}
}

function pointedBy(type: CType): CType {
	const pointer = decayed(type);
	return pointer.kind === 'pointer' ? pointer.to : unknownType;
}

/** GNU's `({ …; value; })`. */
function typeOfBlock(place: LookPlace, body: Statement, depth: number): CType {
	if (body.kind !== 'compound') return unknownType;
	const inner = { ...place, scope: { variables: new Map(), outer: place.scope } };
	for (const statement of body.statements)
		if (statement.kind === 'declaration') declare(inner, statement.declaration);
	const last = body.statements.findLast((s) => s.kind !== 'empty');
	return last?.kind === 'expression' ? typedAt(inner, last.expression, depth + 1) : voidType;
}

function typeOfCall(
	place: LookPlace,
	{ callee, arguments: given }: Expression & { kind: 'call' },
	depth: number,
): CType {
	if (callee.kind === 'identifier') {
		const [first] = given;
		if (SAME.has(callee.name) && first !== undefined) return typedAt(place, first, depth + 1);
		const made = MADE.get(callee.name);
		if (made !== undefined) return made;
	}
	const type = typedAt(place, callee, depth + 1);
	const called = type.kind === 'pointer' ? type.to : type;
	return called.kind === 'function' ? called.returns : unknownType;
}

/** The type of what a file or its headers call so. */
function typeOfName({ names, unit }: LookPlace, name: string): CType {
	const found = names.value(name, unit, 'without-macros');
	if (found === null || found.kind === 'macro' || found.kind === 'broken') return unknownType;
	if (found.kind === 'enumerator') return int32;
	const of = found.unit;
	const questions: TypeQuestions = { names, typeOf: () => unknownType, length: () => null };
	if (found.kind === 'function')
		return { kind: 'function', returns: resolveTypeName(found.syntax.returns, of, questions) };
	const declaration =
		found.kind === 'global'
			? found.declaration
			: (declarationsOf(of.source.piece(found.item).text)[0] ?? null);
	const declarator = declaration?.declarators.find((d) => d.name === name);
	if (declaration === null || declarator === undefined) return unknownType;
	return shaped(
		resolveSpecifier(declaration.specifier, of, questions),
		declarator.shape,
		questions,
	);
}
