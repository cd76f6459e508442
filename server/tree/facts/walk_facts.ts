/**
 * What a walk itself says of its generation: the functions that it reaches, read as syntax. Other functions of the file say
 * nothing, however much they look like those of another kernel.
 */
import type { Expression, FunctionDefinition, ParameterDeclaration } from '../../syntax/ast.js';
import { functionOf, type Source } from '../../syntax/source.js';
import { calleeOf, callsIn, isGiven, isKind, nodesIn } from './definition.js';
import type { FactPlace } from './fact.js';

export interface WalkFunction extends FactPlace {
	readonly syntax: FunctionDefinition;
	readonly calls: readonly (Expression & { kind: 'call' })[];
}

/** The functions of a file that its walks reach; all of it where none do. */
export function walkOf(source: Source, reached: ReadonlySet<string>): readonly WalkFunction[] {
	return [...source.functions].flatMap(([name, [item]]): readonly WalkFunction[] => {
		if (item === undefined || item.broken !== null) return [];
		if (reached.size > 0 && !reached.has(name)) return [];
		const syntax = functionOf(source.piece(item).text);
		if (syntax === null) return [];
		const { line } = source.lines.positionAt(item.nameStart);
		return [{ path: source.path, line, name, syntax, calls: callsIn(syntax) }];
	});
}

/** The walker of PTEs that is given a PMD by value and nothing by which it could read the entry again; null: there is none. */
export function walkerByValue(walk: readonly WalkFunction[]): WalkFunction | null {
	const mapping = walk.filter(({ calls }) => calls.some((c) => isMapping(calleeOf(c))));
	if (mapping.some(({ syntax }) => syntax.parameters.some(mayLeadToPmd))) return null;
	return (
		mapping.find(({ syntax }) => syntax.parameters.some((p) => isGiven(p, 'pmd_t', 'value'))) ??
		null
	);
}

function isMapping(name: string): boolean {
	return name === 'pte_offset_map' || name === 'pte_offset_kernel';
}

/** By a pointer to a PMD, or to a struct of the file's own, the entry can be read again. */
function mayLeadToPmd(parameter: ParameterDeclaration): boolean {
	if (isGiven(parameter, 'pmd_t', 'pointer')) return true;
	const { specifier, shape } = parameter.type;
	const isOwn =
		specifier.kind === 'aggregate' && !/^(?:page|folio|mm_struct)$/.test(specifier.tag ?? '');
	return isOwn && shape[0]?.kind === 'pointer';
}

/** The function that looks whether pte_offset_map() gave it a table. */
export function checkerOfMap(walk: readonly WalkFunction[]): WalkFunction | null {
	return walk.find(({ syntax }) => mapped(syntax).some((name) => isTested(syntax, name))) ?? null;
}

/** Variables that hold what pte_offset_map() gave. */
function mapped({ body }: FunctionDefinition): readonly string[] {
	return nodesIn(body).flatMap((node): readonly string[] => {
		if (isAssignment(node)) {
			const { target, value } = node;
			return target.kind === 'identifier' && isMapCall(value) ? [target.name] : [];
		}
		if (!isDeclared(node)) return [];
		return node.declaration.declarators.flatMap(({ name, initialiser }) =>
			initialiser !== null && isMapCall(initialiser) ? [name] : [],
		);
	});
}

type Node = ReturnType<typeof nodesIn>[number];
type Statement = FunctionDefinition['body'];

function isAssignment(node: Node): node is Expression & { kind: 'assign' } {
	return isKind(node, 'assign');
}

function isDeclared(node: Node): node is Statement & { kind: 'declaration' } {
	return isKind(node, 'declaration');
}

function isMapCall(value: Expression): boolean {
	return value.kind === 'call' && calleeOf(value) === 'pte_offset_map';
}

/** `!ptem`, `ptem == NULL` */
function isTested({ body }: FunctionDefinition, name: string): boolean {
	return nodesIn(body).some((node) => {
		const test = node as Expression;
		if (test.kind === 'unary' && test.operator === '!') return isNamed(test.operand, name);
		if (test.kind !== 'binary' || (test.operator !== '==' && test.operator !== '!=')) return false;
		return (
			(isNamed(test.left, name) && isNull(test.right)) ||
			(isNamed(test.right, name) && isNull(test.left))
		);
	});
}

function isNamed(value: Expression, name: string): boolean {
	if (value.kind === 'parenthesised') return isNamed(value.inner, name);
	return value.kind === 'identifier' && value.name === name;
}

function isNull(value: Expression): boolean {
	if (value.kind === 'parenthesised') return isNull(value.inner);
	return value.kind === 'cast'
		? isNull(value.operand)
		: (value.kind === 'identifier' && value.name === 'NULL') ||
				(value.kind === 'number' && Number(value.text) === 0);
}

/** The function with a call of that name that is given so many arguments, or these first. */
export function callerOf(
	walk: readonly WalkFunction[],
	name: string,
	given: (args: readonly Expression[]) => boolean = () => true,
): WalkFunction | null {
	return (
		walk.find(({ calls }) => calls.some((c) => calleeOf(c) === name && given(c.arguments))) ?? null
	);
}

export { isNull };

/** The function that has the compiler prove that nothing is a leaf in the PGD: BUILD_BUG_ON(pgd_leaf(pgd)). */
export function proverOfNoLeaf(walk: readonly WalkFunction[]): WalkFunction | null {
	const asks = (value: Expression): boolean =>
		nodesIn(value).some((node) => {
			const call = node as Expression;
			return call.kind === 'call' && /^pgd_(?:leaf|huge)$/.test(calleeOf(call));
		});
	return callerOf(walk, 'BUILD_BUG_ON', ([first]) => first !== undefined && asks(first));
}

/** The function that has one of these names in it. */
export function namerOf(
	walk: readonly WalkFunction[],
	names: readonly string[],
): WalkFunction | null {
	return (
		walk.find(({ syntax }) =>
			nodesIn(syntax.body).some((node) => {
				const named = node as Expression;
				return named.kind === 'identifier' && names.includes(named.name);
			}),
		) ?? null
	);
}
