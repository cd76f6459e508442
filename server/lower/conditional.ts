/** `a ? b : c` and `a ?: b`: only the arm that C evaluates is evaluated. */
import type { SiteIndex } from '../../engine/program/op.js';
import type { Expression } from '../syntax/ast.js';
import { convert } from './arithmetic.js';
import { lowerCondition } from './condition.js';
import { type FunctionState, inRegister, type Piece, siteOf, type Value } from './context.js';
import { lowerValue, type Mode } from './expression.js';
import { nothing } from './place.js';
import { typeOf } from './type_questions.js';
import { booleanType, type CType, commonType, voidType } from './types.js';

export function conditional(
	state: FunctionState,
	piece: Piece,
	expression: Expression & { kind: 'conditional' },
	mode: Mode,
): Value {
	const { builder } = state;
	const site = siteOf(state, piece, expression);
	if (expression.then === null) return elvis(state, piece, expression, site);
	const [yes, no, end] = [builder.label(), builder.label(), builder.label()];
	const known = lowerCondition(state, piece, expression.condition, { yes, no });
	if (known !== null) {
		builder.place(yes);
		builder.place(no);
		return lowerValue(state, piece, known ? expression.then : expression.otherwise, mode);
	}
	const type = mergedType(
		typeOf(state, piece, expression.then),
		typeOf(state, piece, expression.otherwise),
	);
	const dst = builder.register(null);
	const arm = (value: Expression): void => {
		const made = lowerValue(state, piece, value, mode);
		if (type.kind === 'void') return;
		builder.emit({ kind: 'move', dst, from: convert(state, made, type, site).operand }, site);
	};
	builder.place(yes);
	arm(expression.then);
	builder.jump(end, site);
	builder.place(no);
	arm(expression.otherwise);
	builder.place(end);
	return type.kind === 'void' ? nothing : inRegister(dst, type);
}

/** GNU's `a ?: b`. */
function elvis(
	state: FunctionState,
	piece: Piece,
	expression: Expression & { kind: 'conditional' },
	site: SiteIndex,
): Value {
	const { builder } = state;
	const type = mergedType(
		typeOf(state, piece, expression.condition),
		typeOf(state, piece, expression.otherwise),
	);
	const dst = builder.register(null);
	const [no, end] = [builder.label(), builder.label()];
	const first = convert(state, lowerValue(state, piece, expression.condition, 'use'), type, site);
	builder.emit({ kind: 'move', dst, from: first.operand }, site);
	builder.branch(first.operand, end, no, site);
	builder.place(no);
	const second = convert(state, lowerValue(state, piece, expression.otherwise, 'copy'), type, site);
	builder.emit({ kind: 'move', dst, from: second.operand }, site);
	builder.place(end);
	return inRegister(dst, type);
}

function mergedType(left: CType, right: CType): CType {
	if (left.kind === 'void' || right.kind === 'void') return voidType;
	if (left.kind === 'pointer' && left.to.kind === 'void' && right.kind === 'pointer') return right;
	if (left.kind === 'integer' && left.boolean && right.kind === 'integer' && right.boolean)
		return booleanType;
	return commonType(left, right);
}
