/**
 * What the lowering knows by name: the `__rw_*` builtins that primitives and actors are written with, and the handful
 * of compile-time questions C code asks (`IS_ENABLED`, `__builtin_expect`, static assertions).
 *
 * Invariant: text of the walk cannot reach an `__rw_*` builtin except through a primitive.
 */
import type {
	AccessOrder,
	FenceKind,
	RmwOperator,
	RmwOrder,
	RmwResult,
	SectionKind,
} from '../../engine/program/op.js';
import type { Expression } from '../syntax/ast.js';
import { parseTypeName } from '../syntax/snippet.js';
import { convert } from './arithmetic.js';
import { compileTimeAssertions } from './compile_time.js';
import {
	constant,
	type FunctionState,
	inRegister,
	lookup,
	type Piece,
	type Rvalue,
	siteOf,
	Unlowerable,
} from './context.js';
import { lowerEffects } from './effects.js';
import { lowerValue, type Mode, offsetOf } from './expression.js';
import { argumentText, calleeName } from './macro.js';
import { anyValue, eitherWay } from './open_variable.js';
import { loadFrom, nothing, storedAt, symbolAddress } from './place.js';
import { decayed, printType } from './type_names.js';
import { constantOf } from './type_questions.js';
import { accessType, type CType, int32, unknownType, unsigned64 } from './types.js';

type Call = Expression & { kind: 'call' };

/** What primitives and actors are written with. Their own macros may start with `__rw_` too. */
const ownBuiltins: ReadonlySet<string> = new Set([
	'__rw_load',
	'__rw_store',
	'__rw_rmw',
	'__rw_fence',
	'__rw_enter',
	'__rw_leave',
	'__rw_intrinsic',
	'__rw_choose',
	'__rw_any',
	'__rw_assume',
	'__rw_bug',
	'__rw_warn',
	'__rw_symbol',
	'__rw_assumption',
	'__rw_unsupported',
	'__rw_effects',
	'__rw_effects_once',
]);

/** The value of a compile-time question about the configuration, else null. */
export function builtinConstant(state: FunctionState, piece: Piece, call: Call): number | null {
	const callee = calleeName(piece, call.callee);
	if (callee === null) return null;
	switch (callee.name) {
		case 'IS_ENABLED':
		case 'IS_REACHABLE':
			return configured(state, piece, call, ['y', 'm']);
		case 'IS_BUILTIN':
			return configured(state, piece, call, ['y']);
		case 'IS_MODULE':
			return configured(state, piece, call, ['m']);
		default:
			return null;
	}
}

function configured(
	state: FunctionState,
	piece: Piece,
	call: Call,
	values: readonly string[],
): number {
	const name = wordOf(piece, call.arguments[0]);
	if (!name.startsWith('CONFIG_'))
		throw new Unlowerable(`${name} is asked for as a symbol of the configuration`, call);
	return values.includes(state.program.config.get(name) ?? '') ? 1 : 0;
}

/** Lowers a call the lowering itself knows; null when it does not. */
export function lowerBuiltin(
	state: FunctionState,
	piece: Piece,
	call: Call,
	mode: Mode,
): Rvalue | null {
	const callee = calleeName(piece, call.callee);
	if (callee === null) return null;
	const known = builtinConstant(state, piece, call);
	if (known !== null) return constant(known, int32);
	if (compileTimeAssertions.has(callee.name)) return constant(0, int32);
	const first = call.arguments[0];
	switch (callee.name) {
		case '__builtin_expect':
			return first === undefined ? null : lowerValue(state, piece, first, mode);
		case '__builtin_constant_p':
			return isConstant(state, piece, first, call);
		case '__builtin_offsetof':
			return builtinOffsetof(state, piece, call);
		case '__builtin_choose_expr': {
			const [question, yes, no] = call.arguments;
			if (question === undefined || yes === undefined || no === undefined) return null;
			const truth = constantOf(state, piece, question);
			if (truth === null) throw new Unlowerable('a choice that is not constant', call);
			return lowerValue(state, piece, truth !== 0 ? yes : no, mode);
		}
		default:
	}
	if (!ownBuiltins.has(callee.name)) return null;
	// `#define pr_warn __rw_effects`: the name is the primitive's, the arguments are the user's
	const isAlias = callee.name.startsWith('__rw_effects') && callee.piece.expanding.length > 0;
	if (callee.piece.unit.origin === 'walk' && !isAlias)
		throw new Unlowerable(`${callee.name} is racewalk's own`, call);
	return lowerOwn(state, piece, call, callee.name);
}

/**
 * Whether the compiler knows a value: a constant it does; of another it may find it out or not, once it has put functions into
 * their callers, so that both answers are chosen. Where a constant is asked for, gcc answers before it does.
 */
function isConstant(
	state: FunctionState,
	piece: Piece,
	value: Expression | undefined,
	call: Call,
): Rvalue {
	const isKnown = value !== undefined && constantOf(state, piece, value) !== null;
	if (isKnown || state.folding > 0) return constant(isKnown ? 1 : 0, int32);
	const dst = state.builder.register(null);
	state.builder.emit({ kind: 'choose', dst, alternatives: 2 }, siteOf(state, piece, call));
	return inRegister(dst, int32);
}

/** `__builtin_offsetof(type, member)`, whose first argument the grammar does not take for a type. */
function builtinOffsetof(state: FunctionState, piece: Piece, call: Call): Rvalue {
	const [type, member, ...more] = call.arguments.map((a) => argumentText(piece, a));
	const named = type === undefined ? null : parseTypeName(type);
	if (named === null || member === undefined || more.length > 0 || !/^\w+$/.test(member.trim()))
		throw new Unlowerable('where a member lies', call);
	const { start, end } = call;
	return offsetOf(state, piece, { start, end, type: named, member: member.trim() });
}

function lowerOwn(state: FunctionState, piece: Piece, call: Call, name: string): Rvalue {
	const site = siteOf(state, piece, call);
	const { builder } = state;
	const word = (index: number): string => wordOf(piece, call.arguments[index]);
	const value = (index: number): Rvalue => {
		const argument = call.arguments[index];
		if (argument === undefined) throw new Unlowerable(`${name} wants more arguments`, call);
		return lowerValue(state, piece, argument, 'use');
	};
	switch (name) {
		case '__rw_load': {
			const pointer = value(1);
			const type = pointee(pointer, call);
			const order = word(0) as AccessOrder;
			if (pointer.leadsTo !== undefined) return anyValue(state, pointer.leadsTo.name, type, site);
			return loadFrom(state, { address: pointer.operand, type, order }, site);
		}
		case '__rw_store': {
			const pointer = value(1);
			const type = pointee(pointer, call);
			const given = convert(state, value(2), type, site);
			if (pointer.leadsTo?.isOwn === true) return nothing;
			const stored = storedAt(state, { address: pointer.operand, type, value: given }, site);
			builder.emit(
				{
					kind: 'store',
					address: pointer.operand,
					value: stored.operand,
					order: word(0) as AccessOrder,
					...accessType(type),
				},
				site,
			);
			return nothing;
		}
		case '__rw_rmw':
			return lowerRmw(state, piece, call, { word, value });
		case '__rw_fence':
			builder.emit({ kind: 'fence', fence: word(0).replaceAll('_', '-') as FenceKind }, site);
			return nothing;
		case '__rw_enter':
		case '__rw_leave': {
			const section = word(0) as SectionKind;
			const delta = name === '__rw_enter' ? 1 : -1;
			const dst = section === 'irq' && delta > 0 ? builder.register(null) : null;
			builder.emit({ kind: 'section', dst, section, delta }, site);
			return dst === null ? nothing : inRegister(dst, unsigned64);
		}
		case '__rw_intrinsic': {
			const given = call.arguments.slice(1).map((_, i) => value(i + 1).operand);
			const dst = builder.register(null);
			builder.emit({ kind: 'intrinsic', dst, name: word(0), arguments: given }, site);
			return inRegister(dst, unsigned64);
		}
		case '__rw_choose': {
			const argument = call.arguments[0];
			const alternatives = argument === undefined ? null : constantOf(state, piece, argument);
			if (alternatives === null || alternatives < 1)
				throw new Unlowerable('__rw_choose wants a constant', call);
			const dst = builder.register(null);
			builder.emit({ kind: 'choose', dst, alternatives }, site);
			return inRegister(dst, int32);
		}
		case '__rw_any':
			return anyValue(state, textOf(piece, call), int32, site);
		case '__rw_assume':
			builder.emit({ kind: 'assume', condition: value(0).operand }, site);
			return nothing;
		case '__rw_bug':
		case '__rw_warn':
			builder.emit(
				{ kind: 'bug', severity: name === '__rw_bug' ? 'bug' : 'warn', what: textOf(piece, call) },
				site,
			);
			return nothing;
		case '__rw_symbol':
			return { operand: symbolAddress(state, word(0), site), type: unsigned64 };
		case '__rw_assumption':
			state.assumptions.push({ at: builder.emitted(), text: textOf(piece, call), site });
			return nothing;
		case '__rw_effects':
			return lowerEffects(state, piece, call, 'always');
		case '__rw_effects_once':
			return lowerEffects(state, piece, call, 'once');
		case '__rw_unsupported':
			throw new Unlowerable(textOf(piece, call), call);
		default:
			throw new Unlowerable(`${name} is not a builtin`, call);
	}
}

interface Given {
	word(index: number): string;
	value(index: number): Rvalue;
}

/** `__rw_rmw(OPERATOR, ORDER, RETURNS, ptr, operand[, expected])`. */
function lowerRmw(state: FunctionState, piece: Piece, call: Call, given: Given): Rvalue {
	const site = siteOf(state, piece, call);
	const pointer = given.value(3);
	const type = pointee(pointer, call);
	const returns = given.word(2) as RmwResult;
	const operand = convert(state, given.value(4), type, site);
	if (pointer.leadsTo?.isOwn === true) {
		if (given.word(1) === 'full') state.builder.emit({ kind: 'fence', fence: 'mb' }, site);
		return returns === 'old' || returns === 'new'
			? anyValue(state, pointer.leadsTo.name, type, site)
			: eitherWay(state, site);
	}
	const expected =
		call.arguments.length > 5 ? convert(state, given.value(5), type, site).operand : null;
	const dst = state.builder.register(null);
	// page-table entries and pointers fill a word, so that only narrower counts need their width said
	const width = type.kind === 'integer' && type.integer.bits < 64 ? { type: type.integer } : {};
	state.builder.emit(
		{
			kind: 'rmw',
			dst,
			address: pointer.operand,
			operator: given.word(0).replaceAll('_', '-') as RmwOperator,
			operand: operand.operand,
			expected,
			order: given.word(1) as RmwOrder,
			returns,
			...width,
		},
		site,
	);
	return inRegister(dst, returns === 'old' || returns === 'new' ? type : int32);
}

function pointee(pointer: Rvalue, call: Call): CType {
	const type = decayed(pointer.type);
	if (type.kind === 'unknown') return unknownType;
	if (type.kind !== 'pointer') throw new Unlowerable(`${printType(type)} is not a pointer`, call);
	if (type.to.kind === 'struct')
		throw new Unlowerable(`${printType(type.to)} is accessed as a whole`, call);
	return type.to.kind === 'void' ? unknownType : type.to;
}

/** An argument that is a bare word, seen through macro parameters. */
function wordOf(piece: Piece, argument: Expression | undefined): string {
	if (argument === undefined) return '';
	if (argument.kind === 'parenthesised') return wordOf(piece, argument.inner);
	if (argument.kind !== 'identifier') return piece.text.slice(argument.start, argument.end).trim();
	const binding = lookup(piece.scope, argument.name);
	return binding?.kind === 'argument' ? wordOf(binding.piece, binding.expression) : argument.name;
}

function textOf(piece: Piece, call: Call): string {
	const [first] = call.arguments;
	if (first === undefined) return '';
	if (first.kind !== 'string') return wordOf(piece, first);
	return [...first.text.matchAll(/"((?:\\.|[^"\\])*)"?/g)]
		.map((m) => m[1] ?? '')
		.join('')
		.replaceAll('\\"', '"');
}
