/**
 * Expressions to operations. A read of a local in an expression is a `use`, unless it is only copied: the difference is
 * what the compiler may repeat. Actors are written by racewalk, step by step, and have none.
 */
import { isComparison, type SiteIndex } from '../../engine/program/op.js';
import type { Expression, Span, TypeName } from '../syntax/ast.js';
import { binary, character, convert, literal, unary } from './arithmetic.js';
import { lowerAssembly } from './assembly.js';
import { lowerCall } from './call.js';
import { lowerCondition } from './condition.js';
import { conditional } from './conditional.js';
import {
	constant,
	type FunctionState,
	inRegister,
	type Lvalue,
	lookup,
	type Piece,
	type Rvalue,
	siteOf,
	Unlowerable,
} from './context.js';
import { halfMember, halfOf, halfOfType, refuseRecast } from './entry_halves.js';
import { chosenArm } from './generic.js';
import { literalPlace, stringBytes } from './initialiser.js';
import { expandIdentifier } from './macro.js';
import { asCondition, masked } from './masked.js';
import { memberPath } from './member_path.js';
import { namedConstant } from './named_constant.js';
import { meantBy } from './operator_chain.js';
import {
	addressOf,
	lowerPlace,
	memberIn,
	nothing,
	readPlace,
	structPlace,
	writePlace,
} from './place.js';
import { measure } from './size.js';
import { lowerBlockValue } from './statement.js';
import { alignOf, layoutOf, measuring, sizeOf } from './struct_layout.js';
import { printType, resolveTypeName } from './type_names.js';
import { questionsOf, sizedType } from './type_questions.js';
import { basicType, type CType, int32, isEntryMember, pointerTo, unsigned64 } from './types.js';
import { needDeclared, refuseUndeclared } from './undeclared.js';

/** `copy`: the value is only passed on (assigned, returned, an argument); `use`: something is computed from it. */
export type Mode = 'use' | 'copy';

/** Expressions one function may come to, macros expanded. */
const workMax = 200_000;
/** Where string literals are said to be: no object is there. */
const stringAddress = 0x7fe0_0000;

export function lowerValue(
	state: FunctionState,
	piece: Piece,
	expression: Expression,
	mode: Mode,
): Rvalue {
	state.program.spend();
	if (++state.work > workMax) throw new Unlowerable('it expands to too much', expression);
	const site = (): SiteIndex => siteOf(state, piece, expression);
	switch (expression.kind) {
		case 'identifier':
			return identifierValue(state, piece, expression, mode);
		case 'number':
			return literal(expression.text, state.program.names.abi(piece.unit));
		case 'character':
			return character(expression.text, state.program.names.abi(piece.unit));
		case 'string':
			return constant(stringAddress, pointerTo(charOf(state, piece)));
		case 'parenthesised':
			return lowerValue(state, piece, expression.inner, mode);
		case 'unary':
			return meant(state, piece, expression) ?? unaryValue(state, piece, expression);
		case 'binary':
			return meant(state, piece, expression) ?? binaryValue(state, piece, expression);
		case 'assign':
			return assign(state, piece, expression);
		case 'update':
			return update(state, piece, expression);
		case 'conditional':
			return conditional(state, piece, expression, mode);
		case 'call':
			return lowerCall(state, piece, expression, mode);
		case 'member':
			return memberValue(state, piece, expression);
		case 'index':
			return readPlace(state, lowerPlace(state, piece, expression), site());
		case 'cast': {
			const other = meant(state, piece, expression);
			if (other !== null) return other;
			if (expression.type.value !== undefined)
				throw new Unlowerable('a cast to a function or an array', expression);
			const type = resolveTypeName(expression.type, piece.unit, questionsOf(state, piece));
			needDeclared(state, piece, type, expression);
			return cast(state, piece, expression.operand, { type, mode, site: site() });
		}
		case 'sizeof-type': {
			const type = resolveTypeName(expression.type, piece.unit, questionsOf(state, piece));
			refuseUndeclared(state, piece, type, expression);
			return constant(sizeOf(state, type), wordOf(state, piece));
		}
		case 'sizeof-expression':
			return constant(sizeOfExpression(state, piece, expression.operand), wordOf(state, piece));
		case 'compound-literal':
			return compoundLiteral(state, piece, expression, mode);
		case 'block':
			return lowerBlockValue(state, piece, expression.body);
		case 'comma':
			lowerEffect(state, piece, expression.left);
			return lowerValue(state, piece, expression.right, mode);
		case 'offsetof':
			return offsetOf(state, piece, expression);
		case 'alignof':
			return constant(
				alignOf(state, resolveTypeName(expression.type, piece.unit, questionsOf(state, piece))),
				wordOf(state, piece),
			);
		case 'generic':
			return lowerValue(state, piece, chosenArm(state, piece, expression), mode);
		case 'asm':
			throw new Unlowerable('inline assembly stands where a value is needed', expression);
		case 'initialiser-list':
			throw new Unlowerable('an initialiser list stands where a value is needed', expression);
		case 'unparsed':
			throw new Unlowerable(
				/^\s*_*asm/.test(expression.text)
					? 'inline assembly is not understood'
					: (expression.reason ?? 'not understood as C'),
				expression,
			);
	}
}

function charOf(state: FunctionState, piece: Piece): CType {
	const signed = state.program.names.abi(piece.unit).charSigned;
	return { kind: 'integer', integer: { bits: 8, signed }, boolean: false };
}

/** `size_t`. */
function wordOf(state: FunctionState, piece: Piece): CType {
	return basicType('unsigned long', state.program.names.abi(piece.unit)) ?? unsigned64;
}

function sizeOfExpression(state: FunctionState, piece: Piece, operand: Expression): number {
	const { expression: inner } = bare(piece, operand);
	if (inner.kind === 'string') return stringBytes(inner.text).length + 1;
	return sizeOf(state, sizedType(state, piece, operand));
}

/** `offsetof(type, member)`. */
export function offsetOf(
	state: FunctionState,
	piece: Piece,
	expression: Span & { readonly type: TypeName; readonly member: string },
): Rvalue {
	const type = resolveTypeName(expression.type, piece.unit, questionsOf(state, piece));
	const layout = type.kind === 'struct' ? layoutOf(state, type) : null;
	const isReal = layout?.kind === 'bytes' && measure(type, measuring(state, 'real')) !== null;
	const path = isReal ? memberPath(state, layout, expression.member) : null;
	if (path === null || path.member.bits !== null)
		throw new Unlowerable(
			`where ${expression.member} lies in ${printType(type)} is not known`,
			expression,
		);
	return constant(path.offset, wordOf(state, piece));
}

/** An expression whose value is not wanted. */
export function lowerEffect(state: FunctionState, piece: Piece, expression: Expression): void {
	switch (expression.kind) {
		case 'parenthesised':
			lowerEffect(state, piece, expression.inner);
			break;
		case 'comma':
			lowerEffect(state, piece, expression.left);
			lowerEffect(state, piece, expression.right);
			break;
		case 'update':
			update(state, piece, { ...expression, prefix: true });
			break;
		case 'cast':
			if (expression.type.value === undefined) lowerEffect(state, piece, expression.operand);
			else lowerValue(state, piece, expression, 'use');
			break;
		case 'asm':
			lowerAssembly(state, piece, expression);
			break;
		default:
			lowerValue(state, piece, expression, 'use');
	}
}

function identifierValue(
	state: FunctionState,
	piece: Piece,
	expression: Expression & { kind: 'identifier' },
	mode: Mode,
): Rvalue {
	const binding = lookup(piece.scope, expression.name);
	if (binding?.kind === 'argument')
		return lowerValue(state, binding.piece, binding.expression, mode);
	if (binding?.kind === 'constant') return constant(binding.value, binding.type);
	if (binding?.kind === 'register') {
		const { leadsTo } = binding;
		if (leadsTo !== undefined) return { ...inRegister(binding.register, binding.type), leadsTo };
		if (mode === 'copy' || piece.unit.origin === 'actor')
			return inRegister(binding.register, binding.type);
		const dst = state.builder.register(null);
		state.builder.emit(
			{ kind: 'use', dst, from: binding.register },
			siteOf(state, piece, expression),
		);
		return inRegister(dst, binding.type);
	}
	if (binding === null) {
		const expanded = expandIdentifier(state, piece, expression);
		if (expanded !== null) return lowerValue(state, expanded.piece, expanded.expression, mode);
		const constantValue = namedConstant(state, piece, expression);
		if (constantValue !== null) return constantValue;
	}
	return readPlace(state, lowerPlace(state, piece, expression), siteOf(state, piece, expression));
}

function unaryValue(
	state: FunctionState,
	piece: Piece,
	expression: Expression & { kind: 'unary' },
): Rvalue {
	const site = siteOf(state, piece, expression);
	switch (expression.operator) {
		case '&':
			return addressOf(state, piece, expression.operand);
		case '*':
			return readPlace(state, lowerPlace(state, piece, expression), site);
		case '!':
			return truth(state, piece, expression, site);
		default:
			return unary(
				state,
				expression.operator,
				lowerValue(state, piece, expression.operand, 'use'),
				site,
			);
	}
}

function binaryValue(
	state: FunctionState,
	piece: Piece,
	expression: Expression & { kind: 'binary' },
): Rvalue {
	const site = siteOf(state, piece, expression);
	const { operator } = expression;
	if (operator === '&&' || operator === '||') return truth(state, piece, expression, site);
	const left = lowerValue(state, piece, expression.left, 'use');
	const right = lowerValue(state, piece, expression.right, 'use');
	// what racewalk's own C computes is not covered
	const made =
		piece.unit.origin === 'walk' ? masked(state, operator, { left, right, site }, binary) : null;
	if (made !== null) return made;
	const value = binary(state, operator, left, right, site);
	return isComparison(operator) ? asCondition(value) : value;
}

/** The value of what was read as a cast and is none; null: it is what it was read as. */
function meant(
	state: FunctionState,
	piece: Piece,
	expression: Expression & { kind: 'binary' | 'unary' | 'cast' },
): Rvalue | null {
	const other = meantBy(state, piece, expression);
	return other === null ? null : lowerValue(state, piece, other, 'use');
}

/** A condition as 0 or 1. */
function truth(
	state: FunctionState,
	piece: Piece,
	expression: Expression,
	site: SiteIndex,
): Rvalue {
	const { builder } = state;
	const dst = builder.register(null);
	const [yes, no, end] = [builder.label(), builder.label(), builder.label()];
	const known = lowerCondition(state, piece, expression, { yes, no });
	if (known !== null) return constant(known ? 1 : 0, int32);
	builder.place(yes);
	builder.emit({ kind: 'move', dst, from: { kind: 'constant', value: 1 } }, site);
	builder.jump(end, site);
	builder.place(no);
	builder.emit({ kind: 'move', dst, from: { kind: 'constant', value: 0 } }, site);
	builder.place(end);
	return asCondition(inRegister(dst, int32));
}

export interface CastTarget {
	readonly type: CType;
	readonly mode: Mode;
	readonly site: SiteIndex;
}

/** `(type)operand`. */
export function cast(
	state: FunctionState,
	piece: Piece,
	operand: Expression,
	target: CastTarget,
): Rvalue {
	if (target.type.kind === 'void') {
		lowerEffect(state, piece, operand);
		return nothing;
	}
	const value = lowerValue(state, piece, operand, target.mode);
	refuseRecast(state, value.type, target.type);
	return convert(state, value, target.type, target.site);
}

function assign(
	state: FunctionState,
	piece: Piece,
	expression: Expression & { kind: 'assign' },
): Rvalue {
	const site = siteOf(state, piece, expression);
	if (expression.operator === null) {
		const value = lowerValue(state, piece, expression.value, 'copy');
		return writePlace(state, lowerPlace(state, piece, expression.target), value, site);
	}
	if (expression.operator === '&&' || expression.operator === '||')
		throw new Unlowerable('no such assignment', expression);
	const right = lowerValue(state, piece, expression.value, 'use');
	const place = lowerPlace(state, piece, expression.target);
	const old = usedValue(state, piece, place, siteOf(state, piece, expression.target));
	const counts = state.continues !== null && /^[-+]$/.test(expression.operator);
	const { operator } = expression;
	const isOwn = piece.unit.origin === 'walk';
	const made = isOwn ? masked(state, operator, { left: old, right, site }, binary) : null;
	const value = made ?? binary(state, operator, old, right, site, { counts });
	return writePlace(state, place, value, site);
}

/** What a place holds, for computing with it. */
function usedValue(state: FunctionState, piece: Piece, place: Lvalue, site: SiteIndex): Rvalue {
	if (place.kind !== 'register' || piece.unit.origin === 'actor')
		return readPlace(state, place, site);
	const dst = state.builder.register(null);
	state.builder.emit({ kind: 'use', dst, from: place.register }, site);
	return readPlace(state, { ...place, register: dst }, site);
}

function update(
	state: FunctionState,
	piece: Piece,
	expression: Expression & { kind: 'update' },
): Rvalue {
	const site = siteOf(state, piece, expression);
	const place = lowerPlace(state, piece, expression.operand);
	let old = usedValue(state, piece, place, site);
	if (!expression.prefix && place.kind === 'register' && piece.unit.origin === 'actor') {
		const dst = state.builder.register(null);
		state.builder.emit({ kind: 'move', dst, from: old.operand }, site);
		old = inRegister(dst, old.type);
	}
	const changed = writePlace(
		state,
		place,
		binary(state, expression.operator === '++' ? '+' : '-', old, constant(1, int32), site, {
			counts: state.continues !== null,
		}),
		site,
	);
	return expression.prefix ? changed : old;
}

function memberValue(
	state: FunctionState,
	piece: Piece,
	expression: Expression & { kind: 'member' },
): Rvalue {
	const site = siteOf(state, piece, expression);
	const of = bare(piece, expression.base);
	if (!expression.arrow && of.expression.kind === 'call') {
		const base = lowerValue(state, of.piece, of.expression, 'use');
		if (base.type.kind === 'struct')
			return readPlace(state, memberIn(state, structPlace(base), expression.name, site), site);
		if (base.type.kind === 'entry' && isEntryMember(base.type, expression.name)) return base;
		const half = halfOfType(halfMember(state, base.type, expression.name) ?? base.type);
		if (half !== null) return halfOf(state, base, half, site);
		throw new Unlowerable(`${printType(base.type)} has no member ${expression.name}`, expression);
	}
	const place = lowerPlace(state, piece, expression);
	return place.kind === 'register'
		? usedValue(state, piece, place, site)
		: readPlace(state, place, site);
}

/** An expression without parentheses, seen through macro parameters. */
function bare(
	piece: Piece,
	expression: Expression,
): { readonly expression: Expression; readonly piece: Piece } {
	if (expression.kind === 'parenthesised') return bare(piece, expression.inner);
	const binding = expression.kind === 'identifier' ? lookup(piece.scope, expression.name) : null;
	return binding?.kind === 'argument'
		? bare(binding.piece, binding.expression)
		: { expression, piece };
}

function compoundLiteral(
	state: FunctionState,
	piece: Piece,
	expression: Expression & { kind: 'compound-literal' },
	mode: Mode,
): Rvalue {
	const type = resolveTypeName(expression.type, piece.unit, questionsOf(state, piece));
	refuseUndeclared(state, piece, type, expression);
	const { initialiser } = expression;
	const site = siteOf(state, piece, expression);
	if (type.kind === 'struct' || type.kind === 'array' || initialiser.kind !== 'initialiser-list')
		return readPlace(state, literalPlace(state, piece, expression), site);
	const first = initialiser.elements[0];
	if (first === undefined) return constant(0, type);
	if (first.value.kind === 'initialiser-list')
		throw new Unlowerable('nested initialisers', expression);
	return convert(state, lowerValue(state, piece, first.value, mode), type, site);
}
