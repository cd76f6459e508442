/**
 * Cleanup functions of variables (`__attribute__((cleanup(f)))`, which `__free()`, `CLASS()`, `guard()` and `scoped_guard()` of
 * include/linux/cleanup.h stand for): `f(&variable)` wherever control leaves the variable's scope, the last declared first; behind
 * the value of a `return`, before a `goto`, `break` or `continue` arrives.
 *
 * Invariant: a jump out of a scope whose label is not met yet waits until it is; none goes past a cleanup.
 */
import type { SiteIndex } from '../../engine/program/op.js';
import type { Declarator, Expression, Statement } from '../syntax/ast.js';
import {
	type Cleanup,
	type FunctionState,
	type Piece,
	type PlacedLabel,
	Unlowerable,
} from './context.js';
import { lowerStatement } from './statement.js';

/** From here to the end of the scope, the declared variable is cleaned up. */
export function ownCleanup(state: FunctionState, piece: Piece, declarator: Declarator): void {
	const { cleanup: callee, name, start, end } = declarator;
	if (callee === null) return;
	if (callee === '') throw new Unlowerable('a cleanup attribute is not understood', declarator);
	const span = { start, end };
	const operand: Expression = { ...span, kind: 'identifier', name };
	const call: Statement = {
		...span,
		kind: 'expression',
		expression: {
			...span,
			kind: 'call',
			callee: { ...span, kind: 'identifier', name: callee },
			arguments: [{ ...span, kind: 'unary', operator: '&', operand }],
		},
	};
	const outer = state.cleanups;
	state.cleanups = { outer, depth: (outer?.depth ?? 0) + 1, call, piece };
}

/** Runs the cleanups between where control is and the scope it goes to, whose own stay. */
export function unwind(state: FunctionState, to: Cleanup | null, site: SiteIndex): void {
	unwindFrom(state, state.cleanups, to, site);
}

function unwindFrom(
	state: FunctionState,
	from: Cleanup | null,
	to: Cleanup | null,
	site: SiteIndex,
): void {
	const kept = common(from, to);
	for (let at = from; at !== kept && at !== null; at = at.outer)
		lowerStatement(state, { ...at.piece, site }, at.call);
}

/** The innermost cleanup that both have around them. */
function common(one: Cleanup | null, other: Cleanup | null): Cleanup | null {
	let [a, b] = [one, other];
	while (a !== b) {
		if ((a?.depth ?? 0) >= (b?.depth ?? 0)) a = a?.outer ?? null;
		else b = b?.outer ?? null;
	}
	return a;
}

/** What a scope holds, and its end when control comes there. */
export function inScope(state: FunctionState, site: () => SiteIndex, lower: () => void): void {
	const before = state.cleanups;
	lower();
	leaveScope(state, before, site);
}

/** The end of a scope that began with `before`. */
export function leaveScope(
	state: FunctionState,
	before: Cleanup | null,
	site: () => SiteIndex,
): void {
	if (state.cleanups !== before && state.builder.fallsThrough()) unwind(state, before, site());
	state.cleanups = before;
}

/** `goto`: past the ends of the scopes that the label is outside of. */
export function jumpTo(state: FunctionState, to: PlacedLabel, site: SiteIndex): void {
	const from = state.cleanups;
	if (from === null) {
		state.builder.jump(to.label, site);
		return;
	}
	const at = state.builder.label();
	state.builder.jump(at, site);
	state.waiting.push({ at, from, to, site });
}

/** At the function's end, when every label has its place. */
export function placeWaitingJumps(state: FunctionState): void {
	const { builder } = state;
	for (const { at, from, to, site } of state.waiting) {
		builder.place(at);
		unwindFrom(state, from, to.cleanups, site);
		builder.jump(to.label, site);
	}
}
