/** `a ? b : c` and `a ?: b`: only the arm that C evaluates is evaluated. */
import type { Label } from '../../engine/program/builder.js';
import type { SiteIndex } from '../../engine/program/op.js';
import type { Expression } from '../syntax/ast.js';
import { convert } from './arithmetic.js';
import { lowerCondition } from './condition.js';
import {
	type FunctionState,
	inRegister,
	type Piece,
	type Rvalue,
	siteOf,
	Unlowerable,
} from './context.js';
import { lowerValue, type Mode } from './expression.js';
import { nothing } from './place.js';
import { decayed } from './type_names.js';
import { typeOf } from './type_questions.js';
import { booleanType, type CType, commonType, voidType } from './types.js';

export function conditional(
	state: FunctionState,
	piece: Piece,
	expression: Expression & { kind: 'conditional' },
	mode: Mode,
): Rvalue {
	const { builder } = state;
	const site = siteOf(state, piece, expression);
	if (expression.then === null) return elvis(state, piece, expression, site);
	const [yes, no, end] = [builder.label(), builder.label(), builder.label()];
	const known = lowerCondition(state, piece, expression.condition, { yes, no });
	if (known !== null) {
		builder.place(yes);
		builder.place(no);
		const [taken, other] = known
			? [expression.then, expression.otherwise]
			: [expression.otherwise, expression.then];
		const value = lowerValue(state, piece, taken, mode);
		if (value.type.kind !== 'integer') return value;
		const type = mergedType(value.type, arithmeticType(state, piece, other) ?? value.type);
		return type.kind === 'integer' ? convert(state, value, type, site) : value;
	}
	builder.place(yes);
	const first = lowerValue(state, piece, expression.then, mode);
	const firstDone = builder.label();
	builder.jump(firstDone, site);
	builder.place(no);
	const second = lowerValue(state, piece, expression.otherwise, mode);
	return merge(state, { first, firstDone, second, end }, site);
}

/** The type of an arm that is not taken, where it is an integer; null: it is not, or is not understood. */
function arithmeticType(state: FunctionState, piece: Piece, arm: Expression): CType | null {
	try {
		const type = typeOf(state, piece, arm);
		return type.kind === 'integer' ? type : null;
	} catch (problem) {
		if (!(problem instanceof Unlowerable)) throw problem;
		return null;
	}
}

/** The value of whichever arm ran: control falls in from the second, and comes to `firstDone` from the first. */
function merge(
	state: FunctionState,
	arms: {
		readonly first: Rvalue;
		readonly firstDone: Label;
		readonly second: Rvalue;
		readonly end: Label;
	},
	site: SiteIndex,
): Rvalue {
	const { builder } = state;
	const type = mergedType(decayed(arms.first.type), decayed(arms.second.type));
	const dst = builder.register(null);
	const leave = (value: Rvalue): void => {
		if (type.kind === 'void') return;
		builder.emit({ kind: 'move', dst, from: convert(state, value, type, site).operand }, site);
	};
	leave(arms.second);
	builder.jump(arms.end, site);
	builder.place(arms.firstDone);
	leave(arms.first);
	builder.place(arms.end);
	return type.kind === 'void' ? nothing : inRegister(dst, type);
}

/** GNU's `a ?: b`. */
function elvis(
	state: FunctionState,
	piece: Piece,
	expression: Expression & { kind: 'conditional' },
	site: SiteIndex,
): Rvalue {
	const { builder } = state;
	const [no, end, firstDone] = [builder.label(), builder.label(), builder.label()];
	const first = lowerValue(state, piece, expression.condition, 'use');
	builder.branch(first.operand, firstDone, no, site);
	builder.place(no);
	const second = lowerValue(state, piece, expression.otherwise, 'copy');
	return merge(state, { first, firstDone, second, end }, site);
}

function mergedType(left: CType, right: CType): CType {
	if (left.kind === 'void' || right.kind === 'void') return voidType;
	if (left.kind === 'struct') return left;
	if (left.kind === 'pointer' && left.to.kind === 'void' && right.kind === 'pointer') return right;
	if (left.kind === 'integer' && left.boolean && right.kind === 'integer' && right.boolean)
		return booleanType;
	return commonType(left, right);
}
