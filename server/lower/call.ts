/** Calls: builtins, macros, functions with a body; everything else has no meaning here and says so. */
import type { FunctionIndex } from '../../engine/program/op.js';
import type { Expression } from '../syntax/ast.js';
import { convert } from './arithmetic.js';
import { lowerBuiltin } from './builtin.js';
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
import { cast, lowerValue, type Mode } from './expression.js';
import { temporary } from './initialiser.js';
import { calleeName, expandCall } from './macro.js';
import { openCall } from './open_call.js';
import { lowerPlace, nothing, readPlace, structPlace } from './place.js';
import { lowerStatement } from './statement.js';
import { decayed } from './type_names.js';
import { typeNamed } from './type_questions.js';
import { int32 } from './types.js';

type Call = Expression & { kind: 'call' };

/** -EFAULT: include/uapi/asm-generic/errno-base.h. */
const slowPathResult = -14;

export function lowerCall(state: FunctionState, piece: Piece, call: Call, mode: Mode): Rvalue {
	const converted = castInDisguise(state, piece, call, mode);
	if (converted !== null) return converted;
	const without = leftOut(state, piece, call);
	if (without !== null) return constant(without, int32);
	const builtin = lowerBuiltin(state, piece, call, mode);
	if (builtin !== null) return builtin;
	const expanded = expandCall(state, piece, call);
	if (expanded?.kind === 'expression')
		return lowerValue(state, expanded.piece, expanded.expression, mode);
	if (expanded?.kind === 'statement') {
		lowerStatement(state, expanded.piece, expanded.statement);
		return nothing;
	}
	const callee = calleeName(piece, call.callee);
	if (callee === null) return lowerMethod(state, piece, call);
	if (lookup(callee.piece.scope, callee.name) !== null)
		throw new Unlowerable(`${callee.name} is called through a pointer`, call);
	if (callee.piece.unit.checked && piece.site === null && isSlowCall(state, piece, call))
		return lowerSlowPath(state, piece, call, callee.name);
	return lowerNamed(state, piece, call, callee);
}

/** What of an adversary the tree does not do (followed.ts). */
function leftOut(state: FunctionState, piece: Piece, call: Call): 0 | 1 | null {
	if (piece.unit.origin !== 'actor' || piece.site !== null) return null;
	return state.program.leftOut(piece.unit.source, piece.base + call.start);
}

function isSlowCall(state: FunctionState, piece: Piece, call: Call): boolean {
	const at = piece.map === null ? call.callee.start : piece.map.exact(call.callee.start);
	return at !== null && state.program.slowCalls.has(piece.base + at);
}

/**
 * The walk is over and its function goes on to fault the rest in. Model: the slow path sleeps and hands out nothing
 * (-EFAULT); what it pins itself, under mmap_lock, is left out.
 */
function lowerSlowPath(state: FunctionState, piece: Piece, call: Call, name: string): Rvalue {
	const site = siteOf(state, piece, call);
	const text = `the slow path ${name}() is taken to hand out nothing`;
	state.assumptions.push({ at: state.builder.emitted(), text, site });
	state.builder.emit({ kind: 'intrinsic', dst: null, name: 'might_sleep', arguments: [] }, site);
	return { operand: { kind: 'constant', value: slowPathResult }, type: int32 };
}

/** `(u32)(x)` reads as a call to a grammar that does not know types. */
function castInDisguise(state: FunctionState, piece: Piece, call: Call, mode: Mode): Rvalue | null {
	const [operand] = call.arguments;
	if (call.callee.kind !== 'parenthesised' || operand === undefined || call.arguments.length !== 1)
		return null;
	const type = typeNamed(state, piece, call.callee);
	if (type === null) return null;
	return cast(state, piece, operand, { type, mode, site: siteOf(state, piece, call) });
}

/**
 * A call through a member that holds a function: the member is loaded from where the pointer leads, and what is done then is
 * the primitive `__rw_method_NAME` of the member's name.
 */
function lowerMethod(state: FunctionState, piece: Piece, call: Call): Rvalue {
	const { callee } = call;
	const name = callee.kind === 'member' ? `__rw_method_${callee.name}` : null;
	if (name === null || state.program.names.value(name, piece.unit, 'without-macros') === null)
		throw new Unlowerable('a call through a function pointer', call);
	readPlace(state, lowerPlace(state, piece, callee), siteOf(state, piece, callee));
	return lowerNamed(state, piece, call, { name, piece });
}

function lowerNamed(
	state: FunctionState,
	piece: Piece,
	call: Call,
	callee: { name: string; piece: Piece },
): Rvalue {
	const found = state.program.names.value(callee.name, callee.piece.unit, 'without-macros');
	if (/^trace_\w+$/.test(callee.name) && (found === null || found.kind === 'prototype')) {
		const isOwn = found?.unit.checked === true;
		const isTracepoint = isOwn ? false : state.program.isTracepoint(callee.name);
		if (isTracepoint === null) {
			const text = `${callee.name}() is taken for a tracepoint (no tree)`;
			const site = siteOf(state, piece, call);
			state.assumptions.push({ at: state.builder.emitted(), text, site });
		}
		if (isTracepoint !== false) return lowerEffects(state, piece, call, 'always');
	}
	switch (found?.kind) {
		case 'broken':
			throw new Unlowerable(found.reason, call);
		case undefined:
		case 'prototype':
			throw new Unlowerable(`racewalk does not model ${callee.name}()`, call);
		case 'function':
			break;
		default:
			throw new Unlowerable(`${callee.name} is not a function`, call);
	}
	const signature = state.program.signature(found);
	if (call.arguments.length < signature.parameters.length) {
		throw new Unlowerable(
			`${callee.name}() takes ${signature.parameters.length} arguments and gets ${call.arguments.length}`,
			call,
		);
	}
	const site = siteOf(state, piece, call);
	const values = call.arguments.map((argument, index) => {
		const value = lowerValue(state, piece, argument, 'copy');
		const parameter = signature.parameters[index];
		return convert(
			state,
			value,
			parameter === undefined ? decayed(value.type) : decayed(parameter.type),
			site,
		);
	});
	const given = values.map((v) => v.operand);
	const inPlace = openCall(state, piece, call, { found, signature, given: values });
	if (inPlace !== null) return inPlace;
	const { returns } = signature;
	const result =
		returns.kind === 'struct'
			? structPlace({ operand: temporary(state, returns, site), type: returns })
			: null;
	const dst = returns.kind === 'void' || result !== null ? null : state.builder.register(null);
	state.builder.emit(
		{
			kind: 'call',
			dst,
			callee: state.program.demand(found) as FunctionIndex,
			arguments: [
				...given.slice(0, signature.parameters.length),
				...(result?.kind === 'memory' ? [result.address] : []),
			],
		},
		site,
	);
	if (result !== null) return readPlace(state, result, site);
	return dst === null ? nothing : inRegister(dst, returns);
}
