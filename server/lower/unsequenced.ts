/**
 * Changes that C does not order (C11 6.5p2): `*n = (*n)++`, `a[i] = i++`, `f(i++, i)`. What is compiled from them is anything, so they
 * are refused. Objects are told apart by how they are written: `*n` and `n[0]` are two here.
 *
 * Model: one object under two names is not seen; compilers do not see it either, and take the changes in some order.
 */
import type { Expression, Statement } from '../syntax/ast.js';
import { Unlowerable } from './context.js';

/** What evaluating an expression reads and changes; `pending`: changes that need not be done when its value is known. */
interface Touched {
	readonly reads: ReadonlySet<string>;
	readonly writes: ReadonlySet<string>;
	readonly pending: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();
const NOTHING: Touched = { reads: NONE, writes: NONE, pending: NONE };

/** How many arguments a call by that name evaluates one after the other, and before the rest: 0 for functions. */
export type Ordered = (name: string) => number;

/** Refuses a statement whose own expressions change what they change or read elsewhere, in no order. */
export function refuseUnsequenced(statement: Statement, ordered: Ordered): void {
	for (const expression of expressionsOf(statement)) touchedBy(expression, ordered);
}

function expressionsOf(statement: Statement): readonly Expression[] {
	switch (statement.kind) {
		case 'expression':
			return [statement.expression];
		case 'declaration':
			return statement.declaration.declarators.flatMap((d) => d.initialiser ?? []);
		case 'if':
		case 'while':
		case 'do':
			return [statement.condition];
		case 'for':
			return [statement.condition, statement.update].flatMap((e) => e ?? []);
		case 'switch':
			return [statement.value];
		case 'return':
			return statement.value === null ? [] : [statement.value];
		default:
			return [];
	}
}

function touchedBy(e: Expression, ordered: Ordered): Touched {
	switch (e.kind) {
		case 'identifier':
			return { ...NOTHING, reads: new Set([e.name]) };
		case 'parenthesised':
			return touchedBy(e.inner, ordered);
		case 'unary':
			if (e.operator === '&') return addressOf(e.operand, ordered);
			return withRead(touchedBy(e.operand, ordered), e);
		case 'cast':
		case 'compound-literal':
			return touchedBy(e.kind === 'cast' ? e.operand : e.initialiser, ordered);
		case 'member':
			return withRead(e.arrow ? touchedBy(e.base, ordered) : addressOf(e.base, ordered), e);
		case 'index':
			return withRead(
				beside(
					e,
					[e.base, e.index].map((part) => touchedBy(part, ordered)),
				),
				e,
			);
		case 'binary': {
			const sides = [e.left, e.right].map((part) => touchedBy(part, ordered));
			const isOrdered = e.operator === '&&' || e.operator === '||';
			return isOrdered ? inOrder(sides) : beside(e, sides);
		}
		case 'comma':
			return inOrder([touchedBy(e.left, ordered), touchedBy(e.right, ordered)]);
		case 'conditional': {
			const arms = [e.then, e.otherwise].flatMap((arm) =>
				arm === null ? [] : [touchedBy(arm, ordered)],
			);
			return inOrder([touchedBy(e.condition, ordered), union(arms)]);
		}
		case 'update':
			return changed(e, e.operand, addressOf(e.operand, ordered));
		case 'assign':
			return changed(
				e,
				e.target,
				beside(e, [addressOf(e.target, ordered), touchedBy(e.value, ordered)]),
			);
		case 'call': {
			const parts = e.arguments.map((part) => touchedBy(part, ordered));
			const first = e.callee.kind === 'identifier' ? ordered(e.callee.name) : 0;
			const rest = beside(e, parts.slice(first));
			const { reads, writes } = inOrder([...parts.slice(0, first), rest]);
			return { reads, writes, pending: NONE };
		}
		case 'initialiser-list':
			return union(e.elements.map((element) => touchedBy(element.value, ordered)));
		default:
			return NOTHING;
	}
}

/** What finding an object touches, without reading what stands in it. */
function addressOf(e: Expression, ordered: Ordered): Touched {
	switch (e.kind) {
		case 'identifier':
			return NOTHING;
		case 'parenthesised':
			return addressOf(e.inner, ordered);
		case 'unary':
			return e.operator === '*' ? touchedBy(e.operand, ordered) : touchedBy(e, ordered);
		case 'member':
			return e.arrow ? touchedBy(e.base, ordered) : addressOf(e.base, ordered);
		case 'index':
			return beside(
				e,
				[e.base, e.index].map((part) => touchedBy(part, ordered)),
			);
		default:
			return touchedBy(e, ordered);
	}
}

/** The object is changed last, but not after changes that are still pending. */
function changed(e: Expression, target: Expression, rest: Touched): Touched {
	const name = nameOf(target);
	if (name === null) return rest;
	if (rest.pending.has(name)) refuse(e, name);
	return { ...rest, writes: added(rest.writes, name), pending: added(rest.pending, name) };
}

function withRead(rest: Touched, e: Expression): Touched {
	const name = nameOf(e);
	return name === null ? rest : { ...rest, reads: added(rest.reads, name) };
}

function added(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
	return new Set([...names, name]);
}

/** Parts that are evaluated in any order, or at once. */
function beside(e: Expression, parts: readonly Touched[]): Touched {
	parts.forEach((part, i) => {
		for (const [j, other] of parts.entries()) {
			if (i === j) continue;
			for (const name of part.writes)
				if (other.reads.has(name) || other.writes.has(name)) refuse(e, name);
		}
	});
	return union(parts);
}

/** Each is done before the next begins. */
function inOrder(parts: readonly Touched[]): Touched {
	return { ...union(parts), pending: parts.at(-1)?.pending ?? NONE };
}

function union(parts: readonly Touched[]): Touched {
	const all = (of: keyof Touched): ReadonlySet<string> => {
		const some = parts.filter((part) => part[of].size > 0);
		return some.length < 2 ? (some[0]?.[of] ?? NONE) : new Set(some.flatMap((p) => [...p[of]]));
	};
	return { reads: all('reads'), writes: all('writes'), pending: all('pending') };
}

function refuse(e: Expression, name: string): never {
	throw new Unlowerable(`${name} is changed and used in no order`, e);
}

/** How an object is written, whatever its brackets; null: it is no plain name of an object. */
function nameOf(e: Expression): string | null {
	switch (e.kind) {
		case 'identifier':
			return e.name;
		case 'number':
			return e.text;
		case 'parenthesised':
			return nameOf(e.inner);
		case 'unary': {
			const of = e.operator === '*' ? nameOf(e.operand) : null;
			return of === null ? null : `*${of}`;
		}
		case 'member': {
			const of = nameOf(e.base);
			return of === null ? null : `${of}${e.arrow ? '->' : '.'}${e.name}`;
		}
		case 'index': {
			const [of, at] = [nameOf(e.base), nameOf(e.index)];
			return of === null || at === null ? null : `${of}[${at}]`;
		}
		default:
			return null;
	}
}
