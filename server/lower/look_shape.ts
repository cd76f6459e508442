/** What expressions look like, whatever their types are. */
import type { Expression } from '../syntax/ast.js';
import { type LookScope, variableOf } from './look_types.js';
import { IS_LOCKED } from './look_words.js';

/** Without parentheses and casts around it. */
export function bare(e: Expression): Expression {
	if (e.kind === 'parenthesised') return bare(e.inner);
	return e.kind === 'cast' ? bare(e.operand) : e;
}

/** `vmf->pte`: a variable, or members of one, as they are written. */
export function pathOf(e: Expression): string | null {
	const place = bare(e);
	if (place.kind === 'identifier') return place.name;
	if (place.kind !== 'member') return null;
	const base = pathOf(place.base);
	return base === null ? null : `${base}.${place.name}`;
}

/** `&pmd`, where `pmd` is a copy of an entry. */
export function isAddressOfLocal(e: Expression, scope: LookScope): boolean {
	const of = bare(e);
	if (of.kind !== 'unary' || of.operator !== '&') return false;
	const local = bare(of.operand);
	if (local.kind !== 'identifier') return false;
	const kind = variableOf(scope, local.name)?.type.kind;
	return kind === 'entry' || kind === 'unknown';
}

/** Whether a member of that name stands anywhere in it. */
export function mentionsMember(e: Expression, name: string): boolean {
	let found = false;
	const visit = (node: unknown): void => {
		if (found || typeof node !== 'object' || node === null) return;
		if ('kind' in node && node.kind === 'member' && 'name' in node && node.name === name)
			found = true;
		else for (const below of Object.values(node)) visit(below);
	};
	visit(e);
	return found;
}

/** `!folio_test_locked(folio)`. */
export function assertsLocked(e: Expression): boolean {
	const asserted = bare(e);
	if (asserted.kind !== 'unary' || asserted.operator !== '!') return false;
	const call = bare(asserted.operand);
	return (
		call.kind === 'call' && call.callee.kind === 'identifier' && IS_LOCKED.has(call.callee.name)
	);
}

/** `0`, `NULL`, `false`: as they are written out. */
export function isZero(e: Expression): boolean {
	if (e.kind === 'parenthesised') return isZero(e.inner);
	if (e.kind === 'cast') return isZero(e.operand);
	if (e.kind === 'identifier') return e.name === 'NULL' || e.name === 'false';
	return e.kind === 'number' && /^0[xX]?0*[uUlL]*$/.test(e.text);
}
