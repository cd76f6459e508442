/**
 * Conditions that are not tested but computed with: `(a != b) & (pfn < n)`, `(a != b) >> shift`, `(a != b) == x`. What such an
 * operator does with a condition that is true and with one that is false become ways of their own, and so does whether
 * anything is left of it: coverage then says where no run had both, as it does of `&&`.
 *
 * Invariant: the result is the operator's; both operands are evaluated before, in the order of the text.
 */
import { type BinaryOperator, isComparison, type SiteIndex } from '../../engine/program/op.js';
import { constant, type FunctionState, inRegister, type Rvalue } from './context.js';
import { int32 } from './types.js';

/** Operators under which a condition decides what is left of the other operand, or the other whether it counts. */
const MASKS: ReadonlySet<BinaryOperator> = new Set<BinaryOperator>(['&', '|', '^', '*']);
/** The same where the condition is on the left. */
const SHIFTS: ReadonlySet<BinaryOperator> = new Set<BinaryOperator>(['<<', '>>']);

/** `binary` of server/lower/arithmetic.ts. */
type Computing = (
	state: FunctionState,
	operator: BinaryOperator,
	left: Rvalue,
	right: Rvalue,
	site: SiteIndex,
) => Rvalue;

/** Null: neither operand is a condition, or the other is a constant. */
export function masked(
	state: FunctionState,
	operator: BinaryOperator,
	{
		left,
		right,
		site,
	}: { readonly left: Rvalue; readonly right: Rvalue; readonly site: SiteIndex },
	computed: Computing,
): Rvalue | null {
	const isLeft = isCondition(left);
	const isMask = MASKS.has(operator) || isComparison(operator);
	if (!(isLeft && SHIFTS.has(operator)) && !((isLeft || isCondition(right)) && isMask)) return null;
	const [condition, other] = isLeft ? [left, right] : [right, left];
	if (other.operand.kind === 'constant' || other.any !== undefined || condition.any !== undefined)
		return null;
	if (other.type.kind !== 'integer') return null;
	const { builder } = state;
	const dst = builder.register(null);
	const [one, zero, end] = [builder.label(), builder.label(), builder.label()];
	builder.branch(condition.operand, one, zero, site);
	/** What the operator gives with the condition as that. */
	const way = (is: 0 | 1): Rvalue => {
		const known = constant(is, condition.type);
		const made = isLeft
			? computed(state, operator, known, right, site)
			: computed(state, operator, left, known, site);
		const always = isAlways(operator, is);
		const given =
			always !== null
				? constant(always, made.type)
				: isCondition(other) && isOther(operator, is)
					? { operand: other.operand, type: made.type }
					: made;
		if (given.operand.kind === 'constant' || (operator === '|' && is === 1)) {
			builder.emit({ kind: 'move', dst, from: given.operand }, site);
			builder.jump(end, site);
			return given;
		}
		const [some, none] = [builder.label(), builder.label()];
		builder.branch(given.operand, some, none, site);
		builder.place(some);
		builder.emit({ kind: 'move', dst, from: given.operand }, site);
		builder.jump(end, site);
		builder.place(none);
		builder.emit({ kind: 'move', dst, from: constant(0, int32).operand }, site);
		builder.jump(end, site);
		return given;
	};
	builder.place(one);
	const { type } = way(1);
	builder.place(zero);
	way(0);
	builder.place(end);
	const isTruth =
		isComparison(operator) || operator === '&' || operator === '>>' || isCondition(other);
	return { ...inRegister(dst, type), ...(isTruth ? { truth: true as const } : {}) };
}

/** The value is 0 or 1. */
function isCondition({ truth, type, operand }: Rvalue): boolean {
	if (operand.kind === 'constant') return false;
	return truth === true || (type.kind === 'integer' && type.boolean === true);
}

/** What an operator gives with a condition that is 0 or 1, whatever the other operand; null: it depends. */
function isAlways(operator: BinaryOperator, is: 0 | 1): number | null {
	return is === 0 && ['&', '*', '<<', '>>'].includes(operator) ? 0 : null;
}

/** The operator gives the other operand, where that is 0 or 1, too. */
function isOther(operator: BinaryOperator, is: 0 | 1): boolean {
	return is === 1 ? operator === '&' || operator === '*' : operator === '|' || operator === '^';
}

/** The value, known to be 0 or 1. */
export function asCondition(value: Rvalue): Rvalue {
	return value.operand.kind === 'constant' ? value : { ...value, truth: true };
}
