/**
 * Arms that a run takes only when something changed between two readings of it: `page_folio(page) != folio` after `folio =
 * page_folio(page)`. No value is missing where no run takes one; an adversary is, and all that there are were explored.
 *
 * Invariant: the two sides are made by the same ops of the same operands, up to when they were made.
 */
import { sameTruth } from '../../program/computed_from.js';
import type { Operand, OpIndex } from '../../program/op.js';
import type { ProgramFunction } from '../../program/program.js';
import { onlyWriter, writersOf } from '../../program/writers.js';

const DEPTH_MAX = 8;

/** True for the arm of a comparison on which a thing differs from itself. */
export function isChange(fn: ProgramFunction, branch: OpIndex, then: boolean): boolean {
	const op = fn.ops[branch];
	if (op?.kind !== 'branch') return false;
	let { condition } = op;
	let differs = then;
	for (let depth = 0; depth < DEPTH_MAX; depth++) {
		const made = onlyWriter(fn, condition);
		if (made === null) return false;
		const same = sameTruth(made);
		if (same !== null) {
			differs = same.inverted ? !differs : differs;
			condition = same.operand;
		} else if (made.kind === 'binary' && (made.operator === '==' || made.operator === '!=')) {
			if ((made.operator === '!=') !== differs) return false;
			const left = recipe(fn, made.left, 0);
			return left !== null && READS.test(left) && left === recipe(fn, made.right, 0);
		} else return false;
	}
	return false;
}

/** A recipe with something in it that may give another value the second time. */
const READS = /call|load/;

/** How a value is made, as text; null where that is not one way. */
function recipe(fn: ProgramFunction, operand: Operand, depth: number): string | null {
	if (operand.kind === 'constant') return String(operand.value);
	const { register } = operand;
	if (register < fn.parameters.length && !writersOf(fn).has(register))
		return `parameter ${register}`;
	const made = onlyWriter(fn, operand);
	if (made === null || depth >= DEPTH_MAX) return null;
	const of = (inner: Operand): string | null => recipe(fn, inner, depth + 1);
	switch (made.kind) {
		case 'move':
			return of(made.from);
		case 'use':
			return of({ kind: 'register', register: made.from });
		case 'convert':
			return named(`convert ${made.type.bits}`, [of(made.operand)]);
		case 'unary':
			return named(made.operator, [of(made.operand)]);
		case 'binary':
			return named(made.operator, [of(made.left), of(made.right)]);
		case 'field':
			return named(`field ${made.field}`, [of(made.base)]);
		case 'symbol':
			return `symbol ${made.symbol}`;
		case 'load':
			return named('load', [of(made.address)]);
		case 'call':
			return named(`call ${made.callee}`, made.arguments.map(of));
		default:
			return null;
	}
}

function named(what: string, parts: readonly (string | null)[]): string | null {
	return parts.includes(null) ? null : `${what}(${parts.join(', ')})`;
}
